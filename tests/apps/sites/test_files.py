"""What comes in and goes out as files: timetables, logs, machines; calendars as RFC 5545 has them."""

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Cohort, CohortMembership, Organisation
from ronghe.apps.jobs.imports import ImportContext
from ronghe.apps.ledger.models import Event as LedgerEvent
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import COMMUNITY, Window
from ronghe.apps.sites import services
from ronghe.apps.sites.ical import Event, calendar
from ronghe.apps.sites.imports import machines as machine_files
from ronghe.apps.sites.imports import timetable as timetable_files
from ronghe.apps.sites.models import (
    Authorisation,
    Booking,
    Machine,
    MachineFamily,
    Overlap,
    Session,
    Site,
    TeachingTerm,
)
from ronghe.apps.sites.selectors.conflicts import weeks_of
from ronghe.apps.sites.timetables import numbers, weekday
from ronghe.tabular import Row, dry_run, read_valid
from tests.apps.sites.conftest import HOUR, ZONE, at, monday
from tests.conftest import SignIn
from tests.factories import LONG_AGO, PersonFactory


class _Quiet:
    """Progress that nobody watches."""

    def report(self, done: int, total: int | None = None, note: str = "") -> None:
        """Nothing to do."""


def _read(files: Any, name: str, actor: Person, subject: Any, text: str) -> tuple[list[str], list[Row[Any]], Any]:
    """Read a CSV as an upload is read: complaints, good rows, and the context to write them with."""
    schema = {"timetable": timetable_files.TIMETABLE, "holidays": timetable_files.HOLIDAYS}.get(name)
    schema = schema or getattr(files, {"use": "USE", "machines": "MACHINES", "authorisations": "AUTHORISATIONS"}[name])
    context = ImportContext(actor, subject, _Quiet(), None, "file.csv")  # type: ignore[arg-type]
    check = getattr(files, f"check_{name}", None)
    source = text.encode("utf-8")
    report = dry_run(io.BytesIO(source), schema, row_check=check(context) if check else None)
    good: list[Row[Any]] = []
    if report.rows_valid:
        again = check(context) if check else None
        good = list(read_valid(io.BytesIO(source), schema, row_check=again, digest=report.digest, skip_bad=True))
    return [error.message("en") for error in report.errors], good, context


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("1-4", [1, 2, 3, 4]),
        ("第1-8周,10-16周(双)", [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16]),
        ("3，5单", [3, 5]),
        ("1-5 odd", [1, 3, 5]),
        ("1-2节", [1, 2]),
    ],
)
def test_weeks_and_sections_are_read_as_timetables_write_them(text: str, weeks: list[int]) -> None:
    assert numbers(text) == weeks


@pytest.mark.parametrize("text", ["", "0-3", "8-1", "abc", "4双,单", "2单"])
def test_what_names_no_week_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        numbers(text)


def test_weekdays_are_read_in_both_languages() -> None:
    assert [weekday(one) for one in ("周一", "星期日", "Wed", "thursday", "7")] == [0, 6, 2, 3, 6]
    with pytest.raises(ValueError, match="周八"):
        weekday("周八")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(max_size=120), st.text(max_size=40))
def test_every_text_goes_through_a_calendar_unchanged_and_no_line_is_too_long(summary: str, location: str) -> None:
    icalendar = pytest.importorskip("icalendar", reason="the independent reader of calendars is not installed")
    start = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    written = calendar(
        "日历", [Event("1@example.org", start, start + timedelta(hours=2), summary, start, location=location)]
    )
    assert written.endswith(b"END:VCALENDAR\r\n")
    lines = written.split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)
    for line in lines:
        line.decode("utf-8")
    (event,) = icalendar.Calendar.from_ical(written).walk("VEVENT")
    kept = "".join(
        one for one in summary.replace("\r\n", "\n").replace("\r", "\n") if one == "\n" or ord(one) >= ord(" ")
    )
    assert str(event["SUMMARY"]) == kept
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (start, start + timedelta(hours=2))


TIMETABLE = """班级,课程,星期,节次,周次,日期,时间,教室,校区
{cohort},数字信号处理,周一,1-2,1-3,,,A101,
{cohort},英语,,,,{day},14:00-15:30,B2,
"""


@pytest.fixture
def sections(teacher: Person, university: Organisation) -> None:
    services.set_sections(
        actor=teacher,
        organisation=university,
        sections={1: (8 * HOUR, 8 * HOUR + 45), 2: (8 * HOUR + 55, 9 * HOUR + 40)},
        valid_from=LONG_AGO,
    )


@pytest.mark.django_db
def test_a_timetable_comes_in_once_and_its_mistakes_are_told_at_their_rows(
    teacher: Person, cohort: Cohort, term: TeachingTerm, sections: None
) -> None:
    day = monday() + timedelta(days=1)
    text = TIMETABLE.format(cohort=cohort.name_zh, day=day)
    complaints, rows, context = _read(timetable_files, "timetable", teacher, term, text)
    assert complaints == []
    for _again in range(2):
        timetable_files.write_timetable(context, rows)
        assert Session.objects.count() == 4
    first = Session.objects.earliest("starts_at")
    assert (first.starts_at, first.ends_at, first.room) == (at(8), at(9 + 40 / 60), "A101")
    assert LedgerEvent.objects.filter(type="sites.sessions.scheduled").count() == 1
    wrong = (
        "班级,课程,星期,节次,周次,日期,时间\n"
        "无此班,课,周一,1,1,,\n"
        f"{cohort.name_zh},课,周八,1,1,,\n"
        f"{cohort.name_zh},课,周一,9,1,,\n"
        f"{cohort.name_zh},课,周一,1,1-30,,\n"
        f"{cohort.name_zh},课,周一,1,1,,10:00-09:00\n"
        f"{cohort.name_zh},实验,周一,2,1,,\n"
    )
    complaints, rows, _context = _read(timetable_files, "timetable", teacher, term, wrong)
    assert rows == []
    for said in ("no cohort of that name", "weekday", "section 9", "18 weeks", "ends after it begins", "数字信号处理"):
        assert any(said in one for one in complaints), (said, complaints)


@pytest.mark.django_db
def test_classes_on_public_holidays_are_left_out(
    teacher: Person, cohort: Cohort, term: TeachingTerm, sections: None
) -> None:
    services_day = timetable_files.HolidayData(monday() + timedelta(days=7), "校庆日", "Anniversary", False)
    office = PersonFactory.create(is_superuser=True)
    services.record_holidays(actor=office, days=[services_day], source="通知")
    text = TIMETABLE.format(cohort=cohort.name_zh, day=monday())
    _complaints, rows, context = _read(timetable_files, "timetable", teacher, term, text)
    timetable_files.write_timetable(context, rows)
    days = {one.starts_at.astimezone(ZONE).date() for one in Session.objects.filter(course="数字信号处理")}
    assert days == {monday(), monday() + timedelta(days=14)}


@pytest.mark.django_db
def test_machines_authorisations_and_logs_come_in_as_files(
    hr: Person, mentor: Person, student: Person, site: Site, family: MachineFamily, machine: Machine
) -> None:
    text = (
        "设备类别代码,资产编号,中文名称,启用日期,每小时费用（元）,每日申报机时\n"
        "bonder,B-9,键合机九号,2026-01-05,80,22\n"
        "none,B-1,重号,2026-01-05,,0\n"
    )
    complaints, rows, context = _read(machine_files, "machines", hr, site, text)
    assert len(complaints) == 3 and len(rows) == 1
    machine_files.write_machines(context, rows)
    assert Machine.objects.get(code="B-9").terms.get().declared_hours == 22
    text = f"邮箱,设备类别代码,生效日期\n{student.email},bonder,2026-01-05\n{mentor.email},bonder,2026-01-05\n"
    complaints, rows, context = _read(machine_files, "authorisations", mentor, None, text)
    assert len(complaints) == 1 and "Another person" in complaints[0]
    machine_files.write_authorisations(context, rows)
    assert Authorisation.objects.get().person == student
    past = monday() - timedelta(days=28)
    text = (
        "资产编号,日期,开始时间,结束时间,邮箱,用途\n"
        f"B-1,{past},20:00,02:00,{student.email},夜班\n"
        f"B-1,{past},21:00,22:00,,\n"
        f"B-1,{monday()},08:00,09:00,,\n"
        f"X-1,{past},08:00,09:00,,\n"
        f"B-1,{past},8点,09:00,,\n"
    )
    complaints, rows, context = _read(machine_files, "use", mentor, site, text)
    assert len(complaints) == 4 and len(rows) == 1
    machine_files.write_use(context, rows)
    assert Booking.objects.get().hours == 6


@pytest.mark.django_db
def test_the_conflict_is_a_share_of_student_weeks_with_the_overlaps_behind_it(
    office: Person, teacher: Person, cohort: Cohort, term: TeachingTerm, student: Person, machine: Machine,
    sign_in: SignIn,
) -> None:  # fmt: skip
    others = PersonFactory.create_batch(5)
    for one in others:
        CohortMembership.objects.create(cohort=cohort, person=one, valid_from=LONG_AGO)
    lessons = [services.Lesson(cohort, "英语", at(9, days=day), at(10, days=day)) for day in (0, 7)]
    services.schedule_sessions(actor=teacher, term=term, lessons=lessons)
    window = Window(monday(), monday() + timedelta(days=20))
    assert registry.measure("sites.study_work_conflict", [COMMUNITY], window)[COMMUNITY].value == 0
    keep = {"actor": office, "machine": machine, "despite_study": True}
    services.book(person=student, start=at(9.5), end=at(11), **keep)  # type: ignore[arg-type]
    services.book(person=student, start=at(12, days=14), end=at(13, days=14), **keep)  # type: ignore[arg-type]
    services.book(person=others[0], start=at(9, days=7), end=at(10, days=7), **keep)  # type: ignore[arg-type]
    # By hand: 6 students with class in 2 weeks, and one of them working in a third: 13 weeks, 2 with a conflict.
    found = registry.measure("sites.study_work_conflict", [COMMUNITY], window)[COMMUNITY]
    assert (found.numerator, found.denominator, found.count) == (2, 13, 6)
    of_cohort = registry.measure("sites.cohort_study_work_conflict", [cohort.pk], window)[cohort.pk]
    assert of_cohort.value == found.value == pytest.approx(2 / 13)
    assert found.records is not None and found.records.count == Overlap.objects.count() == 2
    assert weeks_of(window.start, window.end)[student.pk].engaged == 3
    page = sign_in(teacher).get(reverse("sites:overlaps")).content.decode()
    assert page.count("英语") >= 2 and others[0].name in page


def test_a_line_is_never_cut_within_a_character() -> None:
    start = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    written = calendar("日", [Event("1@x", start, start, "键合机" * 40 + ";,\\\n末", start)])
    lines = written.decode("utf-8").split("\r\n")
    unfolded = "\r\n".join(lines).replace("\r\n ", "")
    assert "SUMMARY:" + "键合机" * 40 + "\\;\\,\\\\\\n末" in unfolded
