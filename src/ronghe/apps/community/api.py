"""The registry for programs: organisations, chains and their members. People are not given out here."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from ronghe.apps.community import selectors
from ronghe.apps.community.models import (
    Admission,
    AdmissionStep,
    Chain,
    ChainMembership,
    Organisation,
    OrganisationFact,
)
from ronghe.apps.ledger.answers import Problem

router = Router(tags=["community"])

LARGEST_PAGE = 100


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


class SupplyOut(Schema):
    """One member supplies another."""

    supplier: UUID = Field(..., alias="supplier.uid")
    customer: UUID = Field(..., alias="customer.uid")
    goods_zh: str
    goods_en: str
    valid_from: date
    valid_until: date | None


@router.get(
    "/chains/{uid}/supplies",
    response={200: list[SupplyOut], 403: Problem, 404: Problem, 422: Problem},
    summary="Who supplies whom in a chain on a day",
)
def list_supplies(request: HttpRequest, uid: UUID, on: date | None = None, region: str = "") -> Any:
    """Those of one region (its parts included) when its code is given; today when no day is asked for."""
    _demand(request, "community.view_chain")
    chain = Chain.objects.filter(uid=uid).first()
    if chain is None:
        return Status(404, {"detail": _("There is no such chain.")})
    found = selectors.chain_map(chain, on or timezone.localdate(), region=region.replace("\0", ""))
    return list(found.supplies)


class StepOut(Schema):
    """One gate of an application. Evidence is not given out here."""

    stage: int
    state: str
    opened_on: date
    due_on: date
    closed_on: date | None


class AdmissionOut(Schema):
    """An application to a chain with its gates."""

    uid: UUID
    chain: UUID = Field(..., alias="chain.uid")
    organisation: UUID = Field(..., alias="organisation.uid")
    tier: str
    state: str
    applied_on: date
    closed_on: date | None
    gates: list[StepOut]

    @staticmethod
    def resolve_gates(admission: Admission) -> list[AdmissionStep]:
        return list(admission.steps.all())


@router.get(
    "/admissions",
    response={200: list[AdmissionOut], 403: Problem, 422: Problem},
    summary="Applications to chains that one may know of",
)
def list_admissions(request: HttpRequest, state: str = "", offset: int = 0, limit: int = LARGEST_PAGE) -> Any:
    """Those of one's own firm, of the chains it leads, or (office, reviewer) all; newest first."""
    _demand(request, "community.view_admission")
    first = max(0, min(offset, 10_000_000))
    found = selectors.admissions(request.user, state=state.replace("\0", ""))
    return list(found[first : first + max(1, min(limit, LARGEST_PAGE))])


@router.get(
    "/admissions/{uid}",
    response={200: AdmissionOut, 403: Problem, 404: Problem, 422: Problem},
    summary="One application with its gates",
)
def get_admission(request: HttpRequest, uid: UUID) -> Any:
    """For its parties, the office and reviewers; for everyone else there is none."""
    found = selectors.admissions(request.user).filter(uid=uid).first()
    return found or Status(404, {"detail": _("There is no such application.")})


class FactOut(Schema):
    """A number a firm declares of itself, for a span of days."""

    kind: str
    value: Decimal
    valid_from: date
    valid_until: date | None
    evidence: str
    is_confirmed: bool

    @staticmethod
    def resolve_is_confirmed(fact: OrganisationFact) -> bool:
        return fact.confirmed_by_id is not None


@router.get(
    "/organisations/{uid}/facts",
    response={200: list[FactOut], 403: Problem, 404: Problem, 422: Problem},
    summary="What a firm declares of itself",
)
def list_facts(request: HttpRequest, uid: UUID) -> Any:
    """For the office, reviewers and the firm's own HR."""
    organisation = Organisation.objects.filter(uid=uid).first()
    if not request.user.has_perm("community.view_facts", organisation):
        raise PermissionDenied(_("What a firm declares is seen by the office, reviewers and its own HR only."))
    if organisation is None:
        return Status(404, {"detail": _("There is no such organisation.")})
    return list(selectors.facts_of(organisation))


class RegionOut(Schema):
    """A region's place in the network."""

    region: str = Field(..., alias="region.code")
    standing: str
    core: str | None = None
    valid_from: date

    @staticmethod
    def resolve_core(standing: Any) -> str | None:
        return standing.core.code if standing.core else None


@router.get(
    "/regions",
    response={200: list[RegionOut], 403: Problem, 422: Problem},
    summary="Core and satellite regions on a day",
)
def list_regions(request: HttpRequest, on: date | None = None) -> Any:
    """Cores, each followed by its satellites; today when no day is asked for."""
    _demand(request, "community.view_chain")
    network = selectors.region_network(on or timezone.localdate())
    return [one for core in network.cores for one in (core.standing, *core.satellites)]
