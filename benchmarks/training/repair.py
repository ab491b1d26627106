"""A machine breaks on Wednesday morning: how long the repair takes, how much it moves, and what is proven of that."""

from __future__ import annotations

import time
from dataclasses import replace

from benchmarks.result import Result
from benchmarks.training.week import week
from ronghe.methods import scheduling
from ronghe.methods.scheduling import Busy

COMMAND = "python -m benchmarks training"
FIRST = 22


def broken(asked: scheduling.Week, machine: str, slots: int) -> scheduling.Week:
    """The week with a machine closed from Wednesday's first slot on for so many slots."""
    closed = Busy(asked.slots[FIRST].start, asked.slots[min(FIRST + slots, len(asked.slots)) - 1].end)
    return replace(
        asked,
        machines=tuple(
            replace(one, closed=(*one.closed, closed)) if one.id == machine else one for one in asked.machines
        ),
    )


def run() -> list[Result]:
    """Each machine of one row of families down for a day, in a full week and in one with room."""
    results = []
    for wanted, name in ((7, "full week"), (5, "week with room")):
        asked = week(1, wanted=wanted)
        plan = scheduling.plan_week(asked, rounds=60)
        longest, lost, moved, stood, proven, breaches = 0.0, 0, 0, 0, 0, 0
        machines = [one.id for one in asked.machines if one.campus == "north"][:6]
        for machine in machines:
            changed = broken(asked, machine, 11)
            start = time.perf_counter()
            found = scheduling.repair_week(changed, plan.sessions, asked.slots[FIRST].start)
            longest = max(longest, time.perf_counter() - start)
            lost += len(found.lost)
            moved += len(found.moved)
            stood += sum(one.machine == machine and FIRST <= one.slot < FIRST + 11 for one in plan.sessions)
            proven += found.standing is scheduling.Standing.OPTIMAL
            breaches += sum(breach.rule != "week.sessions" for breach in found.breaches)
        results += [
            Result(
                f"repair, {name}: the longest of {len(machines)}", longest, "s",
                goal="≤ 10 s", met=longest <= 10, command=COMMAND,
            ),
            Result(f"repair, {name}: moved or lost", moved + lost, "", "stood on the machine", stood, command=COMMAND),
            Result(f"repair, {name}: of these lost", lost, "", command=COMMAND),
            Result(f"repair, {name}: proven the least", proven, f"of {len(machines)}", command=COMMAND),
            Result(f"repair, {name}: rules broken", breaches, "", goal="0", met=not breaches, command=COMMAND),
        ]  # fmt: skip
    return results
