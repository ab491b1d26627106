"""Pairwise judgments of one expert and what can be wrong with them; derives no weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ronghe.methods.ahp.completion import Floats, Pairs
from ronghe.methods.explained import UnmetAssumption

# A ratio and its reciprocal are one judgment when their product is 1 within the rounding of a table's printed digits.
_RECIPROCAL_TOLERANCE = 0.02
MOST_ITEMS = 60
# Wilder ratios than these say no more than that one of the items does not belong here, and cost the numbers' precision.
LARGEST_RATIO = 1000.0


@dataclass(frozen=True, slots=True)
class Judgment:
    """`first` is `ratio` times as important as `second`; on Saaty's scale a ratio is one of 1/9 … 1/2, 1, 2 … 9."""

    first: str
    second: str
    ratio: float


@dataclass(frozen=True, slots=True)
class Comparisons:
    """One expert's judgments of some items, by pairs; pairs that are not among them are missing.

    Raises `UnmetAssumption` when there are fewer than two items or more than 60, when two items have one name, when a
    judgment names an item that is not there or compares one with itself, when a ratio is not a positive number within
    1/1000 … 1000, and when a pair is judged twice (in either order).
    """

    items: tuple[str, ...]
    judgments: tuple[Judgment, ...]

    def __post_init__(self) -> None:
        _check_items(self.items)
        known = set(self.items)
        seen: dict[frozenset[str], Judgment] = {}
        for judgment in self.judgments:
            pair = frozenset((judgment.first, judgment.second))
            for name in sorted(pair - known):
                raise UnmetAssumption(
                    "ahp.known_item",
                    f"“{name}” is compared but is not one of the items {', '.join(self.items)}",
                    "correct the name, or add it to the items",
                )
            if len(pair) == 1:
                raise UnmetAssumption(
                    "ahp.two_items", f"“{judgment.first}” is compared with itself", "leave this judgment out"
                )
            if not 1 / LARGEST_RATIO <= judgment.ratio <= LARGEST_RATIO:
                raise UnmetAssumption(
                    "ahp.positive_ratio",
                    f"the ratio of “{judgment.first}” to “{judgment.second}” is {judgment.ratio:g}",
                    f"give a positive number up to {LARGEST_RATIO:g}, such as 3 or 1/3, or leave the judgment out",
                )
            if pair in seen:
                raise UnmetAssumption(
                    "ahp.one_judgment_a_pair",
                    f"“{judgment.first}” and “{judgment.second}” are compared twice: {_written(seen[pair])} and "
                    f"{_written(judgment)}",
                    "keep the one judgment that the expert stands by",
                )
            seen[pair] = judgment

    @classmethod
    def of_matrix(cls, items: Sequence[str], matrix: Sequence[Sequence[float | None]] | Floats) -> Comparisons:
        """From a square matrix of ratios, row to column; None or NaN is missing.

        One half may be left empty; where both are given they must be reciprocal within 2 %, and the entry of 1 or more,
        which tables print with more digits, is used. Raises `UnmetAssumption` as well for a wrong shape, a diagonal
        other than 1 and entries that are not reciprocal.
        """
        names = tuple(items)
        _check_items(names)
        rows = [[math.nan if value is None else float(value) for value in row] for row in matrix]
        if len(rows) != len(names) or any(len(row) != len(names) for row in rows):
            shape = f"{len(rows)} × {sorted({len(row) for row in rows})}"
            raise UnmetAssumption(
                "ahp.square", f"the matrix is {shape} for {len(names)} items", "give one row and one column an item"
            )
        judgments = []
        for i, first in enumerate(names):
            if not (math.isnan(rows[i][i]) or rows[i][i] == 1):
                raise UnmetAssumption(
                    "ahp.unit_diagonal", f"“{first}” against itself is {rows[i][i]:g}", "it must be 1 or empty"
                )
            for j in range(i + 1, len(names)):
                above, below = rows[i][j], rows[j][i]
                if not (math.isnan(above) or math.isnan(below)):
                    if abs(above * below - 1) > _RECIPROCAL_TOLERANCE:
                        raise UnmetAssumption(
                            "ahp.reciprocal",
                            f"“{first}” to “{names[j]}” is {above:g} and the reverse {below:g}, "
                            f"which is not {1 / above if above else math.inf:g}",
                            "make the two entries reciprocal, or leave one of them empty",
                        )
                    if abs(below) > abs(above):
                        above = math.nan
                if not math.isnan(above):
                    judgments.append(Judgment(first, names[j], above))
                elif not math.isnan(below):
                    judgments.append(Judgment(names[j], first, below))
        return cls(names, tuple(judgments))

    @classmethod
    def of_upper(cls, items: Sequence[str], upper: Sequence[float | None]) -> Comparisons:
        """From the upper triangle, row by row: n(n − 1)/2 ratios, None or NaN where one is missing."""
        names = tuple(items)
        _check_items(names)
        pairs = [(i, j) for i in range(len(names)) for j in range(i + 1, len(names))]
        if len(upper) != len(pairs):
            raise UnmetAssumption(
                "ahp.square",
                f"there are {len(upper)} judgments for {len(names)} items",
                f"give {len(pairs)}, None where one is missing",
            )
        return cls(
            names,
            tuple(
                Judgment(names[i], names[j], ratio)
                for (i, j), ratio in zip(pairs, upper, strict=True)
                if ratio is not None and not math.isnan(ratio)
            ),
        )

    def logarithms(self) -> Floats:
        """The judgments as a skew-symmetric matrix (n, n) of logarithms, NaN where one is missing."""
        place = {item: index for index, item in enumerate(self.items)}
        result = np.full((len(self.items), len(self.items)), np.nan)
        np.fill_diagonal(result, 0.0)
        for judgment in self.judgments:
            i, j = place[judgment.first], place[judgment.second]
            result[i, j] = math.log(judgment.ratio)
            result[j, i] = -result[i, j]
        return result


def missing_pairs(logarithms: Floats) -> Pairs:
    """The pairs (i < j) without a judgment, (m, 2)."""
    return np.argwhere(np.triu(np.isnan(logarithms), 1))


def require_connected(items: Sequence[str], logarithms: Floats) -> None:
    """Raise `UnmetAssumption` when the judgments leave items that no chain of comparisons relates."""
    components = components_of(~np.isnan(logarithms))
    if len(components) == 1:
        return
    groups = ["{" + ", ".join(items[index] for index in component) + "}" for component in components]
    first, second = components[0][0], components[1][0]
    raise UnmetAssumption(
        "ahp.connected",
        f"no comparison relates {' and '.join([', '.join(groups[:-1]), groups[-1]])}",
        f"ask for at least {len(components) - 1} more, such as “{items[first]}” with “{items[second]}”",
    )


def components_of(known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[list[int]]:
    """The connected components of a symmetric matrix of known pairs, each in order, by their first items."""
    left = list(range(len(known)))
    components = []
    while left:
        component, edge = {left[0]}, [left[0]]
        while edge:
            edge = [other for other in left if other not in component and known[edge, other].any()]
            component.update(edge)
        components.append(sorted(component))
        left = [index for index in left if index not in component]
    return components


def _check_items(items: tuple[str, ...]) -> None:
    if not 2 <= len(items) <= MOST_ITEMS:
        raise UnmetAssumption(
            "ahp.items",
            f"there {'is one item' if len(items) == 1 else f'are {len(items)} items'} to compare",
            f"compare 2 to {MOST_ITEMS} items; group more into a hierarchy",
        )
    repeated = sorted({item for item in items if items.count(item) > 1})
    if repeated:
        raise UnmetAssumption(
            "ahp.distinct_items", f"{', '.join(repeated)} stands for more than one item", "give each its own name"
        )


def _written(judgment: Judgment) -> str:
    return f"{judgment.first} : {judgment.second} = {judgment.ratio:g}"
