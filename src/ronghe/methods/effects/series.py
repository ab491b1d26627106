"""Interrupted time series: a level and a slope that change, with season and autocorrelation; suggestive at most.

Sources: Wagner, Soumerai, Zhang and Ross-Degnan, Journal of Clinical Pharmacy and Therapeutics 27, 2002; Lopez Bernal,
Cummins and Gasparrini, International Journal of Epidemiology 46, 2017; Newey and West 1987.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from ronghe.methods.effects.estimate import (
    Estimate,
    Floats,
    Interval,
    checked_level,
    estimate,
    finite,
    require_variation,
    same_length,
)
from ronghe.methods.effects.regression import Fit, least_squares, newey_west_covariance, poisson
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

_FEWEST_EACH_SIDE = 8
_LARGEST_AUTOCORRELATION = 0.99


class Family(Enum):
    """A measure that varies around its mean, or a count of events."""

    NORMAL = "normal"
    COUNT = "count"


class Errors(Enum):
    """What the errors are taken to be.

    INDEPENDENT: constant variance, or for counts variance = mean; OVERDISPERSED: counts with variance = φ·mean;
    NEWEY_WEST: any variance and autocorrelation up to `lags`; AUTOREGRESSIVE: AR(1), for a measure only. In short
    series Newey and West's errors are much too small.
    """

    INDEPENDENT = "independent"
    OVERDISPERSED = "overdispersed"
    NEWEY_WEST = "newey_west"
    AUTOREGRESSIVE = "autoregressive"


@dataclass(frozen=True, slots=True, eq=False)
class InterruptedSeries:
    """One row a period in order of time, evenly spaced: `outcome` (n,), and the row where the interruption begins.

    `exposure` (n,) makes counts into rates (population, head count). `season` is the periods in a cycle (12 for
    months), `harmonics` how many sine and cosine pairs describe it. `slope_change` lets the slope change as well.
    Without `errors` a measure takes AUTOREGRESSIVE and a count NEWEY_WEST.
    """

    outcome: ArrayLike
    interruption: int
    family: Family = Family.NORMAL
    errors: Errors | None = None
    exposure: ArrayLike | None = None
    season: float | None = None
    harmonics: int = 2
    slope_change: bool = True
    lags: int | None = None
    level: float = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class InterruptedSeriesEffect:
    """Change of level at the interruption and of slope a period after it, on the link scale (logarithm for counts).

    `ratio` is e^level with its interval for counts, None for a measure. `average` is the mean change over all periods
    from the interruption on, on the link scale. `fitted` and `without` (n,) are the expected outcomes with and
    without the interruption. `dispersion` is Pearson's χ²/df; `autocorrelation` the residuals' at lag 1, and
    `p_independent` tests the first lags (Ljung and Box 1978).
    """

    level: Estimate
    slope: Estimate | None
    average: Estimate
    trend: Estimate
    ratio: float | None
    ratio_interval: Interval | None
    dispersion: float
    autocorrelation: float
    p_independent: float
    fitted: Floats
    without: Floats
    explanation: Explanation


def interrupted_series(parameters: InterruptedSeries) -> InterruptedSeriesEffect:
    """Fit g(E Y_t) = β₀ + β₁t + β₂·[t ≥ t₀] + β₃·(t − t₀)·[t ≥ t₀] + Σ_h (a_h sin 2πht/S + b_h cos 2πht/S) + log e_t.

    g is the identity or the logarithm. Default lags of Newey and West: ⌊0.75·n^(1/3)⌋, at least 1.
    Raises `UnmetAssumption` with fewer than 8 periods on a side, negative counts, or a season as long as the series.
    """
    checked_level(parameters.level)
    if parameters.errors is None:
        usual = Errors.AUTOREGRESSIVE if parameters.family is Family.NORMAL else Errors.NEWEY_WEST
        parameters = replace(parameters, errors=usual)
    outcome = finite("outcome", parameters.outcome)
    exposure = np.ones(len(outcome)) if parameters.exposure is None else finite("exposure", parameters.exposure)
    same_length(outcome=outcome, exposure=exposure)
    _checked(parameters, outcome, exposure)
    design = _design(parameters, len(outcome))
    fit, covariance, dispersion, standardised = _fitted(parameters, design, outcome, np.log(exposure))
    if parameters.family is Family.NORMAL:
        require_variation(math.sqrt(dispersion), outcome)
    freedom = float(len(outcome) - design.shape[1]) if parameters.family is Family.NORMAL else None
    after = design[parameters.interruption :]
    changes = np.zeros(design.shape[1])
    changed = [2, 3] if parameters.slope_change else [2]
    changes[changed] = after[:, changed].mean(axis=0)

    def told(combination: Floats) -> Estimate:
        error = math.sqrt(max(float(combination @ covariance @ combination), 0.0))
        value = float(combination @ fit.coefficients)
        return estimate(value, error, level=parameters.level, degrees_of_freedom=freedom)

    unit = np.eye(design.shape[1])
    level = told(unit[2])
    without = design.copy()
    without[:, changed] = 0.0
    expected = without @ fit.coefficients
    counts = parameters.family is Family.COUNT
    autocorrelation, p_independent = _independence(standardised)
    return InterruptedSeriesEffect(
        level=level,
        slope=told(unit[3]) if parameters.slope_change else None,
        average=told(changes),
        trend=told(unit[1]),
        ratio=math.exp(level.value) if counts else None,
        ratio_interval=Interval(math.exp(level.interval.low), math.exp(level.interval.high)) if counts else None,
        dispersion=dispersion,
        autocorrelation=autocorrelation,
        p_independent=p_independent,
        fitted=fit.fitted,
        without=np.exp(expected) * exposure if counts else expected,
        explanation=Explanation(
            "effects.interrupted_series",
            1,
            inputs_hash(
                *(outcome, parameters.interruption, parameters.family, parameters.errors, exposure),
                *(parameters.season, parameters.harmonics, parameters.slope_change, parameters.lags, parameters.level),
            ),
            (
                Assumption(
                    "effects.nothing_else_changed", None, "nothing else changed at the time of the interruption"
                ),
                Assumption("effects.trend_continues", None, "without it, trend and season would have gone on"),
                _independent(parameters, autocorrelation, p_independent, dispersion),
            ),
            _cautions(parameters, outcome, dispersion),
        ),
    )


def _checked(parameters: InterruptedSeries, outcome: Floats, exposure: Floats) -> None:
    sides = parameters.interruption, len(outcome) - parameters.interruption
    if min(sides) < _FEWEST_EACH_SIDE:
        raise UnmetAssumption(
            "effects.short_series",
            f"{sides[0]} periods before the interruption and {sides[1]} from it on",
            f"give at least {_FEWEST_EACH_SIDE} periods on each side",
        )
    if (exposure <= 0).any():
        raise UnmetAssumption("effects.exposure", "an exposure is not above 0", "give the people counted, above 0")
    if parameters.family is Family.COUNT and ((outcome < 0).any() or not outcome.any()):
        raise UnmetAssumption("effects.count", "counts are below 0 or all 0", "give counts of events, 0 or more")
    if parameters.season is not None and not 2 <= 2 * parameters.harmonics <= parameters.season <= len(outcome) / 2:
        raise UnmetAssumption(
            "effects.season",
            f"a season of {parameters.season:g} with {parameters.harmonics} harmonics in {len(outcome)} periods",
            "give a season seen at least twice, and at most half as many harmonics as it has periods",
        )
    if parameters.family is Family.COUNT and parameters.errors is Errors.AUTOREGRESSIVE:
        raise UnmetAssumption("effects.errors", "AR(1) errors are for a measure, not for counts", "choose newey_west")
    if parameters.family is Family.NORMAL and parameters.errors is Errors.OVERDISPERSED:
        raise UnmetAssumption("effects.errors", "overdispersion is for counts", "choose independent or newey_west")


def _design(parameters: InterruptedSeries, count: int) -> Floats:
    """Columns: constant, time, level, slope if asked for, season."""
    time = np.arange(count, dtype=np.float64)
    after = (time >= parameters.interruption).astype(np.float64)
    columns = [np.ones(count), time, after]
    if parameters.slope_change:
        columns.append(after * (time - parameters.interruption))
    if parameters.season is not None:
        for harmonic in range(1, parameters.harmonics + 1):
            angle = 2 * np.pi * harmonic * time / parameters.season
            columns.append(np.sin(angle))
            if 2 * harmonic != parameters.season:
                columns.append(np.cos(angle))
            else:
                columns[-1] = np.cos(angle)
    return np.column_stack(columns)


def _fitted(
    parameters: InterruptedSeries, design: Floats, outcome: Floats, offset: Floats
) -> tuple[Fit, Floats, float, Floats]:
    """The fit, the covariance of its coefficients, the dispersion and the residuals of variance about 1."""
    freedom = len(outcome) - design.shape[1]
    lags = max(1, int(0.75 * len(outcome) ** (1 / 3))) if parameters.lags is None else parameters.lags
    if parameters.family is Family.COUNT:
        fit = poisson(design, outcome, offset)
        standardised = fit.residuals / np.sqrt(fit.fitted)
        dispersion = float(standardised @ standardised) / freedom
        if parameters.errors is Errors.NEWEY_WEST:
            return fit, newey_west_covariance(design, fit, lags), dispersion, standardised
        factor = dispersion if parameters.errors is Errors.OVERDISPERSED else 1.0
        return fit, fit.inverse_information * factor, dispersion, standardised
    if parameters.errors is Errors.AUTOREGRESSIVE:
        return _autoregressive(design, outcome)
    fit = least_squares(design, outcome)
    variance = float(fit.residuals @ fit.residuals) / freedom
    standardised = fit.residuals / math.sqrt(variance) if variance > 0 else fit.residuals
    if parameters.errors is Errors.NEWEY_WEST:
        return fit, newey_west_covariance(design, fit, lags), variance, standardised
    return fit, fit.inverse_information * variance, variance, standardised


def _autoregressive(design: Floats, outcome: Floats) -> tuple[Fit, Floats, float, Floats]:
    """Generalised least squares with AR(1) errors whose coefficient ρ has the greatest restricted likelihood.

    ℓ(ρ) = −½·[ln|X'V⁻¹X| + (n − k)·ln RSS − ln(1 − ρ²)]: unlike the residuals' own autocorrelation it is hardly too
    low in short series, which would make the errors too small (Cheang and Reinsel, Journal of the American Statistical
    Association 95, 2000).
    """
    from scipy.optimize import minimize_scalar

    freedom = len(outcome) - design.shape[1]

    def whitened(correlation: float) -> tuple[Floats, Floats]:
        root = math.sqrt(1 - correlation**2)
        columns = np.vstack([root * design[:1], design[1:] - correlation * design[:-1]])
        return columns, np.append(root * outcome[:1], outcome[1:] - correlation * outcome[:-1])

    def loss(correlation: float) -> float:
        columns, values = whitened(correlation)
        orthogonal, triangular = np.linalg.qr(columns)
        residuals = values - orthogonal @ (orthogonal.T @ values)
        information = 2 * float(np.log(np.abs(np.diag(triangular))).sum())
        squares = max(float(residuals @ residuals), 1e-300)
        return float(information + freedom * math.log(squares) - math.log(1 - correlation**2))

    reach = _LARGEST_AUTOCORRELATION
    correlation = float(minimize_scalar(loss, bounds=(-reach, reach), method="bounded").x)
    fit = least_squares(*whitened(correlation))
    variance = float(fit.residuals @ fit.residuals) / freedom
    standardised = fit.residuals / math.sqrt(variance) if variance > 0 else fit.residuals
    level = design @ fit.coefficients
    told = Fit(fit.coefficients, level, fit.inverse_information, outcome - level)
    return told, fit.inverse_information * variance, variance, standardised


def _independence(residuals: Floats) -> tuple[float, float]:
    """Autocorrelation at lag 1, and the p-value of Q = n(n + 2)·Σ r_k²/(n − k) over ⌊n/5⌋ lags, at most 10."""
    from scipy.special import chdtrc

    count = len(residuals)
    centred = residuals - residuals.mean()
    squares = float(centred @ centred)
    if squares == 0:
        return 0.0, 1.0
    lags = min(10, count // 5)
    correlations = [float(centred[lag:] @ centred[:-lag]) / squares for lag in range(1, lags + 1)]
    statistic = count * (count + 2) * sum(r**2 / (count - lag) for lag, r in enumerate(correlations, start=1))
    return correlations[0], float(chdtrc(lags, statistic))


def _independent(
    parameters: InterruptedSeries, autocorrelation: float, p_independent: float, dispersion: float
) -> Assumption:
    detail = f"residuals correlate by {autocorrelation:.2f} at lag 1 (p = {p_independent:.3f})"
    if parameters.errors is Errors.NEWEY_WEST:
        return Assumption("effects.errors_modelled", True, f"{detail}; errors allow for it")
    return Assumption("effects.errors_modelled", p_independent > 0.05, detail)


def _cautions(parameters: InterruptedSeries, outcome: Floats, dispersion: float) -> tuple[Caution, ...]:
    count = len(outcome)
    cautions = [Caution("effects.one_series", "one series can suggest an effect, never verify it")]
    if parameters.family is Family.COUNT and parameters.errors is Errors.INDEPENDENT and dispersion > 1.5:
        cautions.append(
            Caution("effects.overdispersed", f"counts vary {dispersion:.1f} times as much: the interval is too narrow")
        )
    if parameters.family is Family.COUNT and (outcome != np.round(outcome)).any():
        cautions.append(Caution("effects.not_whole", "some outcomes are no whole numbers: are they counts?"))
    if count < 50 and parameters.errors in (Errors.NEWEY_WEST, Errors.AUTOREGRESSIVE):
        cautions.append(
            Caution("effects.short_series", f"{count} periods are few to judge autocorrelation: errors are too small")
        )
    return tuple(cautions)
