"""What can go wrong with a file of records, as exceptions and as row errors that know how to explain themselves.

    TabularError
    ├── FileRefused          the file as a whole cannot be read; nothing of it was handed on
    │   ├── WrongKind        it is not CSV, XLSX, JSON Lines or Parquet (old .xls, PDF, picture, HTML, locked …)
    │   ├── FileTooLarge     bytes, rows, columns or inflated size beyond the limits
    │   ├── FileDamaged      broken archive, XML, Parquet or encoding
    │   ├── HeadingsRefused  missing, repeated or ambiguous columns
    │   └── FileChanged      not the bytes that the dry run looked at
    ├── RowsRefused          the file can be read, but some rows are bad and were not to be skipped
    ├── ExportRefused        a value does not fit its column or the chosen kind of file
    └── SchemaError          a mistake of the programmer in a row schema

The wording lives in ``messages``. Bad rows are values (``RowError``), not exceptions: reading goes on after them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ronghe.tabular.messages import say

SHOWN_VALUE_LENGTH = 80


def shorten(value: object) -> str:
    """The value as text on one line, at most ``SHOWN_VALUE_LENGTH`` characters, for showing beside an error."""
    text = str(value)[: SHOWN_VALUE_LENGTH + 1].replace("\r", " ").replace("\n", " ").replace("\0", "␀")
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= SHOWN_VALUE_LENGTH else text[: SHOWN_VALUE_LENGTH - 1] + "…"


class TabularError(Exception):
    """Root of this package's exceptions: a code with parameters, worded in Chinese and English."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code, params)
        self.code = code
        self.params: Mapping[str, object] = params

    def message(self, language: str) -> str:
        """What was wrong and how to mend it; ``language`` is any tag, Chinese if it begins with ``zh``."""
        return say(self.code, self.params, language)

    @property
    def message_zh(self) -> str:
        return self.message("zh")

    @property
    def message_en(self) -> str:
        return self.message("en")

    def __str__(self) -> str:
        return self.message_en


class FileRefused(TabularError):
    """The file as a whole cannot be read."""


class WrongKind(FileRefused):
    """The content is of a kind that is not read here."""


class FileTooLarge(FileRefused):
    """The file is, or would become when inflated, larger than the limits allow."""


class FileDamaged(FileRefused):
    """The content contradicts its own format."""


class HeadingsRefused(FileRefused):
    """The headings do not give each required column exactly once."""


class FileChanged(FileRefused):
    """The bytes are not the ones that were looked at before."""


class ExportRefused(TabularError):
    """A value cannot be written so that it would be read back unchanged."""


class SchemaError(TabularError, ValueError):
    """A row schema contradicts itself."""


@dataclass(frozen=True, slots=True)
class BadCell:
    """In place of a cell's value: why there is none, and what stood there."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    shown: str = ""


class CellRefused(TabularError):
    """A kind raises it when a cell is not of that kind; readers turn it into a ``RowError``."""


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong with one row.

    ``line`` is what a person sees: the line in an editor (CSV, JSON Lines), the row number of the sheet (XLSX), the
    record number from 1 (Parquet). ``column`` is the heading as the file has it (the schema's name where the
    file has none), "" when the whole row is meant; ``name`` the schema's name of that column, or "".
    """

    line: int
    column: str
    code: str
    value: str = ""
    name: str = ""
    params: Mapping[str, object] = field(default_factory=dict)

    def message(self, language: str) -> str:
        return say(self.code, self.params, language)

    @property
    def message_zh(self) -> str:
        return self.message("zh")

    @property
    def message_en(self) -> str:
        return self.message("en")

    def as_dict(self, language: str) -> dict[str, Any]:
        """Plain values for JSON or a results file."""
        return {
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "value": self.value,
            "message": self.message(language),
        }


@dataclass(frozen=True, slots=True)
class FileWarning:
    """Something about the file that does not stop it from being read but that a person should know."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def message(self, language: str) -> str:
        return say(self.code, self.params, language)


class RowsRefused(TabularError):
    """Some rows are bad; ``errors`` holds the first of them, ``errors_total`` counts all."""

    def __init__(self, errors: tuple[RowError, ...], errors_total: int, rows_bad: int) -> None:
        first = errors[0]
        super().__init__(
            "rows.refused",
            rows=rows_bad,
            errors=errors_total,
            line=first.line,
            reason_zh=first.message_zh,
            reason_en=first.message_en,
        )
        self.errors = errors
        self.errors_total = errors_total
        self.rows_bad = rows_bad
