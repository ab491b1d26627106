"""What rotations are planned from: classes of like groups, bays of like machines, campuses, and the rules of a season.

A season is a row of fortnights, numbered from 0. These are plain records; `check_season` refuses those that contradict
each other. Hours and days are not known here: they are the matter of a week.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ronghe.methods.explained import UnmetAssumption


@dataclass(frozen=True, slots=True)
class Campus:
    """A campus, the core campus it is a satellite of (None: it is a core), and how many trainees its mentors take.

    `trainees` has one number a fortnight: mentors there times the load limit; empty where mentors do not bind.
    """

    id: str
    core: str | None = None
    trainees: tuple[int, ...] = ()

    @property
    def region(self) -> str:
        """The core and its satellites are one region, named by the core."""
        return self.core or self.id


@dataclass(frozen=True, slots=True)
class Bay:
    """The machines of one family on one campus, and how many groups they take in each fortnight.

    Maintenance is a smaller number in that fortnight.
    """

    family: str
    campus: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class GroupClass:
    """Groups that are alike: so many groups of `size` trainees from one campus, with one pattern and one programme.

    `needs` counts the fortnights each group has to spend at each family, `open` names the fortnights free for practice
    (the pattern's theory phases left out), `authorised` the first fortnight in which a family may be used.
    `pinned` says at which family all of them are in a fortnight, `forbidden` in which fortnight at which family none
    of them is; `stands` is where all of them are by the plan that stands, (family, campus) by fortnight.
    """

    id: str
    campus: str
    groups: int
    size: int
    needs: Mapping[str, int]
    open: frozenset[int]
    authorised: Mapping[str, int] = field(default_factory=dict)
    pinned: Mapping[int, str] = field(default_factory=dict)
    forbidden: frozenset[tuple[int, str]] = frozenset()
    stands: Mapping[int, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Season:
    """All that rotations are planned from.

    Groups go to bays of their own campus, of their core, and of its satellites. `distance` is the cost of one group
    spending one fortnight at another campus (0 where it is not given); `away` the most fortnights a group may be away.
    """

    fortnights: int
    classes: tuple[GroupClass, ...]
    bays: tuple[Bay, ...]
    campuses: tuple[Campus, ...]
    distance: Mapping[tuple[str, str], float] = field(default_factory=dict)
    away: int | None = None

    def travel(self, home: str, there: str) -> float:
        """What one fortnight at a campus costs a group from another, the same both ways."""
        if home == there:
            return 0.0
        return self.distance.get((home, there), self.distance.get((there, home), 0.0))


def check_season(season: Season) -> None:
    """Refuse what contradicts itself: `UnmetAssumption` with `scheduling.season` says what and how to mend it."""
    campuses = {campus.id: campus for campus in season.campuses}
    families = {bay.family for bay in season.bays}
    if season.fortnights < 1:
        raise _refusal("a season of no fortnights", "give at least one")
    for names, what in (
        ([one.id for one in season.campuses], "campus"),
        ([one.id for one in season.classes], "class"),
        ([f"{bay.family} at {bay.campus}" for bay in season.bays], "bay"),
    ):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise _refusal(f"the {what} {twice[0]} is there twice", "give each one once")
    for campus in season.campuses:
        if campus.core is not None and (campus.core not in campuses or campuses[campus.core].core is not None):
            raise _refusal(f"{campus.id} is a satellite of {campus.core}, which is no core", "name a core campus")
        if campus.trainees and len(campus.trainees) != season.fortnights:
            raise _refusal(f"{campus.id} gives mentors for {len(campus.trainees)} fortnights", "give one number each")
        if any(number < 0 for number in campus.trainees):
            raise _refusal(f"{campus.id} has fewer than no mentors", "give 0 or more")
    for bay in season.bays:
        if bay.campus not in campuses:
            raise _refusal(f"{bay.family} stands at {bay.campus}, which is no campus here", "add the campus")
        if len(bay.places) != season.fortnights or any(number < 0 for number in bay.places):
            raise _refusal(
                f"{bay.family} at {bay.campus} does not give its places for {season.fortnights} fortnights",
                "give one number each, 0 or more",
            )
    for one in season.classes:
        _check_class(one, campuses, families, season.fortnights)


def _check_class(one: GroupClass, campuses: Mapping[str, Campus], families: set[str], fortnights: int) -> None:
    if one.campus not in campuses:
        raise _refusal(f"{one.id} comes from {one.campus}, which is no campus here", "add the campus")
    if one.groups < 1 or one.size < 1:
        raise _refusal(f"{one.id} has {one.groups} groups of {one.size}", "give at least one of each")
    if any(not 0 <= at < fortnights for at in one.open):
        raise _refusal(f"{one.id} is open outside the season", f"fortnights count from 0 to {fortnights - 1}")
    for family, count in one.needs.items():
        if count < 0:
            raise _refusal(f"{one.id} needs {family} {count} times", "give 0 or more")
        if count and family not in families:
            raise _refusal(
                f"{one.id} needs {family}, and no campus has such a machine", "add machines or drop the need"
            )
    wanted = sum(one.needs.values())
    if wanted > len(one.open):
        raise _refusal(
            f"{one.id} needs {wanted} fortnights of practice and has {len(one.open)} free of theory",
            "ask for fewer or choose a pattern with more practice",
        )


def _refusal(found: str, remedy: str) -> UnmetAssumption:
    return UnmetAssumption("scheduling.season", found, remedy)
