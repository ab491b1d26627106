"""Signing: the person asked, identity confirmed again, the paper named by its hash; the last signature concludes."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import events, letters
from ronghe.apps.agreements.content import digest_of, next_day
from ronghe.apps.agreements.models import (
    Agreement,
    Instrument,
    InstrumentKind,
    InstrumentState,
    OutsidePaper,
    Signatory,
    Signature,
    SignatureMethod,
    Term,
)
from ronghe.apps.agreements.services.drafting import WrongState, told
from ronghe.apps.agreements.services.promises import set_term, write_promises
from ronghe.apps.agreements.services.sending import back_to_draft, settle
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import selectors as ledger_reads
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.models import Event

# So long after the password, passkey or second factor a signature still counts as the person's own.
CONFIRMED_WITHIN = timedelta(minutes=10)
_SHORTEST_HANDED = timedelta(days=3)


class NotConfirmed(Exception):
    """The identity was not confirmed just now."""

    def __init__(self) -> None:
        super().__init__(_("Confirm that it is you, then sign: the last confirmation is too long ago."))


@transaction.atomic
def sign(
    *, actor: Person, signature: Signature, digest: str, confirmed_at: datetime | None, confirmed_by: str
) -> Signature:
    """Sign the paper whose hash is `digest`, the one that the person was shown.

    Raises NotConfirmed, WrongState, and ValidationError when the paper is another one by now or the standing has ended.
    """
    demand(actor, "agreements.sign", signature)
    now, today = timezone.now(), timezone.localdate()
    if confirmed_at is None or not timedelta(0) <= now - confirmed_at <= CONFIRMED_WITHIN:
        raise NotConfirmed
    paper, asked = _locked(signature)
    if digest != paper.digest:
        raise ValidationError(_("This is not the paper you were shown. Read it again, then sign."))
    title_zh = title_en = ""
    if asked.party.organisation_id is not None:
        standing = Signatory.objects.on(today).filter(person=actor, organisation=asked.party.organisation_id).first()
        if standing is None:
            raise ValidationError(
                _("You are no signatory of “%(party)s” today. Ask its HR to hand the signature over.")
                % {"party": asked.party.name}
            )
        title_zh, title_en = standing.title_zh, standing.title_en
    asked.title_zh, asked.title_en = title_zh, title_en
    _give(actor, paper, asked, SignatureMethod.PLATFORM, paper.digest, now, confirmed_by)
    conclude_if_all_signed(actor, paper, now)
    return asked


@transaction.atomic
def decline(*, actor: Person, signature: Signature, reason: str) -> Instrument:
    """Decline to sign: the paper goes back to draft with the reason, and what others signed of it is void."""
    demand(actor, "agreements.sign", signature)
    if not reason.strip():
        raise ValidationError({"reason": _("Say what would have to change; the drafter reads it.")})
    paper, asked = _locked(signature)
    ledger.record(
        actor=actor,
        type=events.SIGNATURE_DECLINED,
        subject=paper.agreement,
        payload={**told(paper), "party": asked.party.place, "reason": reason.strip()},
    )
    back_to_draft(paper, reason)
    paper.revision += 1
    paper.save(update_fields=["revision"])
    letters.tell_declined(paper, reason.strip())
    return paper


@transaction.atomic
def hand_over(*, actor: Person, signature: Signature, to: Person, reason: str = "") -> Signature:
    """Ask another signatory of the same party instead, with some days more where few are left."""
    demand(actor, "agreements.hand_over", signature)
    paper, asked = _locked(signature)
    today = timezone.localdate()
    if asked.party.organisation_id is None:
        raise ValidationError(_("A person who is a party signs in person."))
    if to.pk == asked.person_id or paper.signatures.filter(person=to, settled_at__isnull=True).exists():
        raise ValidationError({"to": _("This person is asked already. Choose another signatory.")})
    if not Signatory.objects.on(today).filter(person=to, organisation=asked.party.organisation_id).exists():
        raise ValidationError(
            {"to": _("This person is no signatory of “%(party)s” today.") % {"party": asked.party.name}}
        )
    settle([asked], reason or _("Handed over to %(person)s.") % {"person": to.name})
    replacement = Signature.objects.create(
        instrument=paper,
        party=asked.party,
        person=to,
        asked_on=today,
        due_on=max(asked.due_on, today + _SHORTEST_HANDED),
    )
    ledger.record(
        actor=actor,
        type=events.SIGNATURE_HANDED_OVER,
        subject=paper.agreement,
        payload={
            **told(paper),
            "party": asked.party.place,
            "before": asked.person,
            "after": to,
            "reason": reason.strip() or None,
        },
    )
    letters.ask_to_sign([replacement])
    return replacement


def record_outside(actor: Person, paper: Instrument, scan: OutsidePaper) -> int:
    """Count the waiting signatures that a confirmed scan bears; called with the paper locked. Returns how many."""
    waiting = paper.signatures.waiting().select_related("party__organisation", "person")
    if scan.party_id is not None:
        waiting = waiting.filter(party=scan.party_id)
    now = timezone.now()
    given = 0
    for asked in waiting:
        asked.open_until = max(asked.asked_on, scan.signed_on)
        _give(actor, paper, asked, SignatureMethod.OUTSIDE, f"sha256:{scan.sha256}", now, "")
        given += 1
    conclude_if_all_signed(actor, paper, now)
    return given


def conclude_if_all_signed(actor: Person, paper: Instrument, moment: datetime) -> bool:
    """Conclude a paper once no signature is waited for; term, promises and event follow in the same transaction."""
    if paper.signatures.waiting().exists():
        return False
    paper.state, paper.concluded_at = InstrumentState.CONCLUDED, moment
    paper.revision += 1
    paper.save()
    agreement = paper.agreement
    if paper.kind == InstrumentKind.ORIGINAL:
        set_term(agreement, paper.first_day, next_day(paper.last_day), moment)
    elif paper.kind == InstrumentKind.RENEWAL:
        term = Term.objects.known().get(agreement=agreement)
        set_term(agreement, term.valid_from, next_day(paper.last_day), moment)
    promises = write_promises(agreement, moment)
    ledger.record(
        actor=actor,
        type=events.PAPER_CONCLUDED,
        subject=agreement,
        payload={
            **told(paper),
            "digest": paper.digest,
            "first_day": paper.first_day,
            "last_day": paper.last_day,
            "promises": promises,
        },
    )
    letters.tell_concluded(paper)
    return True


@dataclass(frozen=True, slots=True)
class SignatureCheck:
    """What holds of a signature: the paper is what was sent, it was this that was signed, and the ledger says so.

    `erased`: the ledger's payload was erased with its signatory; the event still stands, under its salted digest.
    """

    content_intact: bool
    signed_this: bool
    in_ledger: bool
    erased: bool = False

    @property
    def holds(self) -> bool:
        """Whether all of it holds."""
        return self.content_intact and self.signed_this and self.in_ledger


def verify_signature(signature: Signature) -> SignatureCheck:
    """Check a given signature against the paper and the ledger, from the bytes up."""
    paper = signature.instrument
    intact = paper.content is not None and digest_of(paper.content) == paper.digest
    if signature.method == SignatureMethod.OUTSIDE:
        scans = paper.outside_papers.filter(is_confirmed=True).values_list("sha256", flat=True)
        signed = signature.signed_digest in {f"sha256:{scan}" for scan in scans}
    else:
        signed = signature.signed_digest == paper.digest
    subject = f"agreements.agreement:{paper.agreement.uid}"
    event = Event.objects.filter(pk=signature.event or 0, type=events.PAPER_SIGNED.name, subject=subject).first()
    if event is None:
        return SignatureCheck(intact, signed, in_ledger=False)
    values = ledger_reads.story_of(event, show_personal=False).values
    if values is None:
        return SignatureCheck(intact, signed, in_ledger=True, erased=True)
    said = {value.name: value.text for value in values}
    told_so = said.get("digest") == signature.signed_digest and said.get("signature") == str(signature.uid)
    return SignatureCheck(intact, signed, in_ledger=told_so)


def _locked(signature: Signature) -> tuple[Instrument, Signature]:
    """Paper and signature, the agreement locked: of one agreement signatures are given one after the other."""
    Agreement.objects.select_for_update().get(pk=signature.instrument.agreement_id)
    paper = Instrument.objects.select_for_update().get(pk=signature.instrument_id)
    asked = (
        Signature.objects.select_related("party__organisation", "person").filter(pk=signature.pk, instrument=paper)
    ).get()
    if paper.state != InstrumentState.SENT:
        raise WrongState(paper)
    if not asked.is_waiting:
        raise PermissionDenied(_("This signature is not waited for any more."))
    return paper, asked


def _give(
    actor: Person,
    paper: Instrument,
    asked: Signature,
    method: SignatureMethod,
    digest: str,
    moment: datetime,
    confirmed_by: str,
) -> None:
    event = ledger.record(
        actor=actor,
        type=events.PAPER_SIGNED,
        subject=paper.agreement,
        payload={
            **told(paper),
            "digest": digest,
            "signature": str(asked.uid),
            "party": asked.party.place,
            "signatory": asked.person,
            "organisation": asked.party.organisation,
            "method": str(method),
            "confirmed_by": confirmed_by or None,
        },
    )
    asked.signed_at, asked.method, asked.signed_digest = moment, method, digest
    asked.confirmed_by, asked.event = confirmed_by[:40], event.pk
    asked.open_until = min(asked.open_until, timezone.localdate())
    asked.save()
