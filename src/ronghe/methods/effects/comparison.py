"""Comparisons of changes between treated and compared units, with or without covariates, and their influence functions.

Every difference-in-differences of this package is built on them; they know neither periods nor groups. Sources:
Heckman, Ichimura and Todd 1997 (outcome regression); Abadie 2005 (weighting by the odds); Sant'Anna and Zhao,
"Doubly robust difference-in-differences estimators", Journal of Econometrics 219, 2020 (panel, section 3.1).
"""

from __future__ import annotations

from enum import Enum

import numpy as np

from ronghe.methods.effects.estimate import Booleans, Floats
from ronghe.methods.effects.regression import checked_rank, logistic
from ronghe.methods.explained import UnmetAssumption

# Compared units beyond these odds carry no information; the same limits as in the reference implementation.
_HIGHEST_PROBABILITY = 1 - 1e-6
_TRIMMED_FROM = 0.995


class Adjustment(Enum):
    """How covariates enter: a regression of the compared units' change, weighting by the odds of treatment, or both."""

    REGRESSION = "regression"
    WEIGHTING = "weighting"
    DOUBLY_ROBUST = "doubly_robust"


class Comparison:
    """Who is treated and who compared among m units, prepared once for any number of changes.

    `weight` (m,) is 0 for units that take no part; `covariates` (m, k), k = 0 for none. Raises `UnmetAssumption` for
    singular covariates, and for covariates that separate the groups.
    """

    def __init__(self, treated: Booleans, weight: Floats, covariates: Floats, adjustment: Adjustment) -> None:
        self._treated = np.where(treated, weight, 0.0)
        self._compared = np.where(treated, 0.0, weight)
        # Turns changes into the coefficients of the compared units' regression, and residuals into their influence.
        self._regression: Floats | None = None
        # The influence of each unit on the odds' coefficients.
        self._odds: Floats | None = None
        self._design = np.ones((len(weight), 1))
        if not covariates.shape[1]:
            return
        part = weight > 0
        spread = covariates[part].std(axis=0)
        standardised = (covariates - covariates[part].mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        self._design = np.column_stack([np.ones(len(weight)), standardised])
        checked_rank(self._design[self._compared > 0], what="the covariates of the compared units")
        if adjustment is not Adjustment.WEIGHTING:
            weighted = self._design * self._compared[:, None]
            self._regression = np.asarray(np.linalg.inv(weighted.T @ self._design) @ weighted.T, dtype=np.float64)
        if adjustment is not Adjustment.REGRESSION:
            self._odds = self._weigh_by_odds(treated, part, weight)

    def _weigh_by_odds(self, treated: Booleans, part: Booleans, weight: Floats) -> Floats:
        """Weigh the compared units by their odds of treatment; returns the influence functions of the odds (m, k)."""
        fit = logistic(self._design[part], treated[part].astype(np.float64), weight[part])
        probability = np.zeros(len(weight))
        probability[part] = np.minimum(fit.fitted, _HIGHEST_PROBABILITY)
        odds = probability / (1 - probability)
        self._compared = np.where(probability >= _TRIMMED_FROM, 0.0, self._compared * odds)
        if not self._compared.any():
            raise UnmetAssumption(
                "effects.no_overlap",
                "every compared unit is all but certain to be treated by its covariates",
                "compare units that resemble each other, or leave out covariates",
            )
        scores = np.zeros(len(weight))
        scores[part] = weight[part] * fit.residuals
        return np.asarray((scores[:, None] * self._design) @ fit.inverse_information)

    def effect(self, change: Floats) -> tuple[float, Floats]:
        """The average effect on the treated and its influence function (m,), from the outcome's `change` (m,).

        The influence function ψ satisfies estimate − truth ≈ Σψ, so the standard error is √(Σψ²).
        """
        deviation, influence_of_regression = change, np.zeros(1)
        if self._regression is not None:
            deviation = change - self._design @ (self._regression @ change)
            target = self._treated @ self._design / self._treated.sum()
            if self._odds is not None:
                target = target - self._compared @ self._design / self._compared.sum()
            influence_of_regression = (target @ self._regression) * deviation
        if self._regression is not None and self._odds is None:
            # The regression leaves the compared units a mean of 0, so only the treated count.
            value = float(self._treated @ deviation / self._treated.sum())
            influence = self._treated * (deviation - value) / self._treated.sum()
        else:
            value, influence = self._difference(deviation)
        influence = influence - influence_of_regression
        if self._odds is not None:
            share = self._compared / self._compared.sum()
            slope = (share * (deviation - float(share @ deviation))) @ self._design
            influence -= self._odds @ slope
        return value, influence

    def _difference(self, change: Floats) -> tuple[float, Floats]:
        """Difference of weighted means; ψ = w₁(Δ − m₁)/Σw₁ − w₀(Δ − m₀)/Σw₀."""
        treated_share = self._treated / self._treated.sum()
        compared_share = self._compared / self._compared.sum()
        treated_mean, compared_mean = float(treated_share @ change), float(compared_share @ change)
        influence = treated_share * (change - treated_mean) - compared_share * (change - compared_mean)
        return treated_mean - compared_mean, influence
