"""Covariances and simultaneous bands from influence functions, ψ with estimate − truth ≈ Σψ; knows no design."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.effects.estimate import Floats

Codes = NDArray[np.int64]


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
        crossed = cells @ (self._influence @ self._membership.T) @ pulls.T
        own = cells @ (self._influence @ self._influence.T) @ cells.T
        return np.asarray(own + crossed + crossed.T + pulls @ (self._membership @ self._membership.T) @ pulls.T)


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


def simultaneous_critical_value(covariance: Floats, *, replicates: int, seed: int, level: float) -> float | None:
    """The 1 − `level` quantile of the largest |t| among m estimates with `covariance` (m, m), by multipliers.

    Given the data, Σ V_i·ψ_i with independent standard normal multipliers V_i is exactly normal with covariance
    Σ ψ_iψ_i', so the replicates are drawn from there and not unit by unit. None without replicates, or where no
    variance is above 0. Source: Callaway and Sant'Anna 2021, section 4.1, algorithm 1.
    """
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    known = errors > 0
    if not replicates or not known.any():
        return None
    values, vectors = np.linalg.eigh(covariance[np.ix_(known, known)] / np.outer(errors[known], errors[known]))
    normal = np.random.default_rng(seed).standard_normal((replicates, len(values)))
    draws = (normal * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    return float(np.quantile(np.abs(draws).max(axis=1), 1 - level))
