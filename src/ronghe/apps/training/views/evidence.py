"""Weekly evidence: hand in, correct, look at, decide, answer; files; links for mentors; several at once."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person, take_errors
from ronghe.apps.training import selectors, services
from ronghe.apps.training.files import path_of
from ronghe.apps.training.forms import AnswerForm
from ronghe.apps.training.forms_evidence import DecideForm, WorkForm, initial_of
from ronghe.apps.training.models import (
    UNDECIDED,
    Attachment,
    ConfirmationLink,
    Entry,
    EntryState,
    Placement,
    Verdict,
)
from ronghe.apps.training.views.frame import allow, entry_of, found_or_404, placement_of

_A_QUEUE = 60
_METHODS = ["GET", "HEAD", "POST"]


def done_words(verdict: str) -> str:
    """What is said after a decision."""
    return {
        Verdict.CONFIRMED: _("Confirmed. The hours count."),
        Verdict.RETURNED: _("Returned. The student hands in a new version."),
    }.get(Verdict(verdict), _("Your question stands; the student answers it."))


@require_http_methods(_METHODS)
@login_required
def week(request: HttpRequest, uid: UUID, monday: date) -> HttpResponse:
    """Hand in the evidence of a week, or a corrected version of it."""
    placement = placement_of(request, uid)
    allow(request, "training.hand_in", placement)
    latest = Entry.objects.filter(placement=placement, week=monday).order_by("-version").first()
    form = WorkForm(
        request.POST or None,
        request.FILES or None,
        placement=placement,
        most=services.hours_left(placement, monday, timezone.localdate()),
        initial=initial_of(latest),
    )

    def act(data: dict[str, Any]) -> Entry:
        return services.hand_in(actor=person(request), placement=placement, week=monday, work=form.work(data))

    lead = _("Hours count once your mentor has confirmed this week.")
    if latest is not None and latest.state == EntryState.CONFIRMED:
        lead = _("This week is confirmed and counts on until the new version is confirmed.")
    return form_page(
        request,
        form,
        act,
        title=_("Work of the week of %(week)s") % {"week": monday.isoformat()},
        lead=lead,
        submit=_("Hand it in"),
        back=placement.get_absolute_url(),
        back_label=placement.work,
        done=_("It is handed in and waits for your mentor."),
    )


@require_safe
@login_required
def entry_page(request: HttpRequest, uid: UUID, *, form: DecideForm | None = None, status: int = 200) -> HttpResponse:
    """One entry: what was done, what strikes, who decided, and the buttons to decide."""
    entry = entry_of(request, uid)
    user = person(request)
    is_open = entry.state in UNDECIDED
    context = {
        **entry_context(entry),
        "may_decide": is_open
        and user.has_perm("training.confirm_entry", entry)
        and not services.conflict_between(user, entry.placement, timezone.localdate()),
        "may_correct": entry.state != EntryState.REPLACED and user.has_perm("training.answer_entry", entry),
        "may_answer": entry.state == EntryState.ASKED and user.has_perm("training.answer_entry", entry),
        "may_send": is_open and user.has_perm("training.make_link", entry.placement),
        "versions": Entry.objects.filter(placement=entry.placement, week=entry.week).exclude(pk=entry.pk),
        "form": form or DecideForm(),
        "sees_others": True,
    }
    return render(request, "training/entry.html", context, status=status)


def entry_context(entry: Entry) -> dict[str, Any]:
    """What a page shows of an entry, signed in or by a link."""
    return {
        "entry": entry,
        "placement": entry.placement,
        "marks": entry.marks.select_related("other__placement__person").order_by("pk"),
        "files": entry.attachments.all(),
        "steps": entry.confirmations.select_related("decided_by", "link"),
        "is_open": entry.state in UNDECIDED,
    }


@require_POST
@login_required
def decide(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Confirm, return or ask."""
    entry = entry_of(request, uid)
    form = DecideForm(request.POST)
    if form.is_valid():
        try:
            services.decide_entry(
                actor=person(request),
                entry=entry,
                verdict=form.cleaned_data["verdict"],
                comment=form.cleaned_data["comment"],
            )
        except ValidationError as error:
            take_errors(form, error)
        else:
            messages.success(request, done_words(form.cleaned_data["verdict"]))
            return redirect("training:queue" if request.POST.get("back") == "queue" else entry)
    request.method = "GET"
    return entry_page(request, uid, form=form, status=422)


@require_http_methods(_METHODS)
@login_required
def answer(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Answer what was asked about an entry."""
    entry = entry_of(request, uid)
    allow(request, "training.answer_entry", entry)
    question = entry.confirmations.filter(verdict=Verdict.ASKED).last()
    return form_page(
        request,
        AnswerForm(request.POST or None),
        lambda data: services.answer_entry(actor=person(request), entry=entry, **data),
        title=_("Answer the question"),
        lead=question.comment if question else "",
        submit=_("Answer"),
        back=entry.get_absolute_url(),
        back_label=str(entry),
        done=_("Your answer is recorded; the entry waits for confirmation again."),
    )


@require_http_methods(_METHODS)
@login_required
def queue(request: HttpRequest) -> HttpResponse:
    """All that waits for this mentor, on a page that fits a phone; what is clean can be confirmed together."""
    user = person(request)
    waiting = list(selectors.to_confirm(user)[:_A_QUEUE])
    if request.method == "POST":
        chosen = set(request.POST.getlist("entry"))
        done, refused = services.confirm_entries(
            actor=user, entries=[entry for entry in waiting if str(entry.uid) in chosen]
        )
        for sentence in refused:
            messages.error(request, sentence)
        if done:
            messages.success(
                request,
                ngettext("%(number)s week is confirmed.", "%(number)s weeks are confirmed.", len(done))
                % {"number": len(done)},
            )
        elif not refused:
            messages.error(request, _("Choose the weeks that you confirm."))
        return redirect("training:queue")
    return render(request, "training/queue.html", {"waiting": waiting})


@require_safe
@login_required
def attachment(request: HttpRequest, uid: UUID) -> FileResponse:
    """A file of an entry that is open to this person."""
    visible = Entry.objects.visible_to(request.user).order_by().values("pk")
    return file_response(found_or_404(Attachment.objects.filter(uid=uid, entry__in=visible).first()))


def file_response(kept: Attachment) -> FileResponse:
    """The file itself, never shown inside the site's own pages."""
    path = path_of(kept.uid)
    if not path.exists():
        found_or_404(None)
    response = FileResponse(path.open("rb"), as_attachment=True, filename=kept.filename, content_type=kept.media_type)
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@login_required
def link_new(request: HttpRequest, uid: UUID, monday: date) -> HttpResponse:
    """Mail the mentor a link for a week."""
    placement: Placement = placement_of(request, uid)
    return deed(
        request,
        lambda: services.send_link(actor=person(request), placement=placement, week=monday),
        done=_("The mentor is sent a link by mail; it holds for a week."),
        back=placement,
    )


@require_POST
@login_required
def link_revoke(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Make a link worthless."""
    links = ConfirmationLink.objects.select_related("placement")
    link = found_or_404(links.filter(uid=uid).first())
    placement = placement_of(request, link.placement.uid)
    return deed(
        request,
        lambda: services.revoke_link(actor=person(request), link=link),
        done=_("The link opens nothing from now on."),
        back=placement,
    )
