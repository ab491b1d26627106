"""Rotations for programs: plans one may see, their standing sessions, and the decisions of the office on fortnights."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.accounts.pages import person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger.answers import Invalid, Problem
from ronghe.apps.rotations import selectors, services
from ronghe.apps.rotations.models import Pin, PinKind, Plan, Session
from ronghe.apps.sites.models import MachineFamily

router = Router(tags=["rotations"])

LARGEST_PAGE = 500
LARGEST_OFFSET = 2**31


class PlanOut(Schema):
    """A plan of rotations; `figures` says what is proven of its fortnights."""

    uid: UUID
    name_zh: str
    name_en: str
    state: str
    first_day: date
    last_day: date
    pattern: str
    zone: str


class SessionOut(Schema):
    """A group at a machine with a mentor, in UTC."""

    week: int
    group: int
    machine: UUID
    mentor: UUID | None
    starts_at: datetime
    ends_at: datetime

    @staticmethod
    def resolve_week(session: Session) -> int:
        return session.week.number + 1

    @staticmethod
    def resolve_group(session: Session) -> int:
        return session.group.number

    @staticmethod
    def resolve_machine(session: Session) -> UUID:
        return session.machine.uid

    @staticmethod
    def resolve_mentor(session: Session) -> UUID | None:
        return session.mentor.uid if session.mentor is not None else None


class PinIn(Schema):
    """A group is at a family in a fortnight, counted from 1, or must not be (`forbidden`), and why."""

    group: int = Field(ge=1)
    fortnight: int = Field(ge=1)
    family: str
    forbidden: bool = False
    reason: str


class PinOut(PinIn):
    """A decision, who made it and when, and whether the plan as it stands keeps it."""

    id: int
    made_by: UUID | None
    made_at: datetime
    is_kept: bool

    @staticmethod
    def resolve_group(pin: Pin) -> int:
        return pin.group.number

    @staticmethod
    def resolve_fortnight(pin: Pin) -> int:
        return pin.fortnight + 1

    @staticmethod
    def resolve_family(pin: Pin) -> str:
        return pin.family.code

    @staticmethod
    def resolve_forbidden(pin: Pin) -> bool:
        return pin.kind == PinKind.FORBIDDEN

    @staticmethod
    def resolve_made_by(pin: Pin) -> UUID | None:
        return pin.made_by.uid if pin.made_by is not None else None


class Page(Schema):
    """How many sessions, after how many left out."""

    limit: int = Field(100, ge=1, le=LARGEST_PAGE)
    offset: int = Field(0, ge=0, le=LARGEST_OFFSET)


class SessionsOut(Schema):
    """One page of sessions, and how many there are."""

    count: int
    items: list[SessionOut]


@router.get("/plans", response={200: list[PlanOut], 422: Invalid}, summary="Rotation plans")
def plans(request: HttpRequest) -> list[Plan]:
    """The plans that the caller may see, the newest first; the first two hundred."""
    return list(selectors.plans(request.user)[:200])


@router.get(
    "/plans/{uid}/sessions",
    response={200: SessionsOut, 404: Problem, 422: Invalid},
    summary="Sessions of a plan",
)
def sessions(request: HttpRequest, uid: UUID, page: Query[Page]) -> Any:
    """The standing sessions of a plan that the caller may see, in order of time."""
    plan = selectors.find(request.user, uid)
    if plan is None:
        return Status(404, _missing())
    rows = Session.objects.standing().visible_to(request.user).filter(week__plan=plan)
    shown = rows.select_related("week", "group", "machine", "mentor").order_by("starts_at", "pk")
    return {"count": rows.count(), "items": list(shown[page.offset : page.offset + page.limit])}


@router.get(
    "/plans/{uid}/pins",
    response={200: list[PinOut], 403: Problem, 404: Problem, 422: Invalid},
    summary="Pinned and forbidden fortnights",
)
def pins(request: HttpRequest, uid: UUID) -> Any:
    """The decisions on fortnights of a plan, for those who plan."""
    plan = selectors.find(request.user, uid)
    if plan is None:
        return Status(404, _missing())
    demand(person(request), "rotations.plan")
    return services.pins_of(plan)


@router.post(
    "/plans/{uid}/pins",
    response={201: PinOut, 403: Problem, 404: Problem, 422: Invalid},
    summary="Pin or forbid a fortnight",
)
def pin(request: HttpRequest, uid: UUID, asked: PinIn) -> Any:
    """Decide before the plan is published; computing it again moves as little as possible."""
    plan = selectors.find(request.user, uid)
    if plan is None:
        return Status(404, _missing())
    demand(person(request), "rotations.plan")
    group = plan.groups.filter(number=asked.group).first()
    family = MachineFamily.objects.filter(code=asked.family).first()
    if group is None or family is None:
        return Status(404, {"detail": _("This plan has no such group or family.")})
    try:
        made = services.pin_group(
            actor=person(request),
            plan=plan,
            group=group,
            fortnight=asked.fortnight - 1,
            family=family,
            kind=PinKind.FORBIDDEN if asked.forbidden else PinKind.PINNED,
            reason=asked.reason,
        )
    except ValidationError as error:
        return Status(422, {"detail": " ".join(error.messages)})
    return Status(201, made)


@router.delete(
    "/plans/{uid}/pins/{id}",
    response={204: None, 403: Problem, 404: Problem, 422: Invalid},
    summary="Lift a decision on a fortnight",
)
def lift(request: HttpRequest, uid: UUID, id: int) -> Any:
    """The log keeps what was lifted."""
    plan = selectors.find(request.user, uid)
    found = Pin.objects.filter(plan=plan, pk=id).select_related("plan").first() if plan is not None else None
    if found is None:
        return Status(404, {"detail": _("There is no such decision; somebody has lifted it.")})
    try:
        services.lift_pin(actor=person(request), pin=found)
    except ValidationError as error:
        return Status(422, {"detail": " ".join(error.messages)})
    return Status(204, None)


def _missing() -> dict[str, str]:
    return {"detail": _("There is no such plan, or it is not open to you.")}
