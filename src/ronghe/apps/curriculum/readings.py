"""The index as pages read it: computed at once where that is quick, else the last one that a task has kept.

What an index says is `response`'s; here is only whether it is computed now or was computed before, and how it is kept.
"""

import io
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Protocol

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from ronghe.apps.community import selectors as community
from ronghe.apps.curriculum import response
from ronghe.apps.curriculum.response import Answer, Response
from ronghe.apps.curriculum.teaching import Taught
from ronghe.apps.demand import computations
from ronghe.apps.demand.computations import Standing
from ronghe.apps.demand.figures import DataState, data_state, kept
from ronghe.apps.demand.models import AskedSkill
from ronghe.methods import cri
from ronghe.methods.explained import UnmetAssumption

KIND = "curriculum.cri.compute"
# A page computes the index itself where that takes at most so long by `estimated_seconds`.
MOST_SECONDS = 0.5
# Of another format, or of another version of the definition, nothing kept is read.
_FORMAT = 1
_STEPS = 5
_READ_AT_ONCE = 8

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bounds:
    """The intervals of all enterprises, in the order of `Response.enterprises`, and the rows behind each."""

    low: Floats
    high: Floats
    rows: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Chance:
    """What the index would be were its skills drawn at random."""

    mean: float
    high: float
    p_value: float
    permutations: int


@dataclass(frozen=True, slots=True)
class Past:
    """The index on an earlier day; `by_enterprise` in the order of `Response.enterprises`, NaN without demand."""

    day: date
    cri: float
    by_enterprise: Floats


class Reading(Protocol):
    """The index of a day and what stands beside it. Only `answer` is there where there is no index."""

    @property
    def answer(self) -> Answer: ...
    @property
    def ends(self) -> tuple[float, float]: ...
    @property
    def bounds(self) -> Bounds: ...
    @property
    def chance(self) -> Chance: ...
    @property
    def sensitivity(self) -> tuple[cri.SensitivityRow, ...]: ...
    @property
    def past(self) -> tuple[Past, ...]: ...


@dataclass(frozen=True)
class Computed:
    """A reading that is computed when it is asked for, each part once while the data stand."""

    answer: Answer
    state: DataState

    @property
    def found(self) -> Response:
        if self.answer.found is None:
            raise ValueError("there is no index to say more of")
        return self.answer.found

    @cached_property
    def ends(self) -> tuple[float, float]:
        found = response.interval(self.found.result, self.answer.history, self.state)
        return found.low, found.high

    @cached_property
    def bounds(self) -> Bounds:
        found = response.enterprise_intervals(self.found.result, self.answer.history, self.state)
        return Bounds(found.low, found.high, found.rows)

    @cached_property
    def chance(self) -> Chance:
        return chance_of(self.found.result, self.state)

    @cached_property
    def sensitivity(self) -> tuple[cri.SensitivityRow, ...]:
        return response.sensitivity(self.found.result, self.state).rows

    @cached_property
    def past(self) -> tuple[Past, ...]:
        return tuple(
            Past(day, then.result.cri, then.result.by_enterprise)
            for day, then in response.history(self.found.day, self.found.programme, self.state)
        )


@dataclass(frozen=True)
class Kept:
    """A reading that a task has kept."""

    answer: Answer
    ends: tuple[float, float]
    bounds: Bounds
    chance: Chance
    sensitivity: tuple[cri.SensitivityRow, ...]
    past: tuple[Past, ...]


@dataclass(frozen=True, slots=True)
class Current:
    """What there is to read now. `standing` tells of the task where the index is too large for a page, else None."""

    reading: Reading | None
    standing: Standing | None = None

    @property
    def found(self) -> Response | None:
        """The index; None where there is none, or none yet."""
        return None if self.reading is None else self.reading.answer.found

    @property
    def is_current(self) -> bool:
        """Whether it tells of today's data."""
        return self.standing is None or self.standing.is_current


def chance_of(result: cri.CriResult, state: DataState) -> Chance:
    """The placebo of any result, one enterprise's too."""
    found = response.placebo(result, state)
    return Chance(found.mean, found.high, found.p_value, found.permutations)


def estimated_seconds(rows: int, enterprises: int, skills: int) -> float:
    """How long a page would take to compute the index with its intervals, placebo and history, on one core.

    `rows` counts the skills that postings ask for. Read off communities of 3,600 postings × 18 enterprises and of
    100,000 × 300: reading and resampling rows, lags resampled for each skill, permutations over all cells.
    """
    return 1e-5 * rows + 1.25e-3 * skills + 2e-5 * enterprises * skills


def _estimate(state: DataState) -> float:
    def compute() -> float:
        skills = AskedSkill.objects.order_by().values("skill").distinct().count()
        return estimated_seconds(computations.rows_counted(state), community.enterprises().count(), skills)

    return kept(state, "cri estimate", compute)


def key_of(programme: int | None) -> str:
    """Under which the index of the community or of a programme is kept."""
    return f"curriculum.cri@{cri.CRI_1.version}.{_FORMAT}:{programme or 'community'}"


def _mark_of(state: DataState, day: date) -> str:
    return f"{state.mark} {day}"


def current(day: date, programme: int | None = None, *, actor: Any = None, again: bool = False) -> Current:
    """The index to read on a page. A task for the next one is started in the name of `actor`, where one is needed."""
    state = data_state()
    if day != timezone.localdate() or _estimate(state) <= MOST_SECONDS:
        return Current(Computed(response.response(day, programme, state), state))
    key, mark = key_of(programme), _mark_of(state, day)
    if actor is None:
        standing = computations.standing(key, mark)
    else:
        standing = computations.ask(actor=actor, key=key, mark=mark, kind=KIND, again=again, programme=programme)
    if standing.computed_at is None:
        return Current(None, standing)
    return Current(_read(key, str(standing.computed_at)), standing)


def compute(programme: int | None, report: Callable[[int, int], None]) -> None:
    """Compute today's index with all that stands beside it, and keep it. `report` is told steps done and steps in all.

    Nothing is done where it is kept already.
    """
    day, state = timezone.localdate(), data_state()
    key, mark = key_of(programme), _mark_of(state, day)
    if computations.standing(key, mark).is_current:
        return
    report(0, _STEPS)
    reading = Computed(response.response(day, programme, state), state)
    if reading.answer.found is not None:
        for step, part in enumerate(("ends", "bounds", "chance", "past"), start=1):
            report(step, _STEPS)
            getattr(reading, part)
    computations.keep(key, mark, pack(reading))
    report(_STEPS, _STEPS)


@lru_cache(maxsize=_READ_AT_ONCE)
def _read(key: str, computed_at: str) -> Kept | None:
    content = computations.content_of(key)
    return None if content is None else unpack(content)


def pack(reading: Reading) -> bytes:
    """A reading as bytes: arrays, and the rest as JSON among them. Nothing in it can run when it is read."""
    found, refused = reading.answer.found, reading.answer.refused
    if found is None:
        return _bytes({"refused": None if refused is None else [refused.code, refused.found, refused.remedy]}, {})
    inputs, bounds, past = found.result.inputs, reading.bounds, reading.past
    arrays = {
        "demand": inputs.demand,
        "weight": inputs.enterprise_weight,
        **{f"teaching_{name}": getattr(inputs.teaching, name) for name in _TEACHING},
        **{f"asked_{name}": getattr(inputs.requirements, name) for name in _ASKED},
        "skills": np.array(found.skills, dtype=np.int64),
        "enterprises": np.array(found.enterprises, dtype=np.int64),
        "requirement_keys": np.array(found.requirement_keys, dtype=np.int64),
        "lag_at_start": found.lag_at_start,
        "bounds_low": bounds.low,
        "bounds_high": bounds.high,
        "bounds_rows": bounds.rows,
        "past": np.array([one.by_enterprise for one in past]).reshape(len(past), -1),
        "past_cri": np.array([one.cri for one in past], dtype=np.float64),
    }
    chance = reading.chance
    said: dict[str, Any] = {
        "day": found.day.isoformat(),
        "programme": found.programme,
        "taught": {
            str(skill): [one.hours, one.practice_hours, one.level, one.units, one.since.isoformat()]
            for skill, one in found.taught.items()
        },
        "ends": [None if math.isnan(end) else end for end in reading.ends],
        "chance": [chance.mean, chance.high, chance.p_value, chance.permutations],
        "sensitivity": [
            [row.parameter, row.before, row.after, row.cri, row.change, row.rank_agreement]
            for row in reading.sensitivity
        ],
        "past": [one.day.isoformat() for one in past],
    }  # fmt: skip
    return _bytes(said, arrays)


_TEACHING = ("coverage", "level", "lag", "practice", "practice_asked")
_ASKED = ("enterprise", "skill", "level", "severity", "days")


def _bytes(said: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> bytes:
    text = np.frombuffer(json.dumps(said).encode(), dtype=np.uint8)
    held = io.BytesIO()
    np.savez_compressed(held, said=text, **arrays)  # type: ignore[arg-type]
    return held.getvalue()


def unpack(content: bytes) -> Kept:
    """The reading that `pack` was given; the index itself is computed again from its inputs."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        said = json.loads(arrays["said"].tobytes())
        nothing = np.empty(0)
        if "day" not in said:
            refused = UnmetAssumption(*said["refused"]) if said["refused"] else None
            none = Bounds(nothing, nothing, np.empty(0, dtype=np.int64))
            return Kept(Answer(None, refused), (math.nan, math.nan), none, Chance(math.nan, math.nan, 1.0, 0), (), ())
        inputs = cri.CriInputs(
            arrays["demand"],
            arrays["weight"],
            cri.Teaching(**{name: arrays[f"teaching_{name}"] for name in _TEACHING}),
            cri.Requirements(**{name: arrays[f"asked_{name}"] for name in _ASKED}),
        )
        found = Response(
            day=date.fromisoformat(said["day"]),
            programme=said["programme"],
            skills=tuple(arrays["skills"].tolist()),
            enterprises=tuple(arrays["enterprises"].tolist()),
            requirement_keys=tuple(arrays["requirement_keys"].tolist()),
            taught={
                int(skill): Taught(hours, practice, level, units, date.fromisoformat(since))
                for skill, (hours, practice, level, units, since) in said["taught"].items()
            },
            result=cri.corporate_response(inputs),
            lag_at_start=arrays["lag_at_start"],
        )
        low, high = (math.nan if end is None else end for end in said["ends"])
        return Kept(
            Answer(found),
            (low, high),
            Bounds(arrays["bounds_low"], arrays["bounds_high"], arrays["bounds_rows"]),
            Chance(*said["chance"]),
            tuple(cri.SensitivityRow(*row) for row in said["sensitivity"]),
            tuple(
                Past(date.fromisoformat(day), float(value), row)
                for day, value, row in zip(said["past"], arrays["past_cri"], arrays["past"], strict=True)
            ),
        )
