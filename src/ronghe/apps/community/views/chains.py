"""Chains: list, page on a chosen day, found, admit, change a tier, leave."""

from collections import Counter
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.community import selectors, services
from ronghe.apps.community.chain_forms import LeaderForm, LeaveForm, ReplaceForm
from ronghe.apps.community.dependents import Found, hanging
from ronghe.apps.community.forms import AdmitForm, ChainEditForm, ChainForm, TierForm
from ronghe.apps.community.models import Chain, ChainMembership, Tier
from ronghe.apps.community.services.chains import CHAIN_AMENDABLE
from ronghe.apps.community.views.frame import chosen_day, edit_page, form_page, signed_in
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.metrics.registry import measure, measure_community

# More bars than this are no picture any more; the table has them all.
_BARS = 40


@require_safe
@login_required
@permission_required("community.view_chain", raise_exception=True)
def chain_list(request: HttpRequest) -> HttpResponse:
    """The chains on a day: leader and numbers of members."""
    day, form = chosen_day(request)
    chains = Chain.objects.visible_to(request.user).during(day, day).select_related("region")
    page = Paginator(chains, 25).get_page(request.GET.get("page"))
    window = Window(day, day)
    return render(
        request,
        "community/chain_list.html",
        {
            "page": page,
            "rows": selectors.chain_rows(page.object_list, day),
            "form": form,
            "day": day,
            "chains": measure_community("community.chains.count", window),
            "enterprises": measure_community("community.enterprises.count", window),
            "universities": measure_community("community.universities.count", window),
            "may_found": request.user.has_perm("community.found_chain"),
        },
    )


def _chain(request: HttpRequest, uid: str) -> Chain:
    return get_object_or_404(Chain.objects.visible_to(request.user).select_related("region"), uid=uid)


@require_safe
@login_required
@permission_required("community.view_chain", raise_exception=True)
def chain_page(request: HttpRequest, uid: str) -> HttpResponse:
    """One chain on a day: its members with tiers, who brought them in, their regions, and who was in it when."""
    chain = _chain(request, uid)
    day, form = chosen_day(request)
    members = list(selectors.members_of(chain, day))
    regions = Counter(
        member.organisation.region.name if member.organisation.region else _("No region") for member in members
    )
    return render(
        request,
        "community/chain.html",
        {
            "chain": chain,
            "day": day,
            "form": form,
            "members": members,
            "measurement": measure("community.chain.members", [chain.pk], Window(day, day))[chain.pk],
            "regions": [{"label": name, "value": number} for name, number in regions.most_common(12)],
            "spans": _spans(chain, day),
            "may_change": request.user.has_perm("community.change_chain", chain),
            "may_invite": request.user.has_perm("community.invite_to_chain", chain),
            "may_apply": request.user.has_perm("community.apply_to_chain"),
        },
    )


def _spans(chain: Chain, day: Any) -> list[dict[str, Any]]:
    history = (
        ChainMembership.objects.known()
        .filter(chain=chain)
        .select_related("organisation")
        .order_by("valid_from", "organisation__name_zh")[:_BARS]
    )
    spans = []
    for membership in history:
        end = membership.valid_until or max(day, membership.valid_from)
        spans.append(
            {
                "label": membership.organisation.name,
                "start": membership.valid_from,
                "end": end,
                "note": membership.get_tier_display(),
                "state": "ok" if membership.tier == Tier.LEADER else "",
                "href": membership.organisation.get_absolute_url(),
            }
        )
    return spans


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.found_chain", raise_exception=True)
def chain_new(request: HttpRequest) -> HttpResponse:
    """Found a chain."""

    def act(data: dict[str, Any]) -> str:
        chain = services.found_chain(actor=signed_in(request), **data)
        return _("“%(name)s” was founded. Admit its leader and members next.") % {"name": chain.name}

    return form_page(
        request,
        ChainForm(request.POST or None),
        act,
        title=_("Found a chain"),
        submit=_("Found the chain"),
        back=reverse("community:chain_list"),
        back_label=_("Chains"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.change_chain", raise_exception=True)
def chain_admit(request: HttpRequest, uid: str) -> HttpResponse:
    """Admit an organisation to a chain."""
    chain = _chain(request, uid)

    def act(data: dict[str, Any]) -> str:
        services.admit_to_chain(actor=signed_in(request), chain=chain, **data)
        return _("“%(name)s” is in the chain.") % {"name": data["organisation"].name}

    return form_page(
        request,
        AdmitForm(request.POST or None, chain=chain),
        act,
        title=_("Admit a member"),
        submit=_("Admit"),
        back=chain.get_absolute_url(),
        back_label=chain.name,
    )


def _membership(key: int) -> ChainMembership:
    known = ChainMembership.objects.known().select_related("chain", "organisation")
    return get_object_or_404(known, pk=key)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.change_chain", raise_exception=True)
def membership_tier(request: HttpRequest, key: int) -> HttpResponse:
    """Change the tier of a member."""
    membership = _membership(key)

    def act(data: dict[str, Any]) -> str:
        services.change_tier(actor=signed_in(request), membership=membership, **data)
        return _("The tier was changed.")

    return form_page(
        request,
        TierForm(request.POST or None, initial={"tier": membership.tier}),
        act,
        title=_("Change the tier of “%(name)s”") % {"name": membership.organisation.name},
        lead=_("Until the day before, the present tier holds: %(tier)s.") % {"tier": membership.get_tier_display()},
        submit=_("Change the tier"),
        back=membership.chain.get_absolute_url(),
        back_label=membership.chain.name,
    )


def _settlements(data: dict[str, Any]) -> dict[str, str]:
    return {name.removeprefix("settle_"): choice for name, choice in data.items() if name.startswith("settle_")}


def _notes(found: list[Found]) -> list[str]:
    return [f"{one.dependent.label}: {item.label}" for one in found for item in one.items]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.change_chain", raise_exception=True)
def membership_leave(request: HttpRequest, key: int) -> HttpResponse:
    """Let a member leave the chain, after seeing what hangs on its membership."""
    membership = _membership(key)
    found = hanging(membership, timezone.localdate())

    def act(data: dict[str, Any]) -> str:
        services.leave_chain(
            actor=signed_in(request),
            membership=membership,
            on=data["on"],
            settlements=_settlements(data),
            successor=data.get("successor"),
        )
        return _("The membership ends on the day you chose.")

    return form_page(
        request,
        LeaveForm(request.POST or None, membership=membership, found=found),
        act,
        title=_("“%(name)s” leaves the chain") % {"name": membership.organisation.name},
        lead=_("The past stays as it was; from the day you choose on it is no longer a member."),
        submit=_("End the membership"),
        back=membership.chain.get_absolute_url(),
        back_label=membership.chain.name,
        danger=True,
        notes=_notes(found),
        notes_title=_("This hangs on the membership; say below what becomes of it"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.change_chain", raise_exception=True)
def membership_replace(request: HttpRequest, key: int) -> HttpResponse:
    """Let another organisation take the place of a member."""
    membership = _membership(key)
    found = hanging(membership, timezone.localdate())

    def act(data: dict[str, Any]) -> str:
        services.replace_member(
            actor=signed_in(request),
            membership=membership,
            successor=data["successor"],
            on=data["on"],
            settlements=_settlements(data),
        )
        return _("“%(name)s” takes its place.") % {"name": data["successor"].name}

    return form_page(
        request,
        ReplaceForm(request.POST or None, membership=membership, found=found),
        act,
        title=_("Replace “%(name)s”") % {"name": membership.organisation.name},
        lead=_("The successor takes its tier from that day on; the past stays as it was."),
        submit=_("Replace"),
        back=membership.chain.get_absolute_url(),
        back_label=membership.chain.name,
        notes=_notes(found),
        notes_title=_("This hangs on the membership; say below what becomes of it"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.change_chain", raise_exception=True)
def chain_leader(request: HttpRequest, uid: str) -> HttpResponse:
    """Hand the lead of a chain to another member."""
    chain = _chain(request, uid)
    leader = ChainMembership.objects.on(timezone.localdate()).filter(chain=chain, tier=Tier.LEADER).first()
    if leader is None:
        raise Http404(_("This chain has no leader today. Change the tier of a member instead."))

    def act(data: dict[str, Any]) -> str:
        services.change_leader(actor=signed_in(request), leader=leader, **data)
        return _("The lead changes on the day you chose.")

    return form_page(
        request,
        LeaderForm(request.POST or None, chain=chain),
        act,
        title=_("Change the leader"),
        lead=_("The present leader stays in the chain as a member."),
        submit=_("Change the leader"),
        back=chain.get_absolute_url(),
        back_label=chain.name,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.change_chain", raise_exception=True)
def chain_edit(request: HttpRequest, uid: str) -> HttpResponse:
    """Amend a chain; whoever saves second is shown both versions."""
    chain = _chain(request, uid)
    initial = {name: getattr(chain, name) for name in (*CHAIN_AMENDABLE, "revision")}

    def save(revision: int, changes: dict[str, Any]) -> object:
        return services.amend_chain(actor=signed_in(request), chain=chain, expected_revision=revision, changes=changes)

    return edit_page(
        request,
        ChainEditForm(request.POST or None, initial=initial),
        save,
        title=_("Amend “%(name)s”") % {"name": chain.name},
        back=chain.get_absolute_url(),
        back_label=chain.name,
        draft=f"chain-{chain.uid}-{chain.revision}",
    )
