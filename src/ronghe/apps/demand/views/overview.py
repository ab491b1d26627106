"""What enterprises ask for: the skills by volume and growth, as a page and as a file."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.demand import exports, figures, selectors, services
from ronghe.apps.demand.figures import DataState
from ronghe.apps.demand.filters import DemandFilter
from ronghe.apps.demand.selectors import Overview, SkillRow
from ronghe.apps.demand.views.frame import definitions, kept_part, waiting_work

_DRAWN = 12


def _filter(request: HttpRequest, state: DataState) -> DemandFilter:
    return DemandFilter(request.GET, selectors.choices(state=state), selectors.catalogue(state))


def _asked(request: HttpRequest, form: DemandFilter) -> dict[str, Any]:
    asked = form.asked
    return {
        "window": form.window,
        "scope": form.scope,
        "field": asked["field"],
        "group": asked["group"],
        "text": asked["text"],
        "sort": request.GET.get("sort") or "-postings",
    }


def drawn(rows: Sequence[SkillRow], *, by_growth: bool = False, limit: int = _DRAWN) -> list[dict[str, Any]]:
    """The head of a list of skills as a plot: postings, or growth in per cent."""
    scale = 100 if by_growth else 1
    shown = []
    for row in rows[:limit]:
        found = row.growth if by_growth else row.postings
        ends = {name: getattr(found, name) for name in ("value", "low", "high")}
        if found.value is not None:
            scaled = {name: None if value is None else value * scale for name, value in ends.items()}
            shown.append({"label": row.skill.name, "href": row.skill.get_absolute_url(), **scaled})
    return shown


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


@require_safe
@login_required
@permission_required("demand.view_skill", raise_exception=True)
def overview_page(request: HttpRequest) -> HttpResponse:
    """Skills with their postings, share and growth, twenty at a time."""
    state = figures.data_state()
    offered = selectors.choices(state=state)
    context: dict[str, Any] = {
        "has_postings": bool(offered.months),
        "has_lexicon": bool(offered.fields),
        "waiting": waiting_work(request, state),
        "may_import": request.user.has_perm("demand.import_postings"),
        "may_load": request.user.has_perm("demand.load_lexicon"),
    }
    if context["has_postings"]:
        context["part"] = kept_part(request, state, "demand/overview_part.html", lambda: _figures(request, state))
    return render(request, "demand/overview.html", context)


def _figures(request: HttpRequest, state: DataState) -> dict[str, Any]:
    form = _filter(request, state)
    asked = _asked(request, form)
    found = selectors.overview(**asked, page=request.GET.get("page"))
    rows = list(found.page.object_list)
    by_growth = str(asked["sort"]).lstrip("-") == "growth"
    return {
        "form": form,
        "found": found,
        "rows": [{"row": row, "share": _percent(row.share.value)} for row in rows],
        "drawn": drawn(rows, by_growth=by_growth),
        "by_growth": by_growth,
        "left_out": _left_out(request, form, found, state),
        "definitions": definitions("demand.skill.postings", "demand.skill.share", "demand.skill.growth"),
        "query": request.GET.urlencode(),
    }


def _left_out(request: HttpRequest, form: DemandFilter, found: Overview, state: DataState) -> int:
    """How many postings of the period are duplicates of another one."""
    scope = form.scope

    def count() -> int:
        every = selectors.postings(
            request.user, source=scope.source, region=scope.region, window=found.window, duplicates=True
        )
        return every.filter(duplicate_of__isnull=False).order_by().count()

    return figures.kept(state, ("left out", found.window, scope), count)


@require_safe
@login_required
@permission_required("demand.view_skill", raise_exception=True)
def overview_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Every skill of the filter, in the order of the page."""
    return exports.skills_response(kind, **_asked(request, _filter(request, figures.data_state())))


@require_POST
@login_required
def lexicon_load(request: HttpRequest) -> HttpResponse:
    """Bring the skills that ship with Ronghe into the database."""
    loaded = services.load_lexicon(actor=person(request))
    messages.success(request, _("%(count)s skills are loaded.") % {"count": loaded.skills})
    return redirect("demand:overview")
