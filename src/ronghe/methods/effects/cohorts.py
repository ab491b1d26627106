"""Two concurrent cohorts of people compared, with the equivalence of their baselines and their attrition.

Not for change over time: that is difference-in-differences. Sources: What Works Clearinghouse, Procedures and
Standards Handbook 5.0, 2022, chapters 3 and 4 (0.05 and 0.25 standard deviations; Hedges' g; attrition boundary);
LaLonde 1986 and Dehejia and Wahba 1999 for the experiment that the example repeats.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from ronghe.methods.effects.estimate import Booleans, Estimate, Floats, checked_level, finite, flags, same_length
from ronghe.methods.effects.guards import Guard, Standing
from ronghe.methods.effects.two_period import adjusted_difference, welch
from ronghe.methods.explained import Assumption, Explanation, UnmetAssumption, inputs_hash

_FINE_BELOW = 0.05
_ADJUST_BELOW = 0.25


@dataclass(frozen=True, slots=True, eq=False)
class Cohorts:
    """One row a person: `outcome`, the flag `treated`, and measures taken before (`baseline`, each of equal length)."""

    outcome: ArrayLike
    treated: ArrayLike
    baseline: Mapping[str, ArrayLike] = field(default_factory=dict)
    level: float = 0.05


@dataclass(frozen=True, slots=True)
class BaselineDifference:
    """How far the treated stood from the compared before, in pooled standard deviations (Hedges' g)."""

    name: str
    difference: float
    standing: Standing


@dataclass(frozen=True, slots=True)
class CohortEffect:
    """The difference of the outcomes: plain, and adjusted for the baseline measures where there are any.

    `effect` is the one to report: the adjusted one where a baseline differs by more than 0.05 standard deviations.
    """

    effect: Estimate
    plain: Estimate
    adjusted: Estimate | None
    baseline: tuple[BaselineDifference, ...]
    treated: int
    compared: int
    explanation: Explanation

    @property
    def guard(self) -> Guard:
        """Baseline equivalence: the worst standing of all measures; unknown where none was given."""
        return equivalence_guard(self.baseline)


def compare_cohorts(parameters: Cohorts) -> CohortEffect:
    """Ȳ₁ − Ȳ₀ with unequal variances and Welch's t, and the regression on treatment and baseline with HC2 errors.

    Raises `UnmetAssumption` for fewer than two people in a cohort, missing values, or collinear baseline measures.
    """
    checked_level(parameters.level)
    outcome, treated = finite("outcome", parameters.outcome), flags("treated", parameters.treated)
    baseline = {name: finite(name, values) for name, values in parameters.baseline.items()}
    same_length(outcome=outcome, treated=treated, **baseline)
    _both_cohorts(treated)
    differences = tuple(
        baseline_difference(name, values[treated], values[~treated]) for name, values in baseline.items()
    )
    plain = welch(outcome[treated], outcome[~treated], parameters.level)
    adjusted = None
    if baseline:
        adjusted = adjusted_difference(outcome, treated, np.column_stack(list(baseline.values())), parameters.level)
    apart = any(difference.standing is not Standing.HOLDS for difference in differences)
    guard = equivalence_guard(differences)
    return CohortEffect(
        effect=adjusted if apart and adjusted is not None else plain,
        plain=plain,
        adjusted=adjusted,
        baseline=differences,
        treated=int(treated.sum()),
        compared=int((~treated).sum()),
        explanation=Explanation(
            "effects.compare_cohorts",
            1,
            inputs_hash(outcome, treated, baseline, parameters.level),
            (
                Assumption("effects.baseline_equivalence", _truth(guard.standing), guard.detail),
                Assumption("effects.same_time", None, "both cohorts lived through the same months"),
            ),
        ),
    )


def baseline_difference(name: str, treated: Floats, compared: Floats) -> BaselineDifference:
    """Hedges' g = ω·(x̄₁ − x̄₀)/s with pooled s and ω = 1 − 3/(4N − 9); up to 0.05 fine, to 0.25 adjust, above fails."""
    degrees = len(treated) + len(compared) - 2
    pooled = math.sqrt(
        ((len(treated) - 1) * float(treated.var(ddof=1)) + (len(compared) - 1) * float(compared.var(ddof=1))) / degrees
    )
    apart = float(treated.mean() - compared.mean())
    if pooled == 0:
        return BaselineDifference(name, math.copysign(math.inf, apart) if apart else 0.0, _standing(abs(apart) * 1e9))
    difference = (1 - 3 / (4 * (degrees + 2) - 9)) * apart / pooled
    return BaselineDifference(name, difference, _standing(abs(difference)))


def _standing(size: float) -> Standing:
    if size <= _FINE_BELOW:
        return Standing.HOLDS
    return Standing.WEAK if size <= _ADJUST_BELOW else Standing.FAILS


def equivalence_guard(differences: tuple[BaselineDifference, ...]) -> Guard:
    """The worst of the baseline differences as one guard."""
    if not differences:
        return Guard("effects.baseline_equivalence", Standing.UNKNOWN, "no measure from before was given")
    worst = max(differences, key=lambda difference: abs(difference.difference))
    return Guard(
        "effects.baseline_equivalence", worst.standing, f"{worst.name} differs by {worst.difference:.2f} SD before"
    )


def _truth(standing: Standing) -> bool | None:
    return {Standing.HOLDS: True, Standing.WEAK: True, Standing.FAILS: False, Standing.UNKNOWN: None}[standing]


def _both_cohorts(treated: Booleans) -> None:
    counts = int(treated.sum()), int((~treated).sum())
    if min(counts) < 2:
        raise UnmetAssumption(
            "effects.one_group" if min(counts) == 0 else "effects.too_few_rows",
            f"there are {counts[0]} treated and {counts[1]} compared",
            "give at least two people in each cohort",
        )
