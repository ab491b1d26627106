"""One index from normalised indicators, with its interval and the interval of its rank; weighs nothing itself.

Goalposts are fixed beforehand, so that no community's score, and no order of two, depends on any other community.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.indicators.decision import ranks_of
from ronghe.methods.indicators.definitions import VERSION, Floats, Goalpost, normalise
from ronghe.methods.intervals import REPLICATES, check_replicates, normal_quantile

# Draws are held at once: this many take about 400 MB.
MOST_DRAWS = 50_000_000


@dataclass(frozen=True, slots=True)
class IndexInputs:
    """Indicator values of communities with their ends, each (communities, indicators); NaN where there is no data.

    `goalposts` and `weights` have one entry an indicator; weights are made to add up to 1. `cut_off` is the day up
    to which records count; `weight_version` says where the weights come from.
    """

    communities: Sequence[str]
    indicators: Sequence[str]
    values: ArrayLike
    low: ArrayLike
    high: ArrayLike
    goalposts: Sequence[Goalpost]
    weights: Sequence[float]
    weight_version: str
    cut_off: date
    definition_version: int = VERSION
    confidence: float = 0.95
    replicates: int = REPLICATES
    seed: int = 20260101


@dataclass(frozen=True, slots=True)
class CommunityScore:
    """The index of one community in 0.01 … 1, its interval, its rank (1 is best) and the rank's interval.

    All are None for a community that lacks an indicator; `missing` names what it lacks. `normalised` has one entry an
    indicator.
    """

    community: str
    geometric: float | None
    low: float | None
    high: float | None
    arithmetic: float | None
    arithmetic_low: float | None
    arithmetic_high: float | None
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    normalised: tuple[float, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """The scores of all communities, and all that a score may not be shown without."""

    scores: tuple[CommunityScore, ...]
    indicators: tuple[str, ...]
    weights: tuple[float, ...]
    weight_version: str
    definition_version: int
    cut_off: date
    confidence: float
    explanation: Explanation


def index(given: IndexInputs) -> Index:
    """Return the weighted geometric mean of the normalised indicators, the arithmetic one beside it.

    Intervals: every indicator is drawn anew from its own interval (a normal on either side of its value whose tails
    end where the interval does), all draws are normalised, aggregated and ranked, and the percentiles are taken.
    Raises `UnmetAssumption`: `indicators.shapes`, `indicators.not_finite`, `indicators.ends` (a value outside its
    interval), `indicators.weights`, `indicators.goalpost`, `indicators.duplicated_community`, `indicators.too_many`,
    `indicators.no_data` (no community has every indicator), `intervals.replicates`, `intervals.confidence`.
    """
    data = check(given)
    normal_quantile(given.confidence)
    check_replicates(given.replicates, given.confidence)
    if given.replicates * data.values.size > MOST_DRAWS:
        raise UnmetAssumption(
            "indicators.too_many",
            f"{given.replicates:,} replicates of {data.values.size:,} values",
            f"give at most {MOST_DRAWS // max(given.replicates, 1):,} values, or ask for fewer replicates",
        )
    z = normalise(data.values, given.goalposts)
    complete = np.flatnonzero(~np.isnan(data.values).any(axis=1))
    if not len(complete):
        raise UnmetAssumption(
            "indicators.no_data", "no community has every indicator", "complete one, or weigh fewer indicators"
        )
    geometric, arithmetic = geometric_mean(z[complete], data.weights), z[complete] @ data.weights
    drawn = _draws(data, complete, given)
    normal = normalise(drawn, given.goalposts)
    drawn_geometric, drawn_arithmetic = geometric_mean(normal, data.weights), normal @ data.weights
    tail = 50.0 * (1.0 - given.confidence)
    low, high = np.percentile(drawn_geometric, (tail, 100.0 - tail), axis=0)
    flat_low, flat_high = np.percentile(drawn_arithmetic, (tail, 100.0 - tail), axis=0)
    places = ranks_of(geometric)
    drawn_places = _ranks_of_draws(drawn_geometric)
    first, last = np.percentile(drawn_places, (tail, 100.0 - tail), axis=0, method="nearest").astype(np.int64)
    scores = []
    place_of = {int(row): place for place, row in enumerate(complete)}
    for row, community in enumerate(given.communities):
        normalised = tuple(z[row].tolist())
        if (place := place_of.get(row)) is None:
            lacks = tuple(name for name, x in zip(given.indicators, data.values[row], strict=True) if np.isnan(x))
            scores.append(
                CommunityScore(community, None, None, None, None, None, None, None, None, None, normalised, lacks)
            )
            continue
        scores.append(
            CommunityScore(
                community,
                float(geometric[place]),
                float(min(low[place], geometric[place])),
                float(max(high[place], geometric[place])),
                float(arithmetic[place]),
                float(min(flat_low[place], arithmetic[place])),
                float(max(flat_high[place], arithmetic[place])),
                int(places[place]),
                int(min(first[place], places[place])),
                int(max(last[place], places[place])),
                normalised,
            )
        )
    return Index(
        tuple(scores),
        tuple(given.indicators),
        tuple(data.weights.tolist()),
        given.weight_version,
        given.definition_version,
        given.cut_off,
        given.confidence,
        _explanation(given, data, len(given.communities) - len(complete)),
    )


def geometric_mean(normalised: ArrayLike, weights: ArrayLike) -> Floats:
    """Return Π z^w over the last axis, for z > 0 and weights that add up to 1. Source: OECD/JRC Handbook, 6.11."""
    return np.asarray(np.exp(np.log(np.asarray(normalised, dtype=np.float64)) @ np.asarray(weights)), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class CheckedInputs:
    """The arrays of `IndexInputs`, checked; weights add up to 1."""

    values: Floats
    low: Floats
    high: Floats
    weights: Floats


def check(given: IndexInputs) -> CheckedInputs:
    """Return the checked arrays. Raises as `index`."""
    shape = (len(given.communities), len(given.indicators))
    arrays = []
    for name in ("values", "low", "high"):
        try:
            array = np.asarray(getattr(given, name), dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise UnmetAssumption("indicators.not_finite", f"{name} holds what is no number", "give numbers") from error
        if array.shape != shape or not all(shape):
            raise UnmetAssumption(
                "indicators.shapes",
                f"{name} of shape {array.shape} for {shape[0]} communities and {shape[1]} indicators",
                "give one row a community and one column an indicator",
            )
        if np.isinf(array).any():
            raise UnmetAssumption("indicators.not_finite", f"{name} holds an infinite number", "give finite numbers")
        arrays.append(array)
    values, low, high = arrays
    seen: set[str] = set()
    for community in given.communities:
        if community in seen:
            raise UnmetAssumption(
                "indicators.duplicated_community", f"{community!r} stands in two rows", "give one row a community"
            )
        seen.add(community)
    known = ~np.isnan(values)
    if (np.isnan(low) | np.isnan(high))[known].any():
        row, column = (int(place[0]) for place in np.nonzero(known & (np.isnan(low) | np.isnan(high))))
        raise UnmetAssumption(
            "indicators.ends",
            f"{given.indicators[column]} of {given.communities[row]} has no interval",
            "give both ends: no score is shown without its interval",
        )
    slack = 1e-9 * (1.0 + np.abs(values))
    outside = known & ((low > values + slack) | (high < values - slack))
    if outside.any():
        row, column = (int(place[0]) for place in np.nonzero(outside))
        raise UnmetAssumption(
            "indicators.ends",
            f"{given.indicators[column]} of {given.communities[row]} lies outside its interval",
            "check which column holds which end",
        )
    return CheckedInputs(values, low, high, _checked_weights(given.weights, shape[1]))


def _checked_weights(weights: Sequence[float], count: int) -> Floats:
    array = np.asarray(weights, dtype=np.float64)
    if array.shape != (count,):
        raise UnmetAssumption("indicators.shapes", f"{array.size} weights for {count} indicators", "give one each")
    if not np.isfinite(array).all() or (array < 0).any() or array.sum() <= 0:
        raise UnmetAssumption(
            "indicators.weights", "a weight below 0, no number, or all 0", "give weights of 0 and more"
        )
    return np.asarray(array / array.sum(), dtype=np.float64)


def _draws(data: CheckedInputs, complete: NDArray[np.intp], given: IndexInputs) -> Floats:
    """Draws of every indicator from its interval, (replicates, communities, indicators)."""
    z = normal_quantile(given.confidence)
    generator = np.random.default_rng(given.seed)
    values, low, high = data.values[complete], data.low[complete], data.high[complete]
    noise = generator.standard_normal((given.replicates, *values.shape)) / z
    return np.asarray(values + np.where(noise < 0, noise * (values - low), noise * (high - values)), dtype=np.float64)


def _ranks_of_draws(scores: Floats) -> NDArray[np.int64]:
    """Ranks within each draw, (replicates, communities), by the rule of `ranks_of`: equal scores share the better."""
    rounded = np.round(scores, 12)
    order = np.argsort(-rounded, axis=1)
    ordered = np.take_along_axis(rounded, order, axis=1)
    first = np.zeros(order.shape, dtype=np.int64)
    first[:, 1:] = np.where(ordered[:, 1:] < ordered[:, :-1], np.arange(1, order.shape[1]), 0)
    ranks = np.empty_like(first)
    np.put_along_axis(ranks, order, np.maximum.accumulate(first, axis=1) + 1, axis=1)
    return ranks


def _value_cautions(given: IndexInputs, data: CheckedInputs) -> list[Caution]:
    """What the values themselves warn of: taken as exact, or off the scale, as a per cent among shares is."""
    cautions = []
    exact = int(((data.low == data.values) & (data.high == data.values)).sum())
    if exact:
        cautions.append(
            Caution(
                "indicators.exact_values",
                f"{exact} of {data.values.size} values are taken as exact: the intervals leave out their error",
            )
        )
    lowest = np.array([goalpost.low for goalpost in given.goalposts])
    highest = np.array([goalpost.high for goalpost in given.goalposts])
    beyond = (data.values < np.minimum(lowest, highest)) | (data.values > np.maximum(lowest, highest))
    if beyond.any():
        row, column = (int(place[0]) for place in np.nonzero(beyond))
        cautions.append(
            Caution(
                "indicators.beyond_goalposts",
                f"{int(beyond.sum())} values lie beyond their goalposts and count as the nearer one, such as "
                f"{given.indicators[column]} of {given.communities[row]}, {data.values[row, column]:g}: check its unit",
            )
        )
    return cautions


def _explanation(given: IndexInputs, data: CheckedInputs, left_out: int) -> Explanation:
    cautions = _value_cautions(given, data)
    if left_out:
        cautions.append(
            Caution(
                "indicators.no_data", f"{left_out} of {len(given.communities)} communities lack an indicator: no score"
            )
        )
    options = (given.weight_version, given.definition_version, given.cut_off, given.confidence, given.replicates)
    return Explanation(
        "indicators.index",
        VERSION,
        inputs_hash(
            list(given.communities),
            list(given.indicators),
            data.values,
            data.low,
            data.high,
            list(given.goalposts),
            data.weights,
            *options,
            given.seed,
        ),
        (
            Assumption(
                "indicators.independent_indicators", None, "errors of one indicator say nothing of those of another"
            ),
            Assumption("indicators.fixed_goalposts", True, "goalposts were set beforehand and not from these values"),
            Assumption("indicators.known_weights", None, f"weights {given.weight_version} are taken as known"),
        ),
        tuple(cautions),
    )
