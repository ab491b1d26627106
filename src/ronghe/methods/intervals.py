"""Intervals of shares, of differences of shares, of survival, and of any smooth statistic of totals by resampling.

They cover the sampling of units and nothing else: neither errors of measurement nor units that were never recorded.
Which statistic makes which indicator is not decided here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ronghe.methods.demand import poisson_weights
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

Floats = NDArray[np.float64]

LEAST_UNITS = 5
REPLICATES = 2000
# Beyond this many units the totals of a resample are normal for every purpose, and are drawn as such.
NORMAL_FROM = 20_000
_CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number, its interval, and the units it rests on; `value`, `low` and `high` are None where there is no data.

    No data is never 0 and never 100%: it means fewer units than asked for, or a denominator of 0.
    """

    value: float | None
    low: float | None
    high: float | None
    confidence: float
    count: int
    explanation: Explanation

    @property
    def has_data(self) -> bool:
        """Whether there is a number at all."""
        return self.value is not None


@dataclass(frozen=True, slots=True)
class Proportion:
    """`successes` of `trials`, with the confidence of the interval and the fewest trials that make a number."""

    successes: float
    trials: float
    confidence: float = 0.95
    least_units: int = LEAST_UNITS


@dataclass(frozen=True, slots=True)
class ProportionDifference:
    """The share of the first group minus the share of the second; the groups are independent."""

    successes: float
    trials: float
    other_successes: float
    other_trials: float
    confidence: float = 0.95
    least_units: int = LEAST_UNITS


class Scale(Enum):
    """On which scale a statistic is near normal: there its interval is formed, and then carried back."""

    LINEAR = "linear"
    LOG = "log"
    LOGIT = "logit"


class Draws(Enum):
    """How a resample weighs its units: counts that add up to n, or an independent Poisson(1) for each."""

    MULTINOMIAL = "multinomial"
    POISSON = "poisson"


class Ends(Enum):
    """How ends come from replicates: their percentiles, or the percentile of |φ* − φ| / se*, carried back."""

    PERCENTILE = "percentile"
    STUDENTISED = "studentised"


@dataclass(frozen=True, slots=True)
class Statistic:
    """A smooth function of totals: `function` takes (…, columns) and returns (…); `name` and `version` identify it.

    `lowest` and `highest` bound what the statistic can be; ends are clipped to them.
    """

    name: str
    version: int
    function: Callable[[Floats], Floats]
    scale: Scale = Scale.LINEAR
    lowest: float = -math.inf
    highest: float = math.inf


@dataclass(frozen=True, slots=True)
class Resampling:
    """What to resample: `groups` are independent, each (units, columns); a row is what one unit adds to the totals.

    A unit is what was sampled as one: an enterprise with all its students, not each student (see
    `totals_by_cluster`). The statistic receives the totals of all groups side by side. `seed` makes the answer the
    same in every run.
    """

    groups: tuple[Floats, ...]
    statistic: Statistic
    ends: Ends = Ends.STUDENTISED
    draws: Draws = Draws.MULTINOMIAL
    confidence: float = 0.95
    replicates: int = REPLICATES
    seed: int = 20260101
    least_units: int = LEAST_UNITS


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """An estimate with the replicates behind it, (replicates,); empty where there is no data."""

    estimate: Estimate
    replicates: Floats


def normal_quantile(confidence: float) -> float:
    """Return z with P(|Z| ≤ z) = confidence. Raises `UnmetAssumption` unless 0 < confidence < 1."""
    if not 0.0 < confidence < 1.0:
        raise UnmetAssumption(
            "intervals.confidence", f"the confidence is {confidence}", "give a number between 0 and 1, such as 0.95"
        )
    return NormalDist().inv_cdf(0.5 + confidence / 2.0)


def wilson_bounds(successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the ends of the Wilson score interval, each of the inputs' common shape; NaN where trials are 0.

    (p̂ + z²/2n ± z √(p̂(1 − p̂)/n + z²/4n²)) / (1 + z²/n). Source: Wilson, JASA 22 (1927) 209–212; named as method 3 in
    Newcombe, Statistics in Medicine 17 (1998) 857–872. Counts may be fractional (effective sample sizes).
    """
    x, n = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64))
    z = normal_quantile(confidence)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = x / n
        centre = (share + z * z / (2.0 * n)) / (1.0 + z * z / n)
        half = z * np.sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n)) / (1.0 + z * z / n)
        low = np.where(x == 0.0, 0.0, centre - half)
        high = np.where(x == n, 1.0, centre + half)
    empty = n == 0.0
    return np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def wilson(given: Proportion) -> Estimate:
    """Return the share with its Wilson interval.

    Raises `UnmetAssumption`: `intervals.not_finite`, `intervals.not_a_share` (successes below 0 or above the trials),
    `intervals.confidence`.
    """
    _check_share(given.successes, given.trials)
    explanation = _share_explanation("intervals.wilson", given, (given.successes, given.trials), given.least_units)
    if given.trials == 0 or given.trials < given.least_units:
        return no_data(given.confidence, int(given.trials), explanation)
    low, high = wilson_bounds(given.successes, given.trials, given.confidence)
    value = given.successes / given.trials
    return Estimate(value, float(low), float(high), given.confidence, int(given.trials), explanation)


def newcombe(given: ProportionDifference) -> Estimate:
    """Return p₁ − p₂ with Newcombe's hybrid score interval (his method 10), from the Wilson ends of each share.

    δ = √((p₁ − l₁)² + (u₂ − p₂)²), ε = √((u₁ − p₁)² + (p₂ − l₂)²); the interval is p₁ − p₂ − δ to p₁ − p₂ + ε.
    Source: Newcombe, Statistics in Medicine 17 (1998) 873–890. `count` is the smaller group. Raises as `wilson`.
    """
    _check_share(given.successes, given.trials)
    _check_share(given.other_successes, given.other_trials)
    smaller = min(given.trials, given.other_trials)
    counts = (given.successes, given.trials, given.other_successes, given.other_trials)
    explanation = _share_explanation("intervals.newcombe", given, counts, given.least_units)
    if smaller == 0 or smaller < given.least_units:
        return no_data(given.confidence, int(smaller), explanation)
    first, second = given.successes / given.trials, given.other_successes / given.other_trials
    low, high = wilson_bounds(
        [given.successes, given.other_successes], [given.trials, given.other_trials], given.confidence
    )
    below = math.hypot(first - low[0], high[1] - second)
    above = math.hypot(high[0] - first, second - low[1])
    difference = first - second
    return Estimate(difference, difference - below, difference + above, given.confidence, int(smaller), explanation)


def log_log_bounds(
    survival: ArrayLike, variance_sum: ArrayLike, at_risk: ArrayLike, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the ends of the interval of a Kaplan–Meier estimate on the log(−log) scale, of the inputs' shape.

    S^exp(±z √V / |log S|), V = Σ d / (n (n − d)) (Greenwood). At S = 0 or 1, where V says nothing, Wilson on
    `at_risk`. Source: Kalbfleisch and Prentice, The Statistical Analysis of Failure Time Data, 2002, section 1.4.
    """
    s, v, n = np.broadcast_arrays(
        np.asarray(survival, dtype=np.float64),
        np.asarray(variance_sum, dtype=np.float64),
        np.asarray(at_risk, dtype=np.float64),
    )
    z = normal_quantile(confidence)
    edge = (s <= 0.0) | (s >= 1.0)
    inner = np.where(edge, 0.5, s)
    spread = z * np.sqrt(np.where(edge, 0.0, v)) / np.abs(np.log(inner))
    low, high = inner ** np.exp(spread), inner ** np.exp(-spread)
    edge_low, edge_high = wilson_bounds(np.where(s >= 1.0, n, 0.0), n, confidence)
    return np.where(edge, edge_low, low), np.where(edge, edge_high, high)


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor θᵢ of a product with its interval and the power eᵢ ≥ 0 that it is raised to."""

    value: float
    low: float
    high: float
    power: float


def product_bounds(factors: tuple[Factor, ...]) -> tuple[float, float, float]:
    """Return θ = Π θᵢ^eᵢ and the ends of its interval from those of its independent factors, each at least 0.

    On the log scale, xᵢ = eᵢ log θᵢ: Σxᵢ − √Σ(xᵢ − lᵢ)² to Σxᵢ + √Σ(uᵢ − xᵢ)². A factor of 0 makes θ and its lower end
    0; the upper end is then Π uᵢ^eᵢ, wider than needed. Source: method of variance estimates recovery, Zou and Donner,
    Statistics in Medicine 27 (2008) 1693–1702. Factors at an edge keep their own (Wilson) ends, where resampling
    would show no spread. Raises `UnmetAssumption` `intervals.not_positive`, `intervals.not_finite`.
    """
    numbers = np.array([[factor.low, factor.value, factor.high] for factor in factors], dtype=np.float64)
    power = np.array([factor.power for factor in factors], dtype=np.float64)
    if not (np.isfinite(numbers).all() and np.isfinite(power).all()):
        raise UnmetAssumption("intervals.not_finite", "a factor holds no number", "leave the product without data")
    if (numbers < 0).any() or (power < 0).any():
        raise UnmetAssumption("intervals.not_positive", "a factor or a power is below 0", "give factors of 0 and more")
    if (numbers[power > 0, 1] == 0).any():
        return 0.0, 0.0, float(np.prod(numbers[:, 2] ** power))
    with np.errstate(divide="ignore"):
        low, centre, high = np.log(numbers).T * power
    total = centre.sum()
    below, above = np.sqrt(((centre - low) ** 2).sum()), np.sqrt(((high - centre) ** 2).sum())
    return math.exp(total), float(np.exp(total - below)), math.exp(total + above)


def totals_by_cluster(values: ArrayLike, cluster: ArrayLike) -> Floats:
    """Return (clusters, columns): the sums of `values` (rows, columns) over rows that name the same cluster (rows,).

    Raises `UnmetAssumption` `intervals.shapes` when the rows differ in number.
    """
    rows = np.asarray(values, dtype=np.float64)
    rows = rows.reshape(len(rows), -1)
    names, place = np.unique(np.asarray(cluster), return_inverse=True)
    if len(place) != len(rows):
        raise UnmetAssumption(
            "intervals.shapes", f"{len(rows)} rows and {len(place)} clusters", "name one cluster a row"
        )
    sums = [np.bincount(place, weights=column, minlength=len(names)) for column in rows.T]
    return np.stack(sums, axis=1)


def bootstrap(given: Resampling) -> Bootstrapped:
    """Return the statistic of the totals with its bootstrap interval.

    Studentised ends: φ̂ ± q se, q the percentile of |φ* − φ̂| / se* over replicates, φ the statistic on its scale and
    se by the delta method in the sample and in every replicate. Sources: Hall, On symmetric bootstrap confidence
    intervals, JRSS B 50 (1988) 35–45; Poisson weights: Hanley and MacGibbon, 2006. Fewer units than `least_units`
    in any group, or a statistic that is not finite, is no data. Raises `UnmetAssumption`: `intervals.not_finite`,
    `intervals.shapes`, `intervals.replicates`, `intervals.confidence`.
    """
    normal_quantile(given.confidence)
    groups = tuple(_checked_group(group) for group in given.groups)
    if not groups:
        raise UnmetAssumption("intervals.shapes", "no group of units", "give at least one array (units, columns)")
    check_replicates(given.replicates, given.confidence)
    count = min(len(group) for group in groups)
    statistic = given.statistic
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        value = float(statistic.function(np.concatenate([group.sum(axis=0) for group in groups])))
    if count < given.least_units or not math.isfinite(value):
        return Bootstrapped(no_data(given.confidence, count, _resampled(given, groups, count, ())), np.empty(0))
    totals, covariance = _resampled_totals(groups, given)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        replicates = np.asarray(statistic.function(totals), dtype=np.float64)
        if given.ends is Ends.STUDENTISED:
            low, high = _studentised(statistic, groups, totals, covariance, replicates, given.confidence)
        else:
            low, high = _percentiles(replicates, given.confidence)
    low = float(np.clip(min(low, value), statistic.lowest, statistic.highest))
    high = float(np.clip(max(high, value), statistic.lowest, statistic.highest))
    cautions = _bootstrap_cautions(groups, replicates)
    explanation = _resampled(given, groups, count, cautions)
    return Bootstrapped(Estimate(value, low, high, given.confidence, count, explanation), replicates)


def check_replicates(replicates: int, confidence: float) -> None:
    """Raise `UnmetAssumption` `intervals.replicates` when so few replicates cannot show the ends of an interval."""
    if replicates < math.ceil(2.0 / (1.0 - confidence)):
        raise UnmetAssumption(
            "intervals.replicates",
            f"{replicates} replicates cannot show the ends of a {confidence:.0%} interval",
            "ask for 1,000 or more",
        )


def no_data(confidence: float, count: int, explanation: Explanation) -> Estimate:
    """Return the estimate that says there is no data, with the units there were."""
    return Estimate(None, None, None, confidence, count, explanation)


def _check_share(successes: float, trials: float) -> None:
    for count in (successes, trials):
        if not isinstance(count, int | float | np.number):
            raise UnmetAssumption(
                "intervals.not_a_number", f"{count!r} is a {type(count).__name__}", "give counts as numbers"
            )
    if not (math.isfinite(successes) and math.isfinite(trials)):
        raise UnmetAssumption(
            "intervals.not_finite", f"{successes} of {trials}", "leave out what was not counted, or count it"
        )
    if not 0 <= successes <= trials:
        raise UnmetAssumption(
            "intervals.not_a_share", f"{successes} of {trials}", "count successes among the trials: 0 ≤ x ≤ n"
        )


def _share_explanation(method: str, given: object, counts: tuple[float, ...], least_units: int) -> Explanation:
    """`counts` are successes and trials in turn."""
    trials = counts[1::2]
    found = " and ".join(f"{count:g}" for count in trials)
    broken = [count for count in counts if count != int(count)]
    cautions = tuple(
        Caution("intervals.not_whole", f"{count:g} is no count: the interval holds for whole trials")
        for count in broken[:1]
    )
    return Explanation(
        method,
        1,
        inputs_hash(given),
        (
            Assumption("intervals.independent_units", None, f"the {found} trials are independent of one another"),
            Assumption(
                "intervals.enough_units",
                min(trials) > 0 and min(trials) >= least_units,
                f"{found} trials, {least_units} needed",
            ),
        ),
        cautions,
    )


def _checked_group(group: Floats) -> Floats:
    rows = np.asarray(group, dtype=np.float64)
    if rows.ndim != 2:
        raise UnmetAssumption(
            "intervals.shapes", f"a group of {rows.ndim} dimensions", "give each group as (units, columns)"
        )
    bad = ~np.isfinite(rows).all(axis=1)
    if bad.any():
        raise UnmetAssumption(
            "intervals.not_finite",
            f"unit {int(np.flatnonzero(bad)[0])} (counting from 0) holds a value that is no number",
            "leave out units that were not observed",
        )
    return rows


def _spread(group: Floats) -> Floats:
    """n/(n − 1) Σ (x − x̄)(x − x̄)ᵀ: the covariance of the total of one group, (columns, columns)."""
    centred = group - group.mean(axis=0)
    return np.asarray(centred.T @ centred * (len(group) / max(len(group) - 1, 1)))


def _resampled_totals(groups: tuple[Floats, ...], given: Resampling) -> tuple[Floats, Floats]:
    """Replicates of all totals (replicates, columns) and the covariance estimated within each (…, columns, columns)."""
    generator = np.random.default_rng(given.seed)
    columns = sum(group.shape[1] for group in groups)
    totals = np.empty((given.replicates, columns))
    covariance = np.zeros((given.replicates, columns, columns))
    start = 0
    for group in groups:
        units, width = group.shape
        here = slice(start, start + width)
        start += width
        if units > NORMAL_FROM:
            spread = _spread(group)
            if given.draws is Draws.POISSON:
                spread = group.T @ group
            totals[:, here] = generator.multivariate_normal(
                group.sum(axis=0), spread, given.replicates, method="eigh", check_valid="ignore"
            )
            covariance[:, here, here] = _spread(group)
            continue
        products = np.einsum("ui,uj->uij", group, group).reshape(units, width * width)
        chunk = max(1, _CELLS_AT_ONCE // units)
        for first in range(0, given.replicates, chunk):
            rows = slice(first, min(first + chunk, given.replicates))
            weights = _weights(generator, given.draws, rows.stop - rows.start, units)
            drawn = weights @ group
            size = np.maximum(weights.sum(axis=1), 1.0)
            totals[rows, here] = drawn
            second = (weights @ products).reshape(-1, width, width)
            second -= np.einsum("ri,rj->rij", drawn, drawn) / size[:, None, None]
            covariance[rows, here, here] = second * (size / np.maximum(size - 1.0, 1.0))[:, None, None]
    return totals, covariance


def _weights(generator: np.random.Generator, draws: Draws, replicates: int, units: int) -> Floats:
    """Weights of the units in each resample; one that holds a single unit knows no spread and is drawn anew."""
    weights = _drawn(generator, draws, replicates, units)
    while (alone := (weights > 0).sum(axis=1) < min(units, 2)).any():
        weights[alone] = _drawn(generator, draws, int(alone.sum()), units)
    return weights


def _drawn(generator: np.random.Generator, draws: Draws, replicates: int, units: int) -> Floats:
    if draws is Draws.POISSON:
        return poisson_weights(generator, (replicates, units)).astype(np.float64)
    chosen = generator.integers(0, units, (replicates, units))
    chosen += np.arange(replicates)[:, None] * units
    return np.bincount(chosen.ravel(), minlength=replicates * units).reshape(replicates, units).astype(np.float64)


def _studentised(
    statistic: Statistic,
    groups: tuple[Floats, ...],
    totals: Floats,
    covariance: Floats,
    replicates: Floats,
    confidence: float,
) -> tuple[float, float]:
    forward, backward = _TRANSFORMS[statistic.scale]
    observed = np.concatenate([group.sum(axis=0) for group in groups])[None, :]
    columns = observed.shape[1]
    within = np.zeros((1, columns, columns))
    start = 0
    for group in groups:
        here = slice(start, start + group.shape[1])
        within[0, here, here] = _spread(group)
        start += group.shape[1]
    centre = float(forward(statistic.function(observed))[0])
    error = float(_delta_error(statistic, forward, observed, within)[0])
    if not (math.isfinite(centre) and error > 0.0):
        return _percentiles(replicates, confidence)
    errors = _delta_error(statistic, forward, totals, covariance)
    # A replicate without spread says nothing of how far off a standard error may be: it counts as extreme.
    pivot = np.abs(forward(replicates) - centre) / np.where(errors > 1e-9 * error, errors, 1e-9 * error)
    half = error * float(np.percentile(pivot[~np.isnan(pivot)], 100.0 * confidence))
    low, high = backward(np.array([centre - half, centre + half]))
    return float(low), float(high)


def _percentiles(values: Floats, confidence: float) -> tuple[float, float]:
    tail = 50.0 * (1.0 - confidence)
    low, high = np.percentile(values[~np.isnan(values)], (tail, 100.0 - tail))
    return float(low), float(high)


def _delta_error(
    statistic: Statistic, forward: Callable[[Floats], Floats], totals: Floats, covariance: Floats
) -> Floats:
    """√(∇φᵀ Σ ∇φ) in each row of totals, (rows,), the gradient by central differences."""
    gradient = np.empty_like(totals)
    step = 1e-5 * np.maximum(np.abs(totals), 1e-6 * np.abs(totals).max(axis=0) + 1e-300)
    for column in range(totals.shape[1]):
        up, down = totals.copy(), totals.copy()
        up[:, column] += step[:, column]
        down[:, column] -= step[:, column]
        rise = forward(statistic.function(up)) - forward(statistic.function(down))
        gradient[:, column] = rise / (2.0 * step[:, column])
    variance = np.einsum("ri,rij,rj->r", gradient, covariance, gradient)
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def _logit(value: Floats) -> Floats:
    return np.asarray(np.log(value / (1.0 - value)))


def _expit(value: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-value)))


_TRANSFORMS: dict[Scale, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    Scale.LINEAR: (np.asarray, np.asarray),
    Scale.LOG: (np.log, np.exp),
    Scale.LOGIT: (_logit, _expit),
}


def _bootstrap_cautions(groups: tuple[Floats, ...], replicates: Floats) -> tuple[Caution, ...]:
    cautions = []
    known = replicates[np.isfinite(replicates)]
    alike = len(known) > 0 and float(np.ptp(known)) <= 1e-12 * float(np.abs(known).max())
    if alike or all((group == group[0]).all() for group in groups):
        cautions.append(Caution("intervals.no_variation", "all units are alike: the interval shows no spread"))
    lost = int((~np.isfinite(replicates)).sum())
    if lost:
        cautions.append(
            Caution("intervals.undefined_replicates", f"the statistic is undefined in {lost} of {len(replicates)}")
        )
    return tuple(cautions)


def _resampled(given: Resampling, groups: tuple[Floats, ...], count: int, cautions: tuple[Caution, ...]) -> Explanation:
    options = (given.ends, given.draws, given.confidence, given.replicates, given.seed, given.least_units)
    sizes = " and ".join(f"{len(group):,}" for group in groups)
    return Explanation(
        "intervals.bootstrap",
        1,
        inputs_hash(groups, given.statistic.name, given.statistic.version, given.statistic.scale, *options),
        (
            Assumption("intervals.independent_units", None, f"the {sizes} units were sampled independently"),
            Assumption(
                "intervals.enough_units", count >= given.least_units, f"{count} units, {given.least_units} needed"
            ),
        ),
        cautions,
    )
