"""Reads of organisations, people, roles, chains, cohorts and regions.

Every read of a dated record takes the day it asks about, and optionally the moment of knowledge.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.names import search_key
from ronghe.apps.community.models import (
    Chain,
    ChainMembership,
    Cohort,
    CohortMembership,
    Organisation,
    OrganisationKind,
    Region,
    Role,
    Tier,
)


def roles_of(person: Person, on: date | None = None, *, known_at: datetime | None = None) -> QuerySet[Role]:
    """The roles `person` holds on a day (today when it is None), with their organisations."""
    day = on or timezone.localdate()
    return Role.objects.on(day, known_at=known_at).filter(person=person).select_related("organisation").order_by("kind")


def role_history(person: Person) -> QuerySet[Role]:
    """All roles of `person` as they are known now, past and future ones too, newest first."""
    return Role.objects.known().filter(person=person).select_related("organisation").order_by("-valid_from", "kind")


def organisations_where(person: Person, kinds: str | Iterable[str], on: date | None = None) -> QuerySet[Organisation]:
    """The organisations in which `person` holds a role of one of `kinds` on a day (today when it is None)."""
    wanted = [kinds] if isinstance(kinds, str) else list(kinds)
    held = Role.objects.on(on or timezone.localdate()).filter(person=person, kind__in=wanted)
    return Organisation.objects.filter(pk__in=held.values("organisation"))


def people_with(kinds: str | Iterable[str], organisation: Organisation, on: date | None = None) -> QuerySet[Person]:
    """The people who hold a role of one of `kinds` in `organisation` on a day: whom to ask or to tell."""
    wanted = [kinds] if isinstance(kinds, str) else list(kinds)
    held = Role.objects.on(on or timezone.localdate()).filter(organisation=organisation, kind__in=wanted)
    return Person.objects.filter(pk__in=held.values("person")).order_by("name_latin", "name")


def chains_of(
    organisation: Organisation, on: date | None = None, *, known_at: datetime | None = None
) -> QuerySet[ChainMembership]:
    """The memberships of `organisation` on a day, each with its chain, tier and who brought it in."""
    return (
        ChainMembership.objects.on(on or timezone.localdate(), known_at=known_at)
        .filter(organisation=organisation)
        .select_related("chain", "brought_in_by")
        .order_by("chain__name_zh")
    )


def members_of(chain: Chain, on: date | None = None, *, known_at: datetime | None = None) -> QuerySet[ChainMembership]:
    """The members of `chain` on a day, leader first, with their organisations and regions."""
    return (
        ChainMembership.objects.on(on or timezone.localdate(), known_at=known_at)
        .filter(chain=chain)
        .select_related("organisation__region", "brought_in_by")
        .order_by("tier", "organisation__name_zh")
    )


def leader_of(chain: Chain, on: date | None = None) -> Organisation | None:
    """The leader of `chain` on a day, if it has one then."""
    found = members_of(chain, on).filter(tier=Tier.LEADER).first()
    return found.organisation if found else None


@dataclass(frozen=True, slots=True)
class ChainRow:
    """One line of the list of chains."""

    chain: Chain
    leader: str
    enterprises: int
    universities: int


def chain_rows(chains: Iterable[Chain], on: date) -> list[ChainRow]:
    """Leader and numbers of members on a day for all `chains`: one query whatever their number."""
    listed = list(chains)
    leaders: dict[int, str] = {}
    tiers: Counter[tuple[int, bool]] = Counter()
    for membership in ChainMembership.objects.on(on).filter(chain__in=listed).select_related("organisation"):
        if membership.tier == Tier.LEADER:
            leaders[membership.chain_id] = membership.organisation.name
        tiers[membership.chain_id, membership.tier == Tier.UNIVERSITY] += 1
    return [
        ChainRow(chain, leaders.get(chain.pk, ""), tiers[chain.pk, False], tiers[chain.pk, True]) for chain in listed
    ]


def enterprises() -> QuerySet[Organisation]:
    """All enterprises by name: the choices of a form."""
    return Organisation.objects.filter(kind=OrganisationKind.ENTERPRISE)


def universities() -> QuerySet[Organisation]:
    """All universities by name."""
    return Organisation.objects.filter(kind=OrganisationKind.UNIVERSITY)


def organisations(
    *, text: str = "", kind: str = "", region: str = "", chain: int | None = None, on: date | None = None
) -> QuerySet[Organisation]:
    """Organisations by part of a name or the credit code, kind, region (its parts included) and chain."""
    found = Organisation.objects.select_related("region").annotate(
        chain_count=Coalesce(
            Subquery(
                ChainMembership.objects.on(on or timezone.localdate())
                .filter(organisation=OuterRef("pk"))
                .order_by()
                .values("organisation")
                .annotate(total=Count("pk"))
                .values("total")
            ),
            0,
        )
    )
    if text := text.strip():
        found = found.filter(
            Q(name_zh__icontains=text) | Q(name_en__icontains=text) | Q(registration_number__iexact=text)
        )
    if kind:
        found = found.filter(kind=kind)
    if region:
        found = found.filter(Q(region__code=region) | Q(region__parent__code=region))
    if chain is not None:
        held = ChainMembership.objects.on(on or timezone.localdate()).filter(chain=chain)
        found = found.filter(pk__in=held.values("organisation"))
    return found.order_by("name_zh", "pk")


def find_organisation(name_or_code: str) -> Organisation | None:
    """The one organisation of that credit code or exact name (either language); None when there is none or several."""
    found = organisations_by_name([name_or_code]).get(name_or_code.strip().casefold(), [])
    return found[0] if len(found) == 1 else None


def organisations_by_name(names: Iterable[str] | None = None) -> dict[str, list[Organisation]]:
    """Organisations by case-folded credit code and names; imports look rows up in it. All of them without `names`."""
    found = Organisation.objects.all()
    if names is not None:
        wanted = [name.strip() for name in names]
        clause = Q(registration_number__in=[name.upper() for name in wanted])
        for name in wanted:
            clause |= Q(name_zh__iexact=name) | Q(name_en__iexact=name)
        found = found.filter(clause)
    known: dict[str, list[Organisation]] = {}
    for organisation in found:
        spellings = {organisation.name_zh, organisation.name_en, organisation.registration_number or ""}
        for spelling in {text.strip().casefold() for text in spellings} - {""}:
            known.setdefault(spelling, []).append(organisation)
    return known


def people(*, text: str = "", kind: str = "", organisation: int | None = None) -> QuerySet[Person]:
    """People by part of name, pinyin or address, by role and organisation held today: 张伟 is found by zhangwei."""
    found = Person.objects.filter(erased_at__isnull=True)
    if text := text.strip():
        clause = Q(email__icontains=text) | Q(name__icontains=text)
        if key := search_key(text):
            clause |= Q(search_text__contains=key)
        found = found.filter(clause)
    if kind or organisation is not None:
        held = Role.objects.on(timezone.localdate())
        if kind:
            held = held.filter(kind=kind)
        if organisation is not None:
            held = held.filter(organisation=organisation)
        found = found.filter(pk__in=held.values("person"))
    return found.order_by("name_latin", "name", "pk")


def people_rows(people: Iterable[Person]) -> list[tuple[Person, list[Role]]]:
    """Each person with the roles held today: one query whatever their number."""
    listed = list(people)
    held: dict[int, list[Role]] = {person.pk: [] for person in listed}
    for role in Role.objects.on(timezone.localdate()).filter(person__in=listed).select_related("organisation"):
        held[role.person_id].append(role)
    return [(person, held[person.pk]) for person in listed]


def roster(cohort: Cohort, on: date | None = None, *, known_at: datetime | None = None) -> QuerySet[CohortMembership]:
    """The students of `cohort` on a day."""
    return (
        CohortMembership.objects.on(on or timezone.localdate(), known_at=known_at)
        .filter(cohort=cohort)
        .select_related("person")
        .order_by("student_number", "person__name_latin", "pk")
    )


def cohorts(*, year: int | None = None, organisation: int | None = None, on: date | None = None) -> QuerySet[Cohort]:
    """Cohorts with the number of their students on a day as `enrolled`."""
    enrolled = (
        CohortMembership.objects.on(on or timezone.localdate())
        .filter(cohort=OuterRef("pk"))
        .order_by()
        .values("cohort")
        .annotate(total=Count("person", distinct=True))
        .values("total")
    )
    found = Cohort.objects.select_related("organisation", "academic_year").annotate(
        enrolled=Coalesce(Subquery(enrolled), 0)
    )
    if year is not None:
        found = found.filter(academic_year=year)
    if organisation is not None:
        found = found.filter(organisation=organisation)
    return found.order_by("-academic_year__starts_on", "organisation__name_zh", "name_zh")


def regions_with_parts() -> QuerySet[Region]:
    """All regions by code, each with its parent."""
    return Region.objects.select_related("parent").order_by("code")
