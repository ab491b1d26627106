"""The pool itself, projects, and assets with all that hangs on them."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts.pages import form_page, person
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.pool import selectors, services
from ronghe.apps.pool.forms import AssetFilter, AssetForm, CloseForm, LapseForm, ProjectForm
from ronghe.apps.pool.imports import ASSETS, exported
from ronghe.apps.pool.models import Asset, Conversion, Licence, Project, VersionState
from ronghe.apps.pool.rules import acts_for
from ronghe.apps.pool.services import AssetData
from ronghe.apps.pool.views.frame import asset_for, found_or_404, revision_of

_A_PAGE = 25
METRICS = ("pool.conversion_rate", "pool.assets", "pool.income")


def _filtered(request: HttpRequest) -> tuple[AssetFilter, Any]:
    form = AssetFilter(request.GET or None)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    return form, selectors.assets(
        request.user, text=asked.get("text", ""), kind=asked.get("kind", ""), field=asked.get("field", "")
    )


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """The numbers of the pool, what waits, one's own shares, and the assets one may know of."""
    user = person(request)
    form, found = _filtered(request)
    page = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    today = timezone.localdate()
    window = Window(_a_year_before(today), today)
    context = {
        "form": form,
        "page": page,
        "rows": selectors.rows(list(page.object_list)),
        "query": request.GET.urlencode(),
        "waiting": selectors.waiting_for(user),
        "own": selectors.own_shares(user),
        "measured": {name.partition(".")[2]: registry.measure_community(name, window) for name in METRICS},
        "definitions": [registry.get(name) for name in METRICS],
        "may_import": user.has_perm("pool.import_assets"),
        "may_record": user.has_perm("pool.record_project"),
    }
    return render(request, "pool/overview.html", context)


def _a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=min(day.day, 28))


@require_safe
@login_required
def export(request: HttpRequest, kind: str) -> FileResponse:
    """The assets of the filter, in the columns of the import."""
    return table_response(exported(_filtered(request)[1]), ASSETS, kind=kind, filename="assets")


@require_safe
@login_required
def project_list(request: HttpRequest) -> HttpResponse:
    """All projects, the newest first."""
    page = Paginator(selectors.projects(request.user), _A_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "may_record": request.user.has_perm("pool.record_project")}
    return render(request, "pool/projects.html", context)


def _project(request: HttpRequest, uid: UUID) -> Project:
    return found_or_404(selectors.projects(request.user).filter(uid=uid).first())


@require_safe
@login_required
def project_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One project: who does it, what it made, and when that first went into use."""
    project = _project(request, uid)
    user = person(request)
    may_close = user.has_perm("pool.close_project", project)
    context = {
        "project": project,
        "partners": project.partners.all(),
        "rows": selectors.rows(list(selectors.assets(user).filter(project=project))),
        "first": project.first_conversion(),
        "may_record": user.has_perm("pool.record_asset", project),
        "may_close": may_close and (project.closed_on is None or user.has_perm("pool.correct_close", project)),
    }
    return render(request, "pool/project.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def project_new(request: HttpRequest) -> HttpResponse:
    """Record a project."""
    user = person(request)
    demand(user, "pool.record_project")
    hosts = Organisation.objects.filter(kind__in=["enterprise", "university"])
    if not standing.holds(user, RoleKind.OFFICE):
        hosts = hosts.filter(pk__in=acts_for(user))
    return form_page(
        request,
        ProjectForm(request.POST or None, hosts=hosts),
        lambda data: services.record_project(actor=user, **data),
        title=_("Record a project"),
        submit=_("Record it"),
        back=reverse("pool:projects"),
        back_label=_("Projects"),
        done=_("The project is recorded. Record what it made next."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def project_close(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say when a project was closed."""
    project = _project(request, uid)
    demand(person(request), "pool.close_project", project)
    return form_page(
        request,
        CloseForm(
            request.POST or None,
            initial={"revision": project.revision, "closed_on": project.closed_on or timezone.localdate()},
        ),
        lambda data: services.close_project(actor=person(request), project=project, revision=revision_of(data), **data),
        title=_("Close “%(name)s”") % {"name": project.name},
        lead=_("From this day on the time counts until something that it made goes into use."),
        submit=_("Close it"),
        back=project.get_absolute_url(),
        back_label=project.name,
        done=_("The project is closed."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def asset_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Record what a project made."""
    project = _project(request, uid)
    demand(person(request), "pool.record_asset", project)
    owners = [project.host_id, *project.partners.values_list("pk", flat=True)]
    return form_page(
        request,
        AssetForm(request.POST or None, owners=owners, initial={"owners": [project.host_id]}),
        lambda data: services.record_asset(actor=person(request), data=AssetData(project=project, **data)),
        title=_("Record an asset"),
        lead=_("What “%(name)s” made.") % {"name": project.name},
        submit=_("Record it"),
        back=project.get_absolute_url(),
        back_label=project.name,
        done=_("The asset is recorded. Propose its shares next."),
    )


@require_safe
@login_required
def asset_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One asset: what it is, whose, who shares in it, who may use it, where it went into use, what it earned."""
    asset = found_or_404(selectors.find_asset(request.user, uid))
    user = person(request)
    today = timezone.localdate()
    sees_money = user.has_perm("pool.view_money", asset)
    current = selectors.in_force(asset, today) if sees_money else None
    licences = Licence.objects.visible_to(user).filter(asset=asset).select_related("licensee")
    conversions = Conversion.objects.visible_to(user).filter(asset=asset).select_related("party")
    context: dict[str, Any] = {
        "asset": asset,
        "owners": selectors.owners_of([asset.pk]).get(asset.pk, []),
        "sees_money": sees_money,
        "current": current,
        "shares": current.shares.select_related("person", "organisation") if current else [],
        "versions": asset.share_versions.order_by("-number") if sees_money else [],
        "licences": licences,
        "conversions": conversions,
        "income": selectors.income_of(asset) if sees_money else [],
        "may_change": user.has_perm("pool.change_asset", asset),
        "may_propose": user.has_perm("pool.propose_shares", asset)
        and not asset.share_versions.filter(state=VersionState.ASKED).exists(),
        "may_offer": user.has_perm("pool.offer_licence", asset),
        "may_claim": user.has_perm("pool.claim_conversion", asset),
        "may_record_income": user.has_perm("pool.record_income", asset),
    }
    return render(request, "pool/asset.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def asset_change(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change what is written of an asset."""
    asset = asset_for(request, uid, "pool.change_asset")
    initial = {name: getattr(asset, name) for name in ("name_zh", "name_en", "number", "registered_on", "summary")}
    return form_page(
        request,
        AssetForm(request.POST or None, initial={**initial, "is_open": asset.is_open, "revision": asset.revision}),
        lambda data: services.change_asset(actor=person(request), asset=asset, revision=revision_of(data), **data),
        title=_("Change “%(name)s”") % {"name": asset.name},
        submit=_("Save"),
        back=asset.get_absolute_url(),
        back_label=asset.name,
        done=_("Saved."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def asset_lapse(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say that an asset is protected no longer."""
    asset = asset_for(request, uid, "pool.change_asset")
    return form_page(
        request,
        LapseForm(request.POST or None, initial={"revision": asset.revision}),
        lambda data: services.lapse_asset(actor=person(request), asset=asset, revision=revision_of(data), **data),
        title=_("“%(name)s” has lapsed") % {"name": asset.name},
        lead=_("It keeps its history and what it earned, and takes no new licence from that day on."),
        submit=_("Record it"),
        back=asset.get_absolute_url(),
        back_label=asset.name,
        done=_("Recorded."),
        danger=True,
    )


def open_asset(request: HttpRequest, asset: Asset) -> str:
    """The page of an asset for whoever may open it, else the overview: where somebody goes back to."""
    known = Asset.objects.visible_to(request.user).filter(pk=asset.pk).exists()
    return asset.get_absolute_url() if known else reverse("pool:overview")
