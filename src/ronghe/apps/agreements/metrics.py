"""What agreements promise, as numbers that rules and pages may read; each from dated rows, all subjects in one query.

What is offered, filled or paid belongs to the stations where it happens.
"""

import calendar
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from ronghe.apps.agreements.clauses import ClauseKind, Per
from ronghe.apps.agreements.models import Promise, Signature, Term
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Records, Unit, Window
from ronghe.apps.metrics.records import RecordColumn, dated, show_records
from ronghe.apps.metrics.registry import metric

_CHAIN = "community.chain"
_ORGANISATION = "community.organisation"


def _measured(name: str, unit: Unit, window: Window, value: float, records: Records) -> Measurement:
    return Measurement(
        value=value,
        unit=unit,
        as_of=window.end,
        definition=f"{name}@1",
        count=records.count,
        numerator=value,
        records=records,
    )


def years_between(first: date, until: date) -> float:
    """Years from `first` to the day before `until`, 365 days each; the 29th of February is not counted.

    So every full year is exactly 1, and spans without a gap add up to the whole.
    """
    days = (until - first).days - (_leap_days_before(until) - _leap_days_before(first))
    return max(days, 0) / 365


def _leap_days_before(day: date) -> int:
    """How many 29ths of February lie before `day`."""
    year = day.year - 1
    leap_days = year // 4 - year // 100 + year // 400
    return leap_days + (day.month > 2 and calendar.isleap(day.year))


def seats_in(window: Window, quantity: int, per: str, first: date, until: date | None) -> float:
    """The seats that a promise yields within a window: by the year in proportion, in all by the share of its term."""
    end = window.end + timedelta(days=1)
    begin, finish = max(first, window.start), end if until is None else min(until, end)
    if finish <= begin:
        return 0.0
    if per == Per.YEAR:
        return quantity * years_between(begin, finish)
    if until is None:
        return float(quantity) if first >= window.start else 0.0
    return quantity * (finish - begin).days / (until - first).days


_Row = tuple[int | None, int, int, str, date, date | None]


def _promises(
    name: str,
    unit: Unit,
    kind: ClauseKind,
    by: str,
    subjects: Sequence[int],
    span: Window,
    worth: Callable[[_Row], float],
) -> Mapping[int, Measurement]:
    """Sum what `worth` says of the promises of `kind` that hold in `span`, by chain or by who promises: one query."""
    rows = (
        Promise.objects.during(span.start, span.end, known_at=span.known_at)
        .filter(kind=kind, **_of(by, subjects))
        .order_by()
        .values_list(by, "pk", "quantity", "per", "valid_from", "valid_until")
    )
    totals: defaultdict[int, float] = defaultdict(float)
    keys: defaultdict[int, list[int]] = defaultdict(list)
    for row in rows.iterator(chunk_size=5000):
        subject = row[0]
        if subject is not None:
            totals[subject] += worth(row)
            keys[subject].append(row[1])
    filters = dated(span) | {"kind": str(kind)}
    return {
        subject: _measured(
            name,
            unit,
            span,
            round(totals[subject], 6),
            Records.of("agreements.promise", filters | {by: subject}, keys[subject]),
        )
        for subject in subjects
    }


# Above this many subjects a list of keys costs more than reading the rows of all.
_MOST_NAMED = 500


def _of(field: str, subjects: Sequence[int]) -> dict[str, Any]:
    return {f"{field}__in": list(subjects)} if len(subjects) <= _MOST_NAMED else {f"{field}__isnull": False}


def _last_day(window: Window) -> Window:
    return Window(window.end, window.end, window.known_at)


_SEATS = _(
    "Seats that agreements in force promise within the window. A promise by the year counts its number for each year "
    "of the window in which it holds, part of a year by its days of 365 (the 29th of February counts nothing, so "
    "that a full year is exactly one); one in all counts by the share of its days that lies in the window. What was "
    "offered or filled is another number."
)


@metric(
    "agreements.seats_promised",
    unit=Unit.COUNT,
    subject=_CHAIN,
    confidential=True,
    label=_("Seats promised"),
    definition=_SEATS,
)
def seats_promised(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Seats promised to each chain within the window."""
    return _seats("agreements.seats_promised", "chain_id", chains, window)


@metric(
    "agreements.enterprise_seats_promised",
    unit=Unit.COUNT,
    subject=_ORGANISATION,
    confidential=True,
    label=_("Seats promised by an enterprise"),
    definition=_SEATS,
)
def enterprise_seats_promised(organisations: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Seats that each enterprise promised within the window."""
    return _seats("agreements.enterprise_seats_promised", "by_id", organisations, window)


def _seats(name: str, by: str, subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    def worth(row: _Row) -> float:
        return seats_in(window, row[2], row[3], row[4], row[5])

    return _promises(name, Unit.COUNT, ClauseKind.POSITIONS, by, subjects, window, worth)


_RATE = _(
    "Seats a year that agreements in force promise on the last day of the window. Promises in all are spread evenly "
    "over their term; those in all without an end are not counted."
)


@metric(
    "agreements.seats_a_year",
    unit=Unit.COUNT,
    subject=_CHAIN,
    confidential=True,
    label=_("Seats promised a year"),
    definition=_RATE,
)
def seats_a_year(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """The yearly rate of promised seats of each chain on the last day."""

    def worth(row: _Row) -> float:
        _subject, _key, quantity, per, first, until = row
        if per == Per.YEAR:
            return float(quantity)
        return quantity / max(years_between(first, until), 1 / 366) if until is not None else 0.0

    name = "agreements.seats_a_year"
    return _promises(name, Unit.COUNT, ClauseKind.POSITIONS, "chain_id", chains, _last_day(window), worth)


_MENTORS = _("Mentors that agreements in force on the last day of the window promise to provide.")


@metric(
    "agreements.mentors_promised",
    unit=Unit.PERSONS,
    subject=_CHAIN,
    confidential=True,
    label=_("Mentors promised"),
    definition=_MENTORS,
)
def mentors_promised(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Mentors promised to each chain on the last day."""
    name, day = "agreements.mentors_promised", _last_day(window)
    return _promises(name, Unit.PERSONS, ClauseKind.MENTORS, "chain_id", chains, day, lambda row: float(row[2]))


@metric(
    "agreements.enterprise_mentors_promised",
    unit=Unit.PERSONS,
    subject=_ORGANISATION,
    confidential=True,
    label=_("Mentors promised by an enterprise"),
    definition=_MENTORS,
)
def enterprise_mentors_promised(organisations: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Mentors that each enterprise promised, on the last day."""
    name, day = "agreements.enterprise_mentors_promised", _last_day(window)
    return _promises(name, Unit.PERSONS, ClauseKind.MENTORS, "by_id", organisations, day, lambda row: float(row[2]))


@metric(
    "agreements.graduates_promised",
    unit=Unit.PERSONS,
    subject=_CHAIN,
    confidential=True,
    label=_("Graduates promised"),
    definition=_(
        "Graduates that agreements in force promise within the window, counted as the seats promised are: by the year "
        "in proportion, in all by the share of the days."
    ),
)
def graduates_promised(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Graduates promised within the window."""

    def worth(row: _Row) -> float:
        return seats_in(window, row[2], row[3], row[4], row[5])

    name = "agreements.graduates_promised"
    return _promises(name, Unit.PERSONS, ClauseKind.TALENT_SUPPLY, "chain_id", chains, window, worth)


_IN_FORCE = _(
    "Agreements in force on the last day of the window: signed by all, begun, neither expired nor ended early."
)


@metric(
    "agreements.in_force",
    unit=Unit.COUNT,
    subject=_CHAIN,
    confidential=True,
    label=_("Agreements in force"),
    definition=_IN_FORCE,
)
def in_force(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Agreements of each chain in force on the last day."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = Term.objects.on(window.end, known_at=window.known_at).filter(**_of("chain_id", chains))
    for chain, key in rows.order_by().values_list("chain_id", "pk").iterator(chunk_size=5000):
        if chain is not None:
            found[chain].append(key)
    return _terms("agreements.in_force", "chain_id", chains, window, found)


@metric(
    "agreements.enterprise_in_force",
    unit=Unit.COUNT,
    subject=_ORGANISATION,
    confidential=True,
    label=_("Agreements of an organisation in force"),
    definition=_IN_FORCE,
)
def organisation_in_force(organisations: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Agreements to which each organisation is a party, in force on the last day."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    rows = Term.objects.on(window.end, known_at=window.known_at)
    rows = rows.filter(**_of("agreement__parties__organisation_id", organisations))
    for organisation, key in rows.order_by().values_list("agreement__parties__organisation_id", "pk"):
        if organisation is not None:
            found[organisation].append(key)
    name = "agreements.enterprise_in_force"
    return _terms(name, "agreement__parties__organisation_id", organisations, window, found)


def _terms(
    name: str, field: str, subjects: Sequence[int], window: Window, found: Mapping[int, list[int]]
) -> Mapping[int, Measurement]:
    filters = dated(_last_day(window))
    return {
        subject: _measured(
            name,
            Unit.COUNT,
            window,
            float(len(found.get(subject, []))),
            Records.of("agreements.term", filters | {field: subject}, found.get(subject, [])),
        )
        for subject in subjects
    }


_OVERDUE = _(
    "Signatures that were asked for, due before the last day of the window, and neither given nor called off by then."
)


@metric(
    "agreements.overdue_signatures",
    unit=Unit.COUNT,
    subject=_CHAIN,
    confidential=True,
    label=_("Overdue signatures"),
    definition=_OVERDUE,
)
def overdue_signatures(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Signatures of each chain's papers that are overdue on the last day."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    asked = _overdue(window).filter(instrument__agreement__chain__isnull=False)
    for chain, key in asked.values_list("instrument__agreement__chain_id", "pk"):
        found[chain].append(key)
    return {chain: _overdue_measured("agreements.overdue_signatures", window, found[chain]) for chain in chains}


@metric(
    "agreements.community_overdue_signatures",
    unit=Unit.COUNT,
    label=_("Overdue signatures of the community"),
    definition=_OVERDUE,
)
def community_overdue_signatures(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """All signatures that are overdue on the last day."""
    keys = list(_overdue(window).values_list("pk", flat=True))
    return {COMMUNITY: _overdue_measured("agreements.community_overdue_signatures", window, keys)}


def _overdue(window: Window) -> Any:
    """What was known at the window's moment: a signature given later was still waited for then."""
    found = Signature.objects.filter(asked_on__lte=window.end, due_on__lt=window.end)
    still = Q(open_until__gt=window.end)
    if window.known_at is not None:
        found = found.filter(asked_at__lte=window.known_at)
        still |= Q(signed_at__gt=window.known_at) | Q(signed_at__isnull=True, settled_at__gt=window.known_at)
    return found.filter(still).order_by()


def _overdue_measured(name: str, window: Window, keys: Iterable[int]) -> Measurement:
    ordered = sorted(keys)
    # Named by key: what was waited for at a past moment is not to be found again from today's columns alone.
    records = Records.of("agreements.signature", {"pk__in": ordered}, ordered)
    return _measured(name, Unit.COUNT, window, float(len(ordered)), records)


def _span(row: Any) -> str:
    return f"{row.valid_from} – {row.last_day or ''}".rstrip()


def _agreement_column(of: Callable[[Any], Any]) -> RecordColumn:
    label: StrPromise = _("Agreement")
    return RecordColumn(label, lambda row: of(row).title, url=lambda row: str(of(row).get_absolute_url()))


show_records(
    "agreements.promise",
    related=("agreement", "by", "to", "chain"),
    columns=[
        RecordColumn(_("Promised"), lambda row: row.get_kind_display()),
        RecordColumn(_("How many"), lambda row: row.quantity),
        RecordColumn(_("Window"), lambda row: Per(row.per).label if row.per in Per.values else ""),
        RecordColumn(_("Promised by"), lambda row: row.by.name, url=lambda row: str(row.by.get_absolute_url())),
        _agreement_column(lambda row: row.agreement),
        RecordColumn(_("Holds"), _span),
    ],
)
show_records(
    "agreements.term",
    related=("agreement", "chain"),
    columns=[_agreement_column(lambda row: row.agreement), RecordColumn(_("Holds"), _span)],
)
show_records(
    "agreements.signature",
    related=("instrument__agreement", "party__organisation", "party__person"),
    columns=[
        _agreement_column(lambda row: row.instrument.agreement),
        RecordColumn(_("Party"), lambda row: row.party.organisation.name if row.party.organisation_id else ""),
        RecordColumn(_("Asked on"), lambda row: row.asked_on),
        RecordColumn(_("Due on"), lambda row: row.due_on),
        RecordColumn(_("Given"), lambda row: row.signed_at is not None),
    ],
)
