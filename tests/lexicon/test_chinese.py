"""What the shipped extractor reads in the Chinese clauses: the test half by its goals, the development half by what
tuning reached; by section 7 of the guideline. Nothing here shows a clause of the test half."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.demand.chinese import GOALS, OTHER, Score, judge, read_clauses, run
from benchmarks.demand.fit_confidence import LEAST, TARGET, read_mentions, read_texts, weighed
from ronghe.runners.extraction import extractor


@pytest.fixture(scope="module")
def development() -> Score:
    return Score.of(judge("development"))


def test_what_tuning_reached_on_the_development_half_stays_reached(development: Score) -> None:
    assert development.precision >= 0.95
    assert development.recall >= 0.70


def test_the_shipped_confidence_was_learnt_from_the_mentions_kept_and_cuts_where_it_was_estimated() -> None:
    shipped = json.loads(TARGET.read_text(encoding="utf-8"))
    texts, mentions = read_texts(), read_mentions()
    assert shipped["mentions"] == len(mentions)
    assert set(shipped["names"]) == weighed(mentions, texts).keys() - {"chinese"}
    assert shipped["least"] == LEAST
    page = (Path(__file__).parents[2] / "docs" / "methods" / "skills.md").read_text(encoding="utf-8")
    assert f"| {LEAST:.2f} | " in page


def test_a_mention_less_sure_than_the_least_does_not_count() -> None:
    shipped = extractor((1,)).automaton
    assert min(mention.score for mention in shipped.find("参与毫米波雷达收发前端的功放选型，熟悉HFSS")) >= LEAST


@pytest.fixture(scope="module")
def held_out() -> Score:
    return Score.of(judge("test"))


def test_precision_on_the_test_half_reaches_its_goal(held_out: Score) -> None:
    assert held_out.precision >= GOALS["precision"]


def test_recall_on_the_test_half_reaches_its_goal(held_out: Score) -> None:
    assert held_out.recall >= GOALS["recall"]


def test_clauses_that_ask_for_nothing_are_left_alone() -> None:
    free = [one for one in judge("development") if not one.clause.gold]
    assert len(free) == 58
    assert sum(bool(one.found) for one in free) <= 2


def test_the_benchmark_reports_both_halves_and_goals_of_the_test_half_only() -> None:
    results = {result.name: result for result in run()}
    assert len(results) == 6
    with_goal = {name for name, result in results.items() if result.goal}
    assert with_goal == {"Chinese clauses, test half, precision", "Chinese clauses, test half, recall"}


def test_an_item_without_a_skill_counts_as_wanted_once_a_text() -> None:
    clauses = read_clauses("development")
    assert len(clauses) == 280
    assert sum(len(clause.gold) for clause in clauses) == 463
    assert sum(item.startswith(f"{OTHER}:") for clause in clauses for item in clause.gold) == 16


def test_no_prediction_at_all_is_no_data() -> None:
    nothing = Score(0, 0, 3)
    assert nothing.precision != nothing.precision
    assert nothing.recall == 0.0


def test_errors_of_the_test_half_cannot_be_listed() -> None:
    for arguments in (["--errors"], ["--half", "test", "--errors"]):
        shown = subprocess.run(
            [sys.executable, "-m", "benchmarks.demand.chinese", *arguments], capture_output=True, text=True, check=False
        )
        assert shown.returncode == 2
        assert shown.stdout == ""
        assert "development half only" in shown.stderr
