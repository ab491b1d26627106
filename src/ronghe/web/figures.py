"""How figures are written on pages: digits, thousands, intervals and units. It computes nothing."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

MINUS = "\N{MINUS SIGN}"


def default_decimals(value: float) -> int:
    """Decimals that keep about three significant digits: 1204 → 0, 61.4 → 1, 0.52 → 2."""
    size = abs(value)
    if float(value).is_integer() or size >= 1000:
        return 0
    if size >= 10:
        return 1
    return 2 if size >= 0.1 else 3


def write(value: float | None, decimals: int | None = None, signed: bool = False) -> str:
    """Return `value` with a thousands comma and a true minus sign; "" when there is no value."""
    if value is None:
        return ""
    places = default_decimals(value) if decimals is None else decimals
    text = f"{abs(value):,.{places}f}"
    is_zero = not any(digit in text for digit in "123456789")
    if value < 0 and not is_zero:
        return MINUS + text
    return f"+{text}" if signed and not is_zero else text


@dataclass(frozen=True, slots=True)
class Figure:
    """A number ready to be shown: its text, unit and interval. `text` is empty when there is no data."""

    text: str
    unit: str = ""
    interval: str = ""
    count: int | None = None
    note: str = ""

    @property
    def has_data(self) -> bool:
        """Whether there is a number to show."""
        return bool(self.text)

    @property
    def is_percent(self) -> bool:
        """Whether the unit is set tight against the digits."""
        return self.unit == "%"

    @property
    def is_phrase(self) -> bool:
        """Whether the unit is a word rather than a sign."""
        return bool(self.unit) and not self.is_percent


def interval_text(low: float | None, high: float | None, decimals: int | None, value: float | None = None) -> str:
    """Return "58.9–63.7", or "" unless both ends are known; a negative end is set off with "to".

    Unless `decimals` says otherwise both ends are written as exactly as `value`, and exactly enough to be told apart.
    """
    if low is None or high is None:
        return ""
    if decimals is None:
        whole = float(low).is_integer() and float(high).is_integer()
        apart = 0 if whole or high - low >= 10 else 1 if high - low >= 0.5 else 2
        decimals = apart if whole or value is None else max(apart, default_decimals(value))
    lower, upper = write(low, decimals), write(high, decimals)
    if low < 0:
        return _("%(low)s to %(high)s") % {"low": lower, "high": upper}
    return f"{lower}–{upper}"


def figure(
    value: float | None,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    decimals: int | None = None,
    count: int | None = None,
) -> Figure:
    """Write a plain number: the unit is shown as it is given, but a "share" is written as per cent."""
    if unit == "share":
        value, low, high = (None if number is None else number * 100 for number in (value, low, high))
        unit = "%"
    return Figure(write(value, decimals), str(unit), interval_text(low, high, decimals, value), count)


def figure_of(measurement: Any, decimals: int | None = None) -> Figure:
    """Write a `Measurement`: shares as per cent, changes with their sign, counts without a unit.

    Any object with `value`, `unit`, `low`, `high` and `count` will do.
    """
    unit = str(getattr(measurement.unit, "value", measurement.unit))
    scale, shown, signed = 1.0, "", False
    if unit == "share":
        scale, shown = 100.0, "%"
    elif unit == "relative change":
        scale, shown, signed = 100.0, "%", True
    elif unit == "percentage points":
        shown, signed = str(getattr(measurement.unit, "label", unit)), True
    elif unit not in {"count", "index"}:
        shown = str(getattr(measurement.unit, "label", unit))
    value, low, high = (
        None if number is None else number * scale for number in (measurement.value, measurement.low, measurement.high)
    )
    places = 1 if decimals is None and scale != 1 and value is not None else decimals
    # A count that says how many records it counted says everything twice.
    count = None if measurement.count == measurement.value else measurement.count
    return Figure(
        write(value, places, signed),
        shown,
        interval_text(low, high, places, value),
        count,
        str(getattr(measurement, "note", "") or ""),
    )
