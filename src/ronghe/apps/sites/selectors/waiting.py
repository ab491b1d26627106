"""What waits for a person at sites: offers to answer, people to check in, overlaps to settle."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronghe.apps.accounts.inbox import Waiting
from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.sites.models import Booking, BookingState, Site
from ronghe.apps.sites.selectors.conflicts import overlapping

A_DAY = timedelta(days=1)
_MOST = 20
_KEEPERS = (RoleKind.ENTERPRISE_HR, RoleKind.MENTOR, RoleKind.TEACHER)


def kept_sites(person: Person) -> QuerySet[Site]:
    """Sites that stand in the house of one of the person's organisations."""
    houses = standing.organisations(person, _KEEPERS)
    return Site.objects.filter(campus__organisation__in=houses, closed_on__isnull=True)


def to_check_in(person: Person, now: datetime | None = None) -> QuerySet[Booking]:
    """Bookings of the last day and the next hours at sites that the person keeps, which wait for a check-in."""
    moment = now or timezone.now()
    rows = Booking.objects.filter(state=BookingState.BOOKED, machine__site__in=kept_sites(person))
    rows = rows.filter(starts_at__gt=moment - A_DAY, starts_at__lt=moment).exclude(person=person)
    return rows.select_related("machine__site", "person").order_by("starts_at")


def next_bookings(person: Person, most: int = 5) -> list[Booking]:
    """What the person has booked next."""
    rows = Booking.objects.filter(person=person, state=BookingState.BOOKED, ends_at__gt=timezone.now())
    return list(rows.select_related("machine__site").order_by("starts_at")[:most])


def waiting_for(person: Person) -> list[Waiting]:
    """Everything at sites that waits for this person, their bookings of today and tomorrow first; four queries."""
    found = []
    now = timezone.now()
    for booking in next_bookings(person):
        start = booking.starts_at.astimezone(booking.machine.site.zone_info)
        if booking.starts_at - now < 2 * A_DAY:
            text = _("%(start)s at %(site)s") % {
                "start": date_format(start, "Y-m-d H:i"),
                "site": booking.machine.site.name,
            }
            found.append(Waiting(booking.machine.name, text, start.date(), booking.get_absolute_url(), "progress"))
    offers = Booking.objects.filter(person=person, state=BookingState.OFFERED, answer_by__gt=timezone.now())
    for offer in offers.select_related("machine__site").order_by("answer_by")[:_MOST]:
        zone = offer.machine.site.zone_info
        due = offer.answer_by.astimezone(zone) if offer.answer_by else None
        found.append(
            Waiting(
                _("%(machine)s has become free for you") % {"machine": offer.machine.name},
                _("%(start)s, kept until %(deadline)s")
                % {
                    "start": date_format(offer.starts_at.astimezone(zone), "Y-m-d H:i"),
                    "deadline": date_format(due, "m-d H:i") if due else "",
                },
                due.date() if due else None,
                offer.get_absolute_url(),
                "warn",
                _("Answer"),
            )
        )
    here = list(to_check_in(person)[:_MOST]) if standing.organisations(person, _KEEPERS) else []
    sites: dict[int, list[Booking]] = {}
    for booking in here:
        sites.setdefault(booking.machine.site_id, []).append(booking)
    for rows in sites.values():
        site = rows[0].machine.site
        found.append(
            Waiting(
                _("Check in at %(site)s") % {"site": site.name},
                ngettext("%(count)s booking waits", "%(count)s bookings wait", len(rows)) % {"count": len(rows)},
                rows[0].starts_at.astimezone(site.zone_info).date(),
                reverse("sites:day", args=[site.uid]),
                "progress",
            )
        )
    today = timezone.localdate()
    if person.has_perm("sites.view_overlaps"):
        count = overlapping(today, today + 7 * A_DAY).visible_to(person).count()
        if count:
            found.append(
                Waiting(
                    ngettext("%(count)s study–work overlap", "%(count)s study–work overlaps", count) % {"count": count},
                    _("within the next seven days"),
                    None,
                    reverse("sites:overlaps"),
                    "warn",
                )
            )
    return found
