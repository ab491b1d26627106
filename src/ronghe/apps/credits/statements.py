"""A statement as rows of a table and as a paper; what stands in it is the selectors' to say."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ronghe.apps.community.models import CohortMembership
from ronghe.apps.credits.models import Account
from ronghe.apps.credits.selectors import Line, Statement, statement, still_needed
from ronghe.tabular import Column, Date, DecimalNumber, RowSchema, Text

_STRETCH = 500


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One line of an exported statement."""

    day: date
    kind: str
    what: str
    between: str
    practice: str
    credits: Decimal
    balance: Decimal
    rule: str = ""
    reason: str = ""


_CREDITS = DecimalNumber(digits=12, places=2)
STATEMENT: RowSchema[StatementRow] = RowSchema(
    [
        Column("day", Date(), zh="日期", en="Day", required=True),
        Column("kind", Text(60), zh="类型", en="Kind", required=True),
        Column("what", Text(200), zh="事项", en="What", default=""),
        Column("between", Text(200), zh="对方账户", en="Other account", default=""),
        Column("practice", Text(10), zh="实践学分", en="Practice credits", default=""),
        Column("credits", _CREDITS, zh="学分变动", en="Credits", required=True),
        Column("balance", _CREDITS, zh="余额", en="Balance", required=True),
        Column("rule", Text(200), zh="折算规则", en="Rule", default=""),
        Column("reason", Text(300), zh="原因", en="Reason", default=""),
    ],
    StatementRow,
)


def what(line: Line) -> str:
    """What a line is about, in words."""
    done = line.done
    if done.achievement is not None:
        return str(done.achievement)
    if done.reverses is not None:
        return _("%(kind)s of %(day)s") % {"kind": done.reverses.get_kind_display(), "day": done.reverses.happened_on}
    return ""


def rows_of(account: Account) -> Iterator[StatementRow]:
    """Every line of an account, newest first, stretch by stretch."""
    before = None
    while True:
        page = statement(account, before=before, length=_STRETCH)
        for line in page.lines:
            yield StatementRow(
                day=line.done.happened_on,
                kind=line.done.get_kind_display(),
                what=what(line),
                between=str(line.other),
                practice=_("yes") if line.entry.lot.is_practice else _("no"),
                credits=line.change,
                balance=line.balance,
                rule=line.done.rule.name if line.done.rule else "",
                reason=line.done.reason,
            )
        if page.before is None:
            return
        before = page.before


def _facts(account: Account, on: date) -> list[list[str]]:
    """Whose account it is, and how far a student is in each programme."""
    told = [[_("Account"), f"{account} · {account.get_kind_display()}"]]
    if account.person is not None:
        enrolments = (
            CohortMembership.objects.on(on).filter(person=account.person).select_related("cohort__organisation")
        )
        for one in enrolments:
            place = " · ".join(filter(None, (one.cohort.organisation.name, one.cohort.name, one.student_number)))
            told.append([_("University"), place])
        for needed in still_needed(account.person, on=on):
            said = _("%(credits)s credits, %(practice)s of them practice")
            amounts = {"credits": number_format(needed.earned, 2), "practice": number_format(needed.practice, 2)}
            told.append([_("Credits earned"), f"{needed.programme.name} · {said % amounts}"])
    return [*told, [_("Date"), on.isoformat()], [_("Number"), str(account.uid)]]


def printed(shown: Statement, *, on: date) -> dict[str, Any]:
    """The data of the paper."""
    return {
        "title": _("Statement of the credit bank"),
        "subtitle": "",
        "facts": _facts(shown.account, on),
        "foot": _("Each line stands in the ledger of the community; the balance is the sum of all entries."),
        "balance": _("Balance: %(credits)s credits") % {"credits": number_format(shown.balance, 2)},
        "older": _("Older lines are left out of this paper; the table holds all.") if shown.before else "",
        "headings": [_("What"), _("Date"), _("Kind"), _("Credits"), _("Balance")],
        "rows": [
            [
                what(line) or str(line.other),
                line.done.happened_on.isoformat(),
                line.done.get_kind_display() + (f" · {_('practice')}" if line.entry.lot.is_practice else ""),
                number_format(line.change, 2),
                number_format(line.balance, 2),
            ]
            for line in shown.lines
        ],
    }
