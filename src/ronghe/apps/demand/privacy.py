"""What demand knows about a person: what they raised, answered and decided. The acts stay when the person is erased."""

from typing import Any

from ronghe.apps.accounts import privacy
from ronghe.apps.accounts.models import Person
from ronghe.apps.demand.models import (
    DemandRound,
    MentionDecision,
    Panel,
    PanelExpert,
    Requirement,
    RequirementAnswer,
)


def _export(person: Person) -> dict[str, Any]:
    return {
        "requirements_raised": list(
            Requirement.objects.filter(raised_by=person)
            .order_by("pk")
            .values("uid", "organisation__name_zh", "skill__code", "head_count", "needed_by", "reason", "raised_on")
        ),
        "answers_given": list(
            RequirementAnswer.objects.filter(answered_by=person)
            .order_by("pk")
            .values("requirement__uid", "kind", "text", "planned_for", "answered_at")
        ),
        "decisions_on_mentions": list(
            MentionDecision.objects.filter(decided_by=person)
            .order_by("pk")
            .values("posting", "skill__code", "start", "end", "verdict", "decided_at")
        ),
        # What somebody answered at a panel cannot be found by their name, not even for themselves.
        "invitations_to_panels": list(
            PanelExpert.objects.filter(person=person).order_by("pk").values("panel__uid", "panel__name_zh", "side")
        ),
        "panels_prepared": list(
            Panel.objects.filter(prepared_by=person).order_by("pk").values("uid", "name_zh", "prepared_on")
        ),
        "demand_rounds_started": list(
            DemandRound.objects.filter(started_by=person).order_by("pk").values("uid", "name_zh", "started_on")
        ),
    }


def _erase(person: Person) -> int:
    """The need of an enterprise and the office's answer stay; who wrote them is no longer said."""
    return (
        Requirement.objects.filter(raised_by=person).update(raised_by=None)
        + RequirementAnswer.objects.filter(answered_by=person).update(answered_by=None)
        + MentionDecision.objects.filter(decided_by=person).update(decided_by=None)
        + PanelExpert.objects.filter(person=person).update(person=None)
        + Panel.objects.filter(prepared_by=person).update(prepared_by=None)
        + DemandRound.objects.filter(started_by=person).update(started_by=None)
    )


privacy.register("demand", export=_export, erase=_erase)
