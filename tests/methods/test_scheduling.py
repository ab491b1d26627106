"""Rotations and training patterns: optimal among all possible plans, refused with a reason, checked again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.training.rotation import season as large_season
from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.scheduling import (
    PATTERNS,
    Bay,
    Campus,
    GroupClass,
    Pattern,
    Phase,
    Season,
    Standing,
    Stay,
    Unschedulable,
    open_fortnights,
    plan_rotation,
    season_breaches,
    spans,
    study_days,
)
from ronghe.methods.scheduling.patterns import Part, months_later
from ronghe.methods.scheduling.spreading import spread

NORTH, EAST, SOUTH = Campus("north"), Campus("east", "north"), Campus("south")


def small(**changes: object) -> Season:
    """Two groups of a northern class that need the mill and the laser; the laser stands in the east as well."""
    plain = Season(
        fortnights=3,
        classes=(GroupClass("a", "north", 2, 4, {"mill": 1, "laser": 1}, frozenset({0, 1, 2})),),
        bays=(
            Bay("mill", "north", (1, 1, 1)), Bay("laser", "north", (1, 0, 0)),
            Bay("laser", "east", (1, 1, 1)), Bay("laser", "south", (2, 2, 2)),
        ),
        campuses=(NORTH, EAST, SOUTH),
        distance={("north", "east"): 3.0, ("north", "south"): 1.0},
    )  # fmt: skip
    return replace(plain, **changes)  # type: ignore[arg-type]


def rows(stays: tuple[Stay, ...]) -> list[tuple[str, int, int, str, str]]:
    return [(one.class_id, one.group, one.fortnight, one.family, one.campus) for one in stays]


def cheapest(season: Season) -> float | None:
    """The least travel of all plans that the independent check lets pass, by trying every one."""
    (one,) = season.classes
    places = [None, *((bay.family, bay.campus) for bay in season.bays)]
    best = None
    for chosen in product(places, repeat=season.fortnights * one.groups):
        plan = [
            (one.id, index // season.fortnights, index % season.fortnights, *place)
            for index, place in enumerate(chosen)
            if place is not None
        ]
        if len(plan) == one.groups * sum(one.needs.values()) and not season_breaches(season, plan):
            cost = sum(season.travel(one.campus, campus) for *_, campus in plan)
            best = cost if best is None else min(best, cost)
    return best


def test_the_rotation_costs_the_least_of_all_possible_ones() -> None:
    season = small()
    found = plan_rotation(season)
    assert found.travel == cheapest(season) == 3.0
    assert found.standing is Standing.OPTIMAL
    assert found.breaches == ()
    assert len(found.stays) == 4


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(0, 2), min_size=9, max_size=9), st.sampled_from([None, 0, 1]), st.integers(0, 1))
def test_small_seasons_are_optimal_or_proven_impossible(places: list[int], away: int | None, since: int) -> None:
    season = small(
        bays=tuple(
            Bay(family, campus, tuple(places[at : at + 3]))
            for family, campus, at in (("mill", "north", 0), ("laser", "north", 3), ("laser", "east", 6))
        ),
        classes=(GroupClass("a", "north", 2, 4, {"mill": 1, "laser": 1}, frozenset({0, 1, 2}), {"laser": since}),),
        away=away,
    )
    best = cheapest(season)
    if best is None:
        with pytest.raises(Unschedulable):
            plan_rotation(season)
    else:
        found = plan_rotation(season)
        assert (found.travel, found.breaches, found.standing) == (best, (), Standing.OPTIMAL)


def test_the_reason_names_the_rule_to_relax_and_by_how_much() -> None:
    season = small(bays=(Bay("mill", "north", (1, 0, 0)), Bay("laser", "north", (1, 1, 1))))
    with pytest.raises(Unschedulable) as refused:
        plan_rotation(season)
    (rule,) = refused.value.relaxations
    assert (rule.kind, rule.by) in {("class_needs", 1.0), ("bay_places", 1.0)}
    assert "1" in str(refused.value)
    short_of_mentors = small(campuses=(Campus("north", None, (4, 4, 0)), EAST, SOUTH), distance={})
    assert plan_rotation(short_of_mentors).breaches == ()
    with pytest.raises(Unschedulable) as refused:
        plan_rotation(small(campuses=(Campus("north", None, (0, 0, 0)), EAST, SOUTH)))
    assert {one.kind for one in refused.value.relaxations} <= {"campus_mentors", "class_needs"}


def test_rotations_stay_within_the_region_of_a_core_and_its_satellites() -> None:
    found = plan_rotation(small())
    assert {one.campus for one in found.stays} <= {"north", "east"}
    abroad = [("a", 0, 0, "laser", "south"), *rows(found.stays)[1:]]
    assert "season.region" in {breach.rule for breach in season_breaches(small(), abroad)}


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        (("a", 0, 7, "mill", "north"), "season.study"),
        (("a", 9, 0, "mill", "north"), "season.group"),
        (("a", 0, 0, "drill", "north"), "season.bay"),
        (("a", 1, 0, "mill", "north"), "season.needs"),
    ],
)
def test_the_check_sees_a_plan_that_was_tampered_with(changed: tuple[str, int, int, str, str], rule: str) -> None:
    plan = [("a", 0, 0, "mill", "north"), ("a", 0, 1, "laser", "east"), ("a", 1, 1, "mill", "north")]
    plan += [("a", 1, 2, "laser", "east")]
    assert season_breaches(small(), plan) == ()
    assert rule in {breach.rule for breach in season_breaches(small(), [changed, *plan[1:]])}


def test_the_check_sees_full_bays_missing_mentors_and_two_places_at_once() -> None:
    plan = [("a", 0, 0, "mill", "north"), ("a", 0, 0, "laser", "east"), ("a", 1, 0, "mill", "north")]
    season = small(campuses=(Campus("north", None, (4, 4, 4)), EAST, SOUTH), away=0)
    found = {breach.rule for breach in season_breaches(season, [*plan, ("a", 1, 2, "laser", "east")])}
    assert found == {"season.one_place", "season.places", "season.mentors", "season.away"}


def test_a_class_splits_into_rows_of_its_groups_with_days_away_dealt_out_evenly() -> None:
    counts = {(at, bay): 2 for at in range(3) for bay in (0, 1)}
    split = spread(4, {"mill": 3}, counts, {0: "mill", 1: "mill"}, frozenset({1}), 2)
    assert split is not None
    assert all(len(row) == 3 and 1 <= sum(bay == 1 for bay in row.values()) <= 2 for row in split)
    assert spread(4, {"mill": 3}, counts, {0: "mill", 1: "mill"}, frozenset({1}), 1) is None


def test_a_reduced_season_of_the_benchmark_is_proven_without_a_breach_and_the_same_again() -> None:
    season = large_season(4, groups=60)
    found = plan_rotation(season)
    assert (found.standing, found.breaches) == (Standing.OPTIMAL, ())
    assert len(found.stays) == sum(one.groups * sum(one.needs.values()) for one in season.classes)
    assert plan_rotation(season) == found


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fortnights": 0}, "no fortnights"),
        ({"campuses": (NORTH, NORTH, EAST, SOUTH)}, "twice"),
        ({"campuses": (NORTH, Campus("east", "nowhere"), SOUTH)}, "no core"),
        ({"campuses": (Campus("north", None, (1,)), EAST, SOUTH)}, "for 1 fortnights"),
        ({"bays": (Bay("mill", "moon", (1, 1, 1)),)}, "no campus here"),
        ({"bays": (Bay("mill", "north", (1, -1, 1)),)}, "places"),
        ({"classes": (GroupClass("a", "north", 1, 4, {"mill": 4}, frozenset({0})),)}, "free of theory"),
        ({"classes": (GroupClass("a", "north", 1, 4, {"press": 1}, frozenset({0})),)}, "no campus has"),
        ({"classes": (GroupClass("a", "north", 0, 4, {}, frozenset({0})),)}, "0 groups"),
        ({"classes": (GroupClass("a", "north", 1, 4, {}, frozenset({9})),)}, "outside the season"),
        ({"classes": (GroupClass("a", "north", 1, 4, {"mill": -1}, frozenset({0})),)}, "-1 times"),
    ],
)
def test_a_season_that_contradicts_itself_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(UnmetAssumption, match=words) as refused:
        plan_rotation(small(**changes))
    assert refused.value.code == "scheduling.season"
    assert refused.value.remedy


def test_patterns_give_their_phases_dates() -> None:
    by_code = {pattern.code: pattern for pattern in PATTERNS}
    theory, practice = spans(by_code["3+9"], date(2026, 9, 1))
    assert (theory.first, theory.last, practice.last) == (date(2026, 9, 1), date(2026, 11, 30), date(2027, 8, 31))
    assert len(spans(by_code["3+9+9"], date(2026, 9, 1))) == 3
    assert months_later(date(2026, 11, 30), 3) == date(2027, 2, 28)
    with pytest.raises(UnmetAssumption, match="without time"):
        spans(Pattern("none", "空", "none", (Phase(Part.PRACTICE, 3, frozenset()),)), date(2026, 9, 1))


def test_open_fortnights_and_study_days_follow_the_pattern() -> None:
    by_code = {pattern.code: pattern for pattern in PATTERNS}
    training = spans(by_code["3+9"], date(2026, 9, 1))
    assert open_fortnights(training, date(2026, 11, 16), 4) == {2, 3}
    weekly = spans(by_code["weekly"], date(2026, 9, 1))
    assert [day.weekday() for day in study_days(weekly, date(2026, 11, 23), 7)] == [3, 4, 5, 6]
    assert open_fortnights(weekly, date(2026, 11, 23), 2) == {0, 1}


def standing_plan() -> Season:
    """The small season as two classes of one group, each with where it stands by the cheapest plan."""
    found = plan_rotation(small())
    (one,) = small().classes
    return small(
        classes=tuple(
            replace(
                one,
                id=f"a{group}",
                groups=1,
                stands={stay.fortnight: (stay.family, stay.campus) for stay in found.stays if stay.group == group},
            )
            for group in range(2)
        )
    )


def fewest_moves(season: Season) -> tuple[int, float]:
    """The fewest fortnights moved, then the least travel, of all plans that the independent check lets pass."""
    places = [None, *((bay.family, bay.campus) for bay in season.bays if bay.campus != "south")]
    found = []
    for chosen in product(places, repeat=season.fortnights * 2):
        plan = [
            (season.classes[index // season.fortnights], index % season.fortnights, place)
            for index, place in enumerate(chosen)
            if place is not None
        ]
        if len(plan) == 4 and not season_breaches(season, [(one.id, 0, at, *place) for one, at, place in plan]):
            moved = sum(one.stands[at] != place if at in one.stands else True for one, at, place in plan)
            found.append((moved, sum(season.travel(one.campus, place[1]) for one, _at, place in plan)))
    return min(found)


@pytest.mark.parametrize("number", [0, 1])
def test_a_pinned_group_moves_as_little_as_possible_of_the_plan_that_stands(number: int) -> None:
    season = standing_plan()
    assert plan_rotation(season).moved == 0
    at = next(at for at, (family, _campus) in season.classes[number].stands.items() if family == "mill")
    for pin in (
        {"forbidden": frozenset({(at, "mill")})},
        *({"pinned": {other: "mill"}} for other in range(3) if other != at),
    ):
        classes = list(season.classes)
        classes[number] = replace(classes[number], **pin)  # type: ignore[arg-type]
        asked = replace(season, classes=tuple(classes))
        found = plan_rotation(asked)
        assert found.breaches == ()
        assert (found.moved, found.travel) == fewest_moves(asked) > (0, 0)
        assert found.standing is Standing.OPTIMAL
        assert season_breaches(asked, rows(plan_rotation(season).stays)) != ()


def test_pins_that_leave_no_plan_are_named_without_those_that_do_no_harm() -> None:
    first, second = standing_plan().classes
    pinned = (
        replace(first, pinned={0: "mill", 1: "laser"}),
        replace(second, pinned={0: "mill"}, forbidden=frozenset({(2, "mill")})),
    )
    with pytest.raises(Unschedulable) as refused:
        plan_rotation(small(classes=pinned))
    assert refused.value.conflict == ("class_pinned/a0/mill/0", "class_pinned/a1/mill/0")
    assert sum(one.by for one in refused.value.relaxations) == 1
    with pytest.raises(Unschedulable) as refused:
        plan_rotation(small(classes=(replace(first, forbidden=frozenset((at, "mill") for at in range(3))), second)))
    assert refused.value.conflict == tuple(f"class_forbidden/a0/mill/{at}" for at in range(3))
