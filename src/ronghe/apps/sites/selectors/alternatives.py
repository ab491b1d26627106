"""Other times for somebody who wants a machine: the nearest free ones of like machines that fit their timetable."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.sites.models import Authorisation, Machine
from ronghe.apps.sites.selectors.calendars import free_intervals
from ronghe.apps.sites.selectors.people import busy_between, kept_free, travel_times
from ronghe.apps.sites.selectors.places import machines
from ronghe.apps.sites.zones import wall
from ronghe.methods.overlaps import proposals, without

A_DAY = timedelta(days=1)
REACH = timedelta(days=7)
MOST = 6
# More than are shown, so that those by day can come first.
ASKED = 60
MORNING, LATE = time(7), time(23)


@dataclass(frozen=True, slots=True)
class Alternative:
    """A like machine at a time when it is free and the person is not bound."""

    machine: Machine
    start: datetime
    end: datetime

    @property
    def local_start(self) -> datetime:
        """By the clock of the machine's site."""
        return wall(self.start, self.machine.site.zone_info)

    @property
    def local_end(self) -> datetime:
        """By the clock of the machine's site."""
        return wall(self.end, self.machine.site.zone_info)

    @property
    def is_at_night(self) -> bool:
        """Whether it begins before seven in the morning or lasts beyond eleven at night."""
        begins, ends = self.local_start, self.local_end
        return begins.time() < MORNING or ends.date() > begins.date() or ends.time() > LATE

    @property
    def minutes(self) -> int:
        """Its length."""
        return int((self.end - self.start) / timedelta(minutes=1))


def alternatives(person: Person, machine: Machine, start: datetime, end: datetime) -> list[Alternative]:
    """Up to six, within a week of the time wished, the nearest first; ways between campuses are counted in.

    Times at night come after all others, however near. Only machines of the same family, for which the person is
    authorised if it asks for that.
    """
    today = timezone.localdate()
    if machine.family.needs_authorisation:
        day = start.astimezone(machine.site.zone_info).date()
        if not Authorisation.objects.on(day).filter(person=person, family=machine.family).exists():
            return []
    like = {one.pk: one for one in machines(person, family=machine.family)}
    first, last = max(today, (start - REACH).date()), (end + REACH).date()
    if not like or last < first:
        return []
    free = free_intervals(list(like.values()), first, last)
    bound = busy_between([person.pk], start - REACH - A_DAY, end + REACH + A_DAY)[person.pk]
    ways = travel_times()
    fitting = {}
    for key, spans in free.items():
        campus = like[key].site.campus
        elsewhere = [one for one in bound if one.house is None or one.house != campus.organisation_id]
        fitting[key] = without(spans, kept_free(elsewhere, campus.pk, ways))
    found = proposals(
        fitting,
        length=end - start,
        wished=start,
        step=timedelta(minutes=machine.site.grid_minutes),
        most=ASKED,
    )
    by_key = {str(key): one for key, one in like.items()}
    offered = [Alternative(by_key[str(one.key)], one.start, one.end) for one in found]
    return sorted(offered, key=lambda one: one.is_at_night)[:MOST]
