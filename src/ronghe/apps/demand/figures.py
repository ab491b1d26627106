"""Computes the figures of demand from the rows of `AskedSkill`, for `metrics` and `selectors`.

Figures of one state of the data are computed once a process: the mark of `DataVersion` tells when they are of the past.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from django.db.models import Count, Q, QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from ronghe.apps.demand.models import AskedSkill, DataVersion, Posting
from ronghe.apps.metrics.measurement import Measurement, Records, Unit, Window
from ronghe.methods.demand import (
    SkillTable,
    demand_today,
    growth,
    percentile_interval,
    replicates_of,
)

T = TypeVar("T")
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# Below so many postings a figure has no interval and a growth no value.
FEWEST = 5
# The draws of the bootstrap are the same for everyone who asks, so that a page shows one number twice as the same.
SEED = 20_170_101
_KEPT = 512


@dataclass(frozen=True, slots=True)
class Scope:
    """Which postings are counted: of one source, of one region, or of all."""

    source: int | None = None
    region: str = ""

    def filters(self, prefix: str = "") -> dict[str, Any]:
        """The scope as lookups, of values that JSON can carry."""
        found: dict[str, Any] = {}
        if self.source is not None:
            found[f"{prefix}source"] = self.source
        if self.region:
            found[f"{prefix}region"] = self.region
        return found


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class DataState:
    """Which state of the data stands, and since when."""

    mark: object = None
    since: datetime | None = None

    def pinned(self, window: Window) -> Window:
        """The window as known at its own moment, or at the last change where that came first: both know the same."""
        if self.since is None or (window.known_at is not None and window.known_at < self.since):
            return window
        return replace(window, known_at=self.since)

    def is_past(self, window: Window) -> bool:
        """Whether the window asks what was known before the last change."""
        return window.known_at is not None and self.since is not None and window.known_at < self.since


def data_state() -> DataState:
    """Which state of the data stands: one small query."""
    row = DataVersion.objects.filter(pk=1).values_list("mark", "changed_at").first()
    return DataState(*row) if row else DataState()


class _Kept:
    """What was computed of the latest state of the data, the least used forgotten first."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._state = DataState()
        self._values: OrderedDict[Hashable, Any] = OrderedDict()
        self._computing: dict[Hashable, threading.Lock] = {}

    def get(self, state: DataState, key: Hashable, compute: Callable[[], T]) -> T:
        """The value kept for `key` while the data stand so, else what `compute` gives: for all who wait, once."""
        found, computing = self._find(state, key)
        if found is None:
            with computing:
                found = self._find(state, key)[0]
                if found is None:
                    found = (compute(),)
                    self._keep(state, key, found)
        value: T = found[0]
        return value

    def _find(self, state: DataState, key: Hashable) -> tuple[tuple[Any] | None, threading.Lock]:
        with self._lock:
            if self._state != state:
                self._state = state
                self._values.clear()
                self._computing.clear()
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key), self._computing.setdefault(key, threading.Lock())

    def _keep(self, state: DataState, key: Hashable, found: tuple[Any]) -> None:
        with self._lock:
            self._computing.pop(key, None)
            if self._state == state:
                self._values[key] = found
                if len(self._values) > self._size:
                    self._values.popitem(last=False)


_kept = _Kept(_KEPT)


def kept(state: DataState, key: Hashable, compute: Callable[[], T]) -> T:
    """What `compute` gives, computed once for each state of the data in each process; always anew before the first."""
    return compute() if state.mark is None else _kept.get(state, key, compute)


def shift_month(day: date, shift: int) -> date:
    """The first day of the month so many months after the one of `day`."""
    number = day.year * 12 + day.month - 1 + shift
    return date(number // 12, number % 12 + 1, 1)


def month_window(first: date, last: date) -> Window:
    """The window from the first day of one month to the last day of another."""
    return Window(first.replace(day=1), shift_month(last, 1) - timedelta(days=1))


def is_whole_months(window: Window) -> bool:
    """Whether a window begins and ends with a month."""
    return window.start.day == 1 and (window.end + timedelta(days=1)).day == 1


def months_of(window: Window) -> list[date]:
    """The first days of the months that a window touches."""
    found = [window.start.replace(day=1)]
    while (following := shift_month(found[-1], 1)) <= window.end:
        found.append(following)
    return found


def previous(window: Window) -> Window:
    """The window just before, of as many months when it is of whole months, else of as many days."""
    last = window.start - timedelta(days=1)
    if is_whole_months(window):
        return Window(shift_month(window.start, -len(months_of(window))), last, window.known_at)
    return Window(last - (window.end - window.start), last, window.known_at)


@dataclass(frozen=True, slots=True)
class Frame:
    """The counted postings of a span of days as parallel arrays, by primary key."""

    keys: Integers
    days: Integers
    enterprises: Integers
    clusters: Integers
    heads: Floats

    def inside(self, window: Window) -> Floats:
        """1 for the postings of `window`, else 0."""
        return ((self.days >= window.start.toordinal()) & (self.days <= window.end.toordinal())).astype(np.float64)


def counted_postings(state: DataState, window: Window, scope: Scope) -> QuerySet[Posting]:
    """The postings that count in `window`: no duplicates, and read by the extraction."""
    found = (
        Posting.objects.counted()
        .exclude(extracted_with="")
        .filter(published_on__range=(window.start, window.end), **scope.filters())
    )
    return found.filter(recorded_at__lte=window.known_at) if state.is_past(window) else found


def asked_skills(state: DataState, window: Window, scope: Scope) -> QuerySet[AskedSkill]:
    """The skills that the postings of `window` ask for."""
    found = AskedSkill.objects.filter(published_on__range=(window.start, window.end), **scope.filters())
    return found.filter(posting__recorded_at__lte=window.known_at) if state.is_past(window) else found


def frame(state: DataState, window: Window, scope: Scope) -> Frame:
    """The counted postings of `window`: one query."""
    rows = list(
        counted_postings(state, window, scope)
        .order_by("pk")
        .values_list("pk", "published_on", "enterprise_key", "head_count")
    )
    enterprises = np.fromiter((row[2] for row in rows), dtype=np.int64, count=len(rows))
    return Frame(
        np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows)),
        np.fromiter((row[1].toordinal() for row in rows), dtype=np.int64, count=len(rows)),
        enterprises,
        np.unique(enterprises, return_inverse=True)[1].astype(np.int64),
        np.fromiter((row[3] or 1 for row in rows), dtype=np.float64, count=len(rows)),
    )


def table_of(state: DataState, postings: Frame, skills: Sequence[int], window: Window, scope: Scope) -> SkillTable:
    """Which posting of the frame asks for which of `skills`: one query."""
    column_of = {skill: column for column, skill in enumerate(skills)}
    pairs = np.array(
        [
            (posting, column_of[skill])
            for posting, skill in asked_skills(state, window, scope)
            .filter(skill__in=skills)
            .order_by()
            .values_list("posting_id", "skill_id")
        ],
        dtype=np.int64,
    ).reshape(-1, 2)
    row = np.searchsorted(postings.keys, pairs[:, 0])
    inside = row < len(postings.keys)
    inside[inside] = postings.keys[row[inside]] == pairs[inside, 0]
    return SkillTable(row[inside], pairs[inside, 1], len(postings.keys), len(skills))


def counts_by_skill(state: DataState, window: Window, scope: Scope) -> Mapping[int, tuple[int, int]]:
    """By skill the postings that ask for it in `window` and in the one before: one query, then kept."""
    window = state.pinned(window)

    def compute() -> Mapping[int, tuple[int, int]]:
        before = previous(window)
        recent = Q(published_on__gte=window.start)
        rows = (
            asked_skills(state, Window(before.start, window.end, window.known_at), scope)
            .order_by()
            .values("skill_id")
            .annotate(recent=Count("pk", filter=recent), before=Count("pk", filter=~recent))
        )
        return {row["skill_id"]: (row["recent"], row["before"]) for row in rows}

    return kept(state, ("counts", window, scope), compute)


@dataclass(frozen=True)
class SkillFigures:
    """The figures of one skill in a window. `trend` has the postings of each month of the window."""

    postings: Measurement
    share: Measurement
    growth: Measurement
    head_count: Measurement
    trend: tuple[int, ...] = field(default=())

    @cached_property
    def urls(self) -> Mapping[str, str]:
        """The pages that open each number, by the name of the figure; made once, because they are signed."""
        return {name: getattr(self, name).url for name in ("postings", "share", "growth", "head_count")}


def skill_figures(
    skills: Sequence[int], window: Window, scope: Scope = EVERYTHING, *, state: DataState | None = None
) -> Mapping[int, SkillFigures]:
    """The figures of all `skills` at once: three queries whatever their number, kept while the data stand."""
    state = state or data_state()
    window = state.pinned(window)
    key = ("figures", tuple(skills), window, scope, get_language())
    return kept(state, key, lambda: _figures(state, skills, window, scope))


def _figures(state: DataState, skills: Sequence[int], window: Window, scope: Scope) -> Mapping[int, SkillFigures]:
    before = previous(window)
    span = Window(before.start, window.end, window.known_at)
    postings = frame(state, span, scope)
    table = table_of(state, postings, skills, span, scope)
    recent = postings.inside(window)
    earlier = postings.inside(before)
    heads = recent * postings.heads
    drawn = replicates_of(table, [recent, heads], postings.clusters, np.random.default_rng(SEED))
    counts = demand_today(table, recent)
    people = demand_today(table, heads)
    total = float(recent.sum())
    of_postings = percentile_interval(drawn[0][:, :-1])
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = drawn[0][:, :-1] / drawn[0][:, -1:]
    of_share = percentile_interval(shares if total else drawn[0][:, :-1])
    of_heads = percentile_interval(drawn[1][:, :-1])
    change = growth(table, recent, earlier, postings.clusters, np.random.default_rng(SEED))
    months = months_of(window)
    month_of = np.searchsorted([month.toordinal() for month in months], postings.days, side="right") - 1
    keys_of = _Keys(postings, table)

    result: dict[int, SkillFigures] = {}
    for column, skill in enumerate(skills):
        rows = keys_of.rows(column)
        now = rows[recent[rows] > 0]
        count = int(counts[column])
        here = Records.of(
            "demand.posting", {"asked__skill": skill} | posting_filters(window, scope), postings.keys[now].tolist()
        )
        both = Records.of(
            "demand.posting", {"asked__skill": skill} | posting_filters(span, scope), postings.keys[rows].tolist()
        )
        bounded = count >= FEWEST

        def end(of: Floats, at: int = column, shown: bool = bounded) -> float | None:
            return float(of[at]) if shown and not np.isnan(of[at]) else None

        grew = float(change.value[column])
        enough = change.before[column] >= FEWEST and not np.isnan(grew)
        result[skill] = SkillFigures(
            postings=Measurement(
                value=count,
                unit=Unit.COUNT,
                as_of=window.end,
                definition="demand.skill.postings@1",
                count=count,
                records=here,
                low=end(of_postings.low),
                high=end(of_postings.high),
            ),
            share=Measurement(
                value=count / total if total else None,
                unit=Unit.SHARE,
                as_of=window.end,
                definition="demand.skill.share@1",
                count=int(total),
                numerator=count,
                denominator=total,
                records=here,
                low=end(of_share.low),
                high=end(of_share.high),
            ),
            growth=Measurement(
                value=grew if enough else None,
                unit=Unit.RELATIVE_CHANGE,
                as_of=window.end,
                definition="demand.skill.growth@1",
                count=int(change.recent[column] + change.before[column]),
                low=float(change.interval.low[column]) if enough else None,
                high=float(change.interval.high[column]) if enough else None,
                numerator=float(change.recent[column]),
                denominator=float(change.before[column]),
                records=both,
                note="" if enough else _("Fewer than five postings in the period before."),
            ),
            head_count=Measurement(
                value=float(people[column]),
                unit=Unit.PERSONS,
                as_of=window.end,
                definition="demand.skill.headcount@1",
                count=count,
                records=here,
                low=end(of_heads.low),
                high=end(of_heads.high),
            ),
            trend=tuple(np.bincount(month_of[now], minlength=len(months)).tolist()),
        )
    return result


class _Keys:
    """The rows of each column of a table, without a pass over the table for each."""

    def __init__(self, postings: Frame, table: SkillTable) -> None:
        order = np.argsort(table.column, kind="stable")
        self._rows = table.row[order]
        self._ends = np.searchsorted(table.column[order], np.arange(table.columns + 1))

    def rows(self, column: int) -> Integers:
        return self._rows[self._ends[column] : self._ends[column + 1]]


def posting_filters(window: Window, scope: Scope) -> dict[str, Any]:
    """The postings of a window as lookups, of values that JSON can carry."""
    filters = {"published_on__range": [window.start.isoformat(), window.end.isoformat()], **scope.filters()}
    if window.known_at is not None:
        filters["recorded_at__lte"] = window.known_at.isoformat()
    return filters


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """The postings of one month that ask for a skill."""

    month: date
    postings: Measurement


def skill_by_month(
    skill: int, window: Window, scope: Scope = EVERYTHING, *, state: DataState | None = None
) -> list[MonthFigure]:
    """The postings that ask for `skill` in each month of `window`, with intervals: two queries, then kept."""
    state = state or data_state()
    window = state.pinned(window)
    return kept(state, ("months", skill, window, scope), lambda: _by_month(state, skill, window, scope))


def _by_month(state: DataState, skill: int, window: Window, scope: Scope) -> list[MonthFigure]:
    postings = frame(state, window, scope)
    table = table_of(state, postings, [skill], window, scope)
    parts = [
        Window(max(month, window.start), min(shift_month(month, 1) - timedelta(days=1), window.end), window.known_at)
        for month in months_of(window)
    ]
    weights = [postings.inside(part) for part in parts]
    drawn = replicates_of(table, weights, postings.clusters, np.random.default_rng(SEED))
    found = []
    for part, weight, replicates in zip(parts, weights, drawn, strict=True):
        rows = table.row[weight[table.row] > 0]
        interval = percentile_interval(replicates[:, :1])
        bounded = len(rows) >= FEWEST
        found.append(
            MonthFigure(
                part.start.replace(day=1),
                Measurement(
                    value=len(rows) if weight.any() else None,
                    unit=Unit.COUNT,
                    as_of=part.end,
                    definition="demand.skill.postings@1",
                    count=len(rows),
                    low=float(interval.low[0]) if bounded else None,
                    high=float(interval.high[0]) if bounded else None,
                    records=Records.of(
                        "demand.posting",
                        {"asked__skill": skill} | posting_filters(part, scope),
                        postings.keys[rows].tolist(),
                    ),
                ),
            )
        )
    return found


def posting_count(window: Window, scope: Scope = EVERYTHING, *, state: DataState | None = None) -> Measurement:
    """The advertisements of `window`, each once: one query, then kept."""
    state = state or data_state()
    window = state.pinned(window)
    return kept(state, ("count", window, scope), lambda: _count(window, scope))


def _count(window: Window, scope: Scope) -> Measurement:
    filters = {"duplicate_of__isnull": True} | posting_filters(window, scope)
    found = list(Posting.objects.filter(**filters).values_list("pk", flat=True))
    return Measurement(
        value=len(found) or None,
        unit=Unit.COUNT,
        as_of=window.end,
        definition="demand.postings.count@1",
        count=len(found),
        records=Records.of("demand.posting", filters, found),
    )
