"""Who supplies whom in a chain, and which regions are cores and satellites: dated facts, entered and ended here."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import events, standing
from ronghe.apps.community.models import (
    Chain,
    ChainMembership,
    Organisation,
    Region,
    RegionStanding,
    RoleKind,
    Standing,
    SupplyRelation,
)
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.services import Entry
from ronghe.apps.metrics.dated import AlreadySuperseded, end, supersede


class Supply(NamedTuple):
    """One relation of `record_supplies`."""

    supplier: Organisation
    customer: Organisation
    goods_zh: str
    goods_en: str
    valid_from: date


def _supply_payload(relation: SupplyRelation) -> dict[str, object]:
    return {"supplier": relation.supplier, "customer": relation.customer, "goods": relation.goods_zh}


def _demand_side(actor: Person, supplier_id: int, customer_id: int) -> None:
    """A firm's HR speaks for its own firm only: it must be one of the two sides."""
    if standing.holds(actor, RoleKind.OFFICE):
        return
    if not {supplier_id, customer_id} & standing.organisations(actor, RoleKind.ENTERPRISE_HR):
        raise PermissionDenied(_("You can enter what your own firm supplies or is supplied with, nothing else."))


@transaction.atomic
def record_supplies(*, actor: Person, chain: Chain, supplies: Sequence[Supply]) -> int:
    """Record that members of `chain` supply each other, all or none; both sides must be members on that day."""
    demand(actor, "community.record_supply", chain)
    Chain.objects.select_for_update().get(pk=chain.pk)
    spans: dict[int, list[ChainMembership]] = {}
    for membership in ChainMembership.objects.known().filter(chain=chain):
        spans.setdefault(membership.organisation_id, []).append(membership)
    open_ones = SupplyRelation.objects.known().filter(chain=chain, valid_until__isnull=True)
    known = set(open_ones.values_list("supplier_id", "customer_id", "goods_zh"))
    relations = []
    for supply in supplies:
        _demand_side(actor, supply.supplier.pk, supply.customer.pk)
        relation = SupplyRelation(chain=chain, **supply._asdict())
        relation.goods_zh, relation.goods_en = relation.goods_zh.strip(), relation.goods_en.strip()
        relation.clean_fields()
        if supply.supplier.pk == supply.customer.pk:
            raise ValidationError({"customer": _("A firm does not supply itself. Choose another.")})
        for field, side in (("supplier", supply.supplier), ("customer", supply.customer)):
            if not any(span.holds_on(supply.valid_from) for span in spans.get(side.pk, ())):
                said = _("“%(organisation)s” is not in this chain on that day.")
                raise ValidationError({field: said % {"organisation": side.name}})
        key = (supply.supplier.pk, supply.customer.pk, relation.goods_zh)
        if key in known:
            raise ValidationError({"goods_zh": _("This supply is recorded already.")})
        known.add(key)
        relations.append(relation)
    SupplyRelation.objects.bulk_create(relations)
    ledger.record_many(
        actor=actor,
        entries=[
            Entry(events.SUPPLY_RECORDED, chain, _supply_payload(one) | {"valid_from": one.valid_from})
            for one in relations
        ],
    )
    return len(relations)


@transaction.atomic
def end_supply(*, actor: Person, relation: SupplyRelation, on: date) -> SupplyRelation | None:
    """End a supply: `on` is the first day without it. None when it then never began."""
    demand(actor, "community.record_supply", relation.chain)
    _demand_side(actor, relation.supplier_id, relation.customer_id)
    if relation.valid_until is not None and relation.valid_until <= on:
        raise ValidationError({"on": _("It ends on %(day)s already.") % {"day": relation.valid_until}})
    ended = end(relation, on)
    ledger.record(
        actor=actor,
        type=events.SUPPLY_ENDED,
        subject=relation.chain,
        payload=_supply_payload(relation) | {"valid_until": on},
    )
    return ended


@transaction.atomic
def place_region(
    *, actor: Person, region: Region, standing: str, core: Region | None = None, valid_from: date
) -> RegionStanding | None:
    """Say what `region` is in the network from a day on: a core, the satellite of one, or (standing "") neither."""
    demand(actor, "community.place_region")
    # One change of the network at a time: whether a core stands is asked of other rows than the one written.
    list(Region.objects.select_for_update().filter(pk__in={region.pk, core.pk if core else region.pk}).order_by("pk"))
    if standing and standing not in Standing.values:
        raise ValidationError({"standing": _("Choose core or satellite.")})
    if standing == Standing.SATELLITE:
        if core is None:
            raise ValidationError({"core": _("A satellite belongs to a core. Choose it.")})
        if not RegionStanding.objects.on(valid_from).filter(region=core, standing=Standing.CORE).exists():
            raise ValidationError({"core": _("“%(region)s” is no core on that day.") % {"region": core.name}})
    elif core is not None:
        raise ValidationError({"core": _("Only a satellite has a core.")})
    if standing != Standing.CORE:
        satellites = RegionStanding.objects.known().filter(core=region, valid_until__isnull=True).exclude(region=region)
        if satellites.exists():
            raise ValidationError({"standing": _("It still has satellites. Give them another core first.")})
    current = RegionStanding.objects.known().filter(region=region, valid_until__isnull=True).first()
    placed: RegionStanding | None = None
    if current is not None and valid_from < current.valid_from:
        raise ValidationError(
            {
                "valid_from": _("Its present standing begins on %(day)s; choose a later day.")
                % {"day": current.valid_from}
            }
        )
    if current is not None and valid_from == current.valid_from and standing:
        placed = supersede(current, standing=standing, core=core)
    else:
        if current is not None:
            end(current, valid_from)
        if standing:
            placed = RegionStanding.objects.create(region=region, standing=standing, core=core, valid_from=valid_from)
    if current is None and placed is None:
        raise AlreadySuperseded(_("This region has no standing to end."))
    ledger.record(
        actor=actor,
        type=events.REGION_PLACED,
        subject=f"community.region:{region.code}",
        payload={"standing": standing or None, "core": core.code if core else None, "valid_from": valid_from},
    )
    return placed
