"""Postings: the list, one with its spans and what people say of them, where an import begins."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person, take_errors
from ronghe.apps.demand import exports, figures, selectors, services
from ronghe.apps.demand.filters import PostingFilter
from ronghe.apps.demand.forms import DecisionForm, SourceForm
from ronghe.apps.demand.models import Posting, Skill, Verdict
from ronghe.apps.demand.selectors import Choices, PostingPage, Span
from ronghe.apps.demand.views.frame import kept_part, languages, waiting_work

_PER_PAGE = 20
# Start and end of a span, and the skill in it.
Place = tuple[int, int, str]


def _asked(form: PostingFilter) -> dict[str, Any]:
    asked = form.asked
    return {
        "text": asked["text"],
        "source": int(asked["source"]) if asked["source"] else None,
        "region": asked["region"],
        "field": asked["field"],
        "language": asked["language"],
        "skill": asked["skill"].code if asked["skill"] else "",
        "window": form.window,
        "duplicates": bool(asked["duplicates"]),
    }


@require_safe
@login_required
@permission_required("demand.view_posting", raise_exception=True)
def posting_list(request: HttpRequest) -> HttpResponse:
    """The advertisements, newest first."""
    state = figures.data_state()
    offered = selectors.choices(state=state)
    context: dict[str, Any] = {
        "has_postings": bool(offered.months),
        "waiting": waiting_work(request, state),
        "may_import": request.user.has_perm("demand.import_postings"),
    }
    if context["has_postings"]:
        context["part"] = kept_part(request, state, "demand/posting_list_part.html", lambda: _list(request, offered))
    return render(request, "demand/posting_list.html", context)


def _list(request: HttpRequest, offered: Choices) -> dict[str, Any]:
    form = PostingFilter(request.GET, offered)
    found = selectors.postings(request.user, **_asked(form))
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    return {
        "form": form,
        "page": page,
        "rows": _rows(list(page.object_list), offered.fields),
        "query": request.GET.urlencode(),
    }


def _rows(postings: list[Posting], fields: Any) -> list[dict[str, Any]]:
    """The lines of the list, each with the number of skills that the posting asks for."""
    counts = dict(
        Posting.objects.filter(pk__in=[posting.pk for posting in postings])
        .order_by()
        .annotate(skills=Count("asked"))
        .values_list("pk", "skills")
    )
    names = {label.code: label.name for label in fields}
    return [
        {"posting": posting, "skills": counts[posting.pk], "field": names.get(posting.field, "")}
        for posting in postings
    ]


@require_safe
@login_required
@permission_required("demand.view_posting", raise_exception=True)
def posting_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The postings of the filter as a file that the import reads back."""
    return exports.postings_response(request.user, kind, **_asked(PostingFilter(request.GET, selectors.choices())))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("demand.import_postings", raise_exception=True)
def posting_import(request: HttpRequest) -> HttpResponse:
    """Say where the postings come from: a source that is known, or a new one."""
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            source = services.register_source(actor=person(request), **form.cleaned_data)
        except ValidationError as error:
            take_errors(form, error)
        else:
            return redirect(f"{reverse('jobs:import_new', args=['demand.postings'])}?subject={source.pk}")
    sources = selectors.sources().annotate(count=Count("postings"))
    context = {"form": form, "sources": sources}
    return render(request, "demand/posting_import.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def posting_process(request: HttpRequest) -> HttpResponse:
    """Compare and read all postings that wait for it, in the background."""
    work = services.start_processing(actor=person(request))
    return redirect("jobs:status", uid=work.uid)


@require_safe
@login_required
@permission_required("demand.view_posting", raise_exception=True)
def posting_page(request: HttpRequest, key: int) -> HttpResponse:
    """One advertisement, the skills found in it, and the same advertisement published elsewhere."""
    return _render(request, key)


def _render(
    request: HttpRequest,
    key: int,
    *,
    conflict: str = "",
    decided: Place | None = None,
    status: int = 200,
) -> HttpResponse:
    found = selectors.posting_page(request.user, key)
    if found is None:
        raise Http404(_("There is no such posting. It may have been removed: look for it in the list."))
    labels = {label.code: label.name for label in selectors.choices().fields}
    context = {
        "found": found,
        "posting": found.posting,
        "spans": _marks(found.spans),
        "mentions": _mentions(found, decided),
        "undecided": sum(1 for span in found.spans if not span.verdict),
        "field": labels.get(found.posting.field, ""),
        "language": languages().get(found.posting.language, found.posting.language),
        "conflict": conflict,
    }
    return render(request, "demand/posting.html", context, status=status)


def _name(span: Span) -> str:
    """What a span is called within its page."""
    return f"{span.start}-{span.end}-{span.skill.key}"


def _marks(spans: list[Span]) -> list[dict[str, Any]]:
    kinds = {Verdict.ACCEPTED.value: "ok", Verdict.REJECTED.value: "bad"}
    return [
        {
            "start": span.start,
            "end": span.end,
            "kind": kinds.get(span.verdict, "" if span.tier == 1 else "warn"),
            "href": f"#mention-{_name(span)}",
            "id": f"span-{_name(span)}",
        }
        for span in spans
    ]


def _mentions(found: PostingPage, decided: Place | None) -> list[dict[str, Any]]:
    """The lines of the list beside the text. After a decision the focus goes to the next span that waits for one."""
    rows = [{"span": span, "name": _name(span), "focus": ""} for span in found.spans]
    if decided is None or not found.may_decide:
        return rows
    places = [(span.start, span.end, span.skill.code) for span in found.spans]
    here = places.index(decided) if decided in places else 0
    following = [*range(here + 1, len(rows)), *range(here)]
    target = next((at for at in following if not found.spans[at].verdict), here)
    if rows:
        rows[target]["focus"] = "undo" if found.spans[target].verdict else "accept"
    return rows


@require_POST
@login_required
def posting_decide(request: HttpRequest, key: int) -> HttpResponse:
    """Accept or reject a skill in a span, or take that back. htmx gets the page with the next span in focus."""
    posting = get_object_or_404(Posting.objects.visible_to(request.user), pk=key)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise Http404(_("This decision is incomplete. Open the posting and decide again."))
    data = form.cleaned_data
    place = {"posting": posting, "start": data["start"], "end": data["end"], "seen": data["seen"]}
    skill = get_object_or_404(Skill, code=data["skill"])
    conflict = ""
    try:
        if data["verdict"]:
            services.decide_mention(actor=person(request), skill=skill, verdict=data["verdict"], **place)
        else:
            services.undo_decision(actor=person(request), skill=skill, **place)
    except services.DecisionConflict as changed:
        conflict = _what_stands(changed)
    except ValidationError as error:
        conflict = " ".join(error.messages)
    decided = (data["start"], data["end"], skill.code)
    if request.headers.get("HX-Request"):
        return _render(request, key, conflict=conflict, decided=decided)
    if conflict:
        return _render(request, key, conflict=conflict, status=409)
    messages.success(request, _said(data["verdict"]) % {"skill": skill.name})
    return redirect(f"{posting.get_absolute_url()}#mention-{data['start']}-{data['end']}-{skill.pk}")


def _said(verdict: str) -> str:
    said = {
        Verdict.ACCEPTED.value: _("“%(skill)s” is accepted here."),
        Verdict.REJECTED.value: _("“%(skill)s” is rejected here."),
    }
    return said.get(verdict, _("The decision on “%(skill)s” is taken back."))


def _what_stands(changed: services.DecisionConflict) -> str:
    if changed.current is None:
        return _("Someone else has taken the decision on this mention back meanwhile. Nothing was changed.")
    return _("%(who)s has decided on this mention meanwhile: %(verdict)s. Nothing was changed.") % {
        "who": changed.current.decided_by or _("Someone"),
        "verdict": changed.current.get_verdict_display(),
    }
