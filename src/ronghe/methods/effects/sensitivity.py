"""How much of a departure from parallel trends an effect withstands; tests no trend itself (see `pretrend`)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ronghe.methods.effects.estimate import NORMAL, Floats, Interval, checked_level
from ronghe.methods.effects.staggered import Base, StaggeredEffect
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

_LARGEST_MAGNITUDE = 1024.0
_SEARCH_STEPS = 50
_FEW_STEPS = 3


@dataclass(frozen=True, slots=True, eq=False)
class RelativeMagnitudes:
    """An event study and the departures to try.

    `offsets` (m,) are periods since the start, `values` (m,) effects against one common base period, the last before
    the start, which is not among them; `covariance` is (m, m). `magnitudes` are multiples M of the largest step
    between neighbouring periods before the start.
    """

    offsets: Floats
    values: Floats
    covariance: Floats
    magnitudes: tuple[float, ...] = (0.0, 0.5, 1.0, 1.5, 2.0)
    level: float = 0.05

    @classmethod
    def of(cls, effect: StaggeredEffect, level: float = 0.05) -> RelativeMagnitudes:
        """Take the event study of a staggered design; raises `UnmetAssumption` unless its base is universal."""
        if effect.base is not Base.UNIVERSAL:
            raise UnmetAssumption(
                "effects.varying_base",
                "effects before the start are each measured against the period before",
                "estimate the event study with the universal base",
            )
        return cls(
            np.array([at.offset for at in effect.by_offset]),
            np.array([at.effect.value for at in effect.by_offset]),
            effect.event_covariance,
            level=level,
        )


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """The average effect from the start on under departures from parallel trends of up to M times the largest before.

    `intervals` pairs each M with the interval of the effect; `breakdown` is the largest M at which the interval still
    excludes 0: 0 if it never does, infinity if it always does.
    """

    effect: float
    intervals: tuple[tuple[float, Interval], ...]
    breakdown: float
    explanation: Explanation


def relative_magnitudes(parameters: RelativeMagnitudes) -> Sensitivity:
    """Bound the average effect after the start when trends may part as they did before it, M times over.

    After the start trends part by at most M·|δ_s*| each period, s* the largest step before it; so the average over
    offsets 0 … E is off by at most M·|δ_s*|·(E + 2)/2. The interval is the union, over every step s and both signs,
    of the intervals of θ ± M·(E + 2)/2·δ_s: s* is one of them, so it covers at least 1 − `level`, and is wider than
    the best one. Source: Rambachan and Roth, "A more credible approach to parallel trends", Review of Economic
    Studies 90, 2023, section 2.4 (the restriction by relative magnitudes); the union is our own short cut.
    Raises `UnmetAssumption` without a period before the base, or without one from the start on.
    """
    checked_level(parameters.level)
    order = np.argsort(parameters.offsets)
    offsets, values = parameters.offsets[order], parameters.values[order]
    covariance = parameters.covariance[np.ix_(order, order)]
    after, before = offsets >= 0, np.flatnonzero(offsets < 0)
    if not after.any() or not len(before):
        raise UnmetAssumption(
            "effects.no_period_before_start",
            f"the event study has {len(before)} periods before its base period and {int(after.sum())} after it",
            "give an event study with at least one period on each side",
        )
    average = after / after.sum()
    steps = _steps(before, len(offsets))
    reach = float(np.mean(np.arange(1, after.sum() + 1)))
    quantile = NORMAL.inv_cdf(1 - parameters.level / 2)

    def interval(magnitude: float) -> Interval:
        combinations = average + np.concatenate([steps, -steps]) * (magnitude * reach)
        centres = combinations @ values
        errors = np.sqrt(np.maximum(np.einsum("ij,jk,ik->i", combinations, covariance, combinations), 0.0))
        return Interval(float((centres - quantile * errors).min()), float((centres + quantile * errors).max()))

    few = Caution("effects.few_steps", f"departures before the start are known from {len(steps)} steps only")
    return Sensitivity(
        effect=float(average @ values),
        intervals=tuple((magnitude, interval(magnitude)) for magnitude in parameters.magnitudes),
        breakdown=_breakdown(interval),
        explanation=Explanation(
            "effects.relative_magnitudes",
            1,
            inputs_hash(offsets, values, covariance, parameters.magnitudes, parameters.level),
            (
                Assumption(
                    "effects.departure_bounded",
                    None,
                    "after the start, trends part by no more a period than M times the largest step before it",
                ),
            ),
            (few,) if len(steps) < _FEW_STEPS else (),
        ),
    )


def _steps(before: np.ndarray, width: int) -> Floats:
    """Each step between neighbouring periods before the start as a row of weights; the last leads to the base (0)."""
    rows = np.zeros((len(before), width))
    rows[np.arange(len(before)), before] = -1.0
    rows[np.arange(len(before) - 1), before[1:]] = 1.0
    return rows


def _breakdown(interval: Callable[[float], Interval]) -> float:
    """The largest M whose interval excludes 0, by bisection: the interval only widens with M."""

    def excludes_zero(magnitude: float) -> bool:
        at = interval(magnitude)
        return at.low > 0 or at.high < 0

    if not excludes_zero(0.0):
        return 0.0
    if excludes_zero(_LARGEST_MAGNITUDE):
        return math.inf
    low, high = 0.0, _LARGEST_MAGNITUDE
    for _ in range(_SEARCH_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if excludes_zero(middle) else (low, middle)
    return low
