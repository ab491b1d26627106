"""Numbers of training: dated, with their records; and what an erased student leaves behind."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.community.dependents import Settlement
from ronghe.apps.community.models import Cohort, CohortMembership, Departure, Organisation, OrganisationFact
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.dated import end
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.metrics.records import select
from ronghe.apps.positions.models import Offer, OrderClass, Position
from ronghe.apps.training import leaving, selectors, services
from ronghe.apps.training.files import path_of
from ronghe.apps.training.metrics.practice import days_at_work
from ronghe.apps.training.models import Assessment, Entry, Placement, SupervisionKind
from tests.apps.training.conftest import (
    FIRST,
    LAST,
    LAST_WEEK,
    THIS_WEEK,
    TODAY,
    EntryMaker,
    PlacementMaker,
)
from tests.factories import ChainMembershipFactory, CohortMembershipFactory, RegionFactory

WINDOW = Window(FIRST, TODAY)
DAY = timedelta(days=1)


def value(name: str, subject: int, window: Window = WINDOW) -> float | None:
    measured = registry.measure(name, [subject], window)[subject]
    if measured.records is not None:
        assert select(measured.records).count() == measured.records.count
    return measured.value


@pytest.mark.postgres
def test_a_seat_counts_as_filled_while_it_is_held_and_as_it_was_known(
    office: Person, hr: Person, placement: Placement, planned: PlacementMaker, classmate: Person, firm_a: Organisation
) -> None:
    before = timezone.now()
    planned(student=classmate)
    services.pause_placement(actor=hr, placement=placement, on=TODAY, reason="Exams")
    name = "training.enterprise.seats_filled"
    assert value(name, firm_a.pk) == 1
    assert value(name, firm_a.pk, Window(FIRST - 9 * DAY, FIRST - DAY)) == 0
    placement.refresh_from_db()
    services.stop_placement(actor=office, placement=placement, last_day=FIRST, reason="Never came back")
    assert value(name, firm_a.pk, Window(TODAY, TODAY)) == 0
    assert value(name, firm_a.pk, Window(TODAY, TODAY, known_at=before)) == 1


def test_starts_without_an_agreement_are_counted_on_their_day(
    office: Person, planned: PlacementMaker, appointed: Person, firm_a: Organisation
) -> None:
    placement = planned()
    services.change_supervisor(
        actor=office, placement=placement, kind=SupervisionKind.MENTOR, person=appointed, on=FIRST
    )
    services.start_placement(actor=office, placement=placement, on=FIRST, without_agreement_because="It had begun.")
    placement.refresh_from_db()
    services.pause_placement(actor=office, placement=placement, on=FIRST, reason="At once")
    name = "training.enterprise.starts_without_agreement"
    assert value(name, firm_a.pk) == 1
    assert value(name, firm_a.pk, Window(FIRST + DAY, TODAY)) == 0


def test_interns_are_compared_with_confirmed_staff_alone(
    placement: Placement, firm_a: Organisation, office: Person, hr: Person
) -> None:
    name = "training.enterprise.interns_of_staff"
    fact = OrganisationFact.objects.create(
        organisation=firm_a, kind="staff", value=20, evidence="list", declared_by=hr, valid_from=FIRST
    )
    assert value(name, firm_a.pk) is None
    OrganisationFact.objects.filter(pk=fact.pk).update(confirmed_by=office)
    assert value(name, firm_a.pk) == 0.05
    assert value("training.enterprise.interns_of_post", firm_a.pk) is None


def test_interns_of_a_post_and_their_pay_are_compared_with_its_staff(
    running: PlacementMaker, firm_a: Organisation, classmate: Person
) -> None:
    region = RegionFactory.create()
    given = {"organisation": firm_a, "starts_on": FIRST, "ends_on": LAST, "seats": 5}
    for title, student, pay, post_pay, staff in (
        ("测试", None, 4000, 5000, 10),
        ("装配", classmate, 3500, 5000, 4),
    ):
        position = Position.objects.create(
            **given, title_zh=title, tasks="x", field="ic", region=region, state="open", opened_on=FIRST
        )
        Offer.objects.create(
            **given, position=position, offered_on=FIRST, valid_from=FIRST, pay=pay, post_pay=post_pay, post_staff=staff
        )
        running(position=position, **({"student": student} if student else {}))
    assert value("training.enterprise.interns_of_post", firm_a.pk) == 0.25
    assert value("training.enterprise.intern_pay_share", firm_a.pk) == 0.7
    assert value("training.enterprise.seats_filled", firm_a.pk) == 2


def test_a_position_has_no_more_placements_than_seats(
    planned: PlacementMaker, firm_a: Organisation, firm_b: Organisation, classmate: Person
) -> None:
    position = Position.objects.create(
        organisation=firm_a, starts_on=FIRST, ends_on=LAST, seats=1, title_zh="测试", tasks="x", field="ic",
        region=RegionFactory.create(), state="open", opened_on=FIRST,
    )  # fmt: skip
    with pytest.raises(ValidationError, match="one of the hosts"):
        planned(position=position, hosts=[(firm_b, 100)])
    planned(position=position)
    with pytest.raises(ValidationError, match="All 1 seats"):
        planned(position=position, student=classmate)


def test_placements_at_a_firm_that_leaves_its_chain_are_kept_or_stopped(
    office: Person, placement: Placement, firm_a: Organisation
) -> None:
    membership = ChainMembershipFactory.create(organisation=firm_a, tier="member")
    (hanging,) = leaving.find(membership, TODAY)
    assert hanging.until == LAST
    for choice, state in ((Settlement.KEEP, "running"), (Settlement.END, "stopped")):
        leaving.settle(actor=office, membership=membership, on=TODAY, choice=choice, successor=None)
        placement.refresh_from_db()
        assert placement.state == state
    assert leaving.find(membership, TODAY) == []


def test_students_without_a_placement_and_the_median_of_confirmed_hours(
    placement: Placement, classmate: Person, cohort: Cohort, handed_in: EntryMaker, mentor: Person, student: Person
) -> None:
    assert value("training.students.unplaced", 0) == 1
    entry = handed_in(hours=Decimal(30))
    handed_in(week=THIS_WEEK, hours=Decimal(1))
    services.decide_entry(actor=mentor, entry=entry, verdict="confirmed")
    known = timezone.now()
    assert value("training.cohort.practice_hours_a_year", cohort.pk) == 15
    corrected = handed_in(hours=Decimal(20))
    services.decide_entry(actor=mentor, entry=corrected, verdict="confirmed")
    assert value("training.person.practice_hours", student.pk) == 20
    assert value("training.person.practice_hours", student.pk, Window(FIRST, TODAY, known_at=known)) == 30
    assert value("training.person.practice_hours", classmate.pk) == 0


def test_passes_at_the_first_attempt(opened: Assessment, mentor: Person, teacher: Person) -> None:
    name = "training.assessments.first_attempt_passes"
    assert value(name, 0) is None
    levels = {one.skill_id: one.skill_level for one in opened.unit.declarations.all()}
    for person in (mentor, teacher):
        services.rate(actor=person, assessment=opened, levels=levels)
    assert value(name, 0) == 1


def test_what_waits_for_each(
    handed_in: EntryMaker,
    guided: PlacementMaker,
    classmate: Person,
    student: Person,
    mentor: Person,
    teacher: Person,
    hr: Person,
    office: Person,
    opened: Assessment,
    placement: Placement,
) -> None:
    handed_in()
    guided(student=classmate)
    services.report_incident(actor=student, placement=placement, severity=1, happened_on=TODAY, what="A quarrel.")
    found = {
        person.name: sorted({one.kind for one in selectors.waiting_for(person)})
        for person in (student, mentor, teacher, hr, office)
    }
    assert found == {
        "student": ["entry"],
        "mentor": ["confirm", "rate"],
        "teacher": ["incident", "rate"],
        "hr": ["start"],
        "office": ["incident"],
    }


def test_an_erased_student_leaves_counted_hours_that_are_nobodys(
    handed_in: EntryMaker,
    mentor: Person,
    student: Person,
    placement: Placement,
    firm_a: Organisation,
    django_capture_on_commit_callbacks: object,
) -> None:
    entry = handed_in(files=[services.see(BytesIO(b"volts 1 2 3"), "volts.txt")])
    services.decide_entry(actor=mentor, entry=entry, verdict="confirmed", comment="I saw it.")
    share = next(one for one in privacy.registered() if one.name == "training")
    told = share.export(student)
    assert [row["week"] for row in told["evidence"]] == [LAST_WEEK]
    assert told["said_about_it"][0]["comment"] == "I saw it."
    kept = path_of(entry.attachments.get().uid)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        assert share.erase(student) > 0
    entry.refresh_from_db()
    assert (entry.text, entry.hours, entry.handed_in_by, entry.placement.student_name) == (
        "", Decimal(8), None, "a person who was erased"
    )  # fmt: skip
    assert not kept.exists()
    assert Entry.objects.counted().count() == 1
    assert value("training.enterprise.seats_filled", firm_a.pk) == 1
    assert share.erase(mentor) > 0
    assert entry.confirmations.get().decided_by is None


@pytest.mark.parametrize("name", ["training.chain.seats_filled", "training.enterprise.interns_of_post"])
def test_subjects_without_rows_are_measured_too(name: str, firm_a: Organisation) -> None:
    assert value(name, firm_a.pk) in (0, None)


def test_the_shortest_practice_of_graduates_is_told_apart_by_work_before(
    office: Person,
    teacher: Person,
    student: Person,
    hr: Person,
    cohort: Cohort,
    classmate: Person,
    placement: Placement,
) -> None:
    by, without = (f"training.cohort.shortest_practice.{one}" for one in ("experienced", "inexperienced"))
    assert value(by, cohort.pk) is None is value(without, cohort.pk)
    services.pause_placement(actor=hr, placement=placement, on=FIRST + 10 * DAY, reason="Exams")
    services.resume_placement(actor=hr, placement=placement, on=FIRST + 20 * DAY)
    left = TODAY - DAY
    for membership in CohortMembership.objects.known().filter(cohort=cohort):
        end(membership, left, departure=Departure.GRADUATED)
    # Who gave up on the second day is no graduate, and has not practised too little for one.
    gone = CohortMembershipFactory.create(cohort=cohort, valid_from=FIRST)
    end(gone, FIRST + DAY, departure=Departure.WITHDREW)
    assert value(without, cohort.pk) == 0
    stated = {"placement": placement, "months": 24, "paper": "Social insurance 2023-2025"}
    with pytest.raises(PermissionDenied):
        services.state_prior_work(actor=student, **stated)
    with pytest.raises(ValidationError, match="Name the paper"):
        services.state_prior_work(actor=office, **{**stated, "paper": " "})
    before = timezone.now()
    services.state_prior_work(actor=teacher, **stated)
    services.state_prior_work(actor=office, **{**stated, "months": 30})
    ran = (left - FIRST).days - 10
    assert value(by, cohort.pk) == pytest.approx(ran / 30.436875)
    assert value(without, cohort.pk) == 0
    assert value(by, cohort.pk, Window(FIRST, TODAY, known_at=before)) is None


def test_apprentices_are_trained_in_a_class_that_their_enterprise_ordered(
    placement: Placement, planned: PlacementMaker, classmate: Person, firm_a: Organisation, university: Organisation
) -> None:
    name = "training.enterprise.apprentices"
    assert value(name, firm_a.pk) == 0
    order = OrderClass.objects.create(
        organisation=firm_a, university=university, name_zh="订单班", field="ic", size=2, seats_promised=1,
        starts_on=FIRST, ends_on=LAST, answer_by=FIRST,
    )  # fmt: skip
    position = Position.objects.create(
        organisation=firm_a, order_class=order, starts_on=FIRST, ends_on=LAST, seats=1, title_zh="测试", tasks="x",
        field="ic", region=RegionFactory.create(), state="open", opened_on=FIRST,
    )  # fmt: skip
    Placement.objects.filter(pk=placement.pk).update(position=position)
    planned(student=classmate)
    assert value(name, firm_a.pk) == 1
    assert value(name, firm_a.pk, Window(FIRST - 30 * DAY, FIRST - DAY)) == 0


def test_days_in_several_placements_count_once() -> None:
    day = FIRST
    spans = [(day, day + 10 * DAY), (day + 5 * DAY, None), (day + 2 * DAY, day + 4 * DAY)]
    assert days_at_work(spans, day + 20 * DAY) == 20
    assert days_at_work([], day) == 0
