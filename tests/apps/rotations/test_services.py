"""Plans of rotations: what they read, what is refused and why, publishing as bookings, freezing, repair."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.jobs.registry import JobCancelled
from ronghe.apps.jobs.services import carry_out
from ronghe.apps.ledger.models import Event
from ronghe.apps.rotations import services, words
from ronghe.apps.rotations.models import Member, Pin, Plan, PlanState, Session, Stay
from ronghe.apps.sites import selectors as machines_of
from ronghe.apps.sites import services as sites
from ronghe.apps.sites.models import Booking, Machine, MachineFamily
from tests.apps.rotations.conftest import Draft, computed, monday

pytestmark = pytest.mark.django_db
ALL_DAYS = {"days": 7, "slots_a_day": 2}


def _refusal(call: Any, **named: Any) -> str:
    with pytest.raises(ValidationError) as refused:
        call(**named)
    return " ".join(refused.value.messages)


def test_a_plan_places_every_group_each_week_and_the_check_finds_nothing(proposed: Plan) -> None:
    assert proposed.state == PlanState.PROPOSED
    assert [group.members.count() for group in proposed.groups.all()] == [2, 2]
    assert Stay.objects.filter(group__plan=proposed).count() == 2
    assert [week.figures["placed"] for week in proposed.weeks.all()] == [8, 8]
    assert [week.figures["standing"] for week in proposed.weeks.all()] == ["optimal", "optimal"]
    assert services.breaches_now(proposed) == []


def test_publishing_books_the_machines_for_all_trainees_and_writes_one_event(office: Person, published: Plan) -> None:
    held = Booking.objects.filter(plan=published.booked_as)
    assert held.count() == Session.objects.filter(week__plan=published).count() == 16
    assert {1 + booking.companions.count() for booking in held} == {2}
    event = Event.objects.get(type="rotations.plan.published")
    assert services.digest_of(published) in event.payload.content
    assert "publish" in _refusal(services.publish_plan, actor=office, plan=published, revision=published.revision)


def test_mentors_are_bound_while_they_lead_a_group(published: Plan, mentor: Person) -> None:
    led = Session.objects.filter(mentor=mentor)
    bound = machines_of.busy([mentor], published.first_day, published.last_day)[mentor.pk]
    assert {one.start for one in bound} == {one.starts_at for one in led} != set()


@pytest.mark.postgres
def test_a_published_session_cannot_be_changed_or_deleted(published: Plan) -> None:
    one = Session.objects.filter(week__plan=published).first()
    assert one is not None
    for statement in (
        f"UPDATE rotations_session SET slot = 99 WHERE id = {one.pk}",
        f"DELETE FROM rotations_session WHERE id = {one.pk}",
        f"DELETE FROM rotations_stay WHERE group_id = {one.group_id}",
    ):
        with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    Session.objects.filter(pk=one.pk).update(mentor=None)


def test_a_broken_machine_is_repaired_by_the_other_one_and_only_what_must_moves(
    office: Person, hr: Person, published: Plan, machines: list[Machine]
) -> None:
    before = {one.pk for one in Session.objects.filter(week__plan=published)}
    used = Session.objects.filter(week__plan=published).order_by("starts_at").first()
    assert used is not None
    start = datetime.combine(published.first_day, time(0), UTC)
    sites.plan_maintenance(
        actor=hr, machine=used.machine, start=start, end=start + timedelta(days=20),
        reason="spindle", is_breakdown=True, displace=True,
    )  # fmt: skip
    shown = services.mending(published)
    assert shown.changes
    repair = services.repair_plan(actor=office, plan=published, reason="spindle broken", digest=shown.digest)
    assert (repair.lost, repair.is_proven) == (0, True)
    assert services.breaches_now(published) == []
    standing = Session.objects.standing().filter(week__plan=published)
    assert {one.machine_id for one in standing} == {machines[0].pk, machines[1].pk} - {used.machine_id}
    held = Booking.objects.holding().filter(plan=published.booked_as)
    assert {(one.machine_id, one.starts_at) for one in held} == {(one.machine_id, one.starts_at) for one in standing}
    assert before <= {one.pk for one in Session.objects.filter(week__plan=published)}
    assert services.digest_of(published) in Event.objects.get(type="rotations.plan.repaired").payload.content
    assert "nothing to repair" in _refusal(services.repair_plan, actor=office, plan=published, reason="again")


def test_a_repair_that_was_shown_before_something_else_changed_is_refused(
    office: Person, hr: Person, published: Plan
) -> None:
    one = Session.objects.filter(week__plan=published).first()
    assert one is not None
    sites.plan_maintenance(
        actor=hr, machine=one.machine, start=one.starts_at, end=one.ends_at, reason="filter", displace=True
    )
    assert "changed while" in _refusal(services.repair_plan, actor=office, plan=published, reason="f", digest="other")
    assert "what happened" in _refusal(services.repair_plan, actor=office, plan=published, reason=" ")


def test_groups_without_authorisation_are_not_planned_and_the_reason_says_so(
    draft: Draft, tester: MachineFamily, hr: Person, students: list[Person], mentor: Person
) -> None:
    plan = computed(draft(needs={tester: 1}))
    assert plan.state == PlanState.DRAFT
    assert {one["kind"] for one in plan.refusal["relaxations"]} == {"class_needs"}
    for person in [*students, mentor]:
        sites.authorise(actor=hr, person=person, family=tester, valid_from=monday() - timedelta(days=3))
    plan = computed(plan)
    assert plan.state == PlanState.PROPOSED
    assert {one.mentor_id for one in Session.objects.filter(week__plan=plan)} == {mentor.pk}


def test_a_week_that_cannot_have_its_least_says_which_rule_would_help_and_is_not_published(
    office: Person, draft: Draft
) -> None:
    plan = computed(draft(wanted=4, least=4, mentor_week=3))
    refused = [week.refusal for week in plan.weeks.all()]
    assert all(one["relaxations"][0]["kind"] == "mentor_hours" for one in refused)
    plan = computed(draft(name_zh="二", first_day=monday() + timedelta(days=14)))
    plan.weeks.filter(number=0).update(refusal={"code": "x"})
    assert "Week 1" in _refusal(services.publish_plan, actor=office, plan=plan, revision=plan.revision)


def test_a_plan_whose_machines_were_taken_meanwhile_is_refused_whole(
    office: Person, hr: Person, proposed: Plan
) -> None:
    one = Session.objects.filter(week__plan=proposed).select_related("machine").first()
    assert one is not None
    sites.book(actor=hr, machine=one.machine, person=hr, start=one.starts_at, end=one.ends_at)
    assert "rules broken" in _refusal(services.publish_plan, actor=office, plan=proposed, revision=proposed.revision)
    assert not Booking.objects.filter(plan=proposed.booked_as).exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"first_day": monday() + timedelta(days=1)}, "Monday"),
        ({"least": 5}, "more sessions than it wants"),
        ({"slots_a_day": 13}, "run into"),
        ({"zone": "Asia/Nowhere"}, "time zone"),
        ({"needs": {}}, "machine families"),
        ({"fortnights": 0}, "greater than or equal to 1"),
        (
            {"first_day": date(2027, 3, 22), "zone": "Europe/Berlin", "opens": time(2, 30), **ALL_DAYS},
            "clocks change",
        ),
    ],
)  # fmt: skip
def test_a_plan_that_contradicts_itself_is_refused(draft: Draft, fields: dict[str, Any], words: str) -> None:
    assert words in _refusal(draft, **fields)


def test_more_fortnights_at_machines_than_there_are_is_refused(
    draft: Draft, bonder: MachineFamily, tester: MachineFamily
) -> None:
    assert "do not fit" in _refusal(draft, needs={bonder: 1, tester: 1})


def test_a_pattern_that_still_teaches_theory_leaves_no_fortnight(draft: Draft) -> None:
    plan = computed(draft(pattern_starts_on=monday()))
    assert plan.refusal["code"] == "scheduling.season"
    assert "free of theory" in plan.refusal["found"]


def test_weekly_release_keeps_the_days_of_study_free(draft: Draft) -> None:
    plan = computed(draft(pattern="weekly", wanted=3, least=1))
    days = {one.starts_at.astimezone().weekday() for one in Session.objects.filter(week__plan=plan)}
    assert days <= {0, 1, 2}
    assert days


def test_only_the_office_plans_publishes_repairs_and_withdraws(
    hr: Person, teacher: Person, student: Person, proposed: Plan
) -> None:
    for actor in (hr, teacher, student):
        for verb, more in (
            (services.form_groups, {}),
            (services.start_computing, {}),
            (services.publish_plan, {"revision": proposed.revision}),
            (services.repair_plan, {"reason": "x"}),
            (services.withdraw_plan, {"revision": proposed.revision, "reason": "x"}),
        ):
            with pytest.raises(PermissionDenied):
                verb(actor=actor, plan=proposed, **more)  # type: ignore[operator]


def test_only_those_concerned_see_a_published_plan(
    office: Person, student: Person, teacher: Person, hr: Person, mentor: Person, other_hr: Person, stranger: Person,
    reviewer: Person, published: Plan,
) -> None:  # fmt: skip
    for person in (office, reviewer, student, teacher, hr, mentor):
        assert Plan.objects.visible_to(person).filter(pk=published.pk).exists(), person
        assert Session.objects.visible_to(person).exists(), person
    for person in (other_hr, stranger):
        assert not Plan.objects.visible_to(person).exists()
        assert not Session.objects.visible_to(person).exists()
        assert not Member.objects.visible_to(person).exists()


def test_computing_runs_in_the_background_and_can_be_stopped(
    office: Person, draft: Draft, django_capture_on_commit_callbacks: Any
) -> None:
    plan = draft()
    with django_capture_on_commit_callbacks(execute=False):
        plan = services.start_computing(actor=office, plan=plan)
    assert "being computed" in _refusal(services.start_computing, actor=office, plan=plan)
    assert plan.job is not None

    def stop(*_said: object) -> None:
        raise JobCancelled

    with pytest.raises(JobCancelled):
        services.compute(plan, stop)
    assert not plan.weeks.exists()
    carry_out(str(plan.job.uid))
    plan.refresh_from_db()
    plan.job.refresh_from_db()  # type: ignore[union-attr]
    assert (plan.state, plan.job.state) == (PlanState.PROPOSED, "done")  # type: ignore[union-attr]


def test_a_withdrawn_plan_gives_its_machines_back(office: Person, published: Plan) -> None:
    plan = services.withdraw_plan(actor=office, plan=published, revision=published.revision, reason="term moved")
    assert plan.state == PlanState.WITHDRAWN
    assert not Booking.objects.holding().filter(plan=plan.booked_as).exists()
    assert "already" in _refusal(services.withdraw_plan, actor=office, plan=plan, revision=plan.revision, reason="x")


def test_a_person_takes_their_sessions_along_and_is_taken_out_of_them(published: Plan, mentor: Person) -> None:
    member = Member.objects.filter(group__plan=published).select_related("person").first()
    assert member is not None
    assert member.person is not None
    found = {one.name: one for one in privacy.registered()}["rotations"]
    assert found.export(member.person)["sessions"]
    assert found.export(mentor)["sessions"]
    assert found.erase(mentor) > 0
    assert found.erase(member.person) > 0
    assert not Session.objects.filter(mentor=mentor).exists()
    assert found.export(member.person) == {"groups": [], "sessions": []}


def _stands(plan: Plan) -> dict[int, int]:
    return dict(Stay.objects.filter(group__plan=plan).values_list("group__number", "fortnight"))


def _seats(plan: Plan) -> set[tuple[Any, ...]]:
    return set(Session.objects.filter(week__plan=plan).values_list("group", "machine", "mentor", "starts_at"))


@pytest.mark.postgres
def test_a_pinned_group_moves_and_the_rest_of_the_draft_stands(
    office: Person, draft: Draft, bonder: MachineFamily, tester: MachineFamily
) -> None:
    plan = computed(draft(fortnights=3))
    before, seats = _stands(plan), _seats(plan)
    plan = computed(plan, keep=True)
    assert (plan.figures["moved"], _seats(plan)) == ([], seats)
    target = next(number for number in range(3) if number not in before.values())
    group = plan.groups.get(number=1)
    asked = {"actor": office, "plan": plan, "group": group, "fortnight": target, "family": bonder, "reason": "Visit"}
    pin = services.pin_group(**asked, kind="pinned")
    assert "already" in _refusal(services.pin_group, **asked, kind="forbidden")
    assert "no such fortnight" in _refusal(services.pin_group, **{**asked, "fortnight": 3}, kind="pinned")
    assert "works at this family" in _refusal(services.pin_group, **{**asked, "family": tester}, kind="pinned")
    assert "Say why" in _refusal(services.pin_group, **{**asked, "reason": " "}, kind="pinned")
    assert "compute it again" in _refusal(services.publish_plan, actor=office, plan=plan, revision=plan.revision)
    plan = computed(plan, keep=True)
    assert _stands(plan) == {**before, 1: target}
    (moved,) = words.moves(plan.figures["moved"])
    assert (moved["group"], moved["fortnight"], moved["after"]) == (1, target + 1, "Wire bonder · Plant One")
    assert services.unkept(services.pins_of(plan)) == []
    services.lift_pin(actor=office, pin=pin)
    assert "lifted this already" in _refusal(services.lift_pin, actor=office, pin=pin)
    assert sorted(Event.objects.filter(type__startswith="rotations.pin.").values_list("type", flat=True)) == [
        "rotations.pin.lifted",
        "rotations.pin.set",
    ]
    published = services.publish_plan(actor=office, plan=plan, revision=plan.revision)
    assert "before a plan is published" in _refusal(services.pin_group, **{**asked, "plan": published}, kind="pinned")


def test_impossible_pins_are_told_in_words_and_the_draft_stays(
    office: Person, draft: Draft, bonder: MachineFamily, hr: Person, student: Person
) -> None:
    plan = computed(draft(fortnights=2))
    seats, group = _seats(plan), plan.groups.get(number=2)
    for fortnight in (0, 1):
        asked: dict[str, Any] = {"plan": plan, "group": group, "fortnight": fortnight, "family": bonder}
        for other in (hr, student):
            with pytest.raises(PermissionDenied):
                services.pin_group(actor=other, **asked, kind="forbidden", reason="x")
        services.pin_group(actor=office, **asked, kind="forbidden", reason="x")
    plan = computed(plan, keep=True)
    assert words.refusal(plan, plan.refusal)["conflict"] == [
        "Group 2 forbidden at Wire bonder in fortnight 1",
        "Group 2 forbidden at Wire bonder in fortnight 2",
    ]
    assert (plan.state, _seats(plan)) == (PlanState.PROPOSED, seats)
    assert "found no plan" in _refusal(services.publish_plan, actor=office, plan=plan, revision=plan.revision)
    services.form_groups(actor=office, plan=plan)
    assert not Pin.objects.exists()
