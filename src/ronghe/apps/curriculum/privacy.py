"""What the curriculum knows about a person: what they wrote, reviewed, registered. The acts outlast their erasure."""

from typing import Any

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.curriculum.models import (
    CriResult,
    IndustryProject,
    PackageVersion,
    Review,
    SuggestionDecision,
    TeachingCase,
    Unit,
)

# Every column that names a person. Released versions let a name go, and nothing else.
_NAMED = (
    (PackageVersion, "created_by"),
    (PackageVersion, "submitted_by"),
    (PackageVersion, "released_by"),
    (Unit, "university_author"),
    (Unit, "enterprise_author"),
    (Review, "reviewer"),
    (SuggestionDecision, "decided_by"),
    (IndustryProject, "registered_by"),
    (TeachingCase, "registered_by"),
    (CriResult, "frozen_by"),
)


def _export(person: Person) -> dict[str, Any]:
    units = Unit.objects.filter(university_author=person) | Unit.objects.filter(enterprise_author=person)
    return {
        "units_written": list(
            units.order_by("pk").values("uid", "name_zh", "version__package__name_zh", "version__number")
        ),
        "versions_submitted": list(
            PackageVersion.objects.filter(submitted_by=person).order_by("pk").values("uid", "number", "submitted_on")
        ),
        "reviews": list(
            Review.objects.filter(reviewer=person)
            .order_by("pk")
            .values("version__uid", "side", "verdict", "comment", "reviewed_at")
        ),
        "projects_registered": list(IndustryProject.objects.filter(registered_by=person).values("uid", "name_zh")),
        "cases_registered": list(TeachingCase.objects.filter(registered_by=person).values("uid", "name_zh")),
        "suggestions_decided": list(
            SuggestionDecision.objects.filter(decided_by=person)
            .order_by("pk")
            .values("unit__uid", "skill__code", "is_accepted", "decided_at")
        ),
    }


def _erase(person: Person) -> int:
    return sum(model._default_manager.filter(**{column: person}).update(**{column: None}) for model, column in _NAMED)


privacy.register("curriculum", export=_export, erase=_erase)
