"""Applications to chains: list, funnel, page with its gates, evidence, decisions, withdrawal; what gates ask for."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.community import evidence_files, selectors, services
from ronghe.apps.community.chain_forms import (
    AdmissionFilter,
    ApplyForm,
    CriterionForm,
    DecideForm,
    EvidenceForm,
    WithdrawForm,
)
from ronghe.apps.community.forms import EndForm
from ronghe.apps.community.models import (
    Admission,
    AdmissionStep,
    Chain,
    Evidence,
    GateCriterion,
    GateDecision,
    Stage,
    StepState,
)
from ronghe.apps.community.services.admissions import parties_of
from ronghe.apps.community.views.frame import act_at_once, form_page, signed_in
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.metrics.registry import measure_community

_STATES = {"open": "progress", "admitted": "ok", "refused": "bad", "withdrawn": "none"}
_STEPS = {"gathering": "current", "waiting": "current", "passed": "done", "refused": "bad", "withdrawn": "bad"}


@require_safe
@login_required
@permission_required("community.view_admission", raise_exception=True)
def admission_list(request: HttpRequest) -> HttpResponse:
    """The applications that one may know of, with the gate at which each stands."""
    form = AdmissionFilter(request.GET or None)
    asked = form.cleaned_data if form.is_valid() else {}
    found = selectors.admissions(
        request.user,
        state=asked.get("state", ""),
        stage=int(asked["stage"]) if asked.get("stage") else None,
        text=asked.get("text", ""),
    )
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    today = timezone.localdate()
    rows = []
    for admission in page.object_list:
        step = selectors.current_step(admission)
        rows.append(
            {
                "admission": admission,
                "step": step,
                "kind": _STATES[admission.state],
                "is_late": step is not None and step.is_open and step.due_on < today,
            }
        )
    return render(
        request,
        "community/admission_list.html",
        {
            "form": form,
            "page": page,
            "rows": rows,
            "may_view_screening": request.user.has_perm("community.view_screening"),
            "may_change_gate": request.user.has_perm("community.change_gate"),
        },
    )


@require_safe
@login_required
@permission_required("community.view_screening", raise_exception=True)
def screening(request: HttpRequest) -> HttpResponse:
    """The funnel of a calendar year: how many came to each gate, what became of them, how long it took, why refused."""
    today = timezone.localdate()
    years = [today.year - offset for offset in range(5)]
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in years else today.year
    first, last = today.replace(year, 1, 1), today.replace(year, 12, 31)
    funnel = selectors.funnel(first, last)
    here = reverse("community:screening")
    window = Window(first, last)
    return render(
        request,
        "community/screening.html",
        {
            "funnel": funnel,
            "year": year,
            "tabs": [{"label": str(one), "url": f"{here}?year={one}", "current": one == year} for one in years],
            "bars": [
                {"label": _("Applied"), "value": funnel.applied},
                *({"label": str(row.stage.label), "value": row.passed} for row in funnel.stages),
            ],
            "grounds": [{"label": label, "value": number} for label, number in funnel.grounds],
            "measured": [
                (str(label), measure_community(name, window))
                for name, label in (
                    ("community.admissions.applied", _("Applied in the year")),
                    ("community.admissions.quality_passed", _("Admitted in the year")),
                    ("community.admissions.refused", _("Refused in the year")),
                    ("community.admissions.days", _("Days from application to its end")),
                )
            ],
        },
    )


def _admission(request: HttpRequest, uid: str) -> Admission:
    found = Admission.objects.visible_to(request.user).select_related(
        "chain", "organisation", "brought_in_by", "applied_by", "invitation"
    )
    return get_object_or_404(found, uid=uid)


def _step_rows(admission: Admission, *, with_papers: bool) -> list[dict[str, Any]]:
    decisions: dict[int, list[GateDecision]] = {}
    for decision in GateDecision.objects.filter(step__admission=admission).select_related("decided_by"):
        decisions.setdefault(decision.step_id, []).append(decision)
    rows = []
    today = timezone.localdate()
    for step in admission.steps.all():
        step.admission = admission
        rows.append(
            {
                "step": step,
                "answers": selectors.answers_of(step),
                "others": selectors.unassigned_evidence(step) if with_papers else [],
                "decisions": decisions.get(step.pk, []),
                "is_late": step.is_open and step.due_on < today,
            }
        )
    return rows


@require_safe
@login_required
def admission_page(request: HttpRequest, uid: str) -> HttpResponse:
    """One application with its three gates: what was asked, what was shown, what was decided, by whom and why."""
    admission = _admission(request, uid)
    user = signed_in(request)
    with_papers = user.has_perm("community.view_papers", admission)
    rows = _step_rows(admission, with_papers=with_papers)
    current: AdmissionStep | None = rows[-1]["step"] if rows else None
    reached = {row["step"].stage: row["step"] for row in rows}
    stages = [
        {
            "label": label,
            "state": _STEPS[reached[stage].state] if stage in reached else "todo",
            "note": reached[stage].get_state_display() if stage in reached else "",
        }
        for stage, label in Stage.choices
    ]
    prepares = user.has_perm("community.prepare_admission", admission)
    decides = user.has_perm("community.decide_gate", admission)
    return render(
        request,
        "community/admission.html",
        {
            "admission": admission,
            "rows": rows,
            "stages": stages,
            "kind": _STATES[admission.state],
            "confirmation": selectors.confirmation_of(admission.organisation),
            "with_papers": with_papers,
            "gathers": prepares and current is not None and current.state == StepState.GATHERING,
            "withdraws": prepares and current is not None and current.is_open,
            "decides": decides and current is not None and current.state == StepState.WAITING,
            "is_party": decides and user.pk in parties_of(admission),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.apply_to_chain", raise_exception=True)
def admission_apply(request: HttpRequest, uid: str) -> HttpResponse:
    """Apply for a place in a chain."""
    chain = get_object_or_404(Chain.objects.visible_to(request.user), uid=uid)
    made: list[Admission] = []

    def act(data: dict[str, Any]) -> str:
        made.append(services.apply_to_chain(actor=signed_in(request), chain=chain, **data))
        return _("The application stands. Show for the first gate what it asks for, then hand it in.")

    answer = form_page(
        request,
        ApplyForm(request.POST or None, chain=chain, user=request.user),
        act,
        title=_("Apply to “%(chain)s”") % {"chain": chain.name},
        lead=_("Three gates: demand matched, resources agreed, quality evaluated."),
        submit=_("Apply for a place"),
        back=chain.get_absolute_url(),
        back_label=chain.name,
        draft=f"apply-{chain.uid}",
    )
    return redirect(made[0]) if made else answer


def _open_step(admission: Admission) -> AdmissionStep:
    step = admission.steps.filter(state=StepState.GATHERING).order_by("-stage").first()
    if step is None:
        raise Http404(_("No gate of this application is open for evidence now."))
    step.admission = admission
    return step


def _demand_prepares(request: HttpRequest, admission: Admission) -> None:
    if not request.user.has_perm("community.prepare_admission", admission):
        raise PermissionDenied(_("Only HR of the firm that applies and the office prepare an application."))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def evidence_new(request: HttpRequest, uid: str) -> HttpResponse:
    """Show something at the gate that is open."""
    admission = _admission(request, uid)
    _demand_prepares(request, admission)
    step = _open_step(admission)

    def act(data: dict[str, Any]) -> str:
        services.add_evidence(actor=signed_in(request), admission=admission, **data)
        return _("The evidence was added.")

    return form_page(
        request,
        EvidenceForm(request.POST or None, request.FILES or None, criteria=selectors.criteria_of(step)),
        act,
        title=_("Add evidence"),
        lead=_("Gate: %(gate)s. Show one thing at a time.") % {"gate": step.get_stage_display()},
        submit=_("Add"),
        back=admission.get_absolute_url(),
        back_label=admission.organisation.name,
    )


def _evidence(request: HttpRequest, uid: str) -> Evidence:
    found = Evidence.objects.filter(removed_at__isnull=True).select_related("step__admission__chain")
    evidence = get_object_or_404(found, uid=uid)
    if not request.user.has_perm("community.view_papers", evidence.step.admission):
        raise Http404(_("There is no such file."))
    return evidence


@require_safe
@login_required
def evidence_file(request: HttpRequest, uid: str) -> HttpResponseBase:
    """The file itself, for the parties of the application; refused when it is not the one that was kept."""
    evidence = _evidence(request, uid)
    if not evidence.digest or not evidence_files.is_whole(evidence.uid, evidence.digest):
        raise Http404(_("The file is gone or was changed outside the platform. Tell the community office."))
    response = FileResponse(
        evidence_files.path_of(evidence.uid).open("rb"),
        as_attachment=True,
        filename=evidence.file_name,
        content_type=evidence.media_type,
    )
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


@require_POST
@login_required
def evidence_remove(request: HttpRequest, uid: str) -> HttpResponse:
    """Take a piece of evidence back before it is handed in."""
    evidence = _evidence(request, uid)

    def act() -> str:
        services.remove_evidence(actor=signed_in(request), evidence=evidence)
        return _("The evidence was taken back.")

    return act_at_once(request, act, evidence.step.admission.get_absolute_url())


@require_POST
@login_required
def gate_submit(request: HttpRequest, uid: str) -> HttpResponse:
    """Hand the evidence of the open gate in."""
    admission = _admission(request, uid)
    _demand_prepares(request, admission)

    def act() -> str:
        services.submit_gate(actor=signed_in(request), admission=admission)
        return _("Handed in. The office decides.")

    return act_at_once(request, act, admission.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def gate_decide(request: HttpRequest, uid: str) -> HttpResponse:
    """Decide the gate that waits."""
    admission = _admission(request, uid)
    if not request.user.has_perm("community.decide_gate", admission):
        raise PermissionDenied(_("Only the community office decides at gates."))
    step = admission.steps.filter(state=StepState.WAITING).order_by("-stage").first()
    if step is None:
        raise Http404(_("No gate of this application waits for a decision now."))
    step.admission = admission
    missing = [answer.criterion.text for answer in selectors.answers_of(step) if answer.is_missing]

    def act(data: dict[str, Any]) -> str:
        try:
            services.decide_gate(actor=signed_in(request), admission=admission, **data)
        except StaleRevision as stale:
            raise ValidationError(
                _("Someone else changed this application while you were reading. Go back and look at it again.")
            ) from stale
        return _("The decision is recorded.")

    return form_page(
        request,
        DecideForm(request.POST or None, is_last=step.stage == Stage.QUALITY, initial={"revision": admission.revision}),
        act,
        title=_("Decide on “%(firm)s”") % {"firm": admission.organisation.name},
        lead=_("Gate: %(gate)s, due on %(day)s.") % {"gate": step.get_stage_display(), "day": step.due_on},
        submit=_("Record the decision"),
        back=admission.get_absolute_url(),
        back_label=admission.organisation.name,
        notes=missing,
        notes_title=_("Required and still missing; the gate cannot be passed"),
        draft=f"decide-{admission.uid}-{admission.revision}",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def admission_withdraw(request: HttpRequest, uid: str) -> HttpResponse:
    """Take an application back."""
    admission = _admission(request, uid)
    _demand_prepares(request, admission)

    def act(data: dict[str, Any]) -> str:
        try:
            services.withdraw_admission(actor=signed_in(request), admission=admission, **data)
        except StaleRevision as stale:
            raise ValidationError(
                _("Someone else changed this application while you were reading. Go back and look at it again.")
            ) from stale
        return _("The application was withdrawn.")

    return form_page(
        request,
        WithdrawForm(request.POST or None, initial={"revision": admission.revision}),
        act,
        title=_("Withdraw the application"),
        lead=_("What was shown and decided stays on record."),
        submit=_("Withdraw"),
        back=admission.get_absolute_url(),
        back_label=admission.organisation.name,
        danger=True,
    )


@require_safe
@login_required
@permission_required("community.view_chain", raise_exception=True)
def criterion_list(request: HttpRequest) -> HttpResponse:
    """What the gates ask for today; no secret to whoever may apply."""
    today = timezone.localdate()
    criteria = list(GateCriterion.objects.on(today).order_by("stage", "-is_required", "code"))
    return render(
        request,
        "community/criterion_list.html",
        {
            "stages": [(label, [one for one in criteria if one.stage == stage]) for stage, label in Stage.choices],
            "may_change": request.user.has_perm("community.change_gate"),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.change_gate", raise_exception=True)
def criterion_set(request: HttpRequest, key: int | None = None) -> HttpResponse:
    """Add a criterion, or word one anew from a day on."""
    known = GateCriterion.objects.known()
    current = None if key is None else get_object_or_404(known, pk=key)
    names = ("code", "stage", "tier", "text_zh", "text_en", "metric", "at_least", "is_required")
    initial = {name: getattr(current, name) for name in names} if current else {}

    def act(data: dict[str, Any]) -> str:
        services.set_criterion(actor=signed_in(request), **data)
        return _("Gates opened from that day on ask for it.")

    return form_page(
        request,
        CriterionForm(request.POST or None, initial=initial),
        act,
        title=_("Word a criterion anew") if current else _("Add a criterion"),
        lead=_("Gates that are open already are judged by what was asked when they were opened."),
        submit=_("Save"),
        back=reverse("community:criterion_list"),
        back_label=_("What the gates ask for"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("community.change_gate", raise_exception=True)
def criterion_end(request: HttpRequest, key: int) -> HttpResponse:
    """Ask for something no more."""
    criterion = get_object_or_404(GateCriterion.objects.known(), pk=key)

    def act(data: dict[str, Any]) -> str:
        services.end_criterion(actor=signed_in(request), criterion=criterion, on=data["on"])
        return _("Gates opened from that day on do not ask for it.")

    return form_page(
        request,
        EndForm(request.POST or None),
        act,
        title=_("Ask for this no more"),
        lead=criterion.text,
        submit=_("End it"),
        back=reverse("community:criterion_list"),
        back_label=_("What the gates ask for"),
        danger=True,
    )
