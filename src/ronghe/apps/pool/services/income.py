"""Income: recorded, distributed by a second person to the fen by the shares of its day, reversed and never edited."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.pool import events
from ronghe.apps.pool.models import Asset, Distribution, Income, Licence, Portion, ShareVersion
from ronghe.apps.pool.models.income import FEN
from ronghe.methods.shares import split

LARGEST = Decimal("100000000000")


@transaction.atomic
def record_income(
    *,
    actor: Person,
    asset: Asset,
    kind: str,
    amount: Decimal,
    received_on: date,
    document: str,
    licence: Licence | None = None,
) -> Income:
    """Record what an asset earned, in yuan with at most two places. Raises ValidationError by field."""
    demand(actor, "pool.record_income", asset)
    if not 0 < amount <= LARGEST or amount * FEN != int(amount * FEN):
        raise ValidationError({"amount": _("An amount is above 0 and has at most two places after the point.")})
    if received_on > timezone.localdate():
        raise ValidationError({"received_on": _("Only what was received is recorded.")})
    if not document.strip():
        raise ValidationError({"document": _("Name the voucher: number of the invoice or of the bank receipt.")})
    if licence is not None and licence.asset_id != asset.pk:
        raise ValidationError({"licence": _("This licence is of another asset.")})
    Asset.objects.select_for_update().get(pk=asset.pk)
    if Income.objects.filter(asset=asset, document=document.strip(), reverses=None, reversal=None).exists():
        raise ValidationError({"document": _("An income with this voucher is recorded already.")})
    income = Income(
        asset=asset,
        licence=licence,
        kind=kind,
        fen=int(amount * FEN),
        received_on=received_on,
        document=document.strip(),
        recorded_by=actor,
        recorded_at=timezone.now(),
    )
    income.clean_fields()
    income.save()
    ledger.record(
        actor=actor,
        type=events.INCOME_RECORDED,
        subject=income,
        payload={
            "asset": asset,
            "kind": str(kind),
            "fen": income.fen,
            "received_on": received_on,
            "document": income.document,
        },
    )
    return income


def _locked(income: Income) -> Income:
    Asset.objects.select_for_update().get(pk=income.asset_id)
    return Income.objects.select_related("asset").get(pk=income.pk)


@transaction.atomic
def distribute(*, actor: Person, income: Income) -> Distribution:
    """Divide an income by the shares in force on the day it was received, to the fen; from then on it stands.

    Raises ValidationError where it is distributed or reversed already, or where no shares were agreed for that day.
    """
    demand(actor, "pool.distribute", income)
    income = _locked(income)
    if not Income.objects.undistributed().filter(pk=income.pk).exists():
        raise ValidationError(_("This income is distributed or reversed already."))
    version = ShareVersion.objects.filter(asset=income.asset).in_force(income.received_on).first()
    if version is None:
        raise ValidationError(
            _("No shares were in force on %(day)s: let all contributors agree on shares that begin by then.")
            % {"day": income.received_on}
        )
    done = Distribution.objects.create(
        income=income, version=version, distributed_by=actor, distributed_at=timezone.now()
    )
    shares = list(version.shares.order_by("place"))
    parts = split(income.fen, [share.exact for share in shares])
    _write(actor, done, [(share.pk, str(share.uid), fen) for share, fen in zip(shares, parts, strict=True)])
    return done


def _write(actor: Person, done: Distribution, parts: list[tuple[int, str, int]]) -> None:
    Portion.objects.bulk_create([Portion(distribution=done, share_id=share, fen=fen) for share, _uid, fen in parts])
    ledger.record(
        actor=actor,
        type=events.INCOME_DISTRIBUTED,
        subject=done.income,
        payload={
            "version": done.version.number,
            "digest": done.version.digest,
            "shares": [uid for _share, uid, _fen in parts],
            "fen": [fen for _share, _uid, fen in parts],
        },
    )


@transaction.atomic
def reverse_income(*, actor: Person, income: Income, reason: str) -> Income:
    """Undo an income by its opposite, and its distribution portion by portion. Refused for a reversal, and twice."""
    demand(actor, "pool.reverse_income", income)
    if not reason.strip():
        raise ValidationError({"reason": _("Say why; every contributor reads it.")})
    income = _locked(income)
    if income.reverses_id is not None:
        raise ValidationError(_("A reversal is not reversed; record what is right anew."))
    if Income.objects.filter(reverses=income).exists():
        raise ValidationError(_("It is reversed already."))
    now = timezone.now()
    back = Income.objects.create(
        asset=income.asset,
        licence_id=income.licence_id,
        kind=income.kind,
        fen=-income.fen,
        received_on=income.received_on,
        document=income.document,
        recorded_by=actor,
        recorded_at=now,
        reverses=income,
        reason=reason.strip(),
    )
    done = Distribution.objects.filter(income=income).select_related("version").first()
    if done is not None:
        undone = Distribution.objects.create(
            income=back, version=done.version, distributed_by=actor, distributed_at=now
        )
        _write(
            actor,
            undone,
            [(one.share_id, str(one.share.uid), -one.fen) for one in done.portions.select_related("share")],
        )
    ledger.record(
        actor=actor,
        type=events.INCOME_REVERSED,
        subject=back,
        payload={"reversed": income, "reason": back.reason},
    )
    return back
