"""One skill: how demand for it moves, who asks, what it goes with; and the names on offer while one types."""

from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronghe.apps.demand import extraction, selectors
from ronghe.apps.demand.filters import PeriodFilter
from ronghe.apps.demand.views.frame import definitions
from ronghe.apps.metrics.measurement import Window

_LONGEST_NAME = 160
_GAP_PARTS = (
    gettext_lazy("Postings"),
    gettext_lazy("Requirements of enterprises"),
    gettext_lazy("Students who bring it"),
    gettext_lazy("Units that teach it"),
)


@require_safe
@login_required
@permission_required("demand.view_skill", raise_exception=True)
def skill_page(request: HttpRequest, code: str) -> HttpResponse:
    """The figures of one skill, its months, postings, requirements, links and companions."""
    form = PeriodFilter(request.GET, selectors.choices())
    found = selectors.skill_page(request.user, code, window=form.window, scope=form.scope)
    if found is None:
        raise Http404(_("The lexicon has no such skill. It may have been renamed: look for it on the demand page."))
    series = {
        "label": _("Postings"),
        "values": [month.postings.value for month in found.months],
        "low": [month.postings.low for month in found.months],
        "high": [month.postings.high for month in found.months],
    }
    chinese = (get_language() or "").startswith("zh")
    gap = definitions("demand.skill.gap")
    context = {
        "form": form,
        "found": found,
        "skill": found.skill,
        "other_name": found.skill.name_en if chinese else found.skill.name_zh,
        "series": [series],
        "months": [f"{month.month:%Y-%m}" for month in found.months],
        "has_trend": any(month.postings.value for month in found.months),
        "definitions": definitions(
            "demand.skill.postings", "demand.skill.share", "demand.skill.growth", "demand.skill.headcount"
        ),
        "gap_definitions": gap,
        "gap": gap[0],
        "gap_parts": list(zip(_GAP_PARTS, found.gap_behind, strict=False)),
        "may_raise": request.user.has_perm("demand.raise_requirement"),
        "query": _posting_query(code, found.window),
    }
    return render(request, "demand/skill.html", context)


def _posting_query(code: str, window: Window) -> str:
    """The part of the posting list's address that leads to the postings of a skill."""
    return f"skill={code}&since={window.start:%Y-%m-%d}&until={window.end:%Y-%m-%d}"


@require_safe
@login_required
@permission_required("demand.view_skill", raise_exception=True)
def skill_suggestions(request: HttpRequest) -> HttpResponse:
    """Skills with a name that holds what is being typed, for the field that asks."""
    text = request.GET.get("skill", "")[:_LONGEST_NAME]
    chinese = (get_language() or "").startswith("zh")
    offers = [
        {"name": offer.skill.zh if chinese else offer.skill.en, "form": offer.form}
        for offer in extraction.names().complete(text)
    ]
    return render(request, "demand/skill_suggestions.html", {"offers": offers})
