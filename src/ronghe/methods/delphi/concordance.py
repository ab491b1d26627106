"""How far a panel agrees as a whole: Kendall's W with ties, and Krippendorff's alpha on four scales with gaps.

Neither decides on a round; that is what the criterion in `rounds` is for.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np

from ronghe.methods.delphi.ratings import Floats, Ratings
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.intervals import Ends, Resampling, Scale, Statistic, bootstrap

VERSION = 1
# Siegel and Castellan, Nonparametric Statistics for the Behavioral Sciences, 1988: chi-squared from eight items on.
_ITEMS_FOR_CHI_SQUARED = 8
_MOST_VALUES = 2000
_MOST_VALUES_RESAMPLED = 40
_ALPHA_RELIABLE, _ALPHA_TENTATIVE = 0.800, 0.667


@dataclass(frozen=True, slots=True)
class ConcordanceQuestion:
    """Ratings, or ranks, of the same items by every expert."""

    ratings: Ratings


@dataclass(frozen=True, slots=True)
class Concordance:
    """Kendall's W (0 no agreement, 1 all rank alike), its χ² with degrees of freedom, and the p-value.

    `uncorrected` is W without the correction for ties, `mean_ranks` the mean rank of each item, 1 the lowest rating.
    """

    w: float
    uncorrected: float
    chi_squared: float
    degrees: int
    p: float
    mean_ranks: tuple[float, ...]
    experts: int
    items: int
    explanation: Explanation


def kendalls_w(question: ConcordanceQuestion) -> Concordance:
    """Kendall's coefficient of concordance of m experts on n items, corrected for ties.

    W = 12 S / (m² (n³ − n) − m Σ T), with S the sum of squared deviations of the items' rank sums and T = Σ (t³ − t)
    over the groups of t tied ranks of one expert; χ² = m (n − 1) W with n − 1 degrees of freedom. Kendall and Babington
    Smith, Annals of Mathematical Statistics 10, 1939; Siegel and Castellan 1988, section 9.8.

    Raises `UnmetAssumption` for missing answers, fewer than two experts or items, and experts who all tie everything.
    """
    ratings = question.ratings
    values = ratings.values
    experts, items = values.shape
    if experts < 2 or items < 2:
        raise UnmetAssumption(
            "delphi.concordance_size",
            f"there are {experts} expert(s) and {items} item(s)",
            "concordance needs at least two of each",
        )
    gaps = np.argwhere(np.isnan(values))
    if len(gaps):
        expert, item = gaps[0]
        raise UnmetAssumption(
            "delphi.complete_ranks",
            f"{len(gaps)} answers are missing, the first of {ratings.experts[expert]} on “{ratings.items[item]}”",
            "leave out the experts or the items with gaps, or use Krippendorff's alpha",
        )
    ranks, ties = _ranks(values)
    sums = ranks.sum(axis=0)
    square = float(((sums - sums.mean()) ** 2).sum())
    without_ties = experts**2 * (items**3 - items)
    denominator = without_ties - experts * ties
    if denominator <= 0:
        raise UnmetAssumption(
            "delphi.distinct_ranks",
            "every expert gave all items the same answer",
            "ask for a ranking, or use a finer scale",
        )
    w = 12 * square / denominator
    chi_squared = experts * (items - 1) * w
    from scipy import special

    warnings = []
    if items < _ITEMS_FOR_CHI_SQUARED:
        text = f"χ² is rough for {items} items; below {_ITEMS_FOR_CHI_SQUARED} its p-value is only a guide."
        warnings.append(Caution("delphi.rough_p", text))
    return Concordance(
        w=w,
        uncorrected=12 * square / without_ties,
        chi_squared=chi_squared,
        degrees=items - 1,
        p=float(special.chdtrc(items - 1, chi_squared)),
        mean_ranks=tuple((sums / experts).tolist()),
        experts=experts,
        items=items,
        explanation=Explanation(
            "delphi.kendalls_w",
            VERSION,
            inputs_hash(question),
            (
                Assumption("delphi.complete_ranks", True, f"all {experts} experts rated all {items} items"),
                Assumption("delphi.independent_experts", None, "experts answered without knowing each other's answers"),
                Assumption(
                    "delphi.many_items",
                    items >= _ITEMS_FOR_CHI_SQUARED,
                    f"{items} items; χ² needs {_ITEMS_FOR_CHI_SQUARED}",
                ),
            ),
            tuple(warnings),
        ),
    )


def _ranks(values: Floats) -> tuple[Floats, float]:
    """Mid-ranks within each row, and Σ (t³ − t) over all groups of ties."""
    ranks = np.empty_like(values)
    ties = 0.0
    for row, given in enumerate(values):
        _, which, counts = np.unique(given, return_inverse=True, return_counts=True)
        last = np.cumsum(counts)
        ranks[row] = (last - (counts - 1) / 2)[which]
        ties += float((counts.astype(np.float64) ** 3 - counts).sum())
    return ranks, ties


class Level(Enum):
    """What differences between answers mean: none but equal or not, order, distance, or proportion."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"
    RATIO = "ratio"


@dataclass(frozen=True, slots=True)
class ReliabilityQuestion:
    """Ratings with or without gaps, and what their scale means.

    The interval draws items anew (`replicates` times, with `seed`).
    """

    ratings: Ratings
    level: Level = Level.ORDINAL
    confidence: float = 0.95
    replicates: int = 2000
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Reliability:
    """Krippendorff's alpha: 1 perfect agreement, 0 that of chance. `low` and `high` are None where nothing can be said.

    `pairable` counts the answers to items that at least two experts answered; no others enter.
    """

    alpha: float
    low: float | None
    high: float | None
    confidence: float
    level: Level
    observed: float
    expected: float
    pairable: int
    units: int
    explanation: Explanation


def krippendorffs_alpha(question: ReliabilityQuestion) -> Reliability:
    """α = 1 − D_o / D_e over pairable answers (Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011).

    With n_uc answers c to unit u, m_u of them, n in all: D_o = (1/n) Σ_u Σ_ck n_uc n_uk δ²_ck / (m_u − 1) and
    D_e = Σ_ck n_c n_k δ²_ck / (n (n − 1)). δ² is 1 for different answers (nominal), the square of the difference of
    mid-ranks among all answers (ordinal), of the difference (interval), or of (c − k) / (c + k) (ratio).

    The interval is a studentised bootstrap over items on log(1 − α), or its percentiles where too few items show any
    disagreement; mid-ranks stay those of all answers. Raises `UnmetAssumption` when no item has two answers,
    when all answers are equal, when answers on a ratio scale are negative, and for more than 2,000 different answers.
    """
    values, counts = _pairable(question)
    marginals = counts.sum(axis=0)
    total = float(marginals.sum())
    if len(values) < 2:
        raise UnmetAssumption(
            "delphi.variation",
            f"all {total:.0f} answers to items with two or more are {values[0]:g}",
            "without any variation agreement cannot be told from a habit; add items that differ",
        )
    distance = _squared_distances(values, marginals, question.level)
    sizes = counts.sum(axis=1)
    disagreement = np.einsum("uc,ck,uk->u", counts, distance, counts, optimize=True) / (sizes - 1)
    observed = float(disagreement.sum()) / total
    expected = float(marginals @ distance @ marginals) / (total * (total - 1))
    low, high, cautions = _interval(question, values, counts, disagreement, distance)
    alpha = 1 - observed / expected
    return Reliability(
        alpha=alpha,
        low=low,
        high=high,
        confidence=question.confidence,
        level=question.level,
        observed=observed,
        expected=expected,
        pairable=int(total),
        units=len(counts),
        explanation=Explanation(
            "delphi.krippendorffs_alpha",
            VERSION,
            inputs_hash(question),
            (
                Assumption("delphi.independent_experts", None, "experts answered without knowing each other's answers"),
                Assumption(
                    "delphi.reliable",
                    alpha >= _ALPHA_RELIABLE,
                    f"α = {alpha:.3f}; {_ALPHA_RELIABLE:.3f} is asked for, {_ALPHA_TENTATIVE} to conclude tentatively",
                ),
            ),
            cautions,
        ),
    )


def _pairable(question: ReliabilityQuestion) -> tuple[Floats, Floats]:
    """The different answers in order, (v,), and how often each was given to each unit with two or more, (units, v)."""
    given = question.ratings.values
    answered = ~np.isnan(given)
    given = given[:, answered.sum(axis=0) >= 2]
    if not given.size:
        raise UnmetAssumption(
            "delphi.pairable", "no item was answered by two experts", "let at least two experts answer the same items"
        )
    if question.level is Level.RATIO and np.nanmin(given) < 0:
        raise UnmetAssumption(
            "delphi.ratio_scale", f"the answer {np.nanmin(given):g} is negative", "use the interval scale"
        )
    present = ~np.isnan(given)
    values, which = np.unique(given[present], return_inverse=True)
    if len(values) > _MOST_VALUES:
        raise UnmetAssumption(
            "delphi.many_values",
            f"there are {len(values):,} different answers",
            f"round them to {_MOST_VALUES:,} or fewer",
        )
    unit = np.nonzero(present)[1]
    cells = np.bincount(unit * len(values) + which, minlength=given.shape[1] * len(values))
    return values, cells.reshape(given.shape[1], len(values)).astype(np.float64)


def _places(values: Floats, marginals: Floats, level: Level) -> Floats:
    """Where the answers stand: at their mid-ranks among all answers on an ordinal scale, else at their values."""
    return np.cumsum(marginals) - marginals / 2 if level is Level.ORDINAL else values


def _squared_distances(values: Floats, marginals: Floats, level: Level) -> Floats:
    if level is Level.NOMINAL:
        return np.asarray(1.0 - np.eye(len(values)))
    places = _places(values, marginals, level)
    difference = places[:, None] - places[None]
    if level is Level.RATIO:
        sums = places[:, None] + places[None]
        difference = np.divide(difference, sums, out=np.zeros_like(sums), where=sums > 0)
    return np.asarray(difference**2)


def _interval(
    question: ReliabilityQuestion, values: Floats, counts: Floats, disagreement: Floats, distance: Floats
) -> tuple[float | None, float | None, tuple[Caution, ...]]:
    """The ends of the interval of alpha, from the ratio D_o / D_e resampled by units."""
    if not disagreement.any():
        return _none("All pairs agree; the interval cannot show how rare disagreement is.")
    function: Callable[[Floats], Floats]
    if question.level in (Level.ORDINAL, Level.INTERVAL):
        # Squared differences need only sums and sums of squares, however many different answers there are.
        places = _places(values, counts.sum(axis=0), question.level)
        places = places - places.mean()
        columns = np.column_stack([disagreement, counts.sum(axis=1), counts @ places, counts @ places**2])

        def function(totals: Floats) -> Floats:
            total = totals[..., 1]
            expected = 2 * (total * totals[..., 3] - totals[..., 2] ** 2)
            return np.asarray(totals[..., 0] * (total - 1) / expected)
    elif len(values) <= _MOST_VALUES_RESAMPLED:
        columns = np.column_stack([disagreement, counts])

        def function(totals: Floats) -> Floats:
            drawn = totals[..., 1:]
            expected = np.einsum("...c,ck,...k->...", drawn, distance, drawn)
            return np.asarray(totals[..., 0] * (drawn.sum(axis=-1) - 1) / expected)
    else:
        return _none(f"No interval is computed for {len(values)} different answers on this scale.")
    statistic = Statistic("krippendorff disagreement", VERSION, function, Scale.LOG, lowest=0.0)
    cautions: tuple[Caution, ...] = ()
    for ends in (Ends.STUDENTISED, Ends.PERCENTILE):
        drawn = bootstrap(
            Resampling(
                (columns,),
                statistic,
                ends,
                confidence=question.confidence,
                replicates=question.replicates,
                seed=question.seed,
            )
        ).estimate
        if drawn.low is None or drawn.high is None:
            return _none(f"{len(counts)} items are too few for an interval.")
        low, high = 1 - drawn.high, 1 - drawn.low
        if math.isfinite(low) and math.isfinite(high):
            return low, high, cautions
        rough = "So few items show disagreement that the interval may be too short."
        cautions = (Caution("delphi.rough_interval", rough),)
    return _none("So few items show disagreement that no interval can be given.")


def _none(text: str) -> tuple[None, None, tuple[Caution, ...]]:
    return None, None, (Caution("delphi.no_interval", text),)
