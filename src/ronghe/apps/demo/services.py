"""Builds the demonstration community through the services that people use; nothing here writes a table by itself."""

import csv
import random
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import services as community
from ronghe.apps.community.models import Organisation, Region, RoleKind, Tier
from ronghe.apps.demand import services as demand
from ronghe.apps.demand.models import AnswerKind, Requirement, Skill
from ronghe.apps.demand.services import PostingData
from ronghe.apps.demo import (
    advertisements,
    agreements,
    chains,
    credentials,
    credits,
    curriculum,
    mentors,
    policies,
    pool,
    positions,
    rotations,
    rounds,
    sites,
    training,
)
from ronghe.apps.demo.cast import (
    CHAINS,
    CHARACTERS,
    EMAIL_DOMAIN,
    FIRMS,
    GIVEN_NAMES,
    PASSWORD,
    SURNAMES,
    Character,
)
from ronghe.lexicon import load_lexicon
from ronghe.methods.skills import normal_form

Say = Callable[[str], None]
STUDENTS_A_COHORT = 24
# How the office answered the first of the sample requirements; the others still wait.
ANSWERS = (
    (0, AnswerKind.PLANNED, "纳入 2027 年春季“数字芯片验证”课程包，与贵司导师共同开发。", 120),
    (1, AnswerKind.QUESTION, "请说明所用工艺节点与工具版本，以便确定实训环境。", None),
    (5, AnswerKind.PLANNED, "已列入运动控制课程包的下一次更新。", 90),
    (8, AnswerKind.DECLINED, "属基础办公技能，本科阶段已有课程覆盖，建议企业内训。", None),
)


def is_built() -> bool:
    """Whether a community stands already: the demonstration never touches an existing one."""
    return Organisation.objects.exists()


def build(*, today: date | None = None, say: Say = lambda _step: None) -> None:
    """Build the demonstration in an empty database. Raises RuntimeError where a community stands."""
    if is_built():
        raise RuntimeError("a community stands in this database; the demonstration needs an empty one")
    today = today or timezone.localdate()
    say("organisations, people and chains")
    organisations, office = _found(today)
    people = {character.local_part: _character(office, character, organisations, today) for character in CHARACTERS[1:]}
    _build_chains(office, organisations, today)
    chains.build(office, organisations, today)
    _enrol_students(office, organisations, people, today)
    say("agreements and their signatures")
    agreements.build(office, people, organisations, today)
    say("rule sets and what they ask")
    policies.build(office, people, today)
    say("skills of the lexicon")
    demand.load_lexicon(actor=office)
    say("job advertisements")
    _import_advertisements(office, today)
    say("reading the skills in them")
    demand.process_postings(actor=office, progress=_Silent(office.pk))
    say("requirements of enterprises")
    _raise_requirements(office, organisations, today)
    say("programmes, packages and their versions")
    curriculum.build(office, people, organisations, today)
    say("credits of students")
    credits.build(office, people, organisations, today)
    say("mentors, their hours and fees, teachers in training")
    mentors.build(office, people, organisations, today)
    say("positions, order classes and who is matched to which")
    positions.build(office, people, organisations, today)
    say("sites, machines and who uses them when")
    sites.build(office, people, organisations, today)
    say("placements, their weekly work and who confirmed it")
    training.build(office, people, organisations, today)
    say("rotations over machines and mentors")
    rotations.build(office, today)
    say("projects, what they made and who shares in it")
    pool.build(office, people, organisations, today)
    say("a panel of experts, forecasts, white papers")
    rounds.build(office, organisations, today, _Silent(office.pk))
    say("achievements and certificates")
    credentials.build(office, people, organisations, today)


@transaction.atomic
def _found(today: date) -> tuple[dict[str, Organisation], Person]:
    """The first organisations and the first member of the office, whom the installation itself appoints."""
    first = CHARACTERS[0]
    office = Person.objects.create_superuser(f"{first.local_part}@{EMAIL_DOMAIN}", PASSWORD, name=first.name)
    regions = {region.code: region for region in Region.objects.all()}
    since = _months_before(today, 24)
    organisations = {
        firm.key: community.register_organisation(
            actor=office,
            kind=firm.kind,
            name_zh=firm.name_zh,
            name_en=firm.name_en,
            region=regions.get(firm.region),
            since=since,
        )
        for firm in FIRMS
    }
    community.appoint(
        actor=office,
        person=office,
        organisation=organisations[first.organisation],
        kind=RoleKind.OFFICE,
        valid_from=since,
    )
    # From here on the office holds what its role allows and nothing more.
    office.is_superuser = office.is_staff = False
    office.save(update_fields=["is_superuser", "is_staff"])
    return organisations, office


@transaction.atomic
def _character(office: Person, character: Character, organisations: dict[str, Organisation], today: date) -> Person:
    person = accounts.add_person(
        actor=office,
        email=f"{character.local_part}@{EMAIL_DOMAIN}",
        name=character.name,
        language=character.language,
    )
    person.password = _hashed_password()
    person.save(update_fields=["password"])
    if character.role != RoleKind.STUDENT:
        community.appoint(
            actor=office,
            person=person,
            organisation=organisations[character.organisation],
            kind=character.role,
            valid_from=_months_before(today, 18),
        )
    return person


@cache
def _hashed_password() -> str:
    """One hash for all: everybody knows the password, and each hash takes as long as a page."""
    return make_password(PASSWORD)


@transaction.atomic
def _build_chains(office: Person, organisations: dict[str, Organisation], today: date) -> None:
    for plan in CHAINS:
        founded = _months_before(today, 20)
        chain = community.found_chain(
            actor=office,
            name_zh=plan.name_zh,
            name_en=plan.name_en,
            field=plan.field,
            region=Region.objects.filter(code="440000").first(),
            founded_on=founded,
        )
        community.admit_to_chain(
            actor=office,
            chain=chain,
            organisation=organisations[plan.leader],
            tier=Tier.LEADER,
            valid_from=founded,
        )
        for university in plan.universities:
            community.admit_to_chain(
                actor=office,
                chain=chain,
                organisation=organisations[university],
                tier=Tier.UNIVERSITY,
                valid_from=founded,
            )
        for member, brought_in_by, month in plan.members:
            community.admit_to_chain(
                actor=office,
                chain=chain,
                organisation=organisations[member],
                tier=Tier.MEMBER,
                brought_in_by=organisations[brought_in_by],
                valid_from=_months_before(today, 19 - month),
            )


@transaction.atomic
def _enrol_students(
    office: Person, organisations: dict[str, Organisation], people: dict[str, Person], today: date
) -> None:
    """Three cohorts; of the first, two students can sign in, one of whom has nothing yet."""
    rng = random.Random(7)  # noqa: S311
    starts = date(today.year if today.month >= 9 else today.year - 1, 9, 1)
    year = community.open_academic_year(
        actor=office,
        label=f"{starts.year}-{starts.year + 1}",
        starts_on=starts,
        ends_on=date(starts.year + 1, 8, 31),
    )
    for key, field, name_zh, name_en in (
        ("linghai", "ic", "集成电路工程硕士（示例）", "Integrated-circuit engineering, master's (Example)"),
        ("linghai", "comm", "通信工程硕士（示例）", "Communications engineering, master's (Example)"),
        ("duanjiang", "ecommerce", "跨境数字商务硕士（示例）", "Cross-border digital commerce, master's (Example)"),
    ):
        cohort = community.open_cohort(
            actor=office,
            organisation=organisations[key],
            academic_year=year,
            name_zh=name_zh,
            name_en=name_en,
            field=field,
            intake=STUDENTS_A_COHORT,
        )
        for number in range(STUDENTS_A_COHORT):
            if field == "ic" and number == 0:
                person = people["student"]
            elif field == "ic" and number == STUDENTS_A_COHORT - 1:
                person = people["student.free"]
            else:
                person = accounts.add_person(
                    actor=office,
                    email=f"student.{field}.{number:02d}@{EMAIL_DOMAIN}",
                    name=rng.choice(SURNAMES) + rng.choice(GIVEN_NAMES),
                )
            community.enrol(
                actor=office,
                cohort=cohort,
                person=person,
                student_number=f"{starts.year}{field.upper()}{number:03d}",
                valid_from=starts,
            )


def _import_advertisements(office: Person, today: date) -> None:
    written = demand.register_source(
        actor=office, name="示例招聘信息 · Sample advertisements", licence="Apache-2.0", is_example=True
    )
    demand.import_postings(actor=office, source=written, rows=_sample_postings())
    generated = demand.register_source(
        actor=office, name="生成的招聘信息 · Generated advertisements", licence="Apache-2.0", is_example=True
    )
    skills = [
        advertisements.NamedSkill(skill.id, skill.field, skill.group, skill.zh, skill.en)
        for skill in load_lexicon().skills
    ]
    demand.import_postings(
        actor=office,
        source=generated,
        rows=(_posting(row) for row in advertisements.generate(skills, today=today)),
    )


def _sample_postings() -> Iterator[PostingData]:
    return (_posting(row) for row in _sample("postings-sample.csv"))


def _sample(name: str) -> list[dict[str, str]]:
    text = (files("ronghe.apps.demand") / "samples" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines(keepends=True)))


def _posting(row: dict[str, str]) -> PostingData:
    return PostingData(
        external_id=row["external_id"],
        published_on=date.fromisoformat(row["published_on"]),
        text=row["text"],
        title=row["title"],
        organisation=row["organisation"],
        city=row["city"],
        region=row["region"],
        field=row["field"],
        head_count=int(row["head_count"]) if row["head_count"] else None,
        language=row["language"],
    )


@transaction.atomic
def _raise_requirements(office: Person, organisations: dict[str, Organisation], today: date) -> None:
    named = {name: one for one in organisations.values() for name in (one.name_zh, one.name_en)}
    lexicon = load_lexicon()
    forms = {normal_form(form): skill.id for skill in lexicon.skills for form in skill.forms}
    skills = {skill.code: skill for skill in Skill.objects.all()}
    raised: list[Requirement | None] = []
    for row in _sample("requirements-sample.csv"):
        organisation, code = named.get(row["organisation"]), forms.get(normal_form(row["skill"]))
        if organisation is None or code is None:
            raised.append(None)
            continue
        needed_by = max(date.fromisoformat(row["needed_by"]), today + timedelta(days=30))
        raised.append(
            demand.raise_requirement(
                actor=office,
                organisation=organisation,
                skill=skills[code],
                skill_level=int(row["level"]),
                head_count=int(row["head_count"]),
                needed_by=needed_by,
                severity=int(row["severity"]),
                reason=row["reason"],
            )
        )
    for number, kind, text, days in ANSWERS:
        requirement = raised[number]
        if requirement is not None:
            demand.answer_requirement(
                actor=office,
                requirement=requirement,
                revision=requirement.revision,
                kind=kind,
                text=text,
                planned_for=today + timedelta(days=days) if days else None,
            )


def _months_before(day: date, months: int) -> date:
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, 1)


class _Silent:
    """Progress that nobody watches: the demonstration says its steps itself."""

    def __init__(self, owner_id: int) -> None:
        self.owner_id = owner_id

    def report(self, done: int, total: int | None = None, message: str = "") -> None:
        return
