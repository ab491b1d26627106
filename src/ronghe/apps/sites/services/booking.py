"""Bookings: made by people and by plans, cancelled, checked in by the other party, taken from a machine's log.

Two that ask for one machine at one time meet in the database: the second waits for the first and is then told.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.services import Entry
from ronghe.apps.sites import events, letters
from ronghe.apps.sites.engagements import BusyKind
from ronghe.apps.sites.models import Booking, BookingSource, BookingState, Companion, Machine
from ronghe.apps.sites.selectors.people import busy_between, engagements, travel_times
from ronghe.apps.sites.services.checking import (
    Examination,
    Wish,
    demand_grid,
    demand_presence,
    demand_quota,
    demand_span,
    spoken,
)
from ronghe.apps.sites.services.overlaps import note_overlaps
from ronghe.apps.sites.services.waiting import lapse_offers, offer_freed
from ronghe.methods.overlaps import Engagement, Meeting, meetings

Result = TypeVar("Result")
A_DAY = timedelta(days=1)
# Who comes may be checked in from half an hour before, and counts as absent a quarter of an hour after the beginning.
CHECK_IN_FROM = timedelta(minutes=30)
ABSENT_AFTER = timedelta(minutes=15)
# What was forgotten on the day can be checked in later, but not a month later.
CHECK_IN_UNTIL = timedelta(days=7)
_SHOWN = 20


class SlotTaken(ValidationError):
    """Somebody else holds the machine at that time."""


class MeetsStudy(ValidationError):
    """The booking would lie over class sessions; `meetings` says which. It can be made all the same, knowingly."""

    def __init__(self, met: Sequence[Meeting]) -> None:
        self.meetings = list(met)
        super().__init__(
            _("That time meets class sessions of the same person. Choose another time, or say that it shall be so.")
        )


def _refuse_double(write: Callable[[], Result], machine: Machine, start: datetime, end: datetime) -> Result:
    """Write a booking; where the database finds the machine held already, say so in words."""
    try:
        with transaction.atomic():
            return write()
    except IntegrityError:
        _refuse_taken(machine, start, end)
        raise


def _refuse_taken(machine: Machine, start: datetime, end: datetime) -> None:
    """Tell at once that somebody holds the machine: of a hundred who ask together, 99 wait for no more than this."""
    met = Booking.objects.holding().during(start, end).filter(machine=machine).order_by("starts_at")
    for begins, ends in met.values_list("starts_at", "ends_at")[:1]:
        said = {"machine": machine.name, "time": spoken(max(begins, start), min(ends, end), machine.site)}
        raise SlotTaken(
            _("Somebody else holds %(machine)s, %(time)s. Choose another time, or join the waiting list.") % said
        )


def lock(machines: Iterable[int], people: Iterable[int]) -> dict[int, Machine]:
    """Lock machines and people in the order of their keys, so that no two bookings wait for each other in a circle."""
    rows = Machine.objects.select_for_update(of=("self",), no_key=True).select_related("site__campus", "family")
    locked = {machine.pk: machine for machine in rows.filter(pk__in=set(machines)).order_by("pk")}
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=set(people)).order_by("pk").values_list("pk"))
    return locked


def study_meetings(person: Person, machine: Machine, start: datetime, end: datetime) -> list[Meeting]:
    """The class sessions of a person that a booking would meet, with the ways between campuses."""
    bound = busy_between([person.pk], start - A_DAY, end + A_DAY, kind=BusyKind.STUDY)[person.pk]
    work = Engagement(start, end, machine.site.campus_id)
    return meetings(engagements(bound, BusyKind.STUDY), [work], travel_times())


@transaction.atomic
def book(
    *,
    actor: Person,
    machine: Machine,
    person: Person,
    start: datetime,
    end: datetime,
    purpose: str = "",
    companions: Sequence[Person] = (),
    despite_study: bool = False,
) -> Booking:
    """Book a machine for a person, and those who come along.

    Raises ValidationError saying what stands against it and how to mend it; SlotTaken when somebody else holds the
    machine then; MeetsStudy when class sessions lie at that time and `despite_study` is not said. Who keeps the site
    is not bound by its quota, its grid and its days ahead.
    """
    demand(actor, "sites.book")
    keeps = actor.has_perm("sites.keep_site", machine)
    if not keeps and not actor.has_perm("sites.book_for", person):
        raise PermissionDenied(_("You book for yourself; teachers book for their students, keepers for everybody."))
    # What lapsed must not stand in the way; its lock is that of the machine.
    lapse_offers(machines=[machine.pk])
    locked = lock([machine.pk], [person.pk, *(one.pk for one in companions)])[machine.pk]
    wish = Wish(locked, person, start, end, purpose.strip(), tuple(companions))
    demand_span(wish)
    _refuse_taken(locked, start, end)
    now = timezone.now()
    if not keeps:
        demand_grid(wish, now)
        demand_presence(person, locked.site, now)
    elif end <= now:
        raise ValidationError({"start": _("That time has passed. What happened is recorded from the machine's log.")})
    if objections := Examination([wish]).objections(wish):
        raise ValidationError(objections)
    if not keeps:
        demand_quota(wish)
    if not despite_study and (met := study_meetings(person, locked, start, end)):
        raise MeetsStudy(met)
    booking = Booking(
        machine=locked,
        person=person,
        starts_at=start,
        ends_at=end,
        purpose=wish.purpose,
        source=BookingSource.OWN,
        booked_by=actor,
    )
    _refuse_double(booking.save, locked, start, end)
    Companion.objects.bulk_create(Companion(booking=booking, person=one) for one in wish.companions)
    note_overlaps([one.pk for one in wish.people], start, end)
    entry = _made(booking, wish)
    ledger.record(actor=actor, type=entry.type, subject=entry.subject, payload=entry.payload)
    return booking


def _made(booking: Booking, wish: Wish) -> Entry:
    return Entry(
        events.BOOKING_MADE,
        booking,
        {
            "machine": booking.machine,
            **({"person": wish.person} if wish.person else {}),
            **({"companions": list(wish.companions)} if wish.companions else {}),
            "starts_at": booking.starts_at,
            "ends_at": booking.ends_at,
            "source": str(booking.source),
            **({"plan": booking.plan} if booking.plan else {}),
            **({"purpose": booking.purpose} if booking.purpose else {}),
        },
    )


@transaction.atomic
def book_many(*, actor: Person, rows: Iterable[Wish], plan: str) -> list[Booking]:
    """Book what a plan asks for, all of it or nothing; `plan` is the name by which the plan finds its bookings again.

    Plans are bound by calendars, maintenance, authorisations and people's other bookings; not by quotas, grids and days
    ahead. Class sessions do not stop them: overlaps are noted. Raises ValidationError with the first twenty rows that
    cannot be had and why. A handful of queries whatever the number of rows.
    """
    demand(actor, "sites.book_many")
    if not plan:
        raise ValueError("a plan has a name")
    rows = list(rows)
    if not rows:
        return []
    lapse_offers(machines={row.machine.pk for row in rows})
    machines = lock({row.machine.pk for row in rows}, {one.pk for row in rows for one in row.people})
    wishes = [
        Wish(machines[row.machine.pk], row.person, row.start, row.end, row.purpose, tuple(row.companions))
        for row in rows
    ]
    examination = Examination(wishes)
    problems: list[str] = []
    for number, wish in enumerate(wishes, start=1):
        objections = examination.objections(wish)
        if objections:
            said = {"row": number, "time": spoken(*wish.span, wish.machine.site), "why": " ".join(objections)}
            problems.append(_("Row %(row)s, %(time)s: %(why)s") % said)
        else:
            examination.take(wish)
    if problems:
        raise ValidationError(list(islice(problems, _SHOWN)))
    made = Booking.objects.bulk_create(
        (
            Booking(
                machine=wish.machine,
                person=wish.person,
                starts_at=wish.start,
                ends_at=wish.end,
                purpose=wish.purpose,
                source=BookingSource.PLAN,
                plan=plan,
                booked_by=actor,
            )
            for wish in wishes
        ),
        batch_size=500,
    )
    pairs = list(zip(made, wishes, strict=True))
    Companion.objects.bulk_create(
        (Companion(booking=booking, person=one) for booking, wish in pairs for one in wish.companions), batch_size=500
    )
    people = {one.pk for wish in wishes for one in wish.people}
    note_overlaps(people, min(wish.start for wish in wishes), max(wish.end for wish in wishes))
    ledger.record_many(actor=actor, entries=[_made(booking, wish) for booking, wish in pairs])
    return made


def _locked(booking: Booking) -> Booking:
    lock([booking.machine_id], [])
    return (
        Booking.objects.select_for_update(of=("self",))
        .select_related("machine__site__campus", "person")
        .get(pk=booking.pk)
    )


@transaction.atomic
def cancel_booking(*, actor: Person, booking: Booking, reason: str = "") -> Booking:
    """Give a booking back; the first on the waiting list is offered the time.

    A person cancels before it begins; after the site's deadline it counts in the quota as if used. Who keeps the site
    says why, and the person is told.
    """
    demand(actor, "sites.cancel_booking", booking)
    booking = _locked(booking)
    now = timezone.now()
    if booking.state not in (BookingState.BOOKED, BookingState.OFFERED):
        raise ValidationError(_("It is no longer booked: see its state."))
    own = actor.pk == booking.person_id
    if own and booking.starts_at <= now:
        raise ValidationError(_("It has begun. Speak with the site: it says whether you came."))
    if not own and not reason.strip():
        raise ValidationError({"reason": _("Say why: the person who booked it reads it.")})
    deadline = booking.starts_at - timedelta(hours=booking.machine.site.cancel_hours)
    booking.was_late = own and booking.source == BookingSource.OWN and now > deadline
    release(booking, now, reason.strip())
    if not own:
        letters.cancelled(booking, booking.reason)
    ledger.record(
        actor=actor,
        type=events.BOOKING_CANCELLED,
        subject=booking,
        payload={
            **({"person": booking.person} if booking.person else {}),
            "was_late": booking.was_late,
            **({"reason": booking.reason} if booking.reason else {}),
        },
    )
    offer_freed(booking.machine, booking.starts_at, booking.ends_at, now)
    return booking


def release(booking: Booking, now: datetime, reason: str, state: BookingState = BookingState.CANCELLED) -> None:
    """Let go of the machine, and of what was noted of overlaps with it."""
    booking.state, booking.released_at, booking.reason = state, now, reason[:200]
    booking.answer_by = None
    booking.save()
    people = [booking.person_id, *booking.companions.values_list("person", flat=True)]
    note_overlaps([one for one in people if one is not None], booking.starts_at, booking.ends_at)


@transaction.atomic
def cancel_plan(*, actor: Person, plan: str, reason: str, since: datetime | None = None) -> int:
    """Give back the bookings of a plan that begin at `since` (now) or later; returns how many."""
    demand(actor, "sites.book_many")
    now = timezone.now()
    keys = Booking.objects.filter(plan=plan, state=BookingState.BOOKED, starts_at__gte=since or now)
    lock(set(keys.values_list("machine", flat=True)), [])
    rows = list(keys.select_for_update(of=("self",)).select_related("person", "machine__site"))
    entries = []
    for booking in rows:
        booking.state, booking.released_at, booking.reason = BookingState.CANCELLED, now, reason[:200]
        person = {"person": booking.person} if booking.person else {}
        entries.append(Entry(events.BOOKING_CANCELLED, booking, {**person, "was_late": False, "reason": reason}))
    Booking.objects.bulk_update(rows, ["state", "released_at", "reason"], batch_size=500)
    if rows:
        along = Companion.objects.filter(booking__in=rows).values_list("person", flat=True)
        people = {one.person_id for one in rows if one.person_id is not None} | set(along)
        note_overlaps(people, min(one.starts_at for one in rows), max(one.ends_at for one in rows))
        ledger.record_many(actor=actor, entries=entries)
        for booking in rows:
            offer_freed(booking.machine, booking.starts_at, booking.ends_at, now)
    return len(rows)


def _demand_second_party(actor: Person, booking: Booking) -> None:
    if not actor.has_perm("sites.check_in", booking):
        raise PermissionDenied(_("Somebody of the site checks in, and nobody themselves: ask whoever is on duty."))


@transaction.atomic
def check_in(*, actor: Person, booking: Booking) -> Booking:
    """Say, as the other party, that the person came."""
    _demand_second_party(actor, booking)
    booking = _locked(booking)
    now = timezone.now()
    if booking.state != BookingState.BOOKED:
        raise ValidationError(_("It is not waiting for anybody: see its state."))
    if now < booking.starts_at - CHECK_IN_FROM:
        raise ValidationError(_("Checking in begins half an hour before the booking."))
    if now > booking.ends_at + CHECK_IN_UNTIL:
        raise ValidationError(_("It is more than a week ago. Record the use from the machine's log."))
    booking.state, booking.checked_in_at, booking.checked_in_by = BookingState.ATTENDED, now, actor
    booking.save()
    ledger.record(
        actor=actor,
        type=events.BOOKING_ATTENDED,
        subject=booking,
        payload={**({"person": booking.person} if booking.person else {}), "machine": booking.machine},
    )
    return booking


@transaction.atomic
def mark_missed(*, actor: Person, booking: Booking) -> Booking:
    """Say, as the other party, that nobody came; the machine is free again."""
    _demand_second_party(actor, booking)
    booking = _locked(booking)
    now = timezone.now()
    if booking.state != BookingState.BOOKED:
        raise ValidationError(_("It is not waiting for anybody: see its state."))
    if now < booking.starts_at + ABSENT_AFTER:
        raise ValidationError(_("Wait a quarter of an hour: the person may only be late."))
    release(booking, now, "", BookingState.MISSED)
    ledger.record(
        actor=actor,
        type=events.BOOKING_MISSED,
        subject=booking,
        payload={**({"person": booking.person} if booking.person else {}), "machine": booking.machine},
    )
    offer_freed(booking.machine, booking.starts_at, booking.ends_at, now)
    return booking


@transaction.atomic
def record_use(*, actor: Person, rows: Iterable[Wish]) -> list[Booking]:
    """Record what machines' logs say was used, all of it or nothing: how a past before the platform comes in.

    A log may name nobody. Raises ValidationError for time to come, and where a booking stands at that time already.
    """
    rows = list(rows)
    if not rows:
        return []
    for row in rows:
        demand_span(row)
    machines = lock({row.machine.pk for row in rows}, [])
    for machine in machines.values():
        demand(actor, "sites.record_use", machine)
    now = timezone.now()
    problems = []
    for number, row in enumerate(rows, start=1):
        if row.end > now:
            problems.append(_("Row %(row)s: it has not happened yet; book it instead.") % {"row": number})
        elif actor in row.people:
            problems.append(_("Row %(row)s: another person records what you used yourself.") % {"row": number})
    if problems:
        raise ValidationError(problems[:_SHOWN])
    made = [
        Booking(
            machine=machines[row.machine.pk],
            person=row.person,
            starts_at=row.start,
            ends_at=row.end,
            purpose=row.purpose,
            state=BookingState.ATTENDED,
            source=BookingSource.LOG,
            booked_by=actor,
            checked_in_at=row.start,
            checked_in_by=actor,
        )
        for row in rows
    ]
    first, last = min(row.start for row in rows), max(row.end for row in rows)
    try:
        with transaction.atomic():
            Booking.objects.bulk_create(made, batch_size=500)
    except IntegrityError as error:
        raise ValidationError(
            _("At a time of these rows the machine is booked already, or another row uses it. Take that row out.")
        ) from error
    note_overlaps({row.person.pk for row in rows if row.person}, first, last)
    ledger.record_many(actor=actor, entries=[_made(booking, row) for booking, row in zip(made, rows, strict=True)])
    return made
