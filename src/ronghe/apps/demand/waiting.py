"""How long requirements wait for the office: the figures behind `demand.requirements.*`."""

from statistics import median
from typing import Any

from ronghe.apps.demand.models import Requirement
from ronghe.apps.metrics.measurement import Measurement, Records, Unit, Window

_MODEL = "demand.requirement"


def _known(window: Window) -> dict[str, Any]:
    filters = {"raised_on__lte": window.end.isoformat()}
    if window.known_at is not None:
        filters["recorded_at__lte"] = window.known_at.isoformat()
    return filters


def waiting_requirements(window: Window) -> Measurement:
    """How many requirements waited for an answer on the last day of `window`: one query."""
    filters = _known(window) | {"waits_until__gt": window.end.isoformat()}
    keys = list(Requirement.objects.filter(**filters).values_list("pk", flat=True))
    return Measurement(
        value=len(keys),
        unit=Unit.COUNT,
        as_of=window.end,
        definition="demand.requirements.open@1",
        count=len(keys),
        records=Records.of(_MODEL, filters, keys),
    )


def waiting_days(window: Window) -> Measurement:
    """The median of the days that requirements waited until they were answered or closed: one query."""
    filters = _known(window) | {"waits_until__gte": window.start.isoformat()}
    rows = list(Requirement.objects.filter(**filters).values_list("pk", "raised_on", "waits_until"))
    days = [(min(until, window.end) - raised).days for _key, raised, until in rows]
    return Measurement(
        value=float(median(days)) if days else None,
        unit=Unit.DAYS,
        as_of=window.end,
        definition="demand.requirements.waiting_days@1",
        count=len(days),
        records=Records.of(_MODEL, filters, [row[0] for row in rows]),
    )
