"""Violations of CRI's properties in random communities, edges included, and the worst error of a decomposition.

    python -m benchmarks.response.cri_properties [cases]

Each case draws a community of up to six enterprises and eight skills and checks 0 ≤ CRI ≤ 100 and the decompositions
into skills, enterprises, factors and points; then it changes one thing drawn at random and checks that CRI is not lower
with more coverage, level or practice or a quicker answer, and not higher with more lag. A violation is a
difference of more than 1e-9 (of points or of shares).
"""

import sys
from dataclasses import replace

import numpy as np

from benchmarks.result import Result
from ronghe.methods.cri import CriInputs, CriResult, Requirements, Teaching, corporate_response

COMMAND = "python -m benchmarks.response.cri_properties"
CASES = 100_000
TOLERANCE = 1e-9


def shares(generator: np.random.Generator, count: int) -> np.ndarray:
    """Numbers of 0 to 1, each end one time in six."""
    drawn = generator.random(count)
    edge = generator.integers(0, 6, count)
    return np.where(edge == 0, 0.0, np.where(edge == 1, 1.0, drawn))


def random_community(generator: np.random.Generator) -> CriInputs:
    """A small community with enterprises without demand, skills nobody wants and requirements without a level."""
    enterprises, skills, raised = (int(generator.integers(low, high)) for low, high in ((1, 7), (1, 9), (0, 8)))
    demand = generator.exponential(1.0, (enterprises, skills)) * (generator.random((enterprises, skills)) < 0.6)
    demand[generator.integers(enterprises), generator.integers(skills)] = 1.0
    teaching = Teaching(
        shares(generator, skills),
        5.0 * shares(generator, skills),
        generator.exponential(12.0, skills) * (generator.random(skills) < 0.8),
        shares(generator, skills),
        shares(generator, skills),
    )
    requirements = Requirements(
        generator.integers(0, enterprises, raised),
        generator.integers(0, skills, raised),
        np.where(generator.random(raised) < 0.3, np.nan, generator.integers(1, 6, raised).astype(float)),
        generator.integers(1, 6, raised).astype(float),
        generator.exponential(90.0, raised),
    )
    return CriInputs(demand, generator.random(enterprises) + 0.01, teaching, requirements)


def decomposition_error(result: CriResult) -> float:
    """The worst difference between a whole and the sum of its parts."""
    known = ~np.isnan(result.by_enterprise)
    return max(
        float(np.abs(result.skill_gap[known].sum(axis=1) - (1 - result.matching[known])).max()),
        float(np.abs(result.factor_loss[known].sum(axis=1) - (100 - result.by_enterprise[known])).max()),
        abs(float(result.enterprise_share.sum()) - result.cri),
        abs(float(result.skill_loss.sum() + result.requirement_loss.sum() + result.prior_loss) - (100 - result.cri)),
    )


def change(inputs: CriInputs, generator: np.random.Generator) -> tuple[CriInputs, int]:
    """The inputs with one thing changed, and in which direction CRI may go."""
    old, towards = inputs.teaching, float(generator.random())
    skill = int(generator.integers(len(old.coverage)))
    kind = int(generator.integers(5 if len(inputs.requirements.days) else 4))
    if kind == 4:
        days = inputs.requirements.days.copy()
        days[generator.integers(len(days))] *= towards
        return replace(inputs, requirements=replace(inputs.requirements, days=days)), 1
    if kind == 3:
        lag = old.lag.copy()
        lag[skill] += 24.0 * towards
        return replace(inputs, teaching=replace(old, lag=lag)), -1
    name, best = (("coverage", 1.0), ("level", 5.0), ("practice", 1.0))[kind]
    values = getattr(old, name).copy()
    values[skill] += (best - values[skill]) * towards
    return replace(inputs, teaching=replace(old, **{name: values})), 1


def measure(cases: int, seed: int = 3) -> tuple[int, float]:
    """The number of violations and the worst error of a decomposition."""
    generator = np.random.default_rng(seed)
    violations, worst = 0, 0.0
    for _ in range(cases):
        inputs = random_community(generator)
        result = corporate_response(inputs)
        error = decomposition_error(result)
        worst = max(worst, error)
        violations += error > TOLERANCE
        violations += not -TOLERANCE <= result.cri <= 100.0 + TOLERANCE
        other, direction = change(inputs, generator)
        violations += direction * (corporate_response(other).cri - result.cri) < -TOLERANCE
    return violations, worst


def run() -> list[Result]:
    """Violations and the worst decomposition over all cases."""
    violations, worst = measure(CASES)
    return [
        Result(
            f"CRI properties violated in {CASES:,} random communities",
            violations,
            "violations",
            goal="0",
            met=violations == 0,
            command=COMMAND,
        ),
        Result(
            "CRI, worst error of a decomposition",
            worst,
            "points or shares",
            goal="≤ 1e-9",
            met=worst <= TOLERANCE,
            command=COMMAND,
        ),
    ]


if __name__ == "__main__":
    print(*measure(int(sys.argv[1]) if len(sys.argv) > 1 else CASES))
