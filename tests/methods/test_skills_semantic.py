"""Tier 2 adds clauses that no form spells, only where the dictionary found nothing, and keeps no state of its own."""

import numpy as np
import pytest
from numpy.typing import NDArray

from ronghe.methods.skills import CuePhrase, Extractor, SurfaceAutomaton
from ronghe.methods.skills.semantic import Gate, Label, Nearest, SemanticRule, SemanticTier
from tests.methods.skill_forms import CUES, small_automaton


class BagOfCharacters:
    """An encoder whose vectors count characters: enough to tell near from far."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: list[str]) -> NDArray[np.float32]:
        self.asked += texts
        vectors = np.zeros((len(texts), 256), dtype=np.float32)
        for row, text in enumerate(texts):
            for character in text.lower():
                vectors[row, ord(character) % 256] += 1
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def tier(automaton: SurfaceAutomaton, encoder: BagOfCharacters, **rule: float) -> SemanticTier:
    wanted = {"software.database": "data storage engine", "comm.dsp": "数字信号滤波算法"}
    labels = [
        Label(index, wanted[form.skill_id]) for index, form in enumerate(automaton.forms) if form.skill_id in wanted
    ]
    gate = Gate(np.zeros(256), 1.0)
    vectors = encoder.encode([label.text for label in labels])
    encoder.asked.clear()
    return SemanticTier(labels, vectors, encoder, gate, CUES, {}, SemanticRule(**rule))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def automaton() -> SurfaceAutomaton:
    return small_automaton()


def test_a_clause_that_means_a_skill_is_found_where_the_dictionary_found_nothing(automaton: SurfaceAutomaton) -> None:
    extractor = Extractor(automaton, tier(automaton, BagOfCharacters(), least_similarity_latin=0.95))
    text = "Python required, storage data engines, a quiet office"
    found = [(text[m.start : m.end], m.skill_id, m.tier) for m in extractor.extract(text)]
    assert found == [
        ("Python", "software.python", 1),
        ("storage data engines", "software.database", 2),
    ]


def test_chinese_and_english_have_their_own_thresholds(automaton: SurfaceAutomaton) -> None:
    text = "数字信号算法滤波\ndata storage engine"
    strict = tier(automaton, BagOfCharacters(), least_similarity_chinese=1.01)
    assert [m.skill_id for m in Extractor(automaton, strict).extract(text)] == ["software.database"]
    lenient = tier(automaton, BagOfCharacters(), least_similarity_chinese=0.9, least_similarity_latin=1.01)
    assert [m.skill_id for m in Extractor(automaton, lenient).extract(text)] == ["comm.dsp"]


def test_an_english_clause_must_share_a_word_with_the_label(automaton: SurfaceAutomaton) -> None:
    extractor = Extractor(automaton, tier(automaton, BagOfCharacters(), least_similarity_latin=0.5))
    assert [mention.tier for mention in extractor.extract("storage engines")] == [2]
    assert extractor.extract("great tease neon grog") == []


def test_a_sentence_that_negates_has_no_mention_of_tier_two(automaton: SurfaceAutomaton) -> None:
    extractor = Extractor(automaton, tier(automaton, BagOfCharacters()))
    assert extractor.extract("无需掌握，data storage engine") == []
    assert extractor.extract("data storage engine")[0].tier == 2


def test_the_gate_keeps_out_what_names_no_skill(automaton: SurfaceAutomaton) -> None:
    encoder = BagOfCharacters()
    open_tier = tier(automaton, encoder)
    closed = SemanticTier(open_tier.labels, open_tier.vectors, encoder, Gate(np.zeros(256), -5.0), CUES, {})
    assert Extractor(automaton, closed).extract("data storage engine") == []


def test_a_clause_is_encoded_once_and_the_cache_belongs_to_the_caller(automaton: SurfaceAutomaton) -> None:
    encoder = BagOfCharacters()
    second = tier(automaton, encoder)
    extractor = Extractor(automaton, second)
    first = extractor.extract_all(["data storage engine. data storage engine.", "data storage engine"])
    assert encoder.asked == ["data storage engine"]
    assert extractor.extract_all(["data storage engine. data storage engine.", "data storage engine"]) == first
    assert encoder.asked == ["data storage engine"]
    assert isinstance(second.cache["data storage engine"], Nearest)


class Forgetful(dict[str, Nearest]):
    """A cache with room for one clause."""

    def __setitem__(self, clause: str, nearest: Nearest) -> None:
        self.clear()
        super().__setitem__(clause, nearest)


def test_a_cache_that_forgets_in_the_middle_of_a_call_changes_no_answer(automaton: SurfaceAutomaton) -> None:
    kept = tier(automaton, BagOfCharacters())
    forgetful = SemanticTier(kept.labels, kept.vectors, kept.encoder, kept.gate, CUES, Forgetful(), kept.rule)
    texts = ["data storage engine", "storage engine for data", "data storage engine. data engines"]
    wanted = Extractor(automaton, kept).extract_all(texts)
    reader = Extractor(automaton, forgetful)
    assert reader.extract_all(texts[:1]) == wanted[:1]
    assert reader.extract_all(texts) == wanted


def test_without_a_second_tier_the_extractor_is_the_dictionary(automaton: SurfaceAutomaton) -> None:
    texts = ["Python, Go, Java", "data storage engine"]
    assert Extractor(automaton).extract_all(texts) == automaton.find_all(texts)


def test_texts_without_open_clauses_need_no_encoder(automaton: SurfaceAutomaton) -> None:
    encoder = BagOfCharacters()
    assert Extractor(automaton, tier(automaton, encoder)).extract_all(["Python", "", "a"])[0][0].tier == 1
    assert encoder.asked == []


def test_the_phrases_that_silence_are_those_that_negate_or_describe() -> None:
    kinds = {cue.kind for cue in CUES}
    assert {"negates_after", "negates_before", "describes"} <= kinds
    assert CuePhrase("无需", "negates_after") in CUES
