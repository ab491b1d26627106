"""Writes records as CSV, XLSX, JSON Lines or Parquet so that the same schema reads them back unchanged."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ronghe.tabular.cells import FORMULA_STARTS, neutralise
from ronghe.tabular.detect import FileKind
from ronghe.tabular.errors import CellRefused, ExportRefused
from ronghe.tabular.kinds import DecimalNumber, Written
from ronghe.tabular.schema import Column, RowSchema
from ronghe.tabular.xlsx import INSTRUCTION_SHEETS

if TYPE_CHECKING:
    import pyarrow as pa

MEDIA_TYPES: dict[FileKind, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
    "parquet": "application/vnd.apache.parquet",
}

_EXCEL_ROWS = 1_048_576
_EXCEL_CELL_LENGTH = 32_767
_EXCEL_FIRST_DATE = date(1900, 3, 1)
_EXCEL_EXACT = 10**15
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x0d\x0e-\x1f\ufffe\uffff]|_(?=x)")
_FORMULA_STARTS_IN_XML = (*FORMULA_STARTS, "_x000D_")
_PARQUET_ROWS = 10_000

Target = str | Path | IO[bytes]
"""A path, replaced only once all is written, or a binary stream, which is left open."""

Record = Mapping[str, Any] | object


@contextmanager
def _opened(target: Target) -> Iterator[IO[bytes]]:
    if not isinstance(target, str | Path):
        yield target
        return
    path = Path(target)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
        Path(temporary).chmod(0o666 & ~_umask())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def write_rows(
    rows: Iterable[Record],
    schema: RowSchema[Any],
    kind: FileKind,
    target: Target,
    *,
    language: str = "zh",
    byte_order_mark: bool = True,
) -> int:
    """Write records (mappings or objects with the columns' names) and return how many.

    CSV and XLSX are for people: headings, choices and yes/no in ``language``. JSON Lines and Parquet are for programs:
    the columns' names and values. ``None`` is written as empty or null. In CSV text that a spreadsheet would take for
    a formula gets a leading apostrophe, which reading with a schema removes again; XLSX stores it as text.
    ``byte_order_mark`` makes Excel read a CSV as UTF-8. Raises ``ExportRefused`` for a value that does not fit; a
    path is then left as it was.
    """
    write = {"csv": _write_csv, "xlsx": _write_xlsx, "jsonl": _write_jsonl, "parquet": _write_parquet}[kind]
    with _opened(target) as stream:
        source = _Records(rows, schema, language if kind in ("csv", "xlsx") else None)
        if kind == "csv" and byte_order_mark:
            stream.write(b"\xef\xbb\xbf")
        write(source, schema, stream, language)
        return source.count


def write_template(schema: RowSchema[Any], kind: FileKind, target: Target, *, language: str = "zh") -> None:
    """An empty file with the headings; in XLSX with a second sheet that explains each column."""
    if kind != "xlsx":
        write_rows((), schema, kind, target, language=language)
        return
    with _opened(target) as stream:
        _write_xlsx(_Records((), schema, language), schema, stream, language, instructions=True)


class _Records:
    """Records as lists of written cells, counted so that a refusal can name the record."""

    def __init__(self, rows: Iterable[Record], schema: RowSchema[Any], language: str | None) -> None:
        self.count = 0
        self._rows = rows
        self._schema = schema
        self._language = language

    def __iter__(self) -> Iterator[list[Written | None]]:
        for record in self._rows:
            self.count += 1
            yield [self._cell(record, column) for column in self._schema.columns]

    def _cell(self, record: Record, column: Column) -> Written | None:
        value = record[column.name] if isinstance(record, Mapping) else getattr(record, column.name)
        if value is None:
            return None
        try:
            return column.kind.write(value, self._language)
        except CellRefused as refused:
            raise self.refusal(column, refused) from refused

    def refusal(self, column: Column, refused: CellRefused) -> ExportRefused:
        return ExportRefused(
            "export.value",
            number=self.count,
            column=column.name,
            reason_zh=refused.message_zh,
            reason_en=refused.message_en,
        )


def _plain_text(value: Written) -> str:
    """Numbers without exponent, dates in ISO form."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _write_csv(records: _Records, schema: RowSchema[Any], stream: IO[bytes], language: str) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    try:
        writer = csv.writer(text)
        writer.writerow([column.heading(language) for column in schema.columns])
        for cells in records:
            writer.writerow(
                [
                    "" if cell is None else neutralise(cell) if isinstance(cell, str) else _plain_text(cell)
                    for cell in cells
                ]
            )
    finally:
        text.detach()


def _write_jsonl(records: _Records, schema: RowSchema[Any], stream: IO[bytes], language: str) -> None:
    names = [column.name for column in schema.columns]
    for cells in records:
        # JSON has one number type; a decimal is written as text, so that no reader makes a float of it.
        plain = [_plain_text(cell) if isinstance(cell, Decimal | date) else cell for cell in cells]
        line = json.dumps(dict(zip(names, plain, strict=True)), ensure_ascii=False, allow_nan=False)
        stream.write(line.encode("utf-8") + b"\n")


def _arrow_type(column: Column) -> pa.DataType:
    import pyarrow as pa

    if isinstance(column.kind, DecimalNumber):
        return pa.decimal128(min(column.kind.digits, 38), column.kind.places)
    types: dict[str, Callable[[], pa.DataType]] = {
        "text": pa.string,
        "integer": pa.int64,
        "boolean": pa.bool_,
        "date": pa.date32,
    }
    return types[column.kind.storage]()


def _write_parquet(records: _Records, schema: RowSchema[Any], stream: IO[bytes], language: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrow = pa.schema([pa.field(column.name, _arrow_type(column)) for column in schema.columns])
    iterator = iter(records)
    with pq.ParquetWriter(stream, arrow, compression="zstd") as writer:
        while rows := list(islice(iterator, _PARQUET_ROWS)):
            columns = [
                pa.array(values, type=field.type) for values, field in zip(zip(*rows, strict=True), arrow, strict=True)
            ]
            writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=arrow))


def _write_xlsx(
    records: _Records, schema: RowSchema[Any], stream: IO[bytes], language: str, instructions: bool = False
) -> None:
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("数据" if language.startswith("zh") else "Data")
    sheet.freeze_panes = "A2"
    for position, column in enumerate(schema.columns, start=1):
        width = sum(2 if ord(character) > 0x2E80 else 1 for character in column.heading(language))
        sheet.column_dimensions[get_column_letter(position)].width = max(12, min(40, width + 4))

    def text_cell(text: str, *, bold: bool = False) -> Any:
        cell = WriteOnlyCell(sheet, value=text)
        # openpyxl takes a leading "=" for a formula and "#N/A" for an error; here all text is text.
        cell.data_type = "s"
        if bold:
            cell.font = Font(bold=True)
        if text.startswith(_FORMULA_STARTS_IN_XML):
            cell.quotePrefix = True
        return cell

    try:
        sheet.append([text_cell(column.heading(language), bold=True) for column in schema.columns])
        for cells in records:
            if records.count >= _EXCEL_ROWS:
                raise ExportRefused("export.too_many_rows", limit=_EXCEL_ROWS - 1)
            sheet.append(
                [
                    text_cell(value) if isinstance(value, str) else value
                    for value in (
                        _excel_value(records, column, cell) for column, cell in zip(schema.columns, cells, strict=True)
                    )
                ]
            )
    except BaseException:
        sheet.close()
        raise
    if instructions:
        _add_instructions(workbook, schema, language)
    workbook.save(stream)


def _excel_value(records: _Records, column: Column, value: Written | None) -> Written | None:
    """What an Excel cell keeps exactly: numbers of more than 15 digits and dates before March 1900 go as text."""
    if isinstance(value, str):
        text = _NOT_IN_XML.sub(lambda match: f"_x{ord(match[0]):04X}_", value)
        if len(text) > _EXCEL_CELL_LENGTH:
            raise records.refusal(column, CellRefused("export.excel_length", limit=_EXCEL_CELL_LENGTH))
        return text
    if isinstance(value, Decimal):
        return value if len(value.as_tuple().digits) <= 15 and abs(value) < _EXCEL_EXACT else _plain_text(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _EXCEL_EXACT:
        return str(value)
    if isinstance(value, date) and value < _EXCEL_FIRST_DATE:
        return value.isoformat()
    return value


def _add_instructions(workbook: Any, schema: RowSchema[Any], language: str) -> None:
    chinese = language.startswith("zh")
    sheet = workbook.create_sheet(INSTRUCTION_SHEETS[0 if chinese else 1])
    sheet.append(["列名", "是否必填", "说明"] if chinese else ["Column", "Required", "Explanation"])
    for column in schema.columns:
        required = ("是" if column.required else "否") if chinese else ("yes" if column.required else "no")
        sheet.append([column.heading(language), required, column.help(language)])
