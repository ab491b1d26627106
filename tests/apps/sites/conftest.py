"""A site of firm A with two machines, open from eight in the morning to ten in the evening, and a cohort."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Campus, Cohort, Organisation, RoleKind
from ronghe.apps.sites import services
from ronghe.apps.sites.models import Machine, MachineFamily, Site, TeachingTerm
from tests.factories import (
    LONG_AGO,
    AcademicYearFactory,
    CampusFactory,
    CohortFactory,
    CohortMembershipFactory,
    PersonFactory,
    RoleFactory,
)

ZONE = ZoneInfo("Asia/Shanghai")
HOUR = 60


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


# Once, because tests put the clock forward.
_TODAY = timezone.localdate()


def monday() -> date:
    """The Monday after next: in the future, and no public holiday lies near it in these tests."""
    return _TODAY + timedelta(days=14 - _TODAY.weekday())


def at(hour: float, *, days: int = 0) -> datetime:
    """A moment of that Monday, or so many days later, by the clock of the site."""
    midnight = datetime.combine(monday() + timedelta(days=days), time(), ZONE)
    return (midnight + timedelta(hours=hour)).astimezone(UTC)


@pytest.fixture
def campus(firm_a: Organisation) -> Campus:
    return CampusFactory.create(organisation=firm_a, name_zh="一厂", name_en="Plant One")


@pytest.fixture
def site(hr: Person, campus: Campus) -> Site:
    site = services.register_site(
        actor=hr, campus=campus, name_zh="封装实训线", name_en="Packaging line", keeps_holidays=False
    )
    services.set_hours(
        actor=hr, site=site, hours={day: [(8 * HOUR, 22 * HOUR)] for day in range(7)}, valid_from=LONG_AGO
    )
    return site


@pytest.fixture
def family(hr: Person) -> MachineFamily:
    return services.register_family(
        actor=hr, code="bonder", name_zh="引线键合机", name_en="Wire bonder", needs_authorisation=False
    )


@pytest.fixture
def machine(hr: Person, site: Site, family: MachineFamily) -> Machine:
    return services.register_machine(
        actor=hr, site=site, family=family, code="B-1", name_zh="键合机一号", name_en="Bonder 1", in_use_from=LONG_AGO
    )


@pytest.fixture
def like_machine(hr: Person, site: Site, family: MachineFamily) -> Machine:
    return services.register_machine(
        actor=hr, site=site, family=family, code="B-2", name_zh="键合机二号", name_en="Bonder 2", in_use_from=LONG_AGO
    )


@pytest.fixture
def cohort(university: Organisation, student: Person) -> Cohort:
    cohort = CohortFactory.create(organisation=university)
    CohortMembershipFactory.create(cohort=cohort, person=student, valid_from=LONG_AGO)
    return cohort


@pytest.fixture
def classmate(university: Organisation, cohort: Cohort) -> Person:
    person = PersonFactory.create(name="classmate")
    RoleFactory.create(person=person, organisation=university, kind=RoleKind.STUDENT)
    CohortMembershipFactory.create(cohort=cohort, person=person, valid_from=LONG_AGO)
    return person


@pytest.fixture
def term(teacher: Person, university: Organisation) -> TeachingTerm:
    return services.open_term(
        actor=teacher,
        organisation=university,
        academic_year=AcademicYearFactory.create(),
        name_zh="秋季学期",
        name_en="Autumn term",
        starts_on=monday(),
        weeks=18,
    )
