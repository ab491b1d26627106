"""An independent check of a matching against the round as written: breached rules and blocking pairs, by counting.

It shares no table and no step with the modules that match, only the records of the round and the drawing of lots.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from ronghe.methods.matching.market import Market, Pair, Position, Quota, ShareOf, Student, Unlisted, lot

Placements = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a matching breaks: its kind, whom it concerns, what was asked for and what is."""

    kind: str
    name: str
    asked: str
    found: str


def breaches(market: Market, placements: Placements) -> tuple[Breach, ...]:
    """Every rule that the placements break; none for a matching that may be published."""
    found: list[Breach] = []
    inside: dict[str, set[str]] = defaultdict(set)
    positions = {position.id: position for position in market.positions}
    locks = dict(market.locked)
    for student in market.students:
        if student.id not in placements:
            found.append(Breach("student_missing", student.id, "a place or none", "no answer"))
            continue
        place = placements[student.id]
        if student.id in locks and place != locks[student.id]:
            found.append(Breach("locked", student.id, locks[student.id], str(place)))
        if place is None:
            continue
        inside[place].add(student.id)
        pair = student.id, place
        if place not in positions:
            found.append(Breach("position_unknown", student.id, "a position of the round", place))
        if pair in market.ineligible:
            found.append(Breach("ineligible", student.id, market.ineligible[pair], place))
        if pair in market.forbidden:
            found.append(Breach("forbidden", student.id, "never", place))
        if _tier(market, student, place) is None and pair not in market.locked:
            found.append(Breach("unlisted", student.id, "a position that was listed", place))
    for student_id in placements.keys() - {student.id for student in market.students}:
        found.append(Breach("student_unknown", student_id, "a student of the round", str(placements[student_id])))
    for position in market.positions:
        count = len(inside[position.id])
        if count > position.capacity:
            found.append(Breach("capacity", position.id, f"≤ {position.capacity}", str(count)))
        if count < position.least:
            found.append(Breach("position_least", position.id, f"≥ {position.least}", str(count)))
        if 0 < count < position.cohort:
            found.append(Breach("cohort", position.id, f"0 or ≥ {position.cohort}", str(count)))
    for quota in market.quotas:
        found.extend(_quota_breaches(market, quota, placements))
    return tuple(found)


def _quota_breaches(market: Market, quota: Quota, placements: Placements) -> list[Breach]:
    group = {one.id for one in market.students if quota.students is None or quota.students in one.groups}
    there = {one.id: one for one in market.positions if quota.positions is None or quota.positions in one.groups}
    placed = [student for student, place in placements.items() if place in there]
    count = sum(student in group for student in placed)
    found = []
    if count < quota.least:
        found.append(Breach("quota_least", quota.name, f"≥ {quota.least}", str(count)))
    if quota.most is not None and count > quota.most:
        found.append(Breach("quota_most", quota.name, f"≤ {quota.most}", str(count)))
    if quota.least_share is not None:
        base = {
            ShareOf.PLACEMENTS: len(placed),
            ShareOf.STUDENTS: len(group),
            ShareOf.SEATS: sum(one.capacity for one in there.values()),
        }[quota.share_of]
        if Fraction(count) < quota.share * base:
            found.append(Breach("quota_share", quota.name, f"≥ {quota.least_share:.1%} of {base}", str(count)))
    return found


def _tier(market: Market, student: Student, position: str) -> int | None:
    for place, tier in enumerate(student.preferences):
        if position in tier:
            return place
    return len(student.preferences) if market.unlisted is Unlisted.LAST else None


def blocking_pairs(market: Market, placements: Placements) -> tuple[Pair, ...]:
    """The pairs that would both rather be together than as placed.

    The student, not locked, ranks the position before the own place; the position has an empty seat or holds somebody
    not locked whom it ranks after the student. Ties count as broken by the round's rule. A position that is closed for
    want of a cohort cannot be opened by one student and blocks with nobody; see `claims`.
    """
    positions = {position.id: position for position in market.positions}
    inside: dict[str, list[str]] = defaultdict(list)
    for student_id, place in placements.items():
        if place is not None:
            inside[place].append(student_id)
    locked = {student for student, _ in market.locked}
    lots = {student.id: lot(market.seed, "student", student.id) for student in market.students}
    fit = market.fit
    # The weakest student that may be displaced, by fit and then by lot; None where a seat is empty.
    weakest: dict[str, tuple[float, bytes] | None] = {}
    for position in market.positions:
        rivals = [one for one in inside[position.id] if one not in locked]
        if _is_closed(position, inside) or (len(inside[position.id]) >= position.capacity and not rivals):
            continue
        weakest[position.id] = (
            max((-fit.get((one, position.id), 0.0), lots[one]) for one in rivals)
            if len(inside[position.id]) >= position.capacity
            else None
        )
    found: list[Pair] = []
    for student in market.students:
        if student.id in locked:
            continue
        for position_id in _preferred(market, student, placements[student.id], positions):
            if position_id not in weakest:
                continue
            last = weakest[position_id]
            if last is None or (-fit.get((student.id, position_id), 0.0), lots[student.id]) < last:
                found.append((student.id, position_id))
    return tuple(found)


def claims(market: Market, placements: Placements) -> dict[str, int]:
    """For each closed position how many students would rather be there; one with a whole cohort could be opened."""
    inside: dict[str, list[str]] = defaultdict(list)
    for student_id, place in placements.items():
        if place is not None:
            inside[place].append(student_id)
    positions = {position.id: position for position in market.positions}
    closed = {one.id: 0 for one in market.positions if one.capacity and _is_closed(one, inside)}
    locked = {student for student, _ in market.locked}
    if closed:
        for student in market.students:
            if student.id not in locked:
                for position_id in _preferred(market, student, placements[student.id], positions):
                    if position_id in closed:
                        closed[position_id] += 1
    return closed


def _is_closed(position: Position, inside: Mapping[str, list[str]]) -> bool:
    return position.cohort > 1 and not inside.get(position.id)


def _preferred(market: Market, student: Student, place: str | None, positions: Mapping[str, Position]) -> list[str]:
    """The eligible positions the student would rather have than the place, in the student's order."""
    tiers = list(student.preferences)
    if market.unlisted is Unlisted.LAST:
        listed = {position for tier in tiers for position in tier}
        tiers.append(tuple(position for position in positions if position not in listed))
    found: list[str] = []
    for tier in tiers:
        by_tie_rule = sorted(
            tier,
            key=lambda one: (-market.fit.get((student.id, one), 0.0), lot(market.seed, "position", one)),
        ) if len(tier) > 1 else list(tier)  # fmt: skip
        for position in by_tie_rule:
            if position == place:
                return found
            pair = student.id, position
            if pair not in market.ineligible and pair not in market.forbidden:
                found.append(position)
    return found
