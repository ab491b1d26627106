"""Who may do what with mentors: firms and office appoint, the other side confirms, mentor and office see fees."""

from typing import Any

from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.community.rules import (
    is_enterprise_hr,
    is_hr_of,
    is_mentor,
    is_office,
    is_reviewer,
    is_signed_in,
    is_teacher,
    permit,
    predicate,
)
from ronghe.apps.mentors.models import (
    Appointment,
    ClassHour,
    FeeEntry,
    Offer,
    Qualification,
    Stay,
    TrainingPlan,
)


def _is_appointed(user: Any) -> bool:
    return standing.is_signed_in(user) and Appointment.objects.known().filter(person=user).exists()


@predicate
def is_appointed(user: Any) -> bool:
    """Somebody who is or was a mentor."""
    return _is_appointed(user)


@predicate
def is_oneself(user: Any, person: Any) -> bool:
    """The person it is about; without one, any mentor."""
    return _is_appointed(user) if person is None else bool(person == user)


def _is_hr_of_mentor(user: Any, mentor: Any) -> bool:
    firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
    held = Appointment.objects.known().filter(person=mentor, organisation__in=firms)
    return bool(firms) and held.exists()


@predicate
def is_hr_of_mentor(user: Any, mentor: Any) -> bool:
    """HR of a firm that the mentor is of; without a mentor, HR of any."""
    return standing.holds(user, RoleKind.ENTERPRISE_HR) if mentor is None else _is_hr_of_mentor(user, mentor)


@predicate
def asks_for_own_firm(user: Any, organisation: Organisation | None) -> bool:
    """HR of this organisation; without one, HR of any."""
    if organisation is None:
        return standing.holds(user, RoleKind.ENTERPRISE_HR)
    return standing.holds(user, RoleKind.ENTERPRISE_HR, organisation.pk)


@predicate
def may_confirm_paper(user: Any, paper: Qualification | None) -> bool:
    """The office or HR of the holder's firm, never the holder."""
    if paper is None or paper.person_id == user.pk:
        return False
    return standing.holds(user, RoleKind.OFFICE) or _is_hr_of_mentor(user, paper.person)


@predicate
def is_offered_to(user: Any, offer: Offer | None) -> bool:
    """The mentor to whom it is offered."""
    return offer is not None and offer.person_id == user.pk


@predicate
def is_hr_of_offer(user: Any, offer: Offer | None) -> bool:
    """HR of the firm that the mentor is of."""
    return offer is not None and standing.holds(user, RoleKind.ENTERPRISE_HR, offer.organisation_id)


@predicate
def is_other_side(user: Any, hour: ClassHour | None) -> bool:
    """Who may decide about a claim: the mentor of what the university claimed; else a teacher there.

    Never the claimant, never the mentor of their own claim, and nobody who is also of the mentor's firm.
    """
    if hour is None:
        return standing.holds(user, RoleKind.TEACHER) or _is_appointed(user)
    if user.pk == hour.claimed_by_id:
        return False
    if user.pk == hour.mentor_id:
        return hour.claimed_by_id != hour.mentor_id
    if hour.claimed_by_id != hour.mentor_id:
        return False
    return standing.holds(user, RoleKind.TEACHER, hour.university_id) and not has_stake(user, hour)


def has_stake(user: Any, hour: ClassHour) -> bool:
    """Whether this person is also of the firm whose mentor is paid: then they speak for themselves."""
    if hour.organisation_id == hour.university_id:
        return False
    return any(where == hour.organisation_id for _kind, where in standing.held_by(user))


@predicate
def claimed_it(user: Any, hour: ClassHour | None) -> bool:
    """Who claimed the hours."""
    return hour is not None and hour.claimed_by_id == user.pk


@predicate
def earns_it(user: Any, entry: FeeEntry | None) -> bool:
    """The mentor whose fee it is."""
    return entry is not None and entry.hour.mentor_id == user.pk


@predicate
def is_of_host(user: Any, stay: Stay | None) -> bool:
    """HR or a mentor of the host firm, who is not the teacher."""
    if stay is None:
        return standing.holds(user, RoleKind.ENTERPRISE_HR) or standing.holds(user, RoleKind.MENTOR)
    hosts = standing.organisations(user, {RoleKind.ENTERPRISE_HR, RoleKind.MENTOR})
    return stay.plan.host_id in hosts and stay.plan.teacher_id != user.pk


@predicate
def is_planned_for(user: Any, plan: TrainingPlan | None) -> bool:
    """The teacher whose plan it is."""
    return plan is not None and plan.teacher_id == user.pk


@predicate
def plans_for_oneself(user: Any, teacher: Any) -> bool:
    """A teacher, for oneself."""
    return standing.holds(user, RoleKind.TEACHER) and (teacher is None or teacher == user)


permit("mentors.view_mentors", is_office | is_reviewer | is_teacher | is_enterprise_hr | is_mentor | is_appointed)
permit("mentors.view_rules", is_signed_in)
permit("mentors.appoint", is_office | asks_for_own_firm)
permit("mentors.import_mentors", is_office)
permit("mentors.remind", is_office)
permit("mentors.change_profile", is_office | is_oneself | is_hr_of_mentor)
permit("mentors.record_qualification", is_office | is_oneself | is_hr_of_mentor)
permit("mentors.confirm_qualification", may_confirm_paper)
permit("mentors.withdraw_qualification", is_office)
permit("mentors.offer_terms", is_office | is_hr_of)
permit("mentors.answer_terms", is_offered_to)
permit("mentors.withdraw_terms", is_office | is_hr_of_offer)
permit("mentors.set_limit", is_office)
permit("mentors.take_slot", is_office | is_teacher | is_hr_of_mentor)
permit("mentors.propose_standard", is_office)
permit("mentors.set_benchmark", is_office)
permit("mentors.claim_hours", is_teacher | is_appointed)
permit("mentors.decide_hours", is_other_side)
permit("mentors.withdraw_hours", claimed_it)
permit("mentors.view_fees", is_office | is_oneself)
permit("mentors.issue_statement", is_office)
permit("mentors.dispute_fee", earns_it)
permit("mentors.answer_dispute", is_office)
permit("mentors.view_teachers", is_office | is_reviewer | is_teacher | is_enterprise_hr | is_mentor)
permit("mentors.plan_training", is_office | plans_for_oneself)
permit("mentors.record_stay", is_planned_for)
permit("mentors.decide_stay", is_of_host)
permit("mentors.stop_plan", is_office | is_planned_for)
permit("mentors.certify", is_office)
permit("mentors.answer_satisfaction", is_planned_for)
