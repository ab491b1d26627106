"""What waits for somebody in policies: proposals, exemptions and questions of reviewers."""

from typing import Any

from django.utils.translation import gettext as _

from ronghe.apps.policies import subjects
from ronghe.apps.policies.models import Exemption, ExemptionState, Question, RuleSetVersion, VersionState


def counts(user: Any) -> list[tuple[str, int, str]]:
    """What waits for the office or a reviewer: label, number, name of the page; nothing for anybody else."""
    if not subjects.sees_all(user):
        return []
    proposals = RuleSetVersion.objects.filter(state=VersionState.PROPOSED).exclude(proposed_by=user)
    asked = Exemption.objects.filter(state=ExemptionState.ASKED).exclude(asked_by=user)
    questions = Question.objects.filter(answered_at__isnull=True).exclude(asked_by=user)
    return [
        (_("Rule sets to read and publish"), proposals.count(), "policies:rule_sets"),
        (_("Exemptions to decide"), asked.count(), "policies:exemptions"),
        (_("Questions of reviewers to answer"), questions.count(), "policies:questions"),
    ]
