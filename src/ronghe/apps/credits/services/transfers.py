"""Credits to and from other institutions, by statements that their logs prove."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credits import events
from ronghe.apps.credits.models import AccountKind, Lot, Partner, Transaction, TransactionKind, hundredths_of
from ronghe.apps.credits.services.accounts import account_of, accounts_of_students, lock
from ronghe.apps.credits.services.moving import book, existing_account, in_hundredths, move, take
from ronghe.apps.credits.transfers import StatementError, read_statement
from ronghe.apps.ledger import keys
from ronghe.apps.ledger import services as ledger
from ronghe.trust.checkpoint import VerifierKey


class NotTaken(ValidationError):
    """A statement that is not taken over; the message says why."""


@transaction.atomic
def send(*, actor: Person, student: Person, partner: Partner, credits: Decimal, is_practice: bool) -> Transaction:
    """Move credits of a student to another institution; the statement to hand over is ready once the log is sealed."""
    demand(actor, "credits.transfer")
    if not partner.is_in_force:
        raise ValidationError({"partner": _("This institution is not confirmed, or the exchange has ended.")})
    hundredths = in_hundredths(credits)
    account = existing_account(student)
    lock([account])
    now = timezone.now()
    parts = take(account, hundredths, on=timezone.localdate(now), is_practice=is_practice)
    done = book(actor, TransactionKind.TRANSFER_OUT, now)
    into = account_of(kind=AccountKind.OUTSIDE, institution=partner.origin)
    move(done, [(lot, account, into, part) for lot, part in parts])
    ledger.record(
        actor=actor,
        type=events.CREDITS_SENT,
        subject=done,
        payload={
            "student": student,
            "holder": student.name,
            "institution": partner.origin,
            "credits": credits,
            "is_practice": is_practice,
            "earned_on": max(lot.earned_on for lot, _part in parts),
        },
    )
    return done


@transaction.atomic
def take_over(*, actor: Person, student: Person, statement: bytes) -> Transaction:
    """Take over the credits of a statement for a student, once. Raises NotTaken, with what is wrong with it."""
    demand(actor, "credits.transfer")
    partners = {one.origin: one for one in Partner.objects.all() if one.is_in_force}
    now = timezone.now()
    try:
        told = read_statement(statement, logs=[VerifierKey.parse(one.log_key) for one in partners.values()], at=now)
        hundredths = hundredths_of(told.credits)
    except StatementError as error:
        raise NotTaken({"statement": _("The statement is not taken: %(why)s.") % {"why": error}}) from error
    except ValueError:
        raise NotTaken({"statement": _("Credits have at most two decimals.")}) from None
    if told.institution != keys.origin():
        raise NotTaken({"statement": _("The statement is made out to %(whom)s.") % {"whom": told.institution}})
    try:
        with transaction.atomic():
            done = book(actor, TransactionKind.TRANSFER_IN, now, statement=told.leaf)
    except IntegrityError:
        raise NotTaken({"statement": _("The credits of this statement have been taken over already.")}) from None
    account = accounts_of_students([student])[student.pk]
    lock([account])
    lot = Lot.objects.create(
        transaction=done,
        account=account,
        hundredths=hundredths,
        is_practice=told.is_practice,
        earned_on=told.earned_on,
    )
    move(done, [(lot, account_of(kind=AccountKind.OUTSIDE, institution=told.origin), account, hundredths)])
    ledger.record(
        actor=actor,
        type=events.CREDITS_RECEIVED,
        subject=done,
        payload={
            "student": student,
            "institution": told.origin,
            "credits": told.credits,
            "is_practice": told.is_practice,
            "statement": told.leaf,
        },
    )
    return done
