"""What positions know about a person. A published matching outlasts an erasure and no longer says whose line it was."""

from typing import Any

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.positions import consent  # noqa: F401 the purpose stands on the consent page
from ronghe.apps.positions.models import (
    Appeal,
    Assignment,
    ClassMember,
    Decision,
    OrderClass,
    Participation,
    Position,
    Preference,
    Priority,
    Round,
    Run,
    StudentSkill,
)
from ronghe.apps.positions.models.acceptances import Acceptance
from ronghe.apps.positions.models.positions import ChainRule


def _export(person: Person) -> dict[str, Any]:
    return {
        "skills": list(
            StudentSkill.objects.filter(person=person)
            .order_by("pk")
            .values("skill__code", "skill_level", "evidence", "declared_at", "confirmed_at")
        ),
        "rounds": list(
            Participation.objects.filter(person=person)
            .order_by("pk")
            .values("round__name_zh", "consented_at", "submitted_at", "excused")
        ),
        "preferences": list(
            Preference.objects.filter(person=person)
            .order_by("round", "rank")
            .values("round__name_zh", "position__title_zh", "position__organisation__name_zh", "rank")
        ),
        "assignments": list(
            Assignment.objects.published()
            .filter(person=person)
            .order_by("pk")
            .values("round__name_zh", "position__title_zh", "rank", "fit", "is_fixed", "why")
        ),
        "priorities": list(
            Priority.objects.filter(person=person).order_by("pk").values("position__title_zh", "place", "reason")
        ),
        "decisions": list(
            Decision.objects.filter(person=person).order_by("pk").values("position__title_zh", "kind", "reason")
        ),
        "appeals": list(
            Appeal.objects.filter(assignment__person=person).order_by("pk").values("text", "state", "answer", "made_at")
        ),
        "work_on_tasks": list(
            Acceptance.objects.filter(member__person=person)
            .order_by("pk")
            .values("task__title_zh", "evidence", "link", "state", "comment", "handed_in_at", "decided_at")
        ),
        "order_classes": list(
            ClassMember.objects.filter(person=person)
            .order_by("pk")
            .values("order_class__name_zh", "state", "offered_at", "answered_at", "reason", "job_offered_on")
        ),
    }


def _erase(person: Person) -> int:
    rows = 0
    appeals = Appeal.objects.filter(assignment__person=person)
    rows += appeals.exclude(state="open").update(text="—", answer="—")
    rows += appeals.filter(state="open").update(text="—")
    for model in (StudentSkill, Preference, Priority, Decision, Participation):
        rows += model._default_manager.filter(person=person).delete()[0]
    rows += Assignment.objects.filter(person=person).update(person=None, why=[])
    rows += Acceptance.objects.filter(member__person=person).update(evidence="—", link="", comment="")
    rows += ClassMember.objects.filter(person=person).update(person=None, reason="")
    for other, column in (
        (StudentSkill, "confirmed_by"), (Priority, "given_by"), (Decision, "decided_by"), (Appeal, "answered_by"),
        (Position, "drafted_by"), (Position, "decided_by"), (OrderClass, "drafted_by"), (Round, "created_by"),
        (Run, "started_by"), (Acceptance, "decided_by"), (ChainRule, "set_by"),
    ):  # fmt: skip
        rows += other._default_manager.filter(**{column: person}).update(**{column: None})
    return rows


privacy.register("positions", export=_export, erase=_erase)
