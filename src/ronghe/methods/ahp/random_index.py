"""Random indices: the mean inconsistency of random judgments, against which that of an expert is held.

Which one was used is part of every consistency ratio. Holds numbers, simulates none: the script
`benchmarks/methods/random_index.py` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RandomIndex:
    """A random index, the table it stands in and how it was found: `tabled`, `interpolated`, or None if unknown."""

    table: str
    items: int
    missing: int
    value: float | None
    found: str


@dataclass(frozen=True, slots=True)
class RandomIndexTable:
    """Random indices by number of items and, by position, number of missing judgments; `source` says whence."""

    name: str
    source: str
    values: Mapping[int, tuple[float, ...]]
    interpolates: bool = False

    def look_up(self, items: int, missing: int) -> RandomIndex:
        """The index for a matrix of `items` with `missing` of its n(n − 1)/2 judgments unknown.

        A tree of judgments cannot contradict itself: with n − 1 judgments, as with two items, the index is 0. Where
        `interpolates`, sizes without simulated missing judgments take RI(n, 0) · (1 − 2m / ((n − 1)(n − 2))), as
        Ágoston and Csató propose; otherwise the value is None.
        """
        most = (items - 1) * (items - 2) // 2
        row = self.values.get(items, ())
        if missing >= most:
            return RandomIndex(self.name, items, missing, 0.0, "tabled")
        if missing < len(row):
            return RandomIndex(self.name, items, missing, row[missing], "tabled")
        if row and self.interpolates:
            return RandomIndex(self.name, items, missing, row[0] * (1 - missing / most), "interpolated")
        return RandomIndex(self.name, items, missing, None, "unknown")


# Printed by `python -m benchmarks.methods.random_index`: 60,000 matrices each, 600,000 of those without
# missing judgments; standard errors of at most 0.0026, and 0.0009.
RANDOM_INDEX: dict[int, tuple[float, ...]] = {
    3: (0.526,),
    4: (0.884, 0.577, 0.283),
    5: (1.109, 0.925, 0.737, 0.550, 0.359, 0.177),
    6: (1.248, 1.127, 1.002, 0.882, 0.751, 0.630, 0.503, 0.370, 0.246, 0.120),
    7: (1.341, 1.257, 1.171, 1.084, 0.996, 0.908, 0.819, 0.727, 0.640, 0.545, 0.454, 0.361, 0.268, 0.175,
        0.085),
    8: (1.405, 1.342, 1.280, 1.215, 1.151, 1.086, 1.021, 0.955, 0.892, 0.823, 0.758, 0.688, 0.620, 0.549,
        0.481, 0.411, 0.339, 0.270, 0.199, 0.130, 0.064),
    9: (1.451, 1.402, 1.355, 1.307, 1.256, 1.208, 1.157, 1.109, 1.058, 1.010, 0.955, 0.906, 0.855, 0.803,
        0.750, 0.699, 0.645, 0.594, 0.538, 0.484, 0.430, 0.374, 0.318, 0.261, 0.208, 0.153, 0.101, 0.050),
    10: (1.486, 1.446, 1.410, 1.372, 1.330, 1.292, 1.255, 1.214, 1.175, 1.136, 1.097, 1.055, 1.017, 0.976,
        0.936, 0.897, 0.855, 0.814, 0.772, 0.730, 0.690, 0.646, 0.603, 0.559, 0.518, 0.474, 0.431, 0.386,
        0.341, 0.297, 0.253, 0.210, 0.165, 0.123, 0.080, 0.039),
    11: (1.514,),
    12: (1.536,),
    13: (1.555,),
    14: (1.571,),
    15: (1.584,),
}  # fmt: skip

SIMULATED = RandomIndexTable(
    "ronghe-1",
    "60,000 or more random matrices on Saaty's scale for each size and number of missing judgments",
    RANDOM_INDEX,
    interpolates=True,
)
SAATY = RandomIndexTable(
    "saaty-1980",
    "Saaty, The Analytic Hierarchy Process, 1980: 500 random matrices each, none for missing judgments",
    {3: (0.58,), 4: (0.90,), 5: (1.12,), 6: (1.24,), 7: (1.32,), 8: (1.41,), 9: (1.45,), 10: (1.49,)},
)
