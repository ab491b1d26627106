"""Makes the database refuse double slots and double lessons, and sets the load limit that a new site begins with."""

from datetime import date

from django.db import migrations

from ronghe.apps.mentors import triggers


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)
    # Data that the office changes, and not code: the claim of the study that the community follows.
    limit = apps.get_model("mentors", "LoadLimit")
    limit.objects.get_or_create(
        valid_from=date(2020, 1, 1),
        superseded_at=None,
        defaults={"trainees": 5, "clause": "三合一导师：一名导师同时带教不超过 5 人 (one mentor to five trainees; a published claim)"},
    )


def remove(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("mentors", "0001_initial")]

    operations = [migrations.RunPython(install, remove)]
