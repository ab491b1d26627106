"""What binds people's time, and how far their places lie apart."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from ronghe.apps.accounts.models import Person
from ronghe.apps.sites.engagements import Busy, BusyKind, providers
from ronghe.apps.sites.models import TravelTime
from ronghe.apps.sites.zones import day_span
from ronghe.methods.overlaps import Engagement, Span


def busy(people: Iterable[Person], first: date, last: date) -> dict[int, list[Busy]]:
    """By person, everything that binds them from `first` to `last` (days of the installation's zone), in order."""
    start, end = day_span(first, last, ZoneInfo(settings.TIME_ZONE))
    return busy_between([person.pk for person in people], start, end)


def busy_between(
    people: Iterable[int], start: datetime, end: datetime, *, kind: BusyKind | None = None
) -> dict[int, list[Busy]]:
    """By person (primary key), what binds them between two moments; a few queries for each source."""
    keys = list(people)
    found: dict[int, list[Busy]] = {key: [] for key in keys}
    for provider in providers(kind) if keys else []:
        for person, one in provider.find(keys, start, end):
            found[person].append(one)
    for rows in found.values():
        rows.sort(key=lambda one: (one.start, one.end))
    return found


def travel_times() -> dict[tuple[int, int], timedelta]:
    """From campus to campus, as far as somebody has said."""
    rows = TravelTime.objects.values_list("origin", "destination", "minutes")
    return {(origin, destination): timedelta(minutes=minutes) for origin, destination, minutes in rows}


def engagements(rows: Iterable[Busy], kind: BusyKind) -> list[Engagement]:
    """Spans of one kind, as the method of overlaps takes them."""
    return [Engagement(one.start, one.end, one.campus, one) for one in rows if one.kind == kind]


def kept_free(rows: Iterable[Busy], campus: int, ways: dict[tuple[int, int], timedelta]) -> list[Span]:
    """When somebody cannot be at a campus: what binds them, with the way there and back."""
    spans = []
    for one in rows:
        there = back = timedelta(0)
        if one.campus is not None and one.campus != campus:
            there = ways.get((campus, one.campus), timedelta(0))
            back = ways.get((one.campus, campus), timedelta(0))
        spans.append((one.start - there, one.end + back))
    return spans


def by_week(rows: Iterable[Busy], zone: ZoneInfo) -> dict[date, list[Busy]]:
    """Spans by the Monday of the week in which they begin."""
    found: dict[date, list[Busy]] = defaultdict(list)
    for one in rows:
        day = one.start.astimezone(zone).date()
        found[day - timedelta(days=day.weekday())].append(one)
    return found
