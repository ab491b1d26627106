"""Who gives to whom: names in rows, arcs beside them from giver to receiver; circles are fine."""

from collections.abc import Sequence
from dataclasses import dataclass

# Height of a row in pixels; the style sheet gives the rows of names the same.
ROW = 44
# Arcs leave above the middle of a row and arrive below it, so that both ends of a pair stay apart.
APART = 6


@dataclass(frozen=True, slots=True)
class Arc:
    """One arc: its path (across 0–100, down in pixels) and the height at which it arrives."""

    path: str
    arrives: int
    is_upward: bool


@dataclass(frozen=True, slots=True)
class ArcPlot:
    """Arcs beside `rows` names."""

    arcs: tuple[Arc, ...]
    height: int


def arc_plot(rows: int, links: Sequence[tuple[int, int]]) -> ArcPlot:
    """Lay out arcs between rows, given by their places; the longer the way, the farther out the arc.

    Raises ValueError for a link to a row that is not there or to itself.
    """
    if any(source == target or not (0 <= source < rows and 0 <= target < rows) for source, target in links):
        raise ValueError("a link needs two different rows that are there")
    longest = max((abs(source - target) for source, target in links), default=1)
    arcs = []
    for source, target in links:
        start, end = source * ROW + ROW // 2 - APART, target * ROW + ROW // 2 + APART
        # A cubic reaches three quarters of the way to its control points.
        out = round(20 + 110 * abs(source - target) / longest, 1)
        arcs.append(Arc(f"M0 {start}C{out} {start} {out} {end} 0 {end}", end, target < source))
    return ArcPlot(tuple(arcs), rows * ROW)
