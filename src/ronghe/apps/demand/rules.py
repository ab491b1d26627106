"""Who may do what in demand. Postings and skills are open to all who take part; requirements to those they concern."""

from typing import Any

from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.community.rules import (
    is_office,
    is_reviewer,
    is_signed_in,
    is_teacher,
    permit,
    predicate,
)
from ronghe.apps.demand.models import DemandRound, DemandRoundState, Panel, PanelState, Posting, Requirement


@predicate
def speaks_for(user: Any, organisation: Organisation | None) -> bool:
    """HR of this enterprise; asked without one, HR of any."""
    return standing.holds(user, RoleKind.ENTERPRISE_HR, organisation.pk if organisation is not None else None)


@predicate
def speaks_for_its_enterprise(user: Any, requirement: Requirement | None) -> bool:
    """HR of the enterprise that raised the requirement: colleagues act for one another."""
    return requirement is not None and standing.holds(user, RoleKind.ENTERPRISE_HR, requirement.organisation_id)


@predicate
def may_read_it(user: Any, requirement: Requirement | None) -> bool:
    """HR of the enterprise that raised it; asked without one, HR of any may open the board."""
    if requirement is None:
        return standing.holds(user, RoleKind.ENTERPRISE_HR)
    return standing.holds(user, RoleKind.ENTERPRISE_HR, requirement.organisation_id)


@predicate
def published_it(user: Any, posting: Posting | None) -> bool:
    """HR of the enterprise whose advertisement it is."""
    return (
        posting is not None
        and posting.organisation_id is not None
        and standing.holds(user, RoleKind.ENTERPRISE_HR, posting.organisation_id)
    )


permit("demand.view_skill", is_signed_in)
permit("demand.view_posting", is_signed_in)
permit("demand.use_extractor", is_signed_in)
permit("demand.register_source", is_office)
permit("demand.import_postings", is_office)
permit("demand.process_postings", is_office)
permit("demand.load_lexicon", is_office)
permit("demand.import_crosswalk", is_office)
permit("demand.decide_mention", is_office | is_teacher | published_it)
permit("demand.view_all_requirements", is_office | is_reviewer | is_teacher)
permit("demand.view_requirement", is_office | is_reviewer | is_teacher | may_read_it)
permit("demand.raise_requirement", is_office | speaks_for)
permit("demand.import_requirements", is_office)
permit("demand.close_taught", is_office | is_teacher)
permit("demand.amend_requirement", is_office | speaks_for_its_enterprise)
permit("demand.withdraw_requirement", is_office | speaks_for_its_enterprise)
permit("demand.answer_requirement", is_office)


@predicate
def is_invited(user: Any, panel: Panel | None) -> bool:
    """Invited to this panel as an expert, once it is opened; asked without one, everybody may look for theirs."""
    if panel is None:
        return standing.is_signed_in(user)
    return panel.state != PanelState.DRAFT and panel.experts.filter(person=user.pk).exists()


permit("demand.view_all_panels", is_office | is_reviewer)
permit("demand.view_panel", is_office | is_reviewer | (is_signed_in & is_invited))
permit("demand.run_panel", is_office)


@predicate
def is_frozen(user: Any, round: DemandRound | None) -> bool:
    """A white paper that is frozen is open to all who take part; asked without one, everybody may look."""
    return standing.is_signed_in(user) and (round is None or round.state == DemandRoundState.FROZEN)


permit("demand.view_round", is_office | is_reviewer | is_frozen)
permit("demand.run_round", is_office)
permit("demand.view_forecast", is_signed_in)
permit("demand.make_forecasts", is_office)
