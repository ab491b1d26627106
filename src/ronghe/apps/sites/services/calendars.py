"""When places are open, and when machines are away: weekly hours, single days, public holidays, maintenance."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics.dated import end, withdraw
from ronghe.apps.sites import events, letters
from ronghe.apps.sites.models import (
    Booking,
    BookingState,
    CalendarException,
    Machine,
    Maintenance,
    OpeningHours,
    PublicHoliday,
    Site,
)
from ronghe.apps.sites.services.booking import lock, release
from ronghe.apps.sites.services.checking import spoken
from ronghe.apps.sites.services.waiting import offer_freed
from ronghe.apps.sites.zones import A_DAY, clock

Spans = Sequence[tuple[int, int]]
_SHOWN = 5


def demand_spans(spans: Spans) -> None:
    """Refuse spans of a day (minutes) that are none, or that meet each other."""
    previous = -1
    for opens, closes in sorted(spans):
        if not (0 <= opens < A_DAY and opens < closes <= opens + A_DAY):
            raise ValidationError(_("A span begins on its day and ends after it begins, at most a day later."))
        if opens < previous:
            raise ValidationError(_("Spans meet each other at %(time)s. Make one of them.") % {"time": clock(opens)})
        previous = closes


@transaction.atomic
def set_hours(
    *,
    actor: Person,
    site: Site,
    hours: Mapping[int, Spans],
    valid_from: date,
    machine: Machine | None = None,
) -> list[OpeningHours]:
    """Say when a site (or one machine of it) is open each week from a day on: weekday (Monday 0) to spans in minutes.

    A span may end beyond midnight (1440), as those of a night shift. What held before is kept until that day.
    """
    demand(actor, "sites.manage_site", site)
    if machine is not None and machine.site_id != site.pk:
        raise ValidationError({"machine": _("This machine stands at another site.")})
    for spans in hours.values():
        demand_spans(spans)
    Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    for row in OpeningHours.objects.known().filter(site=site, machine=machine).order_by("pk"):
        if row.valid_from >= valid_from:
            withdraw(row)
        elif row.valid_until is None or row.valid_until > valid_from:
            end(row, valid_from)
    made = OpeningHours.objects.bulk_create(
        OpeningHours(site=site, machine=machine, weekday=weekday, opens=opens, closes=closes, valid_from=valid_from)
        for weekday, spans in sorted(hours.items())
        for opens, closes in spans
    )
    ledger.record(
        actor=actor,
        type=events.HOURS_SET,
        subject=machine or site,
        payload={
            "hours": [f"{row.weekday} {clock(row.opens)}–{clock(row.closes)}" for row in made],
            "valid_from": valid_from,
        },
    )
    return made


@transaction.atomic
def except_day(
    *, actor: Person, site: Site, day: date, spans: Spans, reason: str, machine: Machine | None = None
) -> list[CalendarException]:
    """Say that on one day other hours hold, or none; what was said of that day before is withdrawn.

    Bookings of the day stay: who closes a place on a day that is booked cancels them, so that people are told.
    """
    demand(actor, "sites.keep_site", site)
    demand_spans(spans)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: people who wanted to come read it.")})
    stands = CalendarException.objects.filter(site=site, machine=machine, day=day, withdrawn_at__isnull=True)
    stands.update(withdrawn_at=timezone.now())
    written: Iterable[tuple[int | None, int | None]] = spans or [(None, None)]
    made = CalendarException.objects.bulk_create(
        CalendarException(site=site, machine=machine, day=day, opens=opens, closes=closes, reason=reason.strip())
        for opens, closes in written
    )
    ledger.record(
        actor=actor,
        type=events.DAY_EXCEPTED,
        subject=machine or site,
        payload={"day": day, "hours": [row.span for row in made if row.span], "reason": reason.strip()},
    )
    return made


@transaction.atomic
def restore_day(*, actor: Person, site: Site, day: date, machine: Machine | None = None) -> int:
    """Call off what was said of one day: the hours of the week hold again. Returns how many spans were withdrawn."""
    demand(actor, "sites.keep_site", site)
    stands = CalendarException.objects.filter(site=site, machine=machine, day=day, withdrawn_at__isnull=True)
    count = stands.update(withdrawn_at=timezone.now())
    if not count:
        raise ValidationError(_("Nothing else is said of that day any more: the hours of the week hold."))
    ledger.record(
        actor=actor,
        type=events.DAY_RESTORED,
        subject=site,
        payload={"day": day, **({"machine": machine} if machine else {})},
    )
    return count


@dataclass(frozen=True, slots=True)
class HolidayData:
    """One day of a notice."""

    day: date
    name_zh: str
    name_en: str
    is_working_day: bool


@transaction.atomic
def record_holidays(*, actor: Person, days: Iterable[HolidayData], source: str) -> int:
    """Take in the public holidays of a notice; a day that was announced otherwise before now follows this notice."""
    demand(actor, "sites.record_holidays")
    if not source.strip():
        raise ValidationError({"source": _("Name the notice that announces these days.")})
    found = list(days)
    for one in found:
        PublicHoliday.objects.update_or_create(
            day=one.day,
            defaults={
                "name_zh": one.name_zh,
                "name_en": one.name_en,
                "is_working_day": one.is_working_day,
                "source": source.strip(),
            },
        )
    ledger.record(
        actor=actor,
        type=events.HOLIDAYS_RECORDED,
        subject="sites.publicholiday:announced",
        payload={"days": [one.day for one in found], "source": source.strip()},
    )
    return len(found)


@transaction.atomic
def plan_maintenance(
    *,
    actor: Person,
    machine: Machine,
    start: datetime,
    end: datetime,
    reason: str,
    is_breakdown: bool = False,
    displace: bool = False,
) -> Maintenance:
    """Take a machine away for a time. Bookings within it stop this, unless `displace` cancels them and tells people."""
    demand(actor, "sites.keep_site", machine)
    if end <= start:
        raise ValidationError({"end": _("It ends before it begins. Give a later end.")})
    if not reason.strip():
        raise ValidationError({"reason": _("Say what is done.")})
    machine = lock([machine.pk], [])[machine.pk]
    now = timezone.now()
    waiting = (BookingState.BOOKED, BookingState.OFFERED)
    met = Booking.objects.during(start, end).filter(machine=machine, state__in=waiting).select_related("machine__site")
    rows = list(met.select_for_update(of=("self",)).order_by("starts_at"))
    if rows and not displace:
        said = {
            "count": len(rows),
            "times": "；".join(spoken(one.starts_at, one.ends_at, machine.site) for one in rows[:_SHOWN]),
        }
        raise ValidationError(
            _("%(count)s bookings lie in that time: %(times)s. Choose another time, or cancel them with this.") % said
        )
    maintenance = Maintenance.objects.create(
        uid=uuid.uuid4(),
        machine=machine,
        starts_at=start,
        ends_at=end,
        reason=reason.strip(),
        is_breakdown=is_breakdown,
        planned_by=actor,
    )
    why = _("The machine broke down.") if is_breakdown else _("The machine is maintained then.")
    for booking in rows:
        release(booking, now, why)
        letters.cancelled(booking, why)
    ledger.record(
        actor=actor,
        type=events.MAINTENANCE_PLANNED,
        subject=maintenance,
        payload={
            "machine": machine,
            "starts_at": start,
            "ends_at": end,
            "is_breakdown": is_breakdown,
            "displaced": len(rows),
        },
    )
    return maintenance


@transaction.atomic
def call_off_maintenance(*, actor: Person, maintenance: Maintenance) -> Maintenance:
    """Give the machine back; who waits for it is asked."""
    demand(actor, "sites.keep_site", maintenance.machine)
    machine = lock([maintenance.machine_id], [])[maintenance.machine_id]
    maintenance = Maintenance.objects.select_for_update(of=("self",)).get(pk=maintenance.pk)
    now = timezone.now()
    if maintenance.called_off_at is not None or maintenance.ends_at <= now:
        raise ValidationError(_("It is over, or was called off already."))
    maintenance.called_off_at = now
    maintenance.save(update_fields=["called_off_at"])
    ledger.record(actor=actor, type=events.MAINTENANCE_CALLED_OFF, subject=maintenance, payload={"machine": machine})
    offer_freed(machine, maintenance.starts_at, maintenance.ends_at, now)
    return maintenance
