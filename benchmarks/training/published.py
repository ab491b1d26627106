"""The scheduler's core on published flexible job shops (Brandimarte 1993) beside the best known values, all proven."""

from __future__ import annotations

import os
import time
from pathlib import Path

from benchmarks.result import Result
from ronghe.methods import scheduling

COMMAND = "python -m benchmarks training"
BEST = {"mk01": 40, "mk02": 26, "mk03": 204, "mk04": 60, "mk05": 172}


def run() -> list[Result]:
    """Each instance with a minute; nothing where the open data set is not here."""
    folder = Path(os.environ.get("RONGHE_SHARED", "../shared")) / "vectors/scheduling/flexible-jobshop"
    results = []
    for name, best in BEST.items():
        path = folder / f"{name}.txt"
        if not path.exists():
            continue
        start = time.perf_counter()
        found = scheduling.plan_shop(scheduling.read_shop(path.read_text()), seconds=60)
        seconds = time.perf_counter() - start
        distance = found.length - best
        results += [
            Result(
                f"{name}: length", found.length, "", "best known", best, found.length / best,
                goal="equal", met=not distance, command=COMMAND,
            ),
            Result(f"{name}: proven to {found.proofs[0].bound:g} in", seconds, "s", command=COMMAND),
        ]  # fmt: skip
    return results
