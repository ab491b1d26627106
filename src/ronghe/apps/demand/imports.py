"""Files of postings and of requirements: their columns, and what the dry run checks beyond the cells."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from ronghe.apps.community import selectors as community
from ronghe.apps.community.models import Organisation, OrganisationKind
from ronghe.apps.demand import extraction, services
from ronghe.apps.demand.keys import digest_of_text
from ronghe.apps.demand.models import Skill, Source
from ronghe.apps.demand.services.postings import known_texts
from ronghe.apps.jobs.imports import ImportContext, bulk_import
from ronghe.apps.jobs.registry import JobResult
from ronghe.tabular import (
    Cell,
    CellRefused,
    Choice,
    Column,
    Complaint,
    Date,
    Integer,
    Kind,
    Month,
    Row,
    RowCheck,
    RowSchema,
    Text,
)

LONGEST_TEXT = 50_000
FIELDS = {
    "ic": ("集成电路", "Integrated circuits"),
    "comm": ("5G与通信", "5G and communications"),
    "embedded": ("嵌入式系统", "Embedded systems"),
    "ai": ("人工智能", "Artificial intelligence"),
    "software": ("软件", "Software"),
    "infrastructure": ("云与基础设施", "Cloud and infrastructure"),
    "ecommerce": ("跨境电商", "Cross-border e-commerce"),
}
LANGUAGES = {"zh": ("中文", "Chinese"), "en": ("英文", "English"), "other": ("其他", "Other")}


@dataclass(frozen=True, slots=True)
class DayOrMonth(Kind):
    """A day, or a month for sources that say no more: it stands for its first day."""

    def parse(self, cell: Cell) -> date:
        try:
            return Date().parse(cell)
        except CellRefused as refused:
            if refused.code != "date.format":
                raise
            try:
                found: date = Month().parse(cell)
            except CellRefused:
                raise refused from None
            return found

    def write(self, value: Any, language: str | None) -> date:
        return Date().write(value, language)


POSTINGS = RowSchema(
    [
        Column(
            "external_id",
            Text(120, identifier=True),
            zh="编号",
            en="Number",
            required=True,
            aliases=("id", "招聘编号", "职位编号", "岗位编号", "posting id"),
            help_zh="来源中的编号，每条招聘信息一个。同一编号、同一内容的信息不会重复导入。",
            help_en="The number at the source, one for each posting. The same number and text is not imported twice.",
        ),
        Column(
            "published_on",
            DayOrMonth(),
            zh="发布日期",
            en="Published on",
            required=True,
            aliases=("date", "month", "日期", "发布时间", "月份", "published"),
            help_zh="如 2026-03-01；只有月份时写 2026-03。",
            help_en="Such as 2026-03-01, or 2026-03 where only the month is known.",
        ),
        Column(
            "title", Text(300), zh="岗位名称", en="Title", default="", aliases=("职位", "职位名称", "岗位", "position")
        ),
        Column(
            "organisation",
            Text(200),
            zh="企业",
            en="Enterprise",
            default="",
            aliases=("公司", "公司名称", "企业名称", "单位", "company", "employer", "organization"),
            help_zh="与平台上登记的名称相同时，信息会归到该企业。",
            help_en="Where it is a registered name, the posting is counted as that enterprise's.",
        ),
        Column("city", Text(80), zh="城市", en="City", default="", aliases=("工作城市", "工作地点", "location")),
        Column("region", Text(80), zh="地区", en="Region", default="", aliases=("省份", "省", "province", "state")),
        Column(
            "field",
            Choice(FIELDS, {"embedded": ("嵌入式",), "comm": ("通信",), "ecommerce": ("电商",), "ai": ("AI",)}),
            zh="领域",
            en="Field",
        ),
        Column(
            "head_count",
            Integer(1, 100_000),
            zh="招聘人数",
            en="Head count",
            aliases=("人数", "heads", "openings"),
            help_zh="未写明时留空，按一人计算。",
            help_en="Leave it empty where it is not stated; it counts as one person.",
        ),
        Column(
            "language",
            Choice(LANGUAGES, {"zh": ("zh-cn", "zh-hans", "汉语"), "en": ("en-us", "en-gb", "英语")}),
            zh="语言",
            en="Language",
            help_zh="留空时由内容判断。",
            help_en="Found from the text where it is empty.",
        ),
        Column(
            "text",
            Text(LONGEST_TEXT),
            zh="正文",
            en="Text",
            required=True,
            aliases=("内容", "职位描述", "岗位描述", "招聘内容", "描述", "description", "body"),
            help_zh="招聘信息全文。技能从这里提取。",
            help_en="The whole advertisement. Skills are extracted from it.",
        ),
    ],
    services.PostingData,
)


def load_source(key: str) -> Source:
    """The source into which postings are imported. Raises Source.DoesNotExist or ValueError."""
    return Source.objects.get(pk=int(key))


def check_postings(context: ImportContext) -> RowCheck[services.PostingData]:
    """A number stands for one text, in the file and at the source; no posting is of the future."""
    known = known_texts(context.subject)
    seen: dict[str, int] = {}
    today = timezone.localdate()

    def check(row: Row[services.PostingData]) -> Iterator[Complaint]:
        posting = row.record
        digest = digest_of_text(posting.text)
        before = known.setdefault(posting.external_id, digest)
        line = seen.setdefault(posting.external_id, row.line)
        if before != digest:
            where_zh = f"第 {line} 行" if line != row.line else "已导入的信息"
            where_en = f"line {line}" if line != row.line else "a posting imported before"
            yield Complaint(
                "external_id",
                f"编号与{where_zh}相同，内容却不同。招聘信息导入后不可修改，请为新的信息另取编号。",
                f"The number is that of {where_en}, which has another text. Give the new posting its own number.",
                posting.external_id,
            )
        if posting.published_on > today:
            yield Complaint(
                "published_on",
                "发布日期在今天之后，请核对。",
                "It is published after today. Check the date.",
                posting.published_on,
            )

    return check


@bulk_import(
    "demand.postings",
    label=gettext_lazy("Postings"),
    schema=POSTINGS,
    permission="demand.import_postings",
    check=check_postings,
    subject=load_source,
    back="demand:posting_list",
    help=gettext_lazy(
        "After the import duplicates are looked for and skills are extracted; a task shows how far that is."
    ),
)
def write_postings(context: ImportContext, rows: Iterable[Row[services.PostingData]]) -> JobResult:
    """Write the postings and queue the work on them."""
    imported = services.import_postings(actor=context.actor, source=context.subject, rows=(row.record for row in rows))
    figures = {"written": imported.written, "skipped": imported.skipped}
    message = ngettext(
        "%(written)s posting imported, %(skipped)s were there already.",
        "%(written)s postings imported, %(skipped)s were there already.",
        imported.written,
    ) % {"written": imported.written, "skipped": imported.skipped}
    if not imported.written:
        return JobResult(message, figures=figures)
    work = services.start_processing(actor=context.actor)
    return JobResult(message, reverse("jobs:status", args=[work.uid]), figures)


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """One requirement as a file has it."""

    organisation: str
    skill: str
    level: int | None
    head_count: int
    needed_by: date
    severity: int
    reason: str


REQUIREMENTS = RowSchema(
    [
        Column(
            "organisation",
            Text(160),
            zh="企业",
            en="Enterprise",
            required=True,
            aliases=("公司", "企业名称", "单位", "company", "organization", "统一社会信用代码"),
            help_zh="平台上登记的企业名称或统一社会信用代码。",
            help_en="The registered name of the enterprise, or its unified social credit code.",
        ),
        Column(
            "skill",
            Text(160),
            zh="技能",
            en="Skill",
            required=True,
            help_zh="技能库中的编号或任一中英文名称。",
            help_en="The lexicon's id or any name of the skill in either language.",
        ),
        Column("level", Integer(1, 5), zh="技能等级", en="Skill level", aliases=("等级", "skill level")),
        Column("head_count", Integer(1, 100_000), zh="人数", en="Head count", required=True, aliases=("需求人数",)),
        Column("needed_by", Date(), zh="到岗日期", en="Needed by", required=True, aliases=("需求日期", "截止日期")),
        Column(
            "severity",
            Integer(1, 5),
            zh="紧迫程度",
            en="Severity",
            required=True,
            aliases=("严重程度",),
            help_zh="1（可等）至 5（已影响生产）。",
            help_en="From 1 (can wait) to 5 (work is held up).",
        ),
        Column("reason", Text(2_000), zh="用途说明", en="Needed for", default="", aliases=("说明", "原因", "why")),
    ],
    RequirementRow,
)


class _Lookup:
    """Finds the organisations and skills that rows name; loaded once an import."""

    def __init__(self) -> None:
        self._organisations = community.organisations_by_name()
        self._skills = {skill.code: skill for skill in Skill.objects.current()}
        self._names = extraction.names()

    def organisation(self, name: str) -> Organisation | None:
        found = self._organisations.get(name.strip().casefold(), [])
        return found[0] if len(found) == 1 and found[0].kind == OrganisationKind.ENTERPRISE else None

    def skill(self, name: str) -> Skill | None:
        return self._skills.get(self._names.resolve(name) or "")

    def suggestions(self, name: str, language: str) -> list[str]:
        return self._names.suggest(name, language)


def check_requirements(context: ImportContext) -> RowCheck[RequirementRow]:
    """The enterprise is registered, the skill is in the lexicon, the day is not past."""
    lookup = _Lookup()
    today = timezone.localdate()

    def check(row: Row[RequirementRow]) -> Iterator[Complaint]:
        need = row.record
        if lookup.organisation(need.organisation) is None:
            yield Complaint(
                "organisation",
                "平台上没有（或有多家）这个名称的企业，请改用统一社会信用代码，或先登记该企业。",
                "No enterprise, or more than one, has this name. Use its credit code, or register it first.",
                need.organisation,
            )
        if lookup.skill(need.skill) is None:
            zh, en = ("、".join(lookup.suggestions(need.skill, "zh")), ", ".join(lookup.suggestions(need.skill, "en")))
            yield Complaint(
                "skill",
                f"技能库中没有这项技能。相近的有：{zh}。" if zh else "技能库中没有这项技能，请查阅技能库后填写。",
                f"The lexicon has no such skill. Near to it: {en}."
                if en
                else "The lexicon has no such skill. Look it up.",
                need.skill,
            )
        if need.needed_by < today:
            yield Complaint(
                "needed_by",
                "到岗日期已过，请填写今天或以后的日期。",
                "The day by which it is needed lies in the past.",
                need.needed_by,
            )

    return check


@bulk_import(
    "demand.requirements",
    label=gettext_lazy("Requirements of enterprises"),
    schema=REQUIREMENTS,
    permission="demand.import_requirements",
    check=check_requirements,
    back="demand:requirement_list",
)
def write_requirements(context: ImportContext, rows: Iterable[Row[RequirementRow]]) -> JobResult:
    """Raise the requirements on behalf of their enterprises."""
    raised, skipped = services.import_requirements(actor=context.actor, rows=_needs(rows))
    return JobResult(
        _("%(raised)s requirements raised, %(skipped)s stood already.") % {"raised": raised, "skipped": skipped},
        figures={"raised": raised, "skipped": skipped},
    )


def _needs(rows: Iterable[Row[RequirementRow]]) -> Iterator[services.RequirementData]:
    lookup = _Lookup()
    for row in rows:
        need = row.record
        organisation, skill = lookup.organisation(need.organisation), lookup.skill(need.skill)
        if organisation is None or skill is None:
            raise services.ImportRefused(
                _("Line %(line)s: the enterprise or the skill has been removed meanwhile. Check the file again.")
                % {"line": row.line}
            )
        yield services.RequirementData(
            organisation=organisation,
            skill=skill,
            skill_level=need.level,
            head_count=need.head_count,
            needed_by=need.needed_by,
            severity=need.severity,
            reason=need.reason,
        )
