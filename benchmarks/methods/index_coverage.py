"""How often the interval of the index holds the true index, and the interval of a rank the true rank.

24 communities whose eight indicators are shares of 40 to 200 units; the true index is the index of the true shares.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

from benchmarks.methods.rank_stability import POSTS
from benchmarks.result import Result
from ronghe.methods.indicators import IndexInputs, geometric_mean, index, normalise
from ronghe.methods.intervals import wilson_bounds

TRIALS = 300
COMMUNITIES = 24
COMMAND = "python -m benchmarks.methods.index_coverage"
WEIGHTS = (0.20, 0.05, 0.15, 0.10, 0.10, 0.15, 0.15, 0.10)
_LOW = np.array([goalpost.low for goalpost in POSTS])
_SPAN = np.array([(goalpost.high or 0.0) - goalpost.low for goalpost in POSTS])


def covered(spread: float, trials: int = TRIALS, seed: int = 12) -> tuple[float, float, float]:
    """Share of true indices and of true ranks held, and the median width of rank intervals (last − first).

    `spread` is the standard deviation of communities' strengths; 0 makes all equal but for chance.
    """
    generator = np.random.default_rng(seed)
    held, ranked, widths = [], [], []
    for trial in range(trials):
        strength = generator.normal(0.6, spread, (COMMUNITIES, 1))
        z = np.clip(strength + generator.normal(0.0, 0.10, (COMMUNITIES, 8)), 0.08, 0.95)
        units = generator.integers(40, 200, (COMMUNITIES, 8))
        shares = generator.binomial(units, z) / units
        low, high = wilson_bounds(shares * units, units)
        scaled: list[NDArray[np.float64]] = [_LOW + _SPAN * part for part in (shares, low, high)]
        given = IndexInputs(
            [str(row) for row in range(COMMUNITIES)],
            [str(column) for column in range(8)],
            *scaled,
            POSTS,
            WEIGHTS,
            "simulated@1",
            date(2026, 6, 30),
            replicates=1000,
            seed=trial,
        )
        truth = geometric_mean(normalise(_LOW + _SPAN * z, POSTS), np.array(WEIGHTS))
        order = np.argsort(np.argsort(-truth)) + 1
        for place, one in enumerate(index(given).scores):
            held.append((one.low or 0) <= truth[place] <= (one.high or 0))
            ranked.append((one.rank_low or 0) <= order[place] <= (one.rank_high or 0))
            widths.append((one.rank_high or 0) - (one.rank_low or 0))
    return float(np.mean(held)), float(np.mean(ranked)), float(np.median(widths))


def run(trials: int = TRIALS) -> list[Result]:
    """Measure communities that differ clearly and such that hardly differ."""
    results = []
    for name, spread in (("communities that differ (sd 0.12)", 0.12), ("communities nearly alike (sd 0.02)", 0.02)):
        scores, ranks, width = covered(spread, trials)
        for what, share in (("index", scores), (f"rank (median width {width:.0f} places)", ranks)):
            results.append(
                Result(
                    f"coverage of the 95% interval of the {what}, {name}",
                    round(100.0 * share, 2),
                    "%",
                    goal="93–97%" if what == "index" else "at least 93%",
                    met=100.0 * share >= 93.0 and (what != "index" or share <= 0.97),
                    command=COMMAND,
                )
            )
    return results


if __name__ == "__main__":
    from benchmarks.__main__ import print_table

    print_table(run())
