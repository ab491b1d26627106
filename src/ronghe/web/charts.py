"""Turns numbers into the geometry of plots: scales, ticks, paths and places for labels. It draws nothing.

Horizontal and vertical places are shares of the plot in per cent, so that one drawing fits every width while its text
keeps its size. The templates under `ui/charts/` draw what these functions return.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

Number = float | None
Writer = Callable[[float], str]

# Paths live in a square of this size, stretched to the plot.
SQUARE = 1000.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale. `place` in per cent; a minor tick is left out where there is little room."""

    place: float
    label: str
    minor: bool = False
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear scale from `low` to `high` (low < high)."""

    low: float
    high: float
    steps: tuple[float, ...]

    def place(self, value: float) -> float:
        """Where `value` lies, in per cent of the scale, held inside it."""
        share = (value - self.low) / (self.high - self.low)
        return round(100 * min(1.0, max(0.0, share)), 3)

    def ticks(self, write: Writer) -> tuple[Tick, ...]:
        """The ticks with their labels; the outer ones are anchored inwards, every second one is minor."""
        last = len(self.steps) - 1
        # Counted from the end that carries the larger numbers, so that both ends stay when the count is odd.
        return tuple(
            Tick(
                self.place(step),
                write(step),
                minor=last > 2 and (last - index) % 2 == 1,
                anchor="start" if index == 0 else "end" if index == last else "middle",
            )
            for index, step in enumerate(self.steps)
        )


def nice_step(span: float, count: int) -> float:
    """The smallest of 1, 2, 2.5, 5 × 10ⁿ that divides `span` into at most `count` parts.

    Raises ValueError unless span > 0 and count ≥ 1.
    """
    if span <= 0 or count < 1:
        raise ValueError("a scale needs a positive span and at least one part")
    raw = span / count
    power = 10.0 ** math.floor(math.log10(raw))
    return next((factor * power for factor in (1, 2, 2.5, 5) if factor * power >= raw * (1 - 1e-9)), 10 * power)


def scale_of(
    values: Sequence[Number],
    *,
    from_zero: bool = False,
    minimum: Number = None,
    maximum: Number = None,
    count: int = 5,
) -> Scale:
    """A scale with round steps that holds every value; given ends are kept as they are.

    With no value at all it runs from 0 to 1; with a single one it opens around it.
    """
    known = [value for value in values if value is not None and math.isfinite(value)]
    low = minimum if minimum is not None else min(known, default=0.0)
    high = maximum if maximum is not None else max(known, default=1.0)
    if from_zero and minimum is None:
        low = min(low, 0.0)
    if from_zero and maximum is None:
        high = max(high, 0.0)
    if high <= low:
        room = abs(low) * 0.1 or 1.0
        low, high = (low, low + room) if from_zero or minimum is not None else (low - room, low + room)
    step = nice_step(high - low, count)
    start = low if minimum is not None else math.floor(low / step + 1e-9) * step
    end = high if maximum is not None else math.ceil(high / step - 1e-9) * step
    first = math.ceil(start / step - 1e-9)
    steps = []
    while (first + len(steps)) * step <= end + step * 1e-9:
        # Rounded to the step's own digits: 3 × 0.1 is 0.3, not 0.30000000000000004.
        steps.append(round((first + len(steps)) * step, max(0, 2 - math.floor(math.log10(step)))))
    return Scale(start, end, tuple(steps))


def spread(places: Sequence[float], gap: float, low: float = 0.0, high: float = 100.0) -> list[float]:
    """Move labels apart until neighbours are `gap` away, as near to their places as order and the ends allow.

    Labels that wish to overlap become one block centred on the mean of its wishes; when there are too many for the room
    they stand evenly. The result is in the order of `places`.
    """
    if not places:
        return []
    if gap * (len(places) - 1) > high - low:
        gap = (high - low) / (len(places) - 1)
    order = sorted(range(len(places)), key=lambda index: places[index])
    blocks: list[tuple[float, int]] = []  # the sum of the wishes for a block's first label, and its size
    for index in order:
        total, size = places[index], 1
        while blocks:
            before_total, before_size = blocks[-1]
            first = min(max(before_total / before_size, low), high - gap * (before_size - 1))
            own = min(max(total / size, low), high - gap * (size - 1))
            if own - first >= gap * before_size - 1e-9:
                break
            blocks.pop()
            total, size = before_total + total - gap * before_size * size, before_size + size
        blocks.append((total, size))
    result = [0.0] * len(places)
    position = 0
    for total, size in blocks:
        first = min(max(total / size, low), high - gap * (size - 1))
        for offset in range(size):
            result[order[position]] = round(first + gap * offset, 3)
            position += 1
    return result


def text_width(text: str) -> float:
    """Roughly how wide a label is in pixels at 12 px: a Chinese character is 12, a Latin one 6.8."""
    return sum(12.0 if ord(character) > 0x2E80 else 6.8 for character in text)


def label_ticks(labels: Sequence[str], *, wide: float = 460, narrow: float = 230) -> tuple[Tick, ...]:
    """Ticks under a line: as many labels as fit in `wide` pixels without touching, of which those that fit in `narrow`
    are not minor. The last label always stays, because the latest value is what people read."""
    count = len(labels)
    if count == 0:
        return ()
    width = max(text_width(label) for label in labels) + 16
    every = max(1, math.ceil(count * width / wide))
    few = every * max(1, math.ceil(count * width / narrow / every))
    ticks = []
    for index, label in enumerate(labels):
        from_end = count - 1 - index
        if from_end % every:
            continue
        place = 50.0 if count == 1 else round(100 * index / (count - 1), 3)
        anchor = "start" if index == 0 and count > 1 else "end" if from_end == 0 and count > 1 else "middle"
        ticks.append(Tick(place, label, minor=from_end % few != 0, anchor=anchor))
    return tuple(ticks)


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


def _square(share: float) -> float:
    return share * SQUARE / 100


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
        points = [None if value is None else (_square(x(i)), _square(y(value))) for i, value in enumerate(entry.values)]
        pairs = list(zip(entry.low, entry.high, strict=True)) if entry.low and entry.high else []
        band = ""
        for run in _runs([None if low is None or high is None else (float(i), 0.0) for i, (low, high) in enumerate(pairs)]):
            indices = [int(index) for index, _ in run]
            upper = [(_square(x(i)), _square(y(pairs[i][1] or 0.0))) for i in indices]
            lower = [(_square(x(i)), _square(y(pairs[i][0] or 0.0))) for i in reversed(indices)]
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
    """The path of a word-sized line in a square, and the place of its last point in per cent; a level line is centred."""
    known = [value for value in values if value is not None]
    if not known:
        return "", None
    low, high = min(known), max(known)
    count = len(values)

    def point(index: int, value: float) -> tuple[float, float]:
        share = 0.5 if high == low else (value - low) / (high - low)
        return (50.0 if count == 1 else 100 * index / (count - 1)), 100 - 100 * share

    points = [None if value is None else point(index, value) for index, value in enumerate(values)]
    path = "".join(_path([(_square(x), _square(y)) for x, y in run]) for run in _runs(points))
    last = next(entry for entry in reversed(points) if entry is not None)
    return path, (round(last[0], 3), round(last[1], 3))


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
class Spoke:
    """An axis of a radar: its end and the place and side of its label, in the coordinates of the drawing."""

    label: str
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str


@dataclass(frozen=True, slots=True)
class Radar:
    """Rings, spokes and one polygon a series in a drawing of `width` × `height`."""

    width: float
    height: float
    rings: tuple[str, ...]
    spokes: tuple[Spoke, ...]
    shapes: tuple[str, ...]
    scale_labels: tuple[tuple[float, float, str], ...]

    @property
    def center_x(self) -> float:
        """Where the axes meet, from the left."""
        return self.width / 2

    @property
    def center_y(self) -> float:
        """Where the axes meet, from the top."""
        return self.height / 2


def radar(axes: Sequence[str], series: Sequence[Series], write: Writer, maximum: Number = None) -> Radar:
    """Lay out a radar of at least three axes from 0 at the centre; an unknown value lies at the centre.

    Raises ValueError for fewer than three axes or a series of another length.
    """
    if len(axes) < 3:
        raise ValueError("a radar needs at least three axes")
    if any(len(entry.values) != len(axes) for entry in series):
        raise ValueError("each series of a radar needs one value for each axis")
    width, height, radius = 400.0, 320.0, 122.0
    center_x, center_y = width / 2, height / 2
    scale = scale_of([v for entry in series for v in entry.values], from_zero=True, maximum=maximum, count=5)

    def point(index: int, share: float, distance: float = radius) -> tuple[float, float]:
        angle = -math.pi / 2 + 2 * math.pi * index / len(axes)
        return center_x + distance * share * math.cos(angle), center_y + distance * share * math.sin(angle)

    def polygon(shares: Sequence[float]) -> str:
        return " ".join(f"{x:.1f},{y:.1f}" for x, y in (point(index, share) for index, share in enumerate(shares)))

    spokes = []
    for index, label in enumerate(axes):
        end_x, end_y = point(index, 1)
        label_x, label_y = point(index, 1, radius + 14)
        side = round(end_x - center_x, 3)
        anchor = "middle" if side == 0 else "start" if side > 0 else "end"
        lift = 4.0 + 6.0 * (end_y - center_y) / radius
        spokes.append(Spoke(label, round(end_x, 1), round(end_y, 1), round(label_x, 1), round(label_y + lift, 1), anchor))
    rings = tuple(polygon([scale.place(step) / 100] * len(axes)) for step in scale.steps if step > 0)
    labels = tuple(
        (center_x + 4, round(center_y - radius * scale.place(step) / 100 + 11, 1), write(step))
        for step in scale.steps
        if step > 0
    )
    shapes = tuple(polygon([scale.place(v or 0.0) / 100 for v in entry.values]) for entry in series)
    return Radar(width, height, rings, tuple(spokes), shapes, labels)


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


@dataclass(frozen=True, slots=True)
class Node:
    """A stage's bar in a Sankey diagram, in per cent; its label stands to the right, in the last column to the left."""

    label: str
    value: float
    x: float
    y: float
    height: float
    label_left: bool


@dataclass(frozen=True, slots=True)
class Flow:
    """A ribbon between two nodes: its outline in a square of side `SQUARE`."""

    source: str
    target: str
    value: float
    path: str


@dataclass(frozen=True, slots=True)
class Sankey:
    """Nodes in columns and the flows between them; `rows` is the size of the fullest column."""

    nodes: tuple[Node, ...]
    flows: tuple[Flow, ...]
    rows: int


NODE_WIDTH = 1.2


def sankey(links: Sequence[tuple[str, str, float]]) -> Sankey:
    """Lay out flows from left to right: a node's column is its longest way from a source, its height its throughput.

    Within a column nodes keep the order in which they first appear, which the caller chooses. Raises ValueError for a
    flow that is not positive or for flows that go round in a circle.
    """
    if any(not value > 0 for _, _, value in links):
        raise ValueError("every flow needs a positive value")
    names = list(dict.fromkeys(name for source, target, _ in links for name in (source, target)))
    column = _columns(names, [(source, target) for source, target, _ in links])
    incoming = {name: sum(value for _, target, value in links if target == name) for name in names}
    outgoing = {name: sum(value for source, _, value in links if source == name) for name in names}
    size = {name: max(incoming[name], outgoing[name]) for name in names}
    last = max(column.values(), default=0)
    members = [[name for name in names if column[name] == index] for index in range(last + 1)]
    rows = max((len(group) for group in members), default=0)
    gap = min(6.0, 40.0 / max(rows - 1, 1))
    unit = min(
        ((100 - gap * (len(group) - 1)) / sum(size[name] for name in group) for group in members if group),
        default=0.0,
    )
    top: dict[str, float] = {}
    nodes = []
    for index, group in enumerate(members):
        used = sum(size[name] for name in group) * unit + gap * (len(group) - 1)
        position = (100 - used) / 2
        x = 0.0 if last == 0 else index * (100 - NODE_WIDTH) / last
        for name in group:
            top[name] = position
            nodes.append(
                Node(name, size[name], round(x, 3), round(position, 3), round(size[name] * unit, 3), index == last > 0)
            )
            position += size[name] * unit + gap
    left_of = {node.label: node.x for node in nodes}
    leaving, arriving = dict(top), dict(top)
    # Ribbons leave and arrive in the order of the nodes at their other end, so that fewer of them cross.
    start_y: dict[int, float] = {}
    end_y: dict[int, float] = {}
    for index in sorted(range(len(links)), key=lambda i: top[links[i][1]]):
        start_y[index] = leaving[links[index][0]]
        leaving[links[index][0]] += links[index][2] * unit
    for index in sorted(range(len(links)), key=lambda i: top[links[i][0]]):
        end_y[index] = arriving[links[index][1]]
        arriving[links[index][1]] += links[index][2] * unit
    flows = []
    for index, (source, target, value) in enumerate(links):
        path = _ribbon(
            left_of[source] + NODE_WIDTH, start_y[index], left_of[target], end_y[index], value * unit
        )
        flows.append(Flow(source, target, value, path))
    return Sankey(tuple(nodes), tuple(flows), rows)


def _ribbon(x0: float, y0: float, x1: float, y1: float, thickness: float) -> str:
    left, right, middle = _square(x0), _square(x1), _square((x0 + x1) / 2)
    top0, top1 = _square(y0), _square(y1)
    low0, low1 = _square(y0 + thickness), _square(y1 + thickness)
    return (
        f"M{left:.1f} {top0:.1f}C{middle:.1f} {top0:.1f} {middle:.1f} {top1:.1f} {right:.1f} {top1:.1f}"
        f"L{right:.1f} {low1:.1f}C{middle:.1f} {low1:.1f} {middle:.1f} {low0:.1f} {left:.1f} {low0:.1f}Z"
    )


def _columns(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> Mapping[str, int]:
    column = dict.fromkeys(names, 0)
    # In a graph without circles the longest way has fewer edges than there are nodes.
    for _ in names:
        changed = False
        for source, target in edges:
            if column[target] < column[source] + 1:
                column[target] = column[source] + 1
                changed = True
        if not changed:
            return column
    if edges:
        raise ValueError("the flows go round in a circle")
    return column
