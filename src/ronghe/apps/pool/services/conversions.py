"""Conversions: claimed with evidence, confirmed by the organisation that adopted it, never by an inventor."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.metrics.dated import end
from ronghe.apps.pool import events
from ronghe.apps.pool.models import Asset, Conversion, ConversionKind, ConversionState, Ownership

# A licence is a conversion by being granted; it needs no claim.
CLAIMABLE = (ConversionKind.ADOPTION, ConversionKind.TRANSFER)


@transaction.atomic
def claim_conversion(
    *, actor: Person, asset: Asset, kind: str, party: Organisation, happened_on: date, evidence: str
) -> Conversion:
    """Say that an organisation adopted an asset or took it over; it counts once that organisation confirms it."""
    demand(actor, "pool.claim_conversion", asset)
    if kind not in CLAIMABLE:
        raise ValidationError({"kind": _("A licence counts by itself once the licensee has agreed to it.")})
    if happened_on > timezone.localdate():
        raise ValidationError({"happened_on": _("Only what has happened can be claimed.")})
    if happened_on < asset.project.started_on:
        raise ValidationError({"happened_on": _("The project started on %(day)s.") % {"day": asset.project.started_on}})
    if not evidence.strip():
        raise ValidationError({"evidence": _("Say what shows it: a contract, an acceptance report, a product.")})
    Asset.objects.select_for_update().get(pk=asset.pk)
    if kind == ConversionKind.TRANSFER and _owns(asset, party):
        raise ValidationError({"party": _("“%(name)s” owns it already.") % {"name": party.name}})
    standing = Conversion.objects.filter(asset=asset, party=party, kind=kind, withdrawn_at__isnull=True)
    if standing.exclude(state=ConversionState.REFUSED).exists():
        raise ValidationError({"party": _("This is recorded already; one adoption counts once.")})
    conversion = Conversion(
        asset=asset,
        kind=kind,
        party=party,
        happened_on=happened_on,
        evidence=evidence.strip(),
        claimed_by=actor,
        claimed_at=timezone.now(),
    )
    conversion.clean_fields()
    conversion.save()
    ledger.record(
        actor=actor,
        type=events.CONVERSION_CLAIMED,
        subject=conversion,
        payload={
            "asset": asset,
            "kind": str(kind),
            "party": party,
            "happened_on": happened_on,
            "evidence": conversion.evidence,
        },
    )
    return conversion


def _owns(asset: Asset, party: Organisation) -> bool:
    return Ownership.objects.known().filter(asset=asset, organisation=party, valid_until__isnull=True).exists()


def _open_claim(conversion: Conversion) -> Conversion:
    Asset.objects.select_for_update().get(pk=conversion.asset_id)
    conversion = Conversion.objects.select_related("asset__project", "party").get(pk=conversion.pk)
    if conversion.state != ConversionState.CLAIMED:
        raise ValidationError(_("This is decided already."))
    return conversion


@transaction.atomic
def confirm_conversion(*, actor: Person, conversion: Conversion) -> Conversion:
    """Confirm for the organisation that adopted it; a transfer makes it the owner from the day of the transfer on."""
    demand(actor, "pool.decide_conversion", conversion)
    conversion = _open_claim(conversion)
    _decide(conversion, actor, ConversionState.CONFIRMED)
    if conversion.kind == ConversionKind.TRANSFER:
        for owned in Ownership.objects.known().filter(asset=conversion.asset, valid_until__isnull=True):
            end(owned, conversion.happened_on)
        Ownership.objects.create(
            asset=conversion.asset, organisation=conversion.party, valid_from=conversion.happened_on
        )
    ledger.record(
        actor=actor,
        type=events.CONVERSION_CONFIRMED,
        subject=conversion,
        payload={
            "asset": conversion.asset,
            "kind": str(conversion.kind),
            "party": conversion.party,
            "happened_on": conversion.happened_on,
        },
    )
    return conversion


def _decide(conversion: Conversion, actor: Person, state: ConversionState, reason: str = "") -> None:
    conversion.state, conversion.decided_by = state, actor
    conversion.decided_at, conversion.reason = timezone.now(), reason
    conversion.save(update_fields=["state", "decided_by", "decided_at", "reason"])


@transaction.atomic
def refuse_conversion(*, actor: Person, conversion: Conversion, reason: str) -> Conversion:
    """Say for the organisation that it did not adopt it."""
    demand(actor, "pool.decide_conversion", conversion)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; whoever claimed it reads it.")})
    conversion = _open_claim(conversion)
    _decide(conversion, actor, ConversionState.REFUSED, reason.strip())
    ledger.record(actor=actor, type=events.CONVERSION_REFUSED, subject=conversion, payload={"reason": reason.strip()})
    return conversion


@transaction.atomic
def withdraw_conversion(*, actor: Person, conversion: Conversion, reason: str) -> Conversion:
    """Take a confirmed conversion out of the count from now on because it proved untrue; the office does it."""
    demand(actor, "pool.withdraw_conversion", conversion)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; it stays on record.")})
    Asset.objects.select_for_update().get(pk=conversion.asset_id)
    conversion = Conversion.objects.get(pk=conversion.pk)
    if conversion.state != ConversionState.CONFIRMED or conversion.withdrawn_at is not None:
        raise ValidationError(_("Only a confirmed conversion is withdrawn, once."))
    conversion.withdrawn_at, conversion.reason = timezone.now(), reason.strip()
    conversion.save(update_fields=["withdrawn_at", "reason"])
    ledger.record(actor=actor, type=events.CONVERSION_WITHDRAWN, subject=conversion, payload={"reason": reason.strip()})
    return conversion
