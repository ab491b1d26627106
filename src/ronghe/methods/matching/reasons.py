"""Why a student has this position and not one listed before it, as data; names no other student."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from ronghe.methods.matching.allocation import Allocation, Standing
from ronghe.methods.matching.market import Market, Quota, ShareOf, Student, lot


class Why(StrEnum):
    """Why not a position that was listed before the own one."""

    INELIGIBLE = "ineligible"
    FORBIDDEN = "forbidden"
    LOCKED_ELSEWHERE = "locked_elsewhere"
    NO_SEATS = "no_seats"
    CLOSED = "closed"
    SEATS_LOCKED = "seats_locked"
    BETTER_FIT = "better_fit"
    LOT = "lot"
    QUOTA = "quota"
    TOTAL = "total"
    SEARCH = "search"


WORDS: dict[Why, tuple[str, str]] = {
    Why.INELIGIBLE: ("不符合该岗位的条件：{detail}", "not eligible: {detail}"),
    Why.FORBIDDEN: ("办公室已排除这一组合", "the office has ruled this pair out"),
    Why.LOCKED_ELSEWHERE: ("办公室已指定其他岗位", "the office has fixed another position"),
    Why.NO_SEATS: ("该岗位没有名额", "the position has no seats"),
    Why.CLOSED: ("人数不足 {cohort} 人，该岗位本轮不开放", "closed: fewer than the {cohort} students it opens with"),
    Why.SEATS_LOCKED: ("名额均已由办公室指定", "all seats were fixed by the office"),
    Why.BETTER_FIT: (
        "名额已满，录取者的技能匹配度均更高（最低 {cutoff:.2f}，本人 {fit:.2f}）",
        "full: all admitted fit better (the last {cutoff:.2f}, this student {fit:.2f})",
    ),
    Why.LOT: ("名额已满，匹配度相同（{fit:.2f}），由抽签决定", "full: with the same fit ({fit:.2f}) the lot decided"),
    Why.QUOTA: ("换到该岗位会违反规则：{detail}", "a move there would break a rule: {detail}"),
    Why.TOTAL: (
        "匹配度足够，但这样安排会使全体学生的总体结果变差或不变",
        "the fit would do, but all students together would be no better off",
    ),
    Why.SEARCH: ("因配额未能安排，此项意愿未获满足", "not met because quotas bind; the search found nothing better"),
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A position listed before the own one, its rank, and why not.

    `fit` is the student's, `cutoff` that of the last one admitted in open competition (None where there is none);
    `cohort` what the position opens with; `detail` the condition not met or the rules that would break.
    """

    position: str
    rank: int
    why: Why
    fit: float
    cutoff: float | None = None
    cohort: int = 0
    detail: str = ""

    def words(self, language: str) -> str:
        """The reason in `zh` or `en`."""
        chinese, english = WORDS[self.why]
        return (chinese if language.startswith("zh") else english).format(
            detail=self.detail, cohort=self.cohort, cutoff=self.cutoff or 0.0, fit=self.fit
        )


@dataclass(frozen=True, slots=True)
class Reason:
    """A student's place with its rank in the wishes (None: not listed, or no place), and each better one refused."""

    student: str
    position: str | None
    rank: int | None
    fit: float | None
    locked: bool
    refusals: tuple[Refusal, ...]


def reasons(market: Market, found: Allocation) -> dict[str, Reason]:
    """For each student why this position and not one of those listed before it.

    In the stable mode every refusal rests on fit, lot, closing or a rule; in the maximal mode a student with the
    better claim may be refused for the total, which is then said.
    """
    table = _Table(market, found)
    return {student.id: _reason(table, student) for student in market.students}


class _Table:
    """The matching as counts, so that one move is checked without counting all anew."""

    def __init__(self, market: Market, found: Allocation) -> None:
        self.market = market
        self.found = found
        self.positions = {position.id: position for position in market.positions}
        self.locked = {student for student, _ in market.locked}
        self.lots = {student.id: lot(market.seed, "student", student.id) for student in market.students}
        self.inside: dict[str, list[str]] = defaultdict(list)
        for student, place in found.placements.items():
            if place is not None:
                self.inside[place].append(student)
        self.quotas = [self._counted(quota) for quota in market.quotas]

    def _counted(self, quota: Quota) -> tuple[Quota, frozenset[str], frozenset[str], int, int, int]:
        """The quota with its students and positions, the least count, how many of them and of all are there."""
        group = frozenset(one.id for one in self.market.students if quota.students in (None, *one.groups))
        there = frozenset(one.id for one in self.market.positions if quota.positions in (None, *one.groups))
        placed = [student for place in there for student in self.inside[place]]
        least = quota.least_count(len(group), sum(self.positions[place].capacity for place in there))
        return quota, group, there, least, sum(student in group for student in placed), len(placed)

    def broken_by(self, student: str, place: str, displaced: str | None) -> list[str]:
        """The rules that break when the student moves to the place and `displaced` leaves it."""
        leaving = [(student, self.found.placements[student]), (displaced, place if displaced else None)]
        changes = [(who, where, -1) for who, where in leaving if who and where]
        changes.append((student, place, 1))
        broken = set()
        for name in {where for _, where, _ in changes}:
            position = self.positions[name]
            count = len(self.inside[name]) + sum(change for _, where, change in changes if where == name)
            if count < position.least or 0 < count < position.cohort:
                broken.add(name)
        for quota, group, there, least, counted, placed in self.quotas:
            count = counted + sum(change for who, where, change in changes if where in there and who in group)
            whole = placed + sum(change for _, where, change in changes if where in there)
            short = quota.share_of is ShareOf.PLACEMENTS and count < quota.share * whole
            if count < least or short or (quota.most is not None and count > quota.most):
                broken.add(quota.name)
        return sorted(broken)


def _reason(table: _Table, student: Student) -> Reason:
    place = table.found.placements[student.id]
    fit = table.market.fit
    rank = None
    before = 0
    refusals: list[Refusal] = []
    for tier in student.preferences:
        if place in tier:
            rank = before + 1
            break
        refusals.extend(_refusal(table, student.id, position, before + 1) for position in tier)
        before += len(tier)
    return Reason(
        student=student.id,
        position=place,
        rank=rank,
        fit=None if place is None else fit.get((student.id, place), 0.0),
        locked=student.id in table.locked,
        refusals=tuple(refusals),
    )


def _refusal(table: _Table, student: str, name: str, rank: int) -> Refusal:
    market, position = table.market, table.positions[name]
    fit = market.fit.get((student, name), 0.0)
    rivals = [one for one in table.inside[name] if one not in table.locked]
    full = len(table.inside[name]) >= position.capacity
    barred = (
        (Why.INELIGIBLE, (student, name) in market.ineligible),
        (Why.FORBIDDEN, (student, name) in market.forbidden),
        (Why.LOCKED_ELSEWHERE, student in table.locked),
        (Why.NO_SEATS, not position.capacity),
        (Why.CLOSED, name in table.found.closed),
        (Why.SEATS_LOCKED, full and not rivals),
    )
    why = next((code for code, applies in barred if applies), None)
    if why is not None:
        detail = market.ineligible.get((student, name), "")
        return Refusal(name, rank, why, fit, cohort=position.cohort, detail=detail)
    cutoff = min((market.fit.get((one, name), 0.0) for one in rivals), default=None)
    last = None
    if full:
        claim, last = max(((-market.fit.get((one, name), 0.0), table.lots[one]), one) for one in rivals)
        if (-fit, table.lots[student]) > claim:
            return Refusal(name, rank, Why.LOT if cutoff == fit else Why.BETTER_FIT, fit, cutoff)
    broken = table.broken_by(student, name, last)
    if broken:
        return Refusal(name, rank, Why.QUOTA, fit, cutoff, detail=", ".join(broken))
    proven = table.found.standing is Standing.OPTIMAL
    return Refusal(name, rank, Why.TOTAL if proven else Why.SEARCH, fit, cutoff)
