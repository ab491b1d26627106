"""The chain map (who supplies whom) and the network of core and satellite regions."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.community import selectors, services
from ronghe.apps.community.chain_forms import MapFilter, RegionPlaceForm, SupplyForm
from ronghe.apps.community.forms import EndForm
from ronghe.apps.community.models import Chain, Region, SupplyRelation, Tier
from ronghe.apps.community.views.frame import chosen_day, form_page, signed_in


def _chain(request: HttpRequest, uid: str) -> Chain:
    return get_object_or_404(Chain.objects.visible_to(request.user), uid=uid)


@require_safe
@login_required
@permission_required("community.view_chain", raise_exception=True)
def chain_map(request: HttpRequest, uid: str) -> HttpResponse:
    """Who supplies whom in a chain on a day: a picture and its table, by region if asked."""
    chain = _chain(request, uid)
    used = Region.objects.filter(organisations__memberships__chain=chain).select_related("parent").distinct()
    known = {region.code: region.name for region in used}
    known |= {region.parent.code: region.parent.name for region in used if region.parent}
    form = MapFilter(request.GET or None, regions=sorted(known.items()))
    asked = form.cleaned_data if form.is_valid() else {}
    day = asked.get("on") or timezone.localdate()
    found = selectors.chain_map(chain, day, region=asked.get("region", ""))
    places = {member.organisation.pk: place for place, member in enumerate(found.members)}
    may_change = request.user.has_perm("community.record_supply", chain)
    return render(
        request,
        "community/chain_map.html",
        {
            "chain": chain,
            "form": form,
            "day": day,
            "supplies": found.supplies,
            "nodes": [
                {
                    "label": member.organisation.name,
                    "note": " · ".join(filter(None, (member.tier_label, member.region))),
                    "href": member.organisation.get_absolute_url(),
                    "strong": member.tier == Tier.LEADER,
                }
                for member in found.members
            ],
            "links": [
                {
                    "source": places[one.supplier_id],
                    "target": places[one.customer_id],
                    "label": one.goods,
                }
                for one in found.supplies
            ],
            "may_change": may_change,
        },
    )


def _demand_supply(request: HttpRequest, chain: Chain) -> None:
    if not request.user.has_perm("community.record_supply", chain):
        raise PermissionDenied(_("Only the community office and HR of the chain's members enter supplies."))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def supply_new(request: HttpRequest, uid: str) -> HttpResponse:
    """Enter who supplies whom."""
    chain = _chain(request, uid)
    _demand_supply(request, chain)

    def act(data: dict[str, Any]) -> str:
        services.record_supplies(actor=signed_in(request), chain=chain, supplies=[services.Supply(**data)])
        return _("The supply is on the map.")

    return form_page(
        request,
        SupplyForm(request.POST or None, chain=chain, actor=signed_in(request)),
        act,
        title=_("Who supplies whom"),
        submit=_("Enter"),
        back=reverse("community:chain_map", args=[chain.uid]),
        back_label=_("Chain map"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def supply_end(request: HttpRequest, key: int) -> HttpResponse:
    """End a supply."""
    found = SupplyRelation.objects.known().select_related("chain", "supplier", "customer")
    relation = get_object_or_404(found, pk=key)
    _demand_supply(request, relation.chain)

    def act(data: dict[str, Any]) -> str:
        services.end_supply(actor=signed_in(request), relation=relation, **data)
        return _("The supply ends on the day you chose.")

    return form_page(
        request,
        EndForm(request.POST or None),
        act,
        title=_("End a supply"),
        lead=str(relation),
        submit=_("End it"),
        back=reverse("community:chain_map", args=[relation.chain.uid]),
        back_label=_("Chain map"),
        danger=True,
    )


@require_safe
@login_required
@permission_required("community.view_chain", raise_exception=True)
def region_network(request: HttpRequest) -> HttpResponse:
    """Core cities with their satellites on a day, and how many organisations of chains are in each."""
    day, form = chosen_day(request)
    network = selectors.region_network(day)
    rows: list[dict[str, Any]] = [
        {"standing": one, "core": core, "organisations": network.members.get(one.region_id, 0)}
        for core in network.cores
        for one in (core.standing, *core.satellites)
    ]
    return render(
        request,
        "community/region_network.html",
        {
            "form": form,
            "day": day,
            "rows": rows,
            "bars": [{"label": row["standing"].region.name, "value": row["organisations"]} for row in rows],
            "may_place": request.user.has_perm("community.place_region"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.place_region", raise_exception=True)
def region_place(request: HttpRequest) -> HttpResponse:
    """Say what a region is in the network."""

    def act(data: dict[str, Any]) -> str:
        services.place_region(actor=signed_in(request), **data)
        return _("“%(region)s” has its place in the network.") % {"region": data["region"].name}

    return form_page(
        request,
        RegionPlaceForm(request.POST or None),
        act,
        title=_("Place a region"),
        lead=_("A core city, the satellite of a core, or neither any more."),
        submit=_("Save"),
        back=reverse("community:region_network"),
        back_label=_("Network of regions"),
    )
