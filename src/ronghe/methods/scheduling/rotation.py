"""Stage 1, rotations: in which fortnight how many groups of each class work at which bay, then which group it is.

Planned over classes of like groups, not over groups: a class's counts always split into rows for its groups
(`spreading`). Where a plan stands, the new one moves as little of it as it can. It plans no hours; that is the matter
of a week.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from dataclasses import dataclass, replace

from ronghe.methods.explained import Assumption, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.scheduling.checks import Breach, season_breaches
from ronghe.methods.scheduling.programme import Programme
from ronghe.methods.scheduling.proof import Proof, Relaxation, Standing, Unschedulable, standing, too_slow
from ronghe.methods.scheduling.season import GroupClass, Season, check_season
from ronghe.methods.scheduling.spreading import spread

VERSION = 2


@dataclass(frozen=True, slots=True)
class Stay:
    """One group of a class (`group` counts from 0) at a family's machines on a campus for one fortnight."""

    class_id: str
    group: int
    fortnight: int
    family: str
    campus: str


@dataclass(frozen=True, slots=True)
class Rotation:
    """Who is where in each fortnight, what that costs in travel, and what is proven of it.

    `moved` counts the fortnights of groups that differ from the plan that stands. `breaches` is what the independent
    check found: none in a plan that may be published.
    """

    stays: tuple[Stay, ...]
    travel: float
    moved: int
    standing: Standing
    proofs: tuple[Proof, ...]
    breaches: tuple[Breach, ...]
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class _Counted:
    """The programme, what its columns stand for, (class, fortnight, bay), and what a fortnight moved costs in it."""

    programme: Programme
    at: dict[tuple[int, int, int], int]
    rules: tuple[Relaxation, ...]
    a_move: float


def plan_rotation(season: Season, *, seconds: float = 60.0, gap: float = 0.0) -> Rotation:
    """The rotation that meets every class's needs with the least travel, proven to `gap`.

    n(c, t, b) = groups of class c at bay b in fortnight t, an integer programme (HiGHS):
    minimise Σ n · distance(home of c, campus of b), subject to Σ_{t, b of f} n = k_c · r_c(f) for each family f;
    Σ_b n ≤ k_c in each fortnight; Σ_c n ≤ places of b; Σ n · size ≤ trainees of the mentors of a campus;
    Σ_{b away} n ≤ k_c · most away; Σ_{b of f} n = k_c where f is pinned, 0 where it is forbidden. Classes then split
    into their groups. Where a plan stands, a group's fortnight moved outweighs all travel, as in `repair_week`.

    Raises `UnmetAssumption` as `check_season` does, `Unschedulable` (`scheduling.possible`) with the least that must
    give way, `scheduling.time` where nothing was found in time, and `scheduling.away` where the groups of a class
    cannot share their fortnights away evenly enough.
    """
    check_season(season)
    counted = _programme(season)
    found = counted.programme.solve(seconds, gap=gap)
    if found.values is None:
        if not found.impossible:
            raise too_slow(seconds)
        raise explain_rotation(season, seconds)
    counts = {key: int(found.values[column]) for key, column in counted.at.items() if found.values[column] > 0}
    stays = _split(season, counts)
    moved = sum(count for key, count in counts.items() if _moves(season, *key))
    travel = found.objective - counted.a_move * moved
    least = max(0, math.ceil((found.bound - counted.a_move + 1) / counted.a_move)) if counted.a_move else 0
    proofs = (
        *((Proof("moved", float(moved), float(min(moved, least))),) if counted.a_move else ()),
        Proof("travel", travel, max(0.0, found.bound - counted.a_move * moved)),
    )
    breaches = season_breaches(season, [_plain(stay) for stay in stays])
    return Rotation(
        stays=stays,
        travel=travel,
        moved=moved,
        standing=standing(proofs),
        proofs=proofs,
        breaches=breaches,
        explanation=Explanation(
            "scheduling.rotation",
            VERSION,
            inputs_hash(season),
            (
                Assumption("scheduling.rules_kept", not breaches, f"{len(breaches)} breaches by the independent check"),
                Assumption("scheduling.groups_alike", None, "the groups of a class are taken as alike"),
            ),
        ),
    )


def _plain(stay: Stay) -> tuple[str, int, int, str, str]:
    return stay.class_id, stay.group, stay.fortnight, stay.family, stay.campus


def _options(season: Season, one: GroupClass) -> list[tuple[int, int]]:
    """(fortnight, bay) a class may use: open for practice, authorised, in its region."""
    region = {campus.id: campus.region for campus in season.campuses}
    return [
        (at, number)
        for number, bay in enumerate(season.bays)
        if one.needs.get(bay.family) and region[bay.campus] == region[one.campus]
        for at in sorted(one.open)
        if at >= one.authorised.get(bay.family, 0) and bay.places[at] > 0
    ]


def _pins(one: GroupClass) -> list[tuple[int, str, bool]]:
    """(fortnight, family, whether it is pinned and not forbidden) of a class."""
    pinned = [(at, family, True) for at, family in sorted(one.pinned.items())]
    return pinned + [(at, family, False) for at, family in sorted(one.forbidden)]


def _moves(season: Season, index: int, fortnight: int, number: int) -> bool:
    """Whether a group of a class at a bay in a fortnight is elsewhere than by the plan that stands."""
    stands, bay = season.classes[index].stands, season.bays[number]
    return bool(stands) and stands.get(fortnight) != (bay.family, bay.campus)


def _a_move(season: Season) -> float:
    """More than all travel of any plan, so that nothing moves for the sake of a shorter way; 0 where none stands."""
    if not any(one.stands for one in season.classes):
        return 0.0
    farthest = max((abs(way) for way in season.distance.values()), default=0.0)
    return 1.0 + math.ceil(farthest * sum(one.groups * sum(one.needs.values()) for one in season.classes))


def _programme(season: Season) -> _Counted:
    """The columns and rows of the season."""
    programme = Programme()
    at: dict[tuple[int, int, int], int] = {}
    rules: list[Relaxation] = []
    a_move = _a_move(season)
    for index, one in enumerate(season.classes):
        for fortnight, number in _options(season, one):
            price = season.travel(one.campus, season.bays[number].campus)
            if _moves(season, index, fortnight, number):
                price += a_move
            at[index, fortnight, number] = programme.column(float(one.groups), price)
    by_need: dict[tuple[int, str], list[int]] = defaultdict(list)
    by_fortnight: dict[tuple[int, int], list[int]] = defaultdict(list)
    by_bay: dict[tuple[int, int], list[int]] = defaultdict(list)
    by_campus: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
    away: dict[int, list[int]] = defaultdict(list)
    columns_of = {column: key for key, column in at.items()}
    for (index, fortnight, number), column in at.items():
        bay = season.bays[number]
        by_need[index, bay.family].append(column)
        by_fortnight[index, fortnight].append(column)
        by_bay[number, fortnight].append(column)
        by_campus[bay.campus, fortnight].append((column, season.classes[index].size))
        if bay.campus != season.classes[index].campus:
            away[index].append(column)
    for index, one in enumerate(season.classes):
        for family, count in sorted(one.needs.items()):
            if count:
                asked = float(one.groups * count)
                programme.row(by_need[index, family], 1.0, asked, asked, gives=1.0)
                rules.append(Relaxation("class_needs", (one.id, family), asked, 0.0))
        for fortnight, family, is_pinned in _pins(one):
            there = [
                column
                for column in by_fortnight[index, fortnight]
                if season.bays[columns_of[column][2]].family == family
            ]
            kind, asked = ("class_pinned", float(one.groups)) if is_pinned else ("class_forbidden", 0.0)
            programme.row(there, 1.0, asked if is_pinned else -float("inf"), asked, gives=1.0 if is_pinned else -1.0)
            rules.append(Relaxation(kind, (one.id, family), asked, 0.0, fortnight))
        for fortnight in sorted(one.open):
            programme.row(by_fortnight[index, fortnight], 1.0, -float("inf"), float(one.groups))
        if season.away is not None and away[index]:
            asked = float(one.groups * season.away)
            programme.row(away[index], 1.0, -float("inf"), asked, gives=-1.0)
            rules.append(Relaxation("class_away", (one.id,), asked, 0.0))
    for (number, fortnight), columns in by_bay.items():
        bay = season.bays[number]
        places = bay.places[fortnight]
        programme.row(columns, 1.0, -float("inf"), float(places), gives=-1.0)
        rules.append(Relaxation("bay_places", (bay.family, bay.campus), float(places), 0.0, fortnight))
    for campus in season.campuses:
        for fortnight, most in enumerate(campus.trainees):
            cells = by_campus[campus.id, fortnight]
            if cells:
                # This rule gives in trainees where the others do in groups.
                there, sizes = [column for column, _ in cells], [float(size) for _, size in cells]
                programme.row(there, sizes, -float("inf"), float(most), gives=-1.0)
                rules.append(Relaxation("campus_mentors", (campus.id,), float(most), 0.0, fortnight))
    return _Counted(programme, at, tuple(rules), a_move)


def _split(season: Season, counts: dict[tuple[int, int, int], int]) -> tuple[Stay, ...]:
    families = {number: bay.family for number, bay in enumerate(season.bays)}
    stays: list[Stay] = []
    for index, one in enumerate(season.classes):
        away = frozenset(number for number, bay in enumerate(season.bays) if bay.campus != one.campus)
        mine = {(at, bay): count for (owner, at, bay), count in counts.items() if owner == index}
        rows = spread(one.groups, one.needs, mine, families, away, season.away)
        if rows is None:
            raise UnmetAssumption(
                "scheduling.away",
                f"the groups of {one.id} cannot share their fortnights away evenly, away at most {season.away}",
                "allow one fortnight more away, or split the class",
            )
        for group, row in enumerate(rows):
            for at, number in sorted(row.items()):
                bay = season.bays[number]
                stays.append(Stay(one.id, group, at, bay.family, bay.campus))
    return tuple(stays)


_WORDS = {
    "class_needs": "{subject} cannot have {by:g} of the {asked:g} fortnights of its groups",
    "class_away": "{subject} must be away {by:g} fortnights more than the {asked:g} allowed",
    "bay_places": "{subject} has {asked:g} places in fortnight {fortnight} and needs {by:g} more",
    "class_pinned": "{by:g} of the {asked:g} groups of {subject} cannot be pinned there in fortnight {fortnight}",
    "class_forbidden": "{by:g} groups of {subject} would have to be there in fortnight {fortnight}, which is forbidden",
    "campus_mentors": "{subject} has mentors for {asked:g} trainees in fortnight {fortnight} and needs {by:g} more",
}


def explain_rotation(season: Season, seconds: float) -> UnmetAssumption:
    """Which rules would have to give way, and by how much, as little as possible in all, where nothing keeps them all.

    Where several sets of rules would do with as little, this is one of them. Where the pins are to blame, `conflict`
    names those of them that the other rules leave no room for together.
    """
    end = time.monotonic() + seconds
    counted = _programme(season)
    relaxed = counted.programme.solve(seconds, relax=True)
    if relaxed.values is None:
        return too_slow(seconds)
    given = tuple(
        Relaxation(rule.kind, rule.subject, rule.asked, float(by), rule.fortnight)
        for rule, by in zip(counted.rules, relaxed.gave, strict=True)
        if by > 0
    )
    said = [
        _WORDS[one.kind].format(
            subject=" at ".join(one.subject) if one.kind == "bay_places" else ", ".join(one.subject),
            asked=one.asked, by=one.by, fortnight=None if one.fortnight is None else one.fortnight + 1,
        )
        for one in given[:5]
    ]  # fmt: skip
    more = f"; and {len(given) - 5} more" if len(given) > 5 else ""
    conflict = _conflict(season, end)
    together = f"; together {', '.join(conflict)} leave no plan" if conflict else ""
    return Unschedulable(
        f"no rotation keeps all rules; {'; '.join(said)}{more}{together}",
        "change these by as much, or open more fortnights",
        given,
        conflict,
    )


def _conflict(season: Season, end: float) -> tuple[str, ...]:
    """Pins that together leave no plan, none of which can be spared; empty where there is none without them either.

    Each is left out for good where there is none all the same. A question not answered in its time keeps the pin, so
    that the set then may hold one too many.
    """
    bare = replace(
        season, classes=tuple(replace(one, pinned={}, forbidden=frozenset(), stands={}) for one in season.classes)
    )
    pins = [(index, pin) for index, one in enumerate(season.classes) for pin in _pins(one)]
    if not pins or _is_impossible(bare, end):
        return ()
    kept = list(pins)
    for pin in pins:
        trial = [other for other in kept if other != pin]
        if _is_impossible(_with_pins(bare, trial), end):
            kept = trial
    return tuple(
        f"{'class_pinned' if is_pinned else 'class_forbidden'}/{season.classes[index].id}/{family}/{at}"
        for index, (at, family, is_pinned) in kept
    )


def _with_pins(bare: Season, pins: list[tuple[int, tuple[int, str, bool]]]) -> Season:
    pinned: dict[int, dict[int, str]] = defaultdict(dict)
    forbidden: dict[int, set[tuple[int, str]]] = defaultdict(set)
    for index, (at, family, is_pinned) in pins:
        if is_pinned:
            pinned[index][at] = family
        else:
            forbidden[index].add((at, family))
    classes = (
        replace(one, pinned=pinned[index], forbidden=frozenset(forbidden[index]))
        for index, one in enumerate(bare.classes)
    )
    return replace(bare, classes=tuple(classes))


def _is_impossible(season: Season, end: float) -> bool:
    left = end - time.monotonic()
    asked = _programme(season).programme
    # Any plan will do here, and the first one found ends it.
    asked.cost = [0.0] * len(asked.cost)
    return left > 0 and asked.solve(left).impossible
