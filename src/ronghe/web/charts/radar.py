"""Profiles over axes that share a centre. At least three axes, from 0 outwards."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ronghe.web.charts.lines import Series
from ronghe.web.charts.scales import Number, Writer, scale_of


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
        spokes.append(
            Spoke(label, round(end_x, 1), round(end_y, 1), round(label_x, 1), round(label_y + lift, 1), anchor)
        )
    rings = tuple(polygon([scale.place(step) / 100] * len(axes)) for step in scale.steps if step > 0)
    labels = tuple(
        (center_x + 4, round(center_y - radius * scale.place(step) / 100 + 11, 1), write(step))
        for step in scale.steps
        if step > 0
    )
    shapes = tuple(polygon([scale.place(v or 0.0) / 100 for v in entry.values]) for entry in series)
    return Radar(width, height, rings, tuple(spokes), shapes, labels)
