"""Reads O*NET's original tab-separated files (`Technology Skills.txt`, `Occupation Data.txt`); ships none of their
content.

Source: US Department of Labor, O*NET database; CC BY 4.0.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class TechnologyExample:
    """One technology named for at least one occupation, with its commodity and the occupations."""

    example: str
    commodity_code: str
    commodity: str
    hot: bool
    in_demand: bool
    occupations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Occupation:
    """One O*NET-SOC occupation."""

    code: str
    title: str
    description: str


def read_technology_examples(path: Path) -> list[TechnologyExample]:
    """Return the technologies of `Technology Skills.txt`, one each, sorted by name.

    Hot and in demand hold if they do for any occupation. Raises `ValueError` if a column is missing.
    """
    columns = ("O*NET-SOC Code", "Example", "Commodity Code", "Commodity Title", "Hot Technology", "In Demand")
    rows: dict[str, list[Mapping[str, str]]] = {}
    for row in _read(path, columns):
        rows.setdefault(row["Example"].strip(), []).append(row)
    return [
        TechnologyExample(
            example=example,
            commodity_code=found[0]["Commodity Code"],
            commodity=found[0]["Commodity Title"],
            hot=any(row["Hot Technology"] == "Y" for row in found),
            in_demand=any(row["In Demand"] == "Y" for row in found),
            occupations=tuple(sorted({row["O*NET-SOC Code"] for row in found})),
        )
        for example, found in sorted(rows.items())
    ]


def read_occupations(path: Path) -> list[Occupation]:
    """Return the occupations of `Occupation Data.txt`. Raises `ValueError` if a column is missing."""
    columns = ("O*NET-SOC Code", "Title", "Description")
    return [Occupation(row[columns[0]], row[columns[1]], row[columns[2]]) for row in _read(path, columns)]


def _read(path: Path, columns: Sequence[str]) -> Iterator[Mapping[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        # The files quote nothing, so a quotation mark is a character like any other.
        reader = csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
        missing = [column for column in columns if column not in (reader.fieldnames or ())]
        if missing:
            raise ValueError(f"{path.name} is not the O*NET file expected: it has no column {', '.join(missing)}")
        yield from reader
