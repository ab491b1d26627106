"""Mentors, class hours and statements as tables to download, and a statement as a paper."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from ronghe.apps.mentors.models import ClassHour, FeeEntry, Statement
from ronghe.apps.mentors.selectors import mentor_rows
from ronghe.tabular import Column, Date, DecimalNumber, RowSchema, Text

_HOURS = DecimalNumber(digits=7, places=1)
_YUAN = DecimalNumber(digits=10, places=2)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class MentorLine:
    """One mentor of an exported list."""

    mentor: str
    kind: str
    organisation: str
    taken: Decimal
    limit: Decimal
    languages: str = ""
    overseas_months: Decimal = Decimal(0)


MENTORS: RowSchema[MentorLine] = RowSchema(
    [
        Column("mentor", Text(80), zh="导师", en="Mentor", required=True),
        Column("kind", Text(120), zh="导师类别", en="Kind of mentor", required=True),
        Column("organisation", Text(400), zh="单位", en="Organisation", required=True),
        Column("taken", DecimalNumber(digits=4, places=0), zh="在带学生", en="Trainees", required=True),
        Column("limit", DecimalNumber(digits=4, places=0), zh="带教上限", en="Limit", required=True),
        Column("languages", Text(120), zh="语言", en="Languages", default=""),
        Column(
            "overseas_months",
            DecimalNumber(digits=4, places=0),
            zh="海外研发月数",
            en="Months of research and development abroad",
            default=Decimal(0),
        ),
    ],
    MentorLine,
)


def mentors_table(people: Any, on: date) -> Iterator[MentorLine]:
    """The mentors of a list, batch by batch."""
    people = list(people)
    for start in range(0, len(people), _BATCH):
        for row in mentor_rows(people[start : start + _BATCH], on):
            yield MentorLine(
                mentor=str(row.person),
                kind="、".join(dict.fromkeys(one.get_kind_display() for one in row.appointments)),
                organisation="、".join(one.organisation.name for one in row.appointments),
                taken=Decimal(row.load.taken),
                limit=Decimal(row.load.limit),
                languages=row.profile.languages if row.profile else "",
                overseas_months=Decimal(row.profile.overseas_months if row.profile else 0),
            )


@dataclass(frozen=True, slots=True)
class HourLine:
    """One claim of an exported list."""

    day: date
    begins: str
    mentor: str
    organisation: str
    university: str
    class_hours: Decimal
    subject: str
    state: str


HOURS: RowSchema[HourLine] = RowSchema(
    [
        Column("day", Date(), zh="日期", en="Day", required=True),
        Column("begins", Text(5), zh="开始", en="Begins", required=True),
        Column("mentor", Text(80), zh="导师", en="Mentor", required=True),
        Column("organisation", Text(160), zh="单位", en="Organisation", required=True),
        Column("university", Text(160), zh="高校", en="University", required=True),
        Column("class_hours", _HOURS, zh="课时", en="Class hours", required=True),
        Column("subject", Text(200), zh="授课内容", en="What was taught", required=True),
        Column("state", Text(60), zh="状态", en="State", required=True),
    ],
    HourLine,
)


def hours_table(hours: Iterable[ClassHour]) -> Iterator[HourLine]:
    """Claims of class hours, one line each."""
    for hour in hours:
        yield HourLine(
            day=hour.taught_on,
            begins=f"{hour.begins:%H:%M}",
            mentor=str(hour.mentor),
            organisation=hour.organisation.name,
            university=hour.university.name,
            class_hours=hour.class_hours,
            subject=hour.subject,
            state=str(hour.get_state_display()),
        )


@dataclass(frozen=True, slots=True)
class FeeLine:
    """One line of an exported statement."""

    day: date
    what: str
    kind: str
    class_hours: Decimal
    rate: Decimal
    amount: Decimal


STATEMENT: RowSchema[FeeLine] = RowSchema(
    [
        Column("day", Date(), zh="日期", en="Day", required=True),
        Column("what", Text(200), zh="授课内容", en="What was taught", required=True),
        Column("kind", Text(60), zh="类型", en="Kind", required=True),
        Column("class_hours", _HOURS, zh="课时", en="Class hours", required=True),
        Column("rate", _YUAN, zh="课时标准（元）", en="Yuan a class hour", required=True),
        Column("amount", _YUAN, zh="金额（元）", en="Amount in yuan", required=True),
    ],
    FeeLine,
)


def entries_of(statement: Statement) -> list[FeeEntry]:
    """The lines of a statement with their hours."""
    return list(
        statement.entries.select_related("hour__university", "hour__organisation", "dispute").order_by(
            "hour__taught_on", "pk"
        )
    )


def statement_table(statement: Statement) -> Iterator[FeeLine]:
    """The lines of a statement."""
    for entry in entries_of(statement):
        yield FeeLine(
            day=entry.hour.taught_on,
            what=entry.hour.subject,
            kind=str(entry.get_kind_display()),
            class_hours=entry.class_hours,
            rate=entry.rate,
            amount=entry.amount,
        )


def printed(statement: Statement) -> dict[str, Any]:
    """The data of the paper."""
    entries = entries_of(statement)
    firms = sorted({entry.hour.organisation.name for entry in entries})
    return {
        "title": _("Statement of class-hour fees"),
        "subtitle": "",
        "foot": _("Each hour was confirmed by the other side and stands in the ledger of the community."),
        "facts": [
            [_("Mentor"), str(statement.mentor)],
            [_("Organisation"), "、".join(firms) or "—"],
            [_("Month"), f"{statement.month:%Y-%m}"],
            [_("Number"), f"{statement.month:%Y%m}-{str(statement.uid)[:8].upper()}"],
            [_("Issued on"), timezone.localdate(statement.issued_at).isoformat()],
        ],
        "total": _("In all: %(hours)s class hours, %(amount)s yuan")
        % {"hours": number_format(statement.class_hours, 1), "amount": _money(statement.amount)},
        "headings": [_("What was taught"), _("Date"), _("Kind"), _("Class hours"), _("Yuan a class hour"), _("Amount")],
        "rows": [
            [
                f"{entry.hour.subject} · {entry.hour.university.name}",
                entry.hour.taught_on.isoformat(),
                str(entry.get_kind_display()),
                number_format(entry.class_hours, 1),
                _money(entry.rate),
                _money(entry.amount),
            ]
            for entry in entries
        ],
    }


def _money(amount: Decimal) -> str:
    # The thousands of an accountant, in both languages: the Chinese locale groups by none.
    return f"{amount:,.2f}"
