"""XLSX: the rows of the first visible sheet, read as a stream of XML that is never trusted.

Values only: a formula is refused, since the result stored with it may be anything. Written here rather than taken from
a library because those at hand either hold the whole sheet in memory or hand on the stored results of formulas.
Follows ECMA-376 part 1, §18.3 (worksheets), §18.4 (shared strings) and §18.8 (styles).
"""

from __future__ import annotations

import re
import tempfile
from array import array
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from posixpath import dirname, join, normpath
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO
from xml.parsers import expat  # declarations of a DTD or entities are refused below, before any is read

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from ronghe.tabular.archive import Archive
from ronghe.tabular.cells import Cell
from ronghe.tabular.errors import BadCell, FileDamaged, FileRefused, FileWarning
from ronghe.tabular.limits import Limits
from ronghe.tabular.rows import Line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

INSTRUCTION_SHEETS = ("填写说明", "Instructions")
"""Names of the sheet with help in our own templates; it is not read and not warned about."""

_WORKBOOK = "xl/workbook.xml"
_CACHED_STRINGS = 4096
_LONGEST_CACHED_STRING = 512
_EXACT_DIGITS = 15
_INTEGER = re.compile(r"-?\d{1,15}")
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CHINESE_DATE_FORMATS = frozenset((*range(27, 37), *range(50, 59)))
"""Numbers of date formats that Chinese and Japanese Excel build in (§18.8.30); openpyxl lists only the common ones."""


def _refuse_declaration(part: str) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise FileRefused("archive.unsafe_xml", part=part)

    return refuse


def _parser_of(part: str) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_declaration(part)
    parser.EntityDeclHandler = _refuse_declaration(part)
    return parser


def _small_xml(archive: Archive, name: str) -> Element:
    try:
        root: Element = defusedxml.ElementTree.fromstring(archive.small_part(name), forbid_dtd=True)
    except DefusedXmlException as error:
        raise FileRefused("archive.unsafe_xml", part=name) from error
    except (SyntaxError, ValueError, LookupError) as error:
        raise FileDamaged("archive.damaged", part=name) from error
    return root


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _unescape(text: str) -> str:
    """Undo _x000D_ and the like (§22.9.2.19, ST_Xstring)."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


class _SharedStrings:
    """The workbook's table of strings, kept in a temporary file: it may be as large as the limits let it inflate."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the workbook
        self._offsets = array("Q", [0])
        self._cached = lru_cache(maxsize=_CACHED_STRINGS)(self._read)

    def append(self, text: str) -> None:
        encoded = text.encode("utf-8", "surrogatepass")
        self._file.write(encoded)
        self._offsets.append(self._offsets[-1] + len(encoded))

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < len(self._offsets) - 1:
            raise IndexError(index)
        start, end = self._offsets[index], self._offsets[index + 1]
        return self._cached(start, end) if end - start <= _LONGEST_CACHED_STRING else self._read(start, end)

    def _read(self, start: int, end: int) -> str:
        self._file.seek(start)
        return self._file.read(end - start).decode("utf-8", "surrogatepass")

    def close(self) -> None:
        self._file.close()


def _read_shared_strings(archive: Archive, name: str, strings: _SharedStrings, limits: Limits) -> None:
    """Fill ``strings``; each is cut one character beyond the limit, which is enough to see that it is too long."""
    prefix = ""
    pieces: list[str] = []
    length = 0
    reading = False
    phonetic = False

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal prefix, reading, phonetic, length
        if tag.endswith("sst"):
            prefix = tag[:-3]
        elif tag == prefix + "si":
            pieces.clear()
            length = 0
        elif tag == prefix + "rPh":
            phonetic = True
        elif tag == prefix + "t":
            reading = not phonetic

    def end(tag: str) -> None:
        nonlocal reading, phonetic
        if tag == prefix + "t":
            reading = False
        elif tag == prefix + "rPh":
            phonetic = False
        elif tag == prefix + "si":
            strings.append(_unescape("".join(pieces))[: limits.max_cell_length + 1])

    def characters(data: str) -> None:
        nonlocal length
        if reading and length <= limits.max_cell_length * 7:
            pieces.append(data)
            length += len(data)

    for _ in _parse(archive, name, start, end, characters):
        continue


def _parse(
    archive: Archive,
    name: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    characters: Callable[[str], None],
) -> Iterator[None]:
    """Feed a part to the handlers, pausing after each piece of it."""
    parser = _parser_of(name)
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    try:
        for chunk in archive.chunks(name):
            parser.Parse(chunk, False)
            yield
        parser.Parse(b"", True)
        yield
    except expat.ExpatError as error:
        raise FileDamaged("archive.damaged", part=name[:80]) from error


class _Numbers:
    """Turns the text of numeric cells into numbers or, by the cell's style, dates."""

    def __init__(self, date_styles: frozenset[int], since_1904: bool) -> None:
        from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

        self._date_styles = date_styles
        self._epoch = MAC_EPOCH if since_1904 else WINDOWS_EPOCH
        self._from_excel = from_excel

    def value(self, text: str, style: str | None) -> Cell:
        if style is not None and self._date_styles and style.isdigit() and int(style) in self._date_styles:
            return self._date(text)
        if _INTEGER.fullmatch(text):
            return int(text)
        try:
            number = float(text)
        except ValueError:
            return BadCell("cell.damaged", shown=text)
        if not isfinite(number):
            return BadCell("cell.not_finite", shown=text)
        if abs(number) >= 10.0**_EXACT_DIGITS:
            return BadCell("cell.precision", shown=text)
        decimal = Decimal(f"{number:.{_EXACT_DIGITS}g}")
        return int(decimal) if decimal == int(decimal) else decimal

    def _date(self, text: str) -> Cell:
        try:
            found = self._from_excel(float(text), self._epoch)
        except (ValueError, OverflowError):
            return BadCell("cell.damaged", shown=text)
        if isinstance(found, datetime):
            return found.date() if found.time() == time() else found
        return found if isinstance(found, date | time) else BadCell("cell.damaged", shown=text)


def _date_styles(archive: Archive) -> frozenset[int]:
    """Indices of the cell formats (§18.8.10) whose number format shows a date."""
    from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format

    if "xl/styles.xml" not in archive.names:
        return frozenset()
    root = _small_xml(archive, "xl/styles.xml")
    formats: dict[str, str] = {str(number): code for number, code in BUILTIN_FORMATS.items()}
    found: set[int] = set()
    for part in root:
        if _local(part.tag) == "numFmts":
            formats |= {item.get("numFmtId", ""): item.get("formatCode", "") for item in part}
    for part in root:
        if _local(part.tag) == "cellXfs":
            for index, item in enumerate(part):
                number = item.get("numFmtId", "0")
                code = formats.get(number, "")
                shows_date = is_date_format(code) and not is_timedelta_format(code)
                if shows_date or (not code and number.isdigit() and int(number) in _CHINESE_DATE_FORMATS):
                    found.add(index)
    return frozenset(found)


def _column_number(letters: str) -> int:
    """Position from 0 of a column: A is 0, XFD 16383. Raises ``ValueError``."""
    if not 1 <= len(letters) <= 3 or not letters.isascii() or not letters.isalpha():
        raise ValueError(letters)
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


class Workbook:
    """The first visible sheet of an XLSX. Use as a context manager; ``lines`` may be iterated once.

    Raises ``FileRefused`` and its kinds, while opening and while iterating.
    """

    def __init__(self, stream: BinaryIO, limits: Limits) -> None:
        self._limits = limits
        self._archive = Archive(stream, limits)
        self._strings = _SharedStrings()
        self.warnings: list[FileWarning] = []
        self.sheet = ""
        try:
            self._open()
        except BaseException:
            self._strings.close()
            raise

    def __enter__(self) -> Workbook:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._strings.close()

    def _open(self) -> None:
        root = _small_xml(self._archive, _WORKBOOK)
        targets: dict[str, str] = {}
        for item in _small_xml(self._archive, "xl/_rels/workbook.xml.rels"):
            if item.get("TargetMode") != "External":
                target = normpath(join(dirname(_WORKBOOK), item.get("Target", ""))).lstrip("/")
                targets[item.get("Id", "")] = target
                if item.get("Type", "").endswith("/sharedStrings"):
                    _read_shared_strings(self._archive, target, self._strings, self._limits)
        visible: list[tuple[str, str]] = []
        since_1904 = False
        for item in root.iter():
            if _local(item.tag) == "workbookPr":
                since_1904 = item.get("date1904", "0") in ("1", "true")
            if _local(item.tag) == "sheet" and item.get("state", "visible") == "visible":
                target = next((targets.get(v, "") for k, v in item.items() if _local(k) == "id" and k != "id"), "")
                if target and "chartsheet" not in target and "dialogsheet" not in target:
                    visible.append((item.get("name", ""), target))
        if not visible:
            raise FileDamaged("archive.no_sheet")
        self.sheet, self._part = visible[0]
        others = [name for name, _ in visible[1:] if name not in INSTRUCTION_SHEETS]
        if others:
            shown = ", ".join(name[:40] for name in others[:20])
            self.warnings.append(FileWarning("warning.other_sheets", {"read": self.sheet, "others": shown}))
        self._numbers = _Numbers(_date_styles(self._archive), since_1904)

    def lines(self) -> Iterator[Line]:
        """The rows that have cells, with their numbers in the sheet."""
        sheet = _Sheet(self._part, self._strings, self._numbers, self._limits)
        for _ in _parse(self._archive, self._part, sheet.start, sheet.end, sheet.characters):
            yield from sheet.finished
            sheet.finished.clear()


class _Sheet:
    """Handlers of a worksheet's XML; complete rows gather in ``finished``."""

    def __init__(self, part: str, strings: _SharedStrings, numbers: _Numbers, limits: Limits) -> None:
        self.finished: list[Line] = []
        self._part = part
        self._strings = strings
        self._numbers = numbers
        self._limits = limits
        self._row_tag = self._cell_tag = self._value_tag = self._text_tag = self._formula_tag = ""
        self._phonetic_tag = ""
        self._row = 0
        self._column_numbers: dict[str, int] = {}
        self._cells: dict[int, Cell] = {}
        self._column = -1
        self._type: str | None = None
        self._style: str | None = None
        self._formula = False
        self._phonetic = False
        self._reading = False
        self._pieces: list[str] = []
        self._length = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == self._cell_tag:
            self._start_cell(attributes)
        elif tag == self._value_tag or tag == self._text_tag:
            self._reading = not self._phonetic
        elif tag == self._row_tag:
            self._start_row(attributes)
        elif tag == self._formula_tag:
            self._formula = True
        elif tag == self._phonetic_tag:
            self._phonetic = True
        elif not self._row_tag:
            prefix = tag[: -len("worksheet")] if tag.endswith("worksheet") else ""
            self._row_tag, self._cell_tag = prefix + "row", prefix + "c"
            self._value_tag, self._text_tag = prefix + "v", prefix + "t"
            self._formula_tag, self._phonetic_tag = prefix + "f", prefix + "rPh"

    def _start_row(self, attributes: dict[str, str]) -> None:
        number = attributes.get("r")
        row = self._row + 1 if number is None else int(number) if number.isdecimal() and len(number) < 9 else 0
        if row <= self._row:
            raise FileDamaged("archive.damaged", part=self._part)
        self._row = row
        self._column = -1

    def _start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self._column += 1
        else:
            letters = reference.rstrip("0123456789")
            column = self._column_numbers.get(letters)
            if column is None:
                try:
                    column = _column_number(letters)
                except ValueError as error:
                    raise FileDamaged("archive.damaged", part=self._part) from error
                self._column_numbers[letters] = column
            self._column = column
        self._type = attributes.get("t")
        self._style = attributes.get("s")
        self._formula = False
        self._pieces.clear()
        self._length = 0

    def end(self, tag: str) -> None:
        if tag == self._value_tag or tag == self._text_tag:
            self._reading = False
        elif tag == self._cell_tag:
            if self._formula or self._pieces:
                cell = self._cell("".join(self._pieces))
                if cell is not None and cell != "":
                    self._cells[self._column] = cell
        elif tag == self._phonetic_tag:
            self._phonetic = False
        elif tag == self._row_tag and self._cells:
            self._end_row()

    def characters(self, data: str) -> None:
        # Seven characters, "_x000D_", may stand for one.
        if self._reading and self._length <= self._limits.max_cell_length * 7:
            self._pieces.append(data)
            self._length += len(data)

    def _end_row(self) -> None:
        width = max(self._cells) + 1
        if width > self._limits.max_columns:
            problem = BadCell("file.too_many_columns", {"count": width, "limit": self._limits.max_columns})
            self.finished.append(Line(self._row, [], problem))
        else:
            cells: list[Cell] = [None] * width
            for column, cell in self._cells.items():
                cells[column] = cell
            self.finished.append(Line(self._row, cells))
        self._cells.clear()

    def _cell(self, text: str) -> Cell:
        kind = self._type
        if self._formula:
            return BadCell("cell.formula", shown=text[:40])
        if kind == "s":
            try:
                return self._strings[int(text)]
            except (ValueError, IndexError):
                return BadCell("cell.damaged", shown=text[:40])
        if kind is None or kind == "n":
            return self._numbers.value(text.strip(), self._style)
        if kind in ("inlineStr", "str"):
            return _unescape(text)
        return _special(kind, text)


def _special(kind: str, text: str) -> Cell:
    if kind == "b" and text in ("0", "1", "true", "false"):
        return text in ("1", "true")
    if kind == "e":
        return BadCell("cell.error_value", {"value": text[:20]}, text[:20])
    if kind == "d":
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            return BadCell("cell.damaged", shown=text[:40])
        return found.date() if found.time() == time() else found
    return BadCell("cell.damaged", shown=text[:40])
