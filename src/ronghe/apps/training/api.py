"""Training for programs: placements with weeks and assessments, as far as the caller sees; changes of placements."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.pages import person
from ronghe.apps.agreements.models import Agreement
from ronghe.apps.community.models import Organisation
from ronghe.apps.ledger.answers import Invalid, Problem
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.training import selectors, services
from ronghe.apps.training.models import Assessment, Entry, Placement, PlacementState, Stay

router = Router(tags=["training"])

LARGEST_PAGE = 200


class HostOut(Schema):
    """An enterprise where a student is, with its share of the week in percent."""

    organisation: UUID
    name_zh: str
    name_en: str
    share: int
    days: str = Field(description="days of the week at the host, Monday is 1: 123 is Monday to Wednesday")
    opens: time
    closes: time
    state: str
    first_day: date
    last_day: date | None


class PlacementOut(Schema):
    """A placement with the hours that were confirmed of it. People are named by uid."""

    uid: UUID
    student: UUID | None
    mentor: UUID | None
    teacher: UUID | None
    position: UUID | None
    agreement: UUID | None
    work_zh: str
    work_en: str
    starts_on: date
    ends_on: date
    state: str
    confirmed_hours: Decimal
    waiting: int
    revision: int = Field(description="what a change names, so that it changes what was read")


class PlacementDetailOut(PlacementOut):
    """The same with where the student was and is."""

    hosts: list[HostOut]


class ChangeHostIn(Schema):
    """An enterprise, and its share of the week in percent."""

    organisation: UUID
    share: int = Field(100, ge=1, le=100)


class TimesIn(Schema):
    """Days of the week at the host, Monday is 1, and hours of a day."""

    days: str = Field("12345", pattern="^[1-7]{1,7}$")
    opens: time = time(9)
    closes: time = time(18)


class ChangeIn(Schema):
    """What is to be otherwise; what is left out stays. Hosts, times and mentor change on `on`, else today."""

    reason: str = Field(min_length=1, max_length=300)
    revision: int
    starts_on: date | None = None
    ends_on: date | None = None
    hosts: list[ChangeHostIn] | None = Field(None, min_length=1, max_length=2)
    times: TimesIn | None = None
    mentor: UUID | None = None
    agreement: UUID | None = None
    on: date | None = None
    despite_study: bool = Field(False, description="it shall be so although class sessions are met")


class PlacementPageOut(Schema):
    """A part of the placements that are open to the caller."""

    total: int
    offset: int
    items: list[PlacementOut]


class PlacementsQuery(Schema):
    """Which placements, and which part of the list."""

    state: PlacementState | None = None
    on: date | None = Field(None, description="only placements that hold a seat on this day")
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=LARGEST_PAGE)


class FileOut(Schema):
    """A file of evidence by its name and hash; the page of the entry hands it out."""

    filename: str
    media_type: str
    size: int
    sha256: str


class EntryOut(Schema):
    """A version of the evidence of one week. Its hours count while the state is `confirmed`."""

    uid: UUID
    week: date
    version: int
    state: str
    hours: Decimal
    text: str
    commit_url: str
    unit: UUID | None
    files: list[FileOut]
    marks: list[str]
    handed_in_at: datetime
    confirmed_at: datetime | None


class AssessmentOut(Schema):
    """An attempt at a unit."""

    uid: UUID
    unit: UUID
    attempt: int
    opened_on: date
    settled_on: date | None
    is_passed: bool | None


def _placement(row: selectors.PlacementRow) -> dict[str, Any]:
    one = row.placement
    return {
        "uid": one.uid,
        "student": one.person.uid if one.person else None,
        "mentor": row.mentor.uid if row.mentor else None,
        "teacher": row.teacher.uid if row.teacher else None,
        "position": one.position.uid if one.position else None,
        "agreement": one.agreement.uid if one.agreement else None,
        "work_zh": one.work_zh,
        "work_en": one.work_en,
        "starts_on": one.starts_on,
        "ends_on": one.ends_on,
        "state": one.state,
        "confirmed_hours": row.confirmed_hours,
        "waiting": row.waiting,
        "revision": one.revision,
    }


@router.get("/placements", response={200: PlacementPageOut, 422: Invalid})
def placements(request: HttpRequest, query: Query[PlacementsQuery]) -> Any:
    """The placements that are open to the caller, the latest first."""
    found = Placement.objects.visible_to(request.user)
    if query.state is not None:
        found = found.filter(state=query.state)
    if query.on is not None:
        found = found.filter(pk__in=Stay.objects.on(query.on).values("placement"))
    rows = list(
        found.select_related("person", "position", "agreement").order_by("-starts_on", "-pk")[
            query.offset : query.offset + query.limit
        ]
    )
    return {
        "total": found.count(),
        "offset": query.offset,
        "items": [_placement(row) for row in selectors.rows(rows)],
    }


def _found(request: HttpRequest, uid: UUID) -> Placement | None:
    return selectors.find(request.user, uid)


_MISSING = {"detail": "There is no such placement, or it is not open to you."}


@router.get("/placements/{uid}", response={200: PlacementDetailOut, 404: Problem, 422: Invalid})
def placement(request: HttpRequest, uid: UUID) -> Any:
    """One placement and where the student was and is."""
    one = _found(request, uid)
    return Status(404, _MISSING) if one is None else _detail(one)


def _detail(one: Placement) -> dict[str, Any]:
    stays = Stay.objects.known().filter(placement=one).select_related("organisation").order_by("valid_from", "pk")
    return {
        **_placement(selectors.rows([one])[0]),
        "hosts": [
            {
                "organisation": stay.organisation.uid,
                "name_zh": stay.organisation.name_zh,
                "name_en": stay.organisation.name_en,
                "share": stay.share,
                "days": stay.days,
                "opens": stay.opens,
                "closes": stay.closes,
                "state": stay.state,
                "first_day": stay.valid_from,
                "last_day": stay.last_day,
            }
            for stay in stays
        ],
    }


@router.post(
    "/placements/{uid}/changes",
    response={200: PlacementDetailOut, 403: Problem, 404: Problem, 409: Problem, 422: Invalid},
    summary="Change days, hosts, times or mentor",
)
def change(request: HttpRequest, uid: UUID, asked: ChangeIn) -> Any:
    """One deed with its reason: all of it or nothing, and all concerned are told. 409: it was changed since `revision`.

    422 says what stands against it: days that the agreement does not cover, a mentor without a free slot, another
    placement in the way, class sessions on the days at the host.
    """
    one = _found(request, uid)
    if one is None:
        return Status(404, _MISSING)
    wanted = asked.hosts or []
    firms = {firm.uid: firm for firm in Organisation.objects.filter(uid__in=[host.organisation for host in wanted])}
    mentor = Person.objects.filter(uid=asked.mentor).first() if asked.mentor else None
    papers = Agreement.objects.visible_to(request.user)
    agreement = papers.filter(uid=asked.agreement).first() if asked.agreement else None
    if any(host.organisation not in firms for host in wanted) or (asked.mentor and mentor is None):
        return Status(404, {"detail": _("There is no such enterprise or person.")})
    if asked.agreement and agreement is None:
        return Status(404, {"detail": _("There is no such agreement, or it is not open to you.")})
    times = asked.times
    try:
        services.change_placement(
            actor=person(request),
            placement=one,
            change=services.Change(
                starts_on=asked.starts_on,
                ends_on=asked.ends_on,
                hosts=[(firms[host.organisation], host.share) for host in wanted] or None,
                times=services.Times("".join(sorted(set(times.days))), times.opens, times.closes) if times else None,
                mentor=mentor,
                agreement=agreement,
                on=asked.on,
            ),
            reason=asked.reason,
            revision=asked.revision,
            despite_study=asked.despite_study,
        )
    except StaleRevision as stale:
        return Status(409, {"detail": str(stale)})
    except ValidationError as error:
        return Status(422, {"detail": " ".join(error.messages)})
    found = selectors.find(request.user, uid)
    return Status(404, _MISSING) if found is None else _detail(found)


@router.get("/placements/{uid}/entries", response={200: list[EntryOut], 404: Problem, 422: Invalid})
def entries(request: HttpRequest, uid: UUID) -> Any:
    """Every version of every week of a placement, the newest week first."""
    one = _found(request, uid)
    if one is None:
        return Status(404, _MISSING)
    found = Entry.objects.filter(placement=one).select_related("unit").prefetch_related("attachments", "marks")
    return [
        {
            "uid": entry.uid,
            "week": entry.week,
            "version": entry.version,
            "state": entry.state,
            "hours": entry.hours,
            "text": entry.text,
            "commit_url": entry.commit_url,
            "unit": entry.unit.uid if entry.unit else None,
            "files": list(entry.attachments.all()),
            "marks": sorted({mark.kind for mark in entry.marks.all()}),
            "handed_in_at": entry.handed_in_at,
            "confirmed_at": entry.confirmed_at,
        }
        for entry in found.order_by("-week", "-version")
    ]


@router.get("/placements/{uid}/assessments", response={200: list[AssessmentOut], 404: Problem, 422: Invalid})
def assessments(request: HttpRequest, uid: UUID) -> Any:
    """The attempts at units that were made in a placement."""
    one = _found(request, uid)
    if one is None:
        return Status(404, _MISSING)
    return [
        {
            "uid": attempt.uid,
            "unit": attempt.unit.uid,
            "attempt": attempt.attempt,
            "opened_on": attempt.opened_on,
            "settled_on": attempt.settled_on,
            "is_passed": attempt.is_passed,
        }
        for attempt in Assessment.objects.filter(placement=one).select_related("unit").order_by("opened_on", "pk")
    ]
