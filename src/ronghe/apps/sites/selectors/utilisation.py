"""How much of the time in which machines could be used they were: hours, with the denominator they are set against.

Only days that are over count, by the clock of each site.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q
from django.utils import timezone

from ronghe.apps.sites.models import Booking, BookingState, Machine, MachineTerms
from ronghe.apps.sites.selectors.calendars import Calendar
from ronghe.apps.sites.zones import day_span
from ronghe.methods.overlaps import Span, clipped, shared, total, without

AN_HOUR = timedelta(hours=1)
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Use:
    """Hours of one machine over some days. `declared` is None where no window was declared for all of them."""

    machine: Machine
    open: float
    maintenance: float
    used: float
    used_while_open: float
    booked: float
    declared: float | None
    cost: Decimal
    bookings: tuple[tuple[int, Span], ...] = field(default=())

    @property
    def available(self) -> float:
        """Hours open less maintenance: the denominator of utilisation."""
        return self.open - self.maintenance

    @property
    def share(self) -> float | None:
        """Utilisation; None without an hour in which the machine could be used."""
        return self.used_while_open / self.available if self.available else None


def _hours(spans: Iterable[Span]) -> float:
    return total(spans) / AN_HOUR


def use_of(machines: Iterable[Machine], first: date, last: date, *, known_at: datetime | None = None) -> dict[int, Use]:
    """By machine, its hours from `first` to `last`, as far as these days are over; a few queries for all of them."""
    moment = known_at or timezone.now()
    calendar = Calendar(machines, first, last, known_at=known_at)
    rows = calendar.machines
    spans = {
        machine.pk: day_span(
            first,
            min(last, moment.astimezone(calendar.sites[machine.site_id].zone_info).date() - A_DAY),
            calendar.sites[machine.site_id].zone_info,
        )
        for machine in rows
    }
    held: dict[int, list[tuple[int, Span, str]]] = defaultdict(list)
    if spans:
        begin, finish = min(one[0] for one in spans.values()), max(one[1] for one in spans.values())
        stood = Q(released_at__isnull=True) | Q(released_at__gt=moment)
        found = Booking.objects.filter(stood, machine__in=spans, recorded_at__lte=moment).during(
            begin - A_DAY, finish + A_DAY
        )
        values = found.values_list("machine", "pk", "starts_at", "ends_at", "state", "checked_in_at")
        for machine_key, key, starts_at, ends_at, state, checked_in_at in values:
            came = state == BookingState.ATTENDED and checked_in_at is not None and checked_in_at <= moment
            held[machine_key].append((key, (starts_at, ends_at), "used" if came else "booked"))
    terms: dict[int, list[MachineTerms]] = defaultdict(list)
    for term in MachineTerms.objects.during(first, last, known_at=known_at).filter(machine__in=spans):
        terms[term.machine_id].append(term)
    return {
        machine.pk: _use(machine, calendar, spans[machine.pk], held[machine.pk], terms[machine.pk]) for machine in rows
    }


def _use(
    machine: Machine,
    calendar: Calendar,
    span: Span,
    held: list[tuple[int, Span, str]],
    terms: list[MachineTerms],
) -> Use:
    hours = clipped(calendar.hours(machine), *span)
    away = shared(hours, calendar.maintenance(machine))
    used = clipped([one for _key, one, kind in held if kind == "used"], *span)
    zone = calendar.sites[machine.site_id].zone_info
    declared: float | None = 0.0
    cost = Decimal(0)
    day, end = span[0].astimezone(zone).date(), span[1].astimezone(zone).date()
    while day < end:
        term = next((one for one in terms if one.holds_on(day)), None)
        hours_used = Decimal(str(_hours(clipped(used, *day_span(day, day, zone)))))
        if term is not None:
            cost += term.cost_per_hour * hours_used
        if declared is not None:
            stands = machine.in_use_from <= day and (machine.in_use_until is None or day < machine.in_use_until)
            a_day = term.declared_hours if term is not None else None
            declared = declared + float(a_day) if stands and a_day is not None else None if stands else declared
        day += A_DAY
    return Use(
        machine=machine,
        open=_hours(hours),
        maintenance=_hours(away),
        used=_hours(used),
        used_while_open=_hours(shared(used, without(hours, away))),
        booked=_hours(clipped([one for _key, one, _kind in held], *span)),
        declared=declared or None,
        cost=cost.quantize(Decimal("0.01")),
        bookings=tuple((key, one) for key, one, kind in held if kind == "used"),
    )


def weekly_shares(machine: Machine, monday: date, weeks: int) -> list[float | None]:
    """Utilisation of whole weeks from a Monday on, for a plot: one reading of calendar and bookings for all of them."""
    last = monday + weeks * 7 * A_DAY - A_DAY
    calendar = Calendar([machine], monday, last)
    zone = calendar.sites[machine.site_id].zone_info
    start, end = day_span(monday, last, zone)
    rows = Booking.objects.filter(machine=machine, state=BookingState.ATTENDED).during(start, end)
    usable, used = calendar.open(machine), list(rows.values_list("starts_at", "ends_at"))
    shares: list[float | None] = []
    for number in range(weeks):
        first = monday + number * 7 * A_DAY
        span = day_span(first, first + 6 * A_DAY, zone)
        hours = clipped(usable, *span)
        available = total(hours)
        shares.append(total(shared(hours, used)) / available if available else None)
    return shares
