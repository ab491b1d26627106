"""What a person makes of the skills that text matching suggests for a unit. Matching alone never declares anything."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.curriculum import events
from ronghe.apps.curriculum.models import Declaration, SuggestionDecision, Unit
from ronghe.apps.curriculum.services.drafting import draft_for, touch
from ronghe.apps.demand.models import Skill
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision


@transaction.atomic
def decide_suggestion(
    *,
    actor: Person,
    unit: Unit,
    revision: int,
    skill: Skill,
    is_accepted: bool,
    reason: str,
    score: float,
    skill_level: int = 0,
    hours: Decimal = Decimal(0),
    practice_hours: Decimal = Decimal(0),
) -> SuggestionDecision:
    """Decline a suggested skill, or declare it with a level and hours that the person gives.

    Raises ValidationError, StaleRevision and NotADraft.
    """
    version = draft_for(actor, unit.version)
    unit = take_revision(Unit, unit.pk, expected=revision)
    if is_accepted:
        free = unit.hours - sum((one.hours for one in unit.declarations.all()), Decimal(0))
        if not 1 <= skill_level <= 5:
            raise ValidationError({"skill_level": _("Choose the skill level that learners reach.")})
        if not 0 < hours <= free or not 0 <= practice_hours <= hours:
            raise ValidationError(
                {"hours": _("Give more than 0 hours and at most the %(free)s that are left.") % {"free": free}}
            )
        if unit.declarations.filter(skill=skill).exists():
            raise ValidationError(_("The unit declares this skill already."))
        Declaration.objects.create(
            unit=unit, skill=skill, skill_level=skill_level, hours=hours, practice_hours=practice_hours
        )
    unit.save()
    touch(version)
    decision, _created = SuggestionDecision.objects.update_or_create(
        unit=unit,
        skill=skill,
        defaults={"is_accepted": is_accepted, "reason": reason[:300], "score": score, "decided_by": actor},
    )
    ledger.record(
        actor=actor,
        type=events.SUGGESTION_DECIDED,
        subject=unit,
        payload={"unit": unit, "skill": skill.code, "accepted": is_accepted, "reason": decision.reason},
    )
    return decision
