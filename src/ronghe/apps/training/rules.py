"""Who may do what in training: the office plans, hosts run, the student shows, a second party confirms."""

from datetime import date
from typing import Any

from django.utils import timezone

from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.community.rules import (
    is_enterprise_hr,
    is_mentor,
    is_office,
    is_signed_in,
    is_student,
    is_teacher,
    permit,
    predicate,
)
from ronghe.apps.training.models import (
    Absence,
    Assessment,
    Entry,
    Incident,
    Placement,
    Stay,
    Supervision,
    SupervisionKind,
    pupils_of,
)


def in_charge(user: Any, placement: Placement, kind: SupervisionKind, day: date | None = None) -> bool:
    """Whether `user` looks after the placement from this side on a day (today)."""
    if not standing.is_signed_in(user):
        return False
    found = Supervision.objects.on(day or timezone.localdate()).filter(placement=placement, kind=kind)
    return found.filter(person=user.pk).exists()


def hosts(user: Any, placement: Placement) -> bool:
    """Whether `user` is HR of an enterprise that hosts or hosted it."""
    firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
    return bool(firms) and Stay.objects.known().filter(placement=placement, organisation__in=firms).exists()


def teaches(user: Any, placement: Placement) -> bool:
    """Whether `user` teaches at the student's university."""
    pupils = pupils_of(user)
    return pupils is not None and placement.person_id is not None and pupils.filter(person=placement.person_id).exists()


@predicate
def may_see_it(user: Any, placement: Placement | None) -> bool:
    """Whoever finds it among those visible to them; asked without one, everybody may look for theirs."""
    if placement is None:
        return standing.is_signed_in(user)
    return Placement.objects.visible_to(user).filter(pk=placement.pk).exists()


@predicate
def is_hr_of_its_host(user: Any, placement: Placement | None) -> bool:
    """HR of a host; asked without one, HR of any enterprise."""
    if placement is None:
        return standing.holds(user, RoleKind.ENTERPRISE_HR)
    return hosts(user, placement)


@predicate
def is_its_student(user: Any, placement: Placement | None) -> bool:
    """The student of it; asked without one, any student."""
    if placement is None:
        return standing.holds(user, RoleKind.STUDENT)
    return placement.person_id is not None and placement.person_id == user.pk


@predicate
def looks_after_it(user: Any, placement: Placement | None) -> bool:
    """Its mentor or teacher of today."""
    if placement is None:
        return standing.holds(user, RoleKind.MENTOR) or standing.holds(user, RoleKind.TEACHER)
    return any(in_charge(user, placement, kind) for kind in SupervisionKind)


@predicate
def confirms_it(user: Any, entry: Entry | None) -> bool:
    """The mentor of today or of that week, or HR of a host in the mentor's stead. Conflicts are the service's."""
    if entry is None:
        return standing.holds(user, RoleKind.MENTOR) or standing.holds(user, RoleKind.ENTERPRISE_HR)
    mentored = Supervision.objects.known().filter(
        placement=entry.placement_id, kind=SupervisionKind.MENTOR, person=user.pk, valid_from__lte=entry.last_day
    )
    now = Supervision.objects.on(timezone.localdate()).filter(
        placement=entry.placement_id, kind=SupervisionKind.MENTOR, person=user.pk
    )
    then = mentored.filter(valid_until=None) | mentored.filter(valid_until__gt=entry.week)
    return then.exists() or now.exists() or hosts(user, entry.placement)


@predicate
def handed_it_in(user: Any, entry: Entry | None) -> bool:
    """The student whose evidence it is."""
    return entry is not None and entry.placement.person_id is not None and entry.placement.person_id == user.pk


@predicate
def decides_absence(user: Any, absence: Absence | None) -> bool:
    """Who looks after the placement, a teacher of the university, or HR of a host; never the student."""
    if absence is None:
        return False
    placement = absence.placement
    if user.pk in (placement.person_id, absence.reported_by_id):
        return False
    return hosts(user, placement) or teaches(user, placement) or bool(looks_after_it(user, placement))


@predicate
def answers_incident(user: Any, incident: Incident | None) -> bool:
    """A teacher of the student's university, until it goes to the office; never the student."""
    if incident is None or incident.with_office or incident.placement.person_id == user.pk:
        return False
    return teaches(user, incident.placement) or in_charge(user, incident.placement, SupervisionKind.TEACHER)


@predicate
def teaches_its_student(user: Any, placement: Placement | None) -> bool:
    """A teacher of the student's university; asked without one, any teacher."""
    if placement is None:
        return standing.holds(user, RoleKind.TEACHER)
    return placement.person_id != user.pk and teaches(user, placement)


@predicate
def rates_it(user: Any, assessment: Assessment | None) -> bool:
    """Mentor or teacher in charge of the placement; never the student."""
    if assessment is None:
        return False
    placement = assessment.placement
    return placement.person_id != user.pk and bool(looks_after_it(user, placement))


permit("training.view_placement", is_office | may_see_it)
permit("training.list_placements", is_office | is_enterprise_hr | is_mentor | is_teacher | is_student)
permit("training.plan_placement", is_office)
permit("training.name_agreement", is_office | is_hr_of_its_host)
permit("training.run_placement", is_office | is_hr_of_its_host)
permit("training.stop_placement", is_office)
permit("training.change_placement", is_office | is_hr_of_its_host)
permit("training.change_hosts", is_office)
permit("training.change_teacher", is_office | teaches_its_student)
permit("training.state_prior_work", is_office | teaches_its_student)
permit("training.report_absence", is_office | is_its_student | is_hr_of_its_host | looks_after_it)
permit("training.decide_absence", is_office | decides_absence)
permit("training.report_incident", is_signed_in & may_see_it)
permit("training.answer_incident", is_office | answers_incident)
permit("training.escalate", is_office)
permit("training.declare_relation", is_signed_in)
permit("training.end_relation", is_office)
permit("training.hand_in", is_its_student)
permit("training.answer_entry", handed_it_in)
permit("training.confirm_entry", confirms_it)
permit("training.make_link", is_office | is_its_student | is_hr_of_its_host)
permit("training.revoke_link", is_office | is_hr_of_its_host)
permit("training.open_assessment", is_office | looks_after_it | teaches_its_student)
permit("training.rate", rates_it)
permit("training.settle", is_office)
permit("training.remind", is_office)
