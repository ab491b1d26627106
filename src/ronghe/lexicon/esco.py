"""Reads ESCO's original English CSV files (v1.1.1 format, `skills_en.csv`); ships none of their content.

Source: European Commission, ESCO classification; reuse with acknowledgement.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_COLUMNS = ("conceptUri", "preferredLabel", "altLabels", "skillType", "status")


@dataclass(frozen=True, slots=True)
class EscoSkill:
    """One ESCO skill or knowledge concept; `labels` holds the preferred label first, then the alternative ones."""

    uri: str
    labels: tuple[str, ...]
    kind: str

    @property
    def label(self) -> str:
        """The preferred label."""
        return self.labels[0]


def read_esco_skills(path: Path) -> Iterator[EscoSkill]:
    """Yield the released skills of an ESCO `skills_<language>.csv`.

    Raises `ValueError` if a column is missing.
    """
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"{path.name} is not an ESCO skills file: it has no column {', '.join(missing)}")
        for row in reader:
            if row["status"] != "released":
                continue
            labels = [row["preferredLabel"].strip(), *(line.strip() for line in row["altLabels"].splitlines())]
            yield EscoSkill(
                row["conceptUri"].strip(),
                tuple(dict.fromkeys(label for label in labels if label)),
                row["skillType"].strip(),
            )
