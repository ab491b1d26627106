"""Bookings: one's own, one of them, and what is done with it."""

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.sites import services
from ronghe.apps.sites.forms import ReasonForm
from ronghe.apps.sites.models import Authorisation, Booking, BookingState, Feed, Overlap, Waiting, WaitingState
from ronghe.apps.sites.services.booking import ABSENT_AFTER, CHECK_IN_FROM
from ronghe.apps.sites.views.feeds import SHOWN_ONCE
from ronghe.apps.sites.views.frame import booking_of, found_or_404
from ronghe.apps.sites.zones import wall

_MOST = 50
_PAST = timedelta(days=90)


def _shown(booking: Booking) -> dict[str, object]:
    zone = booking.machine.site.zone_info
    return {
        "booking": booking,
        "start": wall(booking.starts_at, zone),
        "end": wall(booking.ends_at, zone),
        "deadline": wall(booking.answer_by, zone) if booking.answer_by else None,
    }


@require_safe
@login_required
def own(request: HttpRequest) -> HttpResponse:
    """What one has booked, is offered and waits for; what one may use; one's calendar feeds."""
    user = person(request)
    now = timezone.now()
    mine = Booking.objects.filter(person=user) | Booking.objects.filter(companions__person=user)
    rows = mine.select_related("machine__site").distinct()
    coming = rows.filter(ends_at__gt=now, state__in=[BookingState.OFFERED, BookingState.BOOKED, BookingState.ATTENDED])
    past = rows.exclude(pk__in=coming.values("pk")).filter(starts_at__gt=now - _PAST).order_by("-starts_at")
    waiting = Waiting.objects.filter(person=user, state=WaitingState.WAITING, starts_at__gt=now)
    overlaps = Overlap.objects.known(None).filter(person=user, ends_at__gt=now)
    context = {
        "coming": [_shown(one) for one in coming.order_by("starts_at")[:_MOST]],
        "past": [_shown(one) for one in past[:_MOST]],
        "waiting": waiting.select_related("machine__site"),
        "authorisations": Authorisation.objects.on(timezone.localdate()).filter(person=user).select_related("family"),
        "overlaps": overlaps.select_related("session", "booking").order_by("starts_at")[:_MOST],
        "feeds": Feed.objects.visible_to(user).standing().select_related("machine", "site"),
        "new_feed": request.session.pop(SHOWN_ONCE, ""),
    }
    return render(request, "sites/bookings.html", context)


@require_safe
@login_required
def booking_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One booking, and what can be done with it."""
    user = person(request)
    booking = booking_of(request, uid)
    now = timezone.now()
    is_booked = booking.state == BookingState.BOOKED
    checks = is_booked and user.has_perm("sites.check_in", booking)
    context = {
        **_shown(booking),
        "companions": booking.companions.select_related("person"),
        "overlaps": booking.overlaps.filter(gone_at__isnull=True).select_related("session"),
        "is_own": booking.person_id == user.pk,
        "has_offer": booking.state == BookingState.OFFERED and booking.person_id == user.pk,
        "may_cancel": (is_booked and user.has_perm("sites.cancel_booking", booking))
        and not (booking.person_id == user.pk and booking.starts_at <= now),
        "may_check_in": checks and now >= booking.starts_at - CHECK_IN_FROM,
        "may_miss": checks and now >= booking.starts_at + ABSENT_AFTER,
        "free_until": wall(
            booking.starts_at - timedelta(hours=booking.machine.site.cancel_hours), booking.machine.site.zone_info
        ),
        "is_late": now > booking.starts_at - timedelta(hours=booking.machine.site.cancel_hours),
    }
    return render(request, "sites/booking.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def cancel(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Cancel a booking, with the reason where it is another's."""
    booking = booking_of(request, uid)
    form = ReasonForm(request.POST or None)
    form.fields["reason"].required = booking.person_id != person(request).pk
    return form_page(
        request,
        form,
        lambda data: services.cancel_booking(actor=person(request), booking=booking, **data),
        title=_("Cancel the booking of “%(machine)s”") % {"machine": booking.machine.name},
        submit=_("Cancel the booking"),
        back=booking.get_absolute_url(),
        back_label=booking.machine.name,
        done=_("It is cancelled. The first on the waiting list is offered the time."),
        danger=True,
    )


@require_POST
@login_required
def accept(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take an offer of the waiting list."""
    booking = booking_of(request, uid)
    return deed(
        request,
        lambda: services.accept_offer(actor=person(request), booking=booking),
        done=_("It is booked for you."),
        back=booking,
    )


@require_POST
@login_required
def decline(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Leave an offer to the next on the list."""
    booking = booking_of(request, uid)
    return deed(
        request,
        lambda: services.decline_offer(actor=person(request), booking=booking),
        done=_("The next on the list is asked."),
        back="sites:bookings",
    )


def _back(request: HttpRequest, booking: Booking) -> str:
    if request.POST.get("back") == "day":
        day = booking.starts_at.astimezone(booking.machine.site.zone_info).date()
        return f"{reverse('sites:day', args=[booking.machine.site.uid])}?day={day.isoformat()}"
    return booking.get_absolute_url()


@require_POST
@login_required
def check_in(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say that the person came."""
    booking = booking_of(request, uid)
    return deed(
        request,
        lambda: services.check_in(actor=person(request), booking=booking),
        done=_("Checked in."),
        back=_back(request, booking),
    )


@require_POST
@login_required
def missed(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say that nobody came."""
    booking = booking_of(request, uid)
    return deed(
        request,
        lambda: services.mark_missed(actor=person(request), booking=booking),
        done=_("Noted. The machine is free again."),
        back=_back(request, booking),
    )


@require_POST
@login_required
def leave(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Leave a waiting list."""
    user = person(request)
    waiting = found_or_404(Waiting.objects.filter(person=user, uid=uid).first())
    return deed(
        request,
        lambda: services.leave_waiting_list(actor=user, waiting=waiting),
        done=_("You no longer wait."),
        back="sites:bookings",
    )
