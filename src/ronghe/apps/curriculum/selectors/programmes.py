"""Programmes, packages and versions as pages and the API need them; few queries, whatever their number."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum
from django.utils import timezone

from ronghe.apps.curriculum.content import content_of, units_of
from ronghe.apps.curriculum.models import (
    Course,
    Package,
    PackageVersion,
    Programme,
    Review,
    SuggestionDecision,
    Unit,
    VersionState,
)
from ronghe.apps.curriculum.models.versions import in_force
from ronghe.apps.curriculum.services.review import approvals, is_involved, last_released, missing_for_review
from ronghe.methods.revision_diff import RevisionDiff, revision_diff


def programmes(user: Any, *, organisation: int | None = None, field: str = "") -> QuerySet[Programme]:
    """The programmes that `user` may see, each with its courses, packages, units in force and their hours."""
    today = in_force(timezone.localdate(), prefix="courses__packages__versions__")
    taught = Q(**today)
    found = (
        Programme.objects.visible_to(user)
        .select_related("organisation")
        .annotate(
            packages=Count("courses__packages", distinct=True),
            units=Count("courses__packages__versions__units", filter=taught, distinct=True),
            last_release=Max("courses__packages__versions__released_on"),
        )
        .order_by("organisation__name_zh", "name_zh")
    )
    if organisation is not None:
        found = found.filter(organisation=organisation)
    return found.filter(field=field) if field else found


def is_anything_taught(user: Any) -> bool:
    """Whether some version that `user` may see is in force today: one query."""
    return PackageVersion.objects.visible_to(user).in_force(timezone.localdate()).exists()


@dataclass(frozen=True, slots=True)
class PackageRow:
    """A package, the version in force, the one in work that the viewer may see, and its units."""

    package: Package
    current: PackageVersion | None
    in_work: PackageVersion | None
    units: int
    hours: Decimal


@dataclass(frozen=True, slots=True)
class ProgrammePage:
    """A programme with its courses, each with its packages."""

    programme: Programme
    courses: list[tuple[Course, list[PackageRow]]]
    may_edit: bool
    may_import: bool

    @property
    def import_key(self) -> str:
        """What the address of an import into it says."""
        return str(self.programme.uid)


def programme_page(user: Any, uid: UUID | str) -> ProgrammePage | None:
    """A programme; None where there is none that `user` may see."""
    programme = Programme.objects.visible_to(user).select_related("organisation").filter(uid=uid).first()
    if programme is None:
        return None
    today = timezone.localdate()
    versions = (
        PackageVersion.objects.visible_to(user)
        .annotate(unit_count=Count("units"), unit_hours=Sum("units__hours"))
        .order_by("-number")
    )
    courses = programme.courses.prefetch_related(
        Prefetch("packages", Package.objects.order_by("opened_on", "pk")),
        Prefetch("packages__versions", versions, to_attr="seen"),
    )
    rows = []
    for course in courses:
        packages = []
        for package in course.packages.all():
            seen: list[Any] = package.seen  # type: ignore[attr-defined]
            current = next((one for one in seen if one.taught_from <= today < one.taught_until), None)
            packages.append(
                PackageRow(
                    package,
                    current,
                    next((one for one in seen if not one.is_released), None),
                    current.unit_count if current else 0,
                    (current.unit_hours if current else None) or Decimal(0),
                )
            )
        rows.append((course, packages))
    return ProgrammePage(
        programme,
        rows,
        user.has_perm("curriculum.edit_programme", programme),
        user.has_perm("curriculum.import_programme", programme),
    )


@dataclass(frozen=True, slots=True)
class PackagePage:
    """A package with all versions that the viewer may see, newest first."""

    package: Package
    versions: list[PackageVersion]
    may_edit: bool

    @property
    def in_work(self) -> PackageVersion | None:
        """The version that is a draft or under review."""
        return next((one for one in self.versions if not one.is_released), None)


def package_page(user: Any, uid: UUID | str) -> PackagePage | None:
    """A package; None where there is none that `user` may see."""
    package = Package.objects.visible_to(user).select_related("course__programme__organisation").filter(uid=uid).first()
    if package is None:
        return None
    versions = (
        package.versions.filter(pk__in=PackageVersion.objects.visible_to(user).values("pk"))
        .annotate(
            unit_count=Count("units"),
            unit_hours=Sum("units__hours"),
            replaced=Count("units", filter=Q(units__change__in=("replaced", "added"))),
        )
        .order_by("-number")
    )
    return PackagePage(package, list(versions), user.has_perm("curriculum.edit_programme", package.course.programme))


@dataclass(frozen=True, slots=True)
class VersionPage:
    """A version with its units and reviews, and what the viewer may do with it."""

    version: PackageVersion
    units: list[Unit]
    reviews: list[Review]
    approved: dict[str, Review]
    missing: list[str]
    may_edit: bool
    may_review: bool
    may_backdate: bool

    @property
    def package(self) -> Package:
        """The package it is of."""
        return self.version.package

    @property
    def hours(self) -> Decimal:
        """The hours of all units."""
        return sum((unit.hours for unit in self.units), Decimal(0))

    @property
    def practice_hours(self) -> Decimal:
        """The practice hours of all units."""
        return sum((unit.practice_hours for unit in self.units), Decimal(0))


def version_of(user: Any, uid: UUID | str) -> PackageVersion | None:
    """A version that `user` may see, with its package and programme."""
    return (
        PackageVersion.objects.visible_to(user)
        .select_related("package__course__programme__organisation", "created_by", "submitted_by", "released_by")
        .filter(uid=uid)
        .first()
    )


def version_page(user: Any, uid: UUID | str) -> VersionPage | None:
    """A version; None where there is none that `user` may see."""
    version = version_of(user, uid)
    if version is None:
        return None
    units = units_of(version)
    approved = approvals(version) if version.state == VersionState.REVIEW else {}
    may_edit = user.has_perm("curriculum.edit_programme", version.package.course.programme)
    may_review = (
        version.state == VersionState.REVIEW
        and user.has_perm("curriculum.review_version", version)
        and not is_involved(user, version, units)
        and all(review.reviewer_id != user.pk for review in approved.values())
    )
    return VersionPage(
        version,
        units,
        list(version.reviews.select_related("reviewer", "organisation")),
        approved,
        missing_for_review(version, units) if may_edit and version.state == VersionState.DRAFT else [],
        may_edit,
        may_review,
        user.has_perm("curriculum.backdate_release"),
    )


def unit_of(user: Any, uid: UUID | str) -> Unit | None:
    """A unit that `user` may see, with what pages need of it."""
    return (
        Unit.objects.visible_to(user)
        .select_related(
            "version__package__course__programme__organisation", "source_part__project", "source_case",
            "university_author", "enterprise_author",
        )
        .prefetch_related("declarations__skill")
        .filter(uid=uid)
        .first()
    )  # fmt: skip


def decided_skills(unit: Unit) -> set[int]:
    """The skills that the unit declares, or that a person declined for it."""
    declined = SuggestionDecision.objects.filter(unit=unit, is_accepted=False).values_list("skill_id", flat=True)
    return {one.skill_id for one in unit.declarations.all()} | set(declined)


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """What a version changed against an earlier one."""

    before: PackageVersion | None
    after: PackageVersion
    old_units: dict[str, Unit]
    units: dict[str, Unit]
    found: RevisionDiff


def version_diff(version: PackageVersion, before: PackageVersion | None = None) -> VersionDiff:
    """Compare a version with `before`, or with the released one before it: four queries."""
    before = before or last_released(version)
    old: Sequence[Unit] = units_of(before) if before else []
    new = units_of(version)
    return VersionDiff(
        before,
        version,
        {str(unit.key): unit for unit in old},
        {str(unit.key): unit for unit in new},
        revision_diff(content_of(old), content_of(new)),
    )
