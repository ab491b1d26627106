"""Makes frozen white papers immutable."""

from django.db import migrations

from ronghe.apps.demand import triggers
from ronghe.apps.ledger.operations import RunOnDatabase


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("demand", "0003_rounds_and_forecasts")]

    operations = [RunOnDatabase(install, remove)]
