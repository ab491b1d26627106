"""Drafts: begin a version, write, remove and arrange its units, break a project of industry into them.

Nothing here touches a version that is under review or released.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.curriculum import events
from ronghe.apps.curriculum.content import content_of, units_of
from ronghe.apps.curriculum.models import (
    Declaration,
    Package,
    PackageVersion,
    ProjectPart,
    TeachingCase,
    Unit,
    VersionState,
)
from ronghe.apps.demand.models import Skill
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import StaleRevision, take_revision
from ronghe.methods.explained import inputs_hash

_NO_HOURS = Decimal(0)


class NotADraft(Exception):
    """The version is under review or released: it cannot be written to."""

    def __init__(self, version: PackageVersion) -> None:
        if version.is_released:
            why = _("This version is released and can change no more. Begin a new version to change its units.")
        else:
            why = _("This version is under review. Take it back from review to change its units.")
        super().__init__(why)
        self.version = version


@dataclass(frozen=True, slots=True)
class Declared:
    """One skill that a unit is said to teach."""

    skill: Skill
    skill_level: int
    hours: Decimal
    practice_hours: Decimal = _NO_HOURS
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class UnitData:
    """What a person writes of a unit."""

    name_zh: str
    hours: Decimal
    name_en: str = ""
    content: str = ""
    practice_hours: Decimal = _NO_HOURS
    source_part: ProjectPart | None = None
    source_case: TeachingCase | None = None
    university_author: Person | None = None
    enterprise_author: Person | None = None
    declared: tuple[Declared, ...] = field(default_factory=tuple)


@transaction.atomic
def start_version(*, actor: Person, package: Package, summary: str = "") -> PackageVersion:
    """Begin the next version as a draft with the units of the last one. Raises ValidationError while one is in work."""
    package = Package.objects.select_for_update().select_related("course__programme").get(pk=package.pk)
    demand(actor, "curriculum.edit_programme", package.course.programme)
    if package.retired_on is not None:
        raise ValidationError(_("This package was retired. Open another one."))
    if package.versions.exclude(state=VersionState.RELEASED).exists():
        raise ValidationError(_("A version of this package is in work already. Finish or discard it first."))
    last = package.versions.order_by("-number").first()
    version = PackageVersion.objects.create(
        package=package, number=last.number + 1 if last else 1, summary=summary.strip(), created_by=actor
    )
    units = units_of(last) if last else []
    _copy(units, version)
    ledger.record(
        actor=actor,
        type=events.VERSION_STARTED,
        subject=version,
        payload={"package": package, "number": version.number, "units": len(units)},
    )
    return version


def _copy(units: Sequence[Unit], version: PackageVersion) -> None:
    names = (
        "key", "position", "name_zh", "name_en", "content", "hours", "practice_hours", "source_part_id",
        "source_case_id", "university_author_id", "enterprise_author_id",
    )  # fmt: skip
    copies = Unit.objects.bulk_create(
        [Unit(version=version, **{name: getattr(unit, name) for name in names}) for unit in units]
    )
    Declaration.objects.bulk_create(
        [
            Declaration(
                unit=copy,
                skill_id=one.skill_id,
                skill_level=one.skill_level,
                hours=one.hours,
                practice_hours=one.practice_hours,
                evidence=one.evidence,
            )
            for unit, copy in zip(units, copies, strict=True)
            for one in unit.declarations.all()
        ]
    )


def draft_for(actor: Person, version: PackageVersion) -> PackageVersion:
    """Lock a draft that `actor` may write to. Raises PermissionDenied and NotADraft."""
    version = (
        PackageVersion.objects.select_for_update(of=("self",))
        .select_related("package__course__programme")
        .get(pk=version.pk)
    )
    demand(actor, "curriculum.edit_programme", version.package.course.programme)
    if version.state != VersionState.DRAFT:
        raise NotADraft(version)
    return version


def touch(version: PackageVersion) -> None:
    """Count a change to what a version holds, so that whoever looks at an older state is told."""
    version.revision += 1
    version.save(update_fields=["revision"])


@transaction.atomic
def discard_version(*, actor: Person, version: PackageVersion) -> None:
    """Throw a draft away, with its units; the released versions stay as they are."""
    version = draft_for(actor, version)
    package, number, subject = version.package, version.number, f"curriculum.packageversion:{version.uid}"
    version.delete()
    ledger.record(
        actor=actor, type=events.VERSION_DISCARDED, subject=subject, payload={"package": package, "number": number}
    )


@transaction.atomic
def summarise_version(*, actor: Person, version: PackageVersion, revision: int, summary: str) -> PackageVersion:
    """Say what is new in a draft and why. Raises StaleRevision and ValidationError."""
    version = draft_for(actor, version)
    if version.revision != revision:
        raise StaleRevision(version)
    version.summary = summary.strip()
    version.revision += 1
    version.clean_fields(
        exclude=["created_by", "submitted_by", "submitted_on", "released_by", "released_on", "recorded_at"]
    )
    version.save(update_fields=["summary", "revision"])
    return version


@transaction.atomic
def write_unit(
    *, actor: Person, version: PackageVersion, data: UnitData, unit: Unit | None = None, revision: int = 0
) -> Unit:
    """Add a unit to a draft, or replace what `unit` says, seen in `revision`.

    A unit may wait for its skills; hours of 0 are refused at once. Raises ValidationError by field, StaleRevision and
    NotADraft; nothing is written then.
    """
    version = draft_for(actor, version)
    if unit is None:
        last: int = version.units.aggregate(last=Max("position"))["last"] or 0
        unit = Unit(version=version, position=last + 1)
    else:
        unit = take_revision(Unit, unit.pk, expected=revision)
        if unit.version_id != version.pk:
            raise ValidationError(_("This unit belongs to another version."))
    for name in (
        "name_zh", "name_en", "content", "hours", "practice_hours", "source_part", "source_case", "university_author",
        "enterprise_author",
    ):  # fmt: skip
        setattr(unit, name, getattr(data, name))
    _clean(unit, data.declared)
    unit.save()
    unit.declarations.all().delete()
    Declaration.objects.bulk_create([_declaration(unit, one) for one in data.declared])
    touch(version)
    ledger.record(actor=actor, type=events.UNIT_WRITTEN, subject=unit, payload=_written(unit, version))
    return unit


def _declaration(unit: Unit, one: Declared) -> Declaration:
    return Declaration(
        unit=unit,
        skill=one.skill,
        skill_level=one.skill_level,
        hours=one.hours,
        practice_hours=one.practice_hours,
        evidence=one.evidence.strip(),
    )


def _written(unit: Unit, version: PackageVersion) -> dict[str, Any]:
    declared = list(unit.declarations.select_related("skill"))
    return {
        "version": version,
        "name_zh": unit.name_zh,
        "hours": unit.hours,
        "practice_hours": unit.practice_hours,
        "skills": sorted(f"{one.skill.code}@{one.skill_level}" for one in declared),
        "content_hash": inputs_hash(content_of([unit])),
        "university_author": unit.university_author,
        "enterprise_author": unit.enterprise_author,
    }


def _clean(unit: Unit, declared: Sequence[Declared]) -> None:
    unit.name_zh, unit.name_en, unit.content = unit.name_zh.strip(), unit.name_en.strip(), unit.content.strip()
    wrong: dict[str, Any] = {}
    if unit.hours <= 0:
        wrong["hours"] = _("A unit has more than 0 hours. Give the hours that it takes in class and in practice.")
    elif not 0 <= unit.practice_hours <= unit.hours:
        wrong["practice_hours"] = _("Hours of practice are a part of the hours: from 0 to %(hours)s.") % {
            "hours": unit.hours
        }
    if unit.university_author and not standing.holds(unit.university_author, RoleKind.TEACHER):
        wrong["university_author"] = _("Choose someone who teaches at a university of the community.")
    if unit.enterprise_author and not standing.holds(unit.enterprise_author, RoleKind.MENTOR):
        wrong["enterprise_author"] = _("Choose someone who is a mentor of an enterprise.")
    if problems := _wrong_declarations(unit, declared):
        wrong["declared"] = problems
    if wrong:
        raise ValidationError(wrong)
    unit.clean_fields(exclude=["version", "source_part", "source_case", "university_author", "enterprise_author",
                               "novelty", "renewed_on"])  # fmt: skip


def _wrong_declarations(unit: Unit, declared: Sequence[Declared]) -> list[str]:
    problems: list[str] = []
    named = [one.skill.pk for one in declared]
    for one in declared:
        name = one.skill.name
        if one.skill.retired_at is not None:
            problems.append(_("%(skill)s is no longer in the lexicon. Choose another skill.") % {"skill": name})
        if named.count(one.skill.pk) > 1:
            problems.append(_("%(skill)s is declared twice. Put its hours into one line.") % {"skill": name})
        if not 1 <= one.skill_level <= 5:
            problems.append(_("The skill level of %(skill)s lies between 1 and 5.") % {"skill": name})
        if one.hours <= 0 or not 0 <= one.practice_hours <= one.hours:
            problems.append(_("%(skill)s needs more than 0 hours, of which practice is a part.") % {"skill": name})
    hours, practice = sum(one.hours for one in declared), sum(one.practice_hours for one in declared)
    if hours > unit.hours:
        problems.append(
            _("The skills take %(declared)s hours, the unit has %(hours)s. Lower theirs or raise the unit's.")
            % {"declared": hours, "hours": unit.hours}
        )
    if practice > unit.practice_hours:
        problems.append(
            _("The skills take %(declared)s practice hours, the unit has %(hours)s. Lower theirs or raise the unit's.")
            % {"declared": practice, "hours": unit.practice_hours}
        )
    return list(dict.fromkeys(problems))


@transaction.atomic
def remove_unit(*, actor: Person, unit: Unit, revision: int) -> None:
    """Take a unit out of a draft; released versions keep it. Raises StaleRevision and NotADraft."""
    version = draft_for(actor, unit.version)
    unit = take_revision(Unit, unit.pk, expected=revision)
    subject, name = f"curriculum.unit:{unit.uid}", unit.name_zh
    unit.delete()
    touch(version)
    ledger.record(actor=actor, type=events.UNIT_REMOVED, subject=subject, payload={"version": version, "name_zh": name})


@transaction.atomic
def arrange_units(*, actor: Person, version: PackageVersion, order: Iterable[UUID]) -> None:
    """Put the units of a draft in this order of their keys. Raises ValidationError unless it names each once."""
    version = draft_for(actor, version)
    units = {unit.key: unit for unit in version.units.all()}
    wanted = list(order)
    if sorted(wanted) != sorted(units):
        raise ValidationError(_("Units were added or removed meanwhile. Look at the list again and order it anew."))
    for position, key in enumerate(wanted, start=1):
        units[key].position = position
    Unit.objects.bulk_update(units.values(), ["position"])
    touch(version)
    ledger.record(
        actor=actor, type=events.UNITS_ARRANGED, subject=version, payload={"order": [str(key) for key in wanted]}
    )


@transaction.atomic
def break_project(
    *, actor: Person, version: PackageVersion, parts: Iterable[ProjectPart], hours: Decimal
) -> list[Unit]:
    """Make a unit of each part of projects of industry in a draft, each keeping the trace to its part.

    `hours` is what each unit starts with. Raises ValidationError when a part is taught in the draft already.
    """
    version = draft_for(actor, version)
    chosen = list(parts)
    if not chosen:
        raise ValidationError({"parts": _("Choose the parts of the project that are to be taught.")})
    if hours <= 0:
        raise ValidationError({"hours": _("A unit has more than 0 hours.")})
    taught = set(version.units.filter(source_part__in=chosen).values_list("source_part__name_zh", flat=True))
    if taught:
        raise ValidationError(
            {
                "parts": ngettext(
                    "This part is a unit of the draft already: %(names)s.",
                    "These parts are units of the draft already: %(names)s.",
                    len(taught),
                )
                % {"names": "、".join(sorted(taught))}
            }
        )
    last: int = version.units.aggregate(last=Max("position"))["last"] or 0
    units = Unit.objects.bulk_create(
        [
            Unit(
                version=version,
                position=last + number,
                name_zh=part.name_zh,
                name_en=part.name_en,
                content=part.work,
                hours=hours,
                source_part=part,
            )
            for number, part in enumerate(chosen, start=1)
        ]
    )
    touch(version)
    ledger.record(
        actor=actor,
        type=events.PROJECT_BROKEN,
        subject=chosen[0].project,
        payload={"version": version, "parts": [part.pk for part in chosen]},
    )
    return units
