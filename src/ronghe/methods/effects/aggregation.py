"""Averages of effects by group and time, each with its influence function; estimates no ATT(g, t) itself.

Source: Callaway and Sant'Anna 2021, section 3.2 and its table 1; the influence functions also carry that the groups'
shares are estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ronghe.methods.effects.estimate import Booleans, Floats

Average = tuple[float, Floats]


@dataclass(frozen=True, slots=True, eq=False)
class GroupTimes:
    """All ATT(g, t): `groups`, `periods` and `values` (cells,), `influence` (n, cells); `start` and `weight` (n,)."""

    groups: Floats
    periods: Floats
    values: Floats
    influence: Floats
    start: Floats
    weight: Floats

    @property
    def after(self) -> Booleans:
        """Which cells lie under treatment."""
        return np.asarray(self.periods >= self.groups)

    @property
    def offsets(self) -> Floats:
        """Periods since the start, by cell."""
        return self.periods - self.groups

    def by_size(self, cells: Booleans) -> Average:
        """The average of `cells` weighted by the size of their groups."""
        groups, values = self.groups[cells], self.values[cells]
        names, cell_group = np.unique(groups, return_inverse=True)
        sizes = np.array([self.weight[self.start == name].sum() for name in names]) / len(self.start)
        shares = sizes[cell_group] / sizes[cell_group].sum()
        value = float(shares @ values)
        influence = self.influence[:, cells] @ shares
        # A larger share of a group moves the average towards that group's effects.
        pulls = np.bincount(cell_group, values - value, minlength=len(names)) / sizes[cell_group].sum()
        for name, pull in zip(names, pulls, strict=True):
            members = self.start == name
            influence[members] += self.weight[members] * pull
        return value, influence

    def of_group(self, group: float) -> Average:
        """A group's average over its periods under treatment."""
        cells = self.after & (self.groups == group)
        return float(self.values[cells].mean()), self.influence[:, cells].mean(axis=1)

    def over_groups(self, groups: Sequence[float], averages: Sequence[Average]) -> Average:
        """The groups' averages weighted by size."""
        combined = GroupTimes(
            np.array(groups),
            np.array(groups),
            np.array([value for value, _ in averages]),
            np.column_stack([influence for _, influence in averages]),
            self.start,
            self.weight,
        )
        return combined.by_size(np.ones(len(groups), dtype=bool))


def evenly(averages: Sequence[Average]) -> Average:
    """The plain mean of averages."""
    return (
        float(np.mean([value for value, _ in averages])),
        np.mean(np.column_stack([influence for _, influence in averages]), axis=1),
    )
