"""Projects and cases from industry, with where they are taught."""

from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from ronghe.apps.curriculum.models import IndustryProject, PackageVersion, Review, TeachingCase, Unit, VersionState
from ronghe.apps.curriculum.models.versions import in_force


def projects(user: Any) -> QuerySet[IndustryProject]:
    """All projects, each with its number of parts and of units in force made from them."""
    taught = Q(**in_force(timezone.localdate(), prefix="parts__units__version__"))
    found: QuerySet[IndustryProject] = (
        IndustryProject.objects.visible_to(user)
        .select_related("organisation")
        .annotate(
            part_count=Count("parts", distinct=True), unit_count=Count("parts__units", filter=taught, distinct=True)
        )
    )
    return found


def cases(user: Any) -> QuerySet[TeachingCase]:
    """All cases, each with the number of units in force that use it."""
    taught = Q(**in_force(timezone.localdate(), prefix="units__version__"))
    found: QuerySet[TeachingCase] = (
        TeachingCase.objects.visible_to(user)
        .select_related("organisation")
        .annotate(unit_count=Count("units", filter=taught, distinct=True))
    )
    return found


def project_of(user: Any, uid: UUID | str) -> IndustryProject | None:
    """A project with its parts."""
    found = IndustryProject.objects.visible_to(user).select_related("organisation", "registered_by")
    project: IndustryProject | None = found.prefetch_related("parts").filter(uid=uid).first()
    return project


def case_of(user: Any, uid: UUID | str) -> TeachingCase | None:
    """A case."""
    case: TeachingCase | None = (
        TeachingCase.objects.visible_to(user).select_related("organisation", "registered_by").filter(uid=uid).first()
    )
    return case


def units_made_from(user: Any, **source: Any) -> list[Unit]:
    """The units of released versions and of drafts that `user` may see which come from a part or a case."""
    return list(
        Unit.objects.visible_to(user)
        .filter(**source)
        .select_related("version__package__course__programme", "source_part")
        .order_by("version__package__name_zh", "-version__number", "position")
    )


def drafts(user: Any) -> list[PackageVersion]:
    """The drafts that `user` may write to."""
    found = (
        PackageVersion.objects.visible_to(user)
        .filter(state=VersionState.DRAFT)
        .select_related("package__course__programme")
    )
    return [one for one in found if user.has_perm("curriculum.edit_programme", one.package.course.programme)]


def waiting_reviews(user: Any) -> list[PackageVersion]:
    """The versions under review that wait for the word of `user`'s side."""
    found = (
        PackageVersion.objects.visible_to(user)
        .filter(state=VersionState.REVIEW)
        .exclude(submitted_by=user.pk)
        .exclude(Exists(Review.objects.filter(version=OuterRef("pk"), round=OuterRef("round"), reviewer=user.pk)))
        .select_related("package__course__programme__organisation")
    )
    return [one for one in found if user.has_perm("curriculum.review_version", one)]
