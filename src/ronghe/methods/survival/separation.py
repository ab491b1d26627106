"""Whether covariates order all events perfectly, so that Cox's likelihood has no finite maximum; fits nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.survival.durations import Floats, Integers


def separating_direction(
    time: Floats, event: NDArray[np.bool_], covariates: Floats, stratum: Integers
) -> Floats | None:
    """Return β ≠ 0 such that every event has the largest xβ of those at risk (a monotone likelihood), or None.

    A linear programme over β, each within −1 … 1, and one bound m a distinct time and stratum: xβ ≤ m of the time a
    unit leaves, m of a later time ≤ m of the one before, xβ ≥ m for each event. The sum by which events exceed the
    others at risk is made as large as possible; it is above 0 exactly when such a β exists. Source for the condition:
    Bryson and Johnson, Technometrics 23 (1981) 381–383.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array

    order = np.lexsort((time, stratum))
    x, seen = covariates[order], event[order]
    units, width = x.shape
    starts = np.ones(units, dtype=bool)
    starts[1:] = (np.diff(stratum[order]) != 0) | (np.diff(time[order]) != 0)
    place = np.cumsum(starts) - 1
    first = np.flatnonzero(starts)
    of_stratum = stratum[order][first]
    bounds_count = len(first)
    gain = _excess(x, seen, first, place, of_stratum)
    largest = float(np.abs(gain).max())
    if largest == 0.0:
        return None
    chained = np.flatnonzero(np.diff(of_stratum) == 0)
    happened = np.flatnonzero(seen)
    leaves, events, links = np.arange(units), units + np.arange(len(happened)), len(chained)
    links_at = units + len(happened) + np.arange(links)
    columns = np.arange(width)
    entries = (
        (np.repeat(leaves, width), np.tile(columns, units), x.ravel()),
        (leaves, width + place, -np.ones(units)),
        (np.repeat(events, width), np.tile(columns, len(happened)), -x[happened].ravel()),
        (events, width + place[happened], np.ones(len(happened))),
        (links_at, width + chained + 1, np.ones(links)),
        (links_at, width + chained, -np.ones(links)),
    )
    row, column, value = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    rows = units + len(happened) + links
    matrix = coo_array((value, (row, column)), shape=(rows, width + bounds_count)).tocsr()
    free = np.full(bounds_count, np.inf)
    found = milp(
        np.concatenate((-gain / largest, np.zeros(bounds_count))),
        constraints=LinearConstraint(matrix, -np.inf, 0.0),
        bounds=Bounds(np.concatenate((-np.ones(width), -free)), np.concatenate((np.ones(width), free))),
    )
    if found.x is None or -float(found.fun) < 1e-7:
        return None
    return np.asarray(found.x[:width], dtype=np.float64)


def _excess(x: Floats, seen: NDArray[np.bool_], first: Integers, place: Integers, of_stratum: Integers) -> Floats:
    """Σ over events of Σ over those at risk of the difference of their covariates, (covariates,)."""
    units = len(x)
    tail = np.vstack((x[::-1].cumsum(axis=0)[::-1], np.zeros(x.shape[1])))
    last_of = np.searchsorted(of_stratum, of_stratum, side="right")
    end = np.append(first, units)[last_of]
    at_risk = tail[first] - tail[end]
    count = end - first
    happened = place[seen]
    return np.asarray((count[happened, None] * x[seen] - at_risk[happened]).sum(axis=0))
