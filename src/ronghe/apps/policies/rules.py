"""Who may do what in policies. What a firm claims or earns is its own; a worker's payslip is theirs alone."""

from typing import Any

from django.utils import timezone

from ronghe.apps.community import standing
from ronghe.apps.community.models import Chain, Organisation, RoleKind
from ronghe.apps.community.rules import is_hr_of, is_office, is_reviewer, is_signed_in, permit, predicate
from ronghe.apps.policies import subjects
from ronghe.apps.policies.models import Exemption, IncentiveClaim, Question, RuleSetVersion
from ronghe.apps.policies.subjects import SubjectKind


@predicate
def concerns(user: Any, subject: tuple[SubjectKind, int] | None) -> bool:
    """One of their own chains, firms or cohorts; asked without one, whoever has any."""
    if subject is None:
        return bool(standing.organisations(user, (RoleKind.ENTERPRISE_HR, RoleKind.TEACHER)))
    kind, key = subject
    return key in subjects.own_keys(user, kind, timezone.localdate())


@predicate
def leads(user: Any, subject: tuple[SubjectKind, int] | None) -> bool:
    """HR of the firm, or of the chain's leader, that the rule is asked of; asked without one, HR of any firm."""
    if subject is None:
        return standing.holds(user, RoleKind.ENTERPRISE_HR)
    kind, key = subject
    if kind == SubjectKind.ENTERPRISE:
        return standing.holds(user, RoleKind.ENTERPRISE_HR, key)
    if kind != SubjectKind.CHAIN:
        return False
    firms = standing.organisations(user, RoleKind.ENTERPRISE_HR)
    held = Chain(pk=key).memberships.on(timezone.localdate()).filter(tier="leader")
    return bool(firms) and held.filter(organisation__in=firms).exists()


@predicate
def proposed_by_another(user: Any, version: RuleSetVersion | None) -> bool:
    """Four eyes: who proposed a version does not publish it."""
    return version is None or version.proposed_by_id != user.pk


@predicate
def asked_by_another(user: Any, exemption: Exemption | None) -> bool:
    """Four eyes: who asked for an exemption does not grant it."""
    return exemption is None or exemption.asked_by_id != user.pk


@predicate
def claims_for_its_firm(user: Any, claim: IncentiveClaim | None) -> bool:
    """HR of the firm that claims."""
    return claim is not None and standing.holds(user, RoleKind.ENTERPRISE_HR, claim.organisation_id)


@predicate
def is_about_their_subject(user: Any, question: Question | None) -> bool:
    """The question is about one of their own subjects, and they speak for it."""
    if question is None:
        return False
    return bool(leads(user, (SubjectKind(question.subject_kind), question.subject_key)))


@predicate
def is_hr_of_firm(user: Any, organisation: Organisation | None) -> bool:
    """HR of this firm; asked without one, HR of any."""
    return standing.holds(user, RoleKind.ENTERPRISE_HR, organisation.pk if organisation is not None else None)


permit("policies.view_obligations", is_office | is_reviewer | concerns)
permit("policies.view_decisions", is_office | is_reviewer)
permit("policies.view_rule_set", is_signed_in)
permit("policies.propose_rule_set", is_office | is_reviewer)
permit("policies.publish_rule_set", (is_office | is_reviewer) & proposed_by_another)
permit("policies.view_exemptions", is_office | is_reviewer | leads)
permit("policies.ask_exemption", is_office | leads)
permit("policies.decide_exemption", (is_office | is_reviewer) & asked_by_another)
permit("policies.revoke_exemption", is_office | is_reviewer)
permit("policies.sign_decision", is_reviewer)
permit("policies.ask_question", is_reviewer)
permit("policies.answer_question", is_office | is_about_their_subject)
permit("policies.view_incentives", is_office | is_hr_of_firm)
permit("policies.claim_incentive", is_hr_of)
permit("policies.view_claim", is_office | claims_for_its_firm)
permit("policies.move_claim", is_office | claims_for_its_firm)
permit("policies.view_pay_table", is_signed_in)
permit("policies.publish_pay_table", is_hr_of)
permit("policies.declare_payslip", is_signed_in)
permit("policies.declare_payslip_for", is_hr_of)
permit("policies.send_digest", is_office)
