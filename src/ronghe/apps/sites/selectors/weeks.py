"""A machine's week as a page shows it: day by day what is open, taken, away and free."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from ronghe.apps.sites.models import Booking, Machine
from ronghe.apps.sites.selectors.calendars import Calendar, taken
from ronghe.apps.sites.zones import clock, day_span, wall
from ronghe.methods.overlaps import clipped, shared, total, without

A_DAY = timedelta(days=1)
DAYS = 7


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a day by the clock of the site: `kind` is free, taken, own or maintenance."""

    kind: str
    start: datetime
    end: datetime
    booking: Booking | None = None

    @property
    def until(self) -> str:
        """Its end as a clock shows it; a day ends at 24:00."""
        return "24:00" if self.end.date() > self.start.date() else f"{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day of a machine's week."""

    day: date
    hours: tuple[str, ...]
    why: str
    pieces: tuple[Piece, ...]
    is_today: bool


def monday_of(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


def week_of_machine(user: Any, machine: Machine, monday: date) -> list[DayRow]:
    """Seven days from a Monday; whose a booking is shows where `user` may know it."""
    zone = machine.site.zone_info
    last = monday + (DAYS - 1) * A_DAY
    calendar = Calendar([machine], monday, last)
    opened = calendar.hours(machine)
    away = shared(opened, calendar.maintenance(machine))
    start, end = day_span(monday, last, zone)
    bookings = list(Booking.objects.holding().during(start, end).filter(machine=machine).order_by("starts_at"))
    known = Booking.objects.visible_to(user).filter(pk__in=[one.pk for one in bookings]).select_related("person")
    visible = {one.pk: one for one in known}
    now = timezone.now()
    # The next step of the site's grid that has not begun: nothing before it can be booked.
    step = timedelta(minutes=machine.site.grid_minutes)
    bookable = max(start, start + -(-(now - start) // step) * step)
    rows = []
    for number in range(DAYS):
        day = monday + number * A_DAY
        span = day_span(day, day, zone)
        of_calendar = calendar.day(calendar.sites[machine.site_id], machine, day)
        held = [(one.starts_at, one.ends_at) for one in bookings]
        free = without(clipped(opened, *span), [*away, *held])
        pieces = [Piece("free", *piece) for piece in without(free, [(start, bookable)]) if bookable < end]
        pieces += [Piece("maintenance", *piece) for piece in clipped(away, *span)]
        for one in bookings:
            for piece in clipped([(one.starts_at, one.ends_at)], *span):
                own = one.person_id == getattr(user, "pk", None)
                pieces.append(Piece("own" if own else "taken", *piece, visible.get(one.pk)))
        local = tuple(
            Piece(one.kind, wall(one.start, zone), wall(one.end, zone), one.booking)
            for one in sorted(pieces, key=lambda one: one.start)
        )
        hours = tuple(f"{clock(opens)}–{clock(closes)}" for opens, closes in of_calendar.spans)
        rows.append(DayRow(day, hours, of_calendar.why, local, day == now.astimezone(zone).date()))
    return rows


def occupation(machines: Sequence[Machine], monday: date) -> list[list[float | None]]:
    """By machine and day of a week, the share in percent of its usable hours that is held; None when it has none."""
    last = monday + (DAYS - 1) * A_DAY
    calendar = Calendar(machines, monday, last)
    if not machines:
        return []
    zones = [machine.site.zone_info for machine in machines]
    start = min(day_span(monday, last, zone)[0] for zone in zones)
    end = max(day_span(monday, last, zone)[1] for zone in zones)
    held = taken(machines, start, end)
    rows: list[list[float | None]] = []
    for machine in machines:
        usable = calendar.open(machine)
        row: list[float | None] = []
        for number in range(DAYS):
            span = day_span(monday + number * A_DAY, monday + number * A_DAY, machine.site.zone_info)
            hours = clipped(usable, *span)
            length = total(hours)
            row.append(100 * (total(shared(hours, held[machine.pk])) / length) if length else None)
        rows.append(row)
    return rows
