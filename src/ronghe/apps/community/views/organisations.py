"""Organisations: list, page, register, amend, add a place, download."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts.pages import take_errors
from ronghe.apps.community import selectors, services
from ronghe.apps.community.forms import CampusForm, OrganisationFilter, OrganisationForm
from ronghe.apps.community.imports import ORGANISATIONS
from ronghe.apps.community.models import Organisation
from ronghe.apps.community.services.organisations import AMENDABLE
from ronghe.apps.community.views.frame import form_page, signed_in
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.ledger.revision import StaleRevision


def _filtered(form: OrganisationFilter) -> Any:
    asked = form.cleaned_data if form.is_valid() else {}
    chain = asked.get("chain")
    return selectors.organisations(
        text=asked.get("text", ""),
        kind=asked.get("kind", ""),
        region=asked.get("region", ""),
        chain=chain.pk if chain else None,
    )


@require_safe
@login_required
@permission_required("community.view_organisation", raise_exception=True)
def organisation_list(request: HttpRequest) -> HttpResponse:
    """Who takes part, by name, kind, region and chain."""
    form = OrganisationFilter(request.GET or None)
    page = Paginator(_filtered(form).visible_to(request.user), 25).get_page(request.GET.get("page"))
    return render(
        request,
        "community/organisation_list.html",
        {
            "form": form,
            "page": page,
            "query": request.GET.urlencode(),
            "may_register": request.user.has_perm("community.register_organisation"),
            "may_confirm": request.user.has_perm("community.confirm_organisation"),
        },
    )


@require_safe
@login_required
@permission_required("community.view_organisation", raise_exception=True)
def organisation_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The organisations of the filter as a file that the import reads back."""
    found = _filtered(OrganisationFilter(request.GET or None)).visible_to(request.user)
    records = (
        {
            "kind": organisation.kind,
            "name_zh": organisation.name_zh,
            "name_en": organisation.name_en,
            "registration_number": organisation.registration_number,
            "region": organisation.region.code if organisation.region else None,
            "website": organisation.website,
            "registered_on": organisation.registered_on,
        }
        for organisation in found.iterator(chunk_size=500)
    )
    return table_response(records, ORGANISATIONS, kind=kind, filename="organisations")


def _organisation(request: HttpRequest, uid: str) -> Organisation:
    found = Organisation.objects.visible_to(request.user).select_related("region__parent")
    return get_object_or_404(found, uid=uid)


def _doubts(organisation: Organisation) -> list[dict[str, Any]]:
    return [
        {
            "other": doubt.other(organisation),
            "reasons": doubt.reasons,
            "verdict": doubt.verdict,
            "decision": doubt.decision,
        }
        for doubt in selectors.doubts_about(organisation)
    ]


@require_safe
@login_required
@permission_required("community.view_organisation", raise_exception=True)
def organisation_page(request: HttpRequest, uid: str) -> HttpResponse:
    """One organisation: its data, places, chains and, for universities, cohorts."""
    organisation = _organisation(request, uid)
    may_confirm = request.user.has_perm("community.confirm_organisation", organisation)
    return render(
        request,
        "community/organisation.html",
        {
            "organisation": organisation,
            "campuses": organisation.campuses.select_related("region"),
            "memberships": selectors.chains_of(organisation),
            "cohorts": selectors.cohorts(organisation=organisation.pk),
            "may_amend": request.user.has_perm("community.amend_organisation", organisation),
            "may_see_people": request.user.has_perm("community.view_people"),
            "confirmation": selectors.confirmation_of(organisation),
            "doubts": _doubts(organisation) if may_confirm else [],
            "may_confirm": may_confirm,
            "may_see_facts": request.user.has_perm("community.view_facts", organisation),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.register_organisation", raise_exception=True)
def organisation_new(request: HttpRequest) -> HttpResponse:
    """Register an organisation."""
    form = OrganisationForm(request.POST or None)

    def act(data: dict[str, Any]) -> str:
        since = data.pop("registered_on")
        organisation = services.register_organisation(actor=signed_in(request), since=since, **data)
        return _("“%(name)s” is on the register.") % {"name": organisation.name}

    return form_page(
        request,
        form,
        act,
        title=_("Register an organisation"),
        submit=_("Put on the register"),
        back=reverse("community:organisation_list"),
        back_label=_("Organisations"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def organisation_edit(request: HttpRequest, uid: str) -> HttpResponse:
    """Amend an organisation; whoever saves second is shown both versions and loses nothing."""
    organisation = _organisation(request, uid)
    if not request.user.has_perm("community.amend_organisation", organisation):
        raise PermissionDenied(_("Only the community office and this organisation's HR may amend it."))
    form = OrganisationForm(request.POST or None, instance=organisation)
    if request.method == "POST" and form.is_valid():
        changes = {name: form.cleaned_data[name] for name in AMENDABLE}
        try:
            services.amend_organisation(
                actor=signed_in(request),
                organisation=organisation,
                expected_revision=form.cleaned_data["revision"] or 0,
                changes=changes,
            )
        except StaleRevision as stale:
            return _conflict(request, form, stale.current, organisation)
        except ValidationError as error:
            take_errors(form, error)
        else:
            return redirect(organisation)
    context = {"form": form, "organisation": organisation}
    return render(request, "community/organisation_edit.html", context, status=422 if form.errors else 200)


def _conflict(request: HttpRequest, form: OrganisationForm, current: Any, organisation: Organisation) -> HttpResponse:
    fields = [(name, str(form.fields[name].label)) for name in AMENDABLE]
    return render(
        request,
        "409.html",
        {
            "explanation": _("“%(name)s” was saved by someone else while you were editing it.")
            % {"name": organisation.name},
            "mine": [(label, form.cleaned_data[name] or "—") for name, label in fields],
            "theirs": [(label, getattr(current, name) or "—") for name, label in fields],
            "back_url": reverse("community:organisation_edit", args=[organisation.uid]),
        },
        status=409,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def campus_new(request: HttpRequest, uid: str) -> HttpResponse:
    """Add a place of an organisation."""
    organisation = _organisation(request, uid)
    if not request.user.has_perm("community.amend_organisation", organisation):
        raise PermissionDenied(_("Only the community office and this organisation's HR may amend it."))

    def act(data: dict[str, Any]) -> str:
        campus = services.add_campus(actor=signed_in(request), organisation=organisation, **data)
        return _("“%(name)s” was added.") % {"name": campus.name}

    return form_page(
        request,
        CampusForm(request.POST or None),
        act,
        title=_("Add a campus, plant or office"),
        submit=_("Add"),
        back=organisation.get_absolute_url(),
        back_label=organisation.name,
    )
