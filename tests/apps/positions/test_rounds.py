"""Rounds: who states and sees wishes, what is refused, what is computed and why, and that a published one is frozen."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import CohortMembership
from ronghe.apps.demand.models import Skill
from ronghe.apps.jobs.models import JobState
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.positions import selectors, services, why
from ronghe.apps.positions.market import market_of
from ronghe.apps.positions.models import (
    AppealState,
    Assignment,
    Participation,
    Position,
    Preference,
    Round,
    RoundState,
    Run,
)
from ronghe.apps.positions.services import QuotaData, SkillAsked
from tests.apps.positions.conftest import Opener, RoundMaker, close_wishes, wish
from tests.factories import SkillFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(opened: Opener) -> tuple[Position, Position]:
    """A position with one seat and one with three."""
    return opened(seats=1, title_en="Rare"), opened(seats=3, title_en="Common", title_zh="常见")


def _run(round: Round, office: Person, capture, mode: str = "") -> Run:  # type: ignore[no-untyped-def]
    with capture(execute=True):
        run = services.start_run(actor=office, round=round, mode=mode)
    run.refresh_from_db()
    round.refresh_from_db()
    return run


@pytest.fixture
def proposed(
    two: tuple[Position, Position], round_of: RoundMaker, students: list[Person], office: Person,
    django_capture_on_commit_callbacks,
) -> Run:  # type: ignore[no-untyped-def]  # fmt: skip
    """Three of four students want the rare seat most; one has agreed to nothing."""
    rare, common = two
    round = round_of(rare, common)
    for person in students[:3]:
        wish(round, person, rare, common)
    return _run(close_wishes(round), office, django_capture_on_commit_callbacks)


def test_wishes_are_the_students_own_and_replace_earlier_ones(
    two: tuple[Position, Position], round_of: RoundMaker, students: list[Person], office: Person, hr: Person
) -> None:
    rare, common = two
    round = round_of(rare, common)
    row = wish(round, students[0], rare, common)
    row = wish(round, students[0], common)
    assert list(Preference.objects.values_list("person_id", "position_id", "rank")) == [(students[0].pk, common.pk, 1)]
    for other in (office, hr, students[1]):
        with pytest.raises(PermissionDenied):
            services.state_wishes(actor=other, participation=row, revision=row.revision, positions=[rare], agrees=True)
    assert set(Preference.objects.visible_to(office)) and not Preference.objects.visible_to(hr).exists()
    with pytest.raises(StaleRevision):
        services.state_wishes(actor=students[0], participation=row, revision=1, positions=[rare], agrees=True)
    withdrawn = services.withdraw_from_round(actor=students[0], participation=row)
    assert withdrawn.submitted_at is None and not Preference.objects.exists()


def test_wishes_that_contradict_the_round_are_refused(
    two: tuple[Position, Position], opened: Opener, round_of: RoundMaker, students: list[Person]
) -> None:
    rare, common = two
    outside = opened(title_zh="外")
    round = round_of(rare, common, most_wishes=1)
    for wanted, agrees, words in (
        ([rare, rare], True, "twice"),
        ([rare, common], True, "At most 1"),
        ([outside], True, "No longer in this round"),
        ([rare], False, "Agree to take part"),
    ):
        with pytest.raises(ValidationError, match=words):
            wish(round, students[0], *wanted, agrees=agrees)
    with pytest.raises(ValidationError, match="are taken from"):
        wish(close_wishes(round), students[0], rare)
    assert not Preference.objects.exists()


def test_only_the_office_runs_rounds_and_not_while_wishes_are_taken(
    two: tuple[Position, Position], round_of: RoundMaker, hr: Person, office: Person, teacher: Person
) -> None:
    round = round_of(*two)
    for other in (hr, teacher):
        with pytest.raises(PermissionDenied):
            services.start_run(actor=other, round=round)
    with pytest.raises(ValidationError, match="until"):
        services.start_run(actor=office, round=round)


def test_a_run_places_students_and_says_why_not_the_position_preferred(
    proposed: Run, two: tuple[Position, Position], students: list[Person]
) -> None:
    rare, common = two
    assert proposed.round.state == RoundState.PROPOSED
    assert (proposed.standing, proposed.figures["blocking_pairs"]) == ("student_optimal", 0)
    assert proposed.figures["without_consent"] == 1
    assert proposed.job is not None and proposed.job.state == JobState.DONE
    placed = {one.person_id: one for one in proposed.assignments.select_related("position")}
    assert len(placed) == 3
    assert sorted(one.rank or 0 for one in placed.values()) == [1, 2, 2]
    loser = next(one for one in placed.values() if one.rank == 2)
    assert loser.position == common
    (refused,) = why.refused(loser)
    assert refused.position == rare
    assert "the lot decided" in refused.sentence
    assert "number 2" in why.own_place(loser)


def test_confirmed_skills_decide_and_a_required_one_bars(
    opened: Opener, round_of: RoundMaker, students: list[Person], office: Person, teacher: Person, skill: Skill,
    django_capture_on_commit_callbacks,
) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    other = SkillFactory.create(name_en="PCB layout")
    by_fit = opened(seats=1, skills=(SkillAsked(skill, 4),))
    strict = opened(seats=2, skills=(SkillAsked(other, 2, True),))
    round = round_of(by_fit, strict)
    for person, level in ((students[0], 2), (students[1], 4), (students[2], 5)):
        declared = services.declare_skill(actor=person, skill=skill, skill_level=level, evidence="课程设计")
        if person != students[2]:
            services.confirm_skill(actor=teacher, declared=declared)
        wish(round, person, strict, by_fit)
    run = _run(close_wishes(round), office, django_capture_on_commit_callbacks)
    placed = {one.person_id: one for one in run.assignments.select_related("position")}
    assert placed[students[1].pk].position == by_fit, "the best confirmed fit, not the highest claim"
    assert placed[students[1].pk].fit == 1.0
    assert [one.sentence for one in why.refused(placed[students[1].pk])] == [
        "It requires “PCB layout” at level 2, which is not confirmed."
    ]
    sentences = [one.sentence for one in why.refused(placed[students[0].pk])]
    assert sentences[1] == ("All seats went to students whose skills fit better: the last one 100%, yours 50%.")


def test_nobody_confirms_their_own_skill_nor_a_stranger(
    students: list[Person], student: Person, teacher: Person, other_teacher: Person, hr: Person, skill: Skill
) -> None:
    declared = services.declare_skill(actor=student, skill=skill, skill_level=3, evidence="课程设计")
    for other in (student, other_teacher, hr):
        with pytest.raises(PermissionDenied):
            services.confirm_skill(actor=other, declared=declared)
    confirmed = services.confirm_skill(actor=teacher, declared=declared)
    assert confirmed.confirmed_by == teacher
    again = services.declare_skill(actor=student, skill=skill, skill_level=5, evidence="竞赛")
    assert again.confirmed_at is None, "a changed claim waits for confirmation again"


def test_a_firms_priority_and_the_offices_decisions_rule_the_next_run_and_each_run_is_kept(
    proposed: Run, two: tuple[Position, Position], students: list[Person], office: Person, hr: Person,
    other_hr: Person, django_capture_on_commit_callbacks,
) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    rare, common = two
    round = proposed.round
    place = round.round_positions.get(position=rare)
    for number in (1, 2):
        with pytest.raises(PermissionDenied):
            services.give_priorities(actor=other_hr, place=place, ranked=[(students[number], "x")])
        with pytest.raises(ValidationError, match="reason"):
            services.give_priorities(actor=hr, place=place, ranked=[(students[number], " ")])
        services.give_priorities(actor=hr, place=place, ranked=[(students[number], "面试第一名")])
        run = _run(round, office, django_capture_on_commit_callbacks)
        assert run.assignments.get(position=rare).person == students[number]
    loser = run.assignments.get(person=students[0])
    assert why.refused(loser)[0].sentence == "All seats went to students whom the enterprise had put first."
    services.decide_pair(
        actor=office, round=round, person=students[0], position=rare, kind="locked", reason="已签三方协议"
    )
    services.decide_pair(
        actor=office, round=round, person=students[1], position=common, kind="forbidden", reason="利益冲突"
    )
    run = _run(round, office, django_capture_on_commit_callbacks)
    placed = {one.person_id: one.position for one in run.assignments.select_related("position")}
    assert placed == {students[0].pk: rare, students[1].pk: None, students[2].pk: common}
    assert list(round.runs.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4]
    with pytest.raises(ValidationError, match="fixed in another"):
        services.decide_pair(actor=office, round=round, person=students[0], position=common, kind="locked", reason="x")


def test_only_students_who_wished_for_a_position_can_be_put_first(
    proposed: Run, two: tuple[Position, Position], students: list[Person], hr: Person
) -> None:
    place = proposed.round.round_positions.get(position=two[0])
    with pytest.raises(ValidationError, match="Only students who wished"):
        services.give_priorities(actor=hr, place=place, ranked=[(students[3], "推荐")])


def test_impossible_quotas_come_back_with_what_could_give_way(
    proposed: Run, office: Person, django_capture_on_commit_callbacks
) -> None:  # type: ignore[no-untyped-def]
    round = proposed.round
    (group,) = {f"cohort:{one.cohort_id}" for one in proposed.assignments.all()}
    services.put_quota(actor=office, round=round, data=QuotaData("本班至少五人", students=group, least=5))
    for mode in ("stable", "maximal"):
        run = _run(round, office, django_capture_on_commit_callbacks, mode)
        assert not run.is_possible and not run.assignments.exists()
        assert why.refusal(run) == [
            "All that is asked cannot be had together. It can once this gives way:",
            "“本班至少五人” asks for at least 5; 3 can be had.",
        ]
        assert why.conflict(run) == ["本班至少五人"]
        assert round.state == RoundState.PROPOSED
        with pytest.raises(ValidationError, match="found no matching"):
            services.publish_round(actor=office, round=round, revision=round.revision, run=run)


def test_quotas_that_mean_nothing_are_refused(proposed: Run, office: Person) -> None:
    for data, words in (
        (QuotaData("x"), "asks for nothing"),
        (QuotaData("x", least=3, most=2), "most"),
        (QuotaData("x", least_share=Decimal("1.01")), "share"),
        (QuotaData("x", least_share=Decimal("0.3")), "name the group"),
    ):
        with pytest.raises(ValidationError, match=words):
            services.put_quota(actor=office, round=proposed.round, data=data)


def test_a_quota_on_nobody_says_so(proposed: Run, office: Person, django_capture_on_commit_callbacks) -> None:  # type: ignore[no-untyped-def]
    services.put_quota(actor=office, round=proposed.round, data=QuotaData("空", students="class:999", least=1))
    run = _run(proposed.round, office, django_capture_on_commit_callbacks)
    assert why.refusal(run) == ["Nobody is in the group that “空” speaks of. Change the quota or drop it."]


def test_a_published_round_is_frozen_by_the_database(
    proposed: Run, office: Person, hr: Person, students: list[Person], two: tuple[Position, Position]
) -> None:
    round = proposed.round
    with pytest.raises(PermissionDenied):
        services.publish_round(actor=hr, round=round, revision=round.revision, run=proposed)
    published = services.publish_round(actor=office, round=round, revision=round.revision, run=proposed)
    event = Event.objects.get(type="positions.round.published")
    assert services.digest_of(proposed.assignments.all()) in event.payload.content
    assert selectors.published_assignments(published, people=students[:1]).get().person == students[0]
    one = proposed.assignments.filter(rank=2).first()
    assert one is not None
    attempts = (
        lambda: Assignment.objects.filter(pk=one.pk).update(position=two[0]),
        lambda: Assignment.objects.filter(pk=one.pk).update(why=[]),
        lambda: Assignment.objects.filter(pk=one.pk).delete(),
        lambda: Round.objects.filter(pk=round.pk).update(state="proposed", published_run=None, published_at=None),
        lambda: Assignment.objects.create(round=round, run=proposed, person=students[3], cohort=one.cohort),
    )
    for attempt in attempts:
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    with pytest.raises(ValidationError, match="over"):
        services.start_run(actor=office, round=published)
    accounts.erase_own_data(actor=students[0], person=students[0])
    assert proposed.assignments.filter(person=None, why=[]).count() == 1


def test_a_run_that_something_has_outdated_is_not_published(
    proposed: Run, office: Person, students: list[Person], two: tuple[Position, Position], today: date, hr: Person,
    django_capture_on_commit_callbacks,
) -> None:  # type: ignore[no-untyped-def]  # fmt: skip
    round = proposed.round
    row = Participation.objects.get(round=round, person=students[2])
    services.excuse_student(actor=office, participation=row, reason="休学")
    round.refresh_from_db()
    with pytest.raises(ValidationError, match="changed after this run"):
        services.publish_round(actor=office, round=round, revision=round.revision, run=proposed)
    run = _run(round, office, django_capture_on_commit_callbacks)
    accounts.withdraw_consent(actor=students[1], person=students[1], purpose="matching")
    with pytest.raises(ValidationError, match="no longer agree"):
        services.publish_round(actor=office, round=round, revision=round.revision, run=run)
    run = _run(round, office, django_capture_on_commit_callbacks)
    position = two[0]
    position.refresh_from_db()
    services.withdraw_position(actor=hr, position=position, revision=position.revision, reason="停招")
    with pytest.raises(ValidationError, match="was withdrawn"):
        services.publish_round(actor=office, round=round, revision=round.revision, run=run)


def test_a_student_appeals_once_and_another_person_answers(
    proposed: Run, office: Person, students: list[Person], hr: Person
) -> None:
    round = proposed.round
    mine = proposed.assignments.get(person=students[0])
    with pytest.raises(ValidationError, match="Only a published"):
        services.make_appeal(actor=students[0], assignment=mine, text="我有证书")
    services.publish_round(actor=office, round=round, revision=round.revision, run=proposed)
    mine.refresh_from_db()
    mine = Assignment.objects.select_related("round").get(pk=mine.pk)
    with pytest.raises(PermissionDenied):
        services.make_appeal(actor=students[1], assignment=mine, text="不公平")
    appeal = services.make_appeal(actor=students[0], assignment=mine, text="我有证书，未被计入。")
    with pytest.raises(ValidationError, match="already"):
        services.make_appeal(actor=students[0], assignment=mine, text="再次")
    with pytest.raises(PermissionDenied):
        services.answer_appeal(actor=hr, appeal=appeal, upheld=True, answer="同意")
    answered = services.answer_appeal(actor=office, appeal=appeal, upheld=True, answer="证书已核，另行安排。")
    assert answered.state == AppealState.UPHELD
    with pytest.raises(ValidationError, match="answered already"):
        services.answer_appeal(actor=office, appeal=appeal, upheld=False, answer="否")


def test_who_left_the_cohort_is_not_matched(proposed: Run, students: list[Person], today: date) -> None:
    CohortMembership.objects.filter(person=students[0]).update(valid_until=today - timedelta(days=1))
    assert len(market_of(proposed.round).market.students) == 2


def test_a_member_of_an_order_class_alone_gets_its_position_and_fields_are_kept_apart(
    opened: Opener, round_of: RoundMaker, students: list[Person], proposed: Run
) -> None:
    round = proposed.round
    foreign = opened(field="ic", title_zh="版图")
    services.change_round(
        actor=round.created_by or students[0], round=round, revision=round.revision,
        data=services.RoundData(
            name_zh=round.name_zh, opens_on=round.opens_on, closes_on=round.opens_on + timedelta(days=20),
            starts_on=round.starts_on, ends_on=round.ends_on,
        ),
        places=[services.Place(foreign, 2)],
    )  # fmt: skip
    assert not Preference.objects.exists(), "wishes for positions taken out are dropped"
    wish(round, students[0], foreign)
    market = market_of(Round.objects.get(pk=round.pk)).market
    assert set(market.ineligible.values()) == {"field"}


def test_a_large_market_is_computed_in_a_process_that_can_be_stopped(proposed: Run) -> None:
    from ronghe.apps.jobs.registry import JobCancelled
    from ronghe.runners.apart import watched

    heard: list[float] = []

    def stop(seconds: float) -> None:
        heard.append(seconds)
        if len(heard) > 1:
            raise JobCancelled

    import time

    with pytest.raises(JobCancelled):
        watched(time.sleep, stop, 60, every=0.05)
    assert watched(abs, heard.append, -3, every=0.2) == 3
