"""Staggered difference-in-differences on 5,000 units × 12 periods beside the package diff-diff, same answers.

Both get arrays or a table in memory and give all ATT(g, t), their averages and the event study. Run: `python -m
benchmarks.methods.did_speed`; `benchmarks.methods.peers` says where the peer is looked for.
"""

import warnings
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.methods.peers import fastest, peer
from benchmarks.result import Result
from ronghe.methods.effects import Panel, Staggered, StaggeredEffect, staggered

UNITS, PERIODS = 5_000, 12
COMMAND = "python -m benchmarks.methods.did_speed"
GOAL = 10.0


def table() -> pd.DataFrame:
    """Five groups of units with starts 4, 6, 8, 10 or never, an effect of 1, and a covariate."""
    generator = np.random.default_rng(1)
    start = generator.choice([np.nan, 4, 6, 8, 10], UNITS, p=[0.4, 0.15, 0.15, 0.15, 0.15])
    grade = generator.standard_normal(UNITS)
    period = np.arange(1.0, PERIODS + 1)
    outcome = generator.standard_normal((UNITS, PERIODS)).cumsum(axis=1) * 0.3 + grade[:, None] * 0.05 * period
    outcome += (period >= start[:, None]).astype(float)
    return pd.DataFrame(
        {
            "unit": np.repeat(np.arange(UNITS), PERIODS),
            "period": np.tile(period, UNITS).astype(int),
            "outcome": outcome.ravel(),
            "start": np.repeat(start, PERIODS),
            "first": np.repeat(np.nan_to_num(start), PERIODS).astype(int),
            "grade": np.repeat(grade, PERIODS),
        }
    )


def ours(data: pd.DataFrame, *, covariate: bool, replicates: int) -> StaggeredEffect:
    """All effects by our method."""
    covariates = {"grade": data["grade"].to_numpy()} if covariate else {}
    panel = Panel(
        data["unit"].to_numpy(),
        data["period"].to_numpy(),
        data["outcome"].to_numpy(),
        data["start"].to_numpy(),
        covariates,
    )
    return staggered(Staggered(panel, replicates=replicates))


def theirs(package: Any, data: pd.DataFrame, *, covariate: bool, replicates: int) -> Any:
    """All effects by the peer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return package.CallawaySantAnna(n_bootstrap=replicates, seed=1).fit(
            data,
            outcome="outcome",
            unit="unit",
            time="period",
            first_treat="first",
            aggregate="all",
            covariates=["grade"] if covariate else None,
        )


def run() -> list[Result]:
    """Time with and without a covariate and with the multiplier bootstrap; the largest difference of the answers."""
    data, package = table(), peer("diff_diff")
    results = []
    for name, covariate, replicates in (
        ("analytic errors", False, 0),
        ("999 multiplier replicates", False, 999),
        ("a covariate, doubly robust", True, 0),
    ):
        found = ours(data, covariate=covariate, replicates=replicates)
        seconds = fastest(lambda c=covariate, r=replicates: ours(data, covariate=c, replicates=r), 21)
        if package is None:
            results.append(Result(f"staggered 5,000 × 12, {name}", seconds, "s", command=COMMAND))
            continue
        other = theirs(package, data, covariate=covariate, replicates=replicates)
        their_seconds = fastest(lambda c=covariate, r=replicates: theirs(package, data, covariate=c, replicates=r), 9)
        ratio = their_seconds / seconds
        label = f"diff-diff {package.__version__}"
        results.append(
            Result(
                f"staggered 5,000 × 12, {name}",
                seconds,
                "s",
                label,
                their_seconds,
                ratio,
                f"≥ {GOAL:g} times faster",
                ratio >= GOAL,
                COMMAND,
            )
        )
        effects = {(cell.group, cell.period): cell.effect for cell in found.group_time}
        pairs = [(effects[float(at[0]), float(at[1])], cell) for at, cell in other.group_time_effects.items()]
        apart = max(abs(effect.value - cell["effect"]) for effect, cell in pairs)
        results.append(
            Result(
                f"… largest difference of ATT(g, t), {len(pairs)} cells",
                apart,
                "",
                label,
                goal="≤ 1e-8",
                met=apart <= 1e-8,
            )
        )
        if not replicates:
            errors = max(abs(effect.standard_error / cell["se"] - 1) for effect, cell in pairs)
            results.append(Result("… largest relative difference of standard errors", errors, "", label))
    return results


if __name__ == "__main__":
    from benchmarks.__main__ import print_table

    print_table(run())
