"""Fills in the regions: provinces and the cities most often met, codes of GB/T 2260. More are added on the technical
administration; a region that exists already is left as it is."""

import csv
from pathlib import Path

from django.db import migrations

REGIONS = Path(__file__).resolve().parent.parent / "data" / "regions.csv"


def fill_in(apps, schema_editor):
    Region = apps.get_model("community", "Region")
    with REGIONS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            parent = Region.objects.get(code=row["parent"]) if row["parent"] else None
            Region.objects.get_or_create(
                code=row["code"], defaults={"name_zh": row["name_zh"], "name_en": row["name_en"], "parent": parent}
            )


class Migration(migrations.Migration):
    dependencies = [("community", "0001_initial")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop, elidable=False)]
