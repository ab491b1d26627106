"""Weights from one expert's pairwise judgments, with their consistency and the triad that contradicts itself most.

The method shows where an expert contradicts himself; it never alters a judgment.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from ronghe.methods.ahp.completion import Completed, Floats, Pairs, complete, least_squares_weights
from ronghe.methods.ahp.judgments import Comparisons, Judgment, missing_pairs, require_connected
from ronghe.methods.ahp.random_index import SIMULATED, RandomIndex, RandomIndexTable
from ronghe.methods.explained import Assumption, Caution, Explanation, inputs_hash

VERSION = 1
MOST_INCONSISTENT = 0.10
SCALE_END = 9.0
# Beyond this many items Saaty advises to split the comparison.
_MOST_COMFORTABLE_ITEMS = 9
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class PriorityQuestion:
    """What to derive weights from: the judgments, the random index to hold them against, the largest acceptable CR."""

    comparisons: Comparisons
    random_index: RandomIndexTable = field(default=SIMULATED)
    most_inconsistent: float = MOST_INCONSISTENT


@dataclass(frozen=True, slots=True)
class Triad:
    """Three judgments a : b, b : c and a : c of which the first two imply another third.

    `product` = (a : b)(b : c) / (a : c), 1 when they agree; `inconsistency` = 1 − exp(−|log product|), 0 to 1
    (Koczkodaj, "A new definition of consistency of pairwise comparisons", 1993); `implied` is the a : c that the other
    two judgments imply.
    """

    first: Judgment
    second: Judgment
    across: Judgment
    product: float
    inconsistency: float
    implied: float


@dataclass(frozen=True, slots=True)
class Priorities:
    """Weights in the order of `items`, each tuple summing to 1, and how far the judgments contradict each other.

    `weights` is the principal eigenvector of the completion with the least eigenvalue, `least_squares` the logarithmic
    least-squares weights beside it; `matrix` is the completed matrix of ratios, `completed` the pairs that were filled
    in. `consistency_ratio` is None where the table has no random index and where there is nothing that could
    contradict (no cycle of judgments); `worst_triad` is None when no three items are all compared.
    """

    items: tuple[str, ...]
    weights: tuple[float, ...]
    least_squares: tuple[float, ...]
    eigenvalue: float
    consistency_index: float
    random_index: RandomIndex
    consistency_ratio: float | None
    worst_triad: Triad | None
    matrix: tuple[tuple[float, ...], ...]
    completed: tuple[tuple[str, str], ...]
    explanation: Explanation

    @property
    def by_item(self) -> dict[str, float]:
        """The eigenvector weights by item."""
        return dict(zip(self.items, self.weights, strict=True))


def priorities(question: PriorityQuestion) -> Priorities:
    """Weights of the items by one expert's judgments a_ij, complete or not.

    Missing a_ij are chosen so that the principal eigenvalue λ_max of A is least (Bozóki, Fülöp and Rónyai 2010); the
    weights solve A w = λ_max w, Σ w = 1 (Saaty 1977). CI = (λ_max − n) / (n − 1) and CR = CI / RI(n, m), with the
    random index of n items and m missing judgments (Ágoston and Csató, Omega 108, 2022). Beside them stand the weights
    that minimise Σ (log a_ij − log w_i + log w_j)² over the judgments given (Crawford and Williams 1985).

    Raises `UnmetAssumption` (`ahp.connected`) when no chain of comparisons relates some of the items.
    """
    comparisons = question.comparisons
    logarithms = comparisons.logarithms()
    require_connected(comparisons.items, logarithms)
    missing = missing_pairs(logarithms)
    known = ~np.isnan(logarithms)
    stack = np.where(known, logarithms, 0.0)[None]
    found = complete(stack, missing)
    index, random, ratio = consistency(found, len(missing), question.random_index)
    triad = worst_triad(comparisons)
    return Priorities(
        items=comparisons.items,
        weights=tuple(found.weights[0].tolist()),
        least_squares=tuple(least_squares_weights(stack, known)[0].tolist()),
        eigenvalue=float(found.eigenvalue[0]),
        consistency_index=index,
        random_index=random,
        consistency_ratio=ratio,
        worst_triad=triad,
        matrix=tuple(tuple(row) for row in np.exp(found.logarithms[0]).tolist()),
        completed=_named(comparisons.items, missing),
        explanation=_explanation(question, missing, random, ratio, triad),
    )


def consistency(found: Completed, missing: int, table: RandomIndexTable) -> tuple[float, RandomIndex, float | None]:
    """CI of the first matrix, the random index for it and CR, None where that index is 0 or unknown."""
    size = found.weights.shape[1]
    # An eigenvalue below n is rounding: no reciprocal matrix has one.
    index = max(0.0, (float(found.eigenvalue[0]) - size) / (size - 1))
    random = table.look_up(size, missing)
    return index, random, index / random.value if random.value else None


def worst_triad(comparisons: Comparisons) -> Triad | None:
    """The triad of judgments that contradicts itself most; None when no three items are all compared."""
    logarithms = comparisons.logarithms()
    size = len(comparisons.items)
    best: tuple[float, tuple[int, int, int]] | None = None
    if size >= 3:
        triples = np.array(list(combinations(range(size), 3)))
        i, j, k = triples.T
        errors = np.abs(logarithms[i, j] + logarithms[j, k] - logarithms[i, k])
        if not np.isnan(errors).all():
            worst = int(np.nanargmax(errors))
            first, second, third = (int(index) for index in triples[worst])
            best = float(errors[worst]), (first, second, third)
    if best is None:
        return None
    error, (a, b, c) = best
    ratio = np.exp(logarithms)

    def judgment(one: int, other: int) -> Judgment:
        return Judgment(comparisons.items[one], comparisons.items[other], float(ratio[one, other]))

    implied = float(ratio[a, b] * ratio[b, c])
    return Triad(
        judgment(a, b), judgment(b, c), judgment(a, c), implied / float(ratio[a, c]), 1 - math.exp(-error), implied
    )


def _named(items: tuple[str, ...], pairs: Pairs) -> tuple[tuple[str, str], ...]:
    return tuple((items[int(i)], items[int(j)]) for i, j in pairs)


def scale_assumption(logarithms: Floats) -> Assumption:
    """Whether every judgment lies within 1/9 … 9, as the random index supposes."""
    largest = float(np.exp(np.nanmax(np.abs(logarithms))))
    return Assumption(
        "ahp.saaty_scale",
        largest <= SCALE_END * (1 + _ROUNDING),
        f"the largest ratio is {largest:.3g}; the random index supposes none above {SCALE_END:g}",
    )


def _explanation(
    question: PriorityQuestion, missing: Pairs, random: RandomIndex, ratio: float | None, triad: Triad | None
) -> Explanation:
    items = question.comparisons.items
    pairs = len(items) * (len(items) - 1) // 2
    limit = question.most_inconsistent
    if ratio is None:
        consistent = Assumption("ahp.consistent", None, "nothing to hold the judgments against")
    else:
        consistent = Assumption("ahp.consistent", ratio < limit, f"CR = {ratio:.4f}, below {limit:g} is accepted")
    assumptions = (
        Assumption("ahp.connected", True, f"{pairs - len(missing)} of {pairs} pairs are judged and relate all items"),
        scale_assumption(question.comparisons.logarithms()),
        consistent,
    )
    warnings = []
    if consistent.holds is False:
        shown = ""
        if triad is not None:
            shown = (
                f" Begin with {triad.first.first}, {triad.first.second} and {triad.second.second}: "
                f"{triad.across.first} to {triad.across.second} is {triad.across.ratio:.3g}, "
                f"the other two judgments imply {triad.implied:.3g}."
            )
        warnings.append(
            Caution("ahp.inconsistent", f"The judgments contradict each other more than is accepted.{shown}")
        )
    if random.value == 0 and len(items) > 2:
        warnings.append(
            Caution(
                "ahp.unchecked", "There are just enough judgments: none is checked by another, so none is confirmed."
            )
        )
    if random.value is None:
        warnings.append(
            Caution(
                "ahp.no_random_index",
                f"The table {random.table} has no random index for {random.items} items with {random.missing} missing.",
            )
        )
    if random.found == "interpolated":
        warnings.append(
            Caution("ahp.interpolated_index", "The random index for this many missing judgments is interpolated.")
        )
    if len(items) > _MOST_COMFORTABLE_ITEMS:
        warnings.append(
            Caution("ahp.many_items", f"{len(items)} items are more than people compare reliably; use a hierarchy.")
        )
    given = inputs_hash(question.comparisons, question.random_index.name, limit)
    return Explanation("ahp.priorities", VERSION, given, assumptions, tuple(warnings))
