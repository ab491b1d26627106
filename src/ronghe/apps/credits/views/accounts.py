"""Accounts: one's own or all one may see, a statement as page, PDF and table, and what moves credits."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse as address
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe import papers
from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credits import selectors, services
from ronghe.apps.credits.forms import ReasonForm, RedeemForm
from ronghe.apps.credits.models import Account, AccountKind, Stated, Transaction
from ronghe.apps.credits.statements import STATEMENT, printed, rows_of
from ronghe.apps.credits.views.frame import found_or_404
from ronghe.apps.curriculum.models import Programme
from ronghe.apps.jobs import services as jobs
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Window

TEMPLATE = "apps/credits/papers/statement.typ"
_A_PAGE = 30
_ON_PAPER = 400
_STATED_SHOWN = 5


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """A student sees their account at once; everybody else the accounts that are open to them."""
    user = person(request)
    own = Account.objects.filter(person=user).first()
    others = Account.objects.visible_to(user).exclude(person=user)
    others = others.select_related("person", "programme", "organisation")
    kind = request.GET.get("kind", "")
    if kind in AccountKind.values:
        others = others.filter(kind=kind)
    page = Paginator(others.order_by("kind", "pk"), _A_PAGE).get_page(request.GET.get("page"))
    accounts = list(page.object_list)
    held = selectors.balances([*accounts, *([own] if own else [])])
    today = timezone.localdate()
    window = Window(today.replace(year=today.year - 1), today)
    context = {
        "own": own,
        "own_balance": held[own.pk] if own else Decimal(0),
        "needed": selectors.still_needed(user),
        "is_student": user.has_perm("credits.claim"),
        "achievements": user.achievements.all()[:_A_PAGE],
        "claims": list(selectors.claims_waiting(user)[:_A_PAGE]) if user.has_perm("credits.decide") else [],
        "corrections": list(selectors.corrections_waiting(user)[:_A_PAGE]) if user.has_perm("credits.reverse") else [],
        "undeposited": list(selectors.undeposited(user)[:_A_PAGE])
        if user.has_perm("credits.view_every_account")
        else [],
        "page": page,
        "rows": [(account, held[account.pk]) for account in accounts],
        "kinds": AccountKind,
        "kind": kind,
        "may_close": user.has_perm("credits.deposit_all"),
        "sees_all": user.has_perm("credits.view_every_account"),
        "share": registry.measure_community("credits.practice_share", window),
        "earned": registry.measure_community("credits.earned", window),
        "definitions": [registry.get("credits.practice_share"), registry.get("credits.earned")],
    }
    return render(request, "credits/overview.html", context)


def _account(request: HttpRequest, uid: UUID) -> Account:
    open_ = Account.objects.visible_to(person(request)).select_related("person", "programme", "organisation")
    return found_or_404(open_.filter(uid=uid).first())


def _before(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


@require_safe
@login_required
def account_page(request: HttpRequest, uid: UUID, *, problem: str = "", status: int = 200) -> HttpResponse:
    """The statement of an account, newest first, with the balance after each line."""
    account = _account(request, uid)
    user = person(request)
    context = {
        "account": account,
        "statement": selectors.statement(account, before=_before(request)),
        "is_first": _before(request) is None,
        "needed": selectors.still_needed(account.person) if account.person else [],
        "may_reverse": user.has_perm("credits.reverse"),
        "may_redeem": account.person is not None and bool(_programmes(request, account)),
        "may_send": account.person is not None and user.has_perm("credits.transfer"),
        "may_state": account.person is not None,
        "stated": account.stated.select_related("event__leaf")[:_STATED_SHOWN] if account.person else [],
        "problem": problem,
    }
    return render(request, "credits/account.html", context, status=status)


@require_safe
@login_required
def statement_pdf(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The statement on paper, in the language of the page."""
    account = _account(request, uid)
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    now = timezone.now()
    data = printed(selectors.statement(account, length=_ON_PAPER), on=timezone.localdate(now))
    try:
        paper = papers.print_paper(TEMPLATE, data, language=language, written_at=now)
    except papers.NoChineseFont:
        problem = _(
            "This server has no font with Chinese, so it makes no PDF: characters would be missing without notice. "
            "Print this page instead, or ask its operator to install the fonts “Noto CJK”."
        )
        return account_page(request, uid, problem=problem, status=503)
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="statement-{timezone.localdate(now):%Y%m%d}-{language}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@login_required
def statement_export(request: HttpRequest, uid: UUID, kind: str) -> FileResponse:
    """The whole statement as a table."""
    return table_response(rows_of(_account(request, uid)), STATEMENT, kind=kind, filename="statement")


@require_POST
@login_required
def state(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Have the bank state a student's account, so that anyone can check the file."""
    account = _account(request, uid)
    return deed(
        request,
        lambda: services.make_statement(actor=person(request), account=account),
        done=_("The statement is made. Its file is ready as soon as the ledger is sealed and witnessed."),
        back=account.get_absolute_url(),
    )


@require_safe
@login_required
def stated_file(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The file of a statement with its proof, as it was made."""
    open_ = Stated.objects.visible_to(person(request)).select_related("event__leaf", "event__payload")
    stated = found_or_404(open_.filter(uid=uid).first())
    data = services.file_of(stated)
    if data is None:
        raise Http404(_("The statement is ready once the ledger is sealed and witnessed; try again in a minute."))
    response = HttpResponse(data, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="credit-statement-{stated.made_at:%Y%m%d}.json"'
    response["Cache-Control"] = "no-store"
    return response


def _programmes(request: HttpRequest, account: Account) -> list[Programme]:
    """The programmes of the account's student for which this person may redeem credits."""
    if account.person is None:
        return []
    followed = Programme.objects.filter(cohorts__memberships__person=account.person).distinct()
    return [one for one in followed if person(request).has_perm("credits.redeem", one)]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def redeem(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Use credits of a student for a programme."""
    account = _account(request, uid)
    own = _programmes(request, account)
    if not own:
        demand(person(request), "credits.redeem", None)
    allowed = Programme.objects.filter(pk__in=[one.pk for one in own])

    def act(data: dict[str, Any]) -> None:
        student = found_or_404(account.person)
        services.redeem(actor=person(request), student=student, **data)

    return form_page(
        request,
        RedeemForm(request.POST or None, programmes=allowed),
        act,
        title=_("Use credits for a programme"),
        lead=_("The credits leave the student's account for good; they still count as earned."),
        submit=_("Use them"),
        back=account.get_absolute_url(),
        back_label=str(account),
        done=_("The credits are used for the programme."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credits.reverse", raise_exception=True)
def reverse(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Undo a transaction by its opposite."""
    done = found_or_404(Transaction.objects.filter(uid=uid).select_related("lot__account").first())
    entry = found_or_404(done.entries.select_related("lot__account").first())
    account = entry.lot.account
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.reverse(actor=person(request), done=done, **data),
        title=_("Reverse “%(what)s” of %(day)s") % {"what": done.get_kind_display(), "day": done.happened_on},
        lead=_("Nothing is deleted: the opposite is booked beside it, with your reason."),
        submit=_("Reverse it"),
        back=account.get_absolute_url(),
        back_label=str(account),
        done=_("It is reversed."),
        danger=True,
    )


@require_POST
@login_required
@permission_required("credits.deposit_all", raise_exception=True)
def close_the_day(request: HttpRequest) -> HttpResponse:
    """Start the bank's day: collect, deposit, let lapse."""
    started = jobs.start(actor=person(request), kind="credits.day", so_far="so_far" in request.POST)
    return redirect(address("jobs:status", args=[started.uid]))
