"""Delphi rounds are judged by the criterion fixed beforehand, and concordance comes out as published."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from ronghe.methods import delphi
from ronghe.methods.delphi import (
    AuthorityQuestion,
    AuthorityTally,
    ConcordanceQuestion,
    Criterion,
    FeedbackQuestion,
    Level,
    Ratings,
    ReliabilityQuestion,
    RoundQuestion,
    Rule,
    Scale,
    State,
    StudyQuestion,
)
from ronghe.methods.explained import UnmetAssumption

# Data set `anxiety` of the R package irr: 20 subjects rated by three raters; its manual prints Wt = 0.54,
# χ²(19) = 30.8, p = 0.0429.
ANXIETY = (
    (3, 3, 2), (3, 6, 1), (3, 4, 4), (4, 6, 4), (5, 2, 3), (5, 4, 2), (2, 2, 1), (3, 4, 6), (5, 3, 1), (2, 3, 1),
    (2, 2, 1), (6, 3, 2), (1, 3, 3), (5, 3, 3), (2, 2, 1), (2, 2, 1), (1, 1, 3), (2, 3, 3), (4, 3, 2), (3, 4, 2),
)  # fmt: skip

# Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011, example C: four observers, twelve units, gaps.
_: float | None = None
OBSERVERS: tuple[tuple[float | None, ...], ...] = (
    (1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _),
    (1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3),
    (_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _),
    (1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _),
)

FIVE = Criterion(band=(4, 5))


def item(*answers: float | None) -> Ratings:
    """One item's answers, one an expert."""
    return Ratings.of_rows([[answer] for answer in answers], items=["it"])


def agreed(criterion: Criterion, *answers: float | None) -> delphi.ItemAgreement:
    (entry,) = delphi.agreement(RoundQuestion(item(*answers), criterion)).items
    return entry


def code_of(refused: pytest.ExceptionInfo[UnmetAssumption]) -> str:
    return refused.value.code


def test_kendalls_w_with_ties_comes_out_as_published() -> None:
    found = delphi.kendalls_w(ConcordanceQuestion(Ratings.of_rows(list(zip(*ANXIETY, strict=True)))))
    assert found.w == pytest.approx(0.54, abs=0.005)
    assert found.chi_squared == pytest.approx(30.8, abs=0.05)
    assert found.degrees == 19
    assert found.p == pytest.approx(0.0429, abs=1e-4)
    assert found.uncorrected < found.w


@given(
    st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(st.integers(1, 4), min_size=width, max_size=width), min_size=3, max_size=6)
    )
)
@settings(max_examples=40, deadline=None)
def test_the_chi_squared_of_w_is_that_of_friedmans_test(rows: list[list[float]]) -> None:
    columns = list(zip(*rows, strict=True))
    if len(columns) < 3 or all(len(set(row)) == 1 for row in rows):
        return
    found = delphi.kendalls_w(ConcordanceQuestion(Ratings.of_rows(rows)))
    expected = stats.friedmanchisquare(*columns)
    assert found.chi_squared == pytest.approx(expected.statistic, abs=1e-9)
    assert found.p == pytest.approx(expected.pvalue, abs=1e-9)
    assert -1e-9 <= found.w <= 1 + 1e-9


def test_experts_who_rank_alike_have_a_w_of_one() -> None:
    found = delphi.kendalls_w(ConcordanceQuestion(Ratings.of_rows([[1, 2, 3], [10, 20, 30], [2, 3, 5]])))
    assert found.w == pytest.approx(1)
    assert found.mean_ranks == (1, 2, 3)
    assert [warning.code for warning in found.explanation.warnings] == ["delphi.rough_p"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([[1, 2, 3]], "delphi.concordance_size"),
        ([[1], [2]], "delphi.concordance_size"),
        ([[1, 2], [None, 2]], "delphi.complete_ranks"),
        ([[3, 3, 3], [4, 4, 4]], "delphi.distinct_ranks"),
    ],
)
def test_a_concordance_without_meaning_is_refused(rows: Sequence[Sequence[float | None]], code: str) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        delphi.kendalls_w(ConcordanceQuestion(Ratings.of_rows(rows)))
    assert code_of(refused) == code


@pytest.mark.parametrize(
    ("level", "published"),
    [(Level.NOMINAL, 0.743), (Level.ORDINAL, 0.815), (Level.INTERVAL, 0.849), (Level.RATIO, 0.797)],
)
def test_krippendorffs_alpha_comes_out_as_published_on_all_four_scales(level: Level, published: float) -> None:
    found = delphi.krippendorffs_alpha(ReliabilityQuestion(Ratings.of_rows(OBSERVERS), level, replicates=200))
    assert found.alpha == pytest.approx(published, abs=0.0006)
    # The last unit has one answer only and says nothing of agreement.
    assert (found.units, found.pairable) == (11, 40)
    assert found.low is not None and found.high is not None
    assert found.low < found.alpha < found.high <= 1


def by_definition(rows: Sequence[Sequence[float]], level: Level) -> float:
    """Alpha of complete data from all pairs of answers, one by one."""
    units = list(zip(*rows, strict=True))
    every = [value for unit in units for value in unit]

    def distance(one: float, other: float) -> float:
        if level is Level.NOMINAL:
            return float(one != other)
        if level is Level.ORDINAL:
            low, high = sorted((one, other))
            between = sum(low <= value <= high for value in every)
            return (between - (every.count(one) + every.count(other)) / 2) ** 2 if one != other else 0.0
        return (one - other) ** 2 if level is Level.INTERVAL else ((one - other) / (one + other)) ** 2

    def mean_distance(values: Sequence[float]) -> float:
        pairs = [(i, j) for i in range(len(values)) for j in range(len(values)) if i != j]
        return sum(distance(values[i], values[j]) for i, j in pairs) / len(pairs)

    return 1 - sum(map(mean_distance, units)) / len(units) / mean_distance(every)


@given(
    st.integers(2, 5).flatmap(
        lambda width: st.lists(st.lists(st.integers(1, 5), min_size=width, max_size=width), min_size=2, max_size=5)
    ),
    st.sampled_from(Level),
)
@settings(max_examples=40, deadline=None)
def test_alpha_of_complete_answers_is_that_of_all_pairs(rows: list[list[float]], level: Level) -> None:
    question = ReliabilityQuestion(Ratings.of_rows(rows), level, replicates=100)
    if len({value for row in rows for value in row}) == 1:
        with pytest.raises(UnmetAssumption) as refused:
            delphi.krippendorffs_alpha(question)
        assert code_of(refused) == "delphi.variation"
    else:
        assert delphi.krippendorffs_alpha(question).alpha == pytest.approx(by_definition(rows, level), abs=1e-9)


@pytest.mark.parametrize(
    ("rows", "level", "code"),
    [
        ([[1, None], [None, 2]], Level.INTERVAL, "delphi.pairable"),
        ([[1, -2], [1, 2]], Level.RATIO, "delphi.ratio_scale"),
        (np.arange(4402.0).reshape(2, 2201), Level.NOMINAL, "delphi.many_values"),
    ],
)
def test_a_reliability_without_meaning_is_refused(
    rows: Sequence[Sequence[float | None]], level: Level, code: str
) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        delphi.krippendorffs_alpha(ReliabilityQuestion(Ratings.of_rows(rows), level))
    assert code_of(refused) == code


def test_no_interval_of_alpha_is_made_up_where_there_is_nothing_to_see() -> None:
    for rows in ([[1, 2, 3], [1, 2, 4]], [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]):
        found = delphi.krippendorffs_alpha(ReliabilityQuestion(Ratings.of_rows(rows)))
        assert (found.low, found.high) == (None, None)
        assert [warning.code for warning in found.explanation.warnings] == ["delphi.no_interval"]


def test_the_authority_coefficient_comes_out_as_published() -> None:
    # BMJ Open, "Expert authority coefficients", 16 experts, first round.
    tally = AuthorityTally(
        16,
        ((16, 0.5), (7, 0.3), (9, 0.2), (3, 0.1), (11, 0.1), (2, 0.1), (2, 0.1), (8, 0.1), (6, 0.1)),
        ((1, 1.0), (12, 0.8), (3, 0.6)),
    )
    found = delphi.authority_of_tally(tally)
    assert found.basis == pytest.approx(0.944, abs=0.001)
    assert found.familiarity == pytest.approx(0.775, abs=0.001)
    assert found.authority == pytest.approx(0.860, abs=0.001)
    assert found.explanation.warnings == ()


def test_authority_is_known_for_each_expert_and_the_panel() -> None:
    found = delphi.authority(AuthorityQuestion(((0.5, 0.3, 0.1, 0.1), (0.3, 0.1)), (0.8, 0.2)))
    assert found.individual == pytest.approx((0.9, 0.3))
    assert (found.basis, found.familiarity, found.authority) == pytest.approx((0.7, 0.5, 0.6))
    assert [warning.code for warning in found.explanation.warnings] == ["delphi.little_authority"]


def test_the_customary_weights_make_one_at_most() -> None:
    columns = list(zip(*delphi.BASIS_WEIGHTS.values(), strict=True))
    assert [sum(column) for column in columns] == pytest.approx([1.0, 0.8, 0.6])


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (AuthorityQuestion((), ()), "delphi.experts"),
        (AuthorityQuestion(((0.5,),), ()), "delphi.authority_pairs"),
        (AuthorityQuestion(((0.9, 0.3),), (0.8,)), "delphi.authority_range"),
        (AuthorityQuestion(((0.9,),), (8,)), "delphi.authority_range"),
    ],
)
def test_an_authority_without_meaning_is_refused(question: AuthorityQuestion, code: str) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        delphi.authority(question)
    assert code_of(refused) == code


@pytest.mark.parametrize(
    ("tally", "code"),
    [
        (AuthorityTally(0, (), ()), "delphi.experts"),
        (AuthorityTally(2, ((3, 0.5),), ((2, 0.8),)), "delphi.authority_counts"),
        (AuthorityTally(2, ((2, 0.5),), ((1, 0.8),)), "delphi.authority_counts"),
        (AuthorityTally(2, ((2, 0.5), (2, 0.6)), ((2, 0.8),)), "delphi.authority_range"),
    ],
)
def test_a_tally_that_cannot_be_is_refused(tally: AuthorityTally, code: str) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        delphi.authority_of_tally(tally)
    assert code_of(refused) == code


def test_three_quarters_within_the_band_are_consensus_with_their_interval() -> None:
    entry = agreed(Criterion(band=(4, 5), rule=Rule.SHARE), 1, 5, 4, 4, 5, 4, 5, 2)
    assert (entry.answers, entry.share, entry.consensus) == (8, 0.75, True)
    # Wilson's interval for 6 of 8.
    assert (entry.share_low, entry.share_high) == pytest.approx((0.4093, 0.9285), abs=1e-4)
    assert entry.full_marks == 3 / 8
    assert not agreed(Criterion(band=(4, 5), rule=Rule.SHARE), 1, 5, 4, 4, 5, 4, 3, 2).consensus


def test_a_narrow_spread_is_consensus_wherever_it_lies() -> None:
    entry = agreed(Criterion(band=(4, 5), rule=Rule.SPREAD), 2, 2, 3, 2, 2, 3, 2)
    assert entry.consensus
    assert entry.variation == pytest.approx(np.std([2, 2, 3, 2, 2, 3, 2], ddof=1) / (16 / 7))
    assert (entry.lower_quartile, entry.median, entry.upper_quartile, entry.spread) == (2, 2, 2.5, 0.5)
    assert not agreed(Criterion(band=(4, 5), rule=Rule.SHARE), 2, 2, 3, 2, 2, 3, 2).consensus
    assert agreed(Criterion(band=(4, 5), rule=Rule.EITHER), 2, 2, 3, 2, 2, 3, 2).consensus
    assert not agreed(Criterion(band=(4, 5), rule=Rule.BOTH), 2, 2, 3, 2, 2, 3, 2).consensus


def test_the_spread_allowed_grows_with_the_scale() -> None:
    assert FIVE.spread_limit == 1
    assert Criterion(band=(7, 9), scale=Scale(1, 9)).spread_limit == 2


def test_fewer_than_five_answers_say_nothing() -> None:
    found = delphi.agreement(RoundQuestion(item(5, 5, 5, 5, None, None), FIVE))
    (entry,) = found.items
    assert (entry.answers, entry.mean, entry.share, entry.consensus) == (4, None, None, None)
    assert [warning.code for warning in found.explanation.warnings] == ["delphi.few_answers"]


def test_stability_is_the_net_change_of_those_who_answered_both_rounds() -> None:
    before = Ratings.of_rows([[value] for value in (1, 2, 3, 3, 4, 5, 5, 2)], experts="abcdefgh", items=["it"])
    after = Ratings.of_rows([[value] for value in (2, 2, 3, 4, 3, 5, 5, 1)], experts="abcdefgx", items=["it"])
    entry = delphi.stability("it", before, after, FIVE)
    # Of the seven in both, three moved; two of them changed places with each other, so only one is a net change.
    assert entry.answers == 7
    assert entry.moved == pytest.approx(3 / 7)
    assert entry.change == pytest.approx(1 / 7)
    assert entry.stable
    assert not delphi.stability("it", before, after, Criterion(band=(4, 5), most_change=0.1)).stable


def rounds(*answers: Mapping[str, Sequence[float]]) -> tuple[Ratings, ...]:
    """Rounds of items with the answers of experts who keep their numbers."""
    return tuple(Ratings.of_rows(list(zip(*asked.values(), strict=True)), items=list(asked)) for asked in answers)


def test_a_study_goes_on_until_every_item_is_settled() -> None:
    agreeing, divided = (5, 5, 4, 4, 5, 4), (1, 1, 5, 5, 1, 5)
    first = {"yes": agreeing, "split": divided, "moving": (1, 2, 3, 4, 5, 1)}
    second = {"yes": agreeing, "split": divided, "moving": (5, 5, 5, 4, 5, 5)}
    third = {"moving": (5, 5, 5, 4, 5, 5)}
    once = delphi.decide(StudyQuestion(rounds(first), FIVE))
    assert (once.stop, once.ask_again) == (False, ("yes", "split", "moving"))
    twice = delphi.decide(StudyQuestion(rounds(first, second), FIVE))
    assert (twice.stop, twice.reason, twice.ask_again) == (False, "continue", ("moving",))
    assert [entry.state for entry in twice.items] == [State.AGREED, State.DIVIDED, State.OPEN]
    thrice = delphi.decide(StudyQuestion(rounds(first, second, third), FIVE))
    assert (thrice.stop, thrice.reason, thrice.ask_again) == (True, "settled", ())
    assert [entry.last_round for entry in thrice.items] == [2, 2, 3]


def test_a_study_stops_after_its_last_round_and_names_what_is_not_settled() -> None:
    found = delphi.decide(
        StudyQuestion(rounds({"a": (1, 2, 3, 4, 5)}, {"a": (5, 5, 5, 5, 1)}), Criterion(band=(4, 5), most_rounds=2))
    )
    assert (found.stop, found.reason, found.ask_again) == (True, "last_round", ())
    assert "not settled: a" in found.explanation.warnings[-1].text


def test_the_criterion_must_be_the_one_that_was_recorded() -> None:
    asked = rounds({"a": (4, 4, 5, 5, 5)})
    found = delphi.decide(StudyQuestion(asked, FIVE, recorded_hash=FIVE.hash))
    assert found.criterion_hash == FIVE.hash
    assert found.explanation.assumptions[0].holds is True
    with pytest.raises(UnmetAssumption) as refused:
        delphi.decide(StudyQuestion(asked, Criterion(band=(4, 5), least_share=0.7), recorded_hash=FIVE.hash))
    assert code_of(refused) == "delphi.criterion_recorded"
    assert "new study" in refused.value.remedy


def test_a_panel_that_melts_away_is_told() -> None:
    first = Ratings.of_rows([[4.0]] * 10, experts="abcdefghij", items=["a"])
    second = Ratings.of_rows([[4.0]] * 6, experts="abcdef", items=["a"])
    found = delphi.decide(StudyQuestion((first, second), FIVE))
    assert {one.code: one.holds for one in found.explanation.assumptions}["delphi.response"] is False
    assert "delphi.dropout" in {warning.code for warning in found.explanation.warnings}


def test_feedback_shows_the_panel_and_asks_those_outside_its_quartiles_for_reasons() -> None:
    ratings = Ratings.of_rows([[1, 3], [4, 3], [4, None], [5, None], [4, 2], [3, 2]], items=["a", "b"])
    first, second = delphi.feedback(FeedbackQuestion(ratings, "1")).items
    assert (first.own, first.median, first.lower_quartile, first.upper_quartile) == (1, 4, 3.25, 4)
    assert first.asked_for_reason
    # Four answers could be guessed at; nothing of them is shown.
    assert (second.own, second.answers, second.median, second.asked_for_reason) == (3, 4, None, False)
    assert not delphi.feedback(FeedbackQuestion(ratings, "2")).items[0].asked_for_reason
    assert delphi.feedback(FeedbackQuestion(ratings, "3")).items[1].own is None


def test_feedback_is_for_those_who_answered() -> None:
    with pytest.raises(UnmetAssumption) as refused:
        delphi.feedback(FeedbackQuestion(item(1, 2, 3), "nobody"))
    assert code_of(refused) == "delphi.known_expert"


def test_answers_in_rows_become_a_table_in_the_order_they_come() -> None:
    found = Ratings.of_answers([("Li", "a", 3), ("Wang", "b", 4), ("Li", "b", 5)])
    assert (found.experts, found.items) == (("Li", "Wang"), ("a", "b"))
    assert found.values == pytest.approx(np.array([[3, 5], [math.nan, 4]]), nan_ok=True)


def test_an_expert_who_answers_twice_is_refused_with_both_answers() -> None:
    with pytest.raises(UnmetAssumption, match="Li answered “a” twice: 3 and 5") as refused:
        Ratings.of_answers([("Li", "a", 3), ("Wang", "a", 4), ("Li", "a", 5)])
    assert code_of(refused) == "delphi.one_answer"


@pytest.mark.parametrize(
    ("experts", "items", "rows", "code"),
    [
        (["a", "a"], ["x"], [[1], [2]], "delphi.one_answer"),
        (["a"], ["x", "x"], [[1, 2]], "delphi.distinct_items"),
        (["a"], ["x"], [[1], [2]], "delphi.shape"),
        (["a", "b"], ["x", "y"], [[1, 2], [3]], "delphi.shape"),
        (["a"], ["x"], [[math.inf]], "delphi.finite"),
        (["a"], ["x"], [[None]], "delphi.answers"),
        ([], [], [], "delphi.answers"),
    ],
)
def test_a_table_that_makes_no_sense_is_refused(
    experts: list[str], items: list[str], rows: list[list[float | None]], code: str
) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        Ratings.of_rows(rows, experts, items)
    assert code_of(refused) == code


def test_an_answer_off_the_scale_is_refused_with_its_expert_and_item() -> None:
    for answer in (6, 0, 3.5):
        with pytest.raises(UnmetAssumption, match=f"2 answered “it” with {answer}") as refused:
            delphi.agreement(RoundQuestion(item(4, answer), FIVE))
        assert code_of(refused) == "delphi.on_scale"
    assert agreed(Criterion(band=(60, 100), scale=Scale(0, 100, None)), 55.5, 60, 70, 80, 90.5).consensus


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda: Scale(5, 1), "delphi.scale"),
        (lambda: Criterion(band=(4, 6)), "delphi.band"),
        (lambda: Criterion(band=(4, 5), least_share=75), "delphi.criterion"),
        (lambda: Criterion(band=(4, 5), most_rounds=1), "delphi.criterion"),
        (lambda: delphi.decide(StudyQuestion((), FIVE)), "delphi.rounds"),
        (lambda: delphi.decide(StudyQuestion((item(4),) * 4, FIVE)), "delphi.rounds"),
    ],
)
def test_a_study_that_cannot_be_is_refused(make: object, code: str) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        make()  # type: ignore[operator]
    assert code_of(refused) == code


@pytest.mark.parametrize("limit", [float("nan"), float("inf"), -0.1])
def test_a_limit_that_is_no_number_makes_no_criterion(limit: float) -> None:
    for option in ("most_variation", "most_spread"):
        with pytest.raises(UnmetAssumption) as refused:
            Criterion(band=(4, 5), **{option: limit})
        assert refused.value.code == "delphi.criterion"


@pytest.mark.parametrize("step", [0.0, -1.0, 5.0, float("nan")])
def test_a_step_that_leads_nowhere_makes_no_scale(step: float) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        Scale(1, 5, step)
    assert refused.value.code == "delphi.scale"
