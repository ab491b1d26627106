"""An integer programme built row by row and solved by HiGHS (through SciPy) with a proven bound.

It knows columns, rows and which rows may give way; what they mean is the caller's.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_WHOLE = 1e-6
_OPTIMAL, _INFEASIBLE = 0, 2


@dataclass(frozen=True, slots=True)
class Solved:
    """Values of the columns (None: nothing found), the objective, its proven bound; by how much each soft row gave.

    `impossible` is True only where it is proven that nothing keeps the rows.
    """

    values: Floats | None
    objective: float
    bound: float
    impossible: bool
    gave: Floats


@dataclass(slots=True)
class Programme:
    """Whole columns with bounds and cost, rows low ≤ Σ a·x ≤ high; rows marked soft may give way when asked."""

    cost: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    soft: list[tuple[int, float]] = field(default_factory=list)
    _rows: list[int] = field(default_factory=list)
    _columns: list[int] = field(default_factory=list)
    _values: list[float] = field(default_factory=list)

    def column(self, upper: float, cost: float = 0.0, lower: float = 0.0) -> int:
        """A new whole column from `lower` to `upper`; its number."""
        self.cost.append(cost)
        self.lower.append(lower)
        self.upper.append(upper)
        return len(self.cost) - 1

    def row(
        self, columns: Sequence[int], values: Sequence[float] | float, low: float, high: float, gives: float = 0.0
    ) -> int:
        """A new row; `gives` +1 lets Σ fall short of `low` and −1 exceed `high` when rules are relaxed."""
        number = len(self.low)
        many = [values] * len(columns) if isinstance(values, int | float) else values
        self._rows.extend([number] * len(columns))
        self._columns.extend(columns)
        self._values.extend(many)
        self.low.append(low)
        self.high.append(high)
        if gives:
            self.soft.append((number, gives))
        return number

    def solve(self, seconds: float, *, gap: float = 0.0, relax: bool = False) -> Solved:
        """Minimise the cost, or with `relax` the sum by which soft rows give way; a relative gap of `gap` suffices."""
        # SciPy is loaded where a plan is made, not with every page.
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import coo_array

        count = len(self.cost)
        slack = len(self.soft) if relax else 0
        rows = [*self._rows, *(row for row, _ in self.soft[:slack])]
        columns = [*self._columns, *range(count, count + slack)]
        values = [*self._values, *(sign for _, sign in self.soft[:slack])]
        # HiGHS takes no empty programme, so one column is always there, fixed at 0.
        total = count + slack + 1
        matrix = coo_array((values, (rows, columns)), shape=(len(self.low), total)).tocsr()
        objective = np.concatenate([np.zeros(count) if relax else np.array(self.cost), np.ones(slack), np.zeros(1)])
        upper = np.concatenate([np.array(self.upper), np.full(slack, np.inf), np.zeros(1)])
        result: Any = milp(
            objective,
            integrality=np.ones(total, dtype=np.int64),
            bounds=Bounds(np.concatenate([np.array(self.lower), np.zeros(slack + 1)]), upper),
            constraints=LinearConstraint(matrix, np.array(self.low), np.array(self.high)),
            options={"time_limit": max(seconds, 0.1), "mip_rel_gap": gap},
        )
        if result.x is None:
            return Solved(None, math.inf, -math.inf, result.status == _INFEASIBLE, np.zeros(0))
        raw = np.round(result.x)
        reached = float(objective @ raw)
        bound = reached if result.status == _OPTIMAL and not gap else float(result.mip_dual_bound)
        if np.all(objective == np.round(objective)):
            bound = float(math.ceil(bound - _WHOLE))
        return Solved(raw[:count], reached, min(bound, reached), False, raw[count : count + slack])
