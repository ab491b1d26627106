"""Calendar feeds: made and revoked by their owner, read by calendar programs without signing in."""

from typing import TypeVar
from uuid import UUID

from allauth.account.adapter import get_adapter
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronghe.apps.accounts.pages import deed, person
from ronghe.apps.sites import services
from ronghe.apps.sites.ical import CONTENT_TYPE, calendar
from ronghe.apps.sites.models import Feed, Machine, Site
from ronghe.apps.sites.selectors.feeds import events_of
from ronghe.apps.sites.views.frame import found_or_404

# A calendar program asks once in a quarter of an hour; who guesses addresses asks far more often.
PER_MINUTE = 30
# Where the session keeps the address of a feed that was just made, until its owner has seen it.
SHOWN_ONCE = "sites_feed"
_LONGEST_KEY = 100
Thing = TypeVar("Thing", Machine, Site)


def _named(rows: QuerySet[Thing], uid: str) -> Thing | None:
    """The row that a form of ours names; none where it names nothing."""
    if not uid:
        return None
    try:
        key = UUID(uid)
    except ValueError:
        key = UUID(int=0)
    return found_or_404(rows.filter(uid=key).first())


@require_POST
@login_required
def make(request: HttpRequest) -> HttpResponse:
    """Make a feed; its address is shown once, on the page of one's bookings."""
    user = person(request)
    machine = _named(Machine.objects.visible_to(user), request.POST.get("machine", ""))
    site = _named(Site.objects.visible_to(user), request.POST.get("site", ""))
    try:
        _feed, key = services.make_feed(actor=user, machine=machine, site=site)
    except ValidationError as refused:
        messages.error(request, " ".join(refused.messages))
    else:
        request.session[SHOWN_ONCE] = request.build_absolute_uri(reverse("sites:feed", args=[key]))
    return redirect("sites:bookings")


@require_POST
@login_required
def revoke(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Close a feed."""
    user = person(request)
    feed = found_or_404(Feed.objects.visible_to(user).filter(uid=uid).first())
    return deed(
        request,
        lambda: services.revoke_feed(actor=user, feed=feed),
        done=_("The address is closed. Calendar programs that use it no longer get anything."),
        back="sites:bookings",
    )


def _too_often(request: HttpRequest) -> bool:
    key = f"sites-feed:{get_adapter().get_client_ip(request)}"
    cache.add(key, 0, timeout=60)
    try:
        return int(cache.incr(key)) > PER_MINUTE
    except ValueError:
        # It ran out between the two calls: a new minute begins.
        return False


@require_safe
def read(request: HttpRequest, key: str) -> HttpResponse:
    """The calendar behind a secret address."""
    if _too_often(request):
        return HttpResponse("Too many requests; ask again in a minute.\n", content_type="text/plain", status=429)
    feed = services.feed_of(key) if len(key) <= _LONGEST_KEY else None
    if feed is None:
        raise Http404(_("There is no calendar at this address, or it was revoked."))
    with translation.override(feed.language):
        body = calendar(str(feed), events_of(feed))
    response = HttpResponse(body, content_type=CONTENT_TYPE)
    response["Content-Disposition"] = 'inline; filename="ronghe.ics"'
    response["Cache-Control"] = "private, max-age=300"
    response["Referrer-Policy"] = "no-referrer"
    return response
