"""The registry for programs: organisations, chains and their members. People are not given out here."""

from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.community import selectors
from ronghe.apps.community.models import Chain, ChainMembership, Organisation

router = Router(tags=["community"])

LARGEST_PAGE = 100


class Problem(Schema):
    """What was wrong and how to mend it."""

    detail: str


class OrganisationOut(Schema):
    """An organisation on the register."""

    uid: UUID
    kind: str
    name_zh: str
    name_en: str
    registration_number: str | None
    region: str | None = Field(None, description="code of administrative divisions")
    website: str
    registered_on: date

    @staticmethod
    def resolve_region(organisation: Organisation) -> str | None:
        return organisation.region.code if organisation.region else None


class OrganisationPage(Schema):
    """A page of organisations."""

    total: int
    offset: int
    items: list[OrganisationOut]


class OrganisationQuery(Schema):
    """Which organisations, and which part of them."""

    text: str = ""
    kind: str = ""
    region: str = ""
    offset: int = Field(0, ge=0, le=10_000_000)
    limit: int = Field(25, ge=1, le=LARGEST_PAGE)


class ChainOut(Schema):
    """A chain."""

    uid: UUID
    name_zh: str
    name_en: str
    field: str
    founded_on: date
    closed_on: date | None


class MemberOut(Schema):
    """A member of a chain and since when it has had its tier."""

    organisation: OrganisationOut
    tier: str
    valid_from: date
    valid_until: date | None
    brought_in_by: UUID | None = None

    @staticmethod
    def resolve_brought_in_by(membership: ChainMembership) -> UUID | None:
        return membership.brought_in_by.uid if membership.brought_in_by else None


class ChainMembersOut(Schema):
    """A chain with its members on a day."""

    chain: ChainOut
    on: date
    members: list[MemberOut]


def _demand(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied(_("Your role in the community does not allow this. Ask the community office."))


@router.get(
    "/organisations",
    response={200: OrganisationPage, 403: Problem, 422: Problem},
    summary="Organisations by name, kind and region",
)
def list_organisations(request: HttpRequest, query: Query[OrganisationQuery]) -> Any:
    """A page of the register."""
    _demand(request, "community.view_organisation")
    # PostgreSQL refuses a NUL in any text; nothing on the register has one.
    text, kind, region = (asked.replace("\0", "") for asked in (query.text, query.kind, query.region))
    found = selectors.organisations(text=text, kind=kind, region=region)
    items = list(found[query.offset : query.offset + query.limit])
    return {"total": found.count(), "offset": query.offset, "items": items}


@router.get(
    "/organisations/{uid}",
    response={200: OrganisationOut, 403: Problem, 404: Problem, 422: Problem},
    summary="One organisation",
)
def get_organisation(request: HttpRequest, uid: UUID) -> Any:
    """By its uid, the name under which the ledger speaks of it."""
    _demand(request, "community.view_organisation")
    found = Organisation.objects.select_related("region").filter(uid=uid).first()
    return found or Status(404, {"detail": _("There is no such organisation.")})


@router.get("/chains", response={200: list[ChainOut], 403: Problem}, summary="The chains")
def list_chains(request: HttpRequest) -> Any:
    """All chains, closed ones too."""
    _demand(request, "community.view_chain")
    return list(Chain.objects.all())


@router.get(
    "/chains/{uid}/members",
    response={200: ChainMembersOut, 403: Problem, 404: Problem, 422: Problem},
    summary="Members of a chain on a day",
)
def list_members(request: HttpRequest, uid: UUID, on: date | None = None) -> Any:
    """With tier and who brought them in; today when no day is asked for."""
    _demand(request, "community.view_chain")
    chain = Chain.objects.filter(uid=uid).first()
    if chain is None:
        return Status(404, {"detail": _("There is no such chain.")})
    day = on or timezone.localdate()
    return {"chain": chain, "on": day, "members": list(selectors.members_of(chain, day))}
