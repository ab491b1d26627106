"""Forecasts: against slow computations, planted series, and what a forecast may not know."""

import math
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.forecasting import (
    METHOD,
    ForecastEntry,
    ForecastInputs,
    accuracy_of,
    backtest,
    following_months,
    forecast,
    noise_ceiling,
    score,
)
from ronghe.methods.forecasting.forecast import share_of
from ronghe.methods.forecasting.intervals import adaptive_bounds
from ronghe.methods.forecasting.smoothing import (
    averaged_smoothing,
    best_smoothing,
    naive,
    seasonal_naive,
    seasonal_pattern,
    theta,
)


def months(count: int, first: date = date(2023, 1, 1)) -> tuple[date, ...]:
    return (first, *following_months(first, count - 1))


def series(values: np.ndarray, **options: Any) -> ForecastInputs:
    known = months(len(values))
    return replace(ForecastInputs(known, values, following_months(known[-1], 1)[0]), **options)


def demand(count: int = 36, level: float = 100.0, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).poisson(level, count).astype(float)


def smoothed_plainly(values: np.ndarray, alpha: float, beta: float, damping: float) -> tuple[float, float, float]:
    level, trend, squares = float(values[0]), 0.0, 0.0
    for month, value in enumerate(values[1:], start=2):
        expected = level + damping * trend
        squares += (value - expected) ** 2
        level, trend = (
            expected + max(alpha, 1 / month) * (value - expected),
            damping * trend + beta * (value - expected),
        )
    return level, trend, squares


def test_averaged_smoothing_is_the_weighted_mean_of_its_models() -> None:
    values = np.sqrt(demand(30))
    weights, forecasts = [], []
    grid = [(alpha, 0.0, 0.0, 2) for alpha in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)]
    grid += [
        (alpha, beta * alpha, damping, 5)
        for alpha in (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
        for beta in (0.1, 0.2, 0.4, 0.6, 0.8, 0.99)
        for damping in (0.5, 0.7, 0.8, 0.9, 0.98)
    ]
    for alpha, beta, damping, parameters in grid:
        level, trend, squares = smoothed_plainly(values, alpha, beta, damping)
        criterion = 30 * math.log(squares / 30) + 2 * parameters + 2 * parameters * (parameters + 1) / (29 - parameters)
        weights.append(math.exp(-criterion / 4))
        forecasts.append([level + trend * sum(damping**step for step in range(1, h + 1)) for h in (1, 2, 3)])
    expected = np.average(forecasts, axis=0, weights=weights)
    assert averaged_smoothing(values[None], np.array([30]), 3)[0] == pytest.approx(expected, rel=1e-9)
    heaviest = forecasts[int(np.argmax(weights))]
    assert best_smoothing(values[None], np.array([30]), 3)[0] == pytest.approx(heaviest)


def test_theta_of_a_straight_line_follows_it_at_half_its_slope() -> None:
    # Smoothing with α = 1 keeps the last value, 2.5 above which half the slope of 5 leads.
    line = 10 + 5 * np.arange(20.0)
    assert theta(line[None], np.array([20]), 3)[0] == pytest.approx([107.5, 110.0, 112.5])


def test_histories_of_other_lengths_in_one_call_do_not_touch_each_other() -> None:
    values = demand(24)
    ends = np.array([24, 9, 15])
    rows = np.where(np.arange(24) < ends[:, None], values, 0.0)
    for method in (averaged_smoothing, best_smoothing, theta, naive, seasonal_naive):
        together = method(rows, ends, 4)
        for place, end in enumerate(ends):
            assert together[place] == pytest.approx(method(values[None, :end], np.array([end]), 4)[0])


def test_seasonal_naive_repeats_the_same_month_of_a_year_ago() -> None:
    values = np.arange(1.0, 25.0)
    assert seasonal_naive(values[None], np.array([24]), 14)[0].tolist() == [*range(13, 25), 13, 14]
    assert seasonal_naive(values[None, :6], np.array([6]), 2)[0].tolist() == [6, 6]


@given(st.integers(8, 29), st.integers(0, 1000))
@settings(max_examples=12, deadline=None)
def test_a_forecast_knows_nothing_of_the_months_after_it(origin: int, seed: int) -> None:
    values = demand(30, seed=seed)
    other = values.copy()
    other[origin:] = demand(30, 400.0, seed + 1)[origin:]
    before, after = backtest(values), backtest(other)
    row = origin - int(before.origins[0])
    for name, found in before.forecasts.items():
        assert found[: row + 1] == pytest.approx(after.forecasts[name][: row + 1])
    for confidence in (0.8, 0.9):
        assert before.low[confidence][: row + 1] == pytest.approx(after.low[confidence][: row + 1], nan_ok=True)


def test_a_constant_series_is_forecast_as_it_is() -> None:
    result = forecast(series(np.full(40, 50.0)))
    assert result.mean == pytest.approx(np.full(6, 50.0))
    assert result.low == pytest.approx(np.full((2, 6), 50.0), abs=1e-3)
    assert result.high == pytest.approx(np.full((2, 6), 50.0), abs=1e-3)
    assert result.accuracy[METHOD].accuracy == pytest.approx(np.ones(6))
    assert np.isnan(result.accuracy[METHOD].mase).all()


def test_a_growing_series_is_forecast_better_than_by_its_last_value() -> None:
    generator = np.random.default_rng(4)
    values = 400 * np.exp(0.03 * np.arange(48)) + generator.normal(0, 5, 48)
    result = forecast(series(values))
    assert (result.accuracy[METHOD].accuracy > result.accuracy["naive"].accuracy).all()
    assert result.accuracy[METHOD].mase[0] < 1
    assert abs(result.mean[2] - 400 * math.exp(0.03 * 50)) < abs(result.naive[2] - 400 * math.exp(0.03 * 50))


def test_intervals_cover_what_comes_about_as_often_as_they_say() -> None:
    hits: dict[float, list[bool]] = {0.8: [], 0.9: []}
    for seed in range(15):
        tested = backtest(demand(60, 80.0, seed))
        for confidence, inside in hits.items():
            known = ~np.isnan(tested.actual) & ~np.isnan(tested.low[confidence])
            low, high = tested.low[confidence], tested.high[confidence]
            inside += list(((low <= tested.actual) & (tested.actual <= high))[known])
    assert np.mean(hits[0.8]) == pytest.approx(0.8, abs=0.03)
    assert np.mean(hits[0.9]) == pytest.approx(0.9, abs=0.03)


def test_bounds_are_quantiles_of_the_errors_known_by_then_and_move_after_a_miss() -> None:
    scores = np.array([5.0, 1, 2, 3, 4, 9, 1, 1])
    bounds = adaptive_bounds(scores, 1, 0.8)
    # Four errors known at origin 4: the fourth of (4 + 1) · 0.8 is the largest. The miss at origin 5 widens the next.
    assert np.isnan(bounds[:4]).all()
    assert bounds[4:7].tolist() == [5.0, 5.0, 9.0]
    assert np.isnan(adaptive_bounds(scores, 1, 0.9)).all()
    # Two months ahead every error is known one origin later.
    assert np.isnan(adaptive_bounds(scores, 2, 0.8)[:5]).all()
    assert adaptive_bounds(scores, 2, 0.8)[5] == 5.0


def test_a_season_is_found_where_there_is_one_and_improves_the_forecast() -> None:
    month = np.arange(60)
    generator = np.random.default_rng(2)
    values = generator.poisson(300 * (1 + 0.5 * np.sin(2 * np.pi * month / 12))).astype(float)
    seasonal, blind = backtest(values), backtest(values, season=61)
    assert seasonal.seasonal and not blind.seasonal
    late = slice(36 - 8, None)
    errors = [np.nanmean(np.abs(each.actual - each.forecasts[METHOD])[late]) for each in (seasonal, blind)]
    assert errors[0] < 0.5 * errors[1]


def test_noise_is_seldom_taken_for_a_season() -> None:
    found = [bool(seasonal_pattern(np.sqrt(demand(48, 100.0, seed)), 12).any()) for seed in range(200)]
    assert np.mean(found) < 0.05
    assert not seasonal_pattern(np.sqrt(demand(35)), 12).any()


def test_the_ceiling_is_what_chance_leaves_to_one_who_knows_the_rate() -> None:
    drawn = np.random.default_rng(1).poisson(29.0, 200_000)
    assert noise_ceiling(29.0) == pytest.approx(1 - np.abs(drawn - 29.0).mean() / 29.0, abs=0.002)
    assert noise_ceiling(28.0) < 0.85 < noise_ceiling(29.0)
    assert noise_ceiling(0.0) == 0.0 == noise_ceiling(0.2)


def test_below_29_a_month_the_group_is_forecast_instead_and_the_result_says_so() -> None:
    few = demand(30, 6.0)
    group = few + demand(30, 60.0, 1)
    result = forecast(series(few, group=group))
    assert result.of == "group"
    assert next(caution.code for caution in result.explanation.warnings) == "forecast.group_instead"
    assert result.mean == pytest.approx(forecast(series(group)).mean)
    assert result.share is not None and result.share_mean is not None
    assert result.share == pytest.approx(6 / 66, abs=0.03)
    assert result.share_mean == pytest.approx(result.share * result.mean)
    with pytest.raises(UnmetAssumption, match=r"\d a month, where chance alone") as refusal:
        forecast(series(few))
    assert refusal.value.code == "forecast.too_few"
    with pytest.raises(UnmetAssumption, match="its group"):
        forecast(series(few, group=few + 1))


def test_a_share_forgets_half_in_twelve_months() -> None:
    part, whole = np.zeros(24), np.ones(24)
    part[12:] = 1.0
    old, new = (sum(2 ** (-age / 12) for age in range(*span)) for span in ((12, 24), (0, 12)))
    assert share_of(part, whole) == pytest.approx(new / (old + new))


def test_a_short_series_has_a_forecast_and_no_interval() -> None:
    result = forecast(series(demand(13)))
    assert np.isfinite(result.mean).all()
    assert np.isnan(result.low[1]).all()
    assert "forecast.no_interval" in {caution.code for caution in result.explanation.warnings}


GOOD = demand(24)


def broken(place: int, value: float) -> np.ndarray:
    values = GOOD.copy()
    values[place] = value
    return values


@pytest.mark.parametrize(
    ("inputs", "code", "words"),
    [
        (series(broken(3, math.nan)), "forecast.not_a_number", "no number for 2023-04"),
        (series(broken(3, -1.0)), "forecast.negative", "-1 in 2023-04"),
        (series(np.zeros(24)), "forecast.all_zero", "every month is 0"),
        (series(GOOD[:1]), "forecast.too_short", "1 months: wait for 12"),
        (series(GOOD, months=months(23)), "forecast.shapes", "23 months"),
        (series(GOOD, months=(*months(12), *months(13, date(2024, 1, 1))[1:])), "forecast.gap", "2024-01 is missing"),
        (series(GOOD, months=(*months(12), *months(12, date(2023, 12, 1)))), "forecast.order", "2023-12 comes twice"),
        (series(GOOD, as_of=date(2024, 12, 31)), "forecast.future", "2024-12 is not over on 2024-12-31"),
        (series(GOOD, group=GOOD - 1), "forecast.group_below_part", "in 2023-01 the group"),
        (series(GOOD, group=GOOD[:3]), "forecast.shapes", "the group"),
        (series(GOOD, horizon=0), "forecast.options", "horizon 0"),
        (series(GOOD, confidences=(1.0,)), "forecast.options", "confidences"),
        (series(GOOD, confidences=()), "forecast.options", "confidences"),
    ],
)
def test_a_series_unfit_for_a_forecast_is_refused_with_its_month(inputs: ForecastInputs, code: str, words: str) -> None:
    with pytest.raises(UnmetAssumption, match=words) as refusal:
        forecast(inputs)
    assert refusal.value.code == code


def test_a_backtest_refuses_months_without_a_number() -> None:
    for value in (math.nan, -2.0, math.inf):
        with pytest.raises(UnmetAssumption, match="month 3 is") as refusal:
            backtest(broken(3, value))
        assert refusal.value.code == "forecast.not_a_number"


def test_single_zero_months_are_counts_like_others() -> None:
    assert np.isfinite(forecast(series(broken(5, 0.0))).mean).all()


def test_accuracy_is_one_minus_wape_and_mase_is_scaled_by_the_naive_step() -> None:
    actual = np.array([[10.0, 20], [20, np.nan]])
    found = accuracy_of(actual, np.array([[12.0, 15], [16, 99]]), np.array([1.0, 3, 2, 5]))
    assert found.accuracy == pytest.approx([1 - 6 / 30, 1 - 5 / 20])
    assert found.mase == pytest.approx([3 / 2, 5 / 2])
    assert found.count.tolist() == [2, 1]


def entry(horizon: int, mean: float, naive_value: float, low: float = 0.0, high: float = 200.0) -> ForecastEntry:
    made, month = date(2026, 1, 5), following_months(date(2025, 12, 1), horizon)[-1]
    return ForecastEntry("skill:1", made, METHOD, 1, "sha256:0", month, horizon, mean, low, high, 0.9, naive_value)


def test_the_accuracy_ledger_scores_what_has_an_outcome_by_horizon() -> None:
    later = date(2027, 1, 1)
    entries = [
        entry(1, 90, 80).with_outcome(100, later),
        entry(1, 110, 100, high=99).with_outcome(100, later),
        entry(1, 100, 100, low=math.nan, high=math.nan).with_outcome(200, later),
        entry(3, 50, 60),
    ]
    (found,) = score(entries)
    assert (found.horizon, found.count) == (1, 3)
    assert found.accuracy == pytest.approx(1 - 120 / 400)
    assert found.naive_accuracy == pytest.approx(1 - 120 / 400)
    assert found.covered == pytest.approx(0.5)


def test_an_outcome_is_kept_once_and_not_before_its_month_is_over() -> None:
    with pytest.raises(UnmetAssumption, match="2026-01 is not over") as refusal:
        entry(1, 90, 80).with_outcome(100, date(2026, 1, 31))
    assert refusal.value.code == "forecast.outcome_early"
    kept = entry(1, 90, 80).with_outcome(100, date(2026, 2, 1))
    assert kept.with_outcome(100, date(2026, 3, 1)) == kept
    with pytest.raises(UnmetAssumption) as refusal:
        kept.with_outcome(101, date(2026, 3, 1))
    assert refusal.value.code == "forecast.outcome_known"
