"""Chains and their dated members: found, amend, admit, change a tier. One leader a chain a day, never two.

Leaving, replacing and changing the leader are `leaving`'s.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import events
from ronghe.apps.community.models import Chain, ChainMembership, Organisation, OrganisationKind, Region, Tier
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.metrics.dated import AlreadySuperseded, supersede

_KIND_OF_TIER = {
    Tier.LEADER: OrganisationKind.ENTERPRISE,
    Tier.MEMBER: OrganisationKind.ENTERPRISE,
    Tier.UNIVERSITY: OrganisationKind.UNIVERSITY,
}


@transaction.atomic
def found_chain(
    *, actor: Person, name_zh: str, name_en: str = "", field: str, region: Region | None = None, founded_on: date
) -> Chain:
    """Found a chain; its leader and members are admitted next."""
    demand(actor, "community.found_chain")
    chain = Chain(name_zh=name_zh.strip(), name_en=name_en.strip(), field=field, region=region, founded_on=founded_on)
    chain.full_clean()
    if Chain.objects.filter(name_zh__iexact=chain.name_zh).exists():
        raise ValidationError({"name_zh": _("There is a chain of this name already.")})
    chain.save()
    ledger.record(
        actor=actor,
        type=events.CHAIN_FOUNDED,
        subject=chain,
        payload={
            "name_zh": chain.name_zh,
            "name_en": chain.name_en or None,
            "field": str(chain.field),
            "region": region.code if region else None,
            "founded_on": founded_on,
        },
    )
    return chain


CHAIN_AMENDABLE = ("name_zh", "name_en", "field", "region", "founded_on", "closed_on")


@transaction.atomic
def amend_chain(*, actor: Person, chain: Chain, expected_revision: int, changes: Mapping[str, Any]) -> Chain:
    """Change what is said of a chain, its closing day too; nobody may be a member outside its days.

    Raises StaleRevision when someone saved it after `expected_revision` was read.
    """
    demand(actor, "community.change_chain", chain)
    if unknown := set(changes) - set(CHAIN_AMENDABLE):
        raise ValueError(f"a chain's {', '.join(sorted(unknown))} cannot be amended")
    current = take_revision(Chain, chain.pk, expected=expected_revision)
    before = {name: getattr(current, name) for name in changes}
    for name, value in changes.items():
        setattr(current, name, value.strip() if isinstance(value, str) else value)
    if current.closed_on is not None and current.closed_on <= current.founded_on:
        raise ValidationError({"closed_on": _("A chain closes after the day on which it was founded.")})
    current.full_clean()
    if Chain.objects.filter(name_zh__iexact=current.name_zh).exclude(pk=current.pk).exists():
        raise ValidationError({"name_zh": _("There is a chain of this name already.")})
    members = ChainMembership.objects.known().filter(chain=current)
    if (early := members.filter(valid_from__lt=current.founded_on).order_by("valid_from").first()) is not None:
        raise ValidationError(
            {"founded_on": _("A member joined on %(day)s; it was founded by then.") % {"day": early.valid_from}}
        )
    if current.closed_on is not None:
        staying = members.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=current.closed_on))
        if staying.exists():
            raise ValidationError(
                {"closed_on": _("It still has members then. Let them leave first, so that nothing is left hanging.")}
            )
    changed = [name for name in changes if getattr(current, name) != before[name]]
    if not changed:
        return chain
    current.save()
    ledger.record(
        actor=actor,
        type=events.CHAIN_AMENDED,
        subject=current,
        payload={
            "fields": changed,
            "before": [str(before[name] or "") for name in changed],
            "after": [str(getattr(current, name) or "") for name in changed],
            "revision": current.revision,
        },
    )
    return current


@transaction.atomic
def admit_to_chain(
    *,
    actor: Person,
    chain: Chain,
    organisation: Organisation,
    tier: str,
    valid_from: date,
    brought_in_by: Organisation | None = None,
) -> ChainMembership:
    """Admit an organisation to a chain in a tier from a day on, naming the member that brought it in."""
    return admit(
        actor=actor,
        chain=locked_chain(actor, chain),
        organisation=organisation,
        tier=tier,
        valid_from=valid_from,
        brought_in_by=brought_in_by,
    )


def admit(
    *,
    actor: Person,
    chain: Chain,
    organisation: Organisation,
    tier: str,
    valid_from: date,
    brought_in_by: Organisation | None = None,
) -> ChainMembership:
    """The same for a service that has checked that `actor` may and holds the lock of the chain."""
    check_tier(organisation, tier)
    if valid_from < chain.founded_on:
        raise ValidationError(
            {"valid_from": _("The chain was founded on %(day)s; nobody joins before.") % {"day": chain.founded_on}}
        )
    if chain.closed_on is not None and valid_from >= chain.closed_on:
        raise ValidationError({"valid_from": _("The chain closed on %(day)s.") % {"day": chain.closed_on}})
    if (known := _from(chain, valid_from).filter(organisation=organisation).first()) is not None:
        raise ValidationError(
            {"organisation": _("It is in this chain already, since %(day)s.") % {"day": known.valid_from}}
        )
    if tier == Tier.LEADER:
        _check_no_other_leader(chain, valid_from, None)
    _check_brought_in_by(chain, organisation, brought_in_by, valid_from)
    membership = ChainMembership(
        chain=chain, organisation=organisation, tier=tier, valid_from=valid_from, brought_in_by=brought_in_by
    )
    membership.save()
    ledger.record(
        actor=actor,
        type=events.MEMBER_ADMITTED,
        subject=chain,
        payload={
            "organisation": organisation,
            "tier": str(tier),
            "valid_from": valid_from,
            "brought_in_by": brought_in_by,
        },
    )
    return membership


@transaction.atomic
def change_tier(*, actor: Person, membership: ChainMembership, tier: str, on: date) -> ChainMembership:
    """Change the tier from day `on` on; before that day the old one held and still does."""
    chain = locked_chain(actor, membership.chain)
    membership = current_membership(membership)
    check_tier(membership.organisation, tier)
    if tier == membership.tier:
        raise ValidationError({"tier": _("It has this tier already.")})
    if on < membership.valid_from or (membership.valid_until is not None and on >= membership.valid_until):
        raise ValidationError({"on": _("It is not in the chain in its present tier on that day.")})
    if tier == Tier.LEADER:
        _check_no_other_leader(chain, on, membership.valid_until, besides=membership)
    if on == membership.valid_from:
        changed = supersede(membership, tier=tier)
    else:
        before = supersede(membership, valid_until=on)
        changed = ChainMembership.objects.create(
            chain=chain,
            organisation=membership.organisation,
            tier=tier,
            brought_in_by=membership.brought_in_by,
            valid_from=on,
            valid_until=membership.valid_until,
            recorded_at=before.recorded_at,
        )
    ledger.record(
        actor=actor,
        type=events.TIER_CHANGED,
        subject=chain,
        payload={
            "organisation": membership.organisation,
            "tier": str(tier),
            "tier_before": str(membership.tier),
            "valid_from": on,
        },
    )
    return changed


def locked_chain(actor: Person, chain: Chain) -> Chain:
    """The chain, locked: its members change one at a time, which is what keeps it at one leader."""
    demand(actor, "community.change_chain", chain)
    return Chain.objects.select_for_update().get(pk=chain.pk)


def current_membership(membership: ChainMembership) -> ChainMembership:
    """The membership as it is known now. Raises AlreadySuperseded when somebody changed it meanwhile."""
    found = (
        ChainMembership.objects.known()
        .filter(pk=membership.pk)
        .select_related("chain", "organisation", "brought_in_by")
        .first()
    )
    if found is None:
        raise AlreadySuperseded(_("Someone else changed this membership meanwhile. Open the chain again."))
    return found


def _from(chain: Chain, first: date, until: date | None = None) -> QuerySet[ChainMembership]:
    """What is known of the members of `chain` on some day of `[first, until)`."""
    found = ChainMembership.objects.known().filter(chain=chain)
    found = found.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=first))
    return found if until is None else found.filter(valid_from__lt=until)


def check_tier(organisation: Organisation, tier: str) -> None:
    if tier not in Tier.values:
        raise ValidationError({"tier": _("Choose one of the tiers.")})
    if organisation.kind != _KIND_OF_TIER[Tier(tier)]:
        raise ValidationError(
            {
                "tier": _("“%(organisation)s” cannot have the tier “%(tier)s”: it is another kind of organisation.")
                % {"organisation": organisation.name, "tier": Tier(tier).label}
            }
        )


def _check_no_other_leader(
    chain: Chain, first: date, until: date | None, *, besides: ChainMembership | None = None
) -> None:
    leaders = _from(chain, first, until).filter(tier=Tier.LEADER).select_related("organisation")
    if besides is not None:
        leaders = leaders.exclude(pk=besides.pk)
    if (leader := leaders.first()) is not None:
        raise ValidationError(
            {
                "tier": _("“%(leader)s” leads this chain then. Change its tier first; a chain has one leader a day.")
                % {"leader": leader.organisation.name}
            }
        )


def _check_brought_in_by(
    chain: Chain, organisation: Organisation, brought_in_by: Organisation | None, day: date
) -> None:
    if brought_in_by is None:
        return
    if brought_in_by.pk == organisation.pk:
        raise ValidationError({"brought_in_by": _("An organisation does not bring itself in.")})
    if not ChainMembership.objects.on(day).filter(chain=chain, organisation=brought_in_by).exists():
        raise ValidationError(
            {
                "brought_in_by": _("“%(organisation)s” is not in this chain on that day, so it cannot bring others in.")
                % {"organisation": brought_in_by.name}
            }
        )
