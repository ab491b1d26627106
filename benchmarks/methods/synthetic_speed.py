"""Synthetic control on data of the Basque shape beside the package pysyncon: time, and who follows the unit better.

17 regions, 43 years of which 15 before, 13 predictors, generated (the original data are not in the repository). Run:
`python -m benchmarks.methods.synthetic_speed`; `benchmarks.methods.peers` says where the peer is looked for.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.methods.peers import fastest, peer
from benchmarks.result import Result
from ronghe.methods.effects import SyntheticControl, synthetic_control
from ronghe.methods.effects.importance import Problem, best_importance, solution

Floats = NDArray[np.float64]
REGIONS, YEARS, BEFORE, PREDICTORS = 17, 43, 15, 13
COMMAND = "python -m benchmarks.methods.synthetic_speed"
GOAL = 100.0
WORLDS = 3


def world(seed: int) -> tuple[Floats, Floats]:
    """Outcomes (years, regions) from three factors, and predictors (13, regions) that go with their loadings."""
    generator = np.random.default_rng(seed)
    growth = np.linspace(2, 8, YEARS)[:, None]
    factors = 0.3 * generator.standard_normal((YEARS, 3)).cumsum(axis=0) + growth
    loadings = generator.dirichlet(np.ones(3), REGIONS)
    outcome = factors @ loadings.T + 0.1 * generator.standard_normal((YEARS, REGIONS))
    predictors = generator.standard_normal((PREDICTORS - 1, 3)) @ loadings.T
    predictors += 0.3 * generator.standard_normal(predictors.shape)
    return outcome, np.vstack([predictors, outcome[:BEFORE].mean(axis=0)])


def problem(outcome: Floats, predictors: Floats) -> Problem:
    """The same problem as the peer solves: predictors divided by their deviation, region 0 treated."""
    scaled = predictors / predictors.std(axis=1, ddof=1, keepdims=True)
    return Problem(scaled[:, 1:], scaled[:, 0], outcome[:BEFORE, 1:], outcome[:BEFORE, 0])


def theirs(package: Any, outcome: Floats, predictors: Floats, importance: Floats | None = None) -> Any:
    """The peer's fit."""
    columns, rows = pd.DataFrame(predictors), pd.DataFrame(outcome[:BEFORE])
    fit = package.Synth()
    fit.fit(X0=columns.iloc[:, 1:], X1=columns[0], Z0=rows.iloc[:, 1:], Z1=rows[0], custom_V=importance)
    return fit


def run() -> list[Result]:
    """Weights for a given importance (one answer exists), then the search of the importance itself."""
    package = peer("pysyncon")
    results = []
    for seed in range(WORLDS):
        outcome, predictors = world(seed)
        given = problem(outcome, predictors)
        equal = np.full(PREDICTORS, 1 / PREDICTORS)
        seconds = fastest(lambda p=given: best_importance(p), 5)
        found, fixed = best_importance(given), solution(given, equal)
        name = f"synthetic control of the Basque shape, world {seed + 1}"
        if package is None:
            results.append(Result(f"{name}: search", seconds, "s", command=COMMAND))
            continue
        label = "pysyncon 1.7.0"
        other = theirs(package, outcome, predictors, equal)
        apart = float(np.abs(fixed.weights - other.W).max())
        results.append(
            Result(
                f"{name}: weights for equal importance differ by", apart, "", label, goal="≤ 1e-3", met=apart <= 1e-3
            )
        )
        searched: list[Any] = []
        their_seconds = fastest(lambda o=outcome, p=predictors, s=searched: s.append(theirs(package, o, p)), 1)
        ratio = their_seconds / seconds
        results += [
            Result(
                f"{name}: search",
                seconds,
                "s",
                label,
                their_seconds,
                ratio,
                f"≥ {GOAL:g} times faster",
                ratio >= GOAL,
                COMMAND,
            ),
            Result(
                f"{name}: error before, as found",
                found.loss,
                "mean square",
                label,
                float(searched[0].loss_V),
                goal="no more than the peer's",
                met=found.loss <= float(searched[0].loss_V) * 1.0001,
            ),
        ]
    outcome, predictors = world(0)
    parameters = SyntheticControl(outcome, 0, BEFORE, predictors=predictors)
    seconds = fastest(lambda: synthetic_control(parameters), 1)
    results.append(Result("… with all 16 placebos, searched alike", seconds, "s", command=COMMAND))
    return results


if __name__ == "__main__":
    from benchmarks.__main__ import print_table

    print_table(run())
