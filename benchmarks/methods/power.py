"""Power at registration beside the share verified in simulation; the goal is a difference of at most 2 points.

Run: `python -m benchmarks.methods.power`.
"""

import numpy as np

from benchmarks.methods.verdicts import MONTHS, RHO, judge, plan_of, registered_power, series
from benchmarks.result import Result
from ronghe.methods.effects import (
    Design,
    Direction,
    Evidence,
    Guard,
    Panel,
    Periods,
    Plan,
    SharesTest,
    Staggered,
    Standing,
    TwoShares,
    UnitSeries,
    UnitsPower,
    Verdict,
    decide,
    power_of_many_units,
    power_of_two_shares,
    staggered,
)

COMMAND = "python -m benchmarks.methods.power"
FEW = ((8, 4, 2.0), (10, 2, 2.0), (12, 4, 1.5), (12, 6, 1.0), (16, 8, 1.0), (24, 6, 1.0), (24, 12, 0.7))
SHARES = ((0.47, 0.81, 30), (0.30, 0.50, 60), (0.85, 0.95, 120))


def compared(name: str, registered: float, simulated: float, samples: int) -> Result:
    """The registered power, the simulated one as the peer, and their difference against the goal."""
    error = float(np.sqrt(simulated * (1 - simulated) / samples))
    apart = abs(registered - simulated)
    return Result(
        name,
        registered,
        f"power; simulated ± {error:.4f}",
        "simulation",
        simulated,
        goal=f"within 0.02 (is {apart:.4f})",
        met=apart <= 0.02,
        command=COMMAND,
    )


def few_communities() -> list[Result]:
    """The randomisation test on few communities."""
    results = []
    for units, count, least in FEW:
        power = registered_power(units, count, least)
        values = series(np.random.default_rng(units + count), 10_000, units, 27)
        rates = judge(values, np.arange(units) < count, plan_of(units, count, least, max(power, 0.5)), least)
        samples = round(rates.samples * rates.evaluable)
        name = f"{count} of {units} communities, effect {least:g} SD"
        results.append(compared(name, power, rates.verified, samples))
    return results


def many_units() -> list[Result]:
    """One start, 100 units, errors by influence functions."""
    units, treated, least, samples = 100, 40, 0.45, 2_000
    series_known = UnitSeries(1.0, RHO, 1, 1)
    power = power_of_many_units(UnitsPower(units, treated, series_known, least)).power
    windows = Periods(0, 0), Periods(1, 1)
    plan = Plan("i", 1, Direction.HIGHER, least, Design.STAGGERED, units, treated, *windows, power=max(power, 0.5))
    guard = Guard("effects.pre_trend", Standing.HOLDS, "")
    start = np.where(np.arange(units) < treated, 1.0, np.nan)
    verified = 0
    for sample in series(np.random.default_rng(1), samples, units, 2):
        sample[:treated, 1] += least
        rows = Panel(np.repeat(np.arange(units), 2), np.tile([0.0, 1.0], units), sample.ravel(), np.repeat(start, 2))
        found = staggered(Staggered(rows, replicates=0)).overall
        verified += decide(plan, Evidence.of(plan, found, guards=[guard])).verdict is Verdict.VERIFIED
    return [compared(f"{treated} of {units} units, effect {least} SD", power, verified / samples, samples)]


def two_shares() -> list[Result]:
    """Two binomials, tested by statsmodels' z and SciPy's Fisher, which the power does not use."""
    from scipy.stats import fisher_exact
    from statsmodels.stats.proportion import proportions_ztest

    results = []
    for before, after, size in SHARES:
        generator = np.random.default_rng(size)
        draws = np.column_stack([generator.binomial(size, before, 20_000), generator.binomial(size, after, 20_000)])
        tables, counts = np.unique(draws, axis=0, return_counts=True)
        for test in SharesTest:
            significant = []
            for low, high in tables:
                if low == high:
                    significant.append(False)
                    continue
                if test is SharesTest.Z:
                    p_value = proportions_ztest([high, low], [size, size])[1]
                else:
                    p_value = fisher_exact([[high, size - high], [low, size - low]])[1]
                significant.append(bool(p_value <= 0.05 and high > low))
            simulated = float(np.average(significant, weights=counts))
            power = power_of_two_shares(TwoShares(before, after, size, size, test)).power
            results.append(compared(f"{before:g} → {after:g}, {size} an arm, {test.value}", power, simulated, 20_000))
    return results


def run() -> list[Result]:
    """All three ways of computing power."""
    return [*two_shares(), *few_communities(), *many_units()]


if __name__ == "__main__":
    from benchmarks.__main__ import print_table

    print(f"AR(1) = {RHO}, {MONTHS} months before and after")
    print_table(run())
