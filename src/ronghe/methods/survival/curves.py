"""Kaplan–Meier curves and what is read from them: survival at a time, quantiles, restricted mean; compares nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.explained import Caution, Explanation, UnmetAssumption
from ronghe.methods.intervals import LEAST_UNITS, Estimate, log_log_bounds, no_data, normal_quantile
from ronghe.methods.survival.durations import CheckedDurations, Durations, Floats, checked, explained, tally


@dataclass(frozen=True, slots=True)
class Curve:
    """The Kaplan–Meier estimate of one group: arrays with one entry for each time at which an event was seen.

    `low` and `high` bound `survival`; `variance_sum` is Greenwood's Σ d / (n (n − d)); `last` is the longest time
    observed, `at_last` how many were still at risk then.
    """

    group: str
    units: float
    events_seen: float
    last: float
    time: Floats
    at_risk: Floats
    events: Floats
    survival: Floats
    standard_error: Floats
    variance_sum: Floats
    low: Floats
    high: Floats
    observed_until: Floats
    observed_count: Floats
    confidence: float

    def at_risk_at(self, time: float) -> float:
        """How many units were observed until `time` or longer."""
        return float(self.observed_count[self.observed_until >= time].sum())


@dataclass(frozen=True, slots=True)
class KaplanMeier:
    """One curve a group, in the order of the groups' names."""

    curves: tuple[Curve, ...]
    explanation: Explanation


def kaplan_meier(given: Durations) -> KaplanMeier:
    """Return S(t) = Π_{tᵢ ≤ t} (1 − dᵢ/nᵢ) for each group, with Greenwood's error and ends on the log(−log) scale.

    Units censored at the time of an event are still at risk there. At S = 0 or 1 the ends are Wilson's on the number
    at risk. Sources: Kaplan and Meier, JASA 53 (1958) 457–481; Greenwood, 1926. Raises `UnmetAssumption`:
    `survival.no_units`, `survival.shapes`, `survival.not_finite`, `survival.negative_time`, `survival.event`,
    `survival.weight`, `survival.duplicated_unit`, `intervals.confidence`.
    """
    normal_quantile(given.confidence)
    data = checked(given)
    curves = []
    for number, name in enumerate(data.names):
        chosen = data.group == number
        curves.append(_curve(name, data.time[chosen], data.event[chosen], data.weight[chosen], given.confidence))
    return KaplanMeier(tuple(curves), explained("survival.kaplan_meier", data, (given.confidence,), _follow_up(data)))


def survival_at(curve: Curve, time: float, explanation: Explanation, least_units: int = LEAST_UNITS) -> Estimate:
    """Return S(time) with its interval; `count` is the number of units of the curve.

    No data where fewer than `least_units` were observed at all, or none as long as `time` and not all had the event:
    a curve says nothing beyond its last observation. Raises `UnmetAssumption` `survival.negative_time`.
    """
    if not time >= 0:
        raise UnmetAssumption("survival.negative_time", f"asked at time {time}", "ask at a time from 0 on")
    before = int(np.searchsorted(curve.time, time, side="right"))
    value = float(curve.survival[before - 1]) if before else 1.0
    if curve.units < least_units or (time > curve.last and value > 0):
        return no_data(curve.confidence, int(curve.units), explanation)
    if before:
        low, high = float(curve.low[before - 1]), float(curve.high[before - 1])
    else:
        edge_low, edge_high = log_log_bounds(1.0, 0.0, curve.at_risk_at(time), curve.confidence)
        low, high = float(edge_low), float(edge_high)
    return Estimate(value, low, high, curve.confidence, int(curve.units), explanation)


def quantile(curve: Curve, share: float = 0.5) -> tuple[float | None, float | None, float | None]:
    """Return the first time at which S ≤ 1 − share, and the ends of its interval; None where a curve stays above.

    Where S meets 1 − share exactly the middle of that flat piece is given, as is usual for a median. The ends are the
    times at which the ends of S do so (Brookmeyer and Crowley, Biometrics 38 (1982) 29–41).
    """
    if not 0 < share < 1:
        raise UnmetAssumption("survival.share", f"a share of {share}", "ask for a share between 0 and 1")
    level = 1.0 - share
    return (
        _first_at_or_below(curve, curve.survival, level),
        _first_at_or_below(curve, curve.low, level),
        _first_at_or_below(curve, curve.high, level),
    )


def restricted_mean(curve: Curve, until: float) -> tuple[float, float]:
    """Return the mean time without the event up to `until`, ∫₀^τ S, and its standard error (Greenwood's).

    Raises `UnmetAssumption` `survival.beyond_last` when units are still at risk at the last observation and `until` is
    later than that.
    """
    if not until > 0:
        raise UnmetAssumption("survival.negative_time", f"until {until}", "ask for a time after 0")
    inside = curve.time < until
    survival = np.concatenate(([1.0], curve.survival[inside]))
    if until > curve.last and survival[-1] > 0:
        raise UnmetAssumption(
            "survival.beyond_last",
            f"observation ends at {curve.last:g}, before {until:g}",
            f"ask for a time of at most {curve.last:g}",
        )
    edges = np.concatenate(([0.0], curve.time[inside], [until]))
    areas = np.diff(edges) * survival
    remaining = areas[::-1].cumsum()[::-1][1:]
    at_risk, events = curve.at_risk[inside], curve.events[inside]
    kept = at_risk > events
    variance = (remaining[kept] ** 2 * events[kept] / (at_risk[kept] * (at_risk[kept] - events[kept]))).sum()
    return float(areas.sum()), math.sqrt(variance)


def _curve(name: str, time: Floats, event: NDArray[np.bool_], weight: Floats, confidence: float) -> Curve:
    distinct, events, leaving, _ = tally(time, event, weight)
    at_risk = leaving[::-1].cumsum()[::-1]
    kept = events > 0
    n, d = at_risk[kept], events[kept]
    survival = np.cumprod(1.0 - d / n)
    with np.errstate(divide="ignore"):
        variance_sum = np.cumsum(np.where(n > d, d / (n * (n - d)), np.inf))
    with np.errstate(invalid="ignore"):
        error = np.where(survival > 0, survival * np.sqrt(variance_sum), 0.0)
    low, high = log_log_bounds(survival, variance_sum, _effective_size(n, survival, variance_sum), confidence)
    return Curve(
        name,
        float(weight.sum()),
        float(d.sum()),
        float(distinct[leaving > 0].max()) if (leaving > 0).any() else 0.0,
        distinct[kept],
        n,
        d,
        survival,
        error,
        variance_sum,
        low,
        high,
        distinct,
        leaving,
        confidence,
    )


def _effective_size(at_risk: Floats, survival: Floats, variance_sum: Floats) -> Floats:
    """How many uncensored units would know as much: (1 − S) / (S V) before S reached 0 (Cutler and Ederer, 1958).

    Only the last entry is used, and only where S = 0: without censoring it is the number that set out, and with
    censoring no more than were informative.
    """
    size = at_risk.copy()
    if len(size) > 1 and survival[-1] <= 0:
        size[-1] = (1.0 - survival[-2]) / (survival[-2] * variance_sum[-2])
    return size


def _first_at_or_below(curve: Curve, values: Floats, level: float) -> float | None:
    tolerance = 1e-9
    reached = np.flatnonzero(values <= level + tolerance)
    if not len(reached):
        return None
    first = int(reached[0])
    if abs(float(values[first]) - level) <= tolerance and first + 1 < len(curve.time):
        return float((curve.time[first] + curve.time[first + 1]) / 2.0)
    return float(curve.time[first])


def _follow_up(data: CheckedDurations) -> tuple[Caution, ...]:
    if data.event.any():
        return ()
    return (Caution("survival.no_events", "no event was seen: survival is 1 as far as anyone was observed"),)
