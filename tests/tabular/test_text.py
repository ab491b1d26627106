"""CSV as people really send it: encodings, separators, line ends, quotes, halves of rows."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ronghe.tabular import (
    BadRow,
    FileDamaged,
    FileRefused,
    FileTooLarge,
    HeadingsRefused,
    Limits,
    Row,
    RowSchema,
    WrongKind,
    open_rows,
)

CHINESE = "岗位名称,名额\n嵌入式软件工程师,3\n射频工程师,2\n"


def rows_of(data: bytes, schema: RowSchema[Any] | None = None, **limits: int) -> list[Row[Any] | BadRow]:
    with open_rows(io.BytesIO(data), schema=schema, limits=Limits(**limits)) as rows:
        return list(rows)


def codes(rows: list[Row[Any] | BadRow]) -> list[tuple[int, str]]:
    return [(row.line, error.code) for row in rows if isinstance(row, BadRow) for error in row.errors]


@pytest.mark.parametrize(
    ("codec", "named"),
    [
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "UTF-8"),
        ("utf-16", "UTF-16"),
        ("gbk", "GB18030"),
        ("gb18030", "GB18030"),
    ],
)
def test_each_encoding_is_found_from_the_content(schema: RowSchema[Any], codec: str, named: str) -> None:
    with open_rows(io.BytesIO(CHINESE.encode(codec)), schema=schema) as rows:
        assert rows.encoding == named
        assert [(row.line, row.record.title, row.record.seats) for row in rows if isinstance(row, Row)] == [
            (2, "嵌入式软件工程师", 3),
            (3, "射频工程师", 2),
        ]
        assert [warning.code for warning in rows.warnings] == (["warning.encoding"] if named == "GB18030" else [])


def test_big_endian_utf16_is_read(schema: RowSchema[Any]) -> None:
    data = b"\xfe\xff" + CHINESE.encode("utf-16-be")
    assert [row.record.seats for row in rows_of(data, schema) if isinstance(row, Row)] == [3, 2]


def test_gbk_far_behind_a_long_ascii_beginning_is_found(schema: RowSchema[Any]) -> None:
    data = ("title,seats\n" + "engineer,1\n" * 60_000 + "射频工程师,2\n").encode("gbk")
    rows = rows_of(data, schema)
    last = rows[-1]
    assert isinstance(last, Row)
    assert (last.line, last.record.title) == (60_002, "射频工程师")


def test_a_damaged_byte_in_utf8_costs_its_row_and_does_not_turn_the_file_into_gbk(schema: RowSchema[Any]) -> None:
    data = CHINESE.encode() + b"\xff,1\n" + "测".encode()[:2] + b",4\n" + "芯片,5\n".encode()
    rows = rows_of(data, schema)
    assert codes(rows) == [(4, "row.undecodable"), (5, "row.undecodable")]
    assert isinstance(rows[-1], Row)
    assert rows[-1].record.title == "芯片"


def test_a_utf8_file_cut_in_the_middle_of_a_character_reports_the_last_row(schema: RowSchema[Any]) -> None:
    data = (CHINESE + "集成电路工程师").encode()[:-1]
    assert codes(rows_of(data, schema)) == [(4, "row.undecodable")]


def test_text_in_no_known_encoding_is_refused_with_the_line_of_the_first_bad_byte() -> None:
    data = b"title,place\r\n" + b"caf\xe9,\xfcn\xe9\r\n" * 20
    with pytest.raises(FileDamaged) as refused:
        rows_of(data)
    assert refused.value.code == "encoding.unknown"
    assert refused.value.params["line"] == 2
    assert "0xE9" in refused.value.message_zh


def test_utf16_cut_in_half_names_the_line() -> None:
    with pytest.raises(FileDamaged) as refused:
        rows_of(CHINESE.encode("utf-16")[:-1])
    assert refused.value.params["line"] == 3


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_refused_with_advice(codec: str) -> None:
    with pytest.raises(WrongKind, match="UTF-16"):
        rows_of(CHINESE.encode(codec))


def test_utf32_is_refused_by_name() -> None:
    with pytest.raises(WrongKind) as refused:
        rows_of(CHINESE.encode("utf-32"))
    assert refused.value.code == "kind.utf32"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_found(schema: RowSchema[Any], separator: str) -> None:
    data = f"title{separator}pay\nA{separator}1.5\n".encode()
    (row,) = rows_of(data, schema)
    assert isinstance(row, Row)
    assert row.record.pay == Decimal("1.5")


def test_the_separator_that_makes_known_headings_wins_over_the_one_that_makes_more(schema: RowSchema[Any]) -> None:
    data = b"title;pay;a,b,c,d,e\nA;1;x\n"
    with open_rows(io.BytesIO(data), schema=schema) as rows:
        assert rows.headings == ("title", "pay", "a,b,c,d,e")


def test_excels_line_that_names_the_separator_is_understood(schema: RowSchema[Any]) -> None:
    (row,) = rows_of(b"sep=;\r\ntitle;seats\r\nA;2\r\n", schema)
    assert isinstance(row, Row)
    assert (row.line, row.record.seats) == (3, 2)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_numbers_are_those_of_an_editor_with_breaks_inside_cells(schema: RowSchema[Any], end: str) -> None:
    data = end.join(["title,seats", '"two', 'lines ""quoted"", here",1', "", "after,x", "last,2"]).encode()
    rows = rows_of(data, schema)
    assert [row.line for row in rows] == [2, 5, 6]
    assert isinstance(rows[0], Row)
    assert rows[0].record.title == f'two{end}lines "quoted", here'
    assert codes(rows) == [(5, "number.integer")]


def test_half_a_row_and_a_row_too_wide_are_reported_and_reading_goes_on(schema: RowSchema[Any]) -> None:
    rows = rows_of(b"title,seats,pay\nA,1,2\nB\nC,1,2,3\nD,1,2,,\nE,1", schema)
    assert codes(rows) == [(3, "row.too_few_cells"), (4, "row.too_many_cells"), (6, "row.too_few_cells")]
    assert [row.line for row in rows if isinstance(row, Row)] == [2, 5]


def test_short_rows_are_filled_up_where_the_caller_knows_that_the_writer_leaves_cells_out() -> None:
    with open_rows(io.BytesIO(b"a,b,c\n1\n1,2,3,4\n"), allow_short_rows=True) as rows:
        first, second = rows
    assert first == Row(2, {"a": "1", "b": "", "c": ""})
    assert isinstance(second, BadRow)


def test_a_quote_that_is_never_closed_costs_its_own_row_only(schema: RowSchema[Any]) -> None:
    rows = rows_of(b'title,seats\nA,1\n"B,2\nC,3\nD,4\n', schema)
    assert codes(rows) == [(3, "row.open_quote")]
    assert [row.record.title for row in rows if isinstance(row, Row)] == ["A", "C", "D"]


def test_a_quote_in_the_wrong_place_is_reported(schema: RowSchema[Any]) -> None:
    rows = rows_of(b'title,seats\n"A"x,1\nB,2\n', schema)
    assert codes(rows) == [(2, "row.quotes")]


def test_nul_bytes_are_reported_with_their_line(schema: RowSchema[Any]) -> None:
    assert codes(rows_of(b"title,seats\nA,1\nB\0,2\nC,3\n", schema)) == [(3, "row.nul")]


def test_a_line_without_end_is_cut_off_at_the_limit(schema: RowSchema[Any]) -> None:
    data = b"title,seats\nA,1\n" + b"x" * 50_000 + b"\nB,2\n"
    rows = rows_of(data, schema, max_row_length=10_000)
    assert codes(rows) == [(3, "row.too_long")]
    assert isinstance(rows[-1], Row)
    assert rows[-1].line == 4


def test_a_cell_beyond_the_limit_is_reported_with_column_and_length(schema: RowSchema[Any]) -> None:
    (row,) = rows_of(b"title,seats\n" + b"x" * 500 + b",1\n", schema, max_cell_length=400)
    assert isinstance(row, BadRow)
    (error,) = row.errors
    assert (error.column, error.name, error.code, error.params["length"]) == ("title", "title", "cell.too_long", 500)
    assert len(error.value) == 80


def test_more_rows_than_allowed_are_refused(schema: RowSchema[Any]) -> None:
    data = b"title\n" + b"A\n" * 11
    assert len(rows_of(data, schema, max_rows=11)) == 11
    with pytest.raises(FileTooLarge) as refused:
        rows_of(data, schema, max_rows=10)
    assert refused.value.code == "file.too_many_rows"


def test_more_bytes_than_allowed_are_refused_before_anything_is_parsed(
    tmp_path: Path, one_way: Callable[[bytes], Any]
) -> None:
    path = tmp_path / "sparse.csv"
    with path.open("wb") as file:
        file.truncate(200 * 1024 * 1024 + 1)
    with pytest.raises(FileTooLarge, match="200 MB"):
        open_rows(path)
    with pytest.raises(FileTooLarge):
        open_rows(one_way(b"a\n" * 600), limits=Limits(max_bytes=1000))


def test_too_many_columns_are_refused() -> None:
    with pytest.raises(FileTooLarge) as refused:
        rows_of(",".join(f"c{i}" for i in range(501)).encode())
    assert refused.value.params["count"] == 501


def test_an_empty_file_and_one_of_blank_lines_say_so(schema: RowSchema[Any]) -> None:
    with pytest.raises(FileRefused, match="nothing in it"):
        rows_of(b"")
    with pytest.raises(HeadingsRefused, match="blank rows"):
        rows_of(b"\n\n , \n", schema)


def test_a_path_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(FileRefused) as refused:
        open_rows(tmp_path / "absent.csv")
    assert refused.value.code == "file.unreadable"


def test_headings_below_a_title_are_pointed_at(schema: RowSchema[Any]) -> None:
    with pytest.raises(HeadingsRefused) as refused:
        rows_of("2026 年春季岗位表\n\n岗位名称,名额\nA,1\n".encode(), schema)
    assert "第 3 行" in refused.value.message_zh
    assert "on line 3" in refused.value.message_en


def test_a_repeated_heading_is_refused() -> None:
    with pytest.raises(HeadingsRefused) as refused:
        rows_of(b"a,b,a\n1,2,3\n")
    assert refused.value.code == "headings.repeated"


def test_a_column_without_heading_is_warned_of_only_if_it_has_content(schema: RowSchema[Any]) -> None:
    with open_rows(io.BytesIO(b"title,,seats\nA,,1\nB,lost,2\n"), schema=schema) as rows:
        assert len([row for row in rows if isinstance(row, Row)]) == 2
        assert [(w.code, w.params["position"]) for w in rows.warnings] == [("warning.unnamed_column", 2)]


def test_without_a_schema_rows_are_text_by_heading(one_way: Callable[[bytes], Any]) -> None:
    with open_rows(one_way("名称,,x\n'=1,b, c \n".encode())) as rows:
        assert list(rows) == [Row(2, {"名称": "'=1", "#2": "b", "x": " c "})]


def test_a_row_may_have_several_errors(schema: RowSchema[Any]) -> None:
    (row,) = rows_of("岗位名称,名额,到岗日期,状态\n,many,2026-02-30,半开\n".encode(), schema)
    assert isinstance(row, BadRow)
    assert [(error.column, error.code, error.value) for error in row.errors] == [
        ("岗位名称", "cell.required", ""),
        ("名额", "number.integer", "many"),
        ("到岗日期", "date.no_such_day", "2026-02-30"),
        ("状态", "choice.unknown", "半开"),
    ]
    assert row.errors[0].as_dict("en")["message"] == '"Title" is required and is empty here. Fill it in.'


def test_a_callers_stream_stays_open_and_is_read_from_its_start(schema: RowSchema[Any]) -> None:
    stream = io.BytesIO(CHINESE.encode())
    stream.read(5)
    with open_rows(stream, schema=schema) as rows:
        assert len(list(rows)) == 2
    assert not stream.closed


def test_standard_input_is_read_through_a_pipe() -> None:
    program = (
        "from ronghe.tabular import open_rows\nwith open_rows('-') as rows:\n    print([row.record for row in rows])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], input=b'{"a": 1}\n{"a": "b"}\n', capture_output=True, check=True
    )
    assert done.stdout.strip() == b"[{'a': '1'}, {'a': 'b'}]"
