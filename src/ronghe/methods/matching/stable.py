"""The stable mode: no student and position would rather have each other; with quotas the fewest such pairs found."""

from __future__ import annotations

import time

import numpy as np

from ronghe.methods.matching.allocation import Allocation, Standing, allocation, closed_columns
from ronghe.methods.matching.board import NOWHERE, Board, Booleans, Floats, Integers, set_up
from ronghe.methods.matching.checks import breaches
from ronghe.methods.matching.deferred import admission_limits, blocking, position_optimal, student_optimal
from ronghe.methods.matching.market import Market
from ronghe.methods.matching.maximal import impossible, too_slow
from ronghe.methods.matching.programme import Programme, Solved, rules_of, solve

_MOST_EXACT_PAIRS = 1500
_ROUNDS = 6


def stable_matching(market: Market, seconds: float = 60.0) -> Allocation:
    """Student-optimal deferred acceptance (Gale and Shapley 1962); with quotas as near to it as they allow.

    1. Positions that draw less than their cohort close, the one with the fewest first, and all is matched anew; a
       closed one opens again where a whole cohort would rather have it. If the result meets every rule it is the
       student-optimal stable matching of the positions that are open.
    2. Otherwise an integer programme over the pairs between the student-optimal and the position-optimal matching
       finds a stable matching that meets the quotas, or proves that these open positions have none.
    3. Otherwise the fewest blocking pairs: proven by an integer programme for up to 1,500 pairs (Hamada, Iwama and
       Miyazaki, Algorithmica 74, 2016, show that this is NP-hard even to approximate), else the best of a search that
       places as few students as possible against stability and matches the rest by deferred acceptance.

    Raises `UnmetAssumption` as `set_up` does, `ImpossibleQuotas` where no matching meets the rules, and
    `matching.time` where none was found in the time.
    """
    end = time.monotonic() + seconds
    board = set_up(market)
    held, closed = with_cohorts(board)
    if not breaches(market, board.placements(held)):
        return _answer(board, held, Standing.STUDENT_OPTIMAL, none_stable=False)
    between, none = _between(board, held, closed, end - time.monotonic())
    if between is not None:
        return _answer(board, between, Standing.STABLE, none_stable=False)
    # Other sets of open positions might have a stable matching that meets the quotas.
    none_stable = True if none and not (board.cohort > 1).any() else None
    if int(board.allowed.sum()) <= _MOST_EXACT_PAIRS:
        fewest = _fewest(board, end - time.monotonic())
        if fewest.impossible:
            raise impossible(board)
        if fewest.held is not None:
            proven = fewest.value <= fewest.bound
            if fewest.value == 0:
                return _answer(board, fewest.held, Standing.STABLE, none_stable=False)
            standing = Standing.FEWEST_PROVEN if proven else Standing.FEWEST_FOUND
            return _answer(board, fewest.held, standing, none_stable=True if proven else none_stable)
    found = _search(board, held, closed, end)
    return _answer(board, found, Standing.FEWEST_FOUND, none_stable=none_stable)


def _answer(board: Board, held: Integers, standing: Standing, *, none_stable: bool | None) -> Allocation:
    return allocation(board, held, standing, (), method="matching.stable", none_stable=none_stable)


def with_cohorts(board: Board, fixed: Integers | None = None) -> tuple[Integers, Booleans]:
    """Deferred acceptance over positions that each get their cohort or close; the columns held and those closed."""
    cohort = board.cohort > 1
    locked = board.locked if fixed is None else fixed
    kept = np.bincount(locked[locked != NOWHERE], minlength=len(board.capacity)) > 0
    closed = cohort & (board.capacity == 0)
    while True:
        held = student_optimal(board, closed & ~kept, fixed)
        filled = np.bincount(held[held != NOWHERE], minlength=len(board.capacity))
        short = np.flatnonzero(cohort & ~closed & ~kept & (filled < board.cohort))
        if not len(short):
            break
        closed[short[np.argmin(filled[short])]] = True
    for column in np.flatnonzero(closed & (board.capacity > 0)).tolist():
        standing = np.where(held == NOWHERE, board.standing.shape[1], board.standing[np.arange(len(held)), held])
        wanting = (board.standing[:, column] < standing) & board.allowed[:, column] & (locked == NOWHERE)
        if int(wanting.sum()) < board.cohort[column]:
            continue
        trial = closed.copy()
        trial[column] = False
        again = student_optimal(board, trial & ~kept, fixed)
        filled = np.bincount(again[again != NOWHERE], minlength=len(board.capacity))
        if not (cohort & ~trial & ~kept & (filled < board.cohort)).any():
            held, closed = again, trial
    return held, closed & ~kept


def _between(board: Board, best: Integers, closed: Booleans, seconds: float) -> tuple[Integers | None, bool]:
    """A stable matching that meets the quotas with these positions open, and whether it is proven that none does.

    In every stable matching each student has something between the student-optimal and the position-optimal place.
    """
    worst = position_optimal(board, closed)
    rows = np.arange(len(best))
    moving = best != worst
    if not moving.any():
        return None, True
    keep = np.zeros_like(board.allowed)
    high, low = np.where(best == NOWHERE, 0, best), np.where(worst == NOWHERE, 0, worst)
    keep |= (board.standing >= board.standing[rows, high][:, None]) & (
        board.standing <= board.standing[rows, low][:, None]
    )
    keep &= (best != NOWHERE)[:, None]
    programme = rules_of(board, keep, closed)
    # Everybody placed in one stable matching is placed in all of them.
    programme.add(np.arange(len(programme.pairs)), 1.0, float((best != NOWHERE).sum()), np.inf)
    _add_stability(programme, closed, penalised=False)
    cost = board.standing[programme.pairs[:, 0], programme.pairs[:, 1]].astype(np.float64)
    found = solve(programme, cost, seconds)
    return found.held, found.impossible


def _fewest(board: Board, seconds: float) -> Solved:
    """The matching within all rules with the fewest blocking pairs, by an integer programme."""
    programme = rules_of(board)
    count = _add_stability(programme, None, penalised=True)
    cost = np.zeros(programme.columns)
    cost[programme.columns - count :] = 1.0
    return solve(programme, cost, seconds)


def _add_stability(programme: Programme, closed: Booleans | None, *, penalised: bool) -> int:
    """For each pair that might block (after Baïou and Balinski, Mathematical Programming 87, 2000):

    c_p (Σ x of the student at p or better) + Σ x of students p likes better (+ c_p b_sp) ≥ c_p (or c_p y_p),

    with b_sp = 1 where the pair blocks. Gives the number of b's; locked students and their seats are left out.
    """
    board = programme.board
    locks = board.locked[board.locked != NOWHERE]
    seats = board.capacity - np.bincount(locks, minlength=len(board.capacity))
    free = board.allowed & (board.locked == NOWHERE)[:, None] & (seats > 0)[None, :]
    if closed is not None:
        free &= ~closed[None, :]
    rows, columns = programme.pairs.T
    of_row = [np.flatnonzero(rows == row) for row in range(board.allowed.shape[0])]
    of_column = [
        np.flatnonzero((columns == column) & (board.locked[rows] == NOWHERE))
        for column in range(board.allowed.shape[1])
    ]
    blocks = 0
    start = programme.columns
    for row, column in np.argwhere(free).tolist():
        own, rivals = of_row[row], of_column[column]
        own = own[board.standing[row, columns[own]] <= board.standing[row, column]]
        rivals = rivals[board.priority[rows[rivals], column] < board.priority[row, column]]
        room = float(seats[column])
        parts = [(own, room), (rivals, 1.0)]
        least = room
        opening = programme.opening(column) if closed is None else None
        if opening is not None:
            parts.append((np.array([opening]), -room))
            least = 0.0
        if penalised:
            parts.append((np.array([start + blocks]), room))
            blocks += 1
        at = np.concatenate([place for place, _ in parts])
        values = np.concatenate([np.full(len(place), value) for place, value in parts])
        programme.add(at, values, least, np.inf)
    programme.extra += blocks
    return blocks


def _search(board: Board, held: Integers, closed: Booleans, end: float) -> Integers:
    """A matching within all rules with few blocking pairs.

    Each round places students within the rules at the least estimated harm (the blocking pairs that placing one would
    cause as things stand), holds those that moved and matches the rest anew; then those held are let go one by one
    where that breaks no rule and blocks less.
    """
    best: Integers | None = None
    least = np.inf
    current = held
    for _ in range(_ROUNDS):
        programme = rules_of(board)
        cost = _harm(board, current, closed)[programme.pairs[:, 0], programme.pairs[:, 1]]
        found = solve(programme, cost, end - time.monotonic())
        if found.held is None:
            if best is None:
                raise impossible(board) if found.impossible else too_slow()
            break
        for candidate in (found.held, _rest_anew(board, found.held, found.held != held)):
            count = _blocked(board, candidate)
            if count < least and not breaches(board.market, board.placements(candidate)):
                best, least = candidate, count
        if time.monotonic() > end or np.array_equal(found.held, current):
            break
        current, closed = found.held, closed_columns(board, found.held)
    if best is None:
        raise too_slow()
    return _let_go(board, best, held, least, end)


def _let_go(board: Board, best: Integers, free: Integers, least: float, end: float) -> Integers:
    moved = best != free
    for row in np.flatnonzero(moved).tolist():
        if time.monotonic() > end or least == 0:
            break
        trial = moved.copy()
        trial[row] = False
        candidate = _rest_anew(board, best, trial)
        count = _blocked(board, candidate)
        if count < least and not breaches(board.market, board.placements(candidate)):
            best, least, moved = candidate, count, trial
    return best


def _rest_anew(board: Board, held: Integers, moved: Booleans) -> Integers:
    """Those moved stay where they are (or unplaced); the rest is matched by deferred acceptance to what is open."""
    fixed = np.where(moved, held, board.locked)
    kept_out = moved & (held == NOWHERE) & (board.locked == NOWHERE)
    again = student_optimal(board, closed_columns(board, held), fixed)
    again[kept_out] = NOWHERE
    return again


def _blocked(board: Board, held: Integers) -> int:
    return int(blocking(board, held, closed_columns(board, held)).sum())


def _harm(board: Board, held: Integers, closed: Booleans) -> Floats:
    """For each pair how many blocking pairs placing it would cause, everybody else staying."""
    students, positions = board.allowed.shape
    admitted = board.allowed & (board.priority < admission_limits(board, held, closed))
    standing = np.where(held == NOWHERE, positions, board.standing[np.arange(students), held])
    harm = np.zeros((students, positions))
    # What a student placed below a position that would admit him would complain of.
    reach = np.take_along_axis(admitted, board.order, axis=1).cumsum(axis=1)
    before = np.concatenate([np.zeros((students, 1)), reach[:, :-1]], axis=1)
    np.put_along_axis(harm, board.order, before, axis=1)
    # What those whom the position likes better, and who would rather be there, would complain of.
    wanting = board.allowed & (board.standing < standing[:, None])
    by_priority = np.argsort(board.priority, axis=0)
    ahead = np.take_along_axis(wanting, by_priority, axis=0).cumsum(axis=0)
    passed = np.concatenate([np.zeros((1, positions)), ahead[:-1]], axis=0)
    others = np.zeros((students, positions))
    np.put_along_axis(others, by_priority, passed, axis=0)
    total: Floats = harm + others
    own = held != NOWHERE
    total[np.flatnonzero(own), held[own]] = 0.0
    return total
