"""What people say of the skills found in a posting: accept, reject, undo. Figures follow at once."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.demand import events
from ronghe.apps.demand.models import Mention, MentionDecision, Posting, Skill, Verdict
from ronghe.apps.demand.services.counting import lock_data, recount
from ronghe.apps.ledger import services as ledger


class DecisionConflict(Exception):
    """Someone else has decided on the mention meanwhile; `current` is the decision, None when it was undone."""

    def __init__(self, current: MentionDecision | None) -> None:
        super().__init__(_("Someone else has decided on this mention meanwhile."))
        self.current = current


@transaction.atomic
def decide_mention(
    *, actor: Person, posting: Posting, skill: Skill, start: int, end: int, verdict: str, seen: str = ""
) -> MentionDecision:
    """Accept or reject `skill` in the span of `posting`. `seen` is the verdict that the person was shown, "" for none.

    Deciding the same again changes nothing. Raises ValidationError when no such skill was found there, and
    DecisionConflict when the verdict that stands is another than the one seen.
    """
    demand(actor, "demand.decide_mention", posting)
    if verdict not in Verdict.values:
        raise ValidationError({"verdict": _("Accept or reject the mention.")})
    lock_data()
    place = {"posting": posting, "skill": skill, "start": start, "end": end}
    decision = MentionDecision.objects.filter(**place).first()
    standing = decision.verdict if decision else ""
    if decision is not None and standing == verdict:
        return decision
    if standing != seen:
        raise DecisionConflict(decision)
    if decision is None:
        if not Mention.objects.filter(**place).exists():
            raise ValidationError(_("This skill is no longer found there. Open the posting again."))
        decision = MentionDecision(posting=posting, skill=skill, start=start, end=end)
    decision.verdict, decision.decided_by, decision.decided_at = verdict, actor, timezone.now()
    decision.save()
    recount([posting.pk])
    ledger.record(
        actor=actor,
        type=events.MENTION_DECIDED,
        subject=posting,
        payload={
            "skill": skill.code,
            "start": start,
            "end": end,
            "verdict": str(verdict),
            "before": standing or None,
        },
    )
    return decision


@transaction.atomic
def undo_decision(*, actor: Person, posting: Posting, skill: Skill, start: int, end: int, seen: str) -> None:
    """Take back the verdict `seen` on the mention: it counts as the extraction left it.

    Raises DecisionConflict when another verdict stands, or none any more.
    """
    demand(actor, "demand.decide_mention", posting)
    lock_data()
    decision = MentionDecision.objects.filter(posting=posting, skill=skill, start=start, end=end).first()
    if decision is None or decision.verdict != seen:
        raise DecisionConflict(decision)
    decision.delete()
    recount([posting.pk])
    ledger.record(
        actor=actor,
        type=events.DECISION_UNDONE,
        subject=posting,
        payload={"skill": skill.code, "start": start, "end": end, "verdict": seen},
    )
