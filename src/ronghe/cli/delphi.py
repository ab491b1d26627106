"""`ronghe delphi`: consensus, stability and the stop rule of rounds in a spreadsheet, without a server."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any

from ronghe.cli.answers import (
    Answer,
    Shown,
    add_answer_options,
    answered,
    interval,
    number,
    positive,
    proportion,
    share,
)
from ronghe.cli.console import Console
from ronghe.cli.tables import Number, add_table_options, read_rows
from ronghe.methods import delphi
from ronghe.methods.explained import Explanation, UnmetAssumption
from ronghe.tabular import Column, Integer, Row, Text

COLUMNS = (
    Column("round", Integer(1, 99), zh="轮次", default=1, help_en="1, 2, 3; without it, all answers are one round's"),
    Column(
        "expert",
        Text(200),
        zh="专家",
        required=True,
        aliases=("代号",),
        help_en="what tells experts apart, the same in every round (a token will do)",
    ),
    Column("item", Text(500), zh="条目", required=True, help_en="what was asked"),
    Column(
        "answer",
        Number(),
        zh="评分",
        required=True,
        aliases=("rating",),
        help_en="on the scale; one an expert and round",
    ),
)


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe delphi`."""
    add_table_options(parser, COLUMNS, example="ronghe delphi answers.xlsx --scale 1 5 --band 4 5")
    add_answer_options(parser)
    criterion = parser.add_argument_group("criterion, fixed before the first round")
    criterion.add_argument("--scale", nargs=2, type=float, default=(1, 5), metavar=("LOW", "HIGH"), help="(1 5)")
    criterion.add_argument(
        "--step", type=float, default=1, metavar="STEP", help="of the scale; 0 for any (%(default)s)"
    )
    criterion.add_argument("--band", nargs=2, type=float, metavar=("LOW", "HIGH"), help="what agrees (upper quarter)")
    rules = [rule.value for rule in delphi.Rule]
    criterion.add_argument("--rule", choices=rules, default="either", help="what makes consensus (%(default)s)")
    criterion.add_argument("--least-share", type=proportion, default=0.75, metavar="SHARE", help="(%(default)s)")
    criterion.add_argument("--most-variation", type=float, default=0.25, metavar="CV", help="(%(default)s)")
    criterion.add_argument("--most-spread", type=float, metavar="IQR", help="(a quarter of the scale)")
    criterion.add_argument("--most-change", type=proportion, default=0.15, metavar="SHARE", help="(%(default)s)")
    criterion.add_argument("--most-rounds", type=positive, default=3, metavar="N", help="(%(default)s)")
    criterion.add_argument("--recorded-hash", metavar="HASH", help="refuse a criterion that is not the recorded one")
    levels = [level.value for level in delphi.Level]
    parser.add_argument("--level", choices=levels, default="ordinal", help="of Krippendorff's alpha (%(default)s)")


def run(options: argparse.Namespace) -> int:
    """Answer; return the exit status."""
    return answered(_work, options)


def _criterion(options: argparse.Namespace) -> delphi.Criterion:
    low, high = options.scale
    scale = delphi.Scale(low, high, options.step or None)
    return delphi.Criterion(
        band=tuple(options.band) if options.band else (high - (high - low) / 4, high),
        scale=scale,
        rule=delphi.Rule(options.rule),
        least_share=options.least_share,
        most_variation=options.most_variation,
        most_spread=options.most_spread,
        most_change=options.most_change,
        most_rounds=options.most_rounds,
    )


def _work(options: argparse.Namespace, console: Console) -> Answer:
    criterion = _criterion(options)
    rounds = _rounds(read_rows(options, COLUMNS, console))
    decision = delphi.decide(delphi.StudyQuestion(rounds, criterion, options.recorded_hash))
    explanations = [decision.explanation]
    results: dict[str, object] = {"decision": decision}
    lines = [
        _sentence(decision),
        f"Criterion 判据: {criterion.hash}",
        *_concordance(rounds[-1], delphi.Level(options.level), results, explanations, len(rounds)),
    ]
    return Answer(
        f"Delphi after {len(rounds)} rounds 德尔菲法",
        (_table(decision.items),),
        tuple(explanations),
        results,
        tuple(lines),
        partial(_drawn, decision.items),
    )


def _rounds(rows: Sequence[Row[dict[str, Any]]]) -> tuple[delphi.Ratings, ...]:
    """The answers by round; one given twice is told with both lines."""
    answers: dict[int, list[tuple[str, str, float]]] = {}
    seen: dict[tuple[int, str, str], int] = {}
    for row in rows:
        record = row.record
        key = (record["round"], record["expert"], record["item"])
        if key in seen:
            raise UnmetAssumption(
                "delphi.one_answer",
                f"lines {seen[key]} and {row.line} both hold the answer of {record['expert']} to “{record['item']}”",
                "keep the one that counts",
            )
        seen[key] = row.line
        answers.setdefault(record["round"], []).append((record["expert"], record["item"], record["answer"]))
    missing = sorted(set(range(1, max(answers) + 1)) - set(answers))
    if missing:
        raise UnmetAssumption(
            "delphi.rounds", f"there is no answer of round {missing[0]}", "number rounds from 1 without a gap"
        )
    return tuple(delphi.Ratings.of_answers(answers[number]) for number in sorted(answers))


def _table(items: Sequence[delphi.ItemDecision]) -> Shown:
    rows = []
    for entry in items:
        found, moved = entry.agreement, entry.stability
        rows.append(
            (
                entry.item,
                str(entry.last_round),
                str(found.answers),
                number(found.median),
                interval(found.lower_quartile, found.upper_quartile),
                number(found.mean, 3),
                number(found.variation, 2),
                share(found.share),
                interval(found.share_low, found.share_high, share),
                {True: "yes 是", False: "no 否", None: "—"}[found.consensus],
                share(None if moved is None else moved.change),
                entry.state.value,
            )
        )
    headings = (
        "Item 条目", "Round 轮", "Answers 人数", "Median 中位数", "Quartiles 四分位", "Mean 均值", "CV 变异系数",
        "In band 占比", "95% interval 区间", "Consensus 共识", "Change 变动", "State 状态",
    )  # fmt: skip
    return Shown("", headings, tuple(rows), frozenset({0, 9, 11}))


def _sentence(decision: delphi.Decision) -> str:
    if decision.reason == "continue":
        return f"Ask again 继续下一轮: {', '.join(decision.ask_again)}"
    return {
        "settled": "Stop 停止: every item is settled",
        "last_round": "Stop 停止: the planned rounds are over",
    }[decision.reason]


def _concordance(
    ratings: delphi.Ratings,
    level: delphi.Level,
    results: dict[str, object],
    explanations: list[Explanation],
    last: int,
) -> list[str]:
    """W and alpha of the last round, or why there is none; added to the results."""
    lines = []
    try:
        concordance = delphi.kendalls_w(delphi.ConcordanceQuestion(ratings))
        results["concordance"] = concordance
        explanations.append(concordance.explanation)
        lines.append(
            f"Kendall's W of round {last}: {concordance.w:.3f}, χ²({concordance.degrees}) = "
            f"{concordance.chi_squared:.2f}, p {_chance(concordance.p)}"
        )
    except UnmetAssumption as unmet:
        lines.append(f"Kendall's W of round {last}: none, {unmet}")
    try:
        reliability = delphi.krippendorffs_alpha(delphi.ReliabilityQuestion(ratings, level))
        results["reliability"] = reliability
        explanations.append(reliability.explanation)
        lines.append(
            f"Krippendorff's α of round {last} ({level.value}): {reliability.alpha:.3f}, 95% interval "
            f"{interval(reliability.low, reliability.high)}"
        )
    except UnmetAssumption as unmet:
        lines.append(f"Krippendorff's α of round {last}: none, {unmet}")
    return lines


def _chance(p: float) -> str:
    """A p-value with its sign: never one that reads as if chance were ruled out."""
    return "< 0.0001" if p < 0.0001 else f"= {p:.4f}"


def _drawn(items: Sequence[delphi.ItemDecision]) -> str:
    from ronghe.cli.drawing import interval_plot
    from ronghe.web.charts.rows import Measured

    entries = [
        Measured(entry.item, found.median, found.lower_quartile, found.upper_quartile)
        for entry in items
        for found in [entry.agreement]
    ]
    return interval_plot("Medians and quartiles 中位数与四分位", entries, "Answer 评分", from_zero=False)
