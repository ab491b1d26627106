"""Ending an agreement before its time: reason, notice, day of effect, and what happens to open matters."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import events
from ronghe.apps.agreements.models import Agreement, InstrumentState, Party, Promise, Term
from ronghe.apps.agreements.services.promises import set_term, write_promises
from ronghe.apps.agreements.services.sending import settle
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision


@transaction.atomic
def end_agreement(
    *,
    actor: Person,
    agreement: Agreement,
    revision: int,
    party: Party,
    notice_given_on: date,
    ended_on: date,
    reason: str,
    consequences: str,
    without_notice: bool = False,
) -> Agreement:
    """Record that `party` ends the agreement; `ended_on` is the first day on which it holds no longer.

    `without_notice`: both sides agreed, or there was cause; then the days of notice are not waited for. Papers in the
    making are given up, and promises end on that day. Raises StaleRevision and ValidationError by field.
    """
    demand(actor, "agreements.end_agreement", agreement)
    taken = take_revision(Agreement, agreement.pk, expected=revision)
    term = Term.objects.known().filter(agreement=taken).first()
    if term is None:
        raise ValidationError(_("This agreement is not in force and has nothing to end. Withdraw its paper instead."))
    if taken.ended_on is not None:
        raise ValidationError(_("This agreement was ended before its time. Draft a new one."))
    if party.agreement_id != taken.pk:
        raise ValidationError({"party": _("Choose one of the parties.")})
    wrong: dict[str, str] = {}
    if notice_given_on > timezone.localdate():
        wrong["notice_given_on"] = _("Notice is recorded once it was given.")
    earliest = notice_given_on + timedelta(days=0 if without_notice else taken.notice_days)
    if ended_on < earliest:
        wrong["ended_on"] = _("With %(days)s days of notice it ends on %(day)s at the earliest.") % {
            "days": 0 if without_notice else taken.notice_days,
            "day": earliest,
        }
    elif ended_on < term.valid_from or (term.valid_until is not None and ended_on >= term.valid_until):
        wrong["ended_on"] = _("Choose a day on which the agreement is in force.")
    if not reason.strip():
        wrong["reason"] = _("Say why it ends.")
    if not consequences.strip():
        wrong["consequences"] = _(
            "Say what happens to students, open positions and fees; write “none” if nothing does."
        )
    if wrong:
        raise ValidationError(wrong)
    taken.ended_by, taken.ended_on, taken.notice_given_on = party, ended_on, notice_given_on
    taken.end_reason, taken.end_consequences = reason.strip(), consequences.strip()
    taken.save()
    for paper in taken.instruments.filter(state__in=["draft", "checking", "checked", "sent"]).select_for_update():
        settle(list(paper.signatures.filter(settled_at__isnull=True)), _("The agreement was ended."))
        paper.content, paper.digest, paper.sent_at, paper.code, paper.changes = None, "", None, None, []
        paper.state, paper.returned_because = InstrumentState.WITHDRAWN, _("The agreement was ended.")
        paper.revision += 1
        paper.save()
    moment = timezone.now()
    broken = Promise.objects.known().filter(agreement=taken).exclude(valid_until__lte=ended_on).count()
    set_term(taken, term.valid_from, ended_on, moment)
    write_promises(taken, moment)
    ledger.record(
        actor=actor,
        type=events.AGREEMENT_ENDED,
        subject=taken,
        payload={
            "party": party.place,
            "notice_given_on": notice_given_on,
            "ended_on": ended_on,
            "promises": broken,
            "reason": reason.strip(),
        },
    )
    return taken
