"""Repairs a week after a change, a machine down or a mentor ill, moving as little as possible; it never adds sessions.

What the change touches is a kind of machine on a campus: its groups and the mentors who may lead them are planned anew
by an integer programme, all else stands. The past stands as well.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from ronghe.methods.explained import Assumption, Explanation, inputs_hash
from ronghe.methods.scheduling.checks import Breach
from ronghe.methods.scheduling.clashes import Clashes, authorised
from ronghe.methods.scheduling.flowing import most, network_of
from ronghe.methods.scheduling.programme import Programme
from ronghe.methods.scheduling.proof import Proof, Standing, standing, too_slow
from ronghe.methods.scheduling.seating import seat
from ronghe.methods.scheduling.week import Mentor, Session, Week, check_week
from ronghe.methods.scheduling.week_checks import week_breaches

VERSION = 1
Kind = tuple[str, str]
# A session lost outweighs all else, then a group short of its least, then a session moved in time, then a mentor
# called in for a slot he or she did not have.
_LOST, _SHORT, _MOVED, _CALLED = 10_000_000.0, 100_000.0, 500.0, 1.0


@dataclass(frozen=True, slots=True)
class Repair:
    """The mended plan and what it changes: sessions lost, those in a new slot, those with a new machine or mentor.

    `proofs` bound how few could be lost and moved by any plan.
    """

    sessions: tuple[Session, ...]
    lost: tuple[Session, ...]
    moved: tuple[Session, ...]
    reseated: tuple[Session, ...]
    standing: Standing
    proofs: tuple[Proof, ...]
    breaches: tuple[Breach, ...]
    explanation: Explanation


@dataclass(slots=True)
class _Part:
    """The programme of the kinds touched: columns by (group, slot) and by (mentor, slot, kind)."""

    programme: Programme = field(default_factory=Programme)
    groups: dict[tuple[str, int], int] = field(default_factory=dict)
    mentors: dict[tuple[str, int, Kind], int] = field(default_factory=dict)


class _Before:
    """The older plan beside the changed week: who worked when, and which sessions can no longer be as they were."""

    def __init__(self, week: Week, sessions: Iterable[Session], now: datetime) -> None:
        self.week, self.now = week, now
        self.clashes = Clashes(week)
        self.kind_of = {group.id: (group.family, group.campus) for group in week.groups}
        self.sessions = tuple(sorted(sessions))
        self.groups = {(one.group, one.slot) for one in self.sessions}
        self.mentors = {(one.mentor, one.slot, self.kind_of[one.group]) for one in self.sessions}
        self.open: Counter[tuple[Kind, int]] = Counter()
        for machine in week.machines:
            for at, slot in enumerate(week.slots):
                if not any(busy.start < slot.end and slot.start < busy.end for busy in machine.closed):
                    self.open[(machine.family, machine.campus), at] += 1
        mentors = {mentor.id: mentor for mentor in week.mentors}
        groups = {group.id: group for group in week.groups}
        self.touched: set[Kind] = set()
        self.least_moved = 0
        count: Counter[tuple[Kind, int]] = Counter()
        for one in self.sessions:
            if self.past(one.slot):
                continue
            kind, group = self.kind_of[one.group], groups[one.group]
            stays = self.clashes.free(one.slot, group.campus, group.study)
            if stays:
                count[kind, one.slot] += 1
            self.least_moved += not stays
            if not stays or one.mentor not in mentors or not self.may_lead(mentors[one.mentor], one.slot, kind):
                self.touched.add(kind)
        for (kind, at), many in count.items():
            if many > self.open[kind, at]:
                self.touched.add(kind)
                self.least_moved += many - self.open[kind, at]

    def past(self, at: int) -> bool:
        return self.week.slots[at].start < self.now

    def may_lead(self, mentor: Mentor, at: int, kind: Kind) -> bool:
        return (
            kind[1] in mentor.campuses
            and authorised(mentor.authorised, kind[0], self.week.slots[at])
            and self.clashes.free(at, kind[1], mentor.busy)
        )


def repair_week(week: Week, before: Iterable[Session], now: datetime, *, seconds: float = 30.0) -> Repair:
    """The plan nearest to `before` that keeps the rules of the changed `week` from `now` on.

    First the fewest sessions are lost, then as few as can be of those a group must have; then the fewest moved in time,
    then the fewest mentors called in for a slot they did not have: an integer programme (HiGHS) over the kinds touched.
    No plan can move fewer than stand where no machine is left for them: where as many are moved, that is proven for all
    plans, and otherwise bounded by it.

    Raises `UnmetAssumption` as `check_week` does and `scheduling.time` where nothing was found in time.
    """
    check_week(week)
    old = _Before(week, before, now)
    groups, mentors = old.groups, old.mentors
    if old.touched:
        part = _part(week, old)
        found = part.programme.solve(seconds)
        if found.values is None:
            raise too_slow(seconds)
        values = found.values
        again = {group.id for group in week.groups if old.kind_of[group.id] in old.touched}
        groups = {key for key in groups if key[0] not in again}
        groups |= {key for key, column in part.groups.items() if values[column] > 0.5}
        mentors = {key for key in mentors if key[2] not in old.touched}
        mentors |= {key for key, column in part.mentors.items() if values[column] > 0.5 and key[2] in old.touched}
    held = {(one.group, one.slot): (one.machine, one.mentor) for one in old.sessions}
    sessions = seat(week, groups, _as_many(groups, mentors, old), held)
    return _compared(week, old, sessions)


def _as_many(
    groups: set[tuple[str, int]], mentors: set[tuple[str, int, Kind]], old: _Before
) -> list[tuple[str, int, Kind]]:
    """Where a slot has more mentors than groups, those who had it before come first and the rest are let go."""
    asked = Counter((old.kind_of[group], at) for group, at in groups)
    by_cell: dict[tuple[Kind, int], list[tuple[str, int, Kind]]] = defaultdict(list)
    for key in mentors:
        by_cell[key[2], key[1]].append(key)
    return [
        key
        for cell, many in by_cell.items()
        for key in sorted(many, key=lambda one: (one not in old.mentors, one))[: asked[cell]]
    ]


def _part(week: Week, old: _Before) -> _Part:
    """Rows of the kinds touched; mentors keep what they lead elsewhere, and the past is as it was."""
    part, rules = _Part(), week.rules
    programme = part.programme
    pairs = old.clashes.pairs()
    working: dict[tuple[Kind, int], list[int]] = defaultdict(list)
    leading: dict[tuple[Kind, int], list[int]] = defaultdict(list)
    total = 0
    for group in week.groups:
        kind = old.kind_of[group.id]
        if kind not in old.touched:
            continue
        mine: dict[int, list[int]] = {}
        for at, slot in enumerate(week.slots):
            was = (group.id, at) in old.groups
            usable = authorised(group.authorised, group.family, slot) and old.clashes.free(
                at, group.campus, group.study
            )
            if old.past(at):
                if was:
                    column = programme.column(1.0, -_LOST, 1.0)
                    mine[at] = [column]
                    part.groups[group.id, at] = column
            elif old.open[kind, at] and usable:
                column = programme.column(1.0, -_LOST + (0.0 if was else _MOVED))
                mine[at] = [column]
                part.groups[group.id, at] = column
                working[kind, at].append(column)
        had = sum((group.id, at) in old.groups for at in range(len(week.slots)))
        total += had
        everything = [column for columns in mine.values() for column in columns]
        programme.row(everything, 1.0, -float("inf"), float(had))
        if least := min(group.least, had):
            short = programme.column(float(least), _SHORT)
            programme.row([*everything, short], 1.0, float(least), float("inf"))
        work_rows(programme, week, mine, pairs, rules.group_day, rules.group_nights)
    for mentor in week.mentors:
        _mentor(part, week, old, mentor, pairs, leading)
    for (kind, at), columns in working.items():
        programme.row(columns, 1.0, -float("inf"), float(old.open[kind, at]))
        leads = leading[kind, at]
        programme.row([*columns, *leads], [1.0] * len(columns) + [-1.0] * len(leads), -float("inf"), 0.0)
    # What was placed, as a constant, so that a relative gap is one of what changes.
    programme.column(1.0, _LOST * total, 1.0)
    return part


def _mentor(
    part: _Part,
    week: Week,
    old: _Before,
    mentor: Mentor,
    pairs: list[tuple[int, int]],
    leading: dict[tuple[Kind, int], list[int]],
) -> None:
    programme, rules = part.programme, week.rules
    families = {one.family for one in mentor.authorised}
    mine: dict[int, list[int]] = defaultdict(list)
    campus: dict[tuple[int, str], list[int]] = defaultdict(list)
    elsewhere = {(at, kind) for name, at, kind in old.mentors if name == mentor.id}
    for kind in sorted(old.touched | {kind for _, kind in elsewhere}):
        for at, slot in enumerate(week.slots):
            was = (at, kind) in elsewhere
            if kind not in old.touched or old.past(at):
                if not was:
                    continue
                column = programme.column(1.0, 0.0, 1.0)
            elif kind[0] in families and old.may_lead(mentor, at, kind):
                column = programme.column(1.0, 0.0 if was else _CALLED)
                leading[kind, at].append(column)
            else:
                continue
            part.mentors[mentor.id, at, kind] = column
            mine[at].append(column)
            campus[slot.day, kind[1]].append(column)
    for columns in mine.values():
        if len(columns) > 1:
            programme.row(columns, 1.0, -float("inf"), 1.0)
    if mine:
        programme.row([c for columns in mine.values() for c in columns], 1.0, -float("inf"), float(rules.mentor_week))
        way = max(week.journey(one, other) for one in mentor.campuses for other in mentor.campuses)
        work_rows(
            programme, week, mine, old.clashes.pairs(way) if way else pairs, rules.mentor_day, rules.mentor_nights
        )
    if len(mentor.campuses) > 1:
        for day in {day for day, _ in campus}:
            flags = []
            for name in mentor.campuses:
                flag = programme.column(1.0)
                flags.append(flag)
                for column in campus.get((day, name), []):
                    programme.row([column, flag], [1.0, -1.0], -float("inf"), 0.0)
            programme.row(flags, 1.0, -float("inf"), 1.0)


def work_rows(
    programme: Programme, week: Week, columns: dict[int, list[int]], pairs: list[tuple[int, int]], day: int, nights: int
) -> None:
    """Rows of one person or group, with columns by slot: most a day, most nights, rest between days (`pairs`)."""
    by_day: dict[int, list[int]] = defaultdict(list)
    by_night: dict[int, list[int]] = defaultdict(list)
    for at, many in columns.items():
        by_day[week.slots[at].day].extend(many)
        if week.slots[at].night:
            by_night[week.slots[at].day].extend(many)
    for many in by_day.values():
        if len(many) > day:
            programme.row(many, 1.0, -float("inf"), float(day))
    if len(by_night) > nights:
        flags = []
        for many in by_night.values():
            flag = programme.column(1.0)
            flags.append(flag)
            for column in many:
                programme.row([column, flag], [1.0, -1.0], -float("inf"), 0.0)
        programme.row(flags, 1.0, -float("inf"), float(nights))
    for early, late in pairs:
        if early in columns and late in columns:
            programme.row([*columns[early], *columns[late]], 1.0, -float("inf"), 1.0)


def _compared(week: Week, old: _Before, sessions: tuple[Session, ...]) -> Repair:
    fresh = {(one.group, one.slot): one for one in sessions}
    was = {(one.group, one.slot): one for one in old.sessions}
    new = [one for key, one in fresh.items() if key not in was]
    gone = Counter(one.group for key, one in was.items() if key not in fresh)
    gone.subtract(one.group for one in new)
    lost = []
    for one in reversed(old.sessions):
        if (one.group, one.slot) not in fresh and gone[one.group] > 0:
            gone[one.group] -= 1
            lost.append(one)
    reseated = [one for key, one in fresh.items() if key in was and was[key] != one]
    fewest_lost = float(
        min(len(lost), len(old.sessions) - most(network_of(week), Counter(one.group for one in old.sessions)))
    )
    fewest_moved = float(max(0, old.least_moved - len(lost)))
    proofs = (
        Proof("lost", float(len(lost)), fewest_lost),
        Proof("moved", float(len(new)), min(fewest_moved, float(len(new)))),
    )
    breaches = week_breaches(week, sessions)
    return Repair(
        sessions=sessions,
        lost=tuple(sorted(lost)),
        moved=tuple(sorted(new)),
        reseated=tuple(sorted(reseated)),
        standing=standing(proofs),
        proofs=proofs,
        breaches=breaches,
        explanation=Explanation(
            "scheduling.repair",
            VERSION,
            inputs_hash(week, old.sessions, old.now),
            (
                Assumption("scheduling.rules_kept", not breaches, f"{len(breaches)} breaches by the independent check"),
                Assumption(
                    "scheduling.rest_stands", True, "kinds of machine that the change does not touch stay as they are"
                ),
            ),
        ),
    )
