"""One comparison of changes between treated and compared units, with or without covariates, and its influence function.

Every difference-in-differences of this package is built on it; it knows neither periods nor groups. Sources:
Heckman, Ichimura and Todd 1997 (outcome regression); Abadie 2005 (weighting by the odds); Sant'Anna and Zhao,
"Doubly robust difference-in-differences estimators", Journal of Econometrics 219, 2020 (panel, section 3.1).
"""

from __future__ import annotations

from enum import Enum

import numpy as np

from ronghe.methods.effects.estimate import Booleans, Floats
from ronghe.methods.effects.regression import Fit, checked_rank, least_squares, logistic
from ronghe.methods.explained import UnmetAssumption

# Compared units beyond these odds carry no information; the same limits as in the reference implementation.
_HIGHEST_PROBABILITY = 1 - 1e-6
_TRIMMED_FROM = 0.995


class Adjustment(Enum):
    """How covariates enter: a regression of the compared units' change, weighting by the odds of treatment, or both."""

    REGRESSION = "regression"
    WEIGHTING = "weighting"
    DOUBLY_ROBUST = "doubly_robust"


def compare_changes(
    change: Floats, treated: Booleans, weight: Floats, covariates: Floats, adjustment: Adjustment
) -> tuple[float, Floats]:
    """Average effect on the treated and its influence function.

    `change` (m,) is the outcome's change of each unit compared; `covariates` (m, k), k = 0 for none. The influence
    function ψ (m,) satisfies estimate − truth ≈ mean(ψ), so its standard error is √(Σψ²)/m.
    Raises `UnmetAssumption` for singular covariates and for covariates that separate the groups.
    """
    rows = len(change)
    treated_weight = weight * treated
    if not covariates.shape[1]:
        control_weight = weight * ~treated
        return _difference(change, treated_weight, control_weight)
    design = np.column_stack([np.ones(rows), covariates])
    checked_rank(design[~treated], what="the covariates of the compared units")
    if adjustment is Adjustment.REGRESSION:
        return _by_regression(change, treated, weight, design)
    fit = logistic(design, treated.astype(np.float64), weight)
    probability = np.minimum(fit.fitted, _HIGHEST_PROBABILITY)
    odds = np.where(treated | (probability >= _TRIMMED_FROM), 0.0, weight * probability / (1 - probability))
    if not odds.any():
        raise UnmetAssumption(
            "effects.no_overlap",
            "every compared unit is all but certain to be treated by its covariates",
            "compare units that resemble each other, or leave out covariates",
        )
    score = (weight * fit.residuals)[:, None] * design
    logit_influence = score @ fit.inverse_information * rows
    if adjustment is Adjustment.WEIGHTING:
        value, influence = _difference(change, treated_weight, odds)
        control_mean = float(odds @ change / odds.sum())
        slope = (odds * (change - control_mean)) @ design / odds.sum()
        return value, influence - logit_influence @ slope
    return _doubly_robust(change, treated, weight, design, odds, logit_influence)


def _difference(change: Floats, treated_weight: Floats, control_weight: Floats) -> tuple[float, Floats]:
    """Difference of weighted means; ψ = w₁(Δ − m₁)/E w₁ − w₀(Δ − m₀)/E w₀."""
    treated_total, control_total = treated_weight.sum(), control_weight.sum()
    treated_mean = float(treated_weight @ change / treated_total)
    control_mean = float(control_weight @ change / control_total)
    influence = treated_weight * (change - treated_mean) * (len(change) / treated_total)
    influence -= control_weight * (change - control_mean) * (len(change) / control_total)
    return treated_mean - control_mean, influence


def _regression_of_compared(change: Floats, treated: Booleans, weight: Floats, design: Floats) -> tuple[Fit, Floats]:
    """The compared units' regression, and the influence function (m, k + 1) of its coefficients."""
    fit = least_squares(design[~treated], change[~treated], weight[~treated])
    influence = np.zeros(design.shape)
    scores = (weight[~treated] * fit.residuals)[:, None] * design[~treated]
    influence[~treated] = scores @ fit.inverse_information * len(change)
    return fit, influence


def _by_regression(change: Floats, treated: Booleans, weight: Floats, design: Floats) -> tuple[float, Floats]:
    fit, fit_influence = _regression_of_compared(change, treated, weight, design)
    treated_weight = weight * treated
    total = treated_weight.sum()
    deviation = change - design @ fit.coefficients
    value = float(treated_weight @ deviation / total)
    influence = treated_weight * (deviation - value) * (len(change) / total)
    return value, influence - fit_influence @ (treated_weight @ design / total)


def _doubly_robust(
    change: Floats, treated: Booleans, weight: Floats, design: Floats, odds: Floats, logit_influence: Floats
) -> tuple[float, Floats]:
    fit, fit_influence = _regression_of_compared(change, treated, weight, design)
    deviation = change - design @ fit.coefficients
    treated_weight = weight * treated
    value, influence = _difference(deviation, treated_weight, odds)
    control_mean = float(odds @ deviation / odds.sum())
    imbalance = treated_weight @ design / treated_weight.sum() - odds @ design / odds.sum()
    slope = (odds * (deviation - control_mean)) @ design / odds.sum()
    return value, influence - fit_influence @ imbalance - logit_influence @ slope
