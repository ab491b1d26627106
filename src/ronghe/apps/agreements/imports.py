"""Files of agreements that were signed outside: in with a dry run, out in the same columns."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from ronghe.apps.agreements import services
from ronghe.apps.agreements.clauses import ClauseKind
from ronghe.apps.agreements.models import Agreement, Party, Promise, Term
from ronghe.apps.agreements.services import SignedOutside
from ronghe.apps.community.models import Chain, ChainMembership
from ronghe.apps.community.selectors import organisations_by_name
from ronghe.apps.jobs.imports import ImportContext, bulk_import, complaint
from ronghe.apps.jobs.registry import JobResult
from ronghe.tabular import Choice, Column, Complaint, Date, Integer, ListOf, Row, RowCheck, RowSchema, Text

_BATCH = 500
_KINDS = Choice(
    {
        "strategic": ("战略合作", "Strategic cooperation"),
        "talent_supply": ("人才供给", "Talent supply"),
        "other": ("其他", "Other"),
    }
)


@dataclass(frozen=True, slots=True)
class AgreementRow:
    """One agreement of a file."""

    number: str
    kind: str
    title_zh: str
    title_en: str
    chain: str
    parties: tuple[str, ...]
    first_day: date
    last_day: date | None
    seats_a_year: int | None
    mentors: int | None
    graduates_a_year: int | None


AGREEMENTS = RowSchema(
    [
        Column("number", Text(40, identifier=True), zh="编号", en="Number", required=True, aliases=("协议编号",)),
        Column("kind", _KINDS, zh="类型", en="Kind", required=True),
        Column("title_zh", Text(160), zh="中文标题", en="Chinese title", required=True, aliases=("标题", "协议名称")),
        Column("title_en", Text(200), zh="英文标题", en="English title", default=""),
        Column("chain", Text(160), zh="生态链", en="Chain", default="", help_zh="可留空", help_en="May be empty"),
        Column(
            "parties",
            ListOf(Text(160)),
            zh="各方",
            en="Parties",
            required=True,
            help_zh="按甲方、乙方的顺序，用分号隔开；已登记单位的名称或统一社会信用代码",
            help_en="In the order of the sides, separated by semicolons; names or credit codes on the register",
        ),
        Column("first_day", Date(), zh="生效日期", en="In force from", required=True),
        Column("last_day", Date(), zh="截止日期", en="Last day", help_zh="可留空", help_en="May be empty"),
        Column("seats_a_year", Integer(1, 100_000), zh="每年实习名额", en="Seats a year"),
        Column("mentors", Integer(1, 100_000), zh="企业导师数", en="Mentors"),
        Column("graduates_a_year", Integer(1, 100_000), zh="每年培养人数", en="Graduates a year"),
    ],
    AgreementRow,
)


def _chains() -> dict[str, Chain]:
    known: dict[str, Chain] = {}
    for chain in Chain.objects.all():
        for name in (chain.name_zh, chain.name_en):
            if name:
                known.setdefault(name.casefold(), chain)
    return known


def check_agreements(context: ImportContext) -> RowCheck[AgreementRow]:
    """Numbers are new, parties and chain are on the register and belong together, days are in order."""
    taken = set(Agreement.objects.exclude(number=None).values_list("number", flat=True))
    organisations, chains = organisations_by_name(), _chains()
    members: dict[int, set[int]] = {}
    for chain, organisation in ChainMembership.objects.known().values_list("chain_id", "organisation_id"):
        members.setdefault(chain, set()).add(organisation)
    seen: dict[str, int] = {}

    def check(row: Row[AgreementRow]) -> Iterator[Complaint]:
        record = row.record
        if record.number in taken:
            yield complaint("number", gettext_lazy("There is an agreement with this number already."), record.number)
        first = seen.setdefault(record.number, row.line)
        if first != row.line:
            yield complaint("number", gettext_lazy("Line %(line)s has the same number."), record.number, line=first)
        chain = chains.get(record.chain.casefold())
        if record.chain and chain is None:
            yield complaint("chain", gettext_lazy("There is no chain of this name."), record.chain)
        found = []
        for name in record.parties:
            fitting = organisations.get(name.casefold(), [])
            if len(fitting) != 1:
                yield complaint(
                    "parties",
                    gettext_lazy("“%(name)s” is not on the register, or several are called so: write the credit code."),
                    name,
                    name=name,
                )
                continue
            found.append(fitting[0].pk)
            if chain is not None and fitting[0].pk not in members.get(chain.pk, set()):
                yield complaint("parties", gettext_lazy("“%(name)s” has never been in this chain."), name, name=name)
        if len(record.parties) < 2 or len(set(found)) != len(found):
            yield complaint(
                "parties",
                gettext_lazy("Name at least two different parties."),
                "；".join(record.parties),
            )
        if record.last_day is not None and record.last_day < record.first_day:
            yield complaint("last_day", gettext_lazy("The last day comes before the first one."), record.last_day)

    return check


@bulk_import(
    "agreements.agreements",
    label=gettext_lazy("Agreements signed outside"),
    help=gettext_lazy("Agreements that were signed on paper before; each is recorded as in force from its first day."),
    schema=AGREEMENTS,
    permission="agreements.import_agreements",
    check=check_agreements,
    back="agreements:list",
)
def write_agreements(context: ImportContext, rows: Iterable[Row[AgreementRow]]) -> JobResult:
    """Record them all."""
    organisations, chains = organisations_by_name(), _chains()
    stream, count = iter(rows), 0
    while batch := list(islice(stream, _BATCH)):
        count += services.record_signed_outside(
            actor=context.actor,
            agreements=[
                SignedOutside(
                    number=row.record.number,
                    kind=row.record.kind,
                    title_zh=row.record.title_zh,
                    title_en=row.record.title_en,
                    chain=chains.get(row.record.chain.casefold()),
                    parties=[organisations[name.casefold()][0] for name in row.record.parties],
                    first_day=row.record.first_day,
                    last_day=row.record.last_day,
                    seats_a_year=row.record.seats_a_year,
                    mentors=row.record.mentors,
                    graduates_a_year=row.record.graduates_a_year,
                )
                for row in batch
            ],
        )
        context.progress.report(count, context.total)
    said = ngettext("%(count)s agreement was recorded.", "%(count)s agreements were recorded.", count)
    return JobResult(said % {"count": count}, reverse("agreements:list"))


def exported(found: QuerySet[Agreement]) -> Iterator[dict[str, Any]]:
    """Agreements in the columns of the import, with the yearly numbers of their current promises; 500 at a time."""
    keys = list(found.values_list("pk", flat=True))
    for start in range(0, len(keys), _BATCH):
        yield from _exported(keys[start : start + _BATCH])


def _exported(keys: list[int]) -> Iterator[dict[str, Any]]:
    parties: dict[int, list[str]] = {}
    for party in Party.objects.filter(agreement__in=keys).select_related("organisation"):
        # A person who is a party is not given out in a list.
        parties.setdefault(party.agreement_id, []).append(party.organisation.name_zh if party.organisation else "—")
    terms = {term.agreement_id: term for term in Term.objects.known().filter(agreement__in=keys)}
    numbers: dict[tuple[int, str], int] = {}
    for promise in Promise.objects.known().filter(agreement__in=keys).order_by("valid_from"):
        if promise.kind == ClauseKind.MENTORS or promise.per == "year":
            numbers[promise.agreement_id, promise.kind] = promise.quantity
    agreements = Agreement.objects.select_related("chain").in_bulk(keys)
    for key in keys:
        agreement, term = agreements[key], terms.get(key)
        paper = agreement.instruments.filter(number=1).first() if term is None else None
        first = term.valid_from if term else paper.first_day if paper else None
        yield {
            "number": agreement.number or "",
            "kind": agreement.kind if agreement.kind != "three_party" else "other",
            "title_zh": agreement.title_zh,
            "title_en": agreement.title_en,
            "chain": agreement.chain.name_zh if agreement.chain else "",
            "parties": tuple(parties.get(key, [])),
            "first_day": first,
            "last_day": date.fromordinal(term.valid_until.toordinal() - 1) if term and term.valid_until else None,
            "seats_a_year": numbers.get((key, "positions")),
            "mentors": numbers.get((key, "mentors")),
            "graduates_a_year": numbers.get((key, "talent_supply")),
        }
