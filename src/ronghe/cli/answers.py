"""How a command shows what a method answered: tables or JSON, assumptions, warnings, and a drawing on request."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from enum import Enum
from functools import partial
from typing import Any

import numpy as np

from ronghe.cli.console import Console
from ronghe.cli.display import table
from ronghe.cli.endings import CallRefused, ended
from ronghe.cli.results import result_file
from ronghe.methods.explained import Explanation, UnmetAssumption

# Larger numbers are written with an exponent: their last digits are those of the machine.
_LONGEST_WHOLE = 1e15

_STANDING = {True: "holds 成立", False: "FAILS 不成立", None: "unknown 未知"}


@dataclass(frozen=True, slots=True)
class Shown:
    """A table for the terminal; the columns in `words` hold text, all others numbers."""

    heading: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[int] = frozenset({0})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command has to show.

    `results` go into JSON whole, by name; `lines` stand under the tables; `draw` makes the SVG if one is asked for.
    """

    title: str
    tables: tuple[Shown, ...]
    explanations: tuple[Explanation, ...]
    results: Mapping[str, object]
    lines: tuple[str, ...] = ()
    draw: Callable[[], str] | None = field(default=None)


def add_answer_options(parser: argparse.ArgumentParser) -> None:
    """`--json`, `--out` and `--svg`."""
    parser.add_argument("--json", action="store_true", help="everything that the method gives, as one JSON object")
    parser.add_argument("--out", default="-", metavar="FILE", help="where to write the answer (standard output)")
    parser.add_argument("--svg", metavar="FILE", help="draw the answer into this file as well")


def answered(work: Callable[[argparse.Namespace, Console], Answer], options: argparse.Namespace) -> int:
    """Do the work and show its answer; return the exit status: 0, 1 with lines left out, 2 refused, 130 interrupted."""
    return ended(partial(_show, work, options), quiet=options.quiet)


def _show(work: Callable[[argparse.Namespace, Console], Answer], options: argparse.Namespace, console: Console) -> None:
    try:
        with _solvers_kept_silent():
            answer = work(options, console)
    except UnmetAssumption as unmet:
        raise CallRefused(f"no answer: {unmet.found}; {unmet.remedy} [{unmet.code}]") from unmet
    if options.svg:
        if answer.draw is None:
            raise CallRefused("--svg: there is nothing to draw in this answer")
        with result_file(options.svg) as stream:
            stream.write(answer.draw().encode())
    text = (
        json.dumps(_as_json(answer), ensure_ascii=False, indent=2, allow_nan=False) if options.json else _text(answer)
    )
    with result_file(options.out) as stream:
        stream.write((text + "\n").encode())


@contextmanager
def _solvers_kept_silent() -> Iterator[None]:
    """Meanwhile what compiled code writes to standard output goes to standard error.

    HiGHS prints a line of its own now and then whatever it is told; on standard output it would spoil the JSON.
    """
    sys.stdout.flush()
    kept = os.dup(1)
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _as_json(answer: Answer) -> dict[str, Any]:
    return {"title": answer.title} | {name: plain(result) for name, result in answer.results.items()}


def plain(value: object) -> Any:
    """Any result as values that JSON knows; a number that is none becomes null."""
    match value:
        case Enum():
            return plain(value.value)
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case date():
            return value.isoformat()
        case np.ndarray() | np.generic():
            return plain(value.tolist())
        case Mapping():
            return {str(plain(key)): plain(item) for key, item in value.items()}
        case list() | tuple() | frozenset() | set():
            return [plain(item) for item in value]
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {entry.name: plain(getattr(value, entry.name)) for entry in fields(value)}
    return str(value)


def _text(answer: Answer) -> str:
    parts = [answer.title]
    for shown in answer.tables:
        numeric = frozenset(range(len(shown.headings))) - shown.words
        parts += ["", *([shown.heading] if shown.heading else []), table(shown.headings, shown.rows, numeric)]
    if answer.lines:
        parts += ["", *answer.lines]
    for explanation in answer.explanations:
        parts += ["", *explained(explanation)]
    return "\n".join(parts)


def explained(explanation: Explanation) -> list[str]:
    """Method, inputs, assumptions and warnings, one a line."""
    lines = [f"Method 方法: {explanation.method} version {explanation.version}; inputs {explanation.inputs_hash}"]
    if explanation.assumptions:
        rows = [(_STANDING[one.holds], one.code, one.detail) for one in explanation.assumptions]
        lines += ["", table(("Standing", "Assumption 前提", "Found"), rows, frozenset())]
    if explanation.warnings:
        lines += ["", *(f"Warning 注意: {warning.text} [{warning.code}]" for warning in explanation.warnings)]
    return lines


def number(value: float | None, digits: int = 4) -> str:
    """A number of so many digits, larger ones whole with thousands; "—" where there is none."""
    if value is None or not math.isfinite(value):
        return "—"
    return f"{value:,.0f}" if 10**digits <= abs(value) < _LONGEST_WHOLE else f"{value:.{digits}g}"


def share(value: float | None) -> str:
    """A share in per cent with one decimal; "—" where there is none."""
    return "—" if value is None or not math.isfinite(value) else f"{100 * value:.1f}%"


def interval(low: float | None, high: float | None, write: Callable[[float | None], str] = number) -> str:
    """Both ends in brackets; "—" where there is no interval."""
    if low is None or high is None:
        return "—"
    ends = ["∞" if end == math.inf else "-∞" if end == -math.inf else write(end) for end in (low, high)]
    return f"[{ends[0]}, {ends[1]}]"


def positive(text: str) -> int:
    """A whole number of at least 1, for an option."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return value


def day(text: str) -> date:
    """A day, for an option."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: write it as 2026-08-31 (year-month-day)") from error


def proportion(text: str) -> float:
    """A number between 0 and 1, for an option."""
    value = float(text)
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError("it must lie between 0 and 1, such as 0.95")
    return value
