"""Who may do what with certificates: the office issues, holders show, reviewers read, HR keeps its programs' keys."""

from typing import Any

from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.community.rules import is_office, is_reviewer, is_signed_in, permit, predicate
from ronghe.apps.credentials.models import Achievement, Certificate, Issuer, Share


@predicate
def holds_it(user: Any, certificate: Certificate | None) -> bool:
    """The holder of this certificate."""
    return certificate is not None and standing.is_signed_in(user) and certificate.holder_id == user.pk


@predicate
def teaches_at_issuer(user: Any, thing: Issuer | Achievement | None) -> bool:
    """A teacher of the issuing university; asked without one, of any."""
    if thing is None:
        return standing.holds(user, RoleKind.TEACHER)
    issuer = thing.issuer if isinstance(thing, Achievement) else thing
    return standing.holds(user, RoleKind.TEACHER, issuer.organisation_id)


@predicate
def is_shared_with(user: Any, certificate: Certificate | None) -> bool:
    """HR of an enterprise with which the holder shares it today."""
    if certificate is None:
        return False
    own = standing.organisations(user, RoleKind.ENTERPRISE_HR)
    return bool(own) and Share.objects.standing().filter(certificate=certificate, organisation__in=own).exists()


@predicate
def keeps_programs_of(user: Any, organisation: Organisation | None) -> bool:
    """HR of this enterprise; asked without one, of any."""
    return standing.holds(user, RoleKind.ENTERPRISE_HR, organisation.pk if organisation is not None else None)


permit("credentials.view_achievement", is_signed_in)
permit("credentials.found_issuer", is_office)
permit("credentials.keep_keys", is_office)
permit("credentials.define_achievement", is_office | teaches_at_issuer)
permit("credentials.issue_certificate", is_office)
permit("credentials.change_status", is_office)
permit("credentials.view_every_certificate", is_office | is_reviewer)
permit("credentials.view_certificate", is_office | is_reviewer | holds_it | is_shared_with)
permit("credentials.view_path", is_office | holds_it)
permit("credentials.download_bundle", is_office | holds_it)
permit("credentials.share_certificate", holds_it)
permit("credentials.view_lists", is_office | is_reviewer)
permit("credentials.answer_report", is_office)
permit("credentials.keep_api_keys", is_office | keeps_programs_of)
permit("credentials.let_issue", is_office)
permit("credentials.view_recognition", is_signed_in)
permit("credentials.record_recognition", is_office)
permit("credentials.confirm_recognition", is_office | is_reviewer)
