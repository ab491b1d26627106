"""Who looks after a placement: a mentor of the host, within the mentor's load, and a teacher of the university."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Role, RoleKind
from ronghe.apps.ledger import services as ledger
from ronghe.apps.mentors import services as mentors
from ronghe.apps.mentors.models import Appointment, Slot
from ronghe.apps.metrics import dated
from ronghe.apps.training import events
from ronghe.apps.training.models import OPEN, Placement, Supervision, SupervisionKind
from ronghe.apps.training.services.history import DAY, stays_from
from ronghe.apps.training.services.planning import take, university_of
from ronghe.apps.training.services.relations import conflict_between


def supervisor_on(placement: Placement, kind: SupervisionKind, day: date) -> Person | None:
    """Who looks after a placement from a side on a day."""
    found = Supervision.objects.on(day).filter(placement=placement, kind=kind).select_related("person").first()
    return found.person if found is not None else None


def end_supervisions(actor: Person, rows: Iterable[Supervision], day: date) -> None:
    """From `day` on these people look after it no longer, and their slots are free."""
    for row in rows:
        if row.valid_until is not None and row.valid_until <= day:
            continue
        dated.end(row, day)
        if row.slot is not None:
            held = Slot.objects.known().filter(uid=row.slot.uid).first()
            if held is not None and (held.valid_until is None or held.valid_until > day):
                mentors.free_slot(actor=actor, slot=held, last_day=day - DAY)


@transaction.atomic
def change_supervisor(
    *, actor: Person, placement: Placement, kind: SupervisionKind, person: Person, on: date | None = None
) -> Placement:
    """Name who looks after a placement from a day on (its first day, or today once that is over)."""
    permission = "training.run_placement" if kind == SupervisionKind.MENTOR else "training.change_teacher"
    placement = take(actor, permission, placement, OPEN)
    day = on or max(placement.starts_on, timezone.localdate())
    if not placement.starts_on <= day <= placement.ends_on:
        raise ValidationError(
            {
                "on": _("Choose a day from %(first)s to %(last)s.")
                % {"first": placement.starts_on, "last": placement.ends_on}
            }
        )
    known = Supervision.objects.known().filter(placement=placement, kind=kind)
    end_supervisions(actor, list(known.select_related("slot__mentor")), day)
    begin_supervision(actor, placement, kind, person, day)
    placement.save()
    ledger.record(
        actor=actor,
        type=events.SUPERVISOR_CHANGED,
        subject=placement,
        payload={"student": placement.person, "side": str(kind), "person": person, "on": day},
    )
    return placement


def begin_supervision(
    actor: Person, placement: Placement, kind: SupervisionKind, person: Person, day: date
) -> Supervision:
    """From `day` to the last day of the placement this person looks after it; a mentor takes a slot for that."""
    _check_supervisor(placement, kind, person, day)
    slot = _slot(actor, placement, person, day) if kind == SupervisionKind.MENTOR else None
    return Supervision.objects.create(
        placement=placement, kind=kind, person=person, slot=slot, valid_from=day, valid_until=placement.ends_on + DAY
    )


def _slot(actor: Person, placement: Placement, mentor: Person, day: date) -> Slot | None:
    """A place in the mentor's load for the rest of the placement; one that the student has there already is used."""
    student = placement.person
    if student is None:
        return None
    held = Slot.objects.during(day, placement.ends_on).filter(mentor=mentor, student=student).first()
    if held is not None and held.valid_from <= day and (held.last_day or day) >= placement.ends_on:
        return held
    return mentors.take_slot(
        actor=actor,
        mentor=mentor,
        student=student,
        first_day=day,
        last_day=placement.ends_on,
        cause=placement.work_zh,
    )


def _check_supervisor(placement: Placement, kind: SupervisionKind, person: Person, day: date) -> None:
    if kind == SupervisionKind.MENTOR:
        where = {stay.organisation_id for stay in stays_from(placement, day)}
        holds = Appointment.objects.on(day).filter(person=person, organisation__in=where).exists()
        problem = _("%(name)s is no appointed mentor of the host on %(day)s.")
    else:
        university = university_of(placement.person, day)
        roles = Role.objects.on(max(day, timezone.localdate())).filter(person=person, kind=RoleKind.TEACHER)
        holds = university is not None and roles.filter(organisation=university).exists()
        problem = _("%(name)s is no teacher of the student's university on %(day)s.")
    if not holds:
        raise ValidationError({"person": problem % {"name": person.name, "day": day}})
    if why := conflict_between(person, placement, day):
        raise ValidationError({"person": why})
