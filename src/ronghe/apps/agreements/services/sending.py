"""A checked paper goes to its signatories; it may be called back until one signed, and withdrawn until all did."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import events, letters
from ronghe.apps.agreements.codes import new_code
from ronghe.apps.agreements.content import changes_between, clauses_on, concluded, content_of, digest_of
from ronghe.apps.agreements.models import Instrument, InstrumentState, Party, Signatory, Signature
from ronghe.apps.agreements.services.drafting import take, told
from ronghe.apps.community import selectors as community
from ronghe.apps.ledger import services as ledger


@transaction.atomic
def send_paper(
    *,
    actor: Person,
    instrument: Instrument,
    revision: int,
    sign_by: date,
    signatories: Mapping[int, Sequence[Person]],
) -> Instrument:
    """Freeze what the paper says and ask `signatories` (by the party's place) to sign it.

    Raises StaleRevision, WrongState, and ValidationError naming the party whose signatories do not fit.
    """
    paper = take(actor, "agreements.send_paper", instrument, revision, InstrumentState.CHECKED)
    today = timezone.localdate()
    if sign_by < today:
        raise ValidationError({"sign_by": _("Give the signatories until today at least.")})
    parties = list(paper.agreement.parties.select_related("organisation", "person"))
    for unknown in community.unconfirmed_among(party.organisation for party in parties if party.organisation):
        raise ValidationError(
            _("“%(name)s” is not confirmed yet. A second person has to confirm that it is real before it signs.")
            % {"name": unknown.name}
        )
    asked = [
        Signature(instrument=paper, party=party, person=person, asked_on=today, due_on=sign_by)
        for party in parties
        for person in _signatories_of(party, signatories.get(party.place, ()), today)
    ]
    before = concluded(paper.agreement)
    paper.changes = changes_between(clauses_on(before, paper.first_day), paper.clauses)
    paper.content = content_of(paper, parties, before[-1].digest if before else None)
    paper.digest = digest_of(paper.content)
    paper.code = new_code()
    paper.state, paper.sent_at, paper.sign_by = InstrumentState.SENT, timezone.now(), sign_by
    paper.save()
    if paper.agreement.opened_at is None:
        paper.agreement.opened_at = paper.sent_at
        paper.agreement.save(update_fields=["opened_at"])
    Signature.objects.bulk_create(asked)
    ledger.record(
        actor=actor,
        type=events.PAPER_SENT,
        subject=paper.agreement,
        payload={
            **told(paper),
            "digest": paper.digest,
            "sign_by": sign_by,
            "signatories": [signature.person for signature in asked],
        },
    )
    letters.ask_to_sign(asked)
    return paper


@transaction.atomic
def recall_paper(*, actor: Person, instrument: Instrument, revision: int, reason: str) -> Instrument:
    """Call a sent paper back to draft while nobody has signed it."""
    paper = take(actor, "agreements.send_paper", instrument, revision, InstrumentState.SENT)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; the signatories are told.")})
    if paper.signatures.filter(signed_at__isnull=False, settled_at__isnull=True).exists():
        raise ValidationError(_("Someone has signed already. A signatory may decline, or the paper be withdrawn."))
    digest = paper.digest
    back_to_draft(paper, reason)
    ledger.record(
        actor=actor,
        type=events.PAPER_RECALLED,
        subject=paper.agreement,
        payload={**told(paper), "digest": digest, "reason": reason.strip()},
    )
    return paper


@transaction.atomic
def withdraw_paper(*, actor: Person, instrument: Instrument, revision: int, reason: str) -> Instrument:
    """Give a paper up before all have signed it; it stays on record as withdrawn."""
    states = (InstrumentState.DRAFT, InstrumentState.CHECKING, InstrumentState.CHECKED, InstrumentState.SENT)
    paper = take(actor, "agreements.change_paper", instrument, revision, *states)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why the paper is given up.")})
    _clear(paper, reason)
    paper.state = InstrumentState.WITHDRAWN
    paper.save()
    ledger.record(
        actor=actor,
        type=events.PAPER_WITHDRAWN,
        subject=paper.agreement,
        payload={**told(paper), "reason": reason.strip()},
    )
    return paper


def back_to_draft(paper: Instrument, reason: str) -> None:
    """Open a sent paper again: its hash and code stand for nothing any more, and every signature asked is settled."""
    _clear(paper, reason)
    paper.state, paper.checked_by = InstrumentState.DRAFT, None
    paper.save()


def _clear(paper: Instrument, reason: str) -> None:
    settle(list(paper.signatures.filter(settled_at__isnull=True)), reason)
    paper.content, paper.digest, paper.sent_at, paper.code, paper.changes = None, "", None, None, []
    paper.returned_because = reason.strip()


def settle(signatures: Sequence[Signature], reason: str) -> None:
    """Ask these signatures no more; one that was given keeps what was signed."""
    now, today = timezone.now(), timezone.localdate()
    for signature in signatures:
        signature.settled_at, signature.settled_because = now, reason.strip()[:300]
        signature.open_until = min(signature.open_until, today)
    Signature.objects.bulk_update(signatures, ["settled_at", "settled_because", "open_until"])


def _signatories_of(party: Party, named: Sequence[Person], day: date) -> list[Person]:
    if party.person is not None:
        return [party.person]
    people = {person.pk: person for person in named}
    if len(people) != party.signatures_required:
        raise ValidationError(
            {
                f"party_{party.place}": _("“%(party)s” signs with %(count)s signatories; choose that many.")
                % {"party": party.name, "count": party.signatures_required}
            }
        )
    standing = set(
        Signatory.objects.on(day)
        .filter(organisation=party.organisation, person__in=people)
        .values_list("person_id", flat=True)
    )
    for person in people.values():
        if person.pk not in standing:
            raise ValidationError(
                {
                    f"party_{party.place}": _(
                        "%(person)s is no signatory of “%(party)s” today. Its HR or the office appoints signatories."
                    )
                    % {"person": person.name, "party": party.name}
                }
            )
    return list(people.values())
