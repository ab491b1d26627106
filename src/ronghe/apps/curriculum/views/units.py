"""Units of a draft: write, remove, and decide on the skills that their text suggests."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person, take_errors
from ronghe.apps.community.services.permission import demand
from ronghe.apps.curriculum import selectors, services
from ronghe.apps.curriculum.forms import RevisionForm, SuggestionForm, UnitForm, declaration_lines, unit_data
from ronghe.apps.curriculum.models import PackageVersion, Unit
from ronghe.apps.curriculum.suggestions import suggest
from ronghe.apps.curriculum.views.frame import deed, found_or_404
from ronghe.apps.demand.models import Skill
from ronghe.apps.ledger.revision import StaleRevision


def _writable(request: HttpRequest, version: PackageVersion) -> None:
    demand(person(request), "curriculum.edit_programme", version.package.course.programme)


def _form_page(
    request: HttpRequest, version: PackageVersion, form: UnitForm, lines: Any, unit: Unit | None, status: int
) -> HttpResponse:
    context = {
        "form": form,
        "lines": lines,
        "unit": unit,
        "version": version,
        "package": version.package,
        "back": version.get_absolute_url(),
        "changed": status == 409,
    }
    return render(request, "curriculum/unit_form.html", context, status=status)


def _write(request: HttpRequest, version: PackageVersion, unit: Unit | None) -> HttpResponse:
    _writable(request, version)
    programme = version.package.course.programme
    form = UnitForm(request.POST or None, programme=programme, unit=unit)
    lines = declaration_lines(request.POST or None, unit)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and lines.is_valid():
            try:
                written = services.write_unit(
                    actor=person(request),
                    version=version,
                    data=unit_data(form, lines),
                    unit=unit,
                    revision=form.cleaned_data["revision"],
                )
            except ValidationError as error:
                take_errors(form, error)
            except services.NotADraft as refused:
                form.add_error(None, str(refused))
            except StaleRevision as stale:
                status = 409
                form.data = {**form.data.dict(), "revision": str(stale.current.revision)}  # type: ignore[attr-defined]
            else:
                messages.success(request, _("The unit is saved."))
                if not lines.declared():
                    return redirect("curriculum:unit_suggestions", uid=written.uid)
                return redirect(f"{version.get_absolute_url()}#unit-{written.key}")
    return _form_page(request, version, form, lines, unit, status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def unit_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Write a new unit into a draft."""
    return _write(request, found_or_404(selectors.version_of(request.user, uid)), None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def unit_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change a unit of a draft."""
    unit = found_or_404(selectors.unit_of(request.user, uid))
    return _write(request, unit.version, unit)


@require_POST
@login_required
def unit_remove(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a unit out of a draft."""
    unit = found_or_404(selectors.unit_of(request.user, uid))
    form = RevisionForm(request.POST)
    revision = form.cleaned_data["revision"] if form.is_valid() else 0
    return deed(
        request,
        lambda: services.remove_unit(actor=person(request), unit=unit, revision=revision),
        done=_("The unit is taken out of the draft."),
        back=unit.version,
    )


def _suggestions(request: HttpRequest, unit: Unit, *, refused: SuggestionForm | None = None) -> HttpResponse:
    declared = list(unit.declarations.all())
    rows = [
        {
            "suggestion": one,
            "form": refused
            if refused and refused.data.get("skill") == one.skill.code
            else SuggestionForm(initial={"revision": unit.revision, "hours": None, "practice_hours": 0}),
        }
        for one in suggest(unit, selectors.decided_skills(unit))
    ]
    context = {
        "unit": unit,
        "version": unit.version,
        "package": unit.version.package,
        "rows": rows,
        "declared": declared,
        "free_hours": unit.hours - sum(one.hours for one in declared),
    }
    return render(request, "curriculum/suggestions.html", context, status=422 if refused else 200)


@require_safe
@login_required
def unit_suggestions(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The skills that a unit's own words suggest, each with its reason."""
    unit = found_or_404(selectors.unit_of(request.user, uid))
    _writable(request, unit.version)
    return _suggestions(request, unit)


@require_POST
@login_required
def unit_decide(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take or decline one suggested skill."""
    unit = found_or_404(selectors.unit_of(request.user, uid))
    _writable(request, unit.version)
    form = SuggestionForm(request.POST)
    offered = {one.skill.code: one for one in suggest(unit)}
    back = reverse("curriculum:unit_suggestions", args=[unit.uid])
    if not form.is_valid():
        return _suggestions(request, unit, refused=form)
    chosen = offered.get(form.cleaned_data["skill"])
    if chosen is None:
        messages.error(request, _("The text of the unit no longer suggests this skill."))
        return redirect(back)
    accepts: bool = form.cleaned_data["accept"]
    try:
        services.decide_suggestion(
            actor=person(request),
            unit=unit,
            revision=form.cleaned_data["revision"],
            skill=Skill.objects.get(pk=chosen.skill.key),
            is_accepted=accepts,
            reason=chosen.reason,
            score=chosen.score,
            skill_level=form.cleaned_data["skill_level"],
            hours=form.cleaned_data["hours"] or Decimal(0),
            practice_hours=form.cleaned_data["practice_hours"] or Decimal(0),
        )
    except ValidationError as error:
        take_errors(form, error)
        return _suggestions(request, unit, refused=form)
    except services.NotADraft as refused:
        messages.error(request, str(refused))
    except StaleRevision as stale:
        messages.error(request, str(stale))
    return redirect(back)
