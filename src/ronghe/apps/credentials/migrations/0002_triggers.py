"""Makes certificates, changes of status and used versions of achievements immutable."""

from django.db import migrations

from ronghe.apps.credentials import triggers
from ronghe.apps.ledger.operations import RunOnDatabase


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("credentials", "0001_initial")]

    operations = [RunOnDatabase(install, remove)]
