"""Requirements: raised and amended by their enterprise, answered by the office; nobody else's business."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from ronghe.apps.demand import services
from ronghe.apps.demand.models import AnswerKind, Requirement, RequirementState
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from tests.factories import RequirementFactory, SkillFactory, UniversityFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def soon(days=60):
    return timezone.localdate() + timedelta(days=days)


def raised(actor, organisation, skill, **changes):
    needs = {"head_count": 4, "needed_by": soon(), "severity": 3, "skill_level": 3, "reason": "新产线"}
    return services.raise_requirement(actor=actor, organisation=organisation, skill=skill, **{**needs, **changes})


@pytest.fixture
def requirement(hr, firm_a, skill):
    return raised(hr, firm_a, skill)


def events(requirement):
    subject = f"demand.requirement:{requirement.uid}"
    return list(Event.objects.filter(subject=subject).order_by("pk").values_list("type", flat=True))


def test_the_hr_of_an_enterprise_raises_a_requirement_and_the_ledger_remembers_it(requirement, hr):
    assert (requirement.state, requirement.raised_by, requirement.revision) == (RequirementState.OPEN, hr, 1)
    assert requirement.raised_on == timezone.localdate()
    assert events(requirement) == ["demand.requirement.raised"]


def test_the_office_may_raise_a_requirement_on_behalf_of_an_enterprise(office, firm_a, skill):
    assert raised(office, firm_a, skill).pk


@pytest.mark.parametrize("who", ["other_hr", "mentor", "teacher", "student", "reviewer", "stranger"])
def test_others_may_not_raise_requirements_for_an_enterprise(request, who, firm_a, skill):
    with pytest.raises(PermissionDenied):
        raised(request.getfixturevalue(who), firm_a, skill)
    assert not Requirement.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"head_count": 0}, "head_count"),
        ({"severity": 6}, "severity"),
        ({"skill_level": 0}, "skill_level"),
        ({"needed_by": timezone.localdate() - timedelta(days=1)}, "needed_by"),
        ({"reason": "长" * 2001}, "reason"),
    ],
)
def test_a_requirement_that_makes_no_sense_is_refused_by_field(hr, firm_a, skill, changes, field):
    with pytest.raises(ValidationError) as refused:
        raised(hr, firm_a, skill, **changes)
    assert list(refused.value.message_dict) == [field]
    assert not Requirement.objects.exists()


def test_a_university_raises_no_requirements(office, skill):
    with pytest.raises(ValidationError) as refused:
        raised(office, UniversityFactory.create(), skill)
    assert "organisation" in refused.value.message_dict


def test_a_skill_that_left_the_lexicon_cannot_be_asked_for(hr, firm_a):
    gone = SkillFactory.create(retired_at=timezone.now())
    with pytest.raises(ValidationError) as refused:
        raised(hr, firm_a, gone)
    assert "skill" in refused.value.message_dict


def test_a_colleague_amends_a_requirement_and_its_revision_counts_up(requirement, colleague_hr, other_skill):
    amended = services.amend_requirement(
        actor=colleague_hr, requirement=requirement, revision=1, head_count=9, skill=other_skill
    )
    assert (amended.head_count, amended.skill, amended.revision) == (9, other_skill, 2)
    assert events(requirement) == ["demand.requirement.raised", "demand.requirement.amended"]


@pytest.mark.parametrize("who", ["other_hr", "mentor", "teacher", "student", "reviewer", "stranger"])
def test_others_may_neither_amend_nor_withdraw_it(request, who, requirement):
    actor = request.getfixturevalue(who)
    with pytest.raises(PermissionDenied):
        services.amend_requirement(actor=actor, requirement=requirement, revision=1, head_count=9)
    with pytest.raises(PermissionDenied):
        services.withdraw_requirement(actor=actor, requirement=requirement, revision=1, explanation="x")
    requirement.refresh_from_db()
    assert (requirement.head_count, requirement.state) == (4, RequirementState.OPEN)


def test_the_second_of_two_who_amend_is_told_what_stands_now(requirement, hr, colleague_hr):
    services.amend_requirement(actor=hr, requirement=requirement, revision=1, head_count=9)
    with pytest.raises(StaleRevision) as stale:
        services.amend_requirement(actor=colleague_hr, requirement=requirement, revision=1, head_count=2)
    assert stale.value.current.head_count == 9
    requirement.refresh_from_db()
    assert (requirement.head_count, requirement.revision) == (9, 2)


def test_amending_nothing_changes_and_records_nothing(requirement, hr):
    services.amend_requirement(actor=hr, requirement=requirement, revision=1, head_count=4, reason="新产线")
    requirement.refresh_from_db()
    assert requirement.revision == 1
    assert events(requirement) == ["demand.requirement.raised"]


def test_only_what_is_needed_can_be_amended(requirement, hr):
    with pytest.raises(TypeError, match="state"):
        services.amend_requirement(actor=hr, requirement=requirement, revision=1, state="answered")


def test_a_requirement_whose_day_has_passed_can_be_amended_in_its_other_parts(hr, firm_a):
    overdue = RequirementFactory.create(organisation=firm_a, needed_by=timezone.localdate() - timedelta(days=3))
    amended = services.amend_requirement(actor=hr, requirement=overdue, revision=1, severity=5)
    assert amended.severity == 5


def test_a_plan_answers_a_requirement_and_an_amendment_opens_it_again(requirement, office, hr):
    services.answer_requirement(
        actor=office, requirement=requirement, revision=1, kind="planned", text="下学期开课", planned_for=soon(100)
    )
    requirement.refresh_from_db()
    assert (requirement.state, requirement.answered_on) == (RequirementState.ANSWERED, timezone.localdate())
    amended = services.amend_requirement(actor=hr, requirement=requirement, revision=2, head_count=40)
    assert (amended.state, amended.answered_on) == (RequirementState.OPEN, None)
    assert requirement.answers.count() == 1


def test_after_a_question_the_requirement_still_waits(requirement, office):
    answer = services.answer_requirement(
        actor=office, requirement=requirement, revision=1, kind="question", text="哪条产线？", planned_for=soon()
    )
    requirement.refresh_from_db()
    assert (answer.kind, answer.planned_for) == (AnswerKind.QUESTION, None)
    assert requirement.state == RequirementState.OPEN


def test_a_declined_requirement_is_answered_but_not_closed(requirement, office):
    services.answer_requirement(actor=office, requirement=requirement, revision=1, kind="declined", text="超出范围")
    requirement.refresh_from_db()
    assert (requirement.state, requirement.closed_on) == (RequirementState.ANSWERED, None)


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"kind": "planned", "text": "开课"}, "planned_for"),
        ({"kind": "planned", "text": "开课", "planned_for": timezone.localdate() - timedelta(days=1)}, "planned_for"),
        ({"kind": "declined", "text": "  "}, "text"),
        ({"kind": "declined", "text": "长" * 2001}, "text"),
        ({"kind": "perhaps", "text": "也许"}, "kind"),
    ],
)
def test_an_answer_that_says_too_little_is_refused(requirement, office, answer, field):
    with pytest.raises(ValidationError) as refused:
        services.answer_requirement(actor=office, requirement=requirement, revision=1, **answer)
    assert list(refused.value.message_dict) == [field]
    assert not requirement.answers.exists()


@pytest.mark.parametrize("who", ["hr", "colleague_hr", "other_hr", "teacher", "reviewer", "student", "stranger"])
def test_only_the_office_answers(request, who, requirement):
    with pytest.raises(PermissionDenied):
        services.answer_requirement(
            actor=request.getfixturevalue(who), requirement=requirement, revision=1, kind="declined", text="不"
        )


def test_an_answer_to_what_was_changed_meanwhile_is_not_given(requirement, office, hr):
    services.amend_requirement(actor=hr, requirement=requirement, revision=1, head_count=9)
    with pytest.raises(StaleRevision):
        services.answer_requirement(actor=office, requirement=requirement, revision=1, kind="declined", text="不")
    assert not requirement.answers.exists()


def test_a_withdrawn_requirement_is_closed_for_good(requirement, hr, office):
    withdrawn = services.withdraw_requirement(actor=hr, requirement=requirement, revision=1, explanation="项目取消")
    assert (withdrawn.state, withdrawn.closed_on) == (RequirementState.WITHDRAWN, timezone.localdate())
    with pytest.raises(services.RequirementClosed):
        services.amend_requirement(actor=hr, requirement=requirement, revision=2, head_count=1)
    with pytest.raises(services.RequirementClosed):
        services.answer_requirement(actor=office, requirement=requirement, revision=2, kind="declined", text="不")
    assert events(requirement)[-1] == "demand.requirement.withdrawn"


def test_who_withdraws_says_why(requirement, hr):
    with pytest.raises(ValidationError):
        services.withdraw_requirement(actor=hr, requirement=requirement, revision=1, explanation=" ")
    requirement.refresh_from_db()
    assert requirement.state == RequirementState.OPEN


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("hr", 1), ("colleague_hr", 1), ("office", 2), ("reviewer", 2), ("teacher", 2),
        ("other_hr", 1), ("mentor", 0), ("student", 0), ("stranger", 0),
    ],
)  # fmt: skip
def test_an_enterprise_sees_its_own_requirements_and_the_community_all(request, who, sees, requirement, firm_b, skill):
    RequirementFactory.create(organisation=firm_b, skill=skill)
    user = request.getfixturevalue(who)
    found = Requirement.objects.visible_to(user)
    assert found.count() == sees
    if who == "other_hr":
        assert found.get().organisation == firm_b


def test_waiting_ends_with_the_answer_or_with_the_withdrawal(requirement, office):
    today = timezone.localdate()
    Requirement.objects.filter(pk=requirement.pk).update(raised_on=today - timedelta(days=20))
    requirement.refresh_from_db()
    assert requirement.days_waited(today) == 20
    assert requirement.days_waited(today - timedelta(days=5)) == 15
    services.answer_requirement(actor=office, requirement=requirement, revision=1, kind="declined", text="不")
    requirement.refresh_from_db()
    assert requirement.days_waited(today + timedelta(days=300)) == 20
    assert list(Requirement.objects.waiting_on(today - timedelta(days=1))) == [requirement]
    assert not Requirement.objects.waiting_on(today).exists()


def test_a_firm_that_nobody_has_confirmed_raises_no_requirement(hr, office, firm_a, skill):
    firm_a.confirmations.all().delete()
    row = services.RequirementData(organisation=firm_a, skill=skill, head_count=4, needed_by=soon(), severity=3)
    for attempt in (
        lambda: raised(hr, firm_a, skill),
        lambda: raised(office, firm_a, skill),
        lambda: services.import_requirements(actor=office, rows=[row]),
    ):
        with pytest.raises(ValidationError) as refused:
            attempt()
        assert set(refused.value.message_dict) == {"organisation"}
    assert not Requirement.objects.exists()
