"""Plans a project with several skills in the shortest time found, with a bound that no plan can pass (MSPSP).

A first schedule is built by priorities, the bound is a linear programme, and CP-SAT then searches all of it at once and
part by part. What a project is and the check of a plan are in `project`.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from ronghe.methods.explained import Assumption, Explanation, inputs_hash
from ronghe.methods.scheduling.checks import Breach
from ronghe.methods.scheduling.project import Project, Work, check_project, project_breaches
from ronghe.methods.scheduling.project_bound import shortest
from ronghe.methods.scheduling.project_pool import Plan, Pool, build
from ronghe.methods.scheduling.proof import Proof, Standing, standing

VERSION = 1
# Shares of the time: the bound, schedules by priorities, and the search of all at once; the rest goes part by part.
_BOUND, _BUILT, _WHOLE = 0.25, 0.1, 0.35
# How many activities a part frees, in turn.
_FREED = (10, 14, 18)
_ATTEMPTS = 100_000


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """When each activity starts, who works on it with which skill, the whole length and what is proven of it."""

    starts: Mapping[str, int]
    work: tuple[Work, ...]
    length: int
    standing: Standing
    proofs: tuple[Proof, ...]
    breaches: tuple[Breach, ...]
    explanation: Explanation


def plan_project(project: Project, *, seconds: float = 60.0, seed: int = 1, workers: int = 8) -> ProjectPlan:
    """The shortest plan found in about `seconds`, with the greatest lower bound found beside it.

    There is always a plan: built by priorities (the length of what must still follow, disturbed at random). The bound
    is the linear programme over sets of activities that may run at once (`project_bound`), or CP-SAT's where that is
    better. CP-SAT's model has a start for each activity, whole numbers of persons of each kind that give it a skill, a
    cumulative constraint for each kind, and implied ones for each set of skills. The parts free some activities that
    lie near each other in time; the others keep their order and their persons, and the plan must become shorter.

    Raises `UnmetAssumption` (`scheduling.project`) as `check_project` does.
    """
    begin = time.monotonic()
    check_project(project)
    pool = Pool(project)
    low = shortest(pool, begin + seconds * _BOUND - time.monotonic())
    generator = np.random.default_rng(seed)
    best = _built(pool, low, begin + seconds * (_BOUND + _BUILT), generator)
    if best.length > low:
        best, low = _searched(pool, best, low, begin + seconds * (_BOUND + _BUILT + _WHOLE), seed, workers)
    end = begin + seconds
    turn = 0
    while best.length > low and end - time.monotonic() > 0.5 and turn < _ATTEMPTS:
        free = _near(pool, best, _FREED[turn % len(_FREED)], generator)
        shorter, _ = _searched(pool, best, low, min(time.monotonic() + 2.0, end), seed + turn, 1, free)
        if shorter.length < best.length:
            best = shorter
        turn += 1
    starts = dict(zip(pool.ids, best.starts, strict=True))
    work = pool.work(best)
    proofs = (Proof("length", float(best.length), float(low)),)
    breaches = project_breaches(project, starts, work)
    return ProjectPlan(
        starts, work, best.length, standing(proofs), proofs, breaches,
        Explanation(
            "scheduling.project", VERSION, inputs_hash(project, seed),
            (Assumption("scheduling.rules_kept", not breaches, f"{len(breaches)} breaches by the independent check"),),
        ),
    )  # fmt: skip


def _built(pool: Pool, low: int, end: float, generator: np.random.Generator) -> Plan:
    """The shortest of many schedules built by priorities near those of the best so far, each pushed to and fro."""
    back = pool.turned()
    own = [float(tail) for tail in pool.tail]
    priority = own
    best = build(pool, own)
    turn = 0
    while best.length > low and time.monotonic() < end and turn < _ATTEMPTS:
        near = own if turn % 4 == 0 else priority
        tried = [value * (1.0 + float(generator.normal(0.0, 0.3 if turn % 2 else 0.1))) for value in near]
        plan = build(pool, tried)
        while (pushed := _pushed(pool, back, plan)).length < plan.length and time.monotonic() < end:
            plan = pushed
        if plan.length <= best.length:
            best, priority = plan, [float(plan.length - start) for start in plan.starts]
        turn += 1
    return best


def _pushed(pool: Pool, back: Pool, plan: Plan) -> Plan:
    """The shorter of the plan built from its end, what ends last first, and of that one built anew from its beginning
    (forward-backward improvement, Li and Willis, European Journal of Operational Research 56, 1992)."""
    ends = [float(start + duration) for start, duration in zip(plan.starts, pool.durations, strict=True)]
    found = build(back, ends)
    after = [found.length - start for start in found.starts]
    late = Plan(found.length, tuple(x - d for x, d in zip(after, pool.durations, strict=True)), found.used)
    early = build(pool, [float(found.length - start) for start in late.starts])
    return min(early, late, key=lambda one: one.length)


def _near(pool: Pool, plan: Plan, count: int, generator: np.random.Generator) -> frozenset[int]:
    """The activities nearest in time to a moment drawn at random, and a few from anywhere."""
    everything = range(len(pool.ids))
    moment = generator.uniform(0, plan.length)
    middle = [start + duration / 2 for start, duration in zip(plan.starts, pool.durations, strict=True)]
    near = sorted(everything, key=lambda at: abs(middle[at] - moment))[:count]
    return frozenset({*near, *generator.choice(len(pool.ids), min(2, len(pool.ids)), replace=False).tolist()})


def _searched(
    pool: Pool, best: Plan, low: int, until: float, seed: int, workers: int, free: frozenset[int] | None = None
) -> tuple[Plan, int]:
    """The best plan CP-SAT finds from `best` on until then, and its bound (of the whole only where `free` is None).

    With `free` given the other activities keep their order and their persons, and the plan must become shorter.
    """
    # OR-Tools takes a second and 100 MB to load, and only this needs it.
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    most = best.length if free is None else best.length - 1
    starts = [model.new_int_var(0, most, "") for _ in pool.ids]
    intervals = [
        model.new_fixed_size_interval_var(start, duration, "")
        for start, duration in zip(starts, pool.durations, strict=True)
    ]
    length = model.new_int_var(low, most, "")
    for at, start in enumerate(starts):
        model.add(start + pool.tail[at] <= length)
    for before, then in pool.pairs:
        model.add(starts[then] >= starts[before] + pool.durations[before])
    if free is not None:
        for before, then in _kept(pool, best, free):
            model.add(starts[then] >= starts[before] + pool.durations[before])
    for demand, capacity in zip(pool.demands.tolist(), pool.capacities.tolist(), strict=True):
        model.add_cumulative(intervals, demand, capacity)
    given = _given(pool, model, best, free)
    for kind, count in enumerate(pool.counts):
        busy: list[tuple[Any, Any]] = []
        for at, interval in enumerate(intervals):
            parts = [value for (activity, who, _), value in given[at].items() if activity == at and who == kind]
            if parts:
                whole = parts[0] if len(parts) == 1 else model.new_int_var(0, count, "")
                if len(parts) > 1:
                    model.add(sum(parts) == whole)
                busy.append((interval, whole))
        model.add_cumulative([one for one, _ in busy], [whole for _, whole in busy], count)
    if free is None:
        for start, value in zip(starts, best.starts, strict=True):
            model.add_hint(start, value)
        for values in given:
            for key, value in values.items():
                model.add_hint(value, best.used.get(key, 0))
    model.minimize(length)
    left = until - time.monotonic()
    if left <= 0:
        return best, low
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = left
    solver.parameters.random_seed = seed
    solver.parameters.num_workers = workers
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return best, low
    used = {key: solver.value(value) for values in given for key, value in values.items() if solver.value(value)}
    found = tuple(solver.value(start) for start in starts)
    ends = [start + duration for start, duration in zip(found, pool.durations, strict=True)]
    plan = Plan(max(ends, default=0), found, used)
    bound = max(low, round(solver.best_objective_bound)) if free is None else low
    return (plan if plan.length < best.length else best), min(bound, plan.length, best.length)


def _kept(pool: Pool, plan: Plan, free: frozenset[int]) -> Iterator[tuple[int, int]]:
    """Which activities that are not free follow which, at once: all others follow from these."""
    ends = [start + duration for start, duration in zip(plan.starts, pool.durations, strict=True)]
    later = sorted((plan.starts[at], ends[at], at) for at in range(len(pool.ids)) if at not in free)
    # From each place on, when the first of those that start there or later ends.
    first = [*accumulate((end for _, end, _ in reversed(later)), min)][::-1]
    for _, end, before in later:
        at = bisect_left(later, (end,))
        while at < len(later) and later[at][2] == before:
            at += 1
        if at < len(later):
            least = first[at]
            for start, _, then in later[at:]:
                if start > least:
                    break
                if then != before:
                    yield before, then


def _given(pool: Pool, model: Any, best: Plan, free: frozenset[int] | None) -> list[dict[tuple[int, int, int], Any]]:
    """For each activity how many persons of each kind give it each skill; fixed as in `best` where it is not free."""
    given: list[dict[tuple[int, int, int], Any]] = []
    for at, needs in enumerate(pool.needs.tolist()):
        values: dict[tuple[int, int, int], Any] = {}
        for skill, need in enumerate(needs):
            giving = [kind for kind, having in enumerate(pool.kinds) if need and skill in having]
            for kind in giving:
                key = at, kind, skill
                if free is None or at in free:
                    values[key] = model.new_int_var(0, min(need, pool.counts[kind]), "")
                else:
                    values[key] = model.new_constant(best.used.get(key, 0))
            if giving:
                model.add(sum(values[at, kind, skill] for kind in giving) == need)
        given.append(values)
    return given
