"""Averages of effects by group and time as linear combinations; estimates no ATT(g, t) itself.

Source: Callaway and Sant'Anna 2021, section 3.2 and its table 1; the influence functions also carry that the groups'
shares are estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ronghe.methods.effects.estimate import Booleans, Floats


@dataclass(frozen=True, slots=True, eq=False)
class Average:
    """An average: its value, what each cell contributes (cells,), and what a unit of each group pulls it (groups,).

    Its influence function is `cells` @ ψ of the cells, plus for each unit its weight times the pull of its group.
    """

    value: float
    cells: Floats
    pulls: Floats


@dataclass(frozen=True, slots=True, eq=False)
class GroupTimes:
    """All ATT(g, t): by cell the group's place, the period, its offset from the start, and the value (cells,).

    `sizes` (groups,) is the sum of the weights of each group's units.
    """

    group: np.ndarray
    periods: Floats
    offsets: Floats
    values: Floats
    sizes: Floats

    def by_size(self, chosen: Booleans) -> Average:
        """The average of the cells `chosen`, weighted by the size of their groups."""
        members = self.group[chosen]
        total = float(self.sizes[members].sum())
        cells = np.zeros(len(self.values))
        cells[chosen] = self.sizes[members] / total
        value = float(cells @ self.values)
        # A larger share of a group moves the average towards that group's effects.
        pulls = np.bincount(members, (self.values[chosen] - value) / total, minlength=len(self.sizes))
        return Average(value, cells, np.asarray(pulls, dtype=np.float64))

    def of_group(self, group: int) -> Average:
        """A group's average over its periods under treatment."""
        chosen = (self.offsets >= 0) & (self.group == group)
        cells = np.asarray(chosen / chosen.sum(), dtype=np.float64)
        return Average(float(cells @ self.values), cells, np.zeros(len(self.sizes)))

    def over_groups(self, groups: Sequence[int], averages: Sequence[Average]) -> Average:
        """The groups' own averages weighted by size."""
        sizes = self.sizes[list(groups)]
        shares = sizes / sizes.sum()
        values = np.array([average.value for average in averages])
        value = float(shares @ values)
        pulls = np.zeros(len(self.sizes))
        pulls[list(groups)] = (values - value) / sizes.sum()
        return Average(value, np.asarray(shares @ np.array([average.cells for average in averages])), pulls)


def evenly(averages: Sequence[Average]) -> Average:
    """The plain mean of averages."""
    return Average(
        float(np.mean([average.value for average in averages])),
        np.mean([average.cells for average in averages], axis=0),
        np.mean([average.pulls for average in averages], axis=0),
    )
