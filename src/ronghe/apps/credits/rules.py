"""Who may do what in the credit bank: universities decide, a second party confirms, the student sees everything."""

from typing import Any

from ronghe.apps.community import standing
from ronghe.apps.community.models import CohortMembership, RoleKind
from ronghe.apps.community.rules import is_office, is_reviewer, is_signed_in, is_student, is_teacher, permit, predicate
from ronghe.apps.credits.models import Account, Achievement
from ronghe.apps.curriculum.models import Programme


@predicate
def teaches_in_it(user: Any, programme: Programme | None) -> bool:
    """A teacher of the university whose programme it is."""
    return programme is not None and standing.holds(user, RoleKind.TEACHER, programme.organisation_id)


@predicate
def may_see_account(user: Any, account: Account | None) -> bool:
    """Whoever finds the account among those visible to them."""
    return account is not None and Account.objects.visible_to(user).filter(pk=account.pk).exists()


@predicate
def is_second_party(user: Any, achievement: Achievement | None) -> bool:
    """A teacher of the student's university, or HR or a mentor of the host: never the student, nor who claimed it."""
    if achievement is None:
        return any(standing.holds(user, kind) for kind in (RoleKind.TEACHER, RoleKind.MENTOR, RoleKind.ENTERPRISE_HR))
    if user.pk in (achievement.person_id, achievement.claimed_by_id):
        return False
    hosts = standing.organisations(user, {RoleKind.ENTERPRISE_HR, RoleKind.MENTOR})
    return achievement.host_id in hosts or teaches(user, achievement.person_id)


@predicate
def is_its_student(user: Any, achievement: Achievement | None) -> bool:
    """The student whose achievement it is."""
    return achievement is not None and achievement.person_id == user.pk


def teaches(user: Any, person: int | None) -> bool:
    """Whether `user` teaches at a university in one of whose cohorts the student is today."""
    taught = standing.organisations(user, RoleKind.TEACHER)
    if not taught or person is None:
        return False
    return CohortMembership.objects.known().filter(person=person, cohort__organisation__in=taught).exists()


@predicate
def teaches_the_student(user: Any, achievement: Achievement | None) -> bool:
    """A teacher of the student's university, who is not the student."""
    return achievement is not None and achievement.person_id != user.pk and teaches(user, achievement.person_id)


permit("credits.view_rules", is_signed_in)
permit("credits.view_account", may_see_account)
permit("credits.view_every_account", is_office | is_reviewer | is_teacher)
permit("credits.propose_rule", is_office | teaches_in_it)
permit("credits.publish_rule", is_office | teaches_in_it)
permit("credits.set_target", is_office | teaches_in_it)
permit("credits.claim", is_student)
permit("credits.decide", is_second_party)
permit("credits.record_courses", is_office | is_teacher)
permit("credits.ask_correction", is_its_student | is_second_party)
permit("credits.deposit", is_office | teaches_the_student)
permit("credits.deposit_all", is_office)
permit("credits.redeem", is_office | teaches_in_it)
permit("credits.reverse", is_office)
permit("credits.transfer", is_office)
permit("credits.name_partner", is_office)
