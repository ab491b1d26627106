"""Dual-teacher training: plans, stays that the host confirms, certificates and renewals, anonymous satisfaction."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.ledger.models import Event
from ronghe.apps.mentors import selectors, services
from ronghe.apps.mentors.models import PlanState, Satisfaction, Stay, TrainingPlan

pytestmark = pytest.mark.django_db
Planner = Callable[..., TrainingPlan]


@pytest.fixture
def planned(office: Person, teacher: Person, university: Organisation, firm_a: Organisation) -> Planner:
    """Plans ten days with firm A in the spring of 2026, unless a test says otherwise."""

    def make(**fields: Any) -> TrainingPlan:
        given: dict[str, Any] = {
            "actor": office, "teacher": teacher, "university": university, "host": firm_a, "aims": "掌握量产测试",
            "first_day": date(2026, 3, 1), "last_day": date(2026, 5, 31), "planned_days": 10, **fields,
        }  # fmt: skip
        return services.plan_training(**given)

    return make


def stay(plan: TrainingPlan, day: int, days: int, month: int = 3) -> Stay:
    first, last = date(2026, month, day), date(2026, month, day + days - 1)
    return services.record_stay(
        actor=plan.teacher, plan=plan, first_day=first, last_day=last, days=days, report="跟线测试"
    )


def test_a_teacher_is_trained_once_the_host_has_confirmed_all_planned_days(
    planned: Planner, teacher: Person, mentor: Person, hr: Person, other_hr: Person, office: Person
) -> None:
    plan = planned()
    first = stay(plan, 2, 5)
    for actor in (teacher, other_hr, office):
        with pytest.raises(PermissionDenied):
            services.confirm_stay(actor=actor, stay=first)
    services.confirm_stay(actor=mentor, stay=first)
    with pytest.raises(ValidationError, match="5 of 10 days"):
        services.grant_certification(
            actor=office, plan=plan, number="SS-1", granted_on=date(2026, 6, 1), expires_on=date(2029, 6, 1)
        )
    services.confirm_stay(actor=hr, stay=stay(plan, 9, 5))
    plan.refresh_from_db()
    assert (plan.state, plan.trained_on) == (PlanState.TRAINED, date(2026, 3, 13))
    with pytest.raises(ValidationError, match="finished or stopped"):
        stay(plan, 20, 2)


def test_stays_that_overlap_lie_outside_the_plan_or_have_too_many_days_are_refused(
    planned: Planner, mentor: Person
) -> None:
    plan = planned()
    services.refuse_stay(actor=mentor, stay=stay(plan, 2, 5), reason="只来了三天")
    stay(plan, 2, 3)
    with pytest.raises(ValidationError, match="recorded already"):
        stay(plan, 4, 2)
    with pytest.raises(ValidationError, match="within the plan"):
        stay(plan, 1, 2, month=6)
    with pytest.raises(ValidationError, match="more days"):
        services.record_stay(
            actor=plan.teacher, plan=plan, first_day=date(2026, 4, 1), last_day=date(2026, 4, 2), days=3, report="x"
        )


def test_plans_that_cannot_be_are_refused(
    planned: Planner, university: Organisation, student: Person, teacher: Person, colleague_teacher: Person
) -> None:
    with pytest.raises(ValidationError, match="A host is an enterprise"):
        planned(host=university)
    with pytest.raises(ValidationError, match="no teacher"):
        planned(teacher=student)
    with pytest.raises(ValidationError, match="more days than"):
        planned(planned_days=93)
    with pytest.raises(PermissionDenied):
        planned(actor=colleague_teacher)
    plan = planned(actor=teacher)
    with pytest.raises(ValidationError, match="stop it first"):
        planned(first_day=date(2026, 5, 31), last_day=date(2026, 6, 30))
    services.stop_plan(actor=teacher, plan=plan, reason="出差")
    planned()


def test_a_certificate_expires_is_due_for_renewal_and_is_renewed_by_new_training(
    planned: Planner, office: Person, mentor: Person, teacher: Person
) -> None:
    plan = planned(planned_days=5)
    services.confirm_stay(actor=mentor, stay=stay(plan, 2, 5))
    given: dict[str, Any] = {"actor": office, "granted_on": date(2026, 4, 1)}
    with pytest.raises(ValidationError, match="expires after"):
        services.grant_certification(plan=plan, number="SS-1", expires_on=date(2026, 4, 1), **given)
    first = services.grant_certification(plan=plan, number="SS-1", expires_on=date(2026, 10, 1), **given)
    assert selectors.teacher_status(teacher, date(2026, 7, 1)).state == "ok"
    assert selectors.teacher_status(teacher, date(2026, 8, 15)).state == "warn"
    assert selectors.teacher_status(teacher, date(2026, 10, 2)).state == "bad"
    second_plan = planned(planned_days=3, first_day=date(2026, 4, 1))
    services.confirm_stay(actor=mentor, stay=stay(second_plan, 7, 3, month=4))
    second = services.grant_certification(
        actor=office, plan=second_plan, number="SS-2", granted_on=date(2026, 5, 1), expires_on=date(2029, 5, 1)
    )
    assert second.renews == first
    assert selectors.teacher_status(teacher, date(2026, 10, 2)).state == "ok"
    services.end_certification(actor=office, certification=second, on=date(2026, 9, 1), reason="调离教学岗位")
    assert selectors.teacher_status(teacher, date(2026, 9, 2)).certification is None


def test_an_answer_about_satisfaction_names_nobody_and_is_given_once(
    planned: Planner, mentor: Person, teacher: Person, colleague_teacher: Person
) -> None:
    plan = planned(planned_days=5)
    with pytest.raises(ValidationError, match="once the training is finished"):
        services.answer_satisfaction(actor=teacher, plan=plan, score=5)
    services.confirm_stay(actor=mentor, stay=stay(plan, 2, 5))
    before = Event.objects.count()
    with pytest.raises(PermissionDenied):
        services.answer_satisfaction(actor=colleague_teacher, plan=plan, score=1)
    services.answer_satisfaction(actor=teacher, plan=plan, score=4)
    with pytest.raises(ValidationError, match="answered already"):
        services.answer_satisfaction(actor=teacher, plan=plan, score=5)
    assert {field.name for field in Satisfaction._meta.fields} == {"id", "year", "score"}
    assert Event.objects.count() == before
