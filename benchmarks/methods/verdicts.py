"""Honesty by simulation: how often the verdict rule verifies an improvement that was none; measures no speed.

Communities are AR(1) series around levels of their own. Every sample goes through the rule itself (`decide`); for the
first of each scenario the whole method (`few_units`) is run as well and must agree. Run: `python -m
benchmarks.methods.verdicts`.
"""

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.result import Result
from ronghe.methods.effects import (
    Cohorts,
    Design,
    Direction,
    Evidence,
    FewUnits,
    Guard,
    InterruptedSeries,
    Panel,
    Periods,
    Plan,
    Staggered,
    Standing,
    SyntheticControl,
    UnitSeries,
    UnitsPower,
    Verdict,
    compare_cohorts,
    decide,
    decide_year,
    few_units,
    interrupted_series,
    power_of_few_units,
    pre_trend_guard,
    register,
    staggered,
    synthetic_control,
)
from ronghe.methods.effects.randomisation import arrangements, invert

Floats = NDArray[np.float64]
COMMAND = "python -m benchmarks.methods.verdicts"
RHO = 0.6
MONTHS = 12
GAP = 3
GOAL = 0.055
SAMPLES = 4_000
DESIGNS = ((8, 4), (10, 2), (10, 5), (12, 4), (12, 6), (16, 4), (16, 8), (20, 6), (24, 6), (24, 12))
LEAST_EFFECTS = (1.0, 1.5, 2.0)
BASELINE, TRIGGER, WINDOW = Periods(0, 11), Periods(13, 13), Periods(15, 26)


def series(generator: np.random.Generator, samples: int, units: int, periods: int, tails: str = "normal") -> Floats:
    """AR(1) series (samples, units, periods) of standard deviation 1 around levels that differ by unit."""
    shocks = generator.standard_normal((samples, units, periods))
    if tails == "heavy":
        shocks = generator.standard_t(3, (samples, units, periods)) / np.sqrt(3)
    values = np.empty_like(shocks)
    values[..., 0] = shocks[..., 0]
    for period in range(1, periods):
        values[..., period] = RHO * values[..., period - 1] + np.sqrt(1 - RHO**2) * shocks[..., period]
    if tails == "unequal":
        values *= generator.uniform(0.3, 3.0, (samples, units, 1))
    return values + 2 * generator.standard_normal((samples, units, 1))


def plan_of(units: int, treated: int, least: float, power: float | None, trigger: Periods | None = None) -> Plan:
    """A plan of few communities with baseline, low month and window as in this simulation."""
    design = Design.FEW_UNITS
    return Plan("indicator", 1, Direction.HIGHER, least, design, units, treated, BASELINE, WINDOW, None, trigger, power)


@dataclass(frozen=True)
class Rates:
    """Shares over the samples: evaluable, and of these verified and contradicted."""

    evaluable: float
    verified: float
    contradicted: float
    samples: int


def judge(values: Floats, treated: NDArray[np.bool_], plan: Plan, effect: float) -> Rates:
    """Put every sample (samples, units, periods) with `effect` added through the rule; the treated come first."""
    values = values.copy()
    values[:, treated, int(WINDOW.first) :] += effect
    baseline = values[..., int(BASELINE.first) : int(BASELINE.last) + 1]
    change = values[..., int(WINDOW.first) : int(WINDOW.last) + 1].mean(axis=-1) - baseline.mean(axis=-1)
    drift = baseline[..., 6:].mean(axis=-1) - baseline[..., :6].mean(axis=-1)
    found: list[list[Floats]] = [[], [], [], []]
    for begin in range(0, len(values), 500):
        part = slice(begin, begin + 500)
        taken = arrangements(treated, draws=1_999, seed=begin, exact_up_to=2_000)
        found[0].append(invert(change[part], treated, taken, plan.level).p_value)
        found[1].append(invert(drift[part], treated, taken, plan.level).p_value)
        short = invert(change[part] - plan.least_effect * treated, treated, taken, plan.level)
        found[2].append(np.minimum(1.0, 2 * short.p_less))
        found[3].append(change[part][:, treated].mean(axis=1) - change[part][:, ~treated].mean(axis=1))
    p_value, p_drift, p_least, difference = (np.concatenate(parts) for parts in found)
    verdicts = [
        decide(
            plan,
            Evidence(
                effect=float(difference[at]),
                p_value=float(p_value[at]),
                p_least=float(p_least[at]),
                guards=(pre_trend_guard(float(p_drift[at])),),
            ),
        ).verdict
        for at in range(len(values))
    ]
    if math.comb(len(treated), int(treated.sum())) <= 2_000:
        _check_whole_method(values[:3], treated, plan, verdicts)
    evaluable = [verdict for verdict in verdicts if verdict is not Verdict.NOT_EVALUABLE]
    count = max(len(evaluable), 1)
    return Rates(
        len(evaluable) / len(verdicts),
        evaluable.count(Verdict.VERIFIED) / count,
        evaluable.count(Verdict.CONTRADICTED) / count,
        len(verdicts),
    )


def _check_whole_method(values: Floats, treated: NDArray[np.bool_], plan: Plan, verdicts: list[Verdict]) -> None:
    """The method on the panel's rows and the rule come to the same verdict as the short way."""
    for sample, verdict in zip(values, verdicts, strict=False):
        effect = few_units(FewUnits(panel_of(sample, treated), BASELINE, WINDOW, least_effect=plan.least_effect))
        evidence = Evidence(
            effect=effect.effect, p_value=effect.p_value, p_least=effect.p_least, guards=(effect.pre_trend,)
        )
        whole = decide(plan, evidence).verdict
        if whole is not verdict:
            raise AssertionError(f"the method says {whole}, the short way {verdict}")


def panel_of(sample: Floats, treated: NDArray[np.bool_]) -> Panel:
    """Rows of one sample (units, periods)."""
    units, periods = sample.shape
    return Panel(
        unit=np.repeat(np.arange(units), periods),
        period=np.tile(np.arange(periods), units),
        outcome=sample.ravel(),
        start=np.repeat(np.where(treated, WINDOW.first, np.nan), periods),
    )


def registered_power(units: int, treated: int, least: float) -> float:
    """The power that the plan is registered with."""
    return power_of_few_units(UnitsPower(units, treated, UnitSeries(1.0, RHO, MONTHS, MONTHS, GAP), least)).power


def communities() -> list[Result]:
    """Few communities: false verified, share evaluable and power for every design and least effect."""
    results = []
    for units, count in DESIGNS:
        treated = np.arange(units) < count
        generator = np.random.default_rng(units * 100 + count)
        values = series(generator, SAMPLES, units, 27)
        for least in LEAST_EFFECTS:
            power = registered_power(units, count, least)
            plan = plan_of(units, count, least, power)
            name = f"{count} of {units} communities, least effect {least:g} SD, power {power:.2f}"
            if not register(plan).evaluable:
                results.append(Result(f"{name}: said not evaluable at registration", 0, "share evaluable"))
                continue
            without, with_effect = judge(values, treated, plan, 0.0), judge(values, treated, plan, least)
            results += [
                told(f"{name}: share evaluable", without.evaluable, without.samples),
                told(f"{name}: false verified", without.verified, without.samples, GOAL),
                told(f"{name}: verified when true", with_effect.verified, with_effect.samples),
                told(f"{name}: false contradicted", with_effect.contradicted, with_effect.samples, GOAL),
            ]
    return results


def told(name: str, share: float, samples: int, goal: float | None = None) -> Result:
    """A share with its Monte Carlo standard error in the unit."""
    error = float(np.sqrt(max(share * (1 - share), 1e-9) / samples))
    met = None if goal is None else share <= goal
    return Result(
        name, share, f"share ± {error:.4f}", goal=None if goal is None else f"≤ {goal}", met=met, command=COMMAND
    )


def harder_worlds() -> list[Result]:
    """Worlds that break the assumptions one at a time; 16 communities with 8 treated, 12 with 4."""
    results = []
    for units, count in ((12, 4), (16, 8)):
        treated = np.arange(units) < count
        plan = plan_of(units, count, 1.5, registered_power(units, count, 1.5), TRIGGER)
        for tails in ("heavy", "unequal"):
            values = series(np.random.default_rng(3), SAMPLES, units, 27, tails)
            rates = judge(values, treated, plan, 0.0)
            results.append(
                told(f"{count} of {units}, {tails} errors: false verified", rates.verified, rates.samples, GOAL)
            )
        values = _lowest_first(series(np.random.default_rng(4), SAMPLES, units, 27), int(TRIGGER.first))
        rates = judge(values, treated, plan, 0.0)
        results.append(
            told(f"{count} of {units}, chosen for a low month: false verified", rates.verified, rates.samples, GOAL)
        )
        naive = _lowest_first(series(np.random.default_rng(4), SAMPLES, units, 27), int(BASELINE.last))
        refused = plan_of(units, count, 1.5, plan.power, Periods(BASELINE.last, BASELINE.last))
        assert not register(refused).evaluable
        rates = judge(naive, treated, plan_of(units, count, 1.5, plan.power), 0.0)
        results.append(
            told(f"{count} of {units}, low month hidden in the baseline: what it would verify", rates.verified, SAMPLES)
        )
        improved = naive[:, treated, int(WINDOW.first)] > naive[:, treated, int(BASELINE.last)]
        results.append(
            told(f"{count} of {units}, before and after a low month: improves", float(improved.mean()), SAMPLES)
        )
    return results


def _lowest_first(values: Floats, period: int) -> Floats:
    """The communities with the lowest value in `period` (within-community deviation) come first: they get the plan."""
    own = values - values.mean(axis=-1, keepdims=True)
    order = own[..., period].argsort(axis=1)
    return np.asarray(np.take_along_axis(values, order[..., None], axis=1))


def community_year() -> list[Result]:
    """Five plans of one community's year on indicators that move together: any false verified, with Holm."""
    units, count, plans = 16, 8, 5
    treated = np.arange(units) < count
    generator = np.random.default_rng(11)
    common = series(generator, 1_000, units, 27)
    plan = plan_of(units, count, 1.5, registered_power(units, count, 1.5))
    taken = arrangements(treated, draws=1_999, seed=7, exact_up_to=2_000)
    columns = []
    for _ in range(plans):
        values = np.sqrt(0.5) * common + np.sqrt(0.5) * series(generator, 1_000, units, 27)
        change = values[..., 15:].mean(axis=-1) - values[..., :12].mean(axis=-1)
        tails = invert(change, treated, taken, 0.05)
        least = invert(change - 1.5 * treated, treated, taken, 0.05)
        difference = change[:, treated].mean(axis=1) - change[:, ~treated].mean(axis=1)
        columns.append((difference, tails.p_value, np.minimum(1.0, 2 * least.p_less)))
    guard = pre_trend_guard(0.5)
    verified = plain = 0
    for at in range(1_000):
        cases = [
            (
                plan,
                Evidence(
                    effect=float(difference[at]),
                    p_value=float(p_value[at]),
                    p_least=float(p_least[at]),
                    guards=(guard,),
                ),
            )
            for difference, p_value, p_least in columns
        ]
        verified += any(decision.verdict is Verdict.VERIFIED for decision in decide_year(cases))
        plain += any(decide(*case).verdict is Verdict.VERIFIED for case in cases)
    return [
        told("five plans in a year, with Holm: a year with a false verified", verified / 1_000, 1_000, GOAL),
        told("five plans in a year, each alone: a year with a false verified", plain / 1_000, 1_000),
    ]


def one_treated() -> list[Result]:
    """One treated unit, however large its effect: how often verified."""
    generator = np.random.default_rng(5)
    verified = suggested = 0
    for units in (8, 24, 45):
        values = series(generator, 40, units, 27)
        treated = np.arange(units) < 1
        for sample in values:
            sample[0, 15:] += 8.0
            found = synthetic_control(SyntheticControl.of(panel_of(sample, treated)))
            plan = Plan("i", 1, Direction.HIGHER, 1.0, Design.SYNTHETIC_CONTROL, units, 1, BASELINE, WINDOW)
            evidence = Evidence(effect=found.effect, p_value=found.p_value, p_least=1.0)
            verdict = decide(plan, evidence).verdict
            verified += verdict is Verdict.VERIFIED
            suggested += verdict is Verdict.SUGGESTIVE
            few = Plan("i", 1, Direction.HIGHER, 1.0, Design.FEW_UNITS, units, 1, BASELINE, WINDOW, power=0.9)
            guard = Guard("effects.pre_trend", Standing.HOLDS, "")
            verdict = decide(few, Evidence(effect=8.0, p_value=0.001, p_least=1.0, guards=(guard,))).verdict
            verified += verdict is Verdict.VERIFIED
    return [
        Result("one treated unit with an effect of 8 SD: verified", verified, "of 240", goal="0", met=verified == 0),
        Result("one treated unit with an effect of 8 SD, synthetic control: suggestive", suggested, "of 120"),
    ]


def many_units() -> list[Result]:
    """Tier A: staggered difference-in-differences with normal errors, by the number of units on a side."""
    results = []
    for side, samples in ((6, 1_500), (12, 1_500), (20, 1_500), (40, 1_000)):
        generator = np.random.default_rng(side)
        units = 2 * side
        starts = np.where(np.arange(units) >= side, np.nan, np.where(np.arange(units) % 2, 6.0, 8.0))
        values = series(generator, samples, units, 12)
        verified = rejected = evaluable = 0
        plan = Plan(
            "i", 1, Direction.HIGHER, 1.0, Design.STAGGERED, units, side, Periods(0, 5), Periods(6, 11), power=0.9
        )
        if not register(plan).evaluable:
            results.append(Result(f"tier A with {side} units a side: refused at registration", 0, "share evaluable"))
        for sample in values:
            found = staggered(
                Staggered(
                    Panel(
                        np.repeat(np.arange(units), 12),
                        np.tile(np.arange(12.0), units),
                        sample.ravel(),
                        np.repeat(starts, 12),
                    ),
                    replicates=0,
                )
            )
            overall = found.overall
            rejected += overall.p_value <= 0.05 and overall.value > 0
            guard = pre_trend_guard(found.pre_trend.p_value_few if found.pre_trend else None)
            verdict = decide(plan, Evidence.of(plan, overall, guards=[guard])).verdict
            evaluable += verdict is not Verdict.NOT_EVALUABLE
            verified += verdict is Verdict.VERIFIED
        results.append(
            told(
                f"tier A with {side} units a side: significant and better, were it not refused",
                rejected / samples,
                samples,
            )
        )
        if evaluable:
            results += [
                told(f"tier A with {side} units a side: share evaluable", evaluable / samples, samples),
                told(f"tier A with {side} units a side: false verified", verified / evaluable, evaluable, GOAL),
            ]
    return results


def people() -> list[Result]:
    """Two concurrent cohorts of people with a measure from before that goes with the outcome (0.6)."""
    results = []
    for size in (30, 60, 200):
        generator = np.random.default_rng(size)
        treated = np.arange(2 * size) < size
        plan = Plan("i", 1, Direction.HIGHER, 0.5, Design.COHORTS, 2 * size, size, BASELINE, WINDOW, power=0.8)
        attrition = Guard("effects.attrition", Standing.HOLDS, "nobody was lost")
        verdicts = []
        for _ in range(2_000):
            before = generator.standard_normal(2 * size)
            after = RHO * before + 0.8 * generator.standard_normal(2 * size)
            found = compare_cohorts(Cohorts(after, treated, {"before": before}))
            verdicts.append(decide(plan, Evidence.of(plan, found.effect, guards=[found.guard, attrition])).verdict)
        evaluable = [verdict for verdict in verdicts if verdict is not Verdict.NOT_EVALUABLE]
        share = evaluable.count(Verdict.VERIFIED) / len(evaluable)
        results += [
            told(f"cohorts of {size}: share evaluable", len(evaluable) / 2_000, 2_000),
            told(f"cohorts of {size}: false verified", share, len(evaluable), GOAL),
        ]
    return results


def one_series() -> list[Result]:
    """Interrupted series with AR(1) errors and no effect: how often suggestive, and never verified."""
    results = []
    for months in (24, 48, 96):
        generator = np.random.default_rng(months)
        values = series(generator, 1_000, 1, months)[:, 0]
        plan = Plan("i", 1, Direction.HIGHER, 1.0, Design.INTERRUPTED_SERIES, 1, 1, BASELINE, WINDOW)
        verdicts = []
        for sample in values:
            found = interrupted_series(InterruptedSeries(sample, months // 2))
            verdicts.append(decide(plan, Evidence.of(plan, found.average)).verdict)
        assert Verdict.VERIFIED not in verdicts
        share = verdicts.count(Verdict.SUGGESTIVE) / len(verdicts)
        results.append(told(f"one series of {months} months without effect: suggestive", share, 1_000))
    return results


PARTS: tuple[Callable[[], list[Result]], ...] = (
    communities,
    harder_worlds,
    community_year,
    one_treated,
    many_units,
    people,
    one_series,
)


def run() -> list[Result]:
    """All parts."""
    return [result for part in PARTS for result in part()]


if __name__ == "__main__":
    from benchmarks.__main__ import print_table

    chosen = [part for part in PARTS if part.__name__ in sys.argv[1:] or len(sys.argv) == 1]
    print_table([result for part in chosen for result in part()])
