"""Shares of a whole as exact fractions: read as people write them, made from points, and a sum split by them.

It knows neither who holds a share nor what currency is split; amounts are whole numbers of the smallest unit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction

# The largest denominator that is taken: nobody agrees on the ten-thousandth part of a millionth.
LARGEST_DENOMINATOR = 10**9
_FRACTION = re.compile(r"(\d{1,10})\s*[/⁄／]\s*(\d{1,10})")
_DECIMAL = re.compile(r"(\d{1,4}(?:[.．]\d{1,9})?)\s*([%％]?)")


class NoShare(ValueError):
    """A text that is no share of a whole: not a number, nothing, or more than all of it."""


class NotWhole(ValueError):
    """Shares that do not make one whole; `total` is what they make."""

    def __init__(self, total: Fraction) -> None:
        super().__init__(f"the shares make {total}, not 1")
        self.total = total


def read_share(text: str) -> Fraction:
    """Read "1/3", "33.5%" or "0.335" as the exact fraction it says. Raises NoShare."""
    typed = text.strip()
    if found := _FRACTION.fullmatch(typed):
        over, under = int(found[1]), int(found[2])
        if under == 0:
            raise NoShare(f"{typed!r} divides by nothing")
        share = Fraction(over, under)
    elif found := _DECIMAL.fullmatch(typed):
        share = Fraction(found[1].replace("．", ".")) / (100 if found[2] else 1)
    else:
        raise NoShare(f"{typed!r} is no share")
    if not 0 < share <= 1 or share.denominator > LARGEST_DENOMINATOR:
        raise NoShare(f"{typed!r} is no share of a whole")
    return share


def shares_of_points(points: Sequence[int]) -> tuple[Fraction, ...]:
    """Shares in proportion to points (whole, above 0), exactly. Raises NoShare."""
    if not points or any(point <= 0 for point in points):
        raise NoShare("points are whole numbers above 0, at least one")
    whole = sum(points)
    return tuple(Fraction(point, whole) for point in points)


def check_whole(shares: Sequence[Fraction]) -> None:
    """Raise NotWhole unless the shares make exactly 1."""
    total = sum(shares, Fraction(0))
    if total != 1:
        raise NotWhole(total)


def split(amount: int, shares: Sequence[Fraction]) -> tuple[int, ...]:
    """Split a whole number of the smallest unit by shares that make 1, by the largest remainder (Hamilton's method).

    The parts make exactly `amount`, and each is less than one unit from its exact share; of equal remainders the one
    that stands first is served first. A negative amount is split as its opposite. Raises NotWhole.
    """
    check_whole(shares)
    if amount < 0:
        return tuple(-part for part in split(-amount, shares))
    exact = [amount * share for share in shares]
    parts = [whole.numerator // whole.denominator for whole in exact]
    short = amount - sum(parts)
    by_remainder = sorted(range(len(shares)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[:short]:
        parts[place] += 1
    return tuple(parts)
