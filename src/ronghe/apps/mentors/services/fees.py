"""Monthly statements of fees, frozen when issued, and disputes: what was wrong is put right by counter-lines."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.demand.figures import shift_month
from ronghe.apps.ledger import services as ledger
from ronghe.apps.mentors import events
from ronghe.apps.mentors.models import Dispute, EntryKind, FeeEntry, Outcome, Statement
from ronghe.apps.mentors.models.fees import month_of, sum_of
from ronghe.apps.mentors.services.appointments import lock_person
from ronghe.apps.mentors.services.hours import MOST_A_DAY, STEP, fee_of


def open_entries(month: date) -> QuerySet[FeeEntry]:
    """Entries that no statement has, of hours given up to the end of the month."""
    return FeeEntry.objects.filter(statement__isnull=True, hour__taught_on__lt=shift_month(month, 1))


def _check_month(month: date) -> date:
    month = month_of(month)
    if shift_month(month, 1) > timezone.localdate():
        raise ValidationError({"month": _("This month has not ended yet.")})
    return month


@transaction.atomic
def issue_statement(*, actor: Person, mentor: Person, month: date) -> Statement:
    """Issue what a mentor earned up to the end of a month and no statement has yet. From then on it stands."""
    demand(actor, "mentors.issue_statement")
    month = _check_month(month)
    lock_person(mentor)
    return _issue(actor, mentor, month)


def _issue(actor: Person, mentor: Person, month: date) -> Statement:
    if actor.pk == mentor.pk:
        raise ValidationError(_("Nobody issues a statement to themselves: ask a colleague."))
    if Statement.objects.filter(mentor=mentor, month__gte=month).exists():
        raise ValidationError(
            {"month": _("A statement of this month or a later one is issued; what is open comes on the next.")}
        )
    entries = list(open_entries(month).filter(hour__mentor=mentor).select_for_update(of=("self",)))
    if not entries:
        raise ValidationError({"month": _("There is nothing to issue: every confirmed hour is on a statement.")})
    class_hours, amount = sum_of(entries)
    statement = Statement.objects.create(
        mentor=mentor,
        month=month,
        class_hours=class_hours,
        amount=amount,
        issued_at=timezone.now(),
        issued_by_uid=actor.uid,
    )
    FeeEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(statement=statement)
    ledger.record(
        actor=actor,
        type=events.STATEMENT_ISSUED,
        subject=statement,
        payload={
            "mentor": mentor,
            "month": month,
            "class_hours": class_hours,
            "amount": amount,
            "lines": len(entries),
        },
    )
    return statement


@transaction.atomic
def issue_statements(*, actor: Person, month: date) -> list[Statement]:
    """Issue the statements of all mentors who have something open; who has one of that month or later waits."""
    demand(actor, "mentors.issue_statement")
    month = _check_month(month)
    waiting = open_entries(month).order_by().values("hour__mentor")
    issued = Statement.objects.filter(month__gte=month).values("mentor")
    mentors = Person.objects.filter(pk__in=waiting).exclude(pk__in=issued).exclude(pk=actor.pk)
    return [_issue(actor, mentor, month) for mentor in mentors.select_for_update().order_by("pk")]


@transaction.atomic
def dispute_fee(*, actor: Person, entry: FeeEntry, text: str) -> Dispute:
    """Say that a line of one's own statement is wrong."""
    demand(actor, "mentors.dispute_fee", entry)
    lock_person(actor)
    entry = FeeEntry.objects.select_related("hour").get(pk=entry.pk)
    if not text.strip():
        raise ValidationError({"text": _("Say what is wrong, and what would be right.")})
    if entry.statement_id is None:
        raise ValidationError(_("This line is on no statement yet; it can be disputed once it is issued."))
    if entry.kind == EntryKind.COUNTER:
        raise ValidationError(_("A counter-line only takes back another one; dispute the corrected line."))
    if entry.disputes.filter(outcome=Outcome.OPEN).exists():
        raise ValidationError(_("This line is disputed already; the office answers."))
    if Dispute.objects.filter(entry=entry, outcome=Outcome.UPHELD).exists():
        raise ValidationError(_("This line was corrected already; dispute the corrected one."))
    dispute = Dispute(entry=entry, text=text.strip(), raised_by=actor)
    dispute.clean_fields(exclude={"answer"})
    dispute.save()
    ledger.record(
        actor=actor,
        type=events.FEE_DISPUTED,
        subject=dispute,
        payload={"mentor": entry.hour.mentor, "text": dispute.text},
    )
    return dispute


@transaction.atomic
def answer_dispute(
    *, actor: Person, dispute: Dispute, answer: str, class_hours: Decimal | None = None, rate: Decimal | None = None
) -> Dispute:
    """Answer a dispute. With the right class hours or rate, a counter-line and the corrected line come on the next
    statement; without, the line stands and `answer` says why. Never by the mentor themselves.
    """
    demand(actor, "mentors.answer_dispute")
    dispute = Dispute.objects.select_for_update(of=("self",)).select_related("entry__hour").get(pk=dispute.pk)
    entry = dispute.entry
    if dispute.outcome != Outcome.OPEN:
        raise ValidationError(_("This dispute is answered already."))
    if actor.pk == entry.hour.mentor_id:
        raise ValidationError(_("Nobody answers their own dispute: ask a colleague."))
    if not answer.strip():
        raise ValidationError({"answer": _("Say what was found; the mentor reads it.")})
    corrects = class_hours is not None or rate is not None
    hours = entry.class_hours if class_hours is None else class_hours
    rate = entry.rate if rate is None else rate
    if not 0 <= hours <= MOST_A_DAY or hours % STEP:
        raise ValidationError(
            {"class_hours": _("Give class hours in halves, at most %(most)s a day.") % {"most": MOST_A_DAY}}
        )
    if rate <= 0:
        raise ValidationError({"rate": _("Give an amount above zero.")})
    if corrects and (hours, rate) == (entry.class_hours, entry.rate):
        raise ValidationError({"class_hours": _("This is what the line says already: leave it empty to let it stand.")})
    now = timezone.now()
    dispute.outcome = Outcome.UPHELD if corrects else Outcome.REJECTED
    dispute.answer, dispute.answered_by, dispute.answered_at = answer.strip(), actor, now
    dispute.save()
    if corrects:
        for kind, part, per in (
            (EntryKind.COUNTER, -entry.class_hours, entry.rate),
            (EntryKind.CORRECTION, hours, rate),
        ):
            FeeEntry.objects.create(
                hour=entry.hour,
                kind=kind,
                dispute=dispute,
                class_hours=part,
                rate=per,
                amount=-entry.amount if kind == EntryKind.COUNTER else fee_of(part, per),
                recorded_at=now,
            )
    ledger.record(
        actor=actor,
        type=events.DISPUTE_ANSWERED,
        subject=dispute,
        payload={
            "mentor": entry.hour.mentor,
            "outcome": str(dispute.outcome),
            "class_hours": hours if corrects else None,
            "answer": dispute.answer,
        },
    )
    return dispute
