"""What leaves sites as CSV and XLSX: bookings one may see, the use of machines, the timetable of a cohort."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.community.models import Cohort
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.sites.imports.timetable import TIMETABLE
from ronghe.apps.sites.models import Booking, Machine, Session
from ronghe.apps.sites.selectors.utilisation import use_of
from ronghe.apps.sites.views.frame import found_or_404, last_weeks
from ronghe.tabular import Column, Date, DecimalNumber, RowSchema, Text

_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking as a file has it, by the clock of its site."""

    site: str
    code: str
    name: str
    begins: str
    ends: str
    hours: Decimal
    state: str
    source: str
    person: str
    purpose: str


BOOKINGS = RowSchema(
    [
        Column("site", Text(160), zh="实训场所", en="Site"),
        Column("code", Text(40, identifier=True), zh="资产编号", en="Asset number"),
        Column("name", Text(160), zh="设备", en="Machine"),
        Column("begins", Text(20), zh="开始", en="From"),
        Column("ends", Text(20), zh="结束", en="Until"),
        Column("hours", DecimalNumber(minimum=0), zh="小时", en="Hours"),
        Column("state", Text(40), zh="状态", en="State"),
        Column("source", Text(40), zh="来源", en="How it came about"),
        Column("person", Text(80), zh="使用人", en="Person"),
        Column("purpose", Text(200), zh="用途", en="What for"),
    ],
    BookingRow,
)


@require_safe
@login_required
def bookings(request: HttpRequest) -> HttpResponseBase:
    """The bookings that one may see, with their names."""
    rows = Booking.objects.visible_to(person(request)).select_related("machine__site", "person").order_by("starts_at")

    def records() -> Iterator[BookingRow]:
        for one in rows.distinct().iterator(chunk_size=1000):
            zone = one.machine.site.zone_info
            yield BookingRow(
                one.machine.site.name,
                one.machine.code,
                one.machine.name,
                f"{one.starts_at.astimezone(zone):%Y-%m-%d %H:%M}",
                f"{one.ends_at.astimezone(zone):%Y-%m-%d %H:%M}",
                Decimal(str(round(one.hours, 2))),
                str(one.get_state_display()),
                str(one.get_source_display()),
                one.person.name if one.person else "",
                one.purpose,
            )

    return table_response(records(), BOOKINGS, kind=request.GET.get("as", "csv"), filename="bookings")


@dataclass(frozen=True, slots=True)
class UseOfMachine:
    """A machine's hours over the last four weeks."""

    site: str
    code: str
    name: str
    first_day: date
    last_day: date
    open: Decimal
    maintenance: Decimal
    available: Decimal
    used: Decimal
    booked: Decimal
    declared: Decimal | None
    cost: Decimal


_HOURS = DecimalNumber(minimum=0)
USE = RowSchema(
    [
        Column("site", Text(160), zh="实训场所", en="Site"),
        Column("code", Text(40, identifier=True), zh="资产编号", en="Asset number"),
        Column("name", Text(160), zh="设备", en="Machine"),
        Column("first_day", Date(), zh="首日", en="First day"),
        Column("last_day", Date(), zh="末日", en="Last day"),
        Column("open", _HOURS, zh="开放小时", en="Hours open"),
        Column("maintenance", _HOURS, zh="维护小时", en="Hours of maintenance"),
        Column("available", _HOURS, zh="可用小时（分母）", en="Hours available (denominator)"),
        Column("used", _HOURS, zh="使用小时", en="Hours used"),
        Column("booked", _HOURS, zh="预约小时", en="Hours booked"),
        Column("declared", _HOURS, zh="申报机时", en="Declared hours"),
        Column("cost", _HOURS, zh="费用（元）", en="Cost (yuan)"),
    ],
    UseOfMachine,
)


def _hours(value: float) -> Decimal:
    return Decimal(str(round(value, 2)))


@require_safe
@login_required
@permission_required("sites.export_use", raise_exception=True)
def use(request: HttpRequest) -> HttpResponseBase:
    """The hours behind the utilisation of every machine."""
    window = last_weeks()
    machines = Machine.objects.visible_to(person(request)).in_use_on(timezone.localdate()).select_related("site")
    found = use_of(machines, window.start, window.end)
    records = [
        UseOfMachine(
            one.machine.site.name,
            one.machine.code,
            one.machine.name,
            window.start,
            window.end,
            _hours(one.open),
            _hours(one.maintenance),
            _hours(one.available),
            _hours(one.used),
            _hours(one.booked),
            None if one.declared is None else _hours(one.declared),
            one.cost,
        )
        for one in found.values()
    ]
    return table_response(records, USE, kind=request.GET.get("as", "csv"), filename="utilisation")


@require_safe
@login_required
def timetable(request: HttpRequest) -> HttpResponseBase:
    """The timetable of a cohort, in the columns of the import."""
    asked = request.GET.get("cohort", "")
    usable = asked.isascii() and asked.isdigit() and len(asked) < _MOST_DIGITS
    cohort = found_or_404(Cohort.objects.visible_to(person(request)).filter(pk=int(asked)).first() if usable else None)
    rows = Session.objects.standing().filter(cohort=cohort).select_related("term", "campus").order_by("starts_at")

    def records() -> Iterator[dict[str, object]]:
        for one in rows:
            zone = ZoneInfo(one.term.zone)
            start, end = one.starts_at.astimezone(zone), one.ends_at.astimezone(zone)
            yield {
                "cohort": cohort.name_zh,
                "course": one.course,
                "weekday": "",
                "sections": "",
                "weeks": "",
                "day": start.date(),
                "hours": f"{start:%H:%M}-{end:%H:%M}",
                "room": one.room,
                "campus": one.campus.name_zh if one.campus else "",
            }

    return table_response(records(), TIMETABLE, kind=request.GET.get("as", "csv"), filename="timetable")
