"""Writes the clause of the limit that a new site begins with in one language; pages translate it."""

from django.db import migrations

BEFORE = "三合一导师：一名导师同时带教不超过 5 人 (one mentor to five trainees; a published claim)"
AFTER = "Three-in-one mentors: one mentor to five trainees (a published claim, not a decision)"


def rewrite(apps, schema_editor):
    apps.get_model("mentors", "LoadLimit").objects.filter(clause=BEFORE, set_by_uid=None).update(clause=AFTER)


def restore(apps, schema_editor):
    apps.get_model("mentors", "LoadLimit").objects.filter(clause=AFTER, set_by_uid=None).update(clause=BEFORE)


class Migration(migrations.Migration):
    dependencies = [("mentors", "0003_reminders")]

    operations = [migrations.RunPython(rewrite, restore)]
