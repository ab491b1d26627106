"""Conformal intervals from the errors that earlier forecasts of the same series would have made; assumes no law.

Each past error is scaled by how restless the series was at the time, the quantile of the scaled errors known so far is
taken, and its level is corrected after each hit or miss. Sources: Vovk, Gammerman and Shafer, "Algorithmic learning in
a random world", 2005; Gibbs and Candès, "Adaptive conformal inference under distribution shift", 2021.
"""

import math

import numpy as np

from ronghe.methods.demand import Floats

MEMORY = 0.9
"""Weight of a month's change relative to the next one's, in the scale: a memory of some ten months."""

STEP = 0.05
"""How far a hit or a miss moves the level (Gibbs and Candès try 0.005 to 0.05)."""


def restlessness(values: Floats) -> Floats:
    """Return the recent root mean square change before each month, (months + 1,); entry o uses values[:o] only."""
    squares = np.diff(values) ** 2
    scale = np.full(len(values) + 1, np.nan)
    total = weight = 0.0
    for month, square in enumerate(squares):
        total, weight = MEMORY * total + float(square), MEMORY * weight + 1.0
        scale[month + 2] = math.sqrt(total / weight)
    floor = 1e-9 * (1.0 + float(np.abs(values).max()))
    return np.asarray(np.maximum(scale, floor))


def adaptive_bounds(scores: Floats, horizon: int, confidence: float) -> Floats:
    """Return the bound on the score of each origin's forecast, (origins + horizon,).

    `scores` (origins,) are the scaled errors at one horizon, of origins one month apart; the error of an origin is
    known `horizon` origins later, so the bound at origin o uses scores[: o − horizon + 1]. NaN where too few are known
    for the confidence: 4 for 80%, 9 for 90%.
    """
    origins = len(scores)
    bounds = np.full(origins + horizon, np.nan)
    miss = 1.0 - confidence
    adapted = miss
    for origin in range(horizon, origins + horizon):
        known = origin - horizon + 1
        judged = bounds[known - 1]
        if not np.isnan(judged):
            adapted += STEP * (miss - float(scores[known - 1] > judged))
            adapted = min(max(adapted, 0.0), 1.0)
        # With fewer errors than this no quantile has the confidence asked for.
        if known + 1 < 1.0 / miss - 1e-9:
            continue
        place = math.ceil((1.0 - adapted) * (known + 1)) - 1
        bounds[origin] = np.sort(scores[:known])[min(max(place, 0), known - 1)]
    return bounds
