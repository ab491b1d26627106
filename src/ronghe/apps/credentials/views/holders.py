"""What holders do: share a certificate, withdraw a share, take the calendar of its end; and what a link shows."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.pages import person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import documents, expiry_calendar, selectors, services
from ronghe.apps.credentials.forms import ShareForm, end_of
from ronghe.apps.credentials.models import Share
from ronghe.apps.credentials.views.certificates import certificate_or_404, sign
from ronghe.apps.credentials.views.frame import deed, form_page

_CALENDAR = "ronghe.credentials.calendar"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def share(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Share a certificate by a link or with one enterprise, until a day, with the events that one picks."""
    certificate = certificate_or_404(request, uid)
    demand(person(request), "credentials.share_certificate", certificate)
    events = selectors.event_words(certificate.path, get_language() or "zh")

    def act(said: dict[str, Any]) -> HttpResponse | None:
        made, token = services.share(
            actor=person(request),
            certificate=certificate,
            expires_at=end_of(said["until"]),
            organisation=said["organisation"],
            disclosed=said.get("disclosed", ()),
            shows_name=said["shows_name"],
        )
        if not token:
            return None
        address = request.build_absolute_uri(reverse("credentials:shared", args=[token]))
        answer = render(
            request, "credentials/share_made.html", {"share": made, "address": address, "certificate": certificate}
        )
        answer["Cache-Control"] = "no-store"
        return answer

    return form_page(
        request,
        ShareForm(request.POST or None, events=events),
        act,
        title=_("Share the certificate"),
        lead=_("You decide who sees it, what of it, and until when. You can withdraw it at any time."),
        submit=_("Share it"),
        back=certificate.get_absolute_url(),
        back_label=certificate.code,
        done=_("The certificate is shared."),
    )


@require_POST
@login_required
def share_withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Close a share."""
    own = Share.objects.filter(certificate__holder=person(request)).select_related("certificate")
    found = get_object_or_404(own, uid=uid)
    return deed(
        request,
        lambda: services.withdraw_share(actor=person(request), share=found),
        done=_("The share is closed."),
        back=found.certificate,
    )


@never_cache
@require_safe
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """What a holder shows to whoever has the link: no sign-in, nothing beyond what was picked."""
    found = services.open_share(token)
    if found is None:
        raise Http404(_("This link is closed or never was. Ask the holder for a new one."))
    answer = render(request, "credentials/shared.html", shared_context(found))
    # Without any origin the check of forged requests would refuse the switch of language on the page.
    answer["Referrer-Policy"] = "strict-origin"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def shared_context(share: Share) -> dict[str, Any]:
    """What a share shows."""
    certificate = share.certificate
    name = certificate.holder.name if certificate.holder else ""
    events = selectors.event_words(certificate.path, get_language() or "zh")
    return {
        "certificate": certificate,
        "version": certificate.version,
        "share": share,
        "state": sign(certificate, timezone.now()),
        "holder": name if share.shows_name else documents.masked(name),
        "skills": certificate.version.skills.select_related("skill") if certificate.version else [],
        "events": [words for place, words in events if place in share.disclosed],
        "hidden": len(certificate.path) - len(share.disclosed),
    }


@require_safe
@login_required
def calendar_link(request: HttpRequest) -> HttpResponse:
    """The address of one's own calendar, which a calendar program can read without signing in."""
    token = signing.dumps({"person": str(person(request).uid)}, salt=_CALENDAR)
    address = request.build_absolute_uri(reverse("credentials:calendar", args=[token]))
    return render(request, "credentials/calendar.html", {"address": address})


@never_cache
@require_safe
def calendar_feed(request: HttpRequest, token: str) -> HttpResponse:
    """The days on which one's certificates run out, as iCalendar."""
    try:
        said = signing.loads(token, salt=_CALENDAR, max_age=timedelta(days=3 * 366))
    except signing.BadSignature:
        raise Http404(_("This calendar does not exist any more. Take its address anew.")) from None
    owner = get_object_or_404(Person, uid=said["person"], is_active=True)
    with translation.override(owner.language):
        text = expiry_calendar.expiries(selectors.own_certificates(owner), site=request.get_host(), now=timezone.now())
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer["Content-Disposition"] = 'inline; filename="certificates.ics"'
    return answer
