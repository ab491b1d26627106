"""Absences and incidents: report, decide, answer, close; what nobody answers in time goes to the office."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Role, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.training import events, letters
from ronghe.apps.training.models import (
    BEGUN,
    Absence,
    Incident,
    Placement,
    PlacementState,
    Severity,
    SupervisionKind,
)
from ronghe.apps.training.services.study import note_study
from ronghe.apps.training.services.supervising import supervisor_on

# How long an answer may take.
ANSWERED_WITHIN = {
    Severity.MINOR: timedelta(days=7),
    Severity.SERIOUS: timedelta(days=2),
    Severity.GRAVE: timedelta(hours=12),
}


@transaction.atomic
def report_absence(
    *, actor: Person, placement: Placement, kind: str, first_day: date, last_day: date, note: str = ""
) -> Absence:
    """Report days on which the student is or was away."""
    demand(actor, "training.report_absence", placement)
    placement = Placement.objects.select_for_update().get(pk=placement.pk)
    if placement.state not in (*BEGUN, PlacementState.FINISHED, PlacementState.STOPPED):
        raise ValidationError(_("The placement has not begun."))
    if last_day < first_day:
        raise ValidationError({"last_day": _("The last day comes after the first.")})
    if not placement.starts_on <= first_day <= last_day <= placement.ends_on:
        raise ValidationError(
            {
                "first_day": _("Choose days from %(first)s to %(last)s.")
                % {"first": placement.starts_on, "last": placement.ends_on}
            }
        )
    if Absence.objects.filter(placement=placement, first_day__lte=last_day, last_day__gte=first_day).exists():
        raise ValidationError({"first_day": _("An absence is reported on some of these days already.")})
    absence = Absence(
        placement=placement,
        kind=kind,
        first_day=first_day,
        last_day=last_day,
        note=note.strip(),
        reported_by=actor,
    )
    absence.full_clean(exclude=["reported_by"])
    absence.save()
    ledger.record(
        actor=actor,
        type=events.ABSENCE_REPORTED,
        subject=placement,
        payload={"student": placement.person, "kind": kind, "first_day": first_day, "last_day": last_day},
    )
    return absence


@transaction.atomic
def decide_absence(*, actor: Person, absence: Absence, excused: bool) -> Absence:
    """Say whether an absence is excused; a second person does."""
    demand(actor, "training.decide_absence", absence)
    absence = Absence.objects.select_for_update(of=("self",)).select_related("placement__person").get(pk=absence.pk)
    if absence.is_excused is not None:
        raise ValidationError(_("Somebody has decided about this already."))
    absence.is_excused, absence.decided_by, absence.decided_at = excused, actor, timezone.now()
    absence.save()
    note_study(absence.placement, absence.first_day, absence.last_day)
    ledger.record(
        actor=actor,
        type=events.ABSENCE_DECIDED,
        subject=absence.placement,
        payload={"student": absence.placement.person, "excused": excused},
    )
    return absence


@transaction.atomic
def report_incident(*, actor: Person, placement: Placement, severity: int, happened_on: date, what: str) -> Incident:
    """Report that something went wrong; the teacher in charge is told, of grave ones the office as well."""
    demand(actor, "training.report_incident", placement)
    if happened_on > timezone.localdate():
        raise ValidationError({"happened_on": _("Only what has happened can be reported.")})
    if severity not in Severity.values:
        raise ValidationError({"severity": _("Say how bad it is.")})
    if not what.strip():
        raise ValidationError({"what": _("Say what happened.")})
    now = timezone.now()
    teacher = supervisor_on(placement, SupervisionKind.TEACHER, timezone.localdate())
    incident = Incident(
        placement=placement,
        severity=severity,
        happened_on=happened_on,
        what=what.strip(),
        reported_by=actor,
        reported_at=now,
        answer_by=now + ANSWERED_WITHIN[Severity(severity)],
        # Without a teacher nobody else would answer.
        with_office=teacher is None,
    )
    incident.full_clean(exclude=["reported_by", "placement"])
    incident.save()
    ledger.record(
        actor=actor,
        type=events.INCIDENT_REPORTED,
        subject=incident,
        payload={
            "student": placement.person,
            "severity": severity,
            "happened_on": happened_on,
            "answer_by": incident.answer_by,
            "what": incident.what,
        },
    )
    told = [teacher] if teacher is not None else []
    if severity == Severity.GRAVE or teacher is None:
        told += office_people()
    letters.tell_incident(incident, told, escalated=False)
    return incident


def office_people() -> list[Person]:
    """The people of the office today."""
    roles = Role.objects.on(timezone.localdate()).filter(kind=RoleKind.OFFICE).select_related("person")
    return [role.person for role in roles.order_by("person_id")]


@transaction.atomic
def escalate_incidents(*, actor: Person | None) -> int:
    """Hand to the office what was not answered in time; `actor` None is the system's own timer."""
    if actor is not None:
        demand(actor, "training.escalate")
    now = timezone.now()
    late = Incident.objects.select_for_update(of=("self",)).unanswered()
    late = late.filter(answer_by__lte=now, with_office=False).select_related("placement__person")
    office = office_people()
    found = list(late.order_by("pk"))
    for incident in found:
        incident.with_office, incident.escalated_at = True, now
        incident.save(update_fields=["with_office", "escalated_at"])
        ledger.record(
            actor=actor,
            type=events.INCIDENT_ESCALATED,
            subject=incident,
            payload={"student": incident.placement.person},
        )
        letters.tell_incident(incident, office, escalated=True)
    return len(found)


def _open_incident(actor: Person, incident: Incident) -> Incident:
    demand(actor, "training.answer_incident", incident)
    found = Incident.objects.select_for_update(of=("self",)).select_related("placement__person").get(pk=incident.pk)
    if found.closed_at is not None:
        raise ValidationError(_("This incident is closed."))
    return found


@transaction.atomic
def answer_incident(*, actor: Person, incident: Incident, answer: str) -> Incident:
    """Say what is done about it."""
    incident = _open_incident(actor, incident)
    if not answer.strip():
        raise ValidationError({"answer": _("Say what is done about it.")})
    incident.answer, incident.answered_by, incident.answered_at = answer.strip(), actor, timezone.now()
    incident.save()
    ledger.record(
        actor=actor,
        type=events.INCIDENT_ANSWERED,
        subject=incident,
        payload={"student": incident.placement.person, "answer": incident.answer},
    )
    return incident


@transaction.atomic
def close_incident(*, actor: Person, incident: Incident, outcome: str) -> Incident:
    """Say how it ended, once it was answered."""
    incident = _open_incident(actor, incident)
    if incident.answered_at is None:
        raise ValidationError(_("Say first what is done about it; then close it."))
    if not outcome.strip():
        raise ValidationError({"outcome": _("Say how it ended.")})
    incident.outcome, incident.closed_by, incident.closed_at = outcome.strip(), actor, timezone.now()
    incident.save()
    ledger.record(
        actor=actor,
        type=events.INCIDENT_CLOSED,
        subject=incident,
        payload={"student": incident.placement.person, "outcome": incident.outcome},
    )
    return incident
