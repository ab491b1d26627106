"""Agreements that were signed outside before Ronghe: recorded by the office in bulk, a handful of queries a batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import events
from ronghe.apps.agreements.clauses import ClauseKind, read_clauses
from ronghe.apps.agreements.codes import new_code
from ronghe.apps.agreements.content import changes_between, content_of, digest_of, next_day, promised
from ronghe.apps.agreements.models import (
    Agreement,
    AgreementKind,
    Instrument,
    InstrumentKind,
    InstrumentState,
    Party,
    Promise,
    Term,
)
from ronghe.apps.agreements.services.promises import promise_of
from ronghe.apps.community.models import Chain, Organisation, OrganisationKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.services import Entry


@dataclass(frozen=True, slots=True)
class SignedOutside:
    """One agreement as a file tells it: parties in the order of their sides, and the numbers that were promised."""

    number: str
    kind: str
    title_zh: str
    title_en: str
    chain: Chain | None
    parties: Sequence[Organisation]
    first_day: date
    last_day: date | None
    seats_a_year: int | None = None
    mentors: int | None = None
    graduates_a_year: int | None = None


@transaction.atomic
def record_signed_outside(*, actor: Person, agreements: Sequence[SignedOutside]) -> int:
    """Record agreements that are signed already; all or none. Raises ValidationError for a number that is taken."""
    demand(actor, "agreements.import_agreements")
    now = timezone.now()
    taken = Agreement.objects.filter(number__in=[one.number for one in agreements]).values_list("number", flat=True)
    if (first := next(iter(taken), None)) is not None:
        raise ValidationError(_("There is an agreement with the number %(number)s already.") % {"number": first})
    written = Agreement.objects.bulk_create(
        Agreement(
            number=one.number,
            kind=AgreementKind(one.kind),
            title_zh=one.title_zh,
            title_en=one.title_en,
            chain=one.chain,
            opened_at=now,
        )
        for one in agreements
    )
    parties: list[list[Party]] = [
        [
            Party(agreement=agreement, place=place, side=place, organisation=organisation)
            for place, organisation in enumerate(one.parties, start=1)
        ]
        for agreement, one in zip(written, agreements, strict=True)
    ]
    Party.objects.bulk_create(party for some in parties for party in some)
    papers = []
    for agreement, one, some in zip(written, agreements, parties, strict=True):
        paper = Instrument(
            agreement=agreement,
            number=1,
            kind=InstrumentKind.ORIGINAL,
            state=InstrumentState.CONCLUDED,
            clauses=_clauses(one),
            first_day=one.first_day,
            last_day=one.last_day,
            drafted_by=actor,
            code=new_code(),
            sent_at=now,
            concluded_at=now,
        )
        paper.changes = changes_between([], paper.clauses)
        paper.content = content_of(paper, some, None)
        paper.digest = digest_of(paper.content)
        papers.append(paper)
    Instrument.objects.bulk_create(papers)
    Term.objects.bulk_create(
        Term(
            agreement=agreement,
            chain_id=agreement.chain_id,
            valid_from=one.first_day,
            valid_until=next_day(one.last_day),
            recorded_at=now,
        )
        for agreement, one in zip(written, agreements, strict=True)
    )
    rows: list[Promise] = []
    counts = []
    for agreement, paper, some in zip(written, papers, parties, strict=True):
        found = _promises(agreement, paper, some)
        counts.append(len(found))
        rows += found
    for row in rows:
        row.recorded_at = now
    Promise.objects.bulk_create(rows)
    ledger.record_many(
        actor=actor,
        entries=[
            Entry(
                events.AGREEMENT_IMPORTED,
                agreement,
                {
                    "number": one.number,
                    "digest": paper.digest,
                    "organisations": list(one.parties),
                    "first_day": one.first_day,
                    "last_day": one.last_day,
                    "promises": count,
                },
            )
            for agreement, one, paper, count in zip(written, agreements, papers, counts, strict=True)
        ],
    )
    return len(written)


def _promises(agreement: Agreement, paper: Instrument, parties: Sequence[Party]) -> list[Promise]:
    by_place = {party.place: party for party in parties}
    found = []
    for key, begin, finish, clause in promised([paper], paper.first_day, next_day(paper.last_day)):
        row = promise_of(agreement, key, clause, by_place)
        if row is not None:
            row.valid_from, row.valid_until = begin, finish
            found.append(row)
    return found


def _clauses(one: SignedOutside) -> list[dict[str, Any]]:
    places = range(1, len(one.parties) + 1)
    kinds = dict(zip(places, (party.kind for party in one.parties), strict=True))
    firm = next((place for place in places if kinds[place] == OrganisationKind.ENTERPRISE), 1)
    school = next((place for place in places if kinds[place] == OrganisationKind.UNIVERSITY), len(one.parties))
    clauses: list[dict[str, Any]] = []
    if one.seats_a_year:
        clauses.append(
            _clause(ClauseKind.POSITIONS, "实习岗位", "Positions", quantity=one.seats_a_year, per="year", by=firm)
        )
    if one.mentors:
        clauses.append(_clause(ClauseKind.MENTORS, "企业导师", "Mentors", quantity=one.mentors, by=firm))
    if one.graduates_a_year:
        clauses.append(
            _clause(
                ClauseKind.TALENT_SUPPLY,
                "人才供给",
                "Talent supply",
                quantity=one.graduates_a_year,
                per="year",
                by=school,
                to=firm,
            )
        )
    if not clauses:
        clauses.append(_clause(ClauseKind.TEXT, "见纸质协议", "See the paper"))
    return read_clauses(clauses, places=list(places))


def _clause(kind: str, zh: str, en: str, **values: Any) -> dict[str, Any]:
    return {"kind": kind, "heading": {"zh": zh, "en": en}, "text": {}, "values": values}
