"""Plots in rows: bars and dots on one scale, shaded tables, periods on one calendar."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ronghe.web.charts.scales import Number, Tick, Writer, scale_of


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a bar or dot plot; all places in per cent of the scale, None where there is nothing to draw."""

    index: int
    start: float | None = None
    width: float | None = None
    dot: float | None = None
    low: float | None = None
    high: float | None = None
    band_start: float | None = None
    band_width: float | None = None
    target: float | None = None


@dataclass(frozen=True, slots=True)
class RowPlot:
    """Rows on one scale; `zero` is where bars begin."""

    rows: tuple[Row, ...]
    ticks: tuple[Tick, ...]
    zero: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What a bar or a dot shows; every part but the label may be missing."""

    label: str
    value: Number
    low: Number = None
    high: Number = None
    band_low: Number = None
    band_high: Number = None
    target: Number = None


def row_plot(
    entries: Sequence[Measured],
    write: Writer,
    *,
    from_zero: bool,
    minimum: Number = None,
    maximum: Number = None,
) -> RowPlot:
    """Place every entry on a common scale, in the order given."""
    every = [
        value
        for entry in entries
        for value in (entry.value, entry.low, entry.high, entry.band_low, entry.band_high, entry.target)
    ]
    scale = scale_of(every, from_zero=from_zero, minimum=minimum, maximum=maximum, count=5)
    zero = scale.place(0.0)

    def place(value: Number) -> float | None:
        return None if value is None else scale.place(value)

    rows = []
    for index, entry in enumerate(entries):
        dot, low, high = place(entry.value), place(entry.low), place(entry.high)
        band_low, band_high = place(entry.band_low), place(entry.band_high)
        both = low is not None and high is not None
        banded = band_low is not None and band_high is not None
        rows.append(
            Row(
                index,
                start=None if dot is None else min(zero, dot),
                width=None if dot is None else round(abs(dot - zero), 3),
                dot=dot,
                low=low if both else None,
                high=high if both else None,
                band_start=band_low if banded else None,
                band_width=round(band_high - band_low, 3) if band_low is not None and band_high is not None else None,
                target=place(entry.target),
            )
        )
    return RowPlot(tuple(rows), scale.ticks(write), zero)


def heat_levels(matrix: Sequence[Sequence[Number]], levels: int = 7) -> list[list[int | None]]:
    """Sort cells into `levels` steps of equal width from the smallest to the largest value; None stays None."""
    known = [value for row in matrix for value in row if value is not None]
    if not known:
        return [[None for _ in row] for row in matrix]
    low, high = min(known), max(known)
    span = high - low

    def level(value: float) -> int:
        if span == 0:
            return levels // 2
        return min(levels - 1, int((value - low) / span * levels))

    return [[None if value is None else level(value) for value in row] for row in matrix]


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time in per cent of the plot."""

    index: int
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Gantt:
    """Stretches of time on one calendar."""

    spans: tuple[Span, ...]
    ticks: tuple[Tick, ...]
    today: float | None


def gantt(periods: Sequence[tuple[date, date]], write: Callable[[date], str], today: date | None = None) -> Gantt:
    """Place periods (both days included) on a calendar with ticks on firsts of months, quarters or years.

    Raises ValueError when there is no period or one ends before it starts.
    """
    if not periods:
        raise ValueError("a calendar needs at least one period")
    if any(end < start for start, end in periods):
        raise ValueError("a period ends before it starts")
    first = min(start for start, _ in periods).replace(day=1)
    last = _next_month(max(end for _, end in periods), 1)
    total = (last - first).days

    def place(day: date) -> float:
        return round(100 * (day - first).days / total, 3)

    months = (last.year - first.year) * 12 + last.month - first.month
    every = next((size for size in (1, 2, 3, 6, 12) if months / size <= 8), 24)
    starts = [_next_month(first, offset) for offset in range(0, months, every)]
    ticks = tuple(
        Tick(
            place(day),
            write(day),
            minor=len(starts) > 4 and index % 2 == 1,
            anchor="start" if index == 0 else "middle",
        )
        for index, day in enumerate(starts)
    )
    spans = tuple(
        Span(index, place(start), round(100 * ((end - start) + timedelta(days=1)).days / total, 3))
        for index, (start, end) in enumerate(periods)
    )
    inside = today is not None and first <= today <= last
    return Gantt(spans, ticks, place(today) if inside and today is not None else None)


def _next_month(day: date, count: int) -> date:
    month = day.month - 1 + count
    return date(day.year + month // 12, month % 12 + 1, 1)
