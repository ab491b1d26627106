"""The CRI as a page shows it: for the community, a programme or one enterprise, with what explains the number."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from ronghe.apps.curriculum import readings
from ronghe.apps.curriculum.readings import Chance, Reading
from ronghe.apps.curriculum.response import Response
from ronghe.apps.demand import selectors as demand
from ronghe.apps.demand.figures import data_state
from ronghe.apps.demand.models import Requirement
from ronghe.apps.demand.selectors import SkillLabel
from ronghe.methods import cri


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose index: the community's when both are None, a programme's, or one enterprise's."""

    programme: int | None = None
    enterprise: int | None = None


@dataclass(frozen=True, slots=True)
class SkillLine:
    """One skill of the index: how much is asked, how it is answered, and the points that it costs."""

    skill: SkillLabel
    share: float
    level: float
    level_asked: float
    coverage: float
    practice: float
    lag: float
    lag_is_at_least: bool
    is_taught: bool
    cost: float


@dataclass(frozen=True, slots=True)
class RequirementLine:
    """One requirement, the days it waited or waits, and the points that this costs."""

    requirement: Requirement
    days: int
    cost: float


@dataclass(frozen=True, slots=True)
class Factor:
    """One of the three factors, 0–1, its exponent and the points that it costs."""

    name: str
    value: float
    exponent: float
    cost: float


@dataclass(frozen=True, slots=True)
class EnterpriseLine:
    """One enterprise's index and its weight in the community's."""

    key: int
    value: float
    low: float | None
    high: float | None
    weight: float


@dataclass(frozen=True)
class IndexPage:
    """Everything beside the number. `result` is the enterprise's own where the scope is one enterprise.

    It tells of `found.day`; `is_current` is False while a task computes the index of today's data.
    """

    scope: Scope
    is_current: bool
    found: Response
    result: cri.CriResult
    low: float | None
    high: float | None
    factors: tuple[Factor, ...]
    skills: tuple[SkillLine, ...]
    enterprises: tuple[EnterpriseLine, ...]
    history: tuple[tuple[date, float], ...]
    prior_loss: float
    chance: Chance
    sensitivity: tuple[cri.SensitivityRow, ...]


def result_of(found: Response, scope: Scope) -> cri.CriResult | None:
    """The result in which only what the scope asks about weighs; None for an enterprise without demand.

    Of an enterprise it has two rows, itself and all others together: these weigh nothing, but the level that is usually
    asked for a skill is theirs too.
    """
    if scope.enterprise is None:
        return found.result
    if scope.enterprise not in found.enterprises:
        return None
    at = found.enterprises.index(scope.enterprise)
    if math.isnan(found.result.by_enterprise[at]):
        return None
    inputs = found.result.inputs
    others = np.delete(inputs.demand, at, axis=0).sum(axis=0)
    asked = replace(inputs.requirements, enterprise=(inputs.requirements.enterprise != at).astype(np.int64))
    return cri.corporate_response(
        replace(
            inputs,
            demand=np.stack([inputs.demand[at], others]),
            enterprise_weight=np.array([1.0, 0.0]),
            requirements=asked,
        )
    )


def _ends(reading: Reading, at: int | None) -> tuple[float | None, float | None]:
    low, high = reading.ends if at is None else (float(reading.bounds.low[at]), float(reading.bounds.high[at]))
    return None if math.isnan(low) else low, None if math.isnan(high) else high


def index_page(day: date, scope: Scope, *, actor: Any = None) -> IndexPage | None:
    """The index on a day, or the last one kept; None where there is none (see `readings.current` for why).

    Where it is of the past, a task for the next one is started in the name of `actor`.
    """
    now = readings.current(day, scope.programme, actor=actor)
    reading, found = now.reading, now.found
    result = result_of(found, scope) if found else None
    if reading is None or found is None or result is None:
        return None
    at = found.enterprises.index(scope.enterprise) if scope.enterprise is not None else None
    low, high = _ends(reading, at)
    losses, means = result.community_factor_loss, result.community_factors
    exponents = result.inputs.definition.exponents
    factors = tuple(
        Factor(name, float(means[at]), float(exponents[at]), float(losses[at])) for at, name in enumerate(cri.FACTORS)
    )
    own = at is not None
    return IndexPage(
        scope,
        now.is_current,
        found,
        result,
        low,
        high,
        factors,
        _skills(found, result),
        _enterprises(found, reading) if scope == Scope() else (),
        tuple(
            (then.day, float(then.cri if at is None else then.by_enterprise[at]))
            for then in reading.past
            if at is None or not math.isnan(then.by_enterprise[at])
        ),
        result.prior_loss,
        readings.chance_of(result, data_state()) if own else reading.chance,
        cri.sensitivity(result).rows if own else reading.sensitivity,
    )


def _skills(found: Response, result: cri.CriResult) -> tuple[SkillLine, ...]:
    labels = demand.catalogue().skills
    weight = np.nan_to_num(result.weight)
    shares = np.nan_to_num(result.demand_share) * weight[:, None]
    share = shares.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        asked = np.nan_to_num((shares * result.required_level).sum(axis=0) / share)
    lines = [
        SkillLine(
            skill=labels[key],
            share=float(share[at]),
            level=float(result.inputs.teaching.level[at]),
            level_asked=round(float(asked[at]), 2),
            coverage=float(result.inputs.teaching.coverage[at]),
            practice=float(result.inputs.teaching.practice[at]),
            lag=float(found.result.inputs.teaching.lag[at]),
            lag_is_at_least=bool(found.lag_at_start[at]),
            is_taught=key in found.taught,
            cost=float(result.skill_loss[at]),
        )
        for at, key in enumerate(found.skills)
        if key in labels and share[at] > 0
    ]
    return tuple(sorted(lines, key=lambda line: (-line.cost, -line.share, line.skill.code)))


def _enterprises(found: Response, reading: Reading) -> tuple[EnterpriseLine, ...]:
    bounds = reading.bounds

    def end(value: float) -> float | None:
        return None if math.isnan(value) else float(value)

    lines = [
        EnterpriseLine(
            key,
            float(found.result.by_enterprise[at]),
            end(bounds.low[at]),
            end(bounds.high[at]),
            float(found.result.weight[at]),
        )
        for at, key in enumerate(found.enterprises)
        if not math.isnan(found.result.by_enterprise[at])
    ]
    return tuple(sorted(lines, key=lambda line: line.value))


def requirement_lines(user: Any, page: IndexPage, limit: int) -> list[RequirementLine]:
    """The requirements that cost most by waiting, as far as `user` may see them: one query."""
    losses: Sequence[float] = page.result.requirement_loss.tolist()
    days = page.result.inputs.requirements.days.tolist()
    place = {key: at for at, key in enumerate(page.found.requirement_keys)}
    rows = Requirement.objects.visible_to(user).filter(pk__in=place).select_related("organisation", "skill")
    if page.scope.enterprise is not None:
        rows = rows.filter(organisation=page.scope.enterprise)
    lines = [RequirementLine(row, int(days[place[row.pk]]), losses[place[row.pk]]) for row in rows]
    return sorted(lines, key=lambda line: (-line.cost, -line.days, line.requirement.pk))[:limit]
