"""Notes where study and work of a person are booked for the same time, and that it is so no longer."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ronghe.apps.sites.busy import BOOKINGS, SESSIONS
from ronghe.apps.sites.engagements import Busy, BusyKind
from ronghe.apps.sites.models import Overlap
from ronghe.apps.sites.selectors.people import busy_between, engagements, travel_times
from ronghe.apps.sites.zones import week_of
from ronghe.methods.overlaps import Meeting, meetings

A_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
Key = tuple[int, int, str, str, datetime, datetime]


def _row(person: int, meeting: Meeting, now: datetime, zone: ZoneInfo) -> Overlap | None:
    study, work = meeting.study.key, meeting.work.key
    if not isinstance(study, Busy) or not isinstance(work, Busy) or study.source != SESSIONS:
        return None
    return Overlap(
        person_id=person,
        session_id=int(study.reference),
        source=work.source,
        reference=work.reference,
        label=work.label[:200],
        booking_id=int(work.reference) if work.source == BOOKINGS else None,
        week=week_of(meeting.start, zone),
        starts_at=meeting.start,
        ends_at=meeting.end,
        travel_minutes=int(meeting.travel / _MINUTE),
        noted_at=now,
    )


def _key(row: Overlap) -> Key:
    return (row.person_id, row.session_id, row.source, row.reference, row.starts_at, row.ends_at)


@transaction.atomic
def note_overlaps(people: Iterable[int], start: datetime, end: datetime) -> int:
    """Compare what is noted for people (primary keys) between two moments with what is so; returns the new ones.

    Called in the transaction that changes what binds them: a booking, a timetable, a placement of a floor above.
    Nothing is asked of who calls it, and nothing goes to the ledger: the changes themselves are recorded there.
    """
    keys = sorted(set(people))
    if not keys:
        return 0
    now, zone = timezone.now(), ZoneInfo(settings.TIME_ZONE)
    ways = travel_times()
    found: dict[Key, Overlap] = {}
    for person, rows in busy_between(keys, start - A_DAY, end + A_DAY).items():
        for met in meetings(engagements(rows, BusyKind.STUDY), engagements(rows, BusyKind.WORK), ways):
            if met.start < end and met.end > start and (row := _row(person, met, now, zone)) is not None:
                found[_key(row)] = row
    noted = Overlap.objects.filter(person__in=keys, gone_at__isnull=True, starts_at__lt=end, ends_at__gt=start)
    gone = []
    for row in noted:
        if _key(row) in found:
            del found[_key(row)]
        else:
            gone.append(row.pk)
    Overlap.objects.filter(pk__in=gone).update(gone_at=now)
    Overlap.objects.bulk_create(found.values(), batch_size=500)
    return len(found)
