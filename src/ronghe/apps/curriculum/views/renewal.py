"""The renewal calendar: which units are due, dearest first, and when the others will be."""

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.curriculum import selectors
from ronghe.apps.metrics import registry

_PER_PAGE = 25


@require_safe
@login_required
@permission_required("curriculum.view_due_units", raise_exception=True)
def calendar(request: HttpRequest) -> HttpResponse:
    """Units due for renewal by the CRI they cost; a teacher sees those of the own university first."""
    own = sorted(standing.organisations(request.user, RoleKind.TEACHER))
    shows_own = bool(own) and request.GET.get("of") != "all"
    shows_all = request.GET.get("show") == "all"
    rows = selectors.due_units(request.user, organisations=own if shows_own else None, all_units=shows_all)
    page = Paginator(rows, _PER_PAGE).get_page(request.GET.get("page"))
    whose = "" if shows_own else "of=all"
    tabs = [
        {"label": _("Due"), "url": f"?{whose}", "current": not shows_all},
        {"label": _("All units"), "url": f"?{whose}&show=all" if whose else "?show=all", "current": shows_all},
    ]
    context = {
        "page": page,
        "tabs": tabs,
        "own": bool(own),
        "shows_own": shows_own,
        "today": timezone.localdate(),
        "definition": registry.get("curriculum.units.due"),
        "has_cost": any(row.cost is not None for row in rows),
    }
    return render(request, "curriculum/due.html", context)
