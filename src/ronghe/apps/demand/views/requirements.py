"""Requirements: the board, one requirement, and what enterprises and the office do with it."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts.pages import person, take_errors
from ronghe.apps.community import selectors as community
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation
from ronghe.apps.demand import exports, selectors, services
from ronghe.apps.demand.filters import RequirementFilter
from ronghe.apps.demand.forms import SEVERITIES, SKILL_LEVELS, AnswerForm, RequirementForm, WithdrawForm
from ronghe.apps.demand.models import AnswerKind, Requirement, RequirementState, Skill
from ronghe.apps.demand.selectors import RequirementRow
from ronghe.apps.ledger.revision import StaleRevision

_PER_PAGE = 20
# So many cards of each state stand on the board; the rest is one click away.
_ON_BOARD = 12
_SIGNS = {
    RequirementState.OPEN: "warn",
    RequirementState.ANSWERED: "progress",
    RequirementState.RELEASED: "ok",
    RequirementState.WITHDRAWN: "none",
}


def sign_of(requirement: Requirement) -> str:
    """The sign beside a requirement's state."""
    return _SIGNS.get(RequirementState(requirement.state), "none")


def card_of(row: RequirementRow) -> dict[str, Any]:
    """What a card or a line shows of a requirement."""
    is_answered = row.requirement.state == RequirementState.ANSWERED
    days = [answer.planned_for for answer in row.answers if answer.kind != AnswerKind.QUESTION]
    return {
        "row": row,
        "requirement": row.requirement,
        "sign": sign_of(row.requirement),
        "answer": row.answers[-1] if row.answers else None,
        "planned_for": days[-1] if days and is_answered else None,
    }


def _enterprises(request: HttpRequest) -> list[Organisation]:
    """The enterprises for which this person may speak, or whose requirements they may see."""
    if request.user.has_perm("demand.view_all_requirements"):
        return list(community.enterprises())
    own = standing.organisations(request.user, "enterprise_hr")
    return list(community.enterprises().filter(pk__in=own))


@require_safe
@login_required
@permission_required("demand.view_requirement", raise_exception=True)
def requirement_list(request: HttpRequest) -> HttpResponse:
    """The board: requirements by state; one state, asked for, as pages."""
    enterprises = _enterprises(request)
    form = RequirementFilter(request.GET, selectors.catalogue().fields, enterprises)
    asked = _asked(form)
    context: dict[str, Any] = {
        "form": form,
        "query": request.GET.urlencode(),
        "state": asked["state"],
        "tabs": _tabs(request, asked),
        "shows_enterprise": len(enterprises) > 1,
        "may_raise": request.user.has_perm("demand.raise_requirement"),
        "may_import": request.user.has_perm("demand.import_requirements"),
    }
    if asked["state"]:
        page = Paginator(selectors.requirements(request.user, **asked), _PER_PAGE).get_page(request.GET.get("page"))
        context["page"] = page
        context["cards"] = [card_of(row) for row in selectors.requirement_rows(request.user, page.object_list)]
    else:
        context["columns"] = _columns(request, asked, context["tabs"])
    context["is_empty"] = not any(tab["count"] for tab in context["tabs"])
    return render(request, "demand/requirement_list.html", context)


def _asked(form: RequirementFilter) -> dict[str, Any]:
    asked = form.asked
    organisation = asked.get("organisation")
    return {
        "text": asked["text"],
        "state": asked["state"],
        "field": asked["field"],
        "organisation": int(organisation) if organisation else None,
    }


def _tabs(request: HttpRequest, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The board and each state, with how many requirements the filter leaves in it: one query."""
    found = selectors.requirements(request.user, **{**asked, "state": ""}).prefetch_related(None).order_by()
    counts = dict(found.values_list("state").annotate(Count("pk")))
    query = request.GET.copy()
    query.pop("page", None)
    tabs = []
    for state, label in [("", _("Board")), *RequirementState.choices]:
        query["state"] = state
        tabs.append(
            {
                "label": label,
                "state": state,
                "url": f"?{query.urlencode()}",
                "count": counts.get(state, 0) if state else None,
                "current": state == asked["state"],
            }
        )
    return tabs


def _columns(request: HttpRequest, asked: dict[str, Any], tabs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The four columns of the board, each with its first cards."""
    columns = []
    for tab in tabs[1:]:
        rows: list[RequirementRow] = []
        if tab["count"]:
            found = selectors.requirements(request.user, **{**asked, "state": tab["state"]})
            rows = selectors.requirement_rows(request.user, found[:_ON_BOARD])
        columns.append({**tab, "cards": [card_of(row) for row in rows], "more": tab["count"] > _ON_BOARD})
    return columns


@require_safe
@login_required
@permission_required("demand.view_requirement", raise_exception=True)
def requirement_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The requirements of the filter as a file that the import reads back."""
    form = RequirementFilter(request.GET, selectors.catalogue().fields, _enterprises(request))
    return exports.requirements_response(request.user, kind, **_asked(form))


def _found(request: HttpRequest, uid: Any) -> RequirementRow:
    row = selectors.requirement_row(request.user, uid)
    if row is None:
        raise Http404(_("There is no such requirement, or it is not open to you."))
    return row


@require_safe
@login_required
@permission_required("demand.view_requirement", raise_exception=True)
def requirement_page(request: HttpRequest, uid: str) -> HttpResponse:
    """One requirement with everything that was said about it."""
    row = _found(request, uid)
    return _render(request, row, AnswerForm(initial={"revision": row.requirement.revision, "kind": AnswerKind.PLANNED}))


def _render(
    request: HttpRequest, row: RequirementRow, answer_form: AnswerForm, *, changed: Any = None, status: int = 200
) -> HttpResponse:
    requirement = row.requirement
    context = {
        "row": row,
        "requirement": requirement,
        "sign": sign_of(requirement),
        "facts": facts_of(requirement),
        "events": _events(row),
        "answer_form": answer_form,
        "withdraw_form": WithdrawForm(initial={"revision": requirement.revision}),
        "changed": changed,
    }
    return render(request, "demand/requirement.html", context, status=status)


def _day(day: date | datetime) -> str:
    return date_format(timezone.localdate(day) if isinstance(day, datetime) else day, "Y-m-d")


def facts_of(requirement: Requirement) -> list[tuple[str, Any]]:
    """What an enterprise asked for, as pairs of term and value."""
    levels, severities = dict(SKILL_LEVELS), dict(SEVERITIES)
    return [
        (_("Skill"), requirement.skill.name),
        (_("Skill level"), levels.get(str(requirement.skill_level)) or _("Not decided")),
        (_("Head count"), requirement.head_count),
        (_("Needed by"), _day(requirement.needed_by)),
        (_("Severity"), severities[str(requirement.severity)]),
        (_("What it is needed for"), requirement.reason or None),
    ]


def _events(row: RequirementRow) -> list[dict[str, Any]]:
    """What happened to a requirement, in order."""
    requirement = row.requirement
    states = {AnswerKind.PLANNED: "ok", AnswerKind.QUESTION: "warn", AnswerKind.DECLINED: "bad"}
    found = [{"time": _day(requirement.raised_on), "title": _("Raised"), "actor": requirement.organisation.name}]
    for answer in row.answers:
        title = str(answer.get_kind_display())
        if answer.planned_for:
            title = _("Will be taught by %(day)s") % {"day": _day(answer.planned_for)}
        found.append(
            {
                "time": _day(answer.answered_at),
                "title": title,
                "text": answer.text,
                "actor": str(answer.answered_by or _("the community office")),
                "state": states.get(AnswerKind(answer.kind), ""),
            }
        )
    if requirement.closed_on:
        found.append(
            {"time": _day(requirement.closed_on), "title": str(requirement.get_state_display()), "state": "none"}
        )
    return found


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("demand.raise_requirement", raise_exception=True)
def requirement_new(request: HttpRequest) -> HttpResponse:
    """Say what an enterprise needs."""
    everyone = request.user.has_perm("demand.answer_requirement")
    own = standing.organisations(request.user, "enterprise_hr")
    found = community.enterprises()
    enterprises = list(found if everyone else found.filter(pk__in=own))
    form = RequirementForm(request.POST or None, enterprises=enterprises)
    if request.method == "GET" and (skill := Skill.objects.current().filter(code=request.GET.get("skill", "")).first()):
        form.initial["skill"] = skill
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        organisation = data.pop("organisation", None) or enterprises[0]
        try:
            requirement = services.raise_requirement(actor=person(request), organisation=organisation, **data)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("Your requirement is raised. The community office answers it here."))
            return redirect(requirement)
    context = {"form": form, "enterprises": enterprises, "back": reverse("demand:requirement_list")}
    return render(request, "demand/requirement_form.html", context, status=422 if form.errors else 200)


def _change(
    request: HttpRequest,
    row: RequirementRow,
    form: forms.Form,
    act: Callable[[dict[str, Any]], Any],
    *,
    done: str,
    again: Callable[[Requirement | None], HttpResponse],
) -> HttpResponse:
    """Do `act` with what the form says, tell that it is `done`, and go back to the requirement.

    Whoever was overtaken gets the form `again` with all that was typed, beside what stands now, to decide anew.
    """
    try:
        if form.is_valid():
            act(form.cleaned_data)
            messages.success(request, done)
            return redirect(row.requirement)
    except ValidationError as error:
        take_errors(form, error)
    except services.RequirementClosed as closed:
        messages.error(request, str(closed))
        return redirect(row.requirement)
    except StaleRevision as stale:
        current = stale.current
        form.data = {**form.data.dict(), "revision": str(current.revision)}  # type: ignore[attr-defined]
        return again(_found(request, row.requirement.uid).requirement)
    return again(None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def requirement_amend(request: HttpRequest, uid: str) -> HttpResponse:
    """Change what is needed; what was answered then waits for an answer again."""
    row = _found(request, uid)
    if not row.may_amend:
        raise PermissionDenied(_why_not(row, _("Only the enterprise that raised it and the office may amend it.")))
    form = RequirementForm(request.POST or None, requirement=row.requirement)

    def again(changed: Requirement | None) -> HttpResponse:
        context = {
            "form": form,
            "requirement": row.requirement,
            "back": row.requirement.get_absolute_url(),
            "changed": changed,
            "theirs": facts_of(changed) if changed else None,
        }
        status = 409 if changed else 422 if form.errors else 200
        return render(request, "demand/requirement_form.html", context, status=status)

    if request.method != "POST":
        return again(None)
    return _change(
        request,
        row,
        form,
        lambda data: services.amend_requirement(actor=person(request), requirement=row.requirement, **data),
        done=_("The requirement is amended."),
        again=again,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def requirement_withdraw(request: HttpRequest, uid: str) -> HttpResponse:
    """Say that something is no longer needed, and why."""
    row = _found(request, uid)
    if not row.may_amend:
        raise PermissionDenied(_why_not(row, _("Only the enterprise that raised it and the office may withdraw it.")))
    form = WithdrawForm(request.POST or None, initial={"revision": row.requirement.revision})

    def again(changed: Requirement | None) -> HttpResponse:
        context = {
            "form": form,
            "requirement": row.requirement,
            "changed": changed,
            "theirs": facts_of(changed) if changed else None,
        }
        status = 409 if changed else 422 if form.errors else 200
        return render(request, "demand/requirement_withdraw.html", context, status=status)

    if request.method != "POST":
        return again(None)
    return _change(
        request,
        row,
        form,
        lambda data: services.withdraw_requirement(actor=person(request), requirement=row.requirement, **data),
        done=_("The requirement is withdrawn."),
        again=again,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def requirement_answer(request: HttpRequest, uid: str) -> HttpResponse:
    """Answer an enterprise: it will be taught by a day, it will not, or a question."""
    row = _found(request, uid)
    if not row.may_answer:
        raise PermissionDenied(_why_not(row, _("Only the community office answers requirements.")))
    if request.method != "POST":
        return redirect(f"{row.requirement.get_absolute_url()}#answer")
    form = AnswerForm(request.POST)

    def again(changed: Requirement | None) -> HttpResponse:
        return _render(request, _found(request, uid), form, changed=changed, status=409 if changed else 422)

    return _change(
        request,
        row,
        form,
        lambda data: services.answer_requirement(actor=person(request), requirement=row.requirement, **data),
        done=_("The enterprise can read your answer now."),
        again=again,
    )


def _why_not(row: RequirementRow, otherwise: str) -> str:
    if row.requirement.is_closed:
        return _("This requirement is closed: %(state)s. Raise a new one instead.") % {
            "state": row.requirement.get_state_display()
        }
    return otherwise
