"""Indicators and index: published examples, hand-made communities, bad input, and what adding a community may do."""

import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.indicators import (
    INDICATORS,
    DecisionMatrix,
    Employment,
    Goalpost,
    IndexInputs,
    Investment,
    Measure,
    Normalisation,
    Opinion,
    Participation,
    Profile,
    Satisfaction,
    borda,
    condorcet,
    critic_weights,
    cronbach_alpha,
    curriculum_update,
    employment_competitiveness,
    entropy_weights,
    geometric_mean,
    index,
    investment_duration,
    normalise,
    participation_depth,
    retention,
    satisfaction,
    sensitivity,
    technical_compliance,
    technology_conversion,
    topsis,
    vikor,
    weighted_sum,
)
from ronghe.methods.indicators.sensitivity import Scoring, kendall_tau, order_changed, score
from ronghe.methods.survival import Durations

DAY = date(2026, 6, 30)
UNIT = Goalpost(0.0, 1.0, date(2026, 1, 1))

# Hwang and Yoon, Multiple Attribute Decision Making, 1981: choice of a fighter aircraft.
FIGHTERS = DecisionMatrix(
    [
        [2.0, 1500, 20000, 5.5, 5, 9],
        [2.5, 2700, 18000, 6.5, 3, 5],
        [1.8, 2000, 21000, 4.5, 7, 7],
        [2.2, 1800, 20000, 5.0, 5, 5],
    ],
    [0.2, 0.1, 0.1, 0.1, 0.2, 0.3],
    [True, True, True, False, True, True],
)
# Diakoulaki, Mavrotas and Papayannakis, Computers & Operations Research 22 (1995) 763–770.
FIRMS = DecisionMatrix(
    [
        [61, 1.08, 4.33],
        [20.7, 0.26, 4.34],
        [16.3, 1.98, 2.53],
        [9, 3.29, 1.65],
        [5.4, 2.77, 2.33],
        [4, 4.12, 1.21],
        [-6.1, 3.52, 2.1],
        [-34.6, 3.31, 0.98],
    ]
)


def test_topsis_gives_the_published_closeness_and_another_normalisation_another() -> None:
    assert topsis(FIGHTERS).scores == pytest.approx([0.643, 0.268, 0.613, 0.312], abs=1e-3)
    assert topsis(FIGHTERS).ranks.tolist() == [1, 4, 2, 3]
    by_range = topsis(FIGHTERS, Normalisation.MIN_MAX).scores
    assert by_range == pytest.approx([0.6127, 0.3660, 0.5306, 0.3517], abs=1e-4)


def test_critic_gives_the_published_weights() -> None:
    assert critic_weights(FIRMS).weights == pytest.approx([0.20222554, 0.48090173, 0.31687273], abs=1e-6)


def test_belton_and_gears_copy_turns_the_order_in_one_mode_of_ahp_and_not_in_the_other() -> None:
    """Belton and Gear, Omega 11 (1983), as tabulated by Wang and Elhag, Decision Support Systems 42 (2006)."""
    a, b, c = [1, 9, 8], [9, 1, 9], [1, 1, 1]
    shares = [weighted_sum(DecisionMatrix(rows), Normalisation.SUM).scores for rows in ([a, b, c], [a, b, c, b])]
    assert shares[0] == pytest.approx([0.4512, 0.4697, 0.0791], abs=6e-5)
    assert shares[1] == pytest.approx([0.3654, 0.2889, 0.0568, 0.2889], abs=6e-5)
    ideal = [weighted_sum(DecisionMatrix(rows), Normalisation.MAXIMUM).scores for rows in ([a, b, c], [a, b, c, b])]
    assert ideal[0] == pytest.approx([0.6667, 0.7037, 0.1111], abs=6e-5)
    assert ideal[1] == pytest.approx([0.6667, 0.7037, 0.1111, 0.7037], abs=6e-5)
    posts = (Goalpost(0.0, 10.0, DAY),) * 3
    weights = np.full(3, 1 / 3)
    scores = [
        score(np.array(rows, dtype=float), weights, posts, Scoring.GEOMETRIC) for rows in ([a, b, c], [a, b, c, b])
    ]
    assert not order_changed(scores[0], scores[1][:3])


def test_the_handbooks_votes_and_means_come_out() -> None:
    """OECD/JRC, Handbook on Constructing Composite Indicators, 2008, sections 6.11 and 6.12, tables 25 to 27."""
    votes = Profile([3, 5, 7, 6], ["abcd", "acbd", "bdca", "cbda"])
    assert dict(zip("abcd", borda(votes).scores.tolist(), strict=True)) == {"a": 24, "b": 44, "c": 38, "d": 20}
    found = condorcet(votes)
    assert (found.order, found.winner) == (("c", "b", "d", "a"), "c")
    quarter = [0.25] * 4
    means = [float(geometric_mean(row, quarter)) for row in ([21, 1, 1, 1], [21, 2, 1, 1], [6] * 4, [6, 6, 6, 7])]
    assert means == [pytest.approx(x, abs=0.01) for x in (2.14, 2.54, 6.0, 6.23)]


def test_the_human_development_index_of_the_published_example() -> None:
    """UNDP, Human Development Report 2020, technical note 1."""
    income = normalise([3829.0], [Goalpost(100, 75_000, DAY, logarithmic=True)])
    assert income[0] == pytest.approx(0.5506, abs=6e-4)
    assert geometric_mean([0.6971, 0.3447, float(income[0])], [1 / 3] * 3) == pytest.approx(0.51, abs=6e-4)


def test_the_technology_achievement_index_of_three_countries() -> None:
    """UNDP, Human Development Report 2001, technical note 2.3 and table A2.1: 0.744, 0.733 and 0.548."""
    linear = [(0, 994), (0, 272.6), (0, 232.4), (0, 80.8), (1, 901), (1, 6969), (0.8, 12.0), (0.1, 27.4)]
    posts = [Goalpost(low, high, DAY, logarithmic=place in (4, 5)) for place, (low, high) in enumerate(linear)]
    countries = [
        [187, 125.6, 200.2, 50.7, 1203, 14129, 10.0, 27.4],
        [289, 130.0, 179.1, 66.2, 993, 11832, 12.0, 13.9],
        [103, 13.0, 146.7, 15.4, 720, 8215, 11.7, 13.1],
    ]
    assert normalise(countries, posts, floor=0.0).mean(axis=1) == pytest.approx([0.744, 0.733, 0.548], abs=1.1e-3)


def test_vikor_finds_the_middle_way_and_says_how_far_it_leads() -> None:
    """By hand: S is ½, ⅜, ½ and R is ½, ¼, ½ for the extremes and the middle of two opposed criteria."""
    found = vikor(DecisionMatrix([[1, 3000], [2, 3750], [5, 4500]], [0.5, 0.5], [False, True], ["low", "mid", "high"]))
    assert found.utility.tolist() == pytest.approx([0.5, 0.375, 0.5])
    assert found.regret.tolist() == pytest.approx([0.5, 0.25, 0.5])
    assert found.q.tolist() == pytest.approx([1.0, 0.0, 1.0])
    assert (found.compromise, found.advantage, found.stability) == (("mid",), True, True)


def test_vikor_gives_the_published_compromise() -> None:
    """Papathanasiou and Ploskas, Multiple Criteria Decision Aid, 2018, chapter 2: v = 0.625."""
    sites = [[8, 7, 2, 1], [5, 3, 7, 5], [7, 5, 6, 4], [9, 9, 7, 3], [11, 10, 3, 7], [6, 9, 5, 4]]
    found = vikor(DecisionMatrix(sites, [0.4, 0.3, 0.1, 0.2]), majority=0.625)
    assert found.q == pytest.approx([0.640, 1.000, 0.693, 0.271, 0.000, 0.694], abs=6e-4)
    assert found.ranks.tolist() == [3, 6, 4, 2, 1, 5]


@pytest.mark.parametrize(
    ("table", "weights"),
    [
        # Xu, European Journal of Operational Research 156 (2004) 530–532.
        (
            [[30, 30, 38, 29], [19, 54, 86, 29], [19, 15, 85, 28.9], [68, 70, 60, 29]],
            [0.4630, 0.3992, 0.1378, 0.0000],
        ),
        # Zavadskas and Podvezko, International Journal of Information Technology & Decision Making 15 (2016) 267–283.
        (
            [[3.0, 100, 10, 7], [2.5, 80, 8, 5], [1.8, 50, 20, 11], [2.2, 70, 12, 9]],
            [0.1146, 0.1981, 0.4185, 0.2689],
        ),
    ],
)
def test_entropy_gives_the_published_weights(table: list[list[float]], weights: list[float]) -> None:
    assert entropy_weights(DecisionMatrix(table)).weights == pytest.approx(weights, abs=6e-5)


def test_critic_gives_the_published_weights_of_attendance_software() -> None:
    """Tuş and Aytaç Adalı, OPSEARCH 56 (2019) 528–538."""
    products = [
        [5000, 3, 3, 4, 3, 2],
        [680, 5, 3, 2, 2, 1],
        [2000, 3, 2, 3, 4, 3],
        [600, 4, 3, 1, 2, 2],
        [800, 2, 4, 3, 3, 4],
    ]
    found = critic_weights(DecisionMatrix(products)).weights
    assert found == pytest.approx([0.157, 0.249, 0.168, 0.121, 0.154, 0.151], abs=6e-4)


def test_entropy_gives_no_weight_to_a_column_that_does_not_vary() -> None:
    """By hand: p = ¼, ¾ has E = 0.8113, p = 0, 1 has E = 0, equal shares have E = 1."""
    found = entropy_weights(DecisionMatrix([[1, 1, 0], [1, 3, 2]])).weights
    assert found == pytest.approx([0.0, 0.18872 / 1.18872, 1 / 1.18872], abs=1e-5)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: topsis(DecisionMatrix([[1.0, math.nan]])), "decision.not_finite"),
        (lambda: topsis(DecisionMatrix([1.0, 2.0])), "decision.shapes"),
        (lambda: topsis(DecisionMatrix([[1, 2], [1, 2]])), "decision.all_alike"),
        (lambda: topsis(DecisionMatrix([[0, 2], [0, 3]])), "decision.not_positive"),
        (lambda: vikor(FIGHTERS, 1.5), "decision.majority"),
        (lambda: weighted_sum(DecisionMatrix([[1, 2]], [1, -1]), Normalisation.SUM), "decision.weights"),
        (
            lambda: weighted_sum(DecisionMatrix([[1, 0]], None, [True, False]), Normalisation.SUM),
            "decision.not_positive",
        ),
        (lambda: entropy_weights(DecisionMatrix([[1, -1], [1, 2]])), "decision.not_positive"),
        (lambda: entropy_weights(DecisionMatrix([[1, 2]])), "decision.too_few"),
        (lambda: entropy_weights(DecisionMatrix([[1, 2], [1, 2]])), "decision.all_alike"),
        (lambda: critic_weights(DecisionMatrix([[1, 2], [1, 3]])), "decision.all_alike"),
        (lambda: borda(Profile([1, 2], ["ab", "ac"])), "decision.incomplete_order"),
        (lambda: condorcet(Profile([1], ["abcdefghijklmnopq"])), "decision.too_many"),
    ],
)
def test_a_table_that_cannot_be_ranked_is_refused_by_name(call: Callable[[], object], code: str) -> None:
    with pytest.raises(UnmetAssumption) as refusal:
        call()
    assert refusal.value.code == code


def given_index(values: np.ndarray, spread: float = 0.05) -> IndexInputs:
    communities, indicators = values.shape
    return IndexInputs(
        [f"community {row}" for row in range(communities)],
        [f"indicator {column}" for column in range(indicators)],
        values,
        values - spread,
        values + spread,
        [UNIT] * indicators,
        [1.0] * indicators,
        "equal@1",
        DAY,
        replicates=300,
    )


tables = st.integers(3, 8).flatmap(
    lambda rows: st.lists(
        st.lists(st.floats(-0.2, 1.3), min_size=3, max_size=3), min_size=rows, max_size=rows, unique_by=tuple
    )
)


@given(tables)
def test_adding_a_community_never_turns_the_order_of_the_others(rows: list[list[float]]) -> None:
    values = np.array(rows)
    posts, weights = (UNIT,) * 3, np.array([0.5, 0.3, 0.2])
    for scoring in (Scoring.GEOMETRIC, Scoring.ARITHMETIC):
        every = score(values, weights, posts, scoring)
        assert np.array_equal(every[:-1], score(values[:-1], weights, posts, scoring))


def test_adding_a_community_turns_the_order_of_others_in_the_views() -> None:
    values = np.random.default_rng(4).uniform(0.2, 0.9, (12, 8))
    turned = {view.scoring: view.runs_changed for view in sensitivity(given_index(values)).views}
    assert turned[Scoring.GEOMETRIC] == turned[Scoring.ARITHMETIC] == 0
    assert all(turned[scoring] > 0 for scoring in (Scoring.MIN_MAX, Scoring.Z_SCORE, Scoring.TOPSIS, Scoring.ENTROPY))


@settings(max_examples=25, deadline=None)
@given(tables)
def test_scores_lie_in_their_intervals_and_the_geometric_below_the_arithmetic(rows: list[list[float]]) -> None:
    found = index(given_index(np.array(rows)))
    for one in found.scores:
        assert one.geometric is not None
        assert 0.01 <= (one.low or 0) <= one.geometric <= (one.high or 0) <= 1.0
        assert one.geometric <= (one.arithmetic or 0) + 1e-12
        assert 1 <= (one.rank_low or 0) <= (one.rank or 0) <= (one.rank_high or 0) <= len(rows)


@settings(max_examples=25, deadline=None)
@given(tables, st.integers(0, 2), st.floats(0.0, 0.5))
def test_a_better_indicator_never_lowers_the_index(rows: list[list[float]], column: int, rise: float) -> None:
    before = np.array(rows)
    after = before.copy()
    after[0, column] += rise
    scores = [index(given_index(values)).scores[0].geometric or 0.0 for values in (before, after)]
    assert scores[1] >= scores[0] - 1e-12


@settings(max_examples=25, deadline=None)
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_score_and_no_rank(rows: list[list[float]], random: Random) -> None:
    values = np.array(rows)
    order = random.sample(range(len(rows)), len(rows))
    one, other = index(given_index(values)), index(given_index(values[order]))
    for place, row in enumerate(order):
        assert other.scores[place].geometric == pytest.approx(one.scores[row].geometric)
        assert other.scores[place].rank == one.scores[row].rank


@settings(max_examples=25, deadline=None)
@given(tables, st.floats(0.1, 50.0), st.floats(-20.0, 20.0))
def test_an_indicator_in_another_unit_with_its_goalposts_changes_nothing(
    rows: list[list[float]], factor: float, shift: float
) -> None:
    one = given_index(np.array(rows))
    posts = [Goalpost(shift, shift + factor, DAY)] * 3
    arrays = {name: shift + factor * np.asarray(getattr(one, name)) for name in ("values", "low", "high")}
    for before, after in zip(index(one).scores, index(replace(one, goalposts=posts, **arrays)).scores, strict=True):
        assert after.geometric == pytest.approx(before.geometric, rel=1e-6)
        assert (after.low, after.high) == (pytest.approx(before.low, rel=1e-6), pytest.approx(before.high, rel=1e-6))


@given(tables, st.floats(0.1, 50.0))
def test_topsis_and_critic_do_not_depend_on_the_unit_of_a_column(rows: list[list[float]], factor: float) -> None:
    """Nor on the order of the alternatives."""
    values = 1.0 + np.array(rows)
    if (np.ptp(values, axis=0) < 1e-3).any():
        return
    scaled = values * np.array([factor, 1.0, 1.0])
    assert topsis(DecisionMatrix(scaled)).scores == pytest.approx(topsis(DecisionMatrix(values)).scores)
    assert topsis(DecisionMatrix(values[::-1])).scores[::-1] == pytest.approx(topsis(DecisionMatrix(values)).scores)
    try:
        weights = critic_weights(DecisionMatrix(values)).weights
    except UnmetAssumption as refusal:
        assert refusal.code == "decision.all_alike"
    else:
        assert critic_weights(DecisionMatrix(scaled)).weights == pytest.approx(weights, rel=1e-6, abs=1e-9)


def test_more_communities_than_can_be_compared_are_refused() -> None:
    with pytest.raises(UnmetAssumption, match="compare at most 300"):
        sensitivity(given_index(np.full((301, 2), 0.5)))


def test_a_community_without_an_indicator_gets_no_score_and_is_named() -> None:
    values = np.full((3, 3), 0.5)
    values[1, 2] = np.nan
    found = index(given_index(values))
    assert (found.scores[1].geometric, found.scores[1].rank, found.scores[1].missing) == (None, None, ("indicator 2",))
    assert found.scores[0].geometric == pytest.approx(0.5)
    assert [caution.code for caution in found.explanation.warnings] == ["indicators.no_data"]
    assert (found.cut_off, found.weight_version, found.definition_version) == (DAY, "equal@1", 1)


def test_without_any_spread_the_interval_is_the_score_and_the_ranks_are_certain() -> None:
    found = index(given_index(np.array([[0.2, 0.8], [0.8, 0.9], [0.5, 0.5]]), spread=0.0))
    assert [(one.low, one.high) for one in found.scores] == [
        (pytest.approx(one.geometric), pytest.approx(one.geometric)) for one in found.scores
    ]
    assert [(one.rank_low, one.rank, one.rank_high) for one in found.scores] == [(3, 3, 3), (1, 1, 1), (2, 2, 2)]


def test_equal_communities_share_one_rank_and_one_interval_of_it() -> None:
    found = index(given_index(np.full((3, 2), 0.5), spread=0.0))
    assert {(one.rank_low, one.rank, one.rank_high) for one in found.scores} == {(1, 1, 1)}
    assert [caution.code for caution in found.explanation.warnings] == ["indicators.exact_values"]


def test_values_beyond_their_goalposts_are_told_because_their_unit_may_be_wrong() -> None:
    found = index(given_index(np.array([[0.5, 62.0], [0.5, 0.6]])))
    (caution,) = found.explanation.warnings
    assert caution.code == "indicators.beyond_goalposts"
    assert "62" in caution.text


SQUARE = np.full((2, 2), 0.5)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"values": np.full((2, 3), 0.5)}, "indicators.shapes"),
        ({"values": [["half", 1], [1, 1]]}, "indicators.not_finite"),
        ({"values": np.full((2, 2), np.inf)}, "indicators.not_finite"),
        ({"values": np.full((2, 2), np.nan)}, "indicators.no_data"),
        ({"values": np.full((2, 2), 0.9)}, "indicators.ends"),
        ({"low": np.full((2, 2), np.nan)}, "indicators.ends"),
        ({"weights": [1.0, -1.0]}, "indicators.weights"),
        ({"weights": [0.0, 0.0]}, "indicators.weights"),
        ({"weights": [1.0]}, "indicators.shapes"),
        ({"communities": ["same", "same"]}, "indicators.duplicated_community"),
        ({"replicates": 20_000_000}, "indicators.too_many"),
        ({"replicates": 10}, "intervals.replicates"),
        ({"confidence": 95.0}, "intervals.confidence"),
        ({"goalposts": [UNIT, Goalpost(0.0, None, DAY)]}, "indicators.goalpost"),
        ({"goalposts": [UNIT, Goalpost(1.0, 1.0, DAY)]}, "indicators.goalpost"),
        ({"goalposts": [UNIT, Goalpost(0.0, 1.0, DAY, logarithmic=True)]}, "indicators.goalpost"),
    ],
)
def test_an_index_that_would_mean_nothing_is_refused_by_name(change: dict[str, object], code: str) -> None:
    with pytest.raises(UnmetAssumption) as refusal:
        index(replace(given_index(SQUARE), **change))
    assert refusal.value.code == code


def test_less_is_better_where_the_lower_goalpost_is_the_higher_number() -> None:
    assert normalise([[0.0], [3.0], [6.0], [12.0]], [Goalpost(6.0, 0.0, DAY)]).ravel().tolist() == [
        1.0,
        0.5,
        0.01,
        0.01,
    ]


def test_the_eight_have_goalposts_in_force_from_their_first_day() -> None:
    assert len(INDICATORS) == 8
    ends = {one.code: (one.goalpost_on(DAY).low, one.goalpost_on(DAY).high) for one in INDICATORS}
    assert ends["retention"] == (0.47, 0.81)
    assert ends["technology_conversion"] == (0.0, None)
    with pytest.raises(UnmetAssumption, match="no goalpost on 2025-12-31"):
        INDICATORS[0].goalpost_on(date(2025, 12, 31))
    newer = replace(INDICATORS[0], goalposts=(*INDICATORS[0].goalposts, Goalpost(0.0, 300.0, date(2027, 1, 1))))
    assert [newer.goalpost_on(day).high for day in (DAY, date(2027, 1, 1))] == [240.0, 300.0]


def test_hours_per_student_year_are_a_ratio_of_totals_by_enterprise() -> None:
    found = investment_duration(Investment(list("aabbcddee"), [100] * 9, [1.0] * 9, elsewhere=1.0))
    assert found.estimate.value == pytest.approx(90.0)
    assert found.estimate.count == 5
    four = investment_duration(Investment(list("aabbcdd"), [100] * 7, [1.0] * 7))
    assert not four.estimate.has_data


def test_conversion_is_one_less_survival_and_counts_young_projects_as_censored() -> None:
    """Of 10 projects 2 converted at month 6 and one is 10 months old: 1 − 0.8 at 24 months."""
    found = technology_conversion(Durations([6, 6, 10, *[30] * 7], [1, 1, 0, *[0] * 7]))
    assert found.estimate.value == pytest.approx(0.2)
    assert 0 < (found.estimate.low or 0) < 0.2 < (found.estimate.high or 0) < 1
    assert retention(Durations([6, 6, 10, *[30] * 7], [1, 1, 0, *[0] * 7])).estimate.value == pytest.approx(0.8)


def test_employment_is_the_geometric_mean_of_its_three_parts() -> None:
    """8 of 10 placed at twice the median, 4 of the 8 in their field: (0.8 · 2 · 0.5)^⅓ = 0.9283."""
    placed = [1] * 8 + [0] * 2
    pay = [2.0] * 8 + [math.nan] * 2
    matched = [1, 0] * 4 + [math.nan] * 2
    found = employment_competitiveness(Employment(placed, pay, matched))
    assert found.estimate.value == pytest.approx(92.83, abs=0.005)
    assert dict(found.beside) == {"placement_share": 0.8, "pay_ratio": pytest.approx(2.0), "matched_share": 0.5}
    few = employment_competitiveness(
        Employment([1, 1, 1, 1, 0, 0], [1.0] * 4 + [math.nan] * 2, [1] * 4 + [math.nan] * 2)
    )
    assert not few.estimate.has_data


def test_depth_is_capped_and_shows_its_uncapped_value() -> None:
    """Mentor hours 9 of 12 from enterprises (0.75 of 0.60), credits 0.15 of 0.30: √(1 · ½), uncapped √(1.25 · ½)."""
    found = participation_depth(
        Participation([1.0] * 12, [1] * 9 + [0] * 3, practice_credits=[3.0, 4.5] * 5, credits=[25.0] * 10)
    )
    assert found.estimate.value == pytest.approx(math.sqrt(0.5))
    assert found.uncapped == pytest.approx(math.sqrt(0.625))
    assert (found.estimate.high or 0) <= 1.0


def test_depth_at_its_edge_keeps_the_doubt_of_few_mentors() -> None:
    found = participation_depth(Participation([1.0] * 6, [0] * 6, [3.0, 4.5] * 5, [25.0] * 10))
    assert (found.estimate.value, found.estimate.low) == (0.0, 0.0)
    assert (found.estimate.high or 0) > 0.5


def test_satisfaction_counts_both_groups_and_reports_response_and_alpha() -> None:
    employers = Opinion([[5, 4], [4, 4], [3, 2], [5, 5], [4, 3], [math.nan, 2]], asked=12)
    students = Opinion([[4.0, 5.0], [2.0, 1.0]] * 10, asked=40)
    found = satisfaction(Satisfaction(employers, students))
    assert found.estimate.value == pytest.approx(math.sqrt(0.8 * 0.5))
    beside = dict(found.beside)
    assert (beside["employers_response_rate"], beside["students_response_rate"]) == (pytest.approx(5 / 12), 0.5)
    assert beside["students_alpha"] == pytest.approx(cronbach_alpha(students.answers))


def test_cronbachs_alpha_of_a_table_worked_by_hand() -> None:
    """Item variances 1 and 4, variance of the sum 9: α = 2 (1 − 5/9)."""
    assert cronbach_alpha([[1, 1], [2, 3], [3, 5]]) == pytest.approx(2 * (1 - 5 / 9))
    assert cronbach_alpha([[1, 1]]) is None
    assert cronbach_alpha([[1], [2]]) is None


@pytest.mark.parametrize("measure", [curriculum_update, technical_compliance])
def test_shares_of_units_are_wilsons_and_empty_ones_no_data(
    measure: Callable[[int, int], Measure],
) -> None:
    assert measure(0, 20).estimate.high == pytest.approx(0.1611, abs=6e-5)
    assert not measure(0, 0).estimate.has_data
    assert not measure(4, 4).estimate.has_data


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: investment_duration(Investment(["a"], [1.0, 2.0], [1.0])), "indicators.shapes"),
        (lambda: investment_duration(Investment(["a"], [math.nan], [1.0])), "indicators.not_finite"),
        (lambda: employment_competitiveness(Employment([2], [1.0], [1])), "indicators.not_a_share"),
        (lambda: employment_competitiveness(Employment([1], [-1.0], [1])), "indicators.pay"),
        (lambda: participation_depth(Participation([1.0], [1], [9.0], [3.0])), "indicators.not_a_share"),
        (lambda: satisfaction(Satisfaction(Opinion([[7]], 1), Opinion([[4]], 1))), "indicators.answers"),
        (lambda: satisfaction(Satisfaction(Opinion([[4], [4]], 1), Opinion([[4]], 1))), "indicators.answers"),
        (lambda: satisfaction(Satisfaction(Opinion([4], 1), Opinion([[4]], 1))), "indicators.shapes"),
        (lambda: retention(Durations([-1.0], [1])), "survival.negative_time"),
    ],
)
def test_records_that_cannot_be_are_refused_by_name(call: Callable[[], object], code: str) -> None:
    with pytest.raises(UnmetAssumption) as refusal:
        call()
    assert refusal.value.code == code


def test_kendalls_tau_b_with_ties_is_what_a_hand_counts() -> None:
    """Ranks 1, 2, 2, 4 and 1, 2, 3, 4: 5 concordant pairs, none discordant, one tied on the left: 5 / √(5 · 6)."""
    assert kendall_tau(np.array([1, 2, 2, 4]), np.array([1, 2, 3, 4])) == pytest.approx(5 / math.sqrt(30))


def test_alternatives_that_are_all_alike_are_ranked_with_a_caution() -> None:
    alike = DecisionMatrix([[3.0, 5.0]] * 4)
    found = vikor(alike)
    assert set(found.ranks) == {1}
    assert [one.code for one in found.explanation.warnings] == ["decision.all_alike"]
    assert vikor(FIGHTERS).explanation.warnings == ()
