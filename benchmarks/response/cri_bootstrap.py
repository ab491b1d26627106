"""Time and memory of CRI's interval: 1,000 replicates of 100,000 postings × 500 skills, lags estimated anew in each.

    python -m benchmarks.response.cri_bootstrap

Protocol. A process of its own; wall clock of `community_interval` alone; memory is the process's highest resident set,
the postings included. Peer: the plain loop, which weights every posting and computes lags and CRI again for each
replicate with NumPy, measured on ten replicates and multiplied up.
"""

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.result import Result
from ronghe.methods.cri import (
    CriBootstrap,
    CriInputs,
    CriResult,
    DemandHistory,
    LagInputs,
    Requirements,
    Teaching,
    community_interval,
    corporate_response,
    enterprise_demand,
    estimate_lags,
)
from ronghe.methods.demand import SkillTable, demand_by_month, poisson_weights, recency_weight

COMMAND = "python -m benchmarks.response.cri_bootstrap"
PROJECT = Path(__file__).resolve().parents[2]
POSTINGS, SKILLS, ENTERPRISES, MONTHS, REPLICATES = 100_000, 500, 2_000, 36, 1_000
PLAIN_REPLICATES = 10


def community() -> tuple[CriResult, DemandHistory]:
    """A large community with six skills a posting."""
    generator = np.random.default_rng(1)
    named = generator.integers(3, 10, POSTINGS)
    row = np.repeat(np.arange(POSTINGS), named)
    column = (SKILLS * generator.random(len(row)) ** 2).astype(np.int64)
    entry = np.unique(row * SKILLS + column)
    table = SkillTable(entry // SKILLS, entry % SKILLS, POSTINGS, SKILLS)
    owner = np.concatenate([np.arange(ENTERPRISES), generator.integers(0, ENTERPRISES, POSTINGS - ENTERPRISES)])
    month = generator.integers(0, MONTHS, POSTINGS)
    heads = generator.integers(1, 4, POSTINGS).astype(float)
    weight = heads * recency_weight((MONTHS - 1 - month) * 30.4)
    release = np.where(generator.random(SKILLS) < 0.6, generator.integers(0, MONTHS, SKILLS), np.nan)
    taught = ~np.isnan(release)
    lags = estimate_lags(LagInputs(demand_by_month(table, month, MONTHS, heads), release))
    teaching = Teaching(
        taught * generator.random(SKILLS),
        taught * generator.integers(1, 6, SKILLS).astype(float),
        lags.lag,
        taught * generator.random(SKILLS),
        0.5 * generator.random(SKILLS),
    )
    raised = 3_000
    requirements = Requirements(
        generator.integers(0, ENTERPRISES, raised),
        generator.integers(0, SKILLS, raised),
        generator.integers(1, 6, raised).astype(float),
        generator.integers(1, 6, raised).astype(float),
        generator.exponential(90.0, raised),
    )
    demand = enterprise_demand(table, weight, owner, ENTERPRISES)
    base = corporate_response(CriInputs(demand, np.ones(ENTERPRISES), teaching, requirements))
    return base, DemandHistory(table, owner, weight, heads, month, MONTHS, release)


def plainly(base: CriResult, history: DemandHistory, replicates: int) -> list[float]:
    """CRI of each replicate, everything computed again."""
    drawn = poisson_weights(np.random.default_rng(0), (replicates, len(base.weight)))
    found = []
    for counts in drawn:
        of_row = counts[history.enterprise]
        monthly = demand_by_month(history.table, history.month, history.months, history.head_count * of_row)
        lags = estimate_lags(LagInputs(monthly, history.first_release, base.inputs.definition))
        inputs = replace(
            base.inputs,
            enterprise_weight=base.inputs.enterprise_weight * counts,
            teaching=replace(base.inputs.teaching, lag=lags.lag),
        )
        found.append(corporate_response(inputs).cri)
    return found


def measure() -> dict[str, float]:
    """Run both in this process."""
    base, history = community()
    started = time.perf_counter()
    interval = community_interval(CriBootstrap(base, history, REPLICATES))
    seconds = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    started = time.perf_counter()
    plainly(base, history, PLAIN_REPLICATES)
    plain = (time.perf_counter() - started) * REPLICATES / PLAIN_REPLICATES
    return {"seconds": seconds, "memory": memory, "plain": plain, "low": interval.low, "high": interval.high}


def run() -> list[Result]:
    """Seconds and megabytes."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.response.cri_bootstrap"],
        capture_output=True,
        text=True,
        check=True,
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(PROJECT / "src"), str(PROJECT)])},
    )
    found: dict[str, float] = json.loads(done.stdout)
    return [
        Result(
            f"CRI interval, {REPLICATES:,} replicates of {POSTINGS:,} postings × {SKILLS} skills",
            round(found["seconds"], 2),
            "s",
            "a plain loop of NumPy",
            round(found["plain"], 1),
            round(found["plain"] / found["seconds"], 1),
            "≤ 30",
            found["seconds"] <= 30,
            COMMAND,
        ),
        Result(
            "CRI interval, highest resident set",
            round(found["memory"]),
            "MB",
            goal="≤ 2,048",
            met=found["memory"] <= 2048,
            command=COMMAND,
        ),
    ]


if __name__ == "__main__":
    json.dump(measure(), sys.stdout)
