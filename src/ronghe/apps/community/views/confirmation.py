"""Is an organisation real: who waits for confirmation, likely doubles, what firms declare of themselves."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.community import selectors, services
from ronghe.apps.community.chain_forms import ConfirmForm, DuplicateForm, FactForm, ReasonForm
from ronghe.apps.community.models import Organisation, OrganisationFact
from ronghe.apps.community.views.frame import act_at_once, form_page, signed_in


def _organisation(request: HttpRequest, uid: str) -> Organisation:
    return get_object_or_404(Organisation.objects.visible_to(request.user), uid=uid)


@require_safe
@login_required
@permission_required("community.confirm_organisation", raise_exception=True)
def unconfirmed(request: HttpRequest) -> HttpResponse:
    """Organisations that wait for a second person, with what speaks against each."""
    page = Paginator(selectors.unconfirmed(), 25).get_page(request.GET.get("page"))
    return render(request, "community/unconfirmed.html", {"page": page, "me": signed_in(request).pk})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.confirm_organisation", raise_exception=True)
def organisation_confirm(request: HttpRequest, uid: str) -> HttpResponse:
    """Say that an organisation is real."""
    organisation = _organisation(request, uid)

    def act(data: dict[str, Any]) -> str:
        services.confirm_organisation(actor=signed_in(request), organisation=organisation, **data)
        return _("“%(name)s” is confirmed and may publish.") % {"name": organisation.name}

    doubts = [
        _("Looks like “%(other)s”: %(reasons)s")
        % {"other": doubt.other(organisation).name, "reasons": _(", ").join(doubt.reasons)}
        for doubt in selectors.doubts_about(organisation)
        if not doubt.verdict
    ]
    return form_page(
        request,
        ConfirmForm(request.POST or None),
        act,
        title=_("Confirm that “%(name)s” is real") % {"name": organisation.name},
        lead=_("Unified social credit code: %(code)s") % {"code": organisation.registration_number or "—"},
        submit=_("Confirm"),
        back=organisation.get_absolute_url(),
        back_label=organisation.name,
        notes=doubts,
        notes_title=_("Decide on these first"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.confirm_organisation", raise_exception=True)
def confirmation_withdraw(request: HttpRequest, uid: str) -> HttpResponse:
    """Take a confirmation back."""
    organisation = _organisation(request, uid)

    def act(data: dict[str, Any]) -> str:
        services.withdraw_confirmation(actor=signed_in(request), organisation=organisation, **data)
        return _("“%(name)s” may publish nothing new until it is confirmed again.") % {"name": organisation.name}

    return form_page(
        request,
        ReasonForm(request.POST or None),
        act,
        title=_("Take the confirmation of “%(name)s” back") % {"name": organisation.name},
        submit=_("Take it back"),
        back=organisation.get_absolute_url(),
        back_label=organisation.name,
        danger=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.decide_duplicate", raise_exception=True)
def duplicate_decide(request: HttpRequest, uid: str, other: str) -> HttpResponse:
    """Decide whether two entries are one organisation."""
    organisation, second = _organisation(request, uid), _organisation(request, other)
    if organisation.pk == second.pk:
        raise PermissionDenied(_("Choose two different entries."))

    def act(data: dict[str, Any]) -> str:
        services.decide_duplicate(actor=signed_in(request), organisation=organisation, other=second, **data)
        return _("The finding is recorded.")

    lines = [
        f"{one.name_zh} · {one.name_en or '—'} · {one.registration_number or '—'} · {one.website or '—'}"
        for one in (organisation, second)
    ]
    return form_page(
        request,
        DuplicateForm(request.POST or None),
        act,
        title=_("One organisation or two?"),
        submit=_("Record the finding"),
        back=organisation.get_absolute_url(),
        back_label=organisation.name,
        notes=lines,
        notes_title=_("The two entries"),
    )


def _demand_facts(request: HttpRequest, organisation: Organisation, permission: str) -> None:
    if not request.user.has_perm(permission, organisation):
        raise PermissionDenied(_("What a firm declares is seen by the office, reviewers and its own HR only."))


@require_safe
@login_required
def fact_list(request: HttpRequest, uid: str) -> HttpResponse:
    """What a firm declares of itself, and who confirmed it."""
    organisation = _organisation(request, uid)
    _demand_facts(request, organisation, "community.view_facts")
    me = signed_in(request)
    may_confirm = me.has_perm("community.confirm_fact", organisation)
    return render(
        request,
        "community/fact_list.html",
        {
            "organisation": organisation,
            "rows": [
                (fact, may_confirm and fact.confirmed_by is None and fact.declared_by_id != me.pk)
                for fact in selectors.facts_of(organisation)
            ],
            "may_declare": me.has_perm("community.declare_fact", organisation),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def fact_new(request: HttpRequest, uid: str) -> HttpResponse:
    """Declare a number of a firm."""
    organisation = _organisation(request, uid)
    _demand_facts(request, organisation, "community.declare_fact")

    def act(data: dict[str, Any]) -> str:
        services.declare_fact(actor=signed_in(request), organisation=organisation, **data)
        return _("Declared. It counts once another person has confirmed it.")

    return form_page(
        request,
        FactForm(request.POST or None),
        act,
        title=_("Declare a fact of “%(name)s”") % {"name": organisation.name},
        lead=_("Rules read it, for the days for which it holds, once a second person has confirmed it."),
        submit=_("Declare"),
        back=reverse("community:fact_list", args=[organisation.uid]),
        back_label=_("Declared facts"),
    )


def _fact(request: HttpRequest, key: int) -> OrganisationFact:
    found = OrganisationFact.objects.known().visible_to(request.user)
    fact: OrganisationFact = get_object_or_404(found.select_related("organisation"), pk=key)
    return fact


@require_POST
@login_required
def fact_confirm(request: HttpRequest, key: int) -> HttpResponse:
    """Confirm what a firm declared."""
    fact = _fact(request, key)

    def act() -> str:
        services.confirm_fact(actor=signed_in(request), fact=fact)
        return _("The fact is confirmed and counts.")

    return act_at_once(request, act, reverse("community:fact_list", args=[fact.organisation.uid]))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def fact_withdraw(request: HttpRequest, key: int) -> HttpResponse:
    """Take back what was declared."""
    fact = _fact(request, key)
    _demand_facts(request, fact.organisation, "community.declare_fact")

    def act(data: dict[str, Any]) -> str:
        services.withdraw_fact(actor=signed_in(request), fact=fact, **data)
        return _("The fact was taken back.")

    return form_page(
        request,
        ReasonForm(request.POST or None),
        act,
        title=_("Take back what was declared"),
        lead=f"{fact.get_kind_display()} · {fact.value}",
        submit=_("Take it back"),
        back=reverse("community:fact_list", args=[fact.organisation.uid]),
        back_label=_("Declared facts"),
        danger=True,
    )
