"""Panels of experts as the office runs them and as the invited and reviewers read them. Answering is in `answers`."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person, take_errors
from ronghe.apps.demand import exports, selectors, services
from ronghe.apps.demand.models import Panel, PanelState
from ronghe.apps.demand.panel_forms import PanelForm, RoundForm
from ronghe.apps.demand.selectors import PanelPage
from ronghe.apps.demand.services import PanelNotReady
from ronghe.apps.ledger.revision import StaleRevision


@require_safe
@login_required
@permission_required("demand.view_panel", raise_exception=True)
def panel_list(request: HttpRequest) -> HttpResponse:
    """The panels that concern this person."""
    return render(
        request,
        "demand/panel_list.html",
        {
            "panels": selectors.panel_rows(request.user),
            "may_run": request.user.has_perm("demand.run_panel"),
            "tabs": selectors.round_tabs(request.user),
        },
    )


def _found(request: HttpRequest, uid: Any) -> PanelPage:
    page = selectors.panel_page(request.user, uid)
    if page is None:
        raise Http404(_("There is no such panel, or it is not open to you."))
    return page


@require_safe
@login_required
def panel_page(request: HttpRequest, uid: Any) -> HttpResponse:
    """One panel: its plan, its rounds, and the results of those that are closed."""
    return _render(request, _found(request, uid))


def _render(
    request: HttpRequest, page: PanelPage, round_form: RoundForm | None = None, *, status: int = 200
) -> HttpResponse:
    context = {
        "page": page,
        "panel": page.panel,
        "round_form": round_form or RoundForm(panel=page.panel),
        "mail_is_real": services.mail_is_real(),
    }
    return render(request, "demand/panel.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("demand.run_panel", raise_exception=True)
def panel_new(request: HttpRequest) -> HttpResponse:
    """Prepare a panel."""
    form = PanelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            panel = services.prepare_panel(actor=person(request), data=form.data_of_panel)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("The panel is prepared. Nobody has been asked yet."))
            return redirect(panel)
    return render(request, "demand/panel_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("demand.run_panel", raise_exception=True)
def panel_amend(request: HttpRequest, uid: Any) -> HttpResponse:
    """Change a panel before its first round."""
    panel = _found(request, uid).panel
    if panel.state != PanelState.DRAFT:
        messages.error(request, _("The first round has been opened: the plan of this panel stands."))
        return redirect(panel)
    form = PanelForm(request.POST if request.method == "POST" else None, panel=panel)
    changed = False
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.amend_panel(
                    actor=person(request),
                    panel=panel,
                    revision=form.cleaned_data["revision"] or 0,
                    data=form.data_of_panel,
                )
            except ValidationError as error:
                take_errors(form, error)
            except PanelNotReady as refused:
                messages.error(request, str(refused))
                return redirect(panel)
            except StaleRevision as stale:
                changed, status = True, 409
                form = PanelForm({**request.POST.dict(), "revision": str(stale.current.revision)}, panel=panel)
            else:
                messages.success(request, _("The panel is saved."))
                return redirect(panel)
    return render(request, "demand/panel_form.html", {"form": form, "panel": panel, "changed": changed}, status=status)


@require_POST
@login_required
def panel_round_open(request: HttpRequest, uid: Any) -> HttpResponse:
    """Open the next round; the first one sends the tokens."""
    page = _runs(request, uid)
    form = RoundForm(request.POST, panel=page.panel)
    if form.is_valid():
        said = form.cleaned_data
        try:
            services.open_round(
                actor=person(request),
                panel=page.panel,
                kind=said["kind"],
                due_on=said["due_on"],
                renew_tokens=said.get("renew_tokens", False),
                site=request.build_absolute_uri("/"),
            )
        except ValidationError as error:
            take_errors(form, error)
        except PanelNotReady as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("The round is open."))
            return redirect(page.panel)
    return _render(request, page, form, status=422)


def _runs(request: HttpRequest, uid: Any) -> PanelPage:
    page = _found(request, uid)
    if not request.user.has_perm("demand.run_panel"):
        raise PermissionDenied(_("Only the community office runs panels."))
    return page


def _deed(request: HttpRequest, panel: Panel, deed: Callable[[], object], done: str) -> HttpResponse:
    try:
        deed()
    except PanelNotReady as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, done)
    return redirect(panel)


@require_POST
@login_required
def panel_round_close(request: HttpRequest, uid: Any, number: int) -> HttpResponse:
    """Close a round and compute its result."""
    panel = _runs(request, uid).panel
    return _deed(
        request,
        panel,
        lambda: services.close_round(actor=person(request), panel=panel, number=number),
        _("The round is closed and its result stands."),
    )


@require_POST
@login_required
def panel_tokens_renew(request: HttpRequest, uid: Any) -> HttpResponse:
    """Send everyone a new token; the round that runs begins again."""
    panel = _runs(request, uid).panel
    return _deed(
        request,
        panel,
        lambda: services.renew_tokens(actor=person(request), panel=panel, site=request.build_absolute_uri("/")),
        _("Everyone was sent a new token, and the round begins again."),
    )


@require_POST
@login_required
def panel_end(request: HttpRequest, uid: Any) -> HttpResponse:
    """End a panel."""
    panel = _runs(request, uid).panel
    return _deed(
        request, panel, lambda: services.end_panel(actor=person(request), panel=panel), _("The panel has ended.")
    )


@require_safe
@login_required
def panel_export(request: HttpRequest, uid: Any, kind: str) -> HttpResponseBase:
    """The results of the closed rounds as a file; never a single answer."""
    return exports.panel_response(_found(request, uid), kind)
