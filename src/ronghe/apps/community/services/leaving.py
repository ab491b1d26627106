"""A member leaves, is replaced, or hands over the lead; what hangs on its membership is settled by a named choice."""

from collections.abc import Mapping
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import events
from ronghe.apps.community.dependents import Settlement, hanging
from ronghe.apps.community.models import ChainMembership, Organisation, Tier
from ronghe.apps.community.services.chains import admit, change_tier, current_membership, locked_chain
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics.dated import end

Settlements = Mapping[str, str]


@transaction.atomic
def leave_chain(
    *,
    actor: Person,
    membership: ChainMembership,
    on: date,
    settlements: Settlements | None = None,
    successor: Organisation | None = None,
) -> ChainMembership | None:
    """End a membership: `on` is the first day outside the chain. None when it then never began.

    `settlements` says for each kind of thing that hangs on it (`dependents.hanging`) what becomes of it; `successor`
    takes what is transferred and must be in the chain on that day.
    """
    chain = locked_chain(actor, membership.chain)
    membership = current_membership(membership)
    if membership.valid_until is not None and membership.valid_until <= on:
        raise ValidationError({"on": _("It leaves the chain on %(day)s already.") % {"day": membership.valid_until}})
    if successor is not None:
        there = ChainMembership.objects.on(on).filter(chain=chain, organisation=successor)
        if successor.pk == membership.organisation_id or not there.exists():
            raise ValidationError(
                {"successor": _("“%(name)s” is not in this chain on that day.") % {"name": successor.name}}
            )
    _settle(actor, membership, on, settlements or {}, successor)
    ended = end(membership, on)
    ledger.record(
        actor=actor,
        type=events.MEMBER_LEFT,
        subject=chain,
        payload={
            "organisation": membership.organisation,
            "tier": str(membership.tier),
            "valid_until": on,
        },
    )
    return ended


def _settle(
    actor: Person, membership: ChainMembership, on: date, settlements: Settlements, successor: Organisation | None
) -> None:
    found = hanging(membership, on)
    chosen: dict[str, Settlement] = {}
    for one in found:
        name = one.dependent.name
        asked = settlements.get(name, "")
        if asked not in [str(choice) for choice in one.dependent.choices]:
            raise ValidationError(
                {f"settle_{name}": _("Say what becomes of this: %(what)s.") % {"what": one.dependent.label}}
            )
        chosen[name] = Settlement(asked)
        if chosen[name] is Settlement.TRANSFER and successor is None:
            raise ValidationError({"successor": _("Name the member that takes over what is transferred.")})
    for one in found:
        choice = chosen[one.dependent.name]
        one.dependent.settle(
            actor=actor,
            membership=membership,
            on=on,
            choice=choice,
            successor=successor if choice is Settlement.TRANSFER else None,
        )
    if found:
        ledger.record(
            actor=actor,
            type=events.DEPENDENTS_SETTLED,
            subject=membership.chain,
            payload={
                "organisation": membership.organisation,
                "dependents": list(chosen),
                "choices": [str(choice) for choice in chosen.values()],
                "successor": successor,
                "on": on,
            },
        )


@transaction.atomic
def replace_member(
    *,
    actor: Person,
    membership: ChainMembership,
    successor: Organisation,
    on: date,
    settlements: Settlements | None = None,
) -> ChainMembership:
    """Let `successor` take the place and the tier of a member from day `on` on; all or nothing.

    A successor that is in the chain already keeps its membership and takes over what is transferred.
    """
    chain = locked_chain(actor, membership.chain)
    membership = current_membership(membership)
    there = ChainMembership.objects.on(on).filter(chain=chain, organisation=successor).first()
    if membership.tier == Tier.LEADER:
        # The place of the leader is free only when the old one has left: settled below with the successor in mind.
        if there is None:
            there = admit(actor=actor, chain=chain, organisation=successor, tier=Tier.MEMBER, valid_from=on)
        leave_chain(actor=actor, membership=membership, on=on, settlements=settlements, successor=successor)
        return change_tier(actor=actor, membership=there, tier=Tier.LEADER, on=on)
    if there is None:
        there = admit(actor=actor, chain=chain, organisation=successor, tier=membership.tier, valid_from=on)
    leave_chain(actor=actor, membership=membership, on=on, settlements=settlements, successor=successor)
    return there


@transaction.atomic
def change_leader(*, actor: Person, leader: ChainMembership, successor: ChainMembership, on: date) -> ChainMembership:
    """Hand the lead to another member from day `on` on; the old leader stays as a member. Nothing hangs in the air."""
    chain = locked_chain(actor, leader.chain)
    if successor.chain_id != chain.pk or leader.tier != Tier.LEADER:
        raise ValidationError({"successor": _("Choose a member of this chain.")})
    change_tier(actor=actor, membership=leader, tier=Tier.MEMBER, on=on)
    return change_tier(actor=actor, membership=successor, tier=Tier.LEADER, on=on)
