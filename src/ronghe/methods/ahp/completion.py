"""Weights out of matrices of pairwise ratios, many matrices at once; knows no items, experts or scales.

A stack has the shape (replicates, n, n) and holds logarithms of ratios, skew-symmetric, 0 where nothing is known.
`missing` has the shape (m, 2): the pairs (i < j) that are unknown in every matrix of the stack.

Sources: Saaty, "A scaling method for priorities in hierarchical structures", Journal of Mathematical Psychology 15,
1977; Bozóki, Fülöp, Rónyai, "On optimal completion of incomplete pairwise comparison matrices", Mathematical and
Computer Modelling 52, 2010.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pairs = NDArray[np.intp]

# A matrix of ratios to the power 2¹⁰ is of rank one to the last digit, unless the ratios are wilder than people's are.
_SQUARINGS = 10
_MOST_STEPS = 60
_MOST_HALVINGS = 40
_TOLERANCE = 1e-11
_NUMBERS_AT_ONCE = 1 << 22


@dataclass(frozen=True, slots=True)
class Completed:
    """Principal eigenvalues (replicates,), weights that sum to 1 (replicates, n), completed logarithms."""

    eigenvalue: Floats
    weights: Floats
    logarithms: Floats


def least_squares_weights(logarithms: Floats, known: NDArray[np.bool_]) -> Floats:
    """Weights w that minimise Σ (log a_ij − log w_i + log w_j)² over the known pairs; (replicates, n), sum 1.

    `known` (n, n) is symmetric; its graph must be connected. On a complete matrix this is the row geometric mean.
    """
    size = known.shape[0]
    adjacency = known & ~np.eye(size, dtype=bool)
    laplacian = np.diag(adjacency.sum(axis=1)) - adjacency.astype(np.float64)
    # Adding the mean makes the Laplacian invertible and fixes the one free constant.
    potentials = np.where(adjacency, logarithms, 0.0).sum(axis=2) @ np.linalg.inv(laplacian + 1.0 / size)
    weights = np.exp(potentials - potentials.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def perron(matrices: Floats) -> tuple[Floats, Floats, Floats]:
    """Principal eigenvalue λ, right vector w (sum 1) and left vector v (v·w = 1) of a stack of positive matrices."""
    power = matrices / matrices.max(axis=(1, 2), keepdims=True)
    for _ in range(_SQUARINGS):
        power = power @ power
        power /= power.max(axis=(1, 2), keepdims=True)
    right = np.einsum("rij,rj->ri", matrices, power.sum(axis=2))
    right /= right.sum(axis=1, keepdims=True)
    left = np.einsum("rij,ri->rj", matrices, power.sum(axis=1))
    left /= np.einsum("ri,ri->r", left, right)[:, None]
    eigenvalue = np.einsum("ri,rij,rj->r", left, matrices, right)
    return eigenvalue, right, left


def complete(logarithms: Floats, missing: Pairs) -> Completed:
    """Fill in the missing ratios so that the principal eigenvalue is least, and return the weights of the result.

    The eigenvalue is a strictly convex function of the missing logarithms while the known pairs connect all items
    (Bozóki et al., theorem 2), so damped Newton steps from the least-squares solution reach the one minimum.
    """
    matrices = np.array(logarithms, dtype=np.float64)
    if not len(missing):
        eigenvalue, weights, _ = perron(np.exp(matrices))
        return Completed(eigenvalue, weights, matrices)
    most = max(1, _NUMBERS_AT_ONCE // (len(missing) + matrices.shape[1]) ** 2)
    parts = [_completed(matrices[start : start + most], missing) for start in range(0, len(matrices), most)]
    return Completed(
        np.concatenate([part.eigenvalue for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.logarithms for part in parts]),
    )


def _completed(matrices: Floats, missing: Pairs) -> Completed:
    """`complete` for as many matrices as fit into memory; changes `matrices`."""
    first, second = missing[:, 0], missing[:, 1]
    known = np.ones(matrices.shape[1:], dtype=bool)
    known[first, second] = known[second, first] = False
    potentials = np.log(least_squares_weights(matrices, known))
    unknown = potentials[:, first] - potentials[:, second]
    _fill(matrices, first, second, unknown)
    eigenvalue, right, left = perron(np.exp(matrices))
    active = np.arange(len(matrices))
    for _ in range(_MOST_STEPS):
        gradient, curvature = _derivatives(
            np.exp(matrices[active]), eigenvalue[active], right[active], left[active], first, second
        )
        moving = np.abs(gradient).max(axis=1) > _TOLERANCE * eigenvalue[active]
        active = active[moving]
        if not len(active):
            break
        step = np.linalg.solve(curvature[moving], -gradient[moving, :, None])[:, :, 0]
        slope = np.einsum("rk,rk->r", gradient[moving], step)
        length = np.ones(len(active))
        for _ in range(_MOST_HALVINGS):
            trial = matrices[active]
            _fill(trial, first, second, unknown[active] + length[:, None] * step)
            value, trial_right, trial_left = perron(np.exp(trial))
            # The last digits of an eigenvalue are noise; near the minimum a full step is right whatever they say.
            worse = value > eigenvalue[active] * (1 + 1e-13) + 1e-4 * length * slope
            if not worse.any():
                break
            length[worse] /= 2
        unknown[active] += length[:, None] * step
        matrices[active], eigenvalue[active], right[active], left[active] = trial, value, trial_right, trial_left
        # What no longer moves has reached the precision of the numbers.
        active = active[np.abs(length[:, None] * step).max(axis=1) > 1e-14]
        if not len(active):
            break
    return Completed(eigenvalue, right, matrices)


def _fill(matrices: Floats, first: Pairs, second: Pairs, unknown: Floats) -> None:
    matrices[:, first, second] = unknown
    matrices[:, second, first] = -unknown


def _derivatives(
    ratios: Floats, eigenvalue: Floats, right: Floats, left: Floats, first: Pairs, second: Pairs
) -> tuple[Floats, Floats]:
    """Gradient (replicates, m) and Hessian (replicates, m, m) of the eigenvalue in the missing logarithms.

    With v·w = 1: ∂λ = v'(∂A)w, and ∂²λ = v'(∂²A)w + 2 v'(∂A) G (∂A)w, G the group inverse of λI − A.
    """
    replicates, size = right.shape
    count = len(first)
    index = np.arange(count)
    forward = ratios[:, first, second]
    backward = ratios[:, second, first]
    up = left[:, first] * forward * right[:, second]
    down = left[:, second] * backward * right[:, first]
    projector = right[:, :, None] * left[:, None, :]
    shifted = eigenvalue[:, None, None] * np.eye(size) - ratios + projector
    inverse = np.linalg.inv(shifted) - projector
    rows = np.zeros((replicates, count, size))
    rows[:, index, second] += left[:, first] * forward
    rows[:, index, first] -= left[:, second] * backward
    columns = np.zeros((replicates, size, count))
    columns[:, first, index] += forward * right[:, second]
    columns[:, second, index] -= backward * right[:, first]
    mixed = rows @ inverse @ columns
    hessian = mixed + mixed.transpose(0, 2, 1)
    hessian[:, index, index] += up + down
    return up - down, hessian
