"""Freezes work on tasks once it was decided about."""

from django.db import migrations

from ronghe.apps.ledger import freezing
from ronghe.apps.positions import triggers
from ronghe.apps.ledger.operations import RunOnDatabase


def install(apps, schema_editor):
    freezing.create(schema_editor.connection, triggers.acceptance_triggers())


def remove(apps, schema_editor):
    freezing.drop(schema_editor.connection, triggers.acceptance_triggers())


class Migration(migrations.Migration):
    dependencies = [("positions", "0003_acceptances")]

    operations = [RunOnDatabase(install, remove)]
