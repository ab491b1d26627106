"""The CRI from the records: what enterprises of the community ask for, against what released units declare to teach.

The method is `methods.cri`; here its inputs are gathered, and its answers kept while the data stand. What is decided
here and not there: the enterprises are the registered ones, each weighs by the people it asks for; a skill is covered
by 8 declared hours or more; practice is asked for half of the hours of every skill but the transversal ones.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ronghe.apps.community import selectors as community
from ronghe.apps.curriculum.models import PackageVersion, Unit
from ronghe.apps.curriculum.teaching import (
    FULL_COVERAGE_HOURS,
    DeclaredHours,
    Taught,
    declared_hours,
    release_days,
    taught_on,
)
from ronghe.apps.demand import selectors as demand
from ronghe.apps.demand.figures import (
    EVERYTHING,
    DataState,
    data_state,
    frame,
    kept,
    shift_month,
    table_of,
)
from ronghe.apps.demand.keys import enterprise_key
from ronghe.apps.demand.models import Requirement, RequirementState
from ronghe.apps.metrics.measurement import Window
from ronghe.methods import cri
from ronghe.methods.demand import HALF_LIFE_DAYS, SkillTable, demand_by_month, recency_weight
from ronghe.methods.explained import UnmetAssumption

MONTHS = 36
PRACTICE_ASKED = 0.5
_NO_PRACTICE_ASKED = "transversal"
# On a page with the history at most so many of the latest releases are shown.
_RELEASES_SHOWN = 12

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Asked:
    """One requirement as the index reads it."""

    key: int
    organisation: int
    skill: int
    level: int | None
    severity: int
    heads: int
    raised_on: date
    closed_on: date | None


@dataclass(frozen=True)
class Material:
    """All rows that any day's index is computed from: postings of registered enterprises, requirements, teaching."""

    enterprises: tuple[int, ...]
    posting_days: Integers
    posting_enterprise: Integers
    posting_heads: Floats
    posting_row: Integers
    posting_skill: Integers
    requirements: tuple[Asked, ...]
    declared: tuple[DeclaredHours, ...]
    fields: Mapping[int, str]


@dataclass(frozen=True)
class Response:
    """The index of one day with all that explains it. `skills` and `enterprises` are the keys behind the positions.

    `requirement_keys` are those behind `result.requirement_loss`, `taught` what is taught of each skill.
    """

    day: date
    programme: int | None
    skills: tuple[int, ...]
    enterprises: tuple[int, ...]
    requirement_keys: tuple[int, ...]
    taught: Mapping[int, Taught]
    result: cri.CriResult
    # Where the record of demand begins with the skill asked for, the lag is at least what stands.
    lag_at_start: NDArray[np.bool_]

    @property
    def parameters(self) -> dict[str, Any]:
        """What was chosen and not observed."""
        definition = self.result.inputs.definition
        return {
            **{name: getattr(definition, name) for name in type(definition).__slots__},
            "full_coverage_hours": FULL_COVERAGE_HOURS,
            "practice_asked": PRACTICE_ASKED,
            "months": MONTHS,
            "posting_half_life_days": HALF_LIFE_DAYS,
        }


@dataclass(frozen=True)
class Answer:
    """The index of a day with the rows that its intervals are drawn from, or why there is none."""

    found: Response | None
    refused: UnmetAssumption | None = None
    history: cri.DemandHistory | None = None


def _material(state: DataState, day: date) -> Material:
    first = shift_month(day, 1 - MONTHS)
    window = state.pinned(Window(first, day))
    postings = frame(state, window, EVERYTHING)
    skills = tuple(sorted(demand.catalogue(state).skills))
    table = table_of(state, postings, skills, window, EVERYTHING)
    registered = {enterprise_key(pk, "", ""): pk for pk in community.enterprises().values_list("pk", flat=True)}
    enterprises = tuple(sorted(registered.values()))
    place = {pk: number for number, pk in enumerate(enterprises)}
    of_row = np.array([place.get(registered.get(int(key), -1), -1) for key in postings.enterprises], dtype=np.int64)
    belongs = of_row >= 0
    new_row = np.cumsum(belongs) - 1
    kept_pairs = belongs[table.row] if len(table.row) else np.zeros(0, dtype=bool)
    catalogue = demand.catalogue(state).skills
    return Material(
        enterprises=enterprises,
        posting_days=postings.days[belongs],
        posting_enterprise=of_row[belongs],
        posting_heads=postings.heads[belongs],
        posting_row=new_row[table.row[kept_pairs]].astype(np.int64),
        posting_skill=np.array(skills, dtype=np.int64)[table.column[kept_pairs]],
        requirements=_requirements(),
        declared=declared(state),
        fields={key: label.field.code for key, label in catalogue.items()},
    )


def _requirements() -> tuple[Asked, ...]:
    """Those that were withdrawn ask for nothing, and are left out."""
    rows = Requirement.objects.exclude(state=RequirementState.WITHDRAWN).order_by("pk")
    return tuple(
        Asked(*row)
        for row in rows.values_list(
            "pk", "organisation_id", "skill_id", "skill_level", "severity", "head_count", "raised_on", "closed_on"
        )
    )


def declared(state: DataState) -> tuple[DeclaredHours, ...]:
    """Every declaration of every released version; kept."""
    return kept(state, "declared hours", declared_hours)


def material(day: date, state: DataState | None = None) -> Material:
    """The rows for `day`: some ten queries, then kept while the data stand."""
    state = state or data_state()
    return kept(state, ("cri material", day), lambda: _material(state, day))


def response(day: date, programme: int | None = None, state: DataState | None = None) -> Answer:
    """The index of the community, or of one programme against the whole community's demand, on `day`; kept."""
    state = state or data_state()
    return kept(state, ("cri", day, programme), lambda: _answer(material(day, state), day, programme))


def _answer(rows: Material, day: date, programme: int | None) -> Answer:
    try:
        return _respond(rows, day, programme)
    except UnmetAssumption as refused:
        return Answer(None, refused)


def _respond(rows: Material, day: date, programme: int | None) -> Answer:
    asked = [one for one in rows.requirements if one.raised_on <= day]
    taught = taught_on(rows.declared, day, programme=programme)
    usable = rows.posting_days <= day.toordinal()
    pairs = usable[rows.posting_row] if len(rows.posting_row) else np.zeros(0, dtype=bool)
    skills = tuple(sorted(set(rows.posting_skill[pairs].tolist()) | {one.skill for one in asked} | set(taught)))
    column = {skill: number for number, skill in enumerate(skills)}
    place = {pk: number for number, pk in enumerate(rows.enterprises)}
    asked = [one for one in asked if one.organisation in place]
    new_row = np.cumsum(usable) - 1
    postings = int(usable.sum())
    table = SkillTable(
        np.concatenate([new_row[rows.posting_row[pairs]], np.arange(postings, postings + len(asked))]).astype(np.int64),
        np.concatenate(
            [
                np.searchsorted(np.array(skills, dtype=np.int64), rows.posting_skill[pairs]),
                [column[one.skill] for one in asked],
            ]
        ).astype(np.int64),
        postings + len(asked),
        len(skills),
    )
    enterprise = np.concatenate([rows.posting_enterprise[usable], [place[one.organisation] for one in asked]]).astype(
        np.int64
    )
    heads = np.concatenate([rows.posting_heads[usable], [one.heads for one in asked]]).astype(np.float64)
    age = np.concatenate([day.toordinal() - rows.posting_days[usable], [_days_since_closed(one, day) for one in asked]])
    weight = heads * recency_weight(age)
    days = np.concatenate([rows.posting_days[usable], [one.raised_on.toordinal() for one in asked]])
    # A record that is shorter than the axis begins with its first row: months without any data have no share.
    earliest = date.fromordinal(int(days.min())) if len(days) else day
    first = max(shift_month(day, 1 - MONTHS), earliest.replace(day=1))
    months = _month(day, first) + 1
    month = np.array([_month(date.fromordinal(int(one)), first) for one in days], dtype=np.int64)
    release = np.array(
        [_month(taught[skill].since, first) if skill in taught else math.nan for skill in skills], dtype=np.float64
    )
    monthly = demand_by_month(table, month, months, heads)
    lags = cri.estimate_lags(cri.LagInputs(monthly, release))
    demanded = cri.enterprise_demand(table, weight, enterprise, len(rows.enterprises))
    inputs = cri.CriInputs(
        demanded,
        demanded.sum(axis=1),
        cri.Teaching(
            coverage=_each(skills, taught, lambda one: one.coverage),
            level=_each(skills, taught, lambda one: float(one.level)),
            lag=lags.lag,
            practice=_each(skills, taught, lambda one: one.practice_share),
            practice_asked=np.array([_practice_asked(rows.fields.get(skill, "")) for skill in skills]),
        ),
        cri.Requirements(
            enterprise=np.array([place[one.organisation] for one in asked], dtype=np.int64),
            skill=np.array([column[one.skill] for one in asked], dtype=np.int64),
            level=np.array([one.level or math.nan for one in asked], dtype=np.float64),
            severity=np.array([one.severity for one in asked], dtype=np.float64),
            days=np.array([days_waited(one, day) for one in asked], dtype=np.float64),
        ),
    )
    found = Response(
        day=day,
        programme=programme,
        skills=skills,
        enterprises=rows.enterprises,
        requirement_keys=tuple(one.key for one in asked),
        taught=taught,
        result=cri.corporate_response(inputs),
        lag_at_start=lags.at_start,
    )
    return Answer(found, history=cri.DemandHistory(table, enterprise, weight, heads, month, months, release))


def _each(skills: Sequence[int], taught: Mapping[int, Taught], value: Any) -> Floats:
    return np.array([value(taught[skill]) if skill in taught else 0.0 for skill in skills], dtype=np.float64)


def _practice_asked(field: str) -> float:
    return 0.0 if field == _NO_PRACTICE_ASKED else PRACTICE_ASKED


def _month(day: date, first: date) -> int:
    return (day.year - first.year) * 12 + day.month - first.month


def days_waited(one: Asked, day: date) -> int:
    """Days from raised to released; of one that is open, or was on `day`, its age."""
    until = min(one.closed_on, day) if one.closed_on else day
    return (until - one.raised_on).days


def _days_since_closed(one: Asked, day: date) -> int:
    """An open requirement does not age; one that was met does from then on."""
    return max(0, (day - one.closed_on).days) if one.closed_on and one.closed_on <= day else 0


def interval(
    result: cri.CriResult, history: cri.DemandHistory | None, state: DataState | None = None
) -> cri.CriInterval:
    """The interval of the index over enterprises; kept by the hash of the inputs."""
    key = ("cri interval", result.explanation.inputs_hash)
    return kept(state or data_state(), key, lambda: cri.community_interval(cri.CriBootstrap(result, history)))


def enterprise_intervals(
    result: cri.CriResult, history: cri.DemandHistory | None, state: DataState | None = None
) -> cri.EnterpriseIntervals:
    """The interval of each enterprise's index over its rows; kept by the hash of the inputs."""
    key = ("cri enterprises", result.explanation.inputs_hash)
    return kept(state or data_state(), key, lambda: cri.enterprise_intervals(cri.CriBootstrap(result, history)))


def placebo(result: cri.CriResult, state: DataState | None = None) -> cri.PlaceboResult:
    """The same teaching on permuted skills; kept by the hash of the inputs."""
    key = ("cri placebo", result.explanation.inputs_hash)
    return kept(state or data_state(), key, lambda: cri.placebo(cri.Placebo(result)))


def sensitivity(result: cri.CriResult, state: DataState | None = None) -> cri.Sensitivity:
    """The index under other parameters; kept by the hash of the inputs."""
    key = ("cri sensitivity", result.explanation.inputs_hash)
    return kept(state or data_state(), key, lambda: cri.sensitivity(result))


def history(day: date, programme: int | None = None, state: DataState | None = None) -> list[tuple[date, Response]]:
    """The index on the day of each of the latest releases and on `day`, with what was demanded then; kept."""
    state = state or data_state()
    rows = material(day, state)
    days = [one for one in release_days(rows.declared, programme) if one < day][-_RELEASES_SHOWN:]

    def compute() -> list[tuple[date, Response]]:
        answers = [(one, _answer(rows, one, programme).found) for one in [*days, day]]
        return [(one, answer) for one, answer in answers if answer is not None]

    return kept(state, ("cri history", day, programme), compute)


def changes_of_units(found: Response, units: Iterable[Unit], package: int) -> list[cri.SkillChange]:
    """What releasing these units of a package, in place of those in force, would change skill by skill.

    Prefetch `declarations`. Skills that nobody asks for and nobody teaches are no part of the index.
    """
    rest = taught_on(declared(data_state()), found.day, programme=found.programme, without_package=package)
    hours: dict[int, list[float]] = {}
    for unit in units:
        for one in unit.declarations.all():
            sums = hours.setdefault(one.skill_id, [0.0, 0.0, 0.0])
            sums[0] += float(one.hours)
            sums[1] += float(one.practice_hours)
            sums[2] = max(sums[2], float(one.skill_level))
    position = {skill: number for number, skill in enumerate(found.skills)}
    touched = set(hours) | (set(found.taught) - set(rest))
    changes = []
    for skill in sorted(touched & set(position)):
        other = rest.get(skill)
        total, practice, level = hours.get(skill, [0.0, 0.0, 0.0])
        if other is not None:
            total, practice, level = total + other.hours, practice + other.practice_hours, max(level, other.level)
        changes.append(
            cri.SkillChange(
                position[skill],
                coverage=min(1.0, total / FULL_COVERAGE_HOURS),
                level=level,
                practice=practice / total if total else 0.0,
            )
        )
    return changes


def answer_of_draft(found: Response, version: PackageVersion) -> cri.WhatIfAnswer:
    """The index if this version took the place of the one in force today."""
    units = version.units.prefetch_related("declarations")
    return cri.what_if(cri.WhatIf(found.result, changes_of_units(found, units, version.package_id)))
