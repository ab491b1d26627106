"""What happens to banked credits: redeemed for a programme, lapsed, reversed. Lots are spent oldest first."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credits import events
from ronghe.apps.credits.models import (
    Account,
    AccountKind,
    Counted,
    Entry,
    Lot,
    Transaction,
    TransactionKind,
    credits_of,
    hundredths_of,
)
from ronghe.apps.credits.services.accounts import account_of, lock
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.ledger import services as ledger


def left_in(lots: Sequence[Lot]) -> dict[int, int]:
    """Hundredths of each lot that are still in the account they came into."""
    keys = [lot.pk for lot in lots]
    owners = {lot.pk: lot.account_id for lot in lots}
    left = dict.fromkeys(keys, 0)
    for side, sign in (("destination", 1), ("source", -1)):
        moved = Entry.objects.filter(lot__in=keys).values_list("lot", side).annotate(Sum("hundredths")).order_by()
        for lot, account, hundredths in moved:
            if account == owners[lot]:
                left[lot] += sign * hundredths
    return left


def take(account: Account, hundredths: int, *, on: date, is_practice: bool | None = None) -> list[tuple[Lot, int]]:
    """Which lots to spend for `hundredths`: those that lapse first, then the oldest. The account must be locked.

    With `is_practice`, only lots of practice credits, or only of others.

    Raises ValidationError when the account holds less.
    """
    lots = [
        lot
        for lot in account.lots.all()
        if (lot.lapses_on is None or lot.lapses_on > on) and is_practice in (None, lot.is_practice)
    ]
    lots.sort(key=lambda lot: (lot.lapses_on or date.max, lot.earned_on, lot.pk))
    left = left_in(lots)
    parts, wanted = [], hundredths
    for lot in lots:
        part = min(left[lot.pk], wanted)
        if part > 0:
            parts.append((lot, part))
            wanted -= part
    if wanted:
        raise ValidationError(
            {
                "credits": _("The account holds %(held)s credits that can be used on %(day)s.")
                % {"held": credits_of(hundredths - wanted), "day": on}
            }
        )
    return parts


def in_hundredths(credits: Decimal) -> int:
    """What a person typed, as the book writes it. Raises ValidationError."""
    try:
        hundredths = hundredths_of(credits)
    except ValueError:
        raise ValidationError({"credits": _("Credits have at most two decimals.")}) from None
    if hundredths <= 0:
        raise ValidationError({"credits": _("Give an amount above zero.")})
    return hundredths


@transaction.atomic
def redeem(*, actor: Person, student: Person, programme: Programme, credits: Decimal) -> Transaction:
    """Use a student's credits for a programme: they move into its account. Raises ValidationError by field."""
    demand(actor, "credits.redeem", programme)
    hundredths = in_hundredths(credits)
    enrolled = student.cohort_memberships.known().filter(cohort__programmes=programme).exists()
    if not enrolled:
        raise ValidationError({"programme": _("The student follows another programme.")})
    account = existing_account(student)
    lock([account])
    now = timezone.now()
    parts = take(account, hundredths, on=timezone.localdate(now))
    done = book(actor, TransactionKind.REDEMPTION, now)
    into = account_of(kind=AccountKind.PROGRAMME, programme=programme)
    move(done, [(lot, account, into, part) for lot, part in parts])
    ledger.record(
        actor=actor,
        type=events.CREDITS_REDEEMED,
        subject=done,
        payload={"student": student, "programme": programme, "credits": credits},
    )
    return done


def existing_account(student: Person) -> Account:
    """The account of a student who has credits. Raises ValidationError."""
    account = Account.objects.filter(person=student).first()
    if account is None:
        raise ValidationError({"student": _("The student has no credits yet.")})
    return account


def book(actor: Person | None, kind: str, now: datetime, **fields: object) -> Transaction:
    """Open a transaction in the book; its entries follow by `move`."""
    return Transaction.objects.create(
        kind=kind, happened_on=timezone.localdate(now), recorded_at=now, actor=actor, **fields
    )


def move(done: Transaction, moves: Sequence[tuple[Lot, Account, Account, int]]) -> None:
    """Write the entries of a transaction: lot, from, to, hundredths."""
    Entry.objects.bulk_create(
        [
            Entry(transaction=done, lot=lot, source=source, destination=destination, hundredths=hundredths)
            for lot, source, destination, hundredths in moves
        ]
    )


@transaction.atomic
def lapse_due(*, on: date | None = None) -> int:
    """Let the credits lapse whose day has come; the system itself does it. Returns how many accounts lost some."""
    on = on or timezone.localdate()
    lots = list(Lot.objects.filter(lapses_on__lte=on).select_related("account__person"))
    lock({lot.account_id: lot.account for lot in lots}.values())
    left = left_in(lots)
    by_account: dict[int, list[Lot]] = {}
    for lot in lots:
        if left[lot.pk] > 0:
            by_account.setdefault(lot.account_id, []).append(lot)
    if not by_account:
        return 0
    into = account_of(kind=AccountKind.LAPSED)
    now = timezone.now()
    for due in by_account.values():
        done = book(None, TransactionKind.EXPIRY, now)
        move(done, [(lot, lot.account, into, left[lot.pk]) for lot in due])
        person = due[0].account.person
        ledger.record(
            actor=None,
            type=events.CREDITS_LAPSED,
            subject=done,
            payload={
                "credits": credits_of(sum(left[lot.pk] for lot in due)),
                **({"student": person} if person else {}),
            },
        )
    return len(by_account)


@transaction.atomic
def reverse(*, actor: Person, done: Transaction, reason: str) -> Transaction:
    """Undo a transaction by its opposite. Refused for a reversal, twice, and while its credits are spent elsewhere."""
    demand(actor, "credits.reverse")
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: the student reads it on the statement.")})
    done = Transaction.objects.select_for_update().get(pk=done.pk)
    if done.kind == TransactionKind.REVERSAL:
        raise ValidationError(_("A reversal is not reversed; record what is right anew."))
    if done.kind == TransactionKind.TRANSFER_OUT:
        raise ValidationError(_("The other institution may have taken it over: let it send the credits back."))
    if Transaction.objects.filter(reverses=done).exists():
        raise ValidationError(_("It is reversed already."))
    entries = list(done.entries.select_related("lot__account__person", "source", "destination"))
    accounts = {entry.lot.account_id: entry.lot.account for entry in entries}
    lock(accounts.values())
    _check_unspent(done, entries)
    now = timezone.now()
    back = book(actor, TransactionKind.REVERSAL, now, reverses=done, reason=reason.strip())
    move(back, [(entry.lot, entry.destination, entry.source, entry.hundredths) for entry in entries])
    Counted.objects.filter(transaction=done).delete()
    person = next((account.person for account in accounts.values() if account.person_id), None)
    ledger.record(
        actor=actor,
        type=events.TRANSACTION_REVERSED,
        subject=back,
        payload={"reversed": done, "reason": back.reason, **({"student": person} if person else {})},
    )
    return back


def _check_unspent(done: Transaction, entries: Sequence[Entry]) -> None:
    """What a deposit brought must still be there to be taken back."""
    if done.kind not in {TransactionKind.DEPOSIT, TransactionKind.TRANSFER_IN}:
        return
    left = left_in([entry.lot for entry in entries])
    if any(left[entry.lot_id] < entry.hundredths for entry in entries):
        raise ValidationError(
            _("Some of these credits are used already: reverse the redemption or transfer that used them first.")
        )
