"""When places are open: weekly hours, single days, holidays, nights, maintenance, and nights on which clocks change."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Campus
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import COMMUNITY, Window
from ronghe.apps.metrics.records import open_records
from ronghe.apps.sites import services
from ronghe.apps.sites.models import Booking, BookingState, Machine, MachineFamily, PublicHoliday, Site
from ronghe.apps.sites.selectors import busy, free_intervals, open_intervals
from ronghe.apps.sites.selectors.alternatives import alternatives
from ronghe.apps.sites.selectors.utilisation import use_of, weekly_shares
from ronghe.apps.sites.services import Wish
from ronghe.apps.sites.zones import at_minute, moment
from tests.apps.sites.conftest import HOUR, ZONE, at, monday
from tests.factories import LONG_AGO

BERLIN = ZoneInfo("Europe/Berlin")


def local(machine: Machine, first: date, last: date) -> list[str]:
    """Open intervals as a clock at the place shows them."""
    zone = machine.site.zone_info
    return [
        f"{start.astimezone(zone):%m-%d %H:%M}/{(end - start) / timedelta(hours=1):g}"
        for start, end in open_intervals([machine], first, last)[machine.pk]
    ]


@pytest.mark.parametrize(
    ("typed", "utc"),
    [
        (datetime(2026, 3, 29, 1, 30), datetime(2026, 3, 29, 0, 30, tzinfo=UTC)),
        (datetime(2026, 3, 29, 3, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 3, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_a_local_time_names_one_moment(typed: datetime, utc: datetime) -> None:
    assert moment(typed, BERLIN) == utc


def test_a_time_that_the_clock_skips_or_shows_twice_is_refused_with_its_reason() -> None:
    with pytest.raises(ValidationError, match="skips 2026-03-29 02:30"):
        moment(datetime(2026, 3, 29, 2, 30), BERLIN)
    with pytest.raises(ValidationError, match="shows 2026-10-25 02:30 twice"):
        moment(datetime(2026, 10, 25, 2, 30), BERLIN)
    # A calendar, which nobody types for that night, takes the moment of the change, or the first of two.
    assert at_minute(date(2026, 3, 29), 150, BERLIN) == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert at_minute(date(2026, 10, 25), 150, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


@pytest.mark.django_db
def test_a_night_shift_keeps_its_real_length_when_the_clocks_change(hr: Person, machine: Machine, site: Site) -> None:
    Site.objects.update(zone="Europe/Berlin")
    machine = Machine.objects.select_related("site").get()
    hours = {day: [(22 * HOUR, 30 * HOUR)] for day in range(7)}
    services.set_hours(actor=hr, site=site, hours=hours, valid_from=LONG_AGO)
    assert local(machine, date(2026, 3, 28), date(2026, 3, 29)) == ["03-28 00:00/6", "03-28 22:00/7", "03-29 22:00/2"]
    assert local(machine, date(2026, 10, 24), date(2026, 10, 25))[1] == "10-24 22:00/9"
    start, end = moment(datetime(2026, 10, 24, 23), BERLIN), moment(datetime(2026, 10, 25, 4), BERLIN)
    with patch("django.utils.timezone.now", return_value=start - timedelta(days=1)):
        assert services.book(actor=hr, machine=machine, person=hr, start=start, end=end).hours == 6


@pytest.mark.django_db
def test_exceptions_go_before_holidays_and_a_machine_may_keep_its_own_hours(
    hr: Person, mentor: Person, other_hr: Person, machine: Machine, like_machine: Machine, site: Site
) -> None:
    Site.objects.update(keeps_holidays=True)
    machine = Machine.objects.select_related("site").get(pk=machine.pk)
    week = {day: [(8 * HOUR, 12 * HOUR)] for day in range(5)} | {5: [], 6: []}
    services.set_hours(actor=hr, site=site, hours=week, valid_from=date(2026, 9, 1))
    # 1 October 2026 is a holiday, Saturday 10 October is worked in exchange: open as on a Monday.
    assert local(machine, date(2026, 9, 30), date(2026, 10, 1)) == ["09-30 08:00/4"]
    assert local(machine, date(2026, 10, 9), date(2026, 10, 11)) == ["10-09 08:00/4", "10-10 08:00/4"]
    services.except_day(
        actor=mentor, site=site, day=date(2026, 10, 1), spans=[(600, 660), (720, 780)], reason="校企开放日"
    )
    assert local(machine, date(2026, 10, 1), date(2026, 10, 2)) == ["10-01 10:00/1", "10-01 12:00/1"]
    services.set_hours(actor=hr, site=site, machine=machine, hours={3: [(0, 24 * HOUR)]}, valid_from=date(2026, 10, 12))
    assert local(machine, date(2026, 10, 14), date(2026, 10, 15)) == ["10-15 00:00/24"]
    assert local(like_machine, date(2026, 10, 14), date(2026, 10, 15)) == ["10-14 08:00/4", "10-15 08:00/4"]
    # Before that day the machine followed the site, and the site had its hours of before September.
    assert local(machine, date(2026, 8, 31), date(2026, 8, 31)) == ["08-31 08:00/14"]
    with pytest.raises(ValidationError, match="meet each other at 11:00"):
        services.set_hours(actor=hr, site=site, hours={0: [(480, 720), (660, 780)]}, valid_from=LONG_AGO)
    for nobody in (other_hr, mentor):
        with pytest.raises(PermissionDenied):
            services.set_hours(actor=nobody, site=site, hours={}, valid_from=LONG_AGO)


@pytest.mark.django_db
def test_announced_holidays_stand_with_their_notice() -> None:
    days = PublicHoliday.objects.filter(day__year=2026)
    assert (days.filter(is_working_day=False).count(), days.filter(is_working_day=True).count()) == (33, 6)
    assert all(one.day.weekday() >= 5 for one in PublicHoliday.objects.filter(is_working_day=True))
    assert all("国务院办公厅" in one.source for one in PublicHoliday.objects.all())


@pytest.mark.django_db
def test_maintenance_takes_a_machine_away_and_cancels_only_when_it_says_so(
    hr: Person, student: Person, other_hr: Person, machine: Machine
) -> None:
    booking = services.book(actor=student, machine=machine, person=student, start=at(9), end=at(11))
    away = {"machine": machine, "start": at(10), "end": at(12), "reason": "更换劈刀"}
    with pytest.raises(PermissionDenied):
        services.plan_maintenance(actor=other_hr, **away)  # type: ignore[arg-type]
    with pytest.raises(ValidationError, match="1 bookings lie in that time"):
        services.plan_maintenance(actor=hr, **away)  # type: ignore[arg-type]
    maintenance = services.plan_maintenance(actor=hr, displace=True, is_breakdown=True, **away)  # type: ignore[arg-type]
    booking.refresh_from_db()
    assert (booking.state, booking.was_late) == (BookingState.CANCELLED, False)
    assert local(machine, monday(), monday()) == [f"{monday():%m-%d} 08:00/2", f"{monday():%m-%d} 12:00/10"]
    with pytest.raises(ValidationError, match="maintenance"):
        services.book(actor=student, machine=machine, person=student, start=at(9), end=at(11))
    services.call_off_maintenance(actor=hr, maintenance=maintenance)
    services.book(actor=student, machine=machine, person=student, start=at(9), end=at(11))
    assert free_intervals([machine], monday(), monday())[machine.pk] == [(at(8), at(9)), (at(11), at(22))]


@pytest.mark.django_db
def test_other_times_fit_the_timetable_and_leave_time_for_the_way(
    office: Person, student: Person, machine: Machine, like_machine: Machine, campus: Campus, other_hr: Person
) -> None:
    elsewhere = Campus.objects.create(organisation=campus.organisation, region=campus.region, name_zh="二厂")
    far = services.register_site(actor=office, campus=elsewhere, name_zh="远", keeps_holidays=False)
    services.set_hours(actor=office, site=far, hours={day: [(0, 1440)] for day in range(7)}, valid_from=LONG_AGO)
    Machine.objects.filter(pk=like_machine.pk).update(site=far)
    services.set_travel(actor=office, origin=campus, destination=elsewhere, minutes=60, back=90)
    services.book(actor=student, machine=machine, person=student, start=at(12), end=at(14))
    found = alternatives(student, machine, at(12), at(13))
    assert {(one.machine.code, one.start) for one in found[:2]} == {("B-1", at(11)), ("B-1", at(14))}
    # At the other plant not before an hour's way after 14:00, nor later than ninety minutes before 12:00.
    assert {one.start for one in found if one.machine.code == "B-2"} >= {at(15)}
    assert not any(at(9.5) < one.start < at(15) for one in found if one.machine.code == "B-2")
    with pytest.raises(PermissionDenied):
        services.set_travel(actor=other_hr, origin=campus, destination=elsewhere, minutes=1)


@pytest.mark.django_db
def test_utilisation_is_of_the_hours_a_machine_was_there_for_and_opens_its_records(
    hr: Person, mentor: Person, student: Person, machine: Machine, like_machine: Machine, family: MachineFamily
) -> None:
    first = monday() - timedelta(days=35)
    ago = timedelta(days=35)

    def use(day: int, start: float, end: float) -> Wish:
        return Wish(machine, None, at(start, days=day) - ago, at(end, days=day) - ago)

    services.set_terms(
        actor=hr, machine=machine, cost_per_hour=Decimal(120), declared_hours=Decimal(22), valid_from=LONG_AGO
    )
    # By hand: open 14 h a day for 7 days; 14 h of maintenance; used 10 + 6 h while open and 2 h before opening.
    services.plan_maintenance(
        actor=hr, machine=machine, start=at(8, days=2) - ago, end=at(22, days=2) - ago, reason="保养"
    )
    services.record_use(actor=mentor, rows=[use(0, 6, 18), use(4, 9, 15)])
    window = Window(first, first + timedelta(days=6))
    one = registry.measure("sites.machine_utilisation", [machine.pk, like_machine.pk], window)
    assert one[machine.pk].value == pytest.approx(16 / 84)
    assert (one[machine.pk].numerator, one[machine.pk].denominator) == (16, 84)
    assert one[like_machine.pk].value == 0
    both = registry.measure("sites.family_utilisation", [family.pk], window)[family.pk]
    assert both.value == pytest.approx(16 / (84 + 98))
    whole = registry.measure("sites.utilisation", [COMMUNITY], window)[COMMUNITY]
    assert (whole.value, whole.count) == (both.value, 2)
    declared = registry.measure("sites.machine_declared_utilisation", [machine.pk, like_machine.pk], window)
    assert declared[machine.pk].value == pytest.approx(18 / (7 * 22))
    assert declared[like_machine.pk].value is None
    assert use_of([machine], window.start, window.end)[machine.pk].cost == Decimal(18 * 120)
    assert weekly_shares(machine, first, 1) == [pytest.approx(16 / 84)]
    records = both.records
    assert records is not None
    opened = open_records(records, hr)
    assert (opened.found, opened.visible, opened.unchanged) == (2, 2, True)
    # Days that are not over yet do not count against a machine.
    running = registry.measure("sites.machine_utilisation", [machine.pk], Window(first, monday()))[machine.pk]
    days = (Booking.objects.earliest("starts_at").recorded_at.astimezone(ZONE).date() - first).days
    assert running.denominator == days * 14 - 14


@pytest.mark.django_db
def test_what_binds_a_person_is_told_with_its_kind(student: Person, classmate: Person, machine: Machine) -> None:
    services.book(actor=student, machine=machine, person=student, start=at(9), end=at(11))
    found = busy([student, classmate], monday(), monday())
    assert [(one.start, one.end, one.kind, one.label) for one in found[student.pk]] == [
        (at(9), at(11), "work", "Bonder 1")
    ]
    assert found[classmate.pk] == []
