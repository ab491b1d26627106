"""Weights of a panel of experts: the geometric mean of their judgments, with an interval over experts.

A group's consistency ratio proves nothing, since averaging hides contradiction, and is not given; each expert's is.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.ahp.completion import Floats, complete, least_squares_weights
from ronghe.methods.ahp.judgments import Comparisons, Judgment, components_of, missing_pairs, require_connected
from ronghe.methods.ahp.priorities import (
    MOST_INCONSISTENT,
    Priorities,
    PriorityQuestion,
    priorities,
    scale_assumption,
)
from ronghe.methods.ahp.random_index import SIMULATED, RandomIndexTable
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

VERSION = 1
FEWEST_EXPERTS = 5
# Importances so unequal that fewer than three experts' worth remain leave nothing to draw from.
_FEWEST_EFFECTIVE = 3.0
# Where most drawn panels fall apart, those that do not are no fair sample of what other experts would have said.
_MOST_LOST = 0.5


@dataclass(frozen=True, slots=True)
class PanelQuestion:
    """The experts' judgments of the same items, in any order, and how to draw the interval.

    `experts` are their names (or anything that tells them apart), `importance` their weights (authority), equal unless
    given. `confidence` is that of the interval, from `replicates` bootstrap panels drawn with `seed`.
    """

    comparisons: tuple[Comparisons, ...]
    experts: tuple[str, ...] = ()
    importance: tuple[float, ...] = ()
    confidence: float = 0.95
    replicates: int = 2000
    seed: int = 1
    random_index: RandomIndexTable = field(default=SIMULATED)
    most_inconsistent: float = MOST_INCONSISTENT


@dataclass(frozen=True, slots=True)
class PanelPriorities:
    """A panel's weights in the order of `items`, with the interval of each.

    There is none for fewer than five experts, nor where most panels drawn from them would leave items unrelated.
    `judgments` is the geometric mean of the panel for each pair that anybody judged. `individual` holds each expert's
    own weights, in the order of `experts`; None for one whose own judgments do not relate all items.
    """

    items: tuple[str, ...]
    weights: tuple[float, ...]
    low: tuple[float, ...] | None
    high: tuple[float, ...] | None
    confidence: float
    least_squares: tuple[float, ...]
    judgments: tuple[Judgment, ...]
    experts: tuple[str, ...]
    individual: tuple[Priorities | None, ...]
    explanation: Explanation

    @property
    def by_item(self) -> dict[str, float]:
        """The panel's weights by item."""
        return dict(zip(self.items, self.weights, strict=True))


def panel_priorities(question: PanelQuestion) -> PanelPriorities:
    """Weights by the geometric mean of the experts' judgments of each pair (Aczél and Saaty 1983).

    A pair's mean is taken over the experts who judged it, weighted by `importance`; pairs that nobody judged are
    completed as for one expert. The interval of a weight w is logit w ± t √(n/(n−1)) s*, carried back, with s* the
    standard deviation of logit w over panels of as many experts drawn with replacement and t Student's for n − 1
    degrees of freedom (n = (Σ g)² / Σ g² for importances g): percentiles would be too narrow for the small panels of
    practice (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 12).

    Raises `UnmetAssumption` when there is no expert, when experts judged different items, when two have one name, when
    an importance is not positive, when the options allow no interval, and when the panel's comparisons leave items
    unrelated.
    """
    names, importance = _checked(question)
    items = question.comparisons[0].items
    stack = np.stack([_in_order(one, items).logarithms() for one in question.comparisons])
    judged = ~np.isnan(stack)
    mean = _mean(np.where(judged, stack, 0.0), judged, importance[None])[0]
    require_connected(items, mean)
    known = ~np.isnan(mean)
    filled = np.where(known, mean, 0.0)[None]
    found = complete(filled, missing_pairs(mean))
    individual = tuple(_individual(one, question) for one in question.comparisons)
    low, high, lost = _interval(question, found.weights[0], stack, judged, importance)
    upper = np.argwhere(np.triu(known, 1))
    return PanelPriorities(
        items=items,
        weights=tuple(found.weights[0].tolist()),
        low=low,
        high=high,
        confidence=question.confidence,
        least_squares=tuple(least_squares_weights(filled, known)[0].tolist()),
        judgments=tuple(Judgment(items[i], items[j], math.exp(mean[i, j])) for i, j in upper),
        experts=names,
        individual=individual,
        explanation=_explanation(question, names, importance, individual, stack, lost),
    )


def _checked(question: PanelQuestion) -> tuple[tuple[str, ...], Floats]:
    count = len(question.comparisons)
    if not count:
        raise UnmetAssumption("ahp.experts", "no expert has judged anything", "give at least one expert's judgments")
    names = question.experts or tuple(str(number) for number in range(1, count + 1))
    importance = np.array(question.importance or (1.0,) * count, dtype=np.float64)
    if len(names) != count or len(importance) != count:
        raise UnmetAssumption(
            "ahp.experts",
            f"{count} experts' judgments come with {len(names)} names and {len(importance)} importances",
            "give one name and one importance for each expert, or none at all",
        )
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise UnmetAssumption(
            "ahp.distinct_experts", f"{', '.join(repeated)} answers more than once", "keep one answer of each expert"
        )
    wrong = [name for name, value in zip(names, importance, strict=True) if not (0 < value < math.inf)]
    if wrong:
        raise UnmetAssumption(
            "ahp.positive_importance", f"the importance of {', '.join(wrong)} is not a positive number", "correct it"
        )
    if question.replicates < 2 or not 0 < question.confidence < 1:
        raise UnmetAssumption(
            "ahp.interval",
            f"a {question.confidence:g} interval from {question.replicates} drawn panels",
            "ask for a confidence between 0 and 1 from at least two panels, such as 0.95 from 2,000",
        )
    items = set(question.comparisons[0].items)
    for name, one in zip(names, question.comparisons, strict=True):
        if set(one.items) != items:
            differing = ", ".join(sorted(items ^ set(one.items)))
            raise UnmetAssumption(
                "ahp.same_items", f"{name} and {names[0]} judged different items ({differing})", "use the same items"
            )
    return names, importance


def _in_order(comparisons: Comparisons, items: tuple[str, ...]) -> Comparisons:
    return comparisons if comparisons.items == items else Comparisons(items, comparisons.judgments)


def _mean(logarithms: Floats, judged: NDArray[np.bool_], importance: Floats) -> Floats:
    """Weighted means (replicates, n, n) over experts who judged a pair; NaN where none did. `importance` is (r, e)."""
    count, size = judged.shape[:2]
    total = importance @ judged.reshape(count, -1).astype(np.float64)
    sums = importance @ (logarithms * judged).reshape(count, -1)
    means = np.divide(sums, total, out=np.full_like(sums, np.nan), where=total > 0)
    return means.reshape(-1, size, size)


def _individual(comparisons: Comparisons, question: PanelQuestion) -> Priorities | None:
    try:
        return priorities(PriorityQuestion(comparisons, question.random_index, question.most_inconsistent))
    except UnmetAssumption:
        return None


def _interval(
    question: PanelQuestion, weights: Floats, stack: Floats, judged: NDArray[np.bool_], importance: Floats
) -> tuple[tuple[float, ...] | None, tuple[float, ...] | None, float]:
    """Lower and upper ends, and the share of drawn panels that left items unrelated and were passed over."""
    count = len(stack)
    if count < FEWEST_EXPERTS or effective_number(importance) < _FEWEST_EFFECTIVE:
        return None, None, 0.0
    generator = np.random.default_rng(question.seed)
    draws = generator.multinomial(count, np.full(count, 1 / count), question.replicates)
    means = _mean(np.where(judged, stack, 0.0), judged, draws * importance)
    drawn = _weights_of_all(means)
    lost = 1 - len(drawn) / question.replicates
    if lost > _MOST_LOST:
        return None, None, lost
    half = _student_t(1 - question.confidence, effective_number(importance)) * _logit(drawn).std(axis=0, ddof=1)
    low, high = (1 / (1 + np.exp(-(_logit(weights) + side * half))) for side in (-1, 1))
    return tuple(low.tolist()), tuple(high.tolist()), lost


def effective_number(importance: Floats) -> float:
    """How many equally important experts the importances are worth: (Σ g)² / Σ g² (Kish)."""
    return float(importance.sum() ** 2 / (importance**2).sum())


def _logit(weights: Floats) -> Floats:
    return np.log(weights) - np.log1p(-weights)


def _student_t(alpha: float, count: float) -> float:
    """The quantile of Student's t for `count` observations, widened for a bootstrap's too small standard error."""
    from scipy import special

    return float(special.stdtrit(count - 1, 1 - alpha / 2) * math.sqrt(count / (count - 1)))


def _weights_of_all(means: Floats) -> Floats:
    """Weights of each matrix whose known pairs connect all items; those with the same gaps are completed together."""
    gaps = np.isnan(means)
    patterns, which = np.unique(gaps.reshape(len(gaps), -1), axis=0, return_inverse=True)
    size = means.shape[1]
    found = [np.empty((0, size))]
    for number, pattern in enumerate(patterns):
        gap = pattern.reshape(size, size)
        if len(components_of(~gap)) == 1:
            alike = np.where(gap, 0.0, means[which == number])
            found.append(complete(alike, np.argwhere(np.triu(gap, 1))).weights)
    return np.concatenate(found)


def _explanation(
    question: PanelQuestion,
    names: Sequence[str],
    importance: Floats,
    individual: Sequence[Priorities | None],
    stack: Floats,
    lost: float,
) -> Explanation:
    limit = question.most_inconsistent
    doubtful = [
        name
        for name, one in zip(names, individual, strict=True)
        if one is not None and one.consistency_ratio is not None and one.consistency_ratio >= limit
    ]
    unrelated = [name for name, one in zip(names, individual, strict=True) if one is None]
    count = len(names)
    assumptions = (
        Assumption("ahp.connected", True, "the panel's comparisons relate all items"),
        scale_assumption(stack),
        Assumption(
            "ahp.consistent",
            not doubtful,
            f"{count - len(doubtful)} of {count} experts have CR < {limit:g} or too few judgments to tell",
        ),
        Assumption(
            "ahp.enough_experts", count >= FEWEST_EXPERTS, f"{count} experts; an interval needs {FEWEST_EXPERTS}"
        ),
    )
    warnings = []
    if doubtful:
        warnings.append(
            Caution("ahp.inconsistent", f"Show {', '.join(doubtful)} the worst triad: CR is {limit:g} or more.")
        )
    if unrelated:
        warnings.append(
            Caution("ahp.unrelated", f"The judgments of {', '.join(unrelated)} relate only some items; they count.")
        )
    if count < FEWEST_EXPERTS:
        warnings.append(Caution("ahp.no_interval", f"Fewer than {FEWEST_EXPERTS} experts: no interval can be given."))
    elif effective_number(importance) < _FEWEST_EFFECTIVE:
        worth = f"{effective_number(importance):.1f}"
        warnings.append(Caution("ahp.no_interval", f"The importances are worth {worth} experts: no interval is given."))
    if lost > _MOST_LOST:
        warnings.append(
            Caution("ahp.no_interval", f"{lost:.0%} of the drawn panels left items unrelated: ask each for more pairs.")
        )
    elif lost > 0:
        warnings.append(
            Caution("ahp.lost_replicates", f"{lost:.1%} of the drawn panels left items unrelated and were passed over.")
        )
    given = inputs_hash(
        question.comparisons,
        question.experts,
        question.importance,
        (question.confidence, question.replicates, question.seed, question.random_index.name, limit),
    )
    return Explanation("ahp.panel_priorities", VERSION, given, assumptions, tuple(warnings))
