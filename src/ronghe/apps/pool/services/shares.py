"""Shares: exact fractions that make one whole, proposed, and in force once every contributor has agreed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.content import digest_of
from ronghe.apps.agreements.models import Signatory
from ronghe.apps.agreements.services import NotConfirmed
from ronghe.apps.agreements.services.signing import CONFIRMED_WITHIN
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.services.permission import demand
from ronghe.apps.ledger import services as ledger
from ronghe.apps.pool import events
from ronghe.apps.pool.content import content_of
from ronghe.apps.pool.models import Asset, Income, Share, ShareVersion, VersionState
from ronghe.methods.shares import LARGEST_DENOMINATOR, NotWhole, check_whole, shares_of_points

# More contributors than this are a mistake in the file rather than a team.
MOST_CONTRIBUTORS = 60
LONGEST_CONTRIBUTION = 300
__all__ = [
    "NotConfirmed",
    "ShareLine",
    "agree",
    "decline_shares",
    "propose_shares",
    "withdraw_for_erasure",
    "withdraw_shares",
]


@dataclass(frozen=True, slots=True)
class ShareLine:
    """One contributor: a person or an organisation, what they contributed, and their share or their points.

    A version has shares on all of its lines, or points on all of them.
    """

    contribution: str
    person: Person | None = None
    organisation: Organisation | None = None
    share: Fraction | None = None
    points: int | None = None


@transaction.atomic
def propose_shares(*, actor: Person, asset: Asset, valid_from: date, lines: Sequence[ShareLine]) -> ShareVersion:
    """Propose how an asset is shared from a day on, and ask every contributor to agree.

    Raises ValidationError: shares that do not make exactly one whole, a contributor who stands twice, a day that an
    earlier version or a distribution has settled already, a proposal that still waits.
    """
    demand(actor, "pool.propose_shares", asset)
    asset = Asset.objects.select_for_update().get(pk=asset.pk)
    if asset.share_versions.filter(state=VersionState.ASKED).exists():
        raise ValidationError(_("A proposal waits for contributors already. Withdraw it first, or let them agree."))
    exact = _exact(lines)
    _check_holders(lines)
    last = asset.share_versions.filter(state=VersionState.AGREED).order_by("-valid_from", "-number").first()
    if last is not None and valid_from < last.valid_from:
        raise ValidationError(
            {
                "valid_from": _("Version %(number)s is in force from %(day)s on; begin on that day or later.")
                % {"number": last.number, "day": last.valid_from}
            }
        )
    _refuse_distributed(asset, valid_from)
    now = timezone.now()
    number = asset.share_versions.count() + 1
    version = ShareVersion(asset=asset, number=number, valid_from=valid_from, proposed_by=actor, proposed_at=now)
    shares = [
        Share(
            version=version,
            place=place,
            person=line.person,
            organisation=line.organisation,
            numerator=share.numerator,
            denominator=share.denominator,
            points=line.points,
            contribution=line.contribution.strip(),
            salt=secrets.token_hex(16),
        )
        for place, (line, share) in enumerate(zip(lines, exact, strict=True), 1)
    ]
    version.content = content_of(asset, version, shares, last.digest if last else None)
    version.digest = digest_of(version.content)
    version.save()
    Share.objects.bulk_create(shares)
    ledger.record(
        actor=actor,
        type=events.SHARES_PROPOSED,
        subject=version,
        payload={
            "number": number,
            "digest": version.digest,
            "valid_from": valid_from,
            "contributors": [line.person for line in lines if line.person],
            "organisations": [line.organisation for line in lines if line.organisation],
        },
    )
    return version


def _exact(lines: Sequence[ShareLine]) -> Sequence[Fraction]:
    if not 1 <= len(lines) <= MOST_CONTRIBUTORS:
        raise ValidationError(
            {"lines": _("Name from one to %(most)s contributors.") % {"most": MOST_CONTRIBUTORS}},
        )
    points = [line.points for line in lines if line.points is not None]
    if len(points) == len(lines) and not any(line.share is not None for line in lines):
        if min(points) <= 0 or sum(points) > LARGEST_DENOMINATOR:
            raise ValidationError({"lines": _("Points are whole numbers above 0.")})
        return shares_of_points(points)
    shares = [line.share for line in lines if line.share is not None]
    if points or len(shares) != len(lines):
        raise ValidationError({"lines": _("Give every contributor a share, or every one points: not some of each.")})
    try:
        check_whole(shares)
    except NotWhole as wrong:
        said = f"{float(wrong.total) * 100:.6f}".rstrip("0").rstrip(".")
        raise ValidationError(
            {
                "lines": _("The shares make %(total)s%%, not 100%%. Write a third as 1/3, not as 33.3%%.")
                % {"total": said}
            }
        ) from None
    return shares


def _check_holders(lines: Sequence[ShareLine]) -> None:
    seen: set[tuple[str, int]] = set()
    for line in lines:
        holder = line.person or line.organisation
        if holder is None or (line.person is not None and line.organisation is not None):
            raise ValidationError({"lines": _("Each line names one person or one organisation.")})
        if not line.contribution.strip():
            raise ValidationError({"lines": _("Say of each contributor what they contributed.")})
        if len(line.contribution.strip()) > LONGEST_CONTRIBUTION:
            raise ValidationError({"lines": _("A contribution is told in at most 300 characters.")})
        if line.person is not None and not line.person.is_active:
            raise ValidationError(
                {"lines": _("“%(name)s” cannot sign in and so cannot agree.") % {"name": line.person}}
            )
        key = (holder._meta.label, holder.pk)
        if key in seen:
            raise ValidationError({"lines": _("“%(name)s” stands twice.") % {"name": holder}})
        seen.add(key)


def _refuse_distributed(asset: Asset, valid_from: date) -> None:
    """What was distributed is not divided anew: shares begin after the last distributed income that stands."""
    standing = Income.objects.filter(
        asset=asset,
        received_on__gte=valid_from,
        distribution__isnull=False,
        reverses__isnull=True,
        reversal__isnull=True,
    )
    if income := standing.order_by("-received_on").first():
        raise ValidationError(
            {
                "valid_from": _(
                    "The income of %(day)s is distributed already. Let the shares begin later, or reverse it first."
                )
                % {"day": income.received_on}
            }
        )


def _waiting(share: Share) -> tuple[Asset, Share]:
    """Asset and share as they are now, the asset locked: contributors agree one after the other."""
    asset = Asset.objects.select_for_update().get(pk=share.version.asset_id)
    now = Share.objects.select_related("version", "person", "organisation").get(pk=share.pk)
    if now.version.state != VersionState.ASKED or now.agreed_at is not None:
        raise PermissionDenied(_("This is not waited for any more."))
    return asset, now


@transaction.atomic
def agree(*, actor: Person, share: Share, digest: str, confirmed_at: datetime | None, confirmed_by: str) -> Share:
    """Agree to the version whose hash is `digest`, the one that the person was shown; the last one puts it in force.

    Raises NotConfirmed without a confirmation of the sign-in in the last minutes, and ValidationError.
    """
    demand(actor, "pool.agree", share)
    now, today = timezone.now(), timezone.localdate()
    if confirmed_at is None or not timedelta(0) <= now - confirmed_at <= CONFIRMED_WITHIN:
        raise NotConfirmed
    asset, share = _waiting(share)
    version = share.version
    if digest != version.digest or digest_of(version.content) != digest:
        raise ValidationError(_("These are not the shares you were shown. Read them again, then agree."))
    if share.organisation is not None and not (
        Signatory.objects.on(today).filter(person=actor, organisation=share.organisation).exists()
    ):
        raise ValidationError(
            _("You are no signatory of “%(party)s” today.") % {"party": share.organisation.name},
        )
    _refuse_distributed(asset, version.valid_from)
    event = ledger.record(
        actor=actor,
        type=events.SHARE_AGREED,
        subject=version,
        payload={
            "number": version.number,
            "digest": digest,
            "share": str(share.uid),
            "contributor": actor,
            **({"organisation": share.organisation} if share.organisation else {}),
            **({"confirmed_by": confirmed_by} if confirmed_by else {}),
        },
    )
    share.agreed_at, share.agreed_by, share.agreed_digest = now, actor, digest
    share.confirmed_by, share.event = confirmed_by[:40], event.pk
    share.save(update_fields=["agreed_at", "agreed_by", "agreed_digest", "confirmed_by", "event"])
    if not version.shares.filter(agreed_at__isnull=True).exists():
        _settle(version, VersionState.AGREED)
        ledger.record(
            actor=actor,
            type=events.SHARES_IN_FORCE,
            subject=version,
            payload={"number": version.number, "digest": digest, "valid_from": version.valid_from},
        )
    return share


def _settle(version: ShareVersion, state: VersionState, reason: str = "") -> None:
    version.state, version.settled_at, version.reason = state, timezone.now(), reason
    version.save(update_fields=["state", "settled_at", "reason"])


@transaction.atomic
def decline_shares(*, actor: Person, share: Share, reason: str) -> ShareVersion:
    """Decline: the version is off, with the reason, and another can be proposed."""
    demand(actor, "pool.agree", share)
    if not reason.strip():
        raise ValidationError({"reason": _("Say what would have to change; whoever proposed it reads it.")})
    _asset, share = _waiting(share)
    _settle(share.version, VersionState.DECLINED, reason.strip())
    ledger.record(
        actor=actor,
        type=events.SHARES_DECLINED,
        subject=share.version,
        payload={"number": share.version.number, "contributor": actor, "reason": reason.strip()},
    )
    return share.version


@transaction.atomic
def withdraw_shares(*, actor: Person, version: ShareVersion) -> ShareVersion:
    """Take a proposal back that is not agreed by all."""
    demand(actor, "pool.propose_shares", version.asset)
    return _withdraw(actor, version)


@transaction.atomic
def withdraw_for_erasure(*, person: Person) -> int:
    """Take back the proposals that wait for a person who leaves: they can never be agreed. Returns how many."""
    waiting = ShareVersion.objects.filter(state=VersionState.ASKED, shares__person=person, shares__agreed_at=None)
    return len([_withdraw(None, version) for version in waiting.distinct()])


def _withdraw(actor: Person | None, version: ShareVersion) -> ShareVersion:
    Asset.objects.select_for_update().get(pk=version.asset_id)
    version = ShareVersion.objects.get(pk=version.pk)
    if version.state != VersionState.ASKED:
        raise ValidationError(_("This proposal is not waited for any more."))
    _settle(version, VersionState.WITHDRAWN)
    ledger.record(actor=actor, type=events.SHARES_WITHDRAWN, subject=version, payload={"number": version.number})
    return version
