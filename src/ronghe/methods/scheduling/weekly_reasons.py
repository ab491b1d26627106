"""Why a week has no plan: which rules together leave none, and what each would bring were it lifted alone.

A conflict is minimal: of its rules none can be left out, since all the others lifted with it would leave a plan. It
plans nothing that could be published.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ronghe.methods.scheduling.clashes import Clashes
from ronghe.methods.scheduling.flowing import Network, augment, network_of, nothing
from ronghe.methods.scheduling.programme import Programme
from ronghe.methods.scheduling.proof import Relaxation, Unschedulable
from ronghe.methods.scheduling.repair import work_rows
from ronghe.methods.scheduling.week import Authorised, Mentor, Week

_INFINITE = float("inf")
# One question to the integer programme takes at most this share of the time given.
_SHARE = 0.2


def _families(week: Week) -> tuple[Authorised, ...]:
    return tuple(
        Authorised(family, week.slots[0].start) for family in sorted({machine.family for machine in week.machines})
    )


def _more_mentors(week: Week) -> Week:
    """Two more mentors for each machine, who may do all there and are never busy."""
    more = tuple(
        Mentor(f"{machine.id} {number}", (machine.campus,), _families(week))
        for machine in week.machines
        for number in range(2)
    )
    return replace(week, mentors=(*week.mentors, *more))


def _hours(week: Week) -> Week:
    slots = len(week.slots)
    return replace(week, rules=replace(week.rules, mentor_day=slots, mentor_week=slots))


def _nights(week: Week) -> Week:
    slots = len(week.slots)
    return replace(week, rules=replace(week.rules, group_nights=slots, mentor_nights=slots))


# How a week looks with each rule lifted.
LIFTED: dict[str, Callable[[Week], Week]] = {
    "mentor_hours": _hours,
    "mentor_number": _more_mentors,
    "mentor_authorised": lambda week: replace(
        week, mentors=tuple(replace(one, authorised=_families(week)) for one in week.mentors)
    ),
    "mentor_busy": lambda week: replace(week, mentors=tuple(replace(one, busy=()) for one in week.mentors)),
    "machine_closed": lambda week: replace(week, machines=tuple(replace(one, closed=()) for one in week.machines)),
    "group_authorised": lambda week: replace(
        week, groups=tuple(replace(one, authorised=_families(week)) for one in week.groups)
    ),
    "group_study": lambda week: replace(week, groups=tuple(replace(one, study=()) for one in week.groups)),
    "group_day": lambda week: replace(week, rules=replace(week.rules, group_day=len(week.slots))),
    "travel": lambda week: replace(week, travel={}),
    "rest": lambda week: replace(week, rules=replace(week.rules, rest_hours=0.0)),
    "nights": _nights,
}


def explain_week(week: Week, net: Network, seconds: float = 20.0) -> None:
    """Raise `Unschedulable` where the groups' least cannot be met even without rest and night rules.

    It names the groups that fall short in one such best attempt, for each kind of rule how many of the missing sessions
    would fit were it lifted alone, and a minimal set of rules that leave no plan.
    """
    asked = sum(group.least for group in week.groups)
    reached, short = _least_flow(net)
    if reached < asked:
        gains = []
        for kind, lift in LIFTED.items():
            better, _ = _least_flow(network_of(lift(week)))
            if better > reached:
                gains.append(Relaxation(kind, short[:5], float(asked - reached), float(better - reached)))
        part = _part_of(week, short)
        # Where the shortage comes of what others take, only the whole week shows it.
        blamed = part if _missing(part, 0.0)[1] else week
        raise _no_plan(asked, asked - reached, short, gains, _conflict(blamed, seconds))


def explain_rest(week: Week, short: tuple[str, ...], seconds: float = 20.0) -> None:
    """Raise `Unschedulable` where it is proven that rest, nights and journeys leave no plan for these groups.

    An integer programme over the machines of their kinds and all who may lead there: what it proves impossible is so in
    the whole week, which is asked where that part has room. Does nothing where no proof is found within the time.
    """
    part = _part_of(week, short)
    missing, proven = _missing(part, seconds * _SHARE)
    if not missing and part.groups != week.groups:
        part = week
        missing, proven = _missing(part, seconds * _SHARE)
    if not proven or not missing:
        return
    conflict = _conflict(part, seconds * (1 - _SHARE))
    gains = []
    for kind in conflict:
        left, certain = _missing(LIFTED[kind](part), seconds * _SHARE)
        if certain and left < missing:
            gains.append(Relaxation(kind, short[:5], float(missing), float(missing - left)))
    raise _no_plan(sum(group.least for group in part.groups), missing, short, gains, conflict)


def _no_plan(
    asked: int, missing: int, short: tuple[str, ...], gains: list[Relaxation], conflict: tuple[str, ...]
) -> Unschedulable:
    gains.sort(key=lambda one: (-one.by, one.kind))
    said = "; ".join(f"without {one.kind} {one.by:g} more" for one in gains) or "no single rule would help"
    together = f"; together {', '.join(conflict)} leave no plan" if conflict else ""
    return Unschedulable(
        f"{missing} of the {asked} sessions that must be find no place ({', '.join(short[:5])}): {said}{together}",
        "ease one of these rules, add machines or mentors, or lower the least",
        tuple(gains),
        conflict,
    )


def _part_of(week: Week, short: tuple[str, ...]) -> Week:
    """The week of the groups at the same kinds of machine as those that fall short: less to place with all there is."""
    kinds = {(group.family, group.campus) for group in week.groups if group.id in short}
    return replace(
        week,
        groups=tuple(group for group in week.groups if (group.family, group.campus) in kinds),
        machines=tuple(machine for machine in week.machines if (machine.family, machine.campus) in kinds),
    )


def _conflict(week: Week, seconds: float) -> tuple[str, ...]:
    """Rules that together leave no plan, none of which can be spared: each is lifted for good where none appears.

    Empty where no rule that can be lifted is to blame (machines are too few). A question not answered in its time keeps
    the rule, so that the set then may hold one too many.
    """
    end = time.monotonic() + seconds
    eased, conflict = week, []
    for kind, lift in LIFTED.items():
        trial = lift(eased)
        missing, proven = _missing(trial, min(seconds * _SHARE, end - time.monotonic()))
        if missing and proven:
            eased = trial
        else:
            conflict.append(kind)
    return tuple(conflict)


def _missing(week: Week, seconds: float) -> tuple[int, bool]:
    """How few of the sessions that must be find no place, by all rules, and whether that more than 0 are is proven.

    A flow without rest, nights and journeys comes first: what it cannot place, nothing can.
    """
    net = network_of(week)
    asked = sum(group.least for group in week.groups)
    reached, _ = _least_flow(net)
    if reached < asked:
        return asked - reached, True
    found = _programme(week, net).solve(max(0.1, seconds))
    if found.values is None:
        return 0, False
    return round(found.objective), found.bound > 0.5 or found.objective < 0.5


def _programme(week: Week, net: Network) -> Programme:
    """Sessions of groups and of mentors by slot, as few as can be missing of the groups' least."""
    programme = Programme()
    clashes, rules = Clashes(week), week.rules
    working: dict[tuple[int, int], list[int]] = defaultdict(list)
    leading: dict[tuple[int, int], list[int]] = defaultdict(list)
    by_group: dict[int, dict[int, list[int]]] = defaultdict(dict)
    for group, at, kind in zip(net.group.tolist(), net.group_slot.tolist(), net.group_kind.tolist(), strict=True):
        column = programme.column(1.0)
        by_group[group][at] = [column]
        working[kind, at].append(column)
    pairs = clashes.pairs()
    for number, group in enumerate(week.groups):
        mine = by_group[number]
        missing = programme.column(float(group.least), 1.0)
        everything = [column for columns in mine.values() for column in columns]
        programme.row([*everything, missing], 1.0, float(group.least), _INFINITE)
        work_rows(programme, week, mine, pairs, rules.group_day, rules.group_nights)
    by_mentor: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    places: dict[int, dict[tuple[int, str], list[int]]] = defaultdict(lambda: defaultdict(list))
    for mentor, at, kind in zip(net.mentor.tolist(), net.mentor_slot.tolist(), net.mentor_kind.tolist(), strict=True):
        column = programme.column(1.0)
        by_mentor[mentor][at].append(column)
        places[mentor][week.slots[at].day, net.kinds[kind][1]].append(column)
        leading[kind, at].append(column)
    for number, mine in by_mentor.items():
        campuses = week.mentors[number].campuses
        way = max(week.journey(one, other) for one in campuses for other in campuses)
        programme.row([c for columns in mine.values() for c in columns], 1.0, -_INFINITE, float(rules.mentor_week))
        for columns in mine.values():
            if len(columns) > 1:
                programme.row(columns, 1.0, -_INFINITE, 1.0)
        work_rows(
            programme, week, dict(mine), clashes.pairs(way) if way else pairs, rules.mentor_day, rules.mentor_nights
        )
        _one_place_a_day(programme, places[number])
    for (kind, at), columns in working.items():
        leads = leading[kind, at]
        programme.row(columns, 1.0, -_INFINITE, float(net.open[kind, at]))
        programme.row([*columns, *leads], [1.0] * len(columns) + [-1.0] * len(leads), -_INFINITE, 0.0)
    return programme


def _one_place_a_day(programme: Programme, places: dict[tuple[int, str], list[int]]) -> None:
    for day in {day for day, _ in places}:
        here = [columns for (on, _), columns in places.items() if on == day]
        if len(here) > 1:
            flags = []
            for columns in here:
                flag = programme.column(1.0)
                flags.append(flag)
                for column in columns:
                    programme.row([column, flag], [1.0, -1.0], -_INFINITE, 0.0)
            programme.row(flags, 1.0, -_INFINITE, 1.0)


def _least_flow(net: Network) -> tuple[int, tuple[str, ...]]:
    least = np.array([group.least for group in net.week.groups], dtype=np.int64)
    everything = np.ones(len(net.group), dtype=bool), np.ones(len(net.mentor), dtype=bool)
    flow = augment(net, nothing(net), *everything, least)
    had = np.bincount(net.group[flow.groups], minlength=len(least))
    return flow.placed, tuple(net.week.groups[at].id for at in np.flatnonzero(had < least))
