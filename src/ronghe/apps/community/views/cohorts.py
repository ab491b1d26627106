"""Academic years, cohorts and their rosters: list, page, open, enrol, transfer, leave, download."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import selectors, services
from ronghe.apps.community.forms import (
    CohortEditForm,
    CohortForm,
    DayField,
    DepartureForm,
    EndForm,
    TransferForm,
    YearForm,
)
from ronghe.apps.community.imports import ROSTER
from ronghe.apps.community.models import AcademicYear, Cohort, CohortMembership
from ronghe.apps.community.services.cohorts import COHORT_AMENDABLE
from ronghe.apps.community.views.frame import chosen_day, edit_page, form_page, signed_in
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.metrics.registry import measure, measure_community


class EnrolForm(forms.Form):
    """One student; a whole roster comes by file."""

    name = forms.CharField(label=gettext_lazy("Full name"), max_length=80)
    email = forms.EmailField(label=gettext_lazy("E-mail"))
    student_number = forms.CharField(label=gettext_lazy("Student number"), max_length=30, required=False)
    valid_from = DayField(label=gettext_lazy("Enrolled from"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        person = Person.objects.filter(email=str(data.get("email", "")).lower()).first()
        if person is not None and person.name != data.get("name"):
            self.add_error("email", _("This address belongs to %(name)s.") % {"name": person.name})
        data["person"] = person
        return data


@require_safe
@login_required
@permission_required("community.view_cohort", raise_exception=True)
def cohort_list(request: HttpRequest) -> HttpResponse:
    """Cohorts by academic year, with planned intake and enrolment on a day."""
    day, form = chosen_day(request)
    years = list(AcademicYear.objects.order_by("-starts_on"))
    asked = request.GET.get("year", "")
    year = next((one for one in years if one.label == asked), None)
    found = selectors.cohorts(year=year.pk if year else None, on=day)
    page = Paginator(found.visible_to(request.user), 25).get_page(request.GET.get("page"))  # type: ignore[attr-defined]
    here = reverse("community:cohort_list")
    tabs = [{"label": _("All years"), "url": here, "current": year is None}]
    tabs += [{"label": one.label, "url": f"{here}?year={one.label}", "current": one == year} for one in years]
    measured = measure("community.cohort.enrolled", [cohort.pk for cohort in page.object_list], Window(day, day))
    return render(
        request,
        "community/cohort_list.html",
        {
            "page": page,
            "rows": [(cohort, measured[cohort.pk]) for cohort in page.object_list],
            "tabs": tabs,
            "years": years,
            "form": form,
            "day": day,
            "enrolled": measure_community("community.students.enrolled", Window(day, day)),
            "may_open": request.user.has_perm("community.open_cohort"),
        },
    )


def _cohort(request: HttpRequest, key: int) -> Cohort:
    found = Cohort.objects.visible_to(request.user).select_related("organisation", "academic_year")
    return get_object_or_404(found, pk=key)


@require_safe
@login_required
@permission_required("community.view_cohort", raise_exception=True)
def cohort_page(request: HttpRequest, key: int) -> HttpResponse:
    """One cohort on a day; its roster for the office and the teachers of its university."""
    cohort = _cohort(request, key)
    day, form = chosen_day(request)
    may_see = request.user.has_perm("community.view_roster", cohort)
    page = None
    if may_see:
        page = Paginator(selectors.roster(cohort, day), 40).get_page(request.GET.get("page"))
        accounts.note_looks(
            viewer=signed_in(request),
            people=[membership.person for membership in page.object_list],
            page="community:cohort",
        )
    return render(
        request,
        "community/cohort.html",
        {
            "cohort": cohort,
            "day": day,
            "form": form,
            "page": page,
            "may_see": may_see,
            "measurement": measure("community.cohort.enrolled", [cohort.pk], Window(day, day))[cohort.pk],
            "may_enrol": request.user.has_perm("community.enrol", cohort),
        },
    )


@require_safe
@login_required
def roster_export(request: HttpRequest, key: int, kind: str) -> HttpResponseBase:
    """The roster on a day as a file that the import reads back."""
    cohort = _cohort(request, key)
    if not request.user.has_perm("community.view_roster", cohort):
        raise PermissionDenied(_("Only the office and the teachers of this university may see the roster."))
    day, _form = chosen_day(request)
    rows = list(selectors.roster(cohort, day))
    accounts.note_looks(
        viewer=signed_in(request),
        people=[row.person for row in rows],
        page="community:roster_export",
    )
    records = (
        {
            "student_number": row.student_number,
            "name": row.person.name,
            "email": row.person.email,
            "valid_from": row.valid_from,
        }
        for row in rows
    )
    return table_response(records, ROSTER, kind=kind, filename=f"roster-{cohort.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.open_year", raise_exception=True)
def year_new(request: HttpRequest) -> HttpResponse:
    """Open an academic year."""

    def act(data: dict[str, Any]) -> str:
        year = services.open_academic_year(actor=signed_in(request), **data)
        return _("The academic year %(year)s is open.") % {"year": year.label}

    return form_page(
        request,
        YearForm(request.POST or None),
        act,
        title=_("Open an academic year"),
        submit=_("Open the year"),
        back=reverse("community:cohort_list"),
        back_label=_("Cohorts"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.open_cohort", raise_exception=True)
def cohort_new(request: HttpRequest) -> HttpResponse:
    """Open a cohort."""

    def act(data: dict[str, Any]) -> str:
        cohort = services.open_cohort(actor=signed_in(request), **data)
        return _("The cohort “%(name)s” is open. Import its roster next.") % {"name": cohort.name}

    return form_page(
        request,
        CohortForm(request.POST or None),
        act,
        title=_("Open a cohort"),
        lead="" if AcademicYear.objects.exists() else _("Open an academic year first."),
        submit=_("Open the cohort"),
        back=reverse("community:cohort_list"),
        back_label=_("Cohorts"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def student_enrol(request: HttpRequest, key: int) -> HttpResponse:
    """Enrol one student."""
    cohort = _cohort(request, key)
    _demand_enrol(request, cohort)

    def act(data: dict[str, Any]) -> str:
        with transaction.atomic():
            person = data["person"] or accounts.add_person(
                actor=signed_in(request),
                email=data["email"].lower(),
                name=data["name"],
            )
            services.enrol(
                actor=signed_in(request),
                cohort=cohort,
                person=person,
                student_number=data["student_number"],
                valid_from=data["valid_from"],
            )
        return _("%(name)s is enrolled.") % {"name": person.name}

    return form_page(
        request,
        EnrolForm(request.POST or None, initial={"valid_from": cohort.academic_year.starts_on}),
        act,
        title=_("Enrol a student"),
        submit=_("Enrol"),
        back=cohort.get_absolute_url(),
        back_label=cohort.name,
    )


def _demand_enrol(request: HttpRequest, cohort: Cohort) -> None:
    if not request.user.has_perm("community.enrol", cohort):
        raise PermissionDenied(_("Only the community office enrols students."))


def _membership(key: int) -> CohortMembership:
    known = CohortMembership.objects.known().select_related("cohort__organisation", "person")
    return get_object_or_404(known, pk=key)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.enrol", raise_exception=True)
def student_transfer(request: HttpRequest, key: int) -> HttpResponse:
    """Move a student to another cohort of the university."""
    membership = _membership(key)

    def act(data: dict[str, Any]) -> str:
        services.transfer(actor=signed_in(request), membership=membership, **data)
        return _("%(name)s is transferred.") % {"name": membership.person.name}

    return form_page(
        request,
        TransferForm(request.POST or None, cohort=membership.cohort),
        act,
        title=_("Transfer %(name)s") % {"name": membership.person.name},
        submit=_("Transfer"),
        back=membership.cohort.get_absolute_url(),
        back_label=membership.cohort.name,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.enrol", raise_exception=True)
def student_leave(request: HttpRequest, key: int) -> HttpResponse:
    """End an enrolment."""
    membership = _membership(key)

    def act(data: dict[str, Any]) -> str:
        services.leave_cohort(actor=signed_in(request), membership=membership, **data)
        return _("The enrolment ends on the day you chose.")

    return form_page(
        request,
        DepartureForm(request.POST or None),
        act,
        title=_("%(name)s leaves the cohort") % {"name": membership.person.name},
        submit=_("End the enrolment"),
        back=membership.cohort.get_absolute_url(),
        back_label=membership.cohort.name,
        danger=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def cohort_graduate(request: HttpRequest, key: int) -> HttpResponse:
    """Say that everyone who is in a cohort graduates."""
    cohort = _cohort(request, key)
    _demand_enrol(request, cohort)

    def act(data: dict[str, Any]) -> str:
        number = services.graduate(actor=signed_in(request), cohort=cohort, **data)
        return ngettext("%(number)s student graduated.", "%(number)s students graduated.", number) % {"number": number}

    return form_page(
        request,
        EndForm(request.POST or None),
        act,
        title=_("%(name)s graduates") % {"name": cohort.name},
        lead=_(
            "Everyone who is in the cohort on the day before. Set an end first for whoever leaves without a degree."
        ),
        submit=_("They graduate"),
        back=cohort.get_absolute_url(),
        back_label=cohort.name,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.amend_cohort", raise_exception=True)
def cohort_edit(request: HttpRequest, key: int) -> HttpResponse:
    """Amend a cohort; whoever saves second is shown both versions."""
    cohort = get_object_or_404(Cohort.objects.select_related("organisation"), pk=key)
    initial = {name: getattr(cohort, name) for name in (*COHORT_AMENDABLE, "revision")}

    def save(revision: int, changes: dict[str, Any]) -> object:
        return services.amend_cohort(
            actor=signed_in(request), cohort=cohort, expected_revision=revision, changes=changes
        )

    return edit_page(
        request,
        CohortEditForm(request.POST or None, initial=initial),
        save,
        title=_("Amend “%(name)s”") % {"name": cohort.name},
        back=cohort.get_absolute_url(),
        back_label=cohort.name,
        draft=f"cohort-{cohort.pk}-{cohort.revision}",
    )
