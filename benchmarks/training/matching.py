"""Matching 2,400 students to 300 positions: stable, and the best within all quotas, beside SciPy and OR-Tools.

OR-Tools is no part of the project: `pip install ortools` beside it, or set RONGHE_ORTOOLS to a folder that holds it.
The peers know seats and costs alone: neither quotas nor cohorts.
"""

import importlib
import os
import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from benchmarks.result import Result
from ronghe.methods import matching

COMMAND = "python -m benchmarks training"
STUDENTS, POSITIONS, SEATS, LEADERS, CITIES, PROGRAMMES = 2400, 300, 2700, 8, 5, 6
LISTED, COHORT = 12, 3
NOT_LISTED = 1000
SEED = 1
SIZE = "2,400 students × 300 positions"

Integers = NDArray[np.int64]


def market(seed: int, *, quotas: bool = True, cohorts: bool = True, unlisted: matching.Unlisted) -> matching.Market:
    """A community: popular leaders and cities, students who list what suits their programme, fit by programme.

    Quotas: each leader fills 80% of its seats, women hold 30% of the places of each leader, each programme places 85%
    of its students, core and satellite cities each fill 75% of their seats; positions open with three students.
    """
    generator = np.random.default_rng(seed)
    capacity = 3 + generator.multinomial(SEATS - 3 * POSITIONS, np.full(POSITIONS, 1 / POSITIONS))
    leader = generator.integers(0, LEADERS, POSITIONS)
    city = generator.choice(CITIES, POSITIONS, p=[0.4, 0.2, 0.2, 0.1, 0.1])
    field = generator.integers(0, PROGRAMMES, POSITIONS)
    positions = tuple(
        matching.Position(
            f"p{index}", int(capacity[index]), cohort=COHORT if cohorts else 0,
            groups=frozenset({f"leader:{leader[index]}", f"city:{city[index]}"}),
        )
        for index in range(POSITIONS)
    )  # fmt: skip
    popularity = generator.normal(0, 1, POSITIONS) + generator.normal(0, 0.5, LEADERS)[leader]
    programme = generator.integers(0, PROGRAMMES, STUDENTS)
    woman = generator.random(STUDENTS) < 0.35
    home = generator.choice(CITIES, STUDENTS)
    suits = programme[:, None] == field
    liking = popularity + 1.2 * suits + 0.6 * (home[:, None] == city) + generator.gumbel(0, 1, (STUDENTS, POSITIONS))
    fit = np.round(np.clip(0.4 + 0.3 * suits + generator.normal(0, 0.15, suits.shape), 0, 1), 2)
    eligible = suits | (generator.random(suits.shape) < 0.6)
    liking[~eligible] = -np.inf
    listed = np.argsort(-liking, axis=1)[:, :LISTED]
    students = tuple(
        matching.Student(
            f"s{row}", matching.strict(*(f"p{column}" for column in listed[row])),
            frozenset({f"programme:{programme[row]}", "women" if woman[row] else "men"}),
        )
        for row in range(STUDENTS)
    )  # fmt: skip
    dense = unlisted is matching.Unlisted.LAST
    wanted = np.argwhere(eligible).tolist() if dense else [(row, c) for row in range(STUDENTS) for c in listed[row]]
    asked = [
        *(matching.Quota(f"fill {one}", positions=f"leader:{one}", least_share=0.8, share_of=matching.ShareOf.SEATS)
          for one in range(LEADERS)),
        *(matching.Quota(f"women {one}", "women", f"leader:{one}", least_share=0.3) for one in range(LEADERS)),
        *(matching.Quota(f"city {one}", positions=f"city:{one}", least_share=0.75, share_of=matching.ShareOf.SEATS)
          for one in range(CITIES)),
        *(matching.Quota(f"placed {one}", f"programme:{one}", least_share=0.85, share_of=matching.ShareOf.STUDENTS)
          for one in range(PROGRAMMES)),
    ]  # fmt: skip
    return matching.Market(
        students=students,
        positions=positions,
        fit={(f"s{row}", f"p{column}"): float(fit[row, column]) for row, column in wanted},
        ineligible={(f"s{row}", f"p{c}"): "no authorisation" for row, c in np.argwhere(~eligible)} if dense else {},
        quotas=tuple(asked) if quotas else (),
        unlisted=unlisted,
    )


def _optional(name: str) -> Any:
    """A module of OR-Tools, or None where it is not installed."""
    folder = os.environ.get("RONGHE_ORTOOLS")
    if folder and folder not in sys.path:
        sys.path.append(folder)
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def costs(asked: matching.Market) -> Integers:
    """The rank of each position for each student, `NOT_LISTED` where it is not listed."""
    columns = {position.id: column for column, position in enumerate(asked.positions)}
    table = np.full((len(asked.students), len(columns)), NOT_LISTED, dtype=np.int64)
    for row, student in enumerate(asked.students):
        for rank, (position,) in enumerate(student.preferences, start=1):
            table[row, columns[position]] = rank
    return table


def assignment(table: Integers, capacity: Integers) -> tuple[float, int, int]:
    """SciPy's assignment over one column a seat: seconds, students placed, sum of their ranks."""
    start = time.perf_counter()
    rows, seats = linear_sum_assignment(np.repeat(table, capacity, axis=1))
    seconds = time.perf_counter() - start
    found = table[rows, np.repeat(np.arange(len(capacity)), capacity)[seats]]
    placed = found[found < NOT_LISTED]
    return seconds, len(placed), int(placed.sum())


def flow(table: Integers, capacity: Integers) -> tuple[float, int, int] | None:
    """OR-Tools' min-cost flow over the listed pairs: seconds, students placed, sum of their ranks."""
    module = _optional("ortools.graph.python.min_cost_flow")
    if module is None:
        return None
    students, positions = table.shape
    nowhere, sink = students + positions, students + positions + 1
    rows, columns = np.nonzero(table < NOT_LISTED)
    start = time.perf_counter()
    network = module.SimpleMinCostFlow()
    everyone = np.arange(students)
    tails = np.concatenate([rows, everyone, students + np.arange(positions), [nowhere]])
    heads = np.concatenate([students + columns, np.full(students, nowhere), np.full(positions + 1, sink)])
    room = np.concatenate([np.ones(len(rows) + students), capacity, [students]]).astype(np.int64)
    price = np.concatenate([table[rows, columns], np.full(students, NOT_LISTED), np.zeros(positions + 1)])
    arcs = network.add_arcs_with_capacity_and_unit_cost(tails, heads, room, price.astype(np.int64))
    network.set_nodes_supplies(np.append(everyone, sink), np.append(np.ones(students, np.int64), -students))
    if network.solve() != network.OPTIMAL:
        raise ArithmeticError("min-cost flow found no optimum")
    seconds = time.perf_counter() - start
    used = np.asarray(network.flows(arcs))[: len(rows)] > 0
    return seconds, int(used.sum()), int(table[rows, columns][used].sum())


def _stable(results: list[Result]) -> matching.Allocation:
    asked = market(SEED, quotas=False, cohorts=False, unlisted=matching.Unlisted.REFUSED)
    matching.stable_matching(asked)
    start = time.perf_counter()
    found = matching.stable_matching(asked)
    seconds = time.perf_counter() - start
    results += [
        Result(f"stable matching, {SIZE}", seconds, "s", goal="≤ 1 s", met=seconds <= 1, command=COMMAND),
        Result(
            "blocking pairs by the independent check", len(found.blocking_pairs), "",
            goal="0", met=not found.blocking_pairs, command=COMMAND,
        ),
    ]  # fmt: skip
    closing = matching.stable_matching(market(SEED, quotas=False, unlisted=matching.Unlisted.REFUSED))
    name = f"blocking pairs with cohorts of {COHORT} or closed ({len(closing.closed)} closed)"
    blocked = len(closing.blocking_pairs)
    results.append(Result(name, blocked, "", goal="0", met=not blocked, command=COMMAND))
    return found


def _peers(results: list[Result]) -> None:
    """Without quotas all three must reach the same optimum."""
    asked = market(SEED, quotas=False, cohorts=False, unlisted=matching.Unlisted.REFUSED)
    table = costs(asked)
    capacity = np.array([position.capacity for position in asked.positions])
    start = time.perf_counter()
    found = matching.maximal_matching(asked)
    seconds = time.perf_counter() - start
    reached = int(found.proofs[0].value), int(found.proofs[1].value)
    for name, peer in (("SciPy assignment", assignment(table, capacity)), ("OR-Tools flow", flow(table, capacity))):
        if peer is None:
            continue
        results.append(
            Result("maximal without quotas", seconds, "s", name, peer[0], peer[0] / seconds, command=COMMAND)
        )
        same = reached == peer[1:]
        results.append(
            Result(
                "sum of ranks without quotas", reached[1], "", name, peer[2], goal="equal", met=same, command=COMMAND
            )
        )


def run() -> list[Result]:
    """Stable, the peers without quotas, then all quotas in both modes."""
    results: list[Result] = []
    plain = _stable(results)
    _peers(results)
    asked = market(SEED, unlisted=matching.Unlisted.REFUSED)
    start = time.perf_counter()
    best = matching.maximal_matching(asked, matching.Aims(seconds=300))
    seconds = time.perf_counter() - start
    gap = max(proof.gap for proof in best.proofs)
    near = matching.stable_matching(asked, seconds=120)
    results += [
        Result(f"maximal with all quotas, {SIZE}", seconds, "s", goal="≤ 60 s", met=seconds <= 60, command=COMMAND),
        Result("its gap, proven", gap * 100, "%", goal="0", met=gap == 0, command=COMMAND),
        Result("students placed", best.fairness.overall.placed, "", "stable", plain.fairness.overall.placed,
               command=COMMAND),
        Result("first three wishes", best.fairness.overall.top_three * 100, "%", "stable",
               plain.fairness.overall.top_three * 100, command=COMMAND),
        Result("blocking pairs", len(best.blocking_pairs), "", "stable mode with all quotas",
               len(near.blocking_pairs), command=COMMAND),
    ]  # fmt: skip
    return results
