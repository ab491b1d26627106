"""How often adding or removing a community turns the order of two others, by way of scoring; and how wide ranks are."""

from datetime import date

import numpy as np

from benchmarks.result import Result
from ronghe.methods.indicators import Goalpost, IndexInputs, index
from ronghe.methods.indicators.sensitivity import Scoring, order_changed, score

TRIALS = 3000
COMMAND = "python -m benchmarks.methods.rank_stability"
POSTS = tuple(
    Goalpost(low, high, date(2026, 1, 1))
    for low, high in (
        (0.0, 240.0),
        (0.0, 0.60),
        (50.0, 100.0),
        (0.0, 0.30),
        (0.0, 1.0),
        (0.50, 0.92),
        (0.47, 0.81),
        (0.60, 0.98),
    )
)
_LOW = np.array([goalpost.low for goalpost in POSTS])
_SPAN = np.array([(goalpost.high or 0.0) - goalpost.low for goalpost in POSTS])


def changes(trials: int = TRIALS, seed: int = 30) -> dict[Scoring, tuple[int, int]]:
    """Trials in which an addition, and a removal, turned the order of two communities, by scoring.

    A trial has 8 to 24 communities whose indicators share a common strength, the one more (or less) among them.
    """
    generator = np.random.default_rng(seed)
    turned = {scoring: [0, 0] for scoring in Scoring}
    for _ in range(trials):
        count = int(generator.integers(8, 25))
        strength = generator.normal(0.55, 0.12, (count + 1, 1))
        values = _LOW + _SPAN * np.clip(strength + generator.normal(0.0, 0.15, (count + 1, len(POSTS))), 0.0, 1.15)
        weights = generator.dirichlet(np.full(len(POSTS), 8.0))
        for scoring in Scoring:
            with_all = score(values, weights, POSTS, scoring)
            # The last one joins; of those there before, the first leaves.
            joined = score(values[:-1], weights, POSTS, scoring)
            left = score(values[1:], weights, POSTS, scoring)
            turned[scoring][0] += order_changed(joined, with_all[:-1])
            turned[scoring][1] += order_changed(with_all[1:], left)
    return {scoring: (added, removed) for scoring, (added, removed) in turned.items()}


def rank_widths(trials: int = 40, seed: int = 31) -> float:
    """Median number of places (last − first) of the 95% rank interval of 24 equal communities of 200 students."""
    generator = np.random.default_rng(seed)
    widths = []
    for trial in range(trials):
        shares = generator.binomial(200, 0.7, (24, 8)) / 200.0
        half = 1.96 * np.sqrt(shares * (1.0 - shares) / 200.0)
        given = IndexInputs(
            [str(row) for row in range(24)],
            [str(column) for column in range(8)],
            shares,
            shares - half,
            shares + half,
            [Goalpost(0.0, 1.0, date(2026, 1, 1))] * 8,
            [1.0] * 8,
            "equal@1",
            date(2026, 6, 30),
            replicates=1000,
            seed=trial,
        )
        widths += [(one.rank_high or 0) - (one.rank_low or 0) for one in index(given).scores]
    return float(np.median(widths))


def run(trials: int = TRIALS) -> list[Result]:
    """Measure all scorings on the same communities."""
    results = []
    for scoring, (added, removed) in changes(trials).items():
        own = scoring in (Scoring.GEOMETRIC, Scoring.ARITHMETIC)
        for what, count in (("adding", added), ("removing", removed)):
            results.append(
                Result(
                    f"trials of {trials:,} in which {what} a community turned the order of others: {scoring.value}",
                    round(100.0 * count / trials, 2),
                    "%",
                    goal="0%" if own else None,
                    met=count == 0 if own else None,
                    command=COMMAND,
                )
            )
    results.append(
        Result(
            "median width of the 95% rank interval, 24 equal communities of 200 students",
            rank_widths(),
            "places",
            command=COMMAND,
        )
    )
    return results


if __name__ == "__main__":
    from benchmarks.__main__ import print_table

    print_table(run())
