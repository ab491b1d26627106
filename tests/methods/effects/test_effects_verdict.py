"""The verdict rule and its guards: what each tier may say, what holds a plan back, and several plans at once."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronghe.methods.effects import (
    Design,
    Direction,
    Estimate,
    Evidence,
    Guard,
    Interval,
    Periods,
    Plan,
    Standing,
    Tier,
    Verdict,
    alpha_spending,
    attrition_guard,
    decide,
    decide_year,
    holm,
    negative_control_guard,
    pre_trend_guard,
    register,
)
from ronghe.methods.explained import UnmetAssumption

PLAN = Plan(
    indicator="retention",
    definition_version=1,
    direction=Direction.HIGHER,
    least_effect=0.05,
    design=Design.FEW_UNITS,
    units=8,
    treated=4,
    baseline=Periods(0, 11),
    window=Periods(15, 26),
    power=0.8,
)
TREND = pre_trend_guard(0.6)
GOOD = Evidence(effect=0.08, interval=Interval(0.02, 0.14), p_value=0.03, p_least=1.0, guards=(TREND,))


def codes(plan: Plan) -> list[str]:
    return [reason.code for reason in register(plan).reasons]


def test_a_clear_improvement_is_verified_and_a_clear_failure_contradicted() -> None:
    assert decide(PLAN, GOOD).verdict is Verdict.VERIFIED
    failed = replace(GOOD, effect=-0.01, p_value=0.7, p_least=0.01)
    assert decide(PLAN, failed).verdict is Verdict.CONTRADICTED
    unclear = replace(GOOD, p_value=0.2)
    assert decide(PLAN, unclear).verdict is Verdict.INCONCLUSIVE
    worse = replace(GOOD, effect=-0.08)
    assert decide(PLAN, worse).verdict is Verdict.INCONCLUSIVE


def test_an_effect_too_small_to_matter_is_contradicted_although_it_differs_from_nothing() -> None:
    small = replace(GOOD, effect=0.02, p_value=0.001, p_least=0.001)
    assert decide(PLAN, small).verdict is Verdict.CONTRADICTED


def test_for_a_measure_that_should_fall_a_fall_is_the_improvement() -> None:
    falling = replace(PLAN, direction=Direction.LOWER)
    assert decide(falling, replace(GOOD, effect=-0.08)).verdict is Verdict.VERIFIED
    assert decide(falling, GOOD).verdict is Verdict.INCONCLUSIVE


def test_one_treated_unit_is_suggestive_at_most() -> None:
    for units in (8, 24, 100):
        single = replace(PLAN, units=units, treated=1)
        assert register(single).tier is Tier.C
        assert decide(single, GOOD).verdict in (Verdict.SUGGESTIVE, Verdict.NOT_EVALUABLE)
    for design in (Design.SYNTHETIC_CONTROL, Design.INTERRUPTED_SERIES):
        single = replace(PLAN, design=design, treated=1, power=None)
        assert decide(single, GOOD).verdict is Verdict.SUGGESTIVE
        assert decide(single, replace(GOOD, p_least=0.001, effect=0.0)).verdict is Verdict.INCONCLUSIVE


def test_before_and_after_says_only_whether_the_target_was_met() -> None:
    plan = replace(PLAN, design=Design.BEFORE_AFTER, target=0.8, power=None)
    assert decide(plan, Evidence(value=0.81)).verdict is Verdict.TARGET_MET
    assert decide(plan, Evidence(value=0.79)).verdict is Verdict.TARGET_MISSED
    assert decide(plan, Evidence()).verdict is Verdict.NOT_EVALUABLE
    assert codes(replace(plan, target=None)) == ["effects.no_target"]
    lower = replace(plan, direction=Direction.LOWER)
    assert decide(lower, Evidence(value=0.79)).verdict is Verdict.TARGET_MET


def test_a_plan_that_cannot_be_evaluated_says_so_at_registration() -> None:
    assert register(PLAN).evaluable
    assert codes(replace(PLAN, treated=2)) == ["effects.too_few_arrangements"]
    assert codes(replace(PLAN, power=0.3)) == ["effects.power_too_low"]
    assert codes(replace(PLAN, power=None)) == ["effects.power_unknown"]
    assert codes(replace(PLAN, design=Design.STAGGERED, units=40, treated=12)) == ["effects.too_few_units"]
    assert register(replace(PLAN, design=Design.STAGGERED, units=60, treated=25)).tier is Tier.A
    assert decide(replace(PLAN, power=0.3), GOOD).verdict is Verdict.NOT_EVALUABLE


@pytest.mark.parametrize(
    ("trigger", "code"),
    [
        (Periods(13, 13), None),
        (Periods(11, 11), "effects.trigger_in_baseline"),
        (Periods(15, 16), "effects.trigger_in_window"),
        (Periods(12, 12), "effects.baseline_too_near"),
        (Periods(-3, -2), "effects.baseline_after_trigger"),
    ],
)
def test_the_low_value_that_gave_rise_to_a_plan_is_not_its_baseline(trigger: Periods, code: str | None) -> None:
    assert codes(replace(PLAN, trigger=trigger)) == ([] if code is None else [code])


def test_a_shorter_baseline_than_window_beside_a_low_value_is_refused() -> None:
    short = replace(PLAN, baseline=Periods(8, 11), trigger=Periods(13, 13))
    assert codes(short) == ["effects.baseline_too_near"]
    assert codes(replace(PLAN, baseline=Periods(0, 20))) == ["effects.windows_overlap"]


def test_a_failed_or_missing_guard_leaves_no_verdict() -> None:
    parted = replace(GOOD, guards=(pre_trend_guard(0.01),))
    found = decide(PLAN, parted)
    assert (found.verdict, [reason.code for reason in found.reasons]) == (
        Verdict.NOT_EVALUABLE,
        ["effects.pre_trend"],
    )
    assert decide(PLAN, replace(GOOD, guards=())).verdict is Verdict.NOT_EVALUABLE
    assert decide(PLAN, replace(GOOD, guards=(pre_trend_guard(None),))).verdict is Verdict.NOT_EVALUABLE
    moved = negative_control_guard(Estimate(1.0, 0.1, Interval(0.8, 1.2), 0.0))
    assert decide(PLAN, replace(GOOD, guards=(TREND, moved))).verdict is Verdict.NOT_EVALUABLE
    cohorts = replace(PLAN, design=Design.COHORTS, units=60, treated=30)
    equal = Guard("effects.baseline_equivalence", Standing.WEAK, "adjusted")
    assert decide(cohorts, replace(GOOD, guards=(equal,))).verdict is Verdict.NOT_EVALUABLE
    kept = attrition_guard((30, 29), (30, 29))
    assert decide(cohorts, replace(GOOD, guards=(equal, kept))).verdict is Verdict.VERIFIED


def test_an_unplanned_look_has_no_verdict_and_an_early_one_needs_more() -> None:
    assert decide(PLAN, replace(GOOD, look=1)).verdict is Verdict.NOT_EVALUABLE
    twice = replace(PLAN, looks=(0.5, 1.0))
    assert decide(twice, GOOD).verdict is Verdict.INCONCLUSIVE
    assert decide(twice, replace(GOOD, p_value=0.001)).verdict is Verdict.VERIFIED
    assert decide(twice, replace(GOOD, look=1)).verdict is Verdict.VERIFIED


def test_plans_of_one_year_share_their_chance_of_error() -> None:
    assert decide(PLAN, GOOD).verdict is Verdict.VERIFIED
    together = decide_year([(PLAN, GOOD), (replace(PLAN, indicator="placement"), GOOD)])
    assert [decision.verdict for decision in together] == [Verdict.INCONCLUSIVE] * 2
    assert [decision.p_adjusted for decision in together] == [0.06, 0.06]
    left_out = decide_year([(PLAN, GOOD), (replace(PLAN, power=0.1), GOOD)])
    assert [decision.verdict for decision in left_out] == [Verdict.VERIFIED, Verdict.NOT_EVALUABLE]


def test_the_evidence_of_an_estimate_tests_the_least_effect_as_well() -> None:
    found = Estimate(0.01, 0.01, Interval(-0.0096, 0.0296), 0.3173)
    evidence = Evidence.of(PLAN, found, guards=[TREND])
    # (0.05 − 0.01) / 0.01 = 4 standard errors short of the least effect.
    assert evidence.p_least == pytest.approx(6.334e-5, rel=1e-3)
    assert decide(PLAN, evidence).verdict is Verdict.CONTRADICTED
    fallen = replace(PLAN, direction=Direction.LOWER)
    assert Evidence.of(fallen, replace(found, value=-0.06)).p_least == 1.0


def test_a_changed_plan_is_another_plan() -> None:
    assert PLAN.digest == replace(PLAN).digest
    assert PLAN.digest != replace(PLAN, least_effect=0.04).digest
    assert decide(PLAN, GOOD).digest == PLAN.digest


@pytest.mark.parametrize(
    "plan",
    [replace(PLAN, least_effect=0.0), replace(PLAN, treated=9), replace(PLAN, power=1.2), replace(PLAN, level=0)],
)
def test_a_plan_without_meaning_is_refused(plan: Plan) -> None:
    with pytest.raises(UnmetAssumption):
        register(plan)


@given(st.lists(st.floats(0, 1), max_size=8))
def test_holm_never_lowers_a_p_value_and_keeps_their_order(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(after >= before for before, after in zip(p_values, adjusted, strict=True))
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    assert [adjusted[place] for place in order] == sorted(adjusted)


def test_holm_agrees_with_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests

    p_values = [0.01, 0.04, 0.03, 0.005, 0.5]
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1])
    with pytest.raises(UnmetAssumption):
        holm([0.1, 1.2])


def test_spending_ends_at_the_level_and_single_looks_cost_nothing() -> None:
    assert alpha_spending([1.0])[0].nominal_level == pytest.approx(0.05, abs=1e-6)
    looks = alpha_spending([0.3, 0.9, 1.0])
    assert looks[-1].spent == pytest.approx(0.05)
    assert all(look.nominal_level < 0.05 for look in looks)
    for faulty in ([], [0.5, 0.5], [0.5, 1.2], [0.0, 1.0]):
        with pytest.raises(UnmetAssumption):
            alpha_spending(faulty)


def test_attrition_is_tolerated_while_small_and_alike() -> None:
    assert attrition_guard((100, 95), (100, 94)).standing is Standing.HOLDS
    assert attrition_guard((100, 95), (100, 88)).standing is Standing.WEAK
    assert attrition_guard((100, 95), (100, 80)).standing is Standing.FAILS
    assert attrition_guard((100, 50), (100, 45)).standing is Standing.FAILS
    with pytest.raises(UnmetAssumption):
        attrition_guard((0, 0), (10, 10))
