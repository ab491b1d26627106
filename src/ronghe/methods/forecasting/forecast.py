"""Forecasts a monthly series with intervals, beside naive, Theta and ETS and the ceiling that chance sets.

Values are smoothed on the square-root scale, on which counts vary alike whatever their mean; every figure of accuracy
comes from a rolling origin in which a forecast knows only the months before it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from ronghe.methods.demand import Floats, Integers
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash
from ronghe.methods.forecasting.accuracy import Accuracy, accuracy_of
from ronghe.methods.forecasting.intervals import adaptive_bounds, restlessness
from ronghe.methods.forecasting.series import (
    LEAST_MONTHS,
    LEAST_RATE,
    ForecastInputs,
    check_series,
    following_months,
    noise_ceiling,
    rate,
)
from ronghe.methods.forecasting.smoothing import (
    averaged_smoothing,
    best_smoothing,
    naive,
    seasonal_naive,
    seasonal_pattern,
    theta,
)

VERSION = 1
METHOD = "averaged_smoothing"
SHARE_HALF_LIFE_MONTHS = 12.0
_Method = Callable[[Floats, Integers, int], Floats]
_FIRST_ORIGIN = 8


@dataclass(frozen=True, slots=True)
class ForecastResult:
    """What is to be expected, and how far such forecasts were right.

    `of` is "series", or "group" where the series has too few events for a claim and its group is forecast instead; then
    `share` is the series' share of the group and `share_mean` (horizon,) share × group, for which no accuracy is
    claimed. `months`, `mean`, `naive` (horizon,); `low` and `high` (confidences, horizon), NaN where too few errors are
    known; `rate` λ in events a month and `ceiling` the accuracy that chance allows (both NaN for an index); `accuracy`
    by method name: "averaged_smoothing" (this one), "ets", "theta", "naive", "seasonal_naive" with two seasons.
    """

    of: str
    months: tuple[date, ...]
    mean: Floats
    confidences: tuple[float, ...]
    low: Floats
    high: Floats
    naive: Floats
    rate: float
    ceiling: float
    seasonal: bool
    accuracy: Mapping[str, Accuracy]
    share: float | None
    share_mean: Floats | None
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Backtest:
    """Every forecast that could have been made: `origins` (origins,) count the months known to each one.

    `forecasts` by method, `low` and `high` by confidence: (origins, horizon) on the series' own scale; the last origin
    knows all months, so its row is the forecast. `actual` likewise, NaN where the month is yet to come.
    """

    origins: Integers
    actual: Floats
    forecasts: Mapping[str, Floats]
    low: Mapping[float, Floats]
    high: Mapping[float, Floats]
    seasonal: bool


def forecast(inputs: ForecastInputs) -> ForecastResult:
    """Return the forecast of the series, or of its group where the series has fewer than 29 events a month.

    Raises `UnmetAssumption` as `check_series` does, and `forecast.too_few` where neither the series nor a group has 29
    events a month: below that no method can be right to 85%, and none is claimed.
    """
    check_series(inputs)
    values, of = np.asarray(inputs.values, dtype=np.float64), "series"
    warnings: list[Caution] = []
    share: float | None = None
    events = rate(values) if inputs.counts else float("nan")
    if inputs.counts and events < LEAST_RATE:
        group = inputs.group
        if group is None or rate(group) < LEAST_RATE:
            also = "" if group is None else f", its group {rate(group):.1f}"
            raise UnmetAssumption(
                "forecast.too_few",
                f"the series has {events:.1f} a month{also}, where chance alone allows no accuracy of 85%",
                f"forecast a group with at least {LEAST_RATE:g} a month",
            )
        warnings.append(
            Caution(
                "forecast.group_instead",
                f"the series has {events:.1f} a month, fewer than {LEAST_RATE:g}: its group is forecast instead",
            )
        )
        share = share_of(values, group)
        values, of, events = np.asarray(group, dtype=np.float64), "group", rate(group)
    tested = backtest(values, inputs.horizon, inputs.confidences, inputs.season)
    mean = tested.forecasts[METHOD][-1]
    low, high = (np.stack([ends[level][-1] for level in inputs.confidences]) for ends in (tested.low, tested.high))
    if np.isnan(low).any():
        warnings.append(Caution("forecast.no_interval", "too few months for an interval at every horizon"))
    return ForecastResult(
        of,
        following_months(inputs.months[-1], inputs.horizon),
        mean,
        inputs.confidences,
        low,
        high,
        tested.forecasts["naive"][-1],
        events,
        noise_ceiling(events) if inputs.counts else float("nan"),
        tested.seasonal,
        {name: accuracy_of(tested.actual, found, values) for name, found in tested.forecasts.items()},
        share,
        None if share is None else share * mean,
        Explanation(
            f"forecasting.{METHOD}",
            VERSION,
            inputs_hash(inputs),
            (
                Assumption("forecast.like_the_past", None, "the months to come err like the months on record"),
                Assumption("forecast.enough_events", True if inputs.counts else None, f"λ = {events:.1f} a month"),
            ),
            tuple(warnings),
        ),
    )


def backtest(
    values: Floats, horizon: int = 6, confidences: tuple[float, ...] = (0.8, 0.9), season: int = 12
) -> Backtest:
    """Return the rolling origin over one series (months,) ≥ 0, from eight months known to all.

    Each origin estimates season, model weights and bounds from the months before it alone. Raises `UnmetAssumption`:
    `forecast.too_short`, `forecast.not_a_number`.
    """
    count = len(values)
    if count < LEAST_MONTHS:
        raise UnmetAssumption("forecast.too_short", f"the series has {count} months", f"wait for {LEAST_MONTHS} months")
    unusable = np.flatnonzero(~(values >= 0) | ~np.isfinite(values))
    if len(unusable):
        raise UnmetAssumption(
            "forecast.not_a_number",
            f"month {unusable[0]} is {values[unusable[0]]:g}",
            "give a number of at least 0 for every month",
        )
    origins = np.arange(_FIRST_ORIGIN, count + 1)
    target = origins[:, None] + np.arange(horizon)[None, :]
    actual = np.where(target < count, values[np.minimum(target, count - 1)], np.nan)
    roots = np.sqrt(values)
    patterns = np.stack([seasonal_pattern(roots[:origin], season) for origin in origins])
    month = np.arange(count)
    adjusted = np.where(month < origins[:, None], roots - patterns[:, month % season], 0.0)
    season_ahead = np.take_along_axis(patterns, target % season, axis=1)
    plain = np.where(month < origins[:, None], values, 0.0)

    def smoothed(method: _Method) -> Floats:
        return np.maximum(method(adjusted, origins, horizon) + season_ahead, 0.0)

    centre = smoothed(averaged_smoothing)
    forecasts = {
        METHOD: centre**2,
        "ets": smoothed(best_smoothing) ** 2,
        "theta": np.maximum(theta(plain, origins, horizon), 0.0),
        "naive": naive(plain, origins, horizon),
    }
    if count >= 2 * season:
        forecasts["seasonal_naive"] = seasonal_naive(plain, origins, horizon, season)
    low, high = _bounds(roots, centre, origins, np.sqrt(actual), confidences)
    return Backtest(origins, actual, forecasts, low, high, bool(np.any(patterns[-1] != 0)))


def _bounds(
    roots: Floats, centre: Floats, origins: Integers, actual: Floats, confidences: tuple[float, ...]
) -> tuple[dict[float, Floats], dict[float, Floats]]:
    scale = restlessness(roots)[origins]
    low, high = {}, {}
    for confidence in confidences:
        half = np.full(centre.shape, np.nan)
        for step in range(centre.shape[1]):
            known = len(origins) - 1 - step
            scores = np.abs(actual[:known, step] - centre[:known, step]) / scale[:known]
            if known > 0:
                half[:, step] = adaptive_bounds(scores, step + 1, confidence)[: len(origins)] * scale
        low[confidence] = np.maximum(centre - half, 0.0) ** 2
        high[confidence] = (centre + half) ** 2
    return low, high


def share_of(part: Floats, whole: Floats) -> float:
    """Return the part's share of the whole, older months weighing half every twelve; 0 where the whole is 0."""
    age = np.arange(len(part))[::-1]
    weight = np.exp2(-age / SHARE_HALF_LIFE_MONTHS)
    total = float(weight @ whole)
    return float(weight @ part) / total if total > 0 else 0.0
