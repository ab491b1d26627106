"""Fills in the public holidays that have been announced; later years are imported when their notice appears."""

import csv
from pathlib import Path

from django.db import migrations

HOLIDAYS = Path(__file__).resolve().parent.parent / "data" / "holidays.csv"


def fill_in(apps, schema_editor):
    PublicHoliday = apps.get_model("sites", "PublicHoliday")
    with HOLIDAYS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            PublicHoliday.objects.get_or_create(
                day=row["day"],
                defaults={
                    "name_zh": row["name_zh"],
                    "name_en": row["name_en"],
                    "is_working_day": row["works"] == "1",
                    "source": row["source"],
                },
            )


class Migration(migrations.Migration):
    dependencies = [("sites", "0002_triggers")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop, elidable=False)]
