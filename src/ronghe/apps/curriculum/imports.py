"""A programme as a CSV or XLSX file: its columns, what is checked line by line, and the drafts that it becomes."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ronghe.apps.curriculum import services
from ronghe.apps.curriculum.models import PackageVersion, Programme, VersionState
from ronghe.apps.curriculum.rows import TEACHING, TeachingRow
from ronghe.apps.curriculum.services.importing import Skills
from ronghe.apps.demand import extraction
from ronghe.apps.jobs.imports import ImportContext, bulk_import, complaint
from ronghe.apps.jobs.registry import JobResult
from ronghe.tabular import Complaint, Row, RowCheck


def load_programme(key: str) -> Programme:
    """The programme that the address of an import names."""
    return Programme.objects.select_related("organisation").get(uid=key)


def check_programme(context: ImportContext) -> RowCheck[TeachingRow]:
    """Skills are in the lexicon, hours fit into their unit, no package has a version in work."""
    skills = Skills()
    in_work = set(
        PackageVersion.objects.filter(package__course__programme=context.subject)
        .exclude(state=VersionState.RELEASED)
        .values_list("package__course__code", "package__name_zh")
    )
    hours: dict[tuple[str, str, str], tuple[Decimal, Decimal]] = {}
    declared: set[tuple[str, str, str, int]] = set()

    def check(row: Row[TeachingRow]) -> Iterator[Complaint]:
        line = row.record
        unit = (line.course_code, line.package_zh, line.unit_zh)
        if unit[:2] in in_work:
            yield complaint(
                "package_zh",
                _("A version of this package is in work already. Release or discard it first."),
                line.package_zh,
            )
        if line.unit_hours <= 0:
            yield complaint("unit_hours", _("A unit has more than 0 hours."), line.unit_hours)
        if line.unit_practice_hours > line.unit_hours:
            yield complaint(
                "unit_practice_hours", _("The practice hours are more than the hours."), line.unit_practice_hours
            )
        if line.skill:
            yield from _check_skill(line, unit)

    def _check_skill(line: TeachingRow, unit: tuple[str, str, str]) -> Iterator[Complaint]:
        skill = skills.find(line.skill)
        if skill is None:
            near = "、".join(extraction.names().suggest(line.skill, "zh"))
            yield complaint(
                "skill", _("The lexicon has no such skill. Near to it: %(near)s."), line.skill, near=near or "—"
            )
            return
        if (*unit, skill.pk) in declared:
            yield complaint("skill", _("The unit declares this skill on a line before."), line.skill)
        declared.add((*unit, skill.pk))
        if line.skill_level is None:
            yield complaint("skill_level", _("Give the skill level that learners reach, 1 to 5."))
        if not line.hours or line.hours <= 0 or (line.practice_hours or 0) > line.hours:
            yield complaint("hours", _("Give more than 0 hours, of which practice is a part."), line.hours or "")
            return
        total, practice = hours.get(unit, (Decimal(0), Decimal(0)))
        total, practice = total + line.hours, practice + (line.practice_hours or 0)
        hours[unit] = (total, practice)
        if total > line.unit_hours or practice > line.unit_practice_hours:
            yield complaint("hours", _("The skills up to this line take more hours than the unit has."), line.hours)

    return check


@bulk_import(
    "curriculum.programme",
    label=_("Courses, packages and units"),
    schema=TEACHING,
    permission="curriculum.import_programme",
    check=check_programme,
    subject=load_programme,
    back="curriculum:overview",
    help=_("Each package of the file becomes a draft. Drafts are reviewed and released as usual."),
)
def write_programme(context: ImportContext, rows: Iterable[Row[TeachingRow]]) -> JobResult:
    """Write the drafts."""
    found = services.import_programme(
        actor=context.actor, programme=context.subject, rows=(row.record for row in rows), format="table"
    )
    figures = {"courses": found.courses, "packages": found.packages, "units": found.units}
    return JobResult(
        gettext("%(units)s units written as drafts; %(courses)s courses and %(packages)s packages are new.") % figures,
        context.subject.get_absolute_url(),
        figures,
    )
