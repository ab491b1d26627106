"""Weights on the simplex that come nearest to a target, exactly and fast; knows no units and no time.

minimise ½ w'Qw − c'w  subject to  w ≥ 0, Σw = 1, with Q = B'B and c = B'a for the nearest point to a in the hull of
the columns of B. Source: Wolfe, "Finding the nearest point in a polytope", Mathematical Programming 11, 1976 (an
active-set method: finite, and started from a known set it ends in one or two steps).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ronghe.methods.effects.estimate import Floats

_TOLERANCE = 1e-10
_VANISHED = 1e-14


@dataclass(frozen=True, slots=True, eq=False)
class Nearest:
    """Weights (J,), the places with a positive one in the order they came in, and the system of their conditions."""

    weights: Floats
    support: tuple[int, ...]
    system: Floats


def nearest_in_hull(gram: Floats, target: Floats, start: Sequence[int] = ()) -> Nearest:
    """Solve the problem for `gram` Q (J, J) and `target` c (J,); `start` is a support to try first."""
    count = len(target)
    scale = max(float(np.abs(np.diag(gram)).max()), float(np.abs(target).max()), 1e-300)
    support = list(start)
    if not support:
        support = [int(np.argmin(0.5 * np.diag(gram) - target))]
    values, system = _on_support(gram, target, support)
    while values.min() <= 0:
        # What is left of an earlier support is as good a point to start from; weights add up to 1, so one stays.
        support = [place for place, value in zip(support, values, strict=True) if value > 0]
        values, system = _on_support(gram, target, support)
    for _ in range(20 * count + 100):
        gradient = gram[:, support] @ values - target
        entering = int(np.argmin(gradient))
        if entering in support or gradient[entering] >= float(gradient[support] @ values) - _TOLERANCE * scale:
            break
        solved, wider = _on_support(gram, target, [*support, entering])
        if solved[-1] <= 0:
            # Only rounding made it look nearer.
            break
        support, values, system = [*support, entering], np.append(values, 0.0), wider
        while solved.min() <= 0:
            below = np.flatnonzero(solved <= 0)
            ratios = values[below] / (values[below] - solved[below])
            values = values + float(ratios.min()) * (solved - values)
            kept = values > _VANISHED
            kept[below[int(np.argmin(ratios))]] = False
            support = [place for place, keep in zip(support, kept, strict=True) if keep]
            values = values[kept]
            solved, system = _on_support(gram, target, support)
        values = solved
    weights = np.zeros(count)
    weights[support] = values
    return Nearest(weights, tuple(support), system)


def _on_support(gram: Floats, target: Floats, support: list[int]) -> tuple[Floats, Floats]:
    """The minimum on the affine hull of `support`, and the matrix of its conditions, [Q 1; 1' 0]."""
    size = len(support)
    system = np.ones((size + 1, size + 1))
    system[:size, :size] = gram.take(support, axis=0).take(support, axis=1)
    system[size, size] = 0.0
    right = np.ones(size + 1)
    right[:size] = target.take(support)
    try:
        solution = np.asarray(np.linalg.solve(system, right), dtype=np.float64)
    except np.linalg.LinAlgError:
        solution = np.asarray(np.linalg.lstsq(system, right, rcond=None)[0], dtype=np.float64)
    return solution[:size], system
