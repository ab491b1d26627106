"""Opens a file of records of any readable kind and iterates over its rows in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from types import TracebackType
from typing import Any, BinaryIO, Generic, TypeVar, overload

from ronghe.tabular.delimited import DelimitedReader
from ronghe.tabular.detect import FileKind, detect, extension_warning
from ronghe.tabular.errors import FileTooLarge, FileWarning
from ronghe.tabular.jsonl import read_json_lines
from ronghe.tabular.limits import DEFAULT_LIMITS, Limits
from ronghe.tabular.parquet import read_parquet
from ronghe.tabular.rows import BadRow, RawRow, RecordParser, Row, plain_record, under_headings
from ronghe.tabular.schema import RowSchema
from ronghe.tabular.source import Source, digest_of, seekable, source_name
from ronghe.tabular.text import Lines, TextEncoding
from ronghe.tabular.xlsx import Workbook

T = TypeVar("T")


class Rows(Generic[T]):
    """The rows of one open file: iterate once, use as a context manager.

    ``kind`` is found from the content; ``encoding`` is that of a text file, else ""; ``headings`` are the file's own;
    ``warnings`` may grow while iterating.
    """

    kind: FileKind
    encoding: str
    headings: tuple[str, ...]
    sheet: str

    def __init__(
        self, source: Source, schema: RowSchema[Any] | None, name: str, limits: Limits, allow_short_rows: bool
    ) -> None:
        self.name = name or source_name(source)
        self.warnings: list[FileWarning] = []
        self.encoding = ""
        self.sheet = ""
        self._schema = schema
        self._limits = limits
        self._allow_short_rows = allow_short_rows
        self._stack = ExitStack()
        with ExitStack() as opening:
            self._stream: BinaryIO = opening.enter_context(seekable(source, limits))
            self.kind, encoding = detect(self._stream, limits)
            if warning := extension_warning(self.name, self.kind):
                self.warnings.append(warning)
            self.headings, raw = self._open(encoding, opening)
            self._rows = self._parsed(raw)
            self._stack = opening.pop_all()

    def _open(self, encoding: TextEncoding | None, stack: ExitStack) -> tuple[tuple[str, ...], Iterator[RawRow]]:
        if encoding is not None:
            self.encoding = encoding.name
            if not encoding.name.startswith("UTF"):
                self.warnings.append(FileWarning("warning.encoding", {"encoding": encoding.name}))
            text = encoding.open(self._stream)
            stack.callback(text.detach)
            lines = Lines(text, self._limits.max_row_length)
            if self.kind == "jsonl":
                return read_json_lines(lines, encoding, self._schema, self._limits)
            delimited = DelimitedReader(lines, encoding, self._schema, self._limits)
            ragged = self._allow_short_rows
            return under_headings(iter(delimited), self._schema, self._limits, self.warnings, ragged=ragged)
        if self.kind == "xlsx":
            workbook = stack.enter_context(Workbook(self._stream, self._limits))
            self.sheet = workbook.sheet
            self.warnings.extend(workbook.warnings)
            return under_headings(workbook.lines(), self._schema, self._limits, self.warnings, ragged=True)
        return read_parquet(self._stream, self._limits)

    def _parsed(self, raw: Iterator[RawRow]) -> Iterator[Row[Any] | BadRow]:
        if self._schema is None:
            return (plain_record(row, self._limits) for row in self._counted(raw))
        parser = RecordParser(
            self._schema,
            self._limits,
            self.warnings,
            partial=self.kind == "jsonl",
            neutralised=self.kind == "csv",
        )
        if self.kind != "jsonl":
            parser.bind(self.headings)
        return map(parser.parse, self._counted(raw))

    def _counted(self, raw: Iterator[RawRow]) -> Iterator[RawRow]:
        for count, row in enumerate(raw, start=1):
            if count > self._limits.max_rows:
                raise FileTooLarge("file.too_many_rows", limit=self._limits.max_rows)
            yield row

    def __iter__(self) -> Iterator[Row[T] | BadRow]:
        return self._rows

    def __enter__(self) -> Rows[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def heading_of(self, column: str) -> str:
        """The file's own heading of the schema's column of that name, or the name where the file has none."""
        if self._schema is not None:
            for heading in self.headings:
                position = self._schema.find(heading)
                if position is not None and self._schema.columns[position].name == column:
                    return heading
        return column

    def close(self) -> None:
        """Close what was opened here; a stream given by the caller stays open."""
        self._stack.close()


@overload
def open_rows(
    source: Source,
    *,
    schema: None = None,
    name: str = "",
    limits: Limits = DEFAULT_LIMITS,
    allow_short_rows: bool = False,
) -> Rows[dict[str, str]]: ...


@overload
def open_rows(
    source: Source,
    *,
    schema: RowSchema[T],
    name: str = "",
    limits: Limits = DEFAULT_LIMITS,
    allow_short_rows: bool = False,
) -> Rows[T]: ...


def open_rows(
    source: Source,
    *,
    schema: RowSchema[Any] | None = None,
    name: str = "",
    limits: Limits = DEFAULT_LIMITS,
    allow_short_rows: bool = False,
) -> Rows[Any]:
    """Open a path, "-" for standard input, or a binary stream; the kind is found by content.

    With a schema each good row has a record of it; without one a dict of text by heading, the same from every kind of
    file. Bad rows come as ``BadRow`` and reading goes on. ``name`` is the file's name for people, if the source has
    none. ``allow_short_rows`` takes cells absent at the end of a CSV row as empty instead of as half a row, for files
    from programs known to leave them out. Raises ``FileRefused`` (see ``errors``), on opening or, for damage further
    down, while iterating.
    """
    return Rows(source, schema, name, limits, allow_short_rows)


def digest(source: Source, limits: Limits = DEFAULT_LIMITS) -> tuple[str, int]:
    """SHA-256 of the source in hexadecimal and its size in bytes. Raises ``FileRefused``."""
    with seekable(source, limits) as stream:
        return digest_of(stream)
