"""Mentors for programs: who mentors with which load, class hours, statements of fees. It writes nothing."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.ledger.answers import Invalid, Problem
from ronghe.apps.mentors import selectors
from ronghe.apps.mentors.models import ClassHour, HourState, MentorKind, Statement
from ronghe.apps.mentors.tables import entries_of

router = Router(tags=["mentors"])

LARGEST_PAGE = 200


class AppointmentOut(Schema):
    """From where a mentor comes."""

    kind: str
    organisation: UUID
    title: str
    valid_from: date
    valid_until: date | None


class MentorOut(Schema):
    """A mentor with the load of the day asked for. `papers`: ok, warn, bad, progress or none."""

    uid: UUID
    name: str
    appointments: list[AppointmentOut]
    taken: int
    limit: int
    papers: str


class MentorPageOut(Schema):
    """A part of the mentors that are open to the caller."""

    total: int
    offset: int
    items: list[MentorOut]


class MentorsQuery(Schema):
    """Which mentors, on which day (today without one), and which part of the list."""

    on: date | None = None
    kind: MentorKind | None = None
    text: str = Field("", max_length=80)
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=LARGEST_PAGE)


class HourOut(Schema):
    """Class hours that were claimed: a local day and time, and their length."""

    uid: UUID
    mentor: UUID
    organisation: UUID
    university: UUID
    taught_on: date
    starts_at: str
    minutes: int
    class_hours: Decimal
    subject: str
    state: str


class HourPageOut(Schema):
    """A part of the class hours that are open to the caller."""

    total: int
    offset: int
    items: list[HourOut]


class HoursQuery(Schema):
    """Which class hours, and which part of the list."""

    state: HourState | None = None
    first: date | None = None
    last: date | None = None
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=LARGEST_PAGE)


class StatementOut(Schema):
    """A statement of fees as it was issued, in yuan."""

    uid: UUID
    mentor: UUID
    month: date
    class_hours: Decimal
    amount: Decimal


class FeeLineOut(Schema):
    """A line of a statement: a fee, a counter-line, or a corrected fee."""

    hour: UUID
    day: date
    kind: str
    class_hours: Decimal
    rate: Decimal
    amount: Decimal


class StatementLinesOut(StatementOut):
    """A statement with its lines."""

    lines: list[FeeLineOut]


@router.get("/mentors", response={200: MentorPageOut, 422: Invalid})
def mentors(request: HttpRequest, query: Query[MentorsQuery]) -> Any:
    """The mentors that are open to the caller, by name."""
    day = query.on or timezone.localdate()
    found = selectors.mentors(request.user, day, text=query.text.strip(), kind=query.kind or "")
    rows = selectors.mentor_rows(found[query.offset : query.offset + query.limit], day)
    return {
        "total": found.count(),
        "offset": query.offset,
        "items": [
            {
                "uid": row.person.uid,
                "name": str(row.person),
                "appointments": [
                    {
                        "kind": one.kind,
                        "organisation": one.organisation.uid,
                        "title": one.title,
                        "valid_from": one.valid_from,
                        "valid_until": one.valid_until,
                    }
                    for one in row.appointments
                ],
                "taken": row.load.taken,
                "limit": row.load.limit,
                "papers": row.papers,
            }
            for row in rows
        ],
    }


@router.get("/hours", response={200: HourPageOut, 422: Invalid})
def hours(request: HttpRequest, query: Query[HoursQuery]) -> Any:
    """The class hours that are open to the caller, newest first; fees stand in statements alone."""
    found = ClassHour.objects.visible_to(request.user)
    if query.state is not None:
        found = found.filter(state=query.state)
    if query.first is not None:
        found = found.filter(taught_on__gte=query.first)
    if query.last is not None:
        found = found.filter(taught_on__lte=query.last)
    rows = found.select_related("mentor", "organisation", "university")
    return {
        "total": found.count(),
        "offset": query.offset,
        "items": [
            {
                "uid": hour.uid,
                "mentor": hour.mentor.uid,
                "organisation": hour.organisation.uid,
                "university": hour.university.uid,
                "taught_on": hour.taught_on,
                "starts_at": f"{hour.begins:%H:%M}",
                "minutes": hour.minutes,
                "class_hours": hour.class_hours,
                "subject": hour.subject,
                "state": hour.state,
            }
            for hour in rows[query.offset : query.offset + query.limit]
        ],
    }


@router.get("/statements", response={200: list[StatementOut]})
def statements(request: HttpRequest) -> Any:
    """The newest statements of fees that are open to the caller: a mentor's own, all for the office."""
    return [_head(one) for one in Statement.objects.visible_to(request.user).select_related("mentor")[:LARGEST_PAGE]]


def _head(statement: Statement) -> dict[str, Any]:
    return {
        "uid": statement.uid,
        "mentor": statement.mentor.uid,
        "month": statement.month,
        "class_hours": statement.class_hours,
        "amount": statement.amount,
    }


@router.get("/statements/{uid}", response={200: StatementLinesOut, 404: Problem, 422: Invalid})
def statement(request: HttpRequest, uid: UUID) -> Any:
    """A statement of fees with its lines."""
    found = Statement.objects.visible_to(request.user).select_related("mentor").filter(uid=uid).first()
    if found is None:
        return Status(404, {"detail": "There is no such statement, or it is not open to you."})
    return {
        **_head(found),
        "lines": [
            {
                "hour": entry.hour.uid,
                "day": entry.hour.taught_on,
                "kind": entry.kind,
                "class_hours": entry.class_hours,
                "rate": entry.rate,
                "amount": entry.amount,
            }
            for entry in entries_of(found)
        ],
    }
