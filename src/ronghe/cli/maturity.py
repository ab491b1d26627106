"""`ronghe maturity`: the capability of nine areas and the staged level from evidence listed in a spreadsheet."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any

from ronghe.cli.answers import Answer, Shown, add_answer_options, answered, day, interval, proportion, share
from ronghe.cli.console import Console
from ronghe.cli.tables import Number, add_table_options, columns_help, read_file, read_rows
from ronghe.methods import maturity
from ronghe.methods.explained import UnmetAssumption
from ronghe.tabular import Column, Date, Integer, Row, Text

COLUMNS = (
    Column("practice", Text(100), zh="实践", required=True, help_en="the code of the practice"),
    Column(
        "area",
        Text(100),
        zh="领域",
        required=True,
        help_en="such as policy.matching; the same on each line of a practice",
    ),
    Column("level", Integer(2, 5), zh="等级", required=True, help_en="2 to 5; the same on each line of a practice"),
    Column(
        "due", Date(), zh="到期日", help_en="the day an instance was due; blank on a line that only names the practice"
    ),
    Column("reference", Text(200), zh="编号", help_en="tells the instances of a practice apart (the line, if blank)"),
    Column("evidence", Date(), zh="证据日期", help_en="the day of direct evidence; blank if there is none"),
    Column("party", Text(200), zh="证据方", default="", help_en="who gave it"),
    Column("corroboration", Date(), zh="佐证日期", help_en="the day another party or system bore it out"),
    Column("corroborated_by", Text(200), zh="佐证方", default="", help_en="who bore it out: not the party itself"),
)
PERIOD_COLUMNS = (
    Column("area", Text(100), zh="领域", required=True, help_en="the area whose leading measure it is"),
    Column("value", Number(), zh="数值", required=True, help_en="one a period, oldest first"),
)


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe maturity`."""
    add_table_options(parser, COLUMNS, example="ronghe maturity evidence.xlsx --as-of 2026-08-31")
    parser.epilog = f"{parser.epilog}\n\nof the table of periods: {columns_help(PERIOD_COLUMNS, '--periods FILE')}"
    add_answer_options(parser)
    parser.add_argument("--as-of", type=day, required=True, metavar="DAY", help="the day to rate")
    parser.add_argument("--periods", metavar="FILE", help="values by period, which level 4 asks for")
    parser.add_argument(
        "--improved", action="append", default=[], metavar="AREA", help="an area with a verified improvement (level 5)"
    )
    parser.add_argument(
        "--not-applicable", action="append", default=[], metavar="AREA", help="an area that officially does not apply"
    )
    parser.add_argument("--confidence", type=proportion, default=0.95, metavar="SHARE", help="(%(default)s)")


def run(options: argparse.Namespace) -> int:
    """Answer; return the exit status."""
    return answered(_work, options)


def _work(options: argparse.Namespace, console: Console) -> Answer:
    rows = read_rows(options, COLUMNS, console)
    periods: dict[maturity.Area, list[float]] = {}
    if options.periods:
        for row in read_file(options.periods, options.periods, PERIOD_COLUMNS, console, skip_bad=options.skip_bad):
            periods.setdefault(maturity.Area(row.record["area"]), []).append(row.record["value"])
    found = maturity.maturity(
        maturity.MaturityInputs(
            practices=_practices(rows),
            instances=tuple(_instance(row) for row in rows if row.record["due"] is not None),
            as_of=options.as_of,
            periods=periods,
            improvements={maturity.Area(code): options.improved.count(code) for code in options.improved},
            not_applicable=frozenset(map(maturity.Area, options.not_applicable)),
            confidence=options.confidence,
        )
    )
    return Answer(
        f"Maturity on {found.as_of.isoformat()}: level {found.staged} 成熟度等级 {found.staged}",
        (_areas(found), _practice_table(found, options.confidence)),
        (found.explanation,),
        {"maturity": found},
        _absent(found, options.not_applicable),
        partial(_drawn, found),
    )


def _absent(found: maturity.Maturity, not_applicable: Sequence[str]) -> tuple[str, ...]:
    """A line about areas of which the file says nothing, so that a level of some is not taken for one of all."""
    present = {area.area.code for area in found.areas} | set(not_applicable)
    absent = [area.code for area in maturity.AREAS if area.code not in present]
    return (f"Not in the file, and not rated 文件中没有: {', '.join(absent)}",) if absent else ()


def _practices(rows: Sequence[Row[dict[str, Any]]]) -> tuple[maturity.Practice, ...]:
    found: dict[str, tuple[maturity.Practice, int]] = {}
    for row in rows:
        one = maturity.Practice(row.record["practice"], maturity.Area(row.record["area"]), row.record["level"])
        before, line = found.setdefault(one.code, (one, row.line))
        if before != one:
            raise UnmetAssumption(
                "maturity.duplicated_practice",
                f"lines {line} and {row.line} give {one.code} different areas or levels",
                "write the same area and level on each of its lines",
            )
    return tuple(practice for practice, _ in found.values())


def _instance(row: Row[dict[str, Any]]) -> maturity.Instance:
    record = row.record
    return maturity.Instance(
        practice=record["practice"],
        reference=record["reference"] or f"line {row.line}",
        due=record["due"],
        evidence=record["evidence"],
        party=record["party"],
        corroboration=record["corroboration"],
        corroborated_by=record["corroborated_by"],
    )


def _areas(found: maturity.Maturity) -> Shown:
    rows = tuple((area.area.code, str(area.capability), ", ".join(area.held_back_by) or "—") for area in found.areas)
    return Shown("", ("Area 领域", "Capability 能力等级", "Held back by 受制于"), rows, frozenset({0, 2}))


def _practice_table(found: maturity.Maturity, confidence: float) -> Shown:
    rows = tuple(
        (
            area.area.code,
            rating.practice.code,
            str(rating.practice.level),
            f"{rating.met} of {rating.due}",
            share(rating.share),
            interval(rating.low, rating.high, share),
            rating.rating.value,
        )
        for area in found.areas
        for rating in area.practices
    )
    headings = (
        "Area 领域", "Practice 实践", "Level 等级", "Met of due 达成", "Share 占比", f"{confidence:.0%} interval 区间",
        "Rating 评级",
    )  # fmt: skip
    return Shown("", headings, rows, frozenset({0, 1, 6}))


def _drawn(found: maturity.Maturity) -> str:
    from ronghe.cli.drawing import interval_plot
    from ronghe.web.charts.rows import Measured

    entries = [
        Measured(f"{rating.practice.code} ({rating.practice.level})", rating.share, rating.low, rating.high)
        for area in found.areas
        for rating in area.practices
    ]
    return interval_plot("Evidence met of what was due 证据达成率", entries, "Share 占比", from_zero=True)
