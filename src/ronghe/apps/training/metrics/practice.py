"""How long graduates practised, by what they worked before, and apprentices of an enterprise: what rules ask for."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from ronghe.apps.community.models import CohortMembership, Departure
from ronghe.apps.metrics.measurement import Measurement, Records, Unit, Window
from ronghe.apps.metrics.records import dated
from ronghe.apps.metrics.registry import metric
from ronghe.apps.training.metrics.placements import HELD, measured
from ronghe.apps.training.models import PlacementState, PriorWork, Stay

_MEMBERSHIP, _STAY = "community.cohortmembership", "training.stay"
# A mean month of the Gregorian calendar: 365.2425 days by twelve.
DAYS_A_MONTH = 30.436875
TWO_YEARS = 24
# Version 1 counted everyone who left, with or without a degree.
GRADUATES_ONLY = 2


def days_at_work(spans: Sequence[tuple[date, date | None]], until: date) -> int:
    """Days in at least one of the spans (the second day is the first that is not in it) before `until`."""
    total, covered = 0, date.min
    for first, end in sorted(spans):
        begin, finish = max(first, covered), min(end or until, until)
        if finish > begin:
            total += (finish - begin).days
            covered = finish
    return total


def _shortest(name: str, cohorts: Sequence[int], window: Window, *, experienced: bool) -> Mapping[int, Measurement]:
    ended = CohortMembership.objects.known(window.known_at).filter(
        cohort__in=list(cohorts),
        departure=Departure.GRADUATED,
        valid_until__gt=window.start,
        valid_until__lte=window.end + timedelta(days=1),
    )
    rows = list(ended.order_by("pk").values_list("pk", "cohort_id", "person_id", "valid_until"))
    people = {person for _key, _cohort, person, _until in rows}
    prior = PriorWork.objects.known(window.known_at).filter(person__in=people, months__gte=TWO_YEARS)
    worked = set(prior.values_list("person_id", flat=True))
    ran = Stay.objects.known(window.known_at).filter(placement__person__in=people, state=PlacementState.RUNNING)
    spans: defaultdict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for person, first, end in ran.order_by("pk").values_list("placement__person_id", "valid_from", "valid_until"):
        if person is not None:
            spans[person].append((first, end))
    months: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for key, cohort, person, until in rows:
        if (person in worked) is experienced and until is not None:
            months[cohort].append((days_at_work(spans[person], until) / DAYS_A_MONTH, key))
    found = {}
    for one in cohorts:
        keys = sorted(key for _value, key in months[one])
        shortest = min(months[one])[0] if keys else None
        records = Records.of(_MEMBERSHIP, {"cohort": one, "pk__in": keys}, keys)
        found[one] = measured(name, Unit.MONTHS, window, shortest, records, version=GRADUATES_ONLY)
    return found


def _register(name: str, label: StrPromise, definition: StrPromise, *, experienced: bool) -> None:
    @metric(
        name, unit=Unit.MONTHS, subject="community.cohort", label=label, definition=definition, version=GRADUATES_ONLY
    )
    def shortest(cohorts: Sequence[int], window: Window) -> Mapping[int, Measurement]:
        return _shortest(name, cohorts, window, experienced=experienced)


_register(
    "training.cohort.shortest_practice.experienced",
    _("Shortest practice of graduates with two years of work"),
    _(
        "Of the students who graduated from the cohort within the window and of whom the university stated two years "
        "of work or more before the studies, from a paper: the shortest time for which their placements ran up to "
        "that end, rests left out, in months of 30.44 days. Where no such student graduated there is no data."
    ),
    experienced=True,
)
_register(
    "training.cohort.shortest_practice.inexperienced",
    _("Shortest practice of graduates without two years of work"),
    _(
        "Of the students who graduated from the cohort within the window and of whom no two years of work before the "
        "studies are stated: the shortest time for which their placements ran up to that end, rests left out, in "
        "months of 30.44 days. Nothing stated counts as none. Where no such student graduated there is no data."
    ),
    experienced=False,
)


@metric(
    "training.enterprise.apprentices",
    unit=Unit.PERSONS,
    subject="community.organisation",
    label=_("Apprentices in training"),
    definition=_(
        "Students who on some day of the window worked at the enterprise, or rested, in a position of an order class "
        "that the enterprise itself had ordered: it trains them for its own posts. Other interns are no apprentices."
    ),
)
def apprentices(firms: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Apprentices of each enterprise; one query."""
    name = "training.enterprise.apprentices"
    filters = dated(window) | {"state__in": HELD, "placement__position__order_class__isnull": False}
    stays = Stay.objects.during(window.start, window.end, known_at=window.known_at).filter(
        state__in=HELD, organisation__in=list(firms), placement__position__order_class__isnull=False
    )
    keys: defaultdict[int, list[int]] = defaultdict(list)
    students: defaultdict[int, set[int]] = defaultdict(set)
    rows = stays.order_by("pk").values_list(
        "organisation_id",
        "pk",
        "placement_id",
        "placement__person_id",
        "placement__position__order_class__organisation",
    )
    for firm, key, placement, person, orders in rows:
        if firm == orders:
            keys[firm].append(key)
            # An erased student counts on as somebody.
            students[firm].add(person or -placement)
    return {
        one: measured(
            name,
            Unit.PERSONS,
            window,
            len(students[one]),
            Records.of(
                _STAY,
                filters | {"organisation_id": one, "placement__position__order_class__organisation_id": one},
                keys[one],
            ),
            count=len(students[one]),
        )
        for one in firms
    }
