"""The list of placements, one placement with all that stands of it, and planning."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.jobs import services as jobs
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.positions import selectors as positions
from ronghe.apps.training import selectors, services
from ronghe.apps.training.exports import PLACEMENTS, WEEKS, placement_lines, week_lines
from ronghe.apps.training.forms import FilterForm
from ronghe.apps.training.forms_planning import PlanForm
from ronghe.apps.training.models import Incident, Placement, PlacementState, PriorWork, Stay, Supervision
from ronghe.apps.training.views.frame import placement_of

_A_PAGE = 40
_WEEKS = 26
_TOLD = 5


def _listed(request: HttpRequest) -> Any:
    found = Placement.objects.visible_to(request.user).select_related("person", "position__organisation")
    form = FilterForm(request.GET)
    asked = form.cleaned_data if form.is_valid() else {}
    if asked.get("state"):
        found = found.filter(state=asked["state"])
    if text := asked.get("text", ""):
        found = found.filter(person__search_text__contains=text.lower()) | found.filter(work_zh__contains=text)
    return found.distinct().order_by("-starts_on", "-pk")


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """One's own placement and what is due of it; everybody else the placements that are open to them."""
    user = person(request)
    today = timezone.localdate()
    page = Paginator(_listed(request), _A_PAGE).get_page(request.GET.get("page"))
    own = list(Placement.objects.filter(person=user, state__in=["planned", "running", "paused"]))
    unplanned = 0
    if user.has_perm("training.plan_placement"):
        unplanned = positions.published_assignments().filter(placement__isnull=True).count()
    context = {
        "page": page,
        "rows": selectors.rows(list(page.object_list)),
        "own": own,
        "missing": selectors.missing_weeks(today, placements=own),
        "to_confirm": list(selectors.to_confirm(user)[:_A_PAGE]),
        "incidents": list(
            Incident.objects.visible_to(user).open().select_related("placement__person").order_by("answer_by")[:_A_PAGE]
        ),
        "form": FilterForm(request.GET or None),
        "unplanned": unplanned,
        "may_plan": user.has_perm("training.plan_placement"),
        "may_remind": user.has_perm("training.remind"),
        "today": today,
    }
    return render(request, "training/overview.html", context)


@require_safe
@login_required
def export(request: HttpRequest, kind: str) -> FileResponse:
    """The listed placements as a table."""
    return table_response(placement_lines(list(_listed(request))), PLACEMENTS, kind=kind, filename="placements")


@require_safe
@login_required
def placement_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One placement: who, where, until when; its weeks, absences, incidents, assessments and history."""
    placement = placement_of(request, uid)
    user = person(request)
    today = timezone.localdate()
    row = selectors.rows([placement])[0]
    weeks = selectors.weeks_of(placement, today)
    context = {
        "placement": placement,
        "row": row,
        "weeks": weeks[:_WEEKS],
        "older": max(0, len(weeks) - _WEEKS),
        "stays": Stay.objects.known().filter(placement=placement).select_related("organisation"),
        "supervisions": Supervision.objects.known().filter(placement=placement).select_related("person"),
        "absences": placement.absences.select_related("reported_by", "decided_by"),
        "decides": {one.pk for one in placement.absences.all() if user.has_perm("training.decide_absence", one)},
        "incidents": placement.incidents.all(),
        "assessments": placement.assessments.select_related("unit"),
        "wants_agreement": services.wants_agreement(placement),
        "problem": services.agreement_problem(placement, max(today, placement.starts_on))
        if placement.state == PlacementState.PLANNED
        else "",
        "links": selectors.links_of(placement) if user.has_perm("training.revoke_link", placement) else [],
        "may": {
            verb: user.has_perm(f"training.{verb}", placement)
            for verb in (
                "run_placement", "stop_placement", "change_placement", "change_teacher", "name_agreement",
                "report_absence", "report_incident", "hand_in", "make_link", "revoke_link", "open_assessment",
            )
        },
        "prior": PriorWork.objects.visible_to(user).known().filter(person=placement.person_id or 0).first(),
        "may_state_prior": user.has_perm("training.state_prior_work", placement),
        "may_state_paper": user.has_perm("training.plan_placement"),
        "sees_agreement": placement.agreement is not None
        and user.has_perm("agreements.view_agreement", placement.agreement),
        "is_over": placement.ends_on < today,
        "today": today,
    }  # fmt: skip
    return render(request, "training/placement.html", context)


@require_safe
@login_required
def weeks_export(request: HttpRequest, uid: UUID, kind: str) -> FileResponse:
    """Every week of a placement as a table."""
    return table_response(week_lines(placement_of(request, uid)), WEEKS, kind=kind, filename="weeks")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("training.plan_placement", raise_exception=True)
def placement_new(request: HttpRequest) -> HttpResponse:
    """Plan a placement without an assignment."""

    form = PlanForm(request.POST or None)

    def act(data: dict[str, Any]) -> Placement:
        plan = services.Plan(
            student=data["student"],
            starts_on=data["starts_on"],
            ends_on=data["ends_on"],
            hosts=data["hosts"],
            work_zh=data["work_zh"],
            work_en=data["work_en"],
            position=data["position"],
            times=form.times(),
        )
        try:
            return services.plan_placement(
                actor=person(request), plan=plan, despite_study=data.get("despite_study", False)
            )
        except services.MeetsClasses:
            form.ask_about_study()
            raise

    return form_page(
        request,
        form,
        act,
        title=_("Plan a placement"),
        lead=_("It begins once a three-party agreement is in force, a mentor is named and the start is confirmed."),
        submit=_("Plan it"),
        back=reverse("training:overview"),
        back_label=_("Placements"),
        done=_("The placement is planned."),
    )


@require_POST
@login_required
@permission_required("training.plan_placement", raise_exception=True)
def plan_all(request: HttpRequest) -> HttpResponse:
    """Plan a placement for every published assignment that has none; what does not fit is told, a few at a time."""
    done = services.plan_placements(actor=person(request), assignments=positions.published_assignments())
    if done.placements or not done.refused:
        messages.success(
            request,
            ngettext("%(number)s placement is planned.", "%(number)s placements are planned.", len(done.placements))
            % {"number": len(done.placements)},
        )
    if done.meeting:
        messages.warning(
            request,
            ngettext(
                "%(number)s of them meets class sessions: look at “Sites → Study–work overlaps”.",
                "%(number)s of them meet class sessions: look at “Sites → Study–work overlaps”.",
                len(done.meeting),
            )
            % {"number": len(done.meeting)},
        )
    for sentence in done.refused[:_TOLD]:
        messages.warning(request, sentence)
    if (more := len(done.refused) - _TOLD) > 0:
        messages.warning(
            request,
            ngettext("And %(number)s more does not fit.", "And %(number)s more do not fit.", more) % {"number": more},
        )
    return redirect("training:overview")


@require_POST
@login_required
@permission_required("training.remind", raise_exception=True)
def day(request: HttpRequest) -> HttpResponse:
    """Start training's day: remind, hand over what nobody answered."""
    return redirect(reverse("jobs:status", args=[jobs.start(actor=person(request), kind="training.day").uid]))


@require_POST
@login_required
def draft_agreement(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Draft the three-party agreement of a placement."""
    placement = placement_of(request, uid)
    return deed(
        request,
        lambda: services.draft_three_party(actor=person(request), placement=placement),
        done=_("The three-party agreement is drafted. Open it to have it checked, sent and signed."),
        back=placement,
    )


@require_POST
@login_required
def finish(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say that a placement is finished."""
    placement = placement_of(request, uid)
    return deed(
        request,
        lambda: services.finish_placement(actor=person(request), placement=placement),
        done=_("The placement is finished."),
        back=placement,
    )
