"""Makes rows for tests with believable defaults. Services are tested through services; these only set the scene."""

from datetime import date, timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import (
    AcademicYear,
    Campus,
    Chain,
    ChainMembership,
    Cohort,
    CohortMembership,
    Organisation,
    OrganisationConfirmation,
    OrganisationKind,
    Region,
    Role,
    RoleKind,
    Tier,
)
from ronghe.apps.demand.keys import digest_of_text
from ronghe.apps.demand.models import (
    Mention,
    Posting,
    Requirement,
    Skill,
    SkillField,
    SkillGroup,
    Source,
)
from ronghe.apps.demand.services.counting import recount

PASSWORD = "correct horse battery staple"
# Before every date that a test uses, so that a role or membership made here holds unless a test says otherwise.
LONG_AGO = date(2020, 1, 1)


class PersonFactory(DjangoModelFactory[Person]):
    class Meta:
        model = Person
        skip_postgeneration_save = True

    email = factory.Sequence(lambda number: f"person{number}@example.org")
    name = factory.Sequence(lambda number: f"测试人员{number}")
    language = "en"

    @factory.post_generation
    def password(self: Person, create: bool, extracted: str | None, **kwargs: Any) -> None:
        self.set_password(extracted or PASSWORD)
        if create:
            self.save(update_fields=["password"])


class RegionFactory(DjangoModelFactory[Region]):
    class Meta:
        model = Region
        django_get_or_create = ("code",)

    code = "440300"
    name_zh = "深圳市"
    name_en = "Shenzhen"


class OrganisationFactory(DjangoModelFactory[Organisation]):
    """An organisation that a second person has confirmed; `confirmed=False` leaves that out."""

    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    kind = OrganisationKind.ENTERPRISE
    name_zh = factory.Sequence(lambda number: f"示例企业{number}有限公司")
    name_en = factory.Sequence(lambda number: f"Example Enterprise {number}")
    registered_on = LONG_AGO

    @factory.post_generation
    def confirmed(self: Organisation, create: bool, extracted: bool | None, **kwargs: Any) -> None:
        if create and extracted is not False:
            OrganisationConfirmation.objects.create(organisation=self, basis="执照", valid_from=LONG_AGO)


class UniversityFactory(OrganisationFactory):
    kind = OrganisationKind.UNIVERSITY
    name_zh = factory.Sequence(lambda number: f"示例大学{number}")
    name_en = factory.Sequence(lambda number: f"Example University {number}")


class CampusFactory(DjangoModelFactory[Campus]):
    class Meta:
        model = Campus

    organisation = factory.SubFactory(OrganisationFactory)
    region = factory.SubFactory(RegionFactory)
    name_zh = factory.Sequence(lambda number: f"{number} 号厂区")


class RoleFactory(DjangoModelFactory[Role]):
    class Meta:
        model = Role

    person = factory.SubFactory(PersonFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    kind = RoleKind.ENTERPRISE_HR
    valid_from = LONG_AGO


class ChainFactory(DjangoModelFactory[Chain]):
    class Meta:
        model = Chain

    name_zh = factory.Sequence(lambda number: f"示例生态链{number}")
    name_en = factory.Sequence(lambda number: f"Example Chain {number}")
    field = "embedded"
    founded_on = LONG_AGO


class ChainMembershipFactory(DjangoModelFactory[ChainMembership]):
    class Meta:
        model = ChainMembership

    chain = factory.SubFactory(ChainFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    tier = Tier.MEMBER
    valid_from = LONG_AGO


class AcademicYearFactory(DjangoModelFactory[AcademicYear]):
    class Meta:
        model = AcademicYear
        django_get_or_create = ("label",)

    label = "2026-2027"
    starts_on = date(2026, 9, 1)
    ends_on = date(2027, 8, 31)


class CohortFactory(DjangoModelFactory[Cohort]):
    class Meta:
        model = Cohort

    organisation = factory.SubFactory(UniversityFactory)
    academic_year = factory.SubFactory(AcademicYearFactory)
    name_zh = factory.Sequence(lambda number: f"电子信息 {number} 班")
    name_en = factory.Sequence(lambda number: f"Electronic Information {number}")
    field = "embedded"
    intake = 40


class CohortMembershipFactory(DjangoModelFactory[CohortMembership]):
    class Meta:
        model = CohortMembership

    cohort = factory.SubFactory(CohortFactory)
    person = factory.SubFactory(PersonFactory)
    student_number = factory.Sequence(lambda number: f"S{number:06d}")
    valid_from = LONG_AGO


# Demand


class SkillFieldFactory(DjangoModelFactory[SkillField]):
    class Meta:
        model = SkillField
        django_get_or_create = ("code",)

    code = "embedded"
    name_zh = "嵌入式系统"
    name_en = "Embedded systems"


class SkillGroupFactory(DjangoModelFactory[SkillGroup]):
    class Meta:
        model = SkillGroup
        django_get_or_create = ("code",)

    code = "embedded.firmware"
    name_zh = "固件"
    name_en = "Firmware"
    field = factory.SubFactory(SkillFieldFactory)


class SkillFactory(DjangoModelFactory[Skill]):
    class Meta:
        model = Skill

    code = factory.Sequence(lambda number: f"embedded.skill-{number}")
    name_zh = factory.Sequence(lambda number: f"技能{number}")
    name_en = factory.Sequence(lambda number: f"Skill {number}")
    group = factory.SubFactory(SkillGroupFactory)
    lexicon_version = "test"


class SourceFactory(DjangoModelFactory[Source]):
    class Meta:
        model = Source

    name = factory.Sequence(lambda number: f"来源{number}")


class PostingFactory(DjangoModelFactory[Posting]):
    """A posting that has been compared and read; `asks(posting, skill)` says for what it asks."""

    class Meta:
        model = Posting

    source = factory.SubFactory(SourceFactory)
    external_id = factory.Sequence(lambda number: f"P-{number}")
    published_on = date(2026, 3, 1)
    title = "嵌入式工程师"
    text = "熟悉 STM32 与 FreeRTOS。"
    language = "zh"
    enterprise_key = factory.Sequence(lambda number: number)
    text_digest = factory.LazyAttribute(lambda posting: digest_of_text(posting.text))
    compared_at = factory.LazyFunction(timezone.now)
    extracted_with = "test"


def asks(posting: Posting, *skills: Skill) -> Posting:
    """Let `posting` ask for `skills`, each found in a span of its own, and count it."""
    for place, skill in enumerate(skills):
        Mention.objects.create(posting=posting, skill=skill, start=place, end=place + 1, tier=1, score=1.0)
    recount([posting.pk])
    return posting


class RequirementFactory(DjangoModelFactory[Requirement]):
    class Meta:
        model = Requirement

    organisation = factory.SubFactory(OrganisationFactory)
    skill = factory.SubFactory(SkillFactory)
    head_count = 3
    needed_by = factory.LazyFunction(lambda: timezone.localdate() + timedelta(days=90))
    severity = 3
    raised_on = factory.LazyFunction(timezone.localdate)
