"""The week: best against every possible plan, reasons, repair that moves the least, and a check that trusts nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import combinations, product

import pytest

from benchmarks.training.repair import FIRST, broken
from benchmarks.training.week import week as large_week
from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.scheduling import (
    Authorised,
    Busy,
    Group,
    Machine,
    Mentor,
    Rules,
    Session,
    Standing,
    Unschedulable,
    Week,
    WeekPlan,
    plan_week,
    repair_week,
    slots_of_week,
    week_breaches,
)
from ronghe.methods.scheduling.weekly_reasons import LIFTED

MONDAY = date(2026, 11, 23)
SLOTS = slots_of_week(MONDAY, "Asia/Shanghai", hours=6, per_day=3, days=2)
SINCE = SLOTS[0].start - timedelta(days=1)
MILL = (Authorised("mill", SINCE),)


def small(**changes: object) -> Week:
    """Two groups, one mill, one mentor, two days of three slots of six hours."""
    plain = Week(
        slots=SLOTS,
        machines=(Machine("m", "mill", "north"),),
        mentors=(Mentor("t", ("north",), MILL),),
        groups=(Group("a", "mill", "north", 5, 2, 0, MILL), Group("b", "mill", "north", 4, 2, 0, MILL)),
        rules=Rules(mentor_day=3, group_day=2, group_nights=1, mentor_nights=1),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def every_plan(week: Week) -> Iterator[tuple[Session, ...]]:
    """All plans of a week with one machine and one mentor that the independent check lets pass."""
    for chosen in product([None, *(group.id for group in week.groups)], repeat=len(week.slots)):
        plan = tuple(Session(at, name, "m", "t") for at, name in enumerate(chosen) if name is not None)
        if not week_breaches(week, plan):
            yield plan


@pytest.fixture(scope="module")
def planned() -> tuple[Week, WeekPlan]:
    week = large_week(2, groups=90, mentors=60, wanted=5)
    return week, plan_week(week, rounds=12)


@pytest.mark.parametrize(
    ("closed", "study", "other"), [((), (), ()), ((1,), (0, 3), ()), ((2, 3), (), (4,)), ((), (4, 5), (0, 1))]
)
def test_small_weeks_place_as_many_sessions_as_any_plan_could(
    closed: tuple[int, ...], study: tuple[int, ...], other: tuple[int, ...]
) -> None:
    def busy(numbers: tuple[int, ...]) -> tuple[Busy, ...]:
        return tuple(Busy(SLOTS[at].start, SLOTS[at].end) for at in numbers)

    groups = Group("a", "mill", "north", 5, 2, 0, MILL, busy(study)), Group("b", "mill", "north", 4, 2, 0, MILL)
    week = small(
        machines=(Machine("m", "mill", "north", busy(closed)),),
        mentors=(Mentor("t", ("north",), MILL, busy(other)),),
        groups=groups,
    )
    best = max(len(plan) for plan in every_plan(week))
    found = plan_week(week, rounds=100)
    assert found.breaches == ()
    assert len(found.sessions) == best <= found.proofs[0].bound


def test_a_reduced_week_of_the_benchmark_is_within_one_percent_and_keeps_every_rule(
    planned: tuple[Week, WeekPlan],
) -> None:
    week, found = planned
    assert week_breaches(week, found.sessions) == ()
    assert found.proofs[0].gap <= 0.01
    assert plan_week(week, rounds=12).sessions == found.sessions


def test_a_broken_machine_moves_no_more_than_stood_on_it_and_nothing_of_the_past(
    planned: tuple[Week, WeekPlan],
) -> None:
    week, found = planned
    today = Counter(one.machine for one in found.sessions if FIRST <= one.slot < FIRST + 11)
    machine = today.most_common(1)[0][0]
    changed = broken(week, machine, 11)
    now = week.slots[FIRST].start
    mended = repair_week(changed, found.sessions, now)
    stood = [one for one in found.sessions if one.machine == machine and FIRST <= one.slot < FIRST + 11]
    assert stood
    assert len(mended.moved) + len(mended.lost) <= len(stood)
    assert mended.standing is Standing.OPTIMAL
    assert mended.breaches == ()
    assert [one for one in mended.sessions if one.slot < FIRST] == [one for one in found.sessions if one.slot < FIRST]
    untouched = repair_week(week, found.sessions, now)
    assert untouched.sessions == found.sessions
    assert (untouched.lost, untouched.moved, untouched.reseated) == ((), (), ())


def test_a_small_repair_loses_and_moves_as_little_as_any_plan() -> None:
    week = small()
    before = plan_week(week, rounds=40).sessions
    for at in range(len(SLOTS)):
        changed = small(machines=(Machine("m", "mill", "north", (Busy(SLOTS[at].start, SLOTS[at].end),)),))
        mended = repair_week(changed, before, SLOTS[0].start)
        assert mended.breaches == ()

        def cost(plan: tuple[Session, ...]) -> tuple[int, int]:
            return len(before) - len(plan), len(
                {(one.group, one.slot) for one in plan} - {(one.group, one.slot) for one in before}
            )

        had = {group.id: sum(one.group == group.id for one in before) for group in week.groups}
        possible = [
            plan
            for plan in every_plan(changed)
            if all(sum(one.group == name for one in plan) <= count for name, count in had.items())
        ]
        assert (len(mended.lost), len(mended.moved)) == min(map(cost, possible))


def test_an_ill_mentor_is_replaced_where_somebody_may() -> None:
    week = small(mentors=(Mentor("t", ("north",), MILL), Mentor("u", ("north",), MILL)))
    before = plan_week(week, rounds=20).sessions
    ill = Busy(SLOTS[0].start, SLOTS[-1].end)
    names = {one.mentor for one in before}
    away = sorted(names)[0]
    changed = replace(week, mentors=tuple(replace(one, busy=(ill,)) if one.id == away else one for one in week.mentors))
    mended = repair_week(changed, before, SLOTS[0].start)
    assert mended.breaches == ()
    assert {one.mentor for one in mended.sessions} == {"u" if away == "t" else "t"}


def test_groups_that_must_have_more_than_there_is_are_told_which_rule_would_help() -> None:
    groups = tuple(Group(name, "mill", "north", 5, 3, 3, MILL) for name in "ab")
    with pytest.raises(Unschedulable, match="mentor_hours") as refused:
        plan_week(small(groups=groups, rules=Rules(mentor_day=2, group_day=5, mentor_nights=2, group_nights=2)))
    given = [(one.kind, one.asked, one.by) for one in refused.value.relaxations]
    assert given == [("mentor_hours", 2.0, 2.0), ("mentor_number", 2.0, 2.0)]
    never = (Group("a", "mill", "north", 5, 2, 2),)
    with pytest.raises(Unschedulable, match="group_authorised"):
        plan_week(small(groups=never))


def spans(*numbers: int) -> tuple[Busy, ...]:
    return tuple(Busy(SLOTS[at].start, SLOTS[at].end) for at in numbers)


MUCH = Rules(rest_hours=0, mentor_day=9, group_day=9, group_nights=2, mentor_nights=2)
# Noon to six in the evening at north, and at once before and after at south, two hours away.
FAR = tuple(Busy(SLOTS[at].start, SLOTS[at].end, "south") for at in (0, 2, 3, 5))


@pytest.mark.parametrize(
    ("rule", "least", "changes"),
    [
        ("group_authorised", 2, {"groups": (Group("a", "mill", "north", 5, 2, 2),)}),
        ("mentor_authorised", 2, {"mentors": (Mentor("t", ("north",), ()),)}),
        ("mentor_busy", 5, {"mentors": (Mentor("t", ("north",), MILL, spans(0, 3)),)}),
        ("machine_closed", 5, {"machines": (Machine("m", "mill", "north", spans(1, 4)),)}),
        ("group_study", 5, {"groups": (Group("a", "mill", "north", 5, 5, 5, MILL, spans(0, 3)),)}),
        ("mentor_hours", 5, {"rules": replace(MUCH, mentor_day=2)}),
        ("group_day", 5, {"rules": replace(MUCH, group_day=2)}),
        ("rest", 6, {"rules": replace(MUCH, rest_hours=11)}),
        ("nights", 6, {"rules": replace(MUCH, group_nights=1)}),
        (
            "travel",
            2,
            {"travel": {("north", "south"): 2.0}, "groups": (Group("a", "mill", "north", 5, 2, 2, MILL, FAR),)},
        ),
    ],
)
def test_a_week_without_a_plan_names_the_rule_to_ease_and_is_planned_once_it_is(
    rule: str, least: int, changes: dict[str, object]
) -> None:
    plain = small(groups=(Group("a", "mill", "north", 5, least, least, MILL),), rules=MUCH)
    assert len(plan_week(plain).sessions) == least
    week = replace(plain, **changes)  # type: ignore[arg-type]
    with pytest.raises(Unschedulable, match=f"together .*{rule}.* leave no plan") as refused:
        plan_week(week, rounds=5)
    assert rule in refused.value.conflict
    assert rule in {one.kind for one in refused.value.relaxations}
    assert len(plan_week(LIFTED[rule](week)).sessions) == least


def test_one_mentor_leads_one_group_of_five_at_a_time() -> None:
    """Two groups, two machines and one mentor, who has too few slots for both."""
    groups = tuple(Group(name, "mill", "north", 5, 4, 4, MILL) for name in "ab")
    week = small(groups=groups, machines=tuple(Machine(name, "mill", "north") for name in "mn"), rules=MUCH)
    with pytest.raises(Unschedulable) as refused:
        plan_week(week)
    assert [(one.kind, one.by) for one in refused.value.relaxations] == [("mentor_number", 2.0)]
    assert refused.value.conflict == ("mentor_number",)
    two = (*week.mentors, Mentor("u", ("north",), MILL))
    assert len(plan_week(replace(week, mentors=two)).sessions) == 8
    with pytest.raises(UnmetAssumption, match="a mentor takes 1 to 5"):
        plan_week(small(groups=(Group("a", "mill", "north", 6, 1, 1, MILL),)))


def test_rules_that_forbid_a_plan_only_together_are_all_named_and_none_is_spared() -> None:
    """Study takes one evening and maintenance the other; with either free the least of five would fit."""
    groups = (Group("a", "mill", "north", 5, 5, 5, MILL, spans(2)),)
    week = small(groups=groups, machines=(Machine("m", "mill", "north", spans(5)),), rules=MUCH)
    with pytest.raises(Unschedulable, match="together machine_closed, group_study leave no plan") as refused:
        plan_week(week)
    assert {(one.kind, one.by) for one in refused.value.relaxations} == {("machine_closed", 1.0), ("group_study", 1.0)}
    for rule in refused.value.conflict:
        assert len(plan_week(LIFTED[rule](week)).sessions) == 5


def test_machines_that_are_too_few_are_no_conflict_of_rules() -> None:
    groups = tuple(Group(name, "mill", "north", 5, 4, 4, MILL) for name in "ab")
    with pytest.raises(Unschedulable, match="no single rule would help") as refused:
        plan_week(small(groups=groups, rules=MUCH))
    assert refused.value.conflict == () and refused.value.relaxations == ()


def test_mentors_of_two_campuses_work_at_one_a_day_and_have_time_to_travel() -> None:
    week = small(
        machines=(Machine("m", "mill", "north"), Machine("n", "mill", "east")),
        mentors=(Mentor("t", ("north", "east"), MILL),),
        groups=(Group("a", "mill", "north", 5, 3, 1, MILL), Group("b", "mill", "east", 4, 3, 1, MILL)),
        travel={("north", "east"): 3.0},
    )
    found = plan_week(week, rounds=30)
    assert found.breaches == ()
    assert {one.group for one in found.sessions} == {"a", "b"}


A = Session(0, "a", "m", "t")


@pytest.mark.parametrize(
    ("rows", "changes", "rule"),
    [
        ([A, Session(0, "b", "m", "t")], {}, "week.machine_once"),
        ([A, A], {}, "week.group_once"),
        ([Session(99, "a", "m", "t")], {}, "week.unknown"),
        ([A], {"machines": (Machine("m", "laser", "north"), Machine("x", "mill", "north"))}, "week.place"),
        ([A], {"mentors": (Mentor("t", ("east",), MILL),)}, "week.mentor_campus"),
        ([A], {"mentors": (Mentor("t", ("north",), ()),)}, "week.authorised"),
        ([A], {"machines": (Machine("m", "mill", "north", (Busy(SINCE, SLOTS[0].end),)),)}, "week.machine_closed"),
        ([A], {"rules": Rules(load=4)}, "week.load"),
        ([A, Session(1, "a", "m", "t")], {"rules": Rules(group_day=1)}, "week.group_day"),
        ([A, Session(1, "b", "m", "t")], {"rules": Rules(mentor_day=1)}, "week.mentor_day"),
        ([A, Session(1, "b", "m", "t")], {"rules": Rules(mentor_week=1)}, "week.mentor_week"),
        ([Session(2, "a", "m", "t"), Session(5, "a", "m", "t")], {}, "week.group_nights"),
        ([Session(2, "a", "m", "t"), Session(3, "a", "m", "t")], {}, "week.rest"),
        ([A, Session(1, "a", "m", "t"), Session(2, "a", "m", "t")], {}, "week.sessions"),
        ([A], {"mentors": (Mentor("t", ("north",), MILL, (Busy(SLOTS[0].start, SLOTS[0].end),)),)}, "week.overlap"),
    ],
)  # fmt: skip
def test_the_check_sees_each_rule_broken(rows: list[Session], changes: dict[str, object], rule: str) -> None:
    assert rule in {breach.rule for breach in week_breaches(small(**changes), rows)}


def test_study_at_another_campus_leaves_time_for_the_way() -> None:
    study = Busy(SLOTS[1].start + timedelta(hours=1), SLOTS[1].end, "east")
    group = Group("a", "mill", "north", 5, 1, 0, MILL, (study,))
    week = small(groups=(group,), travel={("east", "north"): 2.0})
    assert "week.overlap" in {breach.rule for breach in week_breaches(week, [A])}
    assert "week.overlap" not in {breach.rule for breach in week_breaches(replace(week, travel={}), [A])}
    assert {one.slot for one in plan_week(week, rounds=5).sessions}.isdisjoint({0, 1, 2})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"slots": ()}, "without slots"),
        ({"slots": (SLOTS[1], SLOTS[0])}, "overlaps"),
        ({"slots": (replace(SLOTS[0], start=datetime(2026, 11, 23, 6)),)}, "time zone"),
        ({"machines": ()}, "none stands there"),
        ({"machines": (Machine("m", "mill", "north"),) * 2}, "twice"),
        ({"groups": (Group("a", "mill", "north", 6, 1, 0, MILL),)}, "6 trainees"),
        ({"groups": (Group("a", "mill", "north", 5, 1, 2, MILL),)}, "must have 2"),
        ({"mentors": (Mentor("t", ("north",), MILL, (Busy(SLOTS[1].end, SLOTS[1].start),)),)}, "before it begins"),
        (
            {"mentors": (Mentor("t", ("north",), MILL, (Busy(datetime(2026, 1, 1), datetime(2026, 1, 2)),)),)},
            "without a zone",
        ),
    ],
)  # fmt: skip
def test_a_week_that_contradicts_itself_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(UnmetAssumption, match=words) as refused:
        plan_week(small(**changes))
    assert refused.value.code == "scheduling.week"


def test_slots_keep_their_length_where_the_clocks_change() -> None:
    # In Berlin the clocks go back on 25 October 2026 at 3:00: the night slot from 2:00 still lasts two real hours.
    slots = slots_of_week(date(2026, 10, 24), "Europe/Berlin", days=2)
    assert {slot.end - slot.start for slot in slots} == {timedelta(hours=2)}
    assert all(one.end <= other.start for one, other in combinations(slots, 2))
    assert slots[11].start - slots[0].start == timedelta(hours=25)
    assert [slot.night for slot in slots[:11]] == [False] * 8 + [True] * 3


def test_an_unknown_zone_a_doubtful_opening_and_slots_that_run_into_the_next_day_are_refused() -> None:
    with pytest.raises(UnmetAssumption, match="no time zone"):
        slots_of_week(MONDAY, "Asia/Nowhere")
    with pytest.raises(UnmetAssumption, match="comes twice or never"):
        slots_of_week(date(2026, 10, 25), "Europe/Berlin", opens=time(2, 30))
    with pytest.raises(UnmetAssumption, match="run into"):
        slots_of_week(MONDAY, "Asia/Shanghai", per_day=13)
