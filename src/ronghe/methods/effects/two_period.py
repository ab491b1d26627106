"""Difference-in-differences of two groups over two periods, with and without covariates; one start only.

For several starts see `staggered`; for few units see `few_units`. Sources: Card and Krueger, American Economic Review
84, 1994 (tables 3 and 4); Sant'Anna and Zhao 2020 for the adjustments.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from ronghe.methods.effects.comparison import Adjustment, Comparison
from ronghe.methods.effects.estimate import (
    Booleans,
    Estimate,
    Floats,
    as_numbers,
    checked_level,
    estimate,
    finite,
    flags,
    require_variation,
    same_length,
)
from ronghe.methods.effects.panel import Incomplete, Panel, wide
from ronghe.methods.effects.regression import least_squares, robust_covariance
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

_PARALLEL = Assumption(
    "effects.parallel_trends", None, "without treatment, both groups would have changed by the same amount"
)


@dataclass(frozen=True, slots=True, eq=False)
class TwoByTwo:
    """Rows of two groups before and after: parallel columns.

    `treated` and `after` are flags. With `unit`, each unit is seen once in each period and changes are compared;
    without, all rows are taken as independent draws (repeated cross-sections). `covariates` need `unit` and take
    their values before. `missing` says what to do with rows without an outcome (and, with `unit`, with the unit).
    """

    outcome: ArrayLike
    treated: ArrayLike
    after: ArrayLike
    unit: ArrayLike | None = None
    covariates: Mapping[str, ArrayLike] = field(default_factory=dict)
    adjustment: Adjustment | None = None
    missing: Incomplete = Incomplete.REFUSE
    level: float = 0.05


@dataclass(frozen=True, slots=True)
class CellMean:
    """A group's mean in one period, its standard error s/√n and its size."""

    mean: float
    standard_error: float
    count: int


@dataclass(frozen=True, slots=True)
class TwoByTwoEffect:
    """The effect (change of the treated less change of the compared) and the four means behind it."""

    effect: Estimate
    treated_before: CellMean
    treated_after: CellMean
    compared_before: CellMean
    compared_after: CellMean
    left_out: int
    explanation: Explanation


def two_by_two(parameters: TwoByTwo) -> TwoByTwoEffect:
    """(Ȳ₁₁ − Ȳ₁₀) − (Ȳ₀₁ − Ȳ₀₀), or the same of changes by unit, with unequal variances and Welch's t.

    With covariates: by `adjustment`; None regresses the change on treatment and covariates, with HC2 errors.
    Raises `UnmetAssumption` where one of the four cells has fewer than two rows, and for faulty rows.
    """
    checked_level(parameters.level)
    treated, after = flags("treated", parameters.treated), flags("after", parameters.after)
    outcome = as_numbers("outcome", parameters.outcome)
    if parameters.missing is Incomplete.REFUSE:
        outcome = finite("outcome", outcome)
    same_length(outcome=outcome, treated=treated, after=after)
    if parameters.unit is not None:
        return _of_units(parameters, parameters.unit, outcome, treated, after)
    if parameters.covariates:
        raise UnmetAssumption(
            "effects.covariates_need_units",
            "there are covariates and no column of units",
            "name each row's unit, so that its change can be compared with that of like units",
        )
    present = np.isfinite(outcome)
    outcome, treated, after = outcome[present], treated[present], after[present]
    cells = _cells(outcome, treated, after)
    value = (cells[0].mean - cells[1].mean) - (cells[2].mean - cells[3].mean)
    variances = np.array([cell.standard_error**2 for cell in cells])
    freedom = _welch(variances, np.array([cell.count for cell in cells]))
    error = math.sqrt(float(variances.sum()))
    left_out = int((~present).sum())
    return _told(
        parameters, cells, estimate(value, error, level=parameters.level, degrees_of_freedom=freedom), left_out
    )


def _of_units(
    parameters: TwoByTwo, unit: ArrayLike, outcome: Floats, treated: Booleans, after: Booleans
) -> TwoByTwoEffect:
    panel = wide(
        Panel(
            unit=unit,
            period=after.astype(np.float64),
            outcome=outcome,
            start=np.where(treated, 1.0, np.nan),
            covariates=parameters.covariates,
            incomplete=parameters.missing,
        )
    )
    if panel.outcome.shape[1] != 2:
        raise UnmetAssumption("effects.one_period", "all rows lie in one period", "give rows before and after")
    group = np.isfinite(panel.start)
    cells = _cells(panel.outcome.T.ravel(), np.tile(group, 2), np.repeat([False, True], len(group)))
    change, covariates = panel.outcome[:, 1] - panel.outcome[:, 0], panel.covariates[:, 0]
    if not covariates.shape[1]:
        effect = welch(change[group], change[~group], parameters.level)
    elif parameters.adjustment is None:
        effect = adjusted_difference(change, group, covariates, parameters.level)
    else:
        value, influence = Comparison(group, panel.weight, covariates, parameters.adjustment).effect(change)
        effect = estimate(value, math.sqrt(float(influence @ influence)), level=parameters.level)
    return _told(parameters, cells, effect, panel.left_out)


def welch(treated: Floats, compared: Floats, level: float) -> Estimate:
    """Difference of two means with unequal variances: √(s₁²/n₁ + s₀²/n₀) and Welch's degrees of freedom."""
    counts = np.array([len(treated), len(compared)])
    variances = np.array([treated.var(ddof=1), compared.var(ddof=1)]) / counts
    error = math.sqrt(float(variances.sum()))
    difference = float(treated.mean() - compared.mean())
    return estimate(difference, error, level=level, degrees_of_freedom=_welch(variances, counts))


def adjusted_difference(outcome: Floats, treated: Booleans, covariates: Floats, level: float) -> Estimate:
    """Coefficient of treatment in the regression of `outcome` (n,) on it and `covariates` (n, k), with HC2 errors."""
    design = np.column_stack([np.ones(len(outcome)), treated, covariates])
    fit = least_squares(design, outcome)
    error = math.sqrt(float(robust_covariance(design, fit)[1, 1]))
    freedom = float(len(outcome) - design.shape[1])
    return estimate(float(fit.coefficients[1]), error, level=level, degrees_of_freedom=freedom)


def _welch(variances: Floats, counts: np.ndarray) -> float | None:
    total = float(variances.sum())
    return total**2 / float((variances**2 / (counts - 1)).sum()) if total > 0 else None


def _cells(outcome: Floats, treated: Booleans, after: Booleans) -> tuple[CellMean, CellMean, CellMean, CellMean]:
    """Treated after and before, compared after and before."""

    def cell(of_treated: bool, of_after: bool) -> CellMean:
        values = outcome[(treated == of_treated) & (after == of_after)]
        if len(values) < 2:
            group = "treated" if of_treated else "compared"
            raise UnmetAssumption(
                "effects.one_group" if not len(values) else "effects.too_few_rows",
                f"the {group} have {len(values)} rows {'after' if of_after else 'before'}",
                "give at least two units of both groups in both periods",
            )
        return CellMean(float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values))), len(values))

    return cell(True, True), cell(True, False), cell(False, True), cell(False, False)


def _told(
    parameters: TwoByTwo, cells: tuple[CellMean, CellMean, CellMean, CellMean], effect: Estimate, left_out: int
) -> TwoByTwoEffect:
    require_variation(effect.standard_error, np.asarray(parameters.outcome, dtype=np.float64))
    cautions = []
    if left_out:
        what = "rows" if parameters.unit is None else "units"
        cautions.append(Caution("effects.units_left_out", f"{left_out} {what} lack an outcome: left out"))
    return TwoByTwoEffect(
        effect=effect,
        treated_after=cells[0],
        treated_before=cells[1],
        compared_after=cells[2],
        compared_before=cells[3],
        left_out=left_out,
        explanation=Explanation(
            "effects.two_by_two",
            1,
            inputs_hash(
                *(np.asarray(parameters.outcome, dtype=np.float64), np.asarray(parameters.treated, dtype=np.float64)),
                *(np.asarray(parameters.after, dtype=np.float64), _column(parameters.unit)),
                {name: np.asarray(column, dtype=np.float64) for name, column in parameters.covariates.items()},
                *(parameters.adjustment, parameters.missing, parameters.level),
            ),
            (_PARALLEL,),
            tuple(cautions),
        ),
    )


def _column(values: ArrayLike | None) -> np.ndarray | None:
    return None if values is None else np.asarray(values)
