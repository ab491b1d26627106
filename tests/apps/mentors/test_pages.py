"""The pages of the mentors app: who may open and do what, what forms keep, what papers and tables say."""

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.mentors import selectors, services
from ronghe.apps.mentors.models import (
    Appointment,
    ClassHour,
    Dispute,
    FeeStandard,
    HourState,
    LoadLimit,
    Offer,
    OfferState,
    Qualification,
    Slot,
    Statement,
    TrainingPlan,
)
from tests.apps.mentors.conftest import FIRST, Claimer, StandardMaker
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
OUTSIDERS = ("other_hr", "student")
MARCH = date(2026, 3, 1)


def statuses(request: pytest.FixtureRequest, sign_in: SignIn, url: str, opened: str, *, other: int = 404) -> None:
    """`url` opens for the people in `opened`, is `other` for outsiders and sends whoever is not signed in to do so."""
    allowed = opened.split()
    people = list(dict.fromkeys([*allowed, *OUTSIDERS]))
    found = {name: sign_in(request.getfixturevalue(name)).get(url).status_code for name in people}
    assert found == {name: 200 if name in allowed else other for name in people}
    assert Client().get(url).status_code == 302


@pytest.fixture
def offer(hr: Person, mentor: Person, firm_a: Organisation, appointed: Appointment) -> Offer:
    return services.offer_terms(
        actor=hr, person=mentor, organisation=firm_a, load=3, intellectual_property="成果共有，署名在先",
        insurance="学校投保意外险", valid_from=FIRST,
    )  # fmt: skip


@pytest.fixture
def statement(confirmed: Claimer, standard_of: StandardMaker, office: Person, mentor: Person) -> Statement:
    standard_of()
    confirmed()
    return services.issue_statement(actor=office, mentor=mentor, month=MARCH)


@pytest.fixture
def plan(office: Person, teacher: Person, university: Organisation, firm_a: Organisation) -> TrainingPlan:
    return services.plan_training(
        actor=office, teacher=teacher, university=university, host=firm_a, aims="掌握量产测试",
        first_day=date(2026, 3, 1), last_day=date(2026, 5, 31), planned_days=3,
    )  # fmt: skip


def test_the_list_opens_for_all_but_students_and_a_firm_sees_its_own_mentors(
    request: pytest.FixtureRequest, sign_in: SignIn, appointed: Appointment, mentor: Person, other_hr: Person
) -> None:
    url = reverse("mentors:overview")
    statuses(request, sign_in, url, "hr other_hr teacher reviewer", other=403)
    mine = reverse("mentors:mentor", args=[mentor.uid])
    assert mine not in sign_in(other_hr).get(url).content.decode()
    statuses(request, sign_in, mine, "office mentor teacher colleague_hr")


def test_a_student_sees_the_mentor_they_have_and_no_other(
    sign_in: SignIn, office: Person, mentor: Person, student: Person, appointed: Appointment
) -> None:
    url, client = reverse("mentors:mentor", args=[mentor.uid]), sign_in(student)
    assert client.get(url).status_code == 404
    services.take_slot(
        actor=office, mentor=mentor, student=student, first_day=FIRST, last_day=date(2100, 1, 1), cause="实习"
    )
    page = client.get(url)
    assert page.status_code == 200
    assert "实习" in page.content.decode()


def test_the_list_needs_few_queries_and_is_filtered_and_downloaded(
    sign_in: SignIn, office: Person, appointed: Appointment,
    django_assert_max_num_queries,  # type: ignore[no-untyped-def]
) -> None:  # fmt: skip
    client, url = sign_in(office), reverse("mentors:overview")
    with django_assert_max_num_queries(40):
        assert client.get(url).status_code == 200
    for query, named in (("?text=Firm+A&free=on", True), ("?kind=university", False)):
        assert (str(appointed.person.uid) in client.get(url + query).content.decode()) is named
    table = b"".join(client.get(reverse("mentors:export", args=["csv"])).streaming_content).decode()
    assert "Firm A Electronics" in table
    assert client.get(reverse("mentors:export", args=["pdf"])).status_code == 404


def test_office_and_hr_appoint_and_what_was_typed_is_kept(
    sign_in: SignIn, hr: Person, teacher: Person, mentor: Person, student: Person, other_hr: Person,
    firm_a: Organisation,
) -> None:  # fmt: skip
    url, client = reverse("mentors:appoint"), sign_in(hr)
    suggested = client.get(url).content.decode().partition('<datalist id="people">')[2]
    assert mentor.email in suggested
    assert f"{mentor.name} · {firm_a.name}" in suggested
    assert not {one.email for one in (teacher, student, other_hr) if one.email in suggested}
    typed = {"person": mentor.email, "organisation": firm_a.pk, "kind": "university", "valid_from": "2026-01-01"}
    refused = client.post(url, typed)
    assert refused.status_code == 422
    assert mentor.email in refused.content.decode()
    assert client.post(url, typed | {"kind": "enterprise"}).status_code == 302
    assert Appointment.objects.get().person == mentor
    assert sign_in(teacher).get(url).status_code == 403
    ending = reverse("mentors:appointment_end", args=[Appointment.objects.get().pk])
    assert sign_in(teacher).post(ending, {"on": "2026-06-01"}).status_code == 403
    assert client.post(ending, {"on": "2026-06-01"}).status_code == 302


def test_the_mentor_alone_answers_the_offer_and_outsiders_do_not_read_it(
    request: pytest.FixtureRequest, sign_in: SignIn, offer: Offer, mentor: Person, hr: Person
) -> None:
    url = offer.get_absolute_url()
    statuses(request, sign_in, url, "office mentor colleague_hr")
    accept = reverse("mentors:offer_accept", args=[offer.uid])
    assert sign_in(hr).post(accept).status_code == 403
    assert "成果共有" in sign_in(mentor).get(url).content.decode()
    assert sign_in(mentor).post(accept).status_code == 302
    assert Offer.objects.get().state == OfferState.ACCEPTED


def test_a_mentor_declines_with_a_reason_and_hr_takes_an_offer_back(
    sign_in: SignIn, offer: Offer, mentor: Person, hr: Person, other_hr: Person
) -> None:
    withdraw = reverse("mentors:offer_withdraw", args=[offer.uid])
    assert sign_in(other_hr).post(withdraw).status_code == 404
    assert sign_in(mentor).post(withdraw).status_code == 403
    decline = reverse("mentors:offer_decline", args=[offer.uid])
    assert sign_in(mentor).post(decline, {"reason": ""}).status_code == 422
    assert sign_in(mentor).post(decline, {"reason": "保险不含路途"}).status_code == 302
    assert Offer.objects.get().reason == "保险不含路途"
    again = {
        "organisation": offer.organisation_id, "load": 2, "intellectual_property": "共有", "insurance": "含路途",
        "valid_from": "2026-03-02",
    }  # fmt: skip
    assert sign_in(hr).post(reverse("mentors:offer_new", args=[mentor.uid]), again).status_code == 302
    assert sign_in(hr).post(reverse("mentors:offer_withdraw", args=[Offer.objects.first().uid])).status_code == 302  # type: ignore[union-attr]


def test_papers_are_recorded_by_the_firm_and_confirmed_by_the_office(
    request: pytest.FixtureRequest, sign_in: SignIn, hr: Person, office: Person, other_hr: Person, mentor: Person,
    appointed: Appointment,
) -> None:  # fmt: skip
    new = reverse("mentors:qualification_new", args=[mentor.uid])
    typed = {
        "name_zh": "高级工程师", "issuer": "省人社厅", "issued_on": "2020-01-01", "expires_on": "2026-01-01",
        "evidence": "编号可查", "is_needed": "on",
    }  # fmt: skip
    assert sign_in(other_hr).get(new).status_code == 404
    assert sign_in(hr).post(new, typed | {"expires_on": "2019-01-01"}).status_code == 422
    assert sign_in(hr).post(new, typed).status_code == 302
    paper = Qualification.objects.get()
    confirm = reverse("mentors:qualification_confirm", args=[paper.uid])
    assert sign_in(other_hr).post(confirm).status_code == 404
    assert sign_in(mentor).post(confirm).status_code == 403
    assert sign_in(office).post(confirm).status_code == 302
    statuses(request, sign_in, reverse("mentors:papers"), "office", other=403)
    assert "高级工程师" in sign_in(office).get(reverse("mentors:papers")).content.decode()
    renewed = typed | {"issued_on": "2026-01-01", "expires_on": "2031-01-01"}
    assert sign_in(mentor).post(f"{new}?renews={paper.pk}", renewed).status_code == 302
    assert Qualification.objects.get(renews=paper).is_needed
    withdraw = reverse("mentors:qualification_withdraw", args=[paper.uid])
    assert sign_in(hr).post(withdraw, {"reason": "x"}).status_code == 403
    assert sign_in(office).post(withdraw, {"reason": "录错"}).status_code == 302
    profile = reverse("mentors:profile", args=[mentor.uid])
    assert sign_in(mentor).post(profile, {"overseas_months": "6"}).status_code == 422
    assert sign_in(mentor).post(profile, {"overseas_months": "0", "languages": "中文"}).status_code == 302


def test_slots_are_given_and_freed_on_pages(
    sign_in: SignIn,
    office: Person,
    mentor: Person,
    student: Person,
    hr: Person,
    other_hr: Person,
    appointed: Appointment,
) -> None:
    new = reverse("mentors:slot_new", args=[mentor.uid])
    typed = {"student": student.email, "first_day": "2026-03-02", "last_day": "2026-08-28", "cause": "芯片验证实习"}
    assert sign_in(other_hr).get(new).status_code == 404
    assert sign_in(mentor).post(new, typed).status_code == 403
    assert sign_in(hr).post(new, typed | {"student": "nobody@example.org"}).status_code == 422
    assert sign_in(hr).post(new, typed).status_code == 302
    free = reverse("mentors:slot_free", args=[Slot.objects.get().uid])
    assert sign_in(other_hr).post(free, {"last_day": "2026-04-01"}).status_code == 404
    assert sign_in(office).post(free, {"last_day": "2026-12-01"}).status_code == 422
    assert sign_in(office).post(free, {"last_day": "2026-04-01"}).status_code == 302
    assert Slot.objects.known().get().last_day == date(2026, 4, 1)


def test_hours_are_claimed_on_a_phone_and_confirmed_by_the_other_side_alone(
    request: pytest.FixtureRequest, sign_in: SignIn, mentor: Person, teacher: Person, hr: Person,
    university: Organisation, appointed: Appointment, standard_of: StandardMaker,
) -> None:  # fmt: skip
    standard_of()
    yesterday = timezone.localdate() - timedelta(days=1)
    typed = {
        "taught_on": yesterday.isoformat(), "starts_at": "14:00", "class_hours": "2", "subject": "时序约束",
        "university": university.pk,
    }  # fmt: skip
    new = reverse("mentors:hours_new")
    assert sign_in(hr).get(new).status_code == 403
    refused = sign_in(mentor).post(new, typed | {"class_hours": "0.3"})
    assert refused.status_code == 422
    assert "时序约束" in refused.content.decode()
    assert sign_in(mentor).post(new, typed).status_code == 302
    hour = ClassHour.objects.get()
    confirm = reverse("mentors:hours_confirm", args=[hour.uid])
    assert sign_in(mentor).post(confirm).status_code == 403
    assert sign_in(hr).post(confirm).status_code == 403
    assert str(hour.uid) in sign_in(teacher).get(reverse("mentors:hour_list")).content.decode()
    assert sign_in(teacher).post(confirm).status_code == 302
    assert ClassHour.objects.get().state == HourState.CONFIRMED
    statuses(request, sign_in, hour.get_absolute_url(), "hr teacher")
    assert "480.00" in sign_in(mentor).get(hour.get_absolute_url()).content.decode()
    assert "480.00" not in sign_in(teacher).get(hour.get_absolute_url()).content.decode()
    statuses(request, sign_in, reverse("mentors:hour_list"), "reviewer other_hr", other=403)


def test_a_teacher_claims_for_a_mentor_and_either_side_refuses_or_withdraws(
    sign_in: SignIn, mentor: Person, teacher: Person, other_teacher: Person, university: Organisation,
    appointed: Appointment,
) -> None:  # fmt: skip
    typed = {
        "mentor": mentor.pk, "taught_on": "2026-03-09", "starts_at": "14:00", "class_hours": "2", "subject": "时序约束",
        "university": university.pk,
    }  # fmt: skip
    assert sign_in(teacher).post(reverse("mentors:hours_new"), typed).status_code == 302
    hour = ClassHour.objects.get()
    refuse = reverse("mentors:hours_refuse", args=[hour.uid])
    assert sign_in(other_teacher).post(refuse, {"reason": "x"}).status_code == 404
    assert sign_in(mentor).post(refuse, {"reason": " "}).status_code == 422
    assert sign_in(mentor).post(refuse, {"reason": "那天没有课"}).status_code == 302
    assert sign_in(teacher).post(reverse("mentors:hours_new"), typed).status_code == 302
    second = ClassHour.objects.latest("pk")
    assert sign_in(teacher).post(reverse("mentors:hours_withdraw", args=[second.uid])).status_code == 302
    export = sign_in(teacher).get(reverse("mentors:hours_export", args=["csv"]) + "?state=refused&month=2026-03")
    assert b"".join(export.streaming_content).decode().count("时序约束") == 1
    assert sign_in(teacher).get(reverse("mentors:hour_list") + "?month=March").status_code == 200


def test_a_statement_is_open_to_the_mentor_and_the_office_and_printed_as_it_stands(
    request: pytest.FixtureRequest, sign_in: SignIn, statement: Statement, mentor: Person, hr: Person
) -> None:
    statuses(request, sign_in, statement.get_absolute_url(), "office mentor")
    client = sign_in(mentor)
    pdf = client.get(reverse("mentors:statement_pdf", args=[statement.uid]))
    assert pdf.content.startswith(b"%PDF") or pdf.status_code == 503
    book = b"".join(client.get(reverse("mentors:statement_export", args=[statement.uid, "xlsx"])).streaming_content)
    rows = list(openpyxl.load_workbook(BytesIO(book)).active.values)  # type: ignore[union-attr]
    assert any("480" in str(cell) for cell in rows[-1])
    for name in ("statement_pdf", "statement_export"):
        args = [statement.uid] if name == "statement_pdf" else [statement.uid, "csv"]
        assert sign_in(hr).get(reverse(f"mentors:{name}", args=args)).status_code == 404
    statuses(request, sign_in, reverse("mentors:fees"), "office mentor", other=403)


def test_the_office_issues_and_the_mentor_disputes_and_is_answered(
    sign_in: SignIn, confirmed: Claimer, standard_of: StandardMaker, office: Person, mentor: Person, hr: Person
) -> None:
    standard_of()
    entry = confirmed().fee_entries.get()
    issue = reverse("mentors:issue")
    assert sign_in(mentor).post(issue, {"month": "2026-03"}).status_code == 403
    assert sign_in(office).post(issue, {"month": "2100-01"}).status_code == 422
    for month in ("soon", "9999-12"):
        assert sign_in(office).post(issue, {"month": month}).status_code == 422
    assert sign_in(office).post(issue, {"month": "2026-03"}).status_code == 302
    dispute = reverse("mentors:dispute_new", args=[entry.pk])
    assert sign_in(hr).get(dispute).status_code == 404
    assert sign_in(office).get(dispute).status_code == 403
    assert sign_in(mentor).post(dispute, {"text": "应为三课时"}).status_code == 302
    answer = reverse("mentors:dispute", args=[Dispute.objects.get().uid])
    assert sign_in(mentor).get(answer).status_code == 403
    assert sign_in(office).post(answer, {"answer": "属实", "class_hours": "2.3"}).status_code == 422
    assert sign_in(office).post(answer, {"answer": "属实", "class_hours": "3"}).status_code == 302
    assert selectors.earned(mentor, MARCH).amount == Decimal(720)
    assert "属实" in sign_in(mentor).get(Statement.objects.get().get_absolute_url()).content.decode()


def test_rules_are_proposed_and_published_by_two_people_on_pages(
    request: pytest.FixtureRequest, sign_in: SignIn, office: Person, second_office: Person, hr: Person
) -> None:
    statuses(request, sign_in, reverse("mentors:rules"), "reviewer other_hr", other=403)
    typed = {
        "name_zh": "企业导师课时费", "kind": "enterprise", "amount": "240", "clause": "校发3号",
        "valid_from": "2026-01-01",
    }  # fmt: skip
    assert sign_in(hr).post(reverse("mentors:standard_new"), typed).status_code == 403
    assert sign_in(office).post(reverse("mentors:standard_new"), typed | {"amount": "-1"}).status_code == 422
    assert sign_in(office).post(reverse("mentors:standard_new"), typed).status_code == 302
    publish = reverse("mentors:standard_publish", args=[FeeStandard.objects.get().pk])
    sign_in(office).post(publish)
    assert not FeeStandard.objects.published().exists()
    sign_in(second_office).post(publish)
    standing = FeeStandard.objects.published().known().get()
    assert sign_in(second_office).get(reverse("mentors:rules")).status_code == 200
    end = reverse("mentors:standard_end", args=[standing.pk])
    assert sign_in(office).post(end, {"valid_until": "2026-12-01"}).status_code == 302
    sign_in(office).post(reverse("mentors:standard_new"), typed | {"kind": "industry"})
    waiting = FeeStandard.objects.get(kind="industry")
    assert sign_in(office).post(reverse("mentors:standard_withdraw", args=[waiting.pk])).status_code == 302
    limit = {"trainees": "4", "clause": "联席会议", "valid_from": "2026-02-01"}
    assert sign_in(hr).post(reverse("mentors:limit"), limit).status_code == 403
    assert sign_in(office).post(reverse("mentors:limit"), limit | {"valid_from": "2019-01-01"}).status_code == 422
    assert sign_in(office).post(reverse("mentors:limit"), limit).status_code == 302
    assert LoadLimit.objects.known().count() == 2
    benchmark = {"kind": "enterprise", "amount": "200", "source": "2025年调查", "valid_from": "2026-01-01"}
    assert sign_in(hr).post(reverse("mentors:benchmark_new"), benchmark).status_code == 403
    assert sign_in(office).post(reverse("mentors:benchmark_new"), benchmark).status_code == 302
    assert "2025年调查" in sign_in(office).get(reverse("mentors:rules")).content.decode()


def test_training_of_a_teacher_goes_from_plan_to_certificate_on_pages(
    request: pytest.FixtureRequest, sign_in: SignIn, teacher: Person, mentor: Person, other_hr: Person, office: Person,
    firm_a: Organisation, university: Organisation,
) -> None:  # fmt: skip
    new = reverse("mentors:plan_new")
    typed = {
        "university": university.pk, "host": firm_a.pk, "aims": "量产测试", "first_day": "2026-03-01",
        "last_day": "2026-05-31", "planned_days": "3",
    }  # fmt: skip
    assert sign_in(mentor).get(new).status_code == 403
    assert sign_in(teacher).post(new, typed | {"planned_days": "200"}).status_code == 422
    assert sign_in(teacher).post(new, typed).status_code == 302
    plan = TrainingPlan.objects.get()
    url = plan.get_absolute_url()
    statuses(request, sign_in, url, "hr reviewer")
    stay = {"first_day": "2026-03-02", "last_day": "2026-03-04", "days": "3", "report": "跟线三天"}
    record = reverse("mentors:stay_new", args=[plan.uid])
    assert sign_in(mentor).post(record, stay).status_code == 403
    assert sign_in(teacher).post(record, stay | {"days": "9"}).status_code == 422
    assert sign_in(teacher).post(record, stay).status_code == 302
    first = plan.stays.get()
    refuse = reverse("mentors:stay_refuse", args=[first.uid])
    assert sign_in(other_hr).post(refuse, {"reason": "x"}).status_code == 404
    assert sign_in(teacher).post(refuse, {"reason": "x"}).status_code == 403
    assert sign_in(mentor).post(refuse, {"reason": "少一天"}).status_code == 302
    sign_in(teacher).post(record, stay)
    confirm = reverse("mentors:stay_confirm", args=[plan.stays.latest("pk").uid])
    assert sign_in(mentor).post(confirm).status_code == 302
    certify = reverse("mentors:certify", args=[plan.uid])
    granted = {"number": "SS-1", "granted_on": "2026-04-01", "expires_on": "2099-04-01"}
    assert sign_in(teacher).post(certify, granted).status_code == 403
    assert sign_in(office).post(certify, granted | {"granted_on": "2026-01-01"}).status_code == 422
    assert sign_in(office).post(certify, granted).status_code == 302
    answer = reverse("mentors:satisfaction", args=[plan.uid])
    assert sign_in(mentor).post(answer, {"score": "1"}).status_code == 403
    assert sign_in(teacher).post(answer, {"score": "5"}).status_code == 302
    assert "SS-1" in sign_in(teacher).get(reverse("mentors:teachers")).content.decode()
    statuses(request, sign_in, reverse("mentors:teachers"), "reviewer other_hr", other=403)
    end = reverse("mentors:certification_end", args=[plan.certifications.get().uid])
    assert sign_in(teacher).post(end, {"on": "2026-05-01", "reason": "x"}).status_code == 403
    assert sign_in(office).post(end, {"on": "2026-05-01", "reason": "调岗"}).status_code == 302


def test_a_plan_is_stopped_by_its_teacher(sign_in: SignIn, plan: TrainingPlan, teacher: Person, mentor: Person) -> None:
    stop = reverse("mentors:plan_stop", args=[plan.uid])
    assert sign_in(mentor).post(stop, {"reason": "x"}).status_code == 403
    assert sign_in(teacher).post(stop, {"reason": "出差"}).status_code == 302
    assert sign_in(teacher).post(stop, {"reason": "出差"}).status_code == 422


def test_what_waits_is_told_to_whom_it_waits_for(
    offer: Offer, claimed: Claimer, standard_of: StandardMaker, teacher: Person, mentor: Person, office: Person,
    plan: TrainingPlan, hr: Person, other_hr: Person, statement: Statement,
) -> None:  # fmt: skip
    claimed(taught_on=date(2026, 3, 10))
    services.record_stay(
        actor=teacher, plan=plan, first_day=date(2026, 3, 2), last_day=date(2026, 3, 4), days=3, report="x"
    )
    services.record_qualification(
        actor=hr, person=mentor, name_zh="高级工程师", issuer="省人社厅", issued_on=date(2020, 1, 1),
        expires_on=date(2026, 2, 1), evidence="编号可查",
    )  # fmt: skip
    services.dispute_fee(actor=mentor, entry=statement.entries.get(), text="少算")

    def kinds(person: Person) -> list[str]:
        return [one.kind for one in selectors.waiting_for(person)]

    assert kinds(mentor) == ["accept", "renew", "confirm"]
    assert kinds(teacher) == ["confirm"]
    assert kinds(hr) == ["confirm"]
    assert kinds(office) == ["confirm", "renew", "answer"]
    assert kinds(other_hr) == []


def test_the_first_screens_show_what_waits_the_load_the_fees_and_the_teachers_standing(
    sign_in: SignIn, offer: Offer, mentor: Person, teacher: Person, plan: TrainingPlan,
    claimed: Claimer, standard_of: StandardMaker,
) -> None:  # fmt: skip
    standard_of()
    services.confirm_hours(actor=teacher, hour=claimed(taught_on=timezone.localdate() - timedelta(days=1)))
    claimed(taught_on=date(2026, 3, 10))
    page = sign_in(mentor).get("/").content.decode()
    assert "Accept load and terms" in page
    assert offer.get_absolute_url() in page
    page = sign_in(teacher).get("/").content.decode()
    assert "In dual-teacher training" in page
    assert "Confirm class hours of mentor" in page
