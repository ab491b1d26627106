"""What a reader finds in one cell, before any schema is applied, and the canonical text of it."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from ronghe.tabular.errors import BadCell, CellRefused

Cell = str | int | Decimal | bool | date | datetime | time | list[Any] | dict[str, Any] | BadCell | None
"""CSV gives only text; JSON Lines also lists and objects; XLSX and Parquet numbers, booleans and dates. Never a float:
readers make decimals of them, so that 0.1 stays 0.1. ``None`` is an empty cell."""

FORMULA_STARTS = "=+-@\t\r\n＝＋－＠"  # Excel takes the full-width forms for formulas in some locales
_NEUTRALISE = re.compile(rf"'*[{re.escape(FORMULA_STARTS)}]")
_NEUTRALISED = re.compile(rf"'+[{re.escape(FORMULA_STARTS)}]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_IGNORED_IN_NAMES = re.compile(r"[\s_\-*\u200b-\u200d\u2060\ufeff]+|:+$")


def neutralise(text: str) -> str:
    """Text that a spreadsheet would take for a formula, made harmless by a leading apostrophe (CSV has no types).

    Text that already has apostrophes before such a character gets one more, so ``restore`` is its exact inverse.
    """
    return "'" + text if _NEUTRALISE.match(text) else text


def restore(text: str) -> str:
    """The inverse of ``neutralise``; other text is returned unchanged."""
    return text[1:] if text.startswith("'") and _NEUTRALISED.match(text) else text


def fold(name: str) -> str:
    """A heading or choice reduced to what counts when people write it: width, case, spaces, _, - and * do not."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    return _IGNORED_IN_NAMES.sub("", plain) or plain


def is_blank(cell: Cell) -> bool:
    """Whether there is nothing to read in the cell: absent, empty or white space."""
    return cell is None or (isinstance(cell, str) and (not cell or cell.isspace()))


def decimal_text(number: Decimal) -> str:
    """A decimal in plain digits without trailing zeros: 1E+2 is 100, 2.50 is 2.5."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_text(cell: Cell) -> str:
    """The cell as text, the same from every format: 1.0 is "1", dates are ISO, true is "true", empty is "".

    Raises ``CellRefused`` for nested values and for cells that could not be read.
    """
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, Decimal):
        return decimal_text(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, BadCell):
        raise CellRefused(cell.code, **cell.params)
    raise CellRefused("cell.nested")


def is_clean(text: str) -> bool:
    """Whether text can be stored and written everywhere: no NUL, no unpaired surrogate."""
    if "\0" in text:
        return False
    return text.isascii() or not _SURROGATE.search(text)
