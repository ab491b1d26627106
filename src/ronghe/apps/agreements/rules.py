"""Who may do what with agreements: the office, and those who speak or sign for a party; a reviewer sees no paper."""

from typing import Any

from ronghe.apps.agreements.models import Agreement, Instrument, InstrumentState, Signature, Template
from ronghe.apps.agreements.models.agreements import speaks_for
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.community.rules import is_office, is_reviewer, is_signed_in, permit, predicate


@predicate
def has_papers(user: Any, agreement: Agreement | None) -> bool:
    """May read the text: a party's HR or signatory, or a person who is a party."""
    return agreement is not None and Agreement.objects.with_papers_for(user).filter(pk=agreement.pk).exists()


@predicate
def may_see_it(user: Any, agreement: Agreement | None) -> bool:
    """May know of it; asked without one, everybody who is signed in may look for theirs."""
    if agreement is None:
        return standing.is_signed_in(user)
    return Agreement.objects.visible_to(user).filter(pk=agreement.pk).exists()


def _is_hr_of_a_party(user: Any, agreement: Agreement) -> bool:
    firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
    return bool(firms) and agreement.parties.filter(organisation__in=firms).exists()


@predicate
def is_hr_of_a_party(user: Any, agreement: Agreement | None) -> bool:
    """HR of an enterprise that is a party; asked without one, HR of any enterprise."""
    if agreement is None:
        return standing.holds(user, RoleKind.ENTERPRISE_HR)
    return _is_hr_of_a_party(user, agreement)


@predicate
def may_read_paper(user: Any, instrument: Instrument | None) -> bool:
    """May read this paper."""
    return instrument is not None and Instrument.objects.visible_to(user).filter(pk=instrument.pk).exists()


@predicate
def handles_paper(user: Any, instrument: Instrument | None) -> bool:
    """HR of a party; before it is sent only HR of those for whom it was drafted."""
    if instrument is None:
        return False
    firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
    if instrument.state in (InstrumentState.SENT, InstrumentState.CONCLUDED):
        return _is_hr_of_a_party(user, instrument.agreement)
    return instrument.drafted_for_id in firms


@predicate
def is_asked(user: Any, signature: Signature | None) -> bool:
    """The very person of whom the signature is asked."""
    return signature is not None and signature.person_id == user.pk


@predicate
def handles_signature(user: Any, signature: Signature | None) -> bool:
    """The person asked, or HR of the party."""
    if signature is None:
        return False
    of = signature.party.organisation_id
    return signature.person_id == user.pk or (
        of is not None and of in standing.organisations(user, RoleKind.ENTERPRISE_HR)
    )


@predicate
def is_hr_of_it(user: Any, organisation: Organisation | None) -> bool:
    """HR of this enterprise; asked without one, HR of any."""
    return standing.holds(user, RoleKind.ENTERPRISE_HR, organisation.pk if organisation is not None else None)


@predicate
def signs_or_is_hr_for_a_party(user: Any, agreement: Agreement | None) -> bool:
    """Who may give notice: HR or a signatory of a party, or a person who is one."""
    if agreement is None:
        return False
    mine = speaks_for(user)
    return any(party.organisation_id in mine or party.person_id == user.pk for party in agreement.parties.all())


@predicate
def is_in_use(user: Any, template: Template | None) -> bool:
    """Blank forms may be read by all who take part."""
    return standing.is_signed_in(user)


permit("agreements.view_agreement", is_office | may_see_it)
permit("agreements.view_paper", is_office | may_read_paper)
permit("agreements.view_papers_of", is_office | has_papers)
permit("agreements.view_promises", is_office | is_reviewer | is_hr_of_a_party)
permit("agreements.draft_agreement", is_office | is_hr_of_it)
permit("agreements.amend_agreement", is_office | is_hr_of_a_party)
permit("agreements.change_paper", is_office | handles_paper)
permit("agreements.check_paper", is_office | handles_paper)
permit("agreements.send_paper", is_office | handles_paper)
permit("agreements.upload_scan", is_office | handles_paper)
permit("agreements.decide_scan", is_office)
permit("agreements.sign", is_asked)
permit("agreements.hand_over", is_office | handles_signature)
permit("agreements.end_agreement", is_office | signs_or_is_hr_for_a_party)
permit("agreements.appoint_signatory", is_office | is_hr_of_it)
permit("agreements.view_template", is_signed_in & is_in_use)
permit("agreements.write_template", is_office)
permit("agreements.import_agreements", is_office)
permit("agreements.remind", is_office)
