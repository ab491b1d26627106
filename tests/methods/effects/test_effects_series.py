"""Interrupted series: against statsmodels and planted changes, and what they refuse."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ronghe.methods.effects import Errors, Family, InterruptedSeries, interrupted_series
from ronghe.methods.explained import UnmetAssumption

MONTHS = np.arange(48)
AFTER = MONTHS >= 30


@pytest.fixture(scope="module")
def measure() -> NDArray[np.float64]:
    """48 months with a trend, a season, a step of 5, a slope of 0.4 from month 30 on, and noise."""
    noise = np.random.default_rng(7).standard_normal(48) * 0.3
    season = 2 * np.sin(2 * np.pi * MONTHS / 12)
    return np.asarray(20 + 0.2 * MONTHS + season + AFTER * (5 + 0.4 * (MONTHS - 30)) + noise)


def design() -> NDArray[np.float64]:
    angle = 2 * np.pi * MONTHS / 12
    season = [wave(times * angle) for times in (1, 2) for wave in (np.sin, np.cos)]
    return np.column_stack([np.ones(48), MONTHS, AFTER, AFTER * (MONTHS - 30), *season])


def test_planted_step_and_slope_are_found_and_the_counterfactual_goes_on(measure: NDArray[np.float64]) -> None:
    found = interrupted_series(InterruptedSeries(measure, 30, season=12))
    assert found.slope is not None
    assert found.level.interval.low < 5 < found.level.interval.high
    assert found.slope.value == pytest.approx(0.4, abs=0.1)
    assert found.trend.value == pytest.approx(0.2, abs=0.05)
    assert found.average.value == pytest.approx(5 + 0.4 * 8.5, abs=0.5)
    assert found.average.value == pytest.approx(float((found.fitted - found.without)[30:].mean()))
    assert found.fitted[:30] == pytest.approx(found.without[:30])


def test_newey_west_agrees_with_statsmodels(measure: NDArray[np.float64]) -> None:
    import statsmodels.api as sm

    expected = sm.OLS(measure, design()).fit(
        cov_type="HAC", cov_kwds={"maxlags": 3, "use_correction": True}, use_t=True
    )
    found = interrupted_series(InterruptedSeries(measure, 30, season=12, errors=Errors.NEWEY_WEST, lags=3))
    assert found.level.value == pytest.approx(expected.params[2])
    assert found.level.standard_error == pytest.approx(expected.bse[2])
    assert found.level.p_value == pytest.approx(expected.pvalues[2], rel=1e-6)


def test_counts_agree_with_statsmodels(measure: NDArray[np.float64]) -> None:
    import statsmodels.api as sm

    count, people = np.round(measure * 10), 1000.0 + 5 * MONTHS
    model = sm.GLM(count, design(), family=sm.families.Poisson(), offset=np.log(people))
    for errors, scale in ((Errors.INDEPENDENT, 1.0), (Errors.OVERDISPERSED, "X2")):
        expected = model.fit(scale=scale)
        found = interrupted_series(InterruptedSeries(count, 30, Family.COUNT, errors, exposure=people, season=12))
        assert found.ratio == pytest.approx(np.exp(expected.params[2]))
        assert found.level.standard_error == pytest.approx(expected.bse[2], rel=1e-5)


def test_errors_with_autocorrelation_are_wider_than_independent_ones() -> None:
    generator = np.random.default_rng(2)
    values = np.zeros(48)
    for month in range(1, 48):
        values[month] = 0.8 * values[month - 1] + generator.standard_normal()
    plain = interrupted_series(InterruptedSeries(values, 24, errors=Errors.INDEPENDENT))
    modelled = interrupted_series(InterruptedSeries(values, 24))
    assert modelled.average.standard_error > 1.5 * plain.average.standard_error
    assert plain.explanation.assumptions[-1].holds is False
    assert abs(modelled.autocorrelation) < 0.3 < plain.autocorrelation


@settings(max_examples=20, deadline=None)
@given(st.floats(-100, 100), st.floats(0.01, 100))
def test_effects_follow_the_unit_of_measurement(shift: float, scale: float) -> None:
    values = np.random.default_rng(3).standard_normal(40).cumsum()
    plain = interrupted_series(InterruptedSeries(values, 20, errors=Errors.NEWEY_WEST))
    moved = interrupted_series(InterruptedSeries(scale * values + shift, 20, errors=Errors.NEWEY_WEST))
    assert moved.level.value == pytest.approx(scale * plain.level.value, rel=1e-6, abs=1e-8)
    assert moved.level.p_value == pytest.approx(plain.level.p_value, rel=1e-4)


def test_a_series_says_that_it_can_only_suggest(measure: NDArray[np.float64]) -> None:
    found = interrupted_series(InterruptedSeries(measure, 30))
    assert "effects.one_series" in [caution.code for caution in found.explanation.warnings]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"interruption": 3}, "effects.short_series"),
        ({"interruption": 45}, "effects.short_series"),
        ({"season": 40.0}, "effects.season"),
        ({"season": 12.0, "harmonics": 7}, "effects.season"),
        ({"exposure": np.zeros(48)}, "effects.exposure"),
        ({"exposure": np.ones(47)}, "effects.unequal_columns"),
        ({"family": Family.COUNT, "outcome": -np.ones(48)}, "effects.count"),
        ({"family": Family.COUNT, "outcome": np.zeros(48)}, "effects.count"),
        ({"family": Family.COUNT, "outcome": np.append(np.zeros(30), np.ones(18))}, "effects.no_convergence"),
        ({"family": Family.COUNT, "errors": Errors.AUTOREGRESSIVE}, "effects.errors"),
        ({"errors": Errors.OVERDISPERSED}, "effects.errors"),
        ({"outcome": np.append(np.ones(47), np.nan)}, "effects.missing_value"),
    ],
)
def test_a_series_that_cannot_answer_is_refused(
    measure: NDArray[np.float64], change: dict[str, object], code: str
) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        interrupted_series(replace(InterruptedSeries(measure, 30), **change))  # type: ignore[arg-type]
    assert refused.value.code == code


@pytest.mark.parametrize("outcome", [[5.0] * 40, [0.1 * time for time in range(40)]])
def test_a_series_without_any_spread_has_no_interval(outcome: list[float]) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        interrupted_series(InterruptedSeries(outcome, 20))
    assert refused.value.code == "effects.no_variation"
