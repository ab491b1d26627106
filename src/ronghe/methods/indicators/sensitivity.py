"""The same communities scored in other ways, and what happens to the order when one community is left out.

The index is `index`; what stands here is shown beside it and decides nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.explained import Caution, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.indicators.decision import (
    DecisionMatrix,
    Normalisation,
    critic_weights,
    entropy_weights,
    ranks_of,
    topsis,
    vikor,
    weighted_sum,
)
from ronghe.methods.indicators.definitions import VERSION, Floats, Goalpost, normalise
from ronghe.methods.indicators.index import IndexInputs, check, geometric_mean

# The jackknife compares all pairs of communities once for each that is left out.
MOST_COMPARED = 300


class Scoring(Enum):
    """A way from indicator values to one score a community; the first is the index, the others are beside it."""

    GEOMETRIC = "goalposts, geometric mean"
    ARITHMETIC = "goalposts, arithmetic mean"
    MIN_MAX = "min-max"
    Z_SCORE = "z-score"
    ENTROPY = "entropy weights"
    CRITIC = "CRITIC weights"
    TOPSIS = "TOPSIS"
    VIKOR = "VIKOR"


@dataclass(frozen=True, slots=True)
class SensitivityView:
    """Scores and ranks under one scoring; how far ranks lie from the index's, and what leaving one out does.

    `kendall_tau` (τ-b) compares the order with the index's. `runs_changed` counts the communities whose removal turns
    the order of others, of `runs` removals that leave something to score; `largest_move` is the most places that any
    community then moves.
    """

    scoring: Scoring
    scores: Floats
    ranks: NDArray[np.int64]
    kendall_tau: float
    largest_shift: int
    runs: int
    runs_changed: int
    largest_move: int


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """One view a scoring that could be computed, for the communities that have every indicator."""

    communities: tuple[str, ...]
    views: tuple[SensitivityView, ...]
    explanation: Explanation


def sensitivity(given: IndexInputs, scorings: tuple[Scoring, ...] = tuple(Scoring)) -> Sensitivity:
    """Return each scoring of the complete communities, its distance from the index, and its leave-one-out jackknife.

    Raises as `index`, also for more than 300 communities. A scoring that the values do not allow (no column varies) is
    left out with a caution.
    """
    data = check(given)
    if len(data.values) > MOST_COMPARED:
        raise UnmetAssumption(
            "indicators.too_many", f"{len(data.values):,} communities", f"compare at most {MOST_COMPARED:,} at a time"
        )
    complete = np.flatnonzero(~np.isnan(data.values).any(axis=1))
    if len(complete) < 2:
        raise UnmetAssumption("indicators.no_data", "fewer than two complete communities", "give at least two")
    values, goalposts = data.values[complete], tuple(given.goalposts)
    main = ranks_of(score(values, data.weights, goalposts, Scoring.GEOMETRIC))
    views, cautions = [], []
    for scoring in scorings:
        try:
            scores = score(values, data.weights, goalposts, scoring)
            runs, changed, move = _jackknife(values, data.weights, goalposts, scoring, scores)
        except UnmetAssumption as refusal:
            cautions.append(Caution("indicators.view_left_out", f"{scoring.value}: {refusal.found}"))
            continue
        ranks = ranks_of(scores)
        shift = int(np.abs(ranks - main).max())
        views.append(SensitivityView(scoring, scores, ranks, kendall_tau(main, ranks), shift, runs, changed, move))
    return Sensitivity(
        tuple(given.communities[int(row)] for row in complete),
        tuple(views),
        Explanation(
            "indicators.sensitivity",
            VERSION,
            inputs_hash(values, data.weights, goalposts, scorings),
            warnings=tuple(cautions),
        ),
    )


def score(values: Floats, weights: Floats, goalposts: tuple[Goalpost, ...], scoring: Scoring) -> Floats:
    """Return one score a community, higher is better, (communities,). `values` (communities, indicators) has no NaN.

    Entropy and CRITIC replace the weights only; min-max, z-score, TOPSIS and VIKOR replace goalposts and mean.
    """
    toward = tuple(goalpost.high is None or goalpost.high > goalpost.low for goalpost in goalposts)
    match scoring:
        case Scoring.GEOMETRIC:
            return geometric_mean(normalise(values, goalposts), weights)
        case Scoring.ARITHMETIC:
            return np.asarray(normalise(values, goalposts) @ weights, dtype=np.float64)
        case Scoring.ENTROPY | Scoring.CRITIC:
            z = normalise(values, goalposts)
            weigh = entropy_weights if scoring is Scoring.ENTROPY else critic_weights
            return geometric_mean(z, weigh(DecisionMatrix(z)).weights)
        case Scoring.MIN_MAX | Scoring.Z_SCORE:
            kind = Normalisation.MIN_MAX if scoring is Scoring.MIN_MAX else Normalisation.Z_SCORE
            return weighted_sum(DecisionMatrix(values, weights.tolist(), toward), kind).scores
        case Scoring.TOPSIS:
            return topsis(DecisionMatrix(values, weights.tolist(), toward)).scores
        case Scoring.VIKOR:
            return -vikor(DecisionMatrix(values, weights.tolist(), toward)).q


def order_changed(before: Floats, after: Floats) -> bool:
    """Return whether two communities stand in opposite orders in two scorings of the same communities."""
    first, second = ranks_of(before), ranks_of(after)
    turned = np.sign(first[:, None] - first) * np.sign(second[:, None] - second)
    return bool((turned < 0).any())


def kendall_tau(left: NDArray[np.int64], right: NDArray[np.int64]) -> float:
    """Return τ-b of two rankings; 1 when both have no order at all, 0 when only one has."""
    upper = np.triu_indices(len(left), 1)
    one, other = (np.sign(ranks[:, None] - ranks)[upper].astype(np.float64) for ranks in (left, right))
    scale = np.sqrt((one**2).sum() * (other**2).sum())
    return float((one * other).sum() / scale) if scale else float(not (one.any() or other.any()))


def _jackknife(
    values: Floats, weights: Floats, goalposts: tuple[Goalpost, ...], scoring: Scoring, scores: Floats
) -> tuple[int, int, int]:
    runs, changed, move = 0, 0, 0
    for left_out in range(len(values) if len(values) > 2 else 0):
        kept = np.arange(len(values)) != left_out
        try:
            after = score(values[kept], weights, goalposts, scoring)
        except UnmetAssumption:
            # Without this community nothing tells the others apart: a run that counts for neither side.
            continue
        runs += 1
        changed += order_changed(scores[kept], after)
        move = max(move, int(np.abs(ranks_of(scores[kept]) - ranks_of(after)).max()))
    return runs, changed, move
