"""What a measurement is: a number with its unit, interval, date, definition and the records behind it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self
from urllib.parse import urlencode

from django.core import signing
from django.urls import reverse
from django.utils import timezone
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
    SECONDS = "seconds"
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
    Unit.SECONDS: _("seconds"),
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

    def pinned(self) -> "Window":
        """The same window with its moment of knowledge named, so that its records can be found again later."""
        return self if self.known_at is not None else replace(self, known_at=timezone.now())


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


# Names what is signed, so that no other signed text of the site can stand in for a number's records.
_SALT = "ronghe.metrics.records"


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

    @property
    def url(self) -> str:
        """The page that opens the records behind this number; empty when it names none."""
        if self.records is None:
            return ""
        sealed = signing.dumps(
            {
                "records": self.records.as_json(),
                "definition": self.definition,
                "as_of": self.as_of.isoformat(),
                "value": self.value,
                "unit": self.unit.value,
            },
            salt=_SALT,
            compress=True,
        )
        return f"{reverse('metrics:records')}?{urlencode({'of': sealed})}"

    @classmethod
    def from_sealed(cls, text: str) -> Self:
        """The number that `url` was made for. Raises `django.core.signing.BadSignature` for any other text."""
        said = signing.loads(text, salt=_SALT)
        records = Records.from_json(said["records"])
        return cls(
            value=said["value"],
            unit=Unit(said["unit"]),
            as_of=date.fromisoformat(said["as_of"]),
            definition=said["definition"],
            count=records.count,
            records=records,
        )
