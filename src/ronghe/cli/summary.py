"""Demand in a file of advertisements: reads them, counts copies once, counts skills or fields by month, shows it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ronghe.apps.demand.keys import enterprise_key
from ronghe.cli.advertisements import Advertisements, as_batches
from ronghe.cli.console import Console
from ronghe.cli.display import cut, table
from ronghe.methods.demand import SkillTable, demand_by_month, growth
from ronghe.methods.postings import find_duplicates
from ronghe.runners import extraction
from ronghe.tabular import CellRefused, Date, Integer, Month
from ronghe.tabular.cells import neutralise

By = Literal["month", "field"]

# A growth against fewer postings than these says nothing; the site's figures have the same bound.
LEAST_BEFORE = 5
LONGEST_WINDOW = 12
_MONTHS_SHOWN = 12
_SEED = 20170101
_LABEL_WIDTH = 28

_Extract = Callable[[Iterable[pa.RecordBatch]], AbstractContextManager[Iterator[pa.RecordBatch]]]


@dataclass(frozen=True, slots=True)
class PostingRow:
    """One advertisement: its day (the first of its month where only that is known), its people and its enterprise."""

    identifier: str
    text: str
    published: date | None
    heads: int | None
    enterprise: int


@dataclass(frozen=True, slots=True)
class DemandRow:
    """Demand for one skill or field: counted postings and people, in all and by month, and how its share grew."""

    id: str
    zh: str
    en: str
    field: str
    postings: int
    people: int
    months: tuple[int, ...]
    people_by_month: tuple[int, ...]
    growth: float | None
    growth_low: float | None
    growth_high: float | None


@dataclass(frozen=True, slots=True)
class DemandFound:
    """What a file says of demand. `window` is the number of months whose growth against as many before is given."""

    by: By
    postings: int
    duplicates: int
    undated: int
    with_heads: bool
    months: tuple[str, ...]
    counted_by_month: tuple[int, ...]
    window: int
    rows: tuple[DemandRow, ...]


def read_postings(
    advertisements: Advertisements, columns: Mapping[str, str | None], console: Console
) -> list[PostingRow]:
    """Read all advertisements; those whose day or head count cannot be read are complained of and left out.

    `columns` gives the headings of text, identifier, published, organisation and head_count.
    """
    text = columns["text"]
    assert text is not None  # noqa: S101 - the caller has refused a file without texts
    postings = []
    for row in advertisements.rows(text):
        console.progress("advertisements read", advertisements.read, advertisements.fraction())
        cells = {role: row.record.get(heading, "").strip() for role, heading in columns.items() if heading}
        try:
            published = _day(cells.get("published", ""))
            heads = Integer(1, 100_000).parse(cells["head_count"]) if cells.get("head_count") else None
        except CellRefused as refused:
            console.complain(advertisements.name, row.line, refused.message_en)
            continue
        name = cells.get("organisation", "")
        key = enterprise_key(None, name, row.record[text])
        postings.append(PostingRow(cells.get("identifier") or str(row.line), row.record[text], published, heads, key))
    return postings


def _day(cell: str) -> date | None:
    if not cell:
        return None
    try:
        day: date = Month().parse(cell)
    except CellRefused:
        # Of a moment only its day matters.
        day = Date().parse(cell.replace("T", " ").split(" ")[0])
    return day


def count_demand(
    postings: Sequence[PostingRow],
    extract: _Extract,
    console: Console,
    *,
    by: By,
    window: int | None,
    rows_a_batch: int,
) -> DemandFound:
    """Count every group of copies once, read the skills of what is left and count them by month.

    A share's growth is that of the last `window` months against as many before them (half of all months, twelve at
    most, unless given); its interval is drawn by enterprise. Rows are in order of their postings.
    """
    kept = _without_copies(postings)
    skills = extraction.lexicon().skills
    number = {skill.id: index for index, skill in enumerate(skills)}
    named = _named_skills(kept, extract, console, number, rows_a_batch)
    entries = [(skill.id, skill.zh, skill.en, skill.field) for skill in skills]
    if by == "field":
        fields = extraction.lexicon().fields
        place = {field.id: index for index, field in enumerate(fields)}
        named = [sorted({place[skills[skill].field] for skill in found}) for found in named]
        entries = [(field.id, field.zh, field.en, field.id) for field in fields]

    relation = SkillTable.of(named, len(entries))
    months, month = _months(kept)
    ones = np.ones(len(kept))
    heads = np.array([posting.heads or 1 for posting in kept], dtype=np.float64)
    whole = np.zeros(len(kept), dtype=np.int64)
    total, people = (demand_by_month(relation, whole, 1, weight)[:, 0].astype(int) for weight in (ones, heads))
    monthly, people_monthly = (
        demand_by_month(relation, month, len(months), weight).astype(int) for weight in (ones, heads)
    )
    span = min(window or min(LONGEST_WINDOW, len(months) // 2), len(months) // 2)
    change = _growth(relation, month, len(months), span, kept)
    rows = [
        DemandRow(
            *entries[index],
            int(total[index]),
            int(people[index]),
            tuple(monthly[index].tolist()),
            tuple(people_monthly[index].tolist()),
            *change[index],
        )
        for index in range(len(entries))
        if total[index]
    ]
    rows.sort(key=lambda row: (-row.postings, -row.people, row.id))
    return DemandFound(
        by=by,
        postings=len(postings),
        duplicates=len(postings) - len(kept),
        undated=int((month < 0).sum()),
        with_heads=any(posting.heads for posting in kept),
        months=tuple(months),
        counted_by_month=tuple(np.bincount(month[month >= 0], minlength=len(months)).tolist()),
        window=span,
        rows=tuple(rows),
    )


def _without_copies(postings: Sequence[PostingRow]) -> list[PostingRow]:
    days = [posting.published.toordinal() if posting.published else None for posting in postings]
    dated = days if any(day is not None for day in days) else None
    copies = find_duplicates([posting.text for posting in postings], published=dated)
    return [posting for posting, copy in zip(postings, copies, strict=True) if copy.reason == "unique"]


def _named_skills(
    postings: Sequence[PostingRow], extract: _Extract, console: Console, number: Mapping[str, int], rows_a_batch: int
) -> list[list[int]]:
    console.restart()
    named: list[set[int]] = [set() for _ in postings]
    read = count()
    # Numbers in a file may repeat, so that here an advertisement is called by its place.
    batches = as_batches(((str(next(read)), posting.text) for posting in postings), rows=rows_a_batch)
    with extract(batches) as found:
        for batch in found:
            places = [int(place or 0) for place in batch.column("id").to_pylist()]
            for place, skill in zip(places, batch.column("skill").to_pylist(), strict=True):
                named[place].add(number[skill or ""])
            done = places[-1] if places else 0
            console.progress("advertisements", done, done / len(postings))
    return [sorted(found) for found in named]


def _months(postings: Sequence[PostingRow]) -> tuple[list[str], NDArray[np.int64]]:
    """Every month from the first to the last, and each posting's place among them, −1 where it has no day."""
    numbers = [p.published.year * 12 + p.published.month - 1 if p.published else None for p in postings]
    known = [number for number in numbers if number is not None]
    first, last = min(known, default=0), max(known, default=-1)
    names = [f"{number // 12:04}-{number % 12 + 1:02}" for number in range(first, last + 1)]
    return names, np.array([-1 if number is None else number - first for number in numbers], dtype=np.int64)


_NO_GROWTH = (None, None, None)


def _growth(
    relation: SkillTable, month: NDArray[np.int64], months: int, span: int, postings: Sequence[PostingRow]
) -> list[tuple[float | None, float | None, float | None]]:
    if not span:
        return [_NO_GROWTH] * relation.columns
    recent = (month >= months - span).astype(np.float64)
    before = ((month >= months - 2 * span) & (month < months - span)).astype(np.float64)
    _keys, cluster = np.unique([posting.enterprise for posting in postings], return_inverse=True)
    found = growth(relation, recent, before, cluster.astype(np.int64), np.random.default_rng(_SEED))
    return [
        (float(value), float(low), float(high)) if earlier >= LEAST_BEFORE and np.isfinite(value) else _NO_GROWTH
        for value, low, high, earlier in zip(
            found.value, found.interval.low, found.interval.high, found.before, strict=True
        )
    ]


def show(found: DemandFound, form: Literal["table", "csv", "json"], top: int, *, mark: bool) -> bytes:
    """The first `top` rows as a table for a terminal, as CSV (`mark`: with a byte order mark) or as one JSON object."""
    rows = found.rows[:top]
    if form == "json":
        return (json.dumps(_as_json(found, rows), ensure_ascii=False, indent=2, allow_nan=False) + "\n").encode()
    if form == "csv":
        return (b"\xef\xbb\xbf" if mark else b"") + _as_csv(found, rows).encode()
    return (_as_table(found, rows) + "\n").encode()


def _as_json(found: DemandFound, rows: Sequence[DemandRow]) -> dict[str, Any]:
    return {
        "postings": found.postings,
        "duplicates": found.duplicates,
        "counted": found.postings - found.duplicates,
        "undated": found.undated,
        "counted_by_month": dict(zip(found.months, found.counted_by_month, strict=True)),
        "growth_window_months": found.window,
        "by": found.by,
        "rows": [
            {
                "id": row.id, "zh": row.zh, "en": row.en, "field": row.field,
                "postings": row.postings, "people": row.people,
                "postings_by_month": dict(zip(found.months, row.months, strict=True)),
                "people_by_month": dict(zip(found.months, row.people_by_month, strict=True)),
                "growth": row.growth, "growth_low": row.growth_low, "growth_high": row.growth_high,
            }
            for row in rows
        ],
    }  # fmt: skip


def _as_csv(found: DemandFound, rows: Sequence[DemandRow]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    fixed = ["id", "zh", "en", "field", "postings", "people", "growth", "growth_low", "growth_high"]
    writer.writerow([*fixed, *found.months])
    for row in rows:
        change = ["" if value is None else f"{value:.4f}" for value in (row.growth, row.growth_low, row.growth_high)]
        names = [neutralise(name) for name in (row.id, row.zh, row.en, row.field)]
        writer.writerow([*names, row.postings, row.people, *change, *row.months])
    return text.getvalue()


def _as_table(found: DemandFound, rows: Sequence[DemandRow]) -> str:
    months = found.months[-_MONTHS_SHOWN:]
    names = ["领域", "Field"] if found.by == "field" else ["技能", "Skill"]
    people = ["People 人数"] if found.with_heads else []
    grown = ["Growth 增长"] if found.window else []
    headings = [*names, "Postings 信息", *people, *months, *grown]
    body = [
        [
            cut(row.zh, _LABEL_WIDTH),
            cut(row.en, _LABEL_WIDTH),
            f"{row.postings:,}",
            *([f"{row.people:,}"] if people else []),
            *(str(value) if value else "·" for value in row.months[-_MONTHS_SHOWN:]),
            *([_percent(row)] if grown else []),
        ]
        for row in rows
    ]
    counted = ["全部信息", "All postings", f"{found.postings - found.duplicates:,}", *([""] if people else [])]
    body.append(
        [*counted, *(f"{value:,}" for value in found.counted_by_month[-_MONTHS_SHOWN:]), *([""] if grown else [])]
    )
    numeric = frozenset(range(2, len(headings)))
    return "\n".join([_headline(found, len(rows)), "", table(headings, body, numeric), "", *_notes(found, months)])


def _headline(found: DemandFound, shown: int) -> str:
    what = "fields" if found.by == "field" else "skills"
    return (
        f"{found.postings:,} postings read, {found.duplicates:,} copies of others left out, "
        f"{found.postings - found.duplicates:,} counted; {len(found.rows):,} {what} asked for, {shown:,} shown"
    )


def _notes(found: DemandFound, months: Sequence[str]) -> list[str]:
    notes = []
    if len(found.months) > len(months):
        notes.append(f"The last {len(months)} of {len(found.months)} months; --format csv has them all.")
    if not found.months:
        notes.append("No column with a day or month was found, so nothing is shown by month; see --date-column.")
    elif found.undated:
        notes.append(f"{found.undated:,} counted postings have no date: in the totals, in no month.")
    if found.window:
        notes.append(
            f"Growth: change of the share of postings, last {found.window} months against the {found.window} before "
            f"(at least {LEAST_BEFORE} postings before); in brackets the 95% interval by enterprise."
        )
    return notes


def _percent(row: DemandRow) -> str:
    if row.growth is None or row.growth_low is None or row.growth_high is None:
        return "—"
    return f"{row.growth:+.0%} [{row.growth_low:+.0%}, {row.growth_high:+.0%}]"
