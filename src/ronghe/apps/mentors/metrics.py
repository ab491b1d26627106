"""What can be measured of mentors and of teachers in dual-teacher training, by name; appointments and loads dated."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from ronghe.apps.accounts.services import note_looks
from ronghe.apps.community.models import ChainMembership
from ronghe.apps.mentors.models import (
    Appointment,
    Certification,
    ClassHour,
    HourState,
    MentorKind,
    PlanState,
    Profile,
    Qualification,
    Slot,
    TrainingPlan,
)
from ronghe.apps.mentors.selectors import renewals_due, satisfaction
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Records, Unit, Window
from ronghe.apps.metrics.records import RecordColumn, dated, show_records
from ronghe.apps.metrics.registry import metric

_CHAIN = "community.chain"
_APPOINTMENT, _SLOT, _HOUR = "mentors.appointment", "mentors.slot", "mentors.classhour"
_PLAN, _CERTIFICATION, _QUALIFICATION = "mentors.trainingplan", "mentors.certification", "mentors.qualification"


def _last_day(window: Window) -> Window:
    return Window(window.end, window.end, window.known_at)


def _organisations(chains: Sequence[int], window: Window) -> dict[int, set[int]]:
    """Organisations of each chain on the last day of the window, as they were known."""
    found: dict[int, set[int]] = defaultdict(set)
    members = ChainMembership.objects.on(window.end, known_at=window.known_at).filter(chain__in=chains)
    for chain, organisation in members.values_list("chain", "organisation").order_by():
        found[chain].add(organisation)
    return found


class _Mentors:
    """Mentors of each chain on the last day: rows, people, and who of them comes from an enterprise."""

    def __init__(self, chains: Sequence[int], window: Window) -> None:
        self.organisations = _organisations(chains, window)
        self.by_organisation: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        everywhere = set().union(*self.organisations.values()) if self.organisations else set()
        rows = Appointment.objects.on(window.end, known_at=window.known_at).filter(organisation__in=everywhere)
        for organisation, key, person, kind in rows.values_list("organisation", "pk", "person", "kind").order_by():
            self.by_organisation[organisation].append((key, person, kind))

    def of(self, chain: int) -> list[tuple[int, int, str]]:
        """Rows (key, person, kind) of a chain."""
        return [row for one in sorted(self.organisations[chain]) for row in self.by_organisation[one]]

    def people(self, chain: int) -> set[int]:
        """The mentors of a chain, each once."""
        return {person for _key, person, _kind in self.of(chain)}


@metric(
    "mentors.chain.enterprise_share",
    unit=Unit.SHARE,
    subject=_CHAIN,
    label=_("Enterprise mentors ÷ all mentors"),
    definition=_(
        "Of the people who are appointed mentors, on the last day of the window, by an organisation that is in the "
        "chain on that day: the share of those whom an enterprise appoints. Nobody counts twice."
    ),
)
def enterprise_share(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """The share of enterprise mentors on the last day."""
    name, mentors, day = "mentors.chain.enterprise_share", _Mentors(chains, window), dated(_last_day(window))
    measured = {}
    for chain in chains:
        rows = mentors.of(chain)
        everyone = {person for _key, person, _kind in rows}
        firms = {person for _key, person, kind in rows if kind == MentorKind.ENTERPRISE}
        filters = day | {"organisation__in": sorted(mentors.organisations[chain])}
        measured[chain] = Measurement(
            value=len(firms) / len(everyone) if everyone else None,
            unit=Unit.SHARE,
            as_of=window.end,
            definition=f"{name}@1",
            count=len(everyone),
            numerator=len(firms),
            denominator=len(everyone),
            records=Records.of(_APPOINTMENT, filters, [key for key, _person, _kind in rows]),
        )
    return measured


@metric(
    "mentors.chain.highest_load",
    unit=Unit.COUNT,
    subject=_CHAIN,
    label=_("Highest load of a mentor"),
    definition=_(
        "The most trainees that one mentor of the chain has on the last day of the window, by the slots held on that "
        "day; trainees from elsewhere count as well. Without mentors there is no number."
    ),
)
def highest_load(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """The highest load on the last day."""
    name, mentors, day = "mentors.chain.highest_load", _Mentors(chains, window), dated(_last_day(window))
    people = {chain: mentors.people(chain) for chain in chains}
    everyone = set().union(*people.values()) if people else set()
    held: dict[int, list[int]] = defaultdict(list)
    slots = Slot.objects.on(window.end, known_at=window.known_at).filter(mentor__in=everyone)
    for mentor, key in slots.values_list("mentor", "pk").order_by():
        held[mentor].append(key)
    measured = {}
    for chain in chains:
        loads = Counter({mentor: len(held[mentor]) for mentor in people[chain]})
        keys = [key for mentor in people[chain] for key in held[mentor]]
        filters = day | {"mentor__in": sorted(people[chain])}
        highest = max(loads.values()) if loads else None
        measured[chain] = Measurement(
            value=highest,
            unit=Unit.COUNT,
            as_of=window.end,
            definition=f"{name}@1",
            count=len(people[chain]),
            numerator=highest,
            records=Records.of(_SLOT, filters, keys),
        )
    return measured


@metric(
    "mentors.chain.fee_above_benchmark",
    unit=Unit.RELATIVE_CHANGE,
    subject=_CHAIN,
    confidential=True,
    label=_("Class-hour fee above the benchmark (lowest)"),
    definition=_(
        "The lowest of fee ÷ benchmark − 1 over the class hours given within the window, and confirmed, by mentors of "
        "organisations that are in the chain on its last day. Fee and benchmark are those in force on the day of each "
        "hour; hours without a benchmark are left out."
    ),
)
def fee_above_benchmark(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """The lowest fee above its benchmark in the window."""
    name, organisations = "mentors.chain.fee_above_benchmark", _organisations(chains, window)
    everywhere = set().union(*organisations.values()) if organisations else set()
    filters: dict[str, Any] = {
        "state": str(HourState.CONFIRMED),
        "taught_on__range": [window.start.isoformat(), window.end.isoformat()],
        "benchmark__isnull": False,
    }
    if window.known_at is not None:
        filters["decided_at__lte"] = window.known_at.isoformat()
    found: dict[int, list[tuple[int, Decimal]]] = defaultdict(list)
    rows = ClassHour.objects.filter(**filters, organisation__in=everywhere).order_by()
    for organisation, key, fee, benchmark in rows.values_list(
        "organisation", "pk", "standard__amount", "benchmark__amount"
    ):
        found[organisation].append((key, fee / benchmark - 1))
    measured = {}
    for chain in chains:
        hours = [hour for one in organisations[chain] for hour in found[one]]
        lowest = min((above for _key, above in hours), default=None)
        measured[chain] = Measurement(
            value=None if lowest is None else round(float(lowest), 6),
            unit=Unit.RELATIVE_CHANGE,
            as_of=window.end,
            definition=f"{name}@1",
            count=len(hours),
            records=Records.of(
                _HOUR, filters | {"organisation__in": sorted(organisations[chain])}, [key for key, _above in hours]
            ),
        )
    return measured


def _whole(
    name: str, unit: Unit, window: Window, value: float | None, records: Records | None, **more: Any
) -> Mapping[int, Measurement]:
    count = more.pop("count", records.count if records else 0)
    return {
        COMMUNITY: Measurement(
            value=value,
            unit=unit,
            as_of=window.end,
            definition=f"{name}@1",
            count=count,
            records=records,
            **more,
        )
    }


@metric(
    "mentors.overseas_share",
    unit=Unit.SHARE,
    label=_("Mentors with research and development abroad"),
    definition=_(
        "Of the people who are appointed mentors on the last day of the window: the share of those whose profile, as "
        "known then, names months of research and development abroad."
    ),
)
def overseas_share(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """The share of mentors who worked abroad."""
    rows = Appointment.objects.on(window.end, known_at=window.known_at).values_list("pk", "person").order_by()
    keys, people = [], set()
    for key, person in rows:
        keys.append(key)
        people.add(person)
    abroad = Profile.objects.known(window.known_at).filter(overseas_months__gt=0).values_list("person", flat=True)
    number = len(people.intersection(abroad))
    return _whole(
        "mentors.overseas_share",
        Unit.SHARE,
        window,
        number / len(people) if people else None,
        Records.of(_APPOINTMENT, dated(_last_day(window)), keys),
        count=len(people),
        numerator=number,
        denominator=len(people),
    )


@metric(
    "mentors.qualifications_lapsed",
    unit=Unit.COUNT,
    label=_("Lapsed qualifications of mentors"),
    definition=_("Needed qualifications that were valid through a day before the last of the window, and not renewed."),
)
def qualifications_lapsed(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Lapsed qualifications on the last day."""
    keys = list(Qualification.objects.lapsed(window.end).values_list("pk", flat=True).order_by())
    records = Records.of(_QUALIFICATION, {"pk__in": keys}, keys)
    return _whole("mentors.qualifications_lapsed", Unit.COUNT, window, len(keys), records)


def _trained(first: str | None, last: str) -> dict[str, Any]:
    filters: dict[str, Any] = {"state": str(PlanState.TRAINED), "trained_on__lte": last}
    return filters | ({"trained_on__gte": first} if first else {})


def _plans(filters: Mapping[str, Any]) -> tuple[Records, set[int]]:
    rows = list(TrainingPlan.objects.filter(**filters).values_list("pk", "teacher").order_by())
    return Records.of(_PLAN, filters, [key for key, _teacher in rows]), {teacher for _key, teacher in rows}


@metric(
    "mentors.teachers.trained",
    unit=Unit.PERSONS,
    label=_("Teachers trained as dual teachers"),
    definition=_(
        "Different teachers who reached, within the window, the days that their plan asks for, confirmed by the host."
    ),
)
def teachers_trained(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Teachers trained within the window."""
    records, teachers = _plans(_trained(window.start.isoformat(), window.end.isoformat()))
    return _whole("mentors.teachers.trained", Unit.PERSONS, window, len(teachers), records)


def _certified(teachers: Iterable[int], window: Window) -> set[int]:
    held = Certification.objects.on(window.end).filter(teacher__in=list(teachers))
    return set(held.values_list("teacher", flat=True).order_by())


@metric(
    "mentors.teachers.certified_share",
    unit=Unit.SHARE,
    label=_("Certified ÷ trained teachers"),
    definition=_(
        "Of the teachers who were trained as dual teachers up to the last day of the window: the share of those whose "
        "certificate holds on that day."
    ),
)
def certified_share(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """The share of trained teachers who are certified on the last day."""
    records, teachers = _plans(_trained(None, window.end.isoformat()))
    certified = len(_certified(teachers, window))
    return _whole(
        "mentors.teachers.certified_share",
        Unit.SHARE,
        window,
        certified / len(teachers) if teachers else None,
        records,
        count=len(teachers),
        numerator=certified,
        denominator=len(teachers),
    )


@metric(
    "mentors.teachers.renewals_due",
    unit=Unit.COUNT,
    label=_("Dual-teacher certificates due for renewal"),
    definition=_(
        "Certificates that lapse within sixty days after the last day of the window or have lapsed, and that no later "
        "one of the same teacher renews."
    ),
)
def teachers_renewals_due(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Renewals due on the last day."""
    keys = list(renewals_due(window.end).values_list("pk", flat=True).order_by())
    records = Records.of(_CERTIFICATION, {"pk__in": keys}, keys)
    return _whole("mentors.teachers.renewals_due", Unit.COUNT, window, len(keys), records)


@metric(
    "mentors.teachers.satisfied_share",
    unit=Unit.SHARE,
    label=_("Teachers satisfied with their training"),
    definition=_(
        "Of the anonymous answers about training that ended in the year of the window's last day: the share of fours "
        "and fives on a scale to five. Told from five answers on; single answers are never opened."
    ),
)
def teachers_satisfied(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """The share of satisfied answers of the year."""
    found = satisfaction(window.end.year)
    # Too few answers are no number at all: not even how many there are is told.
    count = found.answers if found.share is not None else 0
    return _whole("mentors.teachers.satisfied_share", Unit.SHARE, window, found.share, None, count=count)


def _span(row: Any) -> str:
    return f"{row.valid_from} – {row.valid_until or ''}".rstrip()


show_records(
    _APPOINTMENT,
    columns=[
        RecordColumn(_("Mentor"), lambda row: row.person, url=lambda row: str(row.get_absolute_url())),
        RecordColumn(_("Kind of mentor"), lambda row: row.get_kind_display()),
        RecordColumn(_("Organisation"), lambda row: row.organisation.name),
        RecordColumn(_("Valid"), _span),
    ],
    related=["person", "organisation"],
    personal=True,
    opened=lambda viewer, rows: note_looks(viewer=viewer, people=[row.person for row in rows], page="metrics:records"),
)
show_records(
    _SLOT,
    columns=[
        RecordColumn(_("Mentor"), lambda row: row.mentor),
        RecordColumn(_("Student"), lambda row: row.student),
        RecordColumn(_("First day"), lambda row: row.valid_from),
        RecordColumn(_("Last day"), lambda row: row.last_day),
    ],
    related=["mentor", "student"],
    personal=True,
    opened=lambda viewer, rows: note_looks(
        viewer=viewer, people=[one for row in rows for one in (row.mentor, row.student)], page="metrics:records"
    ),
)
show_records(
    _HOUR,
    columns=[
        RecordColumn(_("Mentor"), lambda row: row.mentor, url=lambda row: str(row.get_absolute_url())),
        RecordColumn(_("Date"), lambda row: row.taught_on),
        RecordColumn(_("Class hours"), lambda row: row.class_hours),
        RecordColumn(_("Yuan a class hour"), lambda row: row.standard.amount if row.standard else ""),
        RecordColumn(_("Benchmark"), lambda row: row.benchmark.amount if row.benchmark else ""),
    ],
    related=["mentor", "standard", "benchmark"],
    personal=True,
    opened=lambda viewer, rows: note_looks(viewer=viewer, people=[row.mentor for row in rows], page="metrics:records"),
)
show_records(
    _QUALIFICATION,
    columns=[
        RecordColumn(_("Mentor"), lambda row: row.person),
        RecordColumn(_("Qualification"), lambda row: row.name),
        RecordColumn(_("Valid through"), lambda row: row.expires_on),
    ],
    related=["person"],
    personal=True,
    opened=lambda viewer, rows: note_looks(viewer=viewer, people=[row.person for row in rows], page="metrics:records"),
)
show_records(
    _PLAN,
    columns=[
        RecordColumn(_("Teacher"), lambda row: row.teacher, url=lambda row: str(row.get_absolute_url())),
        RecordColumn(_("Host firm"), lambda row: row.host.name),
        RecordColumn(_("Trained on"), lambda row: row.trained_on),
    ],
    related=["teacher", "host"],
    personal=True,
    opened=lambda viewer, rows: note_looks(viewer=viewer, people=[row.teacher for row in rows], page="metrics:records"),
)
show_records(
    _CERTIFICATION,
    columns=[
        RecordColumn(_("Teacher"), lambda row: row.teacher),
        RecordColumn(_("Number"), lambda row: row.number),
        RecordColumn(_("Valid through"), lambda row: row.expires_on),
    ],
    related=["teacher"],
    personal=True,
    opened=lambda viewer, rows: note_looks(viewer=viewer, people=[row.teacher for row in rows], page="metrics:records"),
)
