"""Demand for programs: skills and their figures, postings and mentions, requirements, and extraction from a text."""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from ninja.throttling import AuthRateThrottle

from ronghe.apps.community import selectors as community
from ronghe.apps.demand import extraction, selectors, services
from ronghe.apps.demand.api import rounds
from ronghe.apps.demand.api.schemas import (
    AnswerIn,
    DecisionIn,
    ExtractIn,
    ExtractOut,
    PeriodQuery,
    PostingPageOut,
    PostingsOut,
    PostingsQuery,
    RequirementIn,
    RequirementOut,
    RequirementsOut,
    RequirementsQuery,
    SkillPageOut,
    SkillsOut,
    SkillsQuery,
    SpanOut,
    plain,
)
from ronghe.apps.demand.figures import MonthFigure, posting_count
from ronghe.apps.demand.models import Posting, Skill
from ronghe.apps.demand.selectors import SkillRow, Span
from ronghe.apps.ledger.answers import Invalid, Problem
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.metrics.measurement import Measurement

router = Router(tags=["demand"])
router.add_router("", rounds.router)

EXTRACT_RATE = "30/m"


def _demand(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied(_("Your role in the community does not allow this. Ask the community office."))


def _figure(found: Measurement, url: str | None = None) -> dict[str, Any]:
    return {
        "value": found.value,
        "unit": found.unit.value,
        "low": found.low,
        "high": found.high,
        "count": found.count,
        "as_of": found.as_of,
        "definition": found.definition,
        "note": found.note,
        "records": found.url if url is None else url,
    }


def _skill(row: SkillRow) -> dict[str, Any]:
    return {
        "skill": row.skill,
        "postings": _figure(row.postings, row.urls["postings"]),
        "share": _figure(row.share, row.urls["share"]),
        "growth": _figure(row.growth, row.urls["growth"]),
        "head_count": _figure(row.head_count, row.urls["head_count"]),
    }


def _month(found: MonthFigure) -> dict[str, Any]:
    return {"month": found.month, "postings": _figure(found.postings)}


def _span(span: Span) -> dict[str, Any]:
    return {
        "start": span.start,
        "end": span.end,
        "text": span.text,
        "skill": span.skill.code,
        "name": span.skill.name,
        "tier": span.tier,
        "score": span.score,
        "verdict": span.verdict,
        "counts": span.counts,
    }


def _invalid(error: ValidationError) -> Status[Any]:
    return Status(422, {"detail": " ".join(error.messages)})


@router.get("/skills", response={200: SkillsOut, 403: Problem, 422: Invalid}, summary="Skills by demand")
def list_skills(request: HttpRequest, query: Query[SkillsQuery]) -> Any:
    """Skills that postings of the period ask for, with volume, share, growth and their intervals."""
    _demand(request, "demand.view_skill")
    try:
        window = query.window()
    except ValidationError as error:
        return _invalid(error)
    found = selectors.all_rows(
        window=window,
        scope=query.scope(),
        field=query.field,
        group=query.group,
        text=query.text,
        sort=query.sort,
        offset=query.offset,
        limit=query.limit,
    )
    return {
        "total": found.total,
        "offset": query.offset,
        "start": found.window.start,
        "end": found.window.end,
        "postings": _figure(posting_count(found.window, query.scope())),
        "items": [_skill(row) for row in found.rows],
    }


@router.get(
    "/skills/{code}",
    response={200: SkillPageOut, 403: Problem, 404: Problem, 422: Invalid},
    summary="One skill",
)
def get_skill(request: HttpRequest, code: str, query: Query[PeriodQuery]) -> Any:
    """Its figures, months, talent gap and links."""
    _demand(request, "demand.view_skill")
    try:
        found = selectors.skill_page(request.user, plain(code), window=query.window(), scope=query.scope())
    except ValidationError as error:
        return _invalid(error)
    if found is None:
        return Status(404, {"detail": _("The lexicon has no such skill.")})
    return {
        **_skill(found.row),
        "start": found.window.start,
        "end": found.window.end,
        "gap": _figure(found.gap),
        "months": [_month(month) for month in found.months],
        "links": found.links,
    }


@router.get("/postings", response={200: PostingsOut, 403: Problem, 422: Invalid}, summary="Postings")
def list_postings(request: HttpRequest, query: Query[PostingsQuery]) -> Any:
    """Newest first, each advertisement once unless duplicates are asked for."""
    _demand(request, "demand.view_posting")
    try:
        window = query.window()
    except ValidationError as error:
        return _invalid(error)
    found = selectors.postings(
        request.user,
        text=plain(query.text),
        source=query.source,
        region=plain(query.region),
        field=plain(query.field),
        language=plain(query.language),
        skill=plain(query.skill),
        window=window,
        duplicates=query.duplicates,
    )
    items = list(found[query.offset : query.offset + query.limit])
    return {"total": found.count(), "offset": query.offset, "items": items}


@router.get(
    "/postings/{id}",
    response={200: PostingPageOut, 403: Problem, 404: Problem, 422: Invalid},
    summary="One posting with its mentions",
)
def get_posting(request: HttpRequest, id: int) -> Any:
    """Text, spans with tier, score and decision, and duplicates."""
    _demand(request, "demand.view_posting")
    found = selectors.posting_page(request.user, id)
    if found is None:
        return Status(404, {"detail": _("There is no such posting.")})
    return {
        "posting": found.posting,
        "text": found.posting.text,
        "spans": [_span(span) for span in found.spans],
        "duplicates": [posting.pk for posting in found.duplicates],
    }


@router.post(
    "/postings/{id}/decisions",
    response={200: list[SpanOut], 403: Problem, 404: Problem, 409: Problem, 422: Invalid},
    summary="Accept or reject a mention",
)
def decide(request: HttpRequest, id: int, decision: DecisionIn) -> Any:
    """Answers with the posting's spans as they stand then; 409 when someone decided otherwise meanwhile."""
    posting = Posting.objects.visible_to(request.user).filter(pk=id).first()
    skill = Skill.objects.current().filter(code=plain(decision.skill)).first()
    if posting is None or skill is None:
        return Status(404, {"detail": _("There is no such posting or skill.")})
    place: dict[str, Any] = {"posting": posting, "skill": skill, "start": decision.start, "end": decision.end}
    try:
        if decision.verdict:
            services.decide_mention(
                actor=request.user,  # type: ignore[arg-type]
                **place,
                verdict=decision.verdict,
                seen=decision.seen,
            )
        else:
            services.undo_decision(actor=request.user, **place, seen=decision.seen)  # type: ignore[arg-type]
    except services.DecisionConflict as conflict:
        return Status(409, {"detail": str(conflict)})
    except ValidationError as error:
        return _invalid(error)
    return [_span(span) for span in selectors.spans_of(posting)]


@router.get(
    "/requirements", response={200: RequirementsOut, 403: Problem, 422: Invalid}, summary="Requirements you may see"
)
def list_requirements(request: HttpRequest, query: Query[RequirementsQuery]) -> Any:
    """All of them for office, reviewers and teachers; those of their own enterprise for its HR."""
    _demand(request, "demand.view_requirement")
    found = selectors.requirements(
        request.user,
        state=plain(query.state),
        skill=plain(query.skill),
        field=plain(query.field),
        text=plain(query.text),
    )
    items = list(found[query.offset : query.offset + query.limit])
    return {"total": found.count(), "offset": query.offset, "items": items}


@router.post(
    "/requirements",
    response={201: RequirementOut, 403: Problem, 404: Problem, 422: Invalid},
    summary="Raise a requirement",
)
def raise_requirement(request: HttpRequest, need: RequirementIn) -> Any:
    """For an enterprise that you speak for."""
    _demand(request, "demand.raise_requirement")
    organisation = community.enterprises().filter(uid=need.organisation).first()
    if organisation is None:
        return Status(404, {"detail": _("There is no such enterprise.")})
    names = extraction.names()
    skill = Skill.objects.current().filter(code=names.resolve(plain(need.skill)) or "").first()
    if skill is None:
        near = ", ".join(names.suggest(need.skill, "en"))
        return Status(422, {"detail": _("The lexicon has no such skill. Near to it: %(near)s") % {"near": near}})
    try:
        raised = services.raise_requirement(
            actor=request.user,  # type: ignore[arg-type]
            organisation=organisation,
            skill=skill,
            skill_level=need.skill_level,
            head_count=need.head_count,
            needed_by=need.needed_by,
            severity=need.severity,
            reason=plain(need.reason),
        )
    except ValidationError as error:
        return _invalid(error)
    return Status(201, raised)


@router.get(
    "/requirements/{uid}",
    response={200: RequirementOut, 403: Problem, 404: Problem, 422: Invalid},
    summary="One requirement",
)
def get_requirement(request: HttpRequest, uid: UUID) -> Any:
    """With its answers."""
    _demand(request, "demand.view_requirement")
    found = selectors.requirements(request.user).filter(uid=uid).first()
    return found or Status(404, {"detail": _("There is no such requirement.")})


@router.post(
    "/requirements/{uid}/answers",
    response={201: RequirementOut, 403: Problem, 404: Problem, 409: Problem, 422: Invalid},
    summary="Answer a requirement",
)
def answer_requirement(request: HttpRequest, uid: UUID, answer: AnswerIn) -> Any:
    """409 when it was changed or closed since the revision that you read."""
    found = selectors.requirements(request.user).filter(uid=uid).first()
    if found is None:
        return Status(404, {"detail": _("There is no such requirement.")})
    try:
        services.answer_requirement(
            actor=request.user,  # type: ignore[arg-type]
            requirement=found,
            revision=answer.revision,
            kind=answer.kind,
            text=plain(answer.text),
            planned_for=answer.planned_for,
        )
    except (StaleRevision, services.RequirementClosed) as conflict:
        return Status(409, {"detail": str(conflict)})
    except ValidationError as error:
        return _invalid(error)
    return Status(201, selectors.requirements(request.user).get(uid=uid))


@router.post(
    "/extract",
    response={200: ExtractOut, 403: Problem, 422: Invalid, 429: Problem},
    summary="Find the skills in a text",
    throttle=[AuthRateThrottle(EXTRACT_RATE)],
)
def extract(request: HttpRequest, source: ExtractIn) -> Any:
    """Nothing is kept. At most 20,000 characters, thirty times a minute."""
    _demand(request, "demand.use_extractor")
    engine = extraction.engine()
    skills = engine.lexicon.by_id
    return {
        "extractor": engine.version,
        "mentions": [
            {
                "start": mention.start,
                "end": mention.end,
                "text": source.text[mention.start : mention.end],
                "skill": mention.skill_id,
                "name_zh": skills[mention.skill_id].zh,
                "name_en": skills[mention.skill_id].en,
                "tier": mention.tier,
                "score": mention.score,
            }
            for mention in engine.extract([source.text])[0]
        ],
    }
