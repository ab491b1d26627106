"""Fees: what a mentor earned, statements as page, PDF and table, disputes; for the office what is to be issued."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe import papers
from ronghe.apps.accounts.pages import form_page, person
from ronghe.apps.accounts.services import note_look
from ronghe.apps.community.services.permission import demand
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.mentors import forms, selectors, services
from ronghe.apps.mentors.models import Dispute, EntryKind, FeeEntry, Outcome, Statement
from ronghe.apps.mentors.tables import STATEMENT, entries_of, printed, statement_table
from ronghe.apps.mentors.views.frame import found_or_404, sections

TEMPLATE = "apps/mentors/papers/statement.typ"
_A_PAGE = 30
_FORM = ["GET", "HEAD", "POST"]


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """A mentor's own fees and statements; for the office all statements, months to issue, disputes."""
    user = person(request)
    is_office = user.has_perm("mentors.issue_statement")
    if not is_office and not user.has_perm("mentors.view_fees"):
        raise PermissionDenied(_("Fees are open to the mentor who earns them and to the community office."))
    statements = Statement.objects.visible_to(user).select_related("mentor")
    month = selectors.last_month()
    own = FeeEntry.objects.filter(hour__mentor=user, statement__isnull=True).select_related("hour__university")
    context = {
        "sections": sections(user),
        "is_office": is_office,
        "is_mentor": user.mentor_appointments.known().exists(),
        "earned": selectors.earned(user),
        "open": own.order_by("-hour__taught_on")[:_A_PAGE],
        "page": Paginator(statements, _A_PAGE).get_page(request.GET.get("page")),
        "month": month,
        "to_issue": selectors.mentors_to_pay(month) if is_office else 0,
        "disputes": selectors.open_disputes()[:_A_PAGE] if is_office else [],
    }
    return render(request, "mentors/fees.html", context)


@require_http_methods(_FORM)
@login_required
@permission_required("mentors.issue_statement", raise_exception=True)
def issue(request: HttpRequest) -> HttpResponse:
    """Issue the statements of a month."""
    month = selectors.last_month()
    return form_page(
        request,
        forms.MonthForm(request.POST or None, initial={"month": f"{month:%Y-%m}"}),
        lambda data: services.issue_statements(actor=person(request), month=data["month"]),
        title=_("Issue statements"),
        lead=_("All confirmed hours up to the end of the month that no statement has. What is issued stays as it is."),
        submit=_("Issue statements"),
        back=reverse("mentors:fees"),
        back_label=_("Class-hour fees"),
        done=_("The statements are issued."),
        goes_back=True,
    )


def _statement(request: HttpRequest, uid: UUID) -> Statement:
    open_ = Statement.objects.visible_to(person(request)).select_related("mentor")
    return found_or_404(open_.filter(uid=uid).first())


@require_safe
@login_required
def statement_page(request: HttpRequest, uid: UUID, *, problem: str = "", status: int = 200) -> HttpResponse:
    """A statement as it was issued, with what became of disputed lines."""
    statement, user = _statement(request, uid), person(request)
    note_look(viewer=user, person=statement.mentor, page="mentors:statement")
    disputes: dict[int, Dispute] = {}
    for dispute in Dispute.objects.filter(entry__statement=statement).order_by("raised_at"):
        disputes[dispute.entry_id] = dispute
    lines = []
    for entry in entries_of(statement):
        disputed = disputes.get(entry.pk)
        may = (
            user.pk == statement.mentor_id
            and entry.kind != EntryKind.COUNTER
            and (disputed is None or disputed.outcome == Outcome.REJECTED)
        )
        lines.append((entry, disputed, may))
    context = {"statement": statement, "lines": lines, "problem": problem}
    return render(request, "mentors/statement.html", context, status=status)


@require_safe
@login_required
def statement_pdf(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The statement on paper, in the language of the page."""
    statement = _statement(request, uid)
    language = "zh" if (get_language() or "").startswith("zh") else "en"
    try:
        paper = papers.print_paper(TEMPLATE, printed(statement), language=language, written_at=statement.issued_at)
    except papers.NoChineseFont:
        problem = _(
            "This server has no font with Chinese, so it makes no PDF: characters would be missing without notice. "
            "Print this page instead, or ask its operator to install the fonts “Noto CJK”."
        )
        return statement_page(request, uid, problem=problem, status=503)
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="fees-{statement.month:%Y%m}-{language}.pdf"'
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@login_required
def statement_export(request: HttpRequest, uid: UUID, kind: str) -> FileResponse:
    """The statement as a table."""
    statement = _statement(request, uid)
    return table_response(statement_table(statement), STATEMENT, kind=kind, filename=f"fees-{statement.month:%Y%m}")


@require_http_methods(_FORM)
@login_required
def dispute_new(request: HttpRequest, key: int) -> HttpResponse:
    """Say that a line is wrong."""
    open_ = FeeEntry.objects.visible_to(person(request)).select_related("hour", "statement")
    entry = found_or_404(open_.filter(pk=key, statement__isnull=False).first())
    demand(person(request), "mentors.dispute_fee", entry)
    statement = found_or_404(entry.statement)
    return form_page(
        request,
        forms.DisputeForm(request.POST or None),
        lambda data: services.dispute_fee(actor=person(request), entry=entry, **data),
        title=_("Dispute “%(name)s”") % {"name": entry.hour.subject},
        lead=_("The statement stays as it is; if you are right, the next one puts it right."),
        submit=_("Send"),
        back=statement.get_absolute_url(),
        back_label=f"{statement.month:%Y-%m}",
        done=_("The office will answer."),
        goes_back=True,
    )


@require_http_methods(_FORM)
@login_required
@permission_required("mentors.answer_dispute", raise_exception=True)
def dispute_answer(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Answer a dispute, with the right figures or with the reason why the line stands."""
    dispute = found_or_404(
        Dispute.objects.visible_to(person(request)).select_related("entry__hour__mentor").filter(uid=uid).first()
    )
    entry = dispute.entry
    said: dict[str, Any] = {
        "mentor": entry.hour.mentor,
        "text": dispute.text,
        "day": entry.hour.taught_on,
        "hours": entry.class_hours,
        "rate": entry.rate,
    }
    return form_page(
        request,
        forms.AnswerForm(request.POST or None),
        lambda data: services.answer_dispute(actor=person(request), dispute=dispute, **data),
        title=_("Dispute of %(mentor)s") % said,
        lead=_("“%(text)s” The line says: %(day)s, %(hours)s class hours at %(rate)s yuan.") % said,
        submit=_("Answer"),
        back=reverse("mentors:fees"),
        back_label=_("Class-hour fees"),
        done=_("The dispute is answered; a correction comes on the next statement."),
        goes_back=True,
    )
