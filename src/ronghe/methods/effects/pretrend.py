"""The test that trends did not part before the start; bounds nothing (see `sensitivity`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ronghe.methods.effects.estimate import Floats


@dataclass(frozen=True, slots=True)
class PreTrend:
    """Wald test that all effects before the start are 0: W = δ'V⁻¹δ, chi-squared with `degrees_of_freedom`."""

    statistic: float
    degrees_of_freedom: int
    p_value: float


def pre_trend(values: Floats, covariance: Floats) -> PreTrend | None:
    """Test `values` (q,) before the start with their `covariance` (q, q); None where the covariance has no inverse."""
    from scipy.stats import chi2

    if not len(values) or np.linalg.cond(covariance) > 1e12:
        return None
    statistic = float(values @ np.linalg.solve(covariance, values))
    return PreTrend(statistic, len(values), float(chi2.sf(statistic, len(values))))
