"""JSON Lines: one object on each line; strict where JSON leaves a choice (repeated keys, NaN)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, islice
from typing import Any, NoReturn

from ronghe.tabular.cells import Cell
from ronghe.tabular.errors import BadCell, shorten
from ronghe.tabular.limits import Limits
from ronghe.tabular.rows import RawRow
from ronghe.tabular.schema import RowSchema
from ronghe.tabular.text import ESCAPED_BYTE, Lines, TextEncoding

_ROWS_LOOKED_AT_FOR_KEYS = 100
_EXAMPLE = '{"name": "…"}'


class _BadObject(Exception):
    """Raised through ``json`` by its hooks."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.problem = BadCell(code, params)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _BadObject("row.json_repeated_key", key=shorten(key))
            seen.add(key)
    return found


def _refuse_constant(constant: str) -> NoReturn:
    raise _BadObject("row.json_not_finite", constant=constant)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_without_repeats, parse_constant=_refuse_constant, parse_float=Decimal, strict=True
)


def _problem_of(text: str, encoding: TextEncoding, limits: Limits) -> BadCell | dict[str, Cell]:
    """The object on a line, or why there is none."""
    if "\0" in text:
        return BadCell("row.nul")
    if encoding.damaged and ESCAPED_BYTE.search(text):
        return BadCell("row.undecodable", {"encoding": encoding.name})
    try:
        found = _DECODER.decode(text)
    except _BadObject as bad:
        return bad.problem
    except json.JSONDecodeError as error:
        return BadCell("row.json", {"position": error.pos + 1})
    except (RecursionError, ValueError):
        return BadCell("row.json_too_deep")
    if not isinstance(found, dict):
        return BadCell("row.json_not_object", {"example": _EXAMPLE})
    if len(found) > limits.max_columns:
        return BadCell("file.too_many_columns", {"count": len(found), "limit": limits.max_columns})
    return found


def _rows(lines: Lines, encoding: TextEncoding, limits: Limits) -> Iterator[RawRow]:
    while (line := lines.next_line()) is not None:
        text, too_long = line
        text = text.strip("\ufeff \t\r\n")
        if not text:
            continue
        if too_long:
            found: BadCell | dict[str, Cell] = BadCell("row.too_long", {"limit": limits.max_row_length})
        else:
            found = _problem_of(text, encoding, limits)
        if isinstance(found, BadCell):
            yield RawRow(lines.number, (), [], BadCell(found.code, found.params, shorten(text)))
        elif any(value is not None and value != "" for value in found.values()):
            yield RawRow(lines.number, tuple(found), list(found.values()))


def read_json_lines(
    lines: Lines, encoding: TextEncoding, schema: RowSchema[Any] | None, limits: Limits
) -> tuple[tuple[str, ...], Iterator[RawRow]]:
    """The keys of the first hundred objects, and the rows with the keys of their line as headings.

    Raises ``HeadingsRefused`` if a required column is in none of those first objects.
    """
    rows = _rows(lines, encoding, limits)
    first = list(islice(rows, _ROWS_LOOKED_AT_FOR_KEYS))
    keys = tuple(dict.fromkeys(key for row in first for key in row.headings))
    if schema is not None and keys:
        found = {schema.find(key): key for key in reversed(keys)}
        schema.bind(tuple(found.values()))
    return keys, chain(first, rows)
