"""Demand, growth and the gap: against hand-made sums, another way of computing, and their own properties."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.methods.demand import (
    SkillTable,
    demand_by_month,
    demand_interval,
    demand_today,
    gap_method_text,
    growth,
    growth_of,
    percentile_interval,
    poisson_weights,
    recency_weight,
    replicates_of,
    supply_of,
    talent_gap,
)


def test_demand_by_month_counts_people_once_a_posting() -> None:
    table = SkillTable.of([[0, 1, 1], [1], [2], [0]], columns=3)
    month = np.array([0, 1, 1, 5])
    people = np.array([2.0, 3.0, 1.0, 9.0])
    assert demand_by_month(table, month, 2, people).tolist() == [[2.0, 0.0], [2.0, 3.0], [0.0, 1.0]]


def test_a_skill_number_outside_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        SkillTable.of([[2]], columns=2)


def test_recency_halves_with_each_half_life_and_the_future_is_now() -> None:
    assert recency_weight([0, 180, 360, -5]).tolist() == [1.0, 0.5, 0.25, 1.0]
    with pytest.raises(ValueError, match="positive"):
        recency_weight([1], half_life_days=0)


def test_the_interval_has_the_variance_of_clustered_sums() -> None:
    # Each enterprise has ten equal postings, so the variance of the total is the sum of squared cluster sums.
    table = SkillTable.of([[0]] * 400, columns=1)
    cluster = np.repeat(np.arange(40), 10)
    drawn = replicates_of(table, [np.ones(400)], cluster, np.random.default_rng(1), 4000)[0][:, 0]
    assert float(drawn.mean()) == pytest.approx(400, rel=0.02)
    assert float(drawn.std()) == pytest.approx(np.sqrt(40 * 10**2), rel=0.05)
    alone = replicates_of(table, [np.ones(400)], np.arange(400), np.random.default_rng(1), 4000)[0][:, 0]
    assert float(alone.std()) == pytest.approx(np.sqrt(400), rel=0.05)


def test_replicates_are_the_same_as_multiplying_weights_one_by_one() -> None:
    generator = np.random.default_rng(3)
    pairs = [list(generator.integers(0, 7, 3)) for _ in range(50)]
    table = SkillTable.of(pairs, columns=7)
    cluster = generator.integers(0, 12, 50)
    weight = generator.random(50)
    drawn = replicates_of(table, [weight, weight * 2], cluster, np.random.default_rng(5), 20)
    draws = poisson_weights(np.random.default_rng(5), (20, int(cluster.max()) + 1))
    for replicate in range(20):
        expected = np.zeros(8)
        for row, skills in enumerate(pairs):
            value = weight[row] * draws[replicate, cluster[row]]
            expected[7] += value
            for skill in set(skills):
                expected[skill] += value
        assert drawn[0, replicate] == pytest.approx(expected, rel=1e-5)
        assert drawn[1, replicate] == pytest.approx(2 * expected, rel=1e-5)


def test_the_weights_are_poisson_of_mean_one() -> None:
    drawn = poisson_weights(np.random.default_rng(1), (1_000_000,))
    for count in range(6):
        expected = math.exp(-1) / math.factorial(count)
        assert float((drawn == count).mean()) == pytest.approx(expected, abs=4 * math.sqrt(expected / 1e6) + 2**-16)
    assert float(drawn.mean()) == pytest.approx(1.0, abs=0.005)
    assert float(drawn.var()) == pytest.approx(1.0, abs=0.01)


def test_growth_of_shared_replicates_is_growth() -> None:
    table = SkillTable.of([[0], [0, 1], [1], [1]], columns=2)
    recent, before, people = np.array([1.0, 0, 2, 1]), np.array([2.0, 1, 0, 1]), np.ones(4)
    alone = growth(table, recent, before, np.arange(4), np.random.default_rng(1), 200)
    drawn = replicates_of(table, [recent, before, people], np.arange(4), np.random.default_rng(1), 200)
    observed = np.stack([np.append(demand_today(table, weight), weight.sum()) for weight in (recent, before)])
    shared = growth_of(observed, drawn[:2])
    assert shared.value == pytest.approx(alone.value)
    assert shared.interval.low == pytest.approx(alone.interval.low)
    assert shared.interval.high == pytest.approx(alone.interval.high)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(11)
    covered = 0
    trials = 200
    for _ in range(trials):
        firms = generator.poisson(60)
        sizes = generator.geometric(0.4, firms)
        table = SkillTable.of([[0]] * int(sizes.sum()), columns=1)
        cluster = np.repeat(np.arange(firms), sizes)
        interval = demand_interval(table, np.ones(len(cluster)), cluster, generator, 300)
        covered += bool(interval.low[0] <= 60 * 2.5 <= interval.high[0])
    assert 0.88 <= covered / trials <= 0.99


def test_growth_is_of_shares_and_says_no_data_where_there_is_none() -> None:
    table = SkillTable.of([[0], [0, 1], [1], [1]], columns=3)
    recent, before = np.array([0.0, 0, 100, 100]), np.array([50.0, 50, 0, 0])
    found = growth(table, recent, before, np.arange(4), np.random.default_rng(1), 500)
    assert found.value[0] == pytest.approx((0.5 / 100.5) * (100 / 200) - 1)
    assert found.value[1] == pytest.approx((200.5 / 50.5) * (100 / 200) - 1)
    assert np.isnan(found.value[2])
    assert np.isnan(found.interval.low[2])
    assert found.interval.low[1] <= found.value[1] <= found.interval.high[1]


def test_a_window_without_postings_has_no_growth() -> None:
    table = SkillTable.of([[0]], columns=1)
    found = growth(table, np.zeros(1), np.ones(1), np.zeros(1, dtype=np.int64), np.random.default_rng(1), 50)
    assert np.isnan(found.value).all()
    assert np.isnan(found.interval.high).all()


def test_twice_the_advertisements_everywhere_is_growth_nowhere() -> None:
    table = SkillTable.of([[0]] * 300 + [[1]] * 300, columns=2)
    before = np.full(600, 1.0)
    found = growth(table, 2 * before, before, np.arange(600), np.random.default_rng(2), 200)
    assert found.value == pytest.approx([0, 0], abs=0.01)


def test_supply_counts_who_reaches_the_level_in_time() -> None:
    skill = np.array([0, 0, 0, 1])
    level = np.array([3, 2, 4, 1])
    days = np.array([-10, 30, 400, 365])
    assert supply_of(skill, level, days, 2).tolist() == [2.0, 1.0]
    assert supply_of(skill, level, days, 2, least_level=np.array([3, 2])).tolist() == [1.0, 0.0]


def test_the_gap_is_demand_less_supply_with_its_interval() -> None:
    table = SkillTable.of([[0]] * 100 + [[1]] * 10, columns=2)
    supply = np.array([40.0, 40.0])
    gap = talent_gap(table, np.ones(110), np.arange(110), supply, np.random.default_rng(1), 2000)
    assert gap.value.tolist() == [60.0, -30.0]
    assert gap.interval.low[0] == pytest.approx(60 - 1.96 * 10, abs=2)
    assert gap.interval.high[0] == pytest.approx(60 + 1.96 * 10, abs=2)
    with pytest.raises(ValueError, match="one number per skill"):
        talent_gap(table, np.ones(110), np.arange(110), np.ones(3), np.random.default_rng(1))


def test_the_method_stands_in_both_languages_with_its_parameters() -> None:
    text = gap_method_text(half_life_days=90, horizon_days=200, replicates=500)
    assert "90天" in text.zh
    assert "200 days" in text.en
    assert "500" in text.zh
    assert "500" in text.en


def test_percentiles_leave_out_replicates_without_data() -> None:
    values = np.array([[1.0], [np.nan], [3.0]])
    interval = percentile_interval(values)
    assert 1.0 <= interval.low[0] < interval.high[0] <= 3.0


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 5), max_size=6), min_size=1, max_size=20),
    st.integers(1, 4),
)
def test_demand_is_never_below_its_monthly_parts(pairs: list[list[int]], months: int) -> None:
    table = SkillTable.of(pairs, columns=6)
    month = np.arange(len(pairs)) % months
    people = np.ones(len(pairs))
    by_month = demand_by_month(table, month, months, people)
    assert by_month.sum(axis=1) == pytest.approx(demand_today(table, people))
