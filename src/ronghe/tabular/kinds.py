"""Kinds of column: how a cell becomes a typed value and how the value is written again; not where columns stand."""

from __future__ import annotations

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, ClassVar, Literal

from ronghe.tabular.cells import Cell, as_text, decimal_text, fold, is_clean
from ronghe.tabular.errors import CellRefused, SchemaError

Storage = Literal["text", "integer", "decimal", "boolean", "date"]
Written = str | int | Decimal | bool | date

_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?E\+\d{1,3}")
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ]\s*(.*))?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_FIRST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}")
_MIDNIGHT = re.compile(r"0?0:00(:00(\.0+)?)?Z?")
_MONTH = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?")
_COMPACT_MONTH = re.compile(r"(\d{4})(\d{2})")
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\\\]]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
_LONGEST_NUMBER = 100
_DIGITS_READ_AT_ONCE = 18
_LAST_EXCEL_DAY = 2_958_465


def _plain(cell: Cell) -> str:
    """Text of a cell with full-width digits and signs made plain, without spaces at its ends."""
    return unicodedata.normalize("NFKC", as_text(cell)).replace("\N{MINUS SIGN}", "-").strip()


def _wrong_type(value: object) -> CellRefused:
    return CellRefused("export.type", type=type(value).__name__)


class Kind(ABC):
    """How one kind of column is read and written. ``storage`` is the type used by XLSX and Parquet."""

    storage: ClassVar[Storage] = "text"

    @abstractmethod
    def parse(self, cell: Cell) -> Any:
        """The typed value of a cell that is not blank. Raises ``CellRefused``."""

    @abstractmethod
    def write(self, value: Any, language: str | None) -> Written:
        """What to write for ``value`` (not ``None``): for people in ``language``, or for programs if it is ``None``.

        ``parse`` reads either back to the same value. Raises ``CellRefused`` when the value is not of this kind.
        """


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """Text of at most ``max_length`` characters.

    ``strip`` removes spaces at the ends. ``identifier`` marks student numbers, phone numbers and the like: what a
    spreadsheet has turned into scientific notation is refused instead of being taken literally.
    """

    max_length: int = 1_000
    strip: bool = True
    identifier: bool = False

    def parse(self, cell: Cell) -> str:
        text = as_text(cell)
        if self.strip:
            text = text.strip()
        if len(text) > self.max_length:
            raise CellRefused("cell.too_long", length=len(text), limit=self.max_length)
        if not is_clean(text):
            raise CellRefused("text.character")
        if self.identifier and _SCIENTIFIC.fullmatch(text):
            raise CellRefused("text.scientific")
        return text

    def write(self, value: Any, language: str | None) -> str:
        if not isinstance(value, str):
            raise _wrong_type(value)
        if not is_clean(value):
            raise CellRefused("text.character")
        return value


def _number(cell: Cell, code: str) -> Decimal:
    if isinstance(cell, bool | date | datetime | time):
        raise CellRefused(code)
    if isinstance(cell, int | Decimal):
        return Decimal(cell)
    text = _plain(cell)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if len(text) > _LONGEST_NUMBER or not text.isascii() or not _NUMBER.fullmatch(text):
        raise CellRefused(code)
    return Decimal(text)


@dataclass(frozen=True, slots=True)
class Integer(Kind):
    """A whole number; the default bounds are those of 64 bits. "1,200" and "1200.0" are read as 1200."""

    storage: ClassVar[Storage] = "integer"

    minimum: int = -(2**63)
    maximum: int = 2**63 - 1

    def parse(self, cell: Cell) -> int:
        number: int | Decimal
        if isinstance(cell, str) and len(cell) <= _DIGITS_READ_AT_ONCE and cell.isascii() and cell.isdigit():
            number = int(cell)
        else:
            number = _number(cell, "number.integer")
        if number < self.minimum:
            raise CellRefused("number.minimum", minimum=self.minimum)
        if number > self.maximum:
            raise CellRefused("number.maximum", maximum=self.maximum)
        if number != int(number):
            raise CellRefused("number.integer")
        return int(number)

    def write(self, value: Any, language: str | None) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise _wrong_type(value)
        return value


@dataclass(frozen=True, slots=True)
class DecimalNumber(Kind):
    """A decimal of at most ``digits`` digits, ``places`` of them after the point; never rounded silently."""

    storage: ClassVar[Storage] = "decimal"

    digits: int = 18
    places: int = 4
    minimum: Decimal | int | None = None
    maximum: Decimal | int | None = None

    def parse(self, cell: Cell) -> Decimal:
        return self._checked(_number(cell, "number.decimal"))

    def write(self, value: Any, language: str | None) -> Decimal:
        if not isinstance(value, Decimal | int) or isinstance(value, bool):
            raise _wrong_type(value)
        return self._checked(Decimal(value))

    def _checked(self, number: Decimal) -> Decimal:
        if not number.is_finite():
            raise CellRefused("cell.not_finite")
        if number and number.adjusted() >= self.digits - self.places:
            raise CellRefused("number.digits", digits=self.digits - self.places)
        _, digits, exponent = number.as_tuple()
        kept = len(digits) + int(exponent) + self.places
        if int(exponent) < -self.places and any(digits[max(kept, 0) :]):
            raise CellRefused("number.places", places=self.places)
        if self.minimum is not None and number < self.minimum:
            raise CellRefused("number.minimum", minimum=decimal_text(Decimal(self.minimum)))
        if self.maximum is not None and number > self.maximum:
            raise CellRefused("number.maximum", maximum=decimal_text(Decimal(self.maximum)))
        return number


def _calendar_day(year: str, month: str, day: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError as error:
        raise CellRefused("date.no_such_day") from error


def _date_of(cell: Cell) -> date:
    if isinstance(cell, datetime):
        if cell.time() != time():
            raise CellRefused("date.time")
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool | time):
        raise CellRefused("date.format")
    text = _plain(cell)
    if match := _DATE.fullmatch(text):
        if match[4] and not _MIDNIGHT.fullmatch(match[4]):
            raise CellRefused("date.time")
        return _calendar_day(match[1], match[2], match[3])
    if match := _COMPACT_DATE.fullmatch(text):
        return _calendar_day(match[1], match[2], match[3])
    if _DAY_FIRST.fullmatch(text):
        raise CellRefused("date.order")
    if text.isascii() and text.isdigit() and len(text) <= 7 and 0 < int(text) <= _LAST_EXCEL_DAY:
        raise CellRefused("date.serial")
    raise CellRefused("date.format")


@dataclass(frozen=True, slots=True)
class Date(Kind):
    """A day: 2026-03-01, 2026/3/1, 2026年3月1日, 20260301 or a date cell. Day-first forms are refused as ambiguous."""

    storage: ClassVar[Storage] = "date"

    minimum: date = date(1900, 3, 1)
    maximum: date = date(9999, 12, 31)

    def parse(self, cell: Cell) -> date:
        day = _date_of(cell)
        if day < self.minimum:
            raise CellRefused("date.minimum", minimum=self.minimum.isoformat())
        if day > self.maximum:
            raise CellRefused("date.maximum", maximum=self.maximum.isoformat())
        return day

    def write(self, value: Any, language: str | None) -> date:
        if not isinstance(value, date) or isinstance(value, datetime):
            raise _wrong_type(value)
        return value


@dataclass(frozen=True, slots=True)
class Month(Kind):
    """A month, as the date of its first day: 2026-03, 2026/3, 2026年3月, 202603, or a cell with its first day."""

    def parse(self, cell: Cell) -> date:
        if not isinstance(cell, date | bool | time):
            text = _plain(cell)
            match = _MONTH.fullmatch(text) or _COMPACT_MONTH.fullmatch(text)
            if match:
                return _calendar_day(match[1], match[2], "1")
        try:
            day = _date_of(cell)
        except CellRefused as refused:
            raise CellRefused("month.format") from refused
        if day.day != 1:
            raise CellRefused("month.day")
        return day

    def write(self, value: Any, language: str | None) -> str:
        if not isinstance(value, date) or isinstance(value, datetime) or value.day != 1:
            raise _wrong_type(value)
        return value.isoformat()[:7]


_TRUE = frozenset(map(fold, ("true", "yes", "y", "t", "1", "on", "是", "真", "有", "对", "√", "✓", "✔")))
_FALSE = frozenset(map(fold, ("false", "no", "n", "f", "0", "off", "否", "假", "无", "错", "×", "✗", "✘")))


@dataclass(frozen=True, slots=True)
class Boolean(Kind):
    """Yes or no, in the words people use for it in Chinese and English."""

    storage: ClassVar[Storage] = "boolean"

    def parse(self, cell: Cell) -> bool:
        if isinstance(cell, bool):
            return cell
        word = fold(as_text(cell))
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        raise CellRefused("boolean.format")

    def write(self, value: Any, language: str | None) -> str | bool:
        if not isinstance(value, bool):
            raise _wrong_type(value)
        if language is None:
            return value
        if language.startswith("zh"):
            return "是" if value else "否"
        return "yes" if value else "no"


@dataclass(frozen=True)
class Choice(Kind):
    """One of ``options``: value → (Chinese, English). The value, either label or an alias is accepted.

    ``aliases`` maps a value to further spellings. Raises ``SchemaError`` if a spelling means two values.
    """

    options: Mapping[str, tuple[str, str]]
    aliases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    _values: dict[str, str] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for value, labels in self.options.items():
            for spelling in (value, *labels, *self.aliases.get(value, ())):
                known = self._values.setdefault(fold(spelling), value)
                if known != value:
                    raise SchemaError("schema.ambiguous", heading=spelling, first=known, second=value)

    def parse(self, cell: Cell) -> str:
        value = self._values.get(fold(as_text(cell)))
        if value is None:
            raise CellRefused(
                "choice.unknown",
                options_zh="、".join(zh for zh, _ in self.options.values()),
                options_en=", ".join(en for _, en in self.options.values()),
            )
        return value

    def write(self, value: Any, language: str | None) -> str:
        if value not in self.options:
            raise _wrong_type(value)
        if language is None:
            return str(value)
        return self.options[value][0 if language.startswith("zh") else 1]


@dataclass(frozen=True, slots=True)
class Email(Kind):
    """An e-mail address; its domain is made lower case, its local part is kept."""

    def parse(self, cell: Cell) -> str:
        text = _plain(cell)
        if len(text) > 254 or not _EMAIL.fullmatch(text):
            raise CellRefused("email.format")
        local, _, domain = text.rpartition("@")
        return f"{local}@{domain.lower()}"

    def write(self, value: Any, language: str | None) -> str:
        if not isinstance(value, str):
            raise _wrong_type(value)
        return value


@dataclass(frozen=True, slots=True)
class ListOf(Kind):
    """Several values of one kind in one cell, read as a tuple; written with the first of ``separators`` between them.

    In JSON Lines a list is accepted as well. An item may not contain a separator. Empty items are left out.
    """

    item: Kind = field(default_factory=Text)
    separators: str = ";；\n"
    max_items: int = 100

    def parse(self, cell: Cell) -> tuple[Any, ...]:
        if isinstance(cell, list):
            items = [self._without_separator(as_text(item)) for item in cell]
        else:
            items = re.split(f"[{re.escape(self.separators)}]", as_text(cell))
        values = tuple(self.item.parse(item) for item in items if item and not item.isspace())
        if len(values) > self.max_items:
            raise CellRefused("list.too_many", count=len(values), limit=self.max_items)
        return values

    def write(self, value: Any, language: str | None) -> str:
        if not isinstance(value, list | tuple):
            raise _wrong_type(value)
        texts = [self._without_separator(as_text(self.item.write(item, language))) for item in value]
        return self.separators[0].join(texts)

    def _without_separator(self, text: str) -> str:
        for separator in self.separators:
            if separator in text:
                raise CellRefused("list.separator", separator="\\n" if separator == "\n" else separator)
        return text
