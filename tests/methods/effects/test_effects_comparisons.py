"""Comparisons of changes: against statsmodels and hand-made sums, their properties, and what they refuse."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ronghe.methods.effects import (
    Adjustment,
    Base,
    Cohorts,
    Compared,
    Incomplete,
    Panel,
    RelativeMagnitudes,
    Staggered,
    TwoByTwo,
    compare_cohorts,
    relative_magnitudes,
    staggered,
    two_by_two,
)
from ronghe.methods.explained import UnmetAssumption

Floats = NDArray[np.float64]


def panel(outcome: Floats, start: Floats, **more: object) -> Panel:
    """Rows of an outcome (units, periods 1 … T)."""
    units, periods = outcome.shape
    return Panel(
        np.repeat(np.arange(units), periods),
        np.tile(np.arange(1.0, periods + 1), units),
        outcome.ravel(),
        np.repeat(start, periods),
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module")
def world() -> tuple[Floats, Floats, Floats]:
    """Outcomes (90, 6), starts in periods 4, 5 or never, and a covariate that moves trends."""
    generator = np.random.default_rng(5)
    start = np.repeat([4.0, 5.0, np.nan], 30)
    covariate = generator.standard_normal(90) + 0.5 * np.isfinite(start)
    outcome = generator.standard_normal((90, 6)).cumsum(axis=1) + covariate[:, None] * np.arange(6)
    return outcome + (np.arange(1, 7) >= start[:, None]), start, covariate


def values(effect: object) -> list[float]:
    return [cell.effect.value for cell in effect.group_time]  # type: ignore[attr-defined]


def test_each_effect_is_a_difference_of_two_differences(world: tuple[Floats, Floats, Floats]) -> None:
    outcome, start, _ = world
    found = staggered(Staggered(panel(outcome, start), replicates=0))
    cells = {(cell.group, cell.period): cell for cell in found.group_time}
    change = outcome[:, 5] - outcome[:, 2]
    treated, never = change[:30], change[60:]
    assert cells[4.0, 6.0].effect.value == pytest.approx(treated.mean() - never.mean())
    error = np.sqrt(treated.var() / 30 + never.var() / 30)
    assert cells[4.0, 6.0].effect.standard_error == pytest.approx(error)
    not_yet = staggered(Staggered(panel(outcome, start), compared=Compared.NOT_YET, replicates=0))
    change = outcome[:, 3] - outcome[:, 2]
    later = {(cell.group, cell.period): cell for cell in not_yet.group_time}[4.0, 4.0]
    assert later.effect.value == pytest.approx(change[:30].mean() - change[30:].mean())
    assert later.compared == 60


def test_every_adjustment_undoes_what_a_covariate_does_to_trends(world: tuple[Floats, Floats, Floats]) -> None:
    outcome, start, covariate = world
    plain = staggered(Staggered(panel(outcome, start), replicates=0)).overall
    for adjustment in Adjustment:
        rows = panel(outcome, start, covariates={"grade": np.repeat(covariate, 6)})
        found = staggered(Staggered(rows, adjustment=adjustment, replicates=0)).overall
        assert found.interval.low < 1 < found.interval.high
    assert plain.interval.low > 1


def test_regression_agrees_with_statsmodels() -> None:
    import statsmodels.api as sm

    generator = np.random.default_rng(2)
    treated = generator.random(80) < 0.5
    before = generator.standard_normal(80)
    after = before + treated + generator.standard_normal(80)
    design = sm.add_constant(np.column_stack([treated, before]))
    expected = sm.OLS(after, design).fit(cov_type="HC2", use_t=True)
    found = compare_cohorts(Cohorts(after, treated, {"before": before})).adjusted
    assert found is not None
    assert (found.value, found.standard_error) == pytest.approx((expected.params[1], expected.bse[1]))
    assert (found.interval.low, found.interval.high) == pytest.approx(tuple(expected.conf_int()[1]))


def test_odds_agree_with_statsmodels() -> None:
    import statsmodels.api as sm

    from ronghe.methods.effects.regression import logistic, poisson

    generator = np.random.default_rng(3)
    design = sm.add_constant(generator.standard_normal((120, 2)))
    flag = (generator.random(120) < 1 / (1 + np.exp(-design @ [0.2, 1.0, -0.5]))).astype(float)
    expected = sm.Logit(flag, design).fit(disp=0)
    found = logistic(design, flag, np.ones(120))
    assert found.coefficients == pytest.approx(expected.params)
    assert np.sqrt(np.diag(found.inverse_information)) == pytest.approx(expected.bse)
    count = generator.poisson(np.exp(design @ [1.0, 0.3, -0.2])).astype(float)
    model = sm.GLM(count, design, family=sm.families.Poisson()).fit()
    assert poisson(design, count, np.zeros(120)).coefficients == pytest.approx(model.params)


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(-1e3, 1e3), scale=st.floats(0.01, 100), seed=st.integers(0, 10_000))
def test_effects_follow_the_unit_of_measurement_and_ignore_the_order_of_rows(
    shift: float, scale: float, seed: int
) -> None:
    generator = np.random.default_rng(seed)
    start = np.repeat([3.0, np.nan], 8)
    outcome = generator.standard_normal((16, 4))
    plain = staggered(Staggered(panel(outcome, start), replicates=0))
    changed = staggered(Staggered(panel(outcome * scale + shift, start), replicates=0))
    assert np.array(values(changed)) == pytest.approx(np.array(values(plain)) * scale, abs=1e-6 * scale + 1e-9)
    assert changed.overall.standard_error == pytest.approx(plain.overall.standard_error * scale, rel=1e-6)
    rows = panel(outcome, start)
    order = generator.permutation(64)
    shuffled = Panel(*(np.asarray(column)[order] for column in (rows.unit, rows.period, rows.outcome, rows.start)))
    again = staggered(Staggered(shuffled, replicates=0))
    assert values(again) == pytest.approx(values(plain))
    assert again.explanation.inputs_hash == plain.explanation.inputs_hash


def test_what_all_units_share_in_a_period_and_what_a_unit_keeps_changes_no_effect(
    world: tuple[Floats, Floats, Floats],
) -> None:
    outcome, start, _ = world
    plain = values(staggered(Staggered(panel(outcome, start), replicates=0)))
    shared = outcome + np.array([0, 3, -2, 5, 1, 9]) + np.arange(90)[:, None]
    assert values(staggered(Staggered(panel(shared, start), replicates=0))) == pytest.approx(plain)


def test_units_doubled_in_a_cluster_add_no_certainty(world: tuple[Floats, Floats, Floats]) -> None:
    outcome, start, _ = world
    single = staggered(Staggered(panel(outcome, start), replicates=0))
    twice = panel(np.vstack([outcome, outcome]), np.concatenate([start, start]))
    clustered = replace(twice, cluster=np.repeat(np.tile(np.arange(90), 2), 6))
    together, apart = staggered(Staggered(clustered, replicates=0)), staggered(Staggered(twice, replicates=0))
    assert together.overall.standard_error == pytest.approx(single.overall.standard_error)
    assert apart.overall.standard_error == pytest.approx(single.overall.standard_error / np.sqrt(2))
    assert (together.clusters, apart.clusters) == (90, 180)


def test_a_weight_counts_a_unit_as_often(world: tuple[Floats, Floats, Floats]) -> None:
    outcome, start, _ = world
    weight = np.where(np.arange(90) % 3 == 0, 2.0, 1.0)
    weighted = staggered(Staggered(panel(outcome, start, weight=np.repeat(weight, 6)), replicates=0))
    times = weight.astype(int)
    repeated = staggered(Staggered(panel(np.repeat(outcome, times, axis=0), np.repeat(start, times)), replicates=0))
    assert values(weighted) == pytest.approx(values(repeated))
    assert weighted.overall.value == pytest.approx(repeated.overall.value)


def test_the_band_is_wider_than_the_intervals_and_the_same_in_each_run(world: tuple[Floats, Floats, Floats]) -> None:
    outcome, start, _ = world
    found = staggered(Staggered(panel(outcome, start)))
    assert found.critical_value == staggered(Staggered(panel(outcome, start))).critical_value
    for at in found.by_offset:
        assert at.band is not None
        assert at.band.low < at.effect.interval.low < at.effect.interval.high < at.band.high


def test_two_periods_are_the_staggered_design_with_one_start() -> None:
    generator = np.random.default_rng(8)
    outcome = generator.standard_normal((40, 2))
    treated = np.arange(40) < 15
    rows = staggered(Staggered(panel(outcome, np.where(treated, 2.0, np.nan)), replicates=0))
    found = two_by_two(
        TwoByTwo(outcome.ravel(), np.repeat(treated, 2), np.tile([0, 1], 40), unit=np.repeat(np.arange(40), 2))
    )
    assert found.effect.value == pytest.approx(rows.overall.value)
    change = outcome[:, 1] - outcome[:, 0]
    assert found.effect.standard_error == pytest.approx(
        np.sqrt(change[treated].var(ddof=1) / 15 + change[~treated].var(ddof=1) / 25)
    )


def test_an_effect_withstands_no_more_than_the_departures_seen_before_it() -> None:
    generator = np.random.default_rng(9)
    start = np.repeat([5.0, np.nan], 200)
    outcome = generator.standard_normal((400, 6)) * 0.1 + (np.arange(1, 7) >= start[:, None])
    event_study = staggered(Staggered(panel(outcome, start), base=Base.UNIVERSAL, replicates=0))
    found = relative_magnitudes(RelativeMagnitudes.of(event_study))
    widths = [interval.high - interval.low for _, interval in found.intervals]
    assert widths == sorted(widths)
    assert found.intervals[0][1].low == pytest.approx(event_study.event_overall.interval.low)
    assert found.breakdown > 10
    drifting = outcome + np.isfinite(start)[:, None] * np.arange(6) * 0.5
    weak = staggered(Staggered(panel(drifting, start), base=Base.UNIVERSAL, replicates=0))
    # The mean effect is 1 + 0.5 · 1.5, and M steps of 0.5 reach it at M = 1.75 / (1.5 · 0.5).
    assert 2 < relative_magnitudes(RelativeMagnitudes.of(weak)).breakdown < 1.75 / 0.75


def test_sensitivity_asks_for_the_universal_base(world: tuple[Floats, Floats, Floats]) -> None:
    outcome, start, _ = world
    with pytest.raises(UnmetAssumption, match="universal base"):
        RelativeMagnitudes.of(staggered(Staggered(panel(outcome, start), replicates=0)))


def refusal(parameters: Staggered) -> str:
    with pytest.raises(UnmetAssumption) as refused:
        staggered(parameters)
    assert refused.value.remedy
    return refused.value.code


def test_faulty_panels_are_refused_by_name(world: tuple[Floats, Floats, Floats]) -> None:
    outcome, start, covariate = world
    rows = panel(outcome, start)
    holes = outcome.copy()
    holes[3, 2] = np.nan
    assert refusal(Staggered(panel(holes, start))) == "effects.missing_value"
    doubled = Panel(*(np.append(column, column[:1]) for column in map(np.asarray, _columns(rows))))
    assert refusal(Staggered(doubled)) == "effects.duplicated_rows"
    short = Panel(*(np.asarray(column)[:-1] for column in _columns(rows)))
    assert refusal(Staggered(short)) == "effects.unequal_panel"
    assert refusal(Staggered(panel(outcome, np.where(np.isnan(start), 4.0, start)))) == "effects.no_never_treated"
    assert refusal(Staggered(panel(outcome, np.full(90, np.nan)))) == "effects.no_treated_unit"
    one_start = Staggered(panel(outcome, np.full(90, 4.0)), compared=Compared.NOT_YET)
    assert refusal(one_start) == "effects.one_group"
    changing = np.repeat(start, 6)
    changing[0] = 5.0
    assert refusal(Staggered(replace(rows, start=changing))) == "effects.start_changes"
    twins = {"a": np.repeat(covariate, 6), "b": 2 * np.repeat(covariate, 6)}
    assert refusal(Staggered(replace(rows, covariates=twins))) == "effects.singular_design"
    telling = {"treated": np.repeat(np.isfinite(start) * 10 + covariate * 0.01, 6)}
    assert refusal(Staggered(replace(rows, covariates=telling))) == "effects.separation"
    assert refusal(Staggered(replace(rows, outcome=np.zeros(3)))) == "effects.unequal_columns"
    assert refusal(Staggered(replace(rows, outcome=["a"] * 540))) == "effects.not_a_number"
    assert refusal(Staggered(rows, level=1.5)) == "effects.level"
    assert refusal(Staggered(Panel([], [], [], []))) == "effects.empty"


def _columns(rows: Panel) -> tuple[object, ...]:
    return rows.unit, rows.period, rows.outcome, rows.start


def test_incomplete_units_are_left_out_only_when_asked_and_counted(world: tuple[Floats, Floats, Floats]) -> None:
    outcome, start, _ = world
    holes = outcome.copy()
    holes[3, 2] = np.nan
    found = staggered(Staggered(panel(holes, start, incomplete=Incomplete.DROP_UNITS), replicates=0))
    without = staggered(Staggered(panel(np.delete(outcome, 3, 0), np.delete(start, 3)), replicates=0))
    assert values(found) == pytest.approx(values(without))
    assert [caution.code for caution in found.explanation.warnings] == ["effects.units_left_out"]


def test_units_treated_from_the_first_period_on_are_left_out_and_named(world: tuple[Floats, Floats, Floats]) -> None:
    outcome, start, _ = world
    early = np.where(np.arange(90) < 5, 1.0, start)
    found = staggered(Staggered(panel(outcome, early), replicates=0))
    assert found.units == 85
    assert "effects.treated_from_the_start" in [caution.code for caution in found.explanation.warnings]


def test_a_million_rows_are_estimated_in_seconds() -> None:
    generator = np.random.default_rng(1)
    units = 100_000
    start = generator.choice([4.0, 7.0, np.nan], units)
    found = staggered(Staggered(panel(generator.standard_normal((units, 10)), start), replicates=0))
    assert abs(found.overall.value) < 5 * found.overall.standard_error < 0.1


def test_too_few_people_or_one_group_is_refused() -> None:
    with pytest.raises(UnmetAssumption) as refused:
        compare_cohorts(Cohorts([1.0, 2.0, 3.0], [1, 1, 1]))
    assert refused.value.code == "effects.one_group"
    with pytest.raises(UnmetAssumption) as refused:
        two_by_two(TwoByTwo([1.0, 2.0, 3.0], [1, 1, 0], [0, 1, 0]))
    assert refused.value.code == "effects.too_few_rows"
    with pytest.raises(UnmetAssumption) as refused:
        compare_cohorts(Cohorts([1.0, 2.0, 3.0, 4.0], [1, 1, 0, 2]))
    assert refused.value.code == "effects.not_a_flag"


def test_outcomes_that_follow_the_design_exactly_have_no_interval() -> None:
    unit, period = np.repeat(np.arange(8), 6), np.tile(np.arange(6.0), 8)
    start = np.where(unit < 4, 3.0, np.nan)
    exact = 0.1 * unit + 0.3 * period + 2.0 * (period >= start)
    for outcome in (np.full(48, 5.0), exact):
        with pytest.raises(UnmetAssumption) as refused:
            staggered(Staggered(Panel(unit, period, outcome, start)))
        assert refused.value.code == "effects.no_variation"
    last = period >= 4
    with pytest.raises(UnmetAssumption) as refused:
        two_by_two(TwoByTwo(exact[last], unit[last] < 4, period[last] == 5, unit=unit[last]))
    assert refused.value.code == "effects.no_variation"


def test_outcomes_too_large_to_be_squared_are_refused() -> None:
    unit, period = np.repeat(np.arange(8), 6), np.tile(np.arange(6.0), 8)
    outcome = np.random.default_rng(1).uniform(0, 1e200, 48)
    with pytest.raises(UnmetAssumption) as refused:
        staggered(Staggered(Panel(unit, period, outcome, np.where(unit < 4, 3.0, np.nan))))
    assert refused.value.code == "effects.out_of_range"


@pytest.mark.parametrize(("treated", "code"), [(1, "effects.one_treated_unit"), (7, "effects.one_compared_unit")])
def test_one_unit_on_a_side_shows_no_chance_and_has_no_interval(treated: int, code: str) -> None:
    unit, period = np.repeat(np.arange(8), 6), np.tile(np.arange(6.0), 8)
    outcome = np.random.default_rng(1).normal(size=48)
    with pytest.raises(UnmetAssumption) as refused:
        staggered(Staggered(Panel(unit, period, outcome, np.where(unit < treated, 3.0, np.nan))))
    assert refused.value.code == code


def test_text_among_numbers_is_refused_by_name() -> None:
    for rows in (Panel([1], [1], [1.0], np.array(["soon"])), Panel([1], [1], np.array(["much"]), [1.0])):
        with pytest.raises(UnmetAssumption) as refused:
            staggered(Staggered(replace(rows, incomplete=Incomplete.DROP_UNITS)))
        assert refused.value.code == "effects.not_a_number"
    with pytest.raises(UnmetAssumption) as refused:
        two_by_two(TwoByTwo(np.array(["much"]), [1], [1]))
    assert refused.value.code == "effects.not_a_number"
