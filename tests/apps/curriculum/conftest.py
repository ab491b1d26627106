"""A programme with a course and a package, people on both sides, and a way to a released version."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

import pytest
from django.utils import translation

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.curriculum import services
from ronghe.apps.curriculum.models import Package, PackageVersion, Programme, Unit
from ronghe.apps.curriculum.services import Declared, UnitData
from ronghe.apps.demand.models import Skill
from tests.factories import PersonFactory, RoleFactory, SkillFactory

LONG_AGO = date(2025, 1, 6)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """What services say is compared in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def second_teacher(university: Organisation) -> Person:
    """Another teacher of the university: the colleague who reviews."""
    person = PersonFactory.create(email="second.teacher@example.org", name="second teacher")
    RoleFactory.create(person=person, organisation=university, kind=RoleKind.TEACHER)
    return person


@pytest.fixture
def other_teacher(db: None) -> Person:
    """A teacher of another university: the outsider."""
    return RoleFactory.create(
        person=PersonFactory.create(email="other.teacher@example.org", name="other teacher"),
        organisation__kind="university",
        kind=RoleKind.TEACHER,
    ).person


@pytest.fixture
def skill(db: None) -> Skill:
    return SkillFactory.create(name_zh="单片机", name_en="Microcontrollers")


@pytest.fixture
def other_skill(db: None) -> Skill:
    return SkillFactory.create(name_zh="实时操作系统", name_en="Real-time systems")


@pytest.fixture
def programme(university: Organisation, teacher: Person) -> Programme:
    return services.found_programme(
        actor=teacher, organisation=university, name_zh="嵌入式系统硕士", name_en="Embedded systems", field="embedded"
    )


@pytest.fixture
def package(programme: Programme, teacher: Person) -> Package:
    course = services.add_course(
        actor=teacher, programme=programme, code="EE-501", name_zh="嵌入式开发", name_en="Embedded development"
    )
    return services.open_package(
        actor=teacher, course=course, name_zh="电机控制课程包", name_en="Motor control", opened_on=LONG_AGO
    )


def unit_data(*skills: Skill, level: int = 3, hours: int = 8, name: str = "单元", **changes: object) -> UnitData:
    """A unit that teaches `skills`, each in `hours` of which half are practice."""
    declared = tuple(Declared(one, level, Decimal(hours), Decimal(hours) / 2, "调试记录") for one in skills)
    values = {
        "name_zh": name,
        "name_en": f"Unit {name}",
        "hours": Decimal(max(1, len(skills)) * hours),
        "practice_hours": Decimal(max(1, len(skills)) * hours) / 2,
        "declared": declared,
    }
    return UnitData(**{**values, **changes})


Release = Callable[..., PackageVersion]


@pytest.fixture
def release(office: Person, teacher: Person, second_teacher: Person, mentor: Person) -> Release:
    """Write units into the next version of a package and take it all the way: `release(package, data, on=day)`."""

    def take_it_all_the_way(package: Package, *data: UnitData, on: date | None = None) -> PackageVersion:
        version = services.start_version(actor=teacher, package=package, summary="更新")
        version.units.all().delete()
        for one in data:
            services.write_unit(actor=teacher, version=version, data=one)
        version.refresh_from_db()
        version = services.submit_version(actor=teacher, version=version, revision=version.revision)
        for reviewer in (second_teacher, mentor):
            services.review_version(actor=reviewer, version=version, revision=version.revision, verdict="approved")
            version.refresh_from_db()
        return services.release_version(actor=office, version=version, revision=version.revision, released_on=on)

    return take_it_all_the_way


def fresh(row: Unit | PackageVersion) -> Unit | PackageVersion:
    """The row as it stands now."""
    return type(row).objects.get(pk=row.pk)
