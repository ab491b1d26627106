"""Opens a file of advertisements of any kind for the command line, finds its columns and hands on its usable rows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

import pyarrow as pa

from ronghe.cli.console import Console
from ronghe.cli.endings import CallRefused
from ronghe.runners.batches import POSTINGS
from ronghe.tabular import FileRefused, Limits, Row, open_rows
from ronghe.tabular.cells import fold

# The person at the keyboard chose the file: only what a hostile file could do is bounded, not its size.
LIMITS = Limits(max_bytes=1 << 40, max_rows=1_000_000_000)

_CHARACTERS_A_BATCH = 1 << 20
_HEADINGS_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Role:
    """What a column is for, how the option is called that names it, and the headings it is known by, best first."""

    name: str
    option: str
    headings: tuple[str, ...]


TEXT = Role(
    "the text of the advertisements",
    "--text-column",
    (
        "text", "description", "job description", "advertisement", "posting", "body", "content", "jd",
        "正文", "职位描述", "岗位描述", "招聘内容", "招聘信息", "工作内容", "岗位职责", "内容", "描述",
    ),
)  # fmt: skip
IDENTIFIER = Role(
    "their numbers",
    "--id-column",
    ("id", "external id", "posting id", "job id", "number", "编号", "招聘编号", "职位编号", "岗位编号"),
)
PUBLISHED = Role(
    "their dates",
    "--date-column",
    (
        "published on", "published", "date published", "date posted", "date", "month",
        "发布日期", "发布时间", "发布月份", "日期", "月份",
    ),
)  # fmt: skip
ORGANISATION = Role(
    "their enterprises",
    "--organisation-column",
    (
        "organisation", "organization", "enterprise", "company", "company name", "employer",
        "企业", "企业名称", "公司", "公司名称", "单位", "招聘单位",
    ),
)  # fmt: skip
HEAD_COUNT = Role(
    "their head counts", "--head-count-column", ("head count", "heads", "openings", "vacancies", "招聘人数", "人数")
)


class Advertisements:
    """The rows of one open file; iterate once, use as a context manager.

    What cannot be used is complained of on `console` and left out. Raises `CallRefused` if the file cannot be opened,
    `FileRefused` while iterating for damage further down.
    """

    def __init__(self, path: str, console: Console) -> None:
        self.name = "standard input" if path == "-" else path
        self.read = 0
        self._console = console
        self._size = 0
        self._stream: IO[bytes] | None = None
        with ExitStack() as stack:
            if path != "-":
                self._stream = stack.enter_context(_opened(path))
                self._size = os.fstat(self._stream.fileno()).st_size
            try:
                opened = open_rows(self._stream or "-", name=Path(path).name if path != "-" else "", limits=LIMITS)
            except FileRefused as refused:
                raise CallRefused(f"{self.name}: {refused}") from refused
            self._rows = stack.enter_context(opened)
            self._total = _rows_of_parquet(self._stream) if self._rows.kind == "parquet" else None
            self._stack = stack.pop_all()

    @property
    def headings(self) -> tuple[str, ...]:
        """The file's own headings; of JSON Lines the keys of its first objects."""
        return self._rows.headings

    def column(self, role: Role, asked: str | None) -> str | None:
        """The heading for a role: the one asked for, else the best known one that the file has, else None.

        Raises `CallRefused` if the file does not have the one asked for.
        """
        wanted: Sequence[str] = (asked,) if asked is not None else role.headings
        if asked in self.headings:
            return asked
        by_name = {fold(heading): heading for heading in reversed(self.headings)}
        found = next((by_name[fold(name)] for name in wanted if fold(name) in by_name), None)
        if found is None and asked is not None:
            raise CallRefused(f"{self.name} has no column {asked!r}; it has {self._columns()}")
        return found

    def needed(self, role: Role, asked: str | None) -> str:
        """`column`, but raises `CallRefused` where there is none."""
        found = self.column(role, asked)
        if found is None:
            raise CallRefused(
                f"{self.name} has no column that is known to hold {role.name}; name it with {role.option}. "
                f"The file has {self._columns()}"
            )
        return found

    def _columns(self) -> str:
        shown = [heading for heading in self.headings if heading][:_HEADINGS_SHOWN]
        more = ", …" if len(self.headings) > len(shown) else ""
        return f"the columns: {', '.join(shown)}{more}" if shown else "no column with a name"

    def rows(self, text: str) -> Iterator[Row[dict[str, str]]]:
        """The rows that can be used and have the column of the text."""
        for row in self._rows:
            self.read += 1
            if not isinstance(row, Row):
                reasons = [f"{error.column}: {error.message_en}" if error.column else error.message_en
                           for error in row.errors]  # fmt: skip
                self._console.complain(self.name, row.line, " ".join(reasons))
            elif text not in row.record:
                self._console.complain(self.name, row.line, f"there is no {text!r} on this line.")
            else:
                yield row
        for warning in self._rows.warnings:
            self._console.note(f"{self.name}: {warning.message('en')}")

    def batches(self, text: str, identifier: str | None, *, rows: int = 512) -> Iterator[pa.RecordBatch]:
        """The rows as batches of advertisements; one without a number is called by its line."""
        named = (
            ((identifier and row.record.get(identifier)) or str(row.line), row.record[text]) for row in self.rows(text)
        )
        return as_batches(named, rows=rows)

    def fraction(self) -> float | None:
        """Which part of the file has been read, where that is known."""
        if self._total:
            return self.read / self._total
        if self._stream is None or not self._size or self._rows.kind in ("xlsx", "parquet"):
            return None
        return self._stream.tell() / self._size

    def __enter__(self) -> Advertisements:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()


def as_batches(named: Iterator[tuple[str, str]], *, rows: int) -> Iterator[pa.RecordBatch]:
    """Pairs of number and text as batches of at most so many advertisements, and of a bounded number of characters."""
    ids: list[str] = []
    texts: list[str] = []
    size = 0
    for identifier, text in named:
        ids.append(identifier)
        texts.append(text)
        size += len(text)
        if len(ids) == rows or size >= _CHARACTERS_A_BATCH:
            yield _batch(ids, texts)
            ids, texts, size = [], [], 0
    if ids:
        yield _batch(ids, texts)


def _batch(ids: list[str], texts: list[str]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([pa.array(ids, pa.string()), pa.array(texts, pa.string())], schema=POSTINGS)


def _opened(path: str) -> IO[bytes]:
    try:
        return Path(path).open("rb")
    except OSError as error:
        raise CallRefused(f"{path} cannot be read: {error.strerror}") from error


def _rows_of_parquet(stream: IO[bytes] | None) -> int | None:
    if stream is None:
        return None
    import pyarrow.parquet as pq

    place = stream.tell()
    rows = pq.read_metadata(stream).num_rows
    stream.seek(place)
    return rows
