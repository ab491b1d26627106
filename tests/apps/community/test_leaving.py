"""Leaving a chain settles what hangs on the membership; supplies, the map and the network of regions are dated."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import dependents, selectors, services
from ronghe.apps.community.dependents import Hanging, Settlement
from ronghe.apps.community.models import (
    Chain,
    ChainMembership,
    Cohort,
    Organisation,
    Standing,
    SupplyRelation,
    Tier,
)
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from tests.factories import (
    ChainFactory,
    ChainMembershipFactory,
    CohortFactory,
    OrganisationFactory,
    RegionFactory,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    """What is refused is quoted here in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def chain(firm_a: Organisation, firm_b: Organisation) -> Chain:
    """Firm A leads, firm B supplies it."""
    chain = ChainFactory.create()
    ChainMembershipFactory.create(chain=chain, organisation=firm_a, tier=Tier.LEADER)
    ChainMembershipFactory.create(chain=chain, organisation=firm_b, brought_in_by=firm_a)
    SupplyRelation.objects.create(
        chain=chain, supplier=firm_b, customer=firm_a, goods_zh="晶圆", valid_from=date(2024, 1, 1)
    )
    return chain


def _membership(chain: Chain, organisation: Organisation) -> ChainMembership:
    return ChainMembership.objects.known().get(chain=chain, organisation=organisation, valid_until__isnull=True)


@pytest.mark.postgres
def test_nobody_leaves_without_a_choice_for_what_hangs_there(
    office: Person, chain: Chain, firm_a: Organisation, firm_b: Organisation
) -> None:
    membership = _membership(chain, firm_b)
    (found,) = dependents.hanging(membership, TODAY)
    assert [item.label for item in found.items] == [str(SupplyRelation.objects.get())]
    with pytest.raises(ValidationError, match="Say what becomes"):
        services.leave_chain(actor=office, membership=membership, on=TODAY)
    with pytest.raises(ValidationError, match="takes over"):
        services.leave_chain(
            actor=office, membership=membership, on=TODAY, settlements={"community.supplies": "transfer"}
        )
    assert ChainMembership.objects.known().get(pk=membership.pk)
    services.leave_chain(actor=office, membership=membership, on=TODAY, settlements={"community.supplies": "end"})
    assert SupplyRelation.objects.known().get().valid_until == TODAY
    assert Event.objects.filter(type="community.dependents.settled").count() == 1


def test_what_is_kept_stays_and_a_later_app_is_asked_too(office: Person, chain: Chain, firm_b: Organisation) -> None:
    settled: list[tuple[str, Organisation | None]] = []

    def settle(
        *, actor: Person, membership: ChainMembership, on: date, choice: Settlement, successor: Organisation | None
    ) -> None:
        settled.append((str(choice), successor))

    dependents.hangs(
        "tests.papers",
        label=_("Papers"),
        find=lambda membership, day: [Hanging("a paper")],
        settle=settle,
        choices=[Settlement.KEEP],
    )
    try:
        with pytest.raises(ValueError, match="twice"):
            dependents.hangs("tests.papers", label=_("Papers"), find=lambda membership, day: [], settle=settle)
        choices = {"community.supplies": "keep", "tests.papers": "end"}
        with pytest.raises(ValidationError, match="Papers"):
            services.leave_chain(actor=office, membership=_membership(chain, firm_b), on=TODAY, settlements=choices)
        services.leave_chain(
            actor=office,
            membership=_membership(chain, firm_b),
            on=TODAY,
            settlements=choices | {"tests.papers": "keep"},
        )
    finally:
        dependents.forget("tests.papers")
    assert settled == [("keep", None)]
    assert SupplyRelation.objects.known().get().valid_until is None


def test_a_successor_takes_the_place_and_the_supplies(office: Person, chain: Chain, firm_b: Organisation) -> None:
    successor = OrganisationFactory.create()
    taken = services.replace_member(
        actor=office,
        membership=_membership(chain, firm_b),
        successor=successor,
        on=TODAY,
        settlements={"community.supplies": "transfer"},
    )
    assert (taken.organisation, taken.tier, taken.valid_from) == (successor, Tier.MEMBER, TODAY)
    relation = SupplyRelation.objects.on(TODAY).get()
    assert (relation.supplier, relation.valid_from) == (successor, TODAY)
    assert SupplyRelation.objects.on(TODAY - timedelta(days=1)).get().supplier == firm_b


@pytest.mark.postgres
def test_the_lead_is_handed_over_or_replaced_without_a_day_of_two(
    office: Person, chain: Chain, firm_a: Organisation, firm_b: Organisation
) -> None:
    services.change_leader(
        actor=office, leader=_membership(chain, firm_a), successor=_membership(chain, firm_b), on=TODAY
    )
    assert selectors.leader_of(chain, TODAY) == firm_b
    assert selectors.leader_of(chain, TODAY - timedelta(days=1)) == firm_a
    next_one, later = OrganisationFactory.create(), TODAY + timedelta(days=30)
    services.replace_member(
        actor=office,
        membership=_membership(chain, firm_b),
        successor=next_one,
        on=later,
        settlements={"community.supplies": "end"},
    )
    assert selectors.leader_of(chain, later) == next_one
    tiers = dict(selectors.members_of(chain, later).values_list("organisation", "tier"))
    assert tiers == {firm_a.pk: "member", next_one.pk: "leader"}


def test_a_firm_enters_its_own_supplies_only(
    hr: Person, other_hr: Person, chain: Chain, firm_a: Organisation, firm_b: Organisation
) -> None:
    third = OrganisationFactory.create()
    ChainMembershipFactory.create(chain=chain, organisation=third)
    own = services.Supply(firm_a, third, "芯片", "Chips", TODAY)
    with pytest.raises(PermissionDenied):
        services.record_supplies(actor=other_hr, chain=chain, supplies=[own])
    assert services.record_supplies(actor=hr, chain=chain, supplies=[own]) == 1
    for wrong, said in (
        (own, "recorded already"),
        (own._replace(customer=firm_a), "does not supply itself"),
        (own._replace(customer=OrganisationFactory.create()), "not in this chain"),
        (own._replace(valid_from=date(2019, 1, 1)), "not in this chain"),
    ):
        with pytest.raises(ValidationError, match=said):
            services.record_supplies(actor=hr, chain=chain, supplies=[wrong])


def test_the_map_shows_a_region_with_whom_it_trades(chain: Chain, firm_a: Organisation, firm_b: Organisation) -> None:
    Organisation.objects.filter(pk=firm_a.pk).update(region=RegionFactory.create())
    alone = OrganisationFactory.create()
    ChainMembershipFactory.create(chain=chain, organisation=alone)
    everyone = selectors.chain_map(chain, TODAY)
    assert everyone.members[0].organisation == firm_a and len(everyone.members) == 3
    some = selectors.chain_map(chain, TODAY, region="440300")
    assert {member.organisation for member in some.members} == {firm_a, firm_b} and len(some.supplies) == 1
    assert selectors.chain_map(chain, date(2023, 1, 1)).supplies == ()


@pytest.mark.postgres
def test_a_satellite_has_a_core_and_a_core_keeps_its_satellites(office: Person) -> None:
    core = RegionFactory.create(code="440100", name_zh="广州市")
    satellite = RegionFactory.create(code="441200", name_zh="肇庆市")
    with pytest.raises(ValidationError, match="is no core"):
        services.place_region(actor=office, region=satellite, standing=Standing.SATELLITE, core=core, valid_from=TODAY)
    services.place_region(actor=office, region=core, standing=Standing.CORE, valid_from=date(2024, 1, 1))
    services.place_region(actor=office, region=satellite, standing=Standing.SATELLITE, core=core, valid_from=TODAY)
    with pytest.raises(ValidationError, match="still has satellites"):
        services.place_region(actor=office, region=core, standing="", valid_from=TODAY)
    (found,) = selectors.region_network(TODAY).cores
    assert [one.region.code for one in (found.standing, *found.satellites)] == ["440100", "441200"]
    assert selectors.region_network(TODAY - timedelta(days=1)).cores[0].satellites == ()
    services.place_region(actor=office, region=satellite, standing="", valid_from=TODAY + timedelta(days=9))
    assert selectors.region_network(TODAY + timedelta(days=9)).cores[0].satellites == ()


def test_a_chain_is_amended_by_one_at_a_time_and_never_past_its_members(office: Person, chain: Chain) -> None:
    amended = services.amend_chain(actor=office, chain=chain, expected_revision=1, changes={"name_en": " New name "})
    assert (amended.name_en, amended.revision) == ("New name", 2)
    with pytest.raises(StaleRevision):
        services.amend_chain(actor=office, chain=chain, expected_revision=1, changes={"name_en": "Other"})
    for changes in ({"closed_on": TODAY}, {"founded_on": TODAY}, {"closed_on": date(2000, 1, 1)}):
        with pytest.raises(ValidationError):
            services.amend_chain(actor=office, chain=chain, expected_revision=2, changes=changes)


def test_a_cohort_is_amended_by_the_office(office: Person, teacher: Person) -> None:
    cohort = CohortFactory.create(intake=40)
    with pytest.raises(PermissionDenied):
        services.amend_cohort(actor=teacher, cohort=cohort, expected_revision=1, changes={"intake": 41})
    services.amend_cohort(actor=office, cohort=cohort, expected_revision=1, changes={"intake": 41})
    assert Cohort.objects.get().intake == 41
    with pytest.raises(StaleRevision):
        services.amend_cohort(actor=office, cohort=cohort, expected_revision=1, changes={"intake": 42})
