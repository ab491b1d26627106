"""The authority of experts as Chinese Delphi studies report it: Cr = (Ca + Cs) / 2. Weighs no answer by it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

VERSION = 1
LEAST_AUTHORITY = 0.70

# The customary weights of what a judgment rests on, for a large, a medium and a small influence; one of each kind makes
# 1.0, 0.8 and 0.6.
BASIS_WEIGHTS: dict[str, tuple[float, float, float]] = {
    "practice": (0.5, 0.4, 0.3),
    "theory": (0.3, 0.2, 0.1),
    "literature": (0.1, 0.1, 0.1),
    "intuition": (0.1, 0.1, 0.1),
}
FAMILIARITY_GRADES = (1.0, 0.8, 0.6, 0.4, 0.2, 0.0)


@dataclass(frozen=True, slots=True)
class AuthorityQuestion:
    """Each expert's own statement: the weights of what the judgments rest on, and the familiarity with the subject.

    `basis` holds for each expert the weights that apply (their sum is his Ca), `familiarity` one grade (his Cs); both
    lie within 0 … 1.
    """

    basis: tuple[tuple[float, ...], ...]
    familiarity: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class AuthorityTally:
    """The same statements counted, as papers print them: (how many experts, weight or grade)."""

    experts: int
    basis: tuple[tuple[int, float], ...]
    familiarity: tuple[tuple[int, float], ...]


@dataclass(frozen=True, slots=True)
class Authority:
    """Ca (basis), Cs (familiarity) and Cr of the panel; `individual` holds each expert's Cr, none for a tally."""

    basis: float
    familiarity: float
    authority: float
    individual: tuple[float, ...]
    explanation: Explanation


def authority(question: AuthorityQuestion) -> Authority:
    """Ca and Cs are the means over the experts, Cr = (Ca + Cs) / 2.

    Raises `UnmetAssumption` when there is no expert, when one has only half of the statements, and when a value is not
    within 0 … 1.
    """
    count = len(question.basis)
    if count != len(question.familiarity):
        raise UnmetAssumption(
            "delphi.authority_pairs",
            f"{count} experts state a basis and {len(question.familiarity)} their familiarity",
            "ask every expert for both, or leave the others out",
        )
    _require_experts(count)
    basis = [sum(weights) for weights in question.basis]
    for number, (own_basis, own_familiarity) in enumerate(zip(basis, question.familiarity, strict=True), start=1):
        _require_share(f"the basis of expert {number}", own_basis)
        _require_share(f"the familiarity of expert {number}", own_familiarity)
    individual = tuple(
        (own_basis + own_familiarity) / 2
        for own_basis, own_familiarity in zip(basis, question.familiarity, strict=True)
    )
    return _authority(float(np.mean(basis)), float(np.mean(question.familiarity)), individual, inputs_hash(question))


def authority_of_tally(tally: AuthorityTally) -> Authority:
    """The same from counts: Ca = Σ count · weight / experts, Cs = Σ count · grade / experts.

    Raises `UnmetAssumption` when there is no expert, when a count exceeds the experts, when familiarity is not stated
    once by each, and when Ca or a grade is not within 0 … 1.
    """
    _require_experts(tally.experts)
    for count, weight in (*tally.basis, *tally.familiarity):
        _require_share("a weight or grade", weight)
        if not 0 <= count <= tally.experts:
            raise UnmetAssumption(
                "delphi.authority_counts", f"{count} of {tally.experts} experts chose {weight:g}", "correct the count"
            )
    graded = sum(count for count, _ in tally.familiarity)
    if graded != tally.experts:
        raise UnmetAssumption(
            "delphi.authority_counts",
            f"{graded} experts state their familiarity and there are {tally.experts}",
            "count every expert once",
        )
    basis = math.fsum(count * weight for count, weight in tally.basis) / tally.experts
    _require_share("Ca", basis)
    familiarity = math.fsum(count * grade for count, grade in tally.familiarity) / tally.experts
    return _authority(basis, familiarity, (), inputs_hash(tally))


def _authority(basis: float, familiarity: float, individual: tuple[float, ...], given: str) -> Authority:
    value = (basis + familiarity) / 2
    holds = value >= LEAST_AUTHORITY
    warnings: tuple[Caution, ...] = ()
    if not holds:
        text = f"Cr is below {LEAST_AUTHORITY}: the panel calls itself hardly competent."
        warnings = (Caution("delphi.little_authority", text),)
    return Authority(
        basis,
        familiarity,
        value,
        individual,
        Explanation(
            "delphi.authority",
            VERSION,
            given,
            (
                Assumption("delphi.authority", holds, f"Cr = {value:.3f}, at least {LEAST_AUTHORITY} is accepted"),
                Assumption("delphi.honest_statements", None, "experts state their own competence"),
            ),
            warnings,
        ),
    )


def _require_experts(count: int) -> None:
    if count < 1:
        raise UnmetAssumption("delphi.experts", "there is no expert", "ask at least one")


def _require_share(what: str, value: float) -> None:
    if not -1e-9 <= value <= 1 + 1e-9:
        raise UnmetAssumption("delphi.authority_range", f"{what} is {value:g}", "it must lie between 0 and 1")
