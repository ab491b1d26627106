"""Courses by file: what the university's system says was passed is recorded once, and makes the practice share one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import CohortMembership
from ronghe.apps.credits import services
from ronghe.apps.credits.models import Achievement
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.jobs.models import Upload
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.metrics.registry import measure_community
from tests.apps.credits.conftest import LONG_AGO, TODAY, Claimer, RuleMaker
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
ADDRESS = reverse("jobs:import_new", args=["credits.courses"])
HEAD = "学号,课程代码,课程名称,学分,通过日期\n"


def _passed(student: Person, code: str = "IC5101", credits: str = "3") -> services.Passed:
    return services.Passed(student, code, "数字集成电路", "Digital ICs", Decimal(credits), date(2026, 4, 30))


def test_a_course_counts_once_and_makes_the_practice_share_one_of_all_credits(
    programme: Programme, rule_of: RuleMaker, confirmed: Claimer, teacher: Person, office: Person, student: Person
) -> None:
    rule_of()
    rule_of(source="course", name_zh="课程学分", per=Decimal(1), is_practice=False)
    services.deposit(actor=teacher, achievement=confirmed())
    passed = [_passed(student), _passed(student, "GE1", "2.5"), _passed(student, "ge1 ", "2.5")]
    made = services.record_courses(actor=teacher, passed=passed)
    assert [one.quantity for one in made] == [Decimal(3), Decimal("2.5")]
    assert services.record_courses(actor=office, passed=passed) == []
    assert services.deposit_many(actor=office, achievements=made).refused == ()
    share = measure_community("credits.practice_share", Window(LONG_AGO, TODAY)).value
    assert share == pytest.approx(2.5 / 8)


def test_only_a_teacher_of_the_students_university_or_the_office_records_and_nobody_their_own(
    programme: Programme, student: Person, teacher: Person, other_teacher: Person, hr: Person
) -> None:
    for outsider in (other_teacher, hr, student):
        with pytest.raises(PermissionDenied):
            services.record_courses(actor=outsider, passed=[_passed(student)])
    with pytest.raises(PermissionDenied):
        services.record_courses(actor=teacher, passed=[_passed(teacher)])


def test_a_course_recorded_wrongly_is_corrected_and_recorded_anew(
    programme: Programme, rule_of: RuleMaker, teacher: Person, office: Person, student: Person
) -> None:
    rule_of(source="course", name_zh="课程学分", per=Decimal(1), is_practice=False)
    wrong = services.record_courses(actor=teacher, passed=[_passed(student)])[0]
    services.deposit(actor=teacher, achievement=wrong)
    asked = services.ask_correction(actor=student, achievement=wrong, reason="2 学分，不是 3 学分")
    assert len(services.correct(actor=office, correction=asked).reversed) == 1
    right = services.record_courses(actor=teacher, passed=[_passed(student, credits="2")])[0]
    assert services.deposit(actor=teacher, achievement=right).lot.amount == Decimal(2)


def test_courses_come_in_by_a_file_with_each_bad_row_told(
    programme: Programme, sign_in: SignIn, teacher: Person, hr: Person, student: Person,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    CohortMembership.objects.filter(person=student).update(student_number="S1")
    assert sign_in(hr).get(ADDRESS).status_code == 403
    client = sign_in(teacher)
    services.record_courses(actor=teacher, passed=[_passed(student)])

    def upload(rows: str) -> str:
        file = SimpleUploadedFile("courses.csv", (HEAD + rows).encode(), content_type="text/csv")
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(ADDRESS, {"file": file})
        return client.get(answer["Location"], follow=True).content.decode()

    told = upload(
        "S2,A1,编译原理,3,2026-04-30\nS1,A1,编译原理,0,2026-04-30\nS1,A2,操作系统,2,2099-01-01\n"
        "S1,A2,操作系统,2,2026-04-30\nS1,IC5101,数字集成电路,2,2026-04-30\n"
    )
    for reason in ("must have this number", "above zero", "Only what is finished", "Line 4 has", "with 3.00 credits"):
        assert reason in told, reason
    upload("S1,A1,编译原理,2,2026-04-30\nS1,IC5101,数字集成电路,3,2026-04-30\n")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("jobs:import_confirm", args=[Upload.objects.latest("created_at").uid]))
    assert sorted(Achievement.objects.values_list("quantity", flat=True)) == [Decimal(2), Decimal(3)]
