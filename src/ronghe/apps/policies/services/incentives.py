"""Claims on incentives: drafted from what a firm declares, filed, then granted or refused; each step is dated."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.revision import take_revision
from ronghe.apps.policies import events
from ronghe.apps.policies.models import ClaimState, ClaimStep, IncentiveClaim
from ronghe.apps.policies.selectors.incentives import DECLARED, Offer, offer, worth
from ronghe.apps.policies.services.decisions import decision_lines
from ronghe.apps.policies.services.rule_sets import said
from ronghe.methods.rules import Verdict
from ronghe.trust.canonical import canonical_json

MOST = Decimal(10) ** 12
# Which state may follow which; what was granted or refused is final.
NEXT: Mapping[str, tuple[ClaimState, ...]] = {
    ClaimState.DRAFTED: (ClaimState.FILED, ClaimState.REFUSED),
    ClaimState.FILED: (ClaimState.GRANTED, ClaimState.REFUSED, ClaimState.DRAFTED),
    ClaimState.GRANTED: (),
    ClaimState.REFUSED: (),
}


class ClaimClosed(Exception):
    """The claim cannot go where it was sent from where it is."""

    def __init__(self, claim: IncentiveClaim) -> None:
        super().__init__(_("From “%(state)s” it cannot go there.") % {"state": claim.get_state_display()})
        self.claim = claim


def _declared(found: Offer, declared: Mapping[str, Decimal | None]) -> dict[str, Decimal]:
    wrong: dict[str, str] = {}
    for name in DECLARED[found.incentive.kind]:
        value = declared.get(name)
        if value is None:
            wrong[name] = _("Say how much.")
        elif value < 0 or value > MOST:
            wrong[name] = _("This is not a possible amount.")
        elif name == "persons" and value != value.to_integral_value():
            wrong[name] = _("Count whole persons.")
    if found.eligibility.verdict is Verdict.RED:
        wrong["__all__"] = _("By the rules the firm is not eligible. Open the rule to see why.")
    if wrong:
        raise ValidationError(wrong)
    return {name: value for name in DECLARED[found.incentive.kind] if (value := declared[name]) is not None}


@transaction.atomic
def draft_claim(
    *,
    actor: Person,
    organisation: Organisation,
    code: str,
    incentive_key: str,
    year: int,
    declared: Mapping[str, Decimal | None],
) -> IncentiveClaim:
    """Draft a claim of a firm for a year. Raises ValidationError by field, also where the rules say no."""
    demand(actor, "policies.claim_incentive", organisation)
    today = timezone.localdate()
    found = offer(organisation, code, incentive_key, min(today, date(max(1, min(year, 9999)), 12, 31)))
    if found is None or year > today.year:
        raise ValidationError({"year": _("This incentive is not in force in that year.")})
    if _standing(organisation, incentive_key, year).exists():
        raise ValidationError({"year": _("This was claimed for that year already.")})
    amount, figures = worth(found.incentive, _declared(found, declared))
    claim = IncentiveClaim.objects.create(
        organisation=organisation,
        version=found.version,
        incentive_key=incentive_key,
        year=year,
        declared=figures,
        amount=amount,
        eligibility=decision_lines(found.eligibility.obligations),
    )
    _step(claim, actor, today, "")
    _record_draft(claim, actor)
    return claim


def _standing(organisation: Organisation, key: str, year: int) -> Any:
    found = IncentiveClaim.objects.filter(organisation=organisation, incentive_key=key, year=year)
    return found.exclude(state=ClaimState.REFUSED)


@transaction.atomic
def redraft_claim(
    *, actor: Person, claim: IncentiveClaim, revision: int, declared: Mapping[str, Decimal | None]
) -> IncentiveClaim:
    """Correct what a draft declares. Raises StaleRevision, ClaimClosed and ValidationError."""
    demand(actor, "policies.claim_incentive", claim.organisation)
    claim = take_revision(IncentiveClaim, claim.pk, expected=revision)
    if claim.state != ClaimState.DRAFTED:
        raise ClaimClosed(claim)
    day = min(timezone.localdate(), date(claim.year, 12, 31))
    found = offer(claim.organisation, claim.version.rule_set.code, claim.incentive_key, day)
    if found is None:
        raise ValidationError(_("This incentive is no longer in force."))
    claim.amount, claim.declared = worth(found.incentive, _declared(found, declared))
    claim.version, claim.eligibility = found.version, decision_lines(found.eligibility.obligations)
    claim.save()
    _record_draft(claim, actor)
    return claim


def _record_draft(claim: IncentiveClaim, actor: Person) -> None:
    ledger.record(
        actor=actor,
        type=events.CLAIM_DRAFTED,
        subject=claim,
        payload={
            "organisation": claim.organisation,
            "incentive": claim.incentive_key,
            "digest": claim.version.digest,
            "declared": canonical_json(claim.declared).decode(),
            "year": claim.year,
            "amount": claim.amount,
        },
    )


def _step(claim: IncentiveClaim, actor: Person, day: date, note: str) -> None:
    ClaimStep.objects.create(claim=claim, state=claim.state, day=day, amount=claim.amount, note=note, by=actor)


@transaction.atomic
def move_claim(
    *,
    actor: Person,
    claim: IncentiveClaim,
    revision: int,
    state: ClaimState,
    day: date,
    amount: Decimal | None = None,
    note: str = "",
) -> IncentiveClaim:
    """Say that a claim was filed, granted (with the amount granted) or refused (with the reason) on a day.

    Raises StaleRevision, ClaimClosed and ValidationError.
    """
    demand(actor, "policies.move_claim", claim)
    claim = take_revision(IncentiveClaim, claim.pk, expected=revision)
    if state not in NEXT[claim.state]:
        raise ClaimClosed(claim)
    last = claim.steps.latest("recorded_at", "pk")
    if day > timezone.localdate():
        raise ValidationError({"day": _("This day is still to come.")})
    if day < last.day:
        raise ValidationError({"day": _("The step before was on %(day)s.") % {"day": last.day.isoformat()}})
    if amount is not None and not 0 <= amount <= MOST:
        raise ValidationError({"amount": _("This is not a possible amount.")})
    if state == ClaimState.REFUSED:
        note = said(note, "note", _("Say why it was refused or given up."))
    claim.state = state
    if state == ClaimState.GRANTED and amount is not None:
        claim.amount = amount
    claim.save()
    _step(claim, actor, day, note.strip()[:500])
    payload: dict[str, Any] = {"state": state.value, "day": day, "amount": claim.amount}
    ledger.record(
        actor=actor,
        type=events.CLAIM_MOVED,
        subject=claim,
        payload=payload | ({"note": note.strip()[:500]} if note.strip() else {}),
    )
    return claim
