"""Positions for programs: positions, order classes, rounds with their published figures, own assignments. Read only."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.community.models import StudyField
from ronghe.apps.ledger.answers import Invalid, Problem
from ronghe.apps.positions import selectors
from ronghe.apps.positions.models import Acceptance, Assignment, Position, PositionState

router = Router(tags=["positions"])

LARGEST_PAGE = 200
_NOT_FOUND = {"detail": "There is no such thing, or it is not open to you."}


class SkillOut(Schema):
    """A skill that a position asks for."""

    code: str
    skill_level: int
    is_required: bool


class PositionOut(Schema):
    """A position with its seats and what it asks."""

    uid: UUID
    title_zh: str
    title_en: str
    tasks: str
    enterprise: UUID
    chain: UUID | None
    field: str
    city: str
    seats: int
    starts_on: date
    ends_on: date
    pay: Decimal | None
    state: str
    skills: list[SkillOut]
    requirements: list[UUID]

    @staticmethod
    def resolve_enterprise(one: Position) -> UUID:
        return one.organisation.uid

    @staticmethod
    def resolve_chain(one: Position) -> UUID | None:
        return one.chain.uid if one.chain else None

    @staticmethod
    def resolve_city(one: Position) -> str:
        return one.region.code

    @staticmethod
    def resolve_skills(one: Position) -> list[dict[str, Any]]:
        return [
            {"code": asked.skill.code, "skill_level": asked.skill_level, "is_required": asked.is_required}
            for asked in one.skills.all()
        ]

    @staticmethod
    def resolve_requirements(one: Position) -> list[UUID]:
        return [need.uid for need in one.requirements.all()]


class PositionPageOut(Schema):
    """A part of the positions that are open to the caller."""

    total: int
    offset: int
    items: list[PositionOut]


class PositionsQuery(Schema):
    """Which positions, and which part of the list."""

    text: str = Field("", max_length=80)
    field: StudyField | None = None
    state: PositionState | None = None
    skill: str = Field("", max_length=80)
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=LARGEST_PAGE)


class RoundOut(Schema):
    """A matching round; `figures` are those of the published run, empty before."""

    uid: UUID
    name_zh: str
    name_en: str
    state: str
    mode: str
    opens_on: date
    closes_on: date
    starts_on: date
    ends_on: date
    seed: int
    standing: str = ""
    figures: dict[str, Any] = {}


class AssignmentOut(Schema):
    """Where a published round put a student; the rank is told to the student and the office alone."""

    uid: UUID
    round: UUID
    student: UUID
    position: UUID | None
    rank: int | None
    fit: float | None


class AssignmentsQuery(Schema):
    """Which part of the list."""

    round: UUID | None = None
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=LARGEST_PAGE)


@router.get("/positions", response={200: PositionPageOut, 422: Invalid})
def positions(request: HttpRequest, query: Query[PositionsQuery]) -> Any:
    """The positions that are open to the caller."""
    found = selectors.positions(
        request.user, text=query.text, field=query.field or "", state=query.state or "", skill=query.skill
    )
    shown = found.prefetch_related("skills__skill", "requirements")[query.offset : query.offset + query.limit]
    return {"total": found.count(), "offset": query.offset, "items": list(shown)}


@router.get("/positions/{uid}", response={200: PositionOut, 404: Problem, 422: Invalid})
def position(request: HttpRequest, uid: UUID) -> Any:
    """One position."""
    return selectors.find(request.user, uid) or Status(404, _NOT_FOUND)


class WorkOut(Schema):
    """Work of a student on a task of an order class: the criteria, the numbers of those met (from 0), who decided."""

    uid: UUID
    task: UUID
    student: UUID | None
    state: str
    evidence: str
    link: str
    criteria: list[str]
    met: list[int]
    comment: str
    handed_in_at: datetime
    decided_at: datetime | None
    decided_by: UUID | None

    @staticmethod
    def resolve_task(one: Acceptance) -> UUID:
        return one.task.uid

    @staticmethod
    def resolve_student(one: Acceptance) -> UUID | None:
        return one.member.person.uid if one.member.person else None

    @staticmethod
    def resolve_decided_by(one: Acceptance) -> UUID | None:
        return one.decided_by.uid if one.decided_by else None


@router.get("/classes/{uid}/work", response={200: list[WorkOut], 404: Problem, 422: Invalid})
def work(request: HttpRequest, uid: UUID) -> Any:
    """Work on the tasks of an order class, as far as the caller sees it, the newest first."""
    order = selectors.find_order(request.user, uid)
    if order is None:
        return Status(404, _NOT_FOUND)
    found = Acceptance.objects.visible_to(request.user).filter(member__order_class=order)
    return list(found.select_related("task", "member__person", "decided_by")[:LARGEST_PAGE])


@router.get("/rounds", response={200: list[RoundOut], 422: Invalid})
def rounds(request: HttpRequest) -> Any:
    """The newest rounds that are open to the caller, without figures."""
    return list(selectors.rounds(request.user)[:LARGEST_PAGE])


@router.get("/rounds/{uid}", response={200: RoundOut, 404: Problem, 422: Invalid})
def round_(request: HttpRequest, uid: UUID) -> Any:
    """One round, with the figures of its published run for those who may read them."""
    found = selectors.find_round(request.user, uid)
    if found is None:
        return Status(404, _NOT_FOUND)
    shown = {name: getattr(found, name) for name in RoundOut.model_fields if name not in ("standing", "figures")}
    published = found.published_run
    run = selectors.find_run(request.user, found, published.number) if published is not None else None
    if run is None:
        return shown
    groups = {key: value for key, value in run.figures["groups"].items() if value["students"] >= selectors.FEWEST}
    return {**shown, "standing": run.standing, "figures": {**run.figures, "groups": groups}}


@router.get("/assignments", response={200: dict[str, Any], 422: Invalid})
def assignments(request: HttpRequest, query: Query[AssignmentsQuery]) -> Any:
    """The published assignments that are open to the caller: one's own, those of one's firm or university."""
    found = Assignment.objects.visible_to(request.user).published()
    if query.round is not None:
        found = found.filter(round__uid=query.round)
    rows = found.select_related("round", "person", "position").filter(person__isnull=False).order_by("pk")
    sees_all = request.user.has_perm("positions.run_round")
    items = [
        AssignmentOut(
            uid=one.uid,
            round=one.round.uid,
            student=one.person.uid,
            position=one.position.uid if one.position else None,
            rank=one.rank if sees_all or one.person_id == request.user.pk else None,
            fit=one.fit,
        )
        for one in rows[query.offset : query.offset + query.limit]
        if one.person is not None
    ]
    return {"total": rows.count(), "offset": query.offset, "items": items}
