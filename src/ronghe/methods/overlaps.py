"""Spans of time: where a person's study and work meet, in which share of student-weeks, and what is free instead.

It knows no bookings and no timetable: spans come in, spans go out, all of them moments with a zone or all without.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

import numpy as np

from ronghe.methods.intervals import LEAST_UNITS, Estimate, Proportion, normal_quantile, wilson

# From the first moment on, up to the second, which is no longer part of it.
Span = tuple[datetime, datetime]
Travel = Mapping[tuple[Any, Any], timedelta]
NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Engagement:
    """A span in which a person is bound, where (None: no matter where), and what it is to the caller."""

    start: datetime
    end: datetime
    place: Hashable | None = None
    key: Hashable = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """Study and work that cannot both be kept, from when to when, and how much of that is the way between them."""

    study: Engagement
    work: Engagement
    start: datetime
    end: datetime
    travel: timedelta = NOTHING


@dataclass(frozen=True, slots=True)
class Proposal:
    """A free span of the length asked for, on which of the things asked about, and how far from the time wished."""

    key: Hashable
    start: datetime
    end: datetime

    def distance(self, wished: datetime) -> timedelta:
        """How far its beginning is from the one wished for."""
        return abs(self.start - wished)


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the same time as `spans` in order, without overlaps; spans that touch become one, empty ones vanish."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """Return the time of `spans` that is in none of `taken`, in order."""
    left: list[Span] = []
    away = merged(taken)
    ends = [end for _start, end in away]
    for begin, end in merged(spans):
        start = begin
        for index in range(bisect_left(ends, start), len(away)):
            if away[index][0] >= end:
                break
            if away[index][0] > start:
                left.append((start, away[index][0]))
            start = max(start, away[index][1])
        if start < end:
            left.append((start, end))
    return left


def shared(left: Iterable[Span], right: Iterable[Span]) -> list[Span]:
    """Return the time that is in both, in order."""
    first, second = merged(left), merged(right)
    found: list[Span] = []
    i = j = 0
    while i < len(first) and j < len(second):
        start, end = max(first[i][0], second[j][0]), min(first[i][1], second[j][1])
        if start < end:
            found.append((start, end))
        if first[i][1] < second[j][1]:
            i += 1
        else:
            j += 1
    return found


def clipped(spans: Iterable[Span], start: datetime, end: datetime) -> list[Span]:
    """Return the parts of `spans` between two moments."""
    return shared(spans, [(start, end)]) if start < end else []


def total(spans: Iterable[Span]) -> timedelta:
    """Return how long the spans are together, time in several of them counted once."""
    return sum((end - start for start, end in merged(spans)), NOTHING)


def meetings(study: Iterable[Engagement], work: Iterable[Engagement], travel: Travel | None = None) -> list[Meeting]:
    """Return every pair of study and work of one person that cannot both be kept, in order of the work.

    Engagements at two places also meet when the time between them is shorter than `travel` from the place of the
    first to that of the second; the span of such a meeting is what is missing. A way that `travel` does not name
    takes no time. Engagements that touch do not meet.
    """
    ways = travel or {}
    longest = max(ways.values(), default=NOTHING)
    lessons = sorted(study, key=lambda one: (one.start, one.end))
    starts = [one.start for one in lessons]
    latest = list(accumulate((one.end for one in lessons), max))
    found: list[Meeting] = []
    for job in sorted(work, key=lambda one: (one.start, one.end)):
        # Walk back from the last lesson that begins early enough to the first that can still reach the work.
        here: list[Meeting] = []
        index = bisect_left(starts, job.end + longest) - 1
        while index >= 0 and latest[index] + longest > job.start:
            if (one := _meeting(lessons[index], job, ways)) is not None:
                here.append(one)
            index -= 1
        found.extend(reversed(here))
    return found


def _meeting(lesson: Engagement, job: Engagement, ways: Travel) -> Meeting | None:
    start, end = max(lesson.start, job.start), min(lesson.end, job.end)
    if start < end:
        return Meeting(lesson, job, start, end)
    first, second = (lesson, job) if lesson.end <= job.start else (job, lesson)
    if first.place is None or second.place is None or first.place == second.place:
        return None
    arrives = first.end + ways.get((first.place, second.place), NOTHING)
    if arrives <= second.start:
        return None
    missing = min(arrives, second.end)
    return Meeting(lesson, job, second.start, missing, missing - second.start)


@dataclass(frozen=True, slots=True)
class StudentWeeks:
    """Of one student: weeks with study or work booked, weeks with both, and weeks in which the two meet."""

    engaged: int
    both: int
    meeting: int


def student_weeks(study: Iterable[Hashable], work: Iterable[Hashable], meeting: Iterable[Hashable]) -> StudentWeeks:
    """Count the weeks of one student, each kind named by whatever names a week."""
    studied, worked = set(study), set(work)
    engaged = studied | worked
    return StudentWeeks(len(engaged), len(studied & worked), len(set(meeting) & engaged))


def conflict_share(counted: Sequence[StudentWeeks], confidence: float = 0.95) -> Estimate:
    """Return p = Σ m_i / Σ e_i over students: weeks in which study and work meet ÷ weeks with either booked.

    The weeks of one student resemble each other, so the interval is Wilson's of an effective number of weeks,
    n* = p(1 − p)/v · (z/t)², v = k/(k − 1) · Σ (m_i − p e_i)² / (Σ e_i)², t of k − 1 degrees of freedom, k students;
    never more than Σ e_i, and k where p is 0 or 1. Sources: Korn and Graubard, Survey Methodology 24 (1998) 193–201;
    Dean and Pacifico, Journal of Survey Statistics and Methodology 3 (2015) 484–503. Fewer than five students with a
    week is no data.
    """
    rows = np.array([[one.meeting, one.engaged] for one in counted if one.engaged], dtype=np.float64).reshape(-1, 2)
    students = len(rows)
    if students < LEAST_UNITS:
        return wilson(Proportion(0, students, confidence))
    met, engaged = (float(total) for total in rows.sum(axis=0))
    share = met / engaged
    weeks = float(students)
    if 0 < share < 1:
        residuals = rows[:, 0] - share * rows[:, 1]
        variance = students / (students - 1) * float(residuals @ residuals) / engaged**2
        from scipy.special import stdtrit  # SciPy is loaded where an interval is computed, not with every page.

        t = float(stdtrit(students - 1, 0.5 + confidence / 2))
        effective = share * (1 - share) / variance if variance else engaged
        weeks = min(effective * (normal_quantile(confidence) / t) ** 2, engaged)
    estimate = wilson(Proportion(share * weeks, weeks, confidence, least_units=0))
    return replace(estimate, value=share, count=students)


def proposals(
    free: Mapping[Any, Iterable[Span]],
    *,
    length: timedelta,
    wished: datetime,
    step: timedelta,
    bound: Iterable[Span] = (),
    most: int = 5,
) -> list[Proposal]:
    """Return up to `most` free spans of `length`, nearest to `wished` first, of things by key that are `free` when.

    A proposal begins a whole number of `step` from `wished`, so that it lies on the same grid, and touches nothing in
    which the person is `bound`. Of each free span of a thing the nearest fitting time is proposed, one a span.
    Raises ValueError for a length or step that is not positive.
    """
    if length <= NOTHING or step <= NOTHING:
        raise ValueError("a length and a step of time are longer than nothing")
    held = merged(bound)
    found: list[Proposal] = []
    for key, spans in free.items():
        for start, end in without(spans, held):
            first = wished + -(-(start - wished) // step) * step
            last = wished + ((end - length - wished) // step) * step
            if first > last:
                continue
            begins = min(max(first, wished), last)
            found.append(Proposal(key, begins, begins + length))
    found.sort(key=lambda one: (one.distance(wished), wished - one.start, str(one.key)))
    return found[:most]
