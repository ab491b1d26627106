"""Files of the wrong kind are known by their content and refused with a way to mend it."""

from __future__ import annotations

import io
import zipfile

import pytest

from ronghe.tabular import Row, WrongKind, open_rows

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("old.xls", OLE + "Workbook".encode("utf-16-le") + bytes(100), "kind.xls"),
        ("old5.xls", OLE + bytes(1_048_570) + "Book".encode("utf-16-le") + bytes(100), "kind.xls"),
        ("locked.xlsx", OLE + "EncryptedPackage".encode("utf-16-le"), "kind.encrypted"),
        ("old.doc", OLE + "WordDocument".encode("utf-16-le"), "kind.ole"),
        ("biff.xls", b"\x09\x08\x10\x00\x00\x06\x05\x00", "kind.xls"),
        ("paper.pdf", b"%PDF-1.7\n", "kind.pdf"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(20), "kind.image"),
        ("photo.xlsx", b"\xff\xd8\xff\xe0" + bytes(20), "kind.image"),
        ("photo.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "kind.image"),
        ("page.xls", b"\r\n<html xmlns:x='urn:schemas-microsoft-com:office:excel'><table>", "kind.html"),
        ("page.xls", "<!-- x --><TABLE><tr>".encode("utf-16"), "kind.html"),
        ("sheet.xls", b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "kind.xml"),
        ("binary.xlsb", zipped("[Content_Types].xml", "xl/workbook.bin"), "kind.xlsb"),
        ("report.docx", zipped("[Content_Types].xml", "word/document.xml"), "kind.office_document"),
        ("sheet.ods", zipped("mimetype", "content.xml"), "kind.ods"),
        ("files.zip", zipped("a.csv"), "kind.zip"),
        ("empty.zip", zipped(), "kind.zip"),
        ("rows.csv.gz", b"\x1f\x8b\x08\x00", "kind.compressed"),
        ("rows.7z", b"7z\xbc\xaf\x27\x1c", "kind.compressed"),
        ("letter.rtf", rb"{\rtf1", "kind.rtf"),
        ("data.db", b"SQLite format 3\x00", "kind.program"),
        ("list.json", b'[\n  {"a": 1}\n]', "kind.json_document"),
        ("pretty.json", b'{\n  "a": 1\n}\n', "kind.json_document"),
        ("secret.parquet", b"PARE" + bytes(20) + b"PARE", "kind.parquet_encrypted"),
        ("noise.csv", bytes(range(256)) * 4, "kind.binary"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_name(name: str, data: bytes, code: str) -> None:
    with pytest.raises(WrongKind) as refused:
        open_rows(io.BytesIO(data), name=name)
    assert refused.value.code == code
    assert refused.value.message_zh
    assert refused.value.message_en.endswith(".")


@pytest.mark.parametrize(
    ("name", "data", "kind", "warned"),
    [
        ("rows.xlsx", b"a,b\n1,2\n", "csv", True),
        ("rows.xls", b"a\tb\n1\t2\n", "csv", True),
        ("rows.csv", b'{"a": 1, "b": 2}\n', "jsonl", True),
        ("rows.CSV", b"a,b\n1,2\n", "csv", False),
        ("rows.json", b'{"a": 1, "b": 2}\n', "jsonl", False),
        ("rows", b"a,b\n1,2\n", "csv", False),
        ("", b"a,b\n1,2\n", "csv", False),
    ],
)
def test_the_content_decides_and_a_contradicting_name_is_explained(
    name: str, data: bytes, kind: str, warned: bool
) -> None:
    with open_rows(io.BytesIO(data), name=name) as rows:
        assert rows.kind == kind
        assert [row.record for row in rows if isinstance(row, Row)] == [{"a": "1", "b": "2"}]
        assert [warning.code for warning in rows.warnings] == ["warning.extension"] * warned
        assert all(warning.message("zh") and warning.message("en") for warning in rows.warnings)
