"""Absences, incidents and declared relations."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.training import services
from ronghe.apps.training.forms import AbsenceForm, AnswerForm, IncidentForm, OutcomeForm, RelationForm
from ronghe.apps.training.models import Absence, Incident, Placement, Relation
from ronghe.apps.training.views.frame import allow, found_or_404, placement_of

_METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(_METHODS)
@login_required
def absence_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Report an absence."""
    placement = placement_of(request, uid)
    allow(request, "training.report_absence", placement)
    return form_page(
        request,
        AbsenceForm(request.POST or None),
        lambda data: services.report_absence(actor=person(request), placement=placement, **data),
        title=_("Report an absence"),
        lead=_("A second person says whether it is excused. No hours can be claimed for these days."),
        submit=_("Report it"),
        back=placement.get_absolute_url(),
        back_label=placement.work,
        done=_("The absence is reported."),
    )


@require_POST
@login_required
def absence_decide(request: HttpRequest, key: int) -> HttpResponse:
    """Excuse an absence, or not."""
    visible = Placement.objects.visible_to(request.user).order_by().values("pk")
    absences = Absence.objects.filter(placement__in=visible).select_related("placement")
    absence = found_or_404(absences.filter(pk=key).first())
    excused = request.POST.get("excused") == "yes"
    return deed(
        request,
        lambda: services.decide_absence(actor=person(request), absence=absence, excused=excused),
        done=_("The absence is excused.") if excused else _("The absence is not excused."),
        back=absence.placement,
    )


@require_http_methods(_METHODS)
@login_required
def incident_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Report that something went wrong."""
    placement = placement_of(request, uid)
    return form_page(
        request,
        IncidentForm(request.POST or None),
        lambda data: services.report_incident(actor=person(request), placement=placement, **data),
        title=_("Report an incident"),
        lead=_("The teacher in charge is told at once. What nobody answers in time goes to the community office."),
        submit=_("Report it"),
        back=placement.get_absolute_url(),
        back_label=placement.work,
        done=_("The incident is reported."),
    )


def _incident(request: HttpRequest, uid: UUID) -> Incident:
    found = Incident.objects.visible_to(request.user).select_related(
        "placement__person", "reported_by", "answered_by", "closed_by"
    )
    return found_or_404(found.filter(uid=uid).first())


@require_safe
@login_required
def incident_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One incident and how far it is."""
    incident = _incident(request, uid)
    may_answer = incident.closed_at is None and request.user.has_perm("training.answer_incident", incident)
    return render(
        request,
        "training/incident.html",
        {
            "incident": incident,
            "placement": incident.placement,
            "may_answer": may_answer,
            "may_close": may_answer and incident.answered_at is not None,
        },
    )


@require_http_methods(_METHODS)
@login_required
def incident_answer(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say what is done about it."""
    incident = _incident(request, uid)
    allow(request, "training.answer_incident", incident)
    return form_page(
        request,
        AnswerForm(request.POST or None),
        lambda data: services.answer_incident(actor=person(request), incident=incident, **data),
        title=_("Say what is done about it"),
        submit=_("Answer"),
        back=incident.get_absolute_url(),
        back_label=str(incident),
        done=_("Your answer is recorded."),
    )


@require_http_methods(_METHODS)
@login_required
def incident_close(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say how it ended."""
    incident = _incident(request, uid)
    allow(request, "training.answer_incident", incident)
    return form_page(
        request,
        OutcomeForm(request.POST or None),
        lambda data: services.close_incident(actor=person(request), incident=incident, **data),
        title=_("Close the incident"),
        submit=_("Close the incident"),
        back=incident.get_absolute_url(),
        back_label=str(incident),
        done=_("The incident is closed."),
    )


@require_http_methods(_METHODS)
@login_required
def relations(request: HttpRequest) -> HttpResponse:
    """Own declared relations, for the office all; declare another."""
    user = person(request)
    found = Relation.objects.on(timezone.localdate()).select_related("person", "other").order_by("-valid_from", "-pk")
    is_office = user.has_perm("training.end_relation")
    if not is_office:
        found = found.filter(Q(person=user) | Q(other=user))

    def act(data: dict[str, Any]) -> None:
        services.declare_relation(actor=user, other=data["email"], kind=data["kind"])

    return form_page(
        request,
        RelationForm(request.POST or None),
        act,
        title=_("Conflicts of interest"),
        lead=_(
            "Family, business partners: who is that close confirms nothing for the other. Declare it, and the platform "
            "asks somebody else."
        ),
        submit=_("Declare it"),
        back=reverse("training:relations"),
        back_label=_("Placements"),
        done=_("The relation is declared."),
        template="training/relations.html",
        more={"relations": found, "may_end": is_office, "up": reverse("training:overview")},
    )


@require_POST
@login_required
@permission_required("training.end_relation", raise_exception=True)
def relation_end(request: HttpRequest, key: int) -> HttpResponse:
    """Say that a relation no longer stands."""
    relation = found_or_404(Relation.objects.known().filter(pk=key).first())

    def act() -> None:
        if not relation.holds_on(timezone.localdate()):
            raise ValidationError(_("This relation was ended already."))
        services.end_relation(actor=person(request), relation=relation)

    return deed(request, act, done=_("The relation no longer stands."), back=reverse("training:relations"))
