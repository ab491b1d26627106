"""Files of positions: their columns, what the dry run checks beyond the cells, and the same columns for exports."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ronghe.apps.community.models import Campus, Organisation, Region
from ronghe.apps.demand import extraction
from ronghe.apps.demand.models import Skill
from ronghe.apps.jobs.imports import ImportContext, bulk_import, complaint
from ronghe.apps.jobs.registry import JobResult
from ronghe.apps.positions import services
from ronghe.apps.positions.models import Assignment, Position
from ronghe.apps.positions.services import PositionData, SkillAsked
from ronghe.tabular import (
    Choice,
    Column,
    Complaint,
    Date,
    DecimalNumber,
    Integer,
    Row,
    RowCheck,
    RowSchema,
    Text,
)

_SEPARATORS = str.maketrans({"；": ";", "\n": ";", "\r": ";"})
_MONEY = DecimalNumber(digits=9, places=2, minimum=0)
_FIELDS = {
    "ic": ("集成电路", "Integrated circuits"),
    "comm": ("5G与通信", "5G and communications"),
    "embedded": ("嵌入式系统", "Embedded systems"),
    "ai": ("人工智能", "Artificial intelligence"),
    "software": ("软件", "Software"),
    "ecommerce": ("跨境电商", "Cross-border e-commerce"),
}


@dataclass(frozen=True, slots=True)
class PositionLine:
    """A position as a file has it; skills as "name level" with a star where required, parted by semicolons."""

    title_zh: str
    tasks: str
    field: str
    seats: int
    starts_on: date
    ends_on: date
    title_en: str = ""
    enterprise: str = ""
    campus: str = ""
    city: str = ""
    pay: Decimal | None = None
    post_pay: Decimal | None = None
    post_staff: int | None = None
    skills: str = ""


POSITIONS: RowSchema[PositionLine] = RowSchema(
    [
        Column(
            "title_zh", Text(120), zh="岗位名称", en="Chinese title", required=True, aliases=("岗位", "职位", "title"),
        ),
        Column("title_en", Text(160), zh="英文名称", en="English title", default=""),
        Column("tasks", Text(4000), zh="岗位任务", en="Tasks", required=True, aliases=("工作内容", "职责")),
        Column("field", Choice(_FIELDS), zh="领域", en="Field", required=True),
        Column("seats", Integer(1, 5000), zh="名额", en="Seats", required=True, aliases=("人数", "岗位数")),
        Column("starts_on", Date(), zh="开始日期", en="First day", required=True),
        Column("ends_on", Date(), zh="结束日期", en="Last day", required=True),
        Column(
            "campus", Text(120), zh="校区或厂区", en="Campus", default="", aliases=("厂区",),
            help_zh="平台上登记的厂区名称；填写后城市以厂区为准。",
            help_en="A registered campus of the firm; the city is then its own.",
        ),
        Column(
            "city", Text(80), zh="城市", en="City", default="", aliases=("工作城市", "地点"),
            help_zh="城市名称或六位行政区划代码。", help_en="The city's name or its six-digit division code.",
        ),
        Column("pay", _MONEY, zh="实习报酬（元/月）", en="Pay (yuan a month)", aliases=("报酬", "实习报酬")),
        Column("post_pay", _MONEY, zh="同岗位职工月薪（元）", en="Pay of staff in the same post"),
        Column("post_staff", Integer(0, 1_000_000), zh="同岗位职工人数", en="Staff in the same post"),
        Column(
            "skills", Text(1000), zh="技能要求", en="Skills", default="",
            help_zh="名称 等级，多项以分号隔开，必需的加 *：嵌入式 Linux 3*；PCB 设计 2",
            help_en="Name and level, parted by semicolons, a star where required: Embedded Linux 3*; PCB layout 2",
        ),
        Column(
            "enterprise", Text(160), zh="企业", en="Enterprise", default="",
            help_zh="可留空；填写时须与所选企业一致。",
            help_en="May be empty; if given it must be the firm imported into.",
        ),
    ],
    PositionLine,
)  # fmt: skip


def position_lines(found: Iterable[Position]) -> Iterator[PositionLine]:
    """Positions as lines of a file, which the import of the same firm understands."""
    for one in found:
        yield PositionLine(
            title_zh=one.title_zh,
            title_en=one.title_en,
            tasks=one.tasks,
            field=one.field,
            seats=one.seats,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            enterprise=one.organisation.name,
            campus=one.campus.name if one.campus else "",
            city=one.region.name,
            pay=one.pay,
            post_pay=one.post_pay,
            post_staff=one.post_staff,
            skills="; ".join(
                f"{asked.skill.name} {asked.skill_level}{'*' if asked.is_required else ''}"
                for asked in one.skills.all()
            ),
        )


class _Lookup:
    """Finds the cities, campuses and skills that lines name; loaded once an import."""

    def __init__(self, firm: Organisation) -> None:
        self.firm = firm
        self._regions: dict[str, Region] = {}
        for region in Region.objects.filter(parent__isnull=False):
            for name in (region.code, region.name_zh, region.name_en, region.name_zh.removesuffix("市")):
                self._regions.setdefault(name.casefold(), region)
        self._campuses: dict[str, Campus] = {}
        for campus in Campus.objects.filter(organisation=firm).select_related("region"):
            for name in (campus.name_zh, campus.name_en):
                self._campuses.setdefault(name.casefold(), campus)
        self._skills = {skill.code: skill for skill in Skill.objects.current()}
        self._names = extraction.names()

    def region(self, name: str) -> Region | None:
        return self._regions.get(name.strip().casefold())

    def campus(self, name: str) -> Campus | None:
        return self._campuses.get(name.strip().casefold()) if name.strip() else None

    def asked(self, text: str) -> tuple[list[SkillAsked], list[str]]:
        """The skills of a cell, and the parts that could not be read."""
        found, wrong = [], []
        for part in filter(None, (one.strip() for one in text.translate(_SEPARATORS).split(";"))):
            required = part.endswith("*")
            name, _space, level = part.removesuffix("*").strip().rpartition(" ")
            skill = self._skills.get(self._names.resolve(name) or "")
            if skill is None or level not in {"1", "2", "3", "4", "5"}:
                wrong.append(part)
            else:
                found.append(SkillAsked(skill, int(level), required))
        return found, wrong

    def data(self, line: PositionLine) -> PositionData:
        """What a checked line says."""
        return PositionData(
            title_zh=line.title_zh,
            title_en=line.title_en,
            tasks=line.tasks,
            field=line.field,
            seats=line.seats,
            starts_on=line.starts_on,
            ends_on=line.ends_on,
            campus=self.campus(line.campus),
            region=self.region(line.city),
            pay=line.pay,
            post_pay=line.post_pay,
            post_staff=line.post_staff,
            skills=tuple(self.asked(line.skills)[0]),
        )


def load_firm(key: str) -> Organisation:
    """The enterprise whose positions are imported. Raises Organisation.DoesNotExist or ValueError."""
    return Organisation.objects.get(uid=UUID(key), kind="enterprise")


def check_positions(context: ImportContext) -> RowCheck[PositionLine]:
    """Days in order, a city or a campus that exist, skills of the lexicon, the firm's own lines."""
    lookup = _Lookup(context.subject)

    def check(row: Row[PositionLine]) -> Iterator[Complaint]:
        line = row.record
        if line.ends_on < line.starts_on:
            yield complaint("ends_on", _("The last day is before the first day."), line.ends_on)
        campus = lookup.campus(line.campus)
        if line.campus and campus is None:
            yield complaint("campus", _("The firm has no such campus on the platform."), line.campus)
        if campus is None and lookup.region(line.city) is None:
            yield complaint("city", _("Name a city as the platform has it, or its division code."), line.city)
        found, wrong = lookup.asked(line.skills)
        for part in wrong:
            yield complaint("skills", _("Not a skill of the lexicon with a level from 1 to 5."), part)
        if len({one.skill.pk for one in found}) < len(found):
            yield complaint("skills", _("A skill is named twice; keep one line of it."), line.skills)
        own = {lookup.firm.name_zh.casefold(), lookup.firm.name_en.casefold(), ""}
        if line.enterprise.strip().casefold() not in own:
            yield complaint("enterprise", _("This line is of another enterprise."), line.enterprise)

    return check


@bulk_import(
    "positions.positions",
    label=_("Positions"),
    schema=POSITIONS,
    permission="positions.offer_position",
    check=check_positions,
    subject=load_firm,
    back="positions:overview",
    help=_("Each line becomes a draft: read it, add agreement and requirements, then submit it."),
)
def write_positions(context: ImportContext, rows: Iterable[Row[PositionLine]]) -> JobResult:
    """Write the lines down as drafts of the firm."""
    lookup = _Lookup(context.subject)
    made = services.import_positions(
        actor=context.actor, organisation=context.subject, rows=[lookup.data(row.record) for row in rows]
    )
    message = ngettext("%(count)s draft is written.", "%(count)s drafts are written.", len(made))
    return JobResult(message % {"count": len(made)}, figures={"written": len(made)})


@dataclass(frozen=True, slots=True)
class AssignmentLine:
    """Who goes where, as a file has it."""

    student_number: str
    student: str
    cohort: str
    position: str
    enterprise: str
    city: str
    rank: int | None
    fit: Decimal | None
    fixed: str


ASSIGNMENTS: RowSchema[AssignmentLine] = RowSchema(
    [
        Column("student_number", Text(30, identifier=True), zh="学号", en="Student number", default=""),
        Column("student", Text(120), zh="学生", en="Student", required=True),
        Column("cohort", Text(160), zh="班级", en="Cohort", default=""),
        Column("position", Text(160), zh="岗位", en="Position", default=""),
        Column("enterprise", Text(160), zh="企业", en="Enterprise", default=""),
        Column("city", Text(80), zh="城市", en="City", default=""),
        Column("rank", Integer(1, 1000), zh="志愿序号", en="Rank of the wish"),
        Column("fit", DecimalNumber(digits=6, places=4), zh="技能匹配度", en="Skill fit"),
        Column("fixed", Text(10), zh="办公室指定", en="Fixed by the office", default=""),
    ],
    AssignmentLine,
)


def assignment_lines(found: QuerySet[Assignment], numbers: dict[int, str]) -> Iterator[AssignmentLine]:
    """Assignments as lines of a file; `numbers` holds student numbers by person."""
    for one in found.iterator(chunk_size=500):
        place = one.position
        yield AssignmentLine(
            student_number=numbers.get(one.person_id or 0, ""),
            student=one.person.name if one.person else "—",
            cohort=one.cohort.name,
            position=place.title if place else "",
            enterprise=place.organisation.name if place else "",
            city=place.region.name if place else "",
            rank=one.rank,
            fit=None if one.fit is None else Decimal(str(round(one.fit, 4))),
            fixed=str(_("yes")) if one.is_fixed else "",
        )
