"""The test that trends did not part before the start; bounds nothing (see `sensitivity`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ronghe.methods.effects.estimate import Floats

_WORST_CONDITION = 1e12


@dataclass(frozen=True, slots=True)
class PreTrend:
    """Wald test that all q effects before the start are 0: W = δ'V⁻¹δ.

    `p_value` takes χ²(q), as is usual, and rejects too often with few units; `p_value_few` takes Hotelling's
    W·(n − q)/(q·(n − 1)) ~ F(q, n − q) over n units (or clusters) and is what guards a verdict. It is None where
    n ≤ 2q: so few units cannot test so many effects.
    """

    statistic: float
    degrees_of_freedom: int
    p_value: float
    p_value_few: float | None


def pre_trend(values: Floats, covariance: Floats, units: int) -> PreTrend | None:
    """Test `values` (q,) before the start with their `covariance` (q, q); None where the covariance has no inverse."""
    from scipy.special import chdtrc, fdtrc

    count = len(values)
    if not count or np.linalg.cond(covariance) > _WORST_CONDITION:
        return None
    statistic = float(values @ np.linalg.solve(covariance, values))
    few = None
    if units > 2 * count:
        scaled = statistic * (units - count) / (count * (units - 1))
        few = float(fdtrc(count, units - count, scaled))
    return PreTrend(statistic, count, float(chdtrc(count, statistic)), few)
