"""Numbers for programs: every metric with its definition, and its value in a window."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.ledger.answers import Problem
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Window
from ronghe.apps.metrics.permission import demand_registry, subjects

router = Router(tags=["metrics"])

LARGEST_ANSWER = 200
# A year before this day need not exist in the calendar.
EARLIEST = date(1900, 1, 1)


class MetricOut(Schema):
    """A metric and what it means. `subject` is a kind of record, or empty for the community as a whole."""

    name: str
    version: int
    unit: str
    subject: str
    label: str
    definition: str
    source: str


class WindowQuery(Schema):
    """The days measured, both included, and which records to measure: at most 200."""

    start: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")
    subject: list[int] = []


class MeasurementOut(Schema):
    """One number. `value` null means "no data". `records` opens what was counted, as far as you may see it."""

    subject: int
    value: float | None
    unit: str
    low: float | None
    high: float | None
    numerator: float | None
    denominator: float | None
    count: int
    as_of: date
    definition: str
    records: str
    digest: str


class MeasuredOut(Schema):
    """A metric's numbers in a window."""

    metric: MetricOut
    start: date
    end: date
    measurements: list[MeasurementOut]


def _metric_out(metric: registry.Metric) -> MetricOut:
    return MetricOut(
        name=metric.name,
        version=metric.version,
        unit=metric.unit.value,
        subject=metric.subject,
        label=str(metric.label),
        definition=str(metric.definition),
        source=metric.source,
    )


def _measurement_out(subject: int, measurement: Measurement) -> MeasurementOut:
    return MeasurementOut(
        subject=subject,
        value=measurement.value,
        unit=measurement.unit.value,
        low=measurement.low,
        high=measurement.high,
        numerator=measurement.numerator,
        denominator=measurement.denominator,
        count=measurement.count,
        as_of=measurement.as_of,
        definition=measurement.definition,
        records=measurement.url,
        digest=measurement.records.digest if measurement.records else "",
    )


@router.get("", response={200: list[MetricOut], 403: Problem}, summary="Every metric with its definition")
def list_metrics(request: HttpRequest) -> Any:
    """The registry."""
    demand_registry(request.user)
    return [_metric_out(metric) for metric in registry.all_metrics()]


@router.get(
    "/{name}",
    response={200: MeasuredOut, 403: Problem, 404: Problem, 422: Problem},
    summary="A metric's value in a window",
)
def measure(request: HttpRequest, name: str, query: Query[WindowQuery]) -> Any:
    """The last year when no window is asked for; all that you may see (the first 200) when no subject is."""
    demand_registry(request.user)
    try:
        metric = registry.get(name)
    except registry.UnknownMetric:
        return Status(404, {"detail": _("No station measures this. The registry lists what is measured.")})
    last = query.end or timezone.localdate()
    first = query.start or (last - timedelta(days=365) if last > EARLIEST else last)
    if first > last:
        return Status(422, {"detail": _("The first day comes after the last one.")})
    wanted = set(query.subject)
    if len(wanted) > LARGEST_ANSWER:
        return Status(422, {"detail": _("Ask for at most %(limit)s subjects at a time.") % {"limit": LARGEST_ANSWER}})
    if not metric.subject:
        found = [COMMUNITY]
    else:
        visible = subjects(metric, request.user)
        if wanted:
            visible = visible.filter(pk__in=wanted)
        found = list(visible.order_by("pk").values_list("pk", flat=True)[:LARGEST_ANSWER])
        if missing := wanted - set(found):
            return Status(
                404, {"detail": _("No such subject: %(keys)s.") % {"keys": ", ".join(map(str, sorted(missing)))}}
            )
    measured = registry.measure(name, found, Window(first, last))
    return MeasuredOut(
        metric=_metric_out(metric),
        start=first,
        end=last,
        measurements=[_measurement_out(key, measured[key]) for key in found],
    )
