"""Waiting lists: who came first is offered what becomes free, for a while, and then the next.

An offer holds the machine as a booking does, so nobody is faster than the list.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.sites import events, letters
from ronghe.apps.sites.models import Booking, BookingSource, BookingState, Machine, Waiting, WaitingState
from ronghe.apps.sites.services.checking import Examination, Wish, demand_grid, demand_presence, demand_quota
from ronghe.apps.sites.services.overlaps import note_overlaps


@transaction.atomic
def join_waiting_list(*, actor: Person, machine: Machine, start: datetime, end: datetime, purpose: str = "") -> Waiting:
    """Wait for a machine at a time that somebody else holds. Raises ValidationError when it can simply be booked."""
    demand(actor, "sites.book")
    machine = (
        Machine.objects.select_for_update(of=("self",), no_key=True).select_related("site", "family").get(pk=machine.pk)
    )
    wish = Wish(machine, actor, start, end, purpose.strip())
    now = timezone.now()
    objections = Examination([wish]).objections(wish)
    demand_grid(wish, now)
    demand_presence(actor, machine.site, now)
    held = Booking.objects.holding().during(start, end).filter(machine=machine)
    if not held.exists():
        raise ValidationError(objections or _("The machine is free then: book it."))
    if held.filter(person=actor).exists():
        raise ValidationError(_("You hold it yourself at that time."))
    # Apart from being taken, nothing may stand against it: an offer must be one that can be accepted.
    if len(objections) > 1:
        raise ValidationError(objections)
    again = Waiting.objects.filter(
        machine=machine,
        person=actor,
        starts_at__lt=end,
        ends_at__gt=start,
        state__in=[WaitingState.WAITING, WaitingState.OFFERED],
    )
    if again.exists():
        raise ValidationError(_("You wait for this machine at that time already."))
    waiting = Waiting.objects.create(
        machine=machine, person=actor, starts_at=start, ends_at=end, purpose=wish.purpose, joined_at=now
    )
    ledger.record(
        actor=actor,
        type=events.WAITING_JOINED,
        subject=waiting,
        payload={"person": actor, "machine": machine, "starts_at": start, "ends_at": end},
    )
    return waiting


@transaction.atomic
def leave_waiting_list(*, actor: Person, waiting: Waiting) -> Waiting:
    """Wait no longer."""
    waiting = Waiting.objects.select_for_update().get(pk=waiting.pk)
    if waiting.person_id != actor.pk:
        raise PermissionDenied(_("Only who waits can leave the list."))
    if waiting.state != WaitingState.WAITING:
        raise ValidationError(_("You wait no longer: see the offer."))
    waiting.state = WaitingState.LEFT
    waiting.save(update_fields=["state"])
    ledger.record(actor=actor, type=events.WAITING_LEFT, subject=waiting, payload={"person": actor})
    return waiting


def offer_freed(machine: Machine, start: datetime, end: datetime, now: datetime) -> list[Booking]:
    """Offer what became free between two moments to those who wait, in the order in which they came.

    Runs in the transaction that freed it, with the machine locked. Who could not use the time any more is passed over
    and keeps the place.
    """
    offers = []
    queue = Waiting.objects.filter(
        machine=machine, state=WaitingState.WAITING, starts_at__gt=now, starts_at__lt=end, ends_at__gt=start
    )
    for waiting in queue.select_for_update(of=("self",)).select_related("person").order_by("joined_at", "pk"):
        wish = Wish(machine, waiting.person, waiting.starts_at, waiting.ends_at, waiting.purpose)
        if Examination([wish]).objections(wish) or not _within_quota(wish):
            continue
        answer_by = min(now + timedelta(hours=machine.site.answer_hours), waiting.starts_at)
        offer = Booking.objects.create(
            machine=machine,
            person=waiting.person,
            starts_at=waiting.starts_at,
            ends_at=waiting.ends_at,
            purpose=waiting.purpose,
            state=BookingState.OFFERED,
            source=BookingSource.OWN,
            booked_by=waiting.person,
            answer_by=answer_by,
        )
        waiting.state, waiting.offer = WaitingState.OFFERED, offer
        waiting.save(update_fields=["state", "offer"])
        note_overlaps([waiting.person_id], offer.starts_at, offer.ends_at)
        ledger.record(
            actor=None,
            type=events.BOOKING_OFFERED,
            subject=offer,
            payload={"person": waiting.person, "machine": machine, "answer_by": answer_by},
        )
        letters.offer(offer)
        offers.append(offer)
    return offers


def _within_quota(wish: Wish) -> bool:
    try:
        demand_quota(wish)
    except ValidationError:
        return False
    return True


def _open_offer(actor: Person, booking: Booking) -> Booking:
    Machine.objects.select_for_update(no_key=True).get(pk=booking.machine_id)
    booking = (
        Booking.objects.select_for_update(of=("self",)).select_related("machine__site", "person").get(pk=booking.pk)
    )
    if booking.person_id != actor.pk:
        raise PermissionDenied(_("The offer is made to somebody else."))
    if booking.state != BookingState.OFFERED:
        raise ValidationError(_("This is no open offer any more: see its state."))
    return booking


@transaction.atomic
def accept_offer(*, actor: Person, booking: Booking) -> Booking:
    """Take what the waiting list offers, before its deadline."""
    booking = _open_offer(actor, booking)
    if booking.answer_by is not None and booking.answer_by <= timezone.now():
        raise ValidationError(_("The time to answer has passed, and the next one on the list is asked."))
    booking.state, booking.answer_by = BookingState.BOOKED, None
    booking.save()
    Waiting.objects.filter(offer=booking).update(state=WaitingState.TAKEN)
    ledger.record(actor=actor, type=events.BOOKING_ACCEPTED, subject=booking, payload={"person": actor})
    return booking


@transaction.atomic
def decline_offer(*, actor: Person, booking: Booking) -> Booking:
    """Leave what the waiting list offers to the next."""
    booking = _open_offer(actor, booking)
    _give_up(booking, timezone.now(), WaitingState.LEFT)
    return booking


def _give_up(offer: Booking, now: datetime, state: WaitingState) -> None:
    offer.state, offer.released_at, offer.answer_by = BookingState.CANCELLED, now, None
    offer.save()
    Waiting.objects.filter(offer=offer).update(state=state)
    if offer.person is not None:
        note_overlaps([offer.person.pk], offer.starts_at, offer.ends_at)
        ledger.record(actor=None, type=events.BOOKING_LAPSED, subject=offer, payload={"person": offer.person})
    offer_freed(offer.machine, offer.starts_at, offer.ends_at, now)


@transaction.atomic
def lapse_offers(*, machines: Iterable[int] | None = None) -> int:
    """Let offers lapse that nobody answered in time and ask the next; of some machines, or of all. Returns how many.

    Nobody decides it, so nobody is asked for: it happens by the clock, whoever looks first.
    """
    now = timezone.now()
    due = Booking.objects.filter(state=BookingState.OFFERED, answer_by__lte=now)
    if machines is not None:
        due = due.filter(machine__in=set(machines))
    if not due.exists():
        return 0
    keys = sorted(set(due.values_list("machine", flat=True)))
    list(Machine.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk").values_list("pk"))
    rows = list(due.select_for_update(of=("self",)).select_related("machine__site", "machine__family", "person"))
    for offer in rows:
        _give_up(offer, now, WaitingState.LAPSED)
    return len(rows)
