"""What happens to a placement once it is planned: it begins, rests, goes on, changes hosts and mentors, and ends."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import Role, RoleKind
from ronghe.apps.ledger import services as ledger
from ronghe.apps.mentors import services as mentors
from ronghe.apps.mentors.models import Appointment, Slot
from ronghe.apps.metrics import dated
from ronghe.apps.training import events
from ronghe.apps.training.models import (
    BEGUN,
    OPEN,
    Placement,
    PlacementState,
    Stay,
    Supervision,
    SupervisionKind,
)
from ronghe.apps.training.services.history import (
    DAY,
    Hosts,
    begin_stays,
    check_hosts,
    check_room,
    end_all,
    lock_student,
    stays_from,
    turn,
)
from ronghe.apps.training.services.planning import agreement_problem, take, university_of
from ronghe.apps.training.services.relations import conflict_between


@transaction.atomic
def start_placement(*, actor: Person, placement: Placement, on: date, without_agreement_because: str = "") -> Placement:
    """Confirm that the student began on a day; refused unless a three-party agreement was in force before.

    Only the office may record, with a reason, that a placement in fact began without one; such starts are counted.
    """
    placement = take(actor, "training.run_placement", placement, [PlacementState.PLANNED])
    if on > timezone.localdate():
        raise ValidationError({"on": _("Confirm the start on the day itself or later.")})
    if not placement.starts_on <= on <= placement.ends_on:
        raise ValidationError(
            {
                "on": _("The placement is planned from %(first)s to %(last)s.")
                % {"first": placement.starts_on, "last": placement.ends_on}
            }
        )
    problem = agreement_problem(placement, on)
    because = without_agreement_because.strip()
    if problem and not because:
        raise ValidationError(problem)
    if problem and not standing.holds(actor, RoleKind.OFFICE):
        raise PermissionDenied(_("Only the community office records a start without an agreement."))
    if supervisor_on(placement, SupervisionKind.MENTOR, on) is None:
        raise ValidationError(_("Nobody guides the student at the enterprise yet. Name a mentor first."))
    for stay in stays_from(placement, placement.starts_on):
        dated.withdraw(stay)
        Stay.objects.create(
            placement=placement,
            organisation=stay.organisation,
            share=stay.share,
            state=PlacementState.RUNNING,
            is_first=True,
            without_agreement=bool(problem),
            reason=because[:300] if problem else "",
            valid_from=max(on, stay.valid_from),
            valid_until=stay.valid_until,
        )
    placement.state = PlacementState.RUNNING
    if problem:
        placement.reason = because[:500]
    placement.save()
    ledger.record(
        actor=actor,
        type=events.PLACEMENT_STARTED,
        subject=placement,
        payload={
            "student": placement.person,
            "on": on,
            "without_agreement": bool(problem),
            **({"agreement": placement.agreement} if placement.agreement else {}),
            **({"reason": because} if problem else {}),
        },
    )
    return placement


def supervisor_on(placement: Placement, kind: SupervisionKind, day: date) -> Person | None:
    """Who looks after a placement from a side on a day."""
    found = Supervision.objects.on(day).filter(placement=placement, kind=kind).select_related("person").first()
    return found.person if found is not None else None


def _check_within(placement: Placement, on: date, field: str = "on") -> None:
    begun = min((stay.valid_from for stay in stays_from(placement, placement.starts_on)), default=placement.starts_on)
    if not begun <= on <= placement.ends_on:
        raise ValidationError(
            {field: _("Choose a day from %(first)s to %(last)s.") % {"first": begun, "last": placement.ends_on}}
        )


@transaction.atomic
def pause_placement(*, actor: Person, placement: Placement, on: date, reason: str) -> Placement:
    """The work rests from a day on; the seat is kept."""
    placement = take(actor, "training.run_placement", placement, [PlacementState.RUNNING])
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; student, mentor and teacher will read it.")})
    _check_within(placement, on)
    turn(placement, on, state=PlacementState.PAUSED, reason=reason.strip())
    placement.state = PlacementState.PAUSED
    placement.save()
    ledger.record(
        actor=actor,
        type=events.PLACEMENT_PAUSED,
        subject=placement,
        payload={"student": placement.person, "on": on, "reason": reason.strip()},
    )
    return placement


@transaction.atomic
def resume_placement(*, actor: Person, placement: Placement, on: date) -> Placement:
    """The work goes on from a day on."""
    placement = take(actor, "training.run_placement", placement, [PlacementState.PAUSED])
    _check_within(placement, on)
    paused = Stay.objects.known().filter(placement=placement, state=PlacementState.PAUSED).order_by("-valid_from")
    since = paused.values_list("valid_from", flat=True).first()
    if since is not None and on < since:
        raise ValidationError(
            {"on": _("The work rests since %(day)s; choose that day or a later one.") % {"day": since}}
        )
    turn(placement, on, state=PlacementState.RUNNING)
    placement.state = PlacementState.RUNNING
    placement.save()
    ledger.record(
        actor=actor,
        type=events.PLACEMENT_RESUMED,
        subject=placement,
        payload={"student": placement.person, "on": on},
    )
    return placement


@transaction.atomic
def stop_placement(*, actor: Person, placement: Placement, last_day: date, reason: str) -> Placement:
    """End a placement before its time; `last_day` is the last day of the work. A planned one is called off."""
    placement = take(actor, "training.stop_placement", placement, OPEN)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; it stays with the placement.")})
    if placement.state != PlacementState.PLANNED and last_day > placement.ends_on:
        raise ValidationError({"last_day": _("It ends on %(day)s by itself.") % {"day": placement.ends_on}})
    _end(actor, placement, last_day)
    placement.state, placement.reason = PlacementState.STOPPED, reason.strip()[:500]
    placement.save()
    ledger.record(
        actor=actor,
        type=events.PLACEMENT_STOPPED,
        subject=placement,
        payload={"student": placement.person, "on": last_day, "reason": reason.strip()},
    )
    return placement


def _end(actor: Person, placement: Placement, last_day: date) -> None:
    end_all(stays_from(placement, last_day + DAY), last_day + DAY)
    _end_supervisions(actor, Supervision.objects.known().filter(placement=placement), last_day + DAY)


def _end_supervisions(actor: Person, rows: Iterable[Supervision], day: date) -> None:
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
def finish_placement(*, actor: Person, placement: Placement) -> Placement:
    """Say that a placement whose last day is over is finished."""
    placement = take(actor, "training.run_placement", placement, BEGUN)
    if placement.ends_on >= timezone.localdate():
        raise ValidationError(
            _("It runs until %(day)s. Stop it with a reason if it ends earlier.") % {"day": placement.ends_on}
        )
    placement.state = PlacementState.FINISHED
    placement.save()
    ledger.record(
        actor=actor,
        type=events.PLACEMENT_FINISHED,
        subject=placement,
        payload={"student": placement.person, "on": placement.ends_on},
    )
    return placement


@transaction.atomic
def change_hosts(*, actor: Person, placement: Placement, hosts: Hosts, on: date, reason: str) -> Placement:
    """From a day on the student is at other hosts, or at the same with other shares."""
    placement = take(actor, "training.change_hosts", placement, OPEN)
    check_hosts(hosts)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; student, mentor and teacher will read it.")})
    _check_within(placement, on)
    student = lock_student(placement)
    if student is not None:
        check_room(student, hosts, on, placement.ends_on, but=placement)
    rows = stays_from(placement, on)
    state = next((row.state for row in rows), placement.state)
    is_first = all(row.valid_from >= on for row in rows) and any(row.is_first for row in rows)
    end_all(rows, on)
    begin_stays(
        placement, hosts, on, placement.ends_on + DAY, state=state, is_first=is_first, reason=reason.strip()[:300]
    )
    placement.save()
    ledger.record(
        actor=actor,
        type=events.HOSTS_CHANGED,
        subject=placement,
        payload={
            "student": placement.person,
            "hosts": [host for host, _share in hosts],
            "shares": [share for _host, share in hosts],
            "on": on,
            "reason": reason.strip(),
        },
    )
    return placement


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
    _check_supervisor(placement, kind, person, day)
    known = Supervision.objects.known().filter(placement=placement, kind=kind)
    _end_supervisions(actor, list(known.select_related("slot__mentor")), day)
    slot = _slot(actor, placement, person, day) if kind == SupervisionKind.MENTOR else None
    Supervision.objects.create(
        placement=placement, kind=kind, person=person, slot=slot, valid_from=day, valid_until=placement.ends_on + DAY
    )
    placement.save()
    ledger.record(
        actor=actor,
        type=events.SUPERVISOR_CHANGED,
        subject=placement,
        payload={"student": placement.person, "side": str(kind), "person": person, "on": day},
    )
    return placement


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
