"""Files of machines with their terms, of authorisations, and of what machines' logs say was used."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from ronghe.apps.accounts.models import Person
from ronghe.apps.jobs.imports import ImportContext, bulk_import, complaint
from ronghe.apps.jobs.registry import JobResult
from ronghe.apps.sites import services
from ronghe.apps.sites.models import Booking, Machine, MachineFamily, Site
from ronghe.apps.sites.services import Wish
from ronghe.apps.sites.zones import at_minute, parse_clock
from ronghe.tabular import Column, Complaint, Date, DecimalNumber, Email, Integer, Row, RowCheck, RowSchema, Text


def load_site(key: str) -> Site:
    """The site that rows go into."""
    return Site.objects.select_related("campus__organisation").get(uid=key)


@dataclass(frozen=True, slots=True)
class MachineRow:
    """One machine of a site."""

    family: str
    code: str
    name_zh: str
    name_en: str
    places: int
    in_use_from: date
    cost_per_hour: Decimal | None
    declared_hours: Decimal | None


MACHINES = RowSchema(
    [
        Column("family", Text(40), zh="设备类别代码", en="Family code", required=True),
        Column("code", Text(40, identifier=True), zh="资产编号", en="Asset number", required=True),
        Column("name_zh", Text(120), zh="中文名称", en="Chinese name", required=True),
        Column("name_en", Text(160), zh="英文名称", en="English name", default=""),
        Column("places", Integer(1, 100), zh="同时使用人数", en="People at a time", default=1),
        Column("in_use_from", Date(), zh="启用日期", en="In use from", required=True),
        Column("cost_per_hour", DecimalNumber(9, 2, minimum=0), zh="每小时费用（元）", en="Cost per hour (yuan)"),
        Column(
            "declared_hours", DecimalNumber(4, 2, minimum=0, maximum=24), zh="每日申报机时", en="Declared hours a day"
        ),
    ],
    MachineRow,
)


def check_machines(context: ImportContext) -> RowCheck[MachineRow]:
    """Families exist, asset numbers are new at the site."""
    families = set(MachineFamily.objects.values_list("code", flat=True))
    known = set(Machine.objects.filter(site=context.subject).values_list("code", flat=True))

    def check(row: Row[MachineRow]) -> Iterator[Complaint]:
        if row.record.family not in families:
            yield complaint("family", gettext_lazy("There is no machine family with this code."), row.record.family)
        if row.record.code in known:
            yield complaint(
                "code", gettext_lazy("A machine of the site, or a row above, has this number."), row.record.code
            )
        known.add(row.record.code)
        if row.record.declared_hours == 0:
            yield complaint("declared_hours", gettext_lazy("Leave it empty where no window is declared."), 0)

    return check


@bulk_import(
    "sites.machines",
    label=gettext_lazy("Machines of a site"),
    schema=MACHINES,
    permission="sites.manage_site",
    check=check_machines,
    subject=load_site,
    back="sites:overview",
)
def write_machines(context: ImportContext, rows: Iterable[Row[MachineRow]]) -> JobResult:
    """Register them, with their terms where these are given."""
    families = {family.code: family for family in MachineFamily.objects.all()}
    count = 0
    for row in rows:
        one = row.record
        machine = services.register_machine(
            actor=context.actor,
            site=context.subject,
            family=families[one.family],
            code=one.code,
            name_zh=one.name_zh,
            name_en=one.name_en,
            places=one.places,
            in_use_from=one.in_use_from,
        )
        if one.cost_per_hour is not None or one.declared_hours is not None:
            services.set_terms(
                actor=context.actor,
                machine=machine,
                cost_per_hour=one.cost_per_hour or Decimal(0),
                declared_hours=one.declared_hours,
                valid_from=one.in_use_from,
            )
        count += 1
        context.progress.report(count, context.total)
    return JobResult(
        ngettext("%(count)s machine was registered.", "%(count)s machines were registered.", count) % {"count": count},
        reverse("sites:site", args=[context.subject.uid]),
        {"machines": count},
    )


@dataclass(frozen=True, slots=True)
class AuthorisationRow:
    """One person instructed on one family."""

    email: str
    family: str
    valid_from: date
    valid_until: date | None
    basis: str


AUTHORISATIONS = RowSchema(
    [
        Column("email", Email(), zh="邮箱", en="E-mail", required=True),
        Column("family", Text(40), zh="设备类别代码", en="Family code", required=True),
        Column("valid_from", Date(), zh="生效日期", en="Valid from", required=True),
        Column("valid_until", Date(), zh="失效日期", en="First day it no longer holds", help_zh="留空按类别有效期",
               help_en="Empty: as long as an instruction of the family lasts"),
        Column("basis", Text(200), zh="依据", en="What shows it", default=""),
    ],
    AuthorisationRow,
)  # fmt: skip


def _people() -> dict[str, Person]:
    return {person.email.casefold(): person for person in Person.objects.filter(is_active=True)}


def check_authorisations(context: ImportContext) -> RowCheck[AuthorisationRow]:
    """People and families are known, days are in order, nobody authorises themselves."""
    families = set(MachineFamily.objects.values_list("code", flat=True))
    people = _people()

    def check(row: Row[AuthorisationRow]) -> Iterator[Complaint]:
        one = row.record
        person = people.get(one.email.casefold())
        if person is None:
            yield complaint("email", gettext_lazy("Nobody signs in with this address."), one.email)
        elif person.pk == context.actor.pk:
            yield complaint("email", gettext_lazy("Another person confirms your instruction."), one.email)
        if one.family not in families:
            yield complaint("family", gettext_lazy("There is no machine family with this code."), one.family)
        if one.valid_until is not None and one.valid_until <= one.valid_from:
            yield complaint("valid_until", gettext_lazy("It ends before it begins. Give a later end."), one.valid_until)

    return check


@bulk_import(
    "sites.authorisations",
    label=gettext_lazy("Authorisations for machines"),
    schema=AUTHORISATIONS,
    permission="sites.authorise",
    check=check_authorisations,
    back="sites:overview",
)
def write_authorisations(context: ImportContext, rows: Iterable[Row[AuthorisationRow]]) -> JobResult:
    """Grant them."""
    families = {family.code: family for family in MachineFamily.objects.all()}
    people = _people()
    count = 0
    for row in rows:
        one = row.record
        services.authorise(
            actor=context.actor,
            person=people[one.email.casefold()],
            family=families[one.family],
            valid_from=one.valid_from,
            valid_until=one.valid_until,
            basis=one.basis,
        )
        count += 1
        context.progress.report(count, context.total)
    return JobResult(
        ngettext("%(count)s authorisation was granted.", "%(count)s authorisations were granted.", count)
        % {"count": count},
        reverse("sites:overview"),
        {"authorisations": count},
    )


@dataclass(frozen=True, slots=True)
class UseRow:
    """One stretch of use, by the clock of the site; one that ends earlier than it begins ends the next day."""

    machine: str
    day: date
    begins: str
    ends: str
    email: str
    purpose: str


USE = RowSchema(
    [
        Column("machine", Text(40, identifier=True), zh="资产编号", en="Asset number", required=True),
        Column("day", Date(), zh="日期", en="Day", required=True),
        Column("begins", Text(8), zh="开始时间", en="From", required=True, help_zh="如 08:00", help_en="Such as 08:00"),
        Column("ends", Text(8), zh="结束时间", en="Until", required=True, help_zh="早于开始时间则为次日",
               help_en="Earlier than the beginning: the next day"),
        Column("email", Email(), zh="邮箱", en="E-mail", default="", help_zh="日志未记录使用人时留空",
               help_en="Empty where the log names nobody"),
        Column("purpose", Text(200), zh="用途", en="What for", default=""),
    ],
    UseRow,
)  # fmt: skip


class _Log:
    """Turns rows of a site's log into use; what it needs is read once."""

    def __init__(self, site: Site) -> None:
        self.site = site
        machines = Machine.objects.filter(site=site).select_related("site", "family")
        self.machines = {machine.code: machine for machine in machines}
        self.people = _people()

    def wish(self, one: UseRow) -> Wish:
        """The use of a row. Raises KeyError or ValueError for what it cannot read."""
        begins, ends = parse_clock(one.begins), parse_clock(one.ends)
        day = one.day if ends > begins else one.day + timedelta(days=1)
        return Wish(
            self.machines[one.machine],
            self.people[one.email.casefold()] if one.email else None,
            at_minute(one.day, begins, self.site.zone_info),
            at_minute(day, ends, self.site.zone_info),
            one.purpose,
        )


def check_use(context: ImportContext) -> RowCheck[UseRow]:
    """Machines and people are known, it has happened, and nothing else stands at that time."""
    log, now = _Log(context.subject), timezone.now()
    held: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
    rows = Booking.objects.holding().filter(machine__site=context.subject)
    for machine, starts_at, ends_at in rows.values_list("machine", "starts_at", "ends_at"):
        held[machine].append((starts_at, ends_at))

    def check(row: Row[UseRow]) -> Iterator[Complaint]:
        one = row.record
        if one.machine not in log.machines:
            yield complaint("machine", gettext_lazy("The site has no machine with this number."), one.machine)
            return
        if one.email and one.email.casefold() not in log.people:
            yield complaint("email", gettext_lazy("Nobody signs in with this address."), one.email)
            return
        try:
            wish = log.wish(one)
        except (ValueError, ValidationError):
            yield complaint("begins", gettext_lazy("Write times as 08:00."), f"{one.begins}–{one.ends}")
            return
        yield from _stands_against(context, wish, held[wish.machine.pk], now, one)

    return check


def _stands_against(
    context: ImportContext, wish: Wish, held: list[tuple[datetime, datetime]], now: datetime, one: UseRow
) -> Iterator[Complaint]:
    said: Any = f"{one.day} {one.begins}–{one.ends}"
    if wish.end > now:
        yield complaint("day", gettext_lazy("It has not happened yet; book it instead."), said)
    if wish.person is not None and wish.person.pk == context.actor.pk:
        yield complaint("email", gettext_lazy("Another person records what you used yourself."), one.email)
    if any(start < wish.end and wish.start < end for start, end in held):
        yield complaint("begins", gettext_lazy("The machine is booked then, or a row above uses it."), said)
    held.append(wish.span)


@bulk_import(
    "sites.use",
    label=gettext_lazy("Log of machines' use"),
    help=gettext_lazy("What machines' own logs say was used, for the time before they were booked here or without it."),
    schema=USE,
    permission="sites.record_use",
    check=check_use,
    subject=load_site,
    back="sites:overview",
)
def write_use(context: ImportContext, rows: Iterable[Row[UseRow]]) -> JobResult:
    """Record it."""
    log = _Log(context.subject)
    count = len(services.record_use(actor=context.actor, rows=[log.wish(row.record) for row in rows]))
    return JobResult(
        ngettext("%(count)s use was recorded.", "%(count)s uses were recorded.", count) % {"count": count},
        reverse("sites:site", args=[context.subject.uid]),
        {"uses": count},
    )
