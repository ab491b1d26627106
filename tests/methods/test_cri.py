"""CRI: against sums made by hand, another way of computing, and the properties that its definition promises."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.methods.cri import (
    CriBootstrap,
    CriDefinition,
    CriInputs,
    CriResult,
    DemandHistory,
    LagInputs,
    Placebo,
    Requirements,
    SkillChange,
    Teaching,
    WhatIf,
    changed,
    community_interval,
    corporate_response,
    enterprise_demand,
    enterprise_intervals,
    estimate_lags,
    placebo,
    required_levels,
    sensitivity,
    what_if,
)
from ronghe.methods.cri.index import shapley
from ronghe.methods.cri.robustness import rank_agreement
from ronghe.methods.demand import SkillTable, demand_by_month
from ronghe.methods.explained import UnmetAssumption


def teaching(
    coverage: list[float], level: list[float], lag: list[float], practice: list[float], asked: list[float]
) -> Teaching:
    return Teaching(*(np.array(values, dtype=float) for values in (coverage, level, lag, practice, asked)))


def requirements(*rows: tuple[int, int, float, float, float]) -> Requirements:
    columns = list(zip(*rows, strict=True))
    return Requirements(
        np.array(columns[0]), np.array(columns[1]), *(np.array(column, dtype=float) for column in columns[2:])
    )


HAND = CriInputs(
    np.array([[3.0, 1.0], [0.0, 2.0], [0.0, 0.0]]),
    np.array([1.0, 3.0, 5.0]),
    teaching([1.0, 0.5], [2.0, 5.0], [18.0, 0.0], [0.25, 0.0], [0.5, 0.0]),
    requirements((0, 0, 4.0, 2.0, 120.0), (0, 1, math.nan, 1.0, 10.0)),
)


def test_cri_of_a_small_community_is_as_by_hand() -> None:
    result = corporate_response(HAND)
    # Enterprise 0: a = (1 · 2/4 · 1/2, 1/2 · 1 · 1), w = (3/4, 1/4); the long wait counts half of its severity of 2.
    matching, response, practice = 0.75 * 0.25 + 0.25 * 0.5, (2 * 0.5 + 1 + 0.5) / 4, 0.75 * 0.5 + 0.25
    first = 100 * matching**0.6 * response**0.25 * practice**0.15
    second = 100 * 0.5**0.6 * 0.5**0.25
    assert result.by_enterprise[:2] == pytest.approx([first, second])
    assert math.isnan(result.by_enterprise[2])
    assert result.cri == pytest.approx(0.25 * first + 0.75 * second)
    assert [caution.code for caution in result.explanation.warnings] == [
        "cri.enterprises_without_demand",
        "cri.unstated_levels",
        "cri.few_enterprises",
    ]


def test_a_requirement_without_a_level_takes_the_median_asked_for_that_skill() -> None:
    asked = requirements(
        (0, 0, 2.0, 1, 1), (1, 0, 5.0, 1, 1), (1, 0, 4.0, 1, 1), (2, 0, math.nan, 1, 1), (2, 0, 1.0, 1, 1)
    )
    inputs = CriInputs(np.ones((4, 2)), np.ones(4), teaching([1, 1], [5, 5], [0, 0], [0, 0], [0, 0]), asked)
    levels, unstated = required_levels(inputs)
    # All ask for 1, 2, 4, 5: the median is 3, also for enterprise 3, which raised nothing.
    assert levels[:, 0].tolist() == [2.0, 4.5, 2.0, 3.0]
    assert levels[:, 1].tolist() == [3.0] * 4
    assert unstated == 1


@st.composite
def communities(draw: st.DrawFn) -> CriInputs:
    """A community of a few enterprises and skills, its edges included."""
    seed = draw(st.integers(0, 2**32 - 1))
    return random_community(np.random.default_rng(seed))


def random_community(generator: np.random.Generator) -> CriInputs:
    enterprises, skills, raised = (int(generator.integers(1, high)) for high in (6, 7, 8))
    demand = generator.exponential(1.0, (enterprises, skills)) * (generator.random((enterprises, skills)) < 0.6)
    demand[0, 0] = 1.0
    edge = np.array([0.0, 1.0])

    def share() -> np.ndarray:
        return np.where(generator.random(skills) < 0.3, generator.choice(edge, skills), generator.random(skills))

    taught = Teaching(share(), 5 * share(), generator.integers(0, 40, skills).astype(float), share(), share())
    asked = Requirements(
        generator.integers(0, enterprises, raised),
        generator.integers(0, skills, raised),
        np.where(generator.random(raised) < 0.3, np.nan, generator.integers(1, 6, raised).astype(float)),
        generator.integers(1, 6, raised).astype(float),
        generator.integers(0, 400, raised).astype(float),
    )
    return CriInputs(demand, generator.random(enterprises) + 0.01, taught, asked)


@given(communities())
@settings(max_examples=100, deadline=None)
def test_cri_lies_between_0_and_100_and_every_decomposition_is_exact(inputs: CriInputs) -> None:
    result = corporate_response(inputs)
    known = ~np.isnan(result.by_enterprise)
    assert 0 <= result.cri <= 100 + 1e-9
    assert result.skill_gap[known].sum(axis=1) == pytest.approx(1 - result.matching[known], abs=1e-9)
    assert result.enterprise_share.sum() == pytest.approx(result.cri, abs=1e-9)
    assert result.factor_loss[known].sum(axis=1) == pytest.approx(100 - result.by_enterprise[known], abs=1e-9)
    assert result.community_factor_loss.sum() == pytest.approx(100 - result.cri, abs=1e-9)
    parts = result.skill_loss.sum() + result.requirement_loss.sum() + result.prior_loss
    assert parts == pytest.approx(100 - result.cri, abs=1e-9)
    assert min(result.skill_loss.min(), result.requirement_loss.min(), result.prior_loss) >= -1e-12


@given(communities(), st.integers(0, 6), st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_more_teaching_never_lowers_cri_and_more_delay_never_raises_it(
    inputs: CriInputs, skill: int, towards: float
) -> None:
    base = corporate_response(inputs)
    skill %= len(inputs.teaching.coverage)
    old = inputs.teaching
    for name, best in (("coverage", 1.0), ("level", 5.0), ("practice", 1.0)):
        values = getattr(old, name).copy()
        values[skill] += (best - values[skill]) * towards
        assert corporate_response(replace(inputs, teaching=replace(old, **{name: values}))).cri >= base.cri - 1e-9
    later = old.lag.copy()
    later[skill] += 12 * towards
    assert corporate_response(replace(inputs, teaching=replace(old, lag=later))).cri <= base.cri + 1e-9
    quicker = replace(inputs.requirements, days=inputs.requirements.days * (1 - towards))
    assert corporate_response(replace(inputs, requirements=quicker)).cri >= base.cri - 1e-9


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3))
def test_factor_losses_are_averages_over_the_orders_in_which_factors_may_come(factors: list[float]) -> None:
    exponents = np.array([0.6, 0.25, 0.15])
    powers = np.array(factors) ** exponents
    expected = np.zeros(3)
    for order in itertools.permutations(range(3)):
        value = 100.0
        for factor in order:
            expected[factor] += value * (1 - powers[factor]) / 6
            value *= powers[factor]
    assert shapley(np.array(factors), exponents) == pytest.approx(expected, abs=1e-9)


@given(communities(), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_what_if_equals_computing_everything_again(inputs: CriInputs, seed: int) -> None:
    generator = np.random.default_rng(seed)
    skills = len(inputs.teaching.coverage)
    changes = [
        SkillChange(
            int(generator.integers(skills)), generator.random(), 5 * generator.random(), None, generator.random()
        ),
        SkillChange(int(generator.integers(skills)), lag=float(generator.integers(30))),
    ]
    answer = what_if(WhatIf(corporate_response(inputs), changes))
    again = corporate_response(replace(inputs, teaching=changed(inputs.teaching, changes)))
    assert answer.cri == pytest.approx(again.cri, abs=1e-9)
    assert answer.by_enterprise == pytest.approx(again.by_enterprise, abs=1e-9, nan_ok=True)


def test_lags_are_months_from_a_quarter_of_todays_share_to_the_first_release() -> None:
    # Skill 0 keeps the total at 100 a month; 1 starts in month 5, 2 grows from 1 to 8, 3 is never asked for.
    demand = np.zeros((4, 12))
    demand[1, 5:] = 10
    demand[2] = [0, 0, 1, 1, 1, 2, 2, 4, 8, 8, 8, 8]
    demand[0] = 100 - demand[1:].sum(axis=0)
    result = estimate_lags(LagInputs(demand, np.array([3.0, 9.0, np.nan, np.nan])))
    # Skill 2: three months sum to 24 today; 6 is reached in month 7 (2 + 2 + 4), where 5 in month 6 is not.
    assert result.onset[:3].tolist() == [0.0, 5.0, 7.0]
    assert math.isnan(result.onset[3])
    assert result.lag.tolist() == [3.0, 4.0, 4.0, 0.0]
    assert result.at_start.tolist() == [True, False, False, False]


@given(st.lists(st.integers(0, 9), min_size=4, max_size=30), st.integers(1, 40))
@settings(deadline=None)
def test_where_demand_only_grows_its_onset_is_the_first_month_at_a_quarter(steps: list[int], first: int) -> None:
    grown = np.cumsum([first, *steps]).astype(float)
    # The other skill fills every month up to the same total, so that shares are the counts.
    demand = np.stack([grown, 1000.0 - grown])
    windows = [grown[max(0, month - 2) : month + 1].mean() for month in range(len(grown))]
    expected = next(month for month, share in enumerate(windows) if share >= 0.25 * windows[-1])
    assert estimate_lags(LagInputs(demand, np.array([np.nan, np.nan]))).onset[0] == expected


def test_one_early_advertisement_is_no_onset() -> None:
    demand = np.full((2, 30), 50.0)
    demand[1] = np.where(np.arange(30) >= 20, 4.0, 0.0)
    demand[1, 3] = 2.0
    assert estimate_lags(LagInputs(demand, np.array([0.0, 26.0]))).lag.tolist() == [0.0, 6.0]


def test_teaching_before_demand_has_no_lag() -> None:
    demand = np.array([[9.0, 9, 9, 9, 9, 9], [0, 0, 0, 1, 1, 1]])
    assert estimate_lags(LagInputs(demand, np.array([-4.0, 1.0]))).lag.tolist() == [0.0, 0.0]


def planted(
    seed: int = 0, enterprises: int = 40, skills: int = 12, months: int = 24
) -> tuple[CriResult, DemandHistory]:
    """A small community with its rows."""
    generator = np.random.default_rng(0)
    rows = enterprises * 25
    owner = np.repeat(np.arange(enterprises), 25)
    table = SkillTable.of([list(generator.choice(skills, 3, replace=False)) for _ in range(rows)], skills)
    month = generator.integers(0, months, rows)
    heads = np.ones(rows)
    weight = np.exp2(-(months - 1 - month) / 6.0)
    release = np.where(generator.random(skills) < 0.6, generator.integers(0, months, skills), np.nan)
    lags = estimate_lags(LagInputs(demand_by_month(table, month, months, heads), release))
    taught = Teaching(
        (~np.isnan(release)) * generator.random(skills),
        5 * generator.random(skills),
        lags.lag,
        generator.random(skills),
        np.full(skills, 0.5),
    )
    inputs = CriInputs(enterprise_demand(table, weight, owner, enterprises), np.ones(enterprises), taught)
    return corporate_response(inputs), DemandHistory(table, owner, weight, heads, month, months, release)


def test_with_lags_known_the_interval_of_cri_is_that_of_a_mean_of_enterprises() -> None:
    base, _ = planted()
    interval = community_interval(CriBootstrap(base, replicates=4000))
    error = base.by_enterprise.std(ddof=1) / math.sqrt(40)
    assert interval.standard_error == pytest.approx(error, rel=0.06)
    assert (interval.high - interval.low) / 2 == pytest.approx(2.0227 * error, rel=0.08)
    assert interval.effective == pytest.approx(40)


def test_a_replicate_that_counts_every_enterprise_once_is_cri_itself() -> None:
    base, history = planted()
    drawn = community_interval(CriBootstrap(base, history, replicates=400))
    assert drawn.low < base.cri < drawn.high
    assert abs(drawn.bias) < drawn.standard_error
    assert drawn == community_interval(CriBootstrap(base, history, replicates=400))


def test_an_enterprise_interval_is_that_of_resampling_its_rows() -> None:
    base, history = planted(enterprises=4)
    found = enterprise_intervals(CriBootstrap(base, history, replicates=2000))
    generator = np.random.default_rng(9)
    drawn = []
    for _ in range(2000):
        counts = generator.poisson(1.0, 25)
        demand = np.zeros(12)
        for entry in np.flatnonzero(history.table.row < 25):
            row = history.table.row[entry]
            demand[history.table.column[entry]] += counts[row] * history.weight[row]
        share = demand / demand.sum()
        matching, practice = share @ base.answered[0], share @ base.practised
        drawn.append(100 * matching**0.6 * 0.5**0.25 * practice**0.15)
    low, high = np.quantile(drawn, (0.025, 0.975))
    assert found.rows.tolist() == [25] * 4
    # Expanded for 25 rows of unequal weight, hence a little wider.
    assert 1.0 < (found.high[0] - found.low[0]) / (high - low) < 1.25


def test_too_few_enterprises_or_rows_carry_no_interval() -> None:
    base, history = planted(enterprises=3)
    interval = community_interval(CriBootstrap(base, history, replicates=100))
    assert math.isnan(interval.low) and "cri.no_interval" in {caution.code for caution in interval.explanation.warnings}
    few = replace(history, enterprise=np.where(np.arange(75) < 72, 0, np.where(np.arange(75) < 74, 1, 2)))
    assert np.isnan(enterprise_intervals(CriBootstrap(base, few, replicates=100)).low).tolist() == [False, True, True]


def test_a_history_with_other_lags_is_refused() -> None:
    base, history = planted()
    other = replace(history, first_release=history.first_release - 3)
    with pytest.raises(UnmetAssumption, match="estimate_lags") as refusal:
        community_interval(CriBootstrap(base, other))
    assert refusal.value.code == "cri.lag_mismatch"
    with pytest.raises(UnmetAssumption) as refusal:
        enterprise_intervals(CriBootstrap(base))
    assert refusal.value.code == "cri.no_history"


def test_teaching_what_is_asked_beats_the_placebo_and_teaching_something_else_does_not() -> None:
    demand = np.tile(np.repeat([1.0, 0.0], [8, 24]), (6, 1))
    right = np.repeat([1.0, 0.0], [8, 24])
    spread = np.tile([1.0, 0.0, 0.0, 0.0], 8)
    zero = np.zeros(32)
    for covered, lowest, highest in ((right, 0.0, 0.01), (spread, 0.3, 1.0), (1 - right, 0.99, 1.0)):
        taught = Teaching(covered, 5 * covered, zero, zero, zero)
        result = placebo(Placebo(corporate_response(CriInputs(demand, np.ones(6), taught)), permutations=199))
        assert lowest <= result.matching_p_value <= highest
        assert result.p_value == result.matching_p_value


def test_sensitivity_names_each_parameter_and_recomputes_cri() -> None:
    base = corporate_response(HAND)
    rows = {(row.parameter, row.after): row for row in sensitivity(base).rows}
    assert {name for name, _ in rows} == {
        "matching_exponent",
        "response_exponent",
        "practice_exponent",
        "lag_half_life_months",
        "response_grace_days",
        "response_half_life_days",
        "unstated_level",
    }
    longer = corporate_response(replace(HAND, definition=CriDefinition(lag_half_life_months=36.0)))
    assert rows[("lag_half_life_months", 36.0)].cri == pytest.approx(longer.cri)
    assert rows[("lag_half_life_months", 36.0)].change == pytest.approx(longer.cri - base.cri)


def test_rank_agreement_is_spearmans_with_mid_ranks() -> None:
    # Ranks 1, 2.5, 2.5, 4 against 2, 1, 3, 4: the correlation of these ranks, by hand 3 / √(4.5 · 5).
    agreement = rank_agreement(np.array([1.0, 5, 5, 9, np.nan]), np.array([3.0, 1, 4, 8, 0]))
    assert agreement == pytest.approx(3 / math.sqrt(22.5))


@pytest.mark.parametrize(
    ("inputs", "code", "words"),
    [
        (replace(HAND, demand=np.zeros((3, 2))), "cri.no_data", "no enterprise asks"),
        (replace(HAND, enterprise_weight=np.array([0.0, 0, 1])), "cri.no_weight", "weigh nothing"),
        (replace(HAND, enterprise_weight=np.ones(2)), "cri.shapes", "enterprise_weight"),
        (replace(HAND, demand=np.ones(3)), "cri.shapes", "1 axes"),
        (replace(HAND, demand=np.array([[1.0, -1], [0, 2], [0, 0]])), "cri.range", r"demand\[0, 1\] is -1"),
        (replace(HAND, demand=np.array([[1.0, np.nan], [0, 2], [0, 0]])), "cri.range", "is nan"),
        (
            replace(HAND, teaching=replace(HAND.teaching, coverage=np.array([1.2, 0]))),
            "cri.range",
            r"coverage\[0\] is 1.2: it must be between 0 and 1",
        ),
        (replace(HAND, requirements=requirements((3, 0, 2, 1, 1))), "cri.range", "requirements.enterprise"),
        (replace(HAND, requirements=requirements((0, 0, 2, 0, 1))), "cri.range", "requirements.severity"),
        (replace(HAND, definition=CriDefinition(matching_exponent=0.9)), "cri.definition", "version 1"),
    ],
)
def test_inputs_that_mean_nothing_are_refused_by_name(inputs: CriInputs, code: str, words: str) -> None:
    with pytest.raises(UnmetAssumption, match=words) as refusal:
        corporate_response(inputs)
    assert refusal.value.code == code


def test_releases_in_the_future_and_empty_records_are_refused() -> None:
    with pytest.raises(UnmetAssumption) as refusal:
        estimate_lags(LagInputs(np.ones((2, 6)), np.array([2.0, 6.0])))
    assert refusal.value.code == "cri.future_release"
    with pytest.raises(UnmetAssumption) as refusal:
        estimate_lags(LagInputs(np.ones((2, 0)), np.array([np.nan, np.nan])))
    assert refusal.value.code == "cri.no_months"
    with pytest.raises(UnmetAssumption) as refusal:
        what_if(WhatIf(corporate_response(HAND), [SkillChange(skill=2, level=1.0)]))
    assert refusal.value.code == "cri.range"
