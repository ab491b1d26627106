"""Maturity: the published rules and scale, who may corroborate, bad input, and that missing evidence never helps."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.maturity import (
    AREAS,
    LEVELS,
    Area,
    Dimension,
    Instance,
    MaturityInputs,
    Practice,
    Rating,
    Stage,
    capability_level,
    control_limits,
    maturity,
    staged_level,
)

TODAY = date(2026, 6, 30)
HERE = Area.of(Dimension.POLICY, Stage.MATCHING)
PRACTICES = tuple(
    Practice(f"{area.code}.{level}{letter}", area, level) for area in AREAS for level in LEVELS for letter in "ab"
)
STEADY = {area: [10.0, 11.0] * 6 for area in AREAS}
IMPROVED = dict.fromkeys(AREAS, 1)


def instances(practice: Practice, due: int, met: int) -> list[Instance]:
    day = TODAY - timedelta(days=30)
    return [
        Instance(practice.code, str(number), day, day, "office", day, "enterprise")
        if number < met
        else Instance(practice.code, str(number), day)
        for number in range(due)
    ]


def community(due: int = 22, met: int = 22, up_to: int = 5) -> MaturityInputs:
    """All practices up to a level met so often; those above have nothing to show."""
    rows = [row for practice in PRACTICES for row in instances(practice, due, met if practice.level <= up_to else 0)]
    return MaturityInputs(PRACTICES, rows, TODAY, STEADY, IMPROVED)


# ISO/IEC 33020 as reproduced in Automotive SPICE 3.1, section 3.2.
@pytest.mark.parametrize(
    ("percent", "rating"),
    [(0, "N"), (15, "N"), (15.01, "P"), (50, "P"), (50.01, "L"), (85, "L"), (85.01, "F"), (100, "F")],
)
def test_the_scale_is_the_published_one(percent: float, rating: str) -> None:
    assert Rating.of(percent / 100).value == rating


@pytest.mark.parametrize(
    ("ratings", "level"),
    [
        ({1: "L"}, 1),
        ({1: "F", 2: "LF"}, 2),
        ({1: "L", 2: "FF"}, 1),
        ({1: "F", 2: "FP", 3: "FF"}, 1),
        ({1: "F", 2: "FF", 3: "LL"}, 3),
        ({1: "P"}, 0),
    ],
)
def test_a_level_needs_its_attributes_largely_and_all_below_fully(ratings: dict[int, str], level: int) -> None:
    assert capability_level({key: [Rating(letter) for letter in text] for key, text in ratings.items()}) == level


def test_there_are_nine_areas() -> None:
    assert len(set(AREAS)) == 9


@pytest.mark.parametrize(
    ("due", "met", "rating"),
    [(3, 3, "P"), (4, 4, "L"), (21, 21, "L"), (22, 22, "F"), (22, 0, "N"), (100, 100, "F"), (200, 100, "P")],
)
def test_a_practice_is_rated_at_the_lower_bound_of_its_share(due: int, met: int, rating: str) -> None:
    given = replace(community(), instances=instances(PRACTICES[0], due, met))
    found = maturity(given).areas[0].practices[0]
    assert (found.due, found.met, found.rating.value) == (due, met, rating)


def test_a_community_with_everything_shown_is_at_level_five_and_each_condition_holds_it_back() -> None:
    whole = community()
    assert maturity(whole).staged == 5
    assert maturity(replace(whole, improvements={})).staged == 4
    short = {area: values[:11] for area, values in STEADY.items()}
    found = maturity(replace(whole, periods=short))
    assert found.staged == 3
    assert found.areas[0].held_back_by == ("control_limits",)
    assert [maturity(community(up_to=level)).staged for level in (1, 2, 3, 4)] == [1, 2, 3, 4]


def test_the_staged_level_is_that_of_the_weakest_area_that_applies() -> None:
    whole = community()
    weak = replace(whole, improvements={area: 1 for area in AREAS if area != HERE})
    assert maturity(weak).staged == 4
    assert maturity(replace(weak, improvements={**IMPROVED, HERE: 0}, not_applicable=frozenset({HERE}))).staged == 5
    assert staged_level([3, None, 2, 5]) == 2


def test_nobody_corroborates_themselves_and_old_evidence_is_none() -> None:
    good = Instance(PRACTICES[0].code, "x", TODAY, TODAY, "office", TODAY, "enterprise")
    year_old, older = date(2025, 6, 30), date(2025, 6, 29)
    for instance, met in (
        (good, 1),
        (replace(good, corroborated_by="office"), 0),
        (replace(good, corroborated_by=""), 0),
        (replace(good, corroboration=None), 0),
        (replace(good, evidence=None), 0),
        (replace(good, evidence=year_old, corroboration=year_old), 1),
        (replace(good, evidence=older), 0),
        (replace(good, corroboration=older), 0),
    ):
        found = maturity(replace(community(), instances=[instance])).areas[0].practices[0]
        assert (found.due, found.met) == (1, met)


def test_a_practice_of_which_nothing_was_due_is_not_taken_for_done_and_is_said() -> None:
    found = maturity(replace(community(), instances=[]))
    assert found.staged == 1
    assert (found.areas[0].practices[0].share, found.areas[0].practices[0].rating) == (None, Rating.NOT)
    assert [caution.code for caution in found.explanation.warnings] == ["maturity.nothing_due"]


def test_control_limits_are_the_textbook_ones() -> None:
    """Of 1, 2, …, 12 every moving range is 1, so the limits are 6.5 ± 2.66."""
    limits = control_limits(range(1, 13))
    assert limits is not None
    assert (limits.centre, limits.low, limits.high) == (6.5, pytest.approx(3.84), pytest.approx(9.16))
    assert limits.outside == (0, 1, 2, 9, 10, 11)
    assert control_limits(range(11)) is None


SMALL = tuple(Practice(f"{level}{letter}", HERE, level) for level in LEVELS for letter in "ab")
days = st.sampled_from([None, TODAY, TODAY - timedelta(days=500)])
rows = st.lists(st.tuples(st.integers(0, 7), days, days), min_size=0, max_size=120)
# Most instances met, so that the levels reached differ.
mostly_met = st.integers(4, 25).flatmap(lambda size: st.lists(st.integers(0, 9), min_size=8 * size, max_size=8 * size))


@settings(max_examples=40, deadline=None)
@given(mostly_met, st.data())
def test_no_level_rises_when_evidence_is_taken_away(marks: list[int], data: st.DataObject) -> None:
    every = [
        Instance(SMALL[place % 8].code, str(place), TODAY, TODAY, "office", TODAY, "firm" if mark else "office")
        for place, mark in enumerate(marks)
    ]
    before = MaturityInputs(SMALL, every, TODAY, {HERE: [1.0, 2.0] * 7}, {HERE: 1})
    taken = set(data.draw(st.lists(st.integers(0, len(every) - 1), max_size=20)))
    what = data.draw(st.sampled_from([{"evidence": None}, {"corroboration": None}, {"evidence": date(2020, 1, 1)}]))
    after = replace(
        before,
        instances=[replace(row, **what) if place in taken else row for place, row in enumerate(every)],
        periods={HERE: [1.0, 2.0] * data.draw(st.integers(0, 7))},
        improvements={HERE: data.draw(st.integers(0, 1))},
    )
    assert maturity(after).staged <= maturity(before).staged


@settings(max_examples=40, deadline=None)
@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_instances_counts_neither_in_the_level_nor_in_the_hash(
    rows: list[tuple[int, date | None, date | None]], random: Random
) -> None:
    every = [
        Instance(SMALL[which].code, str(place), TODAY, evidence, "office", other, "firm")
        for place, (which, evidence, other) in enumerate(rows)
    ]
    one = maturity(MaturityInputs(SMALL, every, TODAY))
    other = maturity(MaturityInputs(SMALL[::-1], random.sample(every, len(every)), TODAY))
    assert one == other


def test_any_change_of_an_instance_changes_the_hash() -> None:
    day, other = date(2026, 5, 1), date(2026, 5, 2)
    one = Instance("2a", "1", day, day, "office", day, "firm")
    every = [
        one,
        replace(one, practice="2b"),
        replace(one, reference="2"),
        replace(one, due=other),
        replace(one, evidence=other),
        replace(one, evidence=None),
        replace(one, party="of' 'fice"),
        replace(one, corroboration=other),
        replace(one, corroborated_by="other firm"),
    ]
    hashes = {maturity(MaturityInputs(SMALL, [row], TODAY)).explanation.inputs_hash for row in every}
    assert len(hashes) == len(every)


FINE = community(due=1, met=1)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"practices": ()}, "maturity.no_practices"),
        ({"practices": PRACTICES[1:]}, "maturity.too_few_practices"),
        ({"practices": (*PRACTICES, PRACTICES[0])}, "maturity.duplicated_practice"),
        ({"practices": (*PRACTICES, Practice("x", HERE, 1))}, "maturity.level"),
        ({"instances": [Instance("unheard", "1", TODAY)]}, "maturity.unknown_practice"),
        ({"instances": [FINE.instances[0], FINE.instances[0]]}, "maturity.duplicated_instance"),
        ({"instances": [Instance(PRACTICES[0].code, "1", date(2026, 7, 1))]}, "maturity.not_due"),
        (
            {"instances": [Instance(PRACTICES[0].code, "1", TODAY, evidence=date(2026, 7, 1))]},
            "maturity.evidence_after",
        ),
        ({"periods": {Area("sea.bottom"): [1.0]}}, "maturity.unknown_area"),
        ({"not_applicable": frozenset(AREAS)}, "maturity.no_area"),
        ({"periods": {HERE: [float("nan")] * 12}}, "maturity.not_finite"),
    ],
)
def test_bad_input_is_refused_by_name(change: dict[str, object], code: str) -> None:
    with pytest.raises(UnmetAssumption) as refusal:
        maturity(replace(FINE, **change))
    assert refusal.value.code == code


def test_levels_with_a_gap_and_shares_beyond_one_are_refused() -> None:
    for call in (lambda: capability_level({1: [Rating.FULLY], 3: [Rating.FULLY]}), lambda: capability_level({})):
        with pytest.raises(UnmetAssumption, match="rate every level"):
            call()
    with pytest.raises(UnmetAssumption, match="share from 0 to 1"):
        Rating.of(1.2)
    with pytest.raises(UnmetAssumption, match="no area applies"):
        staged_level([None])
