"""Positions: who may offer and approve them, what is refused, and that what was offered stays on record."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import services as community
from ronghe.apps.community.models import Campus, Chain, ChainMembership, Organisation, OrganisationConfirmation, Region
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.positions import services
from ronghe.apps.positions.models import Offer, Position, PositionState
from ronghe.apps.positions.services import PositionData, SkillAsked
from tests.apps.positions.conftest import Opener, sign
from tests.factories import CampusFactory, RequirementFactory, SkillFactory

pytestmark = pytest.mark.django_db


def test_a_position_goes_from_draft_to_offer_by_two_people(
    hr: Person, office: Person, firm_a: Organisation, data: PositionData, today: date
) -> None:
    draft = services.draft_position(actor=hr, organisation=firm_a, data=data)
    assert draft.state == PositionState.DRAFT and not Offer.objects.exists()
    submitted = services.submit_position(actor=hr, position=draft, revision=draft.revision)
    opened = services.approve_position(actor=office, position=submitted, revision=submitted.revision)
    assert opened.state == PositionState.OPEN
    offer = Offer.objects.get()
    assert (offer.seats, offer.offered_on, offer.chain_id) == (2, today, data.chain.pk if data.chain else None)
    types = set(Event.objects.values_list("type", flat=True))
    assert {"positions.position.submitted", "positions.position.opened"} <= types


def test_only_hr_of_the_firm_offers_and_only_the_office_approves(
    office: Person, other_hr: Person, student: Person, hr: Person, firm_a: Organisation, data: PositionData
) -> None:
    for stranger in (office, other_hr, student):
        with pytest.raises(PermissionDenied):
            services.draft_position(actor=stranger, organisation=firm_a, data=data)
    draft = services.draft_position(actor=hr, organisation=firm_a, data=data)
    submitted = services.submit_position(actor=hr, position=draft, revision=draft.revision)
    for stranger in (hr, other_hr, student):
        with pytest.raises(PermissionDenied):
            services.approve_position(actor=stranger, position=submitted, revision=submitted.revision)


def test_an_unconfirmed_firm_offers_nothing(hr: Person, firm_a: Organisation, data: PositionData) -> None:
    draft = services.draft_position(actor=hr, organisation=firm_a, data=data)
    OrganisationConfirmation.objects.filter(organisation=firm_a).delete()
    with pytest.raises(ValidationError, match="not confirmed yet"):
        services.draft_position(actor=hr, organisation=firm_a, data=data)
    with pytest.raises(ValidationError, match="not confirmed yet"):
        services.submit_position(actor=hr, position=draft, revision=draft.revision)


def test_what_contradicts_itself_is_refused_at_its_field(
    hr: Person, firm_a: Organisation, firm_b: Organisation, data: PositionData, region: Region, skill
) -> None:  # type: ignore[no-untyped-def]
    foreign_campus: Campus = CampusFactory.create(organisation=firm_b)
    for changes, field in (
        ({"ends_on": data.starts_on - timedelta(days=1)}, "ends_on"),
        ({"seats": 0}, "seats"),
        ({"campus": foreign_campus}, "campus"),
        ({"region": None}, "region"),
        ({"skills": (SkillAsked(skill, 3), SkillAsked(skill, 4))}, "skills"),
        ({"skills": (SkillAsked(skill, 6),)}, "skills"),
        ({"requirements": (RequirementFactory.create(organisation=firm_b),)}, "requirements"),
        ({"pay": -1}, "pay"),
    ):
        with pytest.raises(ValidationError) as refused:
            services.draft_position(actor=hr, organisation=firm_a, data=replace(data, **changes))  # type: ignore[arg-type]
        assert field in refused.value.message_dict, changes
    assert not Position.objects.exists()


def test_a_firm_outside_the_chain_cannot_name_it(
    other_hr: Person, firm_b: Organisation, data: PositionData, chain: Chain
) -> None:
    with pytest.raises(ValidationError, match="not in this chain"):
        services.draft_position(actor=other_hr, organisation=firm_b, data=data)


def test_where_the_chain_asks_for_it_a_signed_talent_supply_agreement_must_stand_behind_a_position(
    hr: Person,
    office: Person,
    firm_a: Organisation,
    firm_b: Organisation,
    chain: Chain,
    data: PositionData,
    today: date,
) -> None:
    services.set_chain_rule(
        actor=office, chain=chain, asks_for_agreement=True, clause="章程第五条", valid_from=today - timedelta(days=1)
    )
    agreements = [
        (None, "asks for a signed"),
        (sign(firm_b), "no party"),
        (sign(firm_a, first=data.starts_on + timedelta(days=1)), "not in force"),
        (sign(firm_a, kind="strategic"), "another one"),
    ]
    for agreement, words in agreements:
        draft = services.draft_position(actor=hr, organisation=firm_a, data=replace(data, agreement=agreement))
        with pytest.raises(ValidationError, match=words):
            services.submit_position(actor=hr, position=draft, revision=draft.revision)
    draft = services.draft_position(actor=hr, organisation=firm_a, data=replace(data, agreement=sign(firm_a)))
    submitted = services.submit_position(actor=hr, position=draft, revision=draft.revision)
    assert services.approve_position(actor=office, position=submitted, revision=submitted.revision).opened_on == today


def test_what_is_sent_back_says_why_and_can_be_submitted_again(
    hr: Person, office: Person, firm_a: Organisation, data: PositionData
) -> None:
    draft = services.draft_position(actor=hr, organisation=firm_a, data=data)
    submitted = services.submit_position(actor=hr, position=draft, revision=draft.revision)
    with pytest.raises(ValidationError):
        services.return_position(actor=office, position=submitted, revision=submitted.revision, reason=" ")
    back = services.return_position(actor=office, position=submitted, revision=submitted.revision, reason="写明部门")
    assert (back.state, back.note) == (PositionState.DRAFT, "写明部门")
    changed = services.change_draft(
        actor=hr, position=back, revision=back.revision, data=replace(data, tasks="固件组：移植驱动。")
    )
    again = services.submit_position(actor=hr, position=changed, revision=changed.revision)
    assert again.state == PositionState.SUBMITTED


def test_an_amendment_keeps_what_was_offered_before(
    opened: Opener, office: Person, data: PositionData, today: date
) -> None:
    position = opened()
    month_ago = today - timedelta(days=30)
    Offer.objects.update(valid_from=month_ago, offered_on=month_ago)
    amended = services.amend_position(
        actor=office, position=position, revision=position.revision, data=replace(data, seats=5)
    )
    assert amended.seats == 5
    rows = list(Offer.objects.known().order_by("valid_from").values_list("seats", "valid_from", "offered_on"))
    assert rows == [(2, month_ago, month_ago), (5, today, month_ago)]
    assert [one.seats for one in Offer.objects.on(today - timedelta(days=1))] == [2]


def test_a_correction_of_the_same_day_is_known_only_from_then_on(
    opened: Opener, office: Person, data: PositionData, today: date
) -> None:
    position = opened()
    before = Offer.objects.get().recorded_at
    services.amend_position(actor=office, position=position, revision=position.revision, data=replace(data, seats=4))
    assert [one.seats for one in Offer.objects.on(today)] == [4]
    assert [one.seats for one in Offer.objects.on(today, known_at=before)] == [2]


def test_the_firm_alone_enlarges_nothing_that_the_office_approved(
    opened: Opener, hr: Person, data: PositionData, today: date
) -> None:
    position = opened(pay=3000)
    paid = replace(data, pay=position.pay)
    for changes, field in (({"seats": 3}, "seats"), ({"chain": None}, "chain"), ({"pay": 2000}, "pay")):
        with pytest.raises(ValidationError) as refused:
            services.amend_position(
                actor=hr,
                position=position,
                revision=position.revision,
                data=replace(paid, **changes),  # type: ignore[arg-type]
            )
        assert field in refused.value.message_dict
    fewer = services.amend_position(actor=hr, position=position, revision=1 + 2, data=replace(paid, seats=1))
    assert fewer.seats == 1
    with pytest.raises(ValidationError, match="Choose a day"):
        services.amend_position(
            actor=hr,
            position=fewer,
            revision=fewer.revision,
            data=replace(paid, seats=1),
            from_day=today + timedelta(1),
        )
    with pytest.raises(StaleRevision):
        services.amend_position(actor=hr, position=fewer, revision=1, data=paid)


def test_closing_keeps_the_seats_offered_and_withdrawing_ends_them(opened: Opener, hr: Person, today: date) -> None:
    closed, withdrawn = opened(), opened(title_zh="测试实习生")
    closed = services.close_position(actor=hr, position=closed, revision=closed.revision)
    with pytest.raises(ValidationError, match="why"):
        services.withdraw_position(actor=hr, position=withdrawn, revision=withdrawn.revision, reason="")
    withdrawn = services.withdraw_position(actor=hr, position=withdrawn, revision=withdrawn.revision, reason="项目取消")
    assert (closed.state, withdrawn.state) == (PositionState.CLOSED, PositionState.WITHDRAWN)
    assert [one.position_id for one in Offer.objects.on(today)] == [closed.pk]


@pytest.mark.parametrize(("choice", "holds"), [("keep", 1), ("end", 0)])
def test_a_firm_that_leaves_its_chain_keeps_or_withdraws_its_positions_by_a_named_choice(
    opened: Opener, chain: Chain, firm_a: Organisation, office: Person, today: date, choice: str, holds: int
) -> None:
    opened()
    membership = ChainMembership.objects.get(chain=chain, organisation=firm_a)
    on = today + timedelta(days=20)
    with pytest.raises(ValidationError):
        community.leave_chain(actor=office, membership=membership, on=on)
    community.leave_chain(actor=office, membership=membership, on=on, settlements={"positions": choice})
    assert Offer.objects.on(on).count() == holds
    assert Offer.objects.on(on - timedelta(days=1)).count() == 1


def test_data_of_a_position_gives_back_what_was_said(opened: Opener, data: PositionData, skill) -> None:  # type: ignore[no-untyped-def]
    other = SkillFactory.create()
    position = opened(skills=(SkillAsked(skill, 3), SkillAsked(other, 2, True)))
    found = services.data_of(Position.objects.get(pk=position.pk))
    assert replace(found, skills=()) == replace(data, skills=())
    assert {(one.skill.pk, one.skill_level, one.is_required) for one in found.skills} == {
        (skill.pk, 3, False),
        (other.pk, 2, True),
    }
