"""What stands against a wish for a machine: closed, taken, not instructed, bound elsewhere, more than the quota.

Each objection says what is wrong and how to mend it. Nothing is written here; locks are the caller's.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import CohortMembership
from ronghe.apps.sites.busy import bookings as bookings_of
from ronghe.apps.sites.models import Authorisation, Booking, BookingSource, BookingState, Machine, Quota, Site
from ronghe.apps.sites.selectors.calendars import Calendar, taken
from ronghe.apps.sites.zones import AN_HOUR, clock, week_of
from ronghe.methods.overlaps import Span, clipped, total, without

AN_HOUR_LONG = timedelta(hours=1)
NO_SHOW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Wish:
    """A machine wanted from one moment to another, for a person and those who come along."""

    machine: Machine
    person: Person | None
    start: datetime
    end: datetime
    purpose: str = ""
    companions: tuple[Person, ...] = field(default=())

    @property
    def people(self) -> list[Person]:
        """Everybody who would be there."""
        return [*([self.person] if self.person else []), *self.companions]

    @property
    def span(self) -> Span:
        """Its time."""
        return self.start, self.end


def spoken(start: datetime, end: datetime, site: Site) -> str:
    """A span by the clock of its site."""
    begin, finish = start.astimezone(site.zone_info), end.astimezone(site.zone_info)
    ends = date_format(finish, "H:i" if begin.date() == finish.date() else "m-d H:i")
    return f"{date_format(begin, 'Y-m-d H:i')}–{ends}"


def demand_span(wish: Wish) -> None:
    """Refuse what is no span of time at all."""
    if wish.start.tzinfo is None or wish.end.tzinfo is None:
        raise ValueError("a booking is between two moments: give datetimes with a zone")
    if wish.end <= wish.start:
        raise ValidationError({"end": _("It ends before it begins. Give a later end.")})


class Examination:
    """Looks at many wishes at once, with a fixed number of queries, and tells what stands against each."""

    def __init__(self, wishes: Sequence[Wish]) -> None:
        for wish in wishes:
            demand_span(wish)
        self.wishes = wishes
        machines = list({wish.machine.pk: wish.machine for wish in wishes}.values())
        first, last = min(wish.start for wish in wishes), max(wish.end for wish in wishes)
        # A day more on each side, because days of a site begin at other moments than days of this process.
        self.calendar = Calendar(machines, first.date() - timedelta(days=1), last.date() + timedelta(days=1))
        self._open = {machine.pk: self.calendar.open(machine) for machine in machines}
        self._taken: dict[int, list[Span]] = taken(machines, first, last)
        people = sorted({person.pk for wish in wishes for person in wish.people})
        self._elsewhere: dict[int, list[tuple[Span, str]]] = defaultdict(list)
        for person, one in bookings_of(people, first, last):
            self._elsewhere[person].append(((one.start, one.end), one.label))
        self._authorised: dict[tuple[int, int], list[Authorisation]] = defaultdict(list)
        families = {wish.machine.family_id for wish in wishes}
        for row in Authorisation.objects.known().filter(person__in=people, family__in=families):
            self._authorised[row.person_id, row.family_id].append(row)

    def objections(self, wish: Wish) -> list[str]:
        """What stands against a wish, in words; nothing when it can be had."""
        found = [*self._closed(wish), *self._held(wish), *self._unauthorised(wish), *self._absent(wish)]
        if len(wish.people) > wish.machine.places:
            found.append(
                _("%(machine)s has room for %(places)s at a time, and you name %(people)s people.")
                % {"machine": wish.machine.name, "places": wish.machine.places, "people": len(wish.people)}
            )
        return found

    def take(self, wish: Wish) -> None:
        """From now on count the wish as granted, so that the next one of a batch meets it."""
        self._taken[wish.machine.pk].append(wish.span)
        for person in wish.people:
            self._elsewhere[person.pk].append((wish.span, wish.machine.name))

    def _closed(self, wish: Wish) -> list[str]:
        missing = without([wish.span], self._open[wish.machine.pk])
        if not missing:
            return []
        site = wish.machine.site
        away = clipped(self.calendar.maintenance(wish.machine), *wish.span)
        if away:
            said = {"machine": wish.machine.name, "time": spoken(*away[0], site)}
            return [_("%(machine)s is away for maintenance, %(time)s. Choose another time or a like machine.") % said]
        if wish.machine.in_use_until and wish.machine.in_use_until <= wish.end.astimezone(site.zone_info).date():
            return [_("%(machine)s is no longer in use then. Choose a like machine.") % {"machine": wish.machine.name}]
        day = missing[0][0].astimezone(site.zone_info).date()
        hours = self.calendar.day(site, wish.machine, day)
        spans = "、".join(f"{clock(opens)}–{clock(closes)}" for opens, closes in hours.spans)
        said = {"machine": wish.machine.name, "day": day.isoformat(), "hours": spans, "why": hours.why}
        if not spans:
            return [
                _("%(machine)s is closed on %(day)s (%(why)s). Choose another day.") % said
                if hours.why
                else _("%(machine)s is closed on %(day)s. Choose another day.") % said
            ]
        return [_("%(machine)s is open on %(day)s at %(hours)s. Choose a time within that.") % said]

    def _held(self, wish: Wish) -> list[str]:
        met = clipped(self._taken[wish.machine.pk], *wish.span)
        if not met:
            return []
        said = {"machine": wish.machine.name, "time": spoken(*met[0], wish.machine.site)}
        return [_("Somebody else holds %(machine)s, %(time)s. Choose another time, or join the waiting list.") % said]

    def _unauthorised(self, wish: Wish) -> list[str]:
        family = wish.machine.family
        if not family.needs_authorisation:
            return []
        zone = wish.machine.site.zone_info
        days = {wish.start.astimezone(zone).date(), (wish.end - timedelta(seconds=1)).astimezone(zone).date()}
        found = []
        for person in wish.people:
            rows = self._authorised[person.pk, family.pk]
            if all(any(row.holds_on(day) for row in rows) for day in days):
                continue
            lapsed = max((row.valid_until for row in rows if row.valid_until), default=None)
            said = {"person": person.name, "family": family.name, "day": lapsed.isoformat() if lapsed else ""}
            found.append(
                _("The authorisation of %(person)s for %(family)s holds until %(day)s only: ask the site to renew it.")
                % said
                if lapsed
                else _("%(person)s is not authorised for %(family)s: ask the site for an instruction first.") % said
            )
        return found

    def _absent(self, wish: Wish) -> list[str]:
        return [
            _("%(person)s has %(machine)s booked at that time: nobody can be at two machines.")
            % {"person": person.name, "machine": label}
            for person in wish.people
            for span, label in self._elsewhere[person.pk]
            if span[0] < wish.end and wish.start < span[1]
        ]


def demand_grid(wish: Wish, now: datetime) -> None:
    """Refuse times that a person may not choose: passed, too far ahead, off the grid, too long."""
    site = wish.machine.site
    local = wish.start.astimezone(site.zone_info)
    length = wish.end - wish.start
    step = timedelta(minutes=site.grid_minutes)
    if wish.start < now:
        raise ValidationError({"start": _("That time has passed. Choose a later one.")})
    if wish.start > now + timedelta(days=site.days_ahead):
        raise ValidationError(
            {"start": _("This site is booked at most %(days)s days ahead.") % {"days": site.days_ahead}}
        )
    minute = local.hour * AN_HOUR + local.minute
    if minute % site.grid_minutes or local.second or local.microsecond or length % step:
        raise ValidationError(
            _("This site is booked in steps of %(minutes)s minutes: begin and end on one.")
            % {"minutes": site.grid_minutes}
        )
    if length > timedelta(minutes=site.longest_minutes):
        raise ValidationError(
            {
                "end": _("A booking of this site is at most %(hours)s hours long.")
                % {"hours": f"{site.longest_minutes / AN_HOUR:g}"}
            }
        )


def demand_presence(person: Person, site: Site, now: datetime) -> None:
    """Refuse who stayed away from the site more often than it allows."""
    missed = Booking.objects.filter(
        person=person, state=BookingState.MISSED, machine__site=site, starts_at__gt=now - timedelta(days=NO_SHOW_DAYS)
    ).count()
    if missed > site.no_shows_allowed:
        raise ValidationError(
            _("%(person)s did not come %(missed)s times in 30 days: please speak with the site, which books for you.")
            % {"person": person.name, "missed": missed}
        )


def used_hours(bookings: Iterable[Booking], start: datetime, end: datetime) -> Decimal:
    """Hours of bookings between two moments; those of one time count each."""
    spans = (total(clipped([(one.starts_at, one.ends_at)], start, end)) for one in bookings)
    return Decimal(str(round(sum((span / AN_HOUR_LONG for span in spans), 0.0), 4)))


def demand_quota(wish: Wish, *, without_booking: int | None = None) -> None:
    """Refuse what goes beyond a quota of hours a week; a late cancellation and a no-show count as if used."""
    person = wish.person
    if person is None:
        return
    zone = wish.machine.site.zone_info
    day = wish.start.astimezone(zone).date()
    cohorts = set(CohortMembership.objects.on(day).filter(person=person).values_list("cohort", flat=True))
    meant = Quota.objects.on(day).filter(
        Q(site__isnull=True) | Q(site=wish.machine.site_id),
        Q(family__isnull=True) | Q(family=wish.machine.family_id),
        Q(cohort__isnull=True) | Q(cohort__in=cohorts),
    )
    for quota in meant.select_related("site", "family", "cohort").order_by("pk"):
        first = week_of(wish.start, zone)
        while first <= wish.end.astimezone(zone).date():
            start = timezone.make_aware(datetime.combine(first, datetime.min.time()), zone)
            end = timezone.make_aware(datetime.combine(first + timedelta(days=7), datetime.min.time()), zone)
            asked = total(clipped([wish.span], start, end)) / AN_HOUR_LONG
            if asked:
                _demand_week(quota, wish, person, Decimal(str(asked)), (start, end), without_booking)
            first += timedelta(days=7)


def _plain(hours: Decimal) -> str:
    return f"{float(hours):g}"


def _demand_week(
    quota: Quota, wish: Wish, person: Person, asked: Decimal, week: Span, without_booking: int | None
) -> None:
    counted = Q(state__in=[BookingState.BOOKED, BookingState.ATTENDED, BookingState.OFFERED, BookingState.MISSED])
    rows = Booking.objects.filter(counted | Q(was_late=True), source=BookingSource.OWN).during(*week)
    rows = rows.exclude(pk=without_booking) if without_booking else rows
    if quota.site_id:
        rows = rows.filter(machine__site=quota.site_id)
    if quota.family_id:
        rows = rows.filter(machine__family=quota.family_id)
    if quota.cohort_id:
        members = CohortMembership.objects.known().filter(cohort=quota.cohort_id).values("person")
        rows = rows.filter(person__in=members)
    else:
        rows = rows.filter(person=person)
    used = used_hours(rows, *week)
    if used + asked <= quota.hours:
        return
    said = {
        "whose": quota.cohort.name if quota.cohort else person.name,
        "what": (quota.family or quota.site or wish.machine.site).name,
        "quota": _plain(quota.hours),
        "used": _plain(used),
        "week": week[0].date().isoformat(),
    }
    raise ValidationError(
        _(
            "%(whose)s may book %(quota)s hours of %(what)s a week and has used %(used)s in the week of %(week)s. "
            "Choose a shorter time or another week, or ask the site."
        )
        % said
    )
