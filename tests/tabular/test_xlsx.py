"""Workbooks: what Excel really writes, what it should not be trusted with, and what attackers write."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
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
from tests.tabular.workbooks import SHEET_END, SHEET_START, WORKBOOK_PARTS

Maker = Callable[..., Path]
SHEET = "xl/worksheets/sheet1.xml"
MEGABYTE = 1024 * 1024


def records(path: Path, **limits: int) -> list[Any]:
    with open_rows(path, limits=Limits(**limits)) as rows:
        return [row.record if isinstance(row, Row) else [error.code for error in row.errors] for row in rows]


def test_dates_numbers_and_booleans_arrive_with_their_types(schema: RowSchema[Any], make_workbook: Maker) -> None:
    path = make_workbook(
        ["岗位名称", "名额", "月薪（元）", "到岗日期", "是否订单班", "状态"],
        ["工程师", 3, 8000.5, date(2026, 3, 1), True, "开放"],
        [],
        [1001.0, 2.0, 0.1 + 0.2, datetime(2026, 3, 2), False, None],
    )
    with open_rows(path, schema=schema) as rows:
        first, second = rows
    assert isinstance(first, Row)
    assert isinstance(second, Row)
    assert (first.line, second.line) == (2, 4)
    assert (first.record.pay, first.record.starts, first.record.order_class) == (
        Decimal("8000.5"),
        date(2026, 3, 1),
        True,
    )
    assert (second.record.title, second.record.pay, second.record.starts) == ("1001", Decimal("0.3"), date(2026, 3, 2))


def test_a_date_without_date_format_is_explained(schema: RowSchema[Any], make_workbook: Maker) -> None:
    with open_rows(make_workbook(["title", "starts"], ["A", 46082]), schema=schema) as rows:
        (row,) = rows
    assert isinstance(row, BadRow)
    assert row.errors[0].code == "date.serial"


def test_dates_counted_from_1904_are_read(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.epoch = datetime(1904, 1, 1)
    sheet = workbook.active
    assert sheet is not None
    sheet.append(["day"])
    sheet.append([date(2026, 3, 1)])
    workbook.save(tmp_path / "mac.xlsx")
    assert records(tmp_path / "mac.xlsx") == [{"day": "2026-03-01"}]


@pytest.mark.parametrize("number_format", ["31", "57"])
def test_the_date_formats_that_chinese_excel_builds_in_are_dates(raw_workbook: Maker, number_format: str) -> None:
    styles = (
        '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs>'
        f'<xf numFmtId="0"/><xf numFmtId="{number_format}"/></cellXfs></styleSheet>'
    )
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" s="1"><v>46082</v></c></row>'
    assert records(raw_workbook(rows, **{"xl/styles.xml": styles})) == [{"岗位名称": "2026-03-01"}]


def test_a_formula_is_refused_and_its_stored_result_not_used(schema: RowSchema[Any], make_workbook: Maker) -> None:
    path = make_workbook(["title", "seats"], ["A", "=1+1"], ["=HYPERLINK(0)", 1], ["C", 3])
    with open_rows(path, schema=schema) as rows:
        found = list(rows)
    assert [(row.line, row.errors[0].column, row.errors[0].code) for row in found if isinstance(row, BadRow)] == [
        (2, "seats", "cell.formula"),
        (3, "title", "cell.formula"),
    ]
    assert isinstance(found[2], Row)


def test_a_formula_with_a_stored_result_and_a_shared_one_are_refused(raw_workbook: Maker) -> None:
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'
        '<row r="2"><c r="A2" t="str"><f>CMD()</f><v>safe</v></c><c r="B2"><f t="shared" si="0"/><v>4</v></c></row>'
    )
    assert records(raw_workbook(rows)) == [["cell.formula", "cell.formula"]]


def test_a_formula_among_the_headings_is_refused(make_workbook: Maker) -> None:
    with pytest.raises(HeadingsRefused, match="formula"):
        records(make_workbook(["title", "=A1"], ["A", 1]))


def test_shared_rich_and_phonetic_strings_are_read(raw_workbook: Maker) -> None:
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="s"><v>1</v></c></row>'
    assert records(raw_workbook(rows)) == [{"岗位名称": "嵌入式工程师"}]


def test_escaped_characters_are_restored(raw_workbook: Maker) -> None:
    rows = (
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>a_x000D_b _x005F_x0041_</t></is></c></row>'
    )
    assert records(raw_workbook(rows)) == [{"岗位名称": "a\rb _x0041_"}]


def test_rows_and_cells_without_references_and_with_a_namespace_prefix_are_read(raw_workbook: Maker) -> None:
    sheet = (
        '<x:worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><x:sheetData>'
        '<x:row><x:c t="s"><x:v>0</x:v></x:c><x:c t="inlineStr"><x:is><x:t>n</x:t></x:is></x:c></x:row>'
        "<x:row><x:c/><x:c><x:v>1.50E1</x:v></x:c></x:row></x:sheetData></x:worksheet>"
    )
    assert records(raw_workbook(sheet=sheet)) == [{"岗位名称": "", "n": "15"}]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ('<c r="A2" t="e"><v>#N/A</v></c>', "cell.error_value"),
        ('<c r="A2"><v>110101199001011234</v></c>', "cell.precision"),
        ('<c r="A2"><v>NaN</v></c>', "cell.not_finite"),
        ('<c r="A2"><v>twelve</v></c>', "cell.damaged"),
        ('<c r="A2" t="s"><v>99</v></c>', "cell.damaged"),
        ('<c r="A2" t="s"><v>-1</v></c>', "cell.damaged"),
        ('<c r="A2" t="zz"><v>1</v></c>', "cell.damaged"),
        ('<c r="A2" t="d"><v>soon</v></c>', "cell.damaged"),
        ('<c r="A2" t="inlineStr"><is><t>' + "x" * 2001 + "</t></is></c>", "cell.too_long"),
        ('<c r="ZZ2"><v>1</v></c>', "file.too_many_columns"),
        ('<c r="B2"><v>1</v></c>', "row.too_many_cells"),
    ],
)
def test_a_cell_that_cannot_be_trusted_is_a_row_error(raw_workbook: Maker, cell: str, code: str) -> None:
    path = raw_workbook(f'<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2">{cell}</row>')
    assert records(path, max_cell_length=2000) == [[code]]


def test_iso_dates_are_read(raw_workbook: Maker) -> None:
    rows = '<row r="1"><c r="A1" t="s"><v>0</v></c></row><row r="2"><c r="A2" t="d"><v>2026-03-01</v></c></row>'
    assert records(raw_workbook(rows)) == [{"岗位名称": "2026-03-01"}]


def test_the_first_visible_sheet_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    hidden = workbook.active
    assert hidden is not None
    hidden.title, hidden.sheet_state = "草稿", "hidden"
    for title in ("数据", "其他"):
        workbook.create_sheet(title).append(["a"])
    workbook["数据"].append([1])
    workbook.save(tmp_path / "sheets.xlsx")
    with open_rows(tmp_path / "sheets.xlsx") as rows:
        assert [row.record for row in rows if isinstance(row, Row)] == [{"a": "1"}]
        assert rows.sheet == "数据"
        assert [warning.message("zh") for warning in rows.warnings] == ["只读取了工作表“数据”；未读取：其他。"]


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"])
def test_entities_and_document_types_are_refused_wherever_they_stand(raw_workbook: Maker, part: str) -> None:
    original = {**WORKBOOK_PARTS, SHEET: SHEET_START + SHEET_END}[part]
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'
    with pytest.raises(FileRefused) as refused:
        records(raw_workbook(**{part: laughs + original}))
    assert refused.value.code == "archive.unsafe_xml"


@pytest.mark.parametrize(
    "parts",
    [
        {SHEET: SHEET_START + "<row><c>"},
        {SHEET: None},
        {SHEET: b"\x00\x01"},
        {"xl/workbook.xml": "<workbook"},
        {"xl/_rels/workbook.xml.rels": None},
        {"xl/workbook.xml": "<workbook/>"},
        {SHEET: SHEET_START + '<row r="5"/><row r="4"/>' + SHEET_END},
        {SHEET: SHEET_START + '<row r="1"><c r="!1"><v>1</v></c></row>' + SHEET_END},
    ],
)
def test_a_broken_workbook_is_refused_as_damaged(raw_workbook: Maker, parts: dict[str, str | None]) -> None:
    with pytest.raises(FileDamaged):
        records(raw_workbook(**parts))


def test_a_workbook_cut_in_half_is_refused_as_damaged(make_workbook: Maker, tmp_path: Path) -> None:
    whole = make_workbook(["a"], *([i] for i in range(1000))).read_bytes()
    half = tmp_path / "half.xlsx"
    half.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(FileDamaged):
        records(half)


def bomb(path: Path, size: int, fill: bytes = b"\0") -> None:
    """A workbook whose sheet inflates to ``size`` bytes, written piece by piece."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in WORKBOOK_PARTS.items():
            archive.writestr(name, data)
        with archive.open(SHEET, "w", force_zip64=True) as part:
            part.write(SHEET_START.encode())
            for _ in range(size // MEGABYTE):
                part.write(fill * (MEGABYTE // len(fill)))
            part.write(SHEET_END.encode())


@pytest.mark.parametrize("fill", [b"\0", b" ", b"<row/> "])
def test_a_zip_bomb_is_refused_from_its_directory(tmp_path: Path, fill: bytes) -> None:
    path = tmp_path / "bomb.xlsx"
    bomb(path, 256 * MEGABYTE if fill == b"\0" else 32 * MEGABYTE, fill.ljust(8))
    assert path.stat().st_size < 4 * MEGABYTE
    with pytest.raises(FileTooLarge) as refused:
        open_rows(path)
    assert refused.value.code == "archive.bomb"


def lying_workbook(path: Path, declared: int, crc: int | None = None) -> None:
    """A zip bomb by hand, whose headers declare ``declared`` bytes for a sheet of 64 MB."""
    sheet = SHEET_START.encode() + b" " * 64 * MEGABYTE + SHEET_END.encode()
    out = io.BytesIO()
    directory = b""
    parts = {name: text.encode() for name, text in WORKBOOK_PARTS.items()} | {SHEET: sheet}
    for name, raw in parts.items():
        deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = deflater.compress(raw) + deflater.flush()
        size = declared if name == SHEET else len(raw)
        checksum = crc if crc is not None and name == SHEET else zlib.crc32(raw)
        fields = struct.pack("<HHHHHLLLHH", 20, 0, 8, 0, 33, checksum, len(packed), size, len(name), 0)
        directory += b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHLL", 0, 0, 0, 0, out.tell())
        directory += name.encode()
        out.write(b"PK\x03\x04" + fields + name.encode() + packed)
    start = out.tell()
    count = len(WORKBOOK_PARTS) + 1
    out.write(directory + b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, count, count, len(directory), start, 0))
    path.write_bytes(out.getvalue())


def test_a_zip_bomb_whose_headers_lie_is_stopped_while_inflating(tmp_path: Path) -> None:
    path = tmp_path / "lying.xlsx"
    lying_workbook(path, declared=1000)
    with pytest.raises(FileDamaged):
        records(path)


def test_a_lying_header_with_a_matching_checksum_gets_no_further_than_it_declares(tmp_path: Path) -> None:
    path = tmp_path / "lying.xlsx"
    lying_workbook(path, declared=1000, crc=zlib.crc32(SHEET_START.encode() + b" " * (1000 - len(SHEET_START))))
    with pytest.raises(FileDamaged):
        records(path)


def test_inflating_beyond_the_limit_is_refused(raw_workbook: Maker) -> None:
    row = '<row r="{0}"><c r="A{0}"><v>{0}</v></c></row>'
    path = raw_workbook("".join(row.format(number) for number in range(1, 50_000)))
    with pytest.raises(FileTooLarge) as refused:
        records(path, max_inflated_bytes=MEGABYTE)
    assert refused.value.code == "archive.too_large"


def test_too_many_parts_and_repeated_parts_are_refused(raw_workbook: Maker, tmp_path: Path) -> None:
    with pytest.raises(FileTooLarge) as refused:
        records(raw_workbook(**{f"xl/media/{number}.png": "x" for number in range(50)}), max_archive_entries=40)
    assert refused.value.code == "archive.too_many_entries"
    twice = raw_workbook()
    with zipfile.ZipFile(twice, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(SHEET, "other")
    with pytest.raises(FileDamaged):
        records(twice)


def test_a_directory_of_millions_of_entries_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    path = tmp_path / "directory.xlsx"
    size = 100 * MEGABYTE
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(4 + size)
        file.seek(0, io.SEEK_END)
        file.write(b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 65535, 65535, size, 4, 0))
    with pytest.raises(FileTooLarge) as refused:
        open_rows(path)
    assert refused.value.code == "archive.too_many_entries"


def test_a_locked_entry_and_an_unusual_compression_are_refused(raw_workbook: Maker, tmp_path: Path) -> None:
    data = bytearray(raw_workbook().read_bytes())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    locked = tmp_path / "locked.xlsx"
    locked.write_bytes(data)
    with pytest.raises(WrongKind) as refused:
        open_rows(locked)
    assert refused.value.code == "kind.encrypted"
    squeezed = tmp_path / "bzip2.xlsx"
    with zipfile.ZipFile(squeezed, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(FileDamaged):
        open_rows(squeezed)


def test_blank_formatted_rows_are_passed_over(raw_workbook: Maker) -> None:
    blank = "".join(f'<row r="{n}"><c r="A{n}" s="3"/></row>' for n in range(2, 100_000))
    path = raw_workbook(
        '<row r="1"><c r="A1" t="s"><v>0</v></c></row>' + blank + '<row r="1048576"><c r="A1048576"><v>7</v></c></row>'
    )
    with open_rows(path) as rows:
        assert list(rows) == [Row(1_048_576, {"岗位名称": "7"})]
