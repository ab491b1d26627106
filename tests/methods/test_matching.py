"""Matching: published instances, stability and optimality against every possible matching, refusals and reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from itertools import permutations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.matching import (
    Aims,
    ImpossibleQuotas,
    Market,
    Position,
    Quota,
    ShareOf,
    Standing,
    Student,
    Unlisted,
    Why,
    blocking_pairs,
    breaches,
    maximal_matching,
    preferences_from_comparisons,
    reasons,
    stable_matching,
    strict,
)
from ronghe.methods.matching.reasons import WORDS

Places = dict[str, str | None]


def ranked(students: Mapping[str, str], positions: Mapping[str, str], seats: Mapping[str, int] | None = None) -> Market:
    """A round of one-letter ids, each side with its order of the other."""
    return Market(
        students=tuple(Student(name, strict(*order)) for name, order in students.items()),
        positions=tuple(Position(name, (seats or {}).get(name, 1)) for name in positions),
        fit={(student, name): -float(i) for name, order in positions.items() for i, student in enumerate(order)},
        ineligible={
            (student, name): "not ranked"
            for name, order in positions.items()
            for student in students
            if student not in order
        },
    )


def every_matching(market: Market) -> Iterator[Places]:
    """All placements that break no rule."""
    choices = [[None, *(position for tier in one.preferences for position in tier)] for one in market.students]
    names = [one.id for one in market.students]
    for chosen in product(*choices):
        placements = dict(zip(names, chosen, strict=True))
        if not breaches(market, placements):
            yield placements


def rank_of(student: Student, place: str | None) -> int:
    before = 1
    for tier in student.preferences:
        if place in tier:
            return before
        before += len(tier)
    return before


# Gale and Shapley, American Mathematical Monthly 69, 1962, example 1 and 2.
EXAMPLE_1 = ranked({"a": "ABC", "b": "BCA", "c": "CAB"}, {"A": "bca", "B": "cab", "C": "abc"})
EXAMPLE_2 = ranked(
    {"a": "ABCD", "b": "ADCB", "c": "BACD", "d": "DBCA"}, {"A": "dcab", "B": "bdac", "C": "dabc", "D": "cbad"}
)


def test_everybody_gets_the_first_wish_in_gale_and_shapleys_first_example() -> None:
    found = stable_matching(EXAMPLE_1)
    assert found.placements == {"a": "A", "b": "B", "c": "C"}
    assert found.standing is Standing.STUDENT_OPTIMAL and not found.blocking_pairs


def test_a_quota_picks_another_stable_matching_where_there_is_one() -> None:
    """The three stable matchings of the example give A's seat to a, c and b; the quota asks for c there."""
    students = tuple(replace(one, groups=frozenset({one.id})) for one in EXAMPLE_1.students)
    positions = tuple(replace(one, groups=frozenset({one.id})) for one in EXAMPLE_1.positions)
    market = replace(EXAMPLE_1, students=students, positions=positions, quotas=(Quota("c to A", "c", "A", least=1),))
    found = stable_matching(market)
    assert found.placements == {"a": "B", "b": "C", "c": "A"}
    assert found.standing is Standing.STABLE and found.none_stable is False


def test_gale_and_shapleys_second_example_has_one_stable_matching() -> None:
    found = stable_matching(EXAMPLE_2)
    assert found.placements == {"a": "C", "b": "D", "c": "A", "d": "B"}
    assert [one for one in every_matching(EXAMPLE_2) if not blocking_pairs(EXAMPLE_2, one)] == [found.placements]


# The example by which the National Resident Matching Program explains its algorithm: eight applicants, four programs
# of two posts each, and lists that leave people out (the lists of programs also stand in its example with a couple,
# www-personal.umich.edu/~jeffshuo/nrmpcouples.html). C, G, M and S are City, General, Mercy and State.
RESIDENTS = {
    "anderson": "C", "brown": "CM", "chen": "CM", "davis": "MCGS", "eastman": "CMSG", "ford": "CGMS",
    "garcia": "CMSG", "hassan": "SCMG",
}  # fmt: skip
PROGRAMMES = {
    "M": ("chen", "garcia"),
    "C": ("garcia", "hassan", "eastman", "anderson", "brown", "chen", "davis", "ford"),
    "G": ("brown", "eastman", "hassan", "anderson", "chen", "davis", "garcia"),
    "S": ("brown", "eastman", "anderson", "chen", "hassan", "ford", "davis", "garcia"),
}


def hospitals() -> Market:
    return Market(
        students=tuple(Student(name, strict(*order)) for name, order in RESIDENTS.items()),
        positions=tuple(Position(name, 2) for name in PROGRAMMES),
        fit={(one, name): -float(i) for name, order in PROGRAMMES.items() for i, one in enumerate(order)},
        ineligible={
            (one, name): "not ranked" for name, order in PROGRAMMES.items() for one in RESIDENTS if one not in order
        },
    )


def by_posts() -> Places:
    """The matching that is best for the programs: each asks those highest on its list, who keep the best that asks."""
    held: Places = dict.fromkeys(RESIDENTS)
    asked = {(name, one) for name, order in PROGRAMMES.items() for one in order if name not in RESIDENTS[one]}
    while True:
        free = next(
            (
                (name, one)
                for name, order in PROGRAMMES.items()
                if sum(place == name for place in held.values()) < 2
                for one in order
                if (name, one) not in asked
            ),
            None,
        )
        if free is None:
            return held
        name, one = free
        asked.add(free)
        now, list_ = held[one], RESIDENTS[one]
        if now is None or list_.index(name) < list_.index(now):
            held[one] = name


def test_the_residents_of_the_national_programs_example_are_placed_as_it_ends() -> None:
    found = stable_matching(hospitals())
    assert found.placements == {
        "anderson": None, "brown": None, "chen": "M", "davis": "G", "eastman": "C", "ford": "S", "garcia": "C",
        "hassan": "S",
    }  # fmt: skip
    assert found.standing is Standing.STUDENT_OPTIMAL and not found.blocking_pairs


def test_the_best_matching_for_hospitals_fills_the_same_posts_with_the_same_people() -> None:
    """What is best for programs leaves out the same residents and posts (Roth, Econometrica 54, 1986)."""
    market, best = hospitals(), by_posts()
    assert blocking_pairs(market, best) == () and breaches(market, best) == ()
    residents_best = stable_matching(market).placements
    assert {one for one, place in best.items() if place} == {one for one, place in residents_best.items() if place}
    assert Counter(best.values()) == Counter(residents_best.values())
    short = {name for name in PROGRAMMES if sum(place == name for place in best.values()) < 2}
    assert short == {"M", "G"}
    assert all(best[one] == place for one, place in residents_best.items() if place in short)
    for student in market.students:
        assert rank_of(student, residents_best[student.id]) <= rank_of(student, best[student.id])


def test_the_check_finds_a_pair_that_blocks() -> None:
    swapped: Places = {"a": "C", "b": "B", "c": "A"}
    assert blocking_pairs(EXAMPLE_1, swapped) == (("a", "B"),)
    swapped = {"a": "A", "b": "C", "c": None}
    assert sorted(blocking_pairs(EXAMPLE_1, swapped)) == [("b", "B"), ("c", "A"), ("c", "B")]


@st.composite
def markets(draw: st.DrawFn, *, ties: bool = True, quotas: bool = False) -> Market:
    """Small rounds: up to five students, three positions, partial wishes, ties, and perhaps rules."""
    count = draw(st.integers(1, 5))
    names = [f"s{index}" for index in range(count)]
    places = ["A", "B", "C"]
    students = []
    for name in names:
        order = draw(st.permutations(places))[: draw(st.integers(0, 3))]
        tied = ties and len(order) > 1 and draw(st.booleans())
        tiers = ((*order[:2],), *((one,) for one in order[2:])) if tied else strict(*order)
        students.append(Student(name, tiers, frozenset({draw(st.sampled_from(["g", "h"]))})))
    positions = []
    for name in places:
        capacity = draw(st.integers(0, 3))
        least = draw(st.integers(0, min(1, capacity))) if quotas else 0
        cohort = draw(st.integers(0, capacity)) if quotas else 0
        positions.append(Position(name, capacity, least, cohort, frozenset({name, "all"})))
    asked: tuple[Quota, ...] = ()
    if quotas and any("g" in one.groups for one in students):
        where = st.sampled_from(["A", "all"])
        asked = (
            Quota("g", "g", draw(where), draw(st.integers(0, 1)), draw(st.integers(1, 3))),
            Quota("half", "g", draw(where), least_share=draw(st.sampled_from([0.0, 0.3, 0.5]))),
        )
    fit = {(name, place): float(draw(st.integers(0, 2 if ties else 99))) for name in names for place in places}
    return Market(tuple(students), tuple(positions), fit, quotas=asked, seed=draw(st.integers(0, 3)))


@settings(max_examples=30, deadline=None)
@given(markets())
def test_no_pair_blocks_and_no_stable_matching_is_better_for_any_student(market: Market) -> None:
    found = stable_matching(market)
    assert found.standing is Standing.STUDENT_OPTIMAL and blocking_pairs(market, found.placements) == ()
    stable = [one for one in every_matching(market) if not blocking_pairs(market, one)]
    assert found.placements in stable
    for other in stable:
        for student in market.students:
            assert rank_of(student, found.placements[student.id]) <= rank_of(student, other[student.id])


@settings(max_examples=30, deadline=None)
@given(markets())
def test_every_stable_matching_places_the_same_students_and_fills_the_same_seats(market: Market) -> None:
    """The rural hospitals theorem (Roth, Econometrica 54, 1986)."""
    stable = [one for one in every_matching(market) if not blocking_pairs(market, one)]
    assert len({frozenset(name for name, place in one.items() if place) for one in stable}) == 1
    assert len({tuple(sorted(Counter(place for place in one.values() if place).items())) for one in stable}) == 1
    for position in market.positions:
        inside = {frozenset(name for name, place in one.items() if place == position.id) for one in stable}
        if all(len(holders) < position.capacity for holders in inside):
            assert len(inside) == 1


@settings(max_examples=12, deadline=None)
@given(markets(ties=False), st.data())
def test_no_student_gains_by_stating_other_wishes(market: Market, data: st.DataObject) -> None:
    honest = stable_matching(market).placements
    student = data.draw(st.sampled_from(market.students))
    for length in range(4):
        for order in permutations("ABC", length):
            liar = replace(student, preferences=strict(*order))
            lying = tuple(liar if one is student else one for one in market.students)
            told = stable_matching(replace(market, students=lying)).placements
            assert rank_of(student, told[student.id]) >= rank_of(student, honest[student.id])


def only(market: Market, names: Collection[str]) -> Market:
    """The round with these quotas and seats to fill alone."""
    return replace(
        market,
        quotas=tuple(one for one in market.quotas if one.name in names),
        positions=tuple(one if one.id in names else replace(one, least=0) for one in market.positions),
    )


@settings(max_examples=30, deadline=None)
@given(markets(quotas=True))
def test_the_maximal_mode_is_the_best_of_all_matchings(market: Market) -> None:
    def score(placements: Mapping[str, str | None]) -> tuple[int, int]:
        placed = [one for one in market.students if placements[one.id]]
        return -len(placed), sum(rank_of(one, placements[one.id]) for one in placed)

    possible = list(every_matching(market))
    if not possible:
        with pytest.raises(ImpossibleQuotas) as refused:
            maximal_matching(market)
        assert refused.value.relaxations and all(one.by > 0 for one in refused.value.relaxations)
        # None of the rules in conflict can be spared: alone they are impossible, and without any one of them possible.
        conflict = refused.value.conflict
        assert not any(True for _ in every_matching(only(market, conflict)))
        for name in conflict:
            assert any(True for _ in every_matching(only(market, [one for one in conflict if one != name])))
        return
    found = maximal_matching(market)
    assert found.standing is Standing.OPTIMAL and all(proof.gap == 0 for proof in found.proofs)
    assert score(found.placements) == min(map(score, possible))
    assert (found.proofs[0].value, found.proofs[1].value) == (-score(found.placements)[0], score(found.placements)[1])


@settings(max_examples=30, deadline=None)
@given(markets(quotas=True))
def test_with_quotas_the_fewest_pairs_block(market: Market) -> None:
    possible = list(every_matching(market))
    if not possible:
        with pytest.raises(ImpossibleQuotas):
            stable_matching(market)
        return
    found = stable_matching(market)
    assert not breaches(market, found.placements)
    fewest = min(len(blocking_pairs(market, one)) for one in possible)
    assert len(found.blocking_pairs) == fewest == len(blocking_pairs(market, found.placements))
    if found.none_stable is not None:
        assert found.none_stable is (fewest > 0)


def test_what_must_be_filled_but_nobody_prefers_leaves_no_stable_matching() -> None:
    market = ranked({"a": "AB", "b": "AB"}, {"A": "ab", "B": "ab"}, {"A": 2, "B": 1})
    market = replace(market, positions=(market.positions[0], replace(market.positions[1], least=1)))
    found = stable_matching(market)
    assert found.standing is Standing.FEWEST_PROVEN and found.none_stable is True
    assert found.placements == {"a": "A", "b": "B"} or found.placements == {"a": "B", "b": "A"}
    assert len(found.blocking_pairs) == 1
    assert any(one.code == "matching.not_stable" for one in found.explanation.warnings)


def test_impossible_quotas_are_named_with_what_can_be_had() -> None:
    market = replace(
        EXAMPLE_1,
        students=tuple(replace(one, groups=frozenset({"women"})) for one in EXAMPLE_1.students),
        quotas=(Quota("women in all", "women", least=5),),
    )
    for mode in (stable_matching, maximal_matching):
        with pytest.raises(ImpossibleQuotas, match="women in all asks for at least 5: 3 can be had") as refused:
            mode(market)
        assert [(one.name, one.by) for one in refused.value.relaxations] == [("women in all", 2)]


def test_quotas_that_only_together_are_impossible_are_all_named() -> None:
    """Two women of three students; one leader asks for both, the other for one of them, and a third for any."""
    students = tuple(Student(one, strict("A", "B", "C"), frozenset({"w" if one < "c" else "m"})) for one in "abc")
    positions = tuple(Position(name, 3, groups=frozenset({name})) for name in "ABC")
    quotas = (Quota("both", "w", "A", least=2), Quota("one", "w", "B", least=1), Quota("any", None, "C", least=1))
    market = Market(students, positions, quotas=quotas)
    for mode in (stable_matching, maximal_matching):
        with pytest.raises(ImpossibleQuotas, match=r"(both, one|one, both) cannot be met together") as refused:
            mode(market)
        assert set(refused.value.conflict) == {"both", "one"}
        assert sum(one.by for one in refused.value.relaxations) == 1


def test_shares_are_of_placements_students_or_seats() -> None:
    students = tuple(Student(f"s{i}", strict("A", "B"), frozenset({"w" if i < 2 else "m"})) for i in range(6))
    positions = (Position("A", 4, groups=frozenset({"lead"})), Position("B", 4))
    fit = {(one.id, "A"): (0.1 if "w" in one.groups else 0.9) for one in students}
    market = Market(students, positions, fit)

    def women_in_a(quota: Quota) -> int:
        found = maximal_matching(replace(market, quotas=(quota,)), Aims(rank_weight=1, fit_weight=1))
        return sum(found.placements[one] == "A" for one in ("s0", "s1"))

    assert women_in_a(Quota("of those there", "w", "lead", least_share=0.25)) == 1
    assert women_in_a(Quota("of the women", "w", "lead", least_share=1.0, share_of=ShareOf.STUDENTS)) == 2
    assert women_in_a(Quota("of the seats", "w", "lead", least_share=0.5, share_of=ShareOf.SEATS)) == 2


def test_a_position_opens_with_its_cohort_or_closes_and_is_said_to() -> None:
    students = (Student("a", strict("A", "B")), Student("b", strict("A", "B")), Student("c", strict("B")))
    market = Market(students, (Position("A", 3, cohort=3), Position("B", 3, cohort=3)))
    found = stable_matching(market)
    assert found.placements == {"a": "B", "b": "B", "c": "B"} and found.closed == ("A",) and found.claims == {"A": 2}
    refusal = reasons(market, found)["a"].refusals[0]
    assert refusal.why is Why.CLOSED and "3" in refusal.words("zh") and "3" in refusal.words("en")


def test_locks_and_prohibitions_stand_outside_of_the_competition() -> None:
    market = replace(EXAMPLE_1, locked=frozenset({("a", "C")}), forbidden=frozenset({("b", "B")}))
    found = stable_matching(market)
    assert found.placements == {"a": "C", "b": "A", "c": "B"} and not found.blocking_pairs
    why = {name: [one.why for one in reason.refusals] for name, reason in reasons(market, found).items()}
    assert why == {
        "a": [Why.LOCKED_ELSEWHERE] * 2,
        "b": [Why.FORBIDDEN, Why.SEATS_LOCKED],
        "c": [Why.SEATS_LOCKED, Why.BETTER_FIT],
    }
    assert maximal_matching(market).placements["a"] == "C"


def test_each_reason_can_be_said_in_both_languages_and_names_no_other_student() -> None:
    assert set(WORDS) == set(Why)
    quota = Quota("b first", "b", "A", least=1)
    market = replace(
        ranked({"anna": "A", "b": "BA"}, {"A": ["anna", "b"], "B": ["b"]}),  # type: ignore[dict-item]
        quotas=(quota,),
    )
    market = replace(
        market,
        students=tuple(replace(one, groups=frozenset({one.id})) for one in market.students),
        positions=tuple(replace(one, groups=frozenset({one.id})) for one in market.positions),
    )
    found = maximal_matching(market)
    given_reasons = reasons(market, found)
    assert [(one.why, one.detail) for one in given_reasons["anna"].refusals] == [(Why.QUOTA, "b first")]
    assert [(one.why, one.detail) for one in given_reasons["b"].refusals] == [(Why.QUOTA, "b first")]
    assert all("anna" not in one.words(language) for language in ("zh", "en") for one in given_reasons["b"].refusals)


def test_a_higher_total_is_said_to_be_the_reason_in_the_maximal_mode() -> None:
    market = ranked({"a": "AB", "b": "A"}, {"A": "ab", "B": "ab"})
    found = maximal_matching(market)
    assert found.placements == {"a": "B", "b": "A"} and found.blocking_pairs == (("a", "A"),)
    assert [one.why for one in reasons(market, found)["a"].refusals] == [Why.TOTAL]
    assert stable_matching(market).placements == {"a": "A", "b": None}


def test_fairness_counts_ranks_groups_and_envy() -> None:
    market = ranked({"a": "AB", "b": "AB", "c": "A"}, {"A": "abc", "B": "abc"})
    students = tuple(replace(one, groups=frozenset({"x" if one.id < "c" else "y"})) for one in market.students)
    market = replace(market, students=students)
    found = stable_matching(market).fairness
    assert (found.ranks, found.unplaced, found.unlisted) == ({1: 1, 2: 1}, 1, 0)
    assert found.envious == 2 and found.justified == 0
    assert found.groups["x"].mean_rank == 1.5 and found.groups["x"].first == 0.5 and found.groups["y"].placed == 0


def test_unlisted_positions_come_last_where_the_round_says_so() -> None:
    market = ranked({"a": "A", "b": "A"}, {"A": "ab", "B": "ab"})
    assert stable_matching(market).placements == {"a": "A", "b": None}
    found = stable_matching(replace(market, unlisted=Unlisted.LAST))
    assert found.placements == {"a": "A", "b": "B"} and found.fairness.unlisted == 1 and not found.blocking_pairs


def test_ties_fall_by_fit_and_then_by_lot_the_same_in_every_run() -> None:
    students = tuple(Student(name, (("A", "B"),)) for name in "abcd")
    market = Market(students, (Position("A", 2), Position("B", 2)), {("a", "B"): 1.0})
    first = stable_matching(market)
    assert first.placements["a"] == "B" and stable_matching(market).placements == first.placements
    drawn = {tuple(stable_matching(replace(market, seed=seed)).placements.values()) for seed in range(8)}
    assert len(drawn) > 1
    assert len({stable_matching(replace(market, seed=seed)).explanation.inputs_hash for seed in range(4)}) == 4


REFUSED = {
    "a position listed twice": replace(EXAMPLE_1, students=(Student("a", strict("A", "A")),)),
    "a wish that does not exist": replace(EXAMPLE_1, students=(*EXAMPLE_1.students, Student("d", strict("Z")))),
    "a student twice": replace(EXAMPLE_1, students=(*EXAMPLE_1.students, EXAMPLE_1.students[0])),
    "fit of a stranger": replace(EXAMPLE_1, fit={("z", "A"): 1.0}),
    "fit that is no number": replace(EXAMPLE_1, fit={("a", "A"): float("nan")}),
    "more locks than seats": replace(EXAMPLE_1, locked=frozenset({("a", "A"), ("b", "A")})),
    "one student locked twice": replace(EXAMPLE_1, locked=frozenset({("a", "A"), ("a", "B")})),
    "locked and forbidden": replace(EXAMPLE_1, locked=frozenset({("a", "A")}), forbidden=frozenset({("a", "A")})),
    "locked but not eligible": replace(EXAMPLE_1, locked=frozenset({("a", "A")}), ineligible={("a", "A"): "laser"}),
    "seats below nothing": replace(EXAMPLE_1, positions=(Position("A", -1), *EXAMPLE_1.positions[1:])),
    "more to fill than seats": replace(EXAMPLE_1, positions=(Position("A", 1, least=2), *EXAMPLE_1.positions[1:])),
    "a cohort beyond the seats": replace(EXAMPLE_1, positions=(Position("A", 2, cohort=3), *EXAMPLE_1.positions[1:])),
    "a quota for nobody": replace(EXAMPLE_1, quotas=(Quota("q", "martians", least=1),)),
    "a share of 101%": replace(EXAMPLE_1, quotas=(Quota("q", least_share=1.01),)),
    "a least above the most": replace(EXAMPLE_1, quotas=(Quota("q", least=3, most=2),)),
    "nobody at all": replace(EXAMPLE_1, students=()),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_input_is_refused_with_a_remedy(case: str) -> None:
    for mode in (stable_matching, maximal_matching):
        with pytest.raises(UnmetAssumption) as refused:
            mode(REFUSED[case])
        assert refused.value.code.startswith("matching.") and refused.value.remedy


def test_wishes_stated_in_a_circle_are_refused_and_others_ordered() -> None:
    with pytest.raises(UnmetAssumption, match="circle") as refused:
        preferences_from_comparisons([("A", "B"), ("B", "C"), ("C", "A")])
    assert refused.value.code == "matching.preference_cycle"
    assert preferences_from_comparisons([("A", "C"), ("B", "C"), ("C", "D")]) == (("A", "B"), ("C",), ("D",))
