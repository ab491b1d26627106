"""Rotations for programs: plans one may see, and their standing sessions. It writes nothing."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.ledger.answers import Invalid, Problem
from ronghe.apps.rotations import selectors
from ronghe.apps.rotations.models import Plan, Session

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
        return Status(404, {"detail": _("There is no such plan, or it is not open to you.")})
    rows = Session.objects.standing().visible_to(request.user).filter(week__plan=plan)
    shown = rows.select_related("week", "group", "machine", "mentor").order_by("starts_at", "pk")
    return {"count": rows.count(), "items": list(shown[page.offset : page.offset + page.limit])}
