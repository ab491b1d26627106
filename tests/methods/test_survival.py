"""Survival: published tables of leukaemia and recidivism, another way of computing, bad input, and properties."""

import csv
import itertools
import math
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.survival import (
    CoxRegression,
    Durations,
    Ties,
    Weighting,
    cox,
    kaplan_meier,
    log_rank,
    quantile,
    restricted_mean,
    survival_at,
)
from tests.need import shared

# Acute myelogenous leukaemia, weeks in remission: Miller, Survival Analysis, 1981; answers as R's survival tests them.
MAINTAINED = ([9, 13, 13, 18, 23, 28, 31, 34, 45, 48, 161], [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0])
NOT_MAINTAINED = ([5, 5, 8, 8, 12, 16, 23, 27, 30, 33, 43, 45], [1, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1])
AML = Durations(
    MAINTAINED[0] + NOT_MAINTAINED[0],
    MAINTAINED[1] + NOT_MAINTAINED[1],
    ["maintained"] * 11 + ["not"] * 12,
)
# 6-mercaptopurine against placebo, weeks in remission: Freireich and others, Blood 21 (1963) 699–716.
SIX_MP = (
    [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35],
    [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0],
)
PLACEBO = ([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], [1] * 21)
REMISSION = Durations(SIX_MP[0] + PLACEBO[0], SIX_MP[1] + PLACEBO[1], ["6-MP"] * 21 + ["placebo"] * 21)

durations = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


def split(rows: list[tuple[int, bool]]) -> tuple[list[int], list[bool]]:
    return [time for time, _ in rows], [event for _, event in rows]


def test_kaplan_meier_gives_the_published_table_of_the_maintained_group() -> None:
    maintained, not_maintained = kaplan_meier(AML).curves
    assert maintained.time.tolist() == [9, 13, 18, 23, 31, 34, 48]
    assert maintained.at_risk.tolist() == [11, 10, 8, 7, 5, 4, 2]
    assert maintained.survival == pytest.approx([0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184], abs=6e-4)
    assert maintained.standard_error == pytest.approx(
        [0.0867, 0.1163, 0.1397, 0.1526, 0.1642, 0.1627, 0.1535], abs=6e-5
    )
    assert not_maintained.time.tolist() == [5, 8, 12, 23, 27, 30, 33, 43, 45]
    assert not_maintained.at_risk.tolist() == [12, 10, 8, 6, 5, 4, 3, 2, 1]
    assert not_maintained.survival == pytest.approx(
        [0.8333, 0.6667, 0.5833, 0.4861, 0.3889, 0.2917, 0.1944, 0.0972, 0.0], abs=6e-5
    )


def test_the_log_log_ends_are_those_that_r_prints_for_the_maintained_group() -> None:
    """survfit(conf.type = "log-log"): 0.508–0.987 at 9 weeks, 0.0117–0.525 at 48."""
    maintained = kaplan_meier(AML).curves[0]
    assert (maintained.low[0], maintained.high[0]) == (pytest.approx(0.508, abs=5e-4), pytest.approx(0.987, abs=5e-4))
    assert (maintained.low[-1], maintained.high[-1]) == (pytest.approx(0.012, abs=5e-4), pytest.approx(0.525, abs=5e-4))


def test_median_remission_is_23_weeks_on_six_mp_and_8_on_placebo() -> None:
    treated, placebo = kaplan_meier(REMISSION).curves
    assert (quantile(treated)[0], quantile(placebo)[0]) == (23, 8)
    assert quantile(treated)[2] is None
    assert [quantile(curve)[0] for curve in kaplan_meier(AML).curves] == [31, 23]


def test_log_rank_gives_the_published_answers() -> None:
    aml = log_rank(AML)
    assert (aml.observed[0], aml.expected[0]) == (7, pytest.approx(10.69, abs=0.005))
    assert (aml.chi_square, aml.degrees_of_freedom) == (pytest.approx(3.4, abs=0.05), 1)
    remission = log_rank(REMISSION)
    # Cox and Oakes, Analysis of Survival Data, 1984: 16.79; Gehan's test of the same data: 13.46.
    assert remission.chi_square == pytest.approx(16.79, abs=0.005)
    assert remission.expected == (pytest.approx(19.25, abs=0.005), pytest.approx(10.75, abs=0.005))
    assert log_rank(REMISSION, Weighting.GEHAN).chi_square == pytest.approx(13.46, abs=0.005)


def test_cox_gives_the_published_answers_under_both_ways_with_ties() -> None:
    without = [[float(group == "not")] for group in AML.group or ()]
    aml = cox(CoxRegression(Durations(AML.time, AML.event), without, ["not maintained"], Ties.BRESLOW))
    assert (aml.coefficient[0], aml.standard_error[0]) == (
        pytest.approx(0.9042, abs=1e-4),
        pytest.approx(0.5122, abs=1e-4),
    )
    placebo = [[float(group == "placebo")] for group in REMISSION.group or ()]
    fits = [
        cox(CoxRegression(Durations(REMISSION.time, REMISSION.event), placebo, ["placebo"], ties)).coefficient[0]
        for ties in (Ties.EFRON, Ties.BRESLOW)
    ]
    assert fits == [pytest.approx(1.572, abs=5e-4), pytest.approx(1.509, abs=5e-4)]


def test_cox_gives_the_published_fit_of_the_recidivism_data() -> None:
    """Fox and Weisberg, appendix on Cox regression; proportional hazards fail for age, as they find."""
    with shared("vectors/evaluation/data/rossi.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
    found = cox(
        CoxRegression(
            Durations([float(row["week"]) for row in rows], [float(row["arrest"]) for row in rows]),
            [[float(row[name]) for name in names] for row in rows],
            names,
        )
    )
    assert found.coefficient == pytest.approx([-0.3794, -0.0574, 0.3139, -0.1498, -0.4337, -0.0849, 0.0915], abs=1e-4)
    assert found.standard_error == pytest.approx([0.1914, 0.0220, 0.3080, 0.2122, 0.3819, 0.1958, 0.0286], abs=1e-4)
    assert found.log_likelihood == pytest.approx(-658.75, abs=0.005)
    assert found.likelihood_ratio == pytest.approx(33.27, abs=0.005)
    assert found.explanation.assumptions[0].holds is False
    assert names[int(found.proportional_p.argmin())] == "age"


def test_strata_are_compared_only_within_themselves() -> None:
    """Two strata that each hold one group and half of another give the sums of their own tests."""
    half = ["early"] * 20 + ["late"] * 22
    given = Durations(REMISSION.time, REMISSION.event, REMISSION.group, stratum=half)
    with pytest.raises(UnmetAssumption, match="no event happened while two groups"):
        log_rank(Durations(REMISSION.time, REMISSION.event, REMISSION.group, stratum=REMISSION.group))
    found = log_rank(given)
    times, events, groups = (np.asarray(values) for values in (REMISSION.time, REMISSION.event, REMISSION.group))
    parts = [
        _expected_of_first(times[chosen], events[chosen], groups[chosen] == "6-MP")
        for chosen in (np.arange(42) < 20, np.arange(42) >= 20)
    ]
    assert found.expected[0] == pytest.approx(sum(parts))


def _expected_of_first(time: np.ndarray, event: np.ndarray, first: np.ndarray) -> float:
    total = 0.0
    for moment in sorted(set(time[event == 1].tolist())):
        at_risk = time >= moment
        total += (event[time == moment].sum()) * first[at_risk].sum() / at_risk.sum()
    return total


@given(durations)
def test_kaplan_meier_is_the_product_a_hand_would_take(rows: list[tuple[int, bool]]) -> None:
    time, event = split(rows)
    curve = kaplan_meier(Durations(time, event)).curves[0]
    survival, expected = 1.0, []
    for moment in sorted({t for t, seen in rows if seen}):
        at_risk = sum(t >= moment for t in time)
        survival *= 1 - sum(t == moment and seen for t, seen in rows) / at_risk
        expected.append(survival)
    assert curve.survival.tolist() == pytest.approx(expected)
    assert (np.diff(curve.survival) <= 0).all()
    assert ((curve.low <= curve.survival + 1e-12) & (curve.survival <= curve.high + 1e-12)).all()


@given(durations, st.randoms(use_true_random=False), st.floats(0.1, 50))
def test_order_does_not_count_and_the_unit_of_time_only_stretches(
    rows: list[tuple[int, bool]], random: Random, unit: float
) -> None:
    shuffled = random.sample(rows, len(rows))
    one = kaplan_meier(Durations(*split(rows))).curves[0]
    time, event = split(shuffled)
    other = kaplan_meier(Durations([unit * t for t in time], event)).curves[0]
    assert other.survival.tolist() == pytest.approx(one.survival.tolist())
    assert other.time.tolist() == pytest.approx((unit * one.time).tolist())


@given(durations)
def test_without_censoring_greenwood_is_the_binomial_variance(rows: list[tuple[int, bool]]) -> None:
    time, _ = split(rows)
    curve = kaplan_meier(Durations(time, [True] * len(time))).curves[0]
    binomial = np.sqrt(curve.survival * (1 - curve.survival) / len(time))
    assert curve.standard_error.tolist() == pytest.approx(binomial.tolist(), abs=1e-12)
    assert restricted_mean(curve, 100.0)[0] == pytest.approx(float(np.mean(time)))


@given(durations)
def test_a_weight_of_two_is_the_unit_twice(rows: list[tuple[int, bool]]) -> None:
    time, event = split(rows)
    group = ["a" if place % 2 else "b" for place in range(len(rows))]
    twice = Durations(time * 2, event * 2, group * 2)
    weighted = Durations(time, event, group, weight=[2.0] * len(rows))
    for left, right in zip(kaplan_meier(twice).curves, kaplan_meier(weighted).curves, strict=True):
        assert left.survival.tolist() == pytest.approx(right.survival.tolist())
        assert left.low.tolist() == pytest.approx(right.low.tolist())
    try:
        answer = log_rank(twice)
    except UnmetAssumption as refusal:
        with pytest.raises(UnmetAssumption, match=refusal.found[:20]):
            log_rank(weighted)
    else:
        assert log_rank(weighted).chi_square == pytest.approx(answer.chi_square)


def test_the_names_of_the_groups_do_not_change_the_test() -> None:
    answers = set()
    for names in itertools.permutations(["one", "two", "three"]):
        group = [names[place % 3] for place in range(42)]
        answers.add(round(log_rank(Durations(REMISSION.time, REMISSION.event, group)).chi_square, 9))
    assert len(answers) == 1


@settings(max_examples=5, deadline=None)
@given(st.floats(0.1, 20.0), st.floats(-50.0, 50.0), st.floats(0.2, 3.0))
def test_a_covariate_in_another_unit_scales_its_coefficient_and_a_stretched_clock_changes_nothing(
    factor: float, shift: float, power: float
) -> None:
    generator = np.random.default_rng(8)
    time, event = generator.uniform(1, 30, 60), generator.random(60) < 0.7
    x = generator.normal(size=60)
    one = cox(CoxRegression(Durations(time, event), x[:, None], ["x"]))
    other = cox(CoxRegression(Durations(time**power, event), shift + factor * x[:, None], ["x"]))
    assert other.coefficient[0] * factor == pytest.approx(one.coefficient[0], rel=1e-5)
    assert other.log_likelihood == pytest.approx(one.log_likelihood)
    group = ["a" if value > 0 else "b" for value in x]
    assert log_rank(Durations(time**power, event, group)).chi_square == pytest.approx(
        log_rank(Durations(time, event, group)).chi_square
    )


def test_retention_at_twelve_months_is_read_with_its_edges() -> None:
    stayed = kaplan_meier(Durations([24.0] * 20, [0] * 20))
    found = survival_at(stayed.curves[0], 12.0, stayed.explanation)
    # Wilson on 20 of 20: 1 − 0.1611.
    assert (found.value, found.low, found.high) == (1.0, pytest.approx(0.8389, abs=6e-5), 1.0)
    left = kaplan_meier(Durations([6.0] * 20, [1] * 20))
    gone = survival_at(left.curves[0], 12.0, left.explanation)
    assert (gone.value, gone.low, gone.high) == (0.0, 0.0, pytest.approx(0.1611, abs=6e-5))
    slowly = kaplan_meier(Durations(np.linspace(1, 11, 20), [1] * 20))
    assert survival_at(slowly.curves[0], 12.0, slowly.explanation).high == pytest.approx(0.1611, abs=6e-5)


def test_a_curve_says_nothing_beyond_its_last_observation_nor_of_four_units() -> None:
    short = kaplan_meier(Durations([3, 5, 6, 7, 8, 9], [1, 0, 0, 0, 0, 0]))
    assert not survival_at(short.curves[0], 12.0, short.explanation).has_data
    assert survival_at(short.curves[0], 9.0, short.explanation).value == pytest.approx(5 / 6)
    few = kaplan_meier(Durations([24.0] * 4, [0] * 4))
    assert not survival_at(few.curves[0], 12.0, few.explanation).has_data
    with pytest.raises(UnmetAssumption) as refusal:
        restricted_mean(short.curves[0], 12.0)
    assert refusal.value.code == "survival.beyond_last"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (Durations([], []), "survival.no_units"),
        (Durations([1, np.nan], [1, 1]), "survival.not_finite"),
        (Durations([1, "soon"], [1, 1]), "survival.not_finite"),
        (Durations([1, -1.0], [1, 1]), "survival.negative_time"),
        (Durations([1, 2], [1, 2]), "survival.event"),
        (Durations([1, 2], [1]), "survival.shapes"),
        (Durations([[1, 2]], [1]), "survival.shapes"),
        (Durations([1, 2], [1, 1], ["a"]), "survival.shapes"),
        (Durations([1, 2], [1, 1], weight=[1, -1]), "survival.weight"),
        (Durations([1, 1], [1, 1], unit=["Li", "Li"]), "survival.duplicated_unit"),
    ],
)
def test_bad_durations_are_refused_by_name(given: Durations, code: str) -> None:
    with pytest.raises(UnmetAssumption) as refusal:
        kaplan_meier(given)
    assert refusal.value.code == code


def test_a_comparison_without_two_groups_or_without_events_is_refused() -> None:
    for case, code in (
        (Durations([1, 2], [1, 1]), "survival.one_group"),
        (Durations([1, 2], [0, 0], ["a", "b"]), "survival.no_events"),
        (Durations([1, 9], [1, 0], ["a", "b"], stratum=["x", "y"]), "survival.singular"),
    ):
        with pytest.raises(UnmetAssumption) as refusal:
            log_rank(case)
        assert refusal.value.code == code


SEEN = Durations([1, 2, 3, 4, 5, 6], [1] * 6)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (CoxRegression(SEEN, [[6], [5], [4], [3], [2], [1]], ["grade"]), "survival.perfect_separation"),
        (CoxRegression(Durations(range(1, 9), [1, 0] * 4), [[1], [0]] * 4, ["left"]), "survival.perfect_separation"),
        (CoxRegression(SEEN, [[1, 2], [0, 0], [1, 2], [0, 0], [1, 2], [1, 2]], ["a", "b"]), "survival.singular"),
        (CoxRegression(SEEN, [[7]] * 6, ["same"]), "survival.singular"),
        (CoxRegression(SEEN, [[1], [0], [np.nan], [0], [1], [0]], ["gap"]), "survival.not_finite"),
        (CoxRegression(SEEN, [[1], [0]], ["short"]), "survival.shapes"),
        (CoxRegression(SEEN, [["yes"]] * 6, ["word"]), "survival.not_finite"),
        (CoxRegression(Durations([1, 2], [0, 0]), [[1], [0]], ["x"]), "survival.no_events"),
        (CoxRegression(Durations([1, 2], [1, 1], weight=[2, 1]), [[1], [0]], ["x"]), "survival.weight"),
        (
            CoxRegression(Durations(np.arange(20_001), [1] * 20_001), np.arange(20_001)[:, None] % 7, ["x"]),
            "survival.too_many_times",
        ),
    ],
)
def test_a_regression_without_a_finite_answer_is_refused_by_name(given: CoxRegression, code: str) -> None:
    with pytest.raises(UnmetAssumption) as refusal:
        cox(given)
    assert refusal.value.code == code


def test_separation_within_every_stratum_is_found_and_one_exception_makes_an_answer() -> None:
    time, stratum = [1, 2, 3, 4] * 2, ["x"] * 4 + ["y"] * 4
    order = [[4.0], [3.0], [2.0], [1.0], [4.0], [3.0], [2.0], [1.0]]
    with pytest.raises(UnmetAssumption, match="orders every event"):
        cox(CoxRegression(Durations(time, [1] * 8, stratum=stratum), order, ["grade"]))
    order[0], order[1] = order[1], order[0]
    assert np.isfinite(
        cox(CoxRegression(Durations(time, [1] * 8, stratum=stratum), order, ["grade"])).coefficient
    ).all()


def test_a_million_durations_take_a_few_seconds_at_most() -> None:
    generator = np.random.default_rng(2)
    time, event = generator.integers(0, 60, 1_000_000), generator.integers(0, 2, 1_000_000)
    found = log_rank(Durations(time, event, generator.integers(0, 2, 1_000_000)))
    assert sum(found.observed) == event.sum()


@pytest.mark.parametrize("blank", [None, "", math.nan])
def test_a_unit_without_a_group_is_not_made_a_group_of_its_own(blank: object) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        kaplan_meier(Durations([1, 2, 3], [1, 0, 1], ["a", blank, "b"]))
    assert refused.value.code == "survival.not_named"
    with pytest.raises(UnmetAssumption) as refused:
        kaplan_meier(Durations([1, 2, 3], [1, 0, 1], unit=["a", blank, "b"]))
    assert refused.value.code == "survival.not_named"


def test_more_covariates_than_units_are_refused_by_name() -> None:
    design = np.random.default_rng(1).normal(size=(3, 5))
    with pytest.raises(UnmetAssumption) as refused:
        cox(CoxRegression(Durations([1, 2, 3], [1, 0, 1]), design, list("abcde")))
    assert refused.value.code == "survival.singular"
