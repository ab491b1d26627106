"""Capacity: the study's own numbers, shadow prices against a solution anew, intervals, refusals."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.methods.capacity import Resource, Stream, needed, outlook, yearly_capacity
from ronghe.methods.explained import UnmetAssumption

# The published case: 120 mentors with five trainees each, who practise nine of twelve months.
MENTORS = Resource("mentors", 120, 60)
TRAINEE = Stream("3+9", {"mentors": 9})


def test_the_studys_mentors_hold_the_intake_at_800_a_year() -> None:
    found = yearly_capacity([TRAINEE], [MENTORS, Resource("positions", 2000)])
    assert found.intake == pytest.approx(800)
    assert found.bottleneck == ("mentors",)
    assert found.limits[0].one_more == pytest.approx(60 / 9)
    assert found.limits[0].price == pytest.approx(1 / 9)
    assert found.limits[1].share == 0.0


def test_2400_a_year_need_360_mentors_of_whom_216_from_enterprises() -> None:
    stream = Stream("3+9", {"mentors": 9, "enterprise mentors": 9 * 0.6})
    kinds = [MENTORS, Resource("enterprise mentors", 72, 60)]
    assert needed([stream], kinds, {"3+9": 2400}) == {"mentors": 360, "enterprise mentors": 216}


def test_two_streams_share_what_binds_and_the_cheaper_one_goes_first() -> None:
    # x + 3y ≤ 12 and x ≤ 6 leave x = 6, y = 2; one unit more of the first brings a third of a trainee.
    found = yearly_capacity(
        [Stream("x", {"hours": 1, "seats": 1}), Stream("y", {"hours": 3})],
        [Resource("hours", 12), Resource("seats", 6)],
    )
    assert found.by_stream == pytest.approx({"x": 6, "y": 2})
    assert {one.resource: round(one.price, 6) for one in found.limits} == {"hours": 0.333333, "seats": 0.666667}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 9)), min_size=1, max_size=5))
def test_one_stream_takes_the_least_of_what_its_resources_allow(numbers: list[tuple[int, int]]) -> None:
    resources = [Resource(f"r{at}", count) for at, (count, _) in enumerate(numbers)]
    stream = Stream("s", {f"r{at}": use for at, (_, use) in enumerate(numbers)})
    found = yearly_capacity([stream], resources)
    assert found.intake == pytest.approx(min(count / use for count, use in numbers))
    assert all(one.one_more <= one.price + 1e-6 or len(found.bottleneck) > 1 for one in found.limits)


def test_the_outlook_is_an_interval_around_the_expected_year_and_the_same_again() -> None:
    stream = Stream("3+9", {"mentors": 9}, most=5000, dropout=0.1)
    found = outlook([stream], [Resource("mentors", 120, 60, absent=0.05)], draws=200, seed=3)
    # 120 · 0.95 · 60 ÷ (9 · 0.95) = 800 are taken in and 720 complete, on the mean.
    assert found.intake.low < 800 < found.intake.high
    assert found.completing.median == pytest.approx(720, rel=0.02)
    assert found.binding == {"mentors": 1.0}
    assert outlook([stream], [Resource("mentors", 120, 60, absent=0.05)], draws=200, seed=3) == found
    certain = outlook([TRAINEE], [MENTORS], draws=3)
    assert certain.intake.low == certain.intake.high == pytest.approx(800)


@pytest.mark.parametrize(
    ("streams", "resources", "code", "words"),
    [
        ([TRAINEE], [Resource("mentors", -1)], "capacity.inputs", "mentors"),
        ([TRAINEE], [Resource("mentors", 1, absent=1.01)], "capacity.inputs", "absent"),
        ([TRAINEE], [Resource("mentors", float("nan"))], "capacity.inputs", "mentors"),
        ([TRAINEE], [MENTORS, MENTORS], "capacity.inputs", "twice"),
        ([TRAINEE], [], "capacity.inputs", "not there"),
        ([], [MENTORS], "capacity.inputs", "no streams"),
        ([Stream("s", {}, dropout=2)], [], "capacity.inputs", "drop-out"),
        ([Stream("s", {}, least=3, most=2)], [], "capacity.inputs", "more at least"),
        ([Stream("s", {})], [], "capacity.unbounded", "nothing limits"),
        ([Stream("s", {"mentors": 9}, least=801)], [MENTORS], "capacity.possible", "mentors 9"),
    ],
)
def test_impossible_quotas_and_senseless_numbers_are_refused(
    streams: list[Stream], resources: list[Resource], code: str, words: str
) -> None:
    with pytest.raises(UnmetAssumption, match=words) as refused:
        yearly_capacity(streams, resources)
    assert refused.value.code == code


def test_an_unknown_stream_or_a_senseless_draw_is_refused() -> None:
    with pytest.raises(UnmetAssumption, match="no stream"):
        needed([TRAINEE], [MENTORS], {"4+8": 10})
    with pytest.raises(UnmetAssumption, match="draws"):
        outlook([TRAINEE], [MENTORS], draws=0)
