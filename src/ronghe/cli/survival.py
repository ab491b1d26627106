"""`ronghe survival`: Kaplan–Meier, log-rank and Cox regression of durations in a spreadsheet, without a server."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any

from ronghe.cli.answers import Answer, Shown, add_answer_options, answered, interval, number, proportion
from ronghe.cli.console import Console
from ronghe.cli.endings import CallRefused
from ronghe.cli.tables import Number, add_table_options, read_rows
from ronghe.methods import survival
from ronghe.methods.explained import Explanation, UnmetAssumption
from ronghe.tabular import Boolean, Column, Row, Text

COLUMNS = (
    Column(
        "time",
        Number(minimum=0),
        zh="时间",
        required=True,
        help_en="how long the unit was observed, in any one unit of time",
    ),
    Column(
        "event",
        Boolean(),
        zh="事件",
        required=True,
        help_en="1 or yes where the event ended it, 0 or no where it was cut short",
    ),
    Column("group", Text(200), zh="组别", help_en="what is compared"),
    Column("stratum", Text(200), zh="分层", help_en="within what it is compared"),
    Column("weight", Number(minimum=0), zh="权重", help_en="how many like units the line stands for (1)"),
    Column("unit", Text(200), zh="编号", help_en="names the unit; a name that comes twice is then refused"),
)


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe survival`."""
    add_table_options(parser, COLUMNS, example="ronghe survival employment.csv --at 12 --svg curves.svg")
    add_answer_options(parser)
    parser.add_argument("--at", type=float, action="append", default=[], metavar="TIME", help="survival at this time")
    parser.add_argument("--confidence", type=proportion, default=0.95, metavar="SHARE", help="(%(default)s)")
    parser.add_argument(
        "--covariate",
        action="append",
        default=[],
        metavar="HEADING",
        help="fit Cox's regression on this column of numbers",
    )


def run(options: argparse.Namespace) -> int:
    """Answer; return the exit status."""
    return answered(_work, options)


def _work(options: argparse.Namespace, console: Console) -> Answer:
    names = list(dict.fromkeys(options.covariate))
    columns = [*COLUMNS, *(Column(name, Number(), required=True) for name in names)]
    rows = read_rows(options, columns, console)
    _require_names(rows)
    durations = _durations(rows, options.confidence)
    found = survival.kaplan_meier(durations)
    tables = [_curves(found, options.at)]
    results: dict[str, object] = {"kaplan_meier": found}
    explanations: list[Explanation] = [found.explanation]
    lines = []
    at_times = {
        curve.group: {f"{time:g}": survival.survival_at(curve, time, found.explanation) for time in options.at}
        for curve in found.curves
    }
    if options.at:
        results["survival_at"] = at_times
    if len(found.curves) > 1:
        test = survival.log_rank(durations)
        results["log_rank"] = test
        explanations.append(test.explanation)
        lines.append(
            f"Log-rank 对数秩检验: χ²({test.degrees_of_freedom}) = {test.chi_square:.3f}, p = {test.p_value:.4g}"
        )
    if names:
        cox = survival.cox(
            survival.CoxRegression(durations, [[row.record[name] for name in names] for row in rows], names)
        )
        results["cox"] = cox
        explanations.append(cox.explanation)
        tables.append(_regression(cox, options.confidence))
    return Answer(
        f"Survival of {len(rows)} lines 生存分析",
        tuple(tables),
        tuple(explanations),
        results,
        tuple(lines),
        partial(_drawn, found.curves),
    )


def _require_names(rows: Sequence[Row[dict[str, Any]]]) -> None:
    """Refuse a column of names that is filled in part, and a unit that comes twice, by the lines of the file."""
    for name in ("group", "stratum", "unit"):
        blank = [row.line for row in rows if row.record[name] is None]
        if blank and len(blank) < len(rows):
            raise CallRefused(
                f"line {blank[0]}: {name} is blank here and on {len(blank)} lines in all, and given on others: fill it "
                "in, or leave these lines out"
            )
    seen: dict[str, int] = {}
    for row in rows:
        unit = row.record["unit"]
        if unit is not None and seen.setdefault(unit, row.line) != row.line:
            raise UnmetAssumption(
                "survival.duplicated_unit",
                f"lines {seen[unit]} and {row.line} both name the unit {unit}",
                "give one line a unit, or weights for like units",
            )


def _durations(rows: Sequence[Row[dict[str, Any]]], confidence: float) -> survival.Durations:
    def column(name: str, blank: object = None) -> list[Any] | None:
        values = [row.record[name] for row in rows]
        if all(value is None for value in values):
            return None
        return [blank if value is None else value for value in values]

    return survival.Durations(
        time=[row.record["time"] for row in rows],
        event=[row.record["event"] for row in rows],
        group=column("group"),
        stratum=column("stratum"),
        weight=column("weight", 1.0),
        unit=column("unit"),
        confidence=confidence,
    )


def _curves(found: survival.KaplanMeier, times: Sequence[float]) -> Shown:
    rows = []
    for curve in found.curves:
        median, low, high = survival.quantile(curve)
        cells = [curve.group or "all 全部", number(curve.units), number(curve.events_seen), number(median)]
        cells.append(f"[{number(low)}, {number(high)}]")
        for time in times:
            at = survival.survival_at(curve, time, found.explanation)
            cells += [number(at.value), interval(at.low, at.high)]
        rows.append(tuple(cells))
    headings = ["Group 组别", "Units 单位数", "Events 事件", "Median 中位", "Its interval 区间"]
    for time in times:
        headings += [f"S({time:g})", "Interval 区间"]
    return Shown("", tuple(headings), tuple(rows))


def _regression(cox: survival.Cox, confidence: float) -> Shown:
    rows = tuple(
        (
            name,
            number(float(cox.hazard_ratio[place])),
            interval(float(cox.low[place]), float(cox.high[place])),
            number(float(cox.p_value[place]), 3),
            number(float(cox.proportional_p[place]), 3),
        )
        for place, name in enumerate(cox.names)
    )
    headings = (
        "Covariate 协变量",
        "Hazard ratio 风险比",
        f"{confidence:.0%} interval 区间",
        "p",
        "p proportional 比例性",
    )
    return Shown(f"Cox regression 比例风险回归: {cox.events} events of {cox.units}", headings, rows)


def _drawn(curves: Sequence[survival.Curve]) -> str:
    from ronghe.cli.drawing import Drawn, line_chart

    lines = []
    for curve in curves:
        x = (0.0, *curve.time.tolist(), curve.last)
        y = [1.0, *curve.survival.tolist()]
        low, high = [1.0, *curve.low.tolist()], [1.0, *curve.high.tolist()]
        lines.append(
            Drawn(
                curve.group or "all",
                x,
                (*y, y[-1]),
                (*low, low[-1]),
                (*high, high[-1]),
                steps=True,
            )
        )
    return line_chart("Survival 生存曲线", lines, "Time 时间", "S(t)")
