"""A sample of the records behind a number, drawn so that anyone draws the same: for a reviewer to look at by hand."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ronghe.apps.metrics import records
from ronghe.apps.metrics.measurement import Measurement

SIZE = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of a sample as cells, each with its name; why there are none, where the group is too small to be opened."""

    found: int
    hidden: int
    is_too_small: bool
    rows: list[tuple[str, list[Mapping[str, Any]]]]


def sample(measurement: Measurement | None, viewer: Any) -> Sample | None:
    """Up to five records behind a number: those whose SHA-256 of (digest of the records, key) comes first.

    Only what the viewer may see is shown; None where the number names no records.
    """
    if measurement is None or measurement.records is None:
        return None
    opened = records.open_records(measurement.records, viewer)
    if opened.rows is None:
        return Sample(opened.found, opened.found, True, [])
    seed = measurement.records.digest
    keys = list(opened.rows.order_by().values_list("pk", flat=True))
    drawn = sorted(keys, key=lambda key: hashlib.sha256(f"{seed}:{key}".encode()).digest())[:SIZE]
    rows = sorted(opened.rows.filter(pk__in=drawn), key=lambda row: drawn.index(row.pk))
    if opened.view.opened is not None:
        opened.view.opened(viewer, rows)
    name = measurement.records.model
    return Sample(
        opened.found, opened.hidden, False, [(f"{name}:{row.pk}", records.cells(opened.view, row)) for row in rows]
    )
