"""The dry run tells everything and the reading after it gives all or nothing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ronghe.tabular import (
    Column,
    Complaint,
    FileChanged,
    FileDamaged,
    Integer,
    Row,
    RowSchema,
    RowsRefused,
    digest,
    dry_run,
    read_valid,
)

MIXED = "岗位名称,名额,备注\n工程师,3,a\n,1,b\n技术员,many,c\n技师,4,d\n".encode("gbk")


def test_a_dry_run_counts_rows_lists_errors_and_shows_the_first_records(schema: RowSchema[Any]) -> None:
    report = dry_run(io.BytesIO(MIXED), schema, name="岗位.csv")
    assert (report.rows_total, report.rows_valid, report.rows_bad, report.errors_total) == (4, 2, 2, 2)
    assert not report.is_valid
    assert [(error.line, error.column, error.code) for error in report.errors] == [
        (3, "岗位名称", "cell.required"),
        (4, "名额", "number.integer"),
    ]
    assert [row.record.title for row in report.preview] == ["工程师", "技师"]
    assert {warning.code for warning in report.warnings} == {"warning.encoding", "warning.unknown_column"}
    assert (report.digest, report.size) == digest(io.BytesIO(MIXED))
    plain = json.loads(json.dumps(report.as_dict("zh"), ensure_ascii=False))
    assert plain["errors"][0]["message"] == "“岗位名称”是必填项，此处为空。请填写。"
    assert plain["kind"] == "csv"


def test_a_digest_is_that_of_the_bytes(tmp_path: Path) -> None:
    (tmp_path / "abc").write_bytes(b"abc")
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest(tmp_path / "abc") == (expected, 3)


def test_errors_are_bounded_but_counted(schema: RowSchema[Any]) -> None:
    report = dry_run(io.BytesIO(b"title,seats\n" + b"A,x\n" * 1000), schema, most_errors=50)
    assert (len(report.errors), report.errors_total, report.rows_valid) == (50, 1000, 0)


def test_a_file_with_headings_only_has_nothing_to_import(schema: RowSchema[Any]) -> None:
    report = dry_run(io.BytesIO(b"title,seats\n"), schema)
    assert report.rows_total == 0
    assert not report.is_valid


def refuse_repeats() -> Callable[[Row[Any]], Iterator[Complaint]]:
    seen: set[str] = set()

    def check(row: Row[Any]) -> Iterator[Complaint]:
        if row.record.title in seen:
            yield Complaint("title", "与前面的行重复。请删除。", "Repeats an earlier row. Remove it.", row.record.title)
        seen.add(row.record.title)

    return check


def test_a_check_of_the_callers_own_is_part_of_the_report_and_of_the_reading(schema: RowSchema[Any]) -> None:
    data = b"title,seats\nA,1\nB,2\nA,3\n"
    report = dry_run(io.BytesIO(data), schema, row_check=refuse_repeats())
    (error,) = report.errors
    assert (error.line, error.column, error.name, error.value) == (4, "title", "title", "A")
    assert error.message("en") == "Repeats an earlier row. Remove it."
    with pytest.raises(RowsRefused):
        next(read_valid(io.BytesIO(data), schema, row_check=refuse_repeats()))
    kept = read_valid(io.BytesIO(data), schema, row_check=refuse_repeats(), skip_bad=True)
    assert [row.line for row in kept] == [2, 3]


def test_one_bad_row_at_the_very_end_lets_nothing_through(schema: RowSchema[Any]) -> None:
    data = b"title,seats\n" + b"A,1\n" * 5000 + b",1\n"
    written = []
    with pytest.raises(RowsRefused) as refused:
        for row in read_valid(io.BytesIO(data), schema):
            written.append(row)
    assert written == []
    assert (refused.value.rows_bad, refused.value.errors[0].line) == (1, 5002)
    assert "第 5002 行" in refused.value.message_zh


def test_a_file_damaged_at_its_end_lets_nothing_through_even_when_bad_rows_are_skipped(
    schema: RowSchema[Any], raw_workbook: Callable[..., Path]
) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 20_000))
    with pytest.raises(FileDamaged):
        next(read_valid(raw_workbook(rows + "</broken>"), schema, skip_bad=True))


def test_bad_rows_are_left_out_when_the_person_chooses_so(schema: RowSchema[Any]) -> None:
    kept = list(read_valid(io.BytesIO(MIXED), schema, skip_bad=True))
    assert [(row.line, row.record.title) for row in kept] == [(2, "工程师"), (5, "技师")]


def test_only_the_file_that_was_looked_at_is_read(schema: RowSchema[Any]) -> None:
    report = dry_run(io.BytesIO(b"title\nA\n"), schema)
    assert [row.record.title for row in read_valid(io.BytesIO(b"title\nA\n"), schema, digest=report.digest)] == ["A"]
    with pytest.raises(FileChanged, match="nothing was written"):
        next(read_valid(io.BytesIO(b"title\nB\n"), schema, digest=report.digest))


def test_a_file_rewritten_between_the_two_readings_is_noticed(schema: RowSchema[Any], tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes(b"title\nA\nB\n")
    calls = 0

    def rewrite(row: Row[Any]) -> tuple[Complaint, ...]:
        nonlocal calls
        calls += 1
        if calls == 2:
            with path.open("r+b") as file:
                file.truncate(8)
        return ()

    with pytest.raises(FileChanged):
        list(read_valid(path, schema, row_check=rewrite))


def test_a_stream_that_cannot_seek_is_checked_and_read(schema: RowSchema[Any], one_way: Callable[[bytes], Any]) -> None:
    assert dry_run(one_way(b"title\nA\n"), schema).is_valid
    assert [row.record.title for row in read_valid(one_way(b"title\nA\n"), schema)] == ["A"]


def test_without_a_class_records_are_dicts_with_defaults() -> None:
    schema = RowSchema([Column("a", required=True), Column("n", Integer(), default=7)])
    assert [row.record for row in read_valid(io.BytesIO(b"a,n\nx,\ny,1\n"), schema)] == [
        {"a": "x", "n": 7},
        {"a": "y", "n": 1},
    ]
