"""Skills that students declare and teachers confirm; unconfirmed ones count nowhere."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.demand.models import Skill
from ronghe.apps.ledger import services as ledger
from ronghe.apps.positions import events
from ronghe.apps.positions.models import StudentSkill


@transaction.atomic
def declare_skill(*, actor: Person, skill: Skill, skill_level: int, evidence: str) -> StudentSkill:
    """Say that one has a skill; a change of a confirmed one waits for confirmation again."""
    demand(actor, "positions.declare_skill")
    row = StudentSkill.objects.select_for_update().filter(person=actor, skill=skill).first()
    row = row or StudentSkill(person=actor, skill=skill)
    row.skill_level, row.evidence, row.declared_at = skill_level, evidence.strip(), timezone.now()
    row.confirmed_by = row.confirmed_at = None
    row.full_clean(exclude=["person", "confirmed_by"])
    row.save()
    ledger.record(
        actor=actor,
        type=events.SKILL_DECLARED,
        subject=actor,
        payload={"student": actor, "skill": skill.code, "skill_level": skill_level},
    )
    return row


@transaction.atomic
def confirm_skill(*, actor: Person, declared: StudentSkill) -> StudentSkill:
    """Confirm as a teacher of the student's university what the student declared."""
    demand(actor, "positions.confirm_skill", declared)
    row = StudentSkill.objects.select_for_update().get(pk=declared.pk)
    if row.confirmed_at is not None:
        raise ValidationError(_("This skill is confirmed already."))
    if row.skill_level != declared.skill_level or row.evidence != declared.evidence:
        raise ValidationError(_("The student has changed it meanwhile; read it again."))
    row.confirmed_by, row.confirmed_at = actor, timezone.now()
    row.save(update_fields=["confirmed_by", "confirmed_at"])
    ledger.record(
        actor=actor,
        type=events.SKILL_CONFIRMED,
        subject=row.person,
        payload={"student": row.person, "skill": row.skill.code, "skill_level": row.skill_level},
    )
    return row


@transaction.atomic
def take_back_skill(*, actor: Person, declared: StudentSkill) -> None:
    """Take back what one declared."""
    demand(actor, "positions.declare_skill")
    StudentSkill.objects.filter(pk=declared.pk, person=actor).delete()
