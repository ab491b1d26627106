"""No schedule of a project is shorter than this: a linear programme over sets of activities that may run at once.

It finds no schedule. Column generation after Mingozzi, Maniezzo, Ricciardelli and Bianco (Management Science 44, 1998)
and Brucker and Knust (European Journal of Operational Research 127, 2000).
"""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.scheduling.project_pool import Booleans, Pool

if TYPE_CHECKING:
    from scipy.optimize import LinearConstraint

Floats = NDArray[np.float64]
_ROUNDING = 1e-6
# Share of the time to find out which activities never run at once.
_APART = 0.3


def shortest(pool: Pool, seconds: float) -> int:
    """The greatest lower bound found in about so many seconds; never less than the longest chain.

    Were activities cut into units of time, each moment would be a set of activities of which none follows another and
    for which there are persons enough: minimise Σ x_S subject to Σ_{S ∋ i} x_S ≥ d_i. The set of the greatest value at
    the dual prices π (an integer programme, value at most v) is added round by round; Σ π_i d_i ÷ v bounds the length
    in every round (Farley 1990), so the time may run out in any.
    """
    from scipy.optimize import Bounds, linprog, milp  # SciPy is loaded where a bound is found, not with every page.

    end = time.monotonic() + seconds
    best = float(pool.critical())
    active = np.flatnonzero(np.array(pool.durations) > 0)
    if not len(active):
        return pool.critical()
    durations = np.array(pool.durations, dtype=np.float64)[active]
    limits = _together(pool, active, time.monotonic() + seconds * _APART)
    columns: list[Floats] = list(np.eye(len(active)))
    while time.monotonic() < end:
        relaxed: Any = linprog(np.ones(len(columns)), A_ub=-np.array(columns).T, b_ub=-durations, method="highs")
        prices = np.maximum(0.0, -relaxed.ineqlin.marginals)
        worth: Any = milp(
            -prices,
            integrality=np.ones(len(active), dtype=np.int64),
            bounds=Bounds(0, 1),
            constraints=limits,
            options={"mip_rel_gap": 0.0, "time_limit": max(0.1, end - time.monotonic())},
        )
        if worth.mip_dual_bound is None:
            break
        value = max(1.0, -float(worth.mip_dual_bound))
        best = max(best, float(prices @ durations) / value)
        if worth.x is None or -worth.fun <= 1 + _ROUNDING or _whole(best) >= _whole(float(relaxed.fun)):
            break
        columns.append(np.round(worth.x))
    return _whole(best)


def _whole(bound: float) -> int:
    return math.ceil(bound - _ROUNDING)


def _together(pool: Pool, active: NDArray[np.int64], until: float) -> LinearConstraint:
    """What activities running at once must meet: persons for each set of skills, and of a chain only one.

    What is not found until then is left out: the bound still holds, it may be less.
    """
    from scipy.optimize import LinearConstraint
    from scipy.sparse import csr_array, vstack

    demands = pool.demands[:, active]
    related = pool.related()[np.ix_(active, active)]
    apart = related | related.T
    for demand, capacity in zip(demands, pool.capacities, strict=True):
        apart |= demand[:, None] + demand[None, :] > capacity
    np.fill_diagonal(apart, False)
    chains = _cliques(apart, until)
    return LinearConstraint(
        vstack([csr_array(demands.astype(np.float64)), *(csr_array(row[None, :], dtype=np.float64) for row in chains)]),
        -np.inf,
        np.concatenate([pool.capacities.astype(np.float64), np.ones(len(chains))]),
    )


def _cliques(apart: Booleans, until: float) -> list[Booleans]:
    """Sets of activities of which no two may run at once; every such pair is in one of them, if the time suffices."""
    left = np.triu(apart)
    often = np.argsort(-apart.sum(axis=0), kind="stable").tolist()
    found: list[Booleans] = []
    for one in range(len(apart)):
        while left[one].any() and time.monotonic() < until:
            other = int(left[one].argmax())
            row: Booleans = np.zeros(len(apart), dtype=np.bool_)
            row[[one, other]] = True
            joins = apart[one] & apart[other]
            for at in often:
                if joins[at]:
                    row[at] = True
                    joins &= apart[at]
            left[np.ix_(row, row)] = False
            found.append(row)
    return found
