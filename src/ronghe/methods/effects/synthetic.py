"""Synthetic control: a treated unit followed by weighted donors, judged by placebos; never more than suggestive.

Sources: Abadie and Gardeazabal, American Economic Review 93, 2003; Abadie, Diamond and Hainmueller, Journal of the
American Statistical Association 105, 2010 (weights, sections 2.2 and 2.3; inference by the ratio of errors after and
before over placebos, section 3.4).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ronghe.methods.effects.estimate import Floats, finite
from ronghe.methods.effects.importance import Problem, Solution, best_importance, solution
from ronghe.methods.effects.panel import Panel, wide
from ronghe.methods.effects.simplex import nearest_in_hull
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

_POOR_FIT = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticControl:
    """Outcomes (T, U), one column a unit, the column of the treated one, and how many rows lie before treatment.

    Without `predictors` the weights follow the outcome before treatment itself. With `predictors` (K, U) they follow
    these, each divided by its standard deviation over units; `importance` (K,) says how much each counts, None chooses
    it so that the outcome is followed best over the rows from `follow_from` to `before`. `placebos` treats each
    donor in turn.
    """

    outcome: Floats
    treated: int
    before: int
    names: Sequence[str] = ()
    predictors: Floats | None = None
    importance: Floats | None = None
    follow_from: int = 0
    placebos: bool = True

    @classmethod
    def of(cls, panel: Panel, *, placebos: bool = True) -> SyntheticControl:
        """The one treated unit of a panel and all others as donors; covariates count by their mean before."""
        laid_out = wide(panel)
        treated = np.flatnonzero(laid_out.start <= laid_out.period[-1])
        if len(treated) != 1:
            raise UnmetAssumption(
                "effects.not_one_treated",
                f"{len(treated)} units are treated",
                "give a panel with one treated unit, or use difference-in-differences",
            )
        before = int(np.searchsorted(laid_out.period, laid_out.start[treated[0]]))
        covariates = laid_out.covariates
        predictors = covariates[:, :before].mean(axis=1).T if covariates.shape[2] and before else None
        return cls(
            outcome=laid_out.outcome.T,
            treated=int(treated[0]),
            before=before,
            names=tuple(str(unit) for unit in laid_out.unit),
            predictors=predictors,
            placebos=placebos,
        )


@dataclass(frozen=True, slots=True)
class Placebo:
    """A unit's root mean squared error before and after, and the ratio of the two."""

    name: str
    before: float
    after: float
    ratio: float


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticControlEffect:
    """The gap between the treated unit and its synthetic control, in the outcome's unit.

    `gap` (T,), `synthetic` (T,); `effect` is the mean gap after. `weights` names donors with a positive weight,
    largest first; `importance` is None where the outcome itself was followed. `p_value` is the share of units, the
    treated among them, whose ratio is at least as large; None without placebos.
    """

    effect: float
    gap: Floats
    synthetic: Floats
    weights: tuple[tuple[str, float], ...]
    importance: tuple[float, ...] | None
    error: Placebo
    placebos: tuple[Placebo, ...]
    p_value: float | None
    explanation: Explanation


def synthetic_control(parameters: SyntheticControl) -> SyntheticControlEffect:
    """Weigh the donors, take the gap after treatment, and rank its ratio among the placebos.

    Raises `UnmetAssumption` with fewer than two donors or two periods before, without one after, and for predictors
    that are the same in all units.
    """
    outcome = finite("outcome", parameters.outcome, dimensions=2)
    names = _checked(parameters, outcome)
    predictors = None
    if parameters.predictors is not None:
        predictors = finite("predictors", parameters.predictors, dimensions=2)
        predictors = _scaled(predictors, outcome.shape[1])
    donors = [unit for unit in range(outcome.shape[1]) if unit != parameters.treated]
    found = _fit(parameters, outcome, predictors, parameters.treated, donors)
    synthetic = outcome[:, donors] @ found.weights
    gap = outcome[:, parameters.treated] - synthetic
    error = _error(names[parameters.treated], gap, parameters)
    placebos: tuple[Placebo, ...] = ()
    if parameters.placebos:
        placebos = tuple(_placebo(parameters, outcome, predictors, unit, donors, names) for unit in donors)
    order = np.argsort(-found.weights, kind="stable")
    return SyntheticControlEffect(
        effect=float(gap[parameters.before :].mean()),
        gap=gap,
        synthetic=synthetic,
        weights=tuple((names[donors[at]], float(found.weights[at])) for at in order if found.weights[at] > 0),
        importance=None if predictors is None else tuple(float(value) for value in found.importance),
        error=error,
        placebos=placebos,
        p_value=_rank(error, placebos) if placebos else None,
        explanation=Explanation(
            "effects.synthetic_control",
            1,
            inputs_hash(
                *(outcome, parameters.treated, parameters.before, tuple(names), parameters.predictors),
                *(parameters.importance, parameters.follow_from, parameters.placebos),
            ),
            (
                Assumption("effects.donors_untouched", None, "no donor was touched by the treatment of this unit"),
                Assumption("effects.no_anticipation", None, "nothing changed before the treatment began"),
            ),
            _cautions(parameters, outcome, error),
        ),
    )


def _checked(parameters: SyntheticControl, outcome: Floats) -> list[str]:
    periods, units = outcome.shape
    if units < 3 or not 0 <= parameters.treated < units:
        raise UnmetAssumption(
            "effects.one_group",
            f"there are {max(units - 1, 0)} donors for unit {parameters.treated}",
            "give one treated unit and at least two donors",
        )
    if parameters.before - parameters.follow_from < 2 or parameters.before >= periods:
        raise UnmetAssumption(
            "effects.empty_window",
            f"{parameters.before - parameters.follow_from} periods before and {periods - parameters.before} after",
            "give at least two periods before treatment and one after",
        )
    names = list(parameters.names) or [str(unit) for unit in range(units)]
    if len(names) != units:
        raise UnmetAssumption(
            "effects.unequal_columns", f"{len(names)} names for {units} units", "name every unit once"
        )
    return names


def _scaled(predictors: Floats, units: int) -> Floats:
    if predictors.shape[1] != units:
        raise UnmetAssumption(
            "effects.unequal_columns",
            f"predictors of {predictors.shape[1]} units for outcomes of {units}",
            "give one column of predictors a unit",
        )
    deviation = predictors.std(axis=1, ddof=1)
    if (deviation <= 1e-12 * np.abs(predictors).max(axis=1)).any():
        constant = int(np.argmin(deviation)) + 1
        raise UnmetAssumption(
            "effects.singular_design", f"predictor {constant} is the same in all units", "leave this predictor out"
        )
    return np.asarray(predictors / deviation[:, None])


def _fit(
    parameters: SyntheticControl, outcome: Floats, predictors: Floats | None, unit: int, donors: list[int]
) -> Solution:
    followed = outcome[parameters.follow_from : parameters.before]
    if predictors is None:
        matrix, own = followed[:, donors], followed[:, unit]
        # A common shift of all units changes no distance under Σw = 1, and keeps the squares small.
        centred = matrix - own[:, None]
        weights = nearest_in_hull(centred.T @ centred, np.zeros(len(donors))).weights
        errors = own - matrix @ weights
        return Solution(np.ones(len(own)) / len(own), weights, float(errors @ errors) / len(errors))
    problem = Problem(predictors[:, donors], predictors[:, unit], followed[:, donors], followed[:, unit])
    if parameters.importance is None:
        return best_importance(problem)
    importance = finite("importance", parameters.importance)
    if len(importance) != len(predictors) or (importance < 0).any() or not importance.any():
        raise UnmetAssumption(
            "effects.importance",
            f"{len(importance)} importances for {len(predictors)} predictors, or one below 0",
            "give each predictor an importance of at least 0",
        )
    return solution(problem, importance)


def _error(name: str, gap: Floats, parameters: SyntheticControl) -> Placebo:
    before = math.sqrt(float(np.mean(gap[parameters.follow_from : parameters.before] ** 2)))
    after = math.sqrt(float(np.mean(gap[parameters.before :] ** 2)))
    return Placebo(name, before, after, after / before if before > 0 else math.inf)


def _placebo(
    parameters: SyntheticControl,
    outcome: Floats,
    predictors: Floats | None,
    unit: int,
    donors: list[int],
    names: list[str],
) -> Placebo:
    """Treat a donor instead, with the other donors and without the unit that was really treated."""
    others = [donor for donor in donors if donor != unit]
    found = _fit(parameters, outcome, predictors, unit, others)
    return _error(names[unit], outcome[:, unit] - outcome[:, others] @ found.weights, parameters)


def _rank(error: Placebo, placebos: tuple[Placebo, ...]) -> float:
    reaching = sum(placebo.ratio >= error.ratio * (1 - 1e-9) for placebo in placebos)
    return (1 + reaching) / (1 + len(placebos))


def _cautions(parameters: SyntheticControl, outcome: Floats, error: Placebo) -> tuple[Caution, ...]:
    cautions = [Caution("effects.one_treated_unit", "one treated unit can suggest an effect, never verify it")]
    spread = float(outcome[parameters.follow_from : parameters.before, parameters.treated].std())
    if error.before > _POOR_FIT * spread:
        cautions.append(
            Caution("effects.poor_fit", f"the donors miss the unit by {error.before:.4g} a period before treatment")
        )
    return tuple(cautions)
