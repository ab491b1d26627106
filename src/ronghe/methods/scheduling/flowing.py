"""The week as a flow: once every person's windows are chosen, placing the most sessions is a maximum flow.

Sessions flow from groups over their days to the machines of a kind in a slot, on to a mentor in that slot, his or
her day and week. All capacities are whole, so the flow is. Without windows the network bounds every plan from above.
Round by round the windows of some people are drawn anew, what no longer fits is dropped, and the flow augmented; a
round that ends with fewer sessions is forgotten.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.scheduling.clashes import Clashes, authorised
from ronghe.methods.scheduling.week import Week
from ronghe.methods.scheduling.windows import Windows

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Kind = tuple[str, str]
_KEEP = 1e4
# How many of the people have their windows drawn anew, in turn: small changes and large ones; among few, larger ones.
_REDRAWN = (0.05, 0.1, 0.2, 0.4)
_REDRAWN_OF_FEW = (0.25, 0.5, 0.75, 1.0)
_FEW = 40


@dataclass(slots=True)
class Network:
    """The nodes and arcs of a week: group arcs (group, slot, kind) and mentor arcs (mentor, slot, kind)."""

    week: Week
    kinds: list[Kind]
    open: Integers
    day: Integers
    group: Integers
    group_slot: Integers
    group_kind: Integers
    mentor: Integers
    mentor_slot: Integers
    mentor_kind: Integers
    days: int


def network_of(week: Week) -> Network:
    """The arcs that machines, authorisations, study, other work and travel leave open."""
    clashes = Clashes(week)
    kinds = sorted({(machine.family, machine.campus) for machine in week.machines})
    number = {kind: index for index, kind in enumerate(kinds)}
    slots = week.slots
    free = np.zeros((len(kinds), len(slots)), dtype=np.int64)
    for machine in week.machines:
        row = number[machine.family, machine.campus]
        for at, slot in enumerate(slots):
            free[row, at] += not any(busy.start < slot.end and slot.start < busy.end for busy in machine.closed)
    groups = []
    for index, group in enumerate(week.groups):
        kind = number[group.family, group.campus]
        groups += [
            (index, at, kind)
            for at, slot in enumerate(slots)
            if free[kind, at]
            and authorised(group.authorised, group.family, slot)
            and clashes.free(at, group.campus, group.study)
        ]
    mentors = []
    for index, mentor in enumerate(week.mentors):
        for campus in mentor.campuses:
            at_rest = [at for at in range(len(slots)) if clashes.free(at, campus, mentor.busy)]
            for kind, (family, where) in enumerate(kinds):
                if where == campus:
                    mentors += [
                        (index, at, kind)
                        for at in at_rest
                        if free[kind, at] and authorised(mentor.authorised, family, slots[at])
                    ]
    days = sorted({slot.day for slot in slots})
    group_arcs = np.array(groups, dtype=np.int64).reshape(-1, 3)
    mentor_arcs = np.array(mentors, dtype=np.int64).reshape(-1, 3)
    return Network(
        week, kinds, free, np.array([days.index(slot.day) for slot in slots]),
        group_arcs[:, 0], group_arcs[:, 1], group_arcs[:, 2],
        mentor_arcs[:, 0], mentor_arcs[:, 1], mentor_arcs[:, 2], len(days),
    )  # fmt: skip


@dataclass(slots=True)
class Flow:
    """Which group arcs and mentor arcs are used."""

    groups: Booleans
    mentors: Booleans

    @property
    def placed(self) -> int:
        """How many sessions flow."""
        return int(self.groups.sum())


def augment(net: Network, flow: Flow, group_ok: Booleans, mentor_ok: Booleans, wanted: Integers) -> Flow:
    """The greatest flow that grows out of `flow` over the arcs allowed, each group up to `wanted` sessions."""
    # SciPy is loaded where a week is planned, not with every page.
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import maximum_flow

    week, rules = net.week, net.week.rules
    groups, mentors, slots = len(week.groups), len(week.mentors), len(week.slots)
    cells = len(net.kinds) * slots
    at_group = 1
    at_group_day = at_group + groups
    at_in = at_group_day + groups * net.days
    at_out = at_in + cells
    at_mentor_slot = at_out + cells
    at_mentor_day = at_mentor_slot + mentors * slots
    at_mentor = at_mentor_day + mentors * net.days
    sink = at_mentor + mentors
    tails: list[Integers] = []
    heads: list[Integers] = []
    room: list[Integers] = []

    def arcs(tail: Integers, head: Integers, capacity: Integers, used: Integers) -> None:
        tails.extend((tail, head))
        heads.extend((head, tail))
        room.extend((capacity - used, used))

    y, z = flow.groups.astype(np.int64), flow.mentors.astype(np.int64)
    of_group = np.bincount(net.group, y, groups).astype(np.int64)
    group_day = net.group * net.days + net.day[net.group_slot]
    of_group_day = np.bincount(group_day, y, groups * net.days).astype(np.int64)
    cell = net.group_kind * slots + net.group_slot
    of_cell = np.bincount(cell, y, cells).astype(np.int64)
    mentor_cell = net.mentor_kind * slots + net.mentor_slot
    mentor_slot = net.mentor * slots + net.mentor_slot
    of_mentor_slot = np.bincount(mentor_slot, z, mentors * slots).astype(np.int64)
    mentor_day = np.repeat(np.arange(mentors), slots) * net.days + np.tile(net.day, mentors)
    of_mentor_day = np.bincount(mentor_day, of_mentor_slot, mentors * net.days).astype(np.int64)
    of_mentor = np.bincount(net.mentor, z, mentors).astype(np.int64)
    everyone, all_days = np.arange(groups), np.arange(groups * net.days)
    # A group never gives a session back, so nothing flows back into the source.
    arcs(np.zeros(groups, dtype=np.int64), at_group + everyone, wanted, of_group)
    room[-1] = np.zeros(groups, dtype=np.int64)
    arcs(
        at_group + all_days // net.days, at_group_day + all_days, np.full(len(all_days), rules.group_day), of_group_day
    )
    arcs(at_group_day + group_day, at_in + cell, np.maximum(group_ok, flow.groups).astype(np.int64), y)
    arcs(at_in + np.arange(cells), at_out + np.arange(cells), net.open.ravel(), of_cell)
    arcs(at_out + mentor_cell, at_mentor_slot + mentor_slot, np.maximum(mentor_ok, flow.mentors).astype(np.int64), z)
    arcs(
        at_mentor_slot + np.arange(mentors * slots),
        at_mentor_day + mentor_day,
        np.ones(mentors * slots, np.int64),
        of_mentor_slot,
    )
    mentor_days = np.arange(mentors * net.days)
    arcs(
        at_mentor_day + mentor_days,
        at_mentor + mentor_days // net.days,
        np.full(len(mentor_days), rules.mentor_day),
        of_mentor_day,
    )
    arcs(at_mentor + np.arange(mentors), np.full(mentors, sink), np.full(mentors, rules.mentor_week), of_mentor)
    graph = coo_array(
        (np.concatenate(room).astype(np.int32), (np.concatenate(tails), np.concatenate(heads))),
        shape=(sink + 1, sink + 1),
    ).tocsr()
    moved = maximum_flow(graph, 0, sink).flow
    by_group = np.asarray(moved[at_group_day + group_day, at_in + cell]).ravel()
    by_mentor = np.asarray(moved[at_out + mentor_cell, at_mentor_slot + mentor_slot]).ravel()
    return Flow(y + by_group > 0, z + by_mentor > 0)


def nothing(net: Network) -> Flow:
    """The empty flow."""
    return Flow(np.zeros(len(net.group), dtype=bool), np.zeros(len(net.mentor), dtype=bool))


def most(net: Network, asked: Mapping[str, int] | None = None) -> int:
    """No plan places more: the greatest flow with rest, nights and mentors' journeys left aside.

    `asked` gives for each group how many sessions count, instead of all it wants.
    """
    each = (group.wanted if asked is None else asked.get(group.id, 0) for group in net.week.groups)
    wanted = np.array(list(each), dtype=np.int64)
    everything = augment(net, nothing(net), np.ones(len(net.group), bool), np.ones(len(net.mentor), bool), wanted)
    return everything.placed


def search(
    net: Network, bound: int, rounds: int, seed: int, enough: float, running: Callable[[int], bool] = lambda _: True
) -> Flow:
    """The best flow found in so many rounds of windows; each group's least is filled first.

    Stops where `bound` is reached to within the share `enough`. The same seed and rounds give the same flow; `running`
    is asked before each round, and False ends the search.
    """
    week, rules = net.week, net.week.rules
    generator = np.random.default_rng(seed)
    group_windows = Windows(week, rules.rest_hours)
    ways = [
        max(week.journey(one, other).total_seconds() / 3600 for one in mentor.campuses for other in mentor.campuses)
        for mentor in week.mentors
    ]
    mentor_windows = Windows(week, rules.rest_hours + max(ways, default=0.0))
    least = np.array([group.least for group in week.groups], dtype=np.int64)
    wanted = np.array([group.wanted for group in week.groups], dtype=np.int64)
    campus_of = np.array([where for _, where in net.kinds])
    slots = len(week.slots)
    best = flow = nothing(net)
    score = -math.inf
    shares = _REDRAWN_OF_FEW if len(week.groups) + len(week.mentors) < _FEW else _REDRAWN
    for turn in range(rounds):
        if not running(turn):
            break
        cell = net.group_kind * slots + net.group_slot
        used = np.bincount(cell, best.groups, net.open.size).reshape(net.open.shape)
        spare = np.minimum(net.open - used, 2)
        share = shares[turn % len(shares)]
        keep = np.where(generator.random(len(week.groups)) < share, 0.0, _KEEP)
        worth = generator.random((len(week.groups), slots))
        worth[net.group, net.group_slot] += 1.5 * spare[net.group_kind, net.group_slot] + keep[net.group] * best.groups
        group_ok = group_windows.choose(worth, rules.group_nights)[net.group, net.group_slot]
        keep = np.where(generator.random(len(week.mentors)) < share, 0.0, _KEEP)
        worth = generator.random((len(week.mentors), slots)) * 0.5
        np.add.at(worth, (net.mentor, net.mentor_slot), 1.5 * spare[net.mentor_kind, net.mentor_slot])
        np.add.at(worth, (net.mentor, net.mentor_slot), keep[net.mentor] * best.mentors)
        mentor_ok = mentor_windows.choose(worth, rules.mentor_nights)[net.mentor, net.mentor_slot]
        mentor_ok &= _one_campus_a_day(net, best.mentors & (keep[net.mentor] > 0), campus_of, generator)
        flow = _within(net, best, group_ok, mentor_ok)
        flow = augment(net, flow, group_ok, mentor_ok, least)
        flow = augment(net, flow, group_ok, mentor_ok, wanted)
        short = np.maximum(least - np.bincount(net.group, flow.groups, len(least)), 0).sum()
        reached = flow.placed - 10.0 * short
        if reached >= score:
            best, score = flow, reached
        if score >= bound * (1 - enough):
            break
    return best


def _within(net: Network, flow: Flow, group_ok: Booleans, mentor_ok: Booleans) -> Flow:
    """What of a flow stays over the arcs allowed: in each cell as many groups as mentors."""
    slots = len(net.week.slots)
    groups, mentors = flow.groups & group_ok, flow.mentors & mentor_ok
    cells = net.group_kind * slots + net.group_slot, net.mentor_kind * slots + net.mentor_slot
    count = np.minimum(
        *(np.bincount(cell, kept, net.open.size) for cell, kept in zip(cells, (groups, mentors), strict=True))
    )
    return Flow(_first(cells[0], groups, count), _first(cells[1], mentors, count))


def _first(cell: Integers, kept: Booleans, count: NDArray[np.float64]) -> Booleans:
    """Of the arcs kept in each cell the first so many."""
    at = np.flatnonzero(kept)
    order = at[np.argsort(cell[at], kind="stable")]
    of = cell[order]
    rank = np.arange(len(of)) - np.searchsorted(of, of, side="left")
    found = np.zeros(len(cell), dtype=bool)
    found[order[rank < count[of]]] = True
    return found


def _one_campus_a_day(
    net: Network, kept: Booleans, campus_of: NDArray[np.str_], generator: np.random.Generator
) -> Booleans:
    """Mentor arcs at the campus of the day: where the mentor is kept at work, else one drawn."""
    here = np.zeros(len(net.mentor), dtype=bool)
    day = net.day[net.mentor_slot]
    where = campus_of[net.mentor_kind]
    for index, mentor in enumerate(net.week.mentors):
        mine = net.mentor == index
        if len(mentor.campuses) == 1:
            here |= mine
            continue
        for number in range(net.days):
            today = mine & (day == number)
            working = today & kept
            chosen = where[working][0] if working.any() else mentor.campuses[generator.integers(len(mentor.campuses))]
            here |= today & (where == chosen)
    return here
