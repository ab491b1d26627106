"""A monthly series and what makes it fit for a forecast; forecasts nothing.

Months are dates of which only year and month count.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from ronghe.methods.demand import Floats
from ronghe.methods.explained import UnmetAssumption

LEAST_MONTHS = 12
LEAST_RATE = 29.0
"""Events a month below which 85% cannot be reached: 1 − 0.8/√λ ≥ 0.85 needs λ ≥ 28.4."""

RATE_MONTHS = 12


@dataclass(frozen=True, slots=True)
class ForecastInputs:
    """One series to forecast.

    `months` in order, one a value, and `values` (months,) ≥ 0: counts, or an index if `counts` is False (then no rate
    is asked for). `as_of` is the day of asking: its own month is not over and may not be among the months. `group`
    (months,) holds the counts of the group that the series belongs to, its own included; it is forecast instead where
    the series has too few. `season` is the period looked for, in months.
    """

    months: Sequence[date]
    values: Floats
    as_of: date
    group: Floats | None = None
    counts: bool = True
    horizon: int = 6
    confidences: tuple[float, ...] = (0.8, 0.9)
    season: int = 12


def check_series(inputs: ForecastInputs) -> None:
    """Raise `UnmetAssumption` with what is wrong and where.

    Codes: `forecast.shapes`, `forecast.options`, `forecast.not_a_number`, `forecast.negative`, `forecast.order`,
    `forecast.gap`, `forecast.future`, `forecast.too_short`, `forecast.all_zero`, `forecast.group_below_part`.
    """
    if len(inputs.months) != len(inputs.values) or np.ndim(inputs.values) != 1:
        raise UnmetAssumption(
            "forecast.shapes",
            f"{len(inputs.months)} months with values of the shape {np.shape(inputs.values)}",
            "give one value a month",
        )
    sound = bool(inputs.confidences) and all(0.5 <= confidence < 1 for confidence in inputs.confidences)
    if not sound or not 1 <= inputs.horizon <= 24 or inputs.season < 2:
        raise UnmetAssumption(
            "forecast.options",
            f"horizon {inputs.horizon}, season {inputs.season}, confidences {inputs.confidences}",
            "ask for 1 to 24 months, a season of at least 2 and confidences between 0.5 and 1",
        )
    _check_values("the series", inputs.months, inputs.values)
    _check_months(inputs.months, inputs.as_of)
    if len(inputs.values) < LEAST_MONTHS:
        raise UnmetAssumption(
            "forecast.too_short",
            f"the series has {len(inputs.values)} months",
            f"wait for {LEAST_MONTHS} months, or forecast a group with a longer record",
        )
    if not np.any(inputs.values > 0):
        raise UnmetAssumption(
            "forecast.all_zero", "every month is 0", "check the source, or forecast the group that it belongs to"
        )
    if inputs.group is None:
        return
    if np.shape(inputs.group) != np.shape(inputs.values):
        raise UnmetAssumption(
            "forecast.shapes", f"the group has the shape {np.shape(inputs.group)}", "give one value a month"
        )
    _check_values("the group", inputs.months, inputs.group)
    below = np.flatnonzero(inputs.group < inputs.values)
    if len(below):
        raise UnmetAssumption(
            "forecast.group_below_part",
            f"in {_named(inputs.months[below[0]])} the group has {inputs.group[below[0]]:g}, the series "
            f"{inputs.values[below[0]]:g}",
            "count the series itself into its group",
        )


def month_number(month: date) -> int:
    """Return months since year 0."""
    return month.year * 12 + month.month - 1


def following_months(last: date, count: int) -> tuple[date, ...]:
    """Return the first days of the months after `last`."""
    numbers = range(month_number(last) + 1, month_number(last) + 1 + count)
    return tuple(date(number // 12, number % 12 + 1, 1) for number in numbers)


def rate(values: Floats) -> float:
    """Return λ, the mean of the last twelve months, in events a month."""
    return float(np.mean(values[-RATE_MONTHS:]))


def noise_ceiling(events_a_month: float) -> float:
    """Return the accuracy that counts of mean λ cannot exceed: 1 − √(2/π)/√λ, about 1 − 0.8/√λ; 0 for small λ.

    A forecaster who knows λ errs by the mean absolute deviation of a Poisson count, about √(2λ/π).
    """
    if events_a_month <= 0:
        return 0.0
    return max(0.0, 1.0 - math.sqrt(2.0 / (math.pi * events_a_month)))


def _check_values(name: str, months: Sequence[date], values: Floats) -> None:
    broken = np.flatnonzero(~np.isfinite(values))
    if len(broken):
        raise UnmetAssumption(
            "forecast.not_a_number",
            f"{name} has no number for {_named(months[broken[0]])}",
            "fill it from the source, give 0 where nothing was counted, or start after it",
        )
    negative = np.flatnonzero(values < 0)
    if len(negative):
        raise UnmetAssumption(
            "forecast.negative",
            f"{name} has {values[negative[0]]:g} in {_named(months[negative[0]])}",
            "counts and indices are at least 0: check the source",
        )


def _check_months(months: Sequence[date], as_of: date) -> None:
    numbers = [month_number(month) for month in months]
    for before, number, month in zip(numbers, numbers[1:], months[1:], strict=False):
        if number <= before:
            raise UnmetAssumption(
                "forecast.order", f"{_named(month)} comes twice or out of order", "give each month once, in order"
            )
        if number > before + 1:
            missing = date((before + 1) // 12, (before + 1) % 12 + 1, 1)
            raise UnmetAssumption(
                "forecast.gap",
                f"{_named(missing)} is missing",
                "fill it from the source, give 0 where nothing was counted, or start after it",
            )
    if numbers and numbers[-1] >= month_number(as_of):
        raise UnmetAssumption(
            "forecast.future",
            f"{_named(months[-1])} is not over on {as_of.isoformat()}",
            "leave out the month that is running and all later ones",
        )


def _named(month: date) -> str:
    return f"{month.year:04d}-{month.month:02d}"
