"""Durations that may be cut short, checked once for every method of survival; estimates nothing itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Durations:
    """How long each unit was observed and whether the event ended it; all sequences are parallel, one entry a unit.

    `time` ≥ 0 in any one unit of time; `event` true where the event was seen, false where observation stopped before
    it (censored). `group` names what is compared, `stratum` within what; `weight` counts like units (frequency, ≥ 0).
    `unit` names the units, when repeated rows would be a mistake.
    """

    time: ArrayLike
    event: ArrayLike
    group: Sequence[object] | None = None
    stratum: Sequence[object] | None = None
    weight: ArrayLike | None = None
    unit: Sequence[object] | None = None
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class CheckedDurations:
    time: Floats
    event: NDArray[np.bool_]
    weight: Floats
    group: Integers
    names: tuple[str, ...]
    stratum: Integers
    strata: int


def checked(given: Durations) -> CheckedDurations:
    time = numbers(given.time, "time")
    event = numbers(given.event, "event")
    units = len(time)
    if units == 0:
        raise UnmetAssumption("survival.no_units", "no unit at all", "give at least one duration")
    same_length(units, "event", event)
    if (time < 0).any():
        row = int(np.flatnonzero(time < 0)[0])
        raise UnmetAssumption(
            "survival.negative_time",
            f"row {row} (counting from 0) has the time {time[row]:g}",
            "give durations from 0 on",
        )
    if not np.isin(event, (0.0, 1.0)).all():
        row = int(np.flatnonzero(~np.isin(event, (0.0, 1.0)))[0])
        raise UnmetAssumption(
            "survival.event",
            f"row {row} (counting from 0) has the event {event[row]:g}",
            "say 1 (seen) or 0 (censored)",
        )
    weight = np.ones(units) if given.weight is None else numbers(given.weight, "weight")
    same_length(units, "weight", weight)
    if (weight < 0).any() or weight.sum() == 0:
        raise UnmetAssumption("survival.weight", "a weight below 0, or all 0", "give counts of like units")
    if given.unit is not None:
        refuse_duplicates(given.unit, units)
    group, names = labels(given.group, units, "group")
    stratum, strata = labels(given.stratum, units, "stratum")
    return CheckedDurations(time, event.astype(bool), weight, group, names, stratum, len(strata))


def numbers(values: ArrayLike, name: str) -> Floats:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise UnmetAssumption("survival.not_finite", f"{name} holds what is no number", "give numbers only") from error
    if array.ndim != 1:
        raise UnmetAssumption("survival.shapes", f"{name} has {array.ndim} dimensions", "give one number a unit")
    bad = ~np.isfinite(array)
    if bad.any():
        raise UnmetAssumption(
            "survival.not_finite",
            f"{name} of row {int(np.flatnonzero(bad)[0])} (counting from 0) is no number",
            "leave out units that were not observed",
        )
    return array


def same_length(units: int, name: str, values: Sequence[object] | NDArray[np.generic]) -> None:
    if len(values) != units:
        raise UnmetAssumption("survival.shapes", f"{units} times but {len(values)} in {name}", "give one a unit")


def labels(values: Sequence[object] | None, units: int, name: str) -> tuple[Integers, tuple[str, ...]]:
    if values is None:
        return np.zeros(units, dtype=np.int64), ("all",)
    same_length(units, name, values)
    array = np.asarray(values)
    nameless = [place for place, value in enumerate(values) if _nameless(value)]
    if nameless:
        raise UnmetAssumption(
            "survival.not_named",
            f"{len(nameless):,} units have no {name}, the first in row {nameless[0]} (counting from 0)",
            f"name the {name} of each unit, or leave these units out",
        )
    if array.dtype.hasobject:
        array = np.asarray([str(value) for value in values])
    found, place = np.unique(array, return_inverse=True)
    return place.astype(np.int64), tuple(str(item) for item in found.tolist())


def _nameless(value: object) -> bool:
    """Whether it is None, empty, or not a number: what a table has where nothing was written."""
    return value is None or value == "" or value != value


def refuse_duplicates(unit: Sequence[object], units: int) -> None:
    same_length(units, "unit", unit)
    seen: set[object] = set()
    for row, name in enumerate(unit):
        if _nameless(name):
            raise UnmetAssumption(
                "survival.not_named",
                f"row {row} (counting from 0) names no unit",
                "name the unit of each row, or of none",
            )
        if name in seen:
            raise UnmetAssumption(
                "survival.duplicated_unit",
                f"row {row} (counting from 0) repeats the unit {name!r}",
                "give one row a unit, or weights for like units",
            )
        seen.add(name)


def tally(time: Floats, event: NDArray[np.bool_], weight: Floats) -> tuple[Floats, Floats, Floats, Integers]:
    """Distinct times, events and units leaving at each, and the place of each unit's time among them."""
    distinct, place = np.unique(time, return_inverse=True)
    events = np.bincount(place, weights=weight * event, minlength=len(distinct))
    leaving = np.bincount(place, weights=weight, minlength=len(distinct))
    return distinct, events.astype(np.float64), leaving.astype(np.float64), place.astype(np.int64)


def explained(
    method: str, data: CheckedDurations, options: tuple[object, ...], cautions: tuple[Caution, ...]
) -> Explanation:
    return Explanation(
        method,
        1,
        inputs_hash(data.time, data.event, data.weight, data.group, data.names, data.stratum, *options),
        (
            Assumption("survival.independent_units", None, f"{len(data.time):,} units, independent of one another"),
            Assumption(
                "survival.independent_censoring",
                None,
                f"{int((~data.event).sum()):,} units are censored for reasons unrelated to the event",
            ),
        ),
        cautions,
    )
