"""Which units are due for renewal: their content is older than six months, or a skill of theirs lags; dearest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from ronghe.apps.curriculum import readings, response
from ronghe.apps.curriculum.metrics import RENEWED_WITHIN_MONTHS, renewal_day
from ronghe.apps.curriculum.models import Unit
from ronghe.apps.curriculum.models.versions import in_force
from ronghe.apps.demand.figures import shift_month

# From so many months on between demand and first release a skill is said to lag.
LAG_FROM_MONTHS = 6.0
# A level asked on average so little above the one taught is the same level.
LEVEL_TOLERANCE = 0.25


@dataclass(frozen=True, slots=True)
class LaggingSkill:
    """A skill of a unit that is taught later or lower than asked: both levels, the months, and the CRI it costs."""

    name: str
    code: str
    level: int
    level_asked: float
    lag_months: float
    cost: float


@dataclass(frozen=True, slots=True)
class DueUnit:
    """A unit, the day from which its content is too old, the skills that lag, and the points of CRI it costs.

    `cost` is the unit's part, by its hours, of what each of its skills costs the CRI; None while there is no CRI.
    """

    unit: Unit
    due_on: date
    is_old: bool
    lagging: tuple[LaggingSkill, ...]
    cost: float | None


def _months_later(day: date) -> date:
    first = shift_month(day, RENEWED_WITHIN_MONTHS)
    last = shift_month(first, 1) - timedelta(days=1)
    return first.replace(day=min(day.day, last.day))


def due_units(
    user: Any, day: date | None = None, *, organisations: Sequence[int] | None = None, all_units: bool = False
) -> list[DueUnit]:
    """The units in force that are due on `day` (today), of some universities or of all; `all_units`: the rest too."""
    day = day or timezone.localdate()
    units = (
        Unit.objects.visible_to(user)
        .filter(**in_force(day, prefix="version__"))
        .select_related("version__package__course__programme__organisation")
        .prefetch_related("declarations__skill")
    )
    if organisations is not None:
        units = units.filter(version__package__course__programme__organisation__in=organisations)
    found = readings.current(day, actor=user).found
    position = {skill: number for number, skill in enumerate(found.skills)} if found else {}
    old_before = renewal_day(day)
    rows = []
    for unit in units:
        cost = 0.0
        lagging = []
        for one in unit.declarations.all():
            at = position.get(one.skill_id)
            taught = found.taught.get(one.skill_id) if found else None
            if found is None or at is None or taught is None:
                continue
            part = float(found.result.skill_loss[at]) * float(one.hours) / taught.hours
            cost += part
            asked = _level_asked(found, at)
            lag = float(found.result.inputs.teaching.lag[at])
            if lag >= LAG_FROM_MONTHS or taught.level < asked - LEVEL_TOLERANCE:
                skill = one.skill
                lagging.append(LaggingSkill(skill.name, skill.code, taught.level, asked, lag, part))
        is_old = unit.renewed_on is not None and unit.renewed_on <= old_before
        if all_units or is_old or lagging:
            lagging.sort(key=lambda skill: -skill.cost)
            due = _months_later(unit.renewed_on) if unit.renewed_on else day
            rows.append(DueUnit(unit, due, is_old, tuple(lagging), cost if found else None))
    return sorted(rows, key=lambda row: (-(row.cost or 0.0), row.due_on, row.unit.pk))


def _level_asked(found: response.Response, at: int) -> float:
    """The level that the enterprises asking for a skill ask for, each by its weight; 0 where nobody does."""
    share = found.result.demand_share[:, at] * np.nan_to_num(found.result.weight)
    share = np.nan_to_num(share)
    total = float(share.sum())
    return round(float((share * found.result.required_level[:, at]).sum() / total), 2) if total else 0.0
