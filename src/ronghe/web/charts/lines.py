"""Lines over labelled steps, with intervals and gaps; and lines the size of a word."""

from collections.abc import Sequence
from dataclasses import dataclass

from ronghe.web.charts.scales import Number, Tick, Writer, in_square, label_ticks, scale_of, spread


@dataclass(frozen=True, slots=True)
class Series:
    """A line: one value for each x, None where there is no data; `low` and `high` bound its interval."""

    label: str
    values: tuple[Number, ...]
    low: tuple[Number, ...] = ()
    high: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a line, in per cent from the left and from the top."""

    x: float
    y: float
    text: str
    last: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn series: paths in a square of side `SQUARE`, marks and the place of its name in per cent."""

    number: int
    label: str
    path: str
    band: str
    marks: tuple[Mark, ...]
    label_place: float | None


@dataclass(frozen=True, slots=True)
class LinePlot:
    """Lines over a common scale."""

    lines: tuple[Line, ...]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    zero: float | None


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def line_plot(series: Sequence[Series], labels: Sequence[str], write: Writer, *, from_zero: bool = False) -> LinePlot:
    """Lay out up to four lines; a gap in the data is a gap in the line, never a bridge.

    Raises ValueError when a series is not as long as `labels`.
    """
    count = len(labels)
    for entry in series:
        if any(len(part) not in {0, count} for part in (entry.low, entry.high)) or len(entry.values) != count:
            raise ValueError(f"“{entry.label}” has not one value for each of the {count} labels")
    every = [value for entry in series for part in (entry.values, entry.low, entry.high) for value in part]
    scale = scale_of(every, from_zero=from_zero, count=4)

    def x(index: int) -> float:
        return 50.0 if count == 1 else 100 * index / (count - 1)

    def y(value: float) -> float:
        return 100 - scale.place(value)

    drawn = []
    ends: list[tuple[int, float]] = []
    for number, entry in enumerate(series):
        known = [index for index, value in enumerate(entry.values) if value is not None]
        points = [
            None if value is None else (in_square(x(i)), in_square(y(value))) for i, value in enumerate(entry.values)
        ]
        pairs = list(zip(entry.low, entry.high, strict=True)) if entry.low and entry.high else []
        band = ""
        for run in _runs(
            [None if low is None or high is None else (float(i), 0.0) for i, (low, high) in enumerate(pairs)]
        ):
            indices = [int(index) for index, _ in run]
            upper = [(in_square(x(i)), in_square(y(pairs[i][1] or 0.0))) for i in indices]
            lower = [(in_square(x(i)), in_square(y(pairs[i][0] or 0.0))) for i in reversed(indices)]
            band += _path([*upper, *lower]) + "Z"
        marks = tuple(
            Mark(round(x(i), 3), round(y(value), 3), f"{entry.label}, {labels[i]}: {write(value)}", last=i == known[-1])
            for i, value in enumerate(entry.values)
            if value is not None
        )
        if marks:
            ends.append((number, marks[-1].y))
        path = "".join(_path(run) for run in _runs(points))
        drawn.append(Line(number % 4 + 1, entry.label, path, band, marks, None))
    places = spread([place for _, place in ends], gap=8.0)
    for (number, _), place in zip(ends, places, strict=True):
        line = drawn[number]
        drawn[number] = Line(line.number, line.label, line.path, line.band, line.marks, place)
    y_ticks = tuple(Tick(round(100 - scale.place(step), 3), write(step)) for step in scale.steps)
    zero = round(y(0.0), 3) if scale.low < 0 < scale.high else None
    return LinePlot(tuple(drawn), label_ticks(labels), y_ticks, zero)


def sparkline(values: Sequence[Number]) -> tuple[str, tuple[float, float] | None]:
    """The path of a word-sized line, and the place of its last point in per cent; a level line is centred."""
    known = [value for value in values if value is not None]
    if not known:
        return "", None
    low, high = min(known), max(known)
    count = len(values)

    def point(index: int, value: float) -> tuple[float, float]:
        share = 0.5 if high == low else (value - low) / (high - low)
        return (50.0 if count == 1 else 100 * index / (count - 1)), 100 - 100 * share

    points = [None if value is None else point(index, value) for index, value in enumerate(values)]
    path = "".join(_path([(in_square(x), in_square(y)) for x, y in run]) for run in _runs(points))
    last = next(entry for entry in reversed(points) if entry is not None)
    return path, (round(last[0], 3), round(last[1], 3))
