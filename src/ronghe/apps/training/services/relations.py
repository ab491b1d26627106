"""Conflicts of interest: relations that people declare, and why somebody may not confirm or judge a student's work."""

from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import CohortMembership
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics import dated
from ronghe.apps.training import events
from ronghe.apps.training.models import Placement, Relation, related_pairs


def conflict_between(person: Person, placement: Placement, day: date) -> str:
    """Why `person` may not confirm or judge the work of this placement; empty when nothing stands against it."""
    student = placement.person_id
    if student is None:
        return ""
    if person.pk == student:
        return _("Nobody confirms or judges the own work.")
    if frozenset({person.pk, student}) in related_pairs([student], day):
        return _("%(name)s and the student declared a relation; somebody else must do this.") % {"name": person.name}
    cohorts = CohortMembership.objects.on(day).filter(person=student).values("cohort")
    if CohortMembership.objects.on(day).filter(person=person, cohort__in=cohorts).exists():
        return _("%(name)s studies in the same cohort; somebody else must do this.") % {"name": person.name}
    return ""


def refuse_conflict(person: Person, placement: Placement, day: date) -> None:
    """Raise PermissionDenied where a conflict of interest stands."""
    if why := conflict_between(person, placement, day):
        raise PermissionDenied(why)


@transaction.atomic
def declare_relation(*, actor: Person, other: Person, kind: str, person: Person | None = None) -> Relation:
    """Declare that oneself (for the office: `person`) and another are too close to confirm for each other."""
    demand(actor, "training.declare_relation")
    one = person or actor
    if one != actor:
        demand(actor, "training.end_relation")
    if one == other:
        raise ValidationError({"other": _("Name somebody else.")})
    today = timezone.localdate()
    if frozenset({one.pk, other.pk}) in related_pairs([one.pk], today):
        raise ValidationError({"other": _("This relation is declared already.")})
    relation = Relation(person=one, other=other, kind=kind, valid_from=today, declared_by_uid=actor.uid)
    relation.full_clean()
    relation.save()
    ledger.record(actor=actor, type=events.RELATION_DECLARED, subject=relation, payload={"person": one, "other": other})
    return relation


@transaction.atomic
def end_relation(*, actor: Person, relation: Relation) -> None:
    """The relation no longer stands from today on; only the office says so."""
    demand(actor, "training.end_relation")
    dated.end(relation, timezone.localdate())
    ledger.record(
        actor=actor,
        type=events.RELATION_ENDED,
        subject=relation,
        payload={"person": relation.person, "other": relation.other},
    )
