"""An issuing university, an achievement of it, and students who agreed to certificates."""

from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.credentials import limits, services
from ronghe.apps.credentials.models import AchievementVersion, Certificate, Issuer
from ronghe.apps.credentials.services import AchievementData
from ronghe.apps.demand.models import Skill
from tests.factories import CohortFactory, CohortMembershipFactory, SkillFactory


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """What services say is compared in English; what was counted for rate limits is forgotten."""
    cache.clear()
    limits.forget()
    with translation.override("en"):
        yield


@pytest.fixture
def anonymous(db: None) -> Client:
    """A client that is not signed in and reads English."""
    return Client(headers={"Accept-Language": "en"})


@pytest.fixture
def issuer(office: Person, university: Organisation) -> Issuer:
    return services.found_issuer(actor=office, organisation=university)


@pytest.fixture
def skill(db: None) -> Skill:
    return SkillFactory.create(name_zh="UVM 验证", name_en="UVM verification")


@pytest.fixture
def data(skill: Skill) -> AchievementData:
    """What a first version says: nothing is asked for beyond being a student who agreed."""
    return AchievementData(
        name_zh="芯片验证微证书",
        name_en="Chip verification",
        criteria_zh="独立搭建验证平台并完成回归。",
        criteria_en="Builds a testbench alone and runs its regression.",
        type="MicroCredential",
        worker_level=4,
        eqf_level=6,
        months_valid=36,
        skills=[(skill, 3)],
    )


@pytest.fixture
def version(office: Person, issuer: Issuer, data: AchievementData) -> AchievementVersion:
    return services.define_achievement(actor=office, issuer=issuer, code="IC-UVM-1", data=data)


@pytest.fixture
def agreeing(university: Organisation) -> Callable[..., Person]:
    """Let a person be enrolled and agree to certificates (and to sharing them)."""
    cohort = CohortFactory.create(organisation=university)

    def agree(person: Person | None = None, *, sharing: bool = False) -> Person:
        membership = CohortMembershipFactory.create(cohort=cohort, **({"person": person} if person else {}))
        accounts.give_consent(actor=membership.person, person=membership.person, purpose="certificates")
        if sharing:
            accounts.give_consent(actor=membership.person, person=membership.person, purpose="certificate_sharing")
        return membership.person

    return agree


@pytest.fixture
def holder(student: Person, agreeing: Callable[..., Person]) -> Person:
    """The student, who agreed to certificates and to sharing them."""
    return agreeing(student, sharing=True)


@pytest.fixture
def certificate(office: Person, version: AchievementVersion, holder: Person) -> Certificate:
    return services.issue(actor=office, version=version, person=holder)
