"""Class hours: who claims and who decides, overlaps, the fee of the day they were given, statements and disputes."""

from datetime import date, time
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.mentors import services
from ronghe.apps.mentors.models import Appointment, ClassHour, Dispute, FeeEntry, HourState, Outcome, Statement
from ronghe.apps.mentors.models.fees import sum_of
from ronghe.apps.mentors.services.hours import fee_of
from tests.apps.mentors.conftest import Claimer, StandardMaker
from tests.factories import LONG_AGO, RegionFactory, RoleFactory

pytestmark = pytest.mark.django_db
MARCH = date(2026, 3, 1)


def test_a_mentor_cannot_confirm_their_own_hours(
    claimed: Claimer, standard_of: StandardMaker, mentor: Person, teacher: Person
) -> None:
    standard_of()
    hour = claimed()
    with pytest.raises(PermissionDenied, match="the other side"):
        services.confirm_hours(actor=mentor, hour=hour)
    assert services.confirm_hours(actor=teacher, hour=hour).state == HourState.CONFIRMED
    assert FeeEntry.objects.get().amount == Decimal(480)
    with pytest.raises(ValidationError, match="decided about these hours already"):
        services.confirm_hours(actor=teacher, hour=hour)


def test_what_the_university_claims_the_mentor_confirms_and_no_colleague_does(
    claimed: Claimer, standard_of: StandardMaker, mentor: Person, teacher: Person, colleague_teacher: Person
) -> None:
    standard_of()
    hour = claimed(actor=teacher)
    for actor in (teacher, colleague_teacher):
        with pytest.raises(PermissionDenied):
            services.confirm_hours(actor=actor, hour=hour)
    assert services.confirm_hours(actor=mentor, hour=hour).decided_by == mentor


def test_nobody_of_the_mentors_own_firm_decides_even_when_they_also_teach(
    claimed: Claimer, standard_of: StandardMaker, firm_a: Organisation, colleague_teacher: Person,
    other_teacher: Person, office: Person, hr: Person,
) -> None:  # fmt: skip
    standard_of()
    hour = claimed()
    RoleFactory.create(person=colleague_teacher, organisation=firm_a, kind=RoleKind.ENTERPRISE_HR)
    with pytest.raises(PermissionDenied, match="without a stake"):
        services.confirm_hours(actor=colleague_teacher, hour=hour)
    with pytest.raises(PermissionDenied, match="without a stake"):
        claimed(actor=colleague_teacher, taught_on=date(2026, 3, 10))
    for actor in (other_teacher, office, hr):
        with pytest.raises(PermissionDenied, match="other side"):
            services.confirm_hours(actor=actor, hour=hour)
    with pytest.raises(PermissionDenied):
        claimed(actor=other_teacher)


def test_a_refusal_has_its_reason_and_the_hours_can_be_claimed_again(
    claimed: Claimer, teacher: Person, mentor: Person
) -> None:
    hour = claimed()
    with pytest.raises(ValidationError, match="Say why"):
        services.refuse_hours(actor=teacher, hour=hour, reason=" ")
    services.refuse_hours(actor=teacher, hour=hour, reason="那天停课")
    again = claimed()
    with pytest.raises(PermissionDenied):
        services.withdraw_hours(actor=teacher, hour=again)
    services.withdraw_hours(actor=mentor, hour=again)
    assert [one.state for one in ClassHour.objects.order_by("pk")] == [HourState.REFUSED, HourState.WITHDRAWN]


@pytest.mark.postgres
def test_two_lessons_of_a_mentor_at_one_time_are_refused_by_service_and_database(
    claimed: Claimer, firm_b: Organisation
) -> None:
    first = claimed()
    assert (first.begins, first.ends) == (time(14, 0), time(15, 30))
    for starts_at in (time(13, 0), time(14, 30), time(15, 29)):
        with pytest.raises(ValidationError, match="claimed at that time"):
            claimed(starts_at=starts_at)
    twin = ClassHour.objects.get()
    twin.pk, twin.uid, twin.start_minute = None, firm_b.uid, 15 * 60
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save(force_insert=True)
    claimed(starts_at=time(15, 30))
    claimed(starts_at=time(12, 30))


def test_hours_are_local_and_the_night_of_the_clock_change_has_as_many_as_any(claimed: Claimer) -> None:
    # On 29 March 2026 Berlin's clocks leave out the hour from two to three; a class hour there still lasts 45 minutes.
    night = claimed(taught_on=date(2026, 3, 29), starts_at=time(1, 30), class_hours=Decimal(2))
    assert (night.taught_on, night.begins, night.ends) == (date(2026, 3, 29), time(1, 30), time(3, 0))
    late = claimed(taught_on=date(2026, 3, 28), starts_at=time(22, 30), class_hours=Decimal(2))
    assert late.ends == time(0, 0)
    with pytest.raises(ValidationError, match="after midnight"):
        claimed(taught_on=date(2026, 3, 27), starts_at=time(22, 31), class_hours=Decimal(2))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"class_hours": Decimal("0.7")}, "class_hours"),
        ({"class_hours": Decimal(0)}, "class_hours"),
        ({"class_hours": Decimal("12.5")}, "class_hours"),
        ({"taught_on": date(2100, 1, 1)}, "taught_on"),
        ({"taught_on": date(2019, 1, 1)}, "taught_on"),
        ({"subject": "  "}, "subject"),
    ],
)
def test_hours_that_cannot_be_are_refused_at_their_field(
    claimed: Claimer, fields: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        claimed(**fields)
    assert list(refused.value.message_dict) == [field]
    assert not ClassHour.objects.exists()


def test_the_fee_is_by_the_standard_of_the_day_and_stays_when_the_standard_changes(
    claimed: Claimer, standard_of: StandardMaker, office: Person, teacher: Person
) -> None:
    old = standard_of()
    early, late = claimed(), claimed(taught_on=date(2026, 4, 9))
    services.confirm_hours(actor=teacher, hour=early)
    services.end_standard(actor=office, standard=old, valid_until=date(2026, 4, 1))
    standard_of(amount=Decimal(300), valid_from=date(2026, 4, 1))
    services.confirm_hours(actor=teacher, hour=late)
    assert list(FeeEntry.objects.order_by("pk").values_list("rate", "amount")) == [
        (Decimal(240), Decimal(480)),
        (Decimal(300), Decimal(600)),
    ]
    late_claim = services.confirm_hours(actor=teacher, hour=claimed(taught_on=date(2026, 3, 10)))
    assert late_claim.fee_entries.get().rate == Decimal(240)


def test_the_standard_for_a_title_goes_before_the_general_one_and_without_any_nothing_is_confirmed(
    claimed: Claimer, standard_of: StandardMaker, office: Person, appointed: Appointment, teacher: Person
) -> None:
    hour = claimed()
    with pytest.raises(ValidationError, match="No fee standard"):
        services.confirm_hours(actor=teacher, hour=hour)
    general = standard_of()
    standard_of(title="senior", amount=Decimal(360))
    with pytest.raises(ValidationError, match="pays the same mentors"):
        standard_of(amount=Decimal(1))
    with pytest.raises(ValidationError, match="second person"):
        services.publish_standard(
            actor=office,
            standard=services.propose_standard(
                actor=office, name_zh="x", kind="industry", amount=Decimal(5), clause="x", valid_from=LONG_AGO
            ),
        )
    assert services.confirm_hours(actor=teacher, hour=hour).standard == general
    ClassHour.objects.create(
        mentor=hour.mentor, organisation=hour.organisation, kind="enterprise", title="senior",
        university=hour.university, taught_on=date(2026, 3, 11), start_minute=0, minutes=45, class_hours=Decimal(1),
        subject="x", claimed_by=hour.mentor,
    )  # fmt: skip
    senior = services.confirm_hours(actor=teacher, hour=ClassHour.objects.get(title="senior"))
    assert senior.fee_entries.get().amount == Decimal(360)


def test_the_benchmark_is_that_of_the_region_else_of_the_region_around_it(
    confirmed: Claimer, standard_of: StandardMaker, office: Person, firm_a: Organisation
) -> None:
    standard_of()
    province = RegionFactory.create(name_zh="示例省")
    city = RegionFactory.create(name_zh="示例市", parent=province)
    firm_a.region = city
    firm_a.save()
    given: dict[str, object] = {"actor": office, "kind": "enterprise", "source": "2025年调查", "valid_from": LONG_AGO}
    services.set_benchmark(amount=Decimal(160), **given)  # type: ignore[arg-type]
    services.set_benchmark(amount=Decimal(200), region=province, **given)  # type: ignore[arg-type]
    hour = confirmed()
    assert hour.benchmark is not None
    assert (hour.benchmark.amount, hour.above_benchmark) == (Decimal(200), Decimal("0.2"))
    services.set_benchmark(
        actor=office, kind="enterprise", source="2026年调查", valid_from=date(2026, 3, 10), region=city,
        amount=Decimal(250),
    )  # fmt: skip
    later = confirmed(taught_on=date(2026, 3, 10))
    assert later.above_benchmark == Decimal("-0.04")
    assert ClassHour.objects.get(pk=hour.pk).above_benchmark == Decimal("0.2")


@given(st.integers(1, 24), st.integers(1, 10**6))
def test_a_fee_is_the_product_to_the_fen(halves: int, fen: int) -> None:
    fee = fee_of(Decimal(halves) / 2, Decimal(fen) / 100)
    # In whole quarter fen, so that nothing is rounded twice.
    assert fee * 100 == (halves * fen + 1) // 2


@pytest.mark.postgres
def test_a_statement_is_frozen_and_late_hours_come_on_the_next(
    confirmed: Claimer, standard_of: StandardMaker, office: Person, mentor: Person
) -> None:
    standard_of()
    confirmed()
    confirmed(taught_on=date(2026, 3, 31), class_hours=Decimal("1.5"))
    confirmed(taught_on=date(2026, 4, 1))
    statement = services.issue_statement(actor=office, mentor=mentor, month=date(2026, 3, 17))
    assert (statement.month, statement.class_hours, statement.amount) == (MARCH, Decimal("3.5"), Decimal(840))
    late = confirmed(taught_on=date(2026, 3, 30))
    with pytest.raises(ValidationError, match="comes on the next"):
        services.issue_statement(actor=office, mentor=mentor, month=MARCH)
    april = services.issue_statement(actor=office, mentor=mentor, month=date(2026, 4, 1))
    assert late.fee_entries.get().statement == april
    assert sum_of(statement.entries.all()) == (statement.class_hours, statement.amount)
    for change in (
        lambda: Statement.objects.filter(pk=statement.pk).update(amount=1),
        lambda: FeeEntry.objects.filter(statement=statement).update(amount=1),
        lambda: FeeEntry.objects.filter(statement=statement).update(statement=april),
        lambda: ClassHour.objects.filter(pk=late.pk).update(class_hours=9),
        lambda: Statement.objects.filter(pk=statement.pk).delete(),
    ):
        with pytest.raises(Exception, match=r"refused|protected"), transaction.atomic():
            change()


def test_statements_of_all_mentors_are_issued_at_once_and_only_of_months_that_ended(
    confirmed: Claimer, standard_of: StandardMaker, office: Person, mentor: Person, hr: Person
) -> None:
    standard_of()
    confirmed()
    with pytest.raises(ValidationError, match="not ended yet"):
        services.issue_statements(actor=office, month=date(2100, 1, 1))
    with pytest.raises(PermissionDenied):
        services.issue_statements(actor=hr, month=MARCH)
    assert [one.mentor for one in services.issue_statements(actor=office, month=MARCH)] == [mentor]
    assert services.issue_statements(actor=office, month=MARCH) == []


def test_a_dispute_is_answered_by_a_counter_line_on_the_next_statement(
    confirmed: Claimer, standard_of: StandardMaker, office: Person, mentor: Person, hr: Person
) -> None:
    standard_of()
    entry = confirmed().fee_entries.get()
    with pytest.raises(ValidationError, match="no statement yet"):
        services.dispute_fee(actor=mentor, entry=entry, text="少算一课时")
    first = services.issue_statement(actor=office, mentor=mentor, month=MARCH)
    with pytest.raises(PermissionDenied):
        services.dispute_fee(actor=hr, entry=entry, text="少算一课时")
    dispute = services.dispute_fee(actor=mentor, entry=entry, text="少算一课时")
    with pytest.raises(ValidationError, match="disputed already"):
        services.dispute_fee(actor=mentor, entry=entry, text="再说一次")
    with pytest.raises(ValidationError, match="says already"):
        services.answer_dispute(actor=office, dispute=dispute, answer="核对", class_hours=Decimal(2))
    services.answer_dispute(actor=office, dispute=dispute, answer="确为三课时", class_hours=Decimal(3))
    assert Dispute.objects.get().outcome == Outcome.UPHELD
    second = services.issue_statement(actor=office, mentor=mentor, month=date(2026, 4, 1))
    lines = list(second.entries.order_by("pk").values_list("kind", "class_hours", "amount"))
    assert lines == [("counter", Decimal(-2), Decimal(-480)), ("correction", Decimal(3), Decimal(720))]
    first.refresh_from_db()
    assert (first.amount, second.amount) == (Decimal(480), Decimal(240))


def test_a_dispute_that_is_not_upheld_keeps_the_line_and_tells_why(
    confirmed: Claimer, standard_of: StandardMaker, office: Person, mentor: Person
) -> None:
    standard_of()
    entry = confirmed().fee_entries.get()
    services.issue_statement(actor=office, mentor=mentor, month=MARCH)
    dispute = services.dispute_fee(actor=mentor, entry=entry, text="少算一课时")
    with pytest.raises(ValidationError, match="what was found"):
        services.answer_dispute(actor=office, dispute=dispute, answer=" ")
    services.answer_dispute(actor=office, dispute=dispute, answer="签到表为两课时")
    assert Dispute.objects.get().outcome == Outcome.REJECTED
    assert FeeEntry.objects.count() == 1
