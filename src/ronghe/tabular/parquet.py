"""Parquet: flat columns of text, numbers, booleans and dates, read some rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from ronghe.tabular.cells import Cell
from ronghe.tabular.errors import BadCell, FileDamaged, FileTooLarge, WrongKind
from ronghe.tabular.limits import Limits
from ronghe.tabular.pages import check_pages
from ronghe.tabular.rows import RawRow

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH_ROWS = 512


def read_parquet(stream: BinaryIO, limits: Limits) -> tuple[tuple[str, ...], Iterator[RawRow]]:
    """The column names, and the rows numbered from 1.

    Raises ``FileDamaged``, ``WrongKind`` for nested and other unreadable columns, and, before any row is read,
    ``FileTooLarge`` from what footer and page headers declare: rows, columns, inflated size of each row group.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(stream)
        metadata, schema = file.metadata, file.schema_arrow
    except (pa.ArrowException, OSError, ValueError) as error:
        raise FileDamaged("parquet.damaged", reason=type(error).__name__) from error
    if len(schema) > limits.max_columns:
        raise FileTooLarge("file.too_many_columns", count=len(schema), limit=limits.max_columns)
    if metadata.num_rows > limits.max_rows:
        raise FileTooLarge("file.too_many_rows", limit=limits.max_rows)
    for field in schema:
        _check_type(field)
    for group in range(metadata.num_row_groups):
        if metadata.row_group(group).total_byte_size > limits.max_row_group_bytes:
            raise FileTooLarge("parquet.row_group", group=group + 1, limit_mb=limits.max_row_group_bytes // 1024**2)
    check_pages(stream, metadata, limits)
    # Texts are kept as dictionaries: a long text repeated in a million rows is then held, and measured, once.
    texts = [field.name for field in schema if _is_text(field.type)]
    stream.seek(0)
    file = pq.ParquetFile(stream, read_dictionary=texts)
    return tuple(schema.names), _rows(file, tuple(schema.names), limits)


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _check_type(field: pa.Field[Any]) -> None:
    import pyarrow as pa

    kind = field.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if pa.types.is_nested(kind):
        raise WrongKind("parquet.nested", column=field.name[:60], type=str(kind)[:60])
    readable = (
        _is_text(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_date(kind)
        or pa.types.is_timestamp(kind)
        or pa.types.is_null(kind)
    )
    if not readable:
        raise WrongKind("parquet.type", column=field.name[:60], type=str(kind)[:60])


def _rows(file: Any, names: tuple[str, ...], limits: Limits) -> Iterator[RawRow]:
    import pyarrow as pa

    number = 0
    try:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
            columns = [_cells(column, limits) for column in batch.columns]
            for cells in zip(*columns, strict=True):
                number += 1
                if any(cell is not None and cell != "" for cell in cells):
                    yield RawRow(number, names, list(cells))
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise FileDamaged("parquet.damaged", reason=type(error).__name__) from error


def _cells(column: Any, limits: Limits) -> list[Cell]:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_dictionary(kind):
        return _from_dictionary(column, limits)
    if pa.types.is_floating(kind):
        # Arrow's cast gives the shortest digits that name the number, also for 32 bits, where Python's would not.
        return [_decimal(text) for text in pc.cast(column, pa.string()).to_pylist()]
    if pa.types.is_timestamp(kind):
        column = pc.cast(column, pa.timestamp("us", kind.tz), safe=False)
    cells: list[Cell] = column.to_pylist()
    return cells


def _decimal(text: str | None) -> Cell:
    if text is None:
        return None
    number = Decimal(text)
    return number if number.is_finite() else BadCell("cell.not_finite", shown=text)


def _from_dictionary(column: Any, limits: Limits) -> list[Cell]:
    import pyarrow as pa
    import pyarrow.compute as pc

    dictionary = column.dictionary
    if not _is_text(dictionary.type):
        return [cell if not isinstance(cell, float) else _decimal(repr(cell)) for cell in column.to_pylist()]
    indices = column.indices
    lengths = pc.take(pc.utf8_length(dictionary), indices)
    too_long = pc.greater(lengths, pa.scalar(limits.max_cell_length))
    if not pc.any(too_long).as_py():
        cells: list[Cell] = pc.cast(column, pa.large_string()).to_pylist()
        return cells
    kept = pc.if_else(too_long, None, indices)
    texts = pc.take(dictionary, kept).to_pylist()
    return [
        BadCell("cell.too_long", {"length": length, "limit": limits.max_cell_length})
        if length is not None and length > limits.max_cell_length
        else text
        for text, length in zip(texts, lengths.to_pylist(), strict=True)
    ]
