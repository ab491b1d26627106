"""Numbers of mentors and teachers: as it was and as it was known, no data without mentors, small rounds stay closed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Chain, Organisation, OrganisationKind
from ronghe.apps.mentors import services
from ronghe.apps.mentors.models import Appointment, Certification, LoadLimit, Satisfaction, TrainingPlan
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Window
from ronghe.apps.metrics.records import open_records
from tests.apps.mentors.conftest import FIRST, LAST, Claimer, StandardMaker
from tests.factories import LONG_AGO, ChainFactory, ChainMembershipFactory, OrganisationFactory, PersonFactory

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)


@pytest.fixture
def chain(firm_a: Organisation, university: Organisation) -> Chain:
    """A chain of firm A, the university and an association that joins in July."""
    chain = ChainFactory.create()
    for organisation in (firm_a, university):
        ChainMembershipFactory.create(chain=chain, organisation=organisation)
    chamber = OrganisationFactory.create(kind=OrganisationKind.CHAMBER, name_zh="示例行业协会")
    ChainMembershipFactory.create(chain=chain, organisation=chamber, valid_from=date(2026, 7, 1))
    return chain


def measured(name: str, chain: Chain, day: date = DAY, known_at: object = None, back: int = 0) -> Measurement:
    window = Window(day - timedelta(days=back), day, known_at)  # type: ignore[arg-type]
    return registry.measure(name, [chain.pk], window)[chain.pk]


@pytest.fixture
def three_in_one(
    office: Person, chain: Chain, appointed: Appointment, colleague_mentor: Person, teacher: Person,
    university: Organisation, firm_a: Organisation,
) -> list[Appointment]:  # fmt: skip
    """Two enterprise mentors, one university mentor, and one industry mentor of the association."""
    chamber = Organisation.objects.get(kind=OrganisationKind.CHAMBER)
    plans = (
        (colleague_mentor, firm_a, "enterprise"),
        (teacher, university, "university"),
        (PersonFactory.create(), chamber, "industry"),
    )
    return [
        appointed,
        *(
            services.appoint_mentor(actor=office, person=person, organisation=where, kind=kind, valid_from=LONG_AGO)
            for person, where, kind in plans
        ),
    ]


def test_the_share_of_enterprise_mentors_is_that_of_the_day_and_of_the_knowledge_asked_for(
    office: Person, chain: Chain, three_in_one: list[Appointment]
) -> None:
    name = "mentors.chain.enterprise_share"
    now = measured(name, chain)
    assert (now.value, now.count, now.numerator) == (pytest.approx(2 / 3), 3, 2)
    assert measured(name, chain, date(2026, 7, 1)).value == pytest.approx(2 / 4)
    before = timezone.now()
    services.end_appointment(actor=office, appointment=three_in_one[1], on=date(2026, 5, 1))
    assert measured(name, chain).value == pytest.approx(1 / 2)
    assert measured(name, chain, known_at=before).value == pytest.approx(2 / 3)
    assert measured(name, chain, date(2026, 4, 30)).value == pytest.approx(2 / 3)
    assert measured(name, chain, date(2019, 1, 1)).value is None
    opened = open_records(now.records, office)  # type: ignore[arg-type]
    assert opened.rows is None  # three people are too few to be named


def test_the_highest_load_counts_the_slots_of_the_day(
    office: Person, chain: Chain, three_in_one: list[Appointment], students: list[Person], mentor: Person
) -> None:
    name = "mentors.chain.highest_load"
    assert measured(name, chain).value == 0
    for student in students[:3]:
        services.take_slot(
            actor=office, mentor=mentor, student=student, first_day=FIRST, last_day=LAST, cause="placement"
        )
    assert measured(name, chain).value == 3
    assert measured(name, chain, FIRST - timedelta(days=1)).value == 0
    assert measured(name, chain).records.count == 3  # type: ignore[union-attr]
    assert measured(name, ChainFactory.create()).value is None


def test_the_fee_above_the_benchmark_is_the_lowest_of_the_confirmed_hours(
    office: Person, chain: Chain, confirmed: Claimer, claimed: Claimer, standard_of: StandardMaker
) -> None:
    name = "mentors.chain.fee_above_benchmark"
    standard_of()
    confirmed(taught_on=date(2026, 3, 2))
    assert measured(name, chain, back=365).value is None
    for amount, day in ((Decimal(200), date(2026, 3, 3)), (Decimal(220), date(2026, 3, 9))):
        services.set_benchmark(actor=office, kind="enterprise", amount=amount, source="调查", valid_from=day)
    confirmed(taught_on=date(2026, 3, 3))
    claimed(taught_on=date(2026, 3, 10))
    assert measured(name, chain, back=365).value == pytest.approx(0.2)
    confirmed(taught_on=date(2026, 3, 9))
    assert measured(name, chain, back=365).value == pytest.approx(240 / 220 - 1, abs=1e-6)
    assert measured(name, chain, back=30).value is None


def test_the_share_with_experience_abroad_follows_the_profiles(
    office: Person, mentor: Person, three_in_one: list[Appointment], load_limit: LoadLimit
) -> None:
    window = Window(DAY, DAY)
    assert registry.measure_community("mentors.overseas_share", window).value == 0
    services.change_profile(actor=mentor, person=mentor, overseas_months=18, overseas_note="德国，封装研发")
    assert registry.measure_community("mentors.overseas_share", window).value == pytest.approx(1 / 4)


def test_teachers_are_trained_certified_and_due(
    office: Person, teacher: Person, university: Organisation, firm_a: Organisation
) -> None:
    def plan(person: Person, day: date) -> TrainingPlan:
        return TrainingPlan.objects.create(
            teacher=person, university=university, host=firm_a, aims="x", first_day=LONG_AGO, last_day=day,
            planned_days=5, state="trained", trained_on=day,
        )  # fmt: skip

    done = plan(teacher, date(2026, 3, 1))
    for number in range(3):
        plan(PersonFactory.create(name=f"teacher {number}"), date(2026, 4, 1))
    Certification.objects.create(
        teacher=teacher, university=university, plan=done, number="1", granted_on=date(2026, 3, 2),
        expires_on=date(2026, 7, 15),
    )  # fmt: skip
    window = Window(date(2026, 4, 1), DAY)
    found = {
        name: registry.measure_community(f"mentors.teachers.{name}", window).value
        for name in ("trained", "certified_share", "renewals_due")
    }
    assert found == {"trained": 3, "certified_share": pytest.approx(1 / 4), "renewals_due": 1}
    later = Window(date(2026, 8, 1), date(2026, 8, 1))
    assert registry.measure_community("mentors.teachers.certified_share", later).value == 0


def test_satisfaction_is_told_from_five_answers_on_and_never_opens_its_records(db: None) -> None:
    window = Window(DAY, DAY)
    Satisfaction.objects.bulk_create(Satisfaction(year=2026, score=score) for score in (5, 4, 3, 4))
    few = registry.measure("mentors.teachers.satisfied_share", [COMMUNITY], window)[COMMUNITY]
    assert (few.value, few.count) == (None, 0)
    Satisfaction.objects.create(year=2026, score=5)
    enough = registry.measure("mentors.teachers.satisfied_share", [COMMUNITY], window)[COMMUNITY]
    assert (enough.value, enough.count, enough.records) == (0.8, 5, None)
    assert Satisfaction.objects.visible_to(PersonFactory.create()).count() == 0
