"""Writes the term of an agreement and what is promised in it, dated; called by the services that conclude and end."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from ronghe.apps.agreements.clauses import ClauseKind
from ronghe.apps.agreements.content import concluded, promised
from ronghe.apps.agreements.models import Agreement, Party, Promise, Term
from ronghe.apps.metrics.dated import supersede, withdraw

_FACTS = ("clause", "kind", "quantity", "per", "field", "by_id", "to_id", "valid_from", "valid_until")


def set_term(agreement: Agreement, first: date, until: date | None, moment: datetime) -> None:
    """Record the days on which the agreement is in force. A term that ends as it begins is withdrawn."""
    known = Term.objects.known().filter(agreement=agreement).first()
    if until is not None and until <= first:
        if known is not None:
            withdraw(known, at=moment)
        return
    if known is None:
        Term.objects.create(
            agreement=agreement, chain_id=agreement.chain_id, valid_from=first, valid_until=until, recorded_at=moment
        )
    elif (known.valid_from, known.valid_until) != (first, until):
        supersede(known, at=moment, valid_from=first, valid_until=until)


def write_promises(agreement: Agreement, moment: datetime | None = None) -> int:
    """Bring the dated promises in step with papers and term; rows that still hold stay. Returns how many hold."""
    moment = moment or timezone.now()
    known = list(Promise.objects.known().filter(agreement=agreement))
    term = Term.objects.known().filter(agreement=agreement).first()
    wanted = [] if term is None else rows_of(agreement, term.valid_from, term.valid_until)
    facts = {tuple(getattr(row, name) for name in _FACTS): row for row in wanted}
    for row in known:
        if facts.pop(tuple(getattr(row, name) for name in _FACTS), None) is None:
            withdraw(row, at=moment)
    for row in facts.values():
        row.recorded_at = moment
    Promise.objects.bulk_create(facts.values())
    return len(wanted)


def rows_of(agreement: Agreement, first: date, until: date | None) -> list[Promise]:
    """The promises of an agreement over its term, not saved."""
    parties = {party.place: party for party in agreement.parties.all()}
    found = []
    for key, begin, finish, clause in promised(concluded(agreement), first, until):
        row = promise_of(agreement, key, clause, parties)
        if row is not None:
            row.valid_from, row.valid_until = begin, finish
            found.append(row)
    return found


def promise_of(agreement: Agreement, key: str, clause: dict[str, Any], parties: dict[int, Party]) -> Promise | None:
    """The number of a clause as a row without dates; None where a person promises, of whom no metric counts."""
    values = clause["values"]
    by, to = parties.get(values.get("by", 0)), parties.get(values.get("to", 0))
    if by is None or by.organisation_id is None:
        return None
    fee = clause["kind"] == ClauseKind.FEES
    return Promise(
        agreement=agreement,
        chain_id=agreement.chain_id,
        clause=key,
        kind=clause["kind"],
        quantity=int(Decimal(values["amount"]) * 100) if fee else values["quantity"],
        per=values.get("per", ""),
        field=values.get("field", ""),
        by_id=by.organisation_id,
        to_id=to.organisation_id if to is not None else None,
    )
