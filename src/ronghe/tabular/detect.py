"""Which kind of file the content is, by its bytes and never by its name; what is not read is refused by name here."""

from __future__ import annotations

import re
from typing import BinaryIO, Literal

from ronghe.tabular.archive import Archive
from ronghe.tabular.errors import FileDamaged, FileRefused, FileWarning, WrongKind
from ronghe.tabular.limits import Limits
from ronghe.tabular.text import TextEncoding, find_encoding

FileKind = Literal["csv", "xlsx", "jsonl", "parquet"]

KIND_NAMES: dict[FileKind, str] = {"csv": "CSV", "xlsx": "XLSX", "jsonl": "JSON Lines", "parquet": "Parquet"}
_EXTENSIONS: dict[FileKind, tuple[str, ...]] = {
    "csv": (".csv", ".tsv", ".tab", ".txt"),
    "xlsx": (".xlsx", ".xlsm"),
    "jsonl": (".jsonl", ".ndjson", ".json", ".txt"),
    "parquet": (".parquet", ".pq"),
}

_HEAD = 8192
_CHUNK = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_REFUSED: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF-", "kind.pdf", "PDF"),
    (b"\x89PNG\r\n\x1a\n", "kind.image", "PNG"),
    (b"\xff\xd8\xff", "kind.image", "JPEG"),
    (b"GIF8", "kind.image", "GIF"),
    (b"II*\x00", "kind.image", "TIFF"),
    (b"MM\x00*", "kind.image", "TIFF"),
    (b"\x1f\x8b", "kind.compressed", "gzip"),
    (b"BZh", "kind.compressed", "bzip2"),
    (b"\xfd7zXZ\x00", "kind.compressed", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "kind.compressed", "7z"),
    (b"Rar!\x1a\x07", "kind.compressed", "rar"),
    (b"\x28\xb5\x2f\xfd", "kind.compressed", "zstd"),
    (b"{\\rtf", "kind.rtf", "RTF"),
    (b"SQLite format 3\x00", "kind.program", "SQLite"),
    (b"\x7fELF", "kind.program", "ELF"),
    (b"MZ\x90\x00", "kind.program", "EXE"),
    (b"ARROW1\x00\x00", "kind.program", "Arrow IPC"),
    (b"Obj\x01", "kind.program", "Avro"),
    (b"\x09\x08\x10\x00", "kind.xls", "XLS"),
    (b"\x09\x08\x08\x00", "kind.xls", "XLS"),
    (b"\x09\x04\x06\x00", "kind.xls", "XLS"),
    (b"PARE", "kind.parquet_encrypted", "Parquet"),
)
_HTML = re.compile(r"\s*(<!--.*?-->\s*)*<(!doctype\s+html|html|head|body|table|meta|style|script|div)\b", re.I | re.S)
_JSON_ARRAY = re.compile(r"\s*\[\s*([\[{\]]|$)")
_JSON_DOCUMENT = re.compile(r"\s*\{\s*$", re.M)


def detect(stream: BinaryIO, limits: Limits) -> tuple[FileKind, TextEncoding | None]:
    """The kind of the content, and for text its encoding, for which the whole of it is looked at.

    Raises ``WrongKind`` for what is not read, ``FileDamaged`` and ``FileRefused`` (empty).
    """
    stream.seek(0)
    head = stream.read(_HEAD)
    if not head:
        raise FileRefused("file.empty")
    if head.startswith(b"PAR1"):
        return "parquet", None
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        _check_workbook(Archive(stream, limits).names)
        return "xlsx", None
    if head.startswith(_OLE):
        raise WrongKind(_inside_ole(stream))
    for magic, code, name in _REFUSED:
        if head.startswith(magic):
            raise WrongKind(code, format=name)
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        raise WrongKind("kind.image", format="WebP")
    encoding = find_encoding(stream)
    return _kind_of_text(head[: len(head) // 2 * 2].decode(encoding.codec, "replace")), encoding


def _check_workbook(names: frozenset[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names:
        raise WrongKind("kind.xlsb")
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise WrongKind("kind.office_document")
    if {"mimetype", "content.xml"} <= names:
        raise WrongKind("kind.ods")
    if "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names):
        raise FileDamaged("archive.damaged", part="xl/workbook.xml")
    raise WrongKind("kind.zip")


def _inside_ole(stream: BinaryIO) -> str:
    """Old Office files and locked new ones share one container; the names of its streams tell them apart."""
    code = "kind.ole"
    stream.seek(0)
    carried = b""
    while chunk := stream.read(_CHUNK):
        window = carried + chunk
        if "EncryptedPackage".encode("utf-16-le") in window:
            return "kind.encrypted"
        if any(f"{name}\0".encode("utf-16-le") in window for name in ("Workbook", "Book")):
            code = "kind.xls"
        carried = window[-64:]
    return code


def _kind_of_text(start: str) -> FileKind:
    start = start.lstrip("\ufeff")
    if _HTML.match(start):
        raise WrongKind("kind.html")
    if start.lstrip().startswith("<?xml"):
        raise WrongKind("kind.html" if "<html" in start.lower() else "kind.xml")
    if _JSON_ARRAY.match(start) or _JSON_DOCUMENT.match(start):
        raise WrongKind("kind.json_document")
    return "jsonl" if start.lstrip().startswith("{") else "csv"


def extension_warning(name: str, kind: FileKind) -> FileWarning | None:
    """A warning if the file's name ends in an extension of another kind."""
    dot = name.rfind(".")
    extension = name[dot:].lower() if dot >= 0 else ""
    known = {known for extensions in _EXTENSIONS.values() for known in extensions} | {".xls", ".xlsb", ".ods"}
    if extension not in known or extension in _EXTENSIONS[kind]:
        return None
    return FileWarning("warning.extension", {"extension": extension, "kind": KIND_NAMES[kind]})
