"""Difference-in-differences with staggered starts: effects by group and time, and their averages; gives no verdict.

Source: Callaway and Sant'Anna, "Difference-in-differences with multiple time periods", Journal of Econometrics 225,
2021, sections 2 to 4. With b the last period before treatment g (less the periods of anticipation),

    ATT(g, t) = E[Y_t − Y_b | G = g] − E[Y_t − Y_b | compared]

compared with units never treated, or with those not yet treated at t. Before the start, each period is compared with
the one before it (varying base) or with b (universal base).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np

from ronghe.methods.effects.aggregation import Average, GroupTimes, evenly
from ronghe.methods.effects.comparison import Adjustment, compare_changes
from ronghe.methods.effects.estimate import Booleans, Estimate, Floats, Interval, checked_level, estimate
from ronghe.methods.effects.influence import by_cluster, covariance, simultaneous_critical_value, standard_errors
from ronghe.methods.effects.panel import Panel, WidePanel, wide
from ronghe.methods.effects.pretrend import PreTrend, pre_trend
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

_LARGEST_INFLUENCE = 400_000_000
_SMALL_GROUP = 5


class Compared(Enum):
    """Whom the treated are compared with."""

    NEVER = "never_treated"
    NOT_YET = "not_yet_treated"


class Base(Enum):
    """The period that periods before the start are compared with: the one before each, or the last before the start."""

    VARYING = "varying"
    UNIVERSAL = "universal"


@dataclass(frozen=True, slots=True, eq=False)
class Staggered:
    """A panel and how to compare: see the module. `replicates` = 0 leaves the simultaneous band out."""

    panel: Panel
    compared: Compared = Compared.NEVER
    adjustment: Adjustment = Adjustment.DOUBLY_ROBUST
    base: Base = Base.VARYING
    anticipation: float = 0.0
    level: float = 0.05
    replicates: int = 999
    seed: int = 1


@dataclass(frozen=True, slots=True)
class GroupTimeEffect:
    """ATT(g, t): the units that start in `group`, in `period`, and how many units were treated and compared."""

    group: float
    period: float
    effect: Estimate
    treated: int
    compared: int

    @property
    def after_start(self) -> bool:
        """Whether the group is under treatment in this period."""
        return self.period >= self.group


@dataclass(frozen=True, slots=True)
class EventTimeEffect:
    """The average effect `offset` periods after the start (negative: before it), with the simultaneous band."""

    offset: float
    effect: Estimate
    band: Interval | None


@dataclass(frozen=True, slots=True, eq=False)
class StaggeredEffect:
    """All effects of a staggered design, in the outcome's unit.

    `overall` weighs the groups' own averages by their size (the figure to report); `simple` averages all ATT(g, t)
    after the start; `event_overall` and `calendar_overall` average over offsets from 0 on and over periods.
    `event_covariance` is the covariance of `by_offset`, row for row. `critical_value` scales the simultaneous band.
    """

    group_time: tuple[GroupTimeEffect, ...]
    overall: Estimate
    simple: Estimate
    by_group: tuple[tuple[float, Estimate], ...]
    by_period: tuple[tuple[float, Estimate], ...]
    calendar_overall: Estimate
    by_offset: tuple[EventTimeEffect, ...]
    event_overall: Estimate
    event_covariance: Floats
    pre_trend: PreTrend | None
    critical_value: float | None
    units: int
    clusters: int
    base: Base
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class _Cell:
    group: float
    period: float
    treated: int
    compared: int


def staggered(parameters: Staggered) -> StaggeredEffect:
    """Estimate every ATT(g, t), their averages, the event study and the test of trends before the start.

    Standard errors are analytic, by influence functions, clustered where the panel names clusters. The simultaneous
    band takes the multiplier bootstrap (Rademacher; section 4.1, algorithm 1).
    Raises `UnmetAssumption` where nobody can be compared, where the panel is faulty, or where covariates fail.
    """
    checked_level(parameters.level)
    panel = wide(parameters.panel)
    groups, cautions = _groups(panel, parameters)
    kept = panel.start > panel.period[0] + parameters.anticipation
    cells, group_times = _group_time(panel, kept, groups, parameters, cautions)
    units = len(group_times.start)
    cluster = None if panel.cluster is None else np.unique(panel.cluster[kept], return_inverse=True)[1]

    def told(average: Average) -> Estimate:
        error = standard_errors(by_cluster(average[1][:, None], cluster), units)[0]
        return estimate(average[0], float(error), level=parameters.level)

    after, offsets = group_times.after, np.unique(group_times.offsets)
    treated_groups = [float(group) for group in np.unique(group_times.groups[after])]
    of_groups = [group_times.of_group(group) for group in treated_groups]
    periods = [float(period) for period in np.unique(group_times.periods[after])]
    of_periods = [group_times.by_size(after & (group_times.periods == period)) for period in periods]
    of_offsets = [group_times.by_size(group_times.offsets == offset) for offset in offsets]
    event_influence = by_cluster(np.column_stack([influence for _, influence in of_offsets]), cluster)
    event_errors = standard_errors(event_influence, units)
    critical = simultaneous_critical_value(
        event_influence,
        event_errors,
        units,
        replicates=parameters.replicates,
        seed=parameters.seed,
        level=parameters.level,
    )
    summed = by_cluster(group_times.influence, cluster)
    errors = standard_errors(summed, units)
    before = group_times.offsets < -parameters.anticipation
    return StaggeredEffect(
        group_time=tuple(
            GroupTimeEffect(cell.group, cell.period, _told(value, error, parameters.level), cell.treated, cell.compared)
            for cell, value, error in zip(cells, group_times.values, errors, strict=True)
        ),
        overall=told(group_times.over_groups(treated_groups, of_groups)),
        simple=told(group_times.by_size(after)),
        by_group=tuple((group, told(average)) for group, average in zip(treated_groups, of_groups, strict=True)),
        by_period=tuple((period, told(average)) for period, average in zip(periods, of_periods, strict=True)),
        calendar_overall=told(evenly(of_periods)),
        by_offset=tuple(
            EventTimeEffect(float(offset), _told(value, error, parameters.level), _band(value, error, critical))
            for offset, (value, _), error in zip(offsets, of_offsets, event_errors, strict=True)
        ),
        event_overall=told(evenly([at for offset, at in zip(offsets, of_offsets, strict=True) if offset >= 0])),
        event_covariance=covariance(event_influence, units),
        pre_trend=pre_trend(group_times.values[before], covariance(summed[:, before], units)),
        critical_value=critical,
        units=units,
        clusters=len(summed),
        base=parameters.base,
        explanation=Explanation(
            "effects.staggered",
            1,
            inputs_hash(
                *(panel.unit, panel.period, panel.outcome, panel.start, panel.covariates, panel.weight, panel.cluster),
                *(parameters.compared, parameters.adjustment, parameters.base, parameters.anticipation),
                *(parameters.level, parameters.replicates, parameters.seed),
            ),
            _assumptions(parameters),
            tuple(cautions),
        ),
    )


def _told(value: float, error: float, level: float) -> Estimate:
    return estimate(float(value), float(error), level=level)


def _band(value: float, error: float, critical: float | None) -> Interval | None:
    if critical is None:
        return None
    return Interval(float(value - critical * error), float(value + critical * error))


def _assumptions(parameters: Staggered) -> tuple[Assumption, ...]:
    given = " given the covariates" if parameters.panel.covariates else ""
    return (
        Assumption(
            "effects.parallel_trends", None, f"without treatment, treated and compared would have moved alike{given}"
        ),
        Assumption(
            "effects.no_anticipation",
            None,
            f"nothing changes earlier than {parameters.anticipation:g} periods before the start",
        ),
        Assumption("effects.treatment_stays", None, "a unit once treated stays treated"),
        Assumption("effects.no_spill_over", None, "the treatment of one unit does not touch another"),
    )


def _groups(panel: WidePanel, parameters: Staggered) -> tuple[Floats, list[Caution]]:
    """The periods in which units start, and what had to be left out before any comparison."""
    cautions: list[Caution] = []
    first, last = panel.period[0] + parameters.anticipation, panel.period[-1]
    early = int((panel.start <= first).sum())
    if early:
        cautions.append(
            Caution("effects.treated_from_the_start", f"{early} units were treated from the first period on: left out")
        )
    if panel.left_out:
        cautions.append(Caution("effects.units_left_out", f"{panel.left_out} units lack a period: left out"))
    starts = panel.start[(panel.start > first) & np.isfinite(panel.start)]
    if not len(starts) or not (starts <= last).any():
        raise UnmetAssumption(
            "effects.no_treated_unit",
            f"no unit starts between the second period and the last ({panel.period[-1]:g})",
            "give the period in which each treated unit started, with at least one period before it",
        )
    never = int((panel.start > last + parameters.anticipation).sum())
    if parameters.compared is Compared.NEVER and not never:
        raise UnmetAssumption(
            "effects.no_never_treated",
            f"all {len(panel.start)} units are treated by the last period, or from before the first one",
            "leave the start empty for units never treated, or compare with units not yet treated",
        )
    if parameters.compared is Compared.NOT_YET and len(np.unique(panel.start[panel.start > first])) < 2:
        raise UnmetAssumption(
            "effects.one_group", "all units start in the same period", "add units that start later or never"
        )
    return np.unique(starts[starts <= last]), cautions


def _group_time(
    panel: WidePanel, kept: Booleans, groups: Floats, parameters: Staggered, cautions: list[Caution]
) -> tuple[list[_Cell], GroupTimes]:
    """Every ATT(g, t) that can be estimated: where it lies, its value and its influence function."""
    start, weight, period = panel.start[kept], panel.weight[kept], panel.period
    by_period, covariates = np.ascontiguousarray(panel.outcome[kept].T), panel.covariates[kept]
    units = len(start)
    if units * len(groups) * len(period) > _LARGEST_INFLUENCE:
        raise UnmetAssumption(
            "effects.too_large",
            f"{units} units, {len(groups)} starts and {len(period)} periods need too much memory",
            "merge periods, for example months into quarters, or group neighbouring starts",
        )
    cells: list[_Cell] = []
    values: list[float] = []
    columns: list[Floats] = []
    skipped = 0
    for group in groups:
        for place, base in _comparisons(period, float(group), parameters):
            compared = _compared(start, group, period[max(place, base)], period[-1], parameters)
            used = np.flatnonzero((start == group) | compared)
            treated = start[used] == group
            if treated.all():
                skipped += 1
                continue
            change = by_period[place][used] - by_period[base][used]
            value, influence = compare_changes(
                change, treated, weight[used], covariates[used, min(place, base)], parameters.adjustment
            )
            column = np.zeros(units)
            column[used] = influence * (units / len(used))
            number = int(treated.sum())
            cells.append(_Cell(float(group), float(period[place]), number, len(used) - number))
            values.append(value)
            columns.append(column)
    if skipped:
        cautions.append(
            Caution("effects.no_comparison_left", f"{skipped} pairs of group and period have nobody to compare with")
        )
    if not any(cell.period >= cell.group for cell in cells):
        raise UnmetAssumption(
            "effects.no_never_treated",
            "no period after a start has a unit to compare with",
            "add units that are never treated or that start later",
        )
    smallest = min(min(cell.treated, cell.compared) for cell in cells)
    if smallest < _SMALL_GROUP:
        cautions.append(
            Caution("effects.small_group", f"one side of a comparison has {smallest} units: errors are too small")
        )
    where = np.array([(cell.group, cell.period) for cell in cells])
    influences = np.column_stack(columns)
    return cells, GroupTimes(where[:, 0], where[:, 1], np.array(values), influences, start, weight)


def _comparisons(period: Floats, group: float, parameters: Staggered) -> list[tuple[int, int]]:
    """Places of each period to compare and of its base period."""
    last_before = int(np.searchsorted(period, group - parameters.anticipation)) - 1
    pairs = []
    for place in range(len(period)):
        varies = place <= last_before and parameters.base is Base.VARYING
        base = place - 1 if varies else last_before
        if base >= 0 and base != place:
            pairs.append((place, base))
    return pairs


def _compared(start: Floats, group: float, latest: float, last: float, parameters: Staggered) -> Booleans:
    """Who is compared: those who start after the panel ends, or after the later of the two periods."""
    horizon = last if parameters.compared is Compared.NEVER else latest
    return np.asarray((start > horizon + parameters.anticipation) & (start != group))
