"""A round as tables over students and positions, after refusing what contradicts itself; it decides nothing."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.explained import UnmetAssumption, inputs_hash
from ronghe.methods.matching.market import Market, Pair, Position, Quota, ShareOf, Student, Unlisted, lot

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

NOWHERE = -1


@dataclass(frozen=True, slots=True)
class Board:
    """Students as rows, positions as columns.

    `rank` is 1 plus the number of positions listed strictly before (0: not accepted), `standing` the place in the
    student's order without ties (0 is best; the number of positions where not allowed), `order` the columns in that
    order and then those not allowed, `priority` the place of the student in the position's order of those allowed (0 is
    best; the number of students where not allowed). `allowed` marks the pairs that may be placed. `locked` is the
    column each student is locked to, or NOWHERE.
    """

    market: Market
    rank: Integers
    allowed: Booleans
    standing: Integers
    order: Integers
    wishes: Integers
    priority: Integers
    fit: Floats
    capacity: Integers
    least: Integers
    cohort: Integers
    locked: Integers
    fits_missing: int

    def members(self, quota: Quota) -> tuple[Booleans, Booleans]:
        """Which rows and which columns a quota speaks of."""
        rows = [quota.students is None or quota.students in student.groups for student in self.market.students]
        columns = [quota.positions is None or quota.positions in position.groups for position in self.market.positions]
        return np.array(rows, dtype=np.bool_), np.array(columns, dtype=np.bool_)

    def placements(self, columns: Integers) -> dict[str, str | None]:
        """A matching by ids, from the column of each row (NOWHERE: unplaced)."""
        positions = self.market.positions
        return {
            student.id: None if column == NOWHERE else positions[column].id
            for student, column in zip(self.market.students, columns.tolist(), strict=True)
        }

    def digest(self) -> str:
        """The hash of everything that an answer depends on."""
        market = self.market
        # As arrays: hashing some thousand records one by one took as long as matching them.
        return inputs_hash(
            *_names(market.students),
            *_names(market.positions),
            self.capacity,
            self.least,
            self.cohort,
            market.quotas,
            market.unlisted,
            market.seed,
            self.rank,
            self.allowed,
            self.fit,
            self.locked,
        )


def set_up(market: Market) -> Board:
    """The tables of a round.

    Raises `UnmetAssumption` for what cannot be meant: ids or names twice, a position listed twice, unknown ids and
    groups, numbers below 0 or out of order, a fit that is no number, locks that contradict eligibility, prohibitions,
    seats or each other.
    """
    _check_ids(market)
    _check_positions(market)
    rows = {student.id: row for row, student in enumerate(market.students)}
    columns = {position.id: column for column, position in enumerate(market.positions)}
    _check_pairs(market, rows, columns)
    _check_quotas(market)
    shape = len(rows), len(columns)
    rank = _ranks(market, columns)
    fit = np.zeros(shape)
    given = np.zeros(shape, dtype=np.bool_)
    for (student, position), score in market.fit.items():
        fit[rows[student], columns[position]] = score
        given[rows[student], columns[position]] = True
    _check_fit(market, fit)
    allowed = rank > 0
    for student, position in [*market.ineligible, *market.forbidden]:
        allowed[rows[student], columns[position]] = False
    locked = np.full(shape[0], NOWHERE, dtype=np.int64)
    for student, position in market.locked:
        row, column = rows[student], columns[position]
        locked[row] = column
        allowed[row] = False
        allowed[row, column] = True
    # Which of two bytes is smaller decides a lot, so its place among all is the same as the lot itself.
    student_lots = _places([lot(market.seed, "student", student.id) for student in market.students])
    position_lots = _places([lot(market.seed, "position", position.id) for position in market.positions])
    # Only allowed pairs are ordered: they are few where students list what they want.
    at_row, at_column = np.nonzero(allowed)
    liking = fit[at_row, at_column]
    places = np.full(shape, shape[1], dtype=np.int64)
    sequence = np.lexsort((position_lots[at_column], -liking, rank[at_row, at_column], at_row))
    places[at_row[sequence], at_column[sequence]] = _counted(at_row[sequence])
    priority = np.full(shape, shape[0], dtype=np.int64)
    sequence = np.lexsort((student_lots[at_row], -liking, at_column))
    priority[at_row[sequence], at_column[sequence]] = _counted(at_column[sequence])
    wishes = allowed.sum(axis=1)
    return Board(
        market=market,
        rank=rank,
        allowed=allowed,
        standing=places,
        order=_inverse(np.where(allowed, places, wishes[:, None] + np.cumsum(~allowed, axis=1) - 1)),
        wishes=wishes,
        priority=priority,
        fit=fit,
        capacity=np.array([position.capacity for position in market.positions], dtype=np.int64),
        least=np.array([position.least for position in market.positions], dtype=np.int64),
        cohort=np.array([position.cohort for position in market.positions], dtype=np.int64),
        locked=locked,
        fits_missing=int((allowed & ~given).sum()),
    )


def _places(lots: Sequence[bytes]) -> Integers:
    place = {value: index for index, value in enumerate(sorted(lots))}
    return np.array([place[value] for value in lots], dtype=np.int64)


def _inverse(orders: Integers) -> Integers:
    """The place of each column in its row's order."""
    places = np.empty(orders.shape, dtype=np.int64)
    np.put_along_axis(places, orders, np.broadcast_to(np.arange(orders.shape[1]), orders.shape), axis=1)
    return places


def _counted(sorted_keys: Integers) -> Integers:
    """0, 1, 2 … within each run of equal keys."""
    if not len(sorted_keys):
        return sorted_keys
    starts = np.flatnonzero(np.r_[True, sorted_keys[1:] != sorted_keys[:-1]])
    lengths = np.diff(np.r_[starts, len(sorted_keys)])
    counted: Integers = np.arange(len(sorted_keys)) - np.repeat(starts, lengths)
    return counted


def _names(listed: Sequence[Student] | Sequence[Position]) -> tuple[Any, Any, Integers]:
    """Ids, then all groups in a row, sorted for each, and how many each has."""
    groups = [sorted(one.groups) for one in listed]
    return (
        np.array([one.id for one in listed]),
        np.array([name for names in groups for name in names], dtype=np.str_),
        np.array([len(names) for names in groups], dtype=np.int64),
    )


def _ranks(market: Market, columns: dict[str, int]) -> Integers:
    rows: list[int] = []
    at: list[int] = []
    ranks: list[int] = []
    listed: list[int] = []
    for row, student in enumerate(market.students):
        before = 0
        for tier in student.preferences:
            at.extend(columns[position] for position in tier)
            ranks.extend([before + 1] * len(tier))
            before += len(tier)
        rows.extend([row] * before)
        listed.append(before)
    rank = np.zeros((len(market.students), len(columns)), dtype=np.int64)
    rank[rows, at] = ranks
    if market.unlisted is Unlisted.LAST:
        rank = np.where(rank == 0, np.array(listed, dtype=np.int64)[:, None] + 1, rank)
    return rank


def _refuse_repeated(code: str, what: str, names: Iterable[str], remedy: str) -> None:
    repeated = [name for name, count in Counter(names).items() if count > 1]
    if repeated:
        raise UnmetAssumption(code, f"{what} given more than once: {_listed(repeated)}", remedy)


def _listed(names: Iterable[str], most: int = 5) -> str:
    known = sorted(names)
    return ", ".join(known[:most]) + (f" and {len(known) - most} more" if len(known) > most else "")


def _check_ids(market: Market) -> None:
    if not market.students or not market.positions:
        raise UnmetAssumption(
            "matching.not_empty", "there is no student or no position", "give at least one student and one position"
        )
    _refuse_repeated("matching.ids", "students", (one.id for one in market.students), "keep one line each")
    _refuse_repeated("matching.ids", "positions", (one.id for one in market.positions), "keep one line each")
    _refuse_repeated("matching.ids", "quotas", (one.name for one in market.quotas), "give each its own name")
    known = {position.id for position in market.positions}
    for student in market.students:
        wanted = [position for tier in student.preferences for position in tier]
        if len(distinct := set(wanted)) == len(wanted) and distinct <= known:
            continue
        _refuse_repeated(
            "matching.preferences", f"positions in the wishes of {student.id}", wanted, "list each position once"
        )
        unknown = set(wanted) - known
        if unknown:
            raise UnmetAssumption(
                "matching.ids",
                f"{student.id} wants positions that do not exist: {_listed(unknown)}",
                "correct their ids or add the positions",
            )


def _check_positions(market: Market) -> None:
    for one in market.positions:
        if one.capacity < 0 or one.least < 0 or one.cohort < 0:
            raise UnmetAssumption("matching.numbers", f"{one.id} has a number of seats below 0", "give 0 or more")
        if one.least > one.capacity:
            raise UnmetAssumption(
                "matching.numbers",
                f"{one.id} must fill {one.least} of only {one.capacity} seats",
                "lower what must be filled or add seats",
            )
        if one.cohort > one.capacity > 0:
            raise UnmetAssumption(
                "matching.numbers",
                f"{one.id} opens with {one.cohort} students but has {one.capacity} seats",
                "lower the least cohort or add seats",
            )


def _check_fit(market: Market, fit: Floats) -> None:
    for row, column in np.argwhere(~np.isfinite(fit))[:1].tolist():
        raise UnmetAssumption(
            "matching.fit",
            f"the fit of {market.students[row].id} and {market.positions[column].id} is {fit[row, column]}",
            "give a finite number",
        )


def _check_pairs(market: Market, rows: dict[str, int], columns: dict[str, int]) -> None:
    for what, pairs in (
        ("fit", market.fit),
        ("ineligible", market.ineligible),
        ("locked", market.locked),
        ("forbidden", market.forbidden),
    ):
        unknown = {student for student, _ in pairs if student not in rows}
        unknown |= {position for _, position in pairs if position not in columns}
        if unknown:
            raise UnmetAssumption(
                "matching.ids", f"unknown students or positions under {what}: {_listed(unknown)}", "correct the ids"
            )
    _refuse_repeated(
        "matching.locked", "students locked", (student for student, _ in market.locked), "lock each to one position"
    )
    _refuse_locks(market.locked & market.forbidden, "both locked and forbidden")
    _refuse_locks(market.locked & market.ineligible.keys(), "locked although not eligible")
    taken = Counter(position for _, position in market.locked)
    for position in market.positions:
        if taken[position.id] > position.capacity:
            raise UnmetAssumption(
                "matching.locked",
                f"{taken[position.id]} students are locked to {position.id}, which has {position.capacity} seats",
                "unlock some or add seats",
            )


def _refuse_locks(pairs: Iterable[Pair], what: str) -> None:
    found = sorted(f"{student} – {position}" for student, position in pairs)
    if found:
        raise UnmetAssumption("matching.locked", f"{what}: {_listed(found)}", "take one of the two back")


def _check_quotas(market: Market) -> None:
    student_groups = {group for student in market.students for group in student.groups}
    position_groups = {group for position in market.positions for group in position.groups}
    for quota in market.quotas:
        if quota.students is not None and quota.students not in student_groups:
            raise UnmetAssumption(
                "matching.ids", f"{quota.name}: no student is in group {quota.students}", "correct the group's name"
            )
        if quota.positions is not None and quota.positions not in position_groups:
            raise UnmetAssumption(
                "matching.ids", f"{quota.name}: no position is in group {quota.positions}", "correct the group's name"
            )
        if quota.least < 0 or (quota.most is not None and quota.most < quota.least):
            raise UnmetAssumption(
                "matching.numbers", f"{quota.name} asks for {quota.least} to {quota.most}", "give 0 ≤ least ≤ most"
            )
        share = quota.least_share
        if share is not None and not (math.isfinite(share) and 0 <= share <= 1):
            raise UnmetAssumption(
                "matching.numbers", f"{quota.name} asks for a share of {share}", "give a share from 0 to 1"
            )
        if share and quota.share_of is ShareOf.PLACEMENTS and quota.students is None:
            raise UnmetAssumption(
                "matching.numbers",
                f"{quota.name} asks for a share of placements that every student counts towards",
                "name the group of students, or take the share of students or of seats",
            )
