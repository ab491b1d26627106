"""Plots as template tags: each draws SVG on the server and puts its table beside it. It computes no statistics.

Items may be mappings or any objects with the attributes named; missing values are None and are shown as gaps.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from ronghe.web import figures
from ronghe.web.charts import arcs, lines, radar, sankey
from ronghe.web.charts import rows as row_plots
from ronghe.web.charts.scales import Writer
from ronghe.web.templatetags.ui import read

register = template.Library()


def _writer(decimals: int | None, steps: Sequence[float] = ()) -> Writer:
    """Write every tick of a scale with the same number of decimals."""
    places = decimals
    if places is None and steps:
        places = max((_places(step) for step in steps), default=0)
    return lambda value: figures.write(value, places)


def _places(value: float) -> int:
    text = f"{value:.6f}".rstrip("0")
    return len(text.partition(".")[2])


def _values(item: Any, name: str) -> tuple[float | None, ...]:
    return tuple(None if value is None else float(value) for value in (read(item, name) or ()))


def _number(item: Any, name: str) -> float | None:
    value = read(item, name)
    return None if value is None else float(value)


def _label(value: Any) -> str:
    return date_format(value, "Y-m-d") if isinstance(value, date) else str(value)


def _series(items: Iterable[Any]) -> list[lines.Series]:
    return [
        lines.Series(str(read(item, "label")), _values(item, "values"), _values(item, "low"), _values(item, "high"))
        for item in items
    ]


@register.simple_tag
def sparkline(values: Sequence[float | None], label: str = "", inline: bool = False) -> SafeString:
    """A word-sized line; silent for screen readers unless it has a label, since the number stands beside it."""
    path, last = lines.sparkline([None if value is None else float(value) for value in values])
    if not path:
        return SafeString("")
    return render_to_string("ui/charts/sparkline.html", {"path": path, "last": last, "label": label, "inline": inline})


@register.simple_tag
def line_chart(
    series: Iterable[Any],
    x: Iterable[Any],
    title: str,
    unit: str = "",
    note: str = "",
    decimals: int | None = None,
    from_zero: bool = False,
    interval: str = "",
) -> SafeString:
    """Up to four lines with their intervals over the same labels; `interval` names one that is not of 95%."""
    entries, labels = _series(series), [_label(value) for value in x]
    has_data = any(value is not None for entry in entries for value in entry.values)
    plot = lines.line_plot(entries, labels, _writer(decimals), from_zero=from_zero) if has_data else None
    rows = [
        {
            "label": label,
            "cells": [
                figures.figure(
                    entry.values[index],
                    "",
                    entry.low[index] if entry.low else None,
                    entry.high[index] if entry.high else None,
                    decimals,
                )
                for entry in entries
            ],
        }
        for index, label in enumerate(labels)
    ]
    context = {
        "plot": plot,
        "title": title,
        "unit": unit,
        "note": note,
        "series": entries,
        "rows": rows,
        "x_first": labels[:1],
        "x_last": labels[-1:],
        "ends": len(entries) > 1,
        "has_band": any(value is not None for entry in entries for value in (*entry.low, *entry.high)),
        "interval_name": interval,
    }
    return render_to_string("ui/charts/line.html", context)


def _row_context(
    items: Sequence[Any], plot: row_plots.RowPlot, unit: str, decimals: int | None, title: str, note: str
) -> dict[str, Any]:
    rows = [
        {
            "label": read(item, "label"),
            "href": read(item, "href"),
            "note": read(item, "note"),
            "place": place,
            "figure": figures.figure(
                _number(item, "value"), unit, _number(item, "low"), _number(item, "high"), decimals
            ),
        }
        for item, place in zip(items, plot.rows, strict=True)
    ]
    return {
        "rows": rows,
        "plot": plot,
        "title": title,
        "note": note,
        "unit": unit,
        "has_interval": any(row["place"].low is not None for row in rows),
        "has_band": any(row["place"].band_start is not None for row in rows),
        "has_target": any(row["place"].target is not None for row in rows),
    }


def _measured(item: Any) -> row_plots.Measured:
    names = ("value", "low", "high", "band_low", "band_high", "target")
    return row_plots.Measured(str(read(item, "label")), *(_number(item, name) for name in names))


@register.simple_tag
def bar_chart(
    bars: Iterable[Any],
    title: str,
    unit: str = "",
    note: str = "",
    sort: bool = True,
    decimals: int | None = None,
    maximum: float | None = None,
) -> SafeString:
    """Horizontal bars from zero, the longest first unless `sort` is off; those without data come last."""
    items = list(bars)
    if sort:
        items.sort(key=lambda item: (_number(item, "value") is None, -(_number(item, "value") or 0.0)))
    entries = [_measured(item) for item in items]
    plot = row_plots.row_plot(entries, _writer(decimals), from_zero=True, maximum=maximum)
    return render_to_string("ui/charts/bar.html", _row_context(items, plot, unit, decimals, title, note))


@register.simple_tag
def dot_chart(
    rows: Iterable[Any],
    title: str,
    unit: str = "",
    note: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    decimals: int | None = None,
    interval: str = "",
) -> SafeString:
    """Estimates as dots with their intervals, over a band (goalposts) and beside a target where there is one.

    `interval` names one that is not of 95%, such as the quartiles.
    """
    items = list(rows)
    entries = [_measured(item) for item in items]
    plot = row_plots.row_plot(entries, _writer(decimals), from_zero=False, minimum=minimum, maximum=maximum)
    context = {**_row_context(items, plot, unit, decimals, title, note), "interval_name": interval}
    return render_to_string("ui/charts/dot.html", context)


@register.simple_tag
def radar_chart(
    axes: Iterable[Any],
    series: Iterable[Any],
    title: str,
    note: str = "",
    maximum: float | None = None,
    decimals: int | None = None,
) -> SafeString:
    """Up to three profiles over the same axes, from 0 at the centre."""
    labels, entries = [str(axis) for axis in axes], _series(series)
    plot = radar.radar(labels, entries, _writer(decimals), maximum)
    table = [
        {"label": label, "cells": [figures.figure(entry.values[index], decimals=decimals) for entry in entries]}
        for index, label in enumerate(labels)
    ]
    shapes = [
        {"points": shape, "number": number, "label": entry.label}
        for number, (shape, entry) in enumerate(zip(plot.shapes, entries, strict=True), start=1)
    ]
    context = {"plot": plot, "shapes": shapes, "title": title, "note": note, "rows": table}
    return render_to_string("ui/charts/radar.html", context)


@register.simple_tag
def heat_map(
    rows: Iterable[Any],
    columns: Iterable[Any],
    values: Iterable[Sequence[float | None]],
    title: str,
    unit: str = "",
    note: str = "",
    decimals: int | None = None,
) -> SafeString:
    """A table whose cells are shaded by value: the number stands in each, the shade only helps the eye."""
    matrix = [[None if value is None else float(value) for value in row] for row in values]
    levels = row_plots.heat_levels(matrix)
    known = [value for row in matrix for value in row if value is not None]
    shaded = [
        {
            "label": _label(label),
            "cells": [
                {"text": figures.write(value, decimals), "level": level}
                for value, level in zip(row, level_row, strict=True)
            ],
        }
        for label, row, level_row in zip(rows, matrix, levels, strict=True)
    ]
    context = {
        "lines": shaded,
        "columns": [_label(column) for column in columns],
        "title": title,
        "unit": unit,
        "note": note,
        "low": figures.write(min(known, default=None), decimals),
        "high": figures.write(max(known, default=None), decimals),
        "swatches": [(level, level * 100 / 7) for level in range(7)],
    }
    return render_to_string("ui/charts/heat.html", context)


@register.simple_tag
def gantt_chart(tasks: Iterable[Any], title: str, note: str = "", today: date | None = None) -> SafeString:
    """Stretches of time under one calendar, both days included."""
    items = list(tasks)
    if not items:
        return render_to_string("ui/charts/gantt.html", {"rows": [], "title": title, "note": note})
    periods = [(_day(read(item, "start")), _day(read(item, "end"))) for item in items]
    plot = row_plots.gantt(periods, lambda day: date_format(day, "Y-m"), today)
    rows = [
        {
            "label": read(item, "label"),
            "href": read(item, "href"),
            "note": read(item, "note"),
            "state": read(item, "state"),
            "start": start,
            "end": end,
            "span": span,
        }
        for item, (start, end), span in zip(items, periods, plot.spans, strict=True)
    ]
    return render_to_string("ui/charts/gantt.html", {"rows": rows, "plot": plot, "title": title, "note": note})


def _day(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else date.fromisoformat(str(value))


@register.simple_tag
def sankey_chart(
    flows: Iterable[Any], title: str, unit: str = "", note: str = "", decimals: int | None = None
) -> SafeString:
    """How a quantity divides on its way from the first column to the last."""
    links = [
        (str(read(flow, "source")), str(read(flow, "target")), float(read(flow, "value")))
        for flow in flows
        if read(flow, "value")
    ]
    write = _writer(decimals)
    plot = sankey.sankey(links, write)
    context = {
        "plot": plot,
        "title": title,
        "unit": unit,
        "note": note,
        "height": max(180, plot.rows * 52),
        "tall": plot.stages * 84,
        "rows": [{"source": source, "target": target, "text": write(value)} for source, target, value in links],
        "flows": [
            {
                "across": flow.across,
                "down": flow.down,
                "title": _("%(source)s to %(target)s: %(value)s")
                % {"source": flow.source, "target": flow.target, "value": write(flow.value)},
            }
            for flow in plot.flows
        ],
    }
    return render_to_string("ui/charts/sankey.html", context)


@register.simple_tag
def arc_chart(nodes: Iterable[Any], links: Iterable[Any], title: str, note: str = "") -> SafeString:
    """Who gives to whom: nodes in rows (label, note?, href?, strong?), links by the places of their nodes.

    A link has source, target (places from 0) and label. Arrows point at the receiver.
    """
    listed = [{name: read(node, name) for name in ("label", "note", "href", "strong")} for node in nodes]
    ends = [(int(read(link, "source")), int(read(link, "target")), str(read(link, "label") or "")) for link in links]
    plot = arcs.arc_plot(len(listed), [(source, target) for source, target, _label in ends])
    rows = []
    for (source, target, label), arc in zip(ends, plot.arcs, strict=True):
        names = {"source": listed[source]["label"], "target": listed[target]["label"], "value": label}
        rows.append(names | {"label": label, "arc": arc, "title": _("%(source)s to %(target)s: %(value)s") % names})
    context = {"nodes": listed, "rows": rows, "plot": plot, "title": title, "note": note}
    return render_to_string("ui/charts/arcs.html", context)
