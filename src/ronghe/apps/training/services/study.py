"""Study and work of a placement: which class sessions its days meet, which days are free of them, and that it is noted.

An overlap is told before it happens; who plans may still say that it shall be so.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from ronghe.apps.sites import selectors as sites
from ronghe.apps.sites import services as sites_services
from ronghe.apps.sites.engagements import Busy, BusyKind
from ronghe.apps.sites.zones import day_span
from ronghe.apps.training.busy import PLACEMENTS
from ronghe.apps.training.models import ALL_DAYS, Placement
from ronghe.methods.overlaps import Engagement, Meeting, meetings

_DAY = timedelta(days=1)


class MeetsClasses(ValidationError):
    """The days of a placement lie over class sessions; `free_days` of the week do not. It can be so, knowingly."""

    def __init__(self, met: Sequence[Meeting], free_days: str) -> None:
        self.meetings = list(met)
        self.free_days = free_days
        first = self.meetings[0]
        zone = ZoneInfo(settings.TIME_ZONE)
        label = first.study.key.label if isinstance(first.study.key, Busy) else ""
        said = ngettext(
            "On the days at the host the student has %(count)s class session: “%(course)s” on %(day)s.",
            "On the days at the host the student has %(count)s class sessions, the first “%(course)s” on %(day)s.",
            len(self.meetings),
        ) % {"count": len(self.meetings), "course": label, "day": first.start.astimezone(zone).date()}
        names = [str(WEEKDAYS[int(day) - 1]) for day in free_days]
        way_out = (
            _("Free of classes in that time: %(days)s. Choose these, or say that it shall be so.")
            % {"days": pgettext("list", ", ").join(names)}
            if names
            else _("No working day is free of classes in that time. Choose other dates, or say that it shall be so.")
        )
        super().__init__([said, way_out])


def meetings_of(placement: Placement, first: date, last: date) -> list[Meeting]:
    """Where class sessions of the student and days of this placement meet, ways between campuses included."""
    if placement.person_id is None:
        return []
    start, end = day_span(first, last, ZoneInfo(settings.TIME_ZONE))
    rows = sites.busy_between([placement.person_id], start, end)[placement.person_id]
    study = [_engagement(one) for one in rows if one.kind == BusyKind.STUDY]
    own = f"{placement.uid}:"
    work = [_engagement(one) for one in rows if one.source == PLACEMENTS and one.reference.startswith(own)]
    return meetings(study, work, sites.travel_times())


def _engagement(one: Busy) -> Engagement:
    return Engagement(one.start, one.end, one.campus, one)


def free_days(person: int, first: date, last: date) -> str:
    """Working days of the week on which no class session of a person lies between two days."""
    zone = ZoneInfo(settings.TIME_ZONE)
    start, end = day_span(first, last, zone)
    rows = sites.busy_between([person], start, end, kind=BusyKind.STUDY)[person]
    taught = {str(one.start.astimezone(zone).isoweekday()) for one in rows}
    return "".join(day for day in ALL_DAYS[:5] if day not in taught)


def check_study(placement: Placement, first: date, last: date, *, despite: bool) -> list[Meeting]:
    """Note what a placement meets from `first` to `last`; refused with the days that are free, unless `despite`.

    Called in the transaction that wrote its days.
    """
    met = meetings_of(placement, first, last)
    if met and not despite and placement.person_id is not None:
        raise MeetsClasses(met, free_days(placement.person_id, first, last))
    note_study(placement, first, last)
    return met


def note_study(placement: Placement, first: date, last: date) -> None:
    """Compare what is noted of the student's overlaps between two days with what is so now."""
    if placement.person_id is not None and first <= last:
        start, end = day_span(first, last, ZoneInfo(settings.TIME_ZONE))
        sites_services.note_overlaps([placement.person_id], start, end)
