"""The log-rank family: whether groups share one survival curve, stratified where asked; estimates no size of effect."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.explained import Caution, Explanation, UnmetAssumption
from ronghe.methods.intervals import LEAST_UNITS
from ronghe.methods.survival.durations import Durations, Floats, Integers, checked, explained, tally


class Weighting(Enum):
    """How a log-rank test weighs each event time: alike, by the number at risk (Gehan–Breslow), or by survival."""

    LOG_RANK = "log-rank"
    GEHAN = "gehan"
    PETO = "peto"


@dataclass(frozen=True, slots=True)
class LogRank:
    """The test that all groups share one survival curve: χ² with its degrees of freedom and p, and what each group
    had beside what it would have had."""

    groups: tuple[str, ...]
    observed: tuple[float, ...]
    expected: tuple[float, ...]
    chi_square: float
    degrees_of_freedom: int
    p_value: float
    explanation: Explanation


def log_rank(given: Durations, weighting: Weighting = Weighting.LOG_RANK) -> LogRank:
    """Return the K-group test of equal survival, stratified where strata are given.

    At each event time the events of group k are compared with d·nₖ/n; the variance is hypergeometric. Sources: Mantel,
    Cancer Chemotherapy Reports 50 (1966) 163–170; Gehan, Biometrika 52 (1965) 203–223. Raises as `kaplan_meier`, and
    `survival.one_group`, `survival.no_events`, `survival.singular` when the groups are never at risk together.
    """
    data = checked(given)
    if len(data.names) < 2:
        raise UnmetAssumption(
            "survival.one_group", f"only one group, {data.names[0]!r}", "name at least two groups to compare"
        )
    if not (data.event & (data.weight > 0)).any():
        raise UnmetAssumption("survival.no_events", "no unit had the event", "observe longer, or compare otherwise")
    count = len(data.names)
    observed, expected, score = np.zeros(count), np.zeros(count), np.zeros(count)
    variance = np.zeros((count, count))
    for stratum in range(data.strata):
        chosen = data.stratum == stratum
        if not data.event[chosen].any():
            continue
        part = _log_rank_of(
            data.time[chosen], data.event[chosen], data.weight[chosen], data.group[chosen], count, weighting
        )
        observed, expected = observed + part[0], expected + part[1]
        score, variance = score + part[2], variance + part[3]
    informative = np.diag(variance) > 1e-12 * max(float(np.diag(variance).max()), 1e-300)
    if informative.sum() < 2:
        raise UnmetAssumption(
            "survival.singular",
            "no event happened while two groups were at risk together",
            "compare groups whose observation overlaps",
        )
    # The scores add up to 0, so one group is left out of the quadratic form.
    kept = np.flatnonzero(informative)[1:]
    chi_square = float(score[kept] @ np.linalg.pinv(variance[np.ix_(kept, kept)]) @ score[kept])
    degrees = len(kept)
    smallest = float(expected[informative].min())
    cautions = []
    if smallest < LEAST_UNITS:
        cautions.append(
            Caution("survival.few_expected", f"a group expects {smallest:.1f} events: χ² is rough below {LEAST_UNITS}")
        )
    return LogRank(
        data.names,
        tuple(observed.tolist()),
        tuple(expected.tolist()),
        chi_square,
        degrees,
        chi_square_tail(chi_square, degrees),
        explained("survival.log_rank", data, (weighting,), tuple(cautions)),
    )


def chi_square_tail(value: float, degrees_of_freedom: int) -> float:
    """Return P(χ² ≥ value)."""
    from scipy.special import chdtrc

    return float(chdtrc(degrees_of_freedom, value))


def _log_rank_of(
    time: Floats,
    event: NDArray[np.bool_],
    weight: Floats,
    group: Integers,
    groups: int,
    weighting: Weighting,
) -> tuple[Floats, Floats, Floats, Floats]:
    distinct, events, leaving, place = tally(time, event, weight)
    size = len(distinct)
    cell = place * groups + group
    events_of = np.bincount(cell, weights=weight * event, minlength=size * groups).reshape(size, groups)
    risk_of = (
        np.bincount(cell, weights=weight, minlength=size * groups).reshape(size, groups)[::-1].cumsum(axis=0)[::-1]
    )
    kept = events > 0
    d, n = events[kept], leaving[::-1].cumsum()[::-1][kept]
    events_of, share = events_of[kept], risk_of[kept] / n[:, None]
    match weighting:
        case Weighting.LOG_RANK:
            w = np.ones(len(d))
        case Weighting.GEHAN:
            w = n
        case Weighting.PETO:
            w = np.asarray(np.cumprod(1.0 - d / (n + 1.0)), dtype=np.float64)
    expected = d[:, None] * share
    # With one unit left at risk nothing is left to chance.
    chance = w * w * d * np.where(n > 1, (n - d) / np.maximum(n - 1.0, 1e-300), 0.0)
    variance = np.diag((chance[:, None] * share).sum(axis=0)) - np.einsum("t,ti,tj->ij", chance, share, share)
    score = (w[:, None] * (events_of - expected)).sum(axis=0)
    return events_of.sum(axis=0), expected.sum(axis=0), score, variance
