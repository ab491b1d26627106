"""Standard errors, covariances and simultaneous bands from influence functions; knows no design."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.effects.estimate import Floats

Codes = NDArray[np.int64]

_REPLICATES_AT_ONCE = 256


def by_cluster(influence: Floats, cluster: Codes | None) -> Floats:
    """Influence functions (n, m) added up over each cluster (clusters, m); unchanged where units stand alone."""
    if cluster is None:
        return influence
    order = np.argsort(cluster, kind="stable")
    ends = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    return np.asarray(np.add.reduceat(influence[order], ends, axis=0))


def covariance(influence: Floats, units: int) -> Floats:
    """Covariance (m, m) of estimates whose summed influence functions are (clusters, m) over `units` units."""
    return np.asarray(influence.T @ influence / units**2)


def standard_errors(influence: Floats, units: int) -> Floats:
    """Standard errors (m,): √(Σ ψ²) / n."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->j", influence, influence)) / units)


def simultaneous_critical_value(
    influence: Floats, errors: Floats, units: int, *, replicates: int, seed: int, level: float
) -> float | None:
    """The 1 − `level` quantile of the largest |t| among m estimates, by Rademacher multipliers.

    `influence` is (clusters, m), `errors` (m,). None without replicates, or where no standard error is above 0.
    Source: Callaway and Sant'Anna 2021, section 4.1, algorithm 1.
    """
    known = errors > 0
    if not replicates or not known.any():
        return None
    scaled = np.asarray(influence[:, known] / (errors[known] * units), dtype=np.float32)
    total = scaled.sum(axis=0)
    generator = np.random.default_rng(seed)
    rows = len(scaled)
    largest = np.empty(replicates)
    for begin in range(0, replicates, _REPLICATES_AT_ONCE):
        count = min(_REPLICATES_AT_ONCE, replicates - begin)
        bits = np.frombuffer(generator.bytes(count * ((rows + 7) // 8)), dtype=np.uint8).reshape(count, -1)
        ones = np.unpackbits(bits, axis=1, count=rows).astype(np.float32)
        largest[begin : begin + count] = np.abs(2 * (ones @ scaled) - total).max(axis=1)
    return float(np.quantile(largest, 1 - level))
