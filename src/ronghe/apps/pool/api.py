"""Intellectual-property pool for programs: assets, their conversions, and one's own portions. It writes nothing."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.ledger.answers import Invalid, Problem
from ronghe.apps.pool import selectors
from ronghe.apps.pool.models import Asset, AssetKind, Conversion, Portion

router = Router(tags=["pool"])

LARGEST_PAGE = 200


class AssetOut(Schema):
    """One asset as far as it is open to the caller."""

    uid: UUID
    kind: str
    name_zh: str
    name_en: str
    number: str
    registered_on: date | None
    lapsed_on: date | None
    project: UUID
    owners: list[UUID]


class AssetPageOut(Schema):
    """A part of the assets."""

    total: int
    offset: int
    items: list[AssetOut]


class AssetsQuery(Schema):
    """Which assets, and which part of the list."""

    text: str = Field("", max_length=100)
    kind: AssetKind | None = None
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(50, ge=1, le=LARGEST_PAGE)


class ConversionOut(Schema):
    """That an asset went into use."""

    uid: UUID
    kind: str
    party: UUID
    happened_on: date
    state: str
    withdrawn: bool


class ShareOut(Schema):
    """One share as an exact fraction; the person only by uid."""

    place: int
    person: UUID | None
    organisation: UUID | None
    share: str


class AssetWholeOut(AssetOut):
    """One asset with its conversions, and with its shares in force where they are open to the caller."""

    conversions: list[ConversionOut]
    shares: list[ShareOut] | None


class PortionOut(Schema):
    """What the caller got of an income."""

    asset: UUID
    received_on: date
    share: str
    yuan: Decimal


def _out(found: list[Asset]) -> list[dict[str, Any]]:
    owners = selectors.owners_of([asset.pk for asset in found])
    return [
        {
            "uid": asset.uid,
            "kind": asset.kind,
            "name_zh": asset.name_zh,
            "name_en": asset.name_en,
            "number": asset.number,
            "registered_on": asset.registered_on,
            "lapsed_on": asset.lapsed_on,
            "project": asset.project.uid,
            "owners": [one.uid for one in owners.get(asset.pk, [])],
        }
        for asset in found
    ]


@router.get("/assets", response={200: AssetPageOut, 422: Invalid})
def assets(request: HttpRequest, query: Query[AssetsQuery]) -> Any:
    """The assets that are open to the caller, the newest first."""
    found = selectors.assets(request.user, text=query.text, kind=query.kind or "")
    part = list(found[query.offset : query.offset + query.limit])
    return {"total": found.count(), "offset": query.offset, "items": _out(part)}


@router.get("/assets/{uid}", response={200: AssetWholeOut, 404: Problem, 422: Invalid})
def asset(request: HttpRequest, uid: UUID) -> Any:
    """One asset."""
    found = selectors.find_asset(request.user, uid)
    if found is None:
        return Status(404, {"detail": "There is no such asset, or it is not open to you."})
    user: Any = request.user
    shares = None
    if user.has_perm("pool.view_money", found):
        version = selectors.in_force(found, timezone.localdate())
        rows = version.shares.select_related("person", "organisation") if version else []
        shares = [
            {
                "place": share.place,
                "person": share.person.uid if share.person else None,
                "organisation": share.organisation.uid if share.organisation else None,
                "share": f"{share.numerator}/{share.denominator}",
            }
            for share in rows
        ]
    conversions = Conversion.objects.visible_to(request.user).filter(asset=found).select_related("party")
    return {
        **_out([found])[0],
        "shares": shares,
        "conversions": [
            {
                "uid": one.uid,
                "kind": one.kind,
                "party": one.party.uid,
                "happened_on": one.happened_on,
                "state": one.state,
                "withdrawn": one.withdrawn_at is not None,
            }
            for one in conversions
        ],
    }


@router.get("/portions", response={200: list[PortionOut]})
def portions(request: HttpRequest) -> Any:
    """What the caller got of the income of assets, the newest first, at most 200."""
    user: Any = request.user
    mine = Portion.objects.filter(share__person=user).select_related("share", "distribution__income__asset")
    return [
        {
            "asset": one.distribution.income.asset.uid,
            "received_on": one.distribution.income.received_on,
            "share": f"{one.share.numerator}/{one.share.denominator}",
            "yuan": one.amount,
        }
        for one in mine.order_by("-pk")[:LARGEST_PAGE]
    ]
