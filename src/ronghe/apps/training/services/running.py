"""What happens to a placement once it is planned: it begins, rests, goes on, and ends."""

from dataclasses import asdict
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.ledger import services as ledger
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
from ronghe.apps.training.services.history import DAY, Times, end_all, stays_from, turn
from ronghe.apps.training.services.planning import agreement_problem, take
from ronghe.apps.training.services.study import note_study
from ronghe.apps.training.services.supervising import end_supervisions, supervisor_on


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
            **asdict(Times.of(stay)),
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
    note_study(placement, placement.starts_on, placement.ends_on)
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
    note_study(placement, on, placement.ends_on)
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
    note_study(placement, on, placement.ends_on)
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
    note_study(placement, max(placement.starts_on, last_day), placement.ends_on)
    ledger.record(
        actor=actor,
        type=events.PLACEMENT_STOPPED,
        subject=placement,
        payload={"student": placement.person, "on": last_day, "reason": reason.strip()},
    )
    return placement


def _end(actor: Person, placement: Placement, last_day: date) -> None:
    end_all(stays_from(placement, last_day + DAY), last_day + DAY)
    end_supervisions(actor, Supervision.objects.known().filter(placement=placement), last_day + DAY)


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
