"""Dual-teacher training: the list, plans with their stays, certificates, satisfaction."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, OrganisationKind, RoleKind
from ronghe.apps.community.services.permission import demand
from ronghe.apps.mentors import forms, selectors, services
from ronghe.apps.mentors.models import Certification, PlanState, Stay, StayState, TrainingPlan
from ronghe.apps.mentors.views.frame import found_or_404, sections
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Window

_A_PAGE = 30
_FORM = ["GET", "HEAD", "POST"]
_FIGURES = (
    "mentors.teachers.trained",
    "mentors.teachers.certified_share",
    "mentors.teachers.renewals_due",
    "mentors.teachers.satisfied_share",
)


@require_safe
@login_required
@permission_required("mentors.view_teachers", raise_exception=True)
def overview(request: HttpRequest) -> HttpResponse:
    """Plans and certificates that are open to this person, with one's own standing first."""
    user, today = person(request), timezone.localdate()
    plans = TrainingPlan.objects.visible_to(user).select_related("teacher", "university", "host")
    page = Paginator(plans, _A_PAGE).get_page(request.GET.get("page"))
    listed = list(page.object_list)
    done = selectors.plan_days([plan.pk for plan in listed])
    is_teacher = standing.holds(user, RoleKind.TEACHER)
    window = Window(today.replace(month=1, day=1), today)
    certificates = {
        one.plan_id: one for one in Certification.objects.visible_to(user).filter(plan__in=[one.pk for one in listed])
    }
    context = {
        "status": selectors.teacher_status(user, today) if is_teacher else None,
        "page": page,
        "rows": [(plan, done[plan.pk], certificates.get(plan.pk)) for plan in listed],
        "stays": selectors.stays_waiting(user)[:_A_PAGE],
        "due": selectors.renewals_due(today)[:_A_PAGE] if user.has_perm("mentors.certify") else [],
        "may_plan": user.has_perm("mentors.plan_training"),
        "figures": [(registry.get(name), registry.measure_community(name, window)) for name in _FIGURES],
        "definitions": [registry.get(name) for name in _FIGURES],
        "sections": sections(user),
        "today": today,
    }
    return render(request, "mentors/teachers.html", context)


def _universities(request: HttpRequest) -> QuerySet[Organisation]:
    if standing.holds(request.user, RoleKind.OFFICE):
        return Organisation.objects.filter(kind=OrganisationKind.UNIVERSITY)
    return Organisation.objects.filter(pk__in=standing.organisations(request.user, RoleKind.TEACHER))


@require_http_methods(_FORM)
@login_required
@permission_required("mentors.plan_training", raise_exception=True)
def plan_new(request: HttpRequest) -> HttpResponse:
    """Plan training: the office for a teacher, a teacher for themselves."""
    user = person(request)
    is_office = standing.holds(user, RoleKind.OFFICE)

    def act(data: dict[str, Any]) -> TrainingPlan:
        teacher: Person = data.pop("teacher", None) or user
        return services.plan_training(actor=user, teacher=teacher, **data)

    universities = _universities(request)
    keys = universities.values_list("pk", flat=True) if is_office else ()
    people = selectors.people_of(keys, timezone.localdate(), kinds=[RoleKind.TEACHER])
    return form_page(
        request,
        forms.PlanForm(request.POST or None, universities=universities, by_email=is_office),
        act,
        title=_("Plan dual-teacher training"),
        lead=_("With the planned days confirmed by the host firm the teacher counts as trained."),
        submit=_("Plan it"),
        back=reverse("mentors:teachers"),
        back_label=_("Dual-teacher training"),
        done=_("The training is planned."),
        template="mentors/choose_person.html",
        more={"people": people},
    )


def _plan(request: HttpRequest, uid: UUID) -> TrainingPlan:
    open_ = TrainingPlan.objects.visible_to(person(request)).select_related("teacher", "university", "host")
    return found_or_404(open_.filter(uid=uid).first())


@require_safe
@login_required
def plan_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A plan: aims, days, stays, certificate."""
    plan, user = _plan(request, uid), person(request)
    stays = plan.stays.select_related("decided_by", "plan")
    is_open = plan.state == PlanState.PLANNED
    certification = Certification.objects.visible_to(user).filter(plan=plan).select_related("renews").first()
    context = {
        "plan": plan,
        "done": selectors.plan_days([plan.pk])[plan.pk],
        "stays": [
            (stay, stay.state == StayState.RECORDED and user.has_perm("mentors.decide_stay", stay)) for stay in stays
        ],
        "certification": certification,
        "today": timezone.localdate(),
        "may_record": is_open and user.has_perm("mentors.record_stay", plan),
        "may_stop": is_open and user.has_perm("mentors.stop_plan", plan),
        "may_certify": plan.state == PlanState.TRAINED and certification is None and user.has_perm("mentors.certify"),
        "may_end": certification is not None and certification.ended_on is None and user.has_perm("mentors.certify"),
        "may_answer": plan.state == PlanState.TRAINED
        and not plan.has_answered
        and user.has_perm("mentors.answer_satisfaction", plan),
    }
    return render(request, "mentors/plan.html", context)


def _form(
    request: HttpRequest, form: Any, act: Any, plan: TrainingPlan, *, title: str, submit: str, done: str, **more: Any
) -> HttpResponse:
    return form_page(
        request,
        form,
        act,
        title=title,
        submit=submit,
        back=plan.get_absolute_url(),
        back_label=str(plan.teacher),
        done=done,
        goes_back=True,
        **more,
    )


@require_http_methods(_FORM)
@login_required
def stay_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Record days with the host firm."""
    plan = _plan(request, uid)
    demand(person(request), "mentors.record_stay", plan)
    return _form(
        request,
        forms.StayForm(request.POST or None),
        lambda data: services.record_stay(actor=person(request), plan=plan, **data),
        plan,
        title=_("Record a stay"),
        submit=_("Record it"),
        done=_("The stay waits for the host firm."),
    )


def _stay(request: HttpRequest, uid: UUID) -> Stay:
    open_ = Stay.objects.visible_to(person(request)).select_related("plan__teacher")
    return found_or_404(open_.filter(uid=uid).first())


@require_POST
@login_required
def stay_confirm(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm a stay as the host."""
    stay = _stay(request, uid)
    return deed(
        request,
        lambda: services.confirm_stay(actor=person(request), stay=stay),
        done=_("The stay is confirmed."),
        back=stay.plan.get_absolute_url(),
    )


@require_http_methods(_FORM)
@login_required
def stay_refuse(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Refuse a stay as the host."""
    stay = _stay(request, uid)
    demand(person(request), "mentors.decide_stay", stay)
    return _form(
        request,
        forms.ReasonForm(request.POST or None),
        lambda data: services.refuse_stay(actor=person(request), stay=stay, **data),
        stay.plan,
        title=_("Refuse the stay"),
        submit=_("Send it back"),
        done=_("It is refused; the teacher reads your reason."),
        danger=True,
    )


@require_http_methods(_FORM)
@login_required
def plan_stop(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Stop a plan."""
    plan = _plan(request, uid)
    demand(person(request), "mentors.stop_plan", plan)
    return _form(
        request,
        forms.ReasonForm(request.POST or None),
        lambda data: services.stop_plan(actor=person(request), plan=plan, **data),
        plan,
        title=_("Stop the training"),
        submit=_("Stop it"),
        done=_("The training is stopped."),
        danger=True,
    )


@require_http_methods(_FORM)
@login_required
@permission_required("mentors.certify", raise_exception=True)
def certify(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Grant the certificate of a finished training; it renews the one before."""
    plan = _plan(request, uid)
    return _form(
        request,
        forms.CertifyForm(request.POST or None),
        lambda data: services.grant_certification(actor=person(request), plan=plan, **data),
        plan,
        title=_("Certify %(teacher)s as a dual teacher") % {"teacher": plan.teacher},
        lead=_("If the teacher has a certificate already, this one renews it."),
        submit=_("Certify"),
        done=_("The teacher is certified."),
    )


@require_http_methods(_FORM)
@login_required
@permission_required("mentors.certify", raise_exception=True)
def certification_end(request: HttpRequest, uid: UUID) -> HttpResponse:
    """End a certificate before its time."""
    certification = found_or_404(
        Certification.objects.visible_to(person(request)).select_related("plan__teacher").filter(uid=uid).first()
    )
    return _form(
        request,
        forms.CertificationEndForm(request.POST or None),
        lambda data: services.end_certification(actor=person(request), certification=certification, **data),
        certification.plan,
        title=_("End certificate %(number)s") % {"number": certification.number},
        submit=_("End it"),
        done=_("The certificate ends on that day."),
        danger=True,
    )


@require_http_methods(_FORM)
@login_required
def satisfaction(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say how satisfied one is."""
    plan = _plan(request, uid)
    demand(person(request), "mentors.answer_satisfaction", plan)
    return _form(
        request,
        forms.SatisfactionForm(request.POST or None),
        lambda data: services.answer_satisfaction(actor=person(request), plan=plan, **data),
        plan,
        title=_("Your satisfaction"),
        lead=_(
            "The answer is kept without your name, your plan and the day, and is shown from five answers a year on."
        ),
        submit=_("Answer"),
        done=_("Thank you. The answer cannot be traced to you."),
    )
