"""Pairwise comparison gives published weights, says how far judgments contradict, and refuses what has no answer."""

from itertools import combinations, pairwise
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from ronghe.methods import ahp
from ronghe.methods.ahp import Comparisons, Judgment, PanelQuestion, PriorityQuestion
from ronghe.methods.explained import UnmetAssumption

SAATY_SCALE = [1 / value for value in range(9, 1, -1)] + [float(value) for value in range(1, 10)]

# Saaty, "Decision making with the analytic hierarchy process", International Journal of Services Sciences 1(1), 2008:
# how much more of one drink than of another is consumed in the United States.
DRINKS = ("coffee", "wine", "tea", "beer", "soda", "milk", "water")
DRINKS_UPPER = (9, 5, 2, 1, 1, 1 / 2, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9, 1 / 3, 1 / 4, 1 / 3, 1 / 9, 1 / 2, 1, 1 / 3, 2,
                1 / 2, 1 / 3)  # fmt: skip
DRINKS_WEIGHTS = (0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327)

# Bozóki, Fülöp and Rónyai, Mathematical and Computer Modelling 52, 2010: c against d is missing.
FOUR = Comparisons(
    ("a", "b", "c", "d"),
    (
        Judgment("a", "b", 1),
        Judgment("a", "c", 5),
        Judgment("a", "d", 2),
        Judgment("b", "c", 3),
        Judgment("b", "d", 4),
    ),
)


def eigenvalue_of(matrix: NDArray[np.float64]) -> float:
    """The principal eigenvalue by LAPACK, which the method does not use."""
    return float(np.max(np.real(np.linalg.eigvals(matrix))))


@st.composite
def judged(draw: st.DrawFn) -> Comparisons:
    """Judgments on Saaty's scale that relate all items, in some cases not all of them."""
    items = tuple("ABCDEF"[: draw(st.integers(3, 6))])
    ratio = st.sampled_from(SAATY_SCALE)
    chain = {(first, second): draw(ratio) for first, second in pairwise(items)}
    for pair in combinations(items, 2):
        if pair not in chain and draw(st.booleans()):
            chain[pair] = draw(ratio)
    return Comparisons(items, tuple(Judgment(*pair, value) for pair, value in chain.items()))


def test_saatys_drinks_come_out_as_published() -> None:
    found = ahp.priorities(PriorityQuestion(Comparisons.of_upper(DRINKS, DRINKS_UPPER)))
    assert found.weights == pytest.approx(DRINKS_WEIGHTS, abs=0.0006)
    assert found.consistency_ratio == pytest.approx(0.022, abs=0.0006)
    assert found.eigenvalue == pytest.approx(7.17663, abs=1e-5)
    assert found.by_item["water"] == max(found.weights)


def test_the_missing_judgment_of_four_items_is_completed_as_published() -> None:
    found = ahp.priorities(PriorityQuestion(FOUR))
    assert found.completed == (("c", "d"),)
    assert found.matrix[2][3] == pytest.approx(0.730297106886979, abs=1e-5)
    assert found.weights == pytest.approx((0.3738, 0.3920, 0.0985, 0.1357), abs=1e-4)
    assert found.eigenvalue == pytest.approx(4.092367, abs=1e-6)
    # The index of a complete matrix would make it 0.035; one judgment less leaves less to contradict.
    assert (found.random_index.items, found.random_index.missing) == (4, 1)
    assert found.consistency_ratio == pytest.approx(0.092367 / 3 / found.random_index.value, abs=1e-5)  # type: ignore[operator]


@pytest.mark.parametrize(("missing", "published"), [(0, 1.404), (4, 1.147), (8, 0.890)])
def test_the_random_index_of_eight_items_falls_with_missing_judgments_as_published(
    missing: int, published: float
) -> None:
    # Ágoston and Csató, "Inconsistency thresholds for incomplete pairwise comparison matrices", Omega 108, 2022.
    found = ahp.SIMULATED.look_up(8, missing)
    assert found.value == pytest.approx(published, abs=0.006)
    assert found.found == "tabled"


def test_every_consistency_ratio_names_its_table() -> None:
    comparisons = Comparisons.of_upper(DRINKS, DRINKS_UPPER)
    printed = ahp.priorities(PriorityQuestion(comparisons, random_index=ahp.SAATY))
    assert (printed.random_index.table, printed.random_index.value) == ("saaty-1980", 1.32)
    assert printed.consistency_ratio == pytest.approx(0.17663 / 6 / 1.32, abs=1e-5)
    unknown = ahp.priorities(PriorityQuestion(FOUR, random_index=ahp.SAATY))
    assert unknown.consistency_ratio is None
    assert [warning.code for warning in unknown.explanation.warnings] == ["ahp.no_random_index"]


def test_a_random_index_that_was_not_simulated_is_interpolated_and_says_so() -> None:
    found = ahp.SIMULATED.look_up(12, 10)
    complete = ahp.SIMULATED.look_up(12, 0).value
    assert complete is not None
    assert found.value == pytest.approx(complete * (1 - 20 / 110))
    assert found.found == "interpolated"
    assert ahp.SIMULATED.look_up(40, 0).value is None


@settings(max_examples=25, deadline=None)
@given(judged())
def test_no_other_completion_has_a_smaller_eigenvalue(comparisons: Comparisons) -> None:
    found = ahp.priorities(PriorityQuestion(comparisons))
    matrix = np.array(found.matrix)
    assert found.eigenvalue == pytest.approx(eigenvalue_of(matrix), rel=1e-9)
    assert matrix @ np.array(found.weights) == pytest.approx(found.eigenvalue * np.array(found.weights), rel=1e-8)
    for first, second in found.completed:
        i, j = comparisons.items.index(first), comparisons.items.index(second)
        for change in (0.99, 1.01):
            other = matrix.copy()
            other[i, j] *= change
            other[j, i] /= change
            assert eigenvalue_of(other) >= found.eigenvalue - 1e-12


@settings(max_examples=25, deadline=None)
@given(judged())
def test_log_least_squares_weights_solve_the_normal_equations(comparisons: Comparisons) -> None:
    weights = np.log(ahp.priorities(PriorityQuestion(comparisons)).least_squares)
    place = {item: index for index, item in enumerate(comparisons.items)}
    design = np.zeros((len(comparisons.judgments) + 1, len(place)))
    wanted = np.zeros(len(design))
    for row, judgment in enumerate(comparisons.judgments):
        design[row, place[judgment.first]], design[row, place[judgment.second]] = 1, -1
        wanted[row] = np.log(judgment.ratio)
    design[-1] = 1
    expected, *_ = np.linalg.lstsq(design, wanted, rcond=None)
    assert weights - weights.mean() == pytest.approx(expected - expected.mean(), abs=1e-9)


@settings(max_examples=20, deadline=None)
@given(judged(), st.randoms(use_true_random=False))
def test_the_order_of_items_and_judgments_makes_no_difference(comparisons: Comparisons, random: Random) -> None:
    items, judgments = list(comparisons.items), list(comparisons.judgments)
    random.shuffle(items)
    random.shuffle(judgments)
    turned = tuple(Judgment(one.second, one.first, 1 / one.ratio) for one in judgments)
    before = ahp.priorities(PriorityQuestion(comparisons))
    after = ahp.priorities(PriorityQuestion(Comparisons(tuple(items), turned)))
    assert after.by_item == pytest.approx(before.by_item, rel=1e-9)
    assert after.eigenvalue == pytest.approx(before.eigenvalue, rel=1e-10)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.floats(0.4, 3), min_size=3, max_size=7), st.randoms(use_true_random=False))
def test_consistent_judgments_give_back_their_weights(sizes: list[float], random: Random) -> None:
    items = tuple("ABCDEFG"[: len(sizes)])
    pairs = list(combinations(range(len(sizes)), 2))
    kept = [pair for pair in pairs if pair[1] == pair[0] + 1 or random.random() < 0.5]
    found = ahp.priorities(
        PriorityQuestion(Comparisons(items, tuple(Judgment(items[i], items[j], sizes[i] / sizes[j]) for i, j in kept)))
    )
    expected = np.array(sizes) / sum(sizes)
    assert found.weights == pytest.approx(expected, rel=1e-7)
    assert found.least_squares == pytest.approx(expected, rel=1e-9)
    assert found.consistency_index == pytest.approx(0, abs=1e-9)


def test_the_worst_triad_is_the_one_whose_judgments_contradict_most() -> None:
    judgments = (
        Judgment("A", "B", 2),
        Judgment("B", "C", 3),
        Judgment("A", "C", 6),
        Judgment("A", "D", 1 / 2),
        Judgment("B", "D", 4),
        Judgment("C", "D", 1),
    )
    found = ahp.priorities(PriorityQuestion(Comparisons(("A", "B", "C", "D"), judgments)))
    triad = found.worst_triad
    assert triad is not None
    # A : B = 2 and B : D = 4 imply A : D = 8, and the expert said 1/2.
    assert (triad.first, triad.second, triad.across) == (judgments[0], judgments[4], judgments[3])
    assert triad.implied == pytest.approx(8)
    assert triad.product == pytest.approx(16)
    assert triad.inconsistency == pytest.approx(15 / 16)
    assert found.consistency_ratio is not None and found.consistency_ratio > 0.1
    assert found.explanation.warnings[0].code == "ahp.inconsistent"
    assert "the other two judgments imply 8" in found.explanation.warnings[0].text


def test_a_tree_of_judgments_is_not_called_consistent() -> None:
    found = ahp.priorities(
        PriorityQuestion(Comparisons(("A", "B", "C"), (Judgment("A", "B", 2), Judgment("C", "B", 4))))
    )
    assert found.weights == pytest.approx((2 / 7, 1 / 7, 4 / 7))
    assert found.consistency_ratio is None
    assert found.worst_triad is None
    assert [(one.code, one.holds) for one in found.explanation.assumptions][-1] == ("ahp.consistent", None)
    assert [warning.code for warning in found.explanation.warnings] == ["ahp.unchecked"]


def test_comparisons_that_fall_apart_are_refused_and_the_parts_named() -> None:
    apart = Comparisons(("A", "B", "C", "D", "E"), (Judgment("A", "C", 2), Judgment("B", "D", 3)))
    with pytest.raises(UnmetAssumption) as refused:
        ahp.priorities(PriorityQuestion(apart))
    assert refused.value.code == "ahp.connected"
    assert "{A, C}, {B, D} and {E}" in refused.value.found
    assert "at least 2 more" in refused.value.remedy


@pytest.mark.parametrize(
    ("items", "judgments", "code"),
    [
        (("A",), (), "ahp.items"),
        (("A", "B", "A"), (), "ahp.distinct_items"),
        (("A", "B"), (Judgment("A", "X", 2),), "ahp.known_item"),
        (("A", "B"), (Judgment("A", "A", 1),), "ahp.two_items"),
        (("A", "B"), (Judgment("A", "B", 0),), "ahp.positive_ratio"),
        (("A", "B"), (Judgment("A", "B", -3),), "ahp.positive_ratio"),
        (("A", "B"), (Judgment("A", "B", float("nan")),), "ahp.positive_ratio"),
        (("A", "B"), (Judgment("A", "B", float("inf")),), "ahp.positive_ratio"),
        (("A", "B"), (Judgment("A", "B", 2), Judgment("B", "A", 0.5)), "ahp.one_judgment_a_pair"),
    ],
)
def test_a_judgment_that_means_nothing_is_refused_by_name(
    items: tuple[str, ...], judgments: tuple[Judgment, ...], code: str
) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        Comparisons(items, judgments)
    assert refused.value.code == code


def test_a_matrix_may_give_either_half_or_both() -> None:
    upper = Comparisons.of_matrix(("A", "B", "C"), [[1, 3, None], [None, 1, 2], [None, None, 1]])
    lower = Comparisons.of_matrix(("A", "B", "C"), [[1, None, None], [0.333, None, None], [None, 0.5, 1]])
    both = Comparisons.of_matrix(("A", "B", "C"), np.array([[1, 3, np.nan], [0.333, 1, 2], [np.nan, 0.5, 1]]))
    assert upper == both
    assert ahp.priorities(PriorityQuestion(lower)).weights == pytest.approx(
        ahp.priorities(PriorityQuestion(upper)).weights, abs=1e-3
    )


@pytest.mark.parametrize(
    ("matrix", "code"),
    [
        ([[1, 2]], "ahp.square"),
        ([[1, 2], [0.5]], "ahp.square"),
        ([[2, 2], [0.5, 1]], "ahp.unit_diagonal"),
        ([[1, 2], [2, 1]], "ahp.reciprocal"),
        ([[1, 0], [2, 1]], "ahp.reciprocal"),
    ],
)
def test_a_matrix_that_is_not_one_of_ratios_is_refused(matrix: list[list[float]], code: str) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        Comparisons.of_matrix(("A", "B"), matrix)
    assert refused.value.code == code


def test_too_few_or_too_many_judgments_of_a_triangle_are_refused() -> None:
    with pytest.raises(UnmetAssumption, match="give 3, None where one is missing"):
        Comparisons.of_upper(("A", "B", "C"), (1, 2))


def test_ratios_beyond_the_scale_are_answered_with_the_assumption_marked() -> None:
    found = ahp.priorities(PriorityQuestion(Comparisons(("A", "B"), (Judgment("A", "B", 20),))))
    assert found.weights == pytest.approx((20 / 21, 1 / 21))
    assert {one.code: one.holds for one in found.explanation.assumptions}["ahp.saaty_scale"] is False


def test_the_same_inputs_have_the_same_hash_and_others_another() -> None:
    def digest(question: PriorityQuestion) -> str:
        return ahp.priorities(question).explanation.inputs_hash

    other = Comparisons(FOUR.items, (*FOUR.judgments[:-1], Judgment("b", "d", 5)))
    assert digest(PriorityQuestion(FOUR)) == digest(PriorityQuestion(FOUR))
    assert digest(PriorityQuestion(FOUR)) != digest(PriorityQuestion(other))
    assert digest(PriorityQuestion(FOUR)) != digest(PriorityQuestion(FOUR, most_inconsistent=0.2))


def panel(count: int, spread: float, seed: int = 1) -> tuple[Comparisons, ...]:
    """Experts whose own weights scatter about 4 : 2 : 1 : 1, each judging every pair consistently."""
    generator = np.random.default_rng(seed)
    weights = np.log([4, 2, 1, 1]) + generator.normal(0, spread, (count, 4))
    return tuple(
        Comparisons.of_matrix("ABCD", np.exp(np.clip(own[:, None] - own[None], -2.19, 2.19))) for own in weights
    )


def test_a_panels_judgment_is_the_geometric_mean_of_those_who_judged() -> None:
    three = (
        Comparisons(("A", "B", "C"), (Judgment("A", "B", 2), Judgment("B", "C", 3), Judgment("A", "C", 4))),
        Comparisons(("C", "B", "A"), (Judgment("B", "A", 1 / 8), Judgment("C", "B", 1 / 3))),
        Comparisons(("A", "B", "C"), (Judgment("A", "C", 9),)),
    )
    found = ahp.panel_priorities(PanelQuestion(three, experts=("Li", "Wang", "Zhao")))
    assert {(one.first, one.second): one.ratio for one in found.judgments} == {
        ("A", "B"): pytest.approx(4),
        ("A", "C"): pytest.approx(6),
        ("B", "C"): pytest.approx(3),
    }
    assert found.individual[2] is None
    assert {warning.code for warning in found.explanation.warnings} == {"ahp.unrelated", "ahp.no_interval"}
    assert (found.low, found.high) == (None, None)
    weighted = ahp.panel_priorities(PanelQuestion(three, importance=(3, 1, 1)))
    assert weighted.judgments[0].ratio == pytest.approx(2 ** (3 / 4) * 8 ** (1 / 4))


def test_the_interval_of_two_items_is_that_of_students_t_on_the_logarithms() -> None:
    ratios = np.exp(np.random.default_rng(3).normal(0.7, 0.5, 12))
    found = ahp.panel_priorities(
        PanelQuestion(tuple(Comparisons(("A", "B"), (Judgment("A", "B", ratio),)) for ratio in ratios), replicates=4000)
    )
    logs = np.log(ratios)
    half = stats.t.ppf(0.975, 11) * logs.std(ddof=1) / np.sqrt(12)
    low, weight, high = 1 / (1 + np.exp(-(logs.mean() + np.array([-half, 0, half]))))
    assert found.low is not None and found.high is not None
    assert found.weights[0] == pytest.approx(weight)
    assert found.low[0] == pytest.approx(low, abs=0.1 * (high - low))
    assert found.high[0] == pytest.approx(high, abs=0.1 * (high - low))
    assert found.low[1] == pytest.approx(1 - found.high[0])


def test_experts_of_one_mind_leave_no_interval() -> None:
    found = ahp.panel_priorities(PanelQuestion(panel(7, 0.0), replicates=50))
    assert found.weights == pytest.approx((0.5, 0.25, 0.125, 0.125))
    assert found.low == pytest.approx(found.weights)
    assert found.high == pytest.approx(found.weights)


def test_the_same_seed_draws_the_same_interval() -> None:
    question = PanelQuestion(panel(6, 0.4), replicates=100, seed=7)
    assert ahp.panel_priorities(question) == ahp.panel_priorities(question)


def test_drawn_panels_that_leave_items_unrelated_are_passed_over_and_counted() -> None:
    full = panel(5, 0.3)
    partial = tuple(Comparisons(one.items, one.judgments[:1]) for one in full[1:])
    found = ahp.panel_priorities(PanelQuestion((full[0], *partial), replicates=300))
    assert found.low is not None
    (lost,) = [warning.text for warning in found.explanation.warnings if warning.code == "ahp.lost_replicates"]
    # A panel of five misses the one complete expert with probability (4/5)⁵ = 0.33.
    assert 0.25 < float(lost.split("%")[0]) / 100 < 0.41


def test_a_panel_that_hangs_together_by_single_judgments_has_no_interval() -> None:
    ring = [("A", "B"), ("B", "C"), ("C", "D"), ("D", "E"), ("E", "A")]
    single = tuple(Comparisons(("A", "B", "C", "D", "E"), (Judgment(*pair, 2),)) for pair in ring)
    found = ahp.panel_priorities(PanelQuestion(single, replicates=200))
    assert found.weights == pytest.approx((0.2,) * 5)
    assert (found.low, found.high) == (None, None)
    assert "ahp.no_interval" in {warning.code for warning in found.explanation.warnings}


def test_importances_that_leave_one_voice_leave_no_interval() -> None:
    found = ahp.panel_priorities(PanelQuestion(panel(6, 0.3), importance=(1e6, 1, 1, 1, 1, 1), replicates=50))
    assert (found.low, found.high) == (None, None)
    (warning,) = [one for one in found.explanation.warnings if one.code == "ahp.no_interval"]
    assert "worth 1.0 experts" in warning.text


def test_an_expert_who_contradicts_himself_is_named() -> None:
    muddled = Comparisons.of_upper("ABCD", (9, 1 / 9, 9, 9, 1, 9))
    found = ahp.panel_priorities(PanelQuestion((*panel(5, 0.2), muddled), (*"12345", "Qian"), replicates=20))
    (warning,) = found.explanation.warnings
    assert warning.code == "ahp.inconsistent"
    assert "Qian" in warning.text


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (PanelQuestion(()), "ahp.experts"),
        (PanelQuestion((FOUR, FOUR), experts=("Li",)), "ahp.experts"),
        (PanelQuestion((FOUR, FOUR), experts=("Li", "Li")), "ahp.distinct_experts"),
        (PanelQuestion((FOUR, FOUR), importance=(1, 0)), "ahp.positive_importance"),
        (PanelQuestion((FOUR, *panel(1, 0))), "ahp.same_items"),
        (PanelQuestion((FOUR,), confidence=95), "ahp.interval"),
        (PanelQuestion((FOUR,), replicates=1), "ahp.interval"),
        (PanelQuestion((Comparisons(("A", "B", "C"), (Judgment("A", "B", 1),)),)), "ahp.connected"),
    ],
)
def test_a_panel_without_an_answer_is_refused_by_name(question: PanelQuestion, code: str) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        ahp.panel_priorities(question)
    assert refused.value.code == code
