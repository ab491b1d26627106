"""Reads of agreements for pages, for the API and for the floors above: few queries, typed rows, never a write."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django_stubs_ext import StrPromise

from ronghe.apps.accounts.inbox import Waiting
from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.codes import read_code
from ronghe.apps.agreements.content import clauses_on, concluded
from ronghe.apps.agreements.models import (
    Agreement,
    Instrument,
    InstrumentState,
    OutsidePaper,
    Party,
    PrintedCopy,
    Promise,
    Signatory,
    Signature,
    Template,
    TemplateVersion,
    Term,
)
from ronghe.apps.community import standing
from ronghe.apps.community.models import Chain, Organisation, RoleKind

STANDINGS: dict[str, StrPromise] = {
    "in_the_making": gettext_lazy("In the making"),
    "upcoming": gettext_lazy("Signed, begins later"),
    "in_force": pgettext_lazy("agreement", "In force"),
    "expired": gettext_lazy("Expired"),
    "ended": gettext_lazy("Ended before its time"),
    "withdrawn": gettext_lazy("Withdrawn"),
}
SIGNS = {
    "in_the_making": "progress",
    "upcoming": "progress",
    "in_force": "ok",
    "expired": "none",
    "ended": "bad",
    "withdrawn": "none",
}


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One line of a list: the agreement, its parties, its term as known now, and how it stands on a day."""

    agreement: Agreement
    parties: str
    term: Term | None
    paper: Instrument | None
    standing: str
    waiting: int
    overdue: int

    @property
    def last_day(self) -> date | None:
        """The last day of the term, if it has one."""
        return self.term.last_day if self.term is not None else None

    @property
    def label(self) -> str:
        """The standing in words; of a paper in the making its state."""
        if self.standing == "in_the_making" and self.paper is not None:
            return str(self.paper.get_state_display())
        return str(STANDINGS[self.standing])

    @property
    def sign(self) -> str:
        """The sign of the standing."""
        return "bad" if self.overdue and self.standing == "in_the_making" else SIGNS[self.standing]


def agreements(
    user: Any,
    *,
    text: str = "",
    kind: str = "",
    chain: int | None = None,
    organisation: int | None = None,
    standing: str = "",
    on: date | None = None,
) -> QuerySet[Agreement]:
    """The agreements that `user` may know of, by words of title or number, kind, chain, party and standing on a day."""
    found = Agreement.objects.visible_to(user).select_related("chain")
    day = on or timezone.localdate()
    if text := text.strip().replace("\0", ""):
        found = found.filter(Q(title_zh__icontains=text) | Q(title_en__icontains=text) | Q(number__icontains=text))
    if kind:
        found = found.filter(kind=kind)
    if chain is not None:
        found = found.filter(chain=chain)
    if organisation is not None:
        found = found.filter(pk__in=Party.objects.filter(organisation=organisation).values("agreement"))
    known = Term.objects.known()
    if standing == "in_force":
        found = found.filter(pk__in=Term.objects.on(day).values("agreement"))
    elif standing == "upcoming":
        found = found.filter(pk__in=known.filter(valid_from__gt=day).values("agreement"))
    elif standing == "expired":
        found = found.filter(pk__in=known.filter(valid_until__lte=day).values("agreement"), ended_on__isnull=True)
    elif standing == "ended":
        found = found.filter(ended_on__lte=day)
    elif standing == "withdrawn":
        found = found.filter(instruments__number=1, instruments__state=InstrumentState.WITHDRAWN)
    elif standing == "in_the_making":
        making = Instrument.objects.filter(state__in=["draft", "checking", "checked", "sent"])
        found = found.filter(pk__in=making.values("agreement"))
    return found


def rows(found: Iterable[Agreement], on: date | None = None, *, shows_people: bool = False) -> list[AgreementRow]:
    """Lines of a list: four queries whatever their number. Of parties who are persons only that there is one."""
    listed = list(found)
    day = on or timezone.localdate()
    keys = [one.pk for one in listed]
    parties: dict[int, list[str]] = {}
    for party in Party.objects.filter(agreement__in=keys).select_related("organisation", "person"):
        is_named = shows_people or party.person_id is None
        parties.setdefault(party.agreement_id, []).append(party.name if is_named else _("a person"))
    terms = {term.agreement_id: term for term in Term.objects.known().filter(agreement__in=keys)}
    papers = {
        paper.agreement_id: paper
        for paper in Instrument.objects.filter(agreement__in=keys).defer("content", "clauses").order_by("number")
    }
    waiting: dict[int, list[Signature]] = {}
    asked = Signature.objects.waiting().filter(instrument__agreement__in=keys, instrument__state=InstrumentState.SENT)
    for signature in asked.select_related("instrument"):
        waiting.setdefault(signature.instrument.agreement_id, []).append(signature)
    return [
        AgreementRow(
            agreement=one,
            parties=" · ".join(parties.get(one.pk, [])),
            term=terms.get(one.pk),
            paper=papers.get(one.pk),
            standing=standing_on(one, terms.get(one.pk), papers.get(one.pk), day),
            waiting=len(waiting.get(one.pk, [])),
            overdue=sum(signature.due_on < day for signature in waiting.get(one.pk, [])),
        )
        for one in listed
    ]


def standing_on(agreement: Agreement, term: Term | None, newest: Instrument | None, day: date) -> str:
    """How an agreement stands on a day, as it is known now: one of STANDINGS."""
    if agreement.ended_on is not None and agreement.ended_on <= day:
        return "ended"
    if term is None:
        is_given_up = newest is not None and newest.state == InstrumentState.WITHDRAWN
        return "withdrawn" if is_given_up else "in_the_making"
    if day < term.valid_from:
        return "upcoming"
    return "in_force" if term.holds_on(day) else "expired"


def find(user: Any, uid: Any) -> Agreement | None:
    """An agreement that `user` may know of."""
    found = Agreement.objects.visible_to(user).select_related("chain", "template_version__template", "ended_by")
    return found.filter(uid=uid).first()


def papers_of(user: Any, agreement: Agreement) -> list[Instrument]:
    """The papers of an agreement that `user` may read."""
    return list(
        Instrument.objects.visible_to(user).filter(agreement=agreement).select_related("drafted_by", "checked_by")
    )


def find_paper(user: Any, uid: Any) -> Instrument | None:
    """A paper that `user` may read."""
    found = Instrument.objects.visible_to(user).select_related(
        "agreement__chain", "agreement__template_version__template", "drafted_by", "checked_by"
    )
    return found.filter(uid=uid).first()


def signatures_of(papers: Sequence[Instrument]) -> dict[int, list[Signature]]:
    """The signatures of papers, by paper; those that are asked no more come last."""
    found: dict[int, list[Signature]] = {}
    asked = Signature.objects.filter(instrument__in=papers).select_related(
        "party__organisation", "party__person", "person"
    )
    for signature in sorted(
        asked, key=lambda one: (one.settled_at is not None, one.party.side, one.party.place, one.pk)
    ):
        found.setdefault(signature.instrument_id, []).append(signature)
    return found


def consolidated(agreement: Agreement, on: date | None = None) -> list[dict[str, Any]]:
    """What the agreement says on a day: the original with every amendment that holds by then."""
    return clauses_on(concluded(agreement), on or timezone.localdate())


def promises_on(user: Any, agreement: Agreement, on: date | None = None) -> QuerySet[Promise]:
    """The typed promises that hold on a day."""
    return (
        Promise.objects.visible_to(user)
        .on(on or timezone.localdate())
        .filter(agreement=agreement)
        .select_related("by", "to")
        .order_by("kind", "pk")
    )


def signatories_of(organisation: Organisation, on: date | None = None) -> QuerySet[Signatory]:
    """Who may sign for an organisation on a day."""
    found = Signatory.objects.on(on or timezone.localdate()).filter(organisation=organisation)
    return found.select_related("person", "organisation").order_by("person__name_latin", "pk")


def signatory_history(organisation: Organisation) -> QuerySet[Signatory]:
    """All standings as they are known now, the latest first."""
    return (
        Signatory.objects.known()
        .filter(organisation=organisation)
        .select_related("person")
        .order_by("-valid_from", "person__name_latin")
    )


def templates(user: Any, *, retired: bool = False) -> QuerySet[Template]:
    """Templates that may be drafted from."""
    found = Template.objects.visible_to(user).prefetch_related("versions")
    return found if retired else found.filter(retired_on__isnull=True)


def newest_versions(user: Any) -> QuerySet[TemplateVersion]:
    """The newest version of each template that may be drafted from."""
    newest = TemplateVersion.objects.filter(template=OuterRef("template")).order_by("-number").values("pk")[:1]
    found = TemplateVersion.objects.filter(template__in=templates(user).order_by().values("pk"))
    return found.filter(pk=Subquery(newest)).select_related("template").order_by("template__kind", "template__name_zh")


def waiting_for(person: Person, on: date | None = None) -> list[Waiting]:
    """What waits for `person`: papers to sign first, then for office and HR papers to check, to send and to confirm."""
    day = on or timezone.localdate()
    found = []
    asked = Signature.objects.waiting().filter(person=person, instrument__state=InstrumentState.SENT)
    for signature in asked.select_related("instrument__agreement", "party__organisation").order_by("due_on")[:50]:
        found.append(
            Waiting(
                title=signature.instrument.agreement.title,
                text=_("Your signature for %(party)s") % {"party": signature.party.name}
                if signature.party.organisation_id
                else _("Your signature"),
                due=signature.due_on,
                url=reverse("agreements:paper", args=[signature.instrument.uid]),
                state="bad" if signature.due_on < day else "progress",
                action_label=_("Read and sign"),
                kind="sign",
            )
        )
    is_office = standing.holds(person, RoleKind.OFFICE)
    firms = standing.organisations(person, RoleKind.ENTERPRISE_HR)
    if is_office or firms:
        found += _to_handle(person, is_office, firms)
    if is_office:
        scans = OutsidePaper.objects.filter(is_confirmed__isnull=True, instrument__state=InstrumentState.SENT)
        for scan in scans.exclude(uploaded_by=person).select_related("instrument__agreement")[:50]:
            found.append(
                Waiting(
                    title=scan.instrument.agreement.title,
                    text=_("A paper signed outside was uploaded"),
                    due=None,
                    url=reverse("agreements:paper", args=[scan.instrument.uid]),
                    state="progress",
                    action_label=_("Look and confirm"),
                    kind="confirm",
                )
            )
    return found


def _to_handle(person: Person, is_office: bool, firms: set[int]) -> list[Waiting]:
    mine = Instrument.objects.filter(state__in=[InstrumentState.CHECKING, InstrumentState.CHECKED])
    if not is_office:
        mine = mine.filter(drafted_for__in=firms)
    found = []
    for paper in mine.select_related("agreement").defer("content").order_by("created_at")[:50]:
        checking = paper.state == InstrumentState.CHECKING
        if checking and paper.drafted_by_id == person.pk:
            continue
        found.append(
            Waiting(
                title=paper.agreement.title,
                text=_("A draft waits for the check by a second person") if checking else _("Checked and not sent yet"),
                due=None,
                url=reverse("agreements:paper", args=[paper.uid]),
                state="progress",
                action_label=_("Check") if checking else _("Send"),
                kind="check" if checking else "send",
            )
        )
    return found


def overdue(user: Any, on: date | None = None) -> QuerySet[Signature]:
    """Signatures that should have been given before a day, as far as `user` may know of them; the oldest first."""
    return (
        Signature.objects.visible_to(user)
        .overdue_on(on or timezone.localdate())
        .select_related("instrument__agreement__chain", "party__organisation", "person")
        .order_by("due_on", "pk")
    )


def chains_with_agreements(user: Any) -> QuerySet[Chain]:
    """The chains of the agreements that `user` may know of: the choices of a filter."""
    return Chain.objects.filter(pk__in=Agreement.objects.visible_to(user).order_by().values("chain"))


def may_hand_over_to(signature: Signature) -> QuerySet[Person]:
    """Who else may sign for the party today."""
    held = Signatory.objects.on(timezone.localdate()).filter(organisation=signature.party.organisation_id)
    asked = Signature.objects.filter(instrument=signature.instrument_id, settled_at__isnull=True).values("person")
    return Person.objects.filter(pk__in=held.values("person")).exclude(pk__in=asked).order_by("name_latin")


@dataclass(frozen=True, slots=True)
class Verified:
    """What the public page tells of a paper: that it exists and how it stands. No party, no person, no clause."""

    paper: Instrument
    standing: str
    signatures: int
    signed: int
    by_file: bool

    @property
    def label(self) -> str:
        """The standing in words."""
        return str(STANDINGS[self.standing])

    @property
    def sign(self) -> str:
        """The sign of the standing."""
        return SIGNS[self.standing]


def verify_code(typed: str) -> Verified | None:
    """The paper of a verification code; None where there is none."""
    code = read_code(typed)
    found = None if code is None else Instrument.objects.filter(code=code).select_related("agreement").first()
    return _verified(found, by_file=False) if found is not None else None


def verify_file(sha256: str) -> Verified | None:
    """The paper of which this very file is a printed copy or a confirmed scan; None where it is neither."""
    copies = PrintedCopy.objects.filter(sha256=sha256, instrument__digest=F("digest"))
    if (copy := copies.select_related("instrument__agreement").order_by("pk").last()) is not None:
        return _verified(copy.instrument, by_file=True)
    scan = OutsidePaper.objects.filter(sha256=sha256, is_confirmed=True).select_related("instrument__agreement").first()
    return _verified(scan.instrument, by_file=True) if scan is not None else None


def _verified(paper: Instrument, *, by_file: bool) -> Verified:
    term = Term.objects.known().filter(agreement=paper.agreement_id).first()
    standing = standing_on(paper.agreement, term, paper, timezone.localdate())
    asked = list(paper.signatures.filter(settled_at__isnull=True))
    signed = sum(signature.signed_at is not None for signature in asked)
    if paper.state != InstrumentState.CONCLUDED:
        standing = "in_the_making"
    return Verified(paper, standing, len(asked), signed, by_file)
