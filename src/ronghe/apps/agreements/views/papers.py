"""One paper on its way: read, change, hand in, check, send, call back, give up, print."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe import papers
from ronghe.apps.accounts.pages import person
from ronghe.apps.agreements import selectors, services
from ronghe.apps.agreements.codes import shown
from ronghe.apps.agreements.forms import PaperForm, ReasonForm, SendForm
from ronghe.apps.agreements.models import Instrument, InstrumentKind, InstrumentState, Signature
from ronghe.apps.agreements.services import SignatureCheck
from ronghe.apps.agreements.views.clauses import edit_clause, new_clause, shown_clauses
from ronghe.apps.agreements.views.frame import allow, deed, form_page, paper_of, revision_of

_DAYS_TO_SIGN = 14


@require_safe
@login_required
def paper_page(request: HttpRequest, uid: Any) -> HttpResponse:
    """What the paper says, who has signed, and the next step of whoever looks."""
    paper = paper_of(request, uid)
    parties = list(paper.agreement.parties.select_related("organisation", "person"))
    content = paper.content["clauses"] if paper.content else paper.clauses
    signatures = selectors.signatures_of([paper]).get(paper.pk, [])
    mine = next((one for one in signatures if one.person_id == request.user.pk and one.is_waiting), None)
    may_change = request.user.has_perm("agreements.change_paper", paper)
    state = paper.state
    is_sent = state == InstrumentState.SENT
    may_check = (
        state == InstrumentState.CHECKING
        and paper.drafted_by_id != request.user.pk
        and request.user.has_perm("agreements.check_paper", paper)
    )
    context = {
        "paper": paper,
        "parties": parties,
        "clauses": shown_clauses(content, parties),
        "signatures": [_line(request, paper, one) for one in signatures],
        "mine": mine if is_sent else None,
        "scans": paper.outside_papers.select_related("party", "uploaded_by", "decided_by"),
        "may_decide_scans": is_sent and request.user.has_perm("agreements.decide_scan"),
        "me": request.user,
        "code": shown(paper.code) if paper.code else "",
        "steps": _steps(paper),
        "may_edit": may_change and paper.is_open,
        "may_days": may_change and paper.is_open,
        "may_check": may_check,
        "waits_for_other": state == InstrumentState.CHECKING and not may_check,
        "may_send": state == InstrumentState.CHECKED and request.user.has_perm("agreements.send_paper", paper),
        "may_recall": is_sent
        and request.user.has_perm("agreements.send_paper", paper)
        and not any(one.signed_at and not one.settled_at for one in signatures),
        "may_withdraw": may_change and state not in (InstrumentState.CONCLUDED, InstrumentState.WITHDRAWN),
        "may_upload": is_sent and request.user.has_perm("agreements.upload_scan", paper),
        "has_font": papers.chinese_face() is not None,
    }
    return render(request, "agreements/paper.html", context)


def _line(request: HttpRequest, paper: Instrument, signature: Signature) -> dict[str, Any]:
    check: SignatureCheck | None = None
    if signature.signed_at is not None and signature.settled_at is None:
        signature.instrument = paper
        check = services.verify_signature(signature)
    return {
        "signature": signature,
        "check": check,
        "may_hand_over": signature.is_waiting
        and paper.state == InstrumentState.SENT
        and signature.party.organisation_id is not None
        and request.user.has_perm("agreements.hand_over", signature),
    }


def _steps(paper: Instrument) -> list[dict[str, Any]]:
    order = [
        (InstrumentState.DRAFT, _("Draft")),
        (InstrumentState.CHECKING, _("Check")),
        (InstrumentState.CHECKED, _("Send")),
        (InstrumentState.SENT, _("Signatures")),
        (InstrumentState.CONCLUDED, _("Signed by all")),
    ]
    if paper.state == InstrumentState.WITHDRAWN:
        return [{"label": _("Withdrawn"), "state": "bad"}]
    now = [state for state, _label in order].index(InstrumentState(paper.state))
    is_done = paper.state == InstrumentState.CONCLUDED
    return [
        {"label": label, "state": "done" if place < now or is_done else "current" if place == now else "todo"}
        for place, (_state, label) in enumerate(order)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def paper_days(request: HttpRequest, uid: Any) -> HttpResponse:
    """Change the days of a draft."""
    paper = paper_of(request, uid)
    allow(request, "agreements.change_paper", paper)
    initial = {"first_day": paper.first_day, "last_day": paper.last_day, "revision": paper.revision}
    form = PaperForm(request.POST or None, initial=initial)
    if paper.kind == InstrumentKind.AMENDMENT:
        del form.fields["last_day"]

    def act(given: dict[str, Any]) -> str:
        services.change_paper(actor=person(request), instrument=paper, **given)
        return _("The days are saved.")

    return form_page(
        request,
        form,
        act,
        title=_("Days of the paper"),
        submit=_("Save"),
        back=paper.get_absolute_url(),
        back_label=paper.agreement.title,
    )


def _editing(request: HttpRequest, uid: Any) -> tuple[Instrument, dict[str, Any]]:
    paper = paper_of(request, uid)
    allow(request, "agreements.change_paper", paper)

    def put(clauses: list[dict[str, Any]], revision: int) -> Instrument:
        return services.change_paper(actor=person(request), instrument=paper, revision=revision, clauses=clauses)

    return paper, {
        "clauses": paper.clauses,
        "parties": list(paper.agreement.parties.select_related("organisation", "person")),
        "revision": paper.revision,
        "put": put,
        "back": paper.get_absolute_url(),
        "back_label": paper.agreement.title,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def clause_new(request: HttpRequest, uid: Any) -> HttpResponse:
    """Add a clause to a draft."""
    _paper, about = _editing(request, uid)
    return new_clause(request, **about)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def clause_edit(request: HttpRequest, uid: Any, key: str) -> HttpResponse:
    """Amend a clause of a draft, or take it out."""
    _paper, about = _editing(request, uid)
    return edit_clause(request, key, **about)


@require_POST
@login_required
def paper_submit(request: HttpRequest, uid: Any) -> HttpResponse:
    """Hand a draft in for the check."""
    paper = paper_of(request, uid)

    def act() -> str:
        services.submit_paper(actor=person(request), instrument=paper, revision=revision_of(request))
        return _("Handed in. A second person checks it before it is sent.")

    return deed(request, act, back=paper.get_absolute_url())


@require_POST
@login_required
def paper_pass(request: HttpRequest, uid: Any) -> HttpResponse:
    """Pass a paper that was checked."""
    paper = paper_of(request, uid)

    def act() -> str:
        services.check_paper(actor=person(request), instrument=paper, revision=revision_of(request), passed=True)
        return _("Checked. It can be sent now.")

    return deed(request, act, back=paper.get_absolute_url())


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def paper_return(request: HttpRequest, uid: Any) -> HttpResponse:
    """Return a paper to its drafter."""
    paper = paper_of(request, uid)
    allow(request, "agreements.check_paper", paper)

    def act(given: dict[str, Any]) -> str:
        services.check_paper(
            actor=person(request),
            instrument=paper,
            revision=given["revision"] or 0,
            passed=False,
            reason=given["reason"],
        )
        return _("Returned to the drafter.")

    return _reason_page(request, paper, act, title=_("Return the paper"), submit=_("Return it"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def paper_recall(request: HttpRequest, uid: Any) -> HttpResponse:
    """Call a paper back that nobody has signed."""
    paper = paper_of(request, uid)
    allow(request, "agreements.send_paper", paper)

    def act(given: dict[str, Any]) -> str:
        services.recall_paper(
            actor=person(request), instrument=paper, revision=given["revision"] or 0, reason=given["reason"]
        )
        return _("Called back. It is a draft again.")

    return _reason_page(request, paper, act, title=_("Call the paper back"), submit=_("Call it back"))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def paper_withdraw(request: HttpRequest, uid: Any) -> HttpResponse:
    """Give a paper up."""
    paper = paper_of(request, uid)
    allow(request, "agreements.change_paper", paper)

    def act(given: dict[str, Any]) -> str:
        services.withdraw_paper(
            actor=person(request), instrument=paper, revision=given["revision"] or 0, reason=given["reason"]
        )
        return _("The paper is given up.")

    return _reason_page(request, paper, act, title=_("Give the paper up"), submit=_("Give it up"), danger=True)


def _reason_page(request: HttpRequest, paper: Instrument, act: Any, **words: Any) -> HttpResponse:
    form = ReasonForm(request.POST or None, initial={"revision": paper.revision})
    back = paper.agreement.get_absolute_url() if words.get("danger") else paper.get_absolute_url()
    return form_page(request, form, act, back=back, back_label=paper.agreement.title, **words)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def paper_send(request: HttpRequest, uid: Any) -> HttpResponse:
    """Choose the signatories and send the paper."""
    paper = paper_of(request, uid)
    allow(request, "agreements.send_paper", paper)
    parties = list(paper.agreement.parties.select_related("organisation", "person"))
    initial = {"revision": paper.revision, "sign_by": timezone.localdate() + timedelta(days=_DAYS_TO_SIGN)}
    form = SendForm(request.POST or None, parties, initial=initial)

    def act(given: dict[str, Any]) -> str:
        services.send_paper(
            actor=person(request),
            instrument=paper,
            revision=given["revision"],
            sign_by=given["sign_by"],
            signatories=form.signatories,
        )
        return _("Sent. What the paper says is frozen; its hash is in the ledger.")

    return form_page(
        request,
        form,
        act,
        title=_("Send for signature"),
        lead=_("From now on the parties can read it and nothing of it changes."),
        submit=_("Send"),
        back=paper.get_absolute_url(),
        back_label=paper.agreement.title,
        template="agreements/send.html",
        organisations=[party.organisation for party in parties if party.organisation is not None],
    )


@require_safe
@login_required
def paper_pdf(request: HttpRequest, uid: Any) -> HttpResponse:
    """The paper as a PDF with its verification code, in the language of the page or the one asked for."""
    paper = paper_of(request, uid)
    if paper.content is None:
        raise Http404(_("There is no PDF before the paper is sent."))
    chosen = request.GET.get("language") or (get_language() or "")
    language = "zh" if chosen.startswith("zh") else "en"
    address = request.build_absolute_uri(f"{reverse('agreements:verify')}?code={paper.code}")
    try:
        printed = services.print_copy(instrument=paper, language=language, verify_url=address)
    except papers.NoChineseFont:
        messages.error(
            request,
            _(
                "This server has no font with Chinese, so it makes no PDF: characters would be missing without notice. "
                "Print this page instead, or ask its operator to install the fonts “Noto CJK”."
            ),
        )
        return redirect(paper)
    response = HttpResponse(printed, content_type="application/pdf")
    name = f"agreement-{paper.agreement.number or str(paper.agreement.uid)[:8]}-{paper.number}-{language}.pdf"
    response["Content-Disposition"] = f'inline; filename="{name.encode("ascii", "ignore").decode()}"'
    response["Cache-Control"] = "private, no-store"
    return response
