"""What the registry of the community can count: chains, members, people. Every count is of one day, the window's last.

Counts of what people or firms did within a window belong to the stations where they did it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from ronghe.apps.accounts import services as accounts
from ronghe.apps.community.models import Chain, ChainMembership, CohortMembership, Role, RoleKind, Tier
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Records, Unit, Window
from ronghe.apps.metrics.records import DURING, RecordColumn, dated, show_records
from ronghe.apps.metrics.registry import metric


def _last_day(window: Window) -> Window:
    return Window(window.end, window.end, window.known_at)


def _count(name: str, unit: Unit, window: Window, counted: int, records: Records) -> Measurement:
    return Measurement(
        value=float(counted),
        unit=unit,
        as_of=window.end,
        definition=f"{name}@1",
        count=counted,
        numerator=float(counted),
        records=records,
    )


@metric(
    "community.chains.count",
    unit=Unit.COUNT,
    label=_("Chains"),
    definition=_("Chains that were founded on or before the last day of the window and not closed by then."),
)
def chain_count(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Chains standing on the last day."""
    keys = list(Chain.objects.during(window.end, window.end).order_by().values_list("pk", flat=True))
    records = Records.of("community.chain", {DURING: [window.end.isoformat(), window.end.isoformat()]}, keys)
    return {COMMUNITY: _count("community.chains.count", Unit.COUNT, window, len(keys), records)}


def _organisations_in_chains(name: str, tiers: list[str], window: Window) -> Mapping[int, Measurement]:
    day = _last_day(window)
    rows = list(
        ChainMembership.objects.on(window.end, known_at=window.known_at)
        .filter(tier__in=tiers)
        .order_by()
        .values_list("pk", "organisation_id")
    )
    organisations = {organisation for _key, organisation in rows}
    records = Records.of("community.chainmembership", dated(day) | {"tier__in": tiers}, [key for key, _org in rows])
    return {COMMUNITY: _count(name, Unit.COUNT, window, len(organisations), records)}


@metric(
    "community.enterprises.count",
    unit=Unit.COUNT,
    label=_("Enterprises in chains"),
    definition=_(
        "Different enterprises that lead or are a member of at least one chain on the last day of the window. "
        "An enterprise in two chains counts once; one that is only on the register does not count."
    ),
)
def enterprise_count(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Enterprises in chains on the last day."""
    tiers = [Tier.LEADER.value, Tier.MEMBER.value]
    return _organisations_in_chains("community.enterprises.count", tiers, window)


@metric(
    "community.universities.count",
    unit=Unit.COUNT,
    label=_("Universities in chains"),
    definition=_(
        "Different universities that take part in at least one chain on the last day of the window; each counts once."
    ),
)
def university_count(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Universities in chains on the last day."""
    return _organisations_in_chains("community.universities.count", [Tier.UNIVERSITY.value], window)


@metric(
    "community.chain.members",
    unit=Unit.COUNT,
    subject="community.chain",
    label=_("Members of a chain"),
    definition=_("Organisations of any tier, the leader among them, in the chain on the last day of the window."),
)
def chain_members(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Members of each chain on the last day."""
    rows = (
        ChainMembership.objects.on(window.end, known_at=window.known_at)
        .filter(chain__in=chains)
        .order_by()
        .values_list("chain_id", "pk")
    )
    found = _by_subject(rows)
    day = dated(_last_day(window))
    return {
        chain: _count(
            "community.chain.members",
            Unit.COUNT,
            window,
            len(found[chain]),
            Records.of("community.chainmembership", day | {"chain_id": chain}, found[chain]),
        )
        for chain in chains
    }


@metric(
    "community.students.enrolled",
    unit=Unit.PERSONS,
    label=_("Students enrolled"),
    definition=_(
        "Different people who are in at least one cohort on the last day of the window. The planned intake is not "
        "counted, and neither is who left or has not begun by then."
    ),
)
def students_enrolled(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """People in cohorts on the last day."""
    rows = list(
        CohortMembership.objects.on(window.end, known_at=window.known_at).order_by().values_list("pk", "person_id")
    )
    records = Records.of("community.cohortmembership", dated(_last_day(window)), [key for key, _person in rows])
    people = {person for _key, person in rows}
    return {COMMUNITY: _count("community.students.enrolled", Unit.PERSONS, window, len(people), records)}


@metric(
    "community.cohort.enrolled",
    unit=Unit.PERSONS,
    subject="community.cohort",
    label=_("Students of a cohort"),
    definition=_("People in the cohort on the last day of the window; its planned intake is another number."),
)
def cohort_enrolled(cohorts: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Students of each cohort on the last day."""
    rows = (
        CohortMembership.objects.on(window.end, known_at=window.known_at)
        .filter(cohort__in=cohorts)
        .order_by()
        .values_list("cohort_id", "pk")
    )
    found = _by_subject(rows)
    day = dated(_last_day(window))
    return {
        cohort: _count(
            "community.cohort.enrolled",
            Unit.PERSONS,
            window,
            len(found[cohort]),
            Records.of("community.cohortmembership", day | {"cohort_id": cohort}, found[cohort]),
        )
        for cohort in cohorts
    }


def _people_with_role(name: str, kind: RoleKind, window: Window) -> Mapping[int, Measurement]:
    rows = list(
        Role.objects.on(window.end, known_at=window.known_at)
        .filter(kind=kind)
        .order_by()
        .values_list("pk", "person_id")
    )
    filters = dated(_last_day(window)) | {"kind": kind.value}
    records = Records.of("community.role", filters, [key for key, _person in rows])
    return {COMMUNITY: _count(name, Unit.PERSONS, window, len({person for _key, person in rows}), records)}


@metric(
    "community.mentors.count",
    unit=Unit.PERSONS,
    label=_("Enterprise mentors"),
    definition=_(
        "Different people who hold the role of enterprise mentor on the last day of the window, whether or not "
        "they mentor anyone then."
    ),
)
def mentor_count(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Mentors on the last day."""
    return _people_with_role("community.mentors.count", RoleKind.MENTOR, window)


@metric(
    "community.teachers.count",
    unit=Unit.PERSONS,
    label=_("Teachers"),
    definition=_("Different people who hold the role of teacher on the last day of the window."),
)
def teacher_count(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Teachers on the last day."""
    return _people_with_role("community.teachers.count", RoleKind.TEACHER, window)


def _by_subject(rows: Iterable[tuple[int, int]]) -> defaultdict[int, list[int]]:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for subject, key in rows:
        found[subject].append(key)
    return found


def _span(row: Any) -> str:
    return f"{row.valid_from} – {row.valid_until or ''}".rstrip()


def _organisation_column(label: StrPromise) -> RecordColumn:
    return RecordColumn(
        label, lambda row: row.organisation.name, url=lambda row: str(row.organisation.get_absolute_url())
    )


show_records(
    "community.chain",
    columns=[
        RecordColumn(_("Chain"), lambda chain: chain.name, url=lambda chain: str(chain.get_absolute_url())),
        RecordColumn(_("Field"), lambda chain: chain.get_field_display()),
        RecordColumn(_("Founded on"), lambda chain: chain.founded_on),
    ],
)
show_records(
    "community.chainmembership",
    related=("chain", "organisation", "brought_in_by"),
    columns=[
        _organisation_column(_("Organisation")),
        RecordColumn(_("Chain"), lambda row: row.chain.name, url=lambda row: str(row.chain.get_absolute_url())),
        RecordColumn(_("Tier"), lambda row: row.get_tier_display()),
        RecordColumn(_("Brought in by"), lambda row: row.brought_in_by),
        RecordColumn(_("Valid"), _span),
    ],
)
show_records(
    "community.role",
    related=("person", "organisation"),
    personal=True,
    opened=lambda viewer, rows: accounts.note_looks(
        viewer=viewer, people=[row.person for row in rows], page="metrics:records"
    ),
    columns=[
        RecordColumn(_("Person"), lambda row: row.person.name),
        RecordColumn(_("Role"), lambda row: row.get_kind_display()),
        _organisation_column(_("Organisation")),
        RecordColumn(_("Valid"), _span),
    ],
)
show_records(
    "community.cohortmembership",
    related=("person", "cohort__organisation", "cohort__academic_year"),
    personal=True,
    opened=lambda viewer, rows: accounts.note_looks(
        viewer=viewer, people=[row.person for row in rows], page="metrics:records"
    ),
    columns=[
        RecordColumn(_("Person"), lambda row: row.person.name),
        RecordColumn(_("Student number"), lambda row: row.student_number),
        RecordColumn(
            _("Cohort"), lambda row: row.cohort.name, url=lambda row: reverse("community:cohort", args=[row.cohort_id])
        ),
        RecordColumn(_("University"), lambda row: row.cohort.organisation.name),
        RecordColumn(_("Valid"), _span),
    ],
)
