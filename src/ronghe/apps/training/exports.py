"""Tables that people take away: the placements that are open to them, and the weeks of one placement."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils import timezone

from ronghe.apps.training import selectors
from ronghe.apps.training.models import Entry, Placement
from ronghe.tabular import Column, Date, DecimalNumber, Integer, RowSchema, Text


@dataclass(frozen=True, slots=True)
class PlacementLine:
    """A placement as a line of a table."""

    student: str
    work: str
    hosts: str
    mentor: str
    teacher: str
    starts_on: date
    ends_on: date
    state: str
    confirmed_hours: Decimal
    waiting: int


PLACEMENTS: RowSchema[PlacementLine] = RowSchema(
    [
        Column("student", Text(80), zh="学生", en="Student"),
        Column("work", Text(160), zh="工作内容", en="Work"),
        Column("hosts", Text(400), zh="实习单位", en="Hosts"),
        Column("mentor", Text(80), zh="导师", en="Mentor"),
        Column("teacher", Text(80), zh="教师", en="Teacher"),
        Column("starts_on", Date(), zh="开始日期", en="First day"),
        Column("ends_on", Date(), zh="结束日期", en="Last day"),
        Column("state", Text(40), zh="状态", en="State"),
        Column("confirmed_hours", DecimalNumber(digits=8, places=2), zh="已确认学时", en="Confirmed hours"),
        Column("waiting", Integer(), zh="待确认周数", en="Weeks that wait"),
    ],
    PlacementLine,
)
_BATCH = 500


@dataclass(frozen=True, slots=True)
class WeekLine:
    """A version of the evidence of a week as a line of a table."""

    week: date
    version: int
    state: str
    hours: Decimal
    unit: str
    text: str
    commit_url: str
    files: str
    marks: str
    handed_in_on: date
    confirmed_on: date | None


WEEKS: RowSchema[WeekLine] = RowSchema(
    [
        Column("week", Date(), zh="周次（周一）", en="Week (Monday)"),
        Column("version", Integer(), zh="版本", en="Version"),
        Column("state", Text(60), zh="状态", en="State"),
        Column("hours", DecimalNumber(digits=8, places=2), zh="学时", en="Hours"),
        Column("unit", Text(200), zh="教学单元", en="Teaching unit"),
        Column("text", Text(8000), zh="工作内容", en="What was done"),
        Column("commit_url", Text(500), zh="代码提交", en="Commit"),
        Column("files", Text(2000), zh="文件及 SHA-256", en="Files and SHA-256"),
        Column("marks", Text(500), zh="疑点", en="What strikes"),
        Column("handed_in_on", Date(), zh="提交日期", en="Handed in on"),
        Column("confirmed_on", Date(), zh="确认日期", en="Confirmed on"),
    ],
    WeekLine,
)


def week_lines(placement: Placement) -> Iterator[WeekLine]:
    """Every version of every week of a placement, the newest week first."""
    found = Entry.objects.filter(placement=placement).select_related("unit").prefetch_related("attachments", "marks")
    for entry in found.order_by("-week", "-version"):
        yield WeekLine(
            week=entry.week,
            version=entry.version,
            state=str(entry.get_state_display()),
            hours=entry.hours,
            unit=entry.unit.name if entry.unit else "",
            text=entry.text,
            commit_url=entry.commit_url,
            files="; ".join(f"{one.filename} {one.sha256}" for one in entry.attachments.all()),
            marks="; ".join(sorted({str(mark.get_kind_display()) for mark in entry.marks.all()})),
            handed_in_on=timezone.localdate(entry.handed_in_at),
            confirmed_on=timezone.localdate(entry.confirmed_at) if entry.confirmed_at else None,
        )


def placement_lines(found: list[Placement]) -> Iterator[PlacementLine]:
    """The lines of a list of placements."""
    for start in range(0, len(found), _BATCH):
        for row in selectors.rows(found[start : start + _BATCH]):
            yield PlacementLine(
                student=row.placement.student_name,
                work=row.placement.work,
                hosts="; ".join(f"{stay.organisation.name} {stay.share}%" for stay in row.hosts),
                mentor=row.mentor.name if row.mentor else "",
                teacher=row.teacher.name if row.teacher else "",
                starts_on=row.placement.starts_on,
                ends_on=row.placement.ends_on,
                state=str(row.placement.get_state_display()),
                confirmed_hours=row.confirmed_hours,
                waiting=row.waiting,
            )
