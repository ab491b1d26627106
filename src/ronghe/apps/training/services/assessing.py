"""Assess a student against a unit's skills: mentor and teacher rate apart, the office settles where they differ."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.curriculum.models import Declaration, Unit
from ronghe.apps.ledger import services as ledger
from ronghe.apps.training import events
from ronghe.apps.training.models import (
    BEGUN,
    Assessment,
    Placement,
    PlacementState,
    Rating,
    Side,
    SupervisionKind,
)
from ronghe.apps.training.rules import in_charge
from ronghe.apps.training.services.relations import refuse_conflict

HIGHEST = 5
# Levels by the primary key of the skill; 0 means that the skill was not shown.
Levels = Mapping[int, int]


@transaction.atomic
def open_assessment(*, actor: Person, placement: Placement, unit: Unit) -> Assessment:
    """Open the next attempt of the student at a unit."""
    demand(actor, "training.open_assessment", placement)
    placement = Placement.objects.select_for_update().get(pk=placement.pk)
    if placement.state not in (*BEGUN, PlacementState.FINISHED) or placement.person is None:
        raise ValidationError(_("Only a placement that has begun can be assessed."))
    if not Unit.objects.visible_to(placement.person).filter(pk=unit.pk).exists():
        raise ValidationError({"unit": _("Choose one of the units that are taught.")})
    if not unit.declarations.exists():
        raise ValidationError({"unit": _("This unit declares no skill, so there is nothing to rate.")})
    earlier = Assessment.objects.filter(placement__person=placement.person, unit__key=unit.key)
    if earlier.filter(settled_at__isnull=True).exists():
        raise ValidationError({"unit": _("An attempt at this unit is open already. Finish it first.")})
    if earlier.filter(is_passed=True).exists():
        raise ValidationError({"unit": _("The student has passed this unit.")})
    number = (earlier.aggregate(last=Max("attempt"))["last"] or 0) + 1
    assessment = Assessment.objects.create(placement=placement, unit=unit, attempt=number, opened_by=actor)
    ledger.record(
        actor=actor,
        type=events.ASSESSMENT_OPENED,
        subject=assessment,
        payload={"student": placement.person, "unit": unit, "attempt": number},
    )
    return assessment


def side_of(actor: Person, placement: Placement) -> Side | None:
    """From which side somebody may rate this placement; nobody rates from both."""
    if in_charge(actor, placement, SupervisionKind.MENTOR):
        return Side.MENTOR
    return Side.TEACHER if in_charge(actor, placement, SupervisionKind.TEACHER) else None


@transaction.atomic
def rate(*, actor: Person, assessment: Assessment, levels: Levels, comment: str = "") -> Assessment:
    """Rate every skill of the unit from one's own side; when both sides say the same, the attempt is settled."""
    refuse_conflict(actor, assessment.placement, timezone.localdate())
    demand(actor, "training.rate", assessment)
    side = side_of(actor, assessment.placement)
    if side is None:
        raise PermissionDenied(_("The mentor and the teacher in charge rate."))
    assessment = _locked(assessment)
    if assessment.ratings.filter(side=side).exists():
        raise ValidationError(_("This side has rated already; ratings are not changed."))
    if assessment.ratings.filter(rated_by=actor).exists():
        raise ValidationError(_("You rated from the other side; a second person rates from this one."))
    declared = _declared(assessment)
    _write(assessment, side, levels, declared, actor, comment)
    _record_rating(actor, assessment, side, levels, declared)
    both = {one: _levels(assessment, one) for one in (Side.MENTOR, Side.TEACHER)}
    if all(both.values()) and both[Side.MENTOR] == both[Side.TEACHER]:
        _settle(actor, assessment, both[Side.MENTOR], declared, by_office=False)
    return assessment


@transaction.atomic
def settle(*, actor: Person, assessment: Assessment, levels: Levels, reason: str) -> Assessment:
    """Settle a difference between mentor and teacher, with the reason."""
    demand(actor, "training.settle")
    refuse_conflict(actor, assessment.placement, timezone.localdate())
    assessment = _locked(assessment)
    if not all(assessment.ratings.filter(side=one).exists() for one in (Side.MENTOR, Side.TEACHER)):
        raise ValidationError(_("Mentor and teacher rate first; the office settles where they differ."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; student, mentor and teacher read it.")})
    declared = _declared(assessment)
    _write(assessment, Side.OFFICE, levels, declared, actor, "")
    _record_rating(actor, assessment, Side.OFFICE, levels, declared)
    assessment.reason = reason.strip()[:500]
    _settle(actor, assessment, dict(levels), declared, by_office=True)
    return assessment


def _locked(assessment: Assessment) -> Assessment:
    found = Assessment.objects.select_for_update(of=("self",)).select_related("placement__person", "unit")
    kept = found.get(pk=assessment.pk)
    if kept.settled_at is not None:
        raise ValidationError(_("This attempt is settled."))
    return kept


def _declared(assessment: Assessment) -> list[Declaration]:
    return list(assessment.unit.declarations.select_related("skill").order_by("pk"))


def _levels(assessment: Assessment, side: Side) -> dict[int, int]:
    return dict(assessment.ratings.filter(side=side).values_list("skill_id", "skill_level"))


def _write(
    assessment: Assessment, side: Side, levels: Levels, declared: list[Declaration], actor: Person, comment: str
) -> None:
    if set(levels) != {one.skill_id for one in declared}:
        raise ValidationError(_("Rate every skill that the unit declares, and no other."))
    if any(not 0 <= level <= HIGHEST for level in levels.values()):
        raise ValidationError(_("A skill level lies between 0 (not shown) and 5."))
    Rating.objects.bulk_create(
        Rating(
            assessment=assessment,
            side=side,
            skill_id=one.skill_id,
            skill_level=levels[one.skill_id],
            comment=comment.strip()[:500],
            rated_by=actor,
        )
        for one in declared
    )


def _record_rating(
    actor: Person, assessment: Assessment, side: Side, levels: Levels, declared: list[Declaration]
) -> None:
    ledger.record(
        actor=actor,
        type=events.ASSESSMENT_RATED,
        subject=assessment,
        payload={
            "student": assessment.placement.person,
            "side": str(side),
            "skills": [f"{one.skill.code}:{levels[one.skill_id]}" for one in declared],
        },
    )


def _settle(
    actor: Person, assessment: Assessment, levels: Levels, declared: list[Declaration], *, by_office: bool
) -> None:
    now = timezone.now()
    assessment.settled_at, assessment.settled_on = now, timezone.localdate(now)
    assessment.is_passed = all(levels[one.skill_id] >= one.skill_level for one in declared)
    assessment.save()
    ledger.record(
        actor=actor,
        type=events.ASSESSMENT_SETTLED,
        subject=assessment,
        payload={
            "student": assessment.placement.person,
            "unit": assessment.unit,
            "attempt": assessment.attempt,
            "passed": assessment.is_passed,
            "by_office": by_office,
        },
    )
