"""Sites and machines for programs: what there is, when it is open and free, bookings, and checking in at the door."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status
from pydantic import AwareDatetime

from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.pages import person
from ronghe.apps.ledger.answers import Invalid, Problem
from ronghe.apps.sites import selectors, services
from ronghe.apps.sites.models import Booking, Machine, MachineTerms, Site
from ronghe.apps.sites.selectors.alternatives import alternatives

router = Router(tags=["sites"])

LARGEST_PAGE = 200
LONGEST_SPAN = timedelta(days=62)
EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class SiteOut(Schema):
    """A site on a campus; times of its pages are by its zone."""

    uid: UUID
    name_zh: str
    name_en: str
    organisation: UUID
    campus_zh: str
    campus_en: str
    region: str
    zone: str
    grid_minutes: int

    @staticmethod
    def resolve_organisation(site: Site) -> UUID:
        return site.campus.organisation.uid

    @staticmethod
    def resolve_campus_zh(site: Site) -> str:
        return site.campus.name_zh

    @staticmethod
    def resolve_campus_en(site: Site) -> str:
        return site.campus.name_en

    @staticmethod
    def resolve_region(site: Site) -> str:
        return site.campus.region.code


class MachineOut(Schema):
    """A machine; what an hour costs and which window a day is declared, as they hold today."""

    uid: UUID
    code: str
    name_zh: str
    name_en: str
    site: UUID
    family: str
    needs_authorisation: bool
    places: int
    cost_per_hour: Decimal | None
    declared_hours: Decimal | None


class MachinePageOut(Schema):
    """A part of the machines in use."""

    total: int
    offset: int
    items: list[MachineOut]


class MachinesQuery(Schema):
    """Which machines, and which part of the list."""

    site: UUID | None = None
    family: str = Field("", max_length=40)
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=LARGEST_PAGE)


class SpanOut(Schema):
    """From one moment to another."""

    start: datetime
    end: datetime


class CalendarOut(Schema):
    """When a machine can be used, and what of it nobody holds yet; moments with their zone."""

    machine: UUID
    first: date
    last: date
    open: list[SpanOut]
    free: list[SpanOut]


class CalendarQuery(Schema):
    """Which days of the site, both included; at most two months."""

    first: date
    last: date


class BookingOut(Schema):
    """A booking of the caller, or one that the caller may see."""

    uid: UUID
    machine: UUID
    start: datetime
    end: datetime
    state: str
    source: str
    purpose: str
    answer_by: datetime | None


class BookingIn(Schema):
    """A wish: moments with their offset, such as 2026-03-02T09:00:00+08:00, so that no clock change is in doubt."""

    machine: UUID
    start: AwareDatetime
    end: AwareDatetime
    purpose: str = Field("", max_length=200)
    despite_study: bool = False


class AlternativeOut(Schema):
    """A like machine that is free when the caller is, too."""

    machine: UUID
    start: datetime
    end: datetime


class TakenOut(Schema):
    """Why a time cannot be had, and up to six others."""

    detail: str
    alternatives: list[AlternativeOut]


class CancelIn(Schema):
    """Why; whoever booked for themselves need not say."""

    reason: str = Field("", max_length=200)


class BookingPageOut(Schema):
    """A part of the bookings."""

    total: int
    offset: int
    items: list[BookingOut]


class BookingsQuery(Schema):
    """Of oneself only, or all that are open to the caller; those that end after a moment."""

    mine: bool = True
    after: datetime | None = None
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=LARGEST_PAGE)


@router.get("", response={200: list[SiteOut]})
def sites(request: HttpRequest) -> Any:
    """The sites that stand."""
    rows = Site.objects.visible_to(request.user).filter(closed_on__isnull=True)
    return list(rows.select_related("campus__organisation", "campus__region").order_by("name_zh", "pk"))


@router.get("/machines", response={200: MachinePageOut, 422: Invalid})
def machines(request: HttpRequest, query: Query[MachinesQuery]) -> Any:
    """The machines in use."""
    rows = selectors.machines(request.user)
    if query.site is not None:
        rows = rows.filter(site__uid=query.site)
    if query.family:
        rows = rows.filter(family__code=query.family)
    found = list(rows[query.offset : query.offset + query.limit])
    held = MachineTerms.objects.on(timezone.localdate()).filter(machine__in=found)
    terms = {one.machine_id: one for one in held}
    return {"total": rows.count(), "offset": query.offset, "items": [_machine(one, terms.get(one.pk)) for one in found]}


def _machine(machine: Machine, terms: MachineTerms | None) -> dict[str, Any]:
    return {
        "uid": machine.uid,
        "code": machine.code,
        "name_zh": machine.name_zh,
        "name_en": machine.name_en,
        "site": machine.site.uid,
        "family": machine.family.code,
        "needs_authorisation": machine.family.needs_authorisation,
        "places": machine.places,
        "cost_per_hour": terms.cost_per_hour if terms else None,
        "declared_hours": terms.declared_hours if terms else None,
    }


@router.get("/machines/{uid}/calendar", response={200: CalendarOut, 404: Problem, 422: Problem | Invalid})
def calendar(request: HttpRequest, uid: UUID, query: Query[CalendarQuery]) -> Any:
    """When a machine is open and free."""
    if not timedelta(0) <= query.last - query.first <= LONGEST_SPAN:
        return Status(422, {"detail": "Give a first and a last day in their order, at most 62 days apart."})
    if not EARLIEST.date() <= query.first <= LATEST.date():
        return Status(422, {"detail": "Give days between the years 2000 and 2200."})
    machine = Machine.objects.visible_to(request.user).select_related("site").filter(uid=uid).first()
    if machine is None:
        return Status(404, {"detail": "There is no such machine, or it is not open to you."})
    found = {
        "open": selectors.open_intervals([machine], query.first, query.last),
        "free": selectors.free_intervals([machine], query.first, query.last),
    }
    spans = {name: [{"start": a, "end": b} for a, b in by_key[machine.pk]] for name, by_key in found.items()}
    return {"machine": machine.uid, "first": query.first, "last": query.last, **spans}


@router.get("/bookings", response={200: BookingPageOut, 422: Problem | Invalid})
def bookings(request: HttpRequest, query: Query[BookingsQuery]) -> Any:
    """One's own bookings, or all that are open to the caller."""
    rows = Booking.objects.visible_to(request.user)
    if query.mine and isinstance(request.user, Person):
        rows = rows.filter(person=request.user)
    if query.after is not None:
        if query.after.tzinfo is None:
            return Status(422, {"detail": "Give a moment with its zone, such as 2026-03-02T09:00:00+08:00."})
        rows = rows.filter(ends_at__gt=query.after)
    rows = rows.distinct().select_related("machine").order_by("starts_at", "pk")
    return {
        "total": rows.count(),
        "offset": query.offset,
        "items": [_booking(one) for one in rows[query.offset : query.offset + query.limit]],
    }


def _booking(booking: Booking) -> dict[str, Any]:
    return {
        "uid": booking.uid,
        "machine": booking.machine.uid,
        "start": booking.starts_at,
        "end": booking.ends_at,
        "state": booking.state,
        "source": booking.source,
        "purpose": booking.purpose,
        "answer_by": booking.answer_by,
    }


@router.post(
    "/bookings",
    response={200: BookingOut, 403: Problem, 404: Problem, 409: TakenOut, 422: Problem | Invalid},
    summary="Book a machine",
)
def book(request: HttpRequest, wish: BookingIn) -> Any:
    """For oneself. 409: somebody else holds it then, or classes are at that time; other times come with the answer."""
    machine = Machine.objects.visible_to(request.user).select_related("site", "family").filter(uid=wish.machine).first()
    if machine is None:
        return Status(404, {"detail": "There is no such machine, or it is not open to you."})
    if not all(EARLIEST <= moment <= LATEST for moment in (wish.start, wish.end)):
        return Status(422, {"detail": "Give moments between the years 2000 and 2200."})
    actor = person(request)
    try:
        made = services.book(
            actor=actor,
            machine=machine,
            person=actor,
            start=wish.start,
            end=wish.end,
            purpose=wish.purpose,
            despite_study=wish.despite_study,
        )
    except (services.SlotTaken, services.MeetsStudy) as refused:
        others = alternatives(actor, machine, wish.start, wish.end)
        found = [{"machine": one.machine.uid, "start": one.start, "end": one.end} for one in others]
        return Status(409, {"detail": " ".join(refused.messages), "alternatives": found})
    except ValidationError as error:
        return Status(422, {"detail": " ".join(error.messages)})
    return _booking(made)


@router.post(
    "/bookings/{uid}/cancellation",
    response={200: BookingOut, 403: Problem, 404: Problem, 422: Problem | Invalid},
    summary="Give a booking back",
)
def cancel_booking(request: HttpRequest, uid: UUID, told: CancelIn) -> Any:
    """Before it begins; who keeps the site says why. The first on the waiting list is offered the time."""
    actor = person(request)
    return _changed(
        request, uid, lambda booking: services.cancel_booking(actor=actor, booking=booking, reason=told.reason)
    )


@router.post(
    "/bookings/{uid}/attendance",
    response={200: BookingOut, 403: Problem, 404: Problem, 422: Problem | Invalid},
    summary="Check somebody in",
)
def check_in(request: HttpRequest, uid: UUID) -> Any:
    """As somebody of the site, never oneself."""
    actor = person(request)
    return _changed(request, uid, lambda booking: services.check_in(actor=actor, booking=booking))


def _changed(request: HttpRequest, uid: UUID, act: Callable[[Booking], Booking]) -> Any:
    booking = Booking.objects.visible_to(request.user).select_related("machine__site").filter(uid=uid).first()
    if booking is None:
        return Status(404, {"detail": "There is no such booking, or it is not open to you."})
    try:
        return _booking(act(booking))
    except ValidationError as error:
        return Status(422, {"detail": " ".join(error.messages)})
