"""Who may do what in the curriculum: universities write, both sides review, everyone who takes part reads."""

from typing import Any

from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.community.rules import (
    belongs_to,
    is_enterprise_hr,
    is_mentor,
    is_office,
    is_reviewer,
    is_signed_in,
    is_teacher,
    permit,
    predicate,
)
from ronghe.apps.curriculum.models import IndustryProject, PackageVersion, Programme, TeachingCase


@predicate
def teaches_there(user: Any, organisation: Organisation | None) -> bool:
    """A teacher of this university; asked without one, of any."""
    return standing.holds(user, RoleKind.TEACHER, organisation.pk if organisation is not None else None)


@predicate
def teaches_in_it(user: Any, programme: Programme | None) -> bool:
    """A teacher of the university whose programme it is."""
    return programme is not None and standing.holds(user, RoleKind.TEACHER, programme.organisation_id)


@predicate
def may_review_it(user: Any, version: PackageVersion | None) -> bool:
    """A teacher of its university or a mentor; whether they are too close to it is the service's to say."""
    if version is None:
        return standing.holds(user, RoleKind.TEACHER) or standing.holds(user, RoleKind.MENTOR)
    university = version.package.course.programme.organisation_id
    return standing.holds(user, RoleKind.TEACHER, university) or standing.holds(user, RoleKind.MENTOR)


@predicate
def is_from_there(user: Any, thing: Organisation | IndustryProject | TeachingCase | None) -> bool:
    """HR or a mentor of the enterprise, or of the one it comes from; asked without one, of any."""
    if thing is None:
        return standing.holds(user, RoleKind.ENTERPRISE_HR) or standing.holds(user, RoleKind.MENTOR)
    organisation = thing.pk if isinstance(thing, Organisation) else thing.organisation_id
    return standing.holds(user, RoleKind.ENTERPRISE_HR, organisation) or standing.holds(
        user, RoleKind.MENTOR, organisation
    )


@predicate
def asks_of_no_enterprise(user: Any, organisation: Organisation | None) -> bool:
    """The community's and the programmes' CRI is no enterprise's own."""
    return organisation is None and standing.is_signed_in(user)


permit("curriculum.view_programme", is_signed_in)
permit("curriculum.view_every_draft", is_office | is_reviewer | is_mentor)
permit("curriculum.found_programme", is_office | teaches_there)
permit("curriculum.edit_programme", is_office | teaches_in_it)
permit("curriculum.import_programme", is_office | teaches_in_it)
permit("curriculum.review_version", may_review_it)
permit("curriculum.backdate_release", is_office)
permit("curriculum.view_library", is_signed_in)
permit("curriculum.register_project", is_office | is_teacher | is_from_there)
permit("curriculum.change_project", is_office | is_teacher | is_from_there)
permit("curriculum.register_case", is_office | is_teacher | is_from_there)
permit("curriculum.change_case", is_office | is_teacher | is_from_there)
permit("curriculum.view_every_cri", is_office | is_reviewer | is_teacher)
permit("curriculum.view_cri", is_office | is_reviewer | is_teacher | belongs_to | asks_of_no_enterprise)
permit("curriculum.freeze_cri", is_office | is_teacher)
permit("curriculum.view_due_units", is_office | is_reviewer | is_teacher | is_mentor | is_enterprise_hr)
