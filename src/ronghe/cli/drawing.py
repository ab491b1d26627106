"""Draws answers as SVG files that stand alone: values with intervals, and lines or steps with bands.

Places come from the site's charts, which know no server; what is drawn on pages has templates of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from ronghe.web.charts.rows import Measured, row_plot
from ronghe.web.charts.scales import Scale, scale_of, spread, text_width

WIDTH = 720
_ROW = 26
_INK, _MUTED, _RULE = "#1d2733", "#5b6875", "#d9dfe5"
_COLOURS = ("#0b5fa5", "#b3501b", "#2d7d46", "#7a4fa3", "#8a6d00", "#a3305b")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A line: places, values and, where there is a band, its ends; all as long as `x`. `steps` draws a stairway."""

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    steps: bool = False
    dashed: bool = False


def interval_plot(title: str, entries: Sequence[Measured], axis: str, *, from_zero: bool) -> str:
    """One row an entry: a dot at its value and a bar over its interval."""
    labels = min(300.0, max((text_width(entry.label) for entry in entries), default=0.0)) + 24
    plot = row_plot(entries, _write, from_zero=from_zero)
    room = WIDTH - labels - 24
    top, bottom = 48, 48 + _ROW * len(entries)

    def x(place: float) -> float:
        return labels + room * place / 100

    parts = []
    for tick in plot.ticks:
        parts.append(_line(x(tick.place), top - 6, x(tick.place), bottom, _RULE))
        parts.append(_text(x(tick.place), bottom + 18, tick.label, _MUTED, "middle"))
    if 0 < plot.zero < 100:
        parts.append(_line(x(plot.zero), top - 6, x(plot.zero), bottom, _MUTED))
    for entry, row in zip(entries, plot.rows, strict=True):
        y = top + _ROW * row.index + _ROW / 2
        parts.append(_text(labels - 12, y + 4, entry.label, _INK, "end"))
        if row.low is not None and row.high is not None:
            parts.append(_line(x(row.low), y, x(row.high), y, _COLOURS[0], 3))
        if row.dot is not None:
            parts.append(f'<circle cx="{x(row.dot):.1f}" cy="{y:.1f}" r="4.5" fill="{_COLOURS[0]}"/>')
    parts.append(_text(labels + room, bottom + 36, axis, _MUTED, "end"))
    return _svg(title, bottom + 48, parts)


def line_chart(
    title: str,
    lines: Sequence[Drawn],
    x_axis: str,
    y_axis: str,
    *,
    marked: float | None = None,
    write_x: Callable[[float], str] = lambda value: f"{value:g}",
) -> str:
    """Lines over a common scale, each named at its end; `marked` draws a vertical line at that x."""
    left, right, top, bottom = 64.0, 130.0, 60.0, 380.0
    across = scale_of([value for one in lines for value in one.x], count=6)
    up = scale_of([value for one in lines for part in (one.y, one.low, one.high) for value in part], count=5)
    room = WIDTH - left - right

    def place(x: float, y: float) -> tuple[float, float]:
        return left + room * across.place(x) / 100, bottom - (bottom - top) * up.place(y) / 100

    parts = [*_grid(across, up, left, WIDTH - right, top, bottom, write_x)]
    if marked is not None:
        at = place(marked, up.low)[0]
        parts.append(f'<path d="M{at:.1f} {top}V{bottom}" stroke="{_MUTED}" stroke-dasharray="2 3"/>')
    for index, one in enumerate(lines):
        colour = _COLOURS[index % len(_COLOURS)]
        if one.low and one.high:
            upper = _points(one.x, one.high, place, steps=one.steps)
            lower = _points(one.x, one.low, place, steps=one.steps)[::-1]
            parts.append(f'<path d="{_path([*upper, *lower])}Z" fill="{colour}" fill-opacity="0.14"/>')
        dash = ' stroke-dasharray="6 4"' if one.dashed else ""
        path = _path(_points(one.x, one.y, place, steps=one.steps))
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
    ends = [place(one.x[-1], one.y[-1])[1] for one in lines]
    for index, y in enumerate(spread(ends, 16, top, bottom)):
        parts.append(_text(WIDTH - right + 8, y + 4, lines[index].label, _COLOURS[index % len(_COLOURS)], "start"))
    parts.append(_text(left, top - 14, y_axis, _MUTED, "start"))
    parts.append(_text(WIDTH - right, bottom + 36, x_axis, _MUTED, "end"))
    return _svg(title, bottom + 48, parts)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Something done by a machine or a person (its row) from `start` until before `end`; `of` gives its colour."""

    row: str
    of: str
    start: int
    end: int


def schedule_chart(title: str, stretches: Sequence[Stretch], length: int) -> str:
    """A row for each machine or person, a bar for each stretch; what belongs together has one colour and one name."""
    rows = sorted({one.row for one in stretches}, key=lambda row: (len(row), row))
    colours = {of: _COLOURS[at % len(_COLOURS)] for at, of in enumerate(sorted({one.of for one in stretches}))}
    left = min(160.0, max(map(text_width, rows), default=0.0)) + 28
    right, top = WIDTH - 24, 44
    bottom = top + 20 * len(rows)
    across = scale_of([0.0, float(max(1, length))], count=8)

    def x(value: float) -> float:
        return left + (right - left) * across.place(value) / 100

    parts = []
    for step in across.steps:
        parts.append(_line(x(step), top - 6, x(step), bottom, _RULE))
        parts.append(_text(x(step), bottom + 18, _write(step), _MUTED, "middle"))
    for at, row in enumerate(rows):
        parts.append(_text(left - 8, top + 20 * at + 14, row, _INK, "end"))
    for one in stretches:
        y, begin, width = top + 20 * rows.index(one.row) + 2, x(one.start), x(one.end) - x(one.start)
        named = f"<title>{escape(f'{one.of}: {one.start}-{one.end}')}</title>"
        parts.append(
            f'<rect x="{begin:.1f}" y="{y}" width="{width:.1f}" height="16" fill="{colours[one.of]}" stroke="#ffffff">'
            f"{named}</rect>"
        )
        if width > text_width(one.of) + 4:
            parts.append(_text(begin + width / 2, y + 12, one.of, "#ffffff", "middle"))
    return _svg(title, bottom + 36, parts)


def _grid(
    across: Scale,
    up: Scale,
    left: float,
    right: float,
    top: float,
    bottom: float,
    write_x: Callable[[float], str],
) -> list[str]:
    parts = []
    for step in up.steps:
        y = bottom - (bottom - top) * up.place(step) / 100
        parts += [_line(left, y, right, y, _RULE), _text(left - 8, y + 4, _write(step), _MUTED, "end")]
    for step in across.steps:
        x = left + (right - left) * across.place(step) / 100
        parts += [_line(x, bottom, x, bottom + 5, _MUTED), _text(x, bottom + 18, write_x(step), _MUTED, "middle")]
    return parts


def _points(
    x: Sequence[float], y: Sequence[float], place: Callable[[float, float], tuple[float, float]], *, steps: bool
) -> list[tuple[float, float]]:
    found: list[tuple[float, float]] = []
    for one, other in zip(x, y, strict=True):
        point = place(one, other)
        if steps and found:
            found.append((point[0], found[-1][1]))
        found.append(point)
    return found


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _line(x: float, y: float, to_x: float, to_y: float, colour: str, width: float = 1) -> str:
    return f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="{colour}" stroke-width="{width:g}"/>'


def _text(x: float, y: float, text: str, colour: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


def _write(value: float) -> str:
    return f"{value:g}"


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    fonts = "'Noto Sans', 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', sans-serif"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
            f'font-family="{fonts}" font-size="12">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{WIDTH}" height="{height:.0f}" fill="#ffffff"/>',
            f'<text x="16" y="22" fill="{_INK}" font-size="14" font-weight="600">{escape(title)}</text>',
            *parts,
            "</svg>",
            "",
        ]
    )
