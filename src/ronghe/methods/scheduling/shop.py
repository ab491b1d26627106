"""Chains of tasks over alternative machines in the shortest time: the flexible job shop, solved by CP-SAT.

It plans a day of assessments or a project where each step may run on one of several machines, in order.
Published instances are read as they stand, so that the core can be measured against their best known values.
"""

from __future__ import annotations

import heapq
import math
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from ronghe.methods.explained import Assumption, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.scheduling.checks import Breach
from ronghe.methods.scheduling.proof import Proof, Standing, standing

VERSION = 2
_ROUNDING = 1e-6
# Share of the time, and how often at most, to schedule by priorities.
_BUILT, _ATTEMPTS = 0.1, 500
# What counts as a small shop, by the ways to do steps in all, and the share of the time until it is no longer searched
# afresh.
_SMALL, _AFRESH = 2000, 0.4


@dataclass(frozen=True, slots=True)
class Task:
    """One step: how long it takes (whole units of time) on each machine that may do it."""

    durations: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Chain:
    """Steps that follow each other, one at a time."""

    id: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """A step of a chain (counted from 0) on a machine from `start` until before `end`."""

    chain: str
    task: int
    machine: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Shop:
    """When all is done, what is proven of that, and the runs; `breaches` by the independent check."""

    runs: tuple[Run, ...]
    length: int
    standing: Standing
    proofs: tuple[Proof, ...]
    breaches: tuple[Breach, ...]
    explanation: Explanation


def shortest(options: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The time a step takes on each machine; where a file names one twice, the longer time is never the better."""
    found: dict[str, int] = {}
    for machine, duration in options:
        found[machine] = min(duration, found.get(machine, duration))
    return found


def read_shop(text: str) -> tuple[Chain, ...]:
    """Chains from Brandimarte's format: jobs and machines, then for each job its steps, each with its alternatives.

    Raises `UnmetAssumption` (`scheduling.format`) where the numbers do not add up.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    try:
        jobs, machines = int(lines[0][0]), int(lines[0][1])
        chains = tuple(
            Chain(str(number), _steps(number, [int(word) for word in words], machines))
            for number, words in enumerate(lines[1:], start=1)
        )
        if len(chains) != jobs:
            raise ValueError(f"{jobs} jobs are announced and {len(chains)} are there")
    except (ValueError, IndexError) as error:
        raise UnmetAssumption(
            "scheduling.format", f"these are no chains of tasks ({error})", "give jobs, machines, then a line a job"
        ) from error
    return chains


def _steps(number: int, values: list[int], machines: int) -> tuple[Task, ...]:
    """The steps of a job from its line: how many, then for each how many machines, and pairs of machine and time."""
    tasks: list[Task] = []
    at = 1
    for _ in range(values[0]):
        options = values[at] if at < len(values) else 0
        rest = values[at + 1 : at + 1 + 2 * max(0, options)]
        pairs = list(zip(rest[::2], rest[1::2], strict=False))
        if options < 1 or len(pairs) != options:
            raise ValueError(f"job {number} ends within step {len(tasks) + 1}, or nobody can do it")
        if any(not 1 <= machine <= machines or duration < 0 for machine, duration in pairs):
            raise ValueError(
                f"step {len(tasks) + 1} of job {number} names a machine beyond {machines} or a time below 0"
            )
        tasks.append(Task(shortest((str(machine), duration) for machine, duration in pairs)))
        at += 1 + 2 * options
    if at != len(values):
        raise ValueError(f"job {number} has numbers left over")
    return tuple(tasks)


def plan_shop(chains: Iterable[Chain], *, seconds: float = 60.0, seed: int = 1, workers: int = 8) -> Shop:
    """The shortest schedule found in about `seconds`, with a bound that none can pass.

    There is always a schedule: the shortest of some that are built by priorities. From there CP-SAT searches: a start
    and an end for each step, one optional interval for each machine of which one is present and which do not overlap;
    minimise the greatest end. Where the time does not run out, one worker gives the same schedule for the same seed;
    several give the same length once it is proven.

    Raises `UnmetAssumption` (`scheduling.shop`) for a step nobody can do and a chain that is there twice.
    """
    begin = time.monotonic()
    chains = tuple(chains)
    twice = [name for name, count in Counter(chain.id for chain in chains).items() if count > 1]
    if twice:
        raise UnmetAssumption("scheduling.shop", f"the chain {twice[0]} is there twice", "give each one once")
    for chain in chains:
        for number, task in enumerate(chain.tasks):
            if not task.durations or any(duration < 0 for duration in task.durations.values()):
                raise UnmetAssumption(
                    "scheduling.shop",
                    f"no machine can do step {number + 1} of {chain.id}",
                    "name a machine and its time",
                )
    least = _least(chains)
    runs, bound = _dispatched(chains, begin + seconds * _BUILT, least, seed), least
    # A small shop is proven sooner by who starts afresh, a larger one is shortened further from what was found.
    is_small = sum(len(task.durations) for chain in chains for task in chain.tasks) <= _SMALL
    if is_small:
        runs, bound = _searched(chains, runs, bound, begin + seconds * _AFRESH, seed, workers, is_afresh=True)
    runs, bound = _searched(chains, runs, bound, begin + seconds, seed, workers, is_afresh=False)
    reached = max((run.end for run in runs), default=0)
    proofs = (Proof("length", float(reached), float(min(bound, reached))),)
    breaches = shop_breaches(chains, runs)
    return Shop(
        runs, reached, standing(proofs), proofs, breaches,
        Explanation(
            "scheduling.shop", VERSION, inputs_hash(chains, seed),
            (Assumption("scheduling.rules_kept", not breaches, f"{len(breaches)} breaches by the independent check"),),
        ),
    )  # fmt: skip


def _least(chains: tuple[Chain, ...]) -> int:
    """No schedule is shorter than the longest chain, nor than all work shared by all machines."""
    fastest = [[min(task.durations.values()) for task in chain.tasks] for chain in chains]
    machines = {machine for chain in chains for task in chain.tasks for machine in task.durations}
    work = sum(map(sum, fastest))
    return max(max(map(sum, fastest), default=0), -(-work // max(1, len(machines))))


def _dispatched(chains: tuple[Chain, ...], until: float, least: int, seed: int) -> tuple[Run, ...]:
    """The shortest of many schedules without search, by priorities near those of the best so far."""
    tails = [
        list(accumulate((min(task.durations.values()) for task in reversed(chain.tasks)), initial=0))[:0:-1]
        for chain in chains
    ]
    best = _in_turn(chains, tails)
    own: list[list[float]] = [[float(value) for value in tail] for tail in tails]
    near, draw = own, random.Random(seed)  # noqa: S311 - a search, no secret
    for turn in range(_ATTEMPTS):
        length = max((run.end for run in best), default=0)
        if length <= least or time.monotonic() > until:
            break
        start, spread = (own, 0.3) if turn % 2 else (near, 0.1)
        tried = [[value * (1.0 + draw.gauss(0.0, spread)) for value in tail] for tail in start]
        runs = _in_turn(chains, tried)
        if max(run.end for run in runs) <= length:
            best, near = runs, tried
    return best


def _in_turn(chains: tuple[Chain, ...], priority: Sequence[Sequence[float]]) -> tuple[Run, ...]:
    """A schedule step by step: the one that can begin first goes next, of several that of the highest priority, on the
    machine where it ends first."""
    free: dict[str, int] = {}
    # Machines only get busier, so that the first whose moment is still true comes before all others.
    turns = [(0, -priority[at][0], at, 0, 0) for at, chain in enumerate(chains) if chain.tasks]
    heapq.heapify(turns)
    runs = []
    while turns:
        said, urgency, at, number, since = heapq.heappop(turns)
        durations = chains[at].tasks[number].durations
        begins = [(max(since, free.get(machine, 0)), takes, machine) for machine, takes in durations.items()]
        first = min(begins)[0]
        if first > said:
            heapq.heappush(turns, (first, urgency, at, number, since))
            continue
        begin, takes, machine = min(begins, key=lambda one: (one[0] + one[1], one[1], one[2]))
        end = begin + takes
        runs.append(Run(chains[at].id, number, machine, begin, end))
        free[machine] = end
        if number + 1 < len(chains[at].tasks):
            heapq.heappush(turns, (end, -priority[at][number + 1], at, number + 1, end))
    return tuple(sorted(runs))


def _searched(
    chains: tuple[Chain, ...],
    first: tuple[Run, ...],
    least: int,
    until: float,
    seed: int,
    workers: int,
    *,
    is_afresh: bool,
) -> tuple[tuple[Run, ...], int]:
    """The best schedule that CP-SAT finds, afresh or from `first` on, never longer; and a bound that none can pass."""
    horizon = max((run.end for run in first), default=0)
    if horizon <= least:
        return first, least
    # OR-Tools takes a second and 100 MB to load, and only this needs it.
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    given = {(run.chain, run.task): run for run in first}
    on: dict[str, list[Any]] = {}
    loads: dict[str, list[Any]] = {}
    present: dict[tuple[str, int, str], tuple[Any, Any]] = {}
    length = model.new_int_var(least, horizon, "")
    for chain in chains:
        before: Any = None
        for number, task in enumerate(chain.tasks):
            start, end = model.new_int_var(0, horizon, ""), model.new_int_var(0, horizon, "")
            model.add(end >= start + min(task.durations.values()))
            was = given[chain.id, number]
            if not is_afresh:
                model.add_hint(start, was.start)
                model.add_hint(end, was.end)
            literals = []
            for machine, duration in sorted(task.durations.items()):
                chosen = model.new_bool_var("")
                if not is_afresh:
                    model.add_hint(chosen, machine == was.machine)
                interval = model.new_optional_interval_var(start, duration, end, chosen, "")
                on.setdefault(machine, []).append(interval)
                loads.setdefault(machine, []).append(chosen * duration)
                present[chain.id, number, machine] = chosen, start
                literals.append(chosen)
            model.add_exactly_one(literals)
            if before is not None:
                model.add(start >= before)
            before = end
        if before is not None:
            model.add(length >= before)
    for intervals in on.values():
        model.add_no_overlap(intervals)
    # A machine works no longer than the whole takes: this lets the relaxation see its load.
    for machine in sorted(loads):
        model.add(sum(loads[machine]) <= length)
    model.minimize(length)
    left = until - time.monotonic()
    if left <= 0:
        return first, least
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = left
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = workers
    if len(present) > _SMALL:
        # There probing alone took the time that was given for all.
        solver.parameters.cp_model_probing_level = 0
    status = solver.solve(model)
    bound = max(least, math.ceil(solver.best_objective_bound - _ROUNDING))
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return first, bound
    tasks = {chain.id: chain.tasks for chain in chains}
    runs = []
    for (name, number, machine), (chosen, start) in present.items():
        if solver.value(chosen):
            begin = solver.value(start)
            runs.append(Run(name, number, machine, begin, begin + tasks[name][number].durations[machine]))
    return tuple(sorted(runs)), bound


def shop_breaches(chains: Iterable[Chain], runs: Iterable[Run]) -> tuple[Breach, ...]:
    """Every step missing, doubled, on a wrong machine, of the wrong length, before its turn, or overlapping another."""
    found = []
    rows = sorted(runs)
    by_task = {(run.chain, run.task): run for run in rows}
    if len(by_task) != len(rows):
        found.append(Breach("shop.once", "", "a step runs twice"))
    wanted = 0
    for chain in chains:
        for number, task in enumerate(chain.tasks):
            wanted += 1
            run = by_task.get((chain.id, number))
            if run is None:
                found.append(Breach("shop.missing", chain.id, f"step {number + 1}"))
                continue
            if task.durations.get(run.machine) != run.end - run.start or run.start < 0:
                found.append(Breach("shop.machine", chain.id, f"step {number + 1} on {run.machine}"))
            earlier = by_task.get((chain.id, number - 1))
            if earlier is not None and run.start < earlier.end:
                found.append(Breach("shop.order", chain.id, f"step {number + 1} before {number} is done"))
    if len(by_task) > wanted:
        found.append(Breach("shop.unknown", "", "a run of no step"))
    by_machine = sorted(rows, key=lambda run: (run.machine, run.start, run.end))
    for one, other in pairwise(by_machine):
        if one.machine == other.machine and other.start < one.end:
            found.append(Breach("shop.overlap", one.machine, f"{one.chain} and {other.chain} at {other.start}"))
    return tuple(found)
