"""Order classes: what makes an order, who is offered a place and answers it, and what both sides have kept."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Chain, Organisation
from ronghe.apps.positions import selectors, services
from ronghe.apps.positions.models import Acceptance, ClassMember, MemberState, OrderClass, OrderState
from ronghe.apps.positions.services import OrderData, TaskData
from tests.apps.positions.conftest import sign
from tests.conftest import SignIn

pytestmark = pytest.mark.django_db
TASK = TaskData("一场直播的销售", "示例企业的直播间排班与选品", "成交额不低于 3 万元\n退货率低于 8%")


@pytest.fixture
def order_data(firm_a: Organisation, university: Organisation, chain: Chain, today: date) -> OrderData:
    return OrderData(
        name_zh="跨境直播订单班",
        name_en="Live commerce class",
        university=university,
        field="embedded",
        size=2,
        seats_promised=2,
        jobs_promised=1,
        chain=chain,
        agreement=sign(firm_a, university),
        starts_on=today,
        ends_on=today + timedelta(days=200),
        answer_by=today + timedelta(days=10),
    )


@pytest.fixture
def order(hr: Person, office: Person, firm_a: Organisation, order_data: OrderData) -> OrderClass:
    draft = services.draft_order_class(actor=hr, organisation=firm_a, data=order_data)
    services.add_task(actor=hr, order_class=draft, data=TASK)
    submitted = services.submit_order_class(actor=hr, order_class=draft, revision=draft.revision)
    return services.approve_order_class(actor=office, order_class=submitted, revision=submitted.revision)


def test_an_order_without_a_task_is_none(
    hr: Person, office: Person, other_hr: Person, firm_a: Organisation, order_data: OrderData
) -> None:
    draft = services.draft_order_class(actor=hr, organisation=firm_a, data=order_data)
    with pytest.raises(ValidationError, match="at least one task"):
        services.submit_order_class(actor=hr, order_class=draft, revision=draft.revision)
    with pytest.raises(ValidationError):
        services.add_task(actor=hr, order_class=draft, data=replace(TASK, criteria=" \n "))
    with pytest.raises(PermissionDenied):
        services.add_task(actor=other_hr, order_class=draft, data=TASK)
    task = services.add_task(actor=hr, order_class=draft, data=TASK)
    assert task.criteria_lines == ["成交额不低于 3 万元", "退货率低于 8%"]


def test_the_agreement_must_bind_firm_and_university(
    hr: Person, office: Person, firm_a: Organisation, order_data: OrderData
) -> None:
    alone = replace(order_data, agreement=sign(firm_a))
    draft = services.draft_order_class(actor=hr, organisation=firm_a, data=alone)
    services.add_task(actor=hr, order_class=draft, data=TASK)
    submitted = services.submit_order_class(actor=hr, order_class=draft, revision=draft.revision)
    with pytest.raises(ValidationError, match="university is no party"):
        services.approve_order_class(actor=office, order_class=submitted, revision=submitted.revision)


def test_an_order_that_promises_more_jobs_than_students_is_refused(
    hr: Person, firm_a: Organisation, firm_b: Organisation, order_data: OrderData
) -> None:
    for changes, field in (
        ({"jobs_promised": 3}, "jobs_promised"),
        ({"university": firm_b}, "university"),
        ({"ends_on": order_data.starts_on - timedelta(days=1)}, "ends_on"),
        ({"size": 0}, "size"),
    ):
        with pytest.raises(ValidationError) as refused:
            services.draft_order_class(actor=hr, organisation=firm_a, data=replace(order_data, **changes))  # type: ignore[arg-type]
        assert field in refused.value.message_dict


def test_students_of_the_university_are_offered_places_up_to_the_size(
    order: OrderClass, hr: Person, office: Person, students: list[Person], stranger: Person
) -> None:
    with pytest.raises(PermissionDenied):
        services.offer_places(actor=office, order_class=order, people=students[:1])
    with pytest.raises(ValidationError, match="Not students"):
        services.offer_places(actor=hr, order_class=order, people=[stranger])
    with pytest.raises(ValidationError, match="at most 2"):
        services.offer_places(actor=hr, order_class=order, people=students[:3])
    assert len(services.offer_places(actor=hr, order_class=order, people=students[:2])) == 2
    with pytest.raises(ValidationError, match="Already asked"):
        services.offer_places(actor=hr, order_class=order, people=students[:1])


def test_the_student_alone_answers_and_a_declined_place_is_free_again(
    order: OrderClass, hr: Person, office: Person, students: list[Person], today: date
) -> None:
    first, second = services.offer_places(actor=hr, order_class=order, people=students[:2])
    for other in (hr, office, students[1]):
        with pytest.raises(PermissionDenied):
            services.answer_place(actor=other, member=first, accept=True)
    assert services.answer_place(actor=students[0], member=first, accept=True).state == MemberState.ACCEPTED
    assert services.answer_place(actor=students[1], member=second, accept=False).state == MemberState.DECLINED
    (third,) = services.offer_places(actor=hr, order_class=order, people=[students[2]])
    with pytest.raises(ValidationError, match="answered already"):
        services.answer_place(actor=students[0], member=first, accept=False)
    ClassMember.objects.filter(pk=third.pk).update(answer_by=today - timedelta(days=1))
    with pytest.raises(ValidationError, match="has passed"):
        services.answer_place(actor=students[2], member=third, accept=True)
    assert services.lapse_places() == 1
    assert ClassMember.objects.get(pk=third.pk).state == MemberState.LAPSED
    assert services.lapse_places() == 0


def test_a_job_needs_the_word_of_both_sides(order: OrderClass, hr: Person, students: list[Person], today: date) -> None:
    (member,) = services.offer_places(actor=hr, order_class=order, people=[students[0]])
    with pytest.raises(ValidationError):
        services.offer_job(actor=hr, member=member)
    member = services.answer_place(actor=students[0], member=member, accept=True)
    with pytest.raises(ValidationError):
        services.accept_job(actor=students[0], member=member)
    member = services.offer_job(actor=hr, member=member)
    with pytest.raises(PermissionDenied):
        services.accept_job(actor=hr, member=member)
    assert services.accept_job(actor=students[0], member=member).job_accepted_on == today


def test_a_class_ends_after_its_last_day_or_is_withdrawn_by_the_office_once_students_are_in(
    order: OrderClass, hr: Person, office: Person, students: list[Person]
) -> None:
    (member,) = services.offer_places(actor=hr, order_class=order, people=[students[0]])
    services.answer_place(actor=students[0], member=member, accept=True)
    with pytest.raises(ValidationError, match="lasts until"):
        services.finish_order_class(actor=hr, order_class=order, revision=order.revision)
    with pytest.raises(ValidationError, match="the office withdraws it"):
        services.withdraw_order_class(actor=hr, order_class=order, revision=order.revision, reason="停线")
    order.refresh_from_db()
    gone = services.withdraw_order_class(actor=office, order_class=order, revision=order.revision, reason="停线")
    assert gone.state == OrderState.WITHDRAWN


@pytest.fixture
def member(order: OrderClass, hr: Person, students: list[Person]) -> ClassMember:
    (offered,) = services.offer_places(actor=hr, order_class=order, people=[students[0]])
    return services.answer_place(actor=students[0], member=offered, accept=True)


@pytest.mark.postgres
def test_work_on_a_task_is_accepted_by_the_firm_criterion_by_criterion(
    order: OrderClass, member: ClassMember, hr: Person, other_hr: Person, mentor: Person, students: list[Person]
) -> None:
    task, student = order.order_tasks.get(), students[0]
    shown = {"member": member, "task": task, "evidence": "直播回放与销售表"}
    for other in (hr, students[1]):
        with pytest.raises(PermissionDenied):
            services.hand_in_task(actor=other, **shown)
    with pytest.raises(ValidationError, match="what shows"):
        services.hand_in_task(actor=student, **{**shown, "evidence": " "})
    work = services.hand_in_task(actor=student, **shown)
    with pytest.raises(ValidationError, match="waits for the firm"):
        services.hand_in_task(actor=student, **shown)
    for other in (student, other_hr):
        with pytest.raises(PermissionDenied):
            services.decide_task(actor=other, work=work, met=[0, 1])
    with pytest.raises(ValidationError, match="what is missing"):
        services.decide_task(actor=mentor, work=work, met=[0])
    with pytest.raises(ValidationError, match="no such criterion"):
        services.decide_task(actor=mentor, work=work, met=[2])
    work = services.decide_task(actor=mentor, work=work, met=[0], comment="退货率 9%")
    assert (work.state, [met for _line, met in work.lines]) == ("returned", [True, False])
    with pytest.raises(ValidationError, match="decided about this already"):
        services.decide_task(actor=hr, work=work, met=[0, 1])
    (line,) = selectors.waiting_for(student)
    assert (line.text, line.url) == ("退货率 9%", f"/positions/tasks/{task.uid}/hand-in/")
    handed_in = services.hand_in_task(actor=student, **shown)
    assert selectors.waiting_for(student) == []
    again = services.decide_task(actor=hr, work=handed_in, met=[0, 1])
    assert (again.state, again.decided_by) == ("accepted", hr)
    for change in ({"met": []}, {"comment": "other"}, {"evidence": "other"}, {"decided_by": mentor}):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
            Acceptance.objects.filter(pk=again.pk).update(**change)
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Acceptance.objects.filter(pk=work.pk).delete()
    Acceptance.objects.filter(pk=work.pk).update(evidence="—", link="", comment="", decided_by=None)
    kept = selectors.fulfilment(order)
    assert (kept.tasks_set, kept.tasks_expected, kept.tasks_accepted, kept.tasks_waiting) == (1, 1, 1, 0)
    with pytest.raises(IntegrityError), transaction.atomic():
        Acceptance.objects.create(task=task, member=member, evidence="twice")


def test_work_on_a_task_on_its_pages_and_for_programs(
    order: OrderClass,
    member: ClassMember,
    hr: Person,
    other_hr: Person,
    office: Person,
    students: list[Person],
    sign_in: SignIn,
) -> None:
    task, page = order.order_tasks.get(), order.get_absolute_url()
    mine, firm, stranger = sign_in(students[0]), sign_in(hr), sign_in(other_hr)
    hand_in = f"/positions/tasks/{task.uid}/hand-in/"
    assert hand_in in mine.get(page).content.decode()
    assert stranger.get(hand_in).status_code == 404
    assert mine.post(hand_in, {"evidence": "直播回放", "link": "https://example.com/live"}).status_code == 302
    work = Acceptance.objects.get()
    assert work.get_absolute_url() in firm.get(page).content.decode()
    assert selectors.waiting_for(hr)[-1].url == work.get_absolute_url()
    decide = f"{work.get_absolute_url()}decide/"
    assert [client.get(work.get_absolute_url()).status_code for client in (mine, firm, stranger)] == [200, 200, 404]
    assert [client.get(decide).status_code for client in (mine, firm, stranger)] == [403, 200, 404]
    assert firm.post(decide, {"met": ["0"], "comment": ""}).status_code == 422
    assert firm.post(decide, {"met": ["0", "1"]}).status_code == 302
    assert "1 / 1" in " ".join(sign_in(office).get(page).content.decode().split())
    where = f"/api/positions/classes/{order.uid}/work"
    assert [(one["state"], one["met"]) for one in firm.get(where).json()] == [("accepted", [0, 1])]
    assert stranger.get(where).json() == []
