"""What the Corporate Response Index is computed from: its definition, its inputs and their checks; computes no index.

Definition `cri@1` (definitions, section 7). Teaching is described once per skill, demand once per enterprise and skill,
and what enterprises raised once per requirement.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.demand import Floats, Integers, SkillTable
from ronghe.methods.explained import UnmetAssumption

FEWEST = 5
"""Fewer enterprises, or rows of one enterprise, than this carry no interval."""


@dataclass(frozen=True, slots=True)
class CriDefinition:
    """One version of the definition; a community that elicits its own exponents gives them a version of its own.

    Exponents sum to 1, so that CRI is a weighted geometric mean of matching M, response R and practice Q. Half-lives
    are in months (lag) and days (response). `unstated_level` serves a skill for which nobody has stated a level.
    """

    version: int = 1
    matching_exponent: float = 0.60
    response_exponent: float = 0.25
    practice_exponent: float = 0.15
    lag_half_life_months: float = 18.0
    response_grace_days: float = 30.0
    response_half_life_days: float = 90.0
    response_prior: float = 0.5
    response_prior_weight: float = 1.0
    onset_share: float = 0.25
    onset_window_months: int = 3
    unstated_level: float = 3.0

    @property
    def exponents(self) -> Floats:
        """Of M, R and Q, (3,)."""
        return np.array([self.matching_exponent, self.response_exponent, self.practice_exponent])


CRI_1 = CriDefinition()


@dataclass(frozen=True, slots=True)
class Teaching:
    """What is taught of each skill, five arrays (skills,).

    `coverage` k ∈ [0, 1]; `level` p ∈ [0, 5] taught; `lag` ℓ ≥ 0 in months (see `estimate_lags`); `practice` π ∈
    [0, 1], the practice hours' share of the hours spent on the skill, 0 where there are none; `practice_asked` π* ∈
    [0, 1], 0 where nobody asks for practice, which counts as met.
    """

    coverage: Floats
    level: Floats
    lag: Floats
    practice: Floats
    practice_asked: Floats


@dataclass(frozen=True, slots=True)
class Requirements:
    """What enterprises raised, five parallel arrays (requirements,).

    Number of the `enterprise` and of the `skill`; `level` asked for, 1–5, NaN where unstated; `severity` v > 0;
    `days` d ≥ 0 from raised to released, for an open one its age today.
    """

    enterprise: Integers
    skill: Integers
    level: Floats
    severity: Floats
    days: Floats

    @classmethod
    def none(cls) -> "Requirements":
        """No requirement was raised."""
        whole, real = np.empty(0, dtype=np.int64), np.empty(0)
        return cls(whole, whole, real, real, real)


@dataclass(frozen=True, slots=True)
class CriInputs:
    """Everything CRI rests on on the day asked about.

    `demand` is (enterprises, skills), people asked for, recency-weighted, from postings and requirements together (see
    `enterprise_demand`); `enterprise_weight` (enterprises,) ≥ 0 in any unit, since only its shares count.
    """

    demand: Floats
    enterprise_weight: Floats
    teaching: Teaching
    requirements: Requirements = field(default_factory=Requirements.none)
    definition: CriDefinition = CRI_1


def enterprise_demand(table: SkillTable, weight: Floats, enterprise: Integers, enterprises: int) -> Floats:
    """Return D_es, (enterprises, skills): Σ weight over the rows of e that name s.

    `weight` and `enterprise` are (rows,); the rows are postings without duplicates and requirements, the weight is head
    count × recency.
    """
    place = enterprise[table.row] * table.columns + table.column
    flat = np.bincount(place, weights=weight[table.row], minlength=enterprises * table.columns)
    return np.asarray(flat, dtype=np.float64).reshape(enterprises, table.columns)


def required_levels(inputs: CriInputs) -> tuple[Floats, int]:
    """Return r_es, (enterprises, skills), 1–5, and for how many skills in demand nobody has stated a level.

    r_es is the median of the levels that e asks for in s; one without a level, and a posting, count at the median asked
    for that skill by all, or at the definition's `unstated_level` where nobody states one.
    """
    enterprises, skills = inputs.demand.shape
    asked = inputs.requirements
    usual = np.full(skills, inputs.definition.unstated_level)
    stated = ~np.isnan(asked.level)
    named, medians = _medians(asked.skill[stated], asked.level[stated])
    usual[named] = medians
    silent = inputs.demand.sum(axis=0) > 0
    silent[named] = False
    levels = np.broadcast_to(usual, (enterprises, skills)).copy()
    filled = np.where(stated, asked.level, usual[asked.skill])
    place, medians = _medians(asked.enterprise * skills + asked.skill, filled)
    levels.reshape(-1)[place] = medians
    return levels, int(silent.sum())


def _medians(group: Integers, values: Floats) -> tuple[Integers, Floats]:
    """The groups that occur, and the median of each one's values."""
    order = np.lexsort((values, group))
    found, start, count = np.unique(group[order], return_index=True, return_counts=True)
    ordered = values[order]
    return found, (ordered[start + (count - 1) // 2] + ordered[start + count // 2]) / 2.0


def check(inputs: CriInputs) -> None:
    """Raise `UnmetAssumption` (`cri.shapes`, `cri.range`, `cri.definition`, `cri.no_data`, `cri.no_weight`)."""
    demand, teaching, asked = inputs.demand, inputs.teaching, inputs.requirements
    if demand.ndim != 2:
        raise UnmetAssumption("cri.shapes", f"demand has {demand.ndim} axes", "give enterprises × skills")
    enterprises, skills = demand.shape
    _same_length("enterprise_weight", inputs.enterprise_weight, enterprises, "enterprises")
    for name in ("coverage", "level", "lag", "practice", "practice_asked"):
        _same_length(name, getattr(teaching, name), skills, "skills")
    for name in ("enterprise", "skill", "level", "severity", "days"):
        _same_length(f"requirements.{name}", getattr(asked, name), len(asked.enterprise), "requirements")
    check_definition(inputs.definition)
    check_range("demand", demand, 0, np.inf)
    check_range("enterprise_weight", inputs.enterprise_weight, 0, np.inf)
    check_teaching(teaching)
    check_range("requirements.enterprise", asked.enterprise, 0, enterprises - 1)
    check_range("requirements.skill", asked.skill, 0, skills - 1)
    check_range("requirements.level", asked.level[~np.isnan(asked.level)], 1, 5)
    check_range("requirements.severity", asked.severity, np.nextafter(0, 1), np.inf)
    check_range("requirements.days", asked.days, 0, np.inf)
    known = demand.sum(axis=1) > 0
    if not known.any():
        raise UnmetAssumption(
            "cri.no_data", "no enterprise asks for any skill", "import postings or raise requirements first"
        )
    if not inputs.enterprise_weight[known].sum() > 0:
        raise UnmetAssumption(
            "cri.no_weight", "the enterprises with demand weigh nothing together", "give one of them a weight above 0"
        )


def check_teaching(teaching: Teaching) -> None:
    """Raise `UnmetAssumption` (`cri.range`) for a value outside its scale."""
    check_range("coverage", teaching.coverage, 0, 1)
    check_range("level", teaching.level, 0, 5)
    check_range("lag", teaching.lag, 0, np.inf)
    check_range("practice", teaching.practice, 0, 1)
    check_range("practice_asked", teaching.practice_asked, 0, 1)


def check_definition(definition: CriDefinition) -> None:
    """Raise `UnmetAssumption` (`cri.definition`) for parameters with which CRI would not be an index."""
    exponents = definition.exponents
    positive = (definition.lag_half_life_months, definition.response_half_life_days, definition.response_prior_weight)
    sound = (
        bool((exponents >= 0).all())
        and abs(float(exponents.sum()) - 1.0) < 1e-9
        and min(positive) > 0
        and 0 <= definition.response_prior <= definition.response_prior_weight
        and definition.response_grace_days >= 0
        and 0 < definition.onset_share <= 1
        and definition.onset_window_months >= 1
        and 1 <= definition.unstated_level <= 5
    )
    if not sound:
        raise UnmetAssumption(
            "cri.definition",
            f"version {definition.version} has a parameter out of range",
            "exponents must be at least 0 and sum to 1, half-lives be positive, the onset share lie between 0 and 1",
        )


def check_range(name: str, values: NDArray[np.floating] | Integers, low: float, high: float) -> None:
    """Raise `UnmetAssumption` (`cri.range`) naming the first value that is not between `low` and `high`."""
    wrong = ~((values >= low) & (values <= high) & np.isfinite(values))
    if wrong.any():
        at = tuple(int(number) for number in np.argwhere(wrong)[0])
        value = float(values[at])
        limit = f"between {low:g} and {high:g}" if np.isfinite(high) else f"a number from {low:g} on"
        raise UnmetAssumption("cri.range", f"{name}{list(at)} is {value:g}", f"it must be {limit}")


def _same_length(name: str, values: NDArray[np.generic], length: int, of: str) -> None:
    if values.shape != (length,):
        raise UnmetAssumption(
            "cri.shapes", f"{name} has the shape {values.shape}", f"give one number for each of the {length} {of}"
        )
