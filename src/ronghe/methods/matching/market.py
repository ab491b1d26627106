"""What a matching is made from: students with preferences, positions with seats, and the rules of the round.

These are plain records; `board` refuses those that contradict each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from math import ceil

from ronghe.methods.explained import UnmetAssumption

Pair = tuple[str, str]
Tiers = tuple[tuple[str, ...], ...]


class Unlisted(StrEnum):
    """What a position that a student did not list means: never, or after all that are listed."""

    REFUSED = "refused"
    LAST = "last"


class ShareOf(StrEnum):
    """What a share is taken of: those placed in the quota's positions, the quota's students, or the seats there."""

    PLACEMENTS = "placements"
    STUDENTS = "students"
    SEATS = "seats"


@dataclass(frozen=True, slots=True)
class Student:
    """A student, the positions wanted in tiers from the best (one tier holds those wanted equally), and groups."""

    id: str
    preferences: Tiers
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Position:
    """A position with `capacity` seats, of which `least` must be filled; below `cohort` students it is closed.

    `groups` are what quotas name it by: its leader, city, chain.
    """

    id: str
    capacity: int
    least: int = 0
    cohort: int = 0
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Quota:
    """How many of a group of students go to a group of positions; None stands for all students or all positions.

    `least` and `most` count students; `least_share` (0 to 1) asks for a share of what `share_of` names.
    """

    name: str
    students: str | None = None
    positions: str | None = None
    least: int = 0
    most: int | None = None
    least_share: float | None = None
    share_of: ShareOf = ShareOf.PLACEMENTS

    @property
    def share(self) -> Fraction:
        """The least share as written, without the rounding of a binary fraction."""
        return Fraction(str(self.least_share or 0))

    def least_count(self, students: int, seats: int) -> int:
        """The least number asked for where it is fixed beforehand, of so many students and seats of the quota."""
        base = {ShareOf.STUDENTS: students, ShareOf.SEATS: seats, ShareOf.PLACEMENTS: 0}[self.share_of]
        return max(self.least, ceil(self.share * base))


@dataclass(frozen=True, slots=True)
class Market:
    """A round of matching.

    `fit` scores how well a student's skills suit a position (higher is better, 0 where none is given) and is what a
    position prefers students by. `ineligible` says for a pair why it cannot be. `locked` pairs are placed whatever
    else, `forbidden` ones never. Ties of students' wishes are broken by the higher fit, then by lot of the position;
    ties of fit by lot of the student: one lot each for the whole round, drawn from `seed` and the id by SHA-256.
    """

    students: tuple[Student, ...]
    positions: tuple[Position, ...]
    fit: Mapping[Pair, float] = field(default_factory=dict)
    ineligible: Mapping[Pair, str] = field(default_factory=dict)
    quotas: tuple[Quota, ...] = ()
    locked: frozenset[Pair] = frozenset()
    forbidden: frozenset[Pair] = frozenset()
    unlisted: Unlisted = Unlisted.REFUSED
    seed: int = 1


def strict(*positions: str) -> Tiers:
    """Preferences without ties, from the best."""
    return tuple((position,) for position in positions)


def lot(seed: int, kind: str, identifier: str) -> bytes:
    """The lot of a student or position in the round with this seed; the smaller one wins."""
    return hashlib.sha256(f"{seed}:{kind}:{identifier}".encode()).digest()


def preferences_from_comparisons(comparisons: Iterable[Pair]) -> Tiers:
    """Tiers from statements "the first rather than the second": each position as early as the statements allow.

    Raises `UnmetAssumption` (`matching.preference_cycle`) when they contradict each other, naming the cycle.
    """
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for better, worse in comparisons:
        sorter.add(better)
        sorter.add(worse, better)
    try:
        sorter.prepare()
    except CycleError as error:
        cycle = " before ".join(error.args[1])
        raise UnmetAssumption(
            "matching.preference_cycle", f"the wishes go in a circle: {cycle}", "take one of these statements back"
        ) from error
    tiers = []
    while sorter.is_active():
        ready = tuple(sorted(sorter.get_ready()))
        tiers.append(ready)
        sorter.done(*ready)
    return tuple(tiers)
