"""Forms by which a placement begins, changes and ends."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from ronghe.apps.accounts.pages import form_page, person
from ronghe.apps.training import services
from ronghe.apps.training.forms import (
    AgreementForm,
    PaperForm,
    PauseForm,
    PriorWorkForm,
    ResumeForm,
    StartForm,
    StopForm,
    SupervisorForm,
)
from ronghe.apps.training.forms_planning import ChangeForm
from ronghe.apps.training.models import Placement, PriorWork, SupervisionKind
from ronghe.apps.training.views.frame import allow, placement_of

_METHODS = ["GET", "HEAD", "POST"]


def _change(
    request: HttpRequest,
    placement: Placement,
    permission: str,
    form: forms.BaseForm,
    act: Callable[[dict[str, Any]], Any],
    **words: Any,
) -> HttpResponse:
    allow(request, permission, placement)
    return form_page(
        request,
        form,
        act,
        back=placement.get_absolute_url(),
        back_label=str(placement),
        goes_back=True,
        **words,
    )


@require_http_methods(_METHODS)
@login_required
def start(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm that the student began."""
    placement = placement_of(request, uid)
    is_office = request.user.has_perm("training.plan_placement")
    return _change(
        request,
        placement,
        "training.run_placement",
        StartForm(request.POST or None, placement=placement, may_lack_agreement=is_office),
        lambda data: services.start_placement(
            actor=person(request),
            placement=placement,
            on=data["on"],
            without_agreement_because=data.get("because", ""),
        ),
        title=_("Confirm the start"),
        lead=services.agreement_problem(placement, placement.starts_on),
        submit=_("Confirm the start"),
        done=_("The placement runs."),
    )


@require_http_methods(_METHODS)
@login_required
def pause(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Let the work rest."""
    placement = placement_of(request, uid)
    return _change(
        request,
        placement,
        "training.run_placement",
        PauseForm(request.POST or None),
        lambda data: services.pause_placement(actor=person(request), placement=placement, **data),
        title=_("Pause the placement"),
        lead=_("The seat is kept; no evidence is asked for while the work rests."),
        submit=_("Pause it"),
        done=_("The placement is paused."),
    )


@require_http_methods(_METHODS)
@login_required
def resume(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Let the work go on."""
    placement = placement_of(request, uid)
    return _change(
        request,
        placement,
        "training.run_placement",
        ResumeForm(request.POST or None),
        lambda data: services.resume_placement(actor=person(request), placement=placement, **data),
        title=_("Resume the placement"),
        submit=_("Resume it"),
        done=_("The placement runs again."),
    )


@require_http_methods(_METHODS)
@login_required
def stop(request: HttpRequest, uid: UUID) -> HttpResponse:
    """End it before its time."""
    placement = placement_of(request, uid)
    return _change(
        request,
        placement,
        "training.stop_placement",
        StopForm(request.POST or None),
        lambda data: services.stop_placement(actor=person(request), placement=placement, **data),
        title=_("Stop the placement"),
        lead=_("What was done and confirmed stays. The seat and the mentor's slot are free afterwards."),
        submit=_("Stop it"),
        done=_("The placement is stopped."),
        danger=True,
    )


@require_http_methods(_METHODS)
@login_required
def change(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change days, host, hours or mentor in one deed."""
    placement = placement_of(request, uid)
    form = ChangeForm(
        request.POST or None,
        placement=placement,
        user=request.user,
        moves_hosts=request.user.has_perm("training.change_hosts", placement),
    )

    def act(data: dict[str, Any]) -> Placement:
        try:
            return services.change_placement(
                actor=person(request),
                placement=placement,
                change=form.change(),
                reason=data["reason"],
                revision=data["revision"],
                despite_study=data.get("despite_study", False),
            )
        except services.MeetsClasses:
            form.ask_about_study()
            raise

    return _change(
        request,
        placement,
        "training.change_placement",
        form,
        act,
        title=_("Change days, host or mentor"),
        lead=_("The agreement covers the new days, and the mentor has a slot for them. All concerned are told."),
        submit=_("Change it"),
        done=_("The placement is changed, and all concerned were told."),
    )


@require_http_methods(_METHODS)
@login_required
def supervisor(request: HttpRequest, uid: UUID, kind: str) -> HttpResponse:
    """Name a mentor or a teacher."""
    placement = placement_of(request, uid)
    if kind not in SupervisionKind.values:
        raise Http404
    side = SupervisionKind(kind)
    is_mentor = side == SupervisionKind.MENTOR
    return _change(
        request,
        placement,
        "training.run_placement" if is_mentor else "training.change_teacher",
        SupervisorForm(request.POST or None, placement=placement, kind=side),
        lambda data: services.change_supervisor(actor=person(request), placement=placement, kind=side, **data),
        title=_("Name the mentor") if is_mentor else _("Name the teacher"),
        lead=_("Appointed mentors of the host; each has a limited number of slots.") if is_mentor else "",
        submit=_("Name this person"),
        done=_("It is recorded who looks after the placement."),
    )


@require_http_methods(_METHODS)
@login_required
def agreement(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Name a three-party agreement that stands already."""
    placement = placement_of(request, uid)
    return _change(
        request,
        placement,
        "training.name_agreement",
        AgreementForm(request.POST or None, user=request.user, placement=placement),
        lambda data: services.name_agreement(actor=person(request), placement=placement, **data),
        title=_("Name the three-party agreement"),
        submit=_("Name it"),
        done=_("The agreement is named."),
    )


@require_http_methods(_METHODS)
@login_required
def paper(request: HttpRequest, uid: UUID) -> HttpResponse:
    """State that the agreement was signed on paper."""
    placement = placement_of(request, uid)
    return _change(
        request,
        placement,
        "training.plan_placement",
        PaperForm(request.POST or None),
        lambda data: services.state_paper(actor=person(request), placement=placement, **data),
        title=_("State an agreement on paper"),
        lead=_("For papers that were signed before the platform kept them. Your name stands in the ledger for it."),
        submit=_("State it"),
        done=_("The paper is stated."),
    )


@require_http_methods(_METHODS)
@login_required
def prior_work(request: HttpRequest, uid: UUID) -> HttpResponse:
    """State what the student worked before the studies."""
    placement = placement_of(request, uid)
    return _change(
        request,
        placement,
        "training.state_prior_work",
        PriorWorkForm(request.POST or None, initial=_stated(placement)),
        lambda data: services.state_prior_work(actor=person(request), placement=placement, **data),
        title=_("Work before the studies"),
        lead=_("With two years of it or more six months of practice are asked for, else twelve."),
        submit=_("State it"),
        done=_("It is stated."),
    )


def _stated(placement: Placement) -> dict[str, Any]:
    known = PriorWork.objects.known().filter(person=placement.person_id or 0).first()
    return {"months": known.months, "paper": known.paper} if known is not None else {}
