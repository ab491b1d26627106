"""Certificates for programs: personnel systems verify many and read what candidates share; people read their own.

Programs bring a key (`Authorization: Bearer rk_…`) with its scopes and its limit; people are signed in.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status
from ninja.security import HttpBearer

from ronghe.apps.credentials import documents, limits, paper, selectors, services, verification
from ronghe.apps.credentials.models import ApiKey, Certificate, Scope, Share
from ronghe.apps.credentials.services.bundles import BundleUnavailable, make_bundle
from ronghe.apps.ledger.answers import Invalid, Problem
from ronghe.trust import strict_json
from ronghe.trust.verdicts import Report

router = Router(tags=["credentials"])

LARGEST_PAGE = 100
MOST_AT_ONCE = 100
MOST_BYTES = 2 * 1024 * 1024


class ProgramKey(HttpBearer):
    """The key of a program."""

    openapi_description = "The key of a program, made on the page of programs."

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        key = services.find_api_key(token)
        if key is not None:
            services.note_use(key)
        return key


program = ProgramKey()


class PageQuery(Schema):
    """Which part of a list."""

    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(25, ge=1, le=LARGEST_PAGE)


class CertificateOut(Schema):
    """A certificate without anything of its path."""

    uid: UUID
    code: str
    name_zh: str
    name_en: str
    issuer: str
    state: str
    issued_at: datetime
    valid_until: datetime | None


class CertificatePageOut(Schema):
    """A part of the certificates."""

    total: int
    offset: int
    items: list[CertificateOut]


class AchievementOut(Schema):
    """An achievement as its newest version says it."""

    uid: UUID
    code: str
    issuer: str
    version: int
    name_zh: str
    name_en: str
    type: str
    worker_level: int | None
    eqf_level: int | None
    issued: int
    holding: int


class ManyIn(Schema):
    """Credentials to verify, each a JSON object, or codes as they are printed."""

    credentials: list[dict[str, Any]] = Field(default_factory=list, max_length=MOST_AT_ONCE)
    codes: list[str] = Field(default_factory=list, max_length=MOST_AT_ONCE)


class VerdictOut(Schema):
    """What came of one: valid, invalid or unknown, and each check with its reason."""

    id: str
    verdict: str
    checks: list[dict[str, str]]


class CandidateOut(Schema):
    """What a candidate shares with the organisation, until when."""

    share: UUID
    holder: str
    certificate: CertificateOut
    worker_level: int | None
    skills: list[str]
    events: list[str]
    open_until: datetime


def _demand_scope(request: HttpRequest, scope: Scope) -> ApiKey | Status[dict[str, str]]:
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    if scope not in key.scopes:
        raise PermissionDenied(_("This key does not have the scope that this needs."))
    if limits.over_limit(key):
        return Status(429, {"detail": _("This key has made too many requests in this minute.")})
    return key


def _certificate(one: Certificate) -> dict[str, Any]:
    return {
        "uid": one.uid,
        "code": one.code,
        "name_zh": one.version.name_zh if one.version else "",
        "name_en": one.version.name_en if one.version else "",
        "issuer": one.issuer.did,
        "state": one.state,
        "issued_at": one.issued_at,
        "valid_until": one.valid_until,
    }


@router.get("/certificates", response={200: CertificatePageOut, 422: Invalid})
def certificates(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """The certificates that the person signed in may see: one's own, or all for the office."""
    found = selectors.certificates(request.user)
    part = found[query.offset : query.offset + query.limit]
    return {"total": found.count(), "offset": query.offset, "items": [_certificate(one) for one in part]}


@router.get("/achievements", response={200: list[AchievementOut], 403: Problem})
def achievements(request: HttpRequest) -> Any:
    """What can be certified."""
    if not request.user.has_perm("credentials.view_achievement"):
        raise PermissionDenied(_("Your role in the community does not allow this. Ask the community office."))
    return [
        {
            "uid": row.achievement.uid,
            "code": row.achievement.code,
            "issuer": row.achievement.issuer.did,
            "version": row.newest.number,
            "name_zh": row.newest.name_zh,
            "name_en": row.newest.name_en,
            "type": row.newest.type,
            "worker_level": row.newest.worker_level,
            "eqf_level": row.newest.eqf_level,
            "issued": row.issued,
            "holding": row.standing,
        }
        for row in selectors.achievements(request.user)
    ]


@router.post("/verify-many", auth=program, response={200: list[VerdictOut], 403: Problem, 422: Invalid, 429: Problem})
def verify_many(request: HttpRequest, body: ManyIn) -> Any:
    """Verify up to a hundred credentials or codes at once; JSON that others would read otherwise is refused whole."""
    key = _demand_scope(request, Scope.VERIFY)
    if not isinstance(key, ApiKey):
        return key
    try:
        strict_json.parse(request.body, max_bytes=MOST_BYTES)
    except strict_json.StrictJsonError as error:
        return Status(422, {"detail": str(error)})
    found = [(str(one.get("id", "")), verification.check_credential(one)) for one in body.credentials]
    by_code = verification.reports_of_codes(body.codes)
    return [_verdict(name, report) for name, report in [*found, *by_code]]


def _verdict(name: str, report: Report) -> dict[str, Any]:
    return {"id": name[:300], **report.as_json()}


@router.get("/candidates", auth=program, response={200: list[CandidateOut], 403: Problem, 422: Invalid, 429: Problem})
def candidates(request: HttpRequest, query: Query[PageQuery]) -> Any:
    """What candidates share with the organisation of the key today; a share that ends or is withdrawn is gone."""
    key = _demand_scope(request, Scope.CANDIDATES)
    if not isinstance(key, ApiKey):
        return key
    found = selectors.candidates(key.organisation).prefetch_related("certificate__version__skills__skill")
    return [_candidate(share) for share in found[query.offset : query.offset + query.limit]]


def _candidate(share: Share) -> dict[str, Any]:
    certificate, version = share.certificate, share.certificate.version
    name = certificate.holder.name if certificate.holder else ""
    holder = name if share.shows_name else documents.masked(name)
    return {
        "share": share.uid,
        "holder": holder,
        "certificate": _certificate(certificate),
        "worker_level": version.worker_level if version else None,
        "skills": [one.skill.code for one in version.skills.all()] if version else [],
        "events": [words for place, words in selectors.event_words(certificate.path, "zh") if place in share.disclosed],
        "open_until": share.expires_at,
    }


@router.get(
    "/candidates/{share}/bundle",
    auth=program,
    response={403: Problem, 404: Problem, 409: Problem, 422: Invalid, 429: Problem},
    openapi_extra={
        "responses": {
            200: {
                "description": "The file; packed where it would have more than 6,000 bytes",
                "content": {"application/json": {}, "application/vnd.ronghe.bundle+gzip": {}},
            }
        }
    },
)
def candidate_bundle(request: HttpRequest, share: UUID) -> Any:
    """The file of a certificate that a candidate shares, with the events that the candidate chose."""
    key = _demand_scope(request, Scope.CANDIDATES)
    if not isinstance(key, ApiKey):
        return key
    found = selectors.candidates(key.organisation).filter(uid=share).first()
    if found is None:
        return Status(404, {"detail": _("Nobody shares this with your organisation today.")})
    try:
        data = make_bundle(found.certificate, found.disclosed)
    except BundleUnavailable as error:
        return Status(409, {"detail": str(error)})
    return HttpResponse(data, content_type=paper.media_type(data))


@router.post("/verify-bundle", auth=program, response={200: VerdictOut, 403: Problem, 422: Invalid, 429: Problem})
def verify_file(request: HttpRequest) -> Any:
    """Verify the file of one certificate: the body is the file, byte for byte."""
    key = _demand_scope(request, Scope.VERIFY)
    if not isinstance(key, ApiKey):
        return key
    report = verification.check_bundle(request.body)
    return _verdict("", report)
