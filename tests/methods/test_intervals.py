"""Intervals: against published tables, against another way of computing, and their own properties."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.intervals import (
    NORMAL_FROM,
    Draws,
    Ends,
    Factor,
    Proportion,
    ProportionDifference,
    Resampling,
    Scale,
    Statistic,
    bootstrap,
    log_log_bounds,
    newcombe,
    product_bounds,
    totals_by_cluster,
    wilson,
    wilson_bounds,
)

MEAN = Statistic("mean", 1, lambda totals: totals[..., 0] / totals[..., 1])
RATIO = Statistic("ratio", 1, lambda totals: totals[..., 0] / totals[..., 1], Scale.LOG, 0.0)

shares = st.integers(1, 500).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials)))


def sample(values: list[float]) -> np.ndarray:
    return np.column_stack((values, np.ones(len(values))))


# Newcombe, Statistics in Medicine 17 (1998) 857–872, table I, method 3.
@pytest.mark.parametrize(
    ("successes", "trials", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_ends(successes: int, trials: int, low: float, high: float) -> None:
    found = wilson(Proportion(successes, trials))
    assert (found.low, found.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))
    assert found.value == pytest.approx(successes / trials)
    assert found.count == trials


# Newcombe, Statistics in Medicine 17 (1998) 873–890, table II, method 10.
@pytest.mark.parametrize(
    ("given", "low", "high"),
    [
        (ProportionDifference(56, 70, 48, 80), 0.0524, 0.3339),
        (ProportionDifference(9, 10, 3, 10), 0.1705, 0.8090),
        (ProportionDifference(10, 10, 0, 20), 0.6791, 1.0),
        (ProportionDifference(10, 10, 0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_gives_the_published_ends(given: ProportionDifference, low: float, high: float) -> None:
    found = newcombe(given)
    assert (found.low, found.high) == (pytest.approx(low, abs=6e-5), pytest.approx(high, abs=6e-5))


@given(shares)
def test_wilson_inverts_the_score_test(case: tuple[int, int]) -> None:
    """Each inner end is a share p at which the score statistic of x of n is exactly z."""
    successes, trials = case
    for end in wilson_bounds(successes, trials):
        if 0.0 < end < 1.0:
            score = (successes / trials - float(end)) / math.sqrt(float(end) * (1 - float(end)) / trials)
            assert abs(score) == pytest.approx(1.959963985, rel=1e-5)


@given(shares)
def test_wilson_mirrors_successes_and_failures_and_rises_with_successes(case: tuple[int, int]) -> None:
    successes, trials = case
    low, high = wilson_bounds(successes, trials)
    mirrored = wilson_bounds(trials - successes, trials)
    assert (1 - mirrored[1], 1 - mirrored[0]) == (pytest.approx(low), pytest.approx(high))
    assert 0 <= low <= successes / trials <= high <= 1
    if successes < trials:
        assert wilson_bounds(successes + 1, trials)[0] > low


@given(shares, shares)
def test_newcombe_turns_its_sign_with_the_groups(first: tuple[int, int], second: tuple[int, int]) -> None:
    there = newcombe(ProportionDifference(*first, *second, least_units=1))
    back = newcombe(ProportionDifference(*second, *first, least_units=1))
    assert there.low == pytest.approx(-(back.high or 0.0))
    assert -1 <= (there.low or 0.0) <= (there.value or 0.0) <= (there.high or 0.0) <= 1


@pytest.mark.parametrize("given", [Proportion(0, 0), Proportion(4, 4), Proportion(0, 4)])
def test_fewer_than_five_units_are_no_data_and_never_nought_or_all(given: Proportion) -> None:
    found = wilson(given)
    assert (found.value, found.low, found.high, found.has_data) == (None, None, None, False)
    assert [item.holds for item in found.explanation.assumptions if item.code == "intervals.enough_units"] == [False]


def test_a_difference_with_one_small_group_is_no_data() -> None:
    assert not newcombe(ProportionDifference(50, 100, 2, 4)).has_data


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Proportion(math.nan, 9), "intervals.not_finite"),
        (Proportion(3, math.inf), "intervals.not_finite"),
        (Proportion(-1, 9), "intervals.not_a_share"),
        (Proportion(10, 9), "intervals.not_a_share"),
        (Proportion(1, 9, confidence=1.0), "intervals.confidence"),
    ],
)
def test_a_share_that_is_none_is_refused_by_name(given: Proportion, code: str) -> None:
    with pytest.raises(UnmetAssumption) as refusal:
        wilson(given)
    assert refusal.value.code == code


def test_the_log_log_interval_of_a_survival_of_half_is_what_a_hand_computes() -> None:
    # S = ½ of 20 without censoring: V = 1/20, θ = 1.96 √V / ln 2 = 0.6323, ½^exp(±θ).
    low, high = log_log_bounds(0.5, 0.05, 20)
    assert (float(low), float(high)) == (pytest.approx(0.2713, abs=1e-4), pytest.approx(0.6918, abs=1e-4))


@given(st.floats(0.01, 0.99), st.floats(1e-6, 5.0))
def test_the_log_log_interval_stays_within_nought_and_one(survival: float, variance: float) -> None:
    low, high = log_log_bounds(survival, variance, 10)
    assert 0 <= low <= survival <= high <= 1


def test_at_the_edge_the_log_log_interval_is_wilsons_on_those_at_risk() -> None:
    low, high = log_log_bounds([1.0, 0.0], [0.0, np.inf], [20, 20])
    assert [low.tolist(), high.tolist()] == [
        [pytest.approx(1 - 0.1611, abs=6e-5), 0.0],
        [1.0, pytest.approx(0.1611, abs=6e-5)],
    ]


def test_a_product_of_shares_at_the_edge_keeps_an_interval() -> None:
    low, high = wilson_bounds(20, 20)
    factor = Factor(1.0, float(low), float(high), 0.5)
    value, below, above = product_bounds((factor, factor))
    # Two equal factors: log ends are √2 · ½ of one factor's, so the lower end is low^(√2 / 2).
    assert (value, above) == (1.0, 1.0)
    assert below == pytest.approx(float(low) ** (math.sqrt(2) / 2))


def test_a_factor_of_nought_makes_the_product_nought_with_an_upper_end() -> None:
    value, low, high = product_bounds((Factor(0.0, 0.0, 0.16, 0.5), Factor(0.5, 0.4, 0.6, 0.5)))
    assert (value, low) == (0.0, 0.0)
    assert high == pytest.approx(math.sqrt(0.16 * 0.6))


@pytest.mark.parametrize("ends", list(Ends))
@pytest.mark.parametrize("draws", list(Draws))
def test_the_interval_of_a_mean_comes_near_students_on_normal_values(ends: Ends, draws: Draws) -> None:
    values = np.random.default_rng(3).normal(10.0, 2.0, 200)
    found = bootstrap(Resampling((sample(list(values)),), MEAN, ends, draws)).estimate
    half = 1.972 * values.std(ddof=1) / math.sqrt(200)
    assert found.value == pytest.approx(values.mean())
    assert found.low == pytest.approx(values.mean() - half, abs=0.05)
    assert found.high == pytest.approx(values.mean() + half, abs=0.05)


@pytest.mark.parametrize("draws", list(Draws))
def test_a_resample_of_one_unit_alone_does_not_open_the_ends_of_five(draws: Draws) -> None:
    rows = np.column_stack(([420.0, 1310.0, 95.0, 760.0, 2200.0], [3.0, 7.0, 1.0, 5.0, 11.0]))
    found = bootstrap(Resampling((rows,), RATIO, draws=draws)).estimate
    assert 50 < (found.low or 0) < (found.high or 0) < 500


def test_a_cluster_is_drawn_whole_so_the_interval_widens() -> None:
    generator = np.random.default_rng(5)
    cluster = np.repeat(np.arange(12), 30)
    hours = 100 + 20 * generator.normal(size=12)[cluster] + generator.normal(size=360)
    rows = np.column_stack((hours, np.ones(360)))
    alone = bootstrap(Resampling((rows,), RATIO)).estimate
    together = bootstrap(Resampling((totals_by_cluster(rows, cluster),), RATIO)).estimate
    assert together.value == pytest.approx(alone.value)
    assert (together.high or 0) - (together.low or 0) > 3 * ((alone.high or 0) - (alone.low or 0))
    assert (together.count, alone.count) == (12, 360)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(1, 1000), min_size=5, max_size=12), st.floats(0.01, 100))
def test_the_interval_of_a_ratio_scales_with_its_unit_and_ignores_nothing_else(
    values: list[float], unit: float
) -> None:
    one = Resampling((sample(values),), RATIO, replicates=100)
    there = bootstrap(one).estimate
    scaled = bootstrap(replace(one, groups=(sample([unit * value for value in values]),))).estimate
    assert scaled.low == pytest.approx(unit * (there.low or 0.0), rel=1e-3)
    assert scaled.high == pytest.approx(unit * (there.high or 0.0), rel=1e-3)
    assert (there.low or 0.0) <= (there.value or 0.0) <= (there.high or 0.0)


def test_the_same_seed_gives_the_same_answer_and_hash_and_another_data_another_hash() -> None:
    one = Resampling((sample([1.0, 2.0, 3.0, 4.0, 9.0]),), RATIO)
    first, again = bootstrap(one), bootstrap(one)
    assert first.estimate == again.estimate
    other = bootstrap(replace(one, groups=(sample([1.0, 2.0, 3.0, 4.0, 8.0]),)))
    assert other.estimate.explanation.inputs_hash != first.estimate.explanation.inputs_hash


def test_a_million_units_are_drawn_from_the_normal_limit() -> None:
    values = np.random.default_rng(1).exponential(1.0, 1_000_000)
    found = bootstrap(Resampling((sample(list(values)),), RATIO, replicates=1000)).estimate
    assert found.count > NORMAL_FROM
    assert (found.high or 0) - (found.low or 0) == pytest.approx(2 * 1.96 / 1000, rel=0.1)


def test_units_that_are_all_alike_are_said_to_show_no_spread() -> None:
    found = bootstrap(Resampling((sample([2.0] * 9),), RATIO)).estimate
    assert (found.low, found.high) == (2.0, 2.0)
    assert [item.code for item in found.explanation.warnings] == ["intervals.no_variation"]


def test_a_denominator_of_nought_or_few_units_are_no_data() -> None:
    nothing = np.zeros((9, 2))
    assert not bootstrap(Resampling((nothing,), RATIO)).estimate.has_data
    assert not bootstrap(Resampling((sample([1.0] * 4),), RATIO)).estimate.has_data


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Resampling((sample([1.0, math.nan, 2.0, 3.0, 4.0]),), RATIO), "intervals.not_finite"),
        (Resampling((np.ones(9),), RATIO), "intervals.shapes"),
        (Resampling((), RATIO), "intervals.shapes"),
        (Resampling((sample([1.0] * 9),), RATIO, replicates=10), "intervals.replicates"),
    ],
)
def test_what_cannot_be_resampled_is_refused_by_name(given: Resampling, code: str) -> None:
    with pytest.raises(UnmetAssumption) as refusal:
        bootstrap(given)
    assert refusal.value.code == code


def test_eight_unequal_enterprises_are_covered_where_percentiles_fall_short() -> None:
    generator = np.random.default_rng(11)
    held = dict.fromkeys(Ends, 0)
    trials = 200
    for trial in range(trials):
        students = 1.0 + generator.poisson(6.0, 8)
        hours = students * generator.gamma(4.0, 25.0, 8)
        for ends in Ends:
            rows = np.column_stack((hours, students))
            found = bootstrap(Resampling((rows,), RATIO, ends, replicates=200, seed=trial)).estimate
            held[ends] += (found.low or 0) <= 100.0 <= (found.high or 0)
    # Two Monte Carlo errors of 200 trials at 95% are 3.1 points.
    assert 0.91 <= held[Ends.STUDENTISED] / trials <= 0.98
    assert held[Ends.PERCENTILE] / trials < 0.90


@pytest.mark.parametrize("counts", [("3", 5), (3, "5"), (None, 5)])
def test_counts_that_are_no_numbers_are_refused_by_name(counts: tuple[float, float]) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        wilson(Proportion(*counts))
    assert refused.value.code == "intervals.not_a_number"


def test_counts_that_are_not_whole_carry_a_caution() -> None:
    assert [one.code for one in wilson(Proportion(2.5, 9)).explanation.warnings] == ["intervals.not_whole"]
    assert wilson(Proportion(np.int64(3), 9.0)).explanation.warnings == ()
    assert newcombe(ProportionDifference(3, 9, 4, 9.5)).explanation.warnings[0].code == "intervals.not_whole"


@pytest.mark.parametrize("value", [0.1, 1 / 3, 0.0, 7.0])
def test_a_constant_is_resampled_with_a_caution(value: float) -> None:
    for draws in Draws:
        found = bootstrap(Resampling((sample([value] * 12),), MEAN, draws=draws, replicates=200))
        assert [one.code for one in found.estimate.explanation.warnings] == ["intervals.no_variation"]
