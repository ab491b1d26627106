"""Makes concluded papers, given signatures and used templates immutable."""

from django.db import migrations

from ronghe.apps.agreements import triggers
from ronghe.apps.ledger.operations import RunOnDatabase


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("agreements", "0001_agreements")]

    operations = [RunOnDatabase(install, remove)]
