"""What the pages of sites have in common: their 404, and the things they are about as far as they are open."""

from datetime import date, datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.accounts.pages import person
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.sites.models import Booking, Machine, MachineFamily, Site
from ronghe.apps.sites.selectors.weeks import monday_of

T = TypeVar("T")
DAYS_MEASURED = 28
A_LIFE = timedelta(days=36500)


def found_or_404(thing: T | None) -> T:
    """The thing, or the page that says that it is not there or not open."""
    if thing is None:
        raise Http404(_("There is no such site, machine or booking, or it is not open to you."))
    return thing


def site_of(request: HttpRequest, uid: UUID) -> Site:
    """A site that is open to who asks."""
    sites = Site.objects.visible_to(person(request)).select_related("campus__organisation", "campus__region")
    return found_or_404(sites.filter(uid=uid).first())


def machine_of(request: HttpRequest, uid: UUID) -> Machine:
    """A machine that is open to who asks."""
    machines = Machine.objects.visible_to(person(request))
    return found_or_404(machines.select_related("site__campus__organisation", "family").filter(uid=uid).first())


def family_of(request: HttpRequest, uid: UUID) -> MachineFamily:
    """A machine family that is open to who asks."""
    return found_or_404(MachineFamily.objects.visible_to(person(request)).filter(uid=uid).first())


def booking_of(request: HttpRequest, uid: UUID) -> Booking:
    """A booking that is open to who asks."""
    rows = Booking.objects.visible_to(person(request)).filter(uid=uid)
    return found_or_404(rows.select_related("machine__site__campus", "machine__family", "person", "booked_by").first())


def _day(text: str, today: date) -> date:
    """A day within a life's reach of today, so that one can count on from it; today where none is written."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if abs(day - today) < A_LIFE else today


def week_asked(request: HttpRequest, today: date) -> date:
    """The Monday of the week that the address asks for, of today's without one."""
    return monday_of(_day(request.GET.get("week", ""), today))


def last_weeks() -> Window:
    """The four weeks that ended yesterday: what the pages measure."""
    yesterday = timezone.localdate() - timedelta(days=1)
    return Window(yesterday - timedelta(days=DAYS_MEASURED - 1), yesterday)


def asked_day(request: HttpRequest, today: date) -> date:
    """The day that the address asks for, today without one."""
    return _day(request.GET.get("day", ""), today)


def asked_start(request: HttpRequest) -> datetime | None:
    """The local moment (naive) that the address proposes for a booking."""
    try:
        return datetime.fromisoformat(request.GET.get("start", "")).replace(tzinfo=None)
    except ValueError:
        return None
