"""Reads of confirmations, likely doubles, declared facts, supply relations and the network of regions."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from ronghe.apps.community.duplicates import Suspicion, suspicions, suspicions_about
from ronghe.apps.community.models import (
    Chain,
    ChainMembership,
    DuplicateDecision,
    Organisation,
    OrganisationConfirmation,
    OrganisationFact,
    Region,
    RegionStanding,
    Standing,
    SupplyRelation,
    Tier,
)


def confirmation_of(organisation: Organisation, on: date | None = None) -> OrganisationConfirmation | None:
    """The confirmation that holds on a day, with who gave it."""
    held = OrganisationConfirmation.objects.on(on or timezone.localdate())
    return held.filter(organisation=organisation).select_related("confirmed_by").first()


def is_confirmed(organisation: Organisation, on: date | None = None) -> bool:
    """Whether the organisation may publish on a day."""
    return confirmation_of(organisation, on) is not None


def unconfirmed_among(organisations: Iterable[Organisation]) -> list[Organisation]:
    """Those that may not publish today, each once, in the order given: one query."""
    asked = {organisation.pk: organisation for organisation in organisations}
    held = OrganisationConfirmation.objects.on(timezone.localdate()).filter(organisation__in=asked)
    confirmed = set(held.values_list("organisation_id", flat=True))
    return [organisation for key, organisation in asked.items() if key not in confirmed]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A likely double and what a person has decided about it ("" while nobody has)."""

    suspicion: Suspicion
    verdict: str
    decision: DuplicateDecision | None

    def other(self, organisation: Organisation) -> Organisation:
        """The entry that looks like `organisation`."""
        first, second = self.suspicion.first, self.suspicion.second
        return second if first.pk == organisation.pk else first

    @property
    def reasons(self) -> list[str]:
        """Why, in the language of the page."""
        return [str(reason.label) for reason in self.suspicion.reasons]


def _doubts(found: list[Suspicion], decisions: Iterable[DuplicateDecision]) -> list[Doubt]:
    decided = {(decision.first_id, decision.second_id): decision for decision in decisions}
    return [
        Doubt(one, decided[one.pair].verdict if one.pair in decided else "", decided.get(one.pair)) for one in found
    ]


def doubts_about(organisation: Organisation) -> list[Doubt]:
    """Entries that look like `organisation`, each with its decision; what a person found without likeness too."""
    decisions = list(
        DuplicateDecision.objects.filter(Q(first=organisation) | Q(second=organisation)).select_related(
            "first", "second", "decided_by"
        )
    )
    found = suspicions_about(organisation)
    seen = {one.pair for one in found}
    found += [Suspicion(one.first, one.second, ()) for one in decisions if (one.first_id, one.second_id) not in seen]
    return _doubts(found, decisions)


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """An organisation that waits for a second person, and what speaks against it."""

    organisation: Organisation
    doubts: tuple[Doubt, ...]

    @property
    def open_doubts(self) -> int:
        """How many likely doubles nobody has decided on."""
        return sum(not doubt.verdict for doubt in self.doubts)


def unconfirmed() -> list[Unconfirmed]:
    """All organisations that wait for confirmation, newest first, with their likely doubles: three queries."""
    everyone = list(Organisation.objects.select_related("region", "registered_by"))
    held = OrganisationConfirmation.objects.on(timezone.localdate())
    confirmed = set(held.values_list("organisation_id", flat=True))
    waiting = [organisation for organisation in everyone if organisation.pk not in confirmed]
    if not waiting:
        return []
    doubts: dict[int, list[Doubt]] = {}
    for doubt in _doubts(suspicions(everyone), DuplicateDecision.objects.all()):
        for key in doubt.suspicion.pair:
            doubts.setdefault(key, []).append(doubt)
    waiting.sort(key=lambda organisation: (organisation.registered_on, organisation.pk), reverse=True)
    return [Unconfirmed(organisation, tuple(doubts.get(organisation.pk, ()))) for organisation in waiting]


def facts_of(organisation: Organisation) -> QuerySet[OrganisationFact]:
    """What is declared of an organisation as it is known now, newest first."""
    known = OrganisationFact.objects.known().filter(organisation=organisation)
    return known.select_related("declared_by", "confirmed_by").order_by("kind", "-valid_from")


@dataclass(frozen=True, slots=True)
class MapMember:
    """A member on the chain map."""

    organisation: Organisation
    tier: str
    tier_label: str
    region: str


@dataclass(frozen=True, slots=True)
class ChainMap:
    """Who supplies whom in a chain on a day; `members` stand in the order of the picture."""

    members: tuple[MapMember, ...]
    supplies: tuple[SupplyRelation, ...]


def chain_map(chain: Chain, on: date, *, region: str = "") -> ChainMap:
    """The members of `chain` on a day and the supplies between them; of one region (its parts included) if asked.

    The leader first, then the members by region, universities last. A supply is kept when one side is in the region.
    """
    memberships = list(
        ChainMembership.objects.on(on)
        .filter(chain=chain)
        .select_related("organisation__region__parent")
        .order_by("organisation__name_zh")
    )
    supplies = list(
        SupplyRelation.objects.on(on)
        .filter(chain=chain)
        .select_related("supplier", "customer")
        .order_by("supplier__name_zh", "customer__name_zh", "goods_zh")
    )
    if region:
        inside = {
            membership.organisation_id
            for membership in memberships
            if membership.organisation.region is not None
            and region
            in (
                membership.organisation.region.code,
                membership.organisation.region.parent.code if membership.organisation.region.parent else "",
            )
        }
        supplies = [one for one in supplies if {one.supplier_id, one.customer_id} & inside]
        shown = inside.union(*({one.supplier_id, one.customer_id} for one in supplies))
        memberships = [membership for membership in memberships if membership.organisation_id in shown]
    order = {Tier.LEADER: 0, Tier.MEMBER: 1, Tier.UNIVERSITY: 2}
    members = [
        MapMember(
            membership.organisation,
            membership.tier,
            membership.get_tier_display(),
            membership.organisation.region.name if membership.organisation.region else "",
        )
        for membership in sorted(
            memberships,
            key=lambda one: (
                order[Tier(one.tier)],
                one.organisation.region.code if one.organisation.region else "~",
                one.organisation.name_zh,
            ),
        )
    ]
    there = {member.organisation.pk for member in members}
    return ChainMap(
        tuple(members), tuple(one for one in supplies if one.supplier_id in there and one.customer_id in there)
    )


@dataclass(frozen=True, slots=True)
class Core:
    """A core city with its satellites, and how many organisations and chains each has on the day."""

    standing: RegionStanding
    satellites: tuple[RegionStanding, ...]
    organisations: int


@dataclass(frozen=True, slots=True)
class Network:
    """The network of regions on a day: cores, and for each region how many organisations of chains are in it."""

    cores: tuple[Core, ...]
    members: dict[int, int]


def region_network(on: date) -> Network:
    """The cores with their satellites on a day, and the organisations of chains in each region: two queries."""
    standings = list(RegionStanding.objects.on(on).select_related("region__parent", "core").order_by("region__code"))
    held = ChainMembership.objects.on(on).filter(organisation__region__isnull=False)
    members: dict[int, set[int]] = {}
    for organisation, region in held.values_list("organisation_id", "organisation__region_id"):
        members.setdefault(region, set()).add(organisation)
    counts = {region: len(found) for region, found in members.items()}
    cores = []
    for core in standings:
        if core.standing == Standing.CORE:
            around = tuple(one for one in standings if one.core_id == core.region_id)
            total = sum(counts.get(one.region_id, 0) for one in (core, *around))
            cores.append(Core(core, around, total))
    return Network(tuple(cores), counts)


def cores(on: date) -> QuerySet[Region]:
    """The regions that are cores on a day: the choices of a form."""
    held = RegionStanding.objects.on(on).filter(standing=Standing.CORE)
    return Region.objects.filter(pk__in=held.values("region")).order_by("code")
