"""Assessments: open an attempt, rate from one's own side without seeing the other, settle a difference."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts.pages import form_page, person
from ronghe.apps.curriculum.models import Declaration
from ronghe.apps.training import services
from ronghe.apps.training.forms_evidence import LevelsForm, OpenAssessmentForm
from ronghe.apps.training.models import Assessment, Side
from ronghe.apps.training.views.frame import allow, found_or_404, placement_of

_METHODS = ["GET", "HEAD", "POST"]


def _assessment(request: HttpRequest, uid: UUID) -> Assessment:
    found = Assessment.objects.visible_to(request.user).select_related("placement__person", "unit")
    return found_or_404(found.filter(uid=uid).first())


def _declared(assessment: Assessment) -> list[Declaration]:
    return list(assessment.unit.declarations.select_related("skill").order_by("pk"))


@require_http_methods(_METHODS)
@login_required
def assessment_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Open an attempt at a unit."""
    placement = placement_of(request, uid)
    allow(request, "training.open_assessment", placement)
    return form_page(
        request,
        OpenAssessmentForm(request.POST or None, placement=placement),
        lambda data: services.open_assessment(actor=person(request), placement=placement, **data),
        title=_("Assess a unit"),
        lead=_("Mentor and teacher rate each skill apart; where they differ, the community office settles it."),
        submit=_("Open the attempt"),
        back=placement.get_absolute_url(),
        back_label=placement.work,
        done=_("The attempt is open; mentor and teacher rate it."),
    )


@require_safe
@login_required
def assessment_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One attempt: levels asked for and seen. An open rating of the other side is not shown to whoever is to rate."""
    assessment = _assessment(request, uid)
    user = person(request)
    side = services.side_of(user, assessment.placement)
    is_open = assessment.settled_at is None
    ratings = list(assessment.ratings.select_related("rated_by"))
    rated = {rating.side for rating in ratings}
    may_rate = is_open and side is not None and side not in rated and user.has_perm("training.rate", assessment)
    both = {Side.MENTOR, Side.TEACHER} <= rated
    hidden = is_open and not both
    shown = [rating for rating in ratings if not hidden or rating.side == side]
    lines = [
        {
            "declared": one,
            "levels": [
                (side.label, next((r for r in shown if r.side == side and r.skill_id == one.skill_id), None))
                for side in Side
            ],
        }
        for one in _declared(assessment)
    ]
    context = {
        "assessment": assessment,
        "placement": assessment.placement,
        "lines": lines,
        "sides": Side,
        "rated": [Side(one).label for one in sorted(rated)],
        "comments": list({(r.side, r.comment): r for r in shown if r.comment}.values()),
        "hidden": hidden,
        "may_rate": may_rate,
        "may_settle": is_open and both and user.has_perm("training.settle"),
    }
    return render(request, "training/assessment.html", context)


@require_http_methods(_METHODS)
@login_required
def rate(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Rate from one's own side."""
    assessment = _assessment(request, uid)
    allow(request, "training.rate", assessment)
    form = LevelsForm(request.POST or None, declared=_declared(assessment))

    def act(data: dict[str, Any]) -> Assessment:
        return services.rate(
            actor=person(request), assessment=assessment, levels=form.levels(data), comment=data["comment"]
        )

    return form_page(
        request,
        form,
        act,
        title=_("Rate: %(unit)s") % {"unit": assessment.unit.name},
        lead=_("Say which level you saw yourself. The other side's rating is shown once both are there."),
        submit=_("Give the rating"),
        back=assessment.get_absolute_url(),
        back_label=str(assessment),
        done=_("Your rating is recorded; it is not changed any more."),
    )


@require_http_methods(_METHODS)
@login_required
@permission_required("training.settle", raise_exception=True)
def settle(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Settle a difference."""
    assessment = _assessment(request, uid)
    form = LevelsForm(request.POST or None, declared=_declared(assessment), with_reason=True)

    def act(data: dict[str, Any]) -> Assessment:
        return services.settle(
            actor=person(request), assessment=assessment, levels=form.levels(data), reason=data["reason"]
        )

    return form_page(
        request,
        form,
        act,
        title=_("Settle the difference"),
        lead=_("Mentor and teacher saw different levels. Speak with both, then say what counts and why."),
        submit=_("Settle it"),
        back=assessment.get_absolute_url(),
        back_label=str(assessment),
        done=_("The attempt is settled."),
    )
