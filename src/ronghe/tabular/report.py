"""The dry run of an import and the reading after it: what is in a file, what is wrong with it, and all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from ronghe.tabular.detect import FileKind
from ronghe.tabular.errors import FileChanged, FileWarning, RowError, RowsRefused, shorten
from ronghe.tabular.limits import DEFAULT_LIMITS, Limits
from ronghe.tabular.reader import Rows, open_rows
from ronghe.tabular.rows import BadRow, Row
from ronghe.tabular.schema import RowSchema
from ronghe.tabular.source import Source, digest_of, seekable, source_name

T = TypeVar("T")

MOST_ERRORS_KEPT = 200
PREVIEW_ROWS = 10


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a caller's own check finds wrong with a row, in both languages; ``column`` is a column's name or ""."""

    column: str
    zh: str
    en: str
    value: object = ""


RowCheck = Callable[[Row[T]], Iterable[Complaint]]
"""A check beyond the cells: does the organisation exist, is the row a duplicate. Called once for each good row, in the
order of the file, so it may remember what it has seen."""


@dataclass(frozen=True, slots=True)
class Report(Generic[T]):
    """What a dry run found. ``errors`` are the first ones only, ``errors_total`` counts all.

    ``digest`` is the SHA-256 of the file: give it to ``read_valid`` so that what is written is what was looked at.
    """

    name: str
    kind: FileKind
    encoding: str
    sheet: str
    headings: tuple[str, ...]
    size: int
    digest: str
    rows_total: int
    rows_valid: int
    errors: tuple[RowError, ...]
    errors_total: int
    warnings: tuple[FileWarning, ...]
    preview: tuple[Row[T], ...]

    @property
    def rows_bad(self) -> int:
        return self.rows_total - self.rows_valid

    @property
    def is_valid(self) -> bool:
        """Whether there is at least one row and every row is good."""
        return self.rows_total > 0 and self.rows_valid == self.rows_total

    def as_dict(self, language: str) -> dict[str, Any]:
        """Plain values for JSON, messages in ``language``; without the preview, whose records only the caller knows."""
        return {
            "name": self.name,
            "kind": self.kind,
            "encoding": self.encoding,
            "sheet": self.sheet,
            "headings": list(self.headings),
            "size": self.size,
            "digest": self.digest,
            "rows_total": self.rows_total,
            "rows_valid": self.rows_valid,
            "errors": [error.as_dict(language) for error in self.errors],
            "errors_total": self.errors_total,
            "warnings": [{"code": item.code, "message": item.message(language)} for item in self.warnings],
        }


def _checked(rows: Rows[T], check: RowCheck[T] | None) -> Iterator[Row[T] | BadRow]:
    for row in rows:
        if check is None or isinstance(row, BadRow):
            yield row
            continue
        errors = tuple(
            RowError(
                row.line,
                rows.heading_of(complaint.column),
                "row.check",
                shorten(complaint.value),
                complaint.column,
                {"zh": complaint.zh, "en": complaint.en},
            )
            for complaint in check(row)
        )
        yield BadRow(row.line, errors) if errors else row


class _Tally(Generic[T]):
    """Counts good and bad rows and remembers, one byte a row, which were good."""

    def __init__(self, most_errors: int) -> None:
        self.good = bytearray()
        self.valid = 0
        self.errors: list[RowError] = []
        self.errors_total = 0
        self.preview: list[Row[T]] = []
        self._most_errors = most_errors

    def add(self, row: Row[T] | BadRow) -> None:
        if isinstance(row, BadRow):
            self.good.append(0)
            self.errors_total += len(row.errors)
            self.errors.extend(row.errors[: max(0, self._most_errors - len(self.errors))])
            return
        self.good.append(1)
        self.valid += 1
        if len(self.preview) < PREVIEW_ROWS:
            self.preview.append(row)


def dry_run(
    source: Source,
    schema: RowSchema[T],
    *,
    row_check: RowCheck[T] | None = None,
    name: str = "",
    limits: Limits = DEFAULT_LIMITS,
    most_errors: int = MOST_ERRORS_KEPT,
) -> Report[T]:
    """Read the whole file and write nothing. Raises ``FileRefused`` when the file as a whole cannot be read."""
    with seekable(source, limits) as stream:
        hexadecimal, size = digest_of(stream)
        with open_rows(stream, schema=schema, name=name or source_name(source), limits=limits) as rows:
            tally: _Tally[T] = _Tally(most_errors)
            for row in _checked(rows, row_check):
                tally.add(row)
            return Report(
                name=rows.name,
                kind=rows.kind,
                encoding=rows.encoding,
                sheet=rows.sheet,
                headings=rows.headings,
                size=size,
                digest=hexadecimal,
                rows_total=len(tally.good),
                rows_valid=tally.valid,
                errors=tuple(tally.errors),
                errors_total=tally.errors_total,
                warnings=tuple(rows.warnings),
                preview=tuple(tally.preview),
            )


def read_valid(
    source: Source,
    schema: RowSchema[T],
    *,
    skip_bad: bool = False,
    row_check: RowCheck[T] | None = None,
    digest: str = "",
    name: str = "",
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[Row[T]]:
    """The good rows of a file, the first of them only after the whole file has been checked.

    Reads the file twice, so nothing is handed on of a file that turns out bad further down. Unless ``skip_bad``,
    one bad row refuses all: ``RowsRefused``. With ``digest`` (of a ``Report``) raises ``FileChanged`` if the bytes are
    others. Raises ``FileRefused``. All this happens when the first row is asked for; write the rows in one
    transaction, for the medium may still fail while the second reading goes on.
    """
    with seekable(source, limits) as stream:
        before, _ = digest_of(stream)
        if digest and before != digest:
            raise FileChanged("file.changed")
        shown_name = name or source_name(source)
        tally: _Tally[T] = _Tally(MOST_ERRORS_KEPT)
        with open_rows(stream, schema=schema, name=shown_name, limits=limits) as rows:
            for row in _checked(rows, row_check):
                tally.add(row)
        if tally.errors and not skip_bad:
            raise RowsRefused(tuple(tally.errors), tally.errors_total, len(tally.good) - tally.valid)
        with open_rows(stream, schema=schema, name=shown_name, limits=limits) as rows:
            count = 0
            for count, again in enumerate(rows, start=1):
                if count > len(tally.good) or (tally.good[count - 1] and isinstance(again, BadRow)):
                    raise FileChanged("file.changed")
                if tally.good[count - 1] and isinstance(again, Row):
                    yield again
            if count != len(tally.good):
                raise FileChanged("file.changed")
