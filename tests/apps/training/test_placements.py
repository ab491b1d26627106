"""Placements: planned without overlap, begun only under an agreement, paused, changed, stopped; their history stays."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import services as agreements
from ronghe.apps.community.models import Cohort, Organisation
from ronghe.apps.mentors.models import Slot
from ronghe.apps.positions.models import Assignment, Position, Round, Run
from ronghe.apps.training import services
from ronghe.apps.training.models import Absence, Incident, Placement, Stay, Supervision, SupervisionKind
from ronghe.apps.training.services import supervisor_on
from ronghe.apps.training.services.troubles import ANSWERED_WITHIN
from tests.apps.training.conftest import FIRST, LAST, TODAY, PlacementMaker
from tests.conftest import SignIn
from tests.factories import RegionFactory


def known(placement: Placement) -> list[tuple[str, str, int]]:
    rows = Stay.objects.known().filter(placement=placement).order_by("valid_from", "pk")
    return [(stay.state, str(stay.valid_from), stay.share) for stay in rows]


@pytest.mark.postgres
def test_two_placements_of_a_student_do_not_overlap(planned: PlacementMaker, firm_b: Organisation) -> None:
    planned()
    with pytest.raises(ValidationError, match="with 100% of the week"):
        planned(hosts=[(firm_b, 100)], starts_on=LAST, ends_on=LAST + timedelta(days=20))
    planned(hosts=[(firm_b, 100)], starts_on=LAST + timedelta(days=1), ends_on=LAST + timedelta(days=20))


def test_two_hosts_share_a_week_and_never_more(
    planned: PlacementMaker, firm_a: Organisation, firm_b: Organisation
) -> None:
    with pytest.raises(ValidationError, match="101%"):
        planned(hosts=[(firm_a, 60), (firm_b, 41)])
    with pytest.raises(ValidationError, match="two different ones"):
        planned(hosts=[(firm_a, 50), (firm_a, 50)])
    with pytest.raises(ValidationError, match="no enterprise"):
        planned(hosts=[(Organisation.objects.get(kind="university"), 50)])
    planned(hosts=[(firm_a, 60)])
    with pytest.raises(ValidationError, match="with 60%"):
        planned(hosts=[(firm_b, 41)])
    planned(hosts=[(firm_b, 40)])


def test_only_the_office_plans_and_only_for_students(
    hr: Person, planned: PlacementMaker, student: Person, firm_a: Organisation, mentor: Person
) -> None:
    plan = services.Plan(student=student, starts_on=FIRST, ends_on=LAST, hosts=[(firm_a, 100)], work_zh="测试")
    with pytest.raises(PermissionDenied):
        services.plan_placement(actor=hr, plan=plan)
    with pytest.raises(ValidationError, match="student of no cohort"):
        planned(student=mentor)
    with pytest.raises(ValidationError, match="comes after"):
        planned(ends_on=FIRST - timedelta(days=1))


def test_a_placement_begins_only_under_an_agreement_and_with_a_mentor(
    office: Person, hr: Person, other_hr: Person, appointed: Person, planned: PlacementMaker
) -> None:
    placement = planned()
    with pytest.raises(ValidationError, match="No three-party agreement"):
        services.start_placement(actor=hr, placement=placement, on=FIRST)
    services.state_paper(actor=office, placement=placement, number="SX-1", signed_on=FIRST + timedelta(days=1))
    with pytest.raises(ValidationError, match="after the first day"):
        services.start_placement(actor=hr, placement=placement, on=FIRST)
    services.state_paper(actor=office, placement=placement, number="SX-1", signed_on=FIRST)
    with pytest.raises(ValidationError, match="Name a mentor"):
        services.start_placement(actor=hr, placement=placement, on=FIRST)
    services.change_supervisor(actor=hr, placement=placement, kind=SupervisionKind.MENTOR, person=appointed, on=FIRST)
    with pytest.raises(PermissionDenied):
        services.start_placement(actor=other_hr, placement=placement, on=FIRST)
    with pytest.raises(ValidationError, match="on the day itself"):
        services.start_placement(actor=hr, placement=placement, on=TODAY + timedelta(days=1))
    begun = services.start_placement(actor=hr, placement=placement, on=FIRST + timedelta(days=2))
    assert (begun.state, known(begun)) == ("running", [("running", str(FIRST + timedelta(days=2)), 100)])
    assert not Stay.objects.filter(without_agreement=True).exists()


def test_a_start_without_an_agreement_is_recorded_by_the_office_alone_and_marked(
    office: Person, hr: Person, appointed: Person, planned: PlacementMaker
) -> None:
    placement = planned()
    services.change_supervisor(
        actor=office, placement=placement, kind=SupervisionKind.MENTOR, person=appointed, on=FIRST
    )
    with pytest.raises(PermissionDenied):
        services.start_placement(actor=hr, placement=placement, on=FIRST, without_agreement_because="in a hurry")
    services.start_placement(actor=office, placement=placement, on=FIRST, without_agreement_because="It had begun.")
    stay = Stay.objects.known().get(placement=placement)
    assert (stay.without_agreement, stay.is_first, stay.reason) == (True, True, "It had begun.")


def test_the_agreement_is_drafted_from_the_placement_with_its_parties_and_days(
    office: Person,
    student: Person,
    hr: Person,
    firm_a: Organisation,
    university: Organisation,
    planned: PlacementMaker,
) -> None:
    agreements.load_standard_templates(actor=office)
    placement = planned()
    paper = services.draft_three_party(actor=hr, placement=placement)
    parties = paper.agreement.parties.order_by("place")
    assert [(one.side, one.organisation, one.person) for one in parties] == [
        (1, firm_a, None), (2, university, None), (3, None, student)
    ]  # fmt: skip
    assert (paper.first_day, paper.last_day, bool(paper.clauses)) == (FIRST, LAST, True)
    with pytest.raises(ValidationError, match="not signed by all"):
        services.start_placement(actor=hr, placement=placement, on=FIRST)
    with pytest.raises(ValidationError, match="has an agreement already"):
        services.draft_three_party(actor=hr, placement=placement)


@pytest.mark.postgres
def test_pause_resume_and_stop_keep_the_history(
    office: Person, hr: Person, placement: Placement, appointed: Person
) -> None:
    week = timedelta(days=7)
    placement = services.pause_placement(actor=hr, placement=placement, on=FIRST + week, reason="Thesis defence")
    with pytest.raises(ValidationError, match="rests since"):
        services.resume_placement(actor=hr, placement=placement, on=FIRST)
    placement = services.resume_placement(actor=hr, placement=placement, on=FIRST + 2 * week)
    with pytest.raises(PermissionDenied):
        services.stop_placement(actor=hr, placement=placement, last_day=TODAY, reason="No work")
    with pytest.raises(ValidationError, match="Say why"):
        services.stop_placement(actor=office, placement=placement, last_day=TODAY, reason=" ")
    placement = services.stop_placement(actor=office, placement=placement, last_day=TODAY, reason="The firm closed")
    assert known(placement) == [
        ("running", str(FIRST), 100),
        ("paused", str(FIRST + week), 100),
        ("running", str(FIRST + 2 * week), 100),
    ]
    tomorrow = TODAY + timedelta(days=1)
    assert not Stay.objects.on(tomorrow).filter(placement=placement).exists()
    assert not Slot.objects.on(tomorrow).filter(mentor=appointed).exists()
    with pytest.raises(ValidationError, match="“Stopped” now"):
        services.resume_placement(actor=hr, placement=placement, on=TODAY)


def test_a_new_mentor_takes_over_from_a_day_and_the_slot_goes_along(
    hr: Person, placement: Placement, appointed: Person, colleague_mentor: Person, teacher: Person
) -> None:
    services.change_supervisor(
        actor=hr, placement=placement, kind=SupervisionKind.MENTOR, person=colleague_mentor, on=TODAY
    )
    assert supervisor_on(placement, SupervisionKind.MENTOR, TODAY - timedelta(days=1)) == appointed
    assert supervisor_on(placement, SupervisionKind.MENTOR, TODAY) == colleague_mentor
    assert [slot.mentor for slot in Slot.objects.on(TODAY)] == [colleague_mentor]
    with pytest.raises(ValidationError, match="no appointed mentor"):
        services.change_supervisor(actor=hr, placement=placement, kind=SupervisionKind.MENTOR, person=teacher, on=TODAY)
    with pytest.raises(PermissionDenied):
        services.change_supervisor(actor=hr, placement=placement, kind=SupervisionKind.TEACHER, person=teacher)


def test_a_relation_keeps_a_mentor_away(
    office: Person, student: Person, appointed: Person, planned: PlacementMaker
) -> None:
    services.declare_relation(actor=student, other=appointed, kind="family")
    with pytest.raises(ValidationError, match="declared already"):
        services.declare_relation(actor=appointed, other=student, kind="family")
    with pytest.raises(ValidationError, match="declared a relation"):
        services.change_supervisor(
            actor=office, placement=planned(), kind=SupervisionKind.MENTOR, person=appointed, on=TODAY
        )


@pytest.mark.postgres
def test_an_absence_is_decided_by_a_second_person(
    student: Person, mentor: Person, placement: Placement, other_hr: Person
) -> None:
    report = {"placement": placement, "kind": "sick", "first_day": TODAY, "last_day": TODAY}
    with pytest.raises(PermissionDenied):
        services.report_absence(actor=other_hr, **report)
    absence = services.report_absence(actor=student, **report)
    with pytest.raises(ValidationError, match="already"):
        services.report_absence(actor=student, **report)
    with pytest.raises(PermissionDenied):
        services.decide_absence(actor=student, absence=absence, excused=True)
    services.decide_absence(actor=mentor, absence=absence, excused=True)
    assert Absence.objects.get().decided_by == mentor


@pytest.mark.postgres
def test_an_incident_goes_from_the_teacher_to_the_office_when_nobody_answers(
    office: Person,
    student: Person,
    teacher: Person,
    placement: Placement,
    mailoutbox: list,
    django_capture_on_commit_callbacks: object,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        incident = services.report_incident(
            actor=student, placement=placement, severity=2, happened_on=TODAY, what="No safety training was given."
        )
    assert [mail.to for mail in mailoutbox] == [[teacher.email]]
    assert "safety" not in mailoutbox[0].body
    assert services.escalate_incidents(actor=None) == 0
    Incident.objects.update(answer_by=timezone.now() - ANSWERED_WITHIN[2])
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert services.escalate_incidents(actor=None) == 1
    assert mailoutbox[-1].to == [office.email]
    incident.refresh_from_db()
    with pytest.raises(PermissionDenied):
        services.answer_incident(actor=teacher, incident=incident, answer="Too late for me.")
    with pytest.raises(ValidationError, match="first what is done"):
        services.close_incident(actor=office, incident=incident, outcome="Done")
    services.answer_incident(actor=office, incident=incident, answer="The training is held tomorrow.")
    closed = services.close_incident(actor=office, incident=incident, outcome="It was held.")
    assert closed.closed_by == office
    assert services.escalate_incidents(actor=None) == 0


def test_who_looks_after_a_placement_is_dated(placement: Placement) -> None:
    rows = Supervision.objects.known().filter(placement=placement).values_list("kind", "valid_from", "valid_until")
    assert sorted(rows) == [(kind, FIRST, LAST + timedelta(days=1)) for kind in ("mentor", "teacher")]


def test_assignments_that_fit_are_planned_and_of_the_others_it_is_told_why(
    office: Person,
    firm_a: Organisation,
    student: Person,
    classmate: Person,
    cohort: Cohort,
    placement: Placement,
    sign_in: SignIn,
) -> None:
    position = Position.objects.create(
        organisation=firm_a, starts_on=TODAY, ends_on=LAST, seats=2, title_zh="测试", tasks="x", field="ic",
        region=RegionFactory.create(), state="open", opened_on=FIRST,
    )  # fmt: skip
    round = Round.objects.create(name_zh="秋季", opens_on=FIRST, closes_on=FIRST, starts_on=TODAY, ends_on=LAST)
    run = Run.objects.create(round=round, number=1, mode="stable")
    for one in (student, classmate):
        Assignment.objects.create(round=round, run=run, person=one, cohort=cohort, position=position, rank=1)
    Round.objects.filter(pk=round.pk).update(state="published", published_run=run, published_at=timezone.now())

    shown = sign_in(office).post("/training/placements/from-assignments/", follow=True).content.decode()

    assert "1 placement is planned." in shown
    assert f"{student.name}: " in shown
    assert Placement.objects.get(position=position).person == classmate
