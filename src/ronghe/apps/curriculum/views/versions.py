"""One version of a package: its units, the way through review to release, and what it changed."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person, take_errors
from ronghe.apps.curriculum import readings, response, selectors, services
from ronghe.apps.curriculum.forms import ReleaseForm, ReviewForm, RevisionForm, SummaryForm
from ronghe.apps.curriculum.models import Side, UnitChange, VersionState
from ronghe.apps.curriculum.selectors import VersionPage
from ronghe.apps.curriculum.views.frame import deed, found_or_404
from ronghe.apps.curriculum.views.programmes import VERSION_SIGNS
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.metrics import registry

CHANGE_SIGNS = {
    "unchanged": "none", "reworded": "none", "adjusted": "progress", "split": "none", "merged": "none",
    "replaced": "ok", "added": "ok",
}  # fmt: skip


def _page(request: HttpRequest, uid: UUID) -> VersionPage:
    return found_or_404(selectors.version_page(request.user, uid))


def _gain(request: HttpRequest, found: VersionPage) -> Any:
    """What releasing the version would change of the programme's index; None where there is none or nothing to say."""
    if found.version.is_released or not found.units:
        return None
    programme = found.package.course.programme.pk
    base = readings.current(timezone.localdate(), programme, actor=person(request)).found
    return response.answer_of_draft(base, found.version) if base else None


def _render(request: HttpRequest, found: VersionPage, *, status: int = 200, **forms: Any) -> HttpResponse:
    version = found.version
    revision = {"revision": version.revision}
    steps = [
        {"label": _("Draft"), "state": "done" if version.state != VersionState.DRAFT else "current"},
        *(
            {
                "label": str(side.label),
                "state": "done" if version.is_released or side in found.approved else "todo",
                "note": str(found.approved[side].reviewer) if side in found.approved else "",
            }
            for side in Side
        ),
        {"label": _("Released"), "state": "done" if version.is_released else "todo"},
    ]
    context = {
        "found": found,
        "version": version,
        "package": found.package,
        "programme": found.package.course.programme,
        "sign": VERSION_SIGNS[version.state],
        "steps": steps,
        "gain": _gain(request, found) if found.may_edit or found.may_review else None,
        "is_draft": version.state == VersionState.DRAFT,
        "is_in_review": version.state == VersionState.REVIEW,
        "is_complete": len(found.approved) == len(Side),
        "may_write": found.may_edit and version.state == VersionState.DRAFT,
        "summary_form": SummaryForm(initial={**revision, "summary": version.summary}),
        "review_form": ReviewForm(initial=revision),
        "release_form": ReleaseForm(initial=revision, may_backdate=found.may_backdate),
        "units": [(unit, CHANGE_SIGNS.get(unit.change, "none")) for unit in found.units],
        **forms,
    }
    return render(request, "curriculum/version.html", context, status=status)


@require_safe
@login_required
@permission_required("curriculum.view_programme", raise_exception=True)
def version_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One version with its units, what they declare, and where it stands."""
    return _render(request, _page(request, uid))


@require_POST
@login_required
def version_summary(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say what is new in a draft."""
    found = _page(request, uid)
    form = SummaryForm(request.POST)
    if not form.is_valid():
        return _render(request, found, status=422, summary_form=form)
    try:
        services.summarise_version(actor=person(request), version=found.version, **form.cleaned_data)
    except StaleRevision as stale:
        form.data = {**form.data.dict(), "revision": str(stale.current.revision)}  # type: ignore[attr-defined]
        form.add_error(None, str(stale))
        return _render(request, found, status=409, summary_form=form)
    except services.NotADraft as refused:
        form.add_error(None, str(refused))
        return _render(request, found, status=422, summary_form=form)
    return redirect(found.version)


def _revision(request: HttpRequest, fallback: int) -> int:
    form = RevisionForm(request.POST)
    return form.cleaned_data["revision"] if form.is_valid() else fallback - 1


@require_POST
@login_required
def version_submit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Send a draft to review."""
    version = _page(request, uid).version
    seen = _revision(request, version.revision)
    return deed(
        request,
        lambda: services.submit_version(actor=person(request), version=version, revision=seen),
        done=_("The version is under review. A teacher and an enterprise mentor approve it now."),
        back=version,
    )


@require_POST
@login_required
def version_recall(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a version back from review."""
    version = _page(request, uid).version
    seen = _revision(request, version.revision)
    return deed(
        request,
        lambda: services.recall_version(actor=person(request), version=version, revision=seen),
        done=_("The version is a draft again."),
        back=version,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def version_review(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say what a reviewer thinks."""
    found = _page(request, uid)
    if request.method != "POST":
        return redirect(f"{found.version.get_absolute_url()}#review")
    form = ReviewForm(request.POST)
    status = 422
    if form.is_valid():
        try:
            services.review_version(actor=person(request), version=found.version, **form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        except StaleRevision as stale:
            status = 409
            form.data = {**form.data.dict(), "revision": str(stale.current.revision)}  # type: ignore[attr-defined]
            form.add_error(None, _("The version was changed meanwhile. Read it again before you decide."))
        except services.NotUnderReview as refused:
            form.add_error(None, str(refused))
        else:
            return redirect(found.version)
    elif not found.may_review:
        raise PermissionDenied(_("Teachers of the university and mentors of enterprises review its packages."))
    return _render(request, _page(request, uid), status=status, review_form=form, shows_review=True)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def version_release(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Release a version that both sides approved."""
    found = _page(request, uid)
    if request.method != "POST":
        return redirect(found.version)
    form = ReleaseForm(request.POST, may_backdate=found.may_backdate)
    if form.is_valid():
        try:
            services.release_version(actor=person(request), version=found.version, **form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        except StaleRevision as stale:
            form.add_error(None, str(stale))
        except services.NotUnderReview as refused:
            form.add_error(None, str(refused))
        else:
            return redirect("curriculum:version_diff", uid=found.version.uid)
    elif not found.may_edit:
        raise PermissionDenied(_("Only the university and the community office release its packages."))
    return _render(request, found, status=422, release_form=form)


@require_POST
@login_required
def version_discard(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Throw a draft away."""
    version = _page(request, uid).version
    return deed(
        request,
        lambda: services.discard_version(actor=person(request), version=version),
        done=_("The draft is discarded; the released versions stay as they are."),
        back=version.package,
    )


@require_POST
@login_required
def version_arrange(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Move one unit of a draft up or down."""
    found = _page(request, uid)
    order = [unit.key for unit in found.units]
    moved, step = request.POST.get("unit", ""), -1 if request.POST.get("way") == "up" else 1
    at = next((number for number, key in enumerate(order) if str(key) == moved), None)
    if at is not None and 0 <= at + step < len(order):
        order[at], order[at + step] = order[at + step], order[at]
    return deed(
        request,
        lambda: services.arrange_units(actor=person(request), version=found.version, order=order),
        done=_("The order is saved."),
        back=found.version,
    )


@require_safe
@login_required
@permission_required("curriculum.view_programme", raise_exception=True)
def version_diff(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What a version replaced, unit by unit, against the one before it or another one asked for."""
    version = found_or_404(selectors.version_of(request.user, uid))
    others = [one for one in selectors.package_page(request.user, version.package.uid).versions if one != version]  # type: ignore[union-attr]
    wanted = request.GET.get("against", "")
    before = next((one for one in others if str(one.number) == wanted), None)
    found = selectors.version_diff(version, before)
    names = {one.skill.code: one.skill.name for unit in [*found.units.values(), *found.old_units.values()]
             for one in unit.declarations.all()}  # fmt: skip
    rows = []
    for change in found.found.units:
        unit = found.units[change.key]
        old = found.old_units.get(change.key) or next((found.old_units[key] for key in change.origins), None)
        rows.append(
            {
                "unit": unit,
                "old": old,
                "change": change,
                "label": UnitChange(change.kind.value).label,
                "sign": CHANGE_SIGNS[change.kind.value],
                "origins": [found.old_units[key].name for key in change.origins if key != change.key],
                "gained": [(names.get(code, code), level) for code, level in change.gained],
                "lost": [(names.get(code, code), level) for code, level in change.lost],
                "novelty": change.novelty * 100,
            }
        )
    context = {
        "version": version,
        "package": version.package,
        "before": found.before,
        "others": [(one, reverse("curriculum:version_diff", args=[version.uid]) + f"?against={one.number}")
                   for one in others],
        "rows": rows,
        "removed": [found.old_units[key] for key in found.found.removed],
        "found": found.found,
        "replaced_share": None if found.found.replaced_share is None else found.found.replaced_share * 100,
        "content_share": None if found.found.content_share is None else found.found.content_share * 100,
        "definition": registry.get("curriculum.units.update_rate"),
    }  # fmt: skip
    return render(request, "curriculum/diff.html", context)
