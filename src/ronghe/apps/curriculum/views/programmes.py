"""Programmes, their courses and packages: list, page, and the small forms that found and change them."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
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
from ronghe.apps.curriculum.forms import CourseForm, PackageForm, ProgrammeEditForm, ProgrammeForm, RetireForm
from ronghe.apps.curriculum.models import Course
from ronghe.apps.curriculum.views.frame import deed, form_page, found_or_404
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Window

_DUE_SHOWN = 6
SHOWN = ("curriculum.cri", "curriculum.units.update_rate", "curriculum.units.due")


def _universities(request: HttpRequest) -> list[Organisation]:
    """The universities for which this person may found programmes."""
    if standing.holds(request.user, RoleKind.OFFICE):
        return list(community.universities())
    own = standing.organisations(request.user, RoleKind.TEACHER)
    return list(community.universities().filter(pk__in=own))


@require_safe
@login_required
@permission_required("curriculum.view_programme", raise_exception=True)
def overview(request: HttpRequest) -> HttpResponse:
    """The station: the index, how fresh teaching is, what is due, and all programmes."""
    today = timezone.localdate()
    window = Window(today, today)
    measured = {name: registry.measure_community(name, window) for name in SHOWN}
    may_see_due = request.user.has_perm("curriculum.view_due_units")
    due = selectors.due_units(request.user) if may_see_due else []
    context = {
        "programmes": selectors.programmes(request.user),
        "cri": measured["curriculum.cri"],
        "update_rate": measured["curriculum.units.update_rate"],
        "due_count": measured["curriculum.units.due"],
        "definitions": [registry.get(name) for name in SHOWN],
        "due": due[:_DUE_SHOWN],
        "may_see_due": may_see_due,
        "reviews": selectors.waiting_reviews(request.user),
        "may_found": bool(_universities(request)) and request.user.has_perm("curriculum.found_programme"),
    }
    return render(request, "curriculum/overview.html", context)


@require_safe
@login_required
@permission_required("curriculum.view_programme", raise_exception=True)
def programme_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One programme: its courses and packages, its index and how fresh it is."""
    found = found_or_404(selectors.programme_page(request.user, uid))
    today = timezone.localdate()
    window, key = Window(today, today), found.programme.pk
    names = ("curriculum.programme.cri", "curriculum.programme.update_rate")
    cri, rate = (registry.measure(name, [key], window)[key] for name in names)
    context = {
        "found": found,
        "programme": found.programme,
        "cri": cri,
        "update_rate": rate,
        "definitions": [registry.get(name) for name in names],
        "cohorts": found.programme.cohorts.select_related("academic_year"),
    }
    return render(request, "curriculum/programme.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("curriculum.found_programme", raise_exception=True)
def programme_new(request: HttpRequest) -> HttpResponse:
    """Record a programme."""
    return form_page(
        request,
        ProgrammeForm(request.POST or None, universities=_universities(request)),
        lambda data: services.found_programme(actor=person(request), **data),
        title=_("Record a programme"),
        submit=_("Record it"),
        back=reverse("curriculum:overview"),
        back_label=_("Curriculum"),
        done=_("The programme is recorded. Add its courses next."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def programme_edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change what a programme is called, or who follows it."""
    programme = found_or_404(selectors.programmes(request.user).filter(uid=uid).first())
    demand(person(request), "curriculum.edit_programme", programme)

    def act(data: dict[str, Any]) -> Any:
        return services.amend_programme(actor=person(request), programme=programme, **data)

    return form_page(
        request,
        ProgrammeEditForm(request.POST or None, programme=programme),
        act,
        title=_("Amend a programme"),
        submit=_("Save"),
        back=programme.get_absolute_url(),
        back_label=programme.name,
        done=_("The programme is amended."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def course_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Add a course to a programme."""
    programme = found_or_404(selectors.programmes(request.user).filter(uid=uid).first())
    demand(person(request), "curriculum.edit_programme", programme)

    def act(data: dict[str, Any]) -> None:
        services.add_course(actor=person(request), programme=programme, **data)

    return form_page(
        request,
        CourseForm(request.POST or None),
        act,
        title=_("Add a course"),
        submit=_("Add it"),
        back=programme.get_absolute_url(),
        back_label=programme.name,
        done=_("The course is added. Open a package of it to write units."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def package_new(request: HttpRequest, key: int) -> HttpResponse:
    """Open a package of a course."""
    course = get_object_or_404(Course.objects.visible_to(request.user).select_related("programme"), pk=key)
    demand(person(request), "curriculum.edit_programme", course.programme)
    return form_page(
        request,
        PackageForm(request.POST or None, initial={"name_zh": course.name_zh, "name_en": course.name_en}),
        lambda data: services.open_package(actor=person(request), course=course, **data),
        title=_("Open a course package"),
        submit=_("Open the package"),
        back=course.programme.get_absolute_url(),
        back_label=course.programme.name,
        lead=_("A package is renewed by releasing version after version; each released version stays as it is."),
        done=_("The package is open. Begin its first version."),
    )


@require_safe
@login_required
@permission_required("curriculum.view_programme", raise_exception=True)
def package_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One package: its versions, newest first."""
    found = found_or_404(selectors.package_page(request.user, uid))
    return render(
        request,
        "curriculum/package.html",
        {"found": found, "package": found.package, "retire_form": RetireForm(), "signs": VERSION_SIGNS},
    )


VERSION_SIGNS = {"draft": "none", "review": "progress", "released": "ok"}


@require_POST
@login_required
def package_start(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Begin the next version with the units of the last one."""
    found = found_or_404(selectors.package_page(request.user, uid))
    return deed(
        request,
        lambda: services.start_version(actor=person(request), package=found.package),
        done=_("The draft begins with the units of the last version. Change what is to be renewed."),
        back=found.package,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def package_retire(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say that a package is taught no more."""
    found = found_or_404(selectors.package_page(request.user, uid))
    demand(person(request), "curriculum.edit_programme", found.package.course.programme)
    return form_page(
        request,
        RetireForm(request.POST or None),
        lambda data: services.retire_package(actor=person(request), package=found.package, **data),
        title=_("Retire a package"),
        submit=_("Retire it"),
        back=found.package.get_absolute_url(),
        back_label=found.package.name,
        lead=_("From today on it no longer counts as taught. Its versions stay readable."),
        done=_("The package is retired."),
        danger=True,
    )
