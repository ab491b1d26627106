"""Student-weeks: in how many of them study and work meet, by student, as known at a moment."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import CohortMembership
from ronghe.apps.sites.busy import BOOKINGS
from ronghe.apps.sites.engagements import BusyKind, providers
from ronghe.apps.sites.models import Booking, Companion, Overlap, Session
from ronghe.apps.sites.models.timetable import OverlapQuerySet
from ronghe.apps.sites.zones import day_span, week_of
from ronghe.methods.overlaps import StudentWeeks, student_weeks

A_WEEK = timedelta(days=7)


def _zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def weeks_of(
    first: date, last: date, *, known_at: datetime | None = None, cohorts: Iterable[int] | None = None
) -> dict[int, StudentWeeks]:
    """By student, their weeks from `first` to `last`: those with study or work booked, and those in which they meet.

    Study is every class session of their cohorts, work every booking of a machine and what floors above register.
    With `cohorts` only of the students in one of them.
    """
    zone = _zone()
    start, end = day_span(first, last, zone)
    members = CohortMembership.objects.during(first, last, known_at=known_at)
    if cohorts is not None:
        pupils = set(members.filter(cohort__in=list(cohorts)).values_list("person", flat=True))
        members = members.filter(person__in=pupils)
    taught: dict[int, set[date]] = defaultdict(set)
    sessions = Session.objects.known(known_at).during(start, end)
    for cohort, starts_at in sessions.values_list("cohort", "starts_at"):
        taught[cohort].add(week_of(starts_at, zone))
    study: dict[int, set[date]] = defaultdict(set)
    for membership in members:
        study[membership.person_id] |= {
            week
            for week in taught[membership.cohort_id]
            if membership.holds_on(week) or membership.holds_on(week + A_WEEK - timedelta(days=1))
        }
    work: dict[int, set[date]] = defaultdict(set)
    students = set(study)
    for person, week in _worked(students, start, end, known_at, zone):
        work[person].add(week)
    met: dict[int, set[date]] = defaultdict(set)
    for person, week in overlapping(first, last, known_at).values_list("person", "week"):
        met[person].add(week)
    return {person: student_weeks(study[person], work[person], met[person]) for person in students}


def _worked(
    students: set[int], start: datetime, end: datetime, known_at: datetime | None, zone: ZoneInfo
) -> Iterable[tuple[int, date]]:
    stood = Q(released_at__isnull=True)
    rows = Booking.objects.during(start, end)
    if known_at is not None:
        stood |= Q(released_at__gt=known_at)
        rows = rows.filter(recorded_at__lte=known_at)
    rows = rows.filter(stood)
    for person, starts_at in rows.filter(person__in=students).values_list("person", "starts_at"):
        yield person, week_of(starts_at, zone)
    along = Companion.objects.filter(booking__in=rows, person__in=students)
    for person, starts_at in along.values_list("person", "booking__starts_at"):
        yield person, week_of(starts_at, zone)
    for provider in providers(BusyKind.WORK):
        if provider.name != BOOKINGS:
            for person, one in provider.find(sorted(students), start, end):
                week = week_of(max(one.start, start), zone)
                while week <= min(one.end, end).astimezone(zone).date():
                    yield person, week
                    week += A_WEEK


def overlapping(first: date, last: date, known_at: datetime | None = None) -> OverlapQuerySet:
    """Overlaps that begin from `first` to `last`, as known at a moment."""
    start, end = day_span(first, last, _zone())
    return Overlap.objects.known(known_at).filter(starts_at__gte=start, starts_at__lt=end)


def coming_overlaps(user: Person, first: date, last: date) -> OverlapQuerySet:
    """Overlaps to come that `user` may see, first the nearest."""
    found = overlapping(first, last).visible_to(user)
    return found.select_related("person", "session__cohort", "session__term", "booking__machine__site").order_by(
        "starts_at", "pk"
    )
