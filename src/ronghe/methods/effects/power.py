"""Power of a plan before it begins, so that a plan that cannot be evaluated says so; evaluates no outcome.

Everything is deterministic: draws come from a fixed seed. Sources: for z and Fisher's exact test of two shares, full
enumeration of both binomials; for few units, simulation of the randomisation test itself; otherwise the normal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike

from ronghe.methods.effects.estimate import NORMAL, Floats, checked_level
from ronghe.methods.effects.randomisation import arrangements, checked_arrangements, interval_ends
from ronghe.methods.explained import Assumption, Explanation, UnmetAssumption, inputs_hash

_DRAWS = 12_000
_DRAWS_AT_ONCE = 500
_SAMPLED_ARRANGEMENTS = 1_199
_EXACT_UP_TO = 2_000
_SEED = 20_260_101


class SharesTest(Enum):
    """How two shares are compared: the z test with a pooled share, or Fisher's exact test."""

    Z = "z"
    FISHER = "fisher"


@dataclass(frozen=True, slots=True)
class TwoShares:
    """Shares expected in the compared and in the treated, and how many people in each."""

    compared: float
    treated: float
    compared_count: int
    treated_count: int
    test: SharesTest = SharesTest.Z
    level: float = 0.05


@dataclass(frozen=True, slots=True)
class Power:
    """The probability of verifying the effect, by the test itself; `approximate` by the normal where it is known.

    `size` is the probability of the same finding without any effect, None where it is the level by construction.
    """

    power: float
    approximate: float | None
    size: float | None
    explanation: Explanation


def power_of_two_shares(parameters: TwoShares) -> Power:
    """P(p ≤ level and the difference has the sign expected), over all outcomes of both binomials.

    The approximation is Φ((|p₁ − p₀| − z·√(p̄q̄(1/n₁ + 1/n₀))) / √(p₁q₁/n₁ + p₀q₀/n₀)) (Fleiss, "Statistical Methods
    for Rates and Proportions", section 4.2). Raises `UnmetAssumption` for equal shares or shares outside 0 … 1.
    """
    checked_level(parameters.level)
    shares, counts = (parameters.compared, parameters.treated), (parameters.compared_count, parameters.treated_count)
    if not all(0 <= share <= 1 for share in shares) or shares[0] == shares[1] or min(counts) < 1:
        raise UnmetAssumption(
            "effects.shares",
            f"shares {shares[0]:g} and {shares[1]:g} of {counts[0]} and {counts[1]} people",
            "give two different shares between 0 and 1, and at least one person each",
        )
    rejected = _rejected(counts, 1 if shares[1] > shares[0] else -1, parameters.test, parameters.level)
    chances = [_binomial(count, share) for count, share in zip(counts, shares, strict=True)]
    pooled = (shares[0] * counts[0] + shares[1] * counts[1]) / sum(counts)
    without = [_binomial(count, pooled) for count in counts]
    null_error = math.sqrt(pooled * (1 - pooled) * (1 / counts[0] + 1 / counts[1]))
    error = math.sqrt(sum(share * (1 - share) / count for share, count in zip(shares, counts, strict=True)))
    reach = abs(shares[1] - shares[0]) - NORMAL.inv_cdf(1 - parameters.level / 2) * null_error
    return Power(
        power=float(chances[0] @ rejected @ chances[1]),
        approximate=NORMAL.cdf(reach / error) if error else 1.0,
        size=float(without[0] @ rejected @ without[1]),
        explanation=Explanation(
            "effects.power_of_two_shares",
            1,
            inputs_hash(parameters),
            (Assumption("effects.independent_people", None, "people do not influence each other's outcome"),),
        ),
    )


def _rejected(counts: tuple[int, int], sign: int, test: SharesTest, level: float) -> Floats:
    """Which outcomes (compared, treated) are found significant in the direction of `sign`, as 0 and 1."""
    compared, treated = np.meshgrid(np.arange(counts[0] + 1), np.arange(counts[1] + 1), indexing="ij")
    difference = treated / counts[1] - compared / counts[0]
    if test is SharesTest.Z:
        pooled = (compared + treated) / sum(counts)
        error = np.sqrt(pooled * (1 - pooled) * (1 / counts[0] + 1 / counts[1]))
        ratio = np.divide(difference, error, out=np.zeros_like(difference), where=error > 0)
        significant = np.abs(ratio) >= NORMAL.inv_cdf(1 - level / 2)
    else:
        significant = _fisher(counts) <= level * (1 + 1e-9)
    return np.asarray(significant & (np.sign(difference) == sign), dtype=np.float64)


def _binomial(count: int, share: float) -> Floats:
    """Probabilities of 0 … `count`."""
    from scipy.special import xlog1py, xlogy

    number = np.arange(count + 1)
    return np.asarray(np.exp(_log_choose(count, number) + xlogy(number, share) + xlog1py(count - number, -share)))


def _log_choose(count: ArrayLike, number: ArrayLike) -> Floats:
    from scipy.special import gammaln

    counts, numbers = np.asarray(count, dtype=np.float64), np.asarray(number, dtype=np.float64)
    return np.asarray(gammaln(counts + 1) - gammaln(numbers + 1) - gammaln(counts - numbers + 1))


def _fisher(counts: tuple[int, int]) -> Floats:
    """Fisher's two-sided p-value of every outcome: the tables no likelier than the observed one, margins fixed."""
    p_values = np.ones((counts[0] + 1, counts[1] + 1))
    for total in range(sum(counts) + 1):
        treated = np.arange(max(0, total - counts[0]), min(counts[1], total) + 1)
        logarithms = _log_choose(counts[1], treated) + _log_choose(counts[0], total - treated)
        chances = np.exp(logarithms - logarithms.max())
        chances /= chances.sum()
        likelier = chances[None, :] <= chances[:, None] * (1 + 1e-7)
        p_values[total - treated, treated] = (likelier * chances).sum(axis=1)
    return p_values


@dataclass(frozen=True, slots=True)
class UnitSeries:
    """What is known of the units' series: standard deviation over time (around the unit's own level), AR(1), noise.

    `noise` is the standard deviation of independent noise in each period's figure, for example of sampling students.
    Months in a baseline, in a window, and between the two.
    """

    deviation: float
    autocorrelation: float
    baseline: int
    window: int
    gap: int = 0
    noise: float = 0.0

    def change_deviation(self) -> float:
        """Standard deviation of mean(window) − mean(baseline): √(c'Σc), Σ_st = σ²ρ^|s−t| + ν²·[s = t]."""
        if not -1 < self.autocorrelation < 1 or self.deviation < 0 or self.noise < 0 or self.gap < 0:
            raise UnmetAssumption(
                "effects.series",
                f"a deviation of {self.deviation:g} and an autocorrelation of {self.autocorrelation:g}",
                "give deviations of at least 0 and an autocorrelation between -1 and 1",
            )
        if min(self.baseline, self.window) < 1:
            raise UnmetAssumption("effects.empty_window", "a window without periods", "give both at least one period")
        periods = self.baseline + self.gap + self.window
        contrast = np.zeros(periods)
        contrast[: self.baseline] = -1 / self.baseline
        contrast[periods - self.window :] = 1 / self.window
        apart = np.abs(np.subtract.outer(np.arange(periods), np.arange(periods)))
        spread = self.deviation**2 * float(contrast @ (float(self.autocorrelation) ** apart) @ contrast)
        return math.sqrt(spread + self.noise**2 * float(contrast @ contrast))


@dataclass(frozen=True, slots=True)
class UnitsPower:
    """Units, of these treated, how their series behave, and the least effect that matters (in the outcome's unit)."""

    units: int
    treated: int
    series: UnitSeries
    least_effect: float
    level: float = 0.05


@dataclass(frozen=True, slots=True)
class UnitsPowerResult:
    """The probability of "verified" when the effect is the least that matters, and when there is none.

    `detectable` is the effect verified with a probability of 80%; `change_deviation` the units' spread of change.
    """

    power: float
    size: float
    detectable: float
    change_deviation: float
    explanation: Explanation


def power_of_few_units(parameters: UnitsPower) -> UnitsPowerResult:
    """Power of the randomisation test, by 12,000 draws of the units' changes from the normal distribution.

    The interval's ends move with the effect, so the draws made without any effect give the power at every effect.
    Raises `UnmetAssumption` below 40 arrangements.
    """
    effect, spread = _checked(parameters)
    checked_arrangements(parameters.units, parameters.treated)
    low, high = _null_ends(parameters.units, parameters.treated, parameters.level)
    low, high = low * spread, high * spread

    def verified(true_effect: float) -> float:
        return float(((low + true_effect > 0) & (high + true_effect >= effect)).mean())

    return _result(
        "effects.power_of_few_units", parameters, verified(effect), verified(0.0), -float(np.quantile(low, 0.2)), spread
    )


def power_of_many_units(parameters: UnitsPower) -> UnitsPowerResult:
    """Power of the comparison of changes by the normal: SE = s·√(1/k + 1/(G − k)), s the spread of change."""
    effect, spread = _checked(parameters)
    error = spread * math.sqrt(1 / parameters.treated + 1 / (parameters.units - parameters.treated))
    quantile = NORMAL.inv_cdf(1 - parameters.level / 2)

    def verified(true_effect: float) -> float:
        # Verified: the interval lies above 0 and reaches the least effect.
        needed = max(quantile * error, effect - quantile * error)
        return 1 - NORMAL.cdf((needed - true_effect) / error)

    detectable = (quantile + NORMAL.inv_cdf(0.8)) * error
    return _result("effects.power_of_many_units", parameters, verified(effect), verified(0.0), detectable, spread)


def _checked(parameters: UnitsPower) -> tuple[float, float]:
    checked_level(parameters.level)
    if not 0 < parameters.treated < parameters.units:
        raise UnmetAssumption(
            "effects.one_group",
            f"{parameters.treated} of {parameters.units} units are treated",
            "give treated and untreated units",
        )
    spread = parameters.series.change_deviation()
    if not parameters.least_effect or not spread:
        raise UnmetAssumption(
            "effects.least_effect", "the least effect or the spread of change is 0", "give both as amounts above 0"
        )
    return abs(parameters.least_effect), spread


def _null_ends(units: int, treated: int, level: float) -> tuple[Floats, Floats]:
    """Ends of the intervals of 12,000 samples of standard normal changes without any effect."""
    group = np.arange(units) < treated
    generator = np.random.default_rng(_SEED)
    ends = []
    for batch in range(_DRAWS // _DRAWS_AT_ONCE):
        # Each batch samples arrangements anew: one sample for all would shift the level of the test.
        taken = arrangements(group, draws=_SAMPLED_ARRANGEMENTS, seed=_SEED + batch, exact_up_to=_EXACT_UP_TO)
        changes = generator.standard_normal((_DRAWS_AT_ONCE, units))
        ends.append(interval_ends(changes, group, taken, level))
    return np.concatenate([low for low, _ in ends]), np.concatenate([high for _, high in ends])


def _result(
    method: str, parameters: UnitsPower, power: float, size: float, detectable: float, spread: float
) -> UnitsPowerResult:
    assumptions = (
        Assumption("effects.series_as_known", None, f"changes spread with a deviation of {spread:.4g}"),
        Assumption("effects.normal_changes", None, "the units' changes are normally distributed"),
    )
    return UnitsPowerResult(
        power, size, detectable, spread, Explanation(method, 1, inputs_hash(parameters), assumptions)
    )
