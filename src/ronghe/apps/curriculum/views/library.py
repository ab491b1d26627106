"""Projects of industry and real cases: lists, pages, and breaking a project into units."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.community import selectors as community
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.curriculum import selectors, services
from ronghe.apps.curriculum.forms import BreakForm, CaseForm, PartForm, ProjectForm, RevisionForm
from ronghe.apps.curriculum.models import IndustryProject
from ronghe.apps.curriculum.views.frame import deed, form_page, found_or_404


def _enterprises(request: HttpRequest) -> list[Organisation]:
    """The enterprises whose projects and cases this person may put into the library."""
    if any(standing.holds(request.user, kind) for kind in (RoleKind.OFFICE, RoleKind.TEACHER)):
        return list(community.enterprises())
    own = standing.organisations(request.user, (RoleKind.ENTERPRISE_HR, RoleKind.MENTOR))
    return list(community.enterprises().filter(pk__in=own))


@require_safe
@login_required
@permission_required("curriculum.view_library", raise_exception=True)
def library(request: HttpRequest) -> HttpResponse:
    """All projects and cases, with how they are used."""
    today = timezone.localdate()
    context = {
        "projects": selectors.projects(request.user),
        "cases": [(case, case.is_current(today)) for case in selectors.cases(request.user)],
        "may_register": request.user.has_perm("curriculum.register_case"),
    }
    return render(request, "curriculum/library.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("curriculum.register_project", raise_exception=True)
def project_new(request: HttpRequest) -> HttpResponse:
    """Record a project of an enterprise."""
    return form_page(
        request,
        ProjectForm(request.POST or None, enterprises=_enterprises(request)),
        lambda data: services.register_project(actor=person(request), **data),
        title=_("Record a project of industry"),
        submit=_("Record it"),
        back=reverse("curriculum:library"),
        back_label=_("Library"),
        done=_("The project is recorded. Describe the parts of it that can be taught."),
    )


def _project(request: HttpRequest, uid: UUID) -> IndustryProject:
    return found_or_404(selectors.project_of(request.user, uid))


def _render_project(
    request: HttpRequest, project: IndustryProject, form: Any = None, status: int = 200
) -> HttpResponse:
    drafts = selectors.drafts(request.user)
    units = selectors.units_made_from(request.user, source_part__project=project)
    made: dict[int, list[Any]] = {}
    for unit in units:
        made.setdefault(unit.source_part_id or 0, []).append(unit)
    context = {
        "project": project,
        "parts": [(part, made.get(part.pk, [])) for part in project.parts.all()],
        "drafts": drafts,
        "form": form or BreakForm(project=project, drafts=drafts),
        "may_change": request.user.has_perm("curriculum.change_project", project),
        "may_break": bool(drafts) and bool(project.parts.all()),
    }
    return render(request, "curriculum/project.html", context, status=status)


@require_safe
@login_required
@permission_required("curriculum.view_library", raise_exception=True)
def project_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One project, its parts, and the units made from each."""
    return _render_project(request, _project(request, uid))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def part_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Describe a part of a project."""
    project = _project(request, uid)
    demand(person(request), "curriculum.change_project", project)

    def act(data: dict[str, Any]) -> None:
        services.add_part(actor=person(request), project=project, **data)

    return form_page(
        request,
        PartForm(request.POST or None),
        act,
        title=_("Describe a part of the project"),
        submit=_("Add it"),
        back=project.get_absolute_url(),
        back_label=project.name,
        done=_("The part is added."),
    )


@require_POST
@login_required
@permission_required("curriculum.view_library", raise_exception=True)
def project_break(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Make units of a draft from parts of a project."""
    project = _project(request, uid)
    drafts = selectors.drafts(request.user)
    form = BreakForm(request.POST, project=project, drafts=drafts)
    if not form.is_valid():
        return _render_project(request, project, form, 422)
    version = next(one for one in drafts if str(one.uid) == form.cleaned_data["version"])
    return deed(
        request,
        lambda: services.break_project(
            actor=person(request),
            version=version,
            parts=form.cleaned_data["parts"],
            hours=form.cleaned_data["hours"],
        ),
        done=_("Each part is a unit of the draft now. Declare the skills that each one teaches."),
        back=version,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("curriculum.register_case", raise_exception=True)
def case_new(request: HttpRequest) -> HttpResponse:
    """Put a real case into the library."""
    return form_page(
        request,
        CaseForm(request.POST or None, enterprises=_enterprises(request)),
        lambda data: services.register_case(actor=person(request), **data),
        title=_("Add a real case"),
        submit=_("Add it"),
        back=reverse("curriculum:library"),
        back_label=_("Library"),
        done=_("The case is in the library."),
    )


@require_safe
@login_required
@permission_required("curriculum.view_library", raise_exception=True)
def case_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One case: licence, currency, and where it is taught."""
    case = found_or_404(selectors.case_of(request.user, uid))
    context = {
        "case": case,
        "is_current": case.is_current(timezone.localdate()),
        "units": selectors.units_made_from(request.user, source_case=case),
        "may_change": request.user.has_perm("curriculum.change_case", case),
        "facts": [
            (_("Enterprise"), case.organisation.name),
            (_("Licence"), case.get_licence_display()),
            (_("Terms"), case.terms or None),
            (_("Happened on"), case.happened_on.isoformat()),
            (_("Last checked on"), case.checked_on.isoformat()),
        ],
    }
    return render(request, "curriculum/case.html", context)


@require_POST
@login_required
def case_check(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say that a case still holds."""
    case = found_or_404(selectors.case_of(request.user, uid))
    form = RevisionForm(request.POST)
    revision = form.cleaned_data["revision"] if form.is_valid() else 0
    return deed(
        request,
        lambda: services.check_case(actor=person(request), case=case, revision=revision),
        done=_("The case counts as checked today."),
        back=case,
    )
