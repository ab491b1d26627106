"""Demand rounds and their white papers: as a page, as a PDF, and each figure with the records kept behind it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe import papers
from ronghe.apps.accounts.pages import person, take_errors
from ronghe.apps.demand import drafts, selectors, services, white_paper_text
from ronghe.apps.demand.models import DemandRound, DemandRoundState
from ronghe.apps.demand.report_forms import RoundForm
from ronghe.apps.demand.services import RoundFrozen
from ronghe.apps.ledger.revision import StaleRevision
from ronghe.apps.metrics.records import cells

_PER_PAGE = 25
# A gap rests on postings, requirements, units and students.
_MOST_SETS = 4
TEMPLATE = "apps/demand/papers/white_paper.typ"


@require_safe
@login_required
@permission_required("demand.view_round", raise_exception=True)
def round_list(request: HttpRequest) -> HttpResponse:
    """The white papers, and for the office the rounds that run."""
    context = {
        "page": Paginator(selectors.rounds(request.user), _PER_PAGE).get_page(request.GET.get("page")),
        "may_run": request.user.has_perm("demand.run_round"),
        "tabs": selectors.round_tabs(request.user),
    }
    return render(request, "demand/report_list.html", context)


def _found(request: HttpRequest, uid: Any) -> DemandRound:
    found = selectors.round_of(request.user, uid)
    if found is None:
        raise Http404(_("There is no such demand round, or it is not open to you."))
    return found


@require_safe
@login_required
def round_page(request: HttpRequest, uid: Any) -> HttpResponse:
    """A white paper as it was frozen; of a round that runs, what would be frozen now."""
    return _render(request, _found(request, uid))


def _render(request: HttpRequest, found: DemandRound, *, problem: str = "", status: int = 200) -> HttpResponse:
    is_frozen = found.state == DemandRoundState.FROZEN
    draft = None if is_frozen else drafts.draft(found, actor=request.user)
    content = found.content if draft is None else draft.content
    context = {
        "standing": draft.standing if draft else None,
        "again_url": reverse("demand:round_draft", args=[found.uid]),
        "may_freeze": draft is not None and draft.is_current,
        "round": found,
        "is_frozen": is_frozen,
        "is_intact": services.is_intact(found),
        "sections": white_paper_text.sections_of(content) if content else [],
        "may_run": request.user.has_perm("demand.run_round"),
        "has_font": papers.chinese_face() is not None,
        "problem": problem,
    }
    return render(request, "demand/report.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("demand.run_round", raise_exception=True)
def round_new(request: HttpRequest) -> HttpResponse:
    """Start a demand round."""
    form = RoundForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            started = services.start_round(actor=person(request), data=form.data_of_round)
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, _("The round is started. Its white paper is not frozen yet."))
            return redirect(started)
    return render(request, "demand/report_form.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("demand.run_round", raise_exception=True)
def round_amend(request: HttpRequest, uid: Any) -> HttpResponse:
    """Change what a round looks at, before it is frozen."""
    found = _found(request, uid)
    if found.state == DemandRoundState.FROZEN:
        messages.error(request, str(RoundFrozen()))
        return redirect(found)
    form = RoundForm(request.POST if request.method == "POST" else None, round=found)
    context: dict[str, Any] = {"form": form, "round": found}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            revision = form.cleaned_data["revision"] or 0
            try:
                services.amend_round(actor=person(request), round=found, revision=revision, data=form.data_of_round)
            except ValidationError as error:
                take_errors(form, error)
            except RoundFrozen as refused:
                messages.error(request, str(refused))
                return redirect(found)
            except StaleRevision as stale:
                typed = {**request.POST.dict(), "revision": str(stale.current.revision)}
                context |= {"form": RoundForm(typed, round=found), "changed": True}
                status = 409
            else:
                messages.success(request, _("The round is saved."))
                return redirect(found)
    return render(request, "demand/report_form.html", context, status=status)


@require_POST
@login_required
def round_draft(request: HttpRequest, uid: Any) -> HttpResponse:
    """Compute a draft once more whose task has failed."""
    found = _found(request, uid)
    if found.state == DemandRoundState.RUNNING:
        drafts.draft(found, actor=person(request), again=True)
    return redirect(found)


@require_POST
@login_required
def round_freeze(request: HttpRequest, uid: Any) -> HttpResponse:
    """Freeze the white paper of a round."""
    found = _found(request, uid)
    if not request.user.has_perm("demand.run_round"):
        raise PermissionDenied(_("Only the community office freezes white papers."))
    if found.state == DemandRoundState.RUNNING and not drafts.draft(found, actor=person(request)).is_current:
        waits = _("The draft is being computed from today's data. Freeze it when it is there.")
        return _render(request, found, problem=waits, status=409)
    try:
        revision = int(request.POST.get("revision", "0"))
        services.freeze_round(actor=person(request), round=found, revision=revision)
    except ValidationError as error:
        return _render(request, found, problem=" ".join(error.messages), status=422)
    except (StaleRevision, ValueError):
        again = _("Someone changed the round meanwhile. Look at it again, then freeze it.")
        return _render(request, _found(request, uid), problem=again, status=409)
    except RoundFrozen as refused:
        messages.error(request, str(refused))
        return redirect(found)
    messages.success(request, _("The white paper is frozen; its hash is in the ledger."))
    return redirect(found)


@require_safe
@login_required
def round_pdf(request: HttpRequest, uid: Any) -> HttpResponse:
    """The white paper as a PDF, in the language of the page."""
    found = _found(request, uid)
    if found.content is None or found.frozen_at is None:
        raise Http404(_("There is no PDF before the white paper is frozen."))
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    state = _("Frozen on %(day)s.") % {"day": timezone.localdate(found.frozen_at).isoformat()}
    data = white_paper_text.printed(found.content, found.digest, state)
    try:
        printed = papers.print_paper(TEMPLATE, data, language=language, written_at=found.frozen_at)
    except papers.NoChineseFont:
        problem = _(
            "This server has no font with Chinese, so it makes no PDF: characters would be missing without notice. "
            "Print this page instead, or ask its operator to install the fonts “Noto CJK”."
        )
        return _render(request, found, problem=problem, status=503)
    response = HttpResponse(printed, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="white-paper-{found.last_day:%Y%m%d}-{language}.pdf"'
    return response


@require_safe
@login_required
def round_records(request: HttpRequest, uid: Any, keys: str) -> HttpResponse:
    """The records behind a figure of a white paper, as they were when it was frozen and as far as one may see them."""
    found = _found(request, uid)
    sets = []
    for number, key in enumerate(keys.split("+")[:_MOST_SETS]):
        kept = selectors.frozen_records(request.user, found, key)
        if kept is None:
            raise Http404(_("The white paper keeps no such records."))
        name = f"page{number}"
        page = None if kept.rows is None else Paginator(kept.rows, _PER_PAGE).get_page(request.GET.get(name))
        shown = [] if page is None else list(page.object_list)
        if shown and kept.view.opened is not None:
            kept.view.opened(request.user, shown)
        rows = [cells(kept.view, row) for row in shown]
        sets.append(
            {
                "kept": kept,
                "name": name,
                "page": page,
                "rows": rows,
                "columns": [column.label for column in kept.view.columns],
            }
        )
    return render(request, "demand/report_records.html", {"round": found, "sets": sets})
