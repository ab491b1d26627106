"""Deferred acceptance over a board (Gale and Shapley 1962), from the students' or the positions' side; no quotas."""

from __future__ import annotations

from collections import deque
from heapq import heappush, heappushpop

import numpy as np

from ronghe.methods.matching.board import NOWHERE, Board, Booleans, Integers


def student_optimal(board: Board, closed: Booleans, fixed: Integers | None = None) -> Integers:
    """The stable matching that every student likes best, as the column of each row (NOWHERE: unplaced).

    `closed` columns take nobody; `fixed` gives rows a column beforehand (`board.locked` unless given), outside of the
    competition.
    """
    held = (board.locked if fixed is None else fixed).copy()
    taken = np.bincount(held[held != NOWHERE], minlength=len(board.capacity))
    seats = np.where(closed, 0, board.capacity - taken).tolist()
    # A heap's top is the student the position likes least: priorities enter with their sign changed.
    admitted: list[list[tuple[int, int]]] = [[] for _ in seats]
    wishes = board.wishes.tolist()
    order, priority = board.order, board.priority
    asked = [0] * len(wishes)
    free = [row for row in range(len(wishes)) if held[row] == NOWHERE]
    while free:
        row = free.pop()
        while asked[row] < wishes[row]:
            column = int(order[row, asked[row]])
            asked[row] += 1
            if not seats[column]:
                continue
            claim = (-int(priority[row, column]), row)
            if len(admitted[column]) < seats[column]:
                heappush(admitted[column], claim)
                break
            rejected = heappushpop(admitted[column], claim)
            if rejected[1] != row:
                free.append(rejected[1])
                break
    for column, claims in enumerate(admitted):
        for _, row in claims:
            held[row] = column
    return held


def position_optimal(board: Board, closed: Booleans) -> Integers:
    """The stable matching that every student likes least: positions offer their seats down their own order."""
    held = board.locked.copy()
    taken = np.bincount(held[held != NOWHERE], minlength=len(board.capacity))
    free = np.where(closed, 0, board.capacity - taken).tolist()
    candidates = []
    for column in range(len(free)):
        rows = np.flatnonzero(board.allowed[:, column] & (board.locked == NOWHERE))
        candidates.append(deque(rows[np.argsort(board.priority[rows, column])].tolist()))
    waiting = [column for column in range(len(free)) if free[column]]
    while waiting:
        column = waiting.pop()
        while free[column] and candidates[column]:
            row = candidates[column].popleft()
            current = int(held[row])
            if current == NOWHERE or board.standing[row, column] < board.standing[row, current]:
                held[row] = column
                free[column] -= 1
                if current != NOWHERE:
                    free[current] += 1
                    waiting.append(current)
    return held


def blocking(board: Board, held: Integers, closed: Booleans) -> Booleans:
    """Which pairs would both rather be together: rows not locked, columns open.

    The student likes the position better than the own one, and it has an empty seat or holds somebody who is not
    locked and whom it likes less.
    """
    standing = np.where(held == NOWHERE, board.standing.shape[1], board.standing[np.arange(len(held)), held])
    wanted = board.allowed & (board.standing < standing[:, None]) & (board.locked == NOWHERE)[:, None]
    found: Booleans = wanted & (board.priority < admission_limits(board, held, closed))
    return found


def admission_limits(board: Board, held: Integers, closed: Booleans) -> Integers:
    """For each column the priority below which a student would be let in: that of the last one admitted."""
    rows, columns = board.priority.shape
    limit = np.full(columns, NOWHERE, dtype=np.int64)
    competing = np.flatnonzero((held != NOWHERE) & (board.locked == NOWHERE))
    np.maximum.at(limit, held[competing], board.priority[competing, held[competing]])
    filled = np.bincount(held[held != NOWHERE], minlength=columns)
    limit[filled < board.capacity] = rows
    limit[closed] = NOWHERE
    return limit
