"""A programme from a file: courses and packages that are not there yet, and a draft of each package the file holds.

An import never releases anything: what it writes is reviewed like every draft.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.curriculum import events
from ronghe.apps.curriculum.models import Course, Package, PackageVersion, Programme, Unit
from ronghe.apps.curriculum.rows import TeachingRow, by_unit
from ronghe.apps.curriculum.services.drafting import Declared, UnitData, start_version, write_unit
from ronghe.apps.curriculum.services.programmes import add_course, open_package
from ronghe.apps.demand import extraction
from ronghe.apps.demand.models import Skill
from ronghe.apps.ledger import services as ledger


@dataclass(frozen=True, slots=True)
class ImportedProgramme:
    """What an import made: new courses and packages, and units written into drafts."""

    courses: int
    packages: int
    units: int


class Skills:
    """Finds the skills that lines name; the lexicon is loaded once."""

    def __init__(self) -> None:
        self._by_code = {skill.code: skill for skill in Skill.objects.current()}

    def find(self, name: str) -> Skill | None:
        """The skill of an id or any of its names; None where there is none."""
        return self._by_code.get(name) or self._by_code.get(extraction.names().resolve(name) or "")


@transaction.atomic
def import_programme(
    *, actor: Person, programme: Programme, rows: Iterable[TeachingRow], format: str
) -> ImportedProgramme:
    """Write what the lines say as drafts, one for each package. Raises ValidationError; nothing is written then.

    Units that the last version of a package has under the same name keep their key, so that what an import replaces
    can be told.
    """
    demand(actor, "curriculum.import_programme", programme)
    units = by_unit(rows)
    courses: dict[str, Course] = {course.code: course for course in programme.courses.all()}
    drafts: dict[tuple[str, str], PackageVersion] = {}
    keys: dict[tuple[str, str], dict[str, Unit]] = {}
    skills = Skills()
    added = opened = 0
    for (code, package_name, _unit), lines in units.items():
        line = lines[0]
        if code not in courses:
            courses[code] = add_course(
                actor=actor,
                programme=programme,
                code=code,
                name_zh=line.course_zh,
                name_en=line.course_en,
                credits=line.credits,
            )
            added += 1
        if (code, package_name) not in drafts:
            package = Package.objects.filter(course=courses[code], name_zh=package_name).first()
            if package is None:
                package = open_package(actor=actor, course=courses[code], name_zh=package_name, name_en=line.package_en)
                opened += 1
            version = start_version(actor=actor, package=package)
            keys[code, package_name] = {unit.name_zh: unit for unit in version.units.all()}
            version.units.all().delete()
            drafts[code, package_name] = version
        known = keys[code, package_name].get(line.unit_zh)
        unit = write_unit(actor=actor, version=drafts[code, package_name], data=_unit_data(lines, skills))
        Unit.objects.filter(pk=unit.pk).update(key=known.key if known else uuid4())
    ledger.record(
        actor=actor,
        type=events.PROGRAMME_IMPORTED,
        subject=programme,
        payload={"courses": added, "packages": opened, "units": len(units), "format": format},
    )
    return ImportedProgramme(added, opened, len(units))


def _unit_data(lines: list[TeachingRow], skills: Skills) -> UnitData:
    line = lines[0]
    declared = []
    for one in lines:
        if not one.skill:
            continue
        skill = skills.find(one.skill)
        if skill is None:
            raise ValidationError(_("The lexicon has no skill “%(name)s”.") % {"name": one.skill})
        declared.append(
            Declared(
                skill, one.skill_level or 0, one.hours or Decimal(0), one.practice_hours or Decimal(0), one.evidence
            )
        )
    return UnitData(
        name_zh=line.unit_zh,
        name_en=line.unit_en,
        content=line.content,
        hours=line.unit_hours,
        practice_hours=line.unit_practice_hours,
        declared=tuple(declared),
    )
