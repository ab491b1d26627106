"""The tables and drawings of `ronghe effect`, one a kind of design; estimates nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ronghe.cli.answers import Shown, interval, number
from ronghe.methods import effects

_ESTIMATE = ("Estimate 估计", "Error 标准误", "Interval 区间", "p")


def _written(found: effects.Estimate) -> tuple[str, ...]:
    return (
        number(found.value),
        number(found.standard_error),
        interval(found.interval.low, found.interval.high),
        number(found.p_value, 3),
    )


def estimates(named: Mapping[str, effects.Estimate]) -> Shown:
    """One line an estimate."""
    return Shown("", ("What 项目", *_ESTIMATE), tuple((name, *_written(found)) for name, found in named.items()))


def averages(found: effects.StaggeredEffect) -> Shown:
    """The averages of all effects, the one to report first."""
    return estimates(
        {
            "overall 总体": found.overall,
            "event study 事件研究": found.event_overall,
            "by period 按时期": found.calendar_overall,
            "simple 简单平均": found.simple,
        }
    )


def groups(found: effects.StaggeredEffect, label: Callable[[float], str]) -> Shown:
    """The average effect on the units of each start."""
    rows = tuple((label(group), *_written(effect)) for group, effect in found.by_group)
    return Shown("By start 按开始时期", ("Start 开始", *_ESTIMATE), rows)


def offsets(found: effects.StaggeredEffect) -> Shown:
    """The average effect by periods since the start, with the band that holds for all at once."""
    rows = tuple(
        (
            f"{one.offset:+g}",
            *_written(one.effect),
            "—" if one.band is None else interval(one.band.low, one.band.high),
        )
        for one in found.by_offset
    )
    headings = ("Since the start 距开始", *_ESTIMATE, "Band for all 同时区间带")
    return Shown("By periods since the start 事件研究", headings, rows)


def cells(found: effects.TwoByTwoEffect, before: str, after: str) -> Shown:
    """The four means."""
    named = (
        ("treated 处理组", before, found.treated_before),
        ("treated 处理组", after, found.treated_after),
        ("compared 对照组", before, found.compared_before),
        ("compared 对照组", after, found.compared_after),
    )
    rows = tuple(
        (group, period, number(cell.mean), number(cell.standard_error), str(cell.count))
        for group, period, cell in named
    )
    return Shown("", ("Group 组别", "Period 时期", "Mean 均值", "Error 标准误", "Rows 行数"), rows, frozenset({0, 1}))


def by_randomisation(found: effects.FewUnitsEffect, level: float) -> Shown:
    """The effect with its interval by inversion."""
    row = (number(found.effect), interval(found.interval.low, found.interval.high), number(found.p_value, 3))
    return Shown("", ("Effect 效应", f"{1 - level:.0%} interval 区间", "p"), (row,), frozenset())


def donors(found: effects.SyntheticControlEffect) -> Shown:
    """The donors with their weights."""
    rows = tuple((name, number(weight, 3)) for name, weight in found.weights if weight >= 0.0005)
    return Shown("", ("Donor 供体", "Weight 权重"), rows)


def gaps(found: effects.SyntheticControlEffect, periods: Sequence[str]) -> Shown:
    """The unit beside its synthetic control, period by period."""
    rows = tuple(
        (period, number(float(synthetic + gap)), number(float(synthetic)), number(float(gap)))
        for period, synthetic, gap in zip(periods, found.synthetic, found.gap, strict=True)
    )
    return Shown("", ("Period 时期", "Observed 实际", "Synthetic 合成", "Gap 差"), rows)


def draw_offsets(found: effects.StaggeredEffect) -> str:
    """The event study."""
    named = {f"{one.offset:+g}": one.effect for one in found.by_offset}
    return draw_estimates({**named, "overall 总体": found.overall})


def draw_estimates(named: Mapping[str, effects.Estimate]) -> str:
    """Estimates with their intervals."""
    from ronghe.cli.drawing import interval_plot
    from ronghe.web.charts.rows import Measured

    entries = [Measured(name, one.value, one.interval.low, one.interval.high) for name, one in named.items()]
    return interval_plot("Effect with intervals 效应与区间", entries, "Effect 效应", from_zero=True)


def draw_one(effect: float, ends: effects.Interval) -> str:
    """One effect with its interval."""
    from ronghe.cli.drawing import interval_plot
    from ronghe.web.charts.rows import Measured

    entry = Measured("effect 效应", effect, ends.low, ends.high)
    return interval_plot("Effect with interval 效应与区间", [entry], "Effect 效应", from_zero=True)


def draw_synthetic(
    found: effects.SyntheticControlEffect, periods: Sequence[float], start: float, label: Callable[[float], str]
) -> str:
    """The unit and its synthetic control."""
    from ronghe.cli.drawing import Drawn, line_chart

    x = tuple(periods)
    lines = [
        Drawn(found.error.name, x, tuple((found.synthetic + found.gap).tolist())),
        Drawn("synthetic 合成", x, tuple(found.synthetic.tolist()), dashed=True),
    ]
    return line_chart(
        "Unit and synthetic control 合成控制", lines, "Period 时期", "Outcome 结果", marked=start, write_x=label
    )


def draw_series(
    found: effects.InterruptedSeriesEffect,
    periods: Sequence[float],
    outcome: Sequence[float],
    start: float,
    label: Callable[[float], str],
) -> str:
    """The series, its fit, and what would have been without the change."""
    from ronghe.cli.drawing import Drawn, line_chart

    x = tuple(periods)
    lines = [
        Drawn("observed 实际", x, tuple(outcome)),
        Drawn("fitted 拟合", x, tuple(found.fitted.tolist())),
        Drawn("without 反事实", x, tuple(found.without.tolist()), dashed=True),
    ]
    return line_chart(
        "Interrupted series 中断时间序列", lines, "Period 时期", "Outcome 结果", marked=start, write_x=label
    )
