"""How often the 95% interval of each of the eight indicators holds the true value, inside its range and at its edges.

Communities are simulated with truths drawn from a band, so that the answer is that of no single lucky share; true
values lie in "inside", "edge" and, where one exists, "cap". The generator shares no code with the methods.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from benchmarks.result import Result
from ronghe.methods.indicators import (
    Employment,
    Investment,
    Measure,
    Opinion,
    Participation,
    Satisfaction,
    curriculum_update,
    employment_competitiveness,
    investment_duration,
    participation_depth,
    retention,
    satisfaction,
    technical_compliance,
    technology_conversion,
)
from ronghe.methods.indicators.measures import RATIO
from ronghe.methods.intervals import Ends, Resampling, Statistic, bootstrap
from ronghe.methods.survival import Durations

TRIALS = 2000
REPLICATES = 1000
COMMAND = "python -m benchmarks.methods.coverage"
ROOT_OF_SHARES = Statistic(
    "root of two shares", 1, lambda totals: np.sqrt(totals[..., 0] / totals[..., 1] * totals[..., 2] / totals[..., 3])
)

Draw = Callable[[np.random.Generator], tuple[Measure, float]]


@dataclass(frozen=True, slots=True)
class Case:
    """One indicator in one band: makes a community, measures it, and tells the truth."""

    name: str
    draw: Draw


def investment(enterprises: int) -> Draw:
    """Enterprises differ in hours a student (coefficient of variation ½) and in how many students they take."""

    def draw(generator: np.random.Generator) -> tuple[Measure, float]:
        truth = generator.uniform(60.0, 220.0)
        students = 1 + generator.poisson(6.0, enterprises)
        level = generator.gamma(4.0, truth / 4.0, enterprises)
        owner = np.repeat(np.arange(enterprises), students)
        hours = generator.gamma(9.0, level[owner] / 9.0)
        given = Investment(
            owner.tolist(), hours, np.ones(len(hours)), seed=int(generator.integers(1 << 30)), replicates=REPLICATES
        )
        return investment_duration(given), truth

    return draw


def conversion(low: float, high: float, projects: int) -> Draw:
    """Projects convert at a constant rate; those closed less than 24 months ago are censored at their age."""

    def draw(generator: np.random.Generator) -> tuple[Measure, float]:
        truth = generator.uniform(low, high)
        time = generator.exponential(-24.0 / math.log1p(-truth), projects)
        age = generator.uniform(3.0, 60.0, projects)
        return technology_conversion(Durations(np.minimum(time, age), time <= age)), truth

    return draw


def employment(low: float, high: float, graduates: int) -> Draw:
    """Placement and match in the band, pay log-normal about 1.1 of the regional median; one in ten does not say."""

    def draw(generator: np.random.Generator) -> tuple[Measure, float]:
        share, match = generator.uniform(low, high, 2)
        middle = generator.uniform(0.9, 1.3)
        placed = (generator.random(graduates) < share).astype(float)
        silent = (generator.random(graduates) < 0.1) | (placed == 0)
        pay = np.where(silent, np.nan, middle * np.exp(generator.normal(0.0, 0.35, graduates)))
        matched = np.where(placed == 0, np.nan, generator.random(graduates) < match)
        given = Employment(placed, pay, matched, seed=int(generator.integers(1 << 30)), replicates=REPLICATES)
        return employment_competitiveness(given), 100.0 * (share * middle * match) ** (1 / 3)

    return draw


def units(low: float, high: float, count: int, measure: Callable[[int, int], Measure]) -> Draw:
    """A share of units with a true value in the band."""

    def draw(generator: np.random.Generator) -> tuple[Measure, float]:
        truth = generator.uniform(low, high)
        return measure(int(generator.binomial(count, truth)), count), truth

    return draw


def depth(mentor: tuple[float, float], practice: tuple[float, float], mentors: int, students: int) -> Draw:
    """Mentors give unequal hours, those of enterprises on average as many; students differ in practice credits."""

    def draw(generator: np.random.Generator) -> tuple[Measure, float]:
        share, part = generator.uniform(*mentor), generator.uniform(*practice)
        hours = generator.gamma(4.0, 15.0, mentors)
        own = (generator.random(mentors) < share).astype(float)
        credits = generator.uniform(24.0, 34.0, students)
        spread = 12.0
        practice_credits = credits * generator.beta(spread * part, spread * (1.0 - part), students)
        given = Participation(
            hours, own, practice_credits, credits, seed=int(generator.integers(1 << 30)), replicates=REPLICATES
        )
        return participation_depth(given), math.sqrt(min(1.0, share / 0.60) * min(1.0, part / 0.30))

    return draw


def remaining(low: float, high: float, graduates: int) -> Draw:
    """Leaving slows down with time (Weibull, shape 0.8); a third is observed for less than the year."""

    def draw(generator: np.random.Generator) -> tuple[Measure, float]:
        truth = generator.uniform(low, high)
        scale = 12.0 / (-math.log(truth)) ** (1 / 0.8)
        time = scale * generator.weibull(0.8, graduates)
        seen = generator.uniform(2.0, 30.0, graduates)
        return retention(Durations(np.minimum(time, seen), time <= seen)), truth

    return draw


def opinions(low: float, high: float, employers: int, students: int) -> Draw:
    """Two groups of independent answers; shares of 4 and 5 in the band."""

    def draw(generator: np.random.Generator) -> tuple[Measure, float]:
        first, second = generator.uniform(low, high, 2)
        answers = [
            np.where(generator.random(count) < share, 5.0, 3.0)[:, None]
            for count, share in ((employers, first), (students, second))
        ]
        given = Satisfaction(Opinion(answers[0], employers), Opinion(answers[1], students))
        return satisfaction(given), math.sqrt(first * second)

    return draw


CASES: tuple[Case, ...] = (
    Case("1 investment duration, 8 enterprises", investment(8)),
    Case("1 investment duration, 24 enterprises", investment(24)),
    Case("2 technology conversion, 40 projects, 0.10–0.60", conversion(0.10, 0.60, 40)),
    Case("2 technology conversion, 40 projects, edge 0–0.10", conversion(0.001, 0.10, 40)),
    Case("3 employment competitiveness, 120 graduates, shares 0.6–0.9", employment(0.6, 0.9, 120)),
    Case("3 employment competitiveness, 120 graduates, edge 0.95–1", employment(0.95, 1.0, 120)),
    Case("4 curriculum update, 96 units, 0.10–0.50", units(0.10, 0.50, 96, curriculum_update)),
    Case("4 curriculum update, 96 units, edge 0–0.10", units(0.0, 0.10, 96, curriculum_update)),
    Case("5 participation depth, 30 mentors, 120 students, below both caps", depth((0.2, 0.45), (0.1, 0.22), 30, 120)),
    Case(
        "5 participation depth, 30 mentors, 120 students, one above its cap", depth((0.8, 0.95), (0.1, 0.25), 30, 120)
    ),
    Case(
        "5 participation depth, 30 mentors, 120 students, edge about a cap", depth((0.55, 0.65), (0.1, 0.25), 30, 120)
    ),
    Case("6 technical compliance, 60 candidates, 0.5–0.9", units(0.5, 0.9, 60, technical_compliance)),
    Case("6 technical compliance, 60 candidates, edge 0.9–1", units(0.9, 1.0, 60, technical_compliance)),
    Case("7 retention, 80 graduates, 0.45–0.85", remaining(0.45, 0.85, 80)),
    Case("7 retention, 80 graduates, edge 0.9–1", remaining(0.90, 0.999, 80)),
    Case("8 satisfaction, 20 employers, 100 students, 0.6–0.9", opinions(0.6, 0.9, 20, 100)),
    Case("8 satisfaction, 20 employers, 100 students, edge 0.9–1", opinions(0.9, 1.0, 20, 100)),
)


def coverage(case: Case, trials: int, seed: int) -> tuple[float, float, float]:
    """Share of trials with data whose interval holds the truth, the median width, and the share without data."""
    generator = np.random.default_rng(seed)
    hits, widths = [], []
    for _ in range(trials):
        measure, truth = case.draw(generator)
        low, high = measure.estimate.low, measure.estimate.high
        if low is not None and high is not None:
            hits.append(low - 1e-12 <= truth <= high + 1e-12)
            widths.append(high - low)
    return float(np.mean(hits)), float(np.median(widths)), 1.0 - len(hits) / trials


def percentiles_of_hours(enterprises: int, trials: int, seed: int) -> float:
    """Coverage of the percentile bootstrap by enterprise on communities as in `investment`."""
    generator = np.random.default_rng(seed)
    held = 0
    for _ in range(trials):
        truth = generator.uniform(60.0, 220.0)
        students = 1.0 + generator.poisson(6.0, enterprises)
        level = generator.gamma(4.0, truth / 4.0, enterprises)
        rows = np.column_stack((generator.gamma(9.0 * students, level / 9.0), students))
        given = Resampling(
            (rows,), RATIO, Ends.PERCENTILE, replicates=REPLICATES, seed=int(generator.integers(1 << 30))
        )
        found = bootstrap(given).estimate
        held += (found.low or 0.0) <= truth <= (found.high or 0.0)
    return held / trials


def percentiles_of_opinions(low: float, high: float, employers: int, students: int, trials: int, seed: int) -> float:
    """Coverage of the percentile bootstrap of both groups on communities as in `opinions`."""
    generator = np.random.default_rng(seed)
    held = 0
    for _ in range(trials):
        truths = generator.uniform(low, high, 2)
        groups = tuple(
            np.column_stack(((generator.random(count) < share).astype(float), np.ones(count)))
            for count, share in zip((employers, students), truths, strict=True)
        )
        seed_of = int(generator.integers(1 << 30))
        found = bootstrap(Resampling(groups, ROOT_OF_SHARES, Ends.PERCENTILE, replicates=REPLICATES, seed=seed_of))
        truth = math.sqrt(truths[0] * truths[1])
        held += (found.estimate.low or 0.0) <= truth <= (found.estimate.high or 0.0)
    return held / trials


def beside(trials: int) -> list[Result]:
    """What plain percentiles would cover on the same kinds of community."""
    figures = [
        (f"hours of {count} enterprises", percentiles_of_hours(count, trials, 2000 + count)) for count in (5, 8, 12, 24)
    ]
    for low, high in ((0.6, 0.9), (0.9, 1.0)):
        held = percentiles_of_opinions(low, high, 20, 100, trials, 2100)
        figures.append((f"satisfaction of 20 employers and 100 students, {low:g}–{high:g}", held))
    return [
        Result(f"coverage of the percentile bootstrap: {name}", round(100.0 * held, 2), "%", command=COMMAND)
        for name, held in figures
    ]


def run(trials: int = TRIALS) -> list[Result]:
    """Measure every case; its Monte Carlo error is about half a point at 2,000 trials."""
    results = []
    for number, case in enumerate(CASES):
        held, width, empty = coverage(case, trials, 1000 + number)
        note = f", median width {width:.3g}" + (f", no data {empty:.1%}" if empty else "")
        results.append(
            Result(
                f"coverage of {case.name}{note}",
                round(100.0 * held, 2),
                "%",
                goal="93–97%",
                met=93.0 <= 100.0 * held <= 97.0,
                command=COMMAND,
            )
        )
    return results + beside(trials)


if __name__ == "__main__":
    from benchmarks.__main__ import print_table

    print_table(run())
