"""What the curriculum can measure, by name: the CRI, what is taught, what it supplies, how fresh it is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from django.db.models import Min
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ronghe.apps.community.models import CohortMembership
from ronghe.apps.curriculum import readings
from ronghe.apps.curriculum.models import PackageVersion, Unit, VersionState
from ronghe.apps.curriculum.models.versions import in_force
from ronghe.apps.curriculum.teaching import declared_hours, taught_on
from ronghe.apps.demand.figures import shift_month
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Records, Window
from ronghe.apps.metrics.measurement import Unit as Measure
from ronghe.apps.metrics.records import RecordColumn, dated, show_records
from ronghe.apps.metrics.registry import metric
from ronghe.methods.demand import supply_of
from ronghe.methods.intervals import Proportion, wilson

RENEWED_WITHIN_MONTHS = 6
FEWEST = 5
_UNIT = "curriculum.unit"
_STUDENT = "community.cohortmembership"
_COMPLETES_WITHIN_DAYS = 365


def renewal_day(day: date) -> date:
    """Content dated before this day is older than six months on `day`."""
    first = shift_month(day, -RENEWED_WITHIN_MONTHS)
    last = shift_month(first, 1) - timedelta(days=1)
    return min(first.replace(day=min(day.day, last.day)), last)


def _units(window: Window, **more: object) -> dict[str, object]:
    """The units that are taught on the last day of a window, as lookups."""
    return {**in_force(window.end, window.known_at, "version__"), **more}


@metric(
    "curriculum.skills.taught",
    unit=Measure.COUNT,
    subject="demand.Skill",
    label=_("Units that teach a skill"),
    definition=_(
        "Units of released package versions in force on the last day of the period that declare the skill. No data "
        "while no programme teaches anything."
    ),
)
def skills_taught(skills: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    filters = _units(window)
    found: dict[int, list[int]] = defaultdict(list)
    pairs = Unit.objects.filter(**filters, declarations__skill__in=skills)
    for unit, skill in pairs.order_by().values_list("pk", "declarations__skill_id"):
        found[skill].append(unit)
    if not found and not PackageVersion.objects.in_force(window.end, window.known_at).exists():
        return {}
    return {
        skill: Measurement(
            value=len(found[skill]),
            unit=Measure.COUNT,
            as_of=window.end,
            definition="curriculum.skills.taught@1",
            count=len(found[skill]),
            records=Records.of(_UNIT, {**filters, "declarations__skill": skill}, found[skill]),
        )
        for skill in skills
    }


@metric(
    "curriculum.skills.supply",
    unit=Measure.PERSONS,
    subject="demand.Skill",
    label=_("Students who bring a skill"),
    definition=_(
        "Students enrolled on the last day of the period in cohorts of programmes whose packages in force teach the "
        "skill, and who complete within 365 days: from the start of their academic year the length of the programme. "
        "No data while no programme teaches anything."
    ),
)
def skills_supply(skills: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    rows = declared_hours(window.known_at)
    if not taught_on(rows, window.end):
        return {}
    students = list(
        CohortMembership.objects.on(window.end, known_at=window.known_at)
        .filter(cohort__programmes__isnull=False)
        .values_list(
            "pk", "cohort", "cohort__programmes", "cohort__programmes__months", "cohort__academic_year__starts_on"
        )
    )
    column = {skill: number for number, skill in enumerate(skills)}
    taught = {
        programme: taught_on(rows, window.end, programme=programme)
        for programme in {student[2] for student in students}
    }
    entries = []
    behind: dict[int, tuple[set[int], set[int]]] = {skill: (set(), set()) for skill in skills}
    for student, cohort, programme, months, starts_on in students:
        days_left = (shift_month(starts_on, months) - window.end).days
        for skill_key, level in taught[programme].items():
            if skill_key not in column:
                continue
            entries.append((column[skill_key], level.level, days_left))
            if days_left <= _COMPLETES_WITHIN_DAYS:
                behind[skill_key][0].add(student)
                behind[skill_key][1].add(cohort)
    on_the_day = dated(Window(window.end, window.end, window.known_at))
    skill, levels, days = (
        np.array(part, dtype=np.int64) for part in (zip(*entries, strict=True) if entries else [[]] * 3)
    )
    supply = supply_of(skill, levels, days, len(skills), horizon_days=_COMPLETES_WITHIN_DAYS)
    return {
        key: Measurement(
            value=float(supply[number]),
            unit=Measure.PERSONS,
            as_of=window.end,
            definition="curriculum.skills.supply@1",
            count=int(supply[number]),
            records=Records.of(_STUDENT, {**on_the_day, "cohort__in": sorted(behind[key][1])}, behind[key][0]),
        )
        for key, number in column.items()
    }


def _update_rate(filters: Mapping[str, object], window: Window, name: str) -> Measurement:
    rows = list(Unit.objects.filter(**filters).order_by("pk").values_list("pk", "renewed_on", "version__package_id"))
    first = dict(
        PackageVersion.objects.filter(state=VersionState.RELEASED)
        .order_by()
        .values_list("package_id")
        .annotate(Min("released_on"))
    )
    since = renewal_day(window.end)
    # What the first version of a package brought replaced nothing.
    renewed = sum(day is not None and day > max(since, first[package]) for _key, day, package in rows)
    found = wilson(Proportion(renewed, len(rows)))
    return Measurement(
        value=found.value,
        low=found.low,
        high=found.high,
        unit=Measure.SHARE,
        as_of=window.end,
        definition=f"{name}@1",
        count=len(rows),
        numerator=renewed,
        denominator=len(rows),
        records=Records.of(_UNIT, filters, [row[0] for row in rows]),
        note="" if found.has_data else gettext("Fewer than five units are taught."),
    )


_UPDATE_RATE = _(
    "Units in force on the last day of the period whose content was replaced in substance, by the rule "
    "revision_diff@1, in the six months before it by a later version of their package ÷ all units in force. "
    "95% interval: Wilson. No data below five units."
)


@metric(
    "curriculum.units.update_rate",
    unit=Measure.SHARE,
    label=_("Curriculum update rate"),
    definition=_UPDATE_RATE,
    source="Wilson 1927",
)
def update_rate(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return {COMMUNITY: _update_rate(_units(window), window, "curriculum.units.update_rate")}


@metric(
    "curriculum.programme.update_rate",
    unit=Measure.SHARE,
    subject="curriculum.Programme",
    label=_("Curriculum update rate of a programme"),
    definition=_UPDATE_RATE,
    source="Wilson 1927",
)
def programme_update_rate(programmes: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return {
        programme: _update_rate(
            _units(window, version__package__course__programme=programme), window, "curriculum.programme.update_rate"
        )
        for programme in programmes
    }


@metric(
    "curriculum.units.due",
    unit=Measure.COUNT,
    label=_("Units due for renewal"),
    definition=_("Units in force on the last day of the period whose content is older than six months."),
)
def units_due(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    filters = _units(window, renewed_on__lte=renewal_day(window.end).isoformat())
    keys = list(Unit.objects.filter(**filters).values_list("pk", flat=True))
    return {
        COMMUNITY: Measurement(
            value=len(keys),
            unit=Measure.COUNT,
            as_of=window.end,
            definition="curriculum.units.due@1",
            count=len(keys),
            records=Records.of(_UNIT, filters, keys),
        )
    }


_CRI = _(
    "Corporate Response Index, 0–100: demand of registered enterprises by skill, answered by what released units "
    "declare (coverage, level, lag), by how soon requirements are met, and by the share of practice. Eight declared "
    "hours cover a skill; practice is asked for half of the hours of every skill but the transversal ones; an "
    "enterprise weighs by the people it asks for. Computed on the last day of the period by methods.cri, version 1."
)


def _index(value: float | None, low: float, high: float, day: date, name: str, count: int) -> Measurement:
    return Measurement(
        value=value,
        low=None if value is None or np.isnan(low) else low,
        high=None if value is None or np.isnan(high) else high,
        unit=Measure.INDEX,
        as_of=day,
        definition=f"{name}@1",
        count=count,
        note=gettext("The interval covers sampling of enterprises only.") if value is not None else "",
    )


def _of_scope(programme: int | None, window: Window, name: str) -> Measurement:
    now = readings.current(window.end, programme)
    if now.reading is None:
        waits = _index(None, np.nan, np.nan, window.end, name, 0)
        return replace(waits, note=gettext("Being computed: open the page of the index to see how far it is."))
    if now.found is None:
        return _index(None, np.nan, np.nan, window.end, name, 0)
    low, high = now.reading.ends
    return _index(now.found.result.cri, low, high, now.found.day, name, int((now.found.result.weight > 0).sum()))


@metric(
    "curriculum.cri",
    unit=Measure.INDEX,
    label=_("Corporate Response Index (CRI)"),
    definition=_CRI,
    source="Hanley & MacGibbon 2006",
)
def community_cri(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return {COMMUNITY: _of_scope(None, window, "curriculum.cri")}


@metric(
    "curriculum.programme.cri",
    unit=Measure.INDEX,
    subject="curriculum.Programme",
    label=_("CRI of a programme"),
    definition=_CRI,
    source="Hanley & MacGibbon 2006",
)
def programme_cri(programmes: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return {one: _of_scope(one, window, "curriculum.programme.cri") for one in programmes}


@metric(
    "curriculum.enterprise.cri",
    unit=Measure.INDEX,
    subject="community.Organisation",
    confidential=True,
    label=_("CRI of an enterprise"),
    definition=_CRI,
    source="Hanley & MacGibbon 2006",
)
def enterprise_cri(enterprises: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    now = readings.current(window.end)
    found = now.found
    if found is None or now.reading is None:
        return {}
    bounds = now.reading.bounds
    place = {key: number for number, key in enumerate(found.enterprises)}
    return {
        one: _index(
            float(found.result.by_enterprise[at]), bounds.low[at], bounds.high[at], found.day,
            "curriculum.enterprise.cri", int(bounds.rows[at]),
        )
        for one in enterprises
        if (at := place.get(one)) is not None and not np.isnan(found.result.by_enterprise[at])
    }  # fmt: skip


show_records(
    _UNIT,
    columns=[
        RecordColumn(_("Teaching unit"), lambda unit: unit.name, url=lambda unit: str(unit.get_absolute_url())),
        RecordColumn(_("Course package"), lambda unit: unit.version.package.name),
        RecordColumn(_("Version"), lambda unit: unit.version.number),
        RecordColumn(_("Content of"), lambda unit: unit.renewed_on),
        RecordColumn(_("Hours"), lambda unit: unit.hours),
        RecordColumn(_("What the release did"), lambda unit: unit.get_change_display()),
    ],
    related=["version__package"],
)
