"""A week of 66 slots on 38 machines for 350 groups and 120 mentors with rest and night rules.

The same week as one integer programme for HiGHS and for CP-SAT takes minutes and finds less: docs/methods/scheduling.md
says what they reached.
"""

from __future__ import annotations

import time
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from benchmarks.result import Result
from benchmarks.training.rotation import CAMPUSES, MACHINES
from ronghe.methods import scheduling
from ronghe.methods.scheduling import Authorised, Busy

COMMAND = "python -m benchmarks training"
GROUPS, MENTORS, WANTED, LEAST, COHORTS = 350, 120, 7, 5, 24
MONDAY = date(2026, 11, 23)


def _shares(weights: NDArray[np.int64], total: int) -> list[int]:
    """Whole numbers in proportion to the weights that add up to the total (largest remainders)."""
    exact = weights / weights.sum() * total
    whole = np.floor(exact).astype(int)
    for at in np.argsort(-(exact - whole), kind="stable")[: total - whole.sum()]:
        whole[at] += 1
    return [int(number) for number in whole]


def week(
    seed: int, *, groups: int = GROUPS, mentors: int = MENTORS, wanted: int = WANTED, days: int = 6
) -> scheduling.Week:
    """A week: maintenance of two machines in five, cohorts that study twice, mentors with two or three families."""
    generator = np.random.default_rng(seed)
    slots = scheduling.slots_of_week(MONDAY, "Asia/Shanghai", days=days)
    table = np.array(MACHINES)
    since = slots[0].start - timedelta(days=30)
    kinds = [
        (family, campus) for campus in range(len(CAMPUSES)) for family in range(len(table)) if table[family, campus]
    ]
    machines = []
    for family, campus in kinds:
        for number in range(table[family, campus]):
            closed: tuple[Busy, ...] = ()
            if generator.random() < 0.4:
                slot = slots[generator.integers(len(slots))]
                closed = (Busy(slot.start, slot.end),)
            name = f"machine {family}-{campus}-{number}"
            machines.append(scheduling.Machine(name, f"family {family}", CAMPUSES[campus], closed))
    cohorts = []
    for _ in range(COHORTS):
        campus = CAMPUSES[generator.integers(len(CAMPUSES))]
        study = []
        for day in generator.choice(days, min(2, days), replace=False).tolist():
            begin = slots[day * 11 + (1 if generator.random() < 0.5 else 4)].start
            study.append(Busy(begin, begin + timedelta(hours=3.5), campus))
        cohorts.append(tuple(study))
    trainees = []
    weights = np.array([table[family, campus] for family, campus in kinds])
    for (family, campus), count in zip(kinds, _shares(weights, groups), strict=True):
        for _ in range(count):
            trainees.append(
                scheduling.Group(
                    f"group {len(trainees)}", f"family {family}", CAMPUSES[campus], int(generator.integers(3, 6)),
                    wanted, min(LEAST, wanted), (Authorised(f"family {family}", since),),
                    cohorts[generator.integers(COHORTS)],
                )
            )  # fmt: skip
    staff = []
    for campus, count in enumerate(_shares(table.sum(axis=0), mentors)):
        there = [family for family in range(len(table)) for _ in range(table[family, campus])]
        for number in range(count):
            families = {there[number % len(there)], *generator.choice(there, 2).tolist()}
            busy: tuple[Busy, ...] = ()
            if generator.random() < 0.5:
                begin = slots[generator.integers(len(slots))].start
                busy = (Busy(begin, begin + timedelta(hours=2)),)
            held = tuple(Authorised(f"family {family}", since) for family in sorted(families))
            staff.append(scheduling.Mentor(f"mentor {len(staff)}", (CAMPUSES[campus],), held, busy))
    travel = {("north", "north-east"): 2.0, ("north", "north-west"): 1.0, ("south", "south-west"): 1.0}
    return scheduling.Week(slots, tuple(machines), tuple(staff), tuple(trainees), scheduling.Rules(), travel)


def run() -> list[Result]:
    """Three weeks."""
    results = []
    for seed in (1, 2, 3):
        asked = week(seed)
        start = time.perf_counter()
        found = scheduling.plan_week(asked, seconds=50, gap=0.0025)
        seconds = time.perf_counter() - start
        gap = max(proof.gap for proof in found.proofs) * 100
        used = found.used * 100
        breaches = len(scheduling.week_breaches(asked, found.sessions))
        name = f"week {seed}"
        results += [
            Result(
                f"{name}: {GROUPS} groups, {MENTORS} mentors", seconds, "s",
                goal="≤ 60 s", met=seconds <= 60, command=COMMAND,
            ),
            Result(f"{name}: gap", gap, "%", goal="≤ 1%", met=gap <= 1, command=COMMAND),
            Result(f"{name}: open slots used", used, "%", goal="≥ 93.5%", met=used >= 93.5, command=COMMAND),
            Result(f"{name}: breaches", breaches, "", goal="0", met=not breaches, command=COMMAND),
        ]  # fmt: skip
    return results
