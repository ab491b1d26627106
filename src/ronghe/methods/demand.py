"""Demand for skills by month, its growth and interval, and the talent gap, from arrays; reads no text and no clock.

Definition `demand@1` (definitions, section 6). Every posting p that is no duplicate, and every requirement, asks for
n_p people (its head count, 1 where unstated) at an age of a_p days on the day asked about.

    by month      D_st = Σ_p n_p · [p names s] · [p was published in month t]
    today         D_s  = Σ_p n_p · [p names s] · 2^(−a_p / h)          h = half-life in days
    growth        g_s  = (R_s + ½) / (B_s + ½) · B/R − 1               share of the recent window over the one before
    talent gap    G_s  = D_s − S_s                                     S_s = supply within the horizon

Intervals: Poisson bootstrap clustered by enterprise. Each replicate gives every enterprise an independent weight
w_e ~ Poisson(1), the same for all its postings and requirements, and takes the 2.5th and 97.5th percentile.
Source: Hanley and MacGibbon, "Creating non-parametric bootstrap samples using Poisson frequencies", 2006. They cover
the sampling of enterprises only, not errors of extraction nor advertisements that are published elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

HALF_LIFE_DAYS = 180.0
REPLICATES = 1000
_CLUSTERS_AT_ONCE = 1024
_CUMULATED = np.cumsum([math.exp(-1.0) / math.factorial(count) for count in range(9)])
_POISSON = np.searchsorted(_CUMULATED, (np.arange(1 << 16) + 0.5) / (1 << 16)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class SkillTable:
    """Which posting (or requirement) names which skill, as parallel arrays: entry k says row[k] names column[k].

    `row` and `column` are (entries,) int64, each pair once; `rows` and `columns` are the counts of postings and
    skills.
    """

    row: Integers
    column: Integers
    rows: int
    columns: int

    @classmethod
    def of(cls, pairs: Sequence[Sequence[int]], columns: int) -> SkillTable:
        """Return the table of `pairs[p]`, the skill numbers that posting p names; repeats count once.

        Raises `ValueError` if a skill number is not in 0 … columns − 1.
        """
        unique = [sorted(set(skills)) for skills in pairs]
        row = np.repeat(np.arange(len(unique)), [len(skills) for skills in unique]).astype(np.int64)
        column = np.array([skill for skills in unique for skill in skills], dtype=np.int64)
        if len(column) and (column.min() < 0 or column.max() >= columns):
            raise ValueError(f"skill numbers must lie between 0 and {columns - 1}")
        return cls(row, column, len(unique), columns)


@dataclass(frozen=True, slots=True)
class Interval:
    """Lower and upper ends, each of the shape of the estimate; 95% unless said otherwise."""

    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Growth:
    """Relative change of each skill's share of demand between two windows; NaN where neither window has any."""

    value: Floats
    interval: Interval
    recent: Floats
    before: Floats


@dataclass(frozen=True, slots=True)
class Gap:
    """Demand, supply and their difference per skill, in people, with the interval of the difference."""

    demand: Floats
    supply: Floats
    value: Floats
    interval: Interval


@dataclass(frozen=True, slots=True)
class MethodText:
    """What stands beside a number: how it was computed, in both languages."""

    zh: str
    en: str


def recency_weight(age_days: ArrayLike, half_life_days: float = HALF_LIFE_DAYS) -> Floats:
    """Return 2^(−a/h) for ages in days; what is dated in the future weighs 1. Raises `ValueError` if h ≤ 0."""
    if half_life_days <= 0:
        raise ValueError("the half-life must be positive")
    age = np.maximum(np.asarray(age_days, dtype=np.float64), 0.0)
    return np.exp2(-age / half_life_days)


def demand_by_month(table: SkillTable, month: Integers, months: int, head_count: Floats) -> Floats:
    """Return D_st, (skills, months), in people. `month` (rows,) counts from 0; rows outside are left out."""
    at = month[table.row]
    inside = (at >= 0) & (at < months)
    flat = np.bincount(
        table.column[inside] * months + at[inside],
        weights=head_count[table.row[inside]],
        minlength=table.columns * months,
    )
    return np.asarray(flat, dtype=np.float64).reshape(table.columns, months)


def demand_today(table: SkillTable, weight: Floats) -> Floats:
    """Return Σ_p weight_p · [p names s], (skills,); the weight is head count × recency × whatever else applies."""
    return np.asarray(np.bincount(table.column, weights=weight[table.row], minlength=table.columns), dtype=np.float64)


def poisson_weights(generator: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return independent draws of Poisson(1) by inversion in steps of 2⁻¹⁶: several times faster than exact ones.

    No probability is off by more than 2⁻¹⁶, the mean by less than 10⁻⁴.
    """
    drawn: NDArray[np.float32] = _POISSON[generator.integers(0, 1 << 16, shape, dtype=np.uint16)]
    return drawn


def replicates_of(
    table: SkillTable,
    weights: Sequence[Floats],
    cluster: Integers,
    generator: np.random.Generator,
    replicates: int = REPLICATES,
) -> NDArray[np.float32]:
    """Return bootstrap replicates of weighted demand, (len(weights), replicates, skills + 1), clustered.

    `weights[w]` is (rows,): several windows share the draws, so their ratios are right. `cluster` (rows,) is the
    number of the enterprise; give rows of unknown enterprise a number each. The last column is the total over rows.
    """
    clusters = int(cluster.max()) + 1 if len(cluster) else 0
    kinds, columns = len(weights), table.columns + 1
    result = np.zeros((replicates, kinds * columns), dtype=np.float32)
    # Every row also counts once in the total's column.
    row = np.concatenate((table.row, np.arange(table.rows)))
    column = np.concatenate((table.column, np.full(table.rows, table.columns)))
    order = np.argsort(cluster[row], kind="stable")
    row, column = row[order], column[order]
    owner = cluster[row]
    for start in range(0, clusters, _CLUSTERS_AT_ONCE):
        stop = min(start + _CLUSTERS_AT_ONCE, clusters)
        low, high = np.searchsorted(owner, (start, stop))
        sums = np.empty((stop - start, kinds, columns), dtype=np.float32)
        place = (owner[low:high] - start) * columns + column[low:high]
        for kind, weight in enumerate(weights):
            sums[:, kind] = np.bincount(
                place, weights=weight[row[low:high]], minlength=(stop - start) * columns
            ).reshape(stop - start, columns)
        drawn = poisson_weights(generator, (replicates, stop - start))
        result += drawn @ sums.reshape(stop - start, kinds * columns)
    return np.ascontiguousarray(result.reshape(replicates, kinds, columns).transpose(1, 0, 2))


def percentile_interval(replicates: NDArray[np.floating], confidence: float = 0.95) -> Interval:
    """Return the percentile interval over the first axis; NaN replicates are left out."""
    tail = 50.0 * (1.0 - confidence)
    values = np.asarray(replicates, dtype=np.float64)
    percentile = np.nanpercentile if np.isnan(values).any() else np.percentile
    low, high = percentile(values, (tail, 100.0 - tail), axis=0)
    return Interval(np.asarray(low), np.asarray(high))


def demand_interval(
    table: SkillTable,
    weight: Floats,
    cluster: Integers,
    generator: np.random.Generator,
    replicates: int = REPLICATES,
) -> Interval:
    """Return the interval of `demand_today`, (skills,)."""
    drawn = replicates_of(table, [weight], cluster, generator, replicates)[0]
    return percentile_interval(drawn[:, :-1])


def growth(
    table: SkillTable,
    recent: Floats,
    before: Floats,
    cluster: Integers,
    generator: np.random.Generator,
    replicates: int = REPLICATES,
) -> Growth:
    """Return g_s of each skill with its interval.

    `recent` and `before` are (rows,): a row's weight (people) in either window, 0 outside. Shares are taken of all
    rows in the window, so that a month with more advertisements is not growth of everything.
    """

    observed = np.stack([np.append(demand_today(table, weight), weight.sum()) for weight in (recent, before)])
    return growth_of(observed, replicates_of(table, [recent, before], cluster, generator, replicates))


def growth_of(observed: NDArray[np.floating], drawn: NDArray[np.floating]) -> Growth:
    """Return g_s with its interval from demand already added up and drawn, so that one call of `replicates_of` can
    serve.

    `observed` is (2, skills + 1), recent before earlier, the total last; `drawn` is (2, replicates, skills + 1) of
    the same.
    """
    value = _change(observed)
    silent = (observed[0, :-1] == 0) & (observed[1, :-1] == 0)
    value[silent] = np.nan
    if np.isnan(value).all():
        empty = np.full(len(value), np.nan)
        interval = Interval(empty, empty)
    else:
        ends = percentile_interval(_change(drawn))
        interval = Interval(np.where(silent, np.nan, ends.low), np.where(silent, np.nan, ends.high))
    recent, before = np.asarray(observed, dtype=np.float64)[:, :-1]
    return Growth(value, interval, recent, before)


def _change(windows: NDArray[np.floating]) -> Floats:
    late, early = np.asarray(windows[0], dtype=np.float64), np.asarray(windows[1], dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = (late[..., :-1] + 0.5) / (early[..., :-1] + 0.5) * early[..., -1:] / late[..., -1:] - 1.0
    return np.where((late[..., -1:] > 0) & (early[..., -1:] > 0), ratio, np.nan)


def supply_of(
    skill: Integers,
    skill_level: Integers,
    completes_in_days: Integers,
    columns: int,
    *,
    least_level: Integers | None = None,
    horizon_days: int = 365,
) -> Floats:
    """Return S_s, (skills,): students who reach the skill level asked for and complete within the horizon.

    The three arrays are parallel, one entry a student and skill: skill number, skill level reached (0–5), days from
    the day asked about to completion (negative: already completed, which counts). `least_level` is (skills,), 1
    everywhere unless given.
    """
    needed = np.ones(columns, dtype=np.int64) if least_level is None else least_level
    counts = (skill_level >= needed[skill]) & (completes_in_days <= horizon_days)
    return np.bincount(skill[counts], minlength=columns).astype(np.float64)


def talent_gap(
    table: SkillTable,
    weight: Floats,
    cluster: Integers,
    supply: Floats,
    generator: np.random.Generator,
    replicates: int = REPLICATES,
) -> Gap:
    """Return G_s = D_s − S_s of each skill, in people, with its interval.

    The table's rows are postings and requirements together, their weight head count × recency (an open requirement
    does not age). Supply is a census of the community's students and is taken as known. Raises `ValueError` on other
    shapes.
    """
    if supply.shape != (table.columns,):
        raise ValueError("supply must have one number per skill")
    demand = demand_today(table, weight)
    interval = demand_interval(table, weight, cluster, generator, replicates)
    return Gap(demand, supply, demand - supply, Interval(interval.low - supply, interval.high - supply))


def gap_method_text(
    half_life_days: float = HALF_LIFE_DAYS, horizon_days: int = 365, replicates: int = REPLICATES
) -> MethodText:
    """Return the sentence that stands beside a talent gap."""
    return MethodText(
        zh=(
            f"人才缺口＝需求－供给（人）。需求：去重后的招聘信息与企业需求，按招聘人数加权，招聘信息每过{half_life_days:g}天权重减半；"
            f"供给：{horizon_days}天内完成学业且达到所需技能等级的学生。95%区间：按企业整群的泊松自助法，{replicates}次；"
            "只反映企业抽样的波动，不含识别误差。"
        ),
        en=(
            "Talent gap = demand − supply, in people. Demand: postings without duplicates and enterprise requirements, "
            f"weighted by head count; the weight of a posting halves every {half_life_days:g} days. Supply: students "
            f"who complete within {horizon_days} days at the skill level asked for. 95% interval: Poisson bootstrap "
            f"clustered by enterprise, {replicates} replicates; it covers the sampling of enterprises, not errors of "
            "extraction."
        ),
    )
