"""Courses by file, as a student information system exports them: one line a student and course that was passed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import CohortMembership
from ronghe.apps.credits import services
from ronghe.apps.credits.services.courses import Passed, pupils_of, recorded_courses
from ronghe.apps.jobs.imports import ImportContext, bulk_import, complaint
from ronghe.apps.jobs.registry import JobResult
from ronghe.tabular import Column, Complaint, Date, DecimalNumber, Row, RowCheck, RowSchema, Text

_BATCH = 2_000


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course that a student passed."""

    student_number: str
    code: str
    name_zh: str
    name_en: str
    credits: Decimal
    passed_on: date


COURSES = RowSchema(
    [
        Column("student_number", Text(30), zh="学号", en="Student number", required=True),
        Column("code", Text(40), zh="课程代码", en="Course code", required=True, aliases=("课程号",)),
        Column("name_zh", Text(120), zh="课程名称", en="Course name", required=True, aliases=("课程名",)),
        Column("name_en", Text(120), zh="课程英文名称", en="Course name in English", default=""),
        Column("credits", DecimalNumber(digits=4, places=2), zh="学分", en="Credits", required=True),
        Column("passed_on", Date(), zh="通过日期", en="Passed on", required=True),
    ],
    CourseLine,
)


def _students(actor: Person) -> dict[str, set[int]]:
    """By student number, the students whose courses `actor` may record."""
    open_ = pupils_of(actor)
    found: dict[str, set[int]] = {}
    known = CohortMembership.objects.known().exclude(student_number="").exclude(person=actor)
    for number, person in known.values_list("student_number", "person"):
        if open_ is None or person in open_:
            found.setdefault(number, set()).add(person)
    return found


def check_courses(context: ImportContext) -> RowCheck[CourseLine]:
    """The student is one of the importer's; the course is worth something, is over, and comes once."""
    students, today = _students(context.actor), timezone.localdate()
    known = recorded_courses(sorted({person for people in students.values() for person in people}))
    seen: dict[tuple[str, str], int] = {}

    def check(row: Row[CourseLine]) -> Iterator[Complaint]:
        line = row.record
        found = students.get(line.student_number, set())
        if len(found) != 1:
            message = gettext_lazy("Exactly one student of yours must have this number.")
            yield complaint("student_number", message, line.student_number)
        if line.credits <= 0:
            yield complaint("credits", gettext_lazy("Give an amount above zero."), line.credits)
        if line.passed_on > today:
            yield complaint("passed_on", gettext_lazy("Only what is finished can be recorded."), line.passed_on)
        first = seen.setdefault((line.student_number, line.code.casefold()), row.line)
        if first != row.line:
            message = gettext_lazy("Line %(line)s has this course of the student already.")
            yield complaint("code", message, line.code, line=first)
        for person in found if len(found) == 1 else ():
            stands = known.get(f"course:{person}:{line.code.casefold()}")
            if stands is not None and stands.quantity != line.credits:
                message = gettext_lazy("It is recorded with %(credits)s credits: ask for a correction there first.")
                yield complaint("credits", message, line.credits, credits=stands.quantity)

    return check


@bulk_import(
    "credits.courses",
    label=gettext_lazy("Courses that were passed"),
    help=gettext_lazy("One line a student and course. What is recorded already is left as it is."),
    schema=COURSES,
    permission="credits.record_courses",
    check=check_courses,
    back="credits:overview",
)
def write_courses(context: ImportContext, rows: Iterable[Row[CourseLine]]) -> JobResult:
    """Record the courses; the bank's day deposits them by the rule of the programme."""
    students = _students(context.actor)
    people = Person.objects.in_bulk({key for found in students.values() for key in found})
    stream, count, made = iter(rows), 0, 0
    while batch := [row.record for row in islice(stream, _BATCH)]:
        passed = [
            Passed(
                people[next(iter(students[line.student_number]))],
                line.code,
                line.name_zh,
                line.name_en,
                line.credits,
                line.passed_on,
            )
            for line in batch
        ]
        made += len(services.record_courses(actor=context.actor, passed=passed))
        count += len(batch)
        context.progress.report(count, context.total)
    said = ngettext("%(count)s course was recorded.", "%(count)s courses were recorded.", made)
    return JobResult(said % {"count": made}, reverse("credits:overview"))
