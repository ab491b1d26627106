"""Matching rounds as the office runs them: open, set positions and quotas, compute, decide, publish."""

import secrets
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.positions import selectors, services
from ronghe.apps.positions.forms import PairForm, QuotaForm, ReasonForm, RoundForm, RoundPlacesForm
from ronghe.apps.positions.models import (
    Decision,
    Mode,
    Participation,
    Position,
    Preference,
    Quota,
    Round,
    RoundState,
)
from ronghe.apps.positions.services import Place, QuotaData
from ronghe.apps.positions.views.frame import found_or_404, revision_of, tabs

_A_PAGE = 30
_LONGEST_KEY = 12


@require_safe
@login_required
@permission_required("positions.view_round", raise_exception=True)
def round_list(request: HttpRequest) -> HttpResponse:
    """The rounds open to who looks."""
    user = person(request)
    page = Paginator(selectors.rounds(user), _A_PAGE).get_page(request.GET.get("page"))
    context = {
        "tabs": tabs(user, "round_list"),
        "page": page,
        "may_run": user.has_perm("positions.run_round"),
        "own": {one.round_id: one for one in selectors.own_participations(user)},
    }
    return render(request, "positions/rounds.html", context)


def found_round(request: HttpRequest, uid: UUID) -> Round:
    """The round of an address, if it is open to who asks."""
    return found_or_404(selectors.find_round(person(request), uid))


def address_of(round: Round) -> str:
    """The page of a round."""
    return reverse("positions:round", args=[round.uid])


@require_safe
@login_required
def round_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One round, for each role what it may do in it."""
    user, round = person(request), found_round(request, uid)
    runs_it = user.has_perm("positions.run_round")
    own = Participation.objects.filter(round=round, person=user).first()
    assignment = (
        round.assignments.published().filter(person=user).select_related("position__organisation").first()
        if own
        else None
    )
    context: dict[str, Any] = {
        "round": round,
        "progress": selectors.progress_of(round),
        "today": timezone.localdate(),
        "own": own,
        "own_wishes": Preference.objects.filter(round=round, person=user).select_related("position__organisation")
        if own
        else [],
        "takes_wishes": round.takes_wishes(timezone.localdate()),
        "assignment": assignment,
        "places": _firm_places(user, round),
        "runs_it": runs_it,
        "published": selectors.find_run(user, round, round.published_run.number) if round.published_run else None,
    }
    if runs_it:
        context |= _office_context(round)
    return render(request, "positions/round.html", context)


def _firm_places(user: Person, round: Round) -> list[Any]:
    """The places of a firm's own positions, with how many wished for each."""
    places = round.round_positions.select_related("position__organisation")
    own = [one for one in places if user.has_perm("positions.give_priority", one)]
    wished = dict(
        Preference.objects.filter(round=round, position__in=[one.position_id for one in own])
        .order_by()
        .values_list("position_id")
        .annotate(Count("pk"))
    )
    return [(one, wished.get(one.position_id, 0)) for one in own]


def _office_context(round: Round) -> dict[str, Any]:
    quotas = list(round.quotas.all())
    names = selectors.labels({key for one in quotas for key in (one.students, one.positions)})
    open_ = round.state in (RoundState.COLLECTING, RoundState.PROPOSED)
    runs = list(round.runs.select_related("job").order_by("-number")[:_A_PAGE])
    return {
        "is_open": open_,
        "modes": Mode.choices,
        "may_compute": round.state == RoundState.PROPOSED
        or (round.state == RoundState.COLLECTING and timezone.localdate() > round.closes_on)
        or (round.state == RoundState.COMPUTING and bool(runs) and runs[0].job is not None and runs[0].job.is_lost),
        "runs": runs,
        "quotas": [(one, names.get(one.students, "?"), names.get(one.positions, "?")) for one in quotas],
        "decisions": round.decisions.select_related("person", "position__organisation", "decided_by"),
        "appeals": selectors.appeals(round),
        "round_places": round.round_positions.select_related("position__organisation").order_by("pk")[:_A_PAGE],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.run_round", raise_exception=True)
def round_new(request: HttpRequest) -> HttpResponse:
    """Open a round with every position that is open in its days."""
    user = person(request)
    # A seed nobody could have chosen for its lots; it is published with the round.
    form = RoundForm(request.POST or None, seed=secrets.randbelow(2**31))

    def act(data: dict[str, Any]) -> Round:
        said = form.round_data()
        places = selectors.candidate_places(user, said, data["cohorts"], at_least=data.get("at_least") or 0)
        return services.open_round(actor=user, data=said, cohorts=data["cohorts"], places=places)

    return form_page(
        request,
        form,
        act,
        title=_("Open a matching round"),
        lead=_("Every position that is open in these days takes part; you can take some out on the next page."),
        submit=_("Open the round"),
        back=reverse("positions:round_list"),
        back_label=_("Matching rounds"),
        done=_("The round is open."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.run_round", raise_exception=True)
def round_change(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change the days, cohorts or mode of a round."""
    round = found_round(request, uid)
    form = RoundForm(request.POST or None, round=round)
    return form_page(
        request,
        form,
        lambda data: services.change_round(
            actor=person(request),
            round=round,
            revision=revision_of(data, round.revision),
            data=form.round_data(),
            cohorts=data["cohorts"],
        ),
        title=_("Change “%(name)s”") % {"name": round.name},
        lead=_("Students who have joined a cohort since are taken in. With a later closing day they may wish again."),
        submit=_("Save"),
        back=address_of(round),
        back_label=round.name,
        done=_("The change is saved."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.run_round", raise_exception=True)
def places(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say which positions take part, with how many seats and what is asked of each."""
    user, round = person(request), found_round(request, uid)
    standing = Position.objects.filter(rounds__round=round)
    found = selectors.overlapping(user, round.starts_on, round.ends_on)
    listed = list(
        Position.objects.filter(pk__in={*standing.values_list("pk", flat=True), *found.values_list("pk", flat=True)})
        .select_related("organisation", "region")
        .order_by("organisation__name_zh", "pk")
    )
    form = RoundPlacesForm(request.POST or None, round=round, positions=listed)

    def act(data: dict[str, Any]) -> Round:
        said = services.RoundData(**{name: getattr(round, name) for name in services.RoundData.__dataclass_fields__})
        chosen = [Place(*one) for one in form.chosen()]
        if not chosen:
            raise ValidationError(_("Keep at least one position in the round."))
        return services.change_round(
            actor=user, round=round, revision=revision_of(data, round.revision), data=said, places=chosen
        )

    return form_page(
        request,
        form,
        act,
        title=_("Positions of “%(name)s”") % {"name": round.name},
        lead=_("Wishes for a position that you take out are dropped."),
        submit=_("Save"),
        back=address_of(round),
        back_label=round.name,
        done=_("The positions are saved."),
        template="positions/places_form.html",
    )


def _quota_form(request: HttpRequest, round: Round, **more: Any) -> QuotaForm:
    return QuotaForm(
        request.POST or None,
        students=selectors.student_groups(round),
        positions=selectors.position_groups(round),
        **more,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.run_round", raise_exception=True)
def quota_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask something of the result."""
    round = found_round(request, uid)
    form = _quota_form(request, round)
    return form_page(
        request,
        form,
        lambda data: services.put_quota(actor=person(request), round=round, data=form.quota_data()),
        title=_("Add a quota"),
        submit=_("Add it"),
        back=address_of(round),
        back_label=round.name,
        done=_("The quota is set for the runs to come."),
        goes_back=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.run_round", raise_exception=True)
def quota_change(request: HttpRequest, uid: UUID, key: int) -> HttpResponse:
    """Change a quota."""
    round = found_round(request, uid)
    quota = found_or_404(round.quotas.filter(pk=key).first())
    initial = {name: getattr(quota, name) for name in QuotaData.__dataclass_fields__}
    form = _quota_form(request, round, initial=initial)
    return form_page(
        request,
        form,
        lambda data: services.put_quota(actor=person(request), round=round, data=form.quota_data(), quota=quota),
        title=_("Change “%(name)s”") % {"name": quota.name},
        submit=_("Save"),
        back=address_of(round),
        back_label=round.name,
        done=_("The quota is set for the runs to come."),
        goes_back=True,
    )


@require_POST
@login_required
@permission_required("positions.run_round", raise_exception=True)
def quota_drop(request: HttpRequest, uid: UUID, key: int) -> HttpResponse:
    """Ask something no more."""
    round = found_round(request, uid)
    quota = found_or_404(Quota.objects.filter(round=round, pk=key).first())
    return deed(
        request,
        lambda: services.drop_quota(actor=person(request), quota=quota),
        done=_("The quota is dropped."),
        back=address_of(round),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.run_round", raise_exception=True)
def pair_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Fix a student in a position, or rule the pair out."""
    round = found_round(request, uid)
    initial = {"kind": request.GET.get("kind", "locked")}
    for name in ("person", "position"):
        if (text := request.GET.get(name, "")).isascii() and text.isdigit() and len(text) < _LONGEST_KEY:
            initial[name] = text
    form = PairForm(request.POST or None, round=round, initial=initial)
    return form_page(
        request,
        form,
        lambda data: services.decide_pair(actor=person(request), round=round, **data),
        title=_("Fix or rule out"),
        lead=_("It holds for the runs to come; compute again afterwards."),
        submit=_("Decide"),
        back=address_of(round),
        back_label=round.name,
        done=_("The decision holds for the runs to come."),
        goes_back=True,
    )


@require_POST
@login_required
@permission_required("positions.run_round", raise_exception=True)
def pair_lift(request: HttpRequest, uid: UUID, key: int) -> HttpResponse:
    """Lift a decision on a pair."""
    round = found_round(request, uid)
    decision = found_or_404(Decision.objects.filter(round=round, pk=key).first())
    return deed(
        request,
        lambda: services.lift_decision(actor=person(request), decision=decision),
        done=_("The decision is lifted."),
        back=address_of(round),
    )


@require_safe
@login_required
@permission_required("positions.run_round", raise_exception=True)
def students(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Who is in the round, and who has handed in."""
    round = found_round(request, uid)
    found = round.participations.select_related("person", "cohort").order_by("submitted_at", "pk")
    state = request.GET.get("state", "")
    if state == "missing":
        found = found.filter(submitted_at=None, excused="")
    elif state == "handed_in":
        found = found.filter(submitted_at__isnull=False)
    elif state == "excused":
        found = found.exclude(excused="")
    page = Paginator(found, _A_PAGE).get_page(request.GET.get("page"))
    context = {"round": round, "page": page, "state": state, "progress": selectors.progress_of(round)}
    return render(request, "positions/students.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.run_round", raise_exception=True)
def excuse(request: HttpRequest, uid: UUID, key: int) -> HttpResponse:
    """Leave a student out of the round, or take the student in again."""
    round = found_round(request, uid)
    row = found_or_404(round.participations.select_related("person").filter(pk=key).first())
    back = reverse("positions:students", args=[round.uid])
    if row.excused and request.method == "POST":
        return deed(
            request,
            lambda: services.excuse_student(actor=person(request), participation=row, reason=""),
            done=_("The student takes part again."),
            back=back,
        )
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.excuse_student(actor=person(request), participation=row, reason=data["reason"]),
        title=_("Leave %(name)s out of the round") % {"name": row.person.name},
        submit=_("Leave out"),
        back=back,
        back_label=_("Students"),
        done=_("The student is left out of this round."),
        goes_back=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.run_round", raise_exception=True)
def cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Call a round off."""
    round = found_round(request, uid)
    return form_page(
        request,
        ReasonForm(request.POST or None, initial={"revision": round.revision}),
        lambda data: services.cancel_round(
            actor=person(request), round=round, revision=revision_of(data, round.revision), reason=data["reason"]
        ),
        title=_("Call “%(name)s” off") % {"name": round.name},
        submit=_("Call it off"),
        back=address_of(round),
        back_label=round.name,
        done=_("The round is called off."),
        danger=True,
    )


@require_POST
@login_required
@permission_required("positions.run_round", raise_exception=True)
def compute(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Start a run and go to its task, which shows how far it is."""
    round = found_round(request, uid)
    started: list[Any] = []

    def act() -> None:
        started.append(services.start_run(actor=person(request), round=round, mode=request.POST.get("mode", "")))

    answer = deed(request, act, done=_("The matching is being computed."), back=address_of(round))
    return redirect("jobs:status", started[0].job.uid) if started else answer
