"""From a template to a paper that may be sent: draft, change, hand in, check. The other side sees none of it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import events
from ronghe.apps.agreements.clauses import FIELDS, Value, read_clauses
from ronghe.apps.agreements.content import clauses_on, concluded, digest_of, next_day
from ronghe.apps.agreements.models import (
    Agreement,
    AgreementKind,
    Instrument,
    InstrumentKind,
    InstrumentState,
    Party,
    TemplateVersion,
    Term,
)
from ronghe.apps.agreements.services.templates import freeze
from ronghe.apps.community import selectors as community
from ronghe.apps.community import standing
from ronghe.apps.community.models import Chain, Organisation, OrganisationKind, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision

_LONGEST_YEARS = 30
_MOST_PARTIES = 12


class WrongState(Exception):
    """The paper is not where this step begins; someone was faster."""

    def __init__(self, instrument: Instrument) -> None:
        super().__init__(
            _("This paper is “%(state)s” now. Open it again to see what can be done with it.")
            % {"state": instrument.get_state_display()}
        )


@dataclass(frozen=True, slots=True)
class PartyData:
    """A party to be: an organisation or a person, and how many of its signatories must sign."""

    side: int
    organisation: Organisation | None = None
    person: Person | None = None
    signatures_required: int = 1


@dataclass(frozen=True, slots=True)
class DraftData:
    """What a draft begins with."""

    title_zh: str
    first_day: date
    parties: Sequence[PartyData]
    last_day: date | None = None
    title_en: str = ""
    kind: str = AgreementKind.STRATEGIC
    template: TemplateVersion | None = None
    chain: Chain | None = None
    number: str = ""
    notice_days: int = 30


@transaction.atomic
def draft_agreement(*, actor: Person, data: DraftData) -> Instrument:
    """Draft an agreement, from a template where one is given. Raises ValidationError by field."""
    drafted_for = _drafter(actor, data)
    _check_parties(data)
    kind = data.template.template.kind if data.template else data.kind
    agreement = Agreement(
        kind=AgreementKind(kind),
        number=data.number.strip() or None,
        title_zh=data.title_zh.strip(),
        title_en=data.title_en.strip(),
        chain=data.chain,
        template_version=data.template,
        notice_days=data.notice_days,
        drafted_for=drafted_for,
    )
    agreement.clean_fields(exclude=["template_version", "chain", "drafted_for", "ended_by"])
    _check_days(data.first_day, data.last_day)
    if agreement.number and Agreement.objects.filter(number=agreement.number).exists():
        raise ValidationError({"number": _("There is an agreement with this number already.")})
    if data.template is not None:
        freeze(data.template)
    agreement.save()
    parties = Party.objects.bulk_create(
        Party(
            agreement=agreement,
            place=place,
            side=party.side,
            organisation=party.organisation,
            person=party.person,
            signatures_required=party.signatures_required,
            salt=secrets.token_hex(32) if party.person else "",
        )
        for place, party in enumerate(data.parties, start=1)
    )
    clauses = [_with_parties(clause, parties) for clause in (data.template.clauses if data.template else [])]
    paper = Instrument.objects.create(
        agreement=agreement,
        number=1,
        kind=InstrumentKind.ORIGINAL,
        clauses=read_clauses(clauses, places=[party.place for party in parties]),
        first_day=data.first_day,
        last_day=data.last_day,
        drafted_by=actor,
        drafted_for=drafted_for,
    )
    ledger.record(
        actor=actor,
        type=events.AGREEMENT_DRAFTED,
        subject=agreement,
        payload={
            "kind": str(agreement.kind),
            "chain": agreement.chain,
            "organisations": [party.organisation for party in parties if party.organisation],
            "people": [party.person for party in parties if party.person],
            "first_day": paper.first_day,
            "last_day": paper.last_day,
        },
    )
    return paper


@transaction.atomic
def draft_amendment(
    *, actor: Person, agreement: Agreement, first_day: date, reason: str, last_day: date | None = None
) -> Instrument:
    """Draft an amendment that takes effect on `first_day`; it begins with what holds then."""
    return _draft_next(actor, agreement, InstrumentKind.AMENDMENT, first_day, last_day, reason)


@transaction.atomic
def draft_renewal(*, actor: Person, agreement: Agreement, last_day: date | None, reason: str = "") -> Instrument:
    """Draft a renewal: it continues the agreement on the day after its last one."""
    return _draft_next(actor, agreement, InstrumentKind.RENEWAL, None, last_day, reason)


def _draft_next(
    actor: Person,
    agreement: Agreement,
    kind: InstrumentKind,
    first_day: date | None,
    last_day: date | None,
    reason: str,
) -> Instrument:
    demand(actor, "agreements.amend_agreement", agreement)
    locked = Agreement.objects.select_for_update().get(pk=agreement.pk)
    papers = concluded(locked)
    term = Term.objects.known().filter(agreement=locked).first()
    if not papers or term is None:
        raise ValidationError(_("This agreement is not signed by all yet. Change its draft instead."))
    if locked.ended_on is not None:
        raise ValidationError(_("This agreement was ended before its time. Draft a new one."))
    if locked.instruments.filter(state__in=["draft", "checking", "checked", "sent"]).exists():
        raise ValidationError(_("Another paper of this agreement is in the making. Finish or withdraw it first."))
    if kind == InstrumentKind.RENEWAL:
        if term.valid_until is None:
            raise ValidationError(_("This agreement has no last day, so there is nothing to renew."))
        first_day = term.valid_until
        if last_day is not None and last_day < first_day:
            raise ValidationError({"last_day": _("The new last day comes after the old one.")})
    elif first_day is None or first_day < term.valid_from or (term.valid_until and first_day >= term.valid_until):
        raise ValidationError({"first_day": _("Choose a day on which the agreement is in force.")})
    if not reason.strip() and kind == InstrumentKind.AMENDMENT:
        raise ValidationError({"reason": _("Say why it is amended; both sides will read it.")})
    _check_days(first_day, last_day)
    drafted_for = None if standing.holds(actor, RoleKind.OFFICE) else _own_party(actor, locked)
    paper = Instrument.objects.create(
        agreement=locked,
        number=max(locked.instruments.values_list("number", flat=True)) + 1,
        kind=kind,
        clauses=clauses_on(papers, first_day),
        reason=reason.strip(),
        first_day=first_day,
        last_day=last_day if kind == InstrumentKind.RENEWAL else None,
        drafted_by=actor,
        drafted_for=drafted_for,
    )
    ledger.record(
        actor=actor,
        type=events.PAPER_DRAFTED,
        subject=locked,
        payload={**told(paper), "first_day": paper.first_day, "last_day": paper.last_day, "reason": reason or None},
    )
    return paper


@transaction.atomic
def change_paper(
    *,
    actor: Person,
    instrument: Instrument,
    revision: int,
    clauses: Sequence[Mapping[str, Any]] | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
) -> Instrument:
    """Set the clauses of a draft, or (with `first_day`) its days. Raises StaleRevision, WrongState, ValidationError."""
    paper = take(actor, "agreements.change_paper", instrument, revision, InstrumentState.DRAFT)
    if clauses is not None:
        paper.clauses = read_clauses(clauses, places=_places(paper.agreement))
    if first_day is not None:
        if paper.kind == InstrumentKind.RENEWAL and first_day != paper.first_day:
            raise ValidationError({"first_day": _("A renewal begins on the day after the last one.")})
        _check_days(first_day, last_day)
        paper.first_day, paper.last_day = first_day, last_day
    paper.save()
    ledger.record(
        actor=actor,
        type=events.PAPER_CHANGED,
        subject=paper.agreement,
        payload={**told(paper), "digest": digest_of(paper.clauses)},
    )
    return paper


@transaction.atomic
def submit_paper(*, actor: Person, instrument: Instrument, revision: int) -> Instrument:
    """Hand in a draft for the check by a second person; every clause must be complete."""
    paper = take(actor, "agreements.change_paper", instrument, revision, InstrumentState.DRAFT)
    if not paper.clauses:
        raise ValidationError(_("A paper without clauses promises nothing. Add at least one."))
    paper.clauses = read_clauses(paper.clauses, places=_places(paper.agreement), complete=True)
    _check_amendment(paper)
    paper.state, paper.returned_because, paper.checked_by = InstrumentState.CHECKING, "", None
    paper.save()
    ledger.record(actor=actor, type=events.PAPER_SUBMITTED, subject=paper.agreement, payload=told(paper))
    return paper


@transaction.atomic
def check_paper(*, actor: Person, instrument: Instrument, revision: int, passed: bool, reason: str = "") -> Instrument:
    """Pass a paper or return it with the reason. Nobody checks what they drafted."""
    paper = take(actor, "agreements.check_paper", instrument, revision, InstrumentState.CHECKING)
    if paper.drafted_by_id == actor.pk:
        raise PermissionDenied(_("You drafted this paper; a second person checks it."))
    if not passed and not reason.strip():
        raise ValidationError({"reason": _("Say what has to change; the drafter reads it.")})
    paper.state = InstrumentState.CHECKED if passed else InstrumentState.DRAFT
    paper.checked_by, paper.returned_because = (actor, "") if passed else (None, reason.strip())
    paper.save()
    ledger.record(
        actor=actor,
        type=events.PAPER_CHECKED,
        subject=paper.agreement,
        payload={**told(paper), "passed": passed, "reason": reason.strip() or None},
    )
    return paper


def take(actor: Person, permission: str, instrument: Instrument, revision: int, *states: str) -> Instrument:
    """Permission, then the paper locked at the revision the person saw, then its state."""
    demand(actor, permission, instrument)
    paper = take_revision(Instrument, instrument.pk, expected=revision)
    if paper.state not in states:
        raise WrongState(paper)
    return paper


def told(paper: Instrument) -> dict[str, Any]:
    """How the ledger names a paper of its agreement."""
    return {"paper": paper.number, "kind": str(paper.kind)}


def _places(agreement: Agreement) -> list[int]:
    return list(agreement.parties.values_list("place", flat=True))


def _drafter(actor: Person, data: DraftData) -> Organisation | None:
    """Whose draft it is: None for the office's; the enterprise of HR, which must be a party itself."""
    if standing.holds(actor, RoleKind.OFFICE):
        return None
    for party in data.parties:
        if party.organisation is not None and actor.has_perm("agreements.draft_agreement", party.organisation):
            return party.organisation
    raise PermissionDenied(_("You may draft agreements to which your own enterprise is a party."))


def _own_party(actor: Person, agreement: Agreement) -> Organisation | None:
    for party in agreement.parties.select_related("organisation"):
        if party.organisation is not None and actor.has_perm("agreements.draft_agreement", party.organisation):
            return party.organisation
    return None


def _check_parties(data: DraftData) -> None:
    sides = {party.side for party in data.parties}
    if sides != set(range(1, len(sides) + 1)) or len(sides) < 2:
        raise ValidationError({"parties": _("An agreement has at least two sides, numbered from 1 without a gap.")})
    if len(data.parties) > _MOST_PARTIES:
        raise ValidationError({"parties": _("At most %(most)s parties.") % {"most": _MOST_PARTIES}})
    named = [party.organisation or party.person for party in data.parties]
    if None in named or len({(type(one), one.pk) for one in named if one}) != len(named):
        raise ValidationError({"parties": _("Each party is one organisation or one person, and is named once.")})
    if data.chain is not None:
        members = set(
            community.members_of(data.chain, max(data.first_day, timezone.localdate())).values_list(
                "organisation_id", flat=True
            )
        )
        for party in data.parties:
            if party.organisation is not None and party.organisation.pk not in members:
                raise ValidationError(
                    {
                        "chain": _("“%(organisation)s” is not in this chain on the first day.")
                        % {"organisation": party.organisation.name}
                    }
                )


def _check_days(first: date, last: date | None) -> None:
    if not date(2000, 1, 1) <= first <= timezone.localdate() + timedelta(days=366 * _LONGEST_YEARS):
        raise ValidationError({"first_day": _("Choose a day after 1999 and within the next thirty years.")})
    if last is not None and last < first:
        raise ValidationError({"last_day": _("The last day comes before the first one.")})
    if last is not None and (last - first).days > 366 * _LONGEST_YEARS:
        raise ValidationError({"last_day": _("An agreement runs thirty years at most.")})


def _check_amendment(paper: Instrument) -> None:
    """An amendment changes something, and takes effect while the agreement is in force."""
    if paper.kind == InstrumentKind.ORIGINAL:
        return
    term = Term.objects.known().filter(agreement=paper.agreement).first()
    if term is None or (
        paper.kind == InstrumentKind.AMENDMENT
        and (paper.first_day < term.valid_from or (term.valid_until and paper.first_day >= term.valid_until))
    ):
        raise ValidationError({"first_day": _("Choose a day on which the agreement is in force.")})
    if paper.kind == InstrumentKind.RENEWAL:
        if paper.last_day is not None and next_day(paper.last_day) == term.valid_until:
            raise ValidationError({"last_day": _("The new last day comes after the old one.")})
    elif paper.clauses == clauses_on(concluded(paper.agreement), paper.first_day):
        raise ValidationError(_("This amendment changes nothing yet. Amend, add or take out a clause."))


def _with_parties(clause: Mapping[str, Any], parties: Sequence[Party]) -> dict[str, Any]:
    """A clause of a template with the parties that it leaves open: the first university, else the first other one."""
    organisations = [party for party in parties if party.organisation is not None]
    university = [
        party.place
        for party in organisations
        if party.organisation is not None and party.organisation.kind == OrganisationKind.UNIVERSITY
    ]
    others = [party.place for party in organisations if party.place not in university]
    values = dict(clause["values"])
    for field in FIELDS[clause["kind"]]:
        if field.value is Value.PARTY and field.name not in values:
            fitting = university if field.university else others
            if fitting:
                values[field.name] = fitting[0]
    return {**clause, "values": values}
