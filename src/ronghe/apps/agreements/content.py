"""What a paper says, as the plain JSON that is hashed and signed, and what an agreement says on a day.

Reads models and writes nothing. People are named in it by uid and a salted digest of their name, so that erasing a
person leaves every hash valid.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from ronghe.apps.agreements.clauses import COUNTED, said
from ronghe.apps.agreements.models import Agreement, Instrument, InstrumentState, Party
from ronghe.trust.canonical import canonical_json

FORMAT = 1


def digest_of(value: Any) -> str:
    """`sha256:` and the hexadecimal hash of the canonical form (RFC 8785) of `value`."""
    return f"sha256:{hashlib.sha256(canonical_json(value)).hexdigest()}"


def name_digest(salt: str, name: str) -> str:
    """How the content names a person."""
    return f"sha256:{hashlib.sha256(f'{salt}|{name}'.encode()).hexdigest()}"


def _letter(side: int) -> dict[str, str]:
    return {"zh": f"{'甲乙丙丁戊己'[side - 1]}方", "en": f"Party {'ABCDEF'[side - 1]}"}


def names_of(parties: Iterable[Party]) -> dict[int, dict[str, str]]:
    """The parties' names by place and language, as sentences use them; a person is called by the side."""
    return {
        party.place: _letter(party.side)
        if party.organisation is None
        else {
            "zh": party.organisation.name_zh,
            "en": party.organisation.name_en or party.organisation.name_zh,
        }
        for party in parties
    }


def _party(party: Party) -> dict[str, Any]:
    told: dict[str, Any] = {"place": party.place, "side": party.side, "signatures": party.signatures_required}
    if party.organisation is not None:
        told["organisation"] = {
            "uid": str(party.organisation.uid),
            "code": party.organisation.registration_number or "",
            "zh": party.organisation.name_zh,
            "en": party.organisation.name_en,
        }
    elif party.person is not None:
        told["person"] = {"uid": str(party.person.uid), "name": name_digest(party.salt, party.person.name)}
    return told


def content_of(instrument: Instrument, parties: Sequence[Party], before: str | None) -> dict[str, Any]:
    """The paper as it would be signed now; `before` is the digest of the paper it amends."""
    agreement = instrument.agreement
    names = names_of(parties)
    version = agreement.template_version
    return {
        "format": FORMAT,
        "agreement": {
            "uid": str(agreement.uid),
            "number": agreement.number or "",
            "kind": str(agreement.kind),
            "title": {"zh": agreement.title_zh, "en": agreement.title_en},
            "notice_days": agreement.notice_days,
        },
        "paper": {"number": instrument.number, "kind": str(instrument.kind), "reason": instrument.reason},
        "amends": before,
        "chain": None
        if agreement.chain is None
        else {"uid": str(agreement.chain.uid), "zh": agreement.chain.name_zh, "en": agreement.chain.name_en},
        "template": None
        if version is None
        else {"name": version.template.name_zh, "version": version.number, "digest": version.digest},
        "parties": [_party(party) for party in parties],
        "first_day": instrument.first_day.isoformat(),
        "last_day": instrument.last_day.isoformat() if instrument.last_day else None,
        "clauses": [{**clause, "said": said(clause, names)} for clause in instrument.clauses],
    }


def changes_between(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What turns the clauses `before` into `after`: clauses that are put (added or replaced) or taken out, by key."""
    old = {clause["key"]: clause for clause in before}
    kept = {clause["key"] for clause in after}
    put = [{"put": dict(clause)} for clause in after if old.get(clause["key"]) != clause]
    return [*put, *({"out": key} for key in old if key not in kept)]


def applied(changes_in_order: Iterable[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """The clauses after papers took effect one after the other."""
    clauses: dict[str, dict[str, Any]] = {}
    for changes in changes_in_order:
        for change in changes:
            if "put" in change:
                clauses[change["put"]["key"]] = dict(change["put"])
            else:
                clauses.pop(change["out"], None)
    return list(clauses.values())


def concluded(agreement: Agreement) -> list[Instrument]:
    """The papers signed by all, in the order in which they take effect."""
    found = agreement.instruments.filter(state=InstrumentState.CONCLUDED)
    return list(found.order_by("first_day", "number"))


def clauses_on(papers: Sequence[Instrument], day: date) -> list[dict[str, Any]]:
    """The consolidated clauses on `day`: the original with every amendment that holds by then."""
    return applied(paper.changes for paper in papers if paper.first_day <= day)


def next_day(day: date | None) -> date | None:
    """The first day after the last one; None where there is no last one."""
    return None if day is None else day + timedelta(days=1)


def promised(
    papers: Sequence[Instrument], first: date, until: date | None
) -> list[tuple[str, date, date | None, dict[str, Any]]]:
    """The countable clauses over the term `[first, until)`: key, from, until, clause; equal neighbours are one span."""
    days = sorted({first, *(paper.first_day for paper in papers if paper.first_day > first)})
    spans: dict[str, list[tuple[date, date | None, dict[str, Any]]]] = {}
    for place, day in enumerate(days):
        end = days[place + 1] if place + 1 < len(days) else None
        for clause in clauses_on(papers, day):
            if clause["kind"] not in COUNTED:
                continue
            known = spans.setdefault(clause["key"], [])
            if known and known[-1][1] == day and known[-1][2]["values"] == clause["values"]:
                known[-1] = (known[-1][0], end, clause)
            else:
                known.append((day, end, clause))
    found = []
    for key, parts in spans.items():
        for start, end, clause in parts:
            values = clause["values"]
            own_first = date.fromisoformat(values["first_day"]) if values.get("first_day") else start
            own_until = next_day(date.fromisoformat(values["last_day"])) if values.get("last_day") else None
            begin = max(start, own_first)
            ends = [day for day in (end, until, own_until) if day is not None]
            finish = min(ends) if ends else None
            if finish is None or begin < finish:
                found.append((key, begin, finish, clause))
    return found
