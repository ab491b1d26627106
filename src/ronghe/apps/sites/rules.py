"""Who may do what at sites: those of the place keep it, everyone who takes part may book, the other party checks in."""

from typing import Any

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import Campus, Cohort, CohortMembership, Organisation, RoleKind
from ronghe.apps.community.rules import (
    is_mentor,
    is_office,
    is_reviewer,
    is_signed_in,
    is_student,
    is_teacher,
    permit,
    predicate,
)
from ronghe.apps.sites.models import Booking, Machine, MachineFamily, Site, TeachingTerm

KEEPERS = (RoleKind.ENTERPRISE_HR, RoleKind.MENTOR, RoleKind.TEACHER)
MANAGERS = (RoleKind.ENTERPRISE_HR, RoleKind.TEACHER)


def _organisation_of(thing: Any) -> int | None:
    """The organisation in whose house a site, machine, booking or campus stands."""
    if isinstance(thing, Booking):
        thing = thing.machine
    if isinstance(thing, Machine):
        thing = thing.site
    if isinstance(thing, Site):
        thing = thing.campus
    if isinstance(thing, Campus):
        return thing.organisation_id
    return thing.pk if isinstance(thing, Organisation) else None


@predicate
def keeps_it(user: Any, thing: Any) -> bool:
    """HR, a mentor or a teacher of the organisation in whose house it stands; without a thing, of any."""
    house = _organisation_of(thing)
    if thing is not None and house is None:
        return False
    return any(standing.holds(user, kind, house) for kind in KEEPERS)


@predicate
def manages_it(user: Any, thing: Any) -> bool:
    """HR or a teacher of the organisation in whose house it stands; without a thing, of any."""
    house = _organisation_of(thing)
    if thing is not None and house is None:
        return False
    return any(standing.holds(user, kind, house) for kind in MANAGERS)


@predicate
def manages_all_of_it(user: Any, family: MachineFamily | None) -> bool:
    """HR or a teacher of every house in which machines of the family stand: its rules hold in all of them."""
    managed = standing.organisations(user, MANAGERS)
    if family is None or not managed:
        return bool(managed)
    return not Machine.objects.filter(family=family).exclude(site__campus__organisation__in=managed).exists()


@predicate
def is_not_theirs(user: Any, booking: Booking | None) -> bool:
    """Nobody confirms that they came themselves."""
    if booking is None:
        return True
    return booking.person_id != user.pk and not booking.companions.filter(person=user.pk).exists()


@predicate
def is_theirs(user: Any, booking: Booking | None) -> bool:
    """Who booked it."""
    return booking is not None and booking.person_id == user.pk


@predicate
def is_oneself(user: Any, person: Person | None) -> bool:
    """For oneself."""
    return person is None or person.pk == user.pk


@predicate
def teaches_person(user: Any, person: Person | None) -> bool:
    """A teacher at a university in one of whose cohorts the person is."""
    taught = standing.organisations(user, RoleKind.TEACHER)
    if person is None or not taught:
        return bool(taught)
    return CohortMembership.objects.known().filter(person=person, cohort__organisation__in=taught).exists()


@predicate
def teaches_there(user: Any, thing: Organisation | Cohort | TeachingTerm | None) -> bool:
    """A teacher of the university, whose cohort or term it may be; without one, of any."""
    if thing is None:
        return standing.holds(user, RoleKind.TEACHER)
    house = thing.pk if isinstance(thing, Organisation) else thing.organisation_id
    return standing.holds(user, RoleKind.TEACHER, house)


permit("sites.view_site", is_signed_in)
permit("sites.register_site", is_office | manages_it)
permit("sites.manage_site", is_office | manages_it)
permit("sites.keep_site", is_office | keeps_it)
permit("sites.set_travel", is_office)
permit("sites.register_family", is_office | manages_it)
permit("sites.amend_family", is_office | manages_all_of_it)
permit("sites.record_holidays", is_office)
permit("sites.set_quota", is_office)
permit("sites.authorise", is_office | keeps_it)
permit("sites.book", is_office | is_student | is_teacher | is_mentor | keeps_it)
permit("sites.book_for", is_oneself | is_office | teaches_person)
permit("sites.book_many", is_office)
permit("sites.record_use", is_office | keeps_it)
permit("sites.cancel_booking", is_theirs | is_office | keeps_it)
permit("sites.check_in", (is_office | keeps_it) & is_not_theirs)
permit("sites.open_term", is_office | teaches_there)
permit("sites.schedule", is_office | teaches_there)
permit("sites.view_overlaps", is_office | is_teacher)
permit("sites.export_use", is_office | is_reviewer | keeps_it)
