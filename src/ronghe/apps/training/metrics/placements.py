"""What training can measure, by name: seats filled, starts without agreement, hours, first attempts, who has no seat.

What enterprises offer is measured where it is offered; credits, where they are booked.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community.models import CohortMembership, FactKind, OrganisationFact
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Records, Unit, Window
from ronghe.apps.metrics.records import RecordColumn, dated, show_records
from ronghe.apps.metrics.registry import metric
from ronghe.apps.positions.models import Offer
from ronghe.apps.training.models import BEGUN, Assessment, Entry, PlacementState, Stay

_CHAIN, _ORGANISATION, _COHORT = "community.chain", "community.organisation", "community.cohort"
_STAY, _ENTRY, _ASSESSMENT = "training.stay", "training.entry", "training.assessment"
_PAY = ("position_id", "pay", "post_pay")
HELD = [str(state) for state in BEGUN]
# Above this many a selector that names each row no longer fits into an address.
_MOST_NAMED = 300


def measured(
    name: str, unit: Unit, window: Window, value: float | None, records: Records, *, version: int = 1, **more: Any
) -> Measurement:
    return Measurement(
        value=value,
        unit=unit,
        as_of=window.end,
        definition=f"{name}@{version}",
        records=records,
        **{"count": records.count, **more},
    )


def _seats(name: str, by: str, subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Placements that ran or rested on some day of the window, by what `by` names; one query."""
    stays = Stay.objects.during(window.start, window.end, known_at=window.known_at).filter(state__in=HELD)
    rows = stays.filter(**{f"{by}__in": list(subjects)}).order_by().values_list(by, "pk", "placement_id")
    keys: defaultdict[int, list[int]] = defaultdict(list)
    seats: defaultdict[int, set[int]] = defaultdict(set)
    for subject, key, placement in rows:
        keys[subject].append(key)
        seats[subject].add(placement)
    filters = dated(window) | {"state__in": HELD}
    return {
        one: measured(
            name,
            Unit.COUNT,
            window,
            len(seats[one]),
            Records.of(_STAY, filters | {by: one}, keys[one]),
            count=len(seats[one]),
        )
        for one in subjects
    }


_FILLED = _(
    "Seats in which a student began within the window or before and was still placed in it, whether the work ran or "
    "rested on that day. A placement counts once, however often it was paused. A seat offered is another number."
)


@metric("training.chain.seats_filled", unit=Unit.COUNT, subject=_CHAIN, label=_("Seats filled"), definition=_FILLED)
def chain_seats_filled(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Seats filled of positions that were offered in a chain."""
    return _seats("training.chain.seats_filled", "placement__position__chain_id", chains, window)


@metric(
    "training.enterprise.seats_filled",
    unit=Unit.COUNT,
    subject=_ORGANISATION,
    label=_("Seats filled"),
    definition=_FILLED,
)
def enterprise_seats_filled(firms: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Seats filled at an enterprise."""
    return _seats("training.enterprise.seats_filled", "organisation_id", firms, window)


@metric(
    "training.enterprise.starts_without_agreement",
    unit=Unit.COUNT,
    subject=_ORGANISATION,
    label=_("Placements begun without a three-party agreement"),
    definition=_(
        "Placements that began within the window although no three-party agreement was in force by the first day, as "
        "the office recorded. The platform itself refuses such a start."
    ),
)
def starts_without_agreement(firms: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Starts without an agreement at an enterprise; one query."""
    begun = {
        "is_first": True,
        "without_agreement": True,
        "valid_from__range": [window.start.isoformat(), window.end.isoformat()],
    }
    stays = Stay.objects.during(window.start, window.end, known_at=window.known_at).filter(**begun)
    keys: defaultdict[int, list[int]] = defaultdict(list)
    for firm, key in stays.filter(organisation__in=list(firms)).order_by().values_list("organisation_id", "pk"):
        keys[firm].append(key)
    name = "training.enterprise.starts_without_agreement"
    filters = dated(window) | begun
    return {
        one: measured(
            name,
            Unit.COUNT,
            window,
            len(keys[one]),
            Records.of(_STAY, filters | {"organisation_id": one}, keys[one]),
        )
        for one in firms
    }


def _interns(firms: Sequence[int], day: Window) -> dict[int, list[tuple[int, int | None]]]:
    """Stays of students in firms on a day, as (stay, position), by firm; one query."""
    found: dict[int, list[tuple[int, int | None]]] = defaultdict(list)
    stays = Stay.objects.on(day.end, known_at=day.known_at).filter(organisation__in=list(firms), state__in=HELD)
    for firm, key, position in stays.order_by().values_list("organisation_id", "pk", "placement__position_id"):
        found[firm].append((key, position))
    return found


def _last_day(window: Window) -> Window:
    return Window(window.end, window.end, window.known_at)


@metric(
    "training.enterprise.interns_of_staff",
    unit=Unit.SHARE,
    subject=_ORGANISATION,
    label=_("Interns ÷ staff"),
    definition=_(
        "Students placed in the enterprise on the last day of the window ÷ the staff that it declared for that day and "
        "a second person confirmed. Without such a number there is no data."
    ),
)
def interns_of_staff(firms: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Share of interns in the staff; two queries."""
    day, name = _last_day(window), "training.enterprise.interns_of_staff"
    interns = _interns(firms, day)
    facts = OrganisationFact.objects.on(day.end, known_at=day.known_at).filter(
        organisation__in=list(firms), kind=FactKind.STAFF, confirmed_by__isnull=False
    )
    staff = {firm: float(value) for firm, value in facts.order_by("pk").values_list("organisation_id", "value")}
    filters = dated(day) | {"state__in": HELD}
    found = {}
    for one in firms:
        keys = [key for key, _position in interns.get(one, ())]
        of = staff.get(one)
        found[one] = measured(
            name,
            Unit.SHARE,
            window,
            len(keys) / of if of else None,
            Records.of(_STAY, filters | {"organisation_id": one}, keys),
            numerator=len(keys),
            denominator=of,
        )
    return found


@metric(
    "training.enterprise.interns_of_post",
    unit=Unit.SHARE,
    subject=_ORGANISATION,
    label=_("Interns ÷ staff of one post (highest)"),
    definition=_(
        "Of each post in which students are placed on the last day of the window: students ÷ staff of the same post, "
        "as the enterprise stated with its offer; the highest of them. Posts without that number are left out."
    ),
)
def interns_of_post(firms: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """The highest share of interns in the staff of one post; two queries."""
    day, name = _last_day(window), "training.enterprise.interns_of_post"
    interns = _interns(firms, day)
    offers = Offer.objects.on(day.end, known_at=day.known_at).filter(organisation__in=list(firms), post_staff__gt=0)
    staff = {position: count for position, count in offers.values_list("position_id", "post_staff") if count}
    found = {}
    for one in firms:
        at: defaultdict[int, list[int]] = defaultdict(list)
        for key, position in interns.get(one, ()):
            if position in staff:
                at[position].append(key)
        shares = {position: len(keys) / staff[position] for position, keys in at.items()}
        highest = max(shares, key=lambda position: (shares[position], -position), default=None)
        filters = dated(day) | {"state__in": HELD, "organisation_id": one, "placement__position_id": highest or 0}
        keys = at[highest] if highest is not None else []
        found[one] = measured(
            name,
            Unit.SHARE,
            window,
            shares[highest] if highest is not None else None,
            Records.of(_STAY, filters, keys),
            numerator=len(keys),
            denominator=staff[highest] if highest is not None else None,
        )
    return found


@metric(
    "training.enterprise.intern_pay_share",
    unit=Unit.SHARE,
    subject=_ORGANISATION,
    label=_("Lowest intern pay ÷ pay of the same post"),
    definition=_(
        "Of each post in which students are placed on the last day of the window: the pay that was offered to them ÷ "
        "the pay of staff in the same post, as the enterprise stated with its offer; the lowest of them. Posts without "
        "both numbers are left out."
    ),
)
def intern_pay_share(firms: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """The lowest share of intern pay in the pay of the post; two queries."""
    day, name = _last_day(window), "training.enterprise.intern_pay_share"
    interns = _interns(firms, day)
    offers = Offer.objects.on(day.end, known_at=day.known_at).filter(
        organisation__in=list(firms), post_pay__gt=0, pay__isnull=False
    )
    pay = {position: (float(own or 0), float(of or 0)) for position, own, of in offers.values_list(*_PAY)}
    found = {}
    for one in firms:
        at: defaultdict[int, list[int]] = defaultdict(list)
        for key, position in interns.get(one, ()):
            if position is not None and position in pay:
                at[position].append(key)
        lowest = min(at, key=lambda position: (pay[position][0] / pay[position][1], position), default=None)
        keys = at[lowest] if lowest is not None else []
        own, of = pay[lowest] if lowest is not None else (None, None)
        filters = dated(day) | {"state__in": HELD, "organisation_id": one, "placement__position_id": lowest or 0}
        found[one] = measured(
            name,
            Unit.SHARE,
            window,
            own / of if own is not None and of else None,
            Records.of(_STAY, filters, keys),
            numerator=own,
            denominator=of,
        )
    return found


@metric(
    "training.students.unplaced",
    unit=Unit.PERSONS,
    label=_("Students without a placement"),
    definition=_(
        "Students in a cohort on the last day of the window who on that day have no placement, neither running nor "
        "resting nor planned for later, and finished none before."
    ),
)
def unplaced(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Students without a placement; two queries."""
    day = _last_day(window)
    known = Stay.objects.known(day.known_at).filter(placement__person__isnull=False)
    placed = known.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=day.end) | Q(placement__state=PlacementState.FINISHED)
    )
    seated = set(placed.order_by().values_list("placement__person_id", flat=True))
    enrolled = CohortMembership.objects.on(day.end, known_at=day.known_at).order_by("pk")
    without = {person: key for key, person in enrolled.values_list("pk", "person_id") if person not in seated}
    keys = sorted(without.values())
    return {
        COMMUNITY: Measurement(
            value=len(keys),
            unit=Unit.PERSONS,
            as_of=window.end,
            definition="training.students.unplaced@1",
            count=len(keys),
            records=Records.of("community.cohortmembership", dated(day) | {"pk__in": keys}, keys)
            if len(keys) <= _MOST_NAMED
            else None,
        )
    }


def counted(window: Window) -> dict[str, Any]:
    """Evidence of weeks in the window whose hours counted at its moment of knowledge, as lookups."""
    known_at = window.pinned().known_at
    moment = known_at.isoformat() if known_at else None
    return {
        "week__range": [window.start.isoformat(), window.end.isoformat()],
        "confirmed_at__lte": moment,
        "uncounted_at__gt": moment,
    }


_HOURS = _(
    "Hours of weekly evidence that a second party has confirmed, of weeks that begin in the window; a corrected week "
    "counts once."
)


@metric(
    "training.cohort.practice_hours_a_year",
    unit=Unit.HOURS,
    subject=_COHORT,
    label=_("Practice hours of a student in a year (median)"),
    definition=_(
        "The median, over the students in the cohort on the last day of the window, of the hours of weekly evidence "
        "that a second party has confirmed for weeks that begin in the window. Students without any count as 0."
    ),
)
def cohort_practice_hours(cohorts: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Median of confirmed hours; two queries."""
    enrolled = CohortMembership.objects.on(window.end, known_at=window.known_at).filter(cohort__in=list(cohorts))
    students: defaultdict[int, set[int]] = defaultdict(set)
    for cohort, person in enrolled.values_list("cohort_id", "person_id"):
        students[cohort].add(person)
    people = {person for some in students.values() for person in some}
    hours: defaultdict[int, Decimal] = defaultdict(Decimal)
    keys: defaultdict[int, list[int]] = defaultdict(list)
    for key, person, claimed in _entries(window, people):
        hours[person] += claimed
        keys[person].append(key)
    name = "training.cohort.practice_hours_a_year"
    found = {}
    for one in cohorts:
        some = students[one]
        rows = [key for person in some for key in keys[person]]
        filters = counted(window) | {"placement__person__cohort_memberships__cohort": one}
        value = float(median(hours[person] for person in some)) if some else None
        found[one] = measured(name, Unit.HOURS, window, value, Records.of(_ENTRY, filters, rows), count=len(some))
    return found


def _entries(window: Window, people: Iterable[int]) -> Iterable[tuple[int, int, Decimal]]:
    rows = Entry.objects.filter(**counted(window), placement__person__in=list(people)).order_by("pk")
    return rows.values_list("pk", "placement__person_id", "hours")


@metric(
    "training.person.practice_hours",
    unit=Unit.HOURS,
    subject="accounts.person",
    confidential=True,
    label=_("Confirmed practice hours of a person"),
    definition=_HOURS,
)
def person_practice_hours(people: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Confirmed hours of each person, which a certificate may ask for; one query."""
    sums: defaultdict[int, Decimal] = defaultdict(Decimal)
    keys: defaultdict[int, list[int]] = defaultdict(list)
    for key, person, claimed in _entries(window, people):
        sums[person] += claimed
        keys[person].append(key)
    name = "training.person.practice_hours"
    return {
        one: measured(
            name,
            Unit.HOURS,
            window,
            float(sums[one]),
            Records.of(_ENTRY, counted(window) | {"placement__person": one}, keys[one]),
        )
        for one in people
    }


@metric(
    "training.assessments.first_attempt_passes",
    unit=Unit.SHARE,
    label=_("Units passed at the first attempt"),
    definition=_(
        "Of the first attempts at a teaching unit that were settled in the window, the share that was passed: mentor "
        "and teacher, or the office where they differed, saw every skill at the level that the unit asks for."
    ),
)
def first_attempt_passes(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Share of first attempts that were passed; one query."""
    filters: dict[str, Any] = {
        "attempt": 1,
        "settled_on__range": [window.start.isoformat(), window.end.isoformat()],
        "settled_at__lte": window.known_at.isoformat() if window.known_at else None,
    }
    rows = list(Assessment.objects.filter(**filters).order_by("pk").values_list("pk", "is_passed"))
    passed = sum(bool(one) for _key, one in rows)
    return {
        COMMUNITY: measured(
            "training.assessments.first_attempt_passes",
            Unit.SHARE,
            window,
            passed / len(rows) if rows else None,
            Records.of(_ASSESSMENT, filters, [key for key, _passed in rows]),
            numerator=passed,
            denominator=len(rows),
        )
    }


def _student(row: Stay | Entry | Assessment) -> str:
    return row.placement.student_name


show_records(
    _STAY,
    columns=[
        RecordColumn(_("Student"), _student, url=lambda stay: stay.placement.get_absolute_url()),
        RecordColumn(_("Host"), lambda stay: stay.organisation.name),
        RecordColumn(_("Work"), lambda stay: stay.placement.work),
        RecordColumn(_("State"), lambda stay: stay.get_state_display()),
        RecordColumn(_("From"), lambda stay: stay.valid_from),
        RecordColumn(_("Until"), lambda stay: stay.last_day),
    ],
    related=["placement__person", "organisation"],
    personal=True,
)
show_records(
    _ENTRY,
    columns=[
        RecordColumn(_("Student"), _student, url=lambda entry: entry.get_absolute_url()),
        RecordColumn(_("Week"), lambda entry: entry.week),
        RecordColumn(_("Work"), lambda entry: entry.placement.work),
        RecordColumn(_("Hours"), lambda entry: entry.hours),
        RecordColumn(_("Confirmed"), lambda entry: entry.confirmed_at),
    ],
    related=["placement__person"],
    personal=True,
)
show_records(
    _ASSESSMENT,
    columns=[
        RecordColumn(_("Student"), _student, url=lambda one: one.get_absolute_url()),
        RecordColumn(_("Teaching unit"), lambda one: one.unit.name),
        RecordColumn(pgettext_lazy("training", "Attempt"), lambda one: one.attempt),
        RecordColumn(_("Passed"), lambda one: _("yes") if one.is_passed else _("no")),
        RecordColumn(_("Settled on"), lambda one: one.settled_on),
    ],
    related=["placement__person", "unit"],
    personal=True,
)
