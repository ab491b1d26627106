"""What limits the yearly intake, what one more of each resource would bring, and an interval for drop-out.

A linear programme over streams of trainees and yearly resources. It knows no queues and no breakdowns: those are
simulated elsewhere, and the two are compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ronghe.methods.explained import Assumption, Explanation, UnmetAssumption, inputs_hash

VERSION = 1
_BINDS = 1e-7


@dataclass(frozen=True, slots=True)
class Resource:
    """`count` of something, each giving `each` units a year; `absent` is the share that fails to turn up (0 to 1).

    Mentors with 5 trainees all year give 60 trainee-months each.
    """

    id: str
    count: float
    each: float = 1.0
    absent: float = 0.0

    @property
    def amount(self) -> float:
        """Units a year."""
        return self.count * self.each


@dataclass(frozen=True, slots=True)
class Stream:
    """Trainees of one pattern: the units of each resource that one uses, least and most intake, share who drop out."""

    id: str
    uses: Mapping[str, float]
    least: float = 0.0
    most: float | None = None
    dropout: float = 0.0


@dataclass(frozen=True, slots=True)
class Limit:
    """A resource in the best plan: units a year, used, the shadow price of a unit, and the intake one more brings.

    `price` is the gain in yearly intake per unit at the margin; `one_more` is solved anew with one more of it.
    """

    resource: str
    amount: float
    used: float
    price: float
    one_more: float

    @property
    def share(self) -> float:
        """The share used; 1 where it binds."""
        return self.used / self.amount if self.amount else 1.0


@dataclass(frozen=True, slots=True)
class Capacity:
    """The greatest yearly intake, by stream, with its limits in the order of what one more would bring."""

    intake: float
    by_stream: Mapping[str, float]
    limits: tuple[Limit, ...]
    explanation: Explanation

    @property
    def bottleneck(self) -> tuple[str, ...]:
        """The resources used up that hold the intake down."""
        return tuple(one.resource for one in self.limits if one.price > _BINDS)


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and interval of a yearly number over the draws."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What drop-out and absence make of a year: intake, and those who complete; `binding`: how often each limits."""

    intake: Spread
    completing: Spread
    binding: Mapping[str, float]
    draws: int


def yearly_capacity(streams: Sequence[Stream], resources: Sequence[Resource]) -> Capacity:
    """Maximise Σ x_j subject to Σ_j a_rj x_j ≤ amount_r and least_j ≤ x_j ≤ most_j (HiGHS; prices are its marginals).

    Raises `UnmetAssumption`: `capacity.inputs` for numbers that make no sense, `capacity.possible` where the least
    intakes together need more than there is, `capacity.unbounded` where nothing limits a stream.
    """
    _check(streams, resources)
    found = _solve(streams, resources)
    intakes = found.x
    amounts = np.array([one.amount for one in resources])
    used = _uses(streams, resources) @ intakes if len(resources) else np.zeros(0)
    limits = []
    for row, resource in enumerate(resources):
        more = [replace(one, count=one.count + 1) if one is resource else one for one in resources]
        gain = float(_solve(streams, more).x.sum() - intakes.sum())
        price = max(0.0, -float(found.ineqlin.marginals[row]))
        limits.append(Limit(resource.id, float(amounts[row]), float(used[row]), price, max(0.0, round(gain, 9))))
    limits.sort(key=lambda one: (-one.one_more, -one.share, one.resource))
    return Capacity(
        intake=float(intakes.sum()),
        by_stream={stream.id: float(value) for stream, value in zip(streams, intakes, strict=True)},
        limits=tuple(limits),
        explanation=Explanation(
            "capacity.yearly",
            VERSION,
            inputs_hash(tuple(streams), tuple(resources)),
            (
                Assumption(
                    "capacity.staggered", None, "starts are spread over the year, so that places are filled again"
                ),
                Assumption("capacity.linear", None, "twice the trainees use twice of everything"),
            ),
        ),
    )


def needed(streams: Sequence[Stream], resources: Sequence[Resource], intake: Mapping[str, float]) -> dict[str, int]:
    """How many of each resource the given intakes need, whole ones. Raises as `yearly_capacity` does for its inputs."""
    _check(streams, resources)
    unknown = sorted(set(intake) - {stream.id for stream in streams})
    if unknown:
        raise UnmetAssumption("capacity.inputs", f"no stream is called {unknown[0]}", "name one of the streams")
    wanted = np.array([intake.get(stream.id, 0.0) for stream in streams])
    return {
        resource.id: math.ceil(round(float(units) / resource.each, 9))
        for resource, units in zip(resources, _uses(streams, resources) @ wanted, strict=True)
    }


def outlook(
    streams: Sequence[Stream], resources: Sequence[Resource], *, draws: int = 400, seed: int = 1, level: float = 0.95
) -> Outlook:
    """Draws years: who is absent is binomial for each resource, drop-outs are binomial for each stream.

    A drop-out leaves in the middle on average, and so uses half of what a trainee uses. Intake is planned on the
    resources that turn up and the use that results; completing are those of the intake who stay. The same seed gives
    the same draws.
    """
    if draws < 1 or not 0 < level < 1:
        raise UnmetAssumption(
            "capacity.inputs", f"{draws} draws at level {level}", "draw at least once, level in (0, 1)"
        )
    plan = yearly_capacity(streams, resources)
    generator = np.random.default_rng(seed)
    intakes, completing = np.zeros(draws), np.zeros(draws)
    binding = dict.fromkeys((one.id for one in resources), 0)
    for draw in range(draws):
        here = [
            replace(one, count=one.count - float(generator.binomial(round(one.count), one.absent)))
            if one.absent
            else one
            for one in resources
        ]
        leaving = [
            float(generator.binomial(size, stream.dropout)) / size
            if (size := round(plan.by_stream[stream.id]))
            else 0.0
            for stream in streams
        ]
        lighter = [
            replace(stream, least=0.0, uses={name: use * (1 - share / 2) for name, use in stream.uses.items()})
            for stream, share in zip(streams, leaving, strict=True)
        ]
        found = _solve(lighter, here)
        intakes[draw] = found.x.sum()
        completing[draw] = float(found.x @ (1 - np.array(leaving)))
        for row, one in enumerate(resources):
            binding[one.id] += bool(-found.ineqlin.marginals[row] > _BINDS)
    return Outlook(
        _spread(intakes, level),
        _spread(completing, level),
        {name: count / draws for name, count in binding.items()},
        draws,
    )


def _spread(values: np.ndarray[Any, np.dtype[np.float64]], level: float) -> Spread:
    low, median, high = np.quantile(values, [(1 - level) / 2, 0.5, (1 + level) / 2])
    return Spread(float(median), float(low), float(high))


def _uses(streams: Sequence[Stream], resources: Sequence[Resource]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array(
        [[stream.uses.get(one.id, 0.0) for stream in streams] for one in resources], dtype=np.float64
    ).reshape(len(resources), len(streams))


def _solve(streams: Sequence[Stream], resources: Sequence[Resource]) -> Any:
    from scipy.optimize import linprog  # SciPy is loaded where a plan is made, not with every page.

    found = linprog(
        -np.ones(len(streams)),
        A_ub=_uses(streams, resources),
        b_ub=np.array([one.amount for one in resources]),
        bounds=[(stream.least, stream.most) for stream in streams],
        method="highs",
    )
    if found.status == 0:
        return found
    if found.status == 2:
        least = np.array([stream.least for stream in streams])
        lacking = [
            f"{one.id} {need - one.amount:g}"
            for one, need in zip(resources, _uses(streams, resources) @ least, strict=True)
            if need > one.amount + _BINDS
        ]
        raise UnmetAssumption(
            "capacity.possible",
            f"the least intakes together lack {', '.join(lacking)} units a year",
            "lower the least intakes or add as much",
        )
    raise UnmetAssumption(
        "capacity.unbounded", "nothing limits the intake of some stream", "say what a trainee uses, or the most wanted"
    )


def _check(streams: Sequence[Stream], resources: Sequence[Resource]) -> None:
    names = [one.id for one in resources]
    for kind, ids in (("resource", names), ("stream", [one.id for one in streams])):
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise UnmetAssumption("capacity.inputs", f"the {kind} {twice[0]} is there twice", "give each one once")
    if not streams:
        raise UnmetAssumption("capacity.inputs", "there are no streams of trainees", "give at least one")
    for one in resources:
        numbers = one.count, one.each, one.absent
        if not all(map(math.isfinite, numbers)) or one.count < 0 or one.each <= 0 or not 0 <= one.absent <= 1:
            raise UnmetAssumption(
                "capacity.inputs", f"{one.id}: {one.count:g} of {one.each:g}, {one.absent:g} absent",
                "counts from 0, units above 0, shares from 0 to 1",
            )  # fmt: skip
    for stream in streams:
        unknown = sorted(set(stream.uses) - set(names))
        if unknown:
            raise UnmetAssumption("capacity.inputs", f"{stream.id} uses {unknown[0]}, which is not there", "add it")
        most = math.inf if stream.most is None else stream.most
        amounts = [*stream.uses.values(), stream.least]
        if not all(math.isfinite(use) and use >= 0 for use in amounts) or stream.least > most:
            raise UnmetAssumption(
                "capacity.inputs", f"{stream.id}: uses or intakes below 0, or more at least than at most", "mend them"
            )
        if not 0 <= stream.dropout <= 1:
            raise UnmetAssumption("capacity.inputs", f"{stream.id}: drop-out of {stream.dropout:g}", "a share, 0 to 1")
