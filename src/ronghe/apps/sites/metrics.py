"""What sites can measure, by name: how much machines are used, of a declared time; and where study meets work."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_stubs_ext import StrPromise

from ronghe.apps.community.models import CohortMembership
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Records, Unit, Window
from ronghe.apps.metrics.records import RecordColumn, show_records
from ronghe.apps.metrics.registry import metric
from ronghe.apps.sites.models import BookingState, Machine
from ronghe.apps.sites.selectors.conflicts import overlapping, weeks_of
from ronghe.apps.sites.selectors.utilisation import Use, use_of
from ronghe.apps.sites.zones import day_span
from ronghe.methods.overlaps import Span, conflict_share

_BOOKING = "sites.booking"
_OVERLAP = "sites.overlap"

Of = Callable[[Use], tuple[float, float | None]]


def _over(window: Window, machines: Iterable[Machine]) -> Span:
    """The moments between which days of the window are over, by the clock of the machines' sites if they share one."""
    zones = {machine.site.zone for machine in machines}
    zone = ZoneInfo(zones.pop() if len(zones) == 1 else settings.TIME_ZONE)
    known_at = window.known_at or timezone.now()
    return day_span(window.start, min(window.end, known_at.astimezone(zone).date() - timedelta(days=1)), zone)


def _lookups(window: Window, span: Span, **more: Any) -> dict[str, Any]:
    """Bookings used between two moments as known in a window, as lookups."""
    known_at = (window.known_at or timezone.now()).isoformat()
    return {
        "state": BookingState.ATTENDED.value,
        "checked_in_at__lte": known_at,
        "recorded_at__lte": known_at,
        "starts_at__lt": span[1].isoformat(),
        "ends_at__gt": span[0].isoformat(),
        **more,
    }


def _of_open(use: Use) -> tuple[float, float | None]:
    return use.used_while_open, use.available


def _of_declared(use: Use) -> tuple[float, float | None]:
    return use.used, use.declared


def _measured(
    name: str, groups: Mapping[int, list[Machine]], window: Window, column: str, of: Of
) -> dict[int, Measurement]:
    """One measurement a group of machines: hours used ÷ hours of the declared time, over all of its machines."""
    every = {machine.pk: machine for group in groups.values() for machine in group}
    uses = use_of(every.values(), window.start, window.end, known_at=window.known_at)
    found = {}
    for subject, group in groups.items():
        parts = [(uses[machine.pk], *of(uses[machine.pk])) for machine in group]
        counted = [(use, used, available) for use, used, available in parts if available]
        used = sum(one[1] for one in counted)
        available = sum(one[2] or 0.0 for one in counted)
        more = {} if subject == COMMUNITY else {column: subject}
        start, end = _over(window, group)
        rows = (one for use, _used, _available in parts for one in use.bookings)
        keys = {key for key, (starts_at, ends_at) in rows if starts_at < end and ends_at > start}
        found[subject] = Measurement(
            value=used / available if available else None,
            unit=Unit.SHARE,
            as_of=window.end,
            definition=f"{name}@1",
            count=len(counted),
            numerator=used,
            denominator=available,
            records=Records.of(_BOOKING, _lookups(window, (start, end), **more), keys),
        )
    return found


def _by(subjects: Iterable[int], column: str) -> dict[int, list[Machine]]:
    groups: dict[int, list[Machine]] = {subject: [] for subject in subjects}
    for machine in Machine.objects.select_related("site").filter(**{f"{column}__in": list(groups)}):
        groups[getattr(machine, "pk" if column == "pk" else f"{column}_id")].append(machine)
    return groups


_OPEN = _(
    "Hours in which machines were used, as another party checked in or their log says, within their opening hours ÷ "
    "opening hours less maintenance, over days that are over. The denominator is what the calendar of each machine "
    "says, not the 24 hours of the day."
)
_DECLARED = _(
    "Hours in which machines were used ÷ the hours a day that were declared for each machine (a window such as 22 "
    "hours) times the days that are over. Maintenance is not taken away. Machines without a declared window do not "
    "count."
)

_LABELS: tuple[tuple[str, str, str, StrPromise, StrPromise], ...] = (
    ("sites.machine_utilisation", "sites.Machine", "pk", _("Utilisation of a machine"), _OPEN),
    ("sites.family_utilisation", "sites.MachineFamily", "family", _("Utilisation of a machine family"), _OPEN),
    ("sites.site_utilisation", "sites.Site", "site", _("Utilisation of a site"), _OPEN),
    ("sites.machine_declared_utilisation", "sites.Machine", "pk", _("Use of a machine's declared window"), _DECLARED),
    ("sites.site_declared_utilisation", "sites.Site", "site", _("Use of the declared windows of a site"), _DECLARED),
)
_LOOKUP = {"pk": "machine", "family": "machine__family", "site": "machine__site"}


def _register(name: str, subject: str, column: str, label: StrPromise, definition: StrPromise) -> None:
    of = _of_declared if definition is _DECLARED else _of_open

    @metric(name, unit=Unit.SHARE, subject=subject, label=label, definition=definition)
    def measured(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
        return _measured(name, _by(subjects, column), window, _LOOKUP[column], of)


for _row in _LABELS:
    _register(*_row)


@metric("sites.utilisation", unit=Unit.SHARE, label=_("Utilisation of machines"), definition=_OPEN)
def utilisation(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return _measured(
        "sites.utilisation", {COMMUNITY: list(Machine.objects.select_related("site"))}, window, "", _of_open
    )


@metric(
    "sites.declared_utilisation", unit=Unit.SHARE, label=_("Use of machines' declared windows"), definition=_DECLARED
)
def declared_utilisation(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    machines = list(Machine.objects.select_related("site"))
    return _measured("sites.declared_utilisation", {COMMUNITY: machines}, window, "", _of_declared)


_CONFLICT = _(
    "Student-weeks in which study and work of the student are booked for the same time, ways between campuses "
    "included ÷ student-weeks with study or work booked. Study: class sessions of the timetable; work: bookings of "
    "machines and placements. The interval counts the weeks of one student as resembling each other."
)


def _known(first: date, last: date, known_at: datetime | None) -> dict[str, Any]:
    known = (known_at or timezone.now()).isoformat()
    return {"starts_at__date__range": [first.isoformat(), last.isoformat()], "noted_at__lte": known}


def _conflict(name: str, window: Window, cohort: int | None = None) -> Measurement:
    weeks = weeks_of(window.start, window.end, known_at=window.known_at, cohorts=None if cohort is None else [cohort])
    estimate = conflict_share(list(weeks.values()))
    rows = overlapping(window.start, window.end, window.known_at).filter(person__in=weeks)
    keys = list(rows.values_list("pk", flat=True))
    lookups = _known(window.start, window.end, window.known_at) | {"pk__in": keys}
    return Measurement(
        value=estimate.value,
        unit=Unit.SHARE,
        as_of=window.end,
        definition=f"{name}@1",
        count=estimate.count,
        low=estimate.low,
        high=estimate.high,
        numerator=sum(one.meeting for one in weeks.values()),
        denominator=sum(one.engaged for one in weeks.values()),
        records=Records.of(_OVERLAP, lookups, keys),
    )


@metric("sites.study_work_conflict", unit=Unit.SHARE, label=_("Study–work conflict"), definition=_CONFLICT)
def study_work_conflict(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return {COMMUNITY: _conflict("sites.study_work_conflict", window)}


@metric(
    "sites.cohort_study_work_conflict",
    unit=Unit.SHARE,
    subject="community.Cohort",
    label=_("Study–work conflict of a cohort"),
    definition=_CONFLICT,
)
def cohort_study_work_conflict(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    taken = set(
        CohortMembership.objects.during(window.start, window.end, known_at=window.known_at)
        .filter(cohort__in=list(subjects))
        .values_list("cohort", flat=True)
    )
    return {one: _conflict("sites.cohort_study_work_conflict", window, one) for one in subjects if one in taken}


show_records(
    _BOOKING,
    columns=[
        RecordColumn(_("Machine"), lambda one: one.machine, url=lambda one: one.machine.get_absolute_url()),
        RecordColumn(_("From"), lambda one: one.starts_at),
        RecordColumn(_("Until"), lambda one: one.ends_at),
        RecordColumn(_("Hours used"), lambda one: round(one.hours, 2)),
        RecordColumn(_("How it came about"), lambda one: one.get_source_display()),
    ],
    related=("machine__site",),
)
show_records(
    _OVERLAP,
    columns=[
        RecordColumn(_("Student"), lambda one: one.person.name),
        RecordColumn(_("From"), lambda one: one.starts_at),
        RecordColumn(_("Until"), lambda one: one.ends_at),
        RecordColumn(_("Study"), lambda one: one.session.course, url=lambda one: reverse("sites:overlaps")),
        RecordColumn(pgettext_lazy("overlap", "Work"), lambda one: one.label),
    ],
    related=("person", "session"),
    personal=True,
)
