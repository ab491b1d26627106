"""Who may do what: predicates on the roles that a person holds today, and the permissions of this floor and below.

Permissions of higher floors are registered by their own `rules.py` with these predicates.
"""

from collections.abc import Callable
from typing import Any, cast

from django.utils import timezone
from rules import permissions, predicates
from rules.predicates import Predicate

from ronghe.apps.community import standing
from ronghe.apps.community.models import (
    Admission,
    Chain,
    ChainMembership,
    Cohort,
    Organisation,
    OrganisationConfirmation,
    RoleKind,
    Tier,
)

# The package's own functions carry no types; every app's `rules.py` takes these two.
predicate = cast(Callable[[Callable[..., bool]], Predicate], predicates.predicate)
permit = cast(Callable[[str, Predicate], None], permissions.add_perm)


@predicate
def is_signed_in(user: Any) -> bool:
    """Everyone who has signed in."""
    return standing.is_signed_in(user)


@predicate
def is_office(user: Any) -> bool:
    """Staff of the community office."""
    return standing.holds(user, RoleKind.OFFICE)


@predicate
def is_reviewer(user: Any) -> bool:
    """A government reviewer."""
    return standing.holds(user, RoleKind.REVIEWER)


@predicate
def is_enterprise_hr(user: Any) -> bool:
    """HR of some enterprise; `is_hr_of` asks for a certain one."""
    return standing.holds(user, RoleKind.ENTERPRISE_HR)


@predicate
def is_mentor(user: Any) -> bool:
    """A mentor of some enterprise."""
    return standing.holds(user, RoleKind.MENTOR)


@predicate
def is_teacher(user: Any) -> bool:
    """A teacher of some university; `is_teacher_of` asks for a certain one."""
    return standing.holds(user, RoleKind.TEACHER)


@predicate
def is_student(user: Any) -> bool:
    """A student of some university."""
    return standing.holds(user, RoleKind.STUDENT)


@predicate
def is_hr_of(user: Any, organisation: Organisation | None) -> bool:
    """HR of this organisation; without an organisation, nobody is."""
    return organisation is not None and standing.holds(user, RoleKind.ENTERPRISE_HR, organisation.pk)


@predicate
def is_mentor_of(user: Any, organisation: Organisation | None) -> bool:
    """A mentor of this organisation."""
    return organisation is not None and standing.holds(user, RoleKind.MENTOR, organisation.pk)


@predicate
def is_teacher_of(user: Any, organisation: Organisation | None) -> bool:
    """A teacher of this organisation."""
    return organisation is not None and standing.holds(user, RoleKind.TEACHER, organisation.pk)


@predicate
def belongs_to(user: Any, organisation: Organisation | None) -> bool:
    """Holds any role in this organisation."""
    return organisation is not None and any(where == organisation.pk for _kind, where in standing.held_by(user))


@predicate
def teaches_cohort(user: Any, cohort: Cohort | None) -> bool:
    """A teacher of the university whose cohort it is."""
    return cohort is not None and standing.holds(user, RoleKind.TEACHER, cohort.organisation_id)


@predicate
def is_confirmed(user: Any, organisation: Organisation | None) -> bool:
    """A second person has found the organisation to be real: only then may it publish anything.

    Without an organisation there is nothing to hold back yet, so that a page may open its choice of organisations.
    """
    if organisation is None:
        return True
    return OrganisationConfirmation.objects.on(timezone.localdate()).filter(organisation=organisation).exists()


def _member_firms(user: Any, chain: Chain, **asked: Any) -> bool:
    firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
    if not firms:
        return False
    members = ChainMembership.objects.on(timezone.localdate()).filter(chain=chain, organisation__in=firms, **asked)
    return members.exists()


@predicate
def is_hr_of_member(user: Any, chain: Chain | None) -> bool:
    """HR of a firm that is in this chain today; without a chain, of any firm."""
    return is_enterprise_hr(user) if chain is None else _member_firms(user, chain)


@predicate
def is_hr_of_applicant(user: Any, admission: Admission | None) -> bool:
    """HR of the firm that applies."""
    return admission is not None and standing.holds(user, RoleKind.ENTERPRISE_HR, admission.organisation_id)


@predicate
def is_hr_of_leader(user: Any, admission: Admission | None) -> bool:
    """HR of the firm that leads the chain which is applied to."""
    return admission is not None and _member_firms(user, admission.chain, tier=Tier.LEADER)


@predicate
def asks_in_general(user: Any, thing: Any) -> bool:
    """HR of some enterprise asks for a list or a form, not for one thing."""
    return thing is None and standing.holds(user, RoleKind.ENTERPRISE_HR)


permit("community.view_organisation", is_signed_in)
permit("community.register_organisation", is_office)
permit("community.amend_organisation", is_office | is_hr_of)
permit("community.view_chain", is_signed_in)
permit("community.found_chain", is_office)
permit("community.change_chain", is_office)
permit("community.view_people", is_office)
permit("community.appoint", is_office)
permit("community.open_year", is_office)
permit("community.open_cohort", is_office)
permit("community.view_cohort", is_signed_in)
permit("community.view_roster", is_office | teaches_cohort)
permit("community.enrol", is_office)


# Whether an organisation is real, and what it declares.
permit("community.confirm_organisation", is_office | is_reviewer)
permit("community.decide_duplicate", is_office | is_reviewer)
permit("community.view_facts", is_office | is_reviewer | is_hr_of)
permit("community.declare_fact", is_office | is_hr_of)
permit("community.confirm_fact", is_office | is_reviewer)

# How an organisation comes into a chain. Evidence is for its parties: the firm, the chain's leader, the office.
permit("community.invite_to_chain", is_office | is_hr_of_member)
permit("community.apply_to_chain", is_office | is_hr_of | asks_in_general)
permit("community.view_admission", is_office | is_reviewer | is_hr_of_applicant | is_hr_of_leader | asks_in_general)
permit("community.view_papers", is_office | is_hr_of_applicant | is_hr_of_leader)
permit("community.prepare_admission", is_office | is_hr_of_applicant)
permit("community.decide_gate", is_office)
permit("community.change_gate", is_office)
permit("community.view_screening", is_office | is_reviewer)

permit("community.record_supply", is_office | is_hr_of_member)
permit("community.place_region", is_office)
permit("community.amend_cohort", is_office)

# Floors below this one know no roles, so their permissions are said here.
permit("jobs.view_all_jobs", is_office)
permit("metrics.view_registry", is_signed_in)
permit("ledger.view_event", is_office | is_reviewer)
permit("ledger.view_personal", is_office)
