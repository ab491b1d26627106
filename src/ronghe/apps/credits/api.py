"""The credit bank for programs: rules in force, accounts, statements; corrections, the one thing that it writes."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.accounts.pages import person
from ronghe.apps.credits import selectors, services
from ronghe.apps.credits.models import Account, AccountKind, Achievement, ConversionRule, Correction, Stated
from ronghe.apps.ledger.answers import Invalid, Problem

router = Router(tags=["credits"])

LARGEST_PAGE = 200
LONGEST_ID = 2**63 - 1


class RuleOut(Schema):
    """How much of a source is worth how many credits."""

    version: str
    name_zh: str
    name_en: str
    source: str
    programme: UUID | None
    per: Decimal
    credits: Decimal
    step: Decimal
    most_a_year: Decimal | None
    is_practice: bool
    months_valid: int | None
    clause: str
    valid_from: date
    valid_until: date | None

    @staticmethod
    def resolve_programme(rule: ConversionRule) -> UUID | None:
        return rule.programme.uid if rule.programme else None


class RulesQuery(Schema):
    """The day whose rules are asked for; today without one."""

    on: date | None = None


class AccountOut(Schema):
    """An account with the sum of its entries."""

    uid: UUID
    kind: str
    owner: str
    balance: Decimal


class AccountPageOut(Schema):
    """A part of the accounts that are open to the caller."""

    total: int
    offset: int
    items: list[AccountOut]


class AccountsQuery(Schema):
    """Which accounts, and which part of the list."""

    kind: AccountKind | None = None
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=LARGEST_PAGE)


class LineOut(Schema):
    """One entry, as the owner of the account reads it."""

    transaction: UUID
    kind: str
    day: date
    is_practice: bool
    credits: Decimal
    balance: Decimal
    other: UUID
    achievement: UUID | None
    rule: str | None
    reason: str


class StatementOut(Schema):
    """A stretch of a statement, newest first; ask again with `before` for the next one."""

    account: UUID
    balance: Decimal
    lines: list[LineOut]
    before: int | None


class StatementQuery(Schema):
    """Where a stretch begins and how long it is."""

    before: int | None = Field(None, ge=1, le=LONGEST_ID)
    limit: int = Field(50, ge=1, le=LARGEST_PAGE)


class StatedOut(Schema):
    """A statement with proof: when it was made, and what it came to."""

    uid: UUID
    account: UUID
    made_at: datetime
    lines: int
    balance: Decimal

    @staticmethod
    def resolve_account(stated: Stated) -> UUID:
        return stated.account.uid

    @staticmethod
    def resolve_lines(stated: Stated) -> int:
        return len(stated.content["lines"])

    @staticmethod
    def resolve_balance(stated: Stated) -> Decimal:
        return Decimal(stated.content["balance"])


class CorrectionOut(Schema):
    """A request to correct an achievement; `is_done` is null until the office has settled it."""

    uid: UUID
    achievement: UUID
    reason: str
    asked_at: datetime
    settled_at: datetime | None
    is_done: bool | None
    answer: str

    @staticmethod
    def resolve_achievement(asked: Correction) -> UUID:
        return asked.achievement.uid


class CorrectionPageOut(Schema):
    """A part of the requests that are open to the caller."""

    total: int
    offset: int
    items: list[CorrectionOut]


class CorrectionsQuery(Schema):
    """Which requests, and which part of the list."""

    is_waiting: bool | None = None
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=LARGEST_PAGE)


class CorrectionIn(Schema):
    """What is wrong."""

    reason: str = Field(max_length=300)


class DecisionIn(Schema):
    """Whether to correct, and where not, why."""

    is_done: bool
    answer: str = Field("", max_length=300)


class SettledOut(Schema):
    """A request that was settled: transactions taken out of the book, those in their place, what no rule converts."""

    correction: CorrectionOut
    reversed: list[UUID]
    deposited: list[UUID]
    refused: list[str]


@router.get("/rules", response={200: list[RuleOut], 422: Invalid})
def rules(request: HttpRequest, query: Query[RulesQuery]) -> Any:
    """The published rules of a day."""
    return list(selectors.rules_in_force(query.on))


@router.get("/accounts", response={200: AccountPageOut, 422: Invalid})
def accounts(request: HttpRequest, query: Query[AccountsQuery]) -> Any:
    """The accounts that are open to the caller, with their balances."""
    found = Account.objects.visible_to(request.user)
    if query.kind is not None:
        found = found.filter(kind=query.kind)
    rows = list(
        found.select_related("person", "programme", "organisation").order_by("pk")[
            query.offset : query.offset + query.limit
        ]
    )
    held = selectors.balances(rows)
    return {
        "total": found.count(),
        "offset": query.offset,
        "items": [{"uid": one.uid, "kind": one.kind, "owner": str(one), "balance": held[one.pk]} for one in rows],
    }


@router.get("/accounts/{uid}/statement", response={200: StatementOut, 404: Problem, 422: Invalid})
def statement(request: HttpRequest, uid: UUID, query: Query[StatementQuery]) -> Any:
    """A stretch of the statement of an account."""
    account = Account.objects.visible_to(request.user).filter(uid=uid).first()
    if account is None:
        return Status(404, {"detail": "There is no such account, or it is not open to you."})
    shown = selectors.statement(account, before=query.before, length=query.limit)
    return {
        "account": account.uid,
        "balance": shown.balance,
        "before": shown.before,
        "lines": [
            {
                "transaction": line.done.uid,
                "kind": line.done.kind,
                "day": line.done.happened_on,
                "is_practice": line.entry.lot.is_practice,
                "credits": line.change,
                "balance": line.balance,
                "other": line.other.uid,
                "achievement": line.done.achievement.uid if line.done.achievement else None,
                "rule": line.done.rule.version if line.done.rule else None,
                "reason": line.done.reason,
            }
            for line in shown.lines
        ],
    }


@router.post(
    "/accounts/{uid}/statements",
    response={200: StatedOut, 404: Problem, 422: Invalid},
    summary="Make a statement with proof",
)
def make_statement(request: HttpRequest, uid: UUID) -> Any:
    """Of a student's account that is open to the caller. 422: an account without entries, or of nobody."""
    account = Account.objects.visible_to(request.user).filter(uid=uid).select_related("person").first()
    if account is None:
        return Status(404, {"detail": "There is no such account, or it is not open to you."})
    actor = person(request)
    try:
        return services.make_statement(actor=actor, account=account)
    except ValidationError as error:
        return Status(422, {"detail": " ".join(error.messages)})


@router.get("/statements/{uid}", response={200: dict[str, Any], 404: Problem, 422: Invalid})
def statement_file(request: HttpRequest, uid: UUID) -> Any:
    """The file of a statement with proof, canonical JSON. 404 also until the ledger is sealed and witnessed."""
    open_ = Stated.objects.visible_to(request.user).select_related("event__leaf", "event__payload")
    stated = open_.filter(uid=uid).first()
    data = services.file_of(stated) if stated is not None else None
    if data is None:
        return Status(404, {"detail": "There is no such statement, or the ledger is not sealed yet."})
    return HttpResponse(data, content_type="application/json")


@router.get("/corrections", response={200: CorrectionPageOut, 422: Invalid})
def corrections(request: HttpRequest, query: Query[CorrectionsQuery]) -> Any:
    """Requests for corrections that are open to the caller, the newest first."""
    found = Correction.objects.visible_to(request.user)
    if query.is_waiting is not None:
        found = found.filter(settled_at__isnull=query.is_waiting)
    rows = found.select_related("achievement").order_by("-asked_at", "-pk")
    return {
        "total": found.count(),
        "offset": query.offset,
        "items": list(rows[query.offset : query.offset + query.limit]),
    }


@router.post(
    "/achievements/{uid}/corrections",
    response={200: CorrectionOut, 403: Problem, 404: Problem, 422: Invalid},
    summary="Ask for a correction",
)
def ask_correction(request: HttpRequest, uid: UUID, asked: CorrectionIn) -> Any:
    """As the student or a second party; the office decides. 422: not confirmed, asked already, or no reason."""
    achievement = Achievement.objects.visible_to(request.user).filter(uid=uid).distinct().first()
    if achievement is None:
        return Status(404, {"detail": _("There is no such page of the credit bank, or it is not open to you.")})
    try:
        return services.ask_correction(
            actor=person(request),
            achievement=achievement,
            reason=asked.reason,
        )
    except ValidationError as error:
        return Status(422, {"detail": " ".join(error.messages)})


@router.post(
    "/corrections/{uid}/decision",
    response={200: SettledOut, 403: Problem, 404: Problem, 422: Invalid},
    summary="Settle a request for a correction",
)
def decide_correction(request: HttpRequest, uid: UUID, decision: DecisionIn) -> Any:
    """As the office: reverse and deposit anew in one deed, or leave it with a word why.

    422: settled already, no word why, or credits of the deposit are used elsewhere.
    """
    open_ = Correction.objects.visible_to(request.user).select_related("achievement")
    correction = open_.filter(uid=uid).first()
    if correction is None:
        return Status(404, {"detail": _("There is no such page of the credit bank, or it is not open to you.")})
    actor = person(request)
    done = services.Corrected((), (), ())
    try:
        if decision.is_done:
            done = services.correct(actor=actor, correction=correction)
        else:
            services.refuse_correction(actor=actor, correction=correction, answer=decision.answer)
    except ValidationError as error:
        return Status(422, {"detail": " ".join(error.messages)})
    correction.refresh_from_db()
    return {
        "correction": correction,
        "reversed": [one.uid for one in done.reversed],
        "deposited": [one.uid for one in done.deposited],
        "refused": [f"{one.achievement.name}: {one.reason}" for one in done.refused],
    }
