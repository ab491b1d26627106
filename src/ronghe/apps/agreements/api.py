"""Agreements for programs: list, one, and how one stands on a day. Texts of papers are not given out here."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.agreements import selectors
from ronghe.apps.agreements.models import Agreement, Promise
from ronghe.apps.ledger.answers import Problem

router = Router(tags=["agreements"])


class AgreementOut(Schema):
    """An agreement and how it stands today; `last_day` is the last one on which it holds."""

    uid: UUID
    number: str | None
    kind: str
    title_zh: str
    title_en: str
    chain: UUID | None
    standing: str
    first_day: date | None
    last_day: date | None
    waiting_signatures: int
    overdue_signatures: int


class AgreementPage(Schema):
    """A page of agreements."""

    total: int
    offset: int
    items: list[AgreementOut]


class AgreementQuery(Schema):
    """Which agreements, and which part of them."""

    text: str = ""
    kind: str = ""
    standing: str = ""
    on: date | None = Field(None, description="how they stand on this day; today when left out")
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(25, ge=1, le=100)


class PartyOut(Schema):
    """A party; of a person only that there is one."""

    place: int
    side: int
    organisation: UUID | None
    name_zh: str | None


class PaperOut(Schema):
    """A paper, for those who may read it: its state and the hash of what was sent."""

    uid: UUID
    number: int
    kind: str
    state: str
    first_day: date
    last_day: date | None
    digest: str
    sent_at: datetime | None
    concluded_at: datetime | None


class PromiseOut(Schema):
    """A promised number: seats, mentors, machines, graduates, or fen (0.01 yuan) of a fee."""

    kind: str
    quantity: int
    per: str
    field: str
    by: UUID
    to: UUID | None
    valid_from: date
    valid_until: date | None

    @staticmethod
    def resolve_by(promise: Promise) -> UUID:
        return promise.by.uid

    @staticmethod
    def resolve_to(promise: Promise) -> UUID | None:
        return promise.to.uid if promise.to is not None else None


class AgreementDetail(AgreementOut):
    """An agreement with parties, the papers one may read, and the promises that hold on the day."""

    on: date
    parties: list[PartyOut]
    papers: list[PaperOut]
    promises: list[PromiseOut]


def _told(row: selectors.AgreementRow) -> dict[str, Any]:
    one, term = row.agreement, row.term
    return {
        **{name: getattr(one, name) for name in ("uid", "number", "kind", "title_zh", "title_en")},
        "chain": one.chain.uid if one.chain else None,
        "standing": row.standing,
        "first_day": term.valid_from if term else None,
        "last_day": term.valid_until - timedelta(days=1) if term and term.valid_until else None,
        "waiting_signatures": row.waiting,
        "overdue_signatures": row.overdue,
    }


def _demand(request: HttpRequest, thing: Agreement | None = None) -> None:
    if not request.user.has_perm("agreements.view_agreement", thing):
        raise PermissionDenied(_("Your role in the community does not allow this. Ask the community office."))


@router.get("", response={200: AgreementPage, 403: Problem, 422: Problem}, summary="Agreements you may know of")
def list_agreements(request: HttpRequest, query: Query[AgreementQuery]) -> Any:
    """The newest first. An outsider's list is empty."""
    _demand(request)
    found = selectors.agreements(
        request.user, text=query.text, kind=query.kind.replace("\0", ""), standing=query.standing, on=query.on
    )
    page = selectors.rows(found[query.offset : query.offset + query.limit], query.on)
    return {"total": found.count(), "offset": query.offset, "items": [_told(row) for row in page]}


@router.get(
    "/{uid}",
    response={200: AgreementDetail, 403: Problem, 404: Problem, 422: Problem},
    summary="One agreement on a day",
)
def get_agreement(request: HttpRequest, uid: UUID, on: date | None = None) -> Any:
    """Parties, papers and promises, as far as you may see them."""
    found = selectors.find(request.user, uid)
    if found is None:
        return Status(404, {"detail": _("There is no such agreement, or it is not open to you.")})
    day = on or timezone.localdate()
    [row] = selectors.rows([found], day)
    return {
        **_told(row),
        "on": day,
        "parties": [
            {
                "place": party.place,
                "side": party.side,
                "organisation": party.organisation.uid if party.organisation else None,
                "name_zh": party.organisation.name_zh if party.organisation else None,
            }
            for party in found.parties.select_related("organisation")
        ],
        "papers": selectors.papers_of(request.user, found),
        "promises": list(selectors.promises_on(request.user, found, day)),
    }
