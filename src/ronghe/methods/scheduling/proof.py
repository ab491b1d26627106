"""What an answer of the scheduler proves of itself, and what it says where nothing can be planned."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ronghe.methods.explained import UnmetAssumption


class Standing(StrEnum):
    """Proven best by the aim, proven to within the gap stated, or found without a bound worth stating."""

    OPTIMAL = "optimal"
    WITHIN_GAP = "within_gap"


@dataclass(frozen=True, slots=True)
class Proof:
    """One aim with the value reached and the bound that no plan within the rules can pass.

    `gap` = |value − bound| / max(1, |value|).
    """

    aim: str
    value: float
    bound: float

    @property
    def gap(self) -> float:
        """The share by which the value might still be bettered."""
        return abs(self.value - self.bound) / max(1.0, abs(self.value))


def standing(proofs: tuple[Proof, ...]) -> Standing:
    """Optimal where no proof leaves a gap."""
    return Standing.OPTIMAL if all(proof.gap <= 1e-9 for proof in proofs) else Standing.WITHIN_GAP


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A rule that would have to give way, what it asks now, and by how much it would have to give.

    `kind` is stable (`bay_places`, `campus_mentors`, `class_needs`, `class_away`, `class_pinned`, `class_forbidden`,
    `group_least`), `subject` names what the rule is about, `fortnight` is None for a rule of the whole season.
    """

    kind: str
    subject: tuple[str, ...]
    asked: float
    by: float
    fortnight: int | None = None


class Unschedulable(UnmetAssumption):
    """No plan keeps all rules; `relaxations` is the least that must give way, counted in groups and fortnights.

    For a week they are what each rule would bring were it lifted alone, in sessions, and `conflict` is a minimal set of
    kinds of rule that together leave no plan: one of them has to be eased. For a rotation `conflict` is a minimal set
    of pins, each as kind/class/family/fortnight, which the other rules leave no room for together.
    """

    def __init__(
        self, found: str, remedy: str, relaxations: tuple[Relaxation, ...], conflict: tuple[str, ...] = ()
    ) -> None:
        super().__init__("scheduling.possible", found, remedy)
        self.relaxations = relaxations
        self.conflict = conflict


def too_slow(seconds: float) -> UnmetAssumption:
    """The refusal where the time ran out before any plan was found."""
    return UnmetAssumption(
        "scheduling.time",
        f"no plan that keeps all rules was found in {seconds:g} s",
        "allow more time, or plan fewer groups at once",
    )
