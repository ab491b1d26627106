"""Assessments: both sides rate apart; what differs the office settles; attempts are numbered."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.curriculum.models import Course, Declaration, Package, PackageVersion, Programme, Unit
from ronghe.apps.training import services
from ronghe.apps.training.models import Assessment, Placement
from tests.factories import LONG_AGO, SkillFactory


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


def levels(unit: Unit, *given: int) -> dict[int, int]:
    return {one.skill_id: level for one, level in zip(unit.declarations.order_by("pk"), given, strict=True)}


def test_both_sides_agree_and_the_attempt_is_settled(
    opened: Assessment, unit: Unit, mentor: Person, teacher: Person, office: Person
) -> None:
    with pytest.raises(PermissionDenied):
        services.rate(actor=office, assessment=opened, levels=levels(unit, 2, 3))
    with pytest.raises(ValidationError, match="every skill"):
        services.rate(actor=mentor, assessment=opened, levels={})
    services.rate(actor=mentor, assessment=opened, levels=levels(unit, 2, 3))
    with pytest.raises(ValidationError, match="rated already"):
        services.rate(actor=mentor, assessment=opened, levels=levels(unit, 3, 3))
    done = services.rate(actor=teacher, assessment=opened, levels=levels(unit, 2, 3))
    assert (done.is_passed, done.attempt) == (True, 1)
    with pytest.raises(ValidationError, match="has passed"):
        services.open_assessment(actor=mentor, placement=opened.placement, unit=unit)


def test_a_difference_is_settled_by_the_office_and_the_next_attempt_is_numbered(
    opened: Assessment, unit: Unit, mentor: Person, teacher: Person, office: Person
) -> None:
    with pytest.raises(ValidationError, match="rate first"):
        services.settle(actor=office, assessment=opened, levels=levels(unit, 2, 2), reason="seen")
    services.rate(actor=mentor, assessment=opened, levels=levels(unit, 3, 3))
    waits = services.rate(actor=teacher, assessment=opened, levels=levels(unit, 2, 2))
    assert waits.settled_at is None
    with pytest.raises(PermissionDenied):
        services.settle(actor=teacher, assessment=opened, levels=levels(unit, 2, 2), reason="seen")
    with pytest.raises(ValidationError, match="Say why"):
        services.settle(actor=office, assessment=opened, levels=levels(unit, 2, 2), reason="")
    done = services.settle(actor=office, assessment=opened, levels=levels(unit, 2, 2), reason="Both were asked.")
    assert done.is_passed is False
    assert services.open_assessment(actor=mentor, placement=opened.placement, unit=unit).attempt == 2
