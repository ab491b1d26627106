"""A chain with firm A, a position of it that the office has approved, students with wishes, and a round of them."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Agreement, Party, Term
from ronghe.apps.community.models import Chain, Cohort, Organisation, Region, RoleKind, Tier
from ronghe.apps.demand.models import Skill
from ronghe.apps.positions import services
from ronghe.apps.positions.models import Participation, Position, Round
from ronghe.apps.positions.services import Place, PositionData, RoundData, SkillAsked
from tests.factories import (
    LONG_AGO,
    ChainFactory,
    ChainMembershipFactory,
    CohortFactory,
    CohortMembershipFactory,
    PersonFactory,
    RegionFactory,
    RoleFactory,
    SkillFactory,
)


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def today() -> date:
    return timezone.localdate()


@pytest.fixture
def region(db: None) -> Region:
    return RegionFactory.create()


@pytest.fixture
def chain(firm_a: Organisation, university: Organisation) -> Chain:
    found = ChainFactory.create()
    ChainMembershipFactory.create(chain=found, organisation=firm_a, tier=Tier.LEADER)
    ChainMembershipFactory.create(chain=found, organisation=university, tier=Tier.UNIVERSITY)
    return found


@pytest.fixture
def skill(db: None) -> Skill:
    return SkillFactory.create(name_en="Embedded Linux")


@pytest.fixture
def cohort(university: Organisation) -> Cohort:
    return CohortFactory.create(organisation=university)


@pytest.fixture
def students(cohort: Cohort, student: Person, university: Organisation) -> list[Person]:
    """The student of all tests and three classmates."""
    mates = [PersonFactory.create(name=f"mate {number}") for number in range(3)]
    for person in [student, *mates]:
        CohortMembershipFactory.create(cohort=cohort, person=person, valid_from=LONG_AGO)
    for mate in mates:
        RoleFactory.create(person=mate, organisation=university, kind=RoleKind.STUDENT)
    return [student, *mates]


@pytest.fixture
def data(chain: Chain, region: Region, skill: Skill, today: date) -> PositionData:
    return PositionData(
        title_zh="嵌入式软件实习生",
        title_en="Embedded software intern",
        tasks="在导师指导下移植驱动，编写测试。",
        field="embedded",
        seats=2,
        starts_on=today + timedelta(days=30),
        ends_on=today + timedelta(days=210),
        region=region,
        chain=chain,
        skills=(SkillAsked(skill, 3),),
    )


def sign(firm: Organisation, *others: Organisation, kind: str = "talent_supply", first: date = LONG_AGO) -> Agreement:
    """An agreement in force, as its signatures would have left it."""
    agreement = Agreement.objects.create(kind=kind, title_zh="人才供应协议", title_en="Talent supply")
    for place, party in enumerate((firm, *others), start=1):
        Party.objects.create(agreement=agreement, place=place, side=place, organisation=party)
    Term.objects.create(agreement=agreement, valid_from=first)
    return agreement


Opener = Callable[..., Position]


@pytest.fixture
def opened(hr: Person, office: Person, firm_a: Organisation, data: PositionData) -> Opener:
    """Makes positions that HR of firm A has offered and the office approved."""
    from dataclasses import replace

    def make(**changes: Any) -> Position:
        position = services.draft_position(actor=hr, organisation=firm_a, data=replace(data, **changes))
        position = services.submit_position(actor=hr, position=position, revision=position.revision)
        return services.approve_position(actor=office, position=position, revision=position.revision)

    return make


RoundMaker = Callable[..., Round]


@pytest.fixture
def round_of(office: Person, cohort: Cohort, students: list[Person], today: date) -> RoundMaker:
    """Opens a round of the cohort that takes wishes today, for the positions given."""

    def make(*positions: Position, least: int = 0, at_least: int = 0, **changes: Any) -> Round:
        given: dict[str, Any] = {
            "name_zh": "春季匹配",
            "name_en": "Spring round",
            "opens_on": today - timedelta(days=7),
            "closes_on": today,
            "starts_on": today + timedelta(days=30),
            "ends_on": today + timedelta(days=210),
            "seed": 7,
            **changes,
        }
        places = [Place(one, one.seats, least=least, cohort=at_least) for one in positions]
        return services.open_round(actor=office, data=RoundData(**given), cohorts=[cohort], places=places)

    return make


def wish(round: Round, person: Person, *positions: Position, agrees: bool = True) -> Participation:
    """Hand in a student's wishes."""
    row = Participation.objects.get(round=round, person=person)
    return services.state_wishes(
        actor=person, participation=row, revision=row.revision, positions=positions, agrees=agrees
    )


def close_wishes(round: Round) -> Round:
    """Let the day after the last one for wishes have come."""
    yesterday = timezone.localdate() - timedelta(days=1)
    Round.objects.filter(pk=round.pk).update(closes_on=yesterday)
    round.refresh_from_db()
    return round


@pytest.fixture
def second_office(university: Organisation) -> Person:
    person = PersonFactory.create(name="second office")
    return RoleFactory.create(person=person, organisation=university, kind=RoleKind.OFFICE).person


@pytest.fixture
def other_teacher(db: None) -> Person:
    """A teacher of another university: the outsider."""
    return RoleFactory.create(
        person=PersonFactory.create(name="other teacher"), organisation__kind="university", kind=RoleKind.TEACHER
    ).person
