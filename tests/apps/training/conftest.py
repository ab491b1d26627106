"""A student with a placement at firm A: planned, agreed on paper, guided by its mentor, running since six weeks."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone, translation

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Cohort, Organisation, RoleKind
from ronghe.apps.curriculum.models import Course, Declaration, Package, PackageVersion, Programme, Unit
from ronghe.apps.mentors import services as mentors
from ronghe.apps.mentors.models import LoadLimit
from ronghe.apps.sites.models import PublicHoliday
from ronghe.apps.training import services
from ronghe.apps.training.models import Assessment, Entry, Placement, SupervisionKind
from ronghe.apps.training.services import Plan, Work
from ronghe.apps.training.weeks import monday_of
from tests.factories import LONG_AGO, CohortFactory, CohortMembershipFactory, PersonFactory, RoleFactory, SkillFactory

TODAY = timezone.localdate()
THIS_WEEK = monday_of(TODAY)
LAST_WEEK = THIS_WEEK - timedelta(days=7)
FIRST = THIS_WEEK - timedelta(days=42)
LAST = THIS_WEEK + timedelta(days=60)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def load_limit(db: None) -> LoadLimit:
    limit, _made = LoadLimit.objects.get_or_create(
        valid_from=LONG_AGO, superseded_at=None, defaults={"trainees": 5, "clause": "one to five"}
    )
    return limit


@pytest.fixture
def cohort(university: Organisation, student: Person) -> Cohort:
    cohort = CohortFactory.create(organisation=university)
    CohortMembershipFactory.create(cohort=cohort, person=student, valid_from=LONG_AGO)
    return cohort


@pytest.fixture
def classmate(cohort: Cohort, university: Organisation) -> Person:
    person = RoleFactory.create(
        person=PersonFactory.create(name="classmate"), organisation=university, kind=RoleKind.STUDENT
    ).person
    CohortMembershipFactory.create(cohort=cohort, person=person, valid_from=LONG_AGO)
    return person


@pytest.fixture
def other_teacher(db: None) -> Person:
    """A teacher of another university: the outsider."""
    return RoleFactory.create(
        person=PersonFactory.create(name="other teacher"), organisation__kind="university", kind=RoleKind.TEACHER
    ).person


@pytest.fixture
def colleague_mentor(office: Person, firm_a: Organisation) -> Person:
    """Another mentor of firm A."""
    person = RoleFactory.create(
        person=PersonFactory.create(name="colleague mentor"), organisation=firm_a, kind=RoleKind.MENTOR
    ).person
    mentors.appoint_mentor(actor=office, person=person, organisation=firm_a, kind="enterprise", valid_from=LONG_AGO)
    return person


@pytest.fixture
def appointed(office: Person, mentor: Person, firm_a: Organisation) -> Person:
    mentors.appoint_mentor(actor=office, person=mentor, organisation=firm_a, kind="enterprise", valid_from=LONG_AGO)
    return mentor


PlacementMaker = Callable[..., Placement]


@pytest.fixture
def planned(office: Person, student: Person, firm_a: Organisation, cohort: Cohort) -> PlacementMaker:
    """Plans a placement at firm A, for the student unless a test says otherwise."""

    # On whichever day the tests run, no holiday makes a week shorter.
    PublicHoliday.objects.all().delete()

    def make(**fields: Any) -> Placement:
        given: dict[str, Any] = {
            "student": student,
            "starts_on": FIRST,
            "ends_on": LAST,
            "hosts": [(firm_a, 100)],
            "work_zh": "射频测试",
            "work_en": "Radio testing",
            **fields,
        }
        return services.plan_placement(actor=office, plan=Plan(**given))

    return make


@pytest.fixture
def guided(office: Person, appointed: Person, teacher: Person, planned: PlacementMaker) -> PlacementMaker:
    """The same, with mentor and teacher, and an agreement that was signed on paper."""

    def make(**fields: Any) -> Placement:
        placement = planned(**fields)
        for kind, person in ((SupervisionKind.MENTOR, appointed), (SupervisionKind.TEACHER, teacher)):
            placement = services.change_supervisor(
                actor=office, placement=placement, kind=kind, person=person, on=placement.starts_on
            )
        return services.state_paper(
            actor=office,
            placement=placement,
            number="SX-1",
            signed_on=min(TODAY, placement.starts_on - timedelta(days=3)),
        )

    return make


@pytest.fixture
def running(hr: Person, guided: PlacementMaker) -> PlacementMaker:
    """The same, begun on its first day."""

    def make(**fields: Any) -> Placement:
        placement = guided(**fields)
        return services.start_placement(actor=hr, placement=placement, on=placement.starts_on)

    return make


@pytest.fixture
def placement(running: PlacementMaker) -> Placement:
    return running()


EntryMaker = Callable[..., Entry]


@pytest.fixture
def handed_in(student: Person, placement: Placement) -> EntryMaker:
    """Hands in last week's work with eight hours, unless a test says otherwise."""

    def make(*, actor: Person = student, of: Placement = placement, week: date = LAST_WEEK, **fields: Any) -> Entry:
        given: dict[str, Any] = {
            "text": f"Measured board {week} and wrote it down.",
            "hours": Decimal(8),
            **fields,
        }
        return services.hand_in(actor=actor, placement=of, week=week, work=Work(**given))

    return make


@pytest.fixture
def unit(university: Organisation, cohort: object, teacher: Person) -> Unit:
    programme = Programme.objects.create(
        organisation=university, name_zh="嵌入式", name_en="Embedded", field="embedded", founded_on=LONG_AGO
    )
    programme.cohorts.add(cohort)
    course = Course.objects.create(programme=programme, name_zh="测试", name_en="Test", code="T1")
    package = Package.objects.create(course=course, name_zh="课程包", name_en="Package")
    version = PackageVersion.objects.create(package=package, number=1, created_by=teacher)
    unit = Unit.objects.create(version=version, name_zh="功放测试", name_en="Amplifier test", hours=8)
    for level in (2, 3):
        Declaration.objects.create(unit=unit, skill=SkillFactory.create(), skill_level=level, hours=4)
    return unit


@pytest.fixture
def opened(unit: Unit, placement: Placement, mentor: Person) -> Assessment:
    PackageVersion.objects.update(
        state="released", released_on=LONG_AGO, recorded_at="2020-01-01T00:00:00Z", content_hash="sha256:0"
    )
    return services.open_assessment(actor=mentor, placement=placement, unit=unit)
