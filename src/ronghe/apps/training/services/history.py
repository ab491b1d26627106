"""How the dated rows of a placement change: rows end, others begin, and no row is edited."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, time, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.metrics import dated
from ronghe.apps.training.models import ALL_DAYS, CLOSES, OPENS, WHOLE, WORKING_DAYS, Placement, Stay

DAY = timedelta(days=1)
MOST_HOSTS = 2
# Hosts with their shares of the week in percent.
Hosts = Sequence[tuple[Organisation, int]]


@dataclass(frozen=True, slots=True)
class Times:
    """On which days of the week (Monday is 1) and at which hours a student is at the host; the others are for study."""

    days: str = WORKING_DAYS
    opens: time = OPENS
    closes: time = CLOSES

    @classmethod
    def of(cls, stay: Stay) -> "Times":
        """Those of a stay."""
        return cls(stay.days, stay.opens, stay.closes)

    def check(self) -> None:
        """Refuse no day, days that are none, and hours that end before they begin."""
        if not self.days or not set(self.days) <= set(ALL_DAYS) or list(self.days) != sorted(set(self.days)):
            raise ValidationError({"days": _("Choose on which days of the week the student is at the host.")})
        if self.closes <= self.opens:
            raise ValidationError({"closes": _("Work ends after it begins, on the same day.")})


def check_hosts(hosts: Hosts) -> None:
    """Refuse hosts that are none, too many, named twice, no enterprise, or more than a week together."""
    if not hosts:
        raise ValidationError({"host": _("Name the enterprise where the student works.")})
    if len(hosts) > MOST_HOSTS or len({host.pk for host, _share in hosts}) < len(hosts):
        raise ValidationError({"host": _("A placement has one host, or two different ones.")})
    for host, share in hosts:
        if host.kind != "enterprise":
            raise ValidationError({"host": _("%(name)s is no enterprise.") % {"name": host.name}})
        if not 1 <= share <= WHOLE:
            raise ValidationError({"share": _("A share of the week lies between 1 and 100%.")})
    if sum(share for _host, share in hosts) > WHOLE:
        raise ValidationError(
            {
                "share": _("The shares of the hosts make %(sum)s%% of the week; a week has 100.")
                % {"sum": sum(share for _host, share in hosts)}
            }
        )


def check_room(student: Person, hosts: Hosts, first: date, last: date, *, but: Placement | None = None) -> None:
    """Refuse a placement that overlaps another one, unless their declared shares fit into one week.

    The caller holds a lock on the student's row.
    """
    other = Stay.objects.during(first, last).filter(placement__person=student).select_related("organisation")
    if but is not None:
        other = other.exclude(placement=but)
    taken = list(other)
    mine = sum(share for _host, share in hosts)
    for day in {first, *(stay.valid_from for stay in taken if first <= stay.valid_from <= last)}:
        holding = [stay for stay in taken if stay.holds_on(day)]
        if holding and mine + sum(stay.share for stay in holding) > WHOLE:
            clash = holding[0]
            raise ValidationError(
                _(
                    "%(student)s is at %(host)s until %(last)s with %(share)s%% of the week. Choose other days, or "
                    "declare shares of both hosts that make 100%% at most."
                )
                % {
                    "student": student.name,
                    "host": clash.organisation.name,
                    "last": clash.last_day or "—",
                    "share": sum(stay.share for stay in holding),
                }
            )


def lock_student(placement_or_person: Placement | Person | None) -> Person | None:
    """Lock the student's row, so that two placements of one student are not made at once."""
    person = placement_or_person.person if isinstance(placement_or_person, Placement) else placement_or_person
    return Person.objects.select_for_update().get(pk=person.pk) if person is not None else None


def known_stays(placement: Placement) -> list[Stay]:
    """The stays of a placement as they are known now."""
    return list(Stay.objects.known().filter(placement=placement).select_related("organisation").order_by("pk"))


def stays_from(placement: Placement, day: date) -> list[Stay]:
    """Those that hold on `day` or later."""
    return [stay for stay in known_stays(placement) if stay.valid_until is None or stay.valid_until > day]


def begin_stays(
    placement: Placement, hosts: Hosts, first: date, until: date | None, times: Times, **fields: object
) -> list[Stay]:
    """Record where the student is from a day on."""
    given = {**asdict(times), **fields, "placement": placement, "valid_from": first, "valid_until": until}
    return Stay.objects.bulk_create(Stay(organisation=host, share=share, **given) for host, share in hosts)


def end_all(rows: Iterable[dated.DatedRecord], day: date) -> None:
    """Say of each row that it does not hold from `day` on."""
    for row in rows:
        if row.valid_until is None or row.valid_until > day:
            dated.end(row, day)


def turn(placement: Placement, day: date, *, state: str, reason: str = "") -> None:
    """From `day` on the work of a placement is in another state, at the same hosts."""
    for stay in stays_from(placement, day):
        dated.end(stay, day)
        # A row that is ended on its own first day never held: what it said of the start goes on to the next one.
        replaced = day <= stay.valid_from
        Stay.objects.create(
            placement=placement,
            organisation=stay.organisation,
            share=stay.share,
            **asdict(Times.of(stay)),
            state=state,
            is_first=replaced and stay.is_first,
            without_agreement=replaced and stay.without_agreement,
            reason=reason[:300],
            valid_from=max(day, stay.valid_from),
            valid_until=stay.valid_until,
        )
