"""Synthetic control: its weights against another solver, planted gaps, placebos, and what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from ronghe.methods.effects import Panel, SyntheticControl, synthetic_control
from ronghe.methods.effects.importance import Problem, best_importance, solution
from ronghe.methods.effects.simplex import nearest_in_hull
from ronghe.methods.explained import UnmetAssumption

Floats = NDArray[np.float64]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 12), st.integers(1, 20))
def test_weights_on_the_simplex_are_as_near_as_those_of_another_solver(seed: int, rows: int, donors: int) -> None:
    from scipy.optimize import nnls

    generator = np.random.default_rng(seed)
    points, target = generator.standard_normal((rows, donors)), 0.7 * generator.standard_normal(rows)
    found = nearest_in_hull(points.T @ points, points.T @ target).weights
    assert found.min() >= 0 and found.sum() == pytest.approx(1)
    # A heavy row of ones holds the other solver to weights that add up to 1.
    other = nnls(np.vstack([points, np.full(donors, 1e4)]), np.append(target, 1e4))[0]
    other /= other.sum()
    assert np.linalg.norm(points @ found - target) <= np.linalg.norm(points @ other - target) + 1e-6


@pytest.fixture(scope="module")
def outcome() -> Floats:
    """20 periods of 9 units; unit 0 is 0.6 of unit 1 and 0.4 of unit 2, and gains 3 from period 12 on."""
    generator = np.random.default_rng(4)
    values = generator.standard_normal((20, 9)).cumsum(axis=0) + 3 * generator.standard_normal(9)
    values[:, 0] = 0.6 * values[:, 1] + 0.4 * values[:, 2]
    values[12:, 0] += 3
    return np.asarray(values)


def test_a_unit_made_of_two_donors_is_found_with_its_gain(outcome: Floats) -> None:
    found = synthetic_control(SyntheticControl(outcome, 0, 12, names=list("ABCDEFGHI")))
    assert [name for name, weight in found.weights if weight > 1e-6] == ["B", "C"]
    assert dict(found.weights)["B"] == pytest.approx(0.6)
    assert found.effect == pytest.approx(3)
    assert found.gap[:12] == pytest.approx(np.zeros(12), abs=1e-8)
    assert found.p_value == pytest.approx(1 / 9)
    assert "effects.one_treated_unit" in [caution.code for caution in found.explanation.warnings]


def test_predictors_lead_to_the_same_donors(outcome: Floats) -> None:
    generator = np.random.default_rng(5)
    predictors = generator.standard_normal((4, 9))
    predictors[:, 0] = 0.6 * predictors[:, 1] + 0.4 * predictors[:, 2]
    found = synthetic_control(SyntheticControl(outcome, 0, 12, predictors=predictors, placebos=False))
    assert dict(found.weights)["1"] == pytest.approx(0.6, abs=1e-3)
    assert found.importance is not None and sum(found.importance) == pytest.approx(1)
    assert found.p_value is None
    units = replace(SyntheticControl(outcome, 0, 12, placebos=False), predictors=predictors * [[1], [100], [0.01], [7]])
    assert dict(synthetic_control(units).weights)["1"] == pytest.approx(0.6, abs=1e-3)


def test_the_chosen_importance_follows_the_outcome_no_worse_than_any_tried() -> None:
    generator = np.random.default_rng(6)
    predictors, outcomes = generator.standard_normal((5, 11)), generator.standard_normal((10, 11)).cumsum(axis=0)
    problem = Problem(predictors[:, 1:], predictors[:, 0], outcomes[:, 1:], outcomes[:, 0])
    best = best_importance(problem).loss
    tried = [solution(problem, generator.dirichlet(np.full(5, 0.3))).loss for _ in range(300)]
    assert best <= min(tried) * 1.02


def test_shifting_all_units_alike_and_scaling_changes_no_weight(outcome: Floats) -> None:
    noisy = outcome + np.random.default_rng(8).standard_normal(outcome.shape)
    plain = synthetic_control(SyntheticControl(noisy, 0, 12))
    moved = synthetic_control(SyntheticControl(5 * noisy + np.arange(20)[:, None], 0, 12))
    assert dict(moved.weights) == pytest.approx(dict(plain.weights), abs=1e-6)
    assert moved.effect == pytest.approx(5 * plain.effect)
    assert moved.p_value == plain.p_value


def test_rows_of_a_panel_give_the_same_answer(outcome: Floats) -> None:
    names = np.array(list("ABCDEFGHI"))
    panel = Panel(
        np.tile(names, 20),
        np.repeat(np.arange(2001, 2021), 9),
        outcome.ravel(),
        np.tile(np.where(names == "A", 2013.0, np.nan), 20),
    )
    found = synthetic_control(SyntheticControl.of(panel))
    assert found.effect == pytest.approx(3)
    assert found.error.name == "A"
    with pytest.raises(UnmetAssumption) as refused:
        SyntheticControl.of(replace(panel, start=np.tile(np.where(names < "C", 2013.0, np.nan), 20)))
    assert refused.value.code == "effects.not_one_treated"


def test_a_unit_outside_its_donors_is_told_so(outcome: Floats) -> None:
    apart = outcome.copy()
    apart[:, 0] += 50
    found = synthetic_control(SyntheticControl(apart, 0, 12))
    assert "effects.poor_fit" in [caution.code for caution in found.explanation.warnings]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"outcome": np.ones((20, 2))}, "effects.one_group"),
        ({"treated": 9}, "effects.one_group"),
        ({"before": 1}, "effects.empty_window"),
        ({"before": 20}, "effects.empty_window"),
        ({"names": ["A"]}, "effects.unequal_columns"),
        ({"predictors": np.ones((3, 9))}, "effects.singular_design"),
        ({"predictors": np.ones((3, 8))}, "effects.unequal_columns"),
        ({"predictors": np.eye(9), "importance": -np.ones(9)}, "effects.importance"),
        ({"outcome": np.full((20, 9), np.nan)}, "effects.missing_value"),
        ({"outcome": np.ones(20)}, "effects.shape"),
    ],
)
def test_what_cannot_be_followed_is_refused(outcome: Floats, change: dict[str, object], code: str) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        synthetic_control(replace(SyntheticControl(outcome, 0, 12), **change))  # type: ignore[arg-type]
    assert refused.value.code == code
