"""The CRI as a page shows it: for the community, a programme or one enterprise, with what explains the number."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from ronghe.apps.curriculum import response
from ronghe.apps.curriculum.response import Response
from ronghe.apps.demand import selectors as demand
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
    """Everything beside the number. `result` is the enterprise's own where the scope is one enterprise."""

    scope: Scope
    found: Response
    result: cri.CriResult
    low: float | None
    high: float | None
    factors: tuple[Factor, ...]
    skills: tuple[SkillLine, ...]
    enterprises: tuple[EnterpriseLine, ...]
    history: tuple[tuple[date, float], ...]
    prior_loss: float


def result_of(found: Response, scope: Scope) -> cri.CriResult | None:
    """The result in which only what the scope asks about weighs; None for an enterprise without demand."""
    if scope.enterprise is None:
        return found.result
    if scope.enterprise not in found.enterprises:
        return None
    at = found.enterprises.index(scope.enterprise)
    if math.isnan(found.result.by_enterprise[at]):
        return None
    weight = np.zeros(len(found.enterprises))
    weight[at] = 1.0
    return cri.corporate_response(replace(found.result.inputs, enterprise_weight=weight))


def _bounds(found: Response, scope: Scope) -> tuple[float | None, float | None]:
    low: float
    high: float
    if scope.enterprise is None:
        interval = response.interval(found)
        low, high = interval.low, interval.high
    else:
        at = found.enterprises.index(scope.enterprise)
        bounds = response.enterprise_intervals(found)
        low, high = float(bounds.low[at]), float(bounds.high[at])
    return None if math.isnan(low) else low, None if math.isnan(high) else high


def index_page(day: date, scope: Scope) -> IndexPage | None:
    """The index on a day; None where there is none to compute (see `response.response` for why)."""
    answer = response.response(day, scope.programme)
    result = result_of(answer.found, scope) if answer.found else None
    if answer.found is None or result is None:
        return None
    found = answer.found
    low, high = _bounds(found, scope)
    losses, means = result.community_factor_loss, result.community_factors
    exponents = result.inputs.definition.exponents
    factors = tuple(
        Factor(name, float(means[at]), float(exponents[at]), float(losses[at])) for at, name in enumerate(cri.FACTORS)
    )
    past = response.history(day, scope.programme)
    at = found.enterprises.index(scope.enterprise) if scope.enterprise is not None else None
    return IndexPage(
        scope,
        found,
        result,
        low,
        high,
        factors,
        _skills(found, result),
        _enterprises(found) if scope == Scope() else (),
        tuple(
            (one, float(then.result.cri if at is None else then.result.by_enterprise[at]))
            for one, then in past
            if at is None or not math.isnan(then.result.by_enterprise[at])
        ),
        result.prior_loss,
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
            lag=float(found.lags.lag[at]),
            lag_is_at_least=bool(found.lags.at_start[at]),
            is_taught=key in found.taught,
            cost=float(result.skill_loss[at]),
        )
        for at, key in enumerate(found.skills)
        if key in labels and share[at] > 0
    ]
    return tuple(sorted(lines, key=lambda line: (-line.cost, -line.share, line.skill.code)))


def _enterprises(found: Response) -> tuple[EnterpriseLine, ...]:
    bounds = response.enterprise_intervals(found)

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
