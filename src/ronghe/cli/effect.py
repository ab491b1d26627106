"""`ronghe effect`: what an improvement changed, from a panel or a series in a spreadsheet, without a server.

It estimates; a verdict needs a plan registered beforehand and is given on the site.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from ronghe.cli import effect_tables as tables
from ronghe.cli.answers import Answer, add_answer_options, answered, number
from ronghe.cli.console import Console
from ronghe.cli.endings import CallRefused
from ronghe.cli.tables import Number, add_table_options, read_rows
from ronghe.methods import effects
from ronghe.methods.explained import UnmetAssumption
from ronghe.tabular import CellRefused, Column, Kind, Month, Row, Text
from ronghe.tabular.cells import Cell


@dataclass(frozen=True, slots=True)
class PeriodCell:
    """A period as a number that counts evenly, as it was written, and whether it was written as a month."""

    value: float
    label: str
    month: bool


@dataclass(frozen=True, slots=True)
class Period(Kind):
    """A period: a number such as 2026 or 7, or a month such as 2026-03."""

    def parse(self, cell: Cell) -> PeriodCell:
        try:
            value = Number().parse(cell)
        except CellRefused:
            day = Month().parse(cell)
            return PeriodCell(day.year * 12 + day.month - 1.0, day.isoformat()[:7], True)
        return PeriodCell(value, f"{value:g}", False)

    def write(self, value: Any, language: str | None) -> str:
        return str(value.label)


COLUMNS = (
    Column(
        "unit", Text(200), zh="单位", help_en="who was observed: community, enterprise, class; none in a single series"
    ),
    Column(
        "period",
        Period(),
        zh="时期",
        required=True,
        help_en="when: a number (2026, 7) or a month (2026-03), evenly spaced",
    ),
    Column("outcome", Number(), zh="结果", required=True, help_en="what was measured"),
    Column(
        "start",
        Period(),
        zh="开始",
        help_en="the first period under the improvement; blank for a unit that never had it",
    ),
    Column("cluster", Text(200), zh="聚类", help_en="units that vary together"),
    Column("weight", Number(minimum=0), zh="权重", help_en="of the unit (1)"),
    Column("exposure", Number(minimum=0), zh="基数", help_en="of a series of counts: head count, population"),
)


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe effect`."""
    add_table_options(parser, COLUMNS, example="ronghe effect panel.csv --design staggered --svg effect.svg")
    add_answer_options(parser)
    parser.add_argument(
        "--design",
        choices=_DESIGNS,
        default="staggered",
        help="staggered difference-in-differences; two-period; few-units by randomisation; synthetic control of one "
        "unit; series: one interrupted series (%(default)s)",
    )
    parser.add_argument("--covariate", action="append", default=[], metavar="HEADING", help="a column of numbers")
    parser.add_argument("--compared", choices=[one.value for one in effects.Compared], default="never_treated")
    parser.add_argument("--drop-incomplete", action="store_true", help="leave out units that lack a period")
    parser.add_argument("--baseline", nargs=2, type=_period, metavar=("FIRST", "LAST"), help="few-units: before")
    parser.add_argument("--window", nargs=2, type=_period, metavar=("FIRST", "LAST"), help="few-units: after")
    parser.add_argument("--interruption", type=_period, metavar="PERIOD", help="series: the first period after")
    parser.add_argument("--counts", action="store_true", help="series: the outcome counts events")
    parser.add_argument("--season", type=float, metavar="PERIODS", help="series: periods in a cycle, 12 for months")
    parser.add_argument(
        "--level", type=float, default=0.05, metavar="ALPHA", help="of tests and intervals (%(default)s)"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of draws (%(default)s)")


def run(options: argparse.Namespace) -> int:
    """Answer; return the exit status."""
    return answered(_work, options)


def _period(text: str) -> PeriodCell:
    try:
        return Period().parse(text)
    except CellRefused as refused:
        raise argparse.ArgumentTypeError(refused.message_en) from refused


@dataclass(frozen=True, slots=True)
class _Table:
    """The rows of the file by column; `months` when its periods are months, counted from the year 0."""

    options: argparse.Namespace
    rows: list[Row[dict[str, Any]]]
    months: bool

    def column(self, name: str) -> list[Any]:
        return [row.record[name] for row in self.rows]

    def given(self, name: str) -> list[Any] | None:
        """A column that may be absent: None where it is blank throughout."""
        values = self.column(name)
        return None if all(value is None for value in values) else values

    def label(self, period: float) -> str:
        """The period as people write it."""
        if not self.months:
            return number(period, 6)
        whole = round(period)
        return f"{whole // 12}-{whole % 12 + 1:02}"

    def in_words(self, text: str) -> str:
        """A refusal with its months as people write them, and not as they are counted."""
        if not self.months:
            return text
        cells = [cell for name in ("period", "start") for cell in self.column(name) if cell is not None]
        counted = {f"{cell.value:g}": self.label(cell.value) for cell in cells}
        return re.sub(r"(?<![\w.])\d+(?![\w.])", lambda found: counted.get(found[0], found[0]), text)

    def panel(self) -> effects.Panel:
        incomplete = effects.Incomplete.DROP_UNITS if self.options.drop_incomplete else effects.Incomplete.REFUSE
        return effects.Panel(
            unit=self.column("unit"),
            period=[cell.value for cell in self.column("period")],
            outcome=self.column("outcome"),
            start=[np.inf if cell is None else cell.value for cell in self.column("start")],
            covariates={name: self.column(name) for name in self.options.covariate},
            weight=self.given("weight"),
            cluster=self.given("cluster"),
            incomplete=incomplete,
        )


def _work(options: argparse.Namespace, console: Console) -> Answer:
    series = options.design == "series"
    columns = [
        replace(column, required=column.required or (column.name == "unit" and not series)) for column in COLUMNS
    ]
    columns += [Column(name, Number(), required=True) for name in dict.fromkeys(options.covariate)]
    rows = read_rows(options, columns, console)
    asked = [cell for cell in (options.interruption, *(options.baseline or ()), *(options.window or ())) if cell]
    cells = [row.record[name] for row in rows for name in ("period", "start") if row.record[name] is not None] + asked
    if len({cell.month for cell in cells}) > 1:
        raise CallRefused("some periods are written as months and some as numbers: write all of them in one way")
    table = _Table(options, rows, months=any(cell.month for cell in cells))
    try:
        answer = _DESIGNS[options.design](table)
    except UnmetAssumption as unmet:
        raise UnmetAssumption(unmet.code, table.in_words(unmet.found), table.in_words(unmet.remedy)) from unmet
    periods = {"periods": {cell.label: cell.value for cell in cells}} if table.months else {}
    return replace(answer, results={**answer.results, **periods})


def _staggered(table: _Table) -> Answer:
    found = effects.staggered(
        effects.Staggered(
            table.panel(),
            compared=effects.Compared(table.options.compared),
            level=table.options.level,
            seed=table.options.seed,
        )
    )
    lines = []
    if found.pre_trend is not None:
        few = found.pre_trend.p_value_few
        lines.append(
            f"Trends before the start 事前趋势: p = {number(found.pre_trend.p_value, 3)}, few units {number(few, 3)}"
        )
    return Answer(
        f"Effect on {found.units} units 多期双重差分",
        (tables.averages(found), tables.groups(found, table.label), tables.offsets(found)),
        (found.explanation,),
        {"effect": found},
        tuple(lines),
        partial(tables.draw_offsets, found),
    )


def _two_period(table: _Table) -> Answer:
    periods = sorted({cell.value for cell in table.column("period")})
    if len(periods) != 2:
        raise CallRefused(f"two-period compares two periods and the file has {len(periods)}: choose another --design")
    starts = [np.inf if cell is None else cell.value for cell in table.column("start")]
    missing = effects.Incomplete.DROP_UNITS if table.options.drop_incomplete else effects.Incomplete.REFUSE
    found = effects.two_by_two(
        effects.TwoByTwo(
            outcome=table.column("outcome"),
            treated=[start <= periods[1] for start in starts],
            after=[cell.value == periods[1] for cell in table.column("period")],
            unit=table.column("unit"),
            covariates={name: table.column(name) for name in table.options.covariate},
            missing=missing,
            level=table.options.level,
        )
    )
    return Answer(
        "Effect over two periods 双重差分",
        (tables.estimates({"effect 效应": found.effect}), tables.cells(found, *map(table.label, periods))),
        (found.explanation,),
        {"effect": found},
        (),
        partial(tables.draw_estimates, {"effect 效应": found.effect}),
    )


def _few_units(table: _Table) -> Answer:
    options = table.options
    if options.baseline is None or options.window is None:
        raise CallRefused(
            "few-units compares two stretches of time: give --baseline FIRST LAST and --window FIRST LAST"
        )
    found = effects.few_units(
        effects.FewUnits(
            table.panel(),
            baseline=effects.Periods(*(cell.value for cell in options.baseline)),
            window=effects.Periods(*(cell.value for cell in options.window)),
            level=options.level,
            seed=options.seed,
        )
    )
    guard = found.pre_trend
    return Answer(
        f"Effect on {found.treated} of {found.units} units by randomisation 随机化推断",
        (tables.by_randomisation(found, options.level),),
        (found.explanation,),
        {"effect": found},
        (f"Trends before the start 事前趋势: {guard.standing.value}, {guard.detail}",),
        partial(tables.draw_one, found.effect, found.interval),
    )


def _synthetic(table: _Table) -> Answer:
    panel = table.panel()
    parameters = effects.SyntheticControl.of(panel)
    found = effects.synthetic_control(parameters)
    periods = sorted({cell.value for cell in table.column("period")})
    lines = [
        f"Error 均方根误差: {number(found.error.before)} before, {number(found.error.after)} after, ratio "
        f"{number(found.error.ratio)}; p = {number(found.p_value, 3)} among {len(found.placebos) + 1} units"
    ]
    return Answer(
        f"Synthetic control of {found.error.name}: mean gap {number(found.effect)} 合成控制",
        (tables.donors(found), tables.gaps(found, [table.label(period) for period in periods])),
        (found.explanation,),
        {"effect": found},
        tuple(lines),
        partial(tables.draw_synthetic, found, periods, periods[parameters.before], table.label),
    )


def _series(table: _Table) -> Answer:
    options = table.options
    if options.interruption is None:
        raise CallRefused("a series needs --interruption PERIOD, the first period after the change")
    rows = sorted(table.rows, key=lambda row: row.record["period"].value)
    periods = [row.record["period"].value for row in rows]
    _require_even(periods, table.label)
    if options.interruption.value not in periods:
        raise CallRefused(f"--interruption {options.interruption.label}: the file has no such period")
    exposure = [row.record["exposure"] for row in rows]
    outcome = [row.record["outcome"] for row in rows]
    found = effects.interrupted_series(
        effects.InterruptedSeries(
            outcome=outcome,
            interruption=periods.index(options.interruption.value),
            family=effects.Family.COUNT if options.counts else effects.Family.NORMAL,
            exposure=None if all(value is None for value in exposure) else exposure,
            season=options.season,
            level=options.level,
        )
    )
    named = {"level 水平": found.level, "average 平均": found.average, "trend before 原趋势": found.trend}
    if found.slope is not None:
        named["slope 斜率"] = found.slope
    lines = []
    if found.ratio is not None and found.ratio_interval is not None:
        ends = found.ratio_interval
        lines.append(f"Ratio at the change 比率: {number(found.ratio)} [{number(ends.low)}, {number(ends.high)}]")
    return Answer(
        f"Change of a series at {options.interruption.label} 中断时间序列",
        (tables.estimates(named),),
        (found.explanation,),
        {"effect": found},
        tuple(lines),
        partial(tables.draw_series, found, periods, outcome, options.interruption.value, table.label),
    )


def _require_even(periods: Sequence[float], label: Callable[[float], str]) -> None:
    gaps = np.diff(periods)
    if (gaps == 0).any():
        twice = label(periods[int(np.argmin(gaps))])
        raise CallRefused(f"period {twice} comes twice: a series has one line a period")
    if len(gaps) and not np.allclose(gaps, gaps.min()):
        place = int(np.argmax(gaps))
        raise CallRefused(
            f"there is a gap between {label(periods[place])} and {label(periods[place + 1])}: add what is missing, or "
            "begin after it"
        )


_DESIGNS: dict[str, Callable[[_Table], Answer]] = {
    "staggered": _staggered,
    "two-period": _two_period,
    "few-units": _few_units,
    "synthetic": _synthetic,
    "series": _series,
}
