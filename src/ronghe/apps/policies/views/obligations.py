"""Obligations: the board of a day, one subject, one rule with its number, sample and questions; decisions."""

import hashlib
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.policies import names, services, subjects
from ronghe.apps.policies.forms import AnswerForm, BoardForm, MomentForm, QuestionForm, SignForm
from ronghe.apps.policies.models import Decision, Question
from ronghe.apps.policies.rows import line_row, query_of, rule_url, shown
from ronghe.apps.policies.selectors.obligations import (
    ORDER,
    Line,
    Moment,
    Obligation,
    board,
    of_subject,
)
from ronghe.apps.policies.selectors.samples import sample
from ronghe.apps.policies.selectors.simulation import scope_texts, window_text
from ronghe.apps.policies.subjects import SubjectKind
from ronghe.apps.policies.views.frame import allowed, deed, form_page, may
from ronghe.methods.rules import Verdict
from ronghe.trust.canonical import canonical_json


@require_safe
@login_required
def obligations(request: HttpRequest) -> HttpResponse:
    """The board: the subjects of a kind on a day, the most broken first."""
    may(request, "policies.view_obligations")
    form = BoardForm(request.GET or None)
    moment = form.moment()
    kind = _kind(request.GET.get("kind", SubjectKind.CHAIN.value))
    lines = board(kind, moment, person(request))
    wanted = form.cleaned_data.get("verdict") if form.is_bound and form.is_valid() else ""
    if wanted:
        lines = [line for line in lines if line.counts[Verdict(wanted)]]
    totals = {verdict: sum(line.counts[verdict] for line in lines) for verdict in ORDER}
    page = Paginator(lines, 25).get_page(request.GET.get("page"))
    query = {name: str(request.GET[name]) for name in ("on", "known") if name in request.GET}
    context = {
        "form": form if form.is_bound else BoardForm(initial={"on": moment.day}),
        "moment": moment,
        "kind": kind,
        "tabs": [
            {"label": one.label, "url": f"?{urlencode({'kind': one.value, **query})}", "current": one == kind}
            for one in SubjectKind
        ],
        "page": page,
        "rows": [line_row(line, moment) for line in page.object_list],
        "totals": [(names.VERDICTS[verdict], totals[verdict]) for verdict in ORDER],
        "sees_all": subjects.sees_all(request.user),
        "may_send": request.user.has_perm("policies.send_digest"),
        "may_see_exemptions": request.user.has_perm("policies.view_exemptions"),
    }
    return render(request, "policies/obligations.html", context)


def _kind(text: str) -> SubjectKind:
    if text not in SubjectKind.values:
        raise Http404(_("There is no such kind of subject."))
    return SubjectKind(text)


def _subject(request: HttpRequest, kind: str, key: int) -> tuple[SubjectKind, Any]:
    found_kind = _kind(kind)
    found = subjects.subject(found_kind, key)
    if found is None or not allowed(request, "policies.view_obligations", (found_kind, key)):
        # Whether somebody else's subject exists is not told either.
        raise Http404(_("There is no such subject, or its obligations are not open to you."))
    return found_kind, found


@require_safe
@login_required
def subject(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """All obligations of one subject on a day, and the decisions signed on it."""
    found_kind, found = _subject(request, kind, key)
    form = MomentForm(request.GET or None)
    moment = form.moment()
    rows = of_subject(found_kind, found, moment)
    counts = Line(found_kind, found, rows).counts
    context = {
        "subject": found,
        "kind": found_kind,
        "form": form if form.is_bound else MomentForm(initial={"on": moment.day}),
        "moment": moment,
        "query": query_of(moment),
        "rows": [shown(one, moment) for one in rows],
        "totals": [(names.VERDICTS[verdict], counts[verdict]) for verdict in ORDER],
        "decisions": Decision.objects.filter(subject_kind=found_kind, subject_key=key).select_related("signed_by")[:10],
        "may_sign": bool(rows) and request.user.has_perm("policies.sign_decision"),
    }
    return render(request, "policies/subject.html", context)


@require_safe
@login_required
def obligation(request: HttpRequest, kind: str, key: int, code: str, rule: str) -> HttpResponse:
    """One rule on one subject: what is asked, the number, a sample of its records, questions and answers."""
    found_kind, found = _subject(request, kind, key)
    form = MomentForm(request.GET or None)
    moment = form.moment()
    one = _one(found_kind, found, moment, code, rule)
    questions = Question.objects.filter(
        subject_kind=found_kind, subject_key=key, rule_set=one.asked.version.rule_set_id, rule_key=rule
    ).select_related("asked_by", "answered_by")
    path = reverse("policies:ask_exemption", args=[kind, key, code, rule])
    context = {
        "subject": found,
        "kind": found_kind,
        "form": form if form.is_bound else MomentForm(initial={"on": moment.day}),
        "moment": moment,
        "query": query_of(moment),
        "row": shown(one, moment),
        "window": one.window,
        "window_text": window_text(one.entry),
        "scope": scope_texts(one.entry),
        "sample": sample(one.measurement, person(request)),
        "questions": [
            (question, request.user.has_perm("policies.answer_question", question)) for question in questions
        ],
        "question_form": QuestionForm() if request.user.has_perm("policies.ask_question") else None,
        "exempt_url": path if allowed(request, "policies.ask_exemption", (found_kind, key)) else "",
        "back": reverse("policies:subject", args=[kind, key]) + query_of(moment),
    }
    return render(request, "policies/obligation.html", context)


def _one(kind: SubjectKind, found: Any, moment: Moment, code: str, rule: str) -> Obligation:
    for one in of_subject(kind, found, moment):
        if one.asked.version.rule_set.code == code and one.entry.key == rule:
            return one
    raise Http404(_("On this day no such rule was in force for this kind of subject. Choose a later day."))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def sign(request: HttpRequest, kind: str, key: int) -> HttpResponse:
    """Sign what the rules say of a subject on a day."""
    may(request, "policies.sign_decision")
    found_kind, found = _subject(request, kind, key)
    moment = MomentForm(request.GET or None).moment()
    counts = Line(found_kind, found, of_subject(found_kind, found, moment)).counts
    return form_page(
        request,
        SignForm(request.POST or None),
        lambda data: services.sign_decision(
            actor=person(request), kind=found_kind, key=key, moment=moment, note=data["note"]
        ),
        title=_("Sign the decision on %(name)s") % {"name": found.name},
        submit=_("Sign"),
        back=reverse("policies:subject", args=[kind, key]) + query_of(moment),
        back_label=found.name,
        done=_("Signed; its hash is in the ledger."),
        lead=_("What you sign keeps the rules, the measurements and their records as they are told on this page."),
        facts=[
            (_("On the day"), moment.day.isoformat()),
            *((str(names.VERDICTS[verdict][1]), counts[verdict]) for verdict in ORDER if counts[verdict]),
        ],
    )


@require_POST
@login_required
def ask(request: HttpRequest, kind: str, key: int, code: str, rule: str) -> HttpResponse:
    """Ask about an obligation or a record of its sample."""
    may(request, "policies.ask_question")
    found_kind, found = _subject(request, kind, key)
    moment = MomentForm(request.GET or None).moment()
    one = _one(found_kind, found, moment, code, rule)
    return deed(
        request,
        lambda: services.ask_question(
            actor=person(request),
            kind=found_kind,
            key=key,
            rule_set=one.asked.version.rule_set,
            rule_key=rule,
            day=moment.day,
            text=request.POST.get("text", ""),
            record=request.POST.get("record", ""),
        ),
        done=_("The question is with the office."),
        back=rule_url(one, moment),
    )


@require_safe
@login_required
def questions(request: HttpRequest) -> HttpResponse:
    """The questions of reviewers, those without an answer first."""
    may(request, "policies.view_decisions")
    found = Question.objects.select_related("rule_set", "asked_by").order_by(
        F("answered_at").desc(nulls_first=True), "-asked_at"
    )
    page = Paginator(found, 25).get_page(request.GET.get("page"))
    named = subjects.names_of([(one.subject_kind, one.subject_key) for one in page.object_list])
    rows = [
        {
            "question": one,
            "subject": named.get((one.subject_kind, one.subject_key)),
            "url": reverse(
                "policies:obligation", args=[one.subject_kind, one.subject_key, one.rule_set.code, one.rule_key]
            ),
        }
        for one in page.object_list
    ]
    return render(request, "policies/questions.html", {"page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def answer(request: HttpRequest, uid: Any) -> HttpResponse:
    """Answer a reviewer's question."""
    question = get_object_or_404(Question.objects.select_related("rule_set"), uid=uid)
    if not request.user.has_perm("policies.answer_question", question):
        raise Http404(_("There is no such question, or it is not yours to answer."))
    back = reverse(
        "policies:obligation",
        args=[question.subject_kind, question.subject_key, question.rule_set.code, question.rule_key],
    )
    return form_page(
        request,
        AnswerForm(request.POST or None),
        lambda data: services.answer_question(actor=person(request), question=question, answer=data["answer"]),
        title=_("Answer the question"),
        submit=_("Answer"),
        back=back,
        back_label=_("Obligation"),
        done=_("The answer is recorded."),
        lead=question.text,
    )


@require_safe
@login_required
def decisions(request: HttpRequest) -> HttpResponse:
    """The decisions that were signed, the newest first."""
    may(request, "policies.view_decisions")
    page = Paginator(Decision.objects.visible_to(request.user).select_related("signed_by"), 25).get_page(
        request.GET.get("page")
    )
    named = subjects.names_of([(one.subject_kind, one.subject_key) for one in page.object_list])
    rows = [
        (one, named.get((one.subject_kind, one.subject_key)), sum(line["verdict"] == "red" for line in one.lines))
        for one in page.object_list
    ]
    return render(request, "policies/decisions.html", {"page": page, "rows": rows})


@require_safe
@login_required
def decision(request: HttpRequest, uid: Any) -> HttpResponse:
    """One signed decision, and whether it still says what was signed."""
    one = get_object_or_404(Decision.objects.select_related("signed_by"), uid=uid)
    kind = SubjectKind(one.subject_kind)
    if not allowed(request, "policies.view_obligations", (kind, one.subject_key)):
        raise Http404(_("There is no such decision, or it is not open to you."))
    language = "zh" if request.LANGUAGE_CODE.startswith("zh") else "en"
    signed = {
        "subject": [kind.value, one.subject_key],
        "day": one.day.isoformat(),
        "known_at": one.known_at.isoformat(),
        "lines": one.lines,
        "note": one.note,
    }
    context = {
        "decision": one,
        "kind": kind,
        "subject": subjects.subject(kind, one.subject_key),
        "is_unchanged": hashlib.sha256(canonical_json(signed)).hexdigest() == one.digest,
        "rows": [
            {
                "line": line,
                "name": line["name"][language],
                "why": line["explanation"][language],
                "sign": names.VERDICTS[Verdict(line["verdict"])],
            }
            for line in one.lines
        ],
    }
    return render(request, "policies/decision.html", context)
