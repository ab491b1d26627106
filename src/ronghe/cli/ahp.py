"""`ronghe ahp`: weights from pairwise judgments in a spreadsheet, of one expert or a panel, without a server."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any

from ronghe.cli.answers import Answer, Shown, add_answer_options, answered, interval, number, positive, proportion
from ronghe.cli.console import Console
from ronghe.cli.tables import Number, add_table_options, read_rows
from ronghe.methods import ahp
from ronghe.methods.explained import UnmetAssumption
from ronghe.tabular import Column, Row, Text

COLUMNS = (
    Column("expert", Text(200), zh="专家", help_en="who judged; without it, all judgments are one expert's"),
    Column("first", Text(200), zh="前项", required=True, help_en="what is compared"),
    Column("second", Text(200), zh="后项", required=True, help_en="what it is compared with"),
    Column(
        "ratio",
        Number(ratio=True),
        zh="比值",
        required=True,
        help_en="how many times as important the first is as the second: 3, or 1/3 (Saaty's scale 1/9 to 9)",
    ),
)
_TABLES = {table.name: table for table in (ahp.SIMULATED, ahp.SAATY)}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe ahp`."""
    add_table_options(parser, COLUMNS, example="ronghe ahp judgments.csv --svg weights.svg")
    add_answer_options(parser)
    parser.add_argument("--random-index", choices=_TABLES, default=ahp.SIMULATED.name, help="table (%(default)s)")
    parser.add_argument(
        "--confidence", type=proportion, default=0.95, metavar="SHARE", help="of intervals (%(default)s)"
    )
    parser.add_argument("--replicates", type=positive, default=2000, metavar="N", help="drawn panels (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the draws (%(default)s)")


def run(options: argparse.Namespace) -> int:
    """Answer; return the exit status."""
    return answered(_work, options)


def _work(options: argparse.Namespace, console: Console) -> Answer:
    rows = read_rows(options, COLUMNS, console)
    experts = _by_expert(rows)
    table = _TABLES[options.random_index]
    if len(experts) == 1:
        return _one(ahp.priorities(ahp.PriorityQuestion(next(iter(experts.values())), table)))
    found = ahp.panel_priorities(
        ahp.PanelQuestion(
            tuple(experts.values()),
            tuple(experts),
            confidence=options.confidence,
            replicates=options.replicates,
            seed=options.seed,
            random_index=table,
        )
    )
    return _panel(found)


def _by_expert(rows: Sequence[Row[dict[str, Any]]]) -> dict[str, ahp.Comparisons]:
    """Judgments by expert, in the order of the file; a refused judgment is told with the lines it stands on."""
    items = tuple(dict.fromkeys(name for row in rows for name in (row.record["first"], row.record["second"])))
    judgments: dict[str, list[ahp.Judgment]] = {}
    lines: dict[str, list[int]] = {}
    for row in rows:
        expert = row.record["expert"] or "1"
        one = ahp.Judgment(row.record["first"], row.record["second"], row.record["ratio"])
        judgments.setdefault(expert, []).append(one)
        lines.setdefault(expert, []).append(row.line)
    found = {}
    for expert, given in judgments.items():
        try:
            found[expert] = ahp.Comparisons(items, tuple(given))
        except UnmetAssumption as unmet:
            where = f"lines {min(lines[expert])} to {max(lines[expert])}, expert {expert}"
            raise UnmetAssumption(unmet.code, f"{where}: {unmet.found}", unmet.remedy) from unmet
    return found


def _one(found: ahp.Priorities) -> Answer:
    rows = tuple(
        (item, number(weight), number(other))
        for item, weight, other in zip(found.items, found.weights, found.least_squares, strict=True)
    )
    index = found.random_index
    lines = [
        f"Consistency 一致性: CR = {number(found.consistency_ratio)}, λmax = {number(found.eigenvalue, 6)}, "
        f"random index {number(index.value)} ({index.table}, {index.found}; {index.missing} judgments missing)"
    ]
    lines += [f"Completed 补全: {first} : {second}" for first, second in found.completed]
    if found.worst_triad is not None:
        lines.append(_triad(found.worst_triad))
    return Answer(
        "Weights by pairwise comparison 层次分析法权重",
        (Shown("", ("Item 项目", "Weight 权重", "Least squares 最小二乘"), rows),),
        (found.explanation,),
        {"priorities": found},
        tuple(lines),
        partial(_drawn, found.items, found.weights, (), ()),
    )


def _triad(triad: ahp.Triad) -> str:
    return (
        f"Worst triad 最矛盾的三元组: {triad.first.first}, {triad.first.second}, {triad.second.second}: "
        f"{triad.across.first} to {triad.across.second} is {triad.across.ratio:.3g}, "
        f"the others imply {triad.implied:.3g}"
    )


def _panel(found: ahp.PanelPriorities) -> Answer:
    low, high = found.low or (), found.high or ()
    weights = tuple(
        (
            item,
            number(weight),
            interval(low[place], high[place]) if low else "—",
            number(found.least_squares[place]),
        )
        for place, (item, weight) in enumerate(zip(found.items, found.weights, strict=True))
    )
    experts = []
    for name, one in zip(found.experts, found.individual, strict=True):
        ratio, triad = (None, None) if one is None else (one.consistency_ratio, one.worst_triad)
        experts.append((name, number(ratio), "—" if triad is None else _triad(triad).split(": ", 1)[1]))
    return Answer(
        f"Weights of a panel of {len(found.experts)} experts 专家组权重",
        (
            Shown(
                "",
                ("Item 项目", "Weight 权重", f"{found.confidence:.0%} interval 区间", "Least squares 最小二乘"),
                weights,
            ),
            Shown("", ("Expert 专家", "CR", "Worst triad 最矛盾的三元组"), tuple(experts), frozenset({0, 2})),
        ),
        (found.explanation,),
        {"panel": found},
        (),
        partial(_drawn, found.items, found.weights, low, high),
    )


def _drawn(items: Sequence[str], weights: Sequence[float], low: Sequence[float], high: Sequence[float]) -> str:
    from ronghe.cli.drawing import interval_plot
    from ronghe.web.charts.rows import Measured

    entries = [
        Measured(item, weights[place], low[place] if low else None, high[place] if high else None)
        for place, item in enumerate(items)
    ]
    return interval_plot("Weights 权重", entries, "Weight 权重", from_zero=True)
