"""Is an organisation real? A second person confirms it, decides on likely doubles, confirms what it declares."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import events, selectors, standing
from ronghe.apps.community.models import (
    DuplicateDecision,
    DuplicateVerdict,
    FactKind,
    Organisation,
    OrganisationConfirmation,
    OrganisationFact,
    RoleKind,
)
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics.dated import AlreadySuperseded, end, supersede, withdraw


def _demand_second_person(actor: Person, organisation: Organisation, first: int | None) -> None:
    """Refuse whoever did the first part, and the organisation's own people."""
    if actor.pk == first:
        raise PermissionDenied(_("A second person has to confirm this: you entered it yourself. Ask a colleague."))
    if standing.holds(actor, RoleKind.ENTERPRISE_HR, organisation.pk):
        raise PermissionDenied(_("Nobody confirms their own firm. Ask a colleague in the community office."))


@transaction.atomic
def confirm_organisation(*, actor: Person, organisation: Organisation, basis: str) -> OrganisationConfirmation:
    """Say that `organisation` is real, and on what that rests; from today on it may publish.

    Raises PermissionDenied for whoever registered it, ValidationError while a likely double is not decided.
    """
    demand(actor, "community.confirm_organisation", organisation)
    current = Organisation.objects.select_for_update().get(pk=organisation.pk)
    _demand_second_person(actor, current, current.registered_by_id)
    if not basis.strip():
        raise ValidationError({"basis": _("Say what the confirmation rests on.")})
    today = timezone.localdate()
    if OrganisationConfirmation.objects.on(today).filter(organisation=current).exists():
        raise ValidationError(_("This organisation is confirmed already."))
    for doubt in selectors.doubts_about(current):
        if doubt.verdict == DuplicateVerdict.SAME:
            raise ValidationError(
                _("It was found to be the same organisation as “%(other)s”; only one of the two can be confirmed.")
                % {"other": doubt.other(current).name}
            )
        if not doubt.verdict:
            raise ValidationError(
                _("It looks like “%(other)s”. Decide first whether they are two organisations.")
                % {"other": doubt.other(current).name}
            )
    confirmation = OrganisationConfirmation(
        organisation=current, basis=basis.strip(), confirmed_by=actor, valid_from=today
    )
    confirmation.full_clean()
    confirmation.save()
    ledger.record(
        actor=actor,
        type=events.ORGANISATION_CONFIRMED,
        subject=current,
        payload={"basis": confirmation.basis, "valid_from": today},
    )
    return confirmation


@transaction.atomic
def withdraw_confirmation(*, actor: Person, organisation: Organisation, reason: str) -> None:
    """Take the confirmation back from today on: the organisation publishes nothing new until it is confirmed again."""
    demand(actor, "community.confirm_organisation", organisation)
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason.")})
    today = timezone.localdate()
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    standing_now = OrganisationConfirmation.objects.on(today).filter(organisation=organisation).first()
    if standing_now is None:
        raise ValidationError(_("This organisation is not confirmed."))
    end(standing_now, today)
    ledger.record(
        actor=actor,
        type=events.CONFIRMATION_WITHDRAWN,
        subject=organisation,
        payload={"reason": reason.strip(), "valid_until": today},
    )


@transaction.atomic
def decide_duplicate(
    *, actor: Person, organisation: Organisation, other: Organisation, verdict: str, reason: str
) -> DuplicateDecision:
    """Decide whether two entries that look alike are one organisation; a later decision replaces an earlier one.

    SAME ends the confirmation of the later entry, which then cannot be confirmed.
    """
    demand(actor, "community.decide_duplicate", organisation)
    if verdict not in DuplicateVerdict.values:
        raise ValidationError({"verdict": _("Choose one of the findings.")})
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason.")})
    if organisation.pk == other.pk:
        raise ValidationError(_("Choose two different entries."))
    first, second = sorted((organisation, other), key=lambda one: one.pk)
    list(Organisation.objects.select_for_update().filter(pk__in=[first.pk, second.pk]).order_by("pk"))
    decision, _new = DuplicateDecision.objects.update_or_create(
        first=first,
        second=second,
        defaults={
            "verdict": verdict,
            "reason": reason.strip(),
            "decided_by": actor,
            "decided_at": timezone.now(),
        },
    )
    today = timezone.localdate()
    later = OrganisationConfirmation.objects.on(today).filter(organisation=second).first()
    if verdict == DuplicateVerdict.SAME and later is not None:
        end(later, today)
    ledger.record(
        actor=actor,
        type=events.DUPLICATE_DECIDED,
        subject=second,
        payload={"other": first, "verdict": verdict, "reason": reason.strip()},
    )
    return decision


def _payload(fact: OrganisationFact) -> dict[str, object]:
    return {
        "fact": str(fact.kind),
        "value": fact.value,
        "valid_from": fact.valid_from,
        "valid_until": fact.valid_until,
    }


@transaction.atomic
def declare_fact(
    *,
    actor: Person,
    organisation: Organisation,
    kind: str,
    value: Decimal,
    valid_from: date,
    valid_until: date | None = None,
    evidence: str,
) -> OrganisationFact:
    """Declare a number of an organisation for a span of days; it counts once another person has confirmed it."""
    demand(actor, "community.declare_fact", organisation)
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    fact = OrganisationFact(
        organisation=organisation,
        kind=kind,
        value=value,
        valid_from=valid_from,
        valid_until=valid_until,
        evidence=evidence.strip(),
        declared_by=actor,
    )
    if valid_until is not None and valid_until <= valid_from:
        raise ValidationError({"valid_until": _("The span ends after the day on which it begins.")})
    fact.full_clean()
    held = OrganisationFact.objects.known().filter(organisation=organisation, kind=kind)
    held = held.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=valid_from))
    if valid_until is not None:
        held = held.filter(valid_from__lt=valid_until)
    for earlier in held.select_for_update():
        if earlier.valid_from >= valid_from or kind == FactKind.VIOLATIONS or earlier.valid_until is not None:
            raise ValidationError(
                {
                    "valid_from": _("This is declared already from %(day)s on. Withdraw that first.")
                    % {"day": earlier.valid_from}
                }
            )
        supersede(earlier, valid_until=valid_from)
    fact.save()
    ledger.record(
        actor=actor,
        type=events.FACT_DECLARED,
        subject=organisation,
        payload=_payload(fact) | {"evidence": fact.evidence},
    )
    return fact


def _known(fact: OrganisationFact) -> OrganisationFact:
    found = OrganisationFact.objects.known().select_for_update().filter(pk=fact.pk).first()
    if found is None:
        raise AlreadySuperseded(_("Someone else changed this fact meanwhile. Open the page again."))
    return found


@transaction.atomic
def confirm_fact(*, actor: Person, fact: OrganisationFact) -> OrganisationFact:
    """Confirm a declared number; whoever declared it, or works for the firm, may not."""
    demand(actor, "community.confirm_fact", fact.organisation)
    fact = _known(fact)
    _demand_second_person(actor, fact.organisation, fact.declared_by_id)
    if fact.confirmed_by_id is not None:
        raise ValidationError(_("This fact is confirmed already."))
    confirmed = supersede(fact, confirmed_by=actor)
    ledger.record(actor=actor, type=events.FACT_CONFIRMED, subject=fact.organisation, payload=_payload(confirmed))
    return confirmed


@transaction.atomic
def withdraw_fact(*, actor: Person, fact: OrganisationFact, reason: str) -> None:
    """Take a declared number back: it is no longer known to hold. What was computed before stays as it was known."""
    demand(actor, "community.declare_fact", fact.organisation)
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason.")})
    fact = _known(fact)
    withdraw(fact)
    ledger.record(
        actor=actor,
        type=events.FACT_WITHDRAWN,
        subject=fact.organisation,
        payload=_payload(fact) | {"reason": reason.strip()},
    )
