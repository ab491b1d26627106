"""The forecasters: averaged exponential smoothing, its best single model, Theta and the naive ones; no interval here.

All take several histories at once, `rows` (rows, months) of which row r counts up to `ends[r]`, and return forecasts
(rows, horizon): so the origins of a backtest cost one pass.
"""

import numpy as np

from ronghe.methods.demand import Floats, Integers

TEMPER = 0.5
SEASON_P = 0.01
_ALPHAS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)
_BETAS = (0.1, 0.2, 0.4, 0.6, 0.8, 0.99)
_DAMPINGS = (0.5, 0.7, 0.8, 0.9, 0.98)
_GRID = np.array(
    [(alpha, 0.0, 0.0) for alpha in _ALPHAS]
    + [(alpha, beta * alpha, damping) for alpha in _ALPHAS for beta in _BETAS for damping in _DAMPINGS]
).T
# α, level, σ and one way to start; with a trend also β and φ. A level model spends less.
_PARAMETERS = np.where(_GRID[1] == 0, 2.0, 5.0)
_THETA_ALPHAS = np.arange(0.05, 1.0001, 0.05)


def averaged_smoothing(rows: Floats, ends: Integers, horizon: int) -> Floats:
    """Return the average over 248 exponential smoothings, level or damped trend, weighted by exp(−½ · ½ ΔAICc).

    Halving the exponent (TEMPER) keeps several models in play, since months are fewer and less independent than the
    likelihood believes. Sources: Hyndman et al., "Forecasting with exponential smoothing", 2008, chapters 2 and 7;
    Burnham and Anderson, "Model selection and multimodel inference", 2002, section 2.9.
    """
    level, trend, criterion = _fitted(rows, ends)
    weight = np.exp(-0.5 * TEMPER * (criterion - criterion.min(axis=1, keepdims=True)))
    weight /= weight.sum(axis=1, keepdims=True)
    return _ahead((weight * level).sum(axis=1), weight * trend, horizon)


def best_smoothing(rows: Floats, ends: Integers, horizon: int) -> Floats:
    """Return the forecast of the one smoothing with the least AICc: ETS(A,N,N) or ETS(A,Ad,N) on the grid."""
    level, trend, criterion = _fitted(rows, ends)
    best = np.zeros_like(criterion)
    best[np.arange(len(rows)), criterion.argmin(axis=1)] = 1.0
    return _ahead((best * level).sum(axis=1), best * trend, horizon)


def _ahead(level: Floats, trend: Floats, horizon: int) -> Floats:
    """level + Σ_models trend · (φ + φ² + … + φ^h)."""
    steps = np.cumsum(_GRID[2][:, None] ** np.arange(1, horizon + 1), axis=1)
    return np.asarray(level[:, None] + trend @ steps)


def _fitted(rows: Floats, ends: Integers) -> tuple[Floats, Floats, Floats]:
    """Level, trend and AICc of every model at each row's end, (rows, models) each.

    ŷ = l + φb; e = y − ŷ; l ← ŷ + max(α, 1/t)e; b ← φb + βe, from l = first value and b = 0. The gain of 1/t in the
    t-th month makes slow models begin as a plain mean, rather than cling to the first value.
    """
    alpha, beta, damping = _GRID
    order = np.argsort(ends, kind="stable")
    values, last = rows[order], ends[order]
    level = np.repeat(values[:, :1], len(alpha), axis=1)
    trend = np.zeros_like(level)
    squares = np.zeros_like(level)
    for month in range(1, int(last.max())):
        # Rows stand in the order of their ends: those that are over keep what they had there.
        live = slice(int(np.searchsorted(last, month, side="right")), None)
        expected = level[live] + damping * trend[live]
        error = values[live, month, None] - expected
        squares[live] += error * error
        level[live] = expected + np.maximum(alpha, 1.0 / (month + 1)) * error
        trend[live] = damping * trend[live] + beta * error
    count = last[:, None].astype(np.float64)
    # A series that a model follows without error must not make its logarithm infinite.
    floor = 1e-12 * (1.0 + np.mean(values**2, axis=1, keepdims=True))
    parameters = _PARAMETERS
    criterion = (
        count * np.log(squares / count + floor)
        + 2.0 * parameters
        + 2.0 * parameters * (parameters + 1.0) / (count - parameters - 1.0)
    )
    back = np.argsort(order, kind="stable")
    return level[back], trend[back], criterion[back]


def theta(rows: Floats, ends: Integers, horizon: int) -> Floats:
    """Return the Theta forecast: simple smoothing with half the slope of the straight line as drift.

    Source: Assimakopoulos and Nikolopoulos, "The theta model", 2000, in the form of Hyndman and Billah, "Unmasking the
    Theta method", 2003.
    """
    order = np.argsort(ends, kind="stable")
    values, last = rows[order], ends[order]
    level = np.repeat(values[:, :1], len(_THETA_ALPHAS), axis=1)
    squares = np.zeros_like(level)
    for month in range(1, int(last.max())):
        live = slice(int(np.searchsorted(last, month, side="right")), None)
        error = values[live, month, None] - level[live]
        squares[live] += error * error
        level[live] += _THETA_ALPHAS * error
    best = squares.argmin(axis=1)
    alpha = _THETA_ALPHAS[best]
    position = np.arange(rows.shape[1])
    middle = (last - 1) / 2.0
    centred = np.where(position < last[:, None], position - middle[:, None], 0.0)
    slope = (centred * values).sum(axis=1) / (centred**2).sum(axis=1)
    start = (1.0 - (1.0 - alpha) ** last) / alpha
    ahead = np.arange(horizon)[None, :] + start[:, None]
    found = level[np.arange(len(values)), best][:, None] + 0.5 * slope[:, None] * ahead
    return np.asarray(found[np.argsort(order, kind="stable")])


def naive(rows: Floats, ends: Integers, horizon: int) -> Floats:
    """Return the last value for every month to come."""
    return np.repeat(rows[np.arange(len(rows)), ends - 1][:, None], horizon, axis=1)


def seasonal_naive(rows: Floats, ends: Integers, horizon: int, season: int = 12) -> Floats:
    """Return the value of the same month a season ago; the last value where there is less than a season."""
    ahead = np.arange(horizon)[None, :]
    place = ends[:, None] - season + ahead % season
    return np.where(place >= 0, np.take_along_axis(rows, np.maximum(place, 0), axis=1), naive(rows, ends, horizon))


def seasonal_pattern(history: Floats, season: int) -> Floats:
    """Return what each month of the season adds, (season,), month 0 being the first of the history; zeros without one.

    Classical additive decomposition over at least three seasons, used only if the month-to-month changes differ from
    one calendar month to another by more than chance: one-way analysis of variance, p < 0.01. Changes rather than
    values, since those of a wandering series are hardly related.
    """
    count = len(history)
    if count < 3 * season or not _repeats(np.diff(history), season):
        return np.zeros(season)
    kernel = np.ones(season) / season
    if season % 2 == 0:
        kernel = np.convolve(kernel, [0.5, 0.5])
    margin = len(kernel) // 2
    left = history[margin : count - margin] - np.convolve(history, kernel, mode="valid")
    place = (np.arange(len(left)) + margin) % season
    pattern = np.bincount(place, weights=left, minlength=season) / np.bincount(place, minlength=season)
    return np.asarray(pattern - pattern.mean())


def _repeats(changes: Floats, season: int) -> bool:
    from scipy.special import fdtrc  # SciPy is loaded where a forecast is made, not with every page.

    place = np.arange(len(changes)) % season
    size = np.bincount(place, minlength=season)
    mean = np.bincount(place, weights=changes, minlength=season) / size
    between = float((size * (mean - changes.mean()) ** 2).sum())
    within = float(((changes - mean[place]) ** 2).sum())
    # Changes without any noise are a season if they differ at all.
    if within <= 1e-12 * between:
        return between > 1e-12
    freedom = len(changes) - season
    return float(fdtrc(season - 1, freedom, between / (season - 1) / (within / freedom))) < SEASON_P
