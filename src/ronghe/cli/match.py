"""`ronghe match`: students to positions from spreadsheets, stable or the best within quotas, with the reasons."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from ronghe.cli.answers import Answer, Shown, add_answer_options, answered, number, positive, share
from ronghe.cli.console import Console
from ronghe.cli.endings import CallRefused
from ronghe.cli.results import result_file
from ronghe.cli.tables import Number, add_table_options, columns_help, read_file, read_rows
from ronghe.methods import matching
from ronghe.methods.explained import UnmetAssumption
from ronghe.tabular import Boolean, Choice, Column, Integer, ListOf, Row, RowSchema, Text, write_rows

_IDENTIFIER = Text(100, identifier=True)
_GROUPS = ListOf(Text(100))
STUDENTS = (
    Column("student", _IDENTIFIER, zh="学生", required=True, help_en="who: a number or a name, once"),
    Column(
        "wishes",
        ListOf(Text(500), separators=";；\n", max_items=1000),
        zh="志愿",
        default=(),
        help_en="positions, best first, parted by semicolons; = between those wanted equally: P3; P1 = P7; P2",
    ),
    Column("groups", _GROUPS, zh="分组", default=(), help_en="what quotas name students by, parted by semicolons"),
)
POSITIONS = (
    Column("position", _IDENTIFIER, zh="岗位", required=True, help_en="which: a number or a name, once"),
    Column("seats", Integer(0, 1_000_000), zh="名额", required=True, help_en="how many it takes"),
    Column("least", Integer(0, 1_000_000), zh="至少录满", default=0, help_en="how many seats must be filled"),
    Column("opens_from", Integer(0, 1_000_000), zh="最低开放人数", default=0, help_en="with fewer students it closes"),
    Column("groups", _GROUPS, zh="分组", default=(), help_en="what quotas name positions by: a leader, a city"),
)
PAIRS = (
    Column("student", _IDENTIFIER, zh="学生", required=True, help_en="as in the first file"),
    Column("position", _IDENTIFIER, zh="岗位", required=True, help_en="as in the second file"),
    Column("fit", Number(), zh="匹配度", help_en="how well the skills suit; higher is better, 0 where none is given"),
    Column("ineligible", Text(300), zh="不符合条件", default="", help_en="why the student cannot take it"),
    Column("locked", Boolean(), zh="指定", default=False, help_en="yes: placed there whatever else"),
    Column("forbidden", Boolean(), zh="排除", default=False, help_en="yes: never"),
)
QUOTAS = (
    Column("name", Text(200), zh="名称", required=True, help_en="its own name"),
    Column("students", Text(100), zh="学生分组", help_en="a group of students (all, if blank)"),
    Column("positions", Text(100), zh="岗位分组", help_en="a group of positions (all, if blank)"),
    Column("least", Integer(0, 1_000_000), zh="至少", default=0, help_en="how many at least"),
    Column("most", Integer(0, 1_000_000), zh="至多", help_en="how many at most"),
    Column("least_share", Number(ratio=True, minimum=0), zh="最低占比", help_en="0.3 is 30%"),
    Column(
        "share_of",
        Choice({one.value: (label, one.value) for one, label in zip(
            matching.ShareOf, ("安排到该范围的学生", "该组学生", "该范围的名额"), strict=True)}),
        zh="占比基数",
        default=matching.ShareOf.PLACEMENTS.value,
        help_en="what the share is taken of: placements (if blank), students or seats",
    ),
)  # fmt: skip
COMPARISONS = (
    Column("student", _IDENTIFIER, zh="学生", required=True, help_en="as in the first file"),
    Column("better", _IDENTIFIER, zh="更想去", required=True, help_en="the position wanted more"),
    Column("worse", _IDENTIFIER, zh="不如", required=True, help_en="the position wanted less"),
)
ASSIGNMENTS: RowSchema[dict[str, Any]] = RowSchema(
    [
        Column("student", _IDENTIFIER, zh="学生", en="student", required=True),
        Column("position", _IDENTIFIER, zh="岗位", en="position", default=""),
        Column("rank", Integer(1, 1_000_000), zh="志愿序号", en="rank"),
        Column("fit", Number(), zh="匹配度", en="fit"),
        Column("why_zh", Text(20_000), zh="原因", en="why (Chinese)", default=""),
        Column("why_en", Text(20_000), zh="英文原因", en="why", default=""),
    ]
)


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe match`."""
    add_table_options(parser, STUDENTS, example="ronghe match students.csv positions.csv --quotas quotas.csv")
    parser.add_argument("positions", metavar="POSITIONS", help="CSV or XLSX")
    for name, columns in (("pairs", PAIRS), ("quotas", QUOTAS), ("comparisons", COMPARISONS)):
        parser.add_argument(f"--{name}", metavar="FILE", help="a further table; its columns stand below")
        parser.epilog = f"{parser.epilog}\n\nof --{name}: {columns_help(columns, '')}"
    parser.epilog = f"of POSITIONS: {columns_help(POSITIONS, '')}\n\nof FILE: {parser.epilog}"
    parser.add_argument("--mode", choices=("stable", "maximal"), default="stable", help="(%(default)s)")
    parser.add_argument(
        "--unlisted", choices=[one.value for one in matching.Unlisted], default=matching.Unlisted.REFUSED.value,
        help="a position that a student did not list: never, or after all that are listed (%(default)s)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, help="of the lots that break ties (%(default)s)")
    parser.add_argument("--seconds", type=positive, default=120, help="for the search (%(default)s)")
    parser.add_argument("--assignments", metavar="FILE", help="write who goes where and why into this CSV")
    add_answer_options(parser)


def run(options: argparse.Namespace) -> int:
    """Answer; return the exit status."""
    return answered(_work, options)


def _work(options: argparse.Namespace, console: Console) -> Answer:
    market = _market(options, console)
    if options.mode == "stable":
        found = matching.stable_matching(market, options.seconds)
    else:
        found = matching.maximal_matching(market, matching.Aims(seconds=options.seconds))
    given = matching.reasons(market, found)
    if options.assignments:
        with result_file(options.assignments) as stream:
            write_rows(map(_line, given.values()), ASSIGNMENTS, "csv", stream, language="en")
    fairness = found.fairness
    placed = fairness.overall.placed
    return Answer(
        f"{placed} of {fairness.overall.students} students placed 已安排 {placed} 人: {found.standing.value}",
        (_treatments(fairness), _ranks(fairness), *_proofs(found), _places(given.values())),
        (found.explanation,),
        {"matching": found, "reasons": given},
        _lines(found),
    )


def _rows(options: argparse.Namespace, path: str, columns: Sequence[Column], console: Console) -> list[dict[str, Any]]:
    return [row.record for row in read_file(path, path, columns, console, skip_bad=options.skip_bad)]


def _market(options: argparse.Namespace, console: Console) -> matching.Market:
    students = read_rows(options, STUDENTS, console)
    compared = _compared(options, console) if options.comparisons else {}
    positions = _rows(options, options.positions, POSITIONS, console)
    pairs = _rows(options, options.pairs, PAIRS, console) if options.pairs else []
    quotas = _rows(options, options.quotas, QUOTAS, console) if options.quotas else []
    named = {(one["student"], one["position"]): one for one in pairs}
    if len(named) < len(pairs):
        raise CallRefused(f"{options.pairs}: a student and a position stand on two lines; keep one")
    unknown = compared.keys() - {row.record["student"] for row in students}
    if unknown:
        raise CallRefused(f"{options.comparisons}: not in {options.file}: {', '.join(sorted(unknown)[:5])}")
    return matching.Market(
        students=tuple(_student(row, compared) for row in students),
        positions=tuple(
            matching.Position(
                one["position"], one["seats"], one["least"] or 0, one["opens_from"] or 0, frozenset(one["groups"])
            )
            for one in positions
        ),
        fit={pair: one["fit"] for pair, one in named.items() if one["fit"] is not None},
        ineligible={pair: one["ineligible"] for pair, one in named.items() if one["ineligible"]},
        quotas=tuple(
            matching.Quota(
                one["name"], one["students"] or None, one["positions"] or None, one["least"] or 0, one["most"],
                one["least_share"], matching.ShareOf(one["share_of"] or matching.ShareOf.PLACEMENTS),
            )
            for one in quotas
        ),
        locked=frozenset(pair for pair, one in named.items() if one["locked"]),
        forbidden=frozenset(pair for pair, one in named.items() if one["forbidden"]),
        unlisted=matching.Unlisted(options.unlisted),
        seed=options.seed,
    )  # fmt: skip


def _compared(options: argparse.Namespace, console: Console) -> dict[str, matching.market.Tiers]:
    """Wishes from pairwise statements. Raises `UnmetAssumption` naming student and circle where they contradict."""
    said: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for one in _rows(options, options.comparisons, COMPARISONS, console):
        said[one["student"]].append((one["better"], one["worse"]))
    found = {}
    for student, statements in said.items():
        try:
            found[student] = matching.preferences_from_comparisons(statements)
        except UnmetAssumption as unmet:
            raise UnmetAssumption(unmet.code, f"{student}: {unmet.found}", unmet.remedy) from unmet
    return found


def _student(row: Row[dict[str, Any]], compared: dict[str, matching.market.Tiers]) -> matching.Student:
    record = row.record
    name = record["student"]
    tiers = tuple(
        tuple(part.strip() for part in tier.split("=") if part.strip()) for tier in record["wishes"] if tier.strip(" =")
    )
    if tiers and name in compared:
        raise UnmetAssumption(
            "matching.preferences", f"line {row.line}: {name} has wishes and comparisons", "give one of the two"
        )
    return matching.Student(name, tiers or compared.get(name, ()), frozenset(record["groups"]))


def _line(reason: matching.Reason) -> dict[str, Any]:
    """A line of the table of assignments."""
    return {
        "student": reason.student,
        "position": reason.position or "",
        "rank": reason.rank,
        "fit": reason.fit,
        **{
            f"why_{language}": "\n".join(
                f"{refusal.rank}. {refusal.position}: {refusal.words(language)}" for refusal in reason.refusals
            )
            for language in ("zh", "en")
        },
    }


def _treatments(fairness: matching.Fairness) -> Shown:
    everyone = {"all 全体": fairness.overall, **fairness.groups}
    rows = tuple(
        (name, str(one.students), str(one.placed), share(one.first), share(one.top_three), number(one.mean_rank, 3))
        for name, one in everyone.items()
    )
    headings = (
        "Group 分组", "Students 学生", "Placed 已安排", "First wish 第一志愿", "First three 前三志愿",
        "Mean rank 平均序号",
    )  # fmt: skip
    return Shown("", headings, rows)


def _ranks(fairness: matching.Fairness) -> Shown:
    rows = [(str(rank), str(count)) for rank, count in fairness.ranks.items()]
    rows += [("not listed 未填报", str(fairness.unlisted)), ("no place 未安排", str(fairness.unplaced))]
    return Shown("Students by the rank of their place 志愿满足情况", ("Rank 序号", "Students 学生"), tuple(rows))


def _proofs(found: matching.Allocation) -> tuple[Shown, ...]:
    if not found.proofs:
        return ()
    rows = tuple((one.aim, number(one.value, 9), number(one.bound, 9), share(one.gap)) for one in found.proofs)
    return (Shown("", ("Aim 目标", "Value 数值", "Bound 界", "Gap 差距"), rows),)


def _places(given: Iterable[matching.Reason]) -> Shown:
    rows = tuple(
        (one.student, one.position or "—", str(one.rank or "—"), number(one.fit, 3), _first_refusal(one))
        for one in given
    )
    headings = ("Student 学生", "Position 岗位", "Rank 序号", "Fit 匹配度", "Why not the first wish 为何不是第一志愿")
    return Shown("", headings, rows, frozenset({0, 1, 4}))


def _first_refusal(reason: matching.Reason) -> str:
    return f"{reason.refusals[0].position}: {reason.refusals[0].words('en')}" if reason.refusals else ""


def _lines(found: matching.Allocation) -> tuple[str, ...]:
    fairness = found.fairness
    lines = [
        f"Blocking pairs 阻塞对: {len(found.blocking_pairs)}",
        f"Envious students 有羡慕的学生: {fairness.envious}, with a better claim 理由更充分: {fairness.justified}",
    ]
    if found.closed:
        lines.append(f"Closed for want of a group 未开放: {', '.join(found.closed)}")
    return tuple(lines)
