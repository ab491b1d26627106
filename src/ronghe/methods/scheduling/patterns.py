"""Training patterns as data: months of theory and of practice, or days of every week, and the dates they give."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from ronghe.methods.explained import UnmetAssumption

FORTNIGHT = timedelta(days=14)
ALL_DAYS = frozenset(range(7))


class Part(StrEnum):
    """What a phase is for: study alone, or practice on the phase's days."""

    THEORY = "theory"
    PRACTICE = "practice"


@dataclass(frozen=True, slots=True)
class Phase:
    """So many months of theory or practice; of practice only on `days` (0 is Monday), the other days are for study."""

    part: Part
    months: int
    days: frozenset[int] = ALL_DAYS


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern of training: phases that follow each other."""

    code: str
    name_zh: str
    name_en: str
    phases: tuple[Phase, ...]


@dataclass(frozen=True, slots=True)
class Span:
    """A phase with its dates, the last day included."""

    first: date
    last: date
    part: Part
    days: frozenset[int]


PATTERNS: tuple[Pattern, ...] = (
    Pattern(
        "3+9", "3 个月理论 + 9 个月实践", "3 months of theory + 9 of practice",
        (Phase(Part.THEORY, 3), Phase(Part.PRACTICE, 9)),
    ),
    Pattern(
        "3+9+9", "3 个月理论 + 9 个月轮岗 + 9 个月顶岗", "3 months of theory + 9 of rotations + 9 in the position",
        (Phase(Part.THEORY, 3), Phase(Part.PRACTICE, 9), Phase(Part.PRACTICE, 9)),
    ),
    Pattern(
        "weekly", "每周工学交替（周一至周三实践）", "weekly release: practice from Monday to Wednesday",
        (Phase(Part.PRACTICE, 12, frozenset({0, 1, 2})),),
    ),
)  # fmt: skip


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the month's last where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def spans(pattern: Pattern, starts_on: date) -> tuple[Span, ...]:
    """The phases with dates. Raises `UnmetAssumption` (`scheduling.pattern`) for a phase without months or days."""
    found = []
    months = 0
    for phase in pattern.phases:
        if phase.months < 1 or (phase.part is Part.PRACTICE and not phase.days & ALL_DAYS):
            raise UnmetAssumption(
                "scheduling.pattern", f"{pattern.code} has a phase without time", "give each phase months and days"
            )
        first = months_later(starts_on, months)
        months += phase.months
        found.append(Span(first, months_later(starts_on, months) - timedelta(days=1), phase.part, phase.days))
    return tuple(found)


def open_fortnights(training: Iterable[Span], first_day: date, fortnights: int) -> frozenset[int]:
    """The fortnights from `first_day` on that lie wholly within practice, on whatever days of the week."""
    practice = [span for span in training if span.part is Part.PRACTICE]
    return frozenset(
        number
        for number in range(fortnights)
        for begin in [first_day + number * FORTNIGHT]
        if all(any(span.first <= begin + timedelta(days=day) <= span.last for span in practice) for day in range(14))
    )


def study_days(training: Iterable[Span], first_day: date, days: int) -> tuple[date, ...]:
    """The days from `first_day` on that the pattern keeps for study, or that lie outside it."""
    phases = tuple(training)
    return tuple(
        day
        for day in (first_day + timedelta(days=number) for number in range(days))
        if not any(
            span.first <= day <= span.last and span.part is Part.PRACTICE and day.weekday() in span.days
            for span in phases
        )
    )
