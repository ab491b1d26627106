"""Agreements: list, page with what holds on a day, draft, amend, renew, end, download, reminders."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.agreements import selectors, services
from ronghe.apps.agreements.forms import AgreementFilter, AmendForm, DraftForm, EndForm, RenewForm
from ronghe.apps.agreements.imports import AGREEMENTS, exported
from ronghe.apps.agreements.models import Agreement, Instrument, InstrumentState
from ronghe.apps.agreements.views.clauses import shown_clauses
from ronghe.apps.agreements.views.frame import agreement_of, allow, form_page
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.jobs import services as jobs
from ronghe.apps.jobs.exports import table_response

_PER_PAGE = 25


def _filtered(request: HttpRequest) -> tuple[AgreementFilter, Any, Any]:
    form = AgreementFilter(request.GET or None, request.user)
    asked = form.cleaned_data if form.is_bound and form.is_valid() else {}
    chain = asked.get("chain")
    found = selectors.agreements(
        request.user,
        text=asked.get("text", ""),
        kind=asked.get("kind", ""),
        standing=asked.get("standing", ""),
        chain=chain.pk if chain else None,
        on=asked.get("on"),
    )
    return form, found, asked.get("on")


@require_safe
@login_required
def agreement_list(request: HttpRequest) -> HttpResponse:
    """The agreements one may know of, and what waits for the person who looks."""
    form, found, day = _filtered(request)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    may_draft = request.user.has_perm("agreements.draft_agreement")
    context = {
        "form": form,
        "page": page,
        # A reviewer knows of agreements whose people are not a reviewer's to know.
        "rows": selectors.rows(page.object_list, day, shows_people=not standing.holds(request.user, RoleKind.REVIEWER)),
        "query": request.GET.urlencode(),
        "waiting": selectors.waiting_for(person(request)),
        "may_draft": may_draft,
        "is_office": request.user.has_perm("agreements.import_agreements"),
        "own": Organisation.objects.filter(
            pk__in=standing.organisations(request.user, [RoleKind.ENTERPRISE_HR, RoleKind.OFFICE])
        ),
    }
    return render(request, "agreements/agreement_list.html", context)


@require_safe
@login_required
def agreement_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """The agreements of the filter, in the columns of the import."""
    _form, found, _day = _filtered(request)
    return table_response(exported(found), AGREEMENTS, kind=kind, filename="agreements")


@require_safe
@login_required
def agreement_page(request: HttpRequest, uid: Any) -> HttpResponse:
    """One agreement: parties, what holds on a day, its papers and signatures, what can be done."""
    agreement = agreement_of(request, uid)
    filter_form = AgreementFilter({"on": request.GET.get("on", "")}, request.user)
    asked = filter_form.cleaned_data.get("on") if filter_form.is_valid() else None
    day = asked or timezone.localdate()
    [row] = selectors.rows([agreement], day)
    may_read = request.user.has_perm("agreements.view_papers_of", agreement)
    parties = list(agreement.parties.select_related("organisation", "person"))
    papers = selectors.papers_of(request.user, agreement)
    clauses = selectors.consolidated(agreement, day) if may_read else []
    in_the_making = any(paper.state not in (InstrumentState.CONCLUDED, InstrumentState.WITHDRAWN) for paper in papers)
    may_amend = request.user.has_perm("agreements.amend_agreement", agreement)
    concluded = row.term is not None and agreement.ended_on is None
    context = {
        "agreement": agreement,
        "row": row,
        "day": day,
        "is_today": day == timezone.localdate(),
        "last_day": row.last_day,
        "ended_by": _named(agreement, may_read),
        "parties": parties,
        "shows_people": may_read,
        "papers": papers,
        "signatures": selectors.signatures_of(papers),
        "clauses": shown_clauses(clauses, parties),
        "promises": selectors.promises_on(request.user, agreement, day),
        "may_read": may_read,
        "may_amend": may_amend and concluded and not in_the_making,
        "may_renew": may_amend and concluded and not in_the_making and row.term is not None and row.term.valid_until,
        "may_end": concluded and request.user.has_perm("agreements.end_agreement", agreement),
    }
    return render(request, "agreements/agreement.html", context)


def _named(agreement: Agreement, shows_people: bool) -> str:
    """Who ended it; a person only for those who may read the papers."""
    party = agreement.ended_by
    if party is None:
        return ""
    return party.name if party.organisation_id or shows_people else party.side_label


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def agreement_new(request: HttpRequest) -> HttpResponse:
    """Draft an agreement."""
    allow(request, "agreements.draft_agreement")
    form = DraftForm(request.POST if request.method == "POST" else None, request.user)
    drafted: list[Instrument] = []

    def act(given: dict[str, Any]) -> str:
        names = ("title_zh", "title_en", "number", "first_day", "last_day", "template", "chain", "notice_days")
        chosen = {name: given[name] for name in names}
        data = services.DraftData(parties=form.parties, kind=given["kind"] or "other", **chosen)
        drafted.append(services.draft_agreement(actor=person(request), data=data))
        return _("The draft stands. Fill in its clauses, then hand it in for the check.")

    return form_page(
        request,
        form,
        act,
        title=_("Draft an agreement"),
        lead=_("Nobody on the other side sees it before it is sent."),
        submit=_("Draft it"),
        back=reverse("agreements:list"),
        back_label=_("Agreements"),
        template="agreements/draft.html",
        go=lambda: drafted[0],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def agreement_amend(request: HttpRequest, uid: Any) -> HttpResponse:
    """Begin an amendment."""
    agreement = agreement_of(request, uid)
    allow(request, "agreements.amend_agreement", agreement)
    drafted: list[Instrument] = []

    def act(given: dict[str, Any]) -> str:
        drafted.append(services.draft_amendment(actor=person(request), agreement=agreement, **given))
        return _("The amendment is a draft with all that holds on that day. Change the clauses it concerns.")

    return form_page(
        request,
        AmendForm(request.POST or None),
        act,
        title=_("Amend the agreement"),
        lead=_("What held before the amendment stays readable; each day keeps what held on it."),
        submit=_("Draft the amendment"),
        back=agreement.get_absolute_url(),
        back_label=agreement.title,
        go=lambda: drafted[0],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def agreement_renew(request: HttpRequest, uid: Any) -> HttpResponse:
    """Begin a renewal."""
    agreement = agreement_of(request, uid)
    allow(request, "agreements.amend_agreement", agreement)
    drafted: list[Instrument] = []

    def act(given: dict[str, Any]) -> str:
        drafted.append(services.draft_renewal(actor=person(request), agreement=agreement, **given))
        return _("The renewal is a draft. It continues the agreement on the day after its last one.")

    return form_page(
        request,
        RenewForm(request.POST or None),
        act,
        title=_("Renew the agreement"),
        submit=_("Draft the renewal"),
        back=agreement.get_absolute_url(),
        back_label=agreement.title,
        go=lambda: drafted[0],
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def agreement_end(request: HttpRequest, uid: Any) -> HttpResponse:
    """End an agreement before its time."""
    agreement = agreement_of(request, uid)
    allow(request, "agreements.end_agreement", agreement)
    parties = agreement.parties.select_related("organisation", "person")
    initial = {"revision": agreement.revision, "notice_given_on": timezone.localdate()}
    promises = list(selectors.promises_on(request.user, agreement))

    def act(given: dict[str, Any]) -> str:
        services.end_agreement(actor=person(request), agreement=agreement, **given)
        return _("The end is recorded; promises and reminders follow it.")

    return form_page(
        request,
        EndForm(request.POST or None, parties, initial=initial),
        act,
        title=_("End the agreement before its time"),
        lead=_("Days of notice: %(days)s. Promises that end with it: %(count)s.")
        % {"days": agreement.notice_days, "count": len(promises)},
        submit=_("End it"),
        back=agreement.get_absolute_url(),
        back_label=agreement.title,
        danger=True,
    )


@require_POST
@login_required
def remind(request: HttpRequest) -> HttpResponse:
    """Send the reminders that are due, as a task."""
    allow(request, "agreements.remind")
    job = jobs.start(actor=person(request), kind="agreements.remind")
    messages.success(request, _("The reminders are on their way."))
    return redirect("jobs:status", job.uid)
