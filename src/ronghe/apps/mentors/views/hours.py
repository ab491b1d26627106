"""Class hours: the list, a claim, what the other side decides."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.db.models import QuerySet, Sum
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, OrganisationKind, RoleKind
from ronghe.apps.demand.figures import shift_month
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.mentors import forms, selectors, services
from ronghe.apps.mentors.models import Appointment, ClassHour, HourState
from ronghe.apps.mentors.tables import HOURS, hours_table
from ronghe.apps.mentors.views.frame import found_or_404, sections

_A_PAGE = 30
_FORM = ["GET", "HEAD", "POST"]


def _filtered(request: HttpRequest) -> tuple[forms.HourFilter, QuerySet[ClassHour]]:
    form = forms.HourFilter(request.GET, states=HourState.choices)
    found = ClassHour.objects.visible_to(request.user).select_related("mentor", "organisation", "university")
    asked = form.cleaned_data if form.is_valid() else {}
    if asked.get("state"):
        found = found.filter(state=asked["state"])
    if month := asked.get("month"):
        found = found.filter(taught_on__gte=month, taught_on__lt=shift_month(month, 1))
    return form, found


@require_safe
@login_required
@permission_required("mentors.view_mentors", raise_exception=True)
def hour_list(request: HttpRequest) -> HttpResponse:
    """What this person may decide, and every claim that is open to them."""
    user = person(request)
    form, found = _filtered(request)
    page = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "sections": sections(user),
        "form": form,
        "page": page,
        "sum": found.filter(state=HourState.CONFIRMED).aggregate(of=Sum("class_hours"))["of"],
        "waiting": selectors.hours_waiting(user)[:_A_PAGE],
        "may_claim": user.has_perm("mentors.claim_hours"),
    }
    return render(request, "mentors/hours.html", context)


@require_safe
@login_required
@permission_required("mentors.view_mentors", raise_exception=True)
def export(request: HttpRequest, kind: str) -> FileResponse:
    """The list as a table, as filtered."""
    _form, found = _filtered(request)
    return table_response(hours_table(found.iterator(chunk_size=500)), HOURS, kind=kind, filename="class-hours")


@require_http_methods(_FORM)
@login_required
@permission_required("mentors.claim_hours", raise_exception=True)
def claim(request: HttpRequest) -> HttpResponse:
    """Claim hours: a mentor their own, a teacher those of a mentor who taught at the university."""
    user, today = person(request), timezone.localdate()
    taught = standing.organisations(user, RoleKind.TEACHER)
    held = Appointment.objects.known().filter(person=user)
    options: dict[str, Any] = {"universities": Organisation.objects.filter(pk__in=taught)}
    if held.exists():
        options["universities"] = Organisation.objects.filter(kind=OrganisationKind.UNIVERSITY)
        options["organisations"] = Organisation.objects.filter(pk__in=held.values("organisation"))
    if taught:
        options["mentors"] = selectors.mentors(user, today)
    initial = {"mentor": user} if held.exists() else {}

    def act(data: dict[str, Any]) -> ClassHour:
        mentor: Person = data.pop("mentor", None) or user
        return services.claim_hours(actor=user, mentor=mentor, **data)

    return form_page(
        request,
        forms.HoursForm(request.POST or None, initial=initial, **options),
        act,
        title=_("Claim class hours"),
        lead=_("The other side confirms them: the university what a mentor claims, the mentor what a teacher claims."),
        submit=_("Claim them"),
        back=reverse("mentors:hour_list"),
        back_label=_("Class hours"),
        done=_("The hours are claimed and wait for the other side."),
    )


def _hour(request: HttpRequest, uid: UUID) -> ClassHour:
    open_ = ClassHour.objects.visible_to(person(request)).select_related(
        "mentor", "organisation", "university", "cohort", "claimed_by", "decided_by", "standard", "benchmark"
    )
    return found_or_404(open_.filter(uid=uid).first())


@require_safe
@login_required
def hour_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One claim: what it says, who decided, and for those who may know the fee."""
    hour, user = _hour(request, uid), person(request)
    is_open = hour.state == HourState.CLAIMED
    sees_fee = user.pk == hour.mentor_id or standing.holds(user, RoleKind.OFFICE)
    context = {
        "hour": hour,
        "may_decide": is_open and user.has_perm("mentors.decide_hours", hour),
        "may_withdraw": is_open and user.has_perm("mentors.withdraw_hours", hour),
        "entries": hour.fee_entries.select_related("statement").order_by("pk") if sees_fee else [],
    }
    return render(request, "mentors/hour.html", context)


@require_POST
@login_required
def confirm(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm a claim."""
    hour = _hour(request, uid)
    return deed(
        request,
        lambda: services.confirm_hours(actor=person(request), hour=hour),
        done=_("The class hours are confirmed."),
        back=hour.get_absolute_url(),
    )


@require_http_methods(_FORM)
@login_required
def refuse(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Refuse a claim, with the reason."""
    hour = _hour(request, uid)
    return form_page(
        request,
        forms.ReasonForm(request.POST or None),
        lambda data: services.refuse_hours(actor=person(request), hour=hour, **data),
        title=_("Refuse “%(name)s”") % {"name": hour.subject},
        submit=_("Send it back"),
        back=hour.get_absolute_url(),
        back_label=hour.subject,
        done=_("The claim is refused; the other side reads your reason."),
        danger=True,
    )


@require_POST
@login_required
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take one's own claim back."""
    hour = _hour(request, uid)
    return deed(
        request,
        lambda: services.withdraw_hours(actor=person(request), hour=hour),
        done=_("The claim is withdrawn."),
        back=hour.get_absolute_url(),
    )
