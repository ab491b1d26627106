"""From a reader's raw rows to records of a schema; the same for every kind of file. Reads no file itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Generic, NamedTuple, TypeVar

from ronghe.tabular.cells import Cell, as_text, is_blank, is_clean, restore
from ronghe.tabular.errors import (
    BadCell,
    CellRefused,
    FileTooLarge,
    FileWarning,
    HeadingsRefused,
    RowError,
    shorten,
)
from ronghe.tabular.limits import Limits
from ronghe.tabular.schema import Binding, Column, RowSchema

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

_ROWS_SEARCHED_FOR_HEADINGS = 10
_BINDINGS_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Row(Generic[T_co]):
    """A good row: its line (see ``RowError.line``) and its record."""

    line: int
    record: T_co


@dataclass(frozen=True, slots=True)
class BadRow:
    """A bad row: its line and all that is wrong with it, at least one error."""

    line: int
    errors: tuple[RowError, ...]


class RawRow(NamedTuple):
    """A row under its headings, cells not yet interpreted. ``problem`` is set when the row could not be split."""

    line: int
    headings: tuple[str, ...]
    cells: list[Cell]
    problem: BadCell | None = None


class Line(NamedTuple):
    """A row of a file whose headings are its first row: cells by position."""

    number: int
    cells: list[Cell]
    problem: BadCell | None = None


def under_headings(
    lines: Iterator[Line],
    schema: RowSchema[Any] | None,
    limits: Limits,
    warnings: list[FileWarning],
    *,
    ragged: bool,
) -> tuple[tuple[str, ...], Iterator[RawRow]]:
    """Take the first row that is not blank as headings and set the rest under them.

    Returns the headings, and the rows; blank rows are left out, rows of another width have a ``problem``, but
    ``ragged`` rows are short when their last cells are empty. Raises ``HeadingsRefused`` and ``FileTooLarge``.
    """
    head = next((line for line in lines if line.problem or not all(map(is_blank, line.cells))), None)
    if head is None:
        raise HeadingsRefused(
            "headings.missing",
            missing_zh="、".join(c.heading("zh") for c in schema.columns if c.required) if schema else "—",
            missing_en=", ".join(c.heading("en") for c in schema.columns if c.required) if schema else "—",
            found="—",
            hint_zh="文件只有空行。",
            hint_en="The file has only blank rows.",
        )
    headings = _heading_texts(head, limits)
    if schema is not None and not schema.recognised(headings):
        ahead = list(islice(lines, _ROWS_SEARCHED_FOR_HEADINGS))
        lines = chain(ahead, lines)
        schema.bind(headings, hint=_headings_further_down(ahead, schema))
    return headings, _joined(headings, lines, warnings, ragged)


def _heading_texts(head: Line, limits: Limits) -> tuple[str, ...]:
    problem = head.problem or next((cell for cell in head.cells if isinstance(cell, BadCell)), None)
    if problem is not None:
        as_error = RowError(head.number, "", problem.code, params=problem.params)
        raise HeadingsRefused(
            "headings.unreadable", line=head.number, reason_zh=as_error.message_zh, reason_en=as_error.message_en
        )
    texts = [as_text(cell).strip().lstrip("\ufeff") for cell in head.cells]
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) > limits.max_columns:
        raise FileTooLarge("file.too_many_columns", count=len(texts), limit=limits.max_columns)
    named = [text for text in texts if text]
    for text in named:
        if named.count(text) > 1:
            raise HeadingsRefused("headings.repeated", heading=shorten(text))
        if not is_clean(text):
            raise HeadingsRefused(
                "headings.unreadable",
                line=head.number,
                reason_zh=RowError(head.number, "", "text.character").message_zh,
                reason_en=RowError(head.number, "", "text.character").message_en,
            )
    return tuple(texts)


def _headings_further_down(ahead: list[Line], schema: RowSchema[Any]) -> dict[str, str]:
    required = {position for position, column in enumerate(schema.columns) if column.required}
    for line in ahead:
        texts = [as_text(cell) for cell in line.cells if isinstance(cell, str)]
        if required and required <= {schema.find(text) for text in texts}:
            return {
                "zh": f"表头似乎在第 {line.number} 行，请删除它上面的各行。",
                "en": f"The headings seem to be on line {line.number}; delete the rows above it.",
            }
    return {}


def _joined(
    headings: tuple[str, ...], lines: Iterator[Line], warnings: list[FileWarning], ragged: bool
) -> Iterator[RawRow]:
    width = len(headings)
    unnamed = {index for index, heading in enumerate(headings) if not heading}
    for number, cells, problem in lines:
        if problem is None:
            if all(map(is_blank, cells)):
                continue
            if ragged and len(cells) < width:
                cells.extend([None] * (width - len(cells)))
            if len(cells) > width:
                if all(map(is_blank, cells[width:])):
                    cells = cells[:width]
                else:
                    problem = BadCell("row.too_many_cells", {"found": len(cells), "expected": width})
            elif len(cells) < width:
                problem = BadCell("row.too_few_cells", {"found": len(cells), "expected": width})
            elif unnamed:
                filled = {index for index in unnamed if not is_blank(cells[index])}
                unnamed -= filled
                warnings.extend(FileWarning("warning.unnamed_column", {"position": i + 1}) for i in sorted(filled))
        yield RawRow(number, headings, cells, problem)


class RecordParser(Generic[T]):
    """Turns raw rows into records of a schema. Remembers how headings bind, which matters where lines differ."""

    def __init__(
        self, schema: RowSchema[T], limits: Limits, warnings: list[FileWarning], *, partial: bool, neutralised: bool
    ) -> None:
        """``partial``: each row has headings of its own. ``neutralised``: text may be marked as in exported CSV."""
        self._schema = schema
        self._limits = limits
        self._warnings = warnings
        self._partial = partial
        self._neutralised = neutralised
        self._bindings: dict[tuple[str, ...], Binding] = {}
        self._unknown: set[str] = set()

    def bind(self, headings: tuple[str, ...]) -> Binding:
        """The binding of these headings. Raises ``HeadingsRefused``."""
        binding = self._bindings.get(headings)
        if binding is None:
            binding = self._schema.bind(headings, partial=self._partial)
            if len(self._bindings) < _BINDINGS_REMEMBERED:
                self._bindings[headings] = binding
            for heading in binding.unknown:
                # Every line of JSON may bring new keys; the search for the nearest column must not be paid for each.
                if len(self._unknown) < self._limits.max_columns and heading not in self._unknown:
                    self._unknown.add(heading)
                    self._warnings.append(self._schema.unknown_heading(heading, binding))
        return binding

    def parse(self, row: RawRow) -> Row[T] | BadRow:
        """The record of one row, or everything that is wrong with it."""
        line, headings, cells, problem = row
        if problem is not None:
            return BadRow(line, (RowError(line, "", problem.code, problem.shown, params=problem.params),))
        try:
            binding = self.bind(headings)
        except HeadingsRefused as refused:
            return BadRow(line, (RowError(line, "", refused.code, params=refused.params),))
        values: dict[str, Any] = {}
        errors: list[RowError] = []
        for column, position in zip(self._schema.columns, binding.positions, strict=True):
            cell = None if position is None else cells[position]
            try:
                values[column.name] = self._value(column, cell)
            except CellRefused as refused:
                heading = column.name if position is None else headings[position]
                shown = cell.shown if isinstance(cell, BadCell) else "" if cell is None else shorten(cell)
                errors.append(RowError(line, heading, refused.code, shown, column.name, refused.params))
        if errors:
            return BadRow(line, tuple(errors))
        return Row(line, self._schema.build(**values))

    def _value(self, column: Column, cell: Cell) -> Any:
        if isinstance(cell, str):
            if len(cell) > self._limits.max_cell_length:
                raise CellRefused("cell.too_long", length=len(cell), limit=self._limits.max_cell_length)
            if self._neutralised:
                cell = restore(cell)
        if is_blank(cell):
            if column.required:
                raise CellRefused("cell.required", column_zh=column.heading("zh"), column_en=column.heading("en"))
            return column.default
        if isinstance(cell, BadCell):
            raise CellRefused(cell.code, **cell.params)
        return column.kind.parse(cell)


def plain_record(row: RawRow, limits: Limits) -> Row[dict[str, str]] | BadRow:
    """The row as text by heading, exactly as the file has it; a column without heading is called "#2" by position."""
    line, headings, cells, problem = row
    if problem is not None:
        return BadRow(line, (RowError(line, "", problem.code, problem.shown, params=problem.params),))
    record: dict[str, str] = {}
    errors: list[RowError] = []
    for position, (heading, cell) in enumerate(zip(headings, cells, strict=True), start=1):
        name = heading or f"#{position}"
        try:
            text = _plain_text(cell)
            if len(text) > limits.max_cell_length:
                raise CellRefused("cell.too_long", length=len(text), limit=limits.max_cell_length)
            if not is_clean(text):
                raise CellRefused("text.character")
            record[name] = text
        except CellRefused as refused:
            shown = cell.shown if isinstance(cell, BadCell) else shorten(cell)
            errors.append(RowError(line, name, refused.code, shown, params=refused.params))
    return BadRow(line, tuple(errors)) if errors else Row(line, record)


def _plain_text(cell: Cell) -> str:
    if isinstance(cell, list) and not any(isinstance(item, list | dict) for item in cell):
        return "\n".join(as_text(item) for item in cell)
    if isinstance(cell, list | dict):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return as_text(cell)
