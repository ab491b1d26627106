"""The eight indicators from records as arrays, each with its interval; reads no database and decides no goalpost.

Each function takes one frozen record type and returns a `Measure`: the estimate, its uncapped value where the
definition caps one, and figures that must stand beside it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.indicators.definitions import VERSION, Floats
from ronghe.methods.intervals import (
    LEAST_UNITS,
    REPLICATES,
    Estimate,
    Factor,
    Proportion,
    Resampling,
    Scale,
    Statistic,
    bootstrap,
    no_data,
    product_bounds,
    totals_by_cluster,
    wilson,
)
from ronghe.methods.survival import Durations, kaplan_meier, survival_at

CONVERSION_MONTHS = 24.0
RETENTION_MONTHS = 12.0
MENTOR_SHARE_ASKED = 0.60
PRACTICE_SHARE_ASKED = 0.30

RATIO = Statistic("ratio of totals", 1, lambda totals: totals[..., 0] / totals[..., 1], Scale.LOG, 0.0)
SHARE = Statistic("share of totals", 1, lambda totals: totals[..., 0] / totals[..., 1], Scale.LINEAR, 0.0, 1.0)
GEOMETRIC_MEAN = Statistic("geometric mean", 1, lambda totals: np.exp(totals[..., 0] / totals[..., 1]), Scale.LOG, 0.0)


@dataclass(frozen=True, slots=True)
class Measure:
    """One indicator of one community: the estimate, its value without caps, and what must be reported beside it."""

    code: str
    estimate: Estimate
    uncapped: float | None
    beside: tuple[tuple[str, float | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Investment:
    """Parallel arrays, one entry a student at an enterprise: enterprise, hours (practice + mentor), student-years.

    A row may also be a whole enterprise. `elsewhere` are student-years of students with no enterprise: they count in
    the denominator and are known, not sampled.
    """

    enterprise: Sequence[object]
    hours: ArrayLike
    student_years: ArrayLike
    elsewhere: float = 0.0
    seed: int = 20260101
    replicates: int = REPLICATES


@dataclass(frozen=True, slots=True)
class Employment:
    """Parallel arrays, one entry a graduate: placed (0 or 1), pay ÷ regional median, job matches the field (0 or 1).

    `pay_ratio` and `matched` are NaN where the graduate is not placed or did not say.
    """

    placed: ArrayLike
    pay_ratio: ArrayLike
    matched: ArrayLike
    seed: int = 20260101
    replicates: int = REPLICATES


@dataclass(frozen=True, slots=True)
class Participation:
    """Mentors' hours with whether the mentor is an enterprise's (0 or 1); practice credits and all credits a student.

    The first two arrays have one entry a mentor, the last two one a student.
    """

    mentor_hours: ArrayLike
    from_enterprise: ArrayLike
    practice_credits: ArrayLike
    credits: ArrayLike
    seed: int = 20260101
    replicates: int = REPLICATES


@dataclass(frozen=True, slots=True)
class Opinion:
    """Answers of one group on 1 … 5, (people, items), NaN where unanswered; `overall` is the item that counts.

    `asked` is how many were asked.
    """

    answers: ArrayLike
    asked: int
    overall: int = 0


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """What employers and what students answered."""

    employers: Opinion
    students: Opinion


def investment_duration(given: Investment) -> Measure:
    """Hours per student-year, resampled by enterprise. Raises `UnmetAssumption` for what is no number."""
    hours, years = _column(given.hours, "hours"), _column(given.student_years, "student_years")
    _parallel(hours, years, given.enterprise)
    totals = totals_by_cluster(np.column_stack((hours, years)), _names(given.enterprise))
    # Student-years elsewhere are spread over the enterprises in proportion, so that every resample keeps the share.
    if given.elsewhere:
        totals = totals * np.array([1.0, 1.0 + given.elsewhere / max(float(years.sum()), 1e-300)])
    estimate = bootstrap(Resampling((totals,), RATIO, replicates=given.replicates, seed=given.seed)).estimate
    return _measure("investment_duration", estimate, estimate.value)


def technology_conversion(given: Durations, months: float = CONVERSION_MONTHS) -> Measure:
    """1 − KM(24 months) of the time from project close to adoption, licence or transfer."""
    curves = kaplan_meier(replace(given, group=None))
    kept = survival_at(curves.curves[0], months, curves.explanation)
    if kept.value is None or kept.low is None or kept.high is None:
        return _measure("technology_conversion", kept, None)
    turned = replace(kept, value=1.0 - kept.value, low=1.0 - kept.high, high=1.0 - kept.low)
    return _measure("technology_conversion", turned, turned.value)


def employment_competitiveness(given: Employment) -> Measure:
    """100 × geometric mean of placement share, pay ÷ regional median (geometric mean of graduates), matched share."""
    placed = _column(given.placed, "placed")
    pay, matched = _gaps(given.pay_ratio, "pay_ratio"), _gaps(given.matched, "matched")
    _parallel(placed, pay, matched)
    _zero_or_one(placed, "placed")
    known = matched[(placed == 1) & ~np.isnan(matched)]
    _zero_or_one(known, "matched")
    paid = pay[(placed == 1) & ~np.isnan(pay)]
    if (paid <= 0).any():
        raise UnmetAssumption("indicators.pay", "a pay ratio of 0 or less", "give pay ÷ regional median, above 0")
    share, match = _share(placed), _share(known)
    logs = np.column_stack((np.log(paid), np.ones(len(paid))))
    middle = bootstrap(Resampling((logs,), GEOMETRIC_MEAN, replicates=given.replicates, seed=given.seed)).estimate
    estimate = _product(
        "employment_competitiveness", ((share, 1 / 3), (middle, 1 / 3), (match, 1 / 3)), 100.0, (placed, pay, matched)
    )
    beside = (("placement_share", share.value), ("pay_ratio", middle.value), ("matched_share", match.value))
    return _measure("employment_competitiveness", estimate, estimate.value, beside)


def curriculum_update(replaced: int, units: int) -> Measure:
    """Units substantively replaced in 6 months ÷ units."""
    estimate = wilson(Proportion(replaced, units))
    return _measure("curriculum_update", estimate, estimate.value)


def participation_depth(given: Participation) -> Measure:
    """√(min(1, mentor-hour share/0.60) · min(1, practice-credit share/0.30)), with the uncapped value beside it."""
    hours, own = _column(given.mentor_hours, "mentor_hours"), _column(given.from_enterprise, "from_enterprise")
    practice, credits = _column(given.practice_credits, "practice_credits"), _column(given.credits, "credits")
    _parallel(hours, own)
    _parallel(practice, credits)
    _zero_or_one(own, "from_enterprise")
    mentors, students = _hour_share(hours, own), _credit_share(practice, credits, given)
    scaled = [_over(mentors, MENTOR_SHARE_ASKED), _over(students, PRACTICE_SHARE_ASKED)]
    capped = [_capped(share) for share in scaled]
    estimate = _product(
        "participation_depth", ((capped[0], 0.5), (capped[1], 0.5)), 1.0, (hours, own, practice, credits)
    )
    uncapped = None
    if scaled[0].value is not None and scaled[1].value is not None:
        uncapped = math.sqrt(scaled[0].value * scaled[1].value)
        most = math.prod(min(1.0, share.high or 0.0) for share in scaled)
        estimate = replace(estimate, high=min(estimate.high or 0.0, math.sqrt(most)))
    beside = (("mentor_hour_share", mentors.value), ("practice_credit_share", students.value))
    return _measure("participation_depth", estimate, uncapped, beside)


def technical_compliance(passes: int, candidates: int) -> Measure:
    """First-attempt passes ÷ candidates."""
    estimate = wilson(Proportion(passes, candidates))
    return _measure("technical_compliance", estimate, estimate.value)


def retention(given: Durations, months: float = RETENTION_MONTHS) -> Measure:
    """KM S(12 months) at the employer."""
    curves = kaplan_meier(replace(given, group=None))
    estimate = survival_at(curves.curves[0], months, curves.explanation)
    return _measure("retention", estimate, estimate.value)


def satisfaction(given: Satisfaction) -> Measure:
    """Geometric mean of the shares of employers and of students who answer 4 or 5; response rates and α beside it."""
    shares, beside, inputs = [], [], []
    for name, group in (("employers", given.employers), ("students", given.students)):
        answers = np.asarray(group.answers, dtype=np.float64)
        if answers.ndim != 2 or not 0 <= group.overall < answers.shape[1]:
            raise UnmetAssumption(
                "indicators.shapes", f"answers of {name} of shape {answers.shape}", "give (people, items)"
            )
        said = answers[~np.isnan(answers)]
        if ((said < 1) | (said > 5)).any():
            raise UnmetAssumption("indicators.answers", f"an answer of {name} outside 1 to 5", "give answers on 1 to 5")
        overall = answers[:, group.overall]
        overall = overall[~np.isnan(overall)]
        if len(overall) > group.asked:
            raise UnmetAssumption(
                "indicators.answers", f"{len(overall)} {name} answered and {group.asked} were asked", "count all asked"
            )
        shares.append(_share((overall >= 4).astype(np.float64)))
        inputs.append(answers)
        beside.append((f"{name}_share", shares[-1].value))
        beside.append((f"{name}_response_rate", len(overall) / group.asked if group.asked else None))
        beside.append((f"{name}_alpha", cronbach_alpha(answers)))
    estimate = _product("satisfaction", ((shares[0], 0.5), (shares[1], 0.5)), 1.0, tuple(inputs))
    return _measure("satisfaction", estimate, estimate.value, tuple(beside))


def cronbach_alpha(answers: ArrayLike) -> float | None:
    """Return k/(k − 1) (1 − Σ item variances ÷ variance of the sum) over complete answers; None where undefined.

    `answers` is (people, items). Source: Cronbach, Psychometrika 16 (1951) 297–334.
    """
    rows = np.asarray(answers, dtype=np.float64)
    rows = rows[~np.isnan(rows).any(axis=1)]
    people, items = rows.shape
    if people < 2 or items < 2:
        return None
    whole = float(rows.sum(axis=1).var(ddof=1))
    if whole == 0:
        return None
    return float(items / (items - 1) * (1.0 - rows.var(axis=0, ddof=1).sum() / whole))


def _measure(
    code: str, estimate: Estimate, uncapped: float | None, beside: tuple[tuple[str, float | None], ...] = ()
) -> Measure:
    explanation = replace(estimate.explanation, method=f"indicators.{code}", version=VERSION)
    return Measure(code, replace(estimate, explanation=explanation), uncapped, beside)


def _share(successes: Floats) -> Estimate:
    return wilson(Proportion(float(successes.sum()), len(successes)))


def _hour_share(hours: Floats, own: Floats) -> Estimate:
    """The share of hours of those marked, by Wilson on the effective number (Σh)² ÷ Σh² of people (Kish, 1965).

    Resampling few people of unequal hours gives ends far too wide near all or none.
    """
    if (hours < 0).any():
        raise UnmetAssumption("indicators.not_a_share", "hours below 0", "give hours of 0 and more")
    people = len(hours)
    effective = float(hours.sum()) ** 2 / float((hours**2).sum()) if hours.any() else 0.0
    share = float((hours * own).sum() / hours.sum()) if hours.any() else 0.0
    least = 0 if people >= LEAST_UNITS else LEAST_UNITS
    return replace(wilson(Proportion(share * effective, effective, least_units=least)), count=people)


def _credit_share(practice: Floats, credits: Floats, given: Participation) -> Estimate:
    """Practice credits ÷ credits, resampled by student; at 0 or all, where nothing varies, Wilson on the students."""
    if (practice < 0).any() or (practice > credits + 1e-9).any():
        raise UnmetAssumption("indicators.not_a_share", "a part below 0 or above its whole", "give parts of the whole")
    rows = np.column_stack((practice, credits))
    estimate = bootstrap(Resampling((rows,), SHARE, replicates=given.replicates, seed=given.seed)).estimate
    if estimate.value is not None and estimate.value in (0.0, 1.0):
        return wilson(Proportion(estimate.value * len(rows), len(rows)))
    return estimate


def _over(share: Estimate, asked: float) -> Estimate:
    if share.value is None or share.low is None or share.high is None:
        return share
    return replace(share, value=share.value / asked, low=share.low / asked, high=share.high / asked)


def _capped(share: Estimate) -> Estimate:
    """Capped but for the upper end: a factor cut at its cap would make the product's upper end too low."""
    if share.value is None or share.low is None:
        return share
    return replace(share, value=min(1.0, share.value), low=min(1.0, share.low))


def _product(
    code: str, parts: tuple[tuple[Estimate, float], ...], scale: float, inputs: tuple[Floats, ...]
) -> Estimate:
    count = min(part.count for part, _ in parts)
    confidence = parts[0][0].confidence
    cautions: list[Caution] = [caution for part, _ in parts for caution in part.explanation.warnings]
    explanation = Explanation(
        f"indicators.{code}",
        VERSION,
        inputs_hash(code, *inputs),
        (
            Assumption("intervals.independent_units", None, "units were sampled independently"),
            Assumption("intervals.independent_factors", None, "an error in one factor says nothing of the others"),
            Assumption("intervals.enough_units", count >= LEAST_UNITS, f"{count} units, {LEAST_UNITS} needed"),
        ),
        tuple(cautions),
    )
    factors = []
    for part, power in parts:
        if part.value is None or part.low is None or part.high is None:
            return no_data(confidence, count, explanation)
        factors.append(Factor(part.value, part.low, part.high, power))
    value, low, high = product_bounds(tuple(factors))
    return Estimate(scale * value, scale * low, scale * high, confidence, count, explanation)


def _gaps(values: ArrayLike, name: str) -> Floats:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UnmetAssumption("indicators.not_finite", f"{name} holds what is no number", "give numbers") from error
    if array.ndim != 1 or np.isinf(array).any():
        raise UnmetAssumption("indicators.not_finite", f"{name} is no list of numbers", "give one number a unit")
    return array


def _column(values: ArrayLike, name: str) -> Floats:
    array = _gaps(values, name)
    if np.isnan(array).any():
        row = int(np.flatnonzero(np.isnan(array))[0])
        raise UnmetAssumption(
            "indicators.not_finite",
            f"{name} of row {row} (counting from 0) is no number",
            "leave out units that were not observed",
        )
    return array


def _parallel(*columns: Sequence[object] | Floats) -> None:
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        raise UnmetAssumption(
            "indicators.shapes", f"columns of {sorted(lengths)} rows", "give one entry a unit in each"
        )


def _zero_or_one(values: Floats, name: str) -> None:
    if not np.isin(values, (0.0, 1.0)).all():
        raise UnmetAssumption("indicators.not_a_share", f"{name} holds more than 0 and 1", "say 1 for yes, 0 for no")


def _names(values: Sequence[object]) -> list[str]:
    return [str(value) for value in values]
