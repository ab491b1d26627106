"""The rules of a round as an integer programme for HiGHS (through SciPy), and its solution with a proven bound.

What is best is the caller's: this module knows only what is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ronghe.methods.matching.board import NOWHERE, Board, Booleans, Floats, Integers
from ronghe.methods.matching.market import ShareOf

_WHOLE = 1e-6
_RELATIVE = 1e-10
_OPTIMAL, _LIMIT, _INFEASIBLE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule that can be relaxed: its kind (`position_least`, `quota_least`, `quota_most`, `quota_share`) and name.

    `bound` is the number asked for; for a share of placements it is None.
    """

    kind: str
    name: str
    bound: int | None


@dataclass(slots=True)
class Programme:
    """Rows and columns of the programme: `x` per allowed pair in row-major order, then one opening per cohort."""

    board: Board
    pairs: Integers
    cohorts: Integers
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    cells: list[tuple[Integers, Integers, Floats]] = field(default_factory=list)
    rules: list[tuple[int, float, Rule]] = field(default_factory=list)
    extra: int = 0

    @property
    def columns(self) -> int:
        """How many variables there are so far."""
        return len(self.pairs) + len(self.cohorts) + self.extra

    def add(self, at: Integers, values: Floats | float, low: float, high: float) -> int:
        """Add the row low ≤ Σ values · variable ≤ high; its number."""
        row = len(self.low)
        self.cells.append((np.full(len(at), row), at, np.broadcast_to(np.asarray(values, dtype=np.float64), at.shape)))
        self.low.append(low)
        self.high.append(high)
        return row

    def add_block(self, rows: Integers, at: Integers, values: Floats | float, low: Floats, high: Floats) -> None:
        """Add many rows at once: `rows` counts from 0 within the block."""
        start = len(self.low)
        self.cells.append((rows + start, at, np.broadcast_to(np.asarray(values, dtype=np.float64), at.shape)))
        self.low.extend(low.tolist())
        self.high.extend(high.tolist())

    def opening(self, column: int) -> int | None:
        """The variable that says whether a position with a cohort opens; None for a position without one."""
        place = int(np.searchsorted(self.cohorts, column))
        found = place < len(self.cohorts) and int(self.cohorts[place]) == column
        return len(self.pairs) + place if found else None


@dataclass(frozen=True, slots=True)
class Solved:
    """What HiGHS found: `held` (None: nothing within the time), the objective, its proven bound, the raw values.

    `impossible` is True only where it is proven that nothing meets the rules.
    """

    held: Integers | None
    value: float
    bound: float
    impossible: bool
    raw: Floats


NOTHING = Solved(None, math.inf, -math.inf, False, np.zeros(0))


def rules_of(board: Board, keep: Booleans | None = None, closed: Booleans | None = None) -> Programme:
    """The programme of a board over the allowed pairs (those in `keep` alone if given); `closed` columns take nobody.

    With `closed` given, positions with a cohort that are not closed must open.
    """
    pairs = np.argwhere(board.allowed if keep is None else board.allowed & keep)
    if closed is not None:
        pairs = pairs[~closed[pairs[:, 1]]]
    programme = Programme(board, pairs, np.flatnonzero(board.cohort > 1))
    students, positions = board.allowed.shape
    everyone = np.arange(len(pairs))
    placed_at_least = (board.locked != NOWHERE).astype(np.float64)
    programme.add_block(pairs[:, 0], everyone, 1.0, placed_at_least, np.ones(students))
    seats = board.capacity.astype(np.float64)
    seats[programme.cohorts] = np.inf
    programme.add_block(pairs[:, 1], everyone, 1.0, np.full(positions, -np.inf), seats)
    _add_cohorts(programme, closed)
    for column in np.flatnonzero(board.least > 0).tolist():
        at = np.flatnonzero(pairs[:, 1] == column)
        row = programme.add(at, 1.0, float(board.least[column]), np.inf)
        name = board.market.positions[column].id
        programme.rules.append((row, 1.0, Rule("position_least", name, int(board.least[column]))))
    _add_quotas(programme)
    return programme


def _add_cohorts(programme: Programme, closed: Booleans | None) -> None:
    """m y ≤ Σ x ≤ c y. Rows x ≤ y for each pair bounded the relaxation no better and took ten times as long."""
    board, pairs = programme.board, programme.pairs
    for column in programme.cohorts.tolist():
        opening = len(pairs) + int(np.searchsorted(programme.cohorts, column))
        at = np.flatnonzero(pairs[:, 1] == column)
        both = np.append(at, opening)
        programme.add(both, np.append(np.ones(len(at)), -float(board.capacity[column])), -np.inf, 0.0)
        programme.add(both, np.append(np.ones(len(at)), -float(board.cohort[column])), 0.0, np.inf)
        if closed is not None:
            state = 0.0 if closed[column] else 1.0
            programme.add(np.array([opening]), 1.0, state, state)


def _add_quotas(programme: Programme) -> None:
    board, pairs = programme.board, programme.pairs
    for quota in board.market.quotas:
        rows, columns = board.members(quota)
        there = columns[pairs[:, 1]]
        counted = np.flatnonzero(there & rows[pairs[:, 0]])
        least = quota.least_count(int(rows.sum()), int(board.capacity[columns].sum()))
        if least:
            row = programme.add(counted, 1.0, float(least), np.inf)
            programme.rules.append((row, 1.0, Rule("quota_least", quota.name, least)))
        if quota.most is not None:
            row = programme.add(counted, 1.0, -np.inf, float(quota.most))
            programme.rules.append((row, -1.0, Rule("quota_most", quota.name, quota.most)))
        if quota.share_of is ShareOf.PLACEMENTS and quota.share:
            everyone = np.flatnonzero(there)
            part, whole = quota.share.numerator, quota.share.denominator
            values = np.where(rows[pairs[everyone, 0]], float(whole - part), -float(part))
            row = programme.add(everyone, values, 0.0, np.inf)
            programme.rules.append((row, float(whole), Rule("quota_share", quota.name, None)))


def solve(programme: Programme, cost: Floats, seconds: float, *, relax: Iterable[int] = (), gap: float = 0.0) -> Solved:
    """Minimise cost · variables within the rules, in at most `seconds`; with `gap` a relative gap that suffices.

    The rules of the numbers in `relax` may be broken at a cost of 1 a student, beside `cost`; how far each is broken
    ends the raw values, in their order.
    """
    # SciPy is loaded where students are matched, not with every page.
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    columns = programme.columns
    cells = list(programme.cells)
    breakable = [programme.rules[number] for number in relax]
    for place, (row, sign, _) in enumerate(breakable):
        cells.append((np.array([row]), np.array([columns + place]), np.array([sign])))
    # HiGHS takes no empty programme, so one variable is always there, fixed at 0.
    total = columns + len(breakable) + 1
    rows, at, values = (np.concatenate(part) for part in zip(*cells, strict=True))
    matrix = coo_array((values, (rows, at)), shape=(len(programme.low), total)).tocsr()
    objective = np.concatenate([cost, np.zeros(columns - len(cost)), np.ones(len(breakable)), np.zeros(1)])
    upper = np.ones(total)
    upper[columns:-1] = np.inf
    upper[-1] = 0.0
    result: Any = milp(
        objective,
        integrality=np.ones(total, dtype=np.int64),
        bounds=Bounds(np.zeros(total), upper),
        constraints=LinearConstraint(matrix, np.array(programme.low), np.array(programme.high)),
        options={"time_limit": max(seconds, 0.1), "mip_rel_gap": gap},
    )
    if result.x is None:
        return Solved(None, math.inf, -math.inf, result.status == _INFEASIBLE, np.zeros(0))
    raw = np.round(result.x)
    held = np.full(programme.board.allowed.shape[0], NOWHERE, dtype=np.int64)
    chosen = programme.pairs[raw[: len(programme.pairs)] > 0.5]
    held[chosen[:, 0]] = chosen[:, 1]
    value = float(objective @ raw)
    bound = value if result.status == _OPTIMAL and not gap else float(result.mip_dual_bound)
    if np.all(objective == np.round(objective)):
        bound = float(math.ceil(bound - _WHOLE - _RELATIVE * abs(bound)))
    return Solved(held, value, min(bound, value), False, raw[:-1])
