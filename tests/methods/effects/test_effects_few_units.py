"""Randomisation on few units and power at registration: against enumeration by hand and their own properties."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ronghe.methods.effects import (
    FewUnits,
    Panel,
    Periods,
    Randomisation,
    SharesTest,
    Standing,
    TwoShares,
    UnitSeries,
    UnitsPower,
    few_units,
    power_of_few_units,
    power_of_many_units,
    power_of_two_shares,
    randomisation_test,
)
from ronghe.methods.explained import UnmetAssumption

EIGHT = np.arange(8) < 4


def by_hand(values: NDArray[np.float64], treated: NDArray[np.bool_]) -> float:
    """Twice the share of arrangements whose difference of means is as extreme, the smaller tail, one by one."""
    units, number = len(values), int(treated.sum())

    def difference(chosen: tuple[int, ...]) -> float:
        inside = sum(values[unit] for unit in chosen)
        return float(inside / number - (values.sum() - inside) / (units - number))

    observed = difference(tuple(int(unit) for unit in np.flatnonzero(treated)))
    all_of_them = [difference(chosen) for chosen in combinations(range(units), number)]
    greater = sum(other >= observed - 1e-9 for other in all_of_them)
    less = sum(other <= observed + 1e-9 for other in all_of_them)
    return min(1.0, 2 * min(greater, less) / comb(units, number))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=8, max_size=8))
def test_the_p_value_is_the_share_of_arrangements_as_extreme(values: list[int]) -> None:
    numbers = np.array(values, dtype=float)
    assert randomisation_test(Randomisation(numbers, EIGHT)).p_value == pytest.approx(by_hand(numbers, EIGHT))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=8, max_size=8), st.floats(-10, 10), st.floats(0.1, 10))
def test_the_interval_moves_and_stretches_with_the_effect(values: list[float], effect: float, scale: float) -> None:
    numbers = np.round(np.array(values), 3) + np.arange(8) * 0.01
    plain = randomisation_test(Randomisation(numbers, EIGHT))
    moved = randomisation_test(Randomisation(scale * (numbers + effect * EIGHT) + 3, EIGHT))
    assert moved.interval.low == pytest.approx(scale * (plain.interval.low + effect), abs=1e-6)
    assert moved.interval.high == pytest.approx(scale * (plain.interval.high + effect), abs=1e-6)


def test_the_interval_holds_the_effects_that_are_not_rejected() -> None:
    numbers = np.random.default_rng(4).standard_normal(8) + 2 * EIGHT
    found = randomisation_test(Randomisation(numbers, EIGHT))
    for effect, rejected in (
        (found.interval.low - 0.01, True),
        (found.interval.low + 0.01, False),
        (found.interval.high - 0.01, False),
        (found.interval.high + 0.01, True),
    ):
        assert (by_hand(numbers - effect * EIGHT, EIGHT) <= 0.05) is rejected


def test_sampled_arrangements_come_near_all_of_them() -> None:
    treated = np.arange(16) < 8
    numbers = np.random.default_rng(6).standard_normal(16) + 1.2 * treated
    exact = randomisation_test(Randomisation(numbers, treated))
    assert exact.exact and exact.taken == comb(16, 8)
    larger = np.arange(20) < 8
    sampled = randomisation_test(Randomisation(np.append(numbers, np.zeros(4)), larger))
    assert not sampled.exact and sampled.taken == 10_000
    again = randomisation_test(Randomisation(np.append(numbers, np.zeros(4)), larger, seed=2))
    assert sampled.p_value == pytest.approx(again.p_value, abs=0.01)


@pytest.mark.parametrize(("units", "treated"), [(7, 3), (39, 1), (9, 2), (4, 2)])
def test_fewer_than_forty_arrangements_are_refused(units: int, treated: int) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        randomisation_test(Randomisation(np.arange(float(units)), np.arange(units) < treated))
    assert refused.value.code == "effects.too_few_arrangements"


def test_a_unit_on_one_side_only_is_refused() -> None:
    with pytest.raises(UnmetAssumption) as refused:
        randomisation_test(Randomisation(np.arange(8.0), np.ones(8, dtype=bool)))
    assert refused.value.code == "effects.one_group"


def panel(outcome: NDArray[np.float64], start: float = 8.0) -> Panel:
    units, periods = outcome.shape
    return Panel(
        np.repeat(np.arange(units), periods),
        np.tile(np.arange(periods), units),
        outcome.ravel(),
        np.repeat(np.where(np.arange(units) < 4, start, np.nan), periods),
    )


WINDOWS = Periods(0, 7), Periods(8, 11)


def test_few_units_give_the_difference_of_mean_changes_and_test_the_trend_before() -> None:
    outcome = np.random.default_rng(3).standard_normal((8, 12))
    outcome[:4, 8:] += 4
    found = few_units(FewUnits(panel(outcome), *WINDOWS, least_effect=1.0))
    change = outcome[:, 8:].mean(axis=1) - outcome[:, :8].mean(axis=1)
    assert found.effect == pytest.approx(change[:4].mean() - change[4:].mean())
    assert found.p_value == pytest.approx(2 / 70)
    assert found.p_least == 1.0
    assert found.interval.low > 0
    assert found.pre_trend.standing is Standing.HOLDS
    drifting = outcome.copy()
    drifting[:4, :8] += np.arange(8) * 3
    assert few_units(FewUnits(panel(drifting), *WINDOWS)).pre_trend.standing is Standing.FAILS


def test_windows_that_cannot_hold_are_refused() -> None:
    outcome = np.zeros((8, 12)) + np.arange(8)[:, None]
    for windows, start, code in (
        ((Periods(0, 8), Periods(8, 11)), 8.0, "effects.windows_overlap"),
        ((Periods(0, 7), Periods(20, 30)), 8.0, "effects.empty_window"),
        ((Periods(0, 7), Periods(8, 11)), 9.0, "effects.start_inside_window"),
        ((Periods(0, 7), Periods(8, 11)), 5.0, "effects.start_inside_window"),
    ):
        with pytest.raises(UnmetAssumption) as refused:
            few_units(FewUnits(panel(outcome, start), *windows))
        assert refused.value.code == code


def test_power_agrees_with_statsmodels_for_two_means_of_many_units() -> None:
    from statsmodels.stats.power import NormalIndPower

    series = UnitSeries(1.0, 0.0, 1, 1)
    assert series.change_deviation() == pytest.approx(np.sqrt(2))
    found = power_of_many_units(UnitsPower(300, 100, series, 0.3))
    one_sided = NormalIndPower().power(0.3 / np.sqrt(2), 100, 0.025, ratio=2.0, alternative="larger")
    assert found.power == pytest.approx(one_sided, abs=1e-6)


def test_power_of_few_units_rises_with_the_effect_and_the_units_and_knows_its_own_size() -> None:
    series = UnitSeries(1.0, 0.6, 12, 12)
    small = power_of_few_units(UnitsPower(8, 4, series, 1.0))
    larger = power_of_few_units(UnitsPower(8, 4, series, 2.0))
    assert small.power < larger.power
    assert larger.size < small.size <= 0.025
    assert power_of_few_units(UnitsPower(8, 4, series, -2.0)).power == larger.power
    # With the detectable effect as the least one, the power is the 80% that it promises, less what is contradicted.
    assert power_of_few_units(UnitsPower(8, 4, series, small.detectable)).power == pytest.approx(0.8, abs=0.03)


def test_the_spread_of_change_is_that_of_simulated_series() -> None:
    generator = np.random.default_rng(1)
    series = UnitSeries(2.0, 0.6, 6, 4, gap=2, noise=0.5)
    values = np.empty((20_000, 12))
    values[:, 0] = 2 * generator.standard_normal(20_000)
    for period in range(1, 12):
        values[:, period] = 0.6 * values[:, period - 1] + 1.6 * generator.standard_normal(20_000)
    values += 0.5 * generator.standard_normal(values.shape)
    change = values[:, 8:].mean(axis=1) - values[:, :6].mean(axis=1)
    assert series.change_deviation() == pytest.approx(change.std(), rel=0.02)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.05, 0.9), st.floats(0.02, 0.1), st.integers(10, 40), st.sampled_from(list(SharesTest)))
def test_power_of_shares_is_symmetric_and_more_than_its_size(
    share: float, apart: float, count: int, test: SharesTest
) -> None:
    upward = power_of_two_shares(TwoShares(share, share + apart, count, count, test))
    mirrored = power_of_two_shares(TwoShares(1 - share, 1 - share - apart, count, count, test))
    assert upward.power == pytest.approx(mirrored.power, abs=1e-9)
    assert upward.size is not None and upward.power >= upward.size - 1e-12


def test_fisher_agrees_with_scipy_on_every_table() -> None:
    from scipy.stats import fisher_exact

    from ronghe.methods.effects.power import _fisher

    ours = _fisher((6, 9))
    for compared in range(7):
        for treated in range(10):
            table = [[treated, 9 - treated], [compared, 6 - compared]]
            assert ours[compared, treated] == pytest.approx(fisher_exact(table)[1], abs=1e-9)


def test_power_without_meaning_is_refused() -> None:
    series = UnitSeries(1.0, 0.6, 12, 12)
    for parameters, code in (
        (UnitsPower(8, 3, series, 1.0), None),
        (UnitsPower(6, 3, series, 1.0), "effects.too_few_arrangements"),
        (UnitsPower(8, 8, series, 1.0), "effects.one_group"),
        (UnitsPower(8, 4, series, 0.0), "effects.least_effect"),
        (UnitsPower(8, 4, UnitSeries(1.0, 1.0, 12, 12), 1.0), "effects.series"),
        (UnitsPower(8, 4, UnitSeries(1.0, 0.5, 0, 12), 1.0), "effects.empty_window"),
    ):
        if code is None:
            assert 0 < power_of_few_units(parameters).power < 1
            continue
        with pytest.raises(UnmetAssumption) as refused:
            power_of_few_units(parameters)
        assert refused.value.code == code
    with pytest.raises(UnmetAssumption):
        power_of_two_shares(TwoShares(0.4, 0.4, 30, 30))
