"""What is written is read back unchanged, from every kind of file, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ronghe.tabular import (
    Boolean,
    Choice,
    Column,
    Date,
    DecimalNumber,
    Email,
    ExportRefused,
    FileKind,
    Integer,
    ListOf,
    Month,
    Row,
    RowSchema,
    Text,
    open_rows,
    write_rows,
    write_template,
)

KINDS: tuple[FileKind, ...] = ("csv", "xlsx", "jsonl", "parquet")
EVERYTHING = RowSchema(
    [
        Column("number", Integer(), zh="序号", en="Number", required=True),
        Column("name", Text(5_000, strip=False), zh="名称", en="Name"),
        Column("amount", DecimalNumber(20, 6), zh="金额", en="Amount"),
        Column("day", Date(), zh="日期", en="Day"),
        Column("month", Month(), zh="月份", en="Month"),
        Column("agreed", Boolean(), zh="是否同意", en="Agreed"),
        Column("state", Choice({"open": ("开放", "Open"), "no": ("-关闭", "=Closed")}), zh="状态", en="State"),
        Column("mail", Email(), zh="邮箱", en="E-mail"),
        Column("skills", ListOf(), zh="技能", en="Skills"),
    ]
)

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
texts = (
    words
    | st.sampled_from(
        ["=1+1", "'=1", "-", "@a", "\t+", "\r\nx", 'a"b,c;d', "第一行\n第二行", "_x0041_", "_x0041\x01", "#N/A", "true"]
    )
    | st.builds(str.__add__, st.sampled_from(["=", "'", "+", "''-", " ", "\ufeff"]), words)
).filter(lambda text: text and not text.isspace())
items = words.map(str.strip).filter(lambda text: text and not set(text) & set(";；\n"))
days = st.dates(date(1900, 3, 1), date(9999, 12, 31))
records = st.fixed_dictionaries(
    {
        "number": st.integers(-(2**63), 2**63 - 1),
        "name": st.none() | texts,
        "amount": st.none() | st.decimals(-(10**13), 10**13, places=6) | st.integers(-9, 9).map(Decimal),
        "day": st.none() | days,
        "month": st.none() | days.map(lambda day: day.replace(day=1)),
        "agreed": st.none() | st.booleans(),
        "state": st.none() | st.sampled_from(["open", "no"]),
        "mail": st.none() | st.sampled_from(["a.b@example.com", "-x@example.org"]),
        "skills": st.none() | st.lists(items, min_size=1, max_size=4).map(tuple),
    }
)
AWKWARD = dict.fromkeys(("amount", "day", "month", "agreed", "state", "mail", "skills"))


def read_back(data: bytes, schema: RowSchema[Any] = EVERYTHING) -> list[Any]:
    with open_rows(io.BytesIO(data), schema=schema) as rows:
        return [row.record if isinstance(row, Row) else row for row in rows]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25, deadline=None)
@example(rows=[{"number": 1, "name": "'=1", **AWKWARD}, {"number": 2, "name": '=\r\n"x",\'', **AWKWARD}])
@example(rows=[{"number": 10**15, "name": "_x0041\x01", **AWKWARD}, {"number": 2, "name": " a ", **AWKWARD}])
@given(rows=st.lists(records, min_size=1, max_size=6))
def test_a_round_trip_changes_nothing(kind: FileKind, language: str, rows: list[dict[str, Any]]) -> None:
    out = io.BytesIO()
    assert write_rows(rows, EVERYTHING, kind, out, language=language) == len(rows)
    assert read_back(out.getvalue()) == rows


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_nothing_exported_is_a_formula(kind: FileKind, tmp_path: Path) -> None:
    schema = RowSchema([Column("a", Text(strip=False)), Column("b", ListOf())])
    risky = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"]
    path = tmp_path / f"out.{kind}"
    write_rows([{"a": text, "b": ("=x",)} for text in risky], schema, kind, path)
    if kind == "csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            assert all(cell.startswith("'") for row in list(csv.reader(file))[1:] for cell in row)
    else:
        cells = [cell for row in openpyxl.load_workbook(path)["数据"].iter_rows(min_row=2) for cell in row]
        assert {cell.data_type for cell in cells} == {"s"}
        assert all(cell.quotePrefix for cell in cells)
        assert cells[0].value == "=1+1"
    with open_rows(path, schema=schema) as rows:
        assert [row.record["a"] for row in rows if isinstance(row, Row)] == risky


def test_csv_for_excel_begins_with_a_mark_and_has_chinese_headings() -> None:
    out = io.BytesIO()
    write_rows([{**AWKWARD, "number": 1, "name": "甲", "agreed": True, "state": "open"}], EVERYTHING, "csv", out)
    text = out.getvalue()
    assert text.startswith(b"\xef\xbb\xbf")
    assert text.decode("utf-8-sig").splitlines() == [
        "序号,名称,金额,日期,月份,是否同意,状态,邮箱,技能",
        "1,甲,,,,是,开放,,",
    ]
    plain = io.BytesIO()
    write_rows([], EVERYTHING, "csv", plain, language="en", byte_order_mark=False)
    assert plain.getvalue().startswith(b"Number,Name")


def test_files_for_programs_have_names_and_values_not_labels() -> None:
    record = {**AWKWARD, "number": 1, "name": "甲", "amount": Decimal("0.10"), "agreed": True, "state": "open"}
    lines, table = io.BytesIO(), io.BytesIO()
    write_rows([record], EVERYTHING, "jsonl", lines)
    write_rows([record], EVERYTHING, "parquet", table)
    found = json.loads(lines.getvalue())
    assert (found["name"], found["amount"], found["agreed"], found["state"]) == ("甲", "0.10", True, "open")
    schema = pq.read_schema(io.BytesIO(table.getvalue()))
    assert {field.name: str(field.type) for field in schema} == {
        "number": "int64",
        "name": "string",
        "amount": "decimal128(20, 6)",
        "day": "date32[day]",
        "month": "string",
        "agreed": "bool",
        "state": "string",
        "mail": "string",
        "skills": "string",
    }


def test_excel_gets_real_dates_and_numbers(tmp_path: Path) -> None:
    record = {**AWKWARD, "number": 5, "name": "=A1", "amount": Decimal("1.5"), "day": date(2026, 3, 1)}
    write_rows([record], EVERYTHING, "xlsx", tmp_path / "out.xlsx", language="en")
    row = openpyxl.load_workbook(tmp_path / "out.xlsx")["Data"][2]
    assert [cell.value for cell in row][:3] == [5, "=A1", 1.5]
    assert row[3].value == datetime(2026, 3, 1)


class Broken(Exception):
    pass


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_is_replaced_whole_or_not_at_all(kind: FileKind, tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.write_text("before")

    def failing() -> Iterator[dict[str, Any]]:
        yield {**AWKWARD, "number": 1, "name": "a"}
        raise Broken

    with pytest.raises(Broken):
        write_rows(failing(), EVERYTHING, kind, path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
    write_rows([], EVERYTHING, kind, path)
    assert path.read_bytes() != b"before"
    fresh = tmp_path / "fresh"
    fresh.touch()
    assert path.stat().st_mode == fresh.stat().st_mode


@pytest.mark.parametrize("kind", KINDS)
def test_a_value_that_does_not_fit_names_the_record_and_the_column(kind: FileKind) -> None:
    rows = [{**AWKWARD, "number": 1, "name": "a"}, {**AWKWARD, "number": "two", "name": "b"}]
    with pytest.raises(ExportRefused) as refused:
        write_rows(rows, EVERYTHING, kind, io.BytesIO())
    assert (refused.value.params["number"], refused.value.params["column"]) == (2, "number")
    assert "第 2 条" in refused.value.message_zh


def test_text_longer_than_an_excel_cell_is_refused_instead_of_cut() -> None:
    with pytest.raises(ExportRefused, match="32767"):
        write_rows([{"a": "x" * 32_768}], RowSchema([Column("a")]), "xlsx", io.BytesIO())


def test_records_may_be_objects(tmp_path: Path) -> None:
    schema = RowSchema([Column("days", Integer()), Column("seconds", Integer())], timedelta)
    rows = [timedelta(days=2, seconds=5)]
    for kind in KINDS:
        out = io.BytesIO()
        write_rows(rows, schema, kind, out)
        assert read_back(out.getvalue(), schema) == rows


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_template_has_the_headings_and_explains_the_columns(
    schema: RowSchema[Any], tmp_path: Path, language: str
) -> None:
    path = tmp_path / "template.xlsx"
    write_template(schema, "xlsx", path, language=language)
    workbook = openpyxl.load_workbook(path)
    first, second = workbook.worksheets
    assert first["A1"].value == ("岗位名称" if language == "zh" else "Title")
    assert [cell.value for cell in second[3]] == (
        ["名额", "否", "填整数"] if language == "zh" else ["Seats", "no", "A whole number"]
    )
    with open_rows(path, schema=schema) as rows:
        assert list(rows) == []
        assert rows.warnings == []
    for kind in ("csv", "jsonl", "parquet"):
        write_template(schema, kind, tmp_path / kind, language=language)
