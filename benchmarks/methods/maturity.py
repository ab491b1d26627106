"""Whether taking evidence away ever raises a maturity level, over random communities near every level."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from benchmarks.result import Result
from ronghe.methods.maturity import AREAS, LEVELS, Instance, MaturityInputs, Practice, maturity

TRIALS = 1000
COMMAND = "python -m benchmarks.methods.maturity"
DAY = date(2026, 6, 30)
FEW = AREAS[:3]
PRACTICES = tuple(
    Practice(f"{area.code}.{level}{letter}", area, level) for area in FEW for level in LEVELS for letter in "ab"
)


def community(generator: np.random.Generator) -> MaturityInputs:
    """Each practice due 4 to 60 times and nearly always done, up to a level drawn for the community."""
    strong = int(generator.integers(2, 6))
    rows = []
    for practice in PRACTICES:
        due = int(generator.integers(4, 60))
        kept = generator.uniform(0.9, 1.0) if practice.level <= strong else generator.uniform(0.0, 0.9)
        if practice.level < strong:
            due, kept = due + 22, 1.0
        done = generator.random(due) < kept
        for number in range(due):
            day = DAY - timedelta(days=int(generator.integers(0, 365)))
            done = generator.random() < kept
            rows.append(
                Instance(
                    practice.code, str(number), day, day if done else None, "office", day if done else None, "firm"
                )
            )
    periods = {area: list(generator.normal(10.0, 1.0, int(generator.integers(10, 20)))) for area in FEW}
    improvements = {area: int(generator.integers(0, 3)) for area in FEW}
    return MaturityInputs(PRACTICES, rows, DAY, periods, improvements)


def without(given: MaturityInputs, generator: np.random.Generator) -> MaturityInputs:
    """The same with some evidence, corroboration, periods or improvements taken away; what was due stays due."""
    taken = generator.random(len(given.instances)) < generator.choice([0.002, 0.02, 0.2])
    kinds = generator.integers(0, 3, len(given.instances))
    changes = ({"evidence": None}, {"corroboration": None}, {"corroborated_by": "office"})
    rows = [
        replace(row, **changes[kind]) if gone else row
        for row, gone, kind in zip(given.instances, taken, kinds, strict=True)
    ]
    area = FEW[int(generator.integers(len(FEW)))]
    periods = {**given.periods, area: list(given.periods[area])[: int(generator.integers(0, 20))]}
    improvements = {**given.improvements, area: max(0, given.improvements[area] - 1)}
    return replace(given, instances=rows, periods=periods, improvements=improvements)


def run(trials: int = TRIALS) -> list[Result]:
    """Count rises of the staged level and of any area's capability, and falls, which show that removal mattered."""
    generator = np.random.default_rng(9)
    rises = area_rises = falls = 0
    reached = dict.fromkeys(range(1, 6), 0)
    for _ in range(trials):
        given = community(generator)
        before, after = maturity(given), maturity(without(given, generator))
        reached[before.staged] += 1
        rises += after.staged > before.staged
        falls += any(one.capability < was.capability for one, was in zip(after.areas, before.areas, strict=True))
        area_rises += any(one.capability > was.capability for one, was in zip(after.areas, before.areas, strict=True))
    levels = ", ".join(f"{count} at {level}" for level, count in reached.items())
    return [
        Result(
            f"trials of {trials:,} in which evidence taken away raised the staged level ({levels})",
            rises,
            "trials",
            goal="0",
            met=rises == 0,
            command=COMMAND,
        ),
        Result("the same for any area", area_rises, "trials", goal="0", met=area_rises == 0, command=COMMAND),
        Result("trials in which an area's capability fell", falls, "trials", command=COMMAND),
    ]


if __name__ == "__main__":
    from benchmarks.__main__ import print_table

    print_table(run())
