"""Scales with round steps, and labels that do not touch. It knows nothing of any kind of plot."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Number = float | None
Writer = Callable[[float], str]

# Paths live in a square of this size, stretched to the plot.
SQUARE = 1000.0


def in_square(share: float) -> float:
    """Turn per cent into the units of the square in which paths are drawn."""
    return share * SQUARE / 100


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
        """The ticks with their labels; the outer ones are anchored inwards, those that fit a phone are not minor."""
        last = len(self.steps) - 1
        # What stays where there is little room is even: every second or third tick, or only the two ends.
        every = next((size for size in (1, 2, 3) if last % size == 0 and last // size <= 3), max(last, 1))
        return tuple(
            Tick(
                self.place(step),
                write(step),
                minor=index % every != 0 and step != 0,
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
    steps: list[float] = []
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
