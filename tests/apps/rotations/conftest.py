"""Four students placed at firm A, whose plant has two bonders and a tester, with two mentors who may lead groups."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Campus, Cohort, Organisation, RoleKind
from ronghe.apps.rotations import services
from ronghe.apps.rotations.models import Plan
from ronghe.apps.sites import services as sites
from ronghe.apps.sites.models import Machine, MachineFamily, Site
from ronghe.apps.training import services as training
from tests.factories import LONG_AGO, CampusFactory, CohortFactory, CohortMembershipFactory, PersonFactory, RoleFactory

HOUR = 60
_TODAY = timezone.localdate()


def monday() -> date:
    """The Monday after next: in the future whatever the day."""
    return _TODAY + timedelta(days=14 - _TODAY.weekday())


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def plant(firm_a: Organisation) -> Campus:
    return CampusFactory.create(organisation=firm_a, name_zh="一厂", name_en="Plant One")


@pytest.fixture
def line(hr: Person, plant: Campus) -> Site:
    line = sites.register_site(
        actor=hr, campus=plant, name_zh="封装实训线", name_en="Packaging line", keeps_holidays=False
    )
    sites.set_hours(actor=hr, site=line, hours={day: [(8 * HOUR, 22 * HOUR)] for day in range(7)}, valid_from=LONG_AGO)
    return line


FamilyMaker = Callable[..., MachineFamily]


@pytest.fixture
def bonder(hr: Person) -> MachineFamily:
    return sites.register_family(
        actor=hr, code="bonder", name_zh="键合机", name_en="Wire bonder", needs_authorisation=False
    )


@pytest.fixture
def tester(hr: Person) -> MachineFamily:
    return sites.register_family(actor=hr, code="tester", name_zh="测试机", name_en="Tester", needs_authorisation=True)


@pytest.fixture
def machines(hr: Person, line: Site, bonder: MachineFamily, tester: MachineFamily) -> list[Machine]:
    return [
        sites.register_machine(
            actor=hr,
            site=line,
            family=family,
            code=code,
            name_zh=code,
            name_en=code,
            in_use_from=LONG_AGO,
            places=2,
        )
        for family, code in ((bonder, "B-1"), (bonder, "B-2"), (tester, "T-1"))
    ]


@pytest.fixture
def students(office: Person, student: Person, university: Organisation, firm_a: Organisation) -> list[Person]:
    cohort: Cohort = CohortFactory.create(organisation=university)
    found = [student]
    for name in ("second", "third", "fourth"):
        person = PersonFactory.create(name=name)
        RoleFactory.create(person=person, organisation=university, kind=RoleKind.STUDENT)
        found.append(person)
    for person in found:
        CohortMembershipFactory.create(cohort=cohort, person=person, valid_from=LONG_AGO)
        training.plan_placement(
            actor=office,
            plan=training.Plan(
                student=person,
                starts_on=monday() - timedelta(days=7),
                ends_on=monday() + timedelta(days=120),
                hosts=[(firm_a, 100)],
                work_zh="封装",
                work_en="Packaging",
            ),
        )
    return found


@pytest.fixture
def second_mentor(firm_a: Organisation) -> Person:
    person = PersonFactory.create(name="second mentor")
    RoleFactory.create(person=person, organisation=firm_a, kind=RoleKind.MENTOR)
    return person


Draft = Callable[..., Plan]


@pytest.fixture
def draft(
    office: Person,
    mentor: Person,
    second_mentor: Person,
    machines: list[Machine],
    students: list[Person],
    bonder: MachineFamily,
) -> Draft:
    """Drafts a plan of one fortnight at the bonders with groups of two, unless a test says otherwise."""

    def make(*, grouped: bool = True, **fields: Any) -> Plan:
        given: dict[str, Any] = {
            "name_zh": "秋季轮岗",
            "name_en": "Autumn rotations",
            "first_day": monday(),
            "fortnights": 1,
            "pattern": "3+9",
            "pattern_starts_on": monday() - timedelta(days=120),
            "load": 2,
            "needs": {bonder: 1},
            "mentors": [mentor, second_mentor],
            **fields,
        }
        plan = services.draft_plan(actor=office, **given)
        if grouped:
            services.form_groups(actor=office, plan=plan)
        return plan

    return make


@pytest.fixture
def proposed(draft: Draft) -> Plan:
    return computed(draft())


def computed(plan: Plan, *, keep: bool = False) -> Plan:
    """The plan as the background task leaves it."""
    services.compute(plan, lambda *_said: None, keep=keep)
    Plan.objects.filter(pk=plan.pk).update(state="computing")
    services.end_computing(plan)
    plan.refresh_from_db()
    return plan


@pytest.fixture
def published(office: Person, proposed: Plan) -> Plan:
    return services.publish_plan(actor=office, plan=proposed, revision=proposed.revision)
