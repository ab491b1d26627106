"""Least squares and the logistic and Poisson regressions that the methods of effects rest on; general, no effects.

Sources: Cameron and Trivedi, "Microeconometrics", 2005, chapters 4 and 5; Newey and West, Econometrica 55, 1987;
McCullagh and Nelder, "Generalized Linear Models", 1989, section 2.5 (iterated weighted least squares).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ronghe.methods.effects.estimate import Floats
from ronghe.methods.explained import UnmetAssumption

_ITERATIONS = 50
_RANK_TOLERANCE = 1e-10
_WORST_CONDITION = 1e12


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """Coefficients (k,), fitted means (n,), inverse information (k, k), and residuals on the outcome's scale (n,)."""

    coefficients: Floats
    fitted: Floats
    inverse_information: Floats
    residuals: Floats


def checked_rank(design: Floats, *, what: str = "the design") -> None:
    """Raise `UnmetAssumption` unless the columns of `design` are linearly independent, with rows to spare."""
    rows, columns = design.shape
    if rows <= columns:
        raise UnmetAssumption(
            "effects.too_few_rows",
            f"{what} has {rows} rows for {columns} coefficients",
            "add observations or leave out covariates",
        )
    scale = np.sqrt((design**2).sum(axis=0))
    if (scale == 0).any() or np.linalg.matrix_rank(design / scale, tol=_RANK_TOLERANCE * np.sqrt(rows)) < columns:
        raise UnmetAssumption(
            "effects.singular_design",
            f"the {columns} columns of {what} are linearly dependent",
            "leave out covariates that are constant or follow from the others",
        )


def least_squares(design: Floats, outcome: Floats, weight: Floats | None = None) -> Fit:
    """Weighted least squares; `design` (n, k) includes the constant."""
    weights = np.ones(len(outcome)) if weight is None else weight
    checked_rank(design * np.sqrt(weights)[:, None])
    root = np.sqrt(weights)
    orthogonal, triangular = np.linalg.qr(design * root[:, None])
    coefficients = np.linalg.solve(triangular, orthogonal.T @ (outcome * root))
    inverse = np.linalg.inv(triangular)
    fitted = design @ coefficients
    return Fit(coefficients, fitted, np.asarray(inverse @ inverse.T, dtype=np.float64), outcome - fitted)


def logistic(design: Floats, flag: Floats, weight: Floats) -> Fit:
    """Maximum-likelihood logit of `flag` (n,) in {0, 1}.

    Raises `UnmetAssumption` where the covariates separate the groups, so that no finite maximum exists.
    """
    checked_rank(design)
    coefficients: Floats = np.zeros(design.shape[1])
    for _ in range(_ITERATIONS):
        probability: Floats = 1 / (1 + np.exp(-np.clip(design @ coefficients, -40, 40)))
        information = (design * (weight * probability * (1 - probability))[:, None]).T @ design
        scale = np.sqrt(np.diag(information))
        if not scale.all() or np.linalg.cond(information / np.outer(scale, scale)) > _WORST_CONDITION:
            break
        step = np.linalg.solve(information, design.T @ (weight * (flag - probability)))
        coefficients = coefficients + step
        if np.abs(step * scale).max() < 1e-10 * np.sqrt(len(flag)):
            inverse: Floats = np.asarray(np.linalg.inv(information), dtype=np.float64)
            return Fit(coefficients, probability, inverse, flag - probability)
    raise UnmetAssumption(
        "effects.separation",
        "the covariates tell treated and compared units apart without error, so their odds have no finite estimate",
        "leave out the covariate that separates them, or compare units that overlap in it",
    )


def poisson(design: Floats, count: Floats, offset: Floats) -> Fit:
    """Maximum-likelihood Poisson regression with the log link; `offset` (n,) is added to the linear predictor."""
    checked_rank(design)
    mean = count + 0.5
    coefficients: Floats = np.zeros(design.shape[1])
    for _ in range(_ITERATIONS):
        working = np.log(mean) - offset + (count - mean) / mean
        information = (design * mean[:, None]).T @ design
        scale = np.sqrt(np.diag(information))
        if not scale.all() or np.linalg.cond(information / np.outer(scale, scale)) > _WORST_CONDITION:
            break
        inverse: Floats = np.asarray(np.linalg.inv(information), dtype=np.float64)
        following = np.asarray(inverse @ ((design * mean[:, None]).T @ working), dtype=np.float64)
        moved = np.abs((following - coefficients) * scale).max()
        coefficients = following
        mean = np.exp(np.clip(design @ coefficients + offset, -700, 700))
        if moved < 1e-9 * np.sqrt(len(count)):
            return Fit(coefficients, mean, inverse, count - mean)
    raise UnmetAssumption(
        "effects.no_convergence",
        f"the Poisson regression did not settle in {_ITERATIONS} steps",
        "look for a period or season without any count, and merge it with its neighbour",
    )


def robust_covariance(design: Floats, fit: Fit) -> Floats:
    """Heteroskedasticity-consistent covariance HC2: residual² / (1 − leverage) (MacKinnon and White 1985)."""
    leverage = np.einsum("ij,jk,ik->i", design, fit.inverse_information, design)
    scores = design * (fit.residuals / np.sqrt(np.maximum(1 - leverage, 1e-12)))[:, None]
    return np.asarray(fit.inverse_information @ (scores.T @ scores) @ fit.inverse_information)


def newey_west_covariance(design: Floats, fit: Fit, lags: int) -> Floats:
    """Covariance robust to autocorrelation up to `lags`, by Bartlett weights, with the correction n/(n − k)."""
    rows, columns = design.shape
    scores = design * fit.residuals[:, None]
    middle = scores.T @ scores
    for lag in range(1, lags + 1):
        cross = scores[lag:].T @ scores[:-lag]
        middle = middle + (1 - lag / (lags + 1)) * (cross + cross.T)
    return np.asarray(fit.inverse_information @ middle @ fit.inverse_information * rows / (rows - columns))
