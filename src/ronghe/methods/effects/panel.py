"""A panel of units over periods, one row each, checked and laid out as a matrix; estimates no effect itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ronghe.methods.effects.estimate import Floats, as_numbers, finite, same_length
from ronghe.methods.explained import UnmetAssumption

Codes = NDArray[np.int64]
Labels = NDArray[Any]


class Incomplete(Enum):
    """What to do with units that lack a period: refuse the panel, or leave these units out and say so."""

    REFUSE = "refuse"
    DROP_UNITS = "drop_units"


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Rows of a panel, in any order: columns of equal length.

    `unit` names who was observed (numbers or text), `period` when (numbers), `outcome` what was measured. `start` is
    the first period under treatment, NaN or infinite for a unit never treated; it stays the same over a unit's rows,
    as do `weight` (sampling weight, default 1) and `cluster` (units that vary together, default each unit alone).
    `covariates` may vary over time; a comparison takes their value in its earlier period.
    """

    unit: ArrayLike
    period: ArrayLike
    outcome: ArrayLike
    start: ArrayLike
    covariates: Mapping[str, ArrayLike] = field(default_factory=dict)
    weight: ArrayLike | None = None
    cluster: ArrayLike | None = None
    incomplete: Incomplete = Incomplete.REFUSE


@dataclass(frozen=True, slots=True, eq=False)
class WidePanel:
    """The same panel laid out: n units in rows, T periods in columns, both ascending.

    `outcome` (n, T), `start` (n,) with infinity for never, `covariates` (n, T, k), `weight` (n,), `cluster` (n,) of
    codes from 0 on or None. `left_out` counts the units dropped for lack of a period.
    """

    unit: Labels
    period: Floats
    outcome: Floats
    start: Floats
    covariates: Floats
    names: tuple[str, ...]
    weight: Floats
    cluster: Codes | None
    left_out: int


def wide(panel: Panel) -> WidePanel:
    """Check the rows and lay them out.

    Raises `UnmetAssumption` for missing values, columns of unequal length, a unit with two rows in one period, a start
    that changes within a unit, weights below 0, and, unless told to drop them, units that lack a period.
    """
    unit = _labels(panel.unit, "unit")
    period = finite("period", panel.period)
    outcome = _outcome(panel)
    start = as_numbers("start", panel.start)
    start = np.where(np.isfinite(start), start, np.inf)
    columns = [finite(name, values) for name, values in panel.covariates.items()]
    weight = np.ones(len(unit)) if panel.weight is None else finite("weight", panel.weight)
    cluster = unit if panel.cluster is None else _labels(panel.cluster, "cluster")
    named = dict(zip(panel.covariates, columns, strict=True))
    same_length(unit=unit, period=period, outcome=outcome, start=start, weight=weight, cluster=cluster, **named)
    if not len(unit):
        raise UnmetAssumption("effects.empty", "the panel has no row", "give one row for each unit and period")
    if (weight < 0).any() or not weight.any():
        raise UnmetAssumption("effects.weight", "weights are below 0 or all 0", "give weights of at least 0")

    present = ~np.isnan(outcome)
    if not present.all():
        unit, period, outcome, start = unit[present], period[present], outcome[present], start[present]
        weight, cluster = weight[present], cluster[present]
        columns = [column[present] for column in columns]
    units, row, periods, place, in_order = _positions(unit, period)
    if in_order:
        kept = np.ones(len(units), dtype=bool)
    else:
        _refuse_duplicates(units, row, periods, place)
        kept = np.bincount(row, minlength=len(units)) == len(periods)
    left_out = int((~kept).sum())
    if left_out and panel.incomplete is Incomplete.REFUSE:
        example = units[int(np.argmin(kept))]
        raise UnmetAssumption(
            "effects.unequal_panel",
            f"{left_out} of {len(units)} units lack a period, such as {example}",
            "complete these units, or leave them out (Incomplete.DROP_UNITS, --drop-incomplete) and report how many",
        )
    if not kept.any():
        raise UnmetAssumption("effects.unequal_panel", "no unit has every period", "choose periods that units share")

    shape = (len(units), len(periods))

    def laid_out(column: Floats) -> Floats:
        if in_order:
            return column.reshape(shape)
        matrix = np.zeros(shape)
        matrix[row, place] = column
        return np.asarray(matrix[kept])

    starts = _constant("start", start, row, len(units), units)
    weights = _constant("weight", weight, row, len(units), units)
    codes: Codes | None = None
    if panel.cluster is not None:
        _, numbered = np.unique(cluster, return_inverse=True)
        codes = _constant("cluster", numbered.astype(np.float64), row, len(units), units)[kept].astype(np.int64)
    covariates = np.stack([laid_out(column) for column in columns], axis=2) if columns else np.zeros((*shape, 0))[kept]
    return WidePanel(
        unit=units[kept],
        period=periods,
        outcome=laid_out(outcome),
        start=starts[kept],
        covariates=covariates,
        names=tuple(panel.covariates),
        weight=weights[kept],
        cluster=codes,
        left_out=left_out,
    )


def _outcome(panel: Panel) -> Floats:
    """The outcomes; a missing one is refused, or makes its unit one that lacks a period."""
    if panel.incomplete is Incomplete.REFUSE:
        return finite("outcome", panel.outcome)
    values = as_numbers("outcome", panel.outcome)
    return np.where(np.isfinite(values), values, np.nan)


def _labels(values: ArrayLike, name: str) -> Labels:
    array = np.asarray(values)
    if array.ndim != 1:
        raise UnmetAssumption("effects.shape", f"{name} has {array.ndim} dimensions", "give one value a row")
    if array.dtype.kind == "f" and np.isnan(array).any():
        raise UnmetAssumption("effects.missing_value", f"{name} is missing in some rows", "name every row's unit")
    if array.dtype.hasobject:
        if any(value is None or value != value for value in array):
            raise UnmetAssumption("effects.missing_value", f"{name} is missing in some rows", "name every row's unit")
        array = array.astype(str)
    return array


def _positions(unit: Labels, period: Floats) -> tuple[Labels, Codes, Floats, Codes, bool]:
    """Units and periods in ascending order, for each row the places of both, and whether rows lie in that order."""
    changes = np.flatnonzero(unit[1:] != unit[:-1]) + 1
    length = int(changes[0]) if len(changes) else len(unit)
    if len(unit) % length == 0 and len(changes) == len(unit) // length - 1:
        blocks, times = unit.reshape(-1, length), period.reshape(-1, length)
        in_order = (times == times[0]).all() and (np.diff(times[0]) > 0).all()
        labels = blocks[:, 0]
        if in_order and (blocks == labels[:, None]).all() and (labels[1:] > labels[:-1]).all():
            rows = np.repeat(np.arange(len(labels)), length)
            return labels, rows, times[0], np.tile(np.arange(length), len(labels)), True
    units, row = np.unique(unit, return_inverse=True)
    periods, place = np.unique(period, return_inverse=True)
    return units, row.astype(np.int64), periods, place.astype(np.int64), False


def _refuse_duplicates(units: Labels, row: Codes, periods: Floats, place: Codes) -> None:
    times = np.bincount(row * len(periods) + place)
    if times.max() > 1:
        at = int(np.argmax(times > 1))
        raise UnmetAssumption(
            "effects.duplicated_rows",
            f"{int((times > 1).sum())} pairs of unit and period have more than one row,"
            f" such as unit {units[at // len(periods)]} in period {periods[at % len(periods)]:g}",
            "keep one row for each unit and period",
        )


def _constant(name: str, column: Floats, row: Codes, count: int, units: Labels) -> Floats:
    """The unit's single value of a column; refused where the rows of a unit disagree."""
    values = np.empty(count)
    values[row] = column
    differs = values[row] != column
    if differs.any():
        unit = units[row[int(np.argmax(differs))]]
        raise UnmetAssumption(
            f"effects.{name}_changes", f"{name} changes within unit {unit}", f"give a unit the same {name} in every row"
        )
    return values
