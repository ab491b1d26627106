"""Maturity of a community in nine areas from evidence that was due; knows no practice's text and reads no ledger.

The practices come in as data. What was due stays due: evidence that is missing counts against, so no level rises when
evidence is taken away.
"""

from __future__ import annotations

import math
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum

import numpy as np

from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.intervals import wilson_bounds

LEVELS = (2, 3, 4, 5)
QUANTIFIED_LEVEL = 4
IMPROVING_LEVEL = 5
LEAST_PRACTICES = 2
LEAST_PERIODS = 12
MONTHS_VALID = 12
# Of an individuals chart: 3 / d₂ with d₂ = 1.128 for ranges of two.
_INDIVIDUALS = 2.66


class Dimension(Enum):
    """What works together in the model: policy, subject, platform."""

    POLICY = "policy"
    SUBJECT = "subject"
    PLATFORM = "platform"


class Stage(Enum):
    """The three stages of screening: demand matching, resource integration, quality evaluation."""

    MATCHING = "matching"
    INTEGRATION = "integration"
    EVALUATION = "evaluation"


@dataclass(frozen=True, slots=True, order=True)
class Area:
    """One of the nine areas: a dimension at a stage, written `policy.matching`."""

    code: str

    @classmethod
    def of(cls, dimension: Dimension, stage: Stage) -> Area:
        """Return the area of a dimension and a stage."""
        return cls(f"{dimension.value}.{stage.value}")


AREAS: tuple[Area, ...] = tuple(Area.of(dimension, stage) for dimension in Dimension for stage in Stage)
_PLACE = {area: place for place, area in enumerate(AREAS)}


class Rating(Enum):
    """How far a practice is achieved, by share: N to 15%, P to 50%, L to 85%, F above (ISO/IEC 33020:2019, 5.3)."""

    NOT = "N"
    PARTIALLY = "P"
    LARGELY = "L"
    FULLY = "F"

    @classmethod
    def of(cls, share: float) -> Rating:
        """Return the rating of a share in 0 … 1. Raises `UnmetAssumption` `maturity.share`."""
        if not 0.0 <= share <= 1.0:
            raise UnmetAssumption("maturity.share", f"a share of {share}", "give a share from 0 to 1")
        for rating, most in ((cls.NOT, 0.15), (cls.PARTIALLY, 0.50), (cls.LARGELY, 0.85)):
            if share <= most:
                return rating
        return cls.FULLY


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice of an area at a level 2 … 5; its text lives with whoever keeps the catalogue."""

    code: str
    area: Area
    level: int


@dataclass(frozen=True, slots=True)
class Instance:
    """One time a practice was due: the day, the day of direct evidence, and the day and source that corroborate it.

    `reference` names the instance among those of its practice. Days of evidence are None where there is none. `party`
    and `corroborated_by` name who or what each comes from: only another party or system corroborates.
    """

    practice: str
    reference: str
    due: date
    evidence: date | None = None
    party: str = ""
    corroboration: date | None = None
    corroborated_by: str = ""


@dataclass(frozen=True, slots=True)
class MaturityInputs:
    """Practices, all instances due up to `as_of`, and what levels 4 and 5 ask for beside practices.

    `periods` are the values of an area's leading measure, one a period, oldest first; `improvements` counts an area's
    verified improvements; `not_applicable` names areas that do not apply, which is an official decision and is shown.
    """

    practices: Sequence[Practice]
    instances: Sequence[Instance]
    as_of: date
    periods: Mapping[Area, Sequence[float]] = field(default_factory=dict)
    improvements: Mapping[Area, int] = field(default_factory=dict)
    not_applicable: frozenset[Area] = frozenset()
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class PracticeRating:
    """Instances met of those due, the share with its lower bound, and the rating at that bound.

    `share`, `low` and `high` are None where nothing was due: then the practice is not shown to be done, and is N.
    """

    practice: Practice
    due: int
    met: int
    share: float | None
    low: float | None
    high: float | None
    rating: Rating


@dataclass(frozen=True, slots=True)
class ControlLimits:
    """Centre and limits of an individuals chart, x̄ ± 2.66 mR̄, and the periods (from 0) outside them."""

    centre: float
    low: float
    high: float
    periods: int
    outside: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class AreaMaturity:
    """The capability of one area, 1 … 5, its practices' ratings, and what keeps it from the next level."""

    area: Area
    capability: int
    practices: tuple[PracticeRating, ...]
    limits: ControlLimits | None
    improvements: int
    held_back_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Maturity:
    """The staged level: the highest that every area that applies has reached, with the areas behind it."""

    staged: int
    areas: tuple[AreaMaturity, ...]
    as_of: date
    explanation: Explanation


def maturity(given: MaturityInputs) -> Maturity:
    """Return the capability of each area and the staged level of the community.

    A practice's share is the instances with direct evidence and corroboration by another party, both within 12 months
    before `as_of`, ÷ instances due; it is rated at its Wilson lower bound, so that L needs at least 4 of 4 and F 22 of
    22. An area has capability k when all practices of level k are L or F and all below are F; level 4 asks for control
    limits over 12 or more periods as well, level 5 for a verified improvement. Sources: ISO/IEC 33020:2019, 5.2–5.4 for
    scale and levels; the staged representation of CMMI. Raises `UnmetAssumption`: `maturity.no_practices`,
    `maturity.level`, `maturity.duplicated_practice`, `maturity.too_few_practices` (fewer than two an area and level),
    `maturity.unknown_practice`, `maturity.unknown_area`, `maturity.duplicated_instance`, `maturity.not_due` (due after
    `as_of`), `maturity.evidence_after`, `maturity.not_finite`, `maturity.no_area`.
    """
    areas = _checked_areas(given)
    due, met = _counted(given)
    by_area: dict[Area, list[PracticeRating]] = {area: [] for area in areas}
    practices = sorted(given.practices, key=lambda practice: (practice.level, practice.code))
    for rating in _rated(practices, due, met, given.confidence):
        if rating.practice.area in by_area:
            by_area[rating.practice.area].append(rating)
    found = tuple(
        _area(area, tuple(ratings), given.periods.get(area, ()), given.improvements.get(area, 0))
        for area, ratings in by_area.items()
    )
    cautions = []
    silent = [rating.practice.code for area in found for rating in area.practices if not rating.due]
    if silent:
        cautions.append(
            Caution(
                "maturity.nothing_due", f"nothing was due of {len(silent)} practices, which are rated N: {silent[0]} …"
            )
        )
    if given.not_applicable:
        names = ", ".join(sorted(area.code for area in given.not_applicable))
        cautions.append(Caution("maturity.not_applicable", f"left out as not applicable: {names}"))
    unsteady = [area.area.code for area in found if area.limits and area.limits.outside]
    if unsteady:
        cautions.append(
            Caution("maturity.out_of_control", f"periods outside their control limits: {', '.join(unsteady)}")
        )
    explanation = Explanation(
        "maturity.staged",
        1,
        inputs_hash(
            frozenset(given.practices),
            "\n".join(sorted(map(_line, given.instances))),
            given.as_of,
            {area.code: tuple(map(float, values)) for area, values in given.periods.items()},
            {area.code: count for area, count in given.improvements.items()},
            given.not_applicable,
            given.confidence,
        ),
        (
            Assumption("maturity.due_is_complete", None, f"{len(given.instances):,} instances are all that were due"),
            Assumption("intervals.independent_units", None, "instances of a practice are independent of one another"),
        ),
        tuple(cautions),
    )
    return Maturity(staged_level(area.capability for area in found), found, given.as_of, explanation)


def capability_level(ratings: Mapping[int, Sequence[Rating]]) -> int:
    """Return the highest level k whose ratings are all L or F while all ratings of lower levels are F.

    `ratings` maps consecutive levels to the ratings of their attributes; the answer is one below the lowest level when
    not even that is reached. Source: ISO/IEC 33020:2019, 5.4. Raises `UnmetAssumption` `maturity.level`.
    """
    levels = sorted(ratings)
    if not levels or levels != list(range(levels[0], levels[0] + len(levels))) or not all(ratings.values()):
        raise UnmetAssumption("maturity.level", f"ratings of levels {levels}", "rate every level from the lowest on")
    reached = levels[0] - 1
    for level in levels:
        if not all(rating in (Rating.LARGELY, Rating.FULLY) for rating in ratings[level]):
            break
        reached = level
        if not all(rating is Rating.FULLY for rating in ratings[level]):
            break
    return reached


def staged_level(capabilities: Iterable[int | None]) -> int:
    """Return the level that every area has reached; None stands for an area that does not apply.

    Raises `UnmetAssumption` `maturity.no_area` when none applies.
    """
    known = [capability for capability in capabilities if capability is not None]
    if not known:
        raise UnmetAssumption("maturity.no_area", "no area applies", "rate at least one area")
    return min(known)


def control_limits(values: Sequence[float]) -> ControlLimits | None:
    """Return the limits of an individuals chart, or None for fewer than 12 periods.

    x̄ ± 2.66 mR̄, mR̄ the mean of the moving ranges of two. Source: Shewhart's individuals chart as in ISO 7870-2:2023.
    Raises `UnmetAssumption` `maturity.not_finite`.
    """
    if not all(math.isfinite(value) for value in values):
        raise UnmetAssumption("maturity.not_finite", "a period's value is no number", "leave the period out")
    if len(values) < LEAST_PERIODS:
        return None
    series = np.asarray(values, dtype=np.float64)
    centre, half = float(series.mean()), _INDIVIDUALS * float(np.abs(np.diff(series)).mean())
    outside = np.flatnonzero((series < centre - half) | (series > centre + half))
    return ControlLimits(centre, centre - half, centre + half, len(series), tuple(int(place) for place in outside))


def _checked_areas(given: MaturityInputs) -> tuple[Area, ...]:
    if not given.practices:
        raise UnmetAssumption("maturity.no_practices", "no practice at all", "pass the practices of levels 2 to 5")
    codes: set[str] = set()
    count: dict[tuple[Area, int], int] = {}
    for practice in given.practices:
        if practice.level not in LEVELS:
            raise UnmetAssumption(
                "maturity.level", f"{practice.code} is of level {practice.level}", "give a level from 2 to 5"
            )
        if practice.code in codes:
            raise UnmetAssumption("maturity.duplicated_practice", f"{practice.code} stands twice", "name each once")
        codes.add(practice.code)
        key = (practice.area, practice.level)
        count[key] = count.get(key, 0) + 1
    present = sorted(
        {practice.area for practice in given.practices}, key=lambda area: (_PLACE.get(area, len(AREAS)), area)
    )
    unknown = ({*given.periods, *given.improvements} | given.not_applicable) - set(present)
    if unknown:
        raise UnmetAssumption(
            "maturity.unknown_area", f"{min(unknown).code} has no practices", "name an area that has practices"
        )
    areas = tuple(area for area in present if area not in given.not_applicable)
    if not areas:
        raise UnmetAssumption("maturity.no_area", "no area applies", "rate at least one area")
    for area in areas:
        for level in LEVELS:
            if count.get((area, level), 0) < LEAST_PRACTICES:
                raise UnmetAssumption(
                    "maturity.too_few_practices",
                    f"{area.code} has {count.get((area, level), 0)} practices at level {level}",
                    f"give at least {LEAST_PRACTICES} an area and level",
                )
    return areas


def _counted(given: MaturityInputs) -> tuple[dict[str, int], dict[str, int]]:
    """Instances due and met by practice."""
    due = {practice.code: 0 for practice in given.practices}
    met = dict(due)
    oldest = _months_before(given.as_of, MONTHS_VALID)
    seen: set[tuple[str, str]] = set()
    for instance in given.instances:
        if instance.practice not in due:
            raise UnmetAssumption(
                "maturity.unknown_practice", f"an instance of {instance.practice!r}", "name a practice that was passed"
            )
        if (instance.practice, instance.reference) in seen:
            raise UnmetAssumption(
                "maturity.duplicated_instance",
                f"{instance.reference!r} of {instance.practice} stands twice",
                "pass each instance once",
            )
        seen.add((instance.practice, instance.reference))
        if instance.due > given.as_of:
            raise UnmetAssumption(
                "maturity.not_due",
                f"an instance of {instance.practice} is due on {instance.due.isoformat()}",
                f"pass what was due by {given.as_of.isoformat()}",
            )
        due[instance.practice] += 1
        met[instance.practice] += _is_met(instance, oldest, given.as_of)
    return due, met


def _is_met(instance: Instance, oldest: date, as_of: date) -> bool:
    for day in (instance.evidence, instance.corroboration):
        if day is not None and day > as_of:
            raise UnmetAssumption(
                "maturity.evidence_after",
                f"evidence of {instance.practice} is dated {day.isoformat()}",
                f"pass what was known on {as_of.isoformat()}",
            )
    if instance.evidence is None or instance.corroboration is None:
        return False
    another = bool(instance.corroborated_by) and instance.corroborated_by != instance.party
    return another and min(instance.evidence, instance.corroboration) >= oldest


def _line(instance: Instance) -> str:
    """One line that no other instance has, for a hash that the order of instances does not change."""
    return (
        f"{instance.practice!r} {instance.reference!r} {instance.due} {instance.evidence} {instance.party!r} "
        f"{instance.corroboration} {instance.corroborated_by!r}"
    )


def _months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or the last of that month when it has no such day."""
    place = day.year * 12 + day.month - 1 - months
    year, month = place // 12, place % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _rated(
    practices: Sequence[Practice], due: Mapping[str, int], met: Mapping[str, int], confidence: float
) -> list[PracticeRating]:
    trials = [due[practice.code] for practice in practices]
    done = [met[practice.code] for practice in practices]
    lows, highs = wilson_bounds(done, trials, confidence)
    ratings = []
    for practice, n, x, low, high in zip(practices, trials, done, lows.tolist(), highs.tolist(), strict=True):
        if n:
            ratings.append(PracticeRating(practice, n, x, x / n, low, high, Rating.of(low)))
        else:
            ratings.append(PracticeRating(practice, 0, 0, None, None, None, Rating.NOT))
    return ratings


def _area(
    area: Area, practices: tuple[PracticeRating, ...], periods: Sequence[float], improvements: int
) -> AreaMaturity:
    by_level: dict[int, list[Rating]] = {level: [] for level in LEVELS}
    for rating in practices:
        by_level[rating.practice.level].append(rating.rating)
    limits = control_limits(periods)
    capability = capability_level(by_level)
    if limits is None:
        capability = min(capability, QUANTIFIED_LEVEL - 1)
    if improvements < 1:
        capability = min(capability, IMPROVING_LEVEL - 1)
    return AreaMaturity(
        area, capability, practices, limits, improvements, _held_back_by(capability, practices, limits, improvements)
    )


def _held_back_by(
    capability: int, practices: tuple[PracticeRating, ...], limits: ControlLimits | None, improvements: int
) -> tuple[str, ...]:
    """Codes of the practices, and of the further conditions, that the next level still asks for."""
    following = capability + 1
    if following > max(LEVELS):
        return ()
    lacking = [
        rating.practice.code
        for rating in practices
        if (rating.practice.level < following and rating.rating is not Rating.FULLY)
        or (rating.practice.level == following and rating.rating in (Rating.NOT, Rating.PARTIALLY))
    ]
    if following >= QUANTIFIED_LEVEL and limits is None:
        lacking.append("control_limits")
    if following >= IMPROVING_LEVEL and improvements < 1:
        lacking.append("verified_improvement")
    return tuple(lacking)
