"""How a matching treats the students: which wishes were met, who envies whom, group by group. It judges nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ronghe.methods.matching.board import NOWHERE, Board, Booleans, Integers
from ronghe.methods.matching.deferred import blocking

_TOP = 3


@dataclass(frozen=True, slots=True)
class Treatment:
    """Of a group of students: how many, how many placed, and the shares of all of them in first and top-three wishes.

    `mean_rank` is over those placed in a position they listed, None where there is none.
    """

    students: int
    placed: int
    first: float
    top_three: float
    mean_rank: float | None


@dataclass(frozen=True, slots=True)
class Fairness:
    """The treatment of all students and of each group, and envy.

    `ranks` counts the students by the rank of their place (1 is best), `unlisted` those placed where they listed
    nothing, `unplaced` those without a place. `envious` students would rather have a place that somebody has;
    `justified` of them have a better claim to it (fit, then lot) or could have an empty seat.
    """

    overall: Treatment
    groups: dict[str, Treatment]
    ranks: dict[int, int]
    unlisted: int
    unplaced: int
    envious: int
    justified: int


def fairness(board: Board, held: Integers, closed: Booleans) -> Fairness:
    """The figures of a matching."""
    rows = np.arange(len(held))
    placed = held != NOWHERE
    listed_as = np.where(placed, board.rank[rows, held], 0)
    wishes = [sum(len(tier) for tier in student.preferences) for student in board.market.students]
    listed_as = np.where(listed_as > np.array(wishes), 0, listed_as)
    standing = np.where(placed, board.standing[rows, held], board.standing.shape[1])
    filled = np.bincount(held[placed], minlength=len(board.capacity)) > 0
    wanted = board.allowed & (board.standing < standing[:, None]) & (board.locked == NOWHERE)[:, None]
    groups: dict[str, list[int]] = {}
    for row, student in enumerate(board.market.students):
        for group in student.groups:
            groups.setdefault(group, []).append(row)
    ranks = Counter(int(rank) for rank in listed_as if rank)
    return Fairness(
        overall=_treatment(placed, listed_as),
        groups={name: _treatment(placed[group], listed_as[group]) for name, group in sorted(groups.items())},
        ranks=dict(sorted(ranks.items())),
        unlisted=int((placed & (listed_as == 0)).sum()),
        unplaced=int((~placed).sum()),
        envious=int((wanted & filled).any(axis=1).sum()),
        justified=int(blocking(board, held, closed).any(axis=1).sum()),
    )


def _treatment(placed: Booleans, listed_as: Integers) -> Treatment:
    met = listed_as[listed_as > 0]
    return Treatment(
        students=len(placed),
        placed=int(placed.sum()),
        first=float((met == 1).sum() / len(placed)),
        top_three=float((met <= _TOP).sum() / len(placed)),
        mean_rank=float(met.mean()) if len(met) else None,
    )
