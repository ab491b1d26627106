"""What the pool measures, by name: projects that went into use within two years, what stands in it, what it earned."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Records, Unit, Window
from ronghe.apps.metrics.records import RecordColumn, show_records
from ronghe.apps.metrics.registry import metric
from ronghe.apps.pool.models import Asset, Conversion, ConversionState, Income, Project
from ronghe.apps.pool.models.income import FEN

# Projects closed longer ago say nothing of how the community converts today.
_LOOKS_BACK_YEARS = 5
_MONTHS_A_YEAR = 12
_LONGEST_MONTH = 31


def months_between(first: date, last: date) -> float:
    """Calendar months from a day to a later one: whole months, and the days after them as parts of 31."""
    whole = (last.year - first.year) * _MONTHS_A_YEAR + last.month - first.month
    days = last.day - first.day
    if days < 0:
        whole -= 1
        end_of_month_before = last.replace(day=1) - timedelta(days=1)
        days = last.day + max(0, end_of_month_before.day - first.day)
    return whole + days / _LONGEST_MONTH


def _known(window: Window) -> str | None:
    return window.known_at.isoformat() if window.known_at else None


def _closed(window: Window) -> dict[str, Any]:
    """The projects that are counted, as lookups: closed in the five years up to the end of the window."""
    earliest = date(window.end.year - _LOOKS_BACK_YEARS, window.end.month, 1)
    return {
        "closed_on__range": [earliest.isoformat(), window.end.isoformat()],
        "closed_recorded_at__lte": _known(window),
    }


def _first_conversions(projects: Sequence[int], window: Window) -> dict[int, date]:
    """The day of the first confirmed conversion of each project that had one by the end of the window; one query."""
    confirmed = Conversion.objects.filter(
        Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=window.known_at),
        asset__project__in=projects,
        state=ConversionState.CONFIRMED,
        decided_at__lte=window.known_at,
        happened_on__lte=window.end,
    )
    first: dict[int, date] = {}
    for project, day in confirmed.values_list("asset__project", "happened_on"):
        first[project] = min(day, first.get(project, day))
    return first


@metric(
    "pool.conversion_rate",
    unit=Unit.SHARE,
    label=_("Technology conversion rate"),
    definition=_(
        "1 − S(24 months) by Kaplan–Meier, of the time from the close of a project to the first adoption, licence or "
        "transfer of anything it made that the adopting organisation confirmed. Counted are projects closed in the "
        "five years up to the day; those not converted by then are censored on it, so that young ones neither help nor "
        "harm. A conversion before the close counts at the close. Interval: Greenwood, log-log; below five projects, "
        "no data."
    ),
    source="Kaplan–Meier, JASA 53 (1958) 457–481; Greenwood, 1926",
)
def conversion_rate(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    # numpy and scipy are loaded only where the number is asked for.
    from ronghe.methods.indicators import technology_conversion
    from ronghe.methods.survival import Durations

    found = Project.objects.filter(**_closed(window)).values_list("pk", "closed_on")
    closed = {project: day for project, day in found if day is not None}
    first = _first_conversions(list(closed), window)
    value = low = high = None
    if closed:
        times = [
            months_between(day, max(day, first[project])) if project in first else months_between(day, window.end)
            for project, day in closed.items()
        ]
        estimate = technology_conversion(Durations(times, [project in first for project in closed])).estimate
        value, low, high = estimate.value, estimate.low, estimate.high
    return {
        COMMUNITY: Measurement(
            value=value,
            unit=Unit.SHARE,
            as_of=window.end,
            definition="pool.conversion_rate@1",
            count=len(closed),
            low=low,
            high=high,
            records=Records.of("pool.project", _closed(window), closed),
        )
    }


@metric(
    "pool.assets",
    unit=Unit.COUNT,
    label=_("Assets in the pool"),
    definition=_("Assets recorded by the end of the last day of the period that had not lapsed by then."),
)
def assets(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    standing: dict[str, Any] = {"recorded_at__date__lte": window.end.isoformat(), "recorded_at__lte": _known(window)}
    found = Asset.objects.filter(**standing).filter(Q(lapsed_on__isnull=True) | Q(lapsed_on__gt=window.end))
    keys = list(found.order_by().values_list("pk", flat=True))
    return {
        COMMUNITY: Measurement(
            value=len(keys),
            unit=Unit.COUNT,
            as_of=window.end,
            definition="pool.assets@1",
            count=len(keys),
            records=Records.of("pool.asset", {"pk__in": keys}, keys),
        )
    }


@metric(
    "pool.income",
    unit=Unit.YUAN,
    label=_("Income of the pool"),
    definition=_("Yuan received for assets in the period, less what was reversed."),
)
def income(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    received = {
        "received_on__range": [window.start.isoformat(), window.end.isoformat()],
        "recorded_at__lte": _known(window),
    }
    rows = list(Income.objects.filter(**received).order_by().values_list("pk", "fen"))
    return {
        COMMUNITY: Measurement(
            value=sum(fen for _key, fen in rows) / FEN,
            unit=Unit.YUAN,
            as_of=window.end,
            definition="pool.income@1",
            count=len(rows),
            records=Records.of("pool.income", received, [key for key, _fen in rows]),
        )
    }


show_records(
    "pool.project",
    columns=[
        RecordColumn(_("Project"), lambda project: project.name, url=lambda project: project.get_absolute_url()),
        RecordColumn(_("Lead organisation"), lambda project: project.host),
        RecordColumn(_("Closing day"), lambda project: project.closed_on),
        RecordColumn(_("First conversion"), lambda project: project.first_conversion() or "—"),
    ],
    related=["host"],
)
show_records(
    "pool.asset",
    columns=[
        RecordColumn(_("Asset"), lambda asset: asset.name, url=lambda asset: asset.get_absolute_url()),
        RecordColumn(_("Kind"), lambda asset: asset.get_kind_display()),
        RecordColumn(_("Registered number"), lambda asset: asset.number or "—"),
        RecordColumn(_("Project"), lambda asset: asset.project, url=lambda asset: asset.project.get_absolute_url()),
    ],
    related=["project"],
)
show_records(
    "pool.income",
    columns=[
        RecordColumn(_("Asset"), lambda row: row.asset, url=lambda row: row.asset.get_absolute_url()),
        RecordColumn(_("Received on"), lambda row: row.received_on),
        RecordColumn(_("Kind"), lambda row: row.get_kind_display()),
        RecordColumn(_("Voucher"), lambda row: row.document),
        RecordColumn(_("Yuan"), lambda row: row.amount),
    ],
    related=["asset"],
)
