"""The geometry of plots, against hand computation and properties that hold for every input."""

import itertools
import math
import re
from datetime import date

import pytest
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from ronghe.web.charts.lines import Series, line_plot, sparkline
from ronghe.web.charts.radar import radar
from ronghe.web.charts.rows import Measured, gantt, heat_levels, row_plot
from ronghe.web.charts.sankey import sankey
from ronghe.web.charts.scales import label_ticks, nice_step, scale_of, spread, text_width

FINITE = st.floats(min_value=-1e9, max_value=1e9, allow_nan=False).filter(lambda value: value == 0 or abs(value) > 1e-9)


def _draw(source: str, **values: object) -> str:
    """The drawing, without the space around its tags."""
    drawn = Template("{% load ui charts %}" + source).render(Context(values))
    return re.sub(r"\s*(<[^>]+>)\s*", r"\1", drawn)


@pytest.mark.parametrize(
    ("span", "count", "expected"),
    [(100, 5, 20), (7, 5, 2), (0.9, 4, 0.25), (1234, 5, 250), (3, 3, 1), (0.00012, 4, 0.00005)],
)
def test_steps_are_round(span: float, count: int, expected: float) -> None:
    assert nice_step(span, count) == pytest.approx(expected)


def test_a_step_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="positive span"):
        nice_step(0, 5)


@given(st.lists(FINITE, min_size=1, max_size=30), st.booleans())
def test_a_scale_holds_every_value_between_its_ends(values: list[float], from_zero: bool) -> None:
    scale = scale_of(values, from_zero=from_zero)
    slack = (scale.high - scale.low) * 1e-6
    assert scale.low - slack <= min(values) and max(values) <= scale.high + slack
    assert scale.low < scale.high
    assert 2 <= len(scale.steps) <= 8
    assert all(0 <= scale.place(value) <= 100 for value in values)
    if from_zero:
        assert scale.low <= 0 <= scale.high


@given(st.lists(FINITE, min_size=2, max_size=10, unique=True))
def test_places_on_a_scale_keep_the_order_of_the_values(values: list[float]) -> None:
    scale = scale_of(values)
    places = [scale.place(value) for value in sorted(values)]
    assert places == sorted(places)


def test_ticks_of_a_tenth_are_written_without_rounding_dust() -> None:
    assert scale_of([0.05, 0.34]).steps == (0.0, 0.1, 0.2, 0.3, 0.4)


def test_a_scale_without_values_runs_from_zero_to_one() -> None:
    scale = scale_of([None, None])
    assert (scale.low, scale.high) == (0.0, 1.0)


def test_given_ends_are_kept_and_values_beyond_them_stay_inside() -> None:
    scale = scale_of([120, -5], minimum=0, maximum=100)
    assert (scale.low, scale.high) == (0, 100)
    assert (scale.place(120), scale.place(-5)) == (100, 0)


def test_a_phone_shows_evenly_spaced_ticks_with_both_ends() -> None:
    ticks = scale_of([0, 100], minimum=0, maximum=100).ticks(str)
    shown = [tick.place for tick in ticks if not tick.minor]
    assert shown[0] == 0 and shown[-1] == 100


@given(st.lists(st.floats(min_value=0, max_value=100), max_size=8), st.floats(min_value=1, max_value=30))
def test_labels_never_overlap_stay_inside_and_keep_their_order(places: list[float], gap: float) -> None:
    moved = spread(places, gap)
    room = min(gap, 100 / max(len(places) - 1, 1))
    ordered = sorted(moved)
    assert all(later - earlier >= room - 0.01 for earlier, later in itertools.pairwise(ordered))
    assert all(-0.01 <= place <= 100.01 for place in moved)
    for first, second in ((a, b) for a in range(len(places)) for b in range(len(places))):
        if places[first] < places[second]:
            assert moved[first] <= moved[second] + 0.01


def test_labels_that_have_room_do_not_move() -> None:
    assert spread([10, 50, 90], gap=8) == [10, 50, 90]


def test_two_equal_labels_part_to_both_sides() -> None:
    assert spread([50, 50], gap=10) == [45, 55]


@given(st.integers(min_value=1, max_value=200), st.sampled_from(["2026-11", "十一月", "W7"]))
def test_labels_under_a_line_fit_a_wide_page_and_a_phone(count: int, label: str) -> None:
    ticks = label_ticks([label] * count)
    assert len(ticks) * text_width(label) <= 460
    assert sum(not tick.minor for tick in ticks) * text_width(label) <= 230
    assert not ticks[-1].minor and (count == 1 or ticks[-1].place == 100)


def test_a_gap_in_the_data_is_a_gap_in_the_line() -> None:
    plot = line_plot([Series("a", (0.0, 10.0, None, 10.0, 0.0))], ["1", "2", "3", "4", "5"], str)
    assert plot.lines[0].path == "M0.0 1000.0L250.0 0.0M750.0 0.0L1000.0 1000.0"
    assert [mark.last for mark in plot.lines[0].marks] == [False, False, False, True]


def test_a_band_is_closed_and_follows_both_bounds() -> None:
    plot = line_plot([Series("a", (5.0, 5.0), (0.0, 0.0), (10.0, 10.0))], ["1", "2"], str)
    assert plot.lines[0].band == "M0.0 0.0L1000.0 0.0L1000.0 1000.0L0.0 1000.0Z"


def test_a_series_of_another_length_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="Postings"):
        line_plot([Series("Postings", (1.0,))], ["1", "2"], str)


def test_a_series_without_any_value_draws_nothing() -> None:
    plot = line_plot([Series("a", (1.0, 2.0)), Series("b", (None, None))], ["1", "2"], str)
    assert plot.lines[1].path == "" and plot.lines[1].label_place is None


def test_a_level_sparkline_stands_in_the_middle() -> None:
    assert sparkline([3, 3]) == ("M0.0 500.0L1000.0 500.0", (100.0, 50.0))
    assert sparkline([None, None]) == ("", None)


def test_bars_start_at_zero_and_negative_bars_run_to_the_left() -> None:
    plot = row_plot([Measured("up", 50.0), Measured("down", -50.0), Measured("unknown", None)], str, from_zero=True)
    up, down, unknown = plot.rows
    share = 100 * 50 / 120  # round steps of 20 make the scale run from −60 to 60
    assert plot.zero == 50
    assert (up.start, up.width) == pytest.approx((50, share), abs=0.01)
    assert (down.start, down.width) == pytest.approx((50 - share, share), abs=0.01)
    assert unknown.width is None


def test_half_an_interval_is_not_drawn() -> None:
    row = row_plot([Measured("a", 5.0, low=1.0)], str, from_zero=True).rows[0]
    assert row.low is None and row.high is None


def test_heat_has_equal_steps_and_leaves_gaps() -> None:
    assert heat_levels([[0, 50, 100], [None, 14, 15]]) == [[0, 3, 6], [None, 0, 1]]
    assert heat_levels([[None]]) == [[None]]
    assert heat_levels([[5, 5]]) == [[3, 3]]


def test_a_radar_puts_the_first_axis_upright_and_full_value_on_the_rim() -> None:
    plot = radar(["a", "b", "c", "d"], [Series("x", (5.0, 0.0, 5.0, None))], str, maximum=5)
    first, second, third, fourth = (tuple(map(float, point.split(","))) for point in plot.shapes[0].split())
    assert first == pytest.approx((plot.spokes[0].x, plot.spokes[0].y), abs=0.1)
    assert second == fourth == pytest.approx((plot.center_x, plot.center_y), abs=0.1)
    assert math.isclose(first[0], third[0], abs_tol=0.1) and first[1] < third[1]
    assert len(plot.rings) == 5


def test_a_radar_of_two_axes_is_refused() -> None:
    with pytest.raises(ValueError, match="three axes"):
        radar(["a", "b"], [], str)


def test_a_calendar_counts_both_days_and_starts_on_a_first() -> None:
    plot = gantt(
        [(date(2026, 9, 10), date(2026, 9, 10)), (date(2026, 9, 1), date(2026, 9, 30))], str, date(2026, 9, 16)
    )
    day, month = plot.spans
    assert day.start == pytest.approx(100 * 9 / 30, abs=0.01) and day.width == pytest.approx(100 / 30, abs=0.01)
    assert (month.start, month.width) == (0, 100)
    assert plot.today == 50


def test_a_calendar_of_years_has_few_ticks() -> None:
    plot = gantt([(date(2020, 1, 1), date(2029, 12, 31))], lambda day: f"{day:%Y}")
    assert 2 <= len(plot.ticks) <= 8


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="before it starts"):
        gantt([(date(2026, 2, 1), date(2026, 1, 1))], str)


LINKS = [
    ("applied", "matched", 286.0),
    ("applied", "unplaced", 14.0),
    ("matched", "certified", 241.0),
    ("matched", "stopped", 45.0),
]


def test_flows_stand_in_stages_and_breadth_is_throughput() -> None:
    plot = sankey(LINKS, lambda value: f"{value:.0f}")
    nodes = {node.label: node for node in plot.nodes}
    assert nodes["applied"].along == 0 and nodes["certified"].along == nodes["stopped"].along > nodes["matched"].along
    assert nodes["applied"].value == 300 and nodes["matched"].value == 286
    assert nodes["matched"].breadth / nodes["unplaced"].breadth == pytest.approx(286 / 14, rel=1e-3)
    assert (plot.rows, plot.stages) == (2, 3)


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(6, 9), st.floats(min_value=0.1, max_value=1e6)),
        min_size=1,
        max_size=12,
    )
)
def test_nodes_of_a_stage_never_overlap_and_stay_inside(edges: list[tuple[int, int, float]]) -> None:
    plot = sankey([(str(source), str(target), value) for source, target, value in edges], str)
    for along in {node.along for node in plot.nodes}:
        stage = sorted((node for node in plot.nodes if node.along == along), key=lambda node: node.across)
        assert stage[0].across >= -0.01 and stage[-1].across + stage[-1].breadth <= 100.01
        assert all(a.across + a.breadth <= b.across + 0.01 for a, b in itertools.pairwise(stage))


def test_flows_that_go_round_in_a_circle_are_refused() -> None:
    with pytest.raises(ValueError, match="circle"):
        sankey([("a", "b", 1.0), ("b", "a", 1.0)], str)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan])
def test_a_flow_without_a_positive_value_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        sankey([("a", "b", value)], str)


def test_each_plot_has_its_numbers_as_text() -> None:
    series = [{"label": "Postings", "values": [1204, None], "low": [1100, None], "high": [1300, None]}]
    line = _draw("{% line_chart series x title='t' %}", series=series, x=["2026-10", "2026-11"])
    assert "1,204" in line and "1,100–1,300" in line and "<table" in line
    bars = _draw("{% bar_chart bars title='t' %}", bars=[{"label": "a", "value": 2}, {"label": "b", "value": 1234}])
    assert bars.index(">b<") < bars.index(">a<")
    assert "1,234" in bars
    heat = _draw("{% heat_map rows columns values title='t' %}", rows=["r"], columns=["c"], values=[[7]])
    assert '<td class="heat-3">7</td>' in heat
    flows = _draw("{% sankey_chart flows title='t' %}", flows=[{"source": "a", "target": "b", "value": 3}])
    assert "<td>a</td><td>b</td>" in flows
    firms = [{"label": "a", "note": "Leader"}, {"label": "b", "href": "/b/"}]
    supplies = [{"source": 0, "target": 1, "label": "chips"}, {"source": 1, "target": 0, "label": "boards"}]
    arcs = _draw("{% arc_chart firms supplies title='t' %}", firms=firms, supplies=supplies)
    assert "<td>a</td><td>b</td><td>chips</td>" in arcs and "<td>b</td><td>a</td><td>boards</td>" in arcs
    assert arcs.count('class="arc"') == arcs.count('class="arc arc--up"') == 1


@pytest.mark.parametrize(
    "source",
    [
        "{% line_chart nothing nothing title='t' %}",
        "{% bar_chart nothing title='t' %}",
        "{% dot_chart nothing title='t' %}",
        "{% heat_map nothing nothing nothing title='t' %}",
        "{% gantt_chart nothing title='t' %}",
        "{% sankey_chart nothing title='t' %}",
        "{% arc_chart nothing nothing title='t' %}",
    ],
)
def test_a_plot_without_data_says_so(source: str) -> None:
    assert "empty__title" in _draw(source, nothing=[])


def test_a_label_cannot_smuggle_markup_into_a_plot() -> None:
    drawn = _draw("{% bar_chart bars title='t' %}", bars=[{"label": "<script>", "value": 2}])
    assert "<script>" not in drawn and "&lt;script&gt;" in drawn
