"""The answer of both modes: who goes where, how good that is and what is proven of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption
from ronghe.methods.matching.board import NOWHERE, Board, Booleans, Integers
from ronghe.methods.matching.checks import blocking_pairs, breaches, claims
from ronghe.methods.matching.fairness import Fairness, fairness
from ronghe.methods.matching.market import Pair

VERSION = 1


class Standing(StrEnum):
    """What is known of a matching.

    Student-optimal: stable, and no student does better in any stable matching. Stable: stable with the quotas, which
    the student-optimal one would break. Fewest proven or found: quotas leave no stable matching (or none was found);
    this one has the fewest blocking pairs of all, or of those tried. Optimal or within gap: the best by the aims,
    proven, or proven to within the gap given.
    """

    STUDENT_OPTIMAL = "student_optimal"
    STABLE = "stable"
    FEWEST_PROVEN = "fewest_proven"
    FEWEST_FOUND = "fewest_found"
    OPTIMAL = "optimal"
    WITHIN_GAP = "within_gap"


@dataclass(frozen=True, slots=True)
class Proof:
    """One aim with the value reached and the bound that no matching within the rules can pass.

    `gap` = |value − bound| / max(1, |value|).
    """

    aim: str
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """The share by which the value might still be bettered."""
        return abs(self.value - self.bound) / max(1.0, abs(self.value))


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A rule that would have to give way, and by how many students."""

    kind: str
    name: str
    asked: int | None
    by: int


class ImpossibleQuotas(UnmetAssumption):
    """No matching meets all rules; `relaxations` is the least that must give way, counted in students.

    `conflict` names rules that cannot be met together, each of which could be without the rest of them; it is empty
    where that was not found in the time.
    """

    def __init__(
        self, found: str, remedy: str, relaxations: tuple[Relaxation, ...], conflict: tuple[str, ...] = ()
    ) -> None:
        super().__init__("matching.possible", found, remedy)
        self.relaxations = relaxations
        self.conflict = conflict


@dataclass(frozen=True, slots=True)
class Allocation:
    """Who goes where (None: nowhere), in which standing, with proofs, fairness and what is left to complain of.

    `closed` are the positions without their cohort; `claims` says of each how many would rather be there.
    `none_stable` is True where it is proven that no stable matching meets the quotas, False where this one does, None
    where that is not known or was not asked.
    """

    standing: Standing
    placements: Mapping[str, str | None]
    closed: tuple[str, ...]
    claims: Mapping[str, int]
    blocking_pairs: tuple[Pair, ...]
    none_stable: bool | None
    proofs: tuple[Proof, ...]
    fairness: Fairness
    explanation: Explanation


def closed_columns(board: Board, held: Integers) -> Booleans:
    """The positions with a cohort that nobody holds."""
    filled = np.bincount(held[held != NOWHERE], minlength=len(board.capacity))
    closed: Booleans = (board.cohort > 1) & (filled == 0)
    return closed


def allocation(
    board: Board, held: Integers, standing: Standing, proofs: tuple[Proof, ...], *, method: str,
    none_stable: bool | None = None,
) -> Allocation:  # fmt: skip
    """The answer from the column of each row, after the independent check has found no breach.

    Raises ArithmeticError where the check finds one: the method, not the round, is then wrong.
    """
    placements = board.placements(held)
    wrong = breaches(board.market, placements)
    if wrong:
        raise ArithmeticError(f"{method} broke {len(wrong)} rules, first {wrong[0]}")
    pairs = blocking_pairs(board.market, placements)
    claimed = claims(board.market, placements)
    closed = closed_columns(board, held)
    fits = int(board.allowed.sum())
    assumptions = (
        Assumption("matching.rules_kept", True, "an independent check found no rule broken"),
        Assumption("matching.stable", not pairs, f"{len(pairs)} blocking pairs by an independent check"),
        Assumption("matching.truthful", None, "wishes are as stated; whether they are meant cannot be seen"),
        Assumption("matching.fit_given", not board.fits_missing, f"{board.fits_missing} of {fits} pairs have no fit"),
    )
    warnings = []
    if board.fits_missing:
        warnings.append(Caution("matching.no_fit", f"{board.fits_missing} pairs without a fit count as 0."))
    openable = [name for name, count in claimed.items() if count >= _cohort(board, name)]
    if openable:
        warnings.append(
            Caution("matching.could_open", f"As many as a cohort would rather be in {', '.join(openable)}, now closed.")
        )
    if standing in (Standing.FEWEST_FOUND, Standing.FEWEST_PROVEN) and pairs:
        warnings.append(
            Caution("matching.not_stable", f"The quotas cost stability: {len(pairs)} blocking pairs remain.")
        )
    return Allocation(
        standing=standing,
        placements=placements,
        closed=tuple(board.market.positions[column].id for column in np.flatnonzero(closed).tolist()),
        claims=claimed,
        blocking_pairs=pairs,
        none_stable=none_stable,
        proofs=proofs,
        fairness=fairness(board, held, closed),
        explanation=Explanation(method, VERSION, board.digest(), assumptions, tuple(warnings)),
    )


def _cohort(board: Board, name: str) -> int:
    return next(position.cohort for position in board.market.positions if position.id == name)
