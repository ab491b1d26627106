"""When machines are open, taken and free: weekly hours, exceptions, holidays and maintenance laid over each other."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from ronghe.apps.sites.models import (
    Booking,
    CalendarException,
    Machine,
    Maintenance,
    OpeningHours,
    PublicHoliday,
    Site,
)
from ronghe.apps.sites.zones import at_minute, day_span
from ronghe.methods.overlaps import Span, clipped, merged, without

A_DAY = timedelta(days=1)
# A weekend day that is worked in exchange for a holiday is open as on a Monday, unless the site says otherwise.
MONDAY = 0

Minutes = tuple[int, int]


@dataclass(frozen=True, slots=True)
class OpenDay:
    """The hours of one day at a place, and why they are not the usual ones."""

    day: date
    spans: tuple[Minutes, ...]
    why: str = ""


class Calendar:
    """The calendars of some machines over some days, read once; five queries whatever the number of machines."""

    def __init__(
        self, machines: Iterable[Machine], first: date, last: date, *, known_at: datetime | None = None
    ) -> None:
        self.machines = list(machines)
        # What opens the evening before reaches into the first day.
        self.first, self.last = first, last
        begin = first - A_DAY
        sites = {machine.site_id for machine in self.machines}
        self.sites: dict[int, Site] = {site.pk: site for site in Site.objects.filter(pk__in=sites)}
        keys = {machine.pk for machine in self.machines}
        ours = Q(machine__isnull=True) | Q(machine__in=keys)
        self._weekly: dict[tuple[int, int | None], list[OpeningHours]] = defaultdict(list)
        hours = OpeningHours.objects.during(begin, last, known_at=known_at).filter(ours, site__in=sites)
        for row in hours.order_by("opens"):
            self._weekly[row.site_id, row.machine_id].append(row)
        self._exceptions: dict[tuple[int, int | None, date], list[CalendarException]] = defaultdict(list)
        exceptions = CalendarException.objects.filter(ours, site__in=sites, day__range=(begin, last))
        if known_at is None:
            exceptions = exceptions.filter(withdrawn_at__isnull=True)
        else:
            stood = Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=known_at)
            exceptions = exceptions.filter(stood, recorded_at__lte=known_at)
        for exception in exceptions.order_by("opens"):
            self._exceptions[exception.site_id, exception.machine_id, exception.day].append(exception)
        self._holidays = {one.day: one for one in PublicHoliday.objects.filter(day__range=(begin, last))}
        self._maintenance: dict[int, list[Span]] = defaultdict(list)
        away = Maintenance.objects.filter(machine__in=keys)
        if known_at is None:
            away = away.standing()
        else:
            called_off = Q(called_off_at__isnull=True) | Q(called_off_at__gt=known_at)
            away = away.filter(called_off, recorded_at__lte=known_at)
        if self.sites:
            zones = [site.zone_info for site in self.sites.values()]
            start = min(day_span(begin, last, zone)[0] for zone in zones)
            end = max(day_span(begin, last, zone)[1] for zone in zones)
            away = away.filter(starts_at__lt=end, ends_at__gt=start)
        for key, starts_at, ends_at in away.values_list("machine", "starts_at", "ends_at"):
            self._maintenance[key].append((starts_at, ends_at))
        self._moments: dict[tuple[str, date, int], datetime] = {}

    def day(self, site: Site, machine: Machine | None, day: date) -> OpenDay:
        """The hours of a site on a day, or of one machine that may keep hours of its own."""
        key = machine.pk if machine is not None else None
        for owner in (key, None) if key is not None else (None,):
            if found := self._exceptions.get((site.pk, owner, day)):
                spans = tuple((one.opens, one.closes) for one in found if one.opens is not None and one.closes)
                return OpenDay(day, spans, found[0].reason)
        weekday, why = day.weekday(), ""
        if site.keeps_holidays and (holiday := self._holidays.get(day)) is not None:
            why = holiday.name
            if not holiday.is_working_day:
                return OpenDay(day, (), why)
            weekday = MONDAY
        own = [row for row in self._weekly[site.pk, key] if row.holds_on(day)] if key is not None else []
        rows = own or [row for row in self._weekly[site.pk, None] if row.holds_on(day)]
        return OpenDay(day, tuple((row.opens, row.closes) for row in rows if row.weekday == weekday), why)

    def _at(self, day: date, minute: int, zone: ZoneInfo) -> datetime:
        key = (zone.key, day, minute)
        if key not in self._moments:
            self._moments[key] = at_minute(day, minute, zone)
        return self._moments[key]

    def hours(self, machine: Machine) -> list[Span]:
        """When a machine is open by its calendar, maintenance not yet taken away."""
        site = self.sites[machine.site_id]
        zone = site.zone_info
        spans = []
        day = self.first - A_DAY
        while day <= self.last:
            stands = machine.in_use_from <= day and (machine.in_use_until is None or day < machine.in_use_until)
            if stands and (site.closed_on is None or day < site.closed_on):
                for opens, closes in self.day(site, machine, day).spans:
                    spans.append((self._at(day, opens, zone), self._at(day, closes, zone)))
            day += A_DAY
        return clipped(spans, *day_span(self.first, self.last, zone))

    def maintenance(self, machine: Machine) -> list[Span]:
        """When a machine is away for maintenance."""
        return merged(self._maintenance[machine.pk])

    def open(self, machine: Machine) -> list[Span]:
        """When a machine can be used: open, and not away for maintenance."""
        return without(self.hours(machine), self._maintenance[machine.pk])


def open_intervals(
    machines: Iterable[Machine], first: date, last: date, *, known_at: datetime | None = None
) -> dict[int, list[Span]]:
    """By machine, when it can be used from `first` to `last` (days of its site, both included): moments in UTC.

    That is its calendar less maintenance, whether it is booked or not; `free_intervals` leaves out what is taken.
    """
    calendar = Calendar(machines, first, last, known_at=known_at)
    return {machine.pk: calendar.open(machine) for machine in calendar.machines}


def taken(machines: Iterable[Machine], start: datetime, end: datetime) -> dict[int, list[Span]]:
    """By machine, when somebody holds it between two moments; whose it is stays with `Booking.visible_to`."""
    found: dict[int, list[Span]] = {machine.pk: [] for machine in machines}
    rows = Booking.objects.holding().during(start, end).filter(machine__in=found).order_by("starts_at")
    for key, starts_at, ends_at in rows.values_list("machine", "starts_at", "ends_at"):
        found[key].append((starts_at, ends_at))
    return found


def free_intervals(machines: Sequence[Machine], first: date, last: date) -> dict[int, list[Span]]:
    """By machine, when it is open, nobody holds it, and the time has not passed, by days of its site."""
    free: Mapping[int, list[Span]] = open_intervals(machines, first, last)
    ends = [span[-1][1] for span in free.values() if span]
    starts = [span[0][0] for span in free.values() if span]
    if not starts:
        return dict(free)
    held = taken(machines, min(starts), max(ends))
    passed = (min(starts), timezone.now())
    return {key: without(spans, [*held[key], passed]) for key, spans in free.items()}
