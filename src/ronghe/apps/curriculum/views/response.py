"""The CRI of the community, a programme or an enterprise: the number, what costs it, what-if, and its history."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.community.models import Organisation, OrganisationKind
from ronghe.apps.curriculum import readings, response, services
from ronghe.apps.curriculum.forms import WhatIfForm
from ronghe.apps.curriculum.models import CriResult, PackageVersion, Programme, VersionState
from ronghe.apps.curriculum.selectors.index import IndexPage, Scope, index_page, requirement_lines
from ronghe.apps.curriculum.teaching import FULL_COVERAGE_HOURS
from ronghe.apps.curriculum.views.frame import deed, found_or_404
from ronghe.apps.metrics import registry
from ronghe.methods import cri

_SKILLS_SHOWN = 20
_BARS_SHOWN = 10
_REQUIREMENTS_SHOWN = 10
_DRAFTS_SHOWN = 8
FACTOR_LABELS = {
    "matching": gettext_lazy("Matching: skills taught at the level asked, in time"),
    "response": gettext_lazy("Response: how soon requirements are met"),
    "practice": gettext_lazy("Practice: share of practice hours asked for"),
}
PARAMETER_LABELS = {
    "matching_exponent": gettext_lazy("Weight of matching"),
    "response_exponent": gettext_lazy("Weight of response"),
    "practice_exponent": gettext_lazy("Weight of practice"),
    "lag_half_life_months": gettext_lazy("Half-life of lag, months"),
    "response_grace_days": gettext_lazy("Days of grace"),
    "response_half_life_days": gettext_lazy("Half-life of waiting, days"),
    "unstated_level": gettext_lazy("Skill level where none is stated"),
    "full_coverage_hours": gettext_lazy("Hours that cover a skill"),
    "practice_asked": gettext_lazy("Practice share asked for"),
    "months": gettext_lazy("Months of demand looked at"),
    "posting_half_life_days": gettext_lazy("Half-life of an advertisement, days"),
    "onset_share": gettext_lazy("Share of today's demand at which demand began"),
    "onset_window_months": gettext_lazy("Months over which demand is averaged"),
    "response_prior": gettext_lazy("Response assumed before any requirement"),
    "response_prior_weight": gettext_lazy("Weight of that assumption"),
    "version": gettext_lazy("Version of the definition"),
}
WARNING_LABELS = {
    "cri.enterprises_without_demand": gettext_lazy("Enterprises without demand have no index and are left out."),
    "cri.unstated_levels": gettext_lazy(
        "For most skills nobody states a level; there the level of the definition is taken as asked."
    ),
    "cri.few_enterprises": gettext_lazy("Few enterprises carry the index, so that one of them moves it far."),
    "cri.no_interval": gettext_lazy("Fewer than five enterprises carry no interval."),
    "cri.few_people": gettext_lazy("Some skills were asked of so few people lately that their lag is uncertain."),
    "cri.lag_at_least": gettext_lazy("Some skills were in demand when the record began; their lag is at least that."),
}


@require_safe
@login_required
@permission_required("curriculum.view_programme", raise_exception=True)
def community_page(request: HttpRequest) -> HttpResponse:
    """The community's index."""
    return _page(request, Scope(), _("Corporate Response Index"), "curriculum.cri")


@require_safe
@login_required
@permission_required("curriculum.view_programme", raise_exception=True)
def programme_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """How one programme answers what all enterprises ask for."""
    programme = found_or_404(Programme.objects.visible_to(request.user).filter(uid=uid).first())
    return _page(
        request, Scope(programme=programme.pk), programme.name, "curriculum.programme.cri", programme=programme
    )


@require_safe
@login_required
def enterprise_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """How the community answers what one enterprise asks for."""
    enterprise = get_object_or_404(Organisation, uid=uid, kind=OrganisationKind.ENTERPRISE)
    if not request.user.has_perm("curriculum.view_cri", enterprise):
        raise PermissionDenied(_("The index of an enterprise is open to it, to teachers and to the community office."))
    return _page(
        request, Scope(enterprise=enterprise.pk), enterprise.name, "curriculum.enterprise.cri", enterprise=enterprise
    )


def _page(
    request: HttpRequest,
    scope: Scope,
    title: str,
    metric: str,
    *,
    programme: Programme | None = None,
    enterprise: Organisation | None = None,
) -> HttpResponse:
    today = timezone.localdate()
    now = readings.current(today, scope.programme, actor=request.user)
    page = index_page(today, scope)
    context: dict[str, Any] = {
        "title": title,
        "scope": scope,
        "programme": programme,
        "enterprise": enterprise,
        "metric": registry.get(metric),
        "standing": now.standing,
        "again_url": reverse("curriculum:cri_again"),
        "again_fields": _names(programme, enterprise),
        "page": page,
        "frozen": CriResult.objects.visible_to(request.user).filter(
            programme=scope.programme, enterprise=scope.enterprise
        )[:8],
        "may_freeze": now.is_current and request.user.has_perm("curriculum.freeze_cri"),
    }
    if page is None:
        context["why"] = _why(now, scope)
        return render(request, "curriculum/cri.html", context)
    context |= {
        "form": WhatIfForm(),
        **_what_if(request, page),
        "factors": [
            {
                "label": FACTOR_LABELS[one.name],
                "value": one.value * 100,
                "exponent": one.exponent,
                "cost": one.cost,
            }
            for one in page.factors
        ],
        "costs": [{"label": line.skill.name, "value": line.cost, "href": line.skill.get_absolute_url()}
                  for line in page.skills[:_BARS_SHOWN] if line.cost > 0],
        "skills": [{"line": line, "share": line.share * 100, "coverage": line.coverage * 100,
                    "practice": line.practice * 100, "is_low": line.is_taught and line.level < line.level_asked}
                   for line in page.skills[:_SKILLS_SHOWN]],
        "skill_count": len(page.skills),
        "requirements": requirement_lines(request.user, page, _REQUIREMENTS_SHOWN),
        "drafts": _drafts(request, page),
        "days": [one for one, _value in page.history],
        "series": [{"label": _("CRI"), "values": [value for _one, value in page.history]}],
        "enterprises": _enterprise_rows(request, page),
        "parameters": [(PARAMETER_LABELS.get(name, name), value) for name, value in page.found.parameters.items()],
        "warnings": [str(WARNING_LABELS.get(one.code, one.text)) for one in page.result.explanation.warnings],
    }  # fmt: skip
    context["sensitivity"] = [
        {"label": PARAMETER_LABELS.get(row.parameter, row.parameter), "row": row} for row in page.sensitivity
    ]
    return render(request, "curriculum/cri.html", context)


def _names(programme: Programme | None, enterprise: Organisation | None) -> dict[str, Any]:
    """Whose index it is, as the forms of the page send it."""
    return {"programme": programme.uid} if programme else {"enterprise": enterprise.uid} if enterprise else {}


def _why(now: readings.Current, scope: Scope) -> str:
    """Why there is no index, in the reader's words; nothing where it is being computed."""
    if now.reading is None:
        return ""
    refused = now.reading.answer.refused
    if scope.enterprise is not None and refused is None:
        return _("This enterprise has no advertisement that was read and has raised no requirement.")
    if refused is not None and refused.code not in ("cri.no_data", "cri.no_weight", "cri.no_months"):
        return str(refused)
    return _(
        "No registered enterprise asks for a skill yet: import advertisements, or let enterprises raise requirements."
    )


def _what_if(request: HttpRequest, page: IndexPage) -> dict[str, Any]:
    """The answer to the change that the address names, if it names one."""
    if "skill" not in request.GET:
        return {}
    form = WhatIfForm(request.GET)
    if not form.is_valid():
        return {"form": form, "asks": True}
    data = form.cleaned_data
    at = page.found.skills.index(data["skill"].pk) if data["skill"].pk in page.found.skills else None
    if at is None:
        form.add_error("skill", _("No enterprise asks for this skill, so teaching it changes nothing."))
        return {"form": form, "asks": True}
    hours, practice = float(data["hours"]), float(data["practice_hours"])
    if not hours > 0 or practice > hours:
        form.add_error("hours", _("Give more than 0 hours, of which practice is a part."))
        return {"form": form, "asks": True}
    change = cri.SkillChange(
        at, coverage=min(1.0, hours / FULL_COVERAGE_HOURS), level=float(data["skill_level"]), practice=practice / hours
    )
    return {"form": form, "asks": True, "answer": cri.what_if(cri.WhatIf(page.result, [change])),
            "asked_skill": data["skill"]}  # fmt: skip


def _drafts(request: HttpRequest, page: IndexPage) -> list[dict[str, Any]]:
    """What releasing each version in work would change, the best first."""
    versions = (
        PackageVersion.objects.visible_to(request.user)
        .exclude(state=VersionState.RELEASED)
        .select_related("package__course__programme")
        .prefetch_related("units__declarations")
    )
    if page.scope.programme is not None:
        versions = versions.filter(package__course__programme=page.scope.programme)
    rows = []
    for version in versions[:_DRAFTS_SHOWN]:
        changes = response.changes_of_units(page.found, version.units.all(), version.package_id)
        rows.append({"version": version, "answer": cri.what_if(cri.WhatIf(page.result, changes))})
    return sorted(rows, key=lambda row: -row["answer"].gain)


def _enterprise_rows(request: HttpRequest, page: IndexPage) -> list[dict[str, Any]]:
    """Every enterprise's index, for those who may see all of them."""
    if not page.enterprises or not request.user.has_perm("curriculum.view_every_cri"):
        return []
    names = Organisation.objects.in_bulk([line.key for line in page.enterprises])
    return [
        {
            "label": names[line.key].name,
            "value": line.value,
            "low": line.low,
            "high": line.high,
            "href": reverse("curriculum:enterprise_cri", args=[names[line.key].uid]),
        }
        for line in page.enterprises
    ]


@require_POST
@login_required
@permission_required("curriculum.freeze_cri", raise_exception=True)
def freeze(request: HttpRequest) -> HttpResponse:
    """Keep the index as it is today."""
    programme, enterprise, back = _named(request)
    return deed(
        request,
        lambda: services.freeze_cri(actor=person(request), programme=programme, enterprise=enterprise),
        done=_("The index is kept as it is today, with all that it was computed with."),
        back=back,
    )


@require_POST
@login_required
@permission_required("curriculum.view_programme", raise_exception=True)
def again(request: HttpRequest) -> HttpResponse:
    """Compute an index once more whose task has failed."""
    programme, _enterprise, back = _named(request)
    key = programme.pk if programme else None
    readings.current(timezone.localdate(), key, actor=person(request), again=True)
    return redirect(back)


def _named(request: HttpRequest) -> tuple[Programme | None, Organisation | None, str]:
    """Whose index a form is about, and the page it was sent from."""
    programme = Programme.objects.filter(uid=_uuid(request.POST.get("programme"))).first()
    enterprise = Organisation.objects.filter(uid=_uuid(request.POST.get("enterprise"))).first()
    if programme is not None:
        return programme, None, reverse("curriculum:programme_cri", args=[programme.uid])
    if enterprise is not None:
        return None, enterprise, reverse("curriculum:enterprise_cri", args=[enterprise.uid])
    return None, None, reverse("curriculum:cri")


def _uuid(text: str | None) -> UUID:
    """The identifier in an address; one that nothing has where it is none."""
    try:
        return UUID(text or "")
    except ValueError:
        return UUID(int=0)


@require_safe
@login_required
@permission_required("curriculum.view_programme", raise_exception=True)
def frozen_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One kept result, exactly as it was."""
    kept = found_or_404(
        CriResult.objects.visible_to(request.user)
        .select_related("programme", "enterprise", "frozen_by")
        .filter(uid=uid)
        .first()
    )
    of = kept.programme or kept.enterprise
    context = {
        "kept": kept,
        "title": of.name if of else _("Corporate Response Index"),
        "facts": [
            (_("As of"), kept.as_of.isoformat()),
            (_("Method"), f"{kept.method}@{kept.method_version}"),
            (_("Hash of the inputs"), kept.inputs_hash),
            (_("Kept by"), str(kept.frozen_by) if kept.frozen_by else None),
        ],
        "parameters": [(PARAMETER_LABELS.get(name, name), value) for name, value in kept.parameters.items()],
        "factors": [
            {"label": FACTOR_LABELS.get(name, name), "value": value * 100, "exponent": exponent, "cost": cost}
            for name, value, exponent, cost in kept.result["factors"]
        ],
        "skills": kept.result["skills"][:_SKILLS_SHOWN],
    }
    return render(request, "curriculum/cri_result.html", context)
