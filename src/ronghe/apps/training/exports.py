"""Tables that people take away: the placements that are open to them, and the weeks of one placement."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ronghe.apps.training import selectors
from ronghe.apps.training.models import Placement
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
