"""What counts as replaced in substance: new skills, levels or practice; not new names, order, splits or mergers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.revision_diff import Change, DeclaredSkill, UnitContent, revision_diff

RTOS = UnitContent(
    "a",
    "Real-time systems",
    20,
    12,
    (DeclaredSkill("rtos", 3, 12, 8, "a scheduler on a board"), DeclaredSkill("c", 3, 8, 4, "code review")),
)
BUS = UnitContent("b", "Field buses", 16, 8, (DeclaredSkill("can", 2, 16, 8, "a trace of a bus"),))
TEST = UnitContent("c", "Testing", 8, 8, (DeclaredSkill("hil", 2, 8, 8, "a test report"),))
PACKAGE = (RTOS, BUS, TEST)


def kinds(before, after):
    return {change.key: change.kind for change in revision_diff(before, after).units}


def test_a_version_does_not_differ_from_itself():
    found = revision_diff(PACKAGE, PACKAGE)
    assert {change.kind for change in found.units} == {Change.UNCHANGED}
    assert (found.replaced, found.replaced_share, found.content_share, found.removed) == (0, 0.0, 0.0, ())


def test_a_new_name_replaces_nothing():
    found = revision_diff(PACKAGE, (replace(RTOS, title="RTOS"), BUS, TEST))
    assert (found.units[0].kind, found.units[0].renamed, found.replaced) == (Change.REWORDED, True, 0)


def test_a_new_order_replaces_nothing_and_only_what_moved_is_called_moved():
    found = revision_diff(PACKAGE, (TEST, RTOS, BUS))
    assert found.replaced == 0
    assert {change.key for change in found.units if change.moved} == {"c"}


def test_a_split_replaces_nothing():
    parts = (
        UnitContent("a", "Scheduling", 12, 8, RTOS.declared[:1]),
        UnitContent("n", "C for it", 8, 4, RTOS.declared[1:]),
    )
    found = revision_diff(PACKAGE, (*parts, BUS, TEST))
    assert [change.kind for change in found.units[:2]] == [Change.SPLIT, Change.SPLIT]
    assert (found.replaced, found.content_share, found.removed) == (0, 0.0, ())


def test_a_merger_replaces_and_removes_nothing():
    merged = UnitContent("a", "Real-time systems and buses", 36, 20, RTOS.declared + BUS.declared)
    found = revision_diff(PACKAGE, (merged, TEST))
    assert (found.units[0].kind, found.units[0].origins) == (Change.MERGED, ("a", "b"))
    assert (found.replaced, found.removed) == (0, ())


def test_other_skills_under_the_same_name_are_a_replacement():
    other = replace(BUS, declared=(DeclaredSkill("tsn", 3, 16, 8, "a trace of a bus"),))
    found = revision_diff(PACKAGE, (RTOS, other, TEST))
    assert kinds(PACKAGE, (RTOS, other, TEST))["b"] is Change.REPLACED
    assert found.replaced_share == pytest.approx(1 / 3)
    assert found.content_share == pytest.approx(16 / 44)
    assert (found.units[1].gained, found.units[1].lost) == ((("tsn", 3),), (("can", 2),))


def test_a_unit_is_replaced_from_half_of_its_hours_on():
    def bus(new):
        return replace(BUS, declared=(DeclaredSkill("can", 2, 16 - new, 0), DeclaredSkill("tsn", 2, new, 0)))

    before = (bus(0.0),)
    assert kinds(before, (bus(7.9),))["b"] is Change.ADJUSTED
    assert kinds(before, (bus(8.0),))["b"] is Change.REPLACED


def test_a_higher_level_is_new_content_and_so_is_theory_turned_into_practice():
    raised = replace(TEST, declared=(replace(TEST.declared[0], level=3),))
    assert kinds(PACKAGE, (RTOS, BUS, raised))["c"] is Change.REPLACED
    practised = replace(BUS, practice_hours=16, declared=(replace(BUS.declared[0], practice_hours=16),))
    assert kinds(PACKAGE, (RTOS, practised, TEST))["b"] is Change.REPLACED


def test_other_evidence_alone_adjusts_and_spaces_in_it_change_nothing():
    asked = replace(TEST, declared=(replace(TEST.declared[0], evidence="a demonstration to the mentor"),))
    found = revision_diff(PACKAGE, (RTOS, BUS, asked))
    assert (found.units[2].kind, found.units[2].novelty) == (Change.ADJUSTED, 0.25)
    spaced = replace(TEST, declared=(replace(TEST.declared[0], evidence="  A test  Report "),))
    assert kinds(PACKAGE, (RTOS, BUS, spaced))["c"] is Change.UNCHANGED


def test_what_was_taught_once_cannot_carry_two_units():
    copy = replace(BUS, key="d", title="Field buses again")
    found = revision_diff(PACKAGE, (*PACKAGE, copy))
    assert (found.units[1].novelty, found.units[3].novelty) == (0.0, 1.0)
    assert (found.units[3].kind, found.replaced) == (Change.ADDED, 1)


def test_a_unit_left_out_is_removed():
    assert revision_diff(PACKAGE, (RTOS, BUS)).removed == ("c",)


def test_a_first_version_is_all_new_and_an_empty_one_has_no_share():
    assert {change.kind for change in revision_diff((), PACKAGE).units} == {Change.ADDED}
    empty = revision_diff(PACKAGE, ())
    assert (empty.replaced_share, empty.content_share, len(empty.removed)) == (None, None, 3)


def test_hours_that_cannot_be_and_keys_that_stand_twice_are_refused():
    with pytest.raises(UnmetAssumption, match="practice"):
        revision_diff((), (replace(BUS, practice_hours=17),))
    with pytest.raises(UnmetAssumption, match="same key"):
        revision_diff((), (BUS, BUS))


declarations = st.lists(
    st.builds(
        lambda skill, level, theory, practice, evidence: DeclaredSkill(
            skill, level, theory + practice, practice, evidence
        ),
        st.sampled_from("pqrst"),
        st.integers(1, 5),
        st.integers(0, 20),
        st.integers(0, 20),
        st.sampled_from(["", "x", "y"]),
    ),
    min_size=1,
    max_size=4,
)


def unit_of(key, declared):
    hours, practice = sum(one.hours for one in declared), sum(one.practice_hours for one in declared)
    return UnitContent(str(key), f"unit {key}", hours, practice, tuple(declared))


packages = st.lists(declarations, min_size=1, max_size=5).map(
    lambda found: tuple(unit_of(number, declared) for number, declared in enumerate(found))
)


@given(packages, st.randoms(use_true_random=False))
def test_no_rename_reorder_split_or_merger_ever_replaces_anything(package, rng):
    parts = [
        unit_of(f"{unit.key}-{number}" if number else unit.key, [one])
        for unit in package
        for number, one in enumerate(unit.declared)
        if one.hours
    ]
    rng.shuffle(parts)
    merged = unit_of("all", [one for unit in parts for one in unit.declared])
    renamed = [replace(unit, key=f"other {unit.key}", title="") for unit in package if unit.hours]
    for after in (parts, [merged] if parts else [], renamed):
        found = revision_diff(package, after)
        assert found.replaced == 0
        assert all(change.novelty < 1e-9 for change in found.units)


@given(packages, packages, st.randoms(use_true_random=False))
def test_shares_are_shares_and_the_order_of_units_and_declarations_decides_nothing(before, after, rng):
    found = revision_diff(before, after)
    assert all(0 <= change.novelty <= 1 for change in found.units)
    shuffled = [
        replace(unit, declared=tuple(rng.sample(unit.declared, len(unit.declared))))
        for unit in rng.sample(after, len(after))
    ]
    again = {change.key: change for change in revision_diff(before, shuffled).units}
    for change in found.units:
        assert again[change.key].novelty == pytest.approx(change.novelty)
        assert again[change.key].kind.is_substantive == change.kind.is_substantive
