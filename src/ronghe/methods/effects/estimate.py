"""What all methods of effects give back and share: an estimate with its interval, and how inputs are checked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ronghe.methods.explained import UnmetAssumption

Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

NORMAL = NormalDist()
# The fourth power of larger values has no place in a number of the machine.
_LARGEST = 1e70
# An error this small beside the spread of the values, or beside the largest, is what rounding leaves.
_OF_SPREAD, _OF_LARGEST = 1e-9, 1e-14


@dataclass(frozen=True, slots=True)
class Interval:
    """Lower and upper end in the unit of the estimate."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """An effect in the outcome's unit, its standard error, its interval and the two-sided p-value of no effect.

    `degrees_of_freedom` is None where the interval takes the normal distribution.
    """

    value: float
    standard_error: float
    interval: Interval
    p_value: float
    degrees_of_freedom: float | None = None


def estimate(value: float, standard_error: float, *, level: float, degrees_of_freedom: float | None = None) -> Estimate:
    """The Wald interval of coverage 1 − `level` by the normal, or by Student's t with `degrees_of_freedom`."""
    if degrees_of_freedom is None:
        quantile = NORMAL.inv_cdf(1 - level / 2)
        p_value = _two_sided_normal(value, standard_error)
    else:
        from scipy.special import stdtr, stdtrit

        quantile = float(stdtrit(degrees_of_freedom, 1 - level / 2))
        ratio = abs(value) / standard_error if standard_error > 0 else math.inf
        p_value = float(2 * stdtr(degrees_of_freedom, -ratio)) if value or standard_error else 1.0
    reach = quantile * standard_error
    return Estimate(value, standard_error, Interval(value - reach, value + reach), p_value, degrees_of_freedom)


def _two_sided_normal(value: float, standard_error: float) -> float:
    if standard_error == 0:
        return 1.0 if value == 0 else 0.0
    return math.erfc(abs(value) / standard_error / math.sqrt(2))


def checked_level(level: float) -> None:
    """Raise `UnmetAssumption` unless 0 < level < 1."""
    if not 0 < level < 1:
        raise UnmetAssumption("effects.level", f"the level is {level}", "give a level between 0 and 1, such as 0.05")


def as_numbers(name: str, values: ArrayLike) -> Floats:
    """`values` as floats, missing ones among them; raises `UnmetAssumption` `effects.not_a_number` for text."""
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UnmetAssumption("effects.not_a_number", f"{name} holds {error}", "write numbers only") from error


def finite(name: str, values: ArrayLike, *, dimensions: int = 1) -> Floats:
    """`values` as floats of that many dimensions; raises `UnmetAssumption` where one is missing or infinite."""
    array = as_numbers(name, values)
    if array.ndim != dimensions:
        raise UnmetAssumption(
            "effects.shape", f"{name} has {array.ndim} dimensions instead of {dimensions}", "give one value a place"
        )
    missing = int(array.size - np.isfinite(array).sum())
    if missing:
        first = tuple(int(place) for place in np.argwhere(~np.isfinite(array))[0])
        raise UnmetAssumption(
            "effects.missing_value",
            f"{missing} of {array.size} values of {name} are missing or infinite, first at row {first[0] + 1}",
            "remove these rows or fill them by a rule that is written down",
        )
    if array.size and np.abs(array).max() > _LARGEST:
        raise UnmetAssumption(
            "effects.out_of_range", f"{name} reaches {np.abs(array).max():g}", "write it in a larger unit"
        )
    return array


def require_variation(error: float, values: Floats) -> None:
    """Raise `UnmetAssumption` `effects.no_variation` where a standard error is 0 but for rounding of `values`."""
    known = values[np.isfinite(values)]
    if error <= _OF_SPREAD * float(np.ptp(known)) + _OF_LARGEST * float(np.abs(known).max()):
        raise UnmetAssumption(
            "effects.no_variation",
            "the outcomes follow the design exactly, so that nothing shows how far chance could move them",
            "give outcomes as they were measured, not filled in, rounded away or computed from the design",
        )


def flags(name: str, values: ArrayLike) -> Booleans:
    """`values` as true and false; raises `UnmetAssumption` for anything but 0, 1, true and false."""
    array = np.asarray(values)
    if array.dtype == np.bool_ and array.ndim == 1:
        return np.asarray(array, dtype=np.bool_)
    numbers = finite(name, values)
    if not np.isin(numbers, (0.0, 1.0)).all():
        raise UnmetAssumption(
            "effects.not_a_flag", f"{name} holds values other than 0 and 1", "write 1 for treated and 0 for compared"
        )
    return np.asarray(numbers == 1.0)


def same_length(**columns: NDArray[np.generic]) -> None:
    """Raise `UnmetAssumption` unless all columns have as many rows."""
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise UnmetAssumption(
            "effects.unequal_columns", f"columns differ in rows: {found}", "give every column once a row"
        )
