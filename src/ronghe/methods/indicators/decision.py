"""Ways of ranking a table of alternatives by criteria whose answer depends on all alternatives in the table.

TOPSIS, VIKOR, entropy and CRITIC weights, sums of normalised columns, Borda and Condorcet. They serve as sensitivity
views only: adding an alternative may turn the order of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

Floats = NDArray[np.float64]

# Kemeny's order is found over all subsets: 2^n of them.
MOST_RANKED_EXACTLY = 16


class Normalisation(Enum):
    """How a column is made comparable: ÷ its norm, sum or maximum; to 0 … 1 by its range; to mean 0 and spread 1."""

    VECTOR = "vector"
    SUM = "sum"
    MAXIMUM = "maximum"
    MIN_MAX = "min-max"
    Z_SCORE = "z-score"


@dataclass(frozen=True, slots=True)
class DecisionMatrix:
    """`values` (alternatives, criteria); `maximise` true where more is better (all, if not given); weights add up to
    whatever they do and are scaled to 1 (equal, if not given)."""

    values: ArrayLike
    weights: Sequence[float] | None = None
    maximise: Sequence[bool] | None = None
    alternatives: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Scores (alternatives,), higher is better, with ranks, 1 the best; equal scores share the better rank."""

    alternatives: tuple[str, ...]
    scores: Floats
    ranks: NDArray[np.int64]
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the criteria, (criteria,), that add up to 1."""

    weights: Floats
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Compromise:
    """VIKOR: group utility S, individual regret R and Q (all lower is better), and the compromise set by Q.

    `advantage` and `stability` say whether the first alternative stands alone: Q leads by 1/(m − 1), and it is also
    first by S or R.
    """

    alternatives: tuple[str, ...]
    utility: Floats
    regret: Floats
    q: Floats
    ranks: NDArray[np.int64]
    compromise: tuple[str, ...]
    advantage: bool
    stability: bool
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Profile:
    """How many voters (or what weight) hold each order; an order names all alternatives, best first."""

    counts: Sequence[float]
    orders: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Condorcet:
    """`support[i, j]`: the weight of voters who put alternative i before j; the order that most of it agrees with.

    `winner` beats every other in a majority, or is None.
    """

    alternatives: tuple[str, ...]
    support: Floats
    order: tuple[str, ...]
    agreement: float
    winner: str | None
    explanation: Explanation


def weighted_sum(given: DecisionMatrix, normalisation: Normalisation) -> Ranking:
    """Return Σ w · normalised value; sum and maximum give AHP's distributive and ideal modes on ratio scores.

    A column to be minimised enters with its sign turned, or, under sum and maximum, as its reciprocal. Sources:
    OECD/JRC Handbook on Constructing Composite Indicators, 2008, 5.1–5.3; Belton and Gear, Omega 11 (1983) 228–230.
    """
    values, weights, maximise, names = _checked(given)
    if normalisation in (Normalisation.SUM, Normalisation.MAXIMUM) and not maximise.all():
        if (values[:, ~maximise] <= 0).any():
            raise UnmetAssumption(
                "decision.not_positive", "a column to be minimised holds 0 or less", "normalise by min-max instead"
            )
        values = np.where(maximise, values, 1.0 / np.where(maximise, 1.0, values))
        maximise = np.ones_like(maximise)
    scores = _normalised(values, maximise, normalisation) @ weights
    return _ranking("decision.weighted_sum", names, scores, given, (normalisation,))


def topsis(given: DecisionMatrix, normalisation: Normalisation = Normalisation.VECTOR) -> Ranking:
    """Return closeness d⁻ / (d⁺ + d⁻) to the best and worst values found, in weighted normalised columns.

    Source: Hwang and Yoon, Multiple Attribute Decision Making, 1981, who divide by the norm of the column. Raises
    `UnmetAssumption` `decision.all_alike` when no column tells alternatives apart.
    """
    values, weights, maximise, names = _checked(given)
    weighted = _normalised(values, maximise, normalisation) * weights
    best, worst = weighted.max(axis=0), weighted.min(axis=0)
    to_best = np.sqrt(((weighted - best) ** 2).sum(axis=1))
    to_worst = np.sqrt(((weighted - worst) ** 2).sum(axis=1))
    if not (to_best + to_worst).any():
        raise UnmetAssumption("decision.all_alike", "all alternatives are alike", "there is nothing to rank")
    return _ranking("decision.topsis", names, to_worst / (to_best + to_worst), given, (normalisation,))


def vikor(given: DecisionMatrix, majority: float = 0.5) -> Compromise:
    """Return VIKOR's S = Σ w r, R = max w r with r = (f* − f)/(f* − f⁻), and Q between their best and worst.

    Q = v (S − S*)/(S⁻ − S*) + (1 − v)(R − R*)/(R⁻ − R*), v = `majority`. Source: Opricovic and Tzeng, European Journal
    of Operational Research 156 (2004) 445–455. Raises `UnmetAssumption` `decision.majority`.
    """
    if not 0.0 <= majority <= 1.0:
        raise UnmetAssumption("decision.majority", f"v is {majority}", "give a number from 0 to 1")
    values, weights, maximise, names = _checked(given)
    distance = (1.0 - _normalised(values, maximise, Normalisation.MIN_MAX)) * weights
    utility, regret = distance.sum(axis=1), distance.max(axis=1)
    q = majority * _unit(utility) + (1.0 - majority) * _unit(regret)
    order = np.lexsort((utility, q))
    advantage, stability = True, True
    first = int(order[0])
    chosen = [first]
    if len(names) > 1:
        advantage = bool(q[order[1]] - q[first] >= 1.0 / (len(names) - 1) - 1e-12)
        stability = bool(utility[first] <= utility.min() + 1e-12 or regret[first] <= regret.min() + 1e-12)
        if not advantage:
            chosen = [int(row) for row in order if q[row] - q[first] < 1.0 / (len(names) - 1)]
        elif not stability:
            chosen = [first, int(order[1])]
    return Compromise(
        names,
        utility,
        regret,
        q,
        ranks_of(-q),
        tuple(names[row] for row in chosen),
        advantage,
        stability,
        _explanation("decision.vikor", given, (majority,)),
    )


def entropy_weights(given: DecisionMatrix) -> Weights:
    """Return weights ∝ 1 − E, E = −Σ p ln p / ln m, p the share of an alternative in its column's sum.

    Source: Zeleny, Multiple Criteria Decision Making, 1982. Raises `UnmetAssumption`: `decision.not_positive` (a value
    below 0, or a column of zeros), `decision.too_few`, `decision.all_alike` (no column varies).
    """
    values, _, _, names = _checked(given)
    if (values < 0).any() or (values.sum(axis=0) <= 0).any():
        raise UnmetAssumption("decision.not_positive", "a value below 0, or a column of zeros", "use positive scores")
    if len(names) < 2:
        raise UnmetAssumption("decision.too_few", "one alternative has no entropy", "give at least two")
    share = values / values.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        entropy = -np.where(share > 0, share * np.log(share), 0.0).sum(axis=0) / np.log(len(names))
    return _weights("decision.entropy", np.maximum(1.0 - entropy, 0.0), given)


def critic_weights(given: DecisionMatrix) -> Weights:
    """Return weights ∝ σⱼ Σₖ (1 − rⱼₖ), of columns brought to 0 … 1 by their range in their direction.

    Source: Diakoulaki, Mavrotas and Papayannakis, Computers & Operations Research 22 (1995) 763–770. Raises
    `UnmetAssumption` `decision.all_alike` for a column that does not vary.
    """
    values, _, maximise, _ = _checked(given)
    scaled = _normalised(values, maximise, Normalisation.MIN_MAX)
    spread = scaled.std(axis=0, ddof=1) if len(scaled) > 1 else np.zeros(scaled.shape[1])
    if (spread == 0).any():
        column = int(np.flatnonzero(spread == 0)[0])
        raise UnmetAssumption(
            "decision.all_alike", f"column {column} (counting from 0) does not vary", "leave it out of the weighing"
        )
    related = np.atleast_2d(np.corrcoef(scaled, rowvar=False))
    return _weights("decision.critic", spread * (1.0 - related).sum(axis=0), given)


def borda(given: Profile) -> Ranking:
    """Return Σ over voters of m − 1 points for the first, down to 0 for the last. Source: OECD/JRC Handbook, 6.12."""
    counts, places, names = _checked_profile(given)
    scores = counts @ (len(names) - 1.0 - places)
    return Ranking(
        names, scores, ranks_of(scores), Explanation("decision.borda", 1, inputs_hash(counts, places, names))
    )


def condorcet(given: Profile) -> Condorcet:
    """Return the order with the greatest pairwise support (Condorcet–Kemeny–Young–Levenglick).

    Exact by dynamic programming over subsets; of equally supported orders the first by name. Sources: Kemeny, Daedalus
    88 (1959) 577–591; OECD/JRC Handbook, 6.12. Raises `UnmetAssumption` `decision.too_many` above 16 alternatives.
    """
    counts, places, names = _checked_profile(given)
    size = len(names)
    if size > MOST_RANKED_EXACTLY:
        raise UnmetAssumption(
            "decision.too_many",
            f"{size} alternatives, {MOST_RANKED_EXACTLY} at most",
            "rank fewer, or use Borda's count",
        )
    before = places[:, :, None] < places[:, None, :]
    support = np.einsum("v,vij->ij", counts, before.astype(np.float64))
    order, agreement = _kemeny(support)
    majority = (support > support.T) | np.eye(size, dtype=bool)
    winners = np.flatnonzero(majority.all(axis=1))
    return Condorcet(
        names,
        support,
        tuple(names[row] for row in order),
        agreement,
        names[int(winners[0])] if len(winners) else None,
        Explanation("decision.condorcet", 1, inputs_hash(counts, places, names)),
    )


def ranks_of(scores: Floats) -> NDArray[np.int64]:
    """Return ranks (alternatives,), 1 the highest score; scores equal to 12 digits share the better rank."""
    rounded = np.round(np.asarray(scores, dtype=np.float64), 12)
    ordered = np.sort(rounded)
    return (len(rounded) - np.searchsorted(ordered, rounded, side="right") + 1).astype(np.int64)


def _checked(given: DecisionMatrix) -> tuple[Floats, Floats, NDArray[np.bool_], tuple[str, ...]]:
    try:
        values = np.asarray(given.values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UnmetAssumption("decision.not_finite", "a value is no number", "give numbers only") from error
    if values.ndim != 2 or not values.size:
        raise UnmetAssumption("decision.shapes", f"values of shape {values.shape}", "give (alternatives, criteria)")
    if not np.isfinite(values).all():
        row, column = (int(place[0]) for place in np.nonzero(~np.isfinite(values)))
        raise UnmetAssumption(
            "decision.not_finite", f"row {row}, column {column} (from 0) is no number", "leave out the alternative"
        )
    rows, columns = values.shape
    weights = np.ones(columns) if given.weights is None else np.asarray(given.weights, dtype=np.float64)
    maximise = np.ones(columns, dtype=bool) if given.maximise is None else np.asarray(given.maximise, dtype=bool)
    names = tuple(given.alternatives or (str(row + 1) for row in range(rows)))
    if weights.shape != (columns,) or maximise.shape != (columns,) or len(names) != rows:
        raise UnmetAssumption(
            "decision.shapes",
            f"{rows} × {columns} values, {len(names)} names, {weights.size} weights, {maximise.size} directions",
            "give a name a row, and a weight and a direction a column",
        )
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0:
        raise UnmetAssumption("decision.weights", "a weight below 0, no number, or all 0", "give weights of 0 and more")
    return values, weights / weights.sum(), maximise, names


def _normalised(values: Floats, maximise: NDArray[np.bool_], normalisation: Normalisation) -> Floats:
    match normalisation:
        case Normalisation.VECTOR:
            size = np.sqrt((values**2).sum(axis=0))
        case Normalisation.SUM:
            size = values.sum(axis=0)
        case Normalisation.MAXIMUM:
            size = values.max(axis=0)
        case Normalisation.MIN_MAX:
            size = np.ptp(values, axis=0)
            values = np.where(maximise, values - values.min(axis=0), values.max(axis=0) - values)
        case Normalisation.Z_SCORE:
            size = values.std(axis=0)
            values = np.where(maximise, 1.0, -1.0) * (values - values.mean(axis=0))
    if normalisation in (Normalisation.MIN_MAX, Normalisation.Z_SCORE):
        # A column that does not vary says nothing of which is better: all are best by range, all average by spread.
        still = size <= 1e-12 * np.abs(values).max(axis=0, initial=1e-300)
        alike = 1.0 if normalisation is Normalisation.MIN_MAX else 0.0
        return np.where(still, alike, values / np.where(still, 1.0, size))
    if (size <= 0).any():
        raise UnmetAssumption(
            "decision.not_positive", f"a column adds up to nothing to divide by ({normalisation.value})", "use min-max"
        )
    turned = np.where(maximise, 1.0, -1.0)
    return np.asarray(turned * values / size, dtype=np.float64)


def _unit(values: Floats) -> Floats:
    spread = float(np.ptp(values))
    return np.zeros_like(values) if spread <= 1e-15 else (values - values.min()) / spread


def _weights(method: str, raw: Floats, given: DecisionMatrix) -> Weights:
    if raw.sum() <= 1e-14:
        raise UnmetAssumption("decision.all_alike", "no column tells alternatives apart", "there is nothing to weigh")
    return Weights(np.asarray(raw / raw.sum(), dtype=np.float64), _explanation(method, given, ()))


def _ranking(
    method: str, names: tuple[str, ...], scores: Floats, given: DecisionMatrix, options: tuple[object, ...]
) -> Ranking:
    return Ranking(names, scores, ranks_of(scores), _explanation(method, given, options))


def _explanation(method: str, given: DecisionMatrix, options: tuple[object, ...]) -> Explanation:
    values, weights, maximise, names = _checked(given)
    alike = len(values) > 1 and bool((values == values[0]).all())
    cautions = (Caution("decision.all_alike", "all alternatives are alike: the order means nothing"),) if alike else ()
    return Explanation(
        method,
        1,
        inputs_hash(values, weights, maximise, names, *options),
        (
            Assumption(
                "decision.independent_of_others",
                False,
                "the score of an alternative depends on which others are in the table",
            ),
        ),
        cautions,
    )


def _checked_profile(given: Profile) -> tuple[Floats, NDArray[np.int64], tuple[str, ...]]:
    counts = np.asarray(given.counts, dtype=np.float64)
    orders = [list(order) for order in given.orders]
    if not orders or counts.shape != (len(orders),) or not np.isfinite(counts).all() or (counts < 0).any():
        raise UnmetAssumption("decision.shapes", "no orders, or not one count of 0 or more each", "give one an order")
    names = tuple(sorted(orders[0]))
    for row, order in enumerate(orders):
        if tuple(sorted(order)) != names or len(set(order)) != len(order):
            raise UnmetAssumption(
                "decision.incomplete_order", f"order {row} (from 0) does not name each alternative once", "rank all"
            )
    places = np.array([[order.index(name) for name in names] for order in orders], dtype=np.int64)
    return counts, places, names


def _kemeny(support: Floats) -> tuple[list[int], float]:
    """The order with the greatest sum of support[i, j] over i before j: best last step into each subset."""
    size = len(support)
    best: dict[int, tuple[float, int]] = {0: (0.0, -1)}
    for count in range(1, size + 1):
        for members in combinations(range(size), count):
            subset = sum(1 << member for member in members)
            options = []
            for last in members:
                gain = float(support[[member for member in members if member != last], last].sum())
                options.append((best[subset ^ (1 << last)][0] + gain, -last))
            value, last = max(options)
            best[subset] = (value, -last)
    order: list[int] = []
    subset = (1 << size) - 1
    while subset:
        last = best[subset][1]
        order.append(last)
        subset ^= 1 << last
    return order[::-1], best[(1 << size) - 1][0]
