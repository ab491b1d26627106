"""How often the 95% interval of CRI covers a planted truth, lags estimated anew in every replicate.

    python -m benchmarks.response.cri_coverage [communities] [first seed]

Each community has a world of its own (see `planted`): 40 skills, 36 months, 2,000 enterprises of which 30, 60 or 120
are sampled in turn; 300 more communities have enterprises of very uneven weight, and in 50 the interval of every single
enterprise is looked at. Its truth is CRI over the whole population from expected demand. Bias is the mean of estimate −
truth in points of CRI; width is the interval's. Beside it: the same intervals with the lags taken as known.
"""

import sys
from dataclasses import dataclass

import numpy as np

from benchmarks.response.planted import MONTHS, World, community, true_cri, true_indices, world
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
    enterprise_intervals,
    estimate_lags,
)
from ronghe.methods.demand import demand_by_month

COMMAND = "python -m benchmarks.response.cri_coverage"
COMMUNITIES, UNEVEN, SINGLE = 1_000, 300, 50
SIZES = (30, 60, 120)
FIRST_SEED = 20_000


@dataclass(frozen=True, slots=True)
class Trial:
    """One community: its kind, truth, estimate, and both intervals' ends."""

    kind: str
    truth: float
    estimate: float
    low: float
    high: float
    fixed_low: float
    fixed_high: float


def estimated(planted: World, history: DemandHistory, requirements: Requirements, weight: np.ndarray) -> CriResult:
    """CRI of the sample, its lags estimated from what was advertised."""
    monthly = demand_by_month(history.table, history.month, MONTHS, history.head_count)
    lags = estimate_lags(LagInputs(monthly, planted.release))
    teaching = Teaching(planted.coverage, planted.level, lags.lag, planted.practice, planted.practice_asked)
    demand = enterprise_demand(history.table, history.weight, history.enterprise, len(weight))
    return corporate_response(CriInputs(demand, weight, teaching, requirements))


def trial(seed: int, uneven: bool = False) -> Trial:
    """Plant, sample, estimate."""
    generator = np.random.default_rng(seed)
    enterprises = SIZES[seed % len(SIZES)]
    planted = world(generator, uneven=uneven)
    history, requirements, chosen = community(planted, generator, enterprises)
    base = estimated(planted, history, requirements, planted.weight[chosen])
    interval = community_interval(CriBootstrap(base, history, seed=seed))
    fixed = community_interval(CriBootstrap(base, seed=seed))
    kind = "uneven weights" if uneven else f"{enterprises} enterprises"
    return Trial(kind, true_cri(planted), base.cri, interval.low, interval.high, fixed.low, fixed.high)


def single_enterprises(communities: int) -> Result:
    """How often the interval of one enterprise covers its own index, lags being taken as known."""
    inside: list[bool] = []
    for seed in range(FIRST_SEED, FIRST_SEED + communities):
        generator = np.random.default_rng(seed)
        planted = world(generator)
        history, requirements, chosen = community(planted, generator, SIZES[1])
        base = estimated(planted, history, requirements, planted.weight[chosen])
        found = enterprise_intervals(CriBootstrap(base, history, seed=seed))
        truth = true_indices(planted, base.inputs.teaching.lag)[chosen]
        known = ~np.isnan(found.low)
        inside += list(((found.low <= truth) & (truth <= found.high))[known])
    return Result(
        f"CRI interval of one enterprise, its own index covered ({len(inside):,} enterprises)",
        round(100.0 * float(np.mean(inside)), 1),
        "%",
        command=COMMAND,
    )


def run(
    communities: int = COMMUNITIES, first_seed: int = FIRST_SEED, uneven: int = UNEVEN, single: int = SINGLE
) -> list[Result]:
    """Coverage, overall and by size, bias and width."""
    even = [trial(first_seed + number) for number in range(communities)]
    groups = {"all": even} | {
        f"{size} enterprises": [each for each in even if each.kind == f"{size} enterprises"] for size in SIZES
    }
    groups["uneven weights"] = [trial(first_seed + number, uneven=True) for number in range(uneven)]
    results = []
    for label, chosen in groups.items():
        truth, estimate, low, high, fixed_low, fixed_high = (
            np.array([getattr(each, name) for each in chosen])
            for name in ("truth", "estimate", "low", "high", "fixed_low", "fixed_high")
        )
        covered = 100.0 * float(np.mean((low <= truth) & (truth <= high)))
        fixed = 100.0 * float(np.mean((fixed_low <= truth) & (truth <= fixed_high)))
        results += [
            Result(
                f"CRI interval, planted truth covered, {label} ({len(chosen)} communities)",
                round(covered, 1),
                "%",
                "lags taken as known",
                round(fixed, 1),
                goal="93–97" if label == "all" else None,
                met=93 <= covered <= 97 if label == "all" else None,
                command=COMMAND,
            ),
            Result(f"CRI, bias, {label}", round(float(np.mean(estimate - truth)), 3), "points of 100", command=COMMAND),
            Result(
                f"CRI interval, mean width, {label}",
                round(float(np.mean(high - low)), 2),
                "points of 100",
                command=COMMAND,
            ),
        ]
    return [*results, single_enterprises(single)]


if __name__ == "__main__":
    for result in run(*map(int, sys.argv[1:])):
        print(result)
