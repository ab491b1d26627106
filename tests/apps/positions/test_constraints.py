"""What the database itself refuses of positions, whatever wrote it: twice the same wish, assignment, place or rank."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Cohort, Organisation
from ronghe.apps.positions.models import Assignment, ClassMember, OrderClass, Position, Preference, Round, Run
from tests.factories import CohortFactory, PersonFactory, RegionFactory

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]
TODAY = timezone.localdate()
Maker = Callable[[], object]


def refused(make: Maker) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make()


@pytest.fixture
def positions(firm_a: Organisation) -> list[Position]:
    days = {"starts_on": TODAY, "ends_on": TODAY + timedelta(days=90)}
    region = RegionFactory.create()
    return [
        Position.objects.create(
            organisation=firm_a, title_zh=name, tasks="x", field="ic", region=region, seats=1, **days
        )
        for name in ("测试", "封装")
    ]


@pytest.fixture
def round(db: None) -> Round:
    return Round.objects.create(
        name_zh="秋季", opens_on=TODAY, closes_on=TODAY, starts_on=TODAY, ends_on=TODAY + timedelta(days=90)
    )


@pytest.fixture
def cohort(university: Organisation) -> Cohort:
    return CohortFactory.create(organisation=university)


def test_a_wish_and_a_rank_are_stated_once(positions: list[Position], round: Round) -> None:
    student, (one, other) = PersonFactory.create(), positions
    Preference.objects.create(round=round, person=student, position=one, rank=1)
    refused(lambda: Preference.objects.create(round=round, person=student, position=one, rank=2))
    refused(lambda: Preference.objects.create(round=round, person=student, position=other, rank=1))
    Preference.objects.create(round=round, person=student, position=other, rank=2)


def test_a_run_assigns_a_student_once(positions: list[Position], round: Round, cohort: Cohort) -> None:
    student, (one, other) = PersonFactory.create(), positions
    run = Run.objects.create(round=round, number=1, mode="stable")
    given = {"round": round, "run": run, "person": student, "cohort": cohort}
    Assignment.objects.create(**given, position=one, rank=1)
    refused(lambda: Assignment.objects.create(**given, position=other, rank=2))
    refused(lambda: Run.objects.create(round=round, number=1, mode="maximal"))


def test_a_position_has_a_seat_and_days_in_order(positions: list[Position]) -> None:
    key = positions[0].pk
    refused(lambda: Position.objects.filter(pk=key).update(seats=0))
    refused(lambda: Position.objects.filter(pk=key).update(ends_on=TODAY - timedelta(days=1)))
    refused(lambda: Position.objects.filter(pk=key).update(state="nowhere"))


def test_a_student_stands_in_an_order_class_once(
    firm_a: Organisation, university: Organisation, student: Person
) -> None:
    order = OrderClass.objects.create(
        organisation=firm_a, university=university, name_zh="订单班", field="ic", size=2, seats_promised=1,
        starts_on=TODAY, ends_on=TODAY, answer_by=TODAY,
    )  # fmt: skip
    ClassMember.objects.create(order_class=order, person=student, answer_by=TODAY)
    refused(lambda: ClassMember.objects.create(order_class=order, person=student, answer_by=TODAY))
    refused(lambda: ClassMember.objects.update(job_accepted_on=TODAY))
