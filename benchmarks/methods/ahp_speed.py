"""Incomplete pairwise comparison of eight items beside AHPy on the same judgments, and coverage of panels' intervals.

AHPy is no part of the project: `pip install ahpy` beside it, or set RONGHE_AHPY to a folder that holds it. Without it
only our own time is given.
"""

import importlib
import os
import sys
import time
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np

from benchmarks.result import Result
from ronghe.methods import ahp

ITEMS = tuple("ABCDEFGH")
MATRICES, MISSING = 20, 8
COMMUNITIES, SPREAD, NOISE = 400, 0.5, 0.3
COMMAND = "python -m benchmarks methods"


def judgments(generator: np.random.Generator) -> ahp.Comparisons:
    """Judgments of eight items on Saaty's scale, each off by up to two steps, eight of the 28 left out."""
    weights = generator.dirichlet(np.full(len(ITEMS), 3.0))
    pairs = list(combinations(range(len(ITEMS)), 2))
    # The pairs of neighbours stay, so that all items are related.
    optional = [index for index, (i, j) in enumerate(pairs) if j != i + 1]
    left_out = set(generator.choice(optional, MISSING, replace=False).tolist())
    found = []
    for index, (i, j) in enumerate(pairs):
        ratio = weights[i] / weights[j]
        steps = round(ratio if ratio >= 1 else 2 - 1 / ratio) + int(generator.integers(-2, 3))
        steps = int(np.clip(steps, -7, 9))
        if index not in left_out:
            found.append(ahp.Judgment(ITEMS[i], ITEMS[j], float(steps) if steps >= 1 else 1 / (2 - steps)))
    return ahp.Comparisons(ITEMS, tuple(found))


def peer() -> Any:
    """AHPy, or None where it is not installed."""
    folder = os.environ.get("RONGHE_AHPY")
    if folder:
        sys.path.append(folder)
    try:
        return importlib.import_module("ahpy")
    except ImportError:
        return None


def seconds_each(work: Callable[[ahp.Comparisons], object], questions: list[ahp.Comparisons]) -> float:
    """The mean time of one answer."""
    start = time.perf_counter()
    for question in questions:
        work(question)
    return (time.perf_counter() - start) / len(questions)


def speed() -> list[Result]:
    """Time an answer, ours and AHPy's on the same judgments, and the largest difference between the weights."""
    generator = np.random.default_rng(8)
    questions = [judgments(generator) for _ in range(MATRICES)]

    def ours(question: ahp.Comparisons) -> dict[str, float]:
        return ahp.priorities(ahp.PriorityQuestion(question)).by_item

    ours(questions[0])
    own = seconds_each(ours, questions)
    name = f"incomplete AHP of 8 items, {MISSING} of 28 judgments missing"
    package = peer()
    if package is None:
        return [Result(f"{name} (AHPy is not installed)", own * 1e3, "ms", command=COMMAND)]

    def theirs(question: ahp.Comparisons) -> dict[str, float]:
        given = {(one.first, one.second): one.ratio for one in question.judgments}
        found: dict[str, float] = package.Compare("items", given, precision=8).target_weights
        return found

    theirs(questions[0])
    other = seconds_each(theirs, questions)
    difference = max(
        abs(ours(question)[item] - weight) for question in questions for item, weight in theirs(question).items()
    )
    return [
        Result(name, own * 1e3, "ms", "AHPy 2.1", other * 1e3, other / own, "≥ 10 ×", other / own >= 10, COMMAND),
        Result(
            "largest difference of a weight from AHPy's", difference, "", "AHPy 2.1", 0.0, None, "≤ 0.0005",
            difference <= 5e-4, COMMAND,
        ),
    ]  # fmt: skip


def panel(generator: np.random.Generator, experts: int) -> tuple[ahp.Comparisons, ...]:
    """Experts whose own logarithms of weights scatter about a common one, and whose judgments scatter about those."""
    centre = np.log([0.30, 0.25, 0.20, 0.10, 0.10, 0.05])
    own = centre + generator.normal(0, SPREAD, (experts, 6))
    noise = np.triu(generator.normal(0, NOISE, (experts, 6, 6)), 1)
    logs = own[:, :, None] - own[:, None] + noise - noise.transpose(0, 2, 1)
    return tuple(ahp.Comparisons.of_matrix("ABCDEF", np.exp(one)) for one in logs)


def coverage() -> list[Result]:
    """How often the 95% interval of a panel's weight holds the weight of an endless panel."""
    # Scatter about the common logarithms has mean 0, so an endless panel's weights are those it scatters about.
    truth = np.array([0.30, 0.25, 0.20, 0.10, 0.10, 0.05])
    results = []
    for experts in (5, 8, 15, 30):
        generator = np.random.default_rng([2024, experts])
        hits = []
        for seed in range(COMMUNITIES):
            question = ahp.PanelQuestion(panel(generator, experts), replicates=500, seed=seed)
            found = ahp.panel_priorities(question)
            hits.append((np.array(found.low) <= truth) & (truth <= np.array(found.high)))
        share = float(np.mean(hits))
        results.append(
            Result(
                f"95% interval of a weight, {experts} experts, {COMMUNITIES} panels", share * 100, "%",
                goal="93–97%", met=93 <= share * 100 <= 97, command=COMMAND,
            )
        )  # fmt: skip
    return results


def run() -> list[Result]:
    """Speed beside AHPy, then coverage."""
    return [*speed(), *coverage()]
