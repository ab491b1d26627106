"""The board of requirements."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from ronghe.apps.demand.models import Requirement, RequirementAnswer


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """One card of the board."""

    requirement: Requirement
    answers: list[RequirementAnswer]
    days_waited: int
    is_overdue: bool
    may_amend: bool
    may_answer: bool


def requirements(
    user: Any,
    *,
    state: str = "",
    skill: str = "",
    field: str = "",
    organisation: int | None = None,
    text: str = "",
) -> QuerySet[Requirement]:
    """The requirements that `user` may see, most urgent first; `text` is looked for in skill, enterprise and reason."""
    found = Requirement.objects.visible_to(user).select_related("organisation", "skill__group__field")
    for name, value in (
        ("state", state),
        ("skill__code", skill),
        ("skill__group__field__code", field),
        ("organisation", organisation),
    ):
        if value:
            found = found.filter(**{name: value})
    if text := text.strip():
        found = found.filter(
            Q(skill__name_zh__icontains=text)
            | Q(skill__name_en__icontains=text)
            | Q(organisation__name_zh__icontains=text)
            | Q(organisation__name_en__icontains=text)
            | Q(reason__icontains=text)
        )
    return found.prefetch_related(
        Prefetch("answers", RequirementAnswer.objects.select_related("answered_by"))
    ).order_by("needed_by", "-severity", "pk")


def requirement_rows(user: Any, found: Iterable[Requirement]) -> list[RequirementRow]:
    """The cards of a board, without further queries."""
    today = timezone.localdate()
    return [
        RequirementRow(
            requirement=requirement,
            answers=list(requirement.answers.all()),
            days_waited=requirement.days_waited(today),
            is_overdue=not requirement.is_closed and requirement.needed_by < today,
            may_amend=not requirement.is_closed and user.has_perm("demand.amend_requirement", requirement),
            may_answer=not requirement.is_closed and user.has_perm("demand.answer_requirement", requirement),
        )
        for requirement in found
    ]


def requirement_row(user: Any, uid: Any) -> RequirementRow | None:
    """One requirement with its answers; None when there is none, or none that `user` may see."""
    return next(iter(requirement_rows(user, requirements(user).filter(uid=uid))), None)
