"""What training knows about people's time: a student is at work on the days and hours of a placement."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ronghe.apps.sites.engagements import Busy, BusyKind, Remedy, register_busy
from ronghe.apps.sites.models import Overlap, PublicHoliday
from ronghe.apps.training.models import ALL_DAYS, Absence, PlacementState, Stay

PLACEMENTS = "training.placements"
_AT_WORK = (PlacementState.PLANNED, PlacementState.RUNNING)
_DAY = timedelta(days=1)


def days_at_work(days: str, first: date, last: date, holidays: dict[date, bool]) -> Iterator[date]:
    """The days from `first` to `last` that are among the days of the week `days`.

    `holidays` says of public holidays whether the country works on them in exchange: such a weekend day counts for
    whoever works from Monday to Friday. Who is there on all seven days, in shifts, is there on holidays too.
    """
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        works = holidays.get(day)
        if works is False and days != ALL_DAYS:
            continue
        if str(day.isoweekday()) in days or (works and "12345" in days):
            yield day


def holidays_between(first: date, last: date) -> dict[date, bool]:
    """Public holidays, and whether the country works on them in exchange."""
    return dict(PublicHoliday.objects.filter(day__range=(first, last)).values_list("day", "is_working_day"))


def span(day: date, stay: Stay) -> tuple[datetime, datetime]:
    """From when to when somebody is at the host on a day."""
    zone = ZoneInfo(settings.TIME_ZONE)
    return datetime.combine(day, stay.opens, zone), datetime.combine(day, stay.closes, zone)


def busy_of(stay: Stay, first: date, last: date, holidays: dict[date, bool]) -> Iterator[tuple[date, Busy]]:
    """Each day from `first` to `last` on which a stay, kept or only thought of, binds its student."""
    begins = max(first, stay.valid_from)
    ends = last if stay.last_day is None else min(last, stay.last_day)
    placement = stay.placement
    campus = placement.position.campus_id if placement.position is not None else None
    for day in days_at_work(stay.days, begins, ends, holidays):
        start, end = span(day, stay)
        yield (
            day,
            Busy(
                start,
                end,
                BusyKind.WORK,
                f"{placement.work} · {stay.organisation.name}"[:200],
                PLACEMENTS,
                f"{placement.uid}:{stay.organisation_id}:{day}",
                campus,
                stay.organisation_id,
            ),
        )


def at_work(people: Sequence[int], start: datetime, end: datetime) -> Iterator[tuple[int, Busy]]:
    """The days of placements, planned and running, less excused absences and public holidays; three queries."""
    zone = ZoneInfo(settings.TIME_ZONE)
    first, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    stays = Stay.objects.during(first, last).filter(placement__person__in=people, state__in=_AT_WORK)
    rows = list(stays.select_related("placement__position", "organisation").order_by("valid_from", "pk"))
    if not rows:
        return
    away: dict[int, list[tuple[date, date]]] = defaultdict(list)
    excused = Absence.objects.filter(
        placement__in={row.placement_id for row in rows}, is_excused=True, first_day__lte=last, last_day__gte=first
    )
    for placement, since, until in excused.values_list("placement", "first_day", "last_day"):
        away[placement].append((since, until))
    holidays = holidays_between(first, last)
    for stay in rows:
        for day, found in busy_of(stay, first, last, holidays):
            is_away = any(since <= day <= until for since, until in away[stay.placement_id])
            if not is_away and found.end > start and found.start < end and stay.placement.person_id is not None:
                yield stay.placement.person_id, found


def remedy(overlap: Overlap) -> Remedy:
    """Where somebody changes the days of the placement that meets a class."""
    uid = overlap.reference.partition(":")[0]
    return Remedy(_("Change the days at the host"), "training:change", (uid,))


register_busy(PLACEMENTS, kind=BusyKind.WORK, label=_("Placements"), find=at_work, remedy=remedy)
