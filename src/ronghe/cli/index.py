"""`ronghe index`: one score a community from indicator values in a spreadsheet, with intervals of score and rank.

The goalposts and weights are those of a second table, or the definitions of the eight indicators with equal weights.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

import numpy as np

from ronghe.cli.answers import Answer, Shown, add_answer_options, answered, day, interval, number, positive, proportion
from ronghe.cli.console import Console
from ronghe.cli.endings import CallRefused
from ronghe.cli.tables import Number, add_table_options, columns_help, read_file, read_rows
from ronghe.methods import indicators
from ronghe.methods.explained import UnmetAssumption
from ronghe.tabular import Column, Row, Text

COLUMNS = (
    Column("community", Text(200), zh="共同体", required=True, help_en="whose value it is"),
    Column(
        "indicator", Text(200), zh="指标", required=True, help_en="the indicator's code, or its Chinese or English name"
    ),
    Column("value", Number(), zh="数值", help_en="in the unit of its goalposts; blank is no data"),
    Column("low", Number(), zh="下限", help_en="lower end of its 95% interval; both ends blank: exact"),
    Column("high", Number(), zh="上限", help_en="upper end of its 95% interval; both ends blank: exact"),
)
GOALPOST_COLUMNS = (
    Column("indicator", Text(200), zh="指标", required=True, help_en="as in the other table"),
    Column("lowest", Number(), zh="标尺下限", required=True, help_en="the value that scores 0"),
    Column("highest", Number(), zh="标尺上限", required=True, help_en="the value that scores 1"),
    Column("weight", Number(minimum=0), zh="权重", default=1.0, help_en="weights are made to add up to 1 (equal)"),
)


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe index`."""
    add_table_options(
        parser, COLUMNS, example="ronghe index values.xlsx --goalposts goalposts.csv --cut-off 2026-08-31"
    )
    parser.epilog = (
        f"{parser.epilog}\n\nof the table of goalposts: {columns_help(GOALPOST_COLUMNS, '--goalposts FILE')}"
    )
    add_answer_options(parser)
    parser.add_argument("--goalposts", metavar="FILE", help="indicators with goalposts and weights (the eight, equal)")
    parser.add_argument("--cut-off", type=day, required=True, metavar="DAY", help="the day up to which records count")
    parser.add_argument("--weight-version", metavar="TEXT", help="where the weights come from (the file's name)")
    parser.add_argument(
        "--sensitivity", action="store_true", help="beside it other ways of scoring, and leaving one out"
    )
    parser.add_argument("--confidence", type=proportion, default=0.95, metavar="SHARE", help="(%(default)s)")
    parser.add_argument("--replicates", type=positive, default=2000, metavar="N", help="(%(default)s)")
    parser.add_argument("--seed", type=int, default=20260101, metavar="N", help="of the draws (%(default)s)")


def run(options: argparse.Namespace) -> int:
    """Answer; return the exit status."""
    return answered(_work, options)


def _work(options: argparse.Namespace, console: Console) -> Answer:
    rows = read_rows(options, COLUMNS, console)
    names, goalposts, weights = _goalposts(options, console, rows)
    inputs = _inputs(options, rows, names, goalposts, weights)
    found = indicators.index(inputs)
    tables = [_scores(found)]
    results: dict[str, object] = {"index": found}
    explanations = [found.explanation]
    if options.sensitivity:
        views = indicators.sensitivity(inputs)
        results["sensitivity"] = views
        explanations.append(views.explanation)
        tables.append(_views(views))
    weighed = ", ".join(f"{name} {weight:.3f}" for name, weight in zip(found.indicators, found.weights, strict=True))
    return Answer(
        f"Index of {len(found.scores)} communities 综合指数",
        tuple(tables),
        tuple(explanations),
        results,
        (
            f"Data up to {found.cut_off.isoformat()}; definitions version {found.definition_version}; weights "
            f"“{found.weight_version}”: {weighed}",
        ),
        partial(_drawn, found),
    )


def _goalposts(
    options: argparse.Namespace, console: Console, rows: Sequence[Row[dict[str, Any]]]
) -> tuple[dict[str, str], list[indicators.Goalpost], list[float]]:
    """Indicators by the names they go by in the table, with goalposts and weights in their order."""
    if options.goalposts:
        given = read_file(options.goalposts, options.goalposts, GOALPOST_COLUMNS, console, skip_bad=options.skip_bad)
        names = {row.record["indicator"]: row.record["indicator"] for row in given}
        if len(names) < len(given):
            raise CallRefused(f"{options.goalposts} gives goalposts of an indicator twice: keep one line for each")
        goalposts = [indicators.Goalpost(row.record["lowest"], row.record["highest"], date.min) for row in given]
        return names, goalposts, [row.record["weight"] for row in given]
    used = {row.record["indicator"] for row in rows}
    chosen = [one for one in indicators.INDICATORS if used & {one.code, one.name_zh, one.name_en}]
    names = {name: one.code for one in chosen for name in (one.code, one.name_zh, one.name_en)}
    return names, [one.goalpost_on(options.cut_off) for one in chosen], [1.0] * len(chosen)


def _inputs(
    options: argparse.Namespace,
    rows: Sequence[Row[dict[str, Any]]],
    names: dict[str, str],
    goalposts: list[indicators.Goalpost],
    weights: list[float],
) -> indicators.IndexInputs:
    codes = list(dict.fromkeys(names.values()))
    communities = list(dict.fromkeys(row.record["community"] for row in rows))
    table = np.full((3, len(communities), len(codes)), np.nan)
    lines: dict[tuple[int, int], int] = {}
    for row in rows:
        record = row.record
        code = names.get(record["indicator"])
        if code is None:
            raise CallRefused(
                f"line {row.line}: “{record['indicator']}” has no goalposts; give them with --goalposts, or use one of "
                f"{', '.join(codes or [one.code for one in indicators.INDICATORS])}"
            )
        place = communities.index(record["community"]), codes.index(code)
        if place in lines:
            raise UnmetAssumption(
                "indicators.duplicated_value",
                f"lines {lines[place]} and {row.line} both give {code} of {record['community']}",
                "keep one of them",
            )
        lines[place] = row.line
        value = record["value"]
        if value is not None:
            ends = [record["low"], record["high"]]
            if ends == [None, None]:
                ends = [value, value]
            table[:, place[0], place[1]] = [value, *(np.nan if end is None else end for end in ends)]
    return indicators.IndexInputs(
        communities=communities,
        indicators=codes,
        values=table[0],
        low=table[1],
        high=table[2],
        goalposts=goalposts,
        weights=weights,
        weight_version=options.weight_version or (options.goalposts or "equal"),
        cut_off=options.cut_off,
        confidence=options.confidence,
        replicates=options.replicates,
        seed=options.seed,
    )


def _scores(found: indicators.Index) -> Shown:
    ordered = sorted(found.scores, key=lambda score: (score.rank is None, score.rank, score.community))
    rows = tuple(
        (
            score.community,
            number(score.geometric),
            interval(score.low, score.high),
            number(score.arithmetic),
            "—" if score.rank is None else str(score.rank),
            "—" if score.rank is None else f"{score.rank_low}–{score.rank_high}",
            ", ".join(score.missing),
        )
        for score in ordered
    )
    headings = (
        "Community 共同体", "Index 指数", f"{found.confidence:.0%} interval 区间", "Arithmetic 算术", "Rank 位次",
        "Its interval 区间", "No data 缺失",
    )  # fmt: skip
    return Shown("", headings, rows, frozenset({0, 6}))


def _views(found: indicators.Sensitivity) -> Shown:
    rows = tuple(
        (
            view.scoring.value,
            number(view.kendall_tau, 3),
            str(view.largest_shift),
            f"{view.runs_changed} of {view.runs}",
            str(view.largest_move),
        )
        for view in found.views
    )
    headings = (
        "Scoring 计分方式", "τ with the index", "Largest shift 最大差位", "Turned by leaving one out 剔除一家后改序",
        "Largest move 最大变动",
    )  # fmt: skip
    return Shown("Other ways of scoring, which decide nothing 敏感性视图", headings, rows)


def _drawn(found: indicators.Index) -> str:
    from ronghe.cli.drawing import interval_plot
    from ronghe.web.charts.rows import Measured

    scored = sorted((score for score in found.scores if score.rank is not None), key=lambda score: score.rank or 0)
    entries = [Measured(score.community, score.geometric, score.low, score.high) for score in scored]
    return interval_plot("Index with intervals 综合指数与区间", entries, "Index 指数", from_zero=True)
