"""The gates that a community starts with, and the confirmation of everyone who was on the register before."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

from django.db import migrations

DATA = Path(__file__).resolve().parent.parent / "data"
SINCE = date(2020, 1, 1)
BASIS = "登记于确认制度实行之前 · on the register before confirmations were kept"


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fill_in(apps: Any, schema_editor: Any) -> None:
    gate = apps.get_model("community", "Gate")
    for row in _rows("gates.csv"):
        gate.objects.create(stage=int(row["stage"]), days=int(row["days"]), valid_from=SINCE)
    criterion = apps.get_model("community", "GateCriterion")
    for row in _rows("criteria.csv"):
        criterion.objects.create(
            code=row["code"],
            stage=int(row["stage"]),
            tier=row["tier"],
            metric=row["metric"],
            at_least=float(row["at_least"]) if row["at_least"] else None,
            is_required=row["is_required"] == "yes",
            text_zh=row["text_zh"],
            text_en=row["text_en"],
            valid_from=SINCE,
        )
    confirmation = apps.get_model("community", "OrganisationConfirmation")
    confirmation.objects.bulk_create(
        confirmation(organisation=organisation, basis=BASIS, valid_from=organisation.registered_on)
        for organisation in apps.get_model("community", "Organisation").objects.all()
    )


class Migration(migrations.Migration):
    dependencies = [("community", "0003_chains")]

    operations = [migrations.RunPython(fill_in, migrations.RunPython.noop, elidable=False)]
