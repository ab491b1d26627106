"""A programme that a cohort with the student follows, rules of conversion, and a second office."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.credits import services
from ronghe.apps.credits.models import Achievement, ConversionRule
from ronghe.apps.curriculum.models import Programme
from tests.factories import CohortFactory, CohortMembershipFactory, PersonFactory, RoleFactory

TODAY = date(2026, 6, 1)
LONG_AGO = date(2020, 1, 1)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def programme(university: Organisation, student: Person) -> Programme:
    programme = Programme.objects.create(
        organisation=university,
        name_zh="嵌入式系统硕士",
        name_en="Embedded systems",
        field="embedded",
        founded_on=LONG_AGO,
    )
    cohort = CohortFactory.create(organisation=university)
    CohortMembershipFactory.create(cohort=cohort, person=student, valid_from=LONG_AGO)
    programme.cohorts.add(cohort)
    return programme


@pytest.fixture
def second_office(university: Organisation) -> Person:
    return RoleFactory.create(
        person=PersonFactory.create(name="second office"), organisation=university, kind=RoleKind.OFFICE
    ).person


@pytest.fixture
def other_teacher(db: None) -> Person:
    """A teacher of another university: the outsider."""
    return RoleFactory.create(
        person=PersonFactory.create(name="other teacher"), organisation__kind="university", kind=RoleKind.TEACHER
    ).person


RuleMaker = Callable[..., ConversionRule]


@pytest.fixture
def rule_of(office: Person, second_office: Person) -> RuleMaker:
    """Makes published rules: sixteen hours of practice are worth one credit, unless a test says otherwise."""

    def make(**fields: Any) -> ConversionRule:
        given: dict[str, Any] = {
            "name_zh": "企业实践折算",
            "name_en": "Practice at an enterprise",
            "source": "hours",
            "per": Decimal(16),
            "credits": Decimal(1),
            "step": Decimal("0.5"),
            "is_practice": True,
            "clause": "校发〔2025〕1号第三条",
            "valid_from": LONG_AGO,
            **fields,
        }
        rule = services.propose_rule(actor=office, **given)
        return services.publish_rule(actor=second_office, rule=rule)

    return make


Claimer = Callable[..., Achievement]


@pytest.fixture
def claimed(student: Person, firm_a: Organisation) -> Claimer:
    """Claims forty hours at firm A, in the spring of 2026, unless a test says otherwise."""

    def make(**fields: Any) -> Achievement:
        given: dict[str, Any] = {
            "source": "hours",
            "name_zh": "产线实习",
            "name_en": "Work on the line",
            "quantity": Decimal(40),
            "first_day": date(2026, 3, 2),
            "last_day": date(2026, 3, 27),
            "host": firm_a,
            "evidence": "周报四份",
            **fields,
        }
        return services.claim_achievement(actor=student, **given)

    return make


@pytest.fixture
def confirmed(claimed: Claimer, mentor: Person) -> Claimer:
    """The same, confirmed by the mentor of firm A."""

    def make(**fields: Any) -> Achievement:
        return services.confirm_achievement(actor=mentor, achievement=claimed(**fields))

    return make
