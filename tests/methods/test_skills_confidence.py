"""What the dictionary pass asks about a mention in a Chinese clause, and what it makes of the answers."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.lexicon import load_confidence
from ronghe.methods.skills import Confidence, SurfaceAutomaton, SurfaceForm
from ronghe.methods.skills.confidence import DEPTH, FormTraits, Placed, features

FORMS = (
    SurfaceForm("晶圆", "ic.wafer", "ic.process", "ic", labels=("晶圆与硅片材料", "Wafers")),
    SurfaceForm("刻蚀工艺", "ic.etch", "ic.process", "ic", labels=("刻蚀工艺", "Etching")),
    SurfaceForm("对讲机", "comm.private-network", "comm.system", "comm", labels=("专网与集群通信", "Private networks")),
    SurfaceForm("射频电路设计", "comm.rf-circuit", "comm.rf", "comm", labels=("射频电路设计", "RF circuit design")),
    SurfaceForm("Python", "software.python", "software.language", "software", labels=("Python 语言", "Python")),
)


def asked(text: str, forms: Sequence[SurfaceForm] = FORMS) -> dict[str, dict[str, float]]:
    """What is asked of each mention in one text, by form."""
    table = SurfaceAutomaton(forms).find_table([text])
    codes = np.frombuffer(f"\n\n{text}\n\n".encode("utf-32-le"), dtype=np.uint32)
    placed = Placed(table.start + 2, table.end + 2, table.form, table.score)
    values = features(codes, placed, FormTraits.of(forms))
    return {
        forms[number].text: {name: float(value[row]) for name, value in values.items()}
        for row, number in enumerate(table.form.tolist())
    }


def no_one_counts(least: float = 0.5) -> Confidence:
    """A model without trees that gives every mention in Chinese a chance of 0.27."""
    inner = 2**DEPTH - 1
    none = np.zeros((0, inner), dtype=np.int64)
    return Confidence(("head",), none, np.zeros((0, inner)), np.zeros((0, inner + 1)), -1.0, least)


def test_a_noun_after_a_form_makes_it_part_of_a_name() -> None:
    found = asked("配合晶圆厂，熟悉刻蚀工艺")
    assert found["晶圆"]["thing_after"] == 1
    assert found["晶圆"]["head"] == 0
    assert found["刻蚀工艺"]["thing_after"] == 0
    assert found["刻蚀工艺"]["head"] == 1


def test_what_work_is_done_on_stands_before_of_and_a_task_after_it() -> None:
    found = asked("负责对讲机的射频电路设计")
    assert found["对讲机"]["duty_modifier"] == found["对讲机"]["mention_after_of"] == found["对讲机"]["of_near"] == 1
    assert found["射频电路设计"]["duty_modifier"] == 0
    assert found["射频电路设计"]["of_left"] == found["射频电路设计"]["of_before"] == 1


def test_a_comma_ends_a_clause_and_a_full_stop_what_is_counted_together() -> None:
    found = asked("熟悉刻蚀工艺，会Python。晶圆")
    assert found["刻蚀工艺"]["mention_right"] == 0
    assert found["刻蚀工艺"]["together"] == pytest.approx(np.log(2))
    assert found["晶圆"]["alone"] == 1


def test_only_clauses_with_chinese_are_weighed() -> None:
    automaton = SurfaceAutomaton(FORMS, confidence=no_one_counts())
    text = "We use Python every day.\n会用Python，熟悉刻蚀工艺"
    assert [(mention.start, mention.score) for mention in automaton.find(text)] == [(7, 1.0)]


def test_what_counts_is_scored_by_its_chance() -> None:
    automaton = SurfaceAutomaton(FORMS, confidence=no_one_counts(0.2))
    assert automaton.find("会用Python")[0].score == pytest.approx(1 / (1 + np.e))


WEIGHING = SurfaceAutomaton(FORMS, confidence=load_confidence())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(alphabet="晶圆厂的，。负责Python 、对讲机\n", max_size=30), max_size=6))
def test_a_text_is_weighed_alike_alone_and_among_others(texts: list[str]) -> None:
    assert WEIGHING.find_all(texts) == [WEIGHING.find(text) for text in texts]


def test_a_tree_adds_the_leaf_that_its_questions_lead_to() -> None:
    question = np.array([[0, 0, 1, 0, 0, 0, 0]])
    threshold = np.array([[0.5, 9.0, 0.5, 9.0, 9.0, 9.0, 9.0]])
    leaf = np.array([[0.0, 9.0, 9.0, 9.0, 1.0, 9.0, 2.0, 9.0]])
    model = Confidence(("first", "second"), question, threshold, leaf, 0.0, 0.5)
    values = {"first": np.array([0.0, 1.0, 1.0]), "second": np.array([1.0, 0.0, 1.0])}
    assert model.chance(values).tolist() == pytest.approx((1 / (1 + np.exp([-0.0, -1.0, -2.0]))).tolist())
