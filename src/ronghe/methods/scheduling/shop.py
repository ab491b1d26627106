"""Chains of tasks over alternative machines in the shortest time: the flexible job shop, solved by CP-SAT.

It plans a day of assessments or a project where each step may run on one of several machines, in order.
Published instances are read as they stand, so that the core can be measured against their best known values.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ronghe.methods.explained import Assumption, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.scheduling.checks import Breach
from ronghe.methods.scheduling.proof import Proof, Standing, standing, too_slow

VERSION = 1


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


def read_shop(text: str) -> tuple[Chain, ...]:
    """Chains from Brandimarte's format: jobs and machines, then for each job its steps, each with its alternatives.

    Raises `UnmetAssumption` (`scheduling.format`) where the numbers do not add up.
    """
    lines = [line.split() for line in text.splitlines() if line.strip()]
    try:
        jobs, machines = int(lines[0][0]), int(lines[0][1])
        chains = []
        for number, words in enumerate(lines[1 : jobs + 1], start=1):
            values = iter([int(word) for word in words])
            tasks = []
            for _ in range(next(values)):
                pairs = [(next(values), next(values)) for _ in range(next(values))]
                if any(not 1 <= machine <= machines for machine, _ in pairs):
                    raise ValueError(f"job {number} names a machine beyond {machines}")
                tasks.append(Task({str(machine): duration for machine, duration in pairs}))
            if next(values, None) is not None:
                raise ValueError(f"job {number} has numbers left over")
            chains.append(Chain(str(number), tuple(tasks)))
        if len(chains) != jobs:
            raise ValueError(f"{len(chains)} of {jobs} jobs are there")
    except (ValueError, IndexError, StopIteration, RuntimeError) as error:
        raise UnmetAssumption(
            "scheduling.format", f"these are no chains of tasks ({error})", "give jobs, machines, then a line a job"
        ) from error
    return tuple(chains)


def plan_shop(chains: Iterable[Chain], *, seconds: float = 60.0, seed: int = 1, workers: int = 8) -> Shop:
    """The shortest schedule of all chains with its bound (CP-SAT, optional intervals that do not overlap on a machine).

    A start and an end for each step, one optional interval for each alternative of which one is present; minimise the
    greatest end. With one worker the same seed gives the same schedule; with more the length where it is proven.

    Raises `UnmetAssumption`: `scheduling.shop` for a step nobody can do, `scheduling.time` where nothing was found.
    """
    # OR-Tools takes a second and 100 MB to load, and only this needs it.
    from ortools.sat.python import cp_model

    chains = tuple(chains)
    for chain in chains:
        for number, task in enumerate(chain.tasks):
            if not task.durations or any(duration < 0 for duration in task.durations.values()):
                raise UnmetAssumption(
                    "scheduling.shop",
                    f"no machine can do step {number + 1} of {chain.id}",
                    "name a machine and its time",
                )
    horizon = sum(max(task.durations.values()) for chain in chains for task in chain.tasks)
    model = cp_model.CpModel()
    on: dict[str, list[Any]] = {}
    present: dict[tuple[str, int, str], tuple[Any, Any]] = {}
    length = model.new_int_var(0, horizon, "")
    for chain in chains:
        before: Any = None
        for number, task in enumerate(chain.tasks):
            start, end = model.new_int_var(0, horizon, ""), model.new_int_var(0, horizon, "")
            literals = []
            for machine, duration in sorted(task.durations.items()):
                chosen = model.new_bool_var("")
                interval = model.new_optional_interval_var(start, duration, end, chosen, "")
                on.setdefault(machine, []).append(interval)
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
    for machine in sorted(on):
        model.add(
            sum(
                chosen * chain.tasks[number].durations[machine]
                for chain in chains
                for number in range(len(chain.tasks))
                if machine in chain.tasks[number].durations
                for chosen, _ in [present[chain.id, number, machine]]
            )
            <= length
        )
    model.minimize(length)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = workers
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise too_slow(seconds)
    durations = {chain.id: chain for chain in chains}
    runs = tuple(
        sorted(
            Run(
                name,
                number,
                machine,
                solver.value(start),
                solver.value(start) + durations[name].tasks[number].durations[machine],
            )
            for (name, number, machine), (chosen, start) in present.items()
            if solver.value(chosen)
        )
    )
    reached = max((run.end for run in runs), default=0)
    proofs = (Proof("length", float(reached), float(solver.best_objective_bound)),)
    breaches = shop_breaches(chains, runs)
    return Shop(
        runs, reached, standing(proofs), proofs, breaches,
        Explanation(
            "scheduling.shop", VERSION, inputs_hash(chains, seed),
            (Assumption("scheduling.rules_kept", not breaches, f"{len(breaches)} breaches by the independent check"),),
        ),
    )  # fmt: skip


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
