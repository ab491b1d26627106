"""A programme as lines of a table: one line for each skill that a unit declares. Serves CSV, XLSX and CASE alike."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from ronghe.apps.curriculum.models import Declaration, PackageVersion, Programme
from ronghe.apps.curriculum.models.versions import NEVER
from ronghe.tabular import Column, DecimalNumber, Integer, RowSchema, Text


@dataclass(frozen=True, slots=True)
class TeachingRow:
    """One line: course, package, unit, and a skill that the unit declares (none where `skill` is empty)."""

    course_code: str
    course_zh: str
    package_zh: str
    unit_zh: str
    unit_hours: Decimal
    course_en: str = ""
    credits: Decimal = Decimal(0)
    package_en: str = ""
    unit_en: str = ""
    unit_practice_hours: Decimal = Decimal(0)
    content: str = ""
    skill: str = ""
    skill_level: int | None = None
    hours: Decimal | None = None
    practice_hours: Decimal | None = None
    evidence: str = ""


_HOURS = DecimalNumber(digits=5, places=1, minimum=Decimal(0))

TEACHING = RowSchema(
    [
        Column("course_code", Text(30), zh="课程代码", en="Course code", required=True),
        Column("course_zh", Text(120), zh="课程名称", en="Course (Chinese)", required=True),
        Column("course_en", Text(160), zh="课程英文名称", en="Course (English)", default=""),
        Column(
            "credits",
            DecimalNumber(digits=4, places=1, minimum=Decimal(0)),
            zh="学分",
            en="Credits",
            default=Decimal(0),
        ),
        Column("package_zh", Text(120), zh="课程包", en="Package (Chinese)", required=True),
        Column("package_en", Text(160), zh="课程包英文名称", en="Package (English)", default=""),
        Column("unit_zh", Text(120), zh="教学单元", en="Unit (Chinese)", required=True),
        Column("unit_en", Text(160), zh="单元英文名称", en="Unit (English)", default=""),
        Column("unit_hours", _HOURS, zh="单元学时", en="Unit hours", required=True),
        Column("unit_practice_hours", _HOURS, zh="单元实践学时", en="Unit practice hours", default=Decimal(0)),
        Column("content", Text(8_000), zh="教学内容", en="Content", default=""),
        Column(
            "skill",
            Text(160),
            zh="技能",
            en="Skill",
            default="",
            help_zh="技能库中的编号或任一中英文名称；一个单元教授多项技能时，每项一行。",
            help_en="The lexicon's id or any name of the skill; a unit that teaches several has one line for each.",
        ),
        Column("skill_level", Integer(1, 5), zh="技能等级", en="Skill level"),
        Column("hours", _HOURS, zh="技能学时", en="Skill hours"),
        Column("practice_hours", _HOURS, zh="技能实践学时", en="Skill practice hours"),
        Column("evidence", Text(300), zh="考核证据", en="Evidence", default=""),
    ],
    TeachingRow,
)


def rows_of(programme: Programme) -> Iterator[TeachingRow]:
    """The units in force of a programme, course by course: four queries."""
    versions = (
        PackageVersion.objects.filter(package__course__programme=programme, taught_from__lt=NEVER, taught_until=NEVER)
        .select_related("package__course")
        .prefetch_related("units__declarations__skill")
        .order_by("package__course__code", "package__opened_on", "package_id")
    )
    for version in versions:
        course, package = version.package.course, version.package
        for unit in version.units.all():
            declared: list[Declaration | None] = list(unit.declarations.all())
            for one in declared or [None]:
                yield TeachingRow(
                    course_code=course.code,
                    course_zh=course.name_zh,
                    course_en=course.name_en,
                    credits=course.credits,
                    package_zh=package.name_zh,
                    package_en=package.name_en,
                    unit_zh=unit.name_zh,
                    unit_en=unit.name_en,
                    unit_hours=unit.hours,
                    unit_practice_hours=unit.practice_hours,
                    content=unit.content,
                    skill=one.skill.code if one else "",
                    skill_level=one.skill_level if one else None,
                    hours=one.hours if one else None,
                    practice_hours=one.practice_hours if one else None,
                    evidence=one.evidence if one else "",
                )


def by_unit(rows: Iterable[TeachingRow]) -> dict[tuple[str, str, str], list[TeachingRow]]:
    """The lines of each unit, by course code, package and unit, in the order of the file."""
    found: dict[tuple[str, str, str], list[TeachingRow]] = {}
    for row in rows:
        found.setdefault((row.course_code, row.package_zh, row.unit_zh), []).append(row)
    return found
