"""Cox's proportional hazards by statsmodels, refused by name where no finite answer exists; selects no covariates."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.intervals import normal_quantile
from ronghe.methods.survival.comparison import chi_square_tail
from ronghe.methods.survival.durations import Durations, Floats, Integers, checked
from ronghe.methods.survival.separation import separating_direction

# statsmodels walks the distinct event times one by one: about a millisecond each.
MOST_EVENT_TIMES = 20_000
EVENTS_PER_COVARIATE = 10
# A coefficient that moves the hazard e^8-fold a standard deviation is not estimated but running away.
_RUNAWAY = 8.0


class Ties(Enum):
    """How events at the same time are handled."""

    EFRON = "efron"
    BRESLOW = "breslow"


@dataclass(frozen=True, slots=True)
class CoxRegression:
    """Durations and covariates (units, covariates) with names; uses `stratum`, not `group`, and refuses `weight`."""

    durations: Durations
    covariates: ArrayLike
    names: Sequence[str]
    ties: Ties = Ties.EFRON


@dataclass(frozen=True, slots=True)
class Cox:
    """Coefficients β with errors, hazard ratios e^β with their interval, and the test that all β are 0.

    Arrays have one entry a covariate. `proportional_p` tests each covariate for an effect that changes with time
    (small: it does).
    """

    names: tuple[str, ...]
    coefficient: Floats
    standard_error: Floats
    p_value: Floats
    hazard_ratio: Floats
    low: Floats
    high: Floats
    log_likelihood: float
    likelihood_ratio: float
    likelihood_ratio_p: float
    units: int
    events: int
    proportional_p: Floats
    explanation: Explanation


def cox(given: CoxRegression) -> Cox:
    """Return the fit of h(t | x) = h₀(t) exp(xβ) by partial likelihood.

    Sources: Cox, JRSS B 34 (1972) 187–220; ties: Efron, JASA 72 (1977) 557–565; check of proportional hazards:
    Grambsch and Therneau, Biometrika 81 (1994) 515–526, against the rank of the event time. Raises as `kaplan_meier`,
    and `survival.no_events`, `survival.singular` (covariates that add up to one another, or do not vary),
    `survival.perfect_separation` (a combination orders all events: β has no finite estimate),
    `survival.too_many_times`, `survival.weight`, `survival.not_converged`.
    """
    z = normal_quantile(given.durations.confidence)
    data = checked(given.durations)
    names, design = _checked_design(given, len(data.time))
    if given.durations.weight is not None:
        raise UnmetAssumption("survival.weight", "weights in a regression", "give one row a unit instead of weights")
    events = int(data.event.sum())
    if events == 0:
        raise UnmetAssumption("survival.no_events", "no unit had the event", "observe longer")
    distinct = len(np.unique(data.time[data.event]))
    if distinct > MOST_EVENT_TIMES:
        raise UnmetAssumption(
            "survival.too_many_times",
            f"{distinct:,} distinct event times, {MOST_EVENT_TIMES:,} at most",
            "round durations to days, weeks or months",
        )
    centre, scale = design.mean(axis=0), design.std(axis=0)
    _refuse_singular(design, centre, scale, names)
    standard = (design - centre) / scale
    fit = _fit(data.time, data.event, standard, data.stratum, given.ties)
    if not fit.trusted:
        direction = separating_direction(data.time, data.event, standard, data.stratum)
        if direction is not None:
            leading = names[int(np.argmax(np.abs(direction)))]
            raise UnmetAssumption(
                "survival.perfect_separation",
                f"{leading!r} (alone or with others) orders every event: its effect has no finite estimate",
                "leave it out, join its levels, or compare by the log-rank test",
            )
        raise UnmetAssumption(
            "survival.not_converged", "the likelihood has no clear maximum", "use fewer covariates or more events"
        )
    coefficient, error = fit.coefficient / scale, fit.error / scale
    proportional = _proportional_p(data.time, data.event, fit)
    ratio = 2.0 * (fit.log_likelihood - fit.null_log_likelihood)
    cautions = []
    if events < EVENTS_PER_COVARIATE * len(names):
        cautions.append(
            Caution(
                "survival.few_events",
                f"{events} events for {len(names)} covariates: below {EVENTS_PER_COVARIATE} each the fit is unstable",
            )
        )
    worst = int(np.argmin(proportional))
    # Bonferroni over the covariates, so that more of them do not mean more false alarms.
    holds = bool(proportional[worst] * len(names) >= 0.05)
    explanation = Explanation(
        "survival.cox",
        1,
        inputs_hash(data.time, data.event, data.stratum, design, names, given.ties, given.durations.confidence),
        (
            Assumption(
                "survival.proportional_hazards",
                holds,
                f"smallest p {proportional[worst]:.2g}, for {names[worst]!r}, of {len(names)} tested",
            ),
            Assumption("survival.independent_units", None, f"{len(data.time):,} units, independent of one another"),
            Assumption("survival.independent_censoring", None, "censoring is unrelated to the event given covariates"),
        ),
        tuple(cautions),
    )
    return Cox(
        names,
        coefficient,
        error,
        np.array([chi_square_tail(float(value), 1) for value in (coefficient / error) ** 2]),
        np.exp(coefficient),
        np.exp(coefficient - z * error),
        np.exp(coefficient + z * error),
        fit.log_likelihood,
        ratio,
        chi_square_tail(ratio, len(names)),
        len(data.time),
        events,
        proportional,
        explanation,
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    coefficient: Floats
    error: Floats
    covariance: Floats
    log_likelihood: float
    null_log_likelihood: float
    residuals: Floats
    trusted: bool


def _checked_design(given: CoxRegression, units: int) -> tuple[tuple[str, ...], Floats]:
    try:
        design = np.asarray(given.covariates, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UnmetAssumption(
            "survival.not_finite", "a covariate holds what is no number", "code it as numbers, such as 0 and 1"
        ) from error
    names = tuple(given.names)
    if design.ndim != 2 or design.shape != (units, len(names)) or not names:
        raise UnmetAssumption(
            "survival.shapes",
            f"covariates of shape {design.shape} for {units} units and {len(names)} names",
            "give one row a unit and one column a name",
        )
    bad = ~np.isfinite(design)
    if bad.any():
        row, column = (int(place[0]) for place in np.nonzero(bad))
        raise UnmetAssumption(
            "survival.not_finite",
            f"{names[column]!r} of row {row} (counting from 0) is no number",
            "leave out units without all covariates, or leave out the covariate",
        )
    return names, design


def _refuse_singular(design: Floats, centre: Floats, scale: Floats, names: tuple[str, ...]) -> None:
    constant = [
        name for name, spread, middle in zip(names, scale, centre, strict=True) if spread <= 1e-10 * abs(middle)
    ]
    if constant:
        raise UnmetAssumption(
            "survival.singular", f"{', '.join(constant)} is the same for every unit", "leave it out: it cannot explain"
        )
    if len(design) <= len(names):
        raise UnmetAssumption(
            "survival.singular", f"{len(names)} covariates of {len(design)} units", "leave covariates out, or add units"
        )
    standard = (design - centre) / scale
    triangle = np.linalg.qr(standard, mode="r")
    free = np.abs(np.diag(triangle)) > 1e-8 * math.sqrt(len(design))
    if not free.all():
        copies = [name for name, kept in zip(names, free, strict=True) if not kept]
        raise UnmetAssumption(
            "survival.singular",
            f"{', '.join(copies)} is a combination of the covariates before it",
            "leave it out",
        )


def _fit(time: Floats, event: NDArray[np.bool_], standard: Floats, stratum: Integers, ties: Ties) -> _Fit:
    from statsmodels.duration.hazard_regression import PHReg

    model = PHReg(time, standard, status=event.astype(np.int64), strata=stratum, ties=ties.value)
    width = standard.shape[1]
    with np.errstate(all="ignore"):
        try:
            result = model.fit(disp=0, warn_convergence=False)
            coefficient = np.asarray(result.params, dtype=np.float64)
            information = -np.asarray(model.hessian(coefficient), dtype=np.float64)
            start = -np.asarray(model.hessian(np.zeros(width)), dtype=np.float64)
            covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
            score = np.asarray(model.score(coefficient), dtype=np.float64)
            # A concave likelihood with a flat gradient and a curvature to match has its maximum here.
            settled = float(score @ covariance @ score) < 1e-6
            least = float(np.linalg.eigvalsh(information).min())
            trusted = (
                settled
                and bool(np.isfinite(coefficient).all())
                and float(np.abs(coefficient).max()) < _RUNAWAY
                and least > 1e-6 * float(np.linalg.eigvalsh(start).max())
            )
        except np.linalg.LinAlgError:
            blank = np.full(width, np.nan)
            return _Fit(blank, blank, np.diag(blank), math.nan, math.nan, np.empty((0, width)), False)
        residuals = np.asarray(result.schoenfeld_residuals, dtype=np.float64) if trusted else np.empty((0, width))
        return _Fit(
            coefficient,
            np.sqrt(np.abs(np.diag(covariance))),
            covariance,
            float(model.loglike(coefficient)),
            float(model.loglike(np.zeros(width))),
            residuals,
            trusted,
        )


def _proportional_p(time: Floats, event: NDArray[np.bool_], fit: _Fit) -> Floats:
    """p of each covariate's test that its effect does not change with the rank of time, from Schoenfeld residuals.

    χ²ⱼ = (Σ (gᵢ − ḡ) s*ᵢⱼ)² / (d Vⱼⱼ Σ (gᵢ − ḡ)²), s* = d V s, V the covariance of β, d the number of events.
    """
    from scipy.stats import rankdata

    residuals = fit.residuals[np.isfinite(fit.residuals).all(axis=1)]
    rank = rankdata(time[event])
    count = len(residuals)
    trend = rank - rank.mean()
    if count != len(rank) or not trend.any():
        return np.ones(len(fit.coefficient))
    scaled = count * residuals @ fit.covariance
    chi_square = (trend @ scaled) ** 2 / (count * np.diag(fit.covariance) * (trend @ trend))
    return np.array([chi_square_tail(float(value), 1) for value in chi_square])
