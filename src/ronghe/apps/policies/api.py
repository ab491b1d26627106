"""Policies for programs: the rule sets in force, and the obligations of a day as far as the caller may see them."""

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.ledger.answers import Problem
from ronghe.apps.policies.forms import MomentForm
from ronghe.apps.policies.selectors.obligations import Obligation, board, current_versions, explain
from ronghe.apps.policies.subjects import SubjectKind

router = Router(tags=["policies"])

LARGEST_PAGE = 100


class RuleOut(Schema):
    """A rule of a set."""

    key: str
    name_zh: str
    name_en: str
    subject: str
    metric: str
    operator: str
    threshold: list[float]
    unit: str
    effective_from: date
    effective_until: date | None
    standing: str
    source: str


class RuleSetOut(Schema):
    """A published rule set; `digest` is SHA-256 of the canonical JSON of what it says."""

    code: str
    version: int
    digest: str
    name_zh: str
    name_en: str
    jurisdiction: str
    rules: list[RuleOut]


class ObligationOut(Schema):
    """What one rule says of one subject: red, amber, green, "not applicable" or "no data"."""

    subject: int
    subject_name: str
    rule_set: str
    version: int
    rule: str
    verdict: str
    reason: str
    explanation: str
    value: float | None
    records: str


class ObligationPage(Schema):
    """A page of subjects with their obligations."""

    total: int
    offset: int
    on: date
    items: list[ObligationOut]


class ObligationQuery(Schema):
    """Which kind of subject, on which day, as known on which day, and which part of the subjects."""

    kind: SubjectKind = SubjectKind.CHAIN
    on: date | None = None
    known: date | None = None
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(25, ge=1, le=LARGEST_PAGE)


@router.get("/rule-sets", response={200: list[RuleSetOut], 403: Problem}, summary="The published rule sets")
def list_rule_sets(request: HttpRequest) -> Any:
    """The newest published version of each set."""
    if not request.user.has_perm("policies.view_rule_set"):
        raise PermissionDenied(_("This page is not open to your role. Ask the community office."))
    return [
        RuleSetOut(
            code=version.rule_set.code,
            version=version.number,
            digest=version.digest,
            name_zh=said.name.zh,
            name_en=said.name.en,
            jurisdiction=said.jurisdiction,
            rules=[
                RuleOut(
                    key=entry.key,
                    name_zh=entry.name.zh,
                    name_en=entry.name.en,
                    subject=entry.subject.value,
                    metric=entry.rule.metric,
                    operator=entry.rule.threshold.operator.value,
                    threshold=list(entry.rule.threshold.bounds),
                    unit=entry.unit.value,
                    effective_from=entry.rule.validity.first,
                    effective_until=entry.rule.validity.until,
                    standing=entry.standing.value,
                    source=entry.source,
                )
                for entry in said.rules
            ],
        )
        for version in current_versions()
        for said in [version.read]
    ]


@router.get(
    "/obligations",
    response={200: ObligationPage, 403: Problem, 422: Problem},
    summary="What the rules ask of the subjects on a day",
)
def list_obligations(request: HttpRequest, query: Query[ObligationQuery]) -> Any:
    """The most broken first; `total` counts subjects, `items` has a line for each rule of those on the page."""
    if not request.user.has_perm("policies.view_obligations"):
        raise PermissionDenied(_("This page is not open to your role. Ask the community office."))
    form = MomentForm({"on": query.on or timezone.localdate(), "known": query.known})
    if not form.is_valid():
        return Status(422, {"detail": " ".join(str(text) for texts in form.errors.values() for text in texts)})
    moment = form.moment()
    lines = board(query.kind, moment, request.user)
    page = lines[query.offset : query.offset + query.limit]
    return ObligationPage(
        total=len(lines),
        offset=query.offset,
        on=moment.day,
        items=[_out(one, line.subject) for line in page for one in line.obligations],
    )


def _out(one: Obligation, subject: Any) -> ObligationOut:
    return ObligationOut(
        subject=one.key,
        subject_name=subject.name,
        rule_set=one.asked.version.rule_set.code,
        version=one.asked.version.number,
        rule=one.entry.key,
        verdict=one.verdict.value,
        reason=one.judgement.reason.value,
        explanation=explain(one),
        value=one.measurement.value if one.measurement else None,
        records=one.measurement.url if one.measurement else "",
    )
