"""The yearly intake by linear programme beside a simulation of the same community with SimPy, over 20 seeds."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
import simpy

from benchmarks.result import Result
from ronghe.methods import capacity

COMMAND = "python -m benchmarks training"
SEEDS, YEARS, WARM = 20, 6, 2
WORKING = 0.93
MENTORS, LOAD, MONTHS = 120, 5, 9
MACHINES, HOURS = 38, 22 * 300
# Hours on a machine that one trainee uses in a year, as a group of five shares it.
MACHINE_HOURS = {"mentors bind": 180.0, "machines bind": 420.0}


def programme(machine_hours: float) -> capacity.Capacity:
    """The study's community: 120 mentors with five trainees each, nine of twelve months; 38 machines, 22 h a day."""
    return capacity.yearly_capacity(
        [capacity.Stream("3+9", {"mentors": MONTHS, "machines": machine_hours})],
        [capacity.Resource("mentors", MENTORS, 12.0 * LOAD), capacity.Resource("machines", MACHINES, HOURS * WORKING)],
    )


def simulated(machine_hours: float, seed: int) -> tuple[float, float, float]:
    """Trainees a year who complete, and the shares of mentors' places and of working machines in use.

    Trainees queue for a mentor's place, keep it for nine months, and on each of 36 weeks of those use a machine, which
    breaks down and is mended at random; a year is 50 weeks of work in the machines' calendar.
    """
    generator = np.random.default_rng(seed)
    environment = simpy.Environment()
    places = simpy.Resource(environment, MENTORS * LOAD)
    machines = simpy.PreemptiveResource(environment, MACHINES)
    weeks, visits = 48.0, 36
    hour = weeks / HOURS
    visit = machine_hours / visits * hour
    done: list[float] = []
    busy = {"places": 0.0, "machines": 0.0, "down": 0.0}

    def trainee() -> Any:
        with places.request() as place:
            yield place
            began = environment.now
            for number in range(visits):
                # Work of the week waits for its machine; the next week starts when it is due or later.
                with machines.request(priority=1, preempt=False) as machine:
                    yield machine
                    taken = visit * generator.gamma(4.0, 0.25)
                    yield environment.timeout(taken)
                    if environment.now > WARM * weeks:
                        busy["machines"] += taken
                due = began + (number + 1) * (weeks * MONTHS / 12 / visits)
                if environment.now < due:
                    yield environment.timeout(due - environment.now)
            if environment.now > WARM * weeks:
                busy["places"] += environment.now - max(began, WARM * weeks)
                done.append(environment.now)

    def breakdowns() -> Any:
        down = (1 - WORKING) / WORKING
        while True:
            yield environment.timeout(generator.exponential(2.0))
            with machines.request(priority=0, preempt=False) as machine:
                yield machine
                length = generator.exponential(2.0 * down)
                yield environment.timeout(length)
                if environment.now > WARM * weeks:
                    busy["down"] += length

    def arrivals() -> Any:
        while True:
            if len(places.queue) < 50:
                environment.process(trainee())
            yield environment.timeout(weeks / 3000)

    for _ in range(MACHINES):
        environment.process(breakdowns())
    environment.process(arrivals())
    environment.run(until=(WARM + YEARS) * weeks)
    span = YEARS * weeks
    up = MACHINES * span - busy["down"]
    return len(done) / YEARS, busy["places"] / (MENTORS * LOAD * span), busy["machines"] / up


def run() -> list[Result]:
    """A community that mentors hold down and one that machines hold down."""
    results = []
    for name, hours in MACHINE_HOURS.items():
        start = time.perf_counter()
        plan = programme(hours)
        seconds = time.perf_counter() - start
        runs = [simulated(hours, seed) for seed in range(SEEDS)]
        mean = statistics.mean(done for done, _, _ in runs)
        distance = abs(plan.intake - mean) / mean
        fullest = (
            "mentors"
            if statistics.mean(run[1] for run in runs) > statistics.mean(run[2] for run in runs)
            else "machines"
        )
        results += [
            Result(f"intake a year, {name}", plan.intake, "", f"SimPy, {SEEDS} seeds", mean, plan.intake / mean,
                   "within 5%", distance <= 0.05, COMMAND),
            Result(f"the bottleneck is {plan.bottleneck[0]}, {name}", 1.0, "", f"SimPy's fullest: {fullest}",
                   goal="equal", met=plan.bottleneck == (fullest,), command=COMMAND),
            Result(f"the programme's time, {name}", seconds, "s", command=COMMAND),
        ]  # fmt: skip
    return results
