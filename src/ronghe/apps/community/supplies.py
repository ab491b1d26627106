"""What becomes of a member's supplies when it leaves its chain: kept on record, handed over, or ended."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import events
from ronghe.apps.community.dependents import Hanging, Settlement, hangs
from ronghe.apps.community.models import ChainMembership, Organisation, SupplyRelation
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics.dated import end


def _open(membership: ChainMembership, day: date) -> QuerySet[SupplyRelation]:
    sides = Q(supplier=membership.organisation_id) | Q(customer=membership.organisation_id)
    later = Q(valid_until__isnull=True) | Q(valid_until__gt=day)
    known = SupplyRelation.objects.known().filter(sides, later, chain=membership.chain_id)
    return known.select_related("supplier", "customer", "chain").order_by("pk")


def find(membership: ChainMembership, day: date) -> Sequence[Hanging]:
    """The supplies of the member that would outlive `day`."""
    return [Hanging(str(relation), until=relation.valid_until) for relation in _open(membership, day)]


def settle(
    *, actor: Person, membership: ChainMembership, on: date, choice: Settlement, successor: Organisation | None
) -> None:
    """End them on `on`, with TRANSFER also begin them anew for the successor."""
    if choice is Settlement.KEEP:
        return
    for relation in _open(membership, on):
        end(relation, on)
        facts = {"supplier": relation.supplier, "customer": relation.customer, "goods": relation.goods_zh}
        ledger.record(
            actor=actor, type=events.SUPPLY_ENDED, subject=relation.chain, payload=facts | {"valid_until": on}
        )
        if successor is not None:
            _hand_over(actor, relation, membership.organisation_id, successor, on)


def _hand_over(actor: Person, relation: SupplyRelation, leaving: int, successor: Organisation, on: date) -> None:
    supplier = successor if relation.supplier_id == leaving else relation.supplier
    customer = successor if relation.customer_id == leaving else relation.customer
    same = SupplyRelation.objects.known().filter(
        chain=relation.chain, supplier=supplier, customer=customer, goods_zh=relation.goods_zh, valid_until=None
    )
    if supplier.pk == customer.pk or same.exists():
        return
    begins = max(on, relation.valid_from)
    SupplyRelation.objects.create(
        chain=relation.chain,
        supplier=supplier,
        customer=customer,
        goods_zh=relation.goods_zh,
        goods_en=relation.goods_en,
        valid_from=begins,
        valid_until=relation.valid_until,
    )
    ledger.record(
        actor=actor,
        type=events.SUPPLY_RECORDED,
        subject=relation.chain,
        payload={"supplier": supplier, "customer": customer, "goods": relation.goods_zh, "valid_from": begins},
    )


def register() -> None:
    """Called once when the app is ready."""
    hangs("community.supplies", label=_("Supply relations"), find=find, settle=settle)
