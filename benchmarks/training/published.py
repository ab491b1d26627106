"""The scheduler's core on published instances beside the best known values, within a minute each.

Flexible job shops (Brandimarte 1993) and multi-skill projects (Young, Feydy and Schutt, CP 2017, set 1'b), whose
lengths are those of 600 s of their solver, 137 and 108 of them proven.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.result import Result
from ronghe.methods import scheduling

COMMAND = "python -m benchmarks training"
SHOPS = {"mk01": 40, "mk02": 26, "mk03": 204, "mk04": 60, "mk05": 172}
PROJECTS = {
    "inst_set1b_sf0.5_nc1.5_n40_m20_00": 137,
    "inst_set1b_sf0.5_nc1.8_n40_m20_00": 108,
    "inst_set1b_sf0.75_nc1.5_n40_m30_00": 104,
    "inst_set1b_sf1_nc1.5_n40_m40_00": 113,
}
SECONDS = 60.0


def run() -> list[Result]:
    """Each instance with a minute; nothing where the open data set is not here."""
    folder = Path(os.environ.get("RONGHE_SHARED", "../shared")) / "vectors/scheduling"

    def shop(text: str) -> scheduling.Shop:
        return scheduling.plan_shop(scheduling.read_shop(text), seconds=SECONDS)

    def project(text: str) -> scheduling.ProjectPlan:
        return scheduling.plan_project(scheduling.read_project(text), seconds=SECONDS)

    return [
        *_measured({folder / f"flexible-jobshop/{name}.txt": best for name, best in SHOPS.items()}, shop, 1.0),
        *_measured({folder / f"multi-skill/{name}.dzn": best for name, best in PROJECTS.items()}, project, 1.05),
    ]


def _measured(
    files: dict[Path, int], plan: Callable[[str], scheduling.Shop | scheduling.ProjectPlan], within: float
) -> list[Result]:
    results = []
    for path, best in files.items():
        if not path.exists():
            continue
        start = time.perf_counter()
        found = plan(path.read_text())
        seconds = time.perf_counter() - start
        ratio = found.length / best
        goal = "equal" if within == 1 else f"≤ {within:g} times"
        bound = found.proofs[0].bound
        results += [
            Result(
                f"{path.stem}: length", found.length, "", "best known", best, ratio,
                goal=goal, met=ratio <= within, command=COMMAND,
            ),
            Result(
                f"{path.stem}: breaches", len(found.breaches), "", goal="0", met=not found.breaches, command=COMMAND
            ),
            Result(f"{path.stem}: no plan is shorter than {bound:g}; in", seconds, "s", command=COMMAND),
        ]  # fmt: skip
    return results
