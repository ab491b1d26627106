"""What a measurement is: a number with its unit, interval, date, definition and the records behind it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

# The subject of a measurement of the whole community; every other subject is a primary key.
COMMUNITY = 0


class Unit(StrEnum):
    """Units of measurement; points and relative change are units of their own, never mixed."""

    COUNT = "count"
    PERSONS = "persons"
    SHARE = "share"
    POINTS = "percentage points"
    RELATIVE_CHANGE = "relative change"
    HOURS = "hours"
    MONTHS = "months"
    DAYS = "days"
    YUAN = "yuan"
    INDEX = "index"

    @property
    def label(self) -> StrPromise:
        """The unit's name on a page."""
        return _UNIT_LABELS[self]


_UNIT_LABELS: Mapping[Unit, StrPromise] = {
    Unit.COUNT: _("count"),
    Unit.PERSONS: _("persons"),
    Unit.SHARE: _("share"),
    Unit.POINTS: _("percentage points"),
    Unit.RELATIVE_CHANGE: _("relative change"),
    Unit.HOURS: _("hours"),
    Unit.MONTHS: _("months"),
    Unit.DAYS: _("days"),
    Unit.YUAN: _("yuan"),
    Unit.INDEX: _("index points"),
}


@dataclass(frozen=True, slots=True)
class Window:
    """The days a measurement covers, both included, as known at `known_at` (now, when it is None)."""

    start: date
    end: date
    known_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.start > self.end:
            raise ValueError(f"the window starts on {self.start}, after it ends on {self.end}")


@dataclass(frozen=True, slots=True)
class Records:
    """A serialisable selector of the rows a number was computed from: a model, the filter that finds them, a digest.

    The digest is SHA-256 over the sorted primary keys, so that a reader can tell whether the rows found today are
    the rows that were counted.
    """

    model: str
    filters: Mapping[str, Any]
    count: int
    digest: str

    @classmethod
    def of(cls, model: str, filters: Mapping[str, Any], keys: Iterable[int]) -> "Records":
        """Describe the rows `keys` of `model` ("demand.posting") that `filters` selects."""
        ordered = sorted(keys)
        return cls(model, dict(filters), len(ordered), digest_of(ordered))

    def as_json(self) -> str:
        """Canonical text of the selector, for a signed address or a frozen report."""
        return json.dumps(
            {"model": self.model, "filters": self.filters, "count": self.count, "digest": self.digest},
            sort_keys=True,
            separators=(",", ":"),
            default=str,
        )

    @classmethod
    def from_json(cls, text: str) -> "Records":
        """Read what `as_json` wrote."""
        return cls(**json.loads(text))


def digest_of(keys: Iterable[int]) -> str:
    """SHA-256 over primary keys in ascending order, as hexadecimal text."""
    return hashlib.sha256(",".join(str(key) for key in sorted(keys)).encode("ascii")).hexdigest()


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number and what it rests on. `value` None means "no data", which is never shown as 0.

    `low` and `high` bound the 95% interval where one is defined. `definition` is `name@version`.
    """

    value: float | None
    unit: Unit
    as_of: date
    definition: str
    count: int
    low: float | None = None
    high: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    records: Records | None = None
    note: str = field(default="", compare=False)

    @property
    def has_data(self) -> bool:
        """Whether there is a number at all."""
        return self.value is not None
