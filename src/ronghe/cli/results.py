"""Writes mentions as JSON Lines, CSV, Parquet or XLSX, and opens results so that no half of one is ever left."""

import csv
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import IO

import pyarrow as pa

from ronghe.cli.endings import CallRefused
from ronghe.runners.batches import MENTIONS
from ronghe.tabular import Column, DecimalNumber, FileKind, Integer, RowSchema, Text, write_rows
from ronghe.tabular.cells import neutralise

FORMATS: tuple[FileKind, ...] = ("jsonl", "csv", "parquet", "xlsx")
_EXTENSIONS: dict[str, FileKind] = {
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".parquet": "parquet", ".pq": "parquet", ".xlsx": "xlsx",
}  # fmt: skip
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_ROWS_A_GROUP = 100_000
_FROM_FILES = {"id", "text"}

_SHEET = RowSchema(
    [
        Column("id", Text()),
        Column("start", Integer()),
        Column("end", Integer()),
        Column("text", Text()),
        Column("form", Text()),
        Column("skill", Text()),
        Column("zh", Text()),
        Column("en", Text()),
        Column("field", Text()),
        Column("tier", Integer()),
        Column("score", DecimalNumber(5, 4)),
    ]
)


def format_of(out: str, asked: FileKind | None) -> FileKind:
    """The format asked for, else the one of the file's extension, else JSON Lines."""
    return asked or _EXTENSIONS.get(Path(out).suffix.lower(), "jsonl")


@contextmanager
def result_file(out: str) -> Iterator[IO[bytes]]:
    """A binary stream for the result; "-" is standard output.

    A file appears under its name only once all was written, and an older one stays as it was until then. What is no
    regular file (a pipe, a device) is written directly. Raises `CallRefused` and `OSError`.
    """
    path = Path(out).resolve() if out != "-" else None
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    elif path.exists() and not path.is_file():
        with path.open("wb") as stream:
            yield stream
    else:
        try:
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        except OSError as error:
            raise CallRefused(f"{out} cannot be written: {error.strerror}") from error
        try:
            with os.fdopen(handle, "wb") as stream:
                yield stream
            Path(temporary).chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def write_mentions(batches: Iterable[pa.RecordBatch], kind: FileKind, stream: IO[bytes], *, mark: bool) -> int:
    """Write batches of mentions and return how many there were; `mark` puts a byte order mark before CSV.

    Raises `ExportRefused` for more rows than a sheet of XLSX holds.
    """
    if kind == "jsonl":
        return _write_jsonl(batches, stream)
    if kind == "csv":
        return _write_csv(batches, stream, mark)
    if stream.seekable():
        return _write_whole(batches, kind, stream)
    with tempfile.TemporaryFile() as whole:
        count = _write_whole(batches, kind, whole)
        whole.seek(0)
        shutil.copyfileobj(whole, stream)
        return count


def _write_jsonl(batches: Iterable[pa.RecordBatch], stream: IO[bytes]) -> int:
    # The same few thousand names come again and again: a line is put together from values that are written already,
    # which takes a tenth of the time of encoding each line as an object.
    line = "{" + ", ".join(f"{json.dumps(name)}: %s" for name in MENTIONS.names) + "}\n"
    count = 0
    for batch in batches:
        columns = [list(map(_as_json, column.to_pylist())) for column in batch.columns]
        stream.write("".join([line % row for row in zip(*columns, strict=True)]).encode("utf-8"))
        # Whoever reads along at the other end of a pipe should not wait for a buffer to fill.
        stream.flush()
        count += batch.num_rows
    return count


@lru_cache(maxsize=1 << 16, typed=True)
def _as_json(value: str | float | None) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _write_csv(batches: Iterable[pa.RecordBatch], stream: IO[bytes], mark: bool) -> int:
    if mark:
        stream.write(_BYTE_ORDER_MARK)
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    count = 0
    try:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(MENTIONS.names)
        for batch in batches:
            columns = [
                [neutralise(value or "") for value in column.to_pylist()] if name in _FROM_FILES else column.to_pylist()
                for name, column in zip(MENTIONS.names, batch.columns, strict=True)
            ]
            writer.writerows(zip(*columns, strict=True))
            stream.flush()
            count += batch.num_rows
    finally:
        text.detach()
    return count


def _write_whole(batches: Iterable[pa.RecordBatch], kind: FileKind, stream: IO[bytes]) -> int:
    if kind == "xlsx":
        rows = (row | {"score": Decimal(str(row["score"]))} for batch in batches for row in batch.to_pylist())
        return write_rows(rows, _SHEET, "xlsx", stream, language="en")
    import pyarrow.parquet as pq

    count = 0
    with pq.ParquetWriter(stream, MENTIONS, compression="zstd") as writer:
        kept: list[pa.RecordBatch] = []
        rows_kept = 0
        for batch in batches:
            kept.append(batch)
            rows_kept += batch.num_rows
            count += batch.num_rows
            if rows_kept >= _ROWS_A_GROUP:
                writer.write_table(pa.Table.from_batches(kept, MENTIONS))
                kept, rows_kept = [], 0
        if kept:
            writer.write_table(pa.Table.from_batches(kept, MENTIONS))
    return count
