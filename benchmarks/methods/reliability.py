"""How often the 95% interval of Krippendorff's alpha holds the alpha of an endless number of items."""

import numpy as np

from benchmarks.result import Result
from ronghe.methods.delphi import Level, Ratings, ReliabilityQuestion, krippendorffs_alpha

PANELS, ITEMS_FOR_TRUTH = 1000, 200_000
COMMAND = "python -m benchmarks methods"


def ratings(generator: np.random.Generator, items: int, experts: int) -> Ratings:
    """Experts who see each item's own value with an error, on five points, a tenth of the answers missing."""
    values = generator.normal(0, 1, items) + generator.normal(0, 0.8, (experts, items))
    points = np.clip(np.round(values * 1.2 + 3), 1, 5)
    return Ratings.of_rows(np.where(generator.random(points.shape) < 0.1, np.nan, points))


def run() -> list[Result]:
    """Coverage by scale and number of items."""
    results = []
    for level in (Level.NOMINAL, Level.ORDINAL, Level.INTERVAL):
        generator = np.random.default_rng([7, len(level.value)])
        many = ReliabilityQuestion(ratings(generator, ITEMS_FOR_TRUTH, 8), level, replicates=100)
        truth = krippendorffs_alpha(many).alpha
        for items, experts in ((10, 6), (20, 8), (40, 10)):
            held = 0
            for seed in range(PANELS):
                question = ReliabilityQuestion(ratings(generator, items, experts), level, replicates=500, seed=seed)
                found = krippendorffs_alpha(question)
                held += found.low is not None and found.high is not None and found.low <= truth <= found.high
            share = 100 * held / PANELS
            name = f"95% interval of alpha ({level.value}), {items} items, {experts} experts, {PANELS} panels"
            results.append(Result(name, share, "%", goal="93–97%", met=93 <= share <= 97, command=COMMAND))
    return results
