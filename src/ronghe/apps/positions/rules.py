"""Who may do what: firms' HR offer, the office approves and matches, students wish, accept and appeal."""

from typing import Any

from ronghe.apps.community import standing
from ronghe.apps.community.models import CohortMembership, Organisation, RoleKind
from ronghe.apps.community.rules import (
    is_enterprise_hr,
    is_office,
    is_reviewer,
    is_signed_in,
    is_student,
    is_teacher,
    permit,
    predicate,
)
from ronghe.apps.positions.models import (
    Acceptance,
    Appeal,
    Assignment,
    ClassMember,
    OrderClass,
    Participation,
    Position,
    Round,
    RoundPosition,
    RoundState,
    StudentSkill,
)


@predicate
def is_hr_there(user: Any, organisation: Organisation | None) -> bool:
    """HR of this enterprise; without one, of any: so that a page may open its choice of enterprises."""
    return standing.holds(user, RoleKind.ENTERPRISE_HR, None if organisation is None else organisation.pk)


@predicate
def is_hr_of_it(user: Any, thing: Position | OrderClass | None) -> bool:
    """HR of the enterprise whose position or order class it is."""
    return thing is not None and standing.holds(user, RoleKind.ENTERPRISE_HR, thing.organisation_id)


@predicate
def is_hr_of_class(user: Any, member: ClassMember | None) -> bool:
    """HR of the enterprise that ordered the class."""
    return member is not None and standing.holds(user, RoleKind.ENTERPRISE_HR, member.order_class.organisation_id)


@predicate
def is_of_that_firm(user: Any, work: Acceptance | None) -> bool:
    """HR or a mentor of the firm that ordered the class, who is not the student."""
    if work is None or work.member.person_id == user.pk:
        return False
    firm = work.member.order_class.organisation_id
    return standing.holds(user, RoleKind.ENTERPRISE_HR, firm) or standing.holds(user, RoleKind.MENTOR, firm)


@predicate
def is_that_student(user: Any, thing: ClassMember | Participation | StudentSkill | Assignment | None) -> bool:
    """The student it is about."""
    return thing is not None and thing.person_id == user.pk


@predicate
def made_it(user: Any, appeal: Appeal | None) -> bool:
    """The student whose appeal it is."""
    return appeal is not None and appeal.assignment.person_id == user.pk


@predicate
def teaches_the_student(user: Any, skill: StudentSkill | None) -> bool:
    """A teacher of the student's university, who is not the student; without a skill, a teacher of any."""
    if skill is None:
        return standing.holds(user, RoleKind.TEACHER)
    taught = standing.organisations(user, RoleKind.TEACHER)
    if not taught or skill.person_id == user.pk:
        return False
    return CohortMembership.objects.known().filter(person=skill.person_id, cohort__organisation__in=taught).exists()


@predicate
def offers_in_round(user: Any, place: RoundPosition | None) -> bool:
    """HR of the enterprise whose position takes part in the round."""
    return place is not None and standing.holds(user, RoleKind.ENTERPRISE_HR, place.position.organisation_id)


@predicate
def is_frozen_for_all(user: Any, round: Round | None) -> bool:
    """A published round's figures are open to reviewers and teachers; before that only the office sees runs."""
    return round is not None and round.state == RoundState.PUBLISHED


permit("positions.view_position", is_signed_in)
permit("positions.view_round", is_office | is_reviewer | is_teacher | is_enterprise_hr | is_student)
permit("positions.offer_position", is_hr_there)
permit("positions.change_position", is_hr_of_it)
permit("positions.amend_position", is_office | is_hr_of_it)
permit("positions.approve_position", is_office)
permit("positions.set_chain_rule", is_office)
permit("positions.order_class", is_hr_there)
permit("positions.change_class", is_hr_of_it)
permit("positions.approve_class", is_office)
permit("positions.end_class", is_office | is_hr_of_it)
permit("positions.see_members", is_office | is_hr_of_it | is_teacher)
permit("positions.offer_place", is_hr_of_it)
permit("positions.answer_place", is_that_student)
permit("positions.leave_class", is_office | is_that_student)
permit("positions.accept_work", is_of_that_firm)
permit("positions.offer_job", is_hr_of_class)
permit("positions.declare_skill", is_student)
permit("positions.confirm_skill", teaches_the_student)
permit("positions.run_round", is_office)
permit("positions.see_runs", is_office | (is_frozen_for_all & (is_reviewer | is_teacher)))
permit("positions.state_wishes", is_that_student)
permit("positions.give_priority", offers_in_round)
permit("positions.appeal", is_that_student)
permit("positions.answer_appeal", is_office)
