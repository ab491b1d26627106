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

from ronghe.methods.effects.aggregation import GroupTimes, evenly
from ronghe.methods.effects.comparison import Adjustment, Comparison
from ronghe.methods.effects.estimate import (
    Booleans,
    Estimate,
    Floats,
    Interval,
    checked_level,
    estimate,
    require_variation,
)
from ronghe.methods.effects.influence import InfluenceByUnit, InfluenceOfMeans, by_cluster, simultaneous_critical_value
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
    replicates: int = 9_999
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


@dataclass(frozen=True, slots=True, eq=False)
class _Units:
    """Units sorted by start: `outcome` (n, T), `covariates` (n, T, k), `weight` and `cluster` (n,).

    `starts` (groups,) are all starts in ascending order, the treated first; group h has `counts[h]`
    units, ends before row `ends[h]` and weighs `sizes[h]`.
    """

    outcome: Floats
    covariates: Floats
    weight: Floats
    cluster: np.ndarray | None
    starts: Floats
    ends: np.ndarray
    counts: np.ndarray
    sizes: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Cell:
    """One comparison: group and periods by place, which groups are compared (groups,), and how many units they have."""

    group: int
    place: int
    base: int
    compared: Booleans
    controls: int


def staggered(parameters: Staggered) -> StaggeredEffect:
    """Estimate every ATT(g, t), their averages, the event study and the test of trends before the start.

    Standard errors are analytic, by influence functions, clustered where the panel names clusters. The simultaneous
    band takes the multiplier bootstrap with normal multipliers (section 4.1, algorithm 1).
    Raises `UnmetAssumption` where nobody can be compared, where the panel is faulty, or where covariates fail.
    """
    checked_level(parameters.level)
    panel = wide(parameters.panel)
    groups, cautions = _groups(panel, parameters)
    units = _sorted(panel, parameters)
    cells = _cells(panel.period, groups, units, parameters, cautions)
    values, influence = _by_means(units, cells) if not panel.names else _by_covariates(units, cells, parameters)
    group_times = GroupTimes(
        group=np.array([cell.group for cell in cells]),
        periods=np.array([panel.period[cell.place] for cell in cells]),
        offsets=np.array([panel.period[cell.place] - groups[cell.group] for cell in cells]),
        values=values,
        sizes=units.sizes[: len(groups)],
    )
    after, offsets = group_times.offsets >= 0, np.unique(group_times.offsets)
    treated = [int(group) for group in np.unique(group_times.group[after])]
    periods = np.unique(group_times.periods[after])
    of_groups = [group_times.of_group(group) for group in treated]
    of_periods = [group_times.by_size(after & (group_times.periods == period)) for period in periods]
    of_offsets = [group_times.by_size(group_times.offsets == offset) for offset in offsets]
    overalls = [
        group_times.over_groups(treated, of_groups),
        group_times.by_size(after),
        evenly(of_periods),
        evenly([average for offset, average in zip(offsets, of_offsets, strict=True) if offset >= 0]),
    ]
    averages = [*overalls, *of_groups, *of_periods, *of_offsets]
    before = np.flatnonzero(group_times.offsets < -parameters.anticipation)
    alone = np.vstack([np.eye(len(cells)), *(average.cells for average in averages)])
    pulls = np.vstack([np.zeros((len(cells), len(groups))), *(average.pulls for average in averages)])
    if units.cluster is None:
        covariance = influence.covariance(alone, pulls)
    else:
        summed = by_cluster(influence.combined(alone, pulls), units.cluster)
        covariance = summed @ summed.T
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    require_variation(float(errors[len(cells)]), panel.outcome)
    told = [
        _told(average.value, error, parameters.level)
        for average, error in zip(averages, errors[len(cells) :], strict=True)
    ]
    overall, simple, calendar_overall, event_overall = told[: len(overalls)]
    told_groups = told[len(overalls) : len(overalls) + len(treated)]
    told_offsets = told[-len(offsets) :]
    told_periods = told[len(overalls) + len(treated) : -len(offsets)]
    clusters = len(units.weight) if units.cluster is None else int(units.cluster.max()) + 1
    event_covariance = covariance[-len(offsets) :, -len(offsets) :]
    tested = pre_trend(values[before], covariance[np.ix_(before, before)], clusters)
    critical = simultaneous_critical_value(
        event_covariance, replicates=parameters.replicates, seed=parameters.seed, level=parameters.level
    )
    return StaggeredEffect(
        group_time=tuple(
            GroupTimeEffect(
                float(groups[cell.group]),
                float(panel.period[cell.place]),
                _told(value, error, parameters.level),
                int(units.counts[cell.group]),
                cell.controls,
            )
            for cell, value, error in zip(cells, values, errors[: len(cells)], strict=True)
        ),
        overall=overall,
        simple=simple,
        by_group=tuple((float(groups[group]), average) for group, average in zip(treated, told_groups, strict=True)),
        by_period=tuple((float(period), average) for period, average in zip(periods, told_periods, strict=True)),
        calendar_overall=calendar_overall,
        by_offset=tuple(
            EventTimeEffect(float(offset), average, _band(average, critical))
            for offset, average in zip(offsets, told_offsets, strict=True)
        ),
        event_overall=event_overall,
        event_covariance=event_covariance,
        pre_trend=tested,
        critical_value=critical,
        units=len(units.weight),
        clusters=clusters,
        base=parameters.base,
        explanation=Explanation(
            "effects.staggered",
            1,
            inputs_hash(
                *(panel.unit, panel.period, panel.outcome, panel.start, panel.covariates, panel.weight, panel.cluster),
                *(parameters.compared, parameters.adjustment, parameters.base, parameters.anticipation),
                *(parameters.level, parameters.replicates, parameters.seed),
            ),
            _assumptions(parameters, tested),
            tuple(cautions),
        ),
    )


def _told(value: float, error: float, level: float) -> Estimate:
    return estimate(float(value), float(error), level=level)


def _band(average: Estimate, critical: float | None) -> Interval | None:
    if critical is None:
        return None
    reach = critical * average.standard_error
    return Interval(average.value - reach, average.value + reach)


def _assumptions(parameters: Staggered, tested: PreTrend | None) -> tuple[Assumption, ...]:
    """What the effects rest on. Trends that parted before the start fail; trends that did not prove nothing."""
    given = " given the covariates" if parameters.panel.covariates else ""
    parallel = f"without treatment, treated and compared would have moved alike{given}"
    rejected = None
    if tested is not None:
        p_value = tested.p_value if tested.p_value_few is None else tested.p_value_few
        rejected = p_value < parameters.level
        parallel += (
            f"; {'they parted' if rejected else 'no sign that they parted'} before the start (p = {p_value:.3g})"
        )
    return (
        Assumption("effects.parallel_trends", False if rejected else None, parallel),
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
    if int((starts <= last).sum()) == 1:
        raise UnmetAssumption(
            "effects.one_treated_unit",
            "one unit is treated, and how far such units vary by chance cannot be told from one",
            "use a synthetic control, which can suggest an effect, or add treated units",
        )
    never = int((panel.start > last + parameters.anticipation).sum())
    if parameters.compared is Compared.NEVER and not never:
        raise UnmetAssumption(
            "effects.no_never_treated",
            f"all {len(panel.start)} units are treated by the last period, or from before the first one",
            "leave the start empty for units never treated, or compare with units not yet treated",
        )
    if parameters.compared is Compared.NEVER and never == 1:
        raise UnmetAssumption(
            "effects.one_compared_unit",
            "one unit is never treated, and how far such units vary by chance cannot be told from one",
            "add units that are never treated, or compare with units not yet treated",
        )
    if parameters.compared is Compared.NOT_YET and len(np.unique(panel.start[panel.start > first])) < 2:
        raise UnmetAssumption(
            "effects.one_group", "all units start in the same period", "add units that start later or never"
        )
    return np.unique(starts[starts <= last]), cautions


def _sorted(panel: WidePanel, parameters: Staggered) -> _Units:
    """The units that were not treated from the first period on, sorted by start."""
    order = np.argsort(panel.start, kind="stable")
    order = order[panel.start[order] > panel.period[0] + parameters.anticipation]
    start, weight = panel.start[order], panel.weight[order]
    starts, begins = np.unique(start, return_index=True)
    ends = np.append(begins[1:], len(start))
    cluster = None if panel.cluster is None else np.unique(panel.cluster[order], return_inverse=True)[1]
    sizes = np.add.reduceat(weight, begins)
    counts = np.diff(ends, prepend=0)
    return _Units(panel.outcome[order], panel.covariates[order], weight, cluster, starts, ends, counts, sizes)


def _cells(
    period: Floats, groups: Floats, units: _Units, parameters: Staggered, cautions: list[Caution]
) -> list[_Cell]:
    """Every ATT(g, t) that can be estimated, with the groups compared."""
    if len(units.weight) * len(groups) * len(period) > _LARGEST_INFLUENCE:
        raise UnmetAssumption(
            "effects.too_large",
            f"{len(units.weight)} units, {len(groups)} starts and {len(period)} periods need too much memory",
            "merge periods, for example months into quarters, or group neighbouring starts",
        )
    cells: list[_Cell] = []
    skipped = 0
    for group, start in enumerate(groups):
        known: dict[float, tuple[Booleans, int, bool]] = {}
        for place, base in _comparisons(period, float(start), parameters):
            horizon = _horizon(period, max(place, base), parameters)
            if horizon not in known:
                after = (units.starts > horizon) & (units.starts != start)
                possible = float(after @ units.sizes) > 0 and units.sizes[group] > 0
                known[horizon] = after, int(after @ units.counts), possible
            compared, controls, possible = known[horizon]
            if possible:
                cells.append(_Cell(group, place, base, compared, controls))
            else:
                skipped += 1
    if skipped:
        cautions.append(
            Caution("effects.no_comparison_left", f"{skipped} pairs of group and period have nobody to compare with")
        )
    if not any(period[cell.place] >= groups[cell.group] for cell in cells):
        raise UnmetAssumption(
            "effects.no_never_treated",
            "no period after a start has a unit to compare with",
            "add units that are never treated or that start later",
        )
    smallest = min(min(int(units.counts[cell.group]), cell.controls) for cell in cells)
    if smallest < _SMALL_GROUP:
        cautions.append(
            Caution("effects.small_group", f"one side of a comparison has {smallest} units: errors are too small")
        )
    return cells


def _by_means(units: _Units, cells: list[_Cell]) -> tuple[Floats, InfluenceOfMeans]:
    """Effects without covariates: differences of the groups' means."""
    begins = np.append(0, units.ends[:-1])
    weighted = units.outcome if (units.weight == 1).all() else units.outcome * units.weight[:, None]
    sizes = np.maximum(units.sizes, 1e-300)
    means = np.add.reduceat(weighted, begins, axis=0) / sizes[:, None]
    every = np.arange(len(cells))
    group, place, base = (np.array([getattr(cell, name) for cell in cells]) for name in ("group", "place", "base"))
    compared = np.array([cell.compared for cell in cells])
    change = (means[:, place] - means[:, base]).T
    total = compared @ units.sizes
    mean = (compared * change) @ units.sizes / total
    each = compared * (-1 / total)[:, None]
    each[every, group] = 1 / sizes[group]
    loadings = np.zeros((len(cells), len(units.starts), units.outcome.shape[1]))
    loadings[every, :, place] = each
    loadings[every, :, base] = -each
    constants = compared * ((mean[:, None] - change) / total[:, None])
    values = change[every, group] - mean
    return values, InfluenceOfMeans(units.outcome, means, units.weight, units.ends, loadings, constants)


def _by_covariates(units: _Units, cells: list[_Cell], parameters: Staggered) -> tuple[Floats, InfluenceByUnit]:
    """Effects with covariates, each comparison of the same units and covariates prepared once."""
    by_period, covariates, weight = np.ascontiguousarray(units.outcome.T), units.covariates, units.weight
    member = np.repeat(np.arange(len(units.starts)), units.counts)
    lasting = bool((covariates == covariates[:, :1]).all())
    prepared: dict[tuple[int, bytes, int], Comparison] = {}
    values = np.empty(len(cells))
    influence = np.empty((len(cells), len(weight)))
    for number, cell in enumerate(cells):
        earlier = 0 if lasting else min(cell.place, cell.base)
        key = (cell.group, cell.compared.tobytes(), earlier)
        if key not in prepared:
            of_group = member == cell.group
            used = np.where(of_group | cell.compared[member], weight, 0.0)
            prepared[key] = Comparison(of_group, used, covariates[:, earlier], parameters.adjustment)
        change = by_period[cell.place] - by_period[cell.base]
        values[number], influence[number] = prepared[key].effect(change)
    groups = max(cell.group for cell in cells) + 1
    return values, InfluenceByUnit(influence, np.where(member == np.arange(groups)[:, None], weight, 0.0))


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


def _horizon(period: Floats, latest: int, parameters: Staggered) -> float:
    """Units that start after this can be compared: after the panel's end, or after the later of the two periods."""
    last = len(period) - 1 if parameters.compared is Compared.NEVER else latest
    return float(period[last] + parameters.anticipation)
