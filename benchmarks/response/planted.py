"""Communities whose CRI and lags are known because they were planted; uses nothing of the code that is measured.

A world has skills with a month of onset, a course of adoption and a teaching of its own, and a population of
enterprises of several kinds, each with its own appetite for skills, wait for answers and pace of advertising. Its truth
is the mean over the whole population, from expected demand by formulas written out here. A community is a sample of
enterprises, and what they happened to advertise.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.cri import DemandHistory, Requirements
from ronghe.methods.demand import SkillTable

Floats = NDArray[np.float64]
MONTHS = 36
HALF_LIFE_MONTHS = 6.0
RAISED = 4


@dataclass(frozen=True, slots=True)
class World:
    """Adoption (skills, months) between 0 and 1; appetite (population, skills); pace (population,) in advertisements a
    month; teaching, each (skills,); severity and days of each enterprise's requirements, and its weight (population,).
    """

    adoption: Floats
    appetite: Floats
    pace: Floats
    coverage: Floats
    level: Floats
    required: Floats
    practice: Floats
    practice_asked: Floats
    release: Floats
    severity: Floats
    days: Floats
    weight: Floats


def courses(generator: np.random.Generator, onset: NDArray[np.int64]) -> Floats:
    """Adoption that starts in the planted month: at once, along a line, or along an S-curve; a little lies before."""
    month = np.arange(MONTHS)[None, :]
    start = onset[:, None]
    kind = generator.integers(0, 3, len(onset))[:, None]
    pace = generator.uniform(1.0, 5.0, len(onset))[:, None]
    since = month - start + 1.0
    at_once = (since > 0).astype(float)
    line = np.clip(since / pace, 0.0, 1.0)
    curve = 1.0 / (1.0 + np.exp(-4.0 * since / pace + 2.0))
    before = generator.uniform(0.0, 0.06, len(onset))[:, None]
    rising = np.maximum(before, np.where(kind == 0, at_once, np.where(kind == 1, line, curve * (since > -2))))
    return np.where(start == 0, 1.0, rising)


def world(generator: np.random.Generator, skills: int = 40, population: int = 2000, uneven: bool = False) -> World:
    """Draw a world; in an uneven one some enterprises advertise many times as much as others and weigh as much more."""
    onset = np.where(generator.random(skills) < 0.5, 0, generator.integers(4, MONTHS - 6, skills))
    kinds = 5
    taste = generator.gamma(0.5, 1.0, (kinds, skills))
    taste = 4.0 * taste / taste.sum(axis=1, keepdims=True)
    kind = generator.integers(0, kinds, population)
    appetite = np.clip(taste[kind] * generator.gamma(4.0, 0.25, (population, skills)), 0.0, 0.9)
    release = onset + generator.integers(-3, 25, skills)
    taught = (generator.random(skills) < 0.7) & (release < MONTHS)
    planted = World(
        courses(generator, onset),
        appetite,
        generator.gamma(3.0, 0.4, population),
        taught * generator.uniform(0.3, 1.0, skills),
        taught * generator.integers(1, 6, skills).astype(float),
        generator.integers(2, 5, skills).astype(float),
        taught * generator.uniform(0.0, 0.8, skills),
        generator.choice(np.array([0.0, 0.3, 0.5]), skills),
        np.where(taught, release, np.nan).astype(float),
        generator.integers(1, 6, population).astype(float),
        generator.exponential(90.0, population),
        np.ones(population),
    )
    if not uneven:
        return planted
    pace = np.exp(generator.normal(-0.3, 1.0, population))
    return replace(planted, pace=pace, weight=pace)


def true_onset(planted: World) -> Floats:
    """The month in which expected demand over three months first reached a quarter of today's share."""
    expected = (planted.pace @ planted.appetite)[:, None] * planted.adoption
    skills = len(expected)
    first = np.zeros(skills)
    share = np.empty((skills, MONTHS))
    for month in range(MONTHS):
        window = expected[:, max(0, month - 2) : month + 1].sum(axis=1)
        share[:, month] = window / window.sum()
    for skill in range(skills):
        first[skill] = next(month for month in range(MONTHS) if share[skill, month] >= 0.25 * share[skill, -1] - 1e-12)
    return first


def true_lag(planted: World) -> Floats:
    """Months from the true onset to the first release, or to today where there is none."""
    released = np.where(np.isnan(planted.release), MONTHS - 1, planted.release)
    return np.maximum(released - true_onset(planted), 0.0)


def true_indices(planted: World, lag: Floats) -> Floats:
    """CRI_e of every enterprise of the population, from expected demand and these lags."""
    recency = 2.0 ** (-(MONTHS - 1 - np.arange(MONTHS)) / HALF_LIFE_MONTHS)
    wanted = planted.appetite * (planted.adoption @ recency)
    share = wanted / wanted.sum(axis=1)[:, None]
    answer = planted.coverage * np.minimum(planted.level / planted.required, 1.0) * 0.5 ** (lag / 18.0)
    asked = planted.practice_asked
    practised = [min(1.0, have / want) if want else 1.0 for have, want in zip(planted.practice, asked, strict=True)]
    waiting = 0.5 ** (np.maximum(planted.days - 30.0, 0.0) / 90.0)
    response = (RAISED * planted.severity * waiting + 0.5) / (RAISED * planted.severity + 1.0)
    index = 100.0 * (share @ answer) ** 0.60 * response**0.25 * (share @ np.array(practised)) ** 0.15
    return np.asarray(index)


def true_cri(planted: World) -> float:
    """CRI of the whole population."""
    return float(np.average(true_indices(planted, true_lag(planted)), weights=planted.weight))


def community(
    planted: World, generator: np.random.Generator, enterprises: int
) -> tuple[DemandHistory, Requirements, NDArray[np.int64]]:
    """Sample enterprises and let them advertise; their requirements state the levels and waited as planted.

    Returns the rows, the requirements and the enterprises' numbers in the population.
    """
    chosen = generator.integers(0, len(planted.pace), enterprises)
    counts = generator.poisson(planted.pace[chosen] * MONTHS)
    owner = np.repeat(np.arange(enterprises), counts)
    month = generator.integers(0, MONTHS, len(owner))
    chance = planted.appetite[chosen[owner]] * planted.adoption[:, month].T
    row, column = np.nonzero(generator.random(chance.shape) < chance)
    skills = len(planted.coverage)
    table = SkillTable(row.astype(np.int64), column.astype(np.int64), len(owner), skills)
    heads = np.ones(len(owner))
    weight = heads * 2.0 ** (-(MONTHS - 1 - month) / HALF_LIFE_MONTHS)
    history = DemandHistory(table, owner, weight, heads, month, MONTHS, planted.release)
    whose = np.repeat(np.arange(enterprises), RAISED)
    which = generator.integers(0, skills, len(whose))
    by_whom = chosen[whose]
    asked = Requirements(whose, which, planted.required[which], planted.severity[by_whom], planted.days[by_whom])
    return history, asked, chosen
