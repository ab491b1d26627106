"""An appointed mentor of firm A, a second office, students to guide, and fee standards that two people published."""

from collections.abc import Callable, Iterator
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.mentors import services
from ronghe.apps.mentors.models import Appointment, ClassHour, FeeStandard, LoadLimit
from tests.factories import LONG_AGO, PersonFactory, RoleFactory

FIRST, LAST = date(2026, 3, 2), date(2026, 8, 28)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def load_limit(db: None) -> LoadLimit:
    """The limit that a new site begins with; a test that commits finds its tables empty on PostgreSQL."""
    limit, _made = LoadLimit.objects.get_or_create(
        valid_from=LONG_AGO, superseded_at=None, defaults={"trainees": 5, "clause": "one to five"}
    )
    return limit


@pytest.fixture
def second_office(university: Organisation) -> Person:
    return RoleFactory.create(
        person=PersonFactory.create(name="second office"), organisation=university, kind=RoleKind.OFFICE
    ).person


@pytest.fixture
def colleague_teacher(university: Organisation) -> Person:
    """Another teacher of the same university."""
    return RoleFactory.create(
        person=PersonFactory.create(name="colleague teacher"), organisation=university, kind=RoleKind.TEACHER
    ).person


@pytest.fixture
def other_teacher(db: None) -> Person:
    """A teacher of another university: the outsider."""
    return RoleFactory.create(
        person=PersonFactory.create(name="other teacher"), organisation__kind="university", kind=RoleKind.TEACHER
    ).person


@pytest.fixture
def colleague_mentor(firm_a: Organisation) -> Person:
    return RoleFactory.create(
        person=PersonFactory.create(name="colleague mentor"), organisation=firm_a, kind=RoleKind.MENTOR
    ).person


@pytest.fixture
def appointed(office: Person, mentor: Person, firm_a: Organisation) -> Appointment:
    """The mentor of firm A, appointed long ago."""
    return services.appoint_mentor(
        actor=office, person=mentor, organisation=firm_a, kind="enterprise", valid_from=LONG_AGO
    )


@pytest.fixture
def students(db: None) -> list[Person]:
    return [PersonFactory.create(name=f"student {number}") for number in range(8)]


StandardMaker = Callable[..., FeeStandard]


@pytest.fixture
def standard_of(office: Person, second_office: Person) -> StandardMaker:
    """Makes published standards: 240 yuan for enterprise mentors since long ago, unless a test says otherwise."""

    def make(**fields: Any) -> FeeStandard:
        given: dict[str, Any] = {
            "name_zh": "企业导师课时费",
            "name_en": "Enterprise mentors",
            "kind": "enterprise",
            "amount": Decimal(240),
            "clause": "校发〔2025〕3号第二条",
            "valid_from": LONG_AGO,
            **fields,
        }
        return services.publish_standard(actor=second_office, standard=services.propose_standard(actor=office, **given))

    return make


Claimer = Callable[..., ClassHour]


@pytest.fixture
def claimed(appointed: Appointment, mentor: Person, university: Organisation) -> Claimer:
    """Claims two class hours of the mentor on 9 March 2026 at two, by the mentor, unless a test says otherwise."""

    def make(**fields: Any) -> ClassHour:
        given: dict[str, Any] = {
            "actor": mentor,
            "mentor": mentor,
            "university": university,
            "taught_on": date(2026, 3, 9),
            "starts_at": time(14, 0),
            "class_hours": Decimal(2),
            "subject": "时序约束实践",
            **fields,
        }
        return services.claim_hours(**given)

    return make


@pytest.fixture
def confirmed(claimed: Claimer, teacher: Person) -> Claimer:
    """The same, confirmed by the teacher."""

    def make(**fields: Any) -> ClassHour:
        return services.confirm_hours(actor=teacher, hour=claimed(**fields))

    return make
