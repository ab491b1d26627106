"""Covariances and simultaneous bands from influence functions, ψ with estimate − truth ≈ Σψ; knows no design."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.effects.estimate import Floats

Codes = NDArray[np.int64]

_REPLICATES_AT_ONCE = 256


class InfluenceByUnit:
    """The influence functions of cells unit by unit (cells, n), and the weights of each group's units (groups, n)."""

    def __init__(self, influence: Floats, membership: Floats) -> None:
        self._influence = influence
        self._membership = membership

    def combined(self, cells: Floats, pulls: Floats) -> Floats:
        """Those (m, n) of combinations of `cells` (m, cells) and of `pulls` (m, groups) on the groups' units."""
        return np.asarray(cells @ self._influence + pulls @ self._membership)

    def covariance(self, cells: Floats, pulls: Floats) -> Floats:
        """Covariance (m, m) of these combinations, each unit on its own."""
        influence = self.combined(cells, pulls)
        return np.asarray(influence @ influence.T)


class InfluenceOfMeans:
    """The influence functions of differences of group means, never laid out cell by cell.

    Units lie sorted by group; group h ends before row `ends[h]`. For cell c and unit i of group h
    ψ = w_i·(L[c, h]·(Y_i − Ȳ_h) + K[c, h]), with `loadings` L (cells, groups, T) and `constants` K (cells, groups).
    """

    def __init__(
        self, outcome: Floats, means: Floats, weight: Floats, ends: Codes, loadings: Floats, constants: Floats
    ) -> None:
        self._outcome = outcome
        self._means = means
        self._weight = weight
        self._alike = bool((weight == 1).all())
        self._ends = ends
        self._loadings = loadings
        self._constants = constants

    def combined(self, cells: Floats, pulls: Floats) -> Floats:
        """Those (m, n) of combinations of `cells` (m, cells) and of `pulls` (m, first groups) on the groups' units."""
        loadings, constants = self._combinations(cells, pulls)
        influence = np.empty((len(cells), len(self._outcome)))
        begin = 0
        for group, end in enumerate(self._ends):
            part = influence[:, begin:end]
            np.matmul(loadings[:, group], self._outcome[begin:end].T, out=part)
            part += (constants[:, group] - loadings[:, group] @ self._means[group])[:, None]
            begin = end
        return influence if self._alike else influence * self._weight

    def covariance(self, cells: Floats, pulls: Floats) -> Floats:
        """Covariance (m, m) of these combinations, each unit on its own: Σ_h L S_h L' + n_h K K' for equal weights."""
        if not self._alike:
            influence = self.combined(cells, pulls)
            return np.asarray(influence @ influence.T)
        loadings, constants = self._combinations(cells, pulls)
        counts = np.diff(self._ends, prepend=0)
        total = (constants * counts) @ constants.T
        begin = 0
        for group, end in enumerate(self._ends):
            deviations = self._outcome[begin:end] - self._means[group]
            total += loadings[:, group] @ (deviations.T @ deviations) @ loadings[:, group].T
            begin = end
        return np.asarray(total)

    def _combinations(self, cells: Floats, pulls: Floats) -> tuple[Floats, Floats]:
        """L (m, groups, T) and K (m, groups) of the combinations."""
        constants = cells @ self._constants
        constants[:, : pulls.shape[1]] += pulls
        return np.tensordot(cells, self._loadings, axes=1), constants


def by_cluster(influence: Floats, cluster: Codes | None) -> Floats:
    """Influence functions (m, n) added up over each cluster (m, clusters); unchanged where units stand alone."""
    if cluster is None:
        return influence
    order = np.argsort(cluster, kind="stable")
    begins = np.flatnonzero(np.diff(cluster[order], prepend=-1))
    return np.asarray(np.add.reduceat(influence[:, order], begins, axis=1))


def simultaneous_critical_value(
    influence: Floats, errors: Floats, *, replicates: int, seed: int, level: float
) -> float | None:
    """The 1 − `level` quantile of the largest |t| among m estimates, by Rademacher multipliers.

    `influence` is (m, clusters), `errors` (m,). None without replicates, or where no standard error is above 0.
    Source: Callaway and Sant'Anna 2021, section 4.1, algorithm 1.
    """
    known = errors > 0
    if not replicates or not known.any():
        return None
    scaled = np.ascontiguousarray((influence[known] / errors[known, None]).T, dtype=np.float32)
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
