"""Licences: offered by an owner, granted once the licensee agrees, ended on a day; exclusive ones stand alone."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models import Agreement, InstrumentState
from ronghe.apps.community.models import Organisation, StudyField
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.pool import events
from ronghe.apps.pool.models import (
    Asset,
    Conversion,
    ConversionKind,
    ConversionState,
    Licence,
    LicenceKind,
    LicenceState,
    Ownership,
)


@transaction.atomic
def offer_licence(
    *,
    actor: Person,
    asset: Asset,
    licensee: Organisation,
    first_day: date,
    last_day: date | None = None,
    kind: str = LicenceKind.ORDINARY,
    fields: Sequence[str] = (),
    fee: Decimal = Decimal(0),
    royalty: str = "",
    agreement: Agreement | None = None,
) -> Licence:
    """Offer a licence to an organisation; nothing is granted until it agrees.

    Raises ValidationError: an owner as licensee, unknown fields, an exclusive licence in the way or one that would
    stand beside others, and an exclusive licence of several owners without the agreement that they all signed.
    """
    demand(actor, "pool.offer_licence", asset)
    asset = Asset.objects.select_for_update().get(pk=asset.pk)
    licence = Licence(
        asset=asset,
        licensee=licensee,
        kind=kind,
        fields=sorted(set(fields)),
        first_day=first_day,
        last_day=last_day,
        fee=fee,
        royalty=royalty.strip(),
        agreement=agreement,
        offered_by=actor,
        offered_at=timezone.now(),
    )
    licence.clean_fields()
    if last_day is not None and last_day < first_day:
        raise ValidationError({"last_day": _("The last day comes before the first one.")})
    if unknown := set(fields) - set(StudyField.values):
        raise ValidationError({"fields": _("There is no field “%(name)s”.") % {"name": sorted(unknown)[0]}})
    if asset.lapsed_on is not None and first_day >= asset.lapsed_on:
        raise ValidationError({"first_day": _("The asset lapsed on %(day)s.") % {"day": asset.lapsed_on}})
    owners = set(
        Ownership.objects.known().filter(asset=asset, valid_until__isnull=True).values_list("organisation", flat=True)
    )
    if licensee.pk in owners:
        raise ValidationError({"licensee": _("An owner uses it without a licence.")})
    if licence.keeps_others_out and len(owners) > 1:
        _check_all_signed(agreement, owners | {licensee.pk})
    _refuse_overlap(licence)
    licence.save()
    ledger.record(
        actor=actor,
        type=events.LICENCE_OFFERED,
        subject=licence,
        payload={
            "asset": asset,
            "licensee": licensee,
            "kind": str(kind),
            "fields": licence.fields,
            "first_day": first_day,
            "fee": fee,
            **({"last_day": last_day} if last_day else {}),
        },
    )
    return licence


def _check_all_signed(agreement: Agreement | None, sides: set[int]) -> None:
    """One co-owner cannot shut the others' asset away alone (Patent Law as amended in 2020, article 14)."""
    signed = (
        agreement is not None
        and agreement.instruments.filter(state=InstrumentState.CONCLUDED).exists()
        and sides <= set(agreement.parties.values_list("organisation", flat=True))
    )
    if not signed:
        raise ValidationError(
            {
                "agreement": _(
                    "Several organisations own it: name the concluded agreement that all of them and the licensee "
                    "signed, or offer an ordinary licence."
                )
            }
        )


def _refuse_overlap(licence: Licence) -> None:
    others = Licence.objects.filter(asset=licence.asset, state=LicenceState.GRANTED).exclude(pk=licence.pk)
    for other in others.overlapping(licence.first_day, licence.last_day).select_related("licensee"):
        if not (licence.keeps_others_out or other.keeps_others_out) or not licence.meets(other):
            continue
        told = {
            "kind": other.get_kind_display(),
            "name": other.licensee.name,
            "first": other.first_day,
            "last": other.last_day or "…",
        }
        raise ValidationError(
            _("%(kind)s of “%(name)s” from %(first)s to %(last)s stands in the way: choose other fields or days.")
            % told
        )


def _open_offer(licence: Licence) -> Licence:
    Asset.objects.select_for_update().get(pk=licence.asset_id)
    licence = Licence.objects.select_related("asset", "licensee").get(pk=licence.pk)
    if licence.state != LicenceState.OFFERED:
        raise ValidationError(_("This offer is not open any more."))
    return licence


@transaction.atomic
def grant_licence(*, actor: Person, licence: Licence) -> Licence:
    """The licensee agrees: the licence is granted, and it is a conversion that the licensee has thereby confirmed."""
    demand(actor, "pool.decide_licence", licence)
    licence = _open_offer(licence)
    _refuse_overlap(licence)
    _decide(licence, actor, LicenceState.GRANTED)
    ledger.record(
        actor=actor,
        type=events.LICENCE_GRANTED,
        subject=licence,
        payload={"asset": licence.asset, "licensee": licence.licensee},
    )
    now = timezone.now()
    conversion = Conversion.objects.create(
        asset=licence.asset,
        kind=ConversionKind.LICENCE,
        party=licence.licensee,
        happened_on=licence.first_day,
        licence=licence,
        evidence=_("Licence granted on the platform."),
        state=ConversionState.CONFIRMED,
        claimed_by=licence.offered_by,
        claimed_at=licence.offered_at,
        decided_by=actor,
        decided_at=now,
    )
    ledger.record(
        actor=actor,
        type=events.CONVERSION_CONFIRMED,
        subject=conversion,
        payload={
            "asset": licence.asset,
            "kind": ConversionKind.LICENCE.value,
            "party": licence.licensee,
            "happened_on": conversion.happened_on,
        },
    )
    return licence


def _decide(licence: Licence, actor: Person, state: LicenceState, reason: str = "") -> None:
    licence.state, licence.decided_by, licence.decided_at, licence.reason = state, actor, timezone.now(), reason
    licence.save(update_fields=["state", "decided_by", "decided_at", "reason"])


@transaction.atomic
def refuse_licence(*, actor: Person, licence: Licence, reason: str) -> Licence:
    """The licensee does not take the offer."""
    demand(actor, "pool.decide_licence", licence)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; the owner reads it.")})
    licence = _open_offer(licence)
    _decide(licence, actor, LicenceState.REFUSED, reason.strip())
    ledger.record(actor=actor, type=events.LICENCE_REFUSED, subject=licence, payload={"reason": reason.strip()})
    return licence


@transaction.atomic
def withdraw_licence(*, actor: Person, licence: Licence) -> Licence:
    """The owner takes an offer back."""
    demand(actor, "pool.offer_licence", licence.asset)
    licence = _open_offer(licence)
    licence.state = LicenceState.WITHDRAWN
    licence.save(update_fields=["state"])
    ledger.record(actor=actor, type=events.LICENCE_WITHDRAWN, subject=licence)
    return licence


@transaction.atomic
def end_licence(*, actor: Person, licence: Licence, last_day: date, reason: str) -> Licence:
    """Let a granted licence end earlier than it would, for a reason that both sides read."""
    demand(actor, "pool.end_licence", licence)
    Asset.objects.select_for_update().get(pk=licence.asset_id)
    licence = Licence.objects.get(pk=licence.pk)
    if licence.state != LicenceState.GRANTED:
        raise ValidationError(_("Only a granted licence ends."))
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; the other side reads it.")})
    if last_day < licence.first_day or (licence.last_day is not None and last_day >= licence.last_day):
        raise ValidationError({"last_day": _("Choose a day after the licence began and before it ends by itself.")})
    licence.last_day, licence.reason = last_day, reason.strip()
    licence.save(update_fields=["last_day", "reason"])
    ledger.record(
        actor=actor,
        type=events.LICENCE_ENDED,
        subject=licence,
        payload={"last_day": last_day, "reason": reason.strip()},
    )
    return licence
