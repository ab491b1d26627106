"""Spans of time against a count by the minute, which needs no cleverness; shares against a count by hand."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ronghe.methods import overlaps
from ronghe.methods.overlaps import Engagement, Span, StudentWeeks, conflict_share, meetings, proposals, student_weeks

ZERO = datetime(2026, 3, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def t(minute: int) -> datetime:
    return ZERO + minute * MINUTE


LATEST = 40


def span(number: int) -> Span:
    pair = divmod(number, LATEST + 1)
    return t(min(pair)), t(max(pair))


def minutes(spans: list[Span]) -> set[int]:
    """Every minute that lies in some span."""
    return {
        minute for start, end in spans for minute in range(int((start - ZERO) / MINUTE), int((end - ZERO) / MINUTE))
    }


pairs = st.integers(0, (LATEST + 1) ** 2 - 1).map(span)
lists = st.lists(pairs, max_size=6)
some = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@some
@given(lists, lists)
def test_what_is_merged_shared_and_left_is_so_minute_by_minute(left: list[Span], right: list[Span]) -> None:
    assert minutes(overlaps.merged(left)) == minutes(left)
    assert minutes(overlaps.shared(left, right)) == minutes(left) & minutes(right)
    assert minutes(overlaps.without(left, right)) == minutes(left) - minutes(right)
    assert overlaps.total(left) == len(minutes(left)) * MINUTE
    for found in (overlaps.merged(left), overlaps.shared(left, right), overlaps.without(left, right)):
        assert all(start < end for start, end in found)
        assert all(one[1] <= other[0] for one, other in pairwise(found))


@some
@given(lists, lists)
def test_study_and_work_meet_where_they_share_a_minute(study: list[Span], work: list[Span]) -> None:
    lessons = [Engagement(*one, key=number) for number, one in enumerate(study) if one[0] < one[1]]
    jobs = [Engagement(*one, key=number) for number, one in enumerate(work) if one[0] < one[1]]
    found = meetings(lessons, jobs)
    expected = {
        (lesson.key, job.key)
        for lesson in lessons
        for job in jobs
        if minutes([(lesson.start, lesson.end)]) & minutes([(job.start, job.end)])
    }
    assert {(one.study.key, one.work.key) for one in found} == expected
    assert len(found) == len(expected)
    for one in found:
        both = minutes([(one.study.start, one.study.end)]) & minutes([(one.work.start, one.work.end)])
        assert minutes([(one.start, one.end)]) == both


@some
@given(pairs, pairs, st.integers(0, 30), st.integers(0, 30))
def test_the_way_between_two_places_is_time_that_neither_study_nor_work_can_have(
    first: Span, second: Span, there: int, back: int
) -> None:
    if first[0] == first[1] or second[0] == second[1]:
        return
    ways = {("school", "plant"): there * MINUTE, ("plant", "school"): back * MINUTE}
    lesson, job = Engagement(*first, place="school"), Engagement(*second, place="plant")
    found = meetings([lesson], [job], ways)
    if first[1] <= second[0]:
        late = (first[1] + there * MINUTE) - second[0]
    elif second[1] <= first[0]:
        late = (second[1] + back * MINUTE) - first[0]
    else:
        assert found[0].travel == overlaps.NOTHING
        return
    assert bool(found) == (late > overlaps.NOTHING)
    if found:
        later = max(lesson, job, key=lambda one: one.start)
        assert found[0].start == later.start
        assert found[0].travel == found[0].end - found[0].start == min(late, later.end - later.start)


def test_without_a_place_or_a_known_way_no_travel_is_counted() -> None:
    lesson, job = Engagement(t(0), t(10), "school"), Engagement(t(10), t(20), "plant")
    assert meetings([lesson], [job], {}) == []
    assert meetings([Engagement(t(0), t(10))], [job], {(None, "plant"): 5 * MINUTE}) == []
    assert len(meetings([lesson], [job], {("school", "plant"): 5 * MINUTE})) == 1


def test_a_length_is_real_though_the_clock_is_put_back_meanwhile() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    # The night to 25 October 2026 has 25 hours in Berlin.
    night = (
        datetime(2026, 10, 25, 0, 0, tzinfo=berlin).astimezone(UTC),
        datetime(2026, 10, 25, 4, 0, tzinfo=berlin).astimezone(UTC),
    )
    assert overlaps.total([night]) == timedelta(hours=5)


@some
@given(lists, lists, st.integers(1, 20), st.integers(0, 60), st.integers(1, 7))
def test_a_proposal_lies_in_free_time_on_the_grid_and_none_nearer_was_passed_over(
    free: list[Span], bound: list[Span], length: int, wished: int, step: int
) -> None:
    found = proposals({"m": free}, length=length * MINUTE, wished=t(wished), step=step * MINUTE, bound=bound, most=1)
    usable = minutes(free) - minutes(bound)
    possible = [
        start
        for start in range(-step, 70)
        if (start - wished) % step == 0 and set(range(start, start + length)) <= usable
    ]
    if not possible:
        assert found == []
        return
    assert found[0].distance(t(wished)) == min(abs(start - wished) for start in possible) * MINUTE
    assert int((found[0].start - ZERO) / MINUTE) in possible
    assert found[0].end - found[0].start == length * MINUTE


def test_proposals_of_several_things_come_nearest_first_and_no_more_than_asked_for() -> None:
    free = {"far": [(t(50), t(60))], "near": [(t(12), t(20))], "exact": [(t(0), t(40))]}
    found = proposals(free, length=5 * MINUTE, wished=t(10), step=MINUTE, most=2)
    assert [one.key for one in found] == ["exact", "near"]
    with pytest.raises(ValueError, match="longer than nothing"):
        proposals(free, length=overlaps.NOTHING, wished=t(10), step=MINUTE)


def test_student_weeks_are_those_with_study_or_work_and_the_share_is_of_them() -> None:
    one = student_weeks(study=["w1", "w2", "w2"], work=["w2", "w3"], meeting=["w2", "w9"])
    assert one == StudentWeeks(engaged=3, both=1, meeting=1)
    # By hand: 1 + 0 + 2 + 0 + 1 weeks of 3 + 2 + 4 + 0 + 3, the fourth student having none.
    counted = [one, StudentWeeks(2, 1, 0), StudentWeeks(4, 4, 2), StudentWeeks(0, 0, 0), StudentWeeks(3, 1, 1)]
    assert conflict_share(counted).value is None
    share = conflict_share([*counted, StudentWeeks(4, 2, 0)])
    assert share.value == pytest.approx(4 / 16)
    assert share.low is not None and share.high is not None
    assert 0 <= share.low < 0.25 < share.high <= 1
    assert share.count == 5
    nobody = conflict_share([StudentWeeks(3, 2, 0)] * 6)
    # Wilson's upper end for 0 of 6 is z² / (n + z²).
    assert (nobody.value, nobody.low) == (0, 0)
    assert nobody.high == pytest.approx(1.959964**2 / (6 + 1.959964**2), abs=1e-6)
