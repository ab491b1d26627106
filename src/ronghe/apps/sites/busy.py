"""What sites themselves know about people's time: class sessions are study, bookings of machines are work."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community.models import CohortMembership
from ronghe.apps.sites.engagements import Busy, BusyKind, register_busy
from ronghe.apps.sites.models import Booking, Companion, Session

SESSIONS = "sites.sessions"
BOOKINGS = "sites.bookings"


def sessions(people: Sequence[int], start: datetime, end: datetime) -> Iterator[tuple[int, Busy]]:
    """The class sessions of the cohorts that these people are in on the day of the session; two queries."""
    zone = ZoneInfo(settings.TIME_ZONE)
    first = start.astimezone(zone).date() - timedelta(days=1)
    last = end.astimezone(zone).date() + timedelta(days=1)
    members: dict[int, list[CohortMembership]] = defaultdict(list)
    for membership in CohortMembership.objects.during(first, last).filter(person__in=people):
        members[membership.cohort_id].append(membership)
    taught = Session.objects.standing().during(start, end).filter(cohort__in=members).select_related("term")
    for session in taught.order_by("starts_at"):
        day = session.starts_at.astimezone(ZoneInfo(session.term.zone)).date()
        found = Busy(
            session.starts_at,
            session.ends_at,
            BusyKind.STUDY,
            session.course,
            SESSIONS,
            str(session.pk),
            session.campus_id,
        )
        for membership in members[session.cohort_id]:
            if membership.holds_on(day):
                yield membership.person_id, found


def bookings(people: Sequence[int], start: datetime, end: datetime) -> Iterator[tuple[int, Busy]]:
    """The bookings that these people hold or come along to, offers to them included; three queries."""
    wanted = set(people)
    shared: dict[int, list[int]] = defaultdict(list)
    along = Companion.objects.filter(person__in=wanted, booking__starts_at__lt=end, booking__ends_at__gt=start)
    for booking, person in along.values_list("booking", "person"):
        shared[booking].append(person)
    held = Booking.objects.holding().during(start, end)
    both = held.filter(person__in=wanted) | held.filter(pk__in=list(shared))
    for booking_ in both.select_related("machine__site").order_by("starts_at"):
        found = Busy(
            booking_.starts_at,
            booking_.ends_at,
            BusyKind.WORK,
            booking_.machine.name,
            BOOKINGS,
            str(booking_.pk),
            booking_.machine.site.campus_id,
        )
        for key in {booking_.person_id, *shared[booking_.pk]}:
            if key is not None and key in wanted:
                yield key, found


register_busy(SESSIONS, kind=BusyKind.STUDY, label=_("Class sessions"), find=sessions)
register_busy(BOOKINGS, kind=BusyKind.WORK, label=_("Booked machines"), find=bookings)
