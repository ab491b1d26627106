"""The curriculum for programs: programmes, what is taught in force, versions with their changes, units due, the CRI."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.community.models import Organisation
from ronghe.apps.curriculum import readings, selectors
from ronghe.apps.curriculum.case import case_package
from ronghe.apps.curriculum.models import PackageVersion, Programme, Unit
from ronghe.apps.curriculum.selectors.index import IndexPage, Scope, index_page
from ronghe.apps.ledger.answers import Invalid, Problem

router = Router(tags=["curriculum"])

LARGEST_PAGE = 100


class ProgrammeOut(Schema):
    """A programme, and how much of it is taught."""

    uid: UUID
    name_zh: str
    name_en: str
    university: UUID
    field: str
    months: int
    packages: int
    units: int
    last_release: date | None

    @staticmethod
    def resolve_university(programme: Programme) -> UUID:
        return programme.organisation.uid


class ProgrammePageOut(Schema):
    """A part of the programmes."""

    total: int
    offset: int
    items: list[ProgrammeOut]


class PageQuery(Schema):
    """Which part of a list."""

    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(25, ge=1, le=LARGEST_PAGE)


class DeclarationOut(Schema):
    """A skill that a unit declares to teach."""

    skill: str
    skill_level: int
    hours: float
    practice_hours: float
    evidence: str


class UnitOut(Schema):
    """A unit of a version."""

    key: UUID
    name_zh: str
    name_en: str
    content: str
    hours: float
    practice_hours: float
    renewed_on: date | None
    change: str
    declared: list[DeclarationOut]


class VersionOut(Schema):
    """A version of a package with its units."""

    uid: UUID
    package: UUID
    number: int
    state: str
    summary: str
    released_on: date | None
    content_hash: str
    units: list[UnitOut]


class ChangeOut(Schema):
    """What a version did to one unit, by the rule of revision_diff."""

    key: UUID
    kind: str
    novelty: float
    renamed: bool
    moved: bool
    origins: list[UUID]


class ChangesOut(Schema):
    """What a version replaced against the one released before it."""

    against: int | None
    replaced: int
    replaced_share: float | None
    content_share: float | None
    removed: list[UUID]
    units: list[ChangeOut]


class DueOut(Schema):
    """A unit due for renewal, and the points of CRI that it costs."""

    unit: UUID
    name_zh: str
    package: UUID
    renewed_on: date | None
    due_on: date
    is_old: bool
    lagging_skills: list[str]
    cost: float | None


class FactorOut(Schema):
    """One of the three factors."""

    name: str
    value: float
    exponent: float
    cost: float


class SkillCostOut(Schema):
    """What a skill costs."""

    skill: str
    share: float
    level: float
    level_asked: float
    coverage: float
    practice: float
    lag_months: float
    cost: float


class IndexOut(Schema):
    """The CRI of a day with what explains it; `value` is null where there is none.

    `is_current` is false while the index of today's data is being computed; ask again later.
    """

    as_of: date
    is_current: bool = True
    value: float | None
    low: float | None = None
    high: float | None = None
    method: str = ""
    inputs_hash: str = ""
    factors: list[FactorOut] = []
    skills: list[SkillCostOut] = []


class IndexQuery(Schema):
    """Whose index: the community's when neither is named."""

    programme: UUID | None = None
    enterprise: UUID | None = None


def _demand(request: HttpRequest, permission: str, thing: Any = None) -> None:
    allowed = request.user.has_perm(permission) if thing is None else request.user.has_perm(permission, thing)
    if not allowed:
        raise PermissionDenied(_("Your role in the community does not allow this. Ask the community office."))


def _missing() -> Status[dict[str, str]]:
    return Status(404, {"detail": _("There is no such record of the curriculum, or it is not open to you.")})


@router.get("/programmes", response={200: ProgrammePageOut, 403: Problem, 422: Invalid})
def programmes(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """The programmes of the community's universities."""
    _demand(request, "curriculum.view_programme")
    found = selectors.programmes(request.user)
    part = found[query.offset : query.offset + query.limit]
    return {"total": found.count(), "offset": query.offset, "items": list(part)}


@router.get("/programmes/{uid}/case", response={200: Any, 403: Problem, 404: Problem, 422: Invalid})
def programme_case(request: HttpRequest, uid: UUID) -> Any:
    """What a programme teaches today as an IMS CASE 1.0 package."""
    _demand(request, "curriculum.view_programme")
    programme = selectors.programmes(request.user).filter(uid=uid).first()
    return _missing() if programme is None else case_package(programme)


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        "key": unit.key,
        "name_zh": unit.name_zh,
        "name_en": unit.name_en,
        "content": unit.content,
        "hours": unit.hours,
        "practice_hours": unit.practice_hours,
        "renewed_on": unit.renewed_on,
        "change": unit.change,
        "declared": [
            {
                "skill": one.skill.code,
                "skill_level": one.skill_level,
                "hours": one.hours,
                "practice_hours": one.practice_hours,
                "evidence": one.evidence,
            }
            for one in unit.declarations.all()
        ],
    }


@router.get("/versions/{uid}", response={200: VersionOut, 403: Problem, 404: Problem, 422: Invalid})
def version(request: HttpRequest, uid: UUID) -> Any:
    """A version with its units; a draft only for those who write and review it."""
    _demand(request, "curriculum.view_programme")
    found = selectors.version_page(request.user, uid)
    if found is None:
        return _missing()
    version: PackageVersion = found.version
    return {
        "uid": version.uid,
        "package": version.package.uid,
        "number": version.number,
        "state": version.state,
        "summary": version.summary,
        "released_on": version.released_on,
        "content_hash": version.content_hash,
        "units": [_unit(unit) for unit in found.units],
    }


@router.get("/versions/{uid}/changes", response={200: ChangesOut, 403: Problem, 404: Problem, 422: Invalid})
def changes(request: HttpRequest, uid: UUID) -> Any:
    """What a version replaced in substance, unit by unit."""
    _demand(request, "curriculum.view_programme")
    found = selectors.version_of(request.user, uid)
    if found is None:
        return _missing()
    compared = selectors.version_diff(found)
    result = compared.found
    return {
        "against": compared.before.number if compared.before else None,
        "replaced": result.replaced,
        "replaced_share": result.replaced_share,
        "content_share": result.content_share,
        "removed": list(result.removed),
        "units": [
            {
                "key": change.key,
                "kind": change.kind.value,
                "novelty": change.novelty,
                "renamed": change.renamed,
                "moved": change.moved,
                "origins": list(change.origins),
            }
            for change in result.units
        ],
    }


@router.get("/due", response={200: list[DueOut], 403: Problem, 422: Invalid})
def due(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """The units due for renewal, dearest first."""
    _demand(request, "curriculum.view_due_units")
    rows = selectors.due_units(request.user)[query.offset : query.offset + query.limit]
    return [
        {
            "unit": row.unit.key,
            "name_zh": row.unit.name_zh,
            "package": row.unit.version.package.uid,
            "renewed_on": row.unit.renewed_on,
            "due_on": row.due_on,
            "is_old": row.is_old,
            "lagging_skills": [skill.code for skill in row.lagging],
            "cost": row.cost,
        }
        for row in rows
    ]


@router.get("/cri", response={200: IndexOut, 403: Problem, 404: Problem, 422: Invalid})
def index(request: HttpRequest, query: Query[IndexQuery]) -> Any:
    """Today's CRI of the community, of a programme, or of one enterprise."""
    _demand(request, "curriculum.view_programme")
    programme = Programme.objects.filter(uid=query.programme).first() if query.programme else None
    enterprise = (
        Organisation.objects.filter(uid=query.enterprise, kind="enterprise").first() if query.enterprise else None
    )
    if (query.programme and programme is None) or (query.enterprise and enterprise is None):
        return _missing()
    if enterprise is not None:
        _demand(request, "curriculum.view_cri", enterprise)
    today = timezone.localdate()
    now = readings.current(today, programme.pk if programme else None, actor=request.user)
    page = index_page(today, Scope(programme.pk if programme else None, enterprise.pk if enterprise else None))
    said = {"as_of": today, "value": None} if page is None else {"as_of": page.found.day, **_index(page)}
    return {"is_current": now.is_current, **said}


def _index(page: IndexPage) -> dict[str, Any]:
    explanation = page.result.explanation
    return {
        "value": page.result.cri,
        "low": page.low,
        "high": page.high,
        "method": f"{explanation.method}@{explanation.version}",
        "inputs_hash": explanation.inputs_hash,
        "factors": [
            {"name": one.name, "value": one.value, "exponent": one.exponent, "cost": one.cost} for one in page.factors
        ],
        "skills": [
            {
                "skill": line.skill.code,
                "share": line.share,
                "level": line.level,
                "level_asked": line.level_asked,
                "coverage": line.coverage,
                "practice": line.practice,
                "lag_months": line.lag,
                "cost": line.cost,
            }
            for line in page.skills
        ],
    }
