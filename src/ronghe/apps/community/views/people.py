"""People and their roles, for the community office: list, page, add, appoint, end, download."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.pages import take_errors
from ronghe.apps.community import selectors, services
from ronghe.apps.community.forms import AppointForm, EndForm, NewPersonForm, PersonFilter
from ronghe.apps.community.imports import PEOPLE
from ronghe.apps.community.models import Role
from ronghe.apps.community.views.frame import form_page, signed_in
from ronghe.apps.jobs.exports import table_response


def _filtered(form: PersonFilter) -> Any:
    asked = form.cleaned_data if form.is_valid() else {}
    return selectors.people(text=asked.get("text", ""), kind=asked.get("kind", ""))


@require_safe
@login_required
@permission_required("community.view_people", raise_exception=True)
def person_list(request: HttpRequest) -> HttpResponse:
    """Everyone, by name, pinyin, address and role held today."""
    form = PersonFilter(request.GET or None)
    page = Paginator(_filtered(form), 25).get_page(request.GET.get("page"))
    rows = selectors.people_rows(page.object_list)
    accounts.note_looks(viewer=signed_in(request), people=page.object_list, page="community:person_list")
    return render(
        request,
        "community/person_list.html",
        {"form": form, "page": page, "rows": rows, "query": request.GET.urlencode()},
    )


@require_safe
@login_required
@permission_required("community.view_people", raise_exception=True)
def person_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The roles held today by the people of the filter, as a file that the import reads back."""
    people = _filtered(PersonFilter(request.GET or None))
    roles = (
        Role.objects.on(timezone.localdate())
        .filter(person__in=people.order_by().values("pk"))
        .select_related("person", "organisation")
        .order_by("person__name_latin", "pk")
    )
    accounts.note_looks(
        viewer=signed_in(request),
        people=Person.objects.filter(pk__in=roles.order_by().values("person")),
        page="community:person_export",
    )
    records = (
        {
            "name": role.person.name,
            "email": role.person.email,
            "role": role.kind,
            "organisation": role.organisation.registration_number or role.organisation.name_zh,
            "valid_from": role.valid_from,
            "valid_until": role.valid_until,
        }
        for role in roles.iterator(chunk_size=500)
    )
    return table_response(records, PEOPLE, kind=kind, filename="people")


def _person(uid: str) -> Person:
    return get_object_or_404(Person, uid=uid, erased_at__isnull=True)


@require_safe
@login_required
@permission_required("community.view_people", raise_exception=True)
def person_page(request: HttpRequest, uid: str) -> HttpResponse:
    """One person's roles, past and future ones too."""
    person = _person(uid)
    accounts.note_look(viewer=signed_in(request), person=person, page="community:person")
    today = timezone.localdate()
    roles = list(selectors.role_history(person))
    return render(
        request,
        "community/person.html",
        {
            "person": person,
            "roles": [(role, _standing(role, today)) for role in roles],
            "may_appoint": request.user.has_perm("community.appoint"),
        },
    )


def _standing(role: Role, today: Any) -> str:
    if role.valid_from > today:
        return "none"
    return "ok" if role.holds_on(today) else "past"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.appoint", raise_exception=True)
def person_new(request: HttpRequest) -> HttpResponse:
    """Add a person with a first role."""
    person_form = NewPersonForm(request.POST or None)
    role_form = AppointForm(request.POST or None)
    if request.method == "POST" and person_form.is_valid() and role_form.is_valid():
        email = person_form.cleaned_data["email"].lower()
        if Person.objects.filter(email=email).exists():
            person_form.add_error("email", _("Somebody with this address is known already; find them in the list."))
        else:
            try:
                with transaction.atomic():
                    person = accounts.add_person(
                        actor=signed_in(request),
                        email=email,
                        name=person_form.cleaned_data["name"],
                    )
                    services.appoint(actor=signed_in(request), person=person, **role_form.cleaned_data)
            except ValidationError as error:
                take_errors(role_form, error)
            else:
                return redirect("community:person", person.uid)
    wrong = bool(person_form.errors or role_form.errors)
    return render(
        request,
        "community/person_new.html",
        {"person_form": person_form, "role_form": role_form},
        status=422 if wrong else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.appoint", raise_exception=True)
def role_new(request: HttpRequest, uid: str) -> HttpResponse:
    """Give a person another role."""
    person = _person(uid)

    def act(data: dict[str, Any]) -> str:
        role = services.appoint(actor=signed_in(request), person=person, **data)
        return _("%(person)s is now %(role)s.") % {"person": person.name, "role": role.get_kind_display()}

    return form_page(
        request,
        AppointForm(request.POST or None),
        act,
        title=_("Give %(name)s a role") % {"name": person.name},
        submit=_("Give the role"),
        back=reverse("community:person", args=[person.uid]),
        back_label=person.name,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.appoint", raise_exception=True)
def role_end(request: HttpRequest, key: int) -> HttpResponse:
    """End a role."""
    role = get_object_or_404(Role.objects.known().select_related("person", "organisation"), pk=key)

    def act(data: dict[str, Any]) -> str:
        services.end_role(actor=signed_in(request), role=role, **data)
        return _("The role ends on the day you chose.")

    return form_page(
        request,
        EndForm(request.POST or None),
        act,
        title=_("End the role “%(role)s” of %(name)s") % {"role": role.get_kind_display(), "name": role.person.name},
        lead=role.organisation.name,
        submit=_("End the role"),
        back=reverse("community:person", args=[role.person.uid]),
        back_label=role.person.name,
        danger=True,
    )
