"""Statements with proof: the bank states an account whole, the ledger names its hash, anyone checks the file."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credits import events
from ronghe.apps.credits.models import Account, Stated
from ronghe.apps.credits.selectors import Line, statement
from ronghe.apps.credits.services.accounts import lock
from ronghe.apps.credits.statements import what
from ronghe.apps.ledger import keys
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.publishing import log_proof, logged_event
from ronghe.trust.credit_statement import CreditStatement, StatementBundle
from ronghe.trust.credit_statement import Line as StatedLine
from ronghe.trust.times import timestamp

# More than any student's account has; the file stays far below what readers take.
MOST_LINES = 2_000


@transaction.atomic
def make_statement(*, actor: Person, account: Account) -> Stated:
    """State a student's account as it is now, in the language of the caller. Raises ValidationError."""
    demand(actor, "credits.view_account", account)
    if account.person is None:
        raise ValidationError(_("Only the account of a student is stated with a proof."))
    lock([account])
    now = timezone.now()
    shown = statement(account, length=MOST_LINES)
    if not shown.lines:
        raise ValidationError(_("The account has no entries yet: there is nothing to state."))
    if shown.before is not None:
        raise ValidationError(
            _("The account has more than %(most)s entries; take the table instead.") % {"most": MOST_LINES}
        )
    told = CreditStatement(
        keys.origin(),
        str(account.uid),
        account.person.name,
        timestamp(now),
        tuple(_line(line) for line in reversed(shown.lines)),
    )
    event = ledger.record(
        actor=actor,
        type=events.STATEMENT_MADE,
        subject=account,
        payload={
            "student": account.person,
            "statement": told.digest,
            "lines": len(told.lines),
            "credits": told.balance,
        },
    )
    return Stated.objects.create(account=account, made_at=now, made_by=actor, event=event, content=told.as_json())


def file_of(stated: Stated) -> bytes | None:
    """The file of a statement, or None until enough witnesses signed a head of the log that has it, or once erased."""
    event = stated.event
    logged = logged_event(event)
    proof = log_proof(event.leaf.index) if logged is not None and hasattr(event, "leaf") else None
    if logged is None or proof is None:
        return None
    return StatementBundle(CreditStatement.of_json(stated.content), logged, proof).encode()


def _line(line: Line) -> StatedLine:
    done = line.done
    return StatedLine(
        transaction=str(done.uid),
        day=done.happened_on,
        kind=done.kind,
        what=what(line) or str(line.other),
        rule=done.rule.name if done.rule else "",
        reason=done.reason,
        credits=line.change,
        balance=line.balance,
        is_practice=line.entry.lot.is_practice,
    )
