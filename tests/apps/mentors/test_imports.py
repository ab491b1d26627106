"""Mentors by file, and what a person is told and forgotten: imports, export of one's own data, erasure."""

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person, PersonalDataView
from ronghe.apps.community.models import Organisation
from ronghe.apps.jobs.models import Upload
from ronghe.apps.mentors import services
from ronghe.apps.mentors.models import Appointment, ClassHour, FeeEntry, HourState, Profile, Qualification
from tests.apps.mentors.conftest import FIRST, LAST, Claimer, StandardMaker
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
HEAD = "Name,E-mail,Kind of mentor,Organisation,From,Languages,Months of research and development abroad,"
HEAD += '"Where, and at what"\n'
ADDRESS = reverse("jobs:import_new", args=["mentors.appointments"])


def test_mentors_come_in_by_a_file_with_each_bad_row_told(
    sign_in: SignIn, office: Person, hr: Person, mentor: Person, firm_a: Organisation, university: Organisation,
    appointed: Appointment,
    django_capture_on_commit_callbacks: Any,
) -> None:  # fmt: skip
    assert sign_in(hr).get(ADDRESS).status_code == 403
    client = sign_in(office)

    def upload(rows: str) -> str:
        file = SimpleUploadedFile("mentors.csv", (HEAD + rows).encode(), content_type="text/csv")
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post(ADDRESS, {"file": file})
        assert answer.status_code == 302, answer.content.decode()[:800]
        return client.get(answer["Location"], follow=True).content.decode()

    told = upload(
        f"王工,wang@example.org,Enterprise mentor,{university.name_zh},2026-01-01,中文,0,\n"
        f"李工,li@example.org,Enterprise mentor,没有的公司,2026-01-01,中文,0,\n"
        f"赵工,zhao@example.org,Enterprise mentor,{firm_a.name_zh},2026-01-01,中文,6,\n"
        f"{mentor.name},{mentor.email},Enterprise mentor,{firm_a.name_zh},2026-01-01,,0,\n"
    )
    for reason in ("mentors of another kind", "No organisation of this name", "Say where abroad", "there already"):
        assert reason in told
    assert Appointment.objects.count() == 1
    upload(
        f"王工,wang@example.org,校内导师,{university.name_zh},2026-01-01,中文,0,\n"
        f"赵工,zhao@example.org,Enterprise mentor,{firm_a.name_en},2026-01-01,中文,6,德国\n"
    )
    checked = Upload.objects.latest("created_at")
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("jobs:import_confirm", args=[checked.uid]))
    assert Appointment.objects.count() == 3
    assert Profile.objects.get(person__email="zhao@example.org").overseas_months == 6


def test_own_data_is_exported_and_an_erasure_keeps_hours_and_fees_without_words(
    confirmed: Claimer, claimed: Claimer, standard_of: StandardMaker, office: Person, hr: Person, mentor: Person,
    student: Person,
) -> None:  # fmt: skip
    standard_of()
    confirmed()
    claimed(taught_on=date(2026, 3, 10))
    services.change_profile(actor=mentor, person=mentor, overseas_months=6, overseas_note="德国", languages="德文")
    services.record_qualification(
        actor=hr, person=mentor, name_zh="高级工程师", issuer="省人社厅", issued_on=date(2020, 1, 1),
        evidence="编号可查",
    )  # fmt: skip
    services.take_slot(
        actor=office, mentor=mentor, student=student, first_day=FIRST, last_day=LAST, cause="芯片验证实习"
    )
    part = next(one for one in privacy.registered() if one.name == "mentors")
    told = part.export(mentor)
    assert [len(told[name]) for name in ("class_hours", "fees", "mentors", "qualifications")] == [2, 1, 1, 1]
    assert len(part.export(student)["mentored_by"]) == 1
    assert part.erase(mentor) > 0
    assert set(ClassHour.objects.values_list("subject", "state")) == {
        ("—", HourState.CONFIRMED), ("—", HourState.WITHDRAWN),
    }  # fmt: skip
    assert FeeEntry.objects.get().amount == 480
    assert Qualification.objects.get().issuer == "—"
    assert Profile.objects.get().overseas_note == ""


def test_who_looked_at_a_mentor_and_their_trainees_is_recorded(
    sign_in: SignIn, office: Person, hr: Person, mentor: Person, student: Person, appointed: Appointment
) -> None:
    services.take_slot(
        actor=office, mentor=mentor, student=student, first_day=FIRST, last_day=date(2100, 1, 1), cause="实习"
    )
    page = reverse("mentors:mentor", args=[mentor.uid])
    sign_in(hr).get(page)
    sign_in(mentor).get(page)
    looks = PersonalDataView.objects.filter(page="mentors:mentor").values_list("viewer", "person")
    assert set(looks) == {(hr.pk, mentor.pk), (hr.pk, student.pk), (mentor.pk, student.pk)}
