"""Files of supply relations of one chain: who supplies whom with what, since when."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from ronghe.apps.community import services
from ronghe.apps.community.models import Chain, ChainMembership, Organisation, SupplyRelation
from ronghe.apps.community.selectors import organisations_by_name
from ronghe.apps.jobs.imports import ImportContext, bulk_import, complaint
from ronghe.apps.jobs.registry import JobResult
from ronghe.tabular import Column, Complaint, Date, Row, RowCheck, RowSchema, Text


@dataclass(frozen=True, slots=True)
class SupplyRow:
    """One supply of a file."""

    supplier: str
    customer: str
    goods_zh: str
    goods_en: str
    valid_from: date | None


_HELP_ZH, _HELP_EN = "链内单位的名称或统一社会信用代码", "Name or credit code of a member of the chain"

SUPPLIES = RowSchema(
    [
        Column("supplier", Text(160), zh="供应方", en="Supplier", required=True, help_zh=_HELP_ZH, help_en=_HELP_EN),
        Column("customer", Text(160), zh="采购方", en="Customer", required=True, help_zh=_HELP_ZH, help_en=_HELP_EN),
        Column("goods_zh", Text(120), zh="供应内容", en="What is supplied (Chinese)", required=True),
        Column("goods_en", Text(160), zh="供应内容（英文）", en="What is supplied (English)", default=""),
        Column("valid_from", Date(), zh="起始日期", en="Since", help_zh="留空为今天", help_en="Empty: today"),
    ],
    SupplyRow,
)


def load_chain(key: str) -> Chain:
    """The chain a file goes into. Raises Chain.DoesNotExist or ValueError."""
    return Chain.objects.get(uid=UUID(key))


def _find(known: dict[str, list[Organisation]], name: str) -> Organisation | None:
    found = known.get(name.strip().casefold(), [])
    return found[0] if len(found) == 1 else None


def check_supplies(context: ImportContext) -> RowCheck[SupplyRow]:
    """Both sides are members of the chain on that day, are not the same, and the supply is not recorded already."""
    chain: Chain = context.subject
    known = organisations_by_name()
    spans: dict[int, list[ChainMembership]] = {}
    for membership in ChainMembership.objects.known().filter(chain=chain):
        spans.setdefault(membership.organisation_id, []).append(membership)
    open_ones = SupplyRelation.objects.known().filter(chain=chain, valid_until__isnull=True)
    recorded = set(open_ones.values_list("supplier_id", "customer_id", "goods_zh"))
    today = timezone.localdate()

    def check(row: Row[SupplyRow]) -> Iterator[Complaint]:
        record = row.record
        day = record.valid_from or today
        sides = {}
        for column in ("supplier", "customer"):
            name = getattr(record, column)
            found = _find(known, name)
            if found is None:
                yield complaint(
                    column, gettext_lazy("No organisation, or more than one, of this name is registered."), name
                )
            elif not any(span.holds_on(day) for span in spans.get(found.pk, ())):
                yield complaint(column, gettext_lazy("It is not in this chain on that day."), name)
            else:
                sides[column] = found.pk
        if len(sides) < 2:
            return
        if sides["supplier"] == sides["customer"]:
            yield complaint("customer", gettext_lazy("A firm does not supply itself."), record.customer)
        key = (sides["supplier"], sides["customer"], record.goods_zh.strip())
        if key in recorded:
            yield complaint("goods_zh", gettext_lazy("This supply is recorded already."), record.goods_zh)
        recorded.add(key)

    return check


@bulk_import(
    "community.supplies",
    label=gettext_lazy("Supply relations"),
    help=gettext_lazy("One line a supply between two members of a chain."),
    schema=SUPPLIES,
    permission="community.record_supply",
    subject=load_chain,
    check=check_supplies,
    back="community:chain_list",
)
def write_supplies(context: ImportContext, rows: Iterable[Row[SupplyRow]]) -> JobResult:
    """Record them all."""
    chain: Chain = context.subject
    known = organisations_by_name()
    today = timezone.localdate()
    supplies = []
    for row in rows:
        supplier, customer = _find(known, row.record.supplier), _find(known, row.record.customer)
        if supplier is None or customer is None:
            raise Organisation.DoesNotExist(f"line {row.line} names an organisation that is gone since the dry run")
        supplies.append(
            services.Supply(
                supplier, customer, row.record.goods_zh, row.record.goods_en, row.record.valid_from or today
            )
        )
    count = services.record_supplies(actor=context.actor, chain=chain, supplies=supplies)
    said = ngettext("%(count)s supply was recorded.", "%(count)s supplies were recorded.", count)
    return JobResult(said % {"count": count}, reverse("community:chain_map", args=[chain.uid]))
