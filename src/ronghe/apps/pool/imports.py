"""Tables of the pool: assets in with a dry run and out in the same columns, and income with its portions out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from ronghe.apps.community.selectors import organisations_by_name
from ronghe.apps.jobs.imports import ImportContext, bulk_import, complaint
from ronghe.apps.jobs.registry import JobResult
from ronghe.apps.pool import selectors, services
from ronghe.apps.pool.models import Asset, Project
from ronghe.apps.pool.registered_numbers import registered_number
from ronghe.apps.pool.services import AssetData
from ronghe.tabular import Choice, Column, Complaint, Date, DecimalNumber, ListOf, Row, RowCheck, RowSchema, Text

_BATCH = 500
_YUAN = DecimalNumber(digits=14, places=2)
_KINDS = Choice(
    {
        "patent": ("专利", "Patent"),
        "software": ("软件著作权", "Software copyright"),
        "layout": ("集成电路布图设计", "Layout design of an integrated circuit"),
        "case": ("教学案例", "Teaching case"),
        "dataset": ("数据集", "Data set"),
        "course": ("课程资料", "Course material"),
        "know_how": ("技术秘密", "Know-how"),
        "other": ("其他", "Other"),
    }
)


@dataclass(frozen=True, slots=True)
class AssetRow:
    """One asset of a file."""

    project: str
    kind: str
    name_zh: str
    name_en: str
    number: str
    registered_on: date | None
    owners: tuple[str, ...]
    summary: str


ASSETS = RowSchema(
    [
        Column(
            "project",
            Text(120),
            zh="项目",
            en="Project",
            required=True,
            help_zh="已登记项目的编号或名称",
            help_en="Number or name of a recorded project",
        ),
        Column("kind", _KINDS, zh="类型", en="Kind", required=True),
        Column("name_zh", Text(120), zh="中文名称", en="Chinese name", required=True, aliases=("名称",)),
        Column("name_en", Text(160), zh="英文名称", en="English name", default=""),
        Column("number", Text(60, identifier=True), zh="登记号", en="Registered number", default=""),
        Column("registered_on", Date(), zh="登记日期", en="Registered on"),
        Column(
            "owners",
            ListOf(Text(160)),
            zh="权利人",
            en="Owners",
            required=True,
            help_zh="用分号隔开；已登记单位的名称或统一社会信用代码",
            help_en="Separated by semicolons; names or credit codes on the register",
        ),
        Column("summary", Text(2000), zh="简介", en="Summary", default=""),
    ],
    AssetRow,
)


def _projects() -> dict[str, list[Project]]:
    known: dict[str, list[Project]] = {}
    for project in Project.objects.all():
        for name in {project.number, project.name_zh, project.name_en} - {""}:
            known.setdefault(name.casefold(), []).append(project)
    return known


def check_assets(context: ImportContext) -> RowCheck[AssetRow]:
    """Projects and owners are on record, numbers are right and new, days are past."""
    taken = set(Asset.objects.exclude(number="").values_list("kind", "number"))
    projects, organisations = _projects(), organisations_by_name()
    seen: dict[tuple[str, str], int] = {}
    today = timezone.localdate()

    def check(row: Row[AssetRow]) -> Iterator[Complaint]:
        record = row.record
        if len(projects.get(record.project.casefold(), [])) != 1:
            yield complaint(
                "project",
                gettext_lazy("No project is called “%(name)s”, or several are: write the project number."),
                record.project,
                name=record.project,
            )
        for name in record.owners:
            if len(organisations.get(name.casefold(), [])) != 1:
                yield complaint(
                    "owners",
                    gettext_lazy("“%(name)s” is not on the register, or several are called so: write the credit code."),
                    name,
                    name=name,
                )
        if record.registered_on is not None and record.registered_on > today:
            yield complaint("registered_on", gettext_lazy("This day is still to come."), record.registered_on)
        try:
            number = registered_number(record.kind, record.number)
        except ValidationError:
            yield complaint(
                "number", gettext_lazy("This number cannot be right: compare it with the certificate."), record.number
            )
            return
        if not number:
            return
        if (record.kind, number) in taken:
            yield complaint("number", gettext_lazy("An asset with this number is recorded already."), record.number)
        first = seen.setdefault((record.kind, number), row.line)
        if first != row.line:
            yield complaint("number", gettext_lazy("Line %(line)s has the same number."), record.number, line=first)

    return check


@bulk_import(
    "pool.assets",
    label=gettext_lazy("Assets of the pool"),
    help=gettext_lazy("What projects made; contributors and their shares are proposed and agreed to afterwards."),
    schema=ASSETS,
    permission="pool.import_assets",
    check=check_assets,
    back="pool:overview",
)
def write_assets(context: ImportContext, rows: Iterable[Row[AssetRow]]) -> JobResult:
    """Record them all."""
    projects, organisations = _projects(), organisations_by_name()
    stream, count = iter(rows), 0
    while batch := list(islice(stream, _BATCH)):
        count += services.record_assets(
            actor=context.actor,
            data=[
                AssetData(
                    project=projects[row.record.project.casefold()][0],
                    kind=row.record.kind,
                    name_zh=row.record.name_zh,
                    name_en=row.record.name_en,
                    number=row.record.number,
                    registered_on=row.record.registered_on,
                    owners=[organisations[name.casefold()][0] for name in row.record.owners],
                    summary=row.record.summary,
                )
                for row in batch
            ],
        )
        context.progress.report(count, context.total)
    said = ngettext("%(count)s asset was recorded.", "%(count)s assets were recorded.", count)
    return JobResult(said % {"count": count}, reverse("pool:overview"))


def exported(found: QuerySet[Asset]) -> Iterator[dict[str, Any]]:
    """Assets in the columns of the import; 500 at a time."""
    keys = list(found.values_list("pk", flat=True))
    for start in range(0, len(keys), _BATCH):
        part = keys[start : start + _BATCH]
        owners = selectors.owners_of(part)
        by_key = Asset.objects.select_related("project").in_bulk(part)
        for key in part:
            asset = by_key[key]
            yield {
                "project": asset.project.number or asset.project.name_zh,
                "kind": asset.kind,
                "name_zh": asset.name_zh,
                "name_en": asset.name_en,
                "number": asset.number,
                "registered_on": asset.registered_on,
                "owners": tuple(one.name_zh for one in owners.get(key, [])),
                "summary": asset.summary,
            }


@dataclass(frozen=True, slots=True)
class PortionRow:
    """One portion of an income; without a holder where the income is not distributed yet."""

    received_on: date
    document: str
    kind: str
    income: Decimal
    version: str
    holder: str
    share: str
    amount: Decimal | None


PORTIONS = RowSchema(
    [
        Column("received_on", Date(), zh="收款日期", en="Received on", required=True),
        Column("document", Text(120), zh="凭证", en="Document", required=True),
        Column("kind", Text(40), zh="类型", en="Kind", required=True),
        Column("income", _YUAN, zh="收入（元）", en="Income (yuan)", required=True),
        Column("version", Text(10), zh="份额版本", en="Version of shares", default=""),
        Column("holder", Text(160), zh="贡献者", en="Contributor", default=""),
        Column("share", Text(30), zh="份额", en="Share", default=""),
        Column("amount", _YUAN, zh="所得（元）", en="Portion (yuan)"),
    ],
    PortionRow,
)


def portions_of(asset: Asset) -> Iterator[dict[str, Any]]:
    """What an asset earned, portion by portion, reversals included."""
    for income in selectors.income_of(asset):
        told = {
            "received_on": income.received_on,
            "document": income.document,
            "kind": income.get_kind_display(),
            "income": income.amount,
        }
        if not hasattr(income, "distribution"):
            yield {**told, "version": "", "holder": "", "share": "", "amount": None}
            continue
        for portion in income.distribution.portions.all():
            yield {
                **told,
                "version": str(income.distribution.version.number),
                "holder": portion.share.holder,
                "share": str(portion.share.exact),
                "amount": portion.amount,
            }
