"""CSV and its relatives (semicolon, tab): rows of text with the line each begins on, going on after a bad one."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from typing import Any

from ronghe.tabular.cells import Cell
from ronghe.tabular.errors import BadCell, shorten
from ronghe.tabular.limits import Limits
from ronghe.tabular.rows import Line
from ronghe.tabular.schema import RowSchema
from ronghe.tabular.text import ESCAPED_BYTE, Lines, TextEncoding

DELIMITERS = (",", ";", "\t")


class _BadLine(Exception):
    """Raised through ``csv.reader`` by the lines it is fed."""

    def __init__(self, problem: BadCell) -> None:
        super().__init__(problem.code)
        self.problem = problem


def _delimiter_of(first: str, schema: RowSchema[Any] | None) -> str:
    """The delimiter under which most headings are known, else the one that makes most columns, else a comma."""

    def merit(delimiter: str) -> tuple[int, int]:
        headings = next(csv.reader([first], delimiter=delimiter), [])
        return (schema.recognised(headings) if schema else 0, len(headings))

    return max(DELIMITERS, key=merit)


class DelimitedReader:
    """Iterates over the rows of a text. A row that cannot be split is given as a problem, and the next line begins
    the next row, so that one stray quotation mark costs the rows it really touches and no more."""

    def __init__(self, lines: Lines, encoding: TextEncoding, schema: RowSchema[Any] | None, limits: Limits) -> None:
        self._lines = lines
        self._encoding = encoding
        self._limits = limits
        self._waiting: deque[tuple[int, str, bool]] = deque()
        self._taken: list[tuple[int, str, bool]] = []
        if limits.max_cell_length > csv.field_size_limit():
            # The bound is global to the process; raising it loosens nothing here, where rows have a bound of their own.
            csv.field_size_limit(limits.max_cell_length)
        self.delimiter = self._find_delimiter(schema)

    def _find_delimiter(self, schema: RowSchema[Any] | None) -> str:
        while (item := self._next()) is not None:
            text = item[1].strip("\ufeff\r\n")
            if len(text) == 5 and text.lower().startswith("sep="):
                return text[4]
            if text.strip():
                self._waiting.appendleft(item)
                return _delimiter_of(text[: csv.field_size_limit()], schema)
        return DELIMITERS[0]

    def _next(self) -> tuple[int, str, bool] | None:
        if self._waiting:
            return self._waiting.popleft()
        line = self._lines.next_line()
        return None if line is None else (self._lines.number, *line)

    def _feed(self) -> Iterator[str]:
        length = 0
        while (item := self._next()) is not None:
            _, text, too_long = item
            self._taken.append(item)
            if len(self._taken) == 1:
                length = 0
            length += len(text)
            if too_long or length > self._limits.max_row_length:
                code = "row.too_long" if len(self._taken) == 1 else "row.open_quote"
                raise _BadLine(BadCell(code, {"limit": self._limits.max_row_length}))
            if "\0" in text:
                raise _BadLine(BadCell("row.nul"))
            if self._encoding.damaged and not text.isascii() and ESCAPED_BYTE.search(text):
                raise _BadLine(BadCell("row.undecodable", {"encoding": self._encoding.name}))
            yield text

    def __iter__(self) -> Iterator[Line]:
        reader = self._new_reader()
        while True:
            self._taken.clear()
            try:
                cells: list[Cell] = list(next(reader))
            except StopIteration:
                return
            except (_BadLine, csv.Error) as error:
                number, text, _ = self._taken[0]
                yield Line(number, [], self._problem(error, shorten(text.strip())))
                self._waiting.extendleft(reversed(self._taken[1:]))
                reader = self._new_reader()
            else:
                yield Line(self._taken[0][0], cells)

    def _new_reader(self) -> Iterator[list[str]]:
        return csv.reader(self._feed(), delimiter=self.delimiter, strict=True)

    def _problem(self, error: _BadLine | csv.Error, shown: str) -> BadCell:
        if isinstance(error, _BadLine):
            return BadCell(error.problem.code, error.problem.params, shown)
        if len(self._taken) > 1 or "unexpected end" in str(error):
            return BadCell("row.open_quote", shown=shown)
        if "field limit" in str(error):
            return BadCell("row.too_long", {"limit": csv.field_size_limit()}, shown)
        return BadCell("row.quotes", shown=shown)
