"""Parquet: flat columns are read, others are refused with the reason, and sizes are checked from the footer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ronghe.tabular import (
    BadRow,
    FileDamaged,
    FileTooLarge,
    HeadingsRefused,
    Limits,
    Row,
    RowSchema,
    WrongKind,
    open_rows,
)


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    def make(columns: dict[str, Any], **options: Any) -> Path:
        path = tmp_path / "rows.parquet"
        pq.write_table(pa.table(columns), path, **options)
        return path

    return make


Saver = Callable[..., Path]


def test_flat_columns_of_every_readable_type_become_text(save: Saver) -> None:
    path = save(
        {
            "s": ["甲", None],
            "i": pa.array([1, None], pa.int8()),
            "f32": pa.array([0.1, None], pa.float32()),
            "f64": [1.0, 2.5],
            "d": [Decimal("1.50"), None],
            "b": [True, False],
            "day": [date(2026, 3, 1), None],
            "t": pa.array([datetime(2026, 3, 1, 8, 30), None], pa.timestamp("ns", "UTC")),
            "c": pa.array(["x", "y"]).dictionary_encode(),
            "n": pa.nulls(2),
        }
    )
    with open_rows(path) as rows:
        first, second = rows
    assert isinstance(first, Row)
    assert first == Row(
        1,
        {
            "s": "甲",
            "i": "1",
            "f32": "0.1",
            "f64": "1",
            "d": "1.5",
            "b": "true",
            "day": "2026-03-01",
            "t": "2026-03-01 08:30:00+00:00",
            "c": "x",
            "n": "",
        },
    )
    assert isinstance(second, Row)
    assert second.record["f64"] == "2.5"


def test_records_of_a_schema_are_read_with_their_record_number(schema: RowSchema[Any], save: Saver) -> None:
    path = save({"title": ["A", None, "C"], "pay": [1.25, 2.0, float("nan")], "starts": [date(2026, 3, 1)] * 3})
    with open_rows(path, schema=schema) as rows:
        good, empty, not_a_number = rows
    assert isinstance(good, Row)
    assert (good.record.pay, good.record.starts) == (Decimal("1.25"), date(2026, 3, 1))
    assert isinstance(empty, BadRow)
    assert isinstance(not_a_number, BadRow)
    assert (empty.line, empty.errors[0].code) == (2, "cell.required")
    assert (not_a_number.line, not_a_number.errors[0].code) == (3, "cell.not_finite")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ([[1]], "parquet.nested"),
        ([{"a": 1}], "parquet.nested"),
        ([b"x"], "parquet.type"),
        (pa.array([1], pa.time32("s")), "parquet.type"),
    ],
)
def test_columns_that_do_not_fit_a_row_are_refused_with_their_name(save: Saver, values: Any, code: str) -> None:
    with pytest.raises(WrongKind) as refused:
        open_rows(save({"fine": ["a"], "odd": values}))
    assert refused.value.code == code
    assert refused.value.params["column"] == "odd"


def test_sizes_are_checked_from_the_footer(save: Saver) -> None:
    path = save({"a": [str(number) * 50 for number in range(20_000)]}, row_group_size=10_000)
    with pytest.raises(FileTooLarge) as refused:
        open_rows(path, limits=Limits(max_row_group_bytes=100_000))
    assert refused.value.code == "parquet.row_group"
    with pytest.raises(FileTooLarge) as refused:
        open_rows(path, limits=Limits(max_rows=19_999))
    assert refused.value.code == "file.too_many_rows"
    with pytest.raises(FileTooLarge) as refused:
        open_rows(path, limits=Limits(max_columns=0))
    assert refused.value.code == "file.too_many_columns"


def test_a_long_text_repeated_in_every_row_is_refused_row_by_row(save: Saver) -> None:
    path = save({"a": pa.array(["x" * 200_000, "short"]).take(pa.array([0, 1] * 2000))})
    with open_rows(path) as rows:
        found = list(rows)
    assert [error.code for row in found if isinstance(row, BadRow) for error in row.errors] == ["cell.too_long"] * 2000
    assert [row.record for row in found if isinstance(row, Row)] == [{"a": "short"}] * 2000


def test_a_parquet_file_cut_in_half_is_damaged(save: Saver, tmp_path: Path) -> None:
    whole = save({"a": list(range(1000))}).read_bytes()
    half = tmp_path / "half.parquet"
    half.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileDamaged):
        open_rows(half)


def test_a_parquet_file_with_overwritten_pages_is_damaged(save: Saver, tmp_path: Path) -> None:
    data = bytearray(save({"a": [str(number) for number in range(5000)]}).read_bytes())
    data[4:2000] = b"\xff" * 1996
    path = tmp_path / "overwritten.parquet"
    path.write_bytes(data)
    with pytest.raises(FileDamaged), open_rows(path) as rows:
        list(rows)


def test_missing_columns_are_named(schema: RowSchema[Any], save: Saver) -> None:
    with pytest.raises(HeadingsRefused):
        open_rows(save({"seats": [1]}), schema=schema)


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip"])
def test_page_headers_of_every_usual_writer_are_understood(save: Saver, version: str, compression: str) -> None:
    path = save(
        {"a": [f"text {number % 7}" * 20 for number in range(5000)], "b": [None if n % 3 else n for n in range(5000)]},
        data_page_version=version,
        compression=compression,
        row_group_size=1500,
        data_page_size=2000,
        write_statistics=True,
        write_page_index=True,
        write_page_checksum=True,
    )
    with open_rows(path) as rows:
        assert sum(isinstance(row, Row) for row in rows) == 5000


def varint(number: int) -> bytes:
    """A number as the Thrift compact protocol writes it, zigzag."""
    number *= 2
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def test_a_page_that_inflates_beyond_the_limit_is_refused_though_the_footer_says_otherwise(tmp_path: Path) -> None:
    honest = tmp_path / "honest.parquet"
    text = "x" * (32 * 1024 * 1024)
    pq.write_table(pa.table({"a": [text]}), honest, compression="zstd", use_dictionary=False, write_statistics=False)
    data = honest.read_bytes()
    assert len(data) < 100_000
    declared = pq.read_metadata(honest).row_group(0).total_byte_size
    claimed = declared - 24 * 1024 * 1024
    lying = tmp_path / "lying.parquet"
    lying.write_bytes(data.replace(varint(declared), varint(claimed)))
    assert pq.read_metadata(lying).row_group(0).total_byte_size == claimed
    with pytest.raises(FileTooLarge) as refused:
        open_rows(lying, limits=Limits(max_row_group_bytes=16 * 1024 * 1024))
    assert refused.value.code == "parquet.row_group"
