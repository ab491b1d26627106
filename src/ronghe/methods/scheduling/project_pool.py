"""A project as tables over activities and kinds of persons, and schedules built step by step; it proves nothing.

Persons with the same skills are one kind. Counting kinds loses nothing: activities that overlap in time are an interval
graph, so that where no moment needs more of a kind than there are, each can be given to one person from start to end.
"""

from __future__ import annotations

import copy
import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.scheduling.project import Project, Work, order

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
# With more skills than this only some of the 2^skills sets of skills are looked at.
_ALL_SETS = 6
_MOST_SETS = 100


@dataclass(frozen=True, slots=True)
class Plan:
    """Starts by activity, and for each (activity, kind, skill) how many persons of the kind give the skill."""

    length: int
    starts: tuple[int, ...]
    used: Mapping[tuple[int, int, int], int]


class Pool:
    """Activities as rows with duration and needs by skill, kinds of persons with their number, and what follows what.

    `capacities` and `demands` (sets of skills × activities): persons who have one of the skills of a set, and how many
    an activity needs of these skills. For all sets they are what activities must meet to run at once (Hall).
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.ids = [one.id for one in project.activities]
        number = {name: at for at, name in enumerate(self.ids)}
        self.skills = sorted({skill for one in project.activities for skill in one.needs})
        column = {skill: at for at, skill in enumerate(self.skills)}
        self.durations = [one.duration for one in project.activities]
        self.needs = np.zeros((len(self.ids), len(self.skills)), dtype=np.int64)
        for at, one in enumerate(project.activities):
            # What takes no time keeps nobody busy.
            for skill, count in one.needs.items() if one.duration else ():
                self.needs[at, column[skill]] = count
        useful = [frozenset(column[skill] for skill in person.skills if skill in column) for person in project.persons]
        counted = Counter(useful)
        # Those with the fewest skills come first, so that they are taken before those who are needed elsewhere too.
        self.kinds = sorted((kind for kind in counted if kind), key=lambda kind: (len(kind), sorted(kind)))
        self.counts = [counted[kind] for kind in self.kinds]
        self.members: dict[int, list[str]] = {at: [] for at in range(len(self.kinds))}
        for person, kind in zip(project.persons, useful, strict=True):
            if kind:
                self.members[self.kinds.index(kind)].append(person.id)
        self.pairs = sorted({(number[name], at) for at, one in enumerate(project.activities) for name in one.after})
        self.following: dict[int, list[int]] = defaultdict(list)
        for before, then in self.pairs:
            self.following[before].append(then)
        self.order = [number[name] for name in order(project)]
        self.tail = [0] * len(self.ids)
        for at in reversed(self.order):
            self.tail[at] = self.durations[at] + max((self.tail[then] for then in self.following[at]), default=0)
        self._sets()

    def _sets(self) -> None:
        skills = range(len(self.skills))
        if len(self.skills) <= _ALL_SETS:
            sets = {frozenset(some) for size in skills for some in combinations(skills, size + 1)}
        else:
            often = Counter(frozenset(np.flatnonzero(row).tolist()) for row in self.needs if row.any())
            own = [some for some, _ in often.most_common(_MOST_SETS)]
            sets = {frozenset({skill}) for skill in skills} | set(own) | {one | other for one in own for other in own}
            sets.add(frozenset(skills))
        rows = []
        for some in sorted(sets, key=lambda some: (len(some), sorted(some))):
            capacity = sum(count for kind, count in zip(self.kinds, self.counts, strict=True) if kind & some)
            demand = self.needs[:, sorted(some)].sum(axis=1)
            rows.append((-float(demand @ np.array(self.durations)) / max(1, capacity), capacity, demand))
        # The fullest sets say the most.
        rows = sorted(rows, key=lambda row: row[0])[:_MOST_SETS]
        self.capacities = np.array([capacity for _, capacity, _ in rows], dtype=np.int64)
        self.demands = np.array([demand for *_, demand in rows], dtype=np.int64).reshape(len(rows), len(self.ids))

    def related(self) -> Booleans:
        """Which activities follow which, over others too: [before, then]."""
        reach: Booleans = np.zeros((len(self.ids), len(self.ids)), dtype=np.bool_)
        for at in reversed(self.order):
            for then in self.following[at]:
                reach[at] |= reach[then]
                reach[at, then] = True
        return reach

    def turned(self) -> Pool:
        """The same activities backwards in time: each before what it follows. Only for building schedules."""
        back = copy.copy(self)
        back.pairs = sorted((then, before) for before, then in self.pairs)
        back.following = defaultdict(list)
        for then, before in back.pairs:
            back.following[then].append(before)
        return back

    def critical(self) -> int:
        """The length of the longest chain of activities."""
        return max(self.tail, default=0)

    def work(self, plan: Plan) -> tuple[Work, ...]:
        """Who does what: each kind's activities go, in the order of their starts, to the persons who are free."""
        rows = []
        free = {kind: [(0, name) for name in names] for kind, names in self.members.items()}
        for at in sorted(range(len(self.ids)), key=lambda at: (plan.starts[at], at)):
            start, end = plan.starts[at], plan.starts[at] + self.durations[at]
            taken = []
            for (activity, kind, skill), count in sorted(plan.used.items()):
                if activity != at:
                    continue
                for _ in range(count):
                    since, person = heapq.heappop(free[kind])
                    if since > start:
                        raise ArithmeticError(f"{person} is not free at {start}")
                    rows.append(Work(self.ids[at], person, self.skills[skill], start, end))
                    taken.append((kind, person))
            # Only now, lest one person be taken twice for an activity that takes no time.
            for kind, person in taken:
                heapq.heappush(free[kind], (end, person))
        return tuple(sorted(rows))


def build(pool: Pool, priority: list[float]) -> Plan:
    """A schedule in the order of time: at each moment the activities that may start, the most urgent first, where
    enough persons are free (the parallel scheme of schedule generation)."""
    free = list(pool.counts)
    waiting = Counter(then for _, then in pool.pairs)
    ready = [at for at in range(len(pool.ids)) if not waiting[at]]
    starts = [0] * len(pool.ids)
    used: dict[tuple[int, int, int], int] = {}
    running: list[tuple[int, int]] = []
    held: dict[int, Counter[tuple[int, int]]] = {}
    now = 0
    while ready or running:
        ready.sort(key=lambda at: -priority[at])
        later = []
        for at in ready:
            team = _team(pool, pool.needs[at].tolist(), free)
            if team is None:
                later.append(at)
                continue
            for (kind, skill), count in team.items():
                free[kind] -= count
                used[at, kind, skill] = count
            starts[at], held[at] = now, team
            heapq.heappush(running, (now + pool.durations[at], at))
        ready = later
        now = running[0][0]
        while running and running[0][0] == now:
            _, at = heapq.heappop(running)
            for (kind, _), count in held.pop(at).items():
                free[kind] += count
            for then in pool.following[at]:
                waiting[then] -= 1
                if not waiting[then]:
                    ready.append(then)
    return Plan(now, tuple(starts), used)


def _team(pool: Pool, needs: list[int], free: list[int]) -> Counter[tuple[int, int]] | None:
    """Who of those free gives which skill, those with few skills first; None where they do not suffice.

    Seat by seat along an augmenting path (Kuhn), kinds of persons standing for their persons.
    """
    team: Counter[tuple[int, int]] = Counter()
    load = [0] * len(free)

    def seated(skill: int, tried: set[int]) -> bool:
        for kind, having in enumerate(pool.kinds):
            if skill not in having or not free[kind] or kind in tried:
                continue
            tried.add(kind)
            if load[kind] < free[kind]:
                load[kind] += 1
                team[kind, skill] += 1
                return True
            for other in sorted(having):
                if other != skill and team[kind, other] and seated(other, tried):
                    team[kind, other] -= 1
                    team[kind, skill] += 1
                    return True
        return False

    for skill in sorted(range(len(needs)), key=lambda skill: -needs[skill]):
        for _ in range(needs[skill]):
            if not seated(skill, set()):
                return None
    return +team
