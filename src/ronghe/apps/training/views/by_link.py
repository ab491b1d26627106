"""The page of a confirmation link: one week of one placement, for one mentor, on a phone, without a password.

Looking changes nothing, whoever fetches the address; only a button that is pressed does.
"""

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts.pages import take_errors
from ronghe.apps.training import limits, services
from ronghe.apps.training.forms_evidence import DecideForm
from ronghe.apps.training.models import UNDECIDED, Attachment, ConfirmationLink, Entry
from ronghe.apps.training.views.evidence import done_words, entry_context, file_response
from ronghe.apps.training.views.frame import found_or_404


def _closed(request: HttpRequest) -> HttpResponse:
    """Nothing is said of why: a link that is wrong, old or revoked looks the same."""
    if limits.too_many_wrong(request):
        return render(request, "429.html", status=429)
    return _private(render(request, "training/by_link_closed.html", status=404))


def _private(response: HttpResponse) -> HttpResponse:
    # The address is the key: it is not to be told to the next site, or found by a search engine.
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _latest(link: ConfirmationLink) -> Entry | None:
    found = Entry.objects.filter(placement=link.placement, week=link.week).select_related("placement__person", "unit")
    return found.order_by("-version").first()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def week(request: HttpRequest, token: str) -> HttpResponse:
    """Show the week; on POST decide about it."""
    link = services.link_of(token)
    entry = _latest(link) if link is not None else None
    if link is None or link.mentor is None or entry is None:
        return _closed(request)
    form, done, status = DecideForm(initial={"entry": entry.uid}), "", 200
    if request.method == "POST":
        if limits.too_many_deeds(str(link.uid)):
            return render(request, "429.html", status=429)
        form = DecideForm(request.POST)
        done, status = _decide(link, entry, form)
        if done:
            entry.refresh_from_db()
            form = DecideForm(initial={"entry": entry.uid})
    context: dict[str, Any] = {
        **entry_context(entry),
        "link": link,
        "token": token,
        "form": form,
        "done": done,
        "may_decide": entry.state in UNDECIDED and not done,
        "sees_others": False,
    }
    return _private(render(request, "training/by_link.html", context, status=status))


def _decide(link: ConfirmationLink, entry: Entry, form: DecideForm) -> tuple[str, int]:
    """What is said when it is done (else nothing), and the status of the answer."""
    if not form.is_valid() or link.mentor is None:
        return "", 422
    if form.cleaned_data["entry"] != entry.uid:
        form.add_error(None, _("The student handed in another version meanwhile. Look at it before you decide."))
        return "", 409
    try:
        services.decide_entry(
            actor=link.mentor,
            entry=entry,
            verdict=form.cleaned_data["verdict"],
            comment=form.cleaned_data["comment"],
            link=link,
        )
    except ValidationError as error:
        take_errors(form, error)
        return "", 422
    except PermissionDenied as refused:
        form.add_error(None, str(refused))
        return "", 403
    return done_words(form.cleaned_data["verdict"]), 200


@never_cache
@require_safe
def file(request: HttpRequest, token: str, uid: UUID) -> FileResponse | HttpResponse:
    """A file of the week that the link opens."""
    link = services.link_of(token)
    if link is None:
        return _closed(request)
    found = Attachment.objects.filter(uid=uid, entry__placement=link.placement, entry__week=link.week)
    return file_response(found_or_404(found.first()))
