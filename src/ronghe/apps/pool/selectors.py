"""What pages, the API and other apps read of the pool; nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.inbox import Waiting
from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements.models.agreements import speaks_for
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.pool.content import holds
from ronghe.apps.pool.models import (
    Asset,
    Conversion,
    ConversionState,
    Income,
    Licence,
    LicenceState,
    Ownership,
    Portion,
    Project,
    Share,
    ShareVersion,
    VersionState,
)
from ronghe.apps.pool.models.income import yuan
from ronghe.apps.pool.rules import is_contributor

_SHOWN = 50


def assets(user: Any, *, text: str = "", kind: str = "", field: str = "", owner: int | None = None) -> QuerySet[Asset]:
    """Assets that `user` may know of, the newest first."""
    found = Asset.objects.visible_to(user).select_related("project__host")
    if text:
        words = Q(name_zh__icontains=text) | Q(name_en__icontains=text) | Q(number__icontains=text)
        found = found.filter(words | Q(project__name_zh__icontains=text) | Q(project__name_en__icontains=text))
    if kind:
        found = found.filter(kind=kind)
    if field:
        found = found.filter(project__field=field)
    if owner is not None:
        found = found.filter(ownerships__organisation=owner, ownerships__superseded_at__isnull=True).distinct()
    return found


@dataclass(frozen=True, slots=True)
class AssetRow:
    """An asset of a list with its owners of today and how often it went into use."""

    asset: Asset
    owners: str
    conversions: int


def rows(found: Sequence[Asset]) -> list[AssetRow]:
    """The rows of a list of assets, in two queries whatever their number."""
    keys = [asset.pk for asset in found]
    owners = owners_of(keys)
    converted: dict[int, int] = {}
    confirmed = Conversion.objects.filter(asset__in=keys, state=ConversionState.CONFIRMED, withdrawn_at__isnull=True)
    for key in confirmed.values_list("asset_id", flat=True):
        converted[key] = converted.get(key, 0) + 1
    return [
        AssetRow(asset, " · ".join(one.name for one in owners.get(asset.pk, [])), converted.get(asset.pk, 0))
        for asset in found
    ]


def owners_of(assets: Sequence[int], on: date | None = None) -> dict[int, list[Organisation]]:
    """The owners of assets on a day, by primary key; one query."""
    found: dict[int, list[Organisation]] = {}
    held = Ownership.objects.on(on or timezone.localdate()).filter(asset__in=assets)
    for one in held.select_related("organisation").order_by("pk"):
        found.setdefault(one.asset_id, []).append(one.organisation)
    return found


def find_asset(user: Any, uid: UUID) -> Asset | None:
    """An asset that `user` may know of."""
    return Asset.objects.visible_to(user).select_related("project__host", "recorded_by").filter(uid=uid).first()


def in_force(asset: Asset, day: date) -> ShareVersion | None:
    """The version by which income of a day is divided."""
    return ShareVersion.objects.filter(asset=asset).in_force(day).first()


def is_whole(version: ShareVersion) -> bool:
    """Whether a version still says what its contributors agreed to, from the hash up."""
    return holds(version, list(version.shares.select_related("person", "organisation").order_by("place")))


def income_of(asset: Asset) -> QuerySet[Income]:
    """What an asset earned, with its distribution and portions, the newest first."""
    portions = Portion.objects.select_related("share__person", "share__organisation").order_by("share__place")
    return (
        asset.income.select_related("distribution__version", "reversal", "licence__licensee", "reverses")
        .prefetch_related(Prefetch("distribution__portions", queryset=portions))
        .order_by("-received_on", "-pk")
    )


@dataclass(frozen=True, slots=True)
class OwnShare:
    """One's own share in an asset, and what it brought in yuan over all versions."""

    share: Share
    received: Decimal
    in_force: bool


def own_shares(person: Person) -> list[OwnShare]:
    """The newest share of this person in each asset that was agreed or is waited for; three queries."""
    newest: dict[int, Share] = {}
    asked = Share.objects.filter(person=person, version__state__in=[VersionState.ASKED, VersionState.AGREED])
    for share in asked.select_related("version__asset", "person", "organisation").order_by("version__number"):
        newest[share.version.asset_id] = share
    got = Portion.objects.filter(share__person=person).values("share__version__asset").annotate(fen=Sum("fen"))
    received = {row["share__version__asset"]: row["fen"] for row in got.order_by()}
    today = timezone.localdate()
    standing_now: dict[int, int] = {}
    for version in ShareVersion.objects.filter(asset__in=newest).in_force(today):
        standing_now.setdefault(version.asset_id, version.pk)
    return [
        OwnShare(share, yuan(received.get(asset, 0)), standing_now.get(asset) == share.version_id)
        for asset, share in newest.items()
    ]


def waiting_for(person: Person) -> list[Waiting]:
    """What waits for `person`: shares to agree to, licences and conversions to decide, income to distribute."""
    speaks = speaks_for(person)
    mine = Q(person=person)
    if speaks:
        signs = person.signatory_standings.on(timezone.localdate()).values("organisation")
        mine |= Q(organisation__in=signs)
    asked = Share.objects.filter(mine, agreed_at__isnull=True, version__state=VersionState.ASKED)
    found = [
        _waiting(
            share.version.asset.name,
            _("Your share of %(share)s") % {"share": share.exact}
            if share.person_id
            else _("The share of %(name)s") % {"name": share.holder},
            reverse("pool:shares", args=[share.version.uid]),
            _("Read and agree"),
            "agree",
        )
        for share in asked.select_related("version__asset", "organisation")[:_SHOWN]
    ]
    if speaks:
        found += _to_decide(person, speaks)
    if standing.holds(person, RoleKind.OFFICE):
        undistributed = Income.objects.undistributed().exclude(recorded_by=person).select_related("asset")
        found += [
            _waiting(
                income.asset.name,
                _("Income of %(amount)s yuan to distribute") % {"amount": f"{income.amount:,.2f}"},
                reverse("pool:income", args=[income.uid]),
                _("Distribute"),
                "distribute",
            )
            for income in undistributed.order_by("received_on")[:_SHOWN]
        ]
    return found


def _waiting(title: str, text: str, url: str, label: str, kind: str) -> Waiting:
    return Waiting(title=title, text=text, due=None, url=url, state="progress", action_label=label, kind=kind)


def _to_decide(person: Person, speaks: set[int]) -> list[Waiting]:
    offers = Licence.objects.filter(licensee__in=speaks, state=LicenceState.OFFERED).exclude(offered_by=person)
    found = [
        _waiting(
            offer.asset.name,
            _("A licence offered to %(name)s") % {"name": offer.licensee.name},
            reverse("pool:licence", args=[offer.uid]),
            _("Decide"),
            "licence",
        )
        for offer in offers.select_related("asset", "licensee").order_by("offered_at")[:_SHOWN]
    ]
    claims = Conversion.objects.filter(party__in=speaks, state=ConversionState.CLAIMED).exclude(claimed_by=person)
    claims = claims.exclude(asset__share_versions__shares__person=person)
    return found + [
        _waiting(
            claim.asset.name,
            _("Said to be adopted by %(name)s") % {"name": claim.party.name},
            reverse("pool:conversion", args=[claim.uid]),
            _("Decide"),
            "conversion",
        )
        for claim in claims.select_related("asset", "party").order_by("claimed_at")[:_SHOWN]
    ]


def projects(user: Any) -> QuerySet[Project]:
    """Projects with their hosts, the newest first."""
    return Project.objects.visible_to(user).select_related("host")


__all__ = [
    "AssetRow",
    "OwnShare",
    "Waiting",
    "assets",
    "find_asset",
    "in_force",
    "income_of",
    "is_contributor",
    "is_whole",
    "own_shares",
    "owners_of",
    "projects",
    "rows",
    "waiting_for",
]
