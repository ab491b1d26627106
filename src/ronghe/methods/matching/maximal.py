"""The maximal mode: the best matching within all quotas by aims in order, with a proven gap; not stable."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.matching.allocation import (
    Allocation,
    ImpossibleQuotas,
    Proof,
    Relaxation,
    Standing,
    allocation,
)
from ronghe.methods.matching.board import NOWHERE, Board, Floats, set_up
from ronghe.methods.matching.market import Market
from ronghe.methods.matching.programme import NOTHING, Programme, rules_of, solve

_ROUNDING = 1e-9
_WORDS = {
    "position_least": "{name} must fill {asked} seats: {reached} can be had",
    "quota_least": "{name} asks for at least {asked}: {reached} can be had",
    "quota_most": "{name} allows at most {asked}: {reached} are needed",
    "quota_share": "{name} lacks {by} students to its share",
}


@dataclass(frozen=True, slots=True)
class Aims:
    """What is best: most students placed first, then the least Σ (rank_weight · rank − fit_weight · fit).

    A position not listed ranks after all that are. `seconds` bounds the whole search, `gap` is the relative gap of the
    second aim that suffices (0: to the end).
    """

    rank_weight: float = 1.0
    fit_weight: float = 0.0
    seconds: float = 120.0
    gap: float = 0.0


def maximal_matching(market: Market, aims: Aims | None = None) -> Allocation:
    """The matching that places the most students within all rules and, among those, costs the least by `aims`.

    An integer programme (HiGHS branch and bound): x_sp = 1 where student s goes to position p, y_p = 1 where p opens.
    No more can be placed than a maximum flow over seats allows. Where that is everybody who has a wish, and the rules
    allow it, the flow proves the first aim; otherwise both aims are solved as one, with a weight B on each student
    placed that outweighs all costs together, and the bound on the sum bounds both. For whole weights bounds are whole.

    Raises `UnmetAssumption` as `set_up` does, `ImpossibleQuotas` where no matching meets the rules, and
    `matching.time` where none was found in the time.
    """
    aims = aims or Aims()
    end = time.monotonic() + aims.seconds
    board = set_up(market)
    programme = rules_of(board)
    cost = pair_costs(board, programme, aims)
    base = min(0.0, float(cost.min(initial=0.0)))
    cost = cost - base
    most = _most_placed(board)
    asking = board.wishes > 0
    all_placed = most == int(asking.sum())
    students = len(board.market.students)
    free = programme.low[:students]
    if all_placed:
        # A row for each student is far easier to solve than one row that counts them all.
        programme.low[:students] = asking.astype(np.float64).tolist()
        found = solve(programme, cost, aims.seconds / 2, gap=aims.gap)
    else:
        found = NOTHING
    value, bound, placed_bound = found.value, found.bound, float(most)
    if found.held is None:
        programme.low[:students] = free
        weight = float(np.ceil(cost.max(initial=0.0) * students)) + 1.0
        found = solve(programme, cost - weight, end - time.monotonic(), gap=0.0)
        if found.held is None:
            raise impossible(board) if found.impossible else too_slow()
        count = int((found.held != NOWHERE).sum())
        value, bound = found.value + weight * count, found.bound + weight * count
        placed_bound = min(placed_bound, float(np.floor((weight - 1.0 - found.bound) / weight)))
        if found.bound == found.value:
            placed_bound = float(count)
    count = int((found.held != NOWHERE).sum())
    placed = Proof("placed", float(count), placed_bound)
    proof = Proof("cost", value + base * count, bound + base * count)
    proven = placed.gap == 0 and proof.gap <= _ROUNDING
    standing = Standing.OPTIMAL if proven else Standing.WITHIN_GAP
    return allocation(board, found.held, standing, (placed, proof), method="matching.maximal")


def _most_placed(board: Board) -> int:
    """How many can be placed as far as seats go: a maximum flow from students over allowed pairs to seats."""
    # SciPy is loaded where students are matched, not with every page.
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_flow

    students, positions = board.allowed.shape
    pairs = np.argwhere(board.allowed)
    source, sink = students + positions, students + positions + 1
    tails = np.concatenate([np.full(students, source), pairs[:, 0], students + np.arange(positions)])
    heads = np.concatenate([np.arange(students), students + pairs[:, 1], np.full(positions, sink)])
    room = np.concatenate([np.ones(students), np.ones(len(pairs)), board.capacity]).astype(np.int32)
    network = csr_array((room, (tails, heads)), shape=(sink + 1, sink + 1))
    return int(maximum_flow(network, source, sink).flow_value)


def pair_costs(board: Board, programme: Programme, aims: Aims) -> Floats:
    """What each pair of the programme costs by the aims."""
    rows, columns = programme.pairs.T
    rank = board.rank[rows, columns]
    last = np.array([sum(len(tier) for tier in one.preferences) + 1 for one in board.market.students])
    # Only a locked pair can be one that was not listed.
    rank = np.where(rank == 0, last[rows], rank)
    cost: Floats = aims.rank_weight * rank - aims.fit_weight * board.fit[rows, columns]
    return cost


def impossible(board: Board, seconds: float = 60.0) -> UnmetAssumption:
    """Which quotas would have to give way, by as few students in all as possible, once none can be met together.

    Where several sets of rules would do with as few, this is one of them.
    """
    end = time.monotonic() + seconds
    programme = rules_of(board)
    relaxed = solve(programme, np.zeros(programme.columns), seconds, relax=range(len(programme.rules)))
    if relaxed.held is None:
        if not relaxed.impossible:
            return too_slow()
        return ImpossibleQuotas(
            "locks, seats and cohorts contradict each other even without any quota",
            "unlock some students or lower a least cohort",
            (),
        )
    broken = relaxed.raw[programme.columns :]
    given = []
    for by, (_, _, rule) in zip(broken.tolist(), programme.rules, strict=True):
        if by > 0:
            given.append(Relaxation(rule.kind, rule.name, rule.bound, round(by)))
    said = []
    for one in given:
        asked = one.asked or 0
        reached = asked + one.by if one.kind == "quota_most" else asked - one.by
        said.append(_WORDS[one.kind].format(name=one.name, asked=asked, reached=reached, by=one.by))
    numbers = _conflict(programme, broken, end)
    conflict = tuple(dict.fromkeys(programme.rules[number][2].name for number in numbers))
    against = f"; {', '.join(conflict)} cannot be met together" if len(conflict) > 1 else ""
    return ImpossibleQuotas(
        f"no matching meets all quotas; together {'; '.join(said)}{against}",
        "change these quotas by as much, admit more students to those positions, or let students list more",
        tuple(given),
        conflict,
    )


def _conflict(programme: Programme, broken: Floats, end: float) -> list[int]:
    """The numbers of rules that cannot be met together, of which none can be spared; empty where the time runs out.

    Rules broken by the least are made to hold, round by round, until nothing is left that keeps them (the elastic
    filter of Chinneck and Dravnieks, ORSA Journal on Computing 3, 1991); then each is left out that is not needed.
    """
    nothing = np.zeros(programme.columns)
    held = np.flatnonzero(broken > 0).tolist()
    while True:
        others = [number for number in range(len(programme.rules)) if number not in held]
        found = solve(programme, nothing, end - time.monotonic(), relax=others)
        if found.held is None:
            break
        held += [number for number, by in zip(others, found.raw[programme.columns :].tolist(), strict=True) if by > 0]
    if not found.impossible:
        return []
    for number in list(held):
        rest = [one for one in held if one != number]
        freed = [one for one in range(len(programme.rules)) if one not in rest]
        if solve(programme, nothing, end - time.monotonic(), relax=freed).impossible:
            held = rest
    return held


def too_slow() -> UnmetAssumption:
    """The refusal where the time ran out before any matching was found."""
    return UnmetAssumption(
        "matching.time", "no matching within the rules was found in the time given", "allow more time or fewer rules"
    )
