"""What came of a round: runs with their figures, publishing one, an assignment with its reasons, appeals."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.pages import form_page, person
from ronghe.apps.community.models import CohortMembership
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.positions import selectors, services, why
from ronghe.apps.positions.forms import AnswerForm, AppealForm, PublishForm
from ronghe.apps.positions.imports import ASSIGNMENTS, assignment_lines
from ronghe.apps.positions.models import Appeal, Assignment, Position, RoundState, Run
from ronghe.apps.positions.services.results import APPEAL_DAYS
from ronghe.apps.positions.views.frame import found_or_404
from ronghe.apps.positions.views.rounds import address_of, found_round

_A_PAGE = 50
_RANKS_SHOWN = 12


def _found_run(request: HttpRequest, uid: UUID, number: int) -> Run:
    return found_or_404(selectors.find_run(person(request), found_round(request, uid), number))


@require_safe
@login_required
def run_page(request: HttpRequest, uid: UUID, number: int) -> HttpResponse:
    """A run: what is known of it, whose wishes were met, and for the office every assignment."""
    run, user = _found_run(request, uid, number), person(request)
    round = run.round
    sees_people = user.has_perm("positions.run_round")
    context: dict[str, Any] = {
        "round": round,
        "run": run,
        "standing": why.standing(run),
        "refusal": why.refusal(run),
        "conflict": why.conflict(run),
        "sees_people": sees_people,
        "is_published": round.published_run_id == run.pk,
        "may_publish": sees_people
        and run.is_possible
        and round.state == RoundState.PROPOSED
        and run.figures.get("revision") == round.revision,
        "is_outdated": round.state == RoundState.PROPOSED and run.figures.get("revision") != round.revision,
    }
    if run.is_possible:
        context |= _figures(run)
    if sees_people and run.is_possible:
        found = run.assignments.select_related("person", "cohort", "position__organisation").order_by("pk")
        if request.GET.get("only") == "unplaced":
            found = found.filter(position=None)
        page = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
        shown = [one.person for one in page.object_list if one.person is not None]
        accounts.note_looks(viewer=user, people=shown, page=request.path)
        context |= {"page": page, "only": request.GET.get("only", "")}
    return render(request, "positions/run.html", context)


def _figures(run: Run) -> dict[str, Any]:
    """The figures of a run for stats, charts and tables, beside the newest run of the other mode."""
    figures = run.figures
    overall = figures["overall"]
    names = selectors.labels(figures["groups"])
    other = (
        run.round.runs.exclude(mode=run.mode).filter(refusal={}, computed_at__isnull=False).order_by("-number").first()
    )
    titles = Position.objects.filter(uid__in=figures["closed"]).select_related("organisation")
    return {
        "overall": overall,
        "figures": figures,
        "gap": max((one["gap"] for one in figures["proofs"]), default=None),
        "ranks": [
            {
                "label": ngettext("Wish %(rank)s", "Wish %(rank)s", int(rank)) % {"rank": rank},
                "value": count,
            }
            for rank, count in list(figures["ranks"].items())[:_RANKS_SHOWN]
        ]
        + [
            {"label": label, "value": figures[name]}
            for label, name in ((_("Beyond the list"), "unlisted"), (_("Unplaced"), "unplaced"))
            if figures[name]
        ],
        "groups": [
            {"label": names.get(key, key), **treatment}
            for key, treatment in figures["groups"].items()
            if treatment["students"] >= selectors.FEWEST
        ],
        "closed": [{"position": one, "claims": figures["claims"].get(str(one.uid), 0)} for one in titles],
        "other": other if other is not None and other.pk != run.pk else None,
    }


@require_safe
@login_required
@permission_required("positions.run_round", raise_exception=True)
def export(request: HttpRequest, uid: UUID, number: int, kind: str) -> FileResponse:
    """The assignments of a run as CSV or XLSX."""
    run = _found_run(request, uid, number)
    found = run.assignments.select_related("person", "cohort", "position__organisation", "position__region")
    people = found.values("person")
    numbers = dict(
        CohortMembership.objects.known()
        .filter(person__in=people, cohort__in=run.round.cohorts.all())
        .values_list("person_id", "student_number")
    )
    return table_response(assignment_lines(found, numbers), ASSIGNMENTS, kind=kind, filename="assignments")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.run_round", raise_exception=True)
def publish(request: HttpRequest, uid: UUID, number: int) -> HttpResponse:
    """Publish a run."""
    run = _found_run(request, uid, number)
    round = run.round
    initial = {"revision": round.revision, "appeals_until": timezone.localdate() + timedelta(days=APPEAL_DAYS)}
    return form_page(
        request,
        PublishForm(request.POST or None, initial=initial),
        lambda data: services.publish_round(actor=person(request), round=round, run=run, **data),
        title=_("Publish run %(number)s") % {"number": run.number},
        lead=_("Students and enterprises see it at once, and nothing of it can be changed afterwards."),
        submit=_("Publish"),
        back=run.get_absolute_url(),
        back_label=_("Run %(number)s") % {"number": run.number},
        done=_("The matching is published and frozen."),
    )


@require_safe
@login_required
def assignment_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Where a student is assigned and why; why not each position preferred, for the student and the office."""
    user = person(request)
    assignment = found_or_404(selectors.find_assignment(user, uid))
    is_own = assignment.person_id == user.pk
    tells_why = is_own or user.has_perm("positions.run_round")
    if assignment.person is not None:
        accounts.note_look(viewer=user, person=assignment.person, page=request.path)
    round = assignment.round
    is_published = round.published_run_id == assignment.run_id
    appeal = Appeal.objects.visible_to(user).filter(assignment=assignment).first()
    until = round.appeals_until
    context = {
        "assignment": assignment,
        "round": round,
        "is_own": is_own,
        "tells_why": tells_why,
        "own_place": why.own_place(assignment) if tells_why else "",
        "refused": why.refused(assignment) if tells_why else [],
        "appeal": appeal,
        "may_appeal": is_own and is_published and appeal is None and (until is None or timezone.localdate() <= until),
        "may_answer": appeal is not None and appeal.state == "open" and user.has_perm("positions.answer_appeal"),
        "group": _shares_position(assignment) if is_published else 0,
    }
    return render(request, "positions/assignment.html", context)


def _shares_position(assignment: Assignment) -> int:
    """How many others the same run puts in the same position."""
    if assignment.position_id is None:
        return 0
    return Assignment.objects.filter(run=assignment.run_id, position=assignment.position_id).count() - 1


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def appeal_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Appeal against one's own assignment."""
    user = person(request)
    assignment = found_or_404(selectors.find_assignment(user, uid))
    found_or_404(assignment if assignment.person_id == user.pk else None)
    return form_page(
        request,
        AppealForm(request.POST or None),
        lambda data: services.make_appeal(actor=user, assignment=assignment, **data),
        title=_("Appeal"),
        lead=_("The community office reads it and answers in words. One appeal is taken."),
        submit=_("Send the appeal"),
        back=assignment.get_absolute_url(),
        back_label=_("My assignment"),
        done=_("Your appeal is sent; the answer appears on this page."),
        goes_back=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.answer_appeal", raise_exception=True)
def answer_appeal(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Answer an appeal."""
    user = person(request)
    appeal = found_or_404(
        Appeal.objects.visible_to(user)
        .select_related("assignment__round", "assignment__person")
        .filter(uid=uid)
        .first()
    )
    round = appeal.assignment.round
    return form_page(
        request,
        AnswerForm(request.POST or None),
        lambda data: services.answer_appeal(actor=user, appeal=appeal, **data),
        title=_("Answer the appeal of %(name)s") % {"name": appeal.assignment.person or "—"},
        lead=appeal.text,
        submit=_("Send the answer"),
        back=address_of(round),
        back_label=round.name,
        done=_("The answer is sent."),
        goes_back=True,
    )
