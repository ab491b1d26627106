"""Hours that wait, what mentors earned, and which months can be issued."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, Q, QuerySet, Sum
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.demand.figures import shift_month
from ronghe.apps.mentors.models import Benchmark, ClassHour, Dispute, FeeEntry, FeeStandard, HourState, Outcome
from ronghe.apps.mentors.models.fees import month_of


def hours_waiting(person: Person) -> QuerySet[ClassHour]:
    """Claims about which this person may decide; the service checks each once more."""
    taught = standing.organisations(person, RoleKind.TEACHER)
    own = {where for _kind, where in standing.held_by(person)}
    of_university = Q(university__in=taught, claimed_by=F("mentor")) & ~Q(mentor=person)
    # Whoever is also of the firm whose mentor is paid does not decide.
    of_university &= Q(organisation=F("university")) | ~Q(organisation__in=own)
    claims = ClassHour.objects.filter(state=HourState.CLAIMED).exclude(claimed_by=person)
    found = claims.filter(Q(mentor=person) | of_university)
    return found.select_related("mentor", "organisation", "university", "cohort").order_by("taught_on", "pk")


@dataclass(frozen=True, slots=True)
class Earned:
    """What a mentor earned: in yuan and class hours, this calendar year, of which not yet on a statement."""

    year: int
    class_hours: Decimal
    amount: Decimal
    open_amount: Decimal
    waiting_hours: Decimal


def earned(mentor: Person, on: date | None = None) -> Earned:
    """The fees of a mentor in the calendar year of a day; three queries."""
    day = on or timezone.localdate()
    entries = FeeEntry.objects.filter(hour__mentor=mentor)
    year = entries.filter(hour__taught_on__year=day.year).aggregate(hours=Sum("class_hours"), amount=Sum("amount"))
    waiting = ClassHour.objects.filter(mentor=mentor, state=HourState.CLAIMED).aggregate(of=Sum("class_hours"))
    return Earned(
        day.year,
        year["hours"] or Decimal(0),
        year["amount"] or Decimal(0),
        entries.filter(statement__isnull=True).aggregate(of=Sum("amount"))["of"] or Decimal(0),
        waiting["of"] or Decimal(0),
    )


def last_month(on: date | None = None) -> date:
    """The first day of the last month that has ended."""
    return shift_month(month_of(on or timezone.localdate()), -1)


def mentors_to_pay(month: date) -> int:
    """How many mentors have confirmed hours up to the end of a month that no statement has."""
    entries = FeeEntry.objects.filter(statement__isnull=True, hour__taught_on__lt=shift_month(month, 1))
    return entries.order_by().values("hour__mentor").distinct().count()


def open_disputes() -> QuerySet[Dispute]:
    """Disputes that wait for the office."""
    return Dispute.objects.filter(outcome=Outcome.OPEN).select_related("entry__hour__mentor").order_by("raised_at")


def standards_on(day: date) -> QuerySet[FeeStandard]:
    """The published standards of a day."""
    return FeeStandard.objects.published().on(day)


def standards_proposed() -> QuerySet[FeeStandard]:
    """Standards that wait for a second person."""
    return FeeStandard.objects.known().filter(published_by_uid__isnull=True)


def benchmarks_on(day: date) -> QuerySet[Benchmark]:
    """The benchmarks of a day."""
    return Benchmark.objects.on(day).select_related("region")
