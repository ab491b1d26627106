"""The timetable of a term as a file: cohort, course, weekday and sections, or a day with its hours, weeks, room."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from ronghe.apps.community.models import Campus, Cohort
from ronghe.apps.jobs.imports import ImportContext, bulk_import, complaint
from ronghe.apps.jobs.registry import JobResult
from ronghe.apps.sites import services
from ronghe.apps.sites.models import PublicHoliday, SectionTime, Session, TeachingTerm
from ronghe.apps.sites.services import HolidayData, Lesson
from ronghe.apps.sites.timetables import numbers, weekday
from ronghe.apps.sites.zones import AN_HOUR, moment, parse_clock
from ronghe.tabular import Boolean, Column, Complaint, Date, Row, RowCheck, RowSchema, Text

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class TimetableRow:
    """One line of a timetable."""

    cohort: str
    course: str
    weekday: str
    sections: str
    weeks: str
    day: date | None
    hours: str
    room: str
    campus: str


TIMETABLE = RowSchema(
    [
        Column("cohort", Text(160), zh="班级", en="Cohort", required=True, aliases=("教学班", "行政班")),
        Column("course", Text(160), zh="课程", en="Course", required=True, aliases=("课程名称",)),
        Column(
            "weekday", Text(20), zh="星期", en="Weekday", default="", help_zh="如 周一；按日期上课的留空",
            help_en="Such as Monday; empty where a day is given",
        ),
        Column(
            "sections", Text(40), zh="节次", en="Sections", default="", help_zh="如 1-2；或在“时间”栏写明钟点",
            help_en="Such as 1-2; or write the hours in their own column",
        ),
        Column(
            "weeks", Text(60), zh="周次", en="Weeks", default="", help_zh="如 1-8,10-16双；留空为全部教学周",
            help_en="Such as 1-8,10-16 even; empty: all weeks of the term",
        ),
        Column("day", Date(), zh="日期", en="Day", help_zh="单次课填写", help_en="For a single class"),
        Column(
            "hours", Text(40), zh="时间", en="Hours", default="", help_zh="如 08:00-09:40",
            help_en="Such as 08:00-09:40",
        ),
        Column("room", Text(80), zh="教室", en="Room", default="", aliases=("上课地点",)),
        Column(
            "campus", Text(120), zh="校区", en="Campus", default="", help_zh="用于计算路程",
            help_en="For the way to it",
        ),
    ],
    TimetableRow,
)  # fmt: skip


def load_term(key: str) -> TeachingTerm:
    """The term that rows go into."""
    return TeachingTerm.objects.select_related("organisation").get(uid=key)


class _Reader:
    """Turns rows of one term into lessons; what it needs is read once."""

    def __init__(self, term: TeachingTerm) -> None:
        self.term, self.zone = term, ZoneInfo(term.zone)
        last = term.starts_on + term.weeks * 7 * A_DAY
        self.cohorts: dict[str, list[Cohort]] = defaultdict(list)
        for cohort in Cohort.objects.filter(organisation=term.organisation).order_by("pk"):
            for name in {cohort.name_zh.casefold(), cohort.name_en.casefold()} - {""}:
                self.cohorts[name].append(cohort)
        self.sections = list(SectionTime.objects.during(term.starts_on, last).filter(organisation=term.organisation))
        self.campuses: dict[str, Campus] = {}
        for campus in Campus.objects.filter(organisation=term.organisation):
            for name in {campus.name_zh.casefold(), campus.name_en.casefold()} - {""}:
                self.campuses[name] = campus
        holidays = PublicHoliday.objects.filter(day__range=(term.starts_on, last), is_working_day=False)
        self.holidays = set(holidays.values_list("day", flat=True)) if term.keeps_holidays else set()

    def problems(self, record: TimetableRow) -> Iterator[Complaint]:
        """What is wrong with a row, apart from clashes."""
        if len(self.cohorts.get(record.cohort.casefold(), [])) != 1:
            yield complaint(
                "cohort",
                gettext_lazy("This university has no cohort of that name, or several."),
                record.cohort,
            )
        if record.campus and record.campus.casefold() not in self.campuses:
            yield complaint("campus", gettext_lazy("This university has no campus of that name."), record.campus)
        try:
            days = self._days(record)
        except _Wrong as wrong:
            yield wrong.complaint
            return
        try:
            for day in days:
                self._span(record, day)
        except _Wrong as wrong:
            yield wrong.complaint

    def lessons(self, record: TimetableRow) -> list[Lesson]:
        """The class sessions of a row that has no problem; those on public holidays are left out."""
        cohort = self.cohorts[record.cohort.casefold()][0]
        campus = self.campuses.get(record.campus.casefold())
        return [
            Lesson(cohort, record.course, *self._span(record, day), room=record.room, campus=campus)
            for day in self._days(record)
            if record.day is not None or day not in self.holidays
        ]

    def _days(self, record: TimetableRow) -> list[date]:
        if record.day is not None:
            return [record.day]
        try:
            number = weekday(record.weekday)
        except ValueError as error:
            text = gettext_lazy("Write the weekday as Monday or 周一, or give a day.")
            raise _Wrong("weekday", text, record.weekday) from error
        try:
            weeks = numbers(record.weeks) if record.weeks else list(range(1, self.term.weeks + 1))
        except ValueError as error:
            raise _Wrong("weeks", gettext_lazy("Write weeks as 1-16 or 1-8,10-16 even (双)."), record.weeks) from error
        if weeks[-1] > self.term.weeks:
            text = gettext_lazy("The term has %(weeks)s weeks.")
            raise _Wrong("weeks", text, record.weeks, weeks=self.term.weeks)
        return [self.term.starts_on + ((week - 1) * 7 + number) * A_DAY for week in weeks]

    def _span(self, record: TimetableRow, day: date) -> tuple[datetime, datetime]:
        begins, ends = self._minutes(record, day)
        try:
            return tuple(  # type: ignore[return-value]
                moment(datetime.combine(day, time()) + timedelta(minutes=minute), self.zone)
                for minute in (begins, ends)
            )
        except ValidationError as error:
            raise _Wrong(
                "hours", gettext_lazy("The clock is changed on %(day)s at that hour."), day, day=day
            ) from error

    def _minutes(self, record: TimetableRow, day: date) -> tuple[int, int]:
        if record.hours:
            begins, _separator, ends = record.hours.replace("–", "-").replace("—", "-").partition("-")
            try:
                span = parse_clock(begins), parse_clock(ends)
            except ValueError as error:
                raise _Wrong("hours", gettext_lazy("Write the hours as 08:00-09:40."), record.hours) from error
            if span[0] >= span[1] or span[1] - span[0] > 12 * AN_HOUR:
                raise _Wrong("hours", gettext_lazy("The class ends after it begins, the same day."), record.hours)
            return span
        try:
            wanted = numbers(record.sections)
        except ValueError as error:
            text = gettext_lazy("Write sections as 1-2, or the hours in their own column.")
            raise _Wrong("sections", text, record.sections) from error
        known = {one.number: one for one in self.sections if one.holds_on(day)}
        missing = [number for number in wanted if number not in known]
        if missing:
            text = gettext_lazy("Nobody has said when section %(section)s is on %(day)s: set the sections of the day.")
            raise _Wrong("sections", text, record.sections, section=missing[0], day=day)
        return known[wanted[0]].begins, known[wanted[-1]].ends


class _Wrong(Exception):
    """One thing that is wrong with a row, at its column."""

    def __init__(self, column: str, text: Any, value: Any, **said: Any) -> None:
        super().__init__(column)
        self.complaint = complaint(column, text, value, **said)


def check_timetable(context: ImportContext) -> RowCheck[TimetableRow]:
    """Names are known, weeks and sections exist, and no cohort is taught two things at a time."""
    reader = _Reader(context.subject)
    taught: dict[int, list[tuple[datetime, datetime, str]]] = defaultdict(list)
    for cohort, starts_at, ends_at, course in (
        Session.objects.standing()
        .filter(cohort__organisation=context.subject.organisation)
        .values_list("cohort", "starts_at", "ends_at", "course")
    ):
        taught[cohort].append((starts_at, ends_at, course))

    def check(row: Row[TimetableRow]) -> Iterator[Complaint]:
        problems = list(reader.problems(row.record))
        yield from problems
        for lesson in [] if problems else reader.lessons(row.record):
            mine = (lesson.start, lesson.end, lesson.course)
            known = taught[lesson.cohort.pk]
            met = next((one for one in known if one != mine and one[0] < lesson.end and lesson.start < one[1]), None)
            known.append(mine)
            if met is not None:
                text = gettext_lazy("On %(day)s at this time the cohort has “%(course)s”.")
                day = lesson.start.astimezone(reader.zone).date()
                yield complaint("course", text, row.record.course, day=day, course=met[2])
                return

    return check


@bulk_import(
    "sites.timetable",
    label=gettext_lazy("Timetable of a term"),
    help=gettext_lazy(
        "Classes by weekday, sections and weeks, or by day and hours. Classes on public holidays are left out; those "
        "that are moved to another day are given by their day. A class that stands already is not doubled."
    ),
    schema=TIMETABLE,
    permission="sites.open_term",
    check=check_timetable,
    subject=load_term,
    back="sites:timetable",
)
def write_timetable(context: ImportContext, rows: Iterable[Row[TimetableRow]]) -> JobResult:
    """Put them on the timetable."""
    reader = _Reader(context.subject)
    lessons = [lesson for row in rows for lesson in reader.lessons(row.record)]
    unique = {(one.cohort.pk, one.course, one.start): one for one in lessons}
    made = services.schedule_sessions(actor=context.actor, term=context.subject, lessons=unique.values())
    count = len(made)
    return JobResult(
        ngettext("%(count)s class session was added.", "%(count)s class sessions were added.", count)
        % {"count": count},
        reverse("sites:timetable"),
        {"sessions": count},
    )


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """One day of a notice."""

    day: date
    name_zh: str
    name_en: str
    works: bool
    source: str


HOLIDAYS = RowSchema(
    [
        Column("day", Date(), zh="日期", en="Day", required=True),
        Column("name_zh", Text(120), zh="中文名称", en="Chinese name", required=True),
        Column("name_en", Text(160), zh="英文名称", en="English name", default=""),
        Column("works", Boolean(), zh="调休上班", en="Works in exchange", default=False),
        Column("source", Text(200), zh="依据", en="Source", required=True, help_zh="通知名称与日期",
               help_en="Name and date of the notice"),
    ],
    HolidayRow,
)  # fmt: skip


@bulk_import(
    "sites.holidays",
    label=gettext_lazy("Public holidays"),
    help=gettext_lazy("Days off and working days in exchange, as the State Council announces them for a year."),
    schema=HOLIDAYS,
    permission="sites.record_holidays",
    back="sites:rules",
)
def write_holidays(context: ImportContext, rows: Iterable[Row[HolidayRow]]) -> JobResult:
    """Record them, notice by notice."""
    by_source: dict[str, list[HolidayData]] = defaultdict(list)
    for row in rows:
        one = row.record
        by_source[one.source].append(HolidayData(one.day, one.name_zh, one.name_en, one.works))
    count = sum(
        services.record_holidays(actor=context.actor, days=days, source=source) for source, days in by_source.items()
    )
    return JobResult(
        ngettext("%(count)s day was recorded.", "%(count)s days were recorded.", count) % {"count": count},
        reverse("sites:rules"),
        {"days": count},
    )
