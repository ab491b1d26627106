"""Keeps income as it was recorded and shares as they were agreed to."""

from django.db import migrations

from ronghe.apps.pool import triggers
from ronghe.apps.ledger.operations import RunOnDatabase


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("pool", "0001_initial")]

    operations = [RunOnDatabase(install, remove)]
