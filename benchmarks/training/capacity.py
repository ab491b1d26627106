"""The yearly intake by linear programme beside a community simulated week by week with SimPy, over 20 seeds.

The two share no formula: the simulation knows queues, illness, breakdowns and repair crews, missed visits and drop-outs
as events, and finds what holds the intake down by trying: some more mentors, some more machines.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from typing import Any

import numpy as np
import simpy

from benchmarks.result import Result
from ronghe.methods import capacity

COMMAND = "python -m benchmarks training"
SEEDS, TRIALS, MORE = 20, 8, 2
WEEKS, WARM, SPAN = 48.0, 96.0, 216.0
# A fifth of the study's community: 24 mentors with five places, nine of twelve months in practice; 8 machines, 22 h a
# day. A year's machine has 6,600 hours.
MENTORS, LOAD, PLACEMENT, MACHINES, HOURS = 24, 5, 36, 8, 6600.0
ILL, DOWN, MISSED, DROPOUT = 0.05, 0.07, 0.06, 0.12
# Hours that a visit to a machine takes, once a week.
VISITS = {"mentors bind": 5.0, "machines bind": 11.5}


def outlook(visit: float, mentors: int = MENTORS, machines: int = MACHINES) -> capacity.Outlook:
    """Intake by linear programme: missed visits cost a machine's time twice, machines work 93% of theirs."""
    return capacity.outlook(
        [capacity.Stream("3+9", {"mentors": 9.0, "machines": PLACEMENT * visit / (1 - MISSED)}, dropout=DROPOUT)],
        [
            capacity.Resource("mentors", mentors, 12.0 * LOAD, absent=ILL),
            capacity.Resource("machines", machines, HOURS * (1 - DOWN)),
        ],
        draws=200,
    )


class Community:
    """One simulated community; `counted` holds those who began, completed and dropped out after the warm-up."""

    def __init__(self, visit: float, seed: int, mentors: int = MENTORS, machines: int = MACHINES) -> None:
        self.visit = visit
        self.counted: Counter[str] = Counter()
        self.random = np.random.default_rng(seed)
        self.world = simpy.Environment()
        self.well = [self.world.event().succeed() for _ in range(mentors)]
        self.places = simpy.Store(self.world)
        self.free = simpy.Store(self.world)
        self.crew = simpy.Resource(self.world, 2)
        for mentor in range(mentors):
            self.world.process(self.illness(mentor))
            # All places are taken, at any stage, lest all trainees come and go together for years.
            for week in self.random.integers(0, PLACEMENT, LOAD).tolist():
                self.world.process(self.placement(mentor, week))
        # A machine is the hours it still works before it breaks down.
        self.free.items.extend(self.random.exponential(60.0, machines).tolist())
        self.world.process(self.arrivals())

    def run(self) -> tuple[float, float]:
        """Trainees who begin and who complete, a year."""
        self.world.run(until=WARM + SPAN)
        return self.counted["began"] / SPAN * WEEKS, self.counted["completed"] / SPAN * WEEKS

    def count(self, what: str) -> None:
        self.counted[what] += self.world.now > WARM

    def arrivals(self) -> Any:
        """Six applicants a week, of whom some give up waiting for a place."""
        while True:
            yield self.world.timeout(self.random.exponential(1 / 6))
            self.world.process(self.trainee())

    def illness(self, mentor: int) -> Any:
        """Two weeks of illness in forty; meanwhile the mentor's trainees wait."""
        while True:
            yield self.world.timeout(self.random.exponential(2.0 * (1 - ILL) / ILL))
            self.well[mentor] = self.world.event()
            yield self.world.timeout(self.random.exponential(2.0))
            self.well[mentor].succeed()

    def trainee(self) -> Any:
        """Waits for a place, eight weeks at most."""
        asked = self.places.get()
        got = yield asked | self.world.timeout(8.0)
        if asked not in got:
            asked.cancel()
            return
        self.count("began")
        yield from self.placement(got[asked], 0)

    def placement(self, mentor: int, first: int) -> Any:
        """Comes week by week, as long as the mentor is well and a machine is free, to the end or to the drop-out."""
        leaves = self.random.uniform(0, PLACEMENT) if self.random.random() < DROPOUT else PLACEMENT
        for week in range(first, PLACEMENT):
            if week + 1 > leaves:
                # Part of a week: as much as is left of it.
                yield self.world.timeout(max(0.0, leaves - week))
                break
            yield self.well[mentor]
            began = self.world.now
            while True:
                came = self.random.random() >= MISSED
                yield from self.at_machine(self.visit * self.random.gamma(4.0, 0.25))
                if came:
                    break
            yield self.world.timeout(max(0.0, began + 1.0 - self.world.now))
        self.count("completed" if leaves == PLACEMENT else "left")
        self.places.put(mentor)

    def at_machine(self, hours: float) -> Any:
        """A booked machine is kept for the visit whether the trainee comes or not; it may break down afterwards."""
        left = yield self.free.get()
        yield self.world.timeout(hours * WEEKS / HOURS)
        if left > hours:
            self.free.put(left - hours)
        else:
            self.world.process(self.repair())

    def repair(self) -> Any:
        with self.crew.request() as mechanic:
            yield mechanic
            yield self.world.timeout(self.random.exponential(60.0 * DOWN / (1 - DOWN)) * WEEKS / HOURS)
        self.free.put(self.random.exponential(60.0))


def run() -> list[Result]:
    """A community that mentors hold down and one that machines hold down."""
    results = []
    for name, visit in VISITS.items():
        start = time.perf_counter()
        plan = outlook(visit)
        seconds = time.perf_counter() - start
        bottleneck = max(plan.binding, key=lambda one: plan.binding[one])
        runs = [Community(visit, seed).run() for seed in range(SEEDS)]
        began, completed = (statistics.mean(one[at] for one in runs) for at in (0, 1))
        first = statistics.mean(one[0] for one in runs[:TRIALS])
        gains = {}
        for what, mentors, machines in (("mentors", MENTORS + MORE, MACHINES), ("machines", MENTORS, MACHINES + MORE)):
            tried = [Community(visit, seed, mentors, machines).run()[0] for seed in range(TRIALS)]
            gains[what] = (statistics.mean(tried) - first) / MORE
            if what == bottleneck:
                promised = outlook(visit, mentors, machines)
        fullest = max(gains, key=lambda one: gains[one])
        peer = f"SimPy, {SEEDS} seeds"
        results += [
            _beside(f"intake a year, {name}", plan.intake.median, peer, began),
            _beside(f"who complete a year, {name}", plan.completing.median, peer, completed),
            Result(f"the bottleneck is {bottleneck}, {name}", 1.0, "", f"SimPy gains most by more {fullest}",
                   goal="equal", met=bottleneck == fullest, command=COMMAND),
            Result(f"one more of {bottleneck} brings, {name}", (promised.intake.median - plan.intake.median) / MORE, "",
                   f"SimPy, {TRIALS} seeds", gains[bottleneck], command=COMMAND),
            Result(f"the programme's time, 200 draws, {name}", seconds, "s", command=COMMAND),
        ]  # fmt: skip
    return results


def _beside(name: str, value: float, peer: str, simulated: float) -> Result:
    met = abs(value - simulated) <= 0.05 * simulated
    return Result(name, value, "", peer, simulated, value / simulated, "within 5%", met, COMMAND)
