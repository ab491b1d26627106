"""How much each predictor counts in a synthetic control: chosen so that the outcome before treatment is followed best.

Source: Abadie and Gardeazabal, American Economic Review 93, 2003, appendix B; Abadie, Diamond and Hainmueller, Journal
of the American Statistical Association 105, 2010, section 2.3. The outer problem has kinks and many local minima: it
is searched from several starts by its gradient, which the conditions of the inner problem give.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ronghe.methods.effects.estimate import Floats
from ronghe.methods.effects.simplex import Nearest, nearest_in_hull

_WIDEST = 18.0
_FIRST_STEPS = 6
_STEPS = 60
_MORE_STARTS = 8
_FOLLOWED = 3
_SEED = 1
_GOOD_ENOUGH = 1.0001


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """Predictors of the donors (K, J) and of the treated (K,), outcomes before of the donors (T, J) and of it (T,)."""

    predictors: Floats
    treated_predictors: Floats
    outcomes: Floats
    treated_outcome: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """Importance of each predictor (K,), adding up to 1; weights of the donors (J,); mean squared error before."""

    importance: Floats
    weights: Floats
    loss: float


def weights_for(problem: Problem, importance: Floats, start: tuple[int, ...] = ()) -> Nearest:
    """The donors' weights that come nearest to the treated in predictors scaled by `importance`."""
    scaled = problem.predictors.T * importance
    return nearest_in_hull(scaled @ problem.predictors, scaled @ problem.treated_predictors, start)


def solution(problem: Problem, importance: Floats) -> Solution:
    """The weights for a given importance, and how well they follow the outcome before."""
    importance = importance / importance.sum()
    weights = weights_for(problem, importance).weights
    errors = problem.treated_outcome - problem.outcomes @ weights
    return Solution(importance, weights, float(errors @ errors) / len(errors))


def best_importance(problem: Problem) -> Solution:
    """Search the importance with the least mean squared error of the outcome before.

    Takes a few steps from every start and goes on from the best. Ends early where the error is all but that of the
    weights that follow the outcome without any predictor, which no importance can better.
    """
    from scipy.optimize import minimize

    search = _Search(problem)
    outcomes = problem.outcomes
    followed = nearest_in_hull(outcomes.T @ outcomes, outcomes.T @ problem.treated_outcome).weights
    enough = _GOOD_ENOUGH * search.loss(followed) + 1e-12

    def descend(start: Floats, steps: int) -> tuple[float, Floats]:
        found = minimize(
            search.loss_and_gradient,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(-_WIDEST, _WIDEST)] * len(start),
            options={"maxiter": steps},
        )
        return float(found.fun), found.x

    reached: list[tuple[float, Floats]] = []
    for start in _starts(problem):
        reached.append(descend(start, _FIRST_STEPS))
        if reached[-1][0] <= enough:
            break
    reached.sort(key=lambda point: point[0])
    best = reached[0]
    for _, start in reached[:_FOLLOWED]:
        if best[0] <= enough:
            break
        best = min(best, descend(start, _STEPS), key=lambda point: point[0])
    return solution(problem, np.exp(best[1]))


class _Search:
    """The outer loss of log-importances with its gradient; starts each inner problem from the last one's support."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem
        self._support: tuple[int, ...] = ()
        self._scale = max(float(problem.treated_outcome.var()), 1e-12)

    def loss(self, weights: Floats) -> float:
        """Mean squared error over the variance of the treated outcome."""
        errors = self._problem.treated_outcome - self._problem.outcomes @ weights
        return float(errors @ errors) / (len(errors) * self._scale)

    def loss_and_gradient(self, logarithms: Floats) -> tuple[float, Floats]:
        """The loss of the weights at these log-importances, and its gradient (K,).

        On a fixed support the weights solve [Q 1; 1' 0][w; λ] = [c; 1]; the adjoint of this system carries the loss's
        derivative from the weights back to each importance.
        """
        problem = self._problem
        importance = np.exp(logarithms)
        nearest = weights_for(problem, importance, self._support)
        self._support = nearest.support
        support = list(nearest.support)
        weights = nearest.weights[support]
        outcomes, predictors = problem.outcomes[:, support], problem.predictors[:, support]
        errors = problem.treated_outcome - outcomes @ weights
        scale = len(errors) * self._scale
        right = np.zeros(len(support) + 1)
        right[:-1] = -2 * (outcomes.T @ errors) / scale
        try:
            adjoint = np.linalg.solve(nearest.system, right)[:-1]
        except np.linalg.LinAlgError:
            adjoint = np.linalg.lstsq(nearest.system, right, rcond=None)[0][:-1]
        residuals = problem.treated_predictors - predictors @ weights
        return float(errors @ errors) / scale, (predictors @ adjoint) * residuals * importance


def _starts(problem: Problem) -> Iterator[Floats]:
    """Logarithms of: all alike, the squared coefficients of the outcomes on the predictors, and some by chance."""
    count = len(problem.treated_predictors)
    yield np.zeros(count)
    predictors = np.column_stack([problem.predictors, problem.treated_predictors])
    outcomes = np.column_stack([problem.outcomes, problem.treated_outcome])
    design = np.column_stack([np.ones(predictors.shape[1]), predictors.T])
    coefficients = np.linalg.lstsq(design, outcomes.T, rcond=None)[0][1:]
    squared = (coefficients**2).sum(axis=1)
    if squared.max() > 0:
        yield np.log(np.maximum(squared / squared.max(), 1e-7))
    generator = np.random.default_rng(_SEED)
    for _ in range(_MORE_STARTS):
        yield 2 * generator.standard_normal(count)
