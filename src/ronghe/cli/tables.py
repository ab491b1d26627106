"""Reads the table that a method is asked about, every bad cell named by line and column; computes nothing.

A command says which columns it knows; `--help` lists them and `--column` renames them.
"""

from __future__ import annotations

import argparse
import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from ronghe.cli.console import Console
from ronghe.cli.endings import CallRefused
from ronghe.tabular import CellRefused, Column, FileRefused, Kind, Limits, Row, RowSchema, open_rows
from ronghe.tabular.cells import Cell, as_text

T = TypeVar("T")

# The person at the keyboard chose the file: only what a hostile file could do is bounded, not its size.
LIMITS = Limits(max_bytes=1 << 40, max_rows=1_000_000_000)


@dataclass(frozen=True, slots=True)
class Number(Kind):
    """A finite number with any digits, at least `minimum` if that is given; with `ratio`, "1/3" as well."""

    ratio: bool = False
    minimum: int | None = None

    def parse(self, cell: Cell) -> float:
        if isinstance(cell, bool):
            raise CellRefused("number.decimal")
        text = unicodedata.normalize("NFKC", as_text(cell)).replace("\N{MINUS SIGN}", "-").strip()
        above, slash, below = text.partition("/")
        try:
            value = float(Decimal(above)) / (float(Decimal(below)) if slash and self.ratio else 1.0)
        except (InvalidOperation, ValueError, ZeroDivisionError, OverflowError) as error:
            raise CellRefused("number.decimal") from error
        if (slash and not self.ratio) or not math.isfinite(value):
            raise CellRefused("number.decimal")
        if self.minimum is not None and value < self.minimum:
            raise CellRefused("number.minimum", minimum=self.minimum)
        return value

    def write(self, value: Any, language: str | None) -> str:
        return repr(float(value))


def add_table_options(parser: argparse.ArgumentParser, columns: Sequence[Column], *, example: str) -> None:
    """The file, how its columns are called, and a list of them at the end of the help."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("file", metavar="FILE", help="CSV or XLSX; - is standard input")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="NAME=HEADING",
        help="the heading under which a column of the list below stands in the file",
    )
    parser.add_argument("--skip-bad", action="store_true", help="leave out lines that cannot be used and go on")
    parser.add_argument("--quiet", action="store_true", help="no notes; bad lines are still told")
    parser.epilog = columns_help(columns, example)


def columns_help(columns: Sequence[Column], example: str) -> str:
    """The columns as `--help` shows them: English and Chinese heading, whether it is needed, what stands in it."""
    lines = ["columns (either heading, any order; others are ignored):"]
    for column in columns:
        needed = "" if column.required else " (may be absent or blank)"
        lines.append(f"  {column.name} / {column.zh}{needed}")
        lines.append(f"      {column.help_en}")
    return "\n".join([*lines, "", f"example: {example}"])


def read_rows(options: argparse.Namespace, columns: Sequence[Column], console: Console) -> list[Row[dict[str, Any]]]:
    """All rows of `options.file`, each a dict by column name.

    Every bad line is complained of. Raises `CallRefused` when there is one (unless `--skip-bad`), when no line can be
    used, and when the file cannot be read.
    """
    name = "standard input" if options.file == "-" else options.file
    return read_file(options.file, name, _renamed(columns, options.column), console, skip_bad=options.skip_bad)


def read_file(
    path: str, name: str, columns: Iterable[Column], console: Console, *, skip_bad: bool
) -> list[Row[dict[str, Any]]]:
    """`read_rows` of a file that is named otherwise."""
    good: list[Row[dict[str, Any]]] = []
    bad = 0
    try:
        with open_rows(path, schema=RowSchema(columns), limits=LIMITS) as rows:
            for row in rows:
                if isinstance(row, Row):
                    good.append(row)
                    continue
                bad += 1
                for error in row.errors:
                    where = f"column {error.column}: " if error.column else ""
                    found = f" (found {error.value!r})" if error.value else ""
                    console.complain(name, row.line, f"{where}{error.message_en}{found}")
            warnings = [warning.message("en") for warning in rows.warnings]
    except FileRefused as refused:
        raise CallRefused(f"{name}: {refused}") from refused
    for warning in warnings:
        console.note(f"{name}: {warning}")
    if bad and not skip_bad:
        raise CallRefused(f"{bad} lines of {name} cannot be used: mend them, or leave them out with --skip-bad")
    if not good:
        raise CallRefused(f"{name} has no line that can be used")
    return good


def _renamed(columns: Sequence[Column], given: Iterable[str]) -> list[Column]:
    by_name = {column.name: column for column in columns}
    for entry in given:
        name, equals, heading = entry.partition("=")
        if not equals or not heading.strip() or name not in by_name:
            raise CallRefused(f"--column {entry}: write NAME=HEADING with one of {', '.join(by_name)}")
        by_name[name] = replace(by_name[name], aliases=(*by_name[name].aliases, heading.strip()))
    return list(by_name.values())
