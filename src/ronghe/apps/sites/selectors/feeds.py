"""What a calendar feed holds: what binds a person's time, or what is taken at a machine or site."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from ronghe.apps.sites.busy import BOOKINGS
from ronghe.apps.sites.ical import Event
from ronghe.apps.sites.models import Booking, BookingState, Feed, Maintenance
from ronghe.apps.sites.selectors.people import busy_between

BACK = timedelta(days=30)
AHEAD = timedelta(days=180)


def _here() -> str:
    return urlsplit(settings.RONGHE_PUBLIC_URL).hostname or "localhost"


def _link(path: str) -> str:
    return f"{settings.RONGHE_PUBLIC_URL.rstrip('/')}{path}"


def _bookings(feed: Feed) -> Iterator[Event]:
    now = timezone.now()
    rows = Booking.objects.holding().during(now - BACK, now + AHEAD)
    if feed.machine_id:
        rows = rows.filter(machine=feed.machine_id)
    elif feed.site_id:
        rows = rows.filter(machine__site=feed.site_id)
    else:
        mine = rows.filter(person=feed.owner_id) | rows.filter(companions__person=feed.owner_id)
        rows = mine.distinct()
    # The owner's rights of today count, not those of the day on which the address was made.
    known = set(rows.visible_to(feed.owner).values_list("pk", flat=True))
    for one in rows.select_related("machine__site__campus", "person").order_by("starts_at", "pk"):
        is_open = one.pk in known
        whose = f" · {one.person.name}" if is_open and one.person and one.person_id != feed.owner_id else ""
        yield Event(
            uid=f"booking-{one.uid}@{_here()}",
            start=one.starts_at,
            end=one.ends_at,
            summary=f"{one.machine.name}{whose}"
            if is_open
            else _("%(machine)s: taken") % {"machine": one.machine.name},
            changed=one.checked_in_at or one.recorded_at,
            location=f"{one.machine.site.name}, {one.machine.site.campus.name}",
            description=one.purpose if is_open else "",
            url=_link(one.get_absolute_url()) if is_open else _link(one.machine.get_absolute_url()),
            status="TENTATIVE" if one.state == BookingState.OFFERED else "CONFIRMED",
        )


def _maintenance(feed: Feed) -> Iterator[Event]:
    now = timezone.now()
    rows = Maintenance.objects.standing().filter(starts_at__lt=now + AHEAD, ends_at__gt=now - BACK)
    rows = rows.filter(machine=feed.machine_id) if feed.machine_id else rows.filter(machine__site=feed.site_id)
    for one in rows.select_related("machine__site").order_by("starts_at", "pk"):
        yield Event(
            uid=f"maintenance-{one.uid}@{_here()}",
            start=one.starts_at,
            end=one.ends_at,
            summary=_("%(machine)s: maintenance") % {"machine": one.machine.name},
            changed=one.recorded_at,
            location=one.machine.site.name,
            description=one.reason,
            url=_link(one.machine.get_absolute_url()),
        )


def _bound(feed: Feed) -> Iterator[Event]:
    now = timezone.now()
    rows = busy_between([feed.owner_id], now - BACK, now + AHEAD)[feed.owner_id]
    for one in rows:
        if one.source == BOOKINGS:
            continue
        yield Event(
            uid=f"{one.source}-{one.reference}-{feed.owner.uid}@{_here()}",
            start=one.start,
            end=one.end,
            summary=one.label,
            changed=feed.made_at,
        )


def events_of(feed: Feed) -> list[Event]:
    """Everything in a feed, from a month ago to half a year ahead."""
    if feed.machine_id or feed.site_id:
        return [*_bookings(feed), *_maintenance(feed)]
    return [*_bookings(feed), *_bound(feed)]
