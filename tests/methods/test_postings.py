"""Postings that are the same advertisement are found, those that are not are left apart."""

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ronghe.methods.postings import DuplicateRule, find_duplicates, text_digest

WORDS = ["熟悉", "嵌入式", "系统", "编写", "Linux", "驱动", "调试", "电路", "Python", "FPGA", "boards", "firmware"]


def advertisement(seed: int, length: int = 80) -> str:
    generator = random.Random(seed)
    return " ".join(f"{generator.choice(WORDS)}{generator.randrange(1000)}" for _ in range(length))


def jaccard(one: str, other: str, length: int) -> float:
    """The similarity by definition, for comparison with the sketch."""
    first, second = ({text[at : at + length] for at in range(len(text) - length + 1)} for text in (one, other))
    return len(first & second) / len(first | second)


def test_case_width_spaces_and_punctuation_make_no_difference() -> None:
    found = find_duplicates(["招聘 ＦＰＧＡ 工程师！", "招聘:fpga  工程师", "招聘 FPGA 设计师"])
    assert [entry.original for entry in found] == [0, 0, 2]
    assert [entry.reason for entry in found] == ["unique", "exact", "unique"]
    assert text_digest("招聘 ＦＰＧＡ 工程师！") == text_digest("招聘:fpga  工程师")


def test_a_slightly_edited_posting_is_near_and_says_how_near() -> None:
    original = advertisement(1)
    edited = original.replace(original.split()[40], "ARM")
    found = find_duplicates([advertisement(2), original, edited, advertisement(3), edited.upper()])
    assert [entry.original for entry in found] == [0, 1, 1, 3, 1]
    assert [entry.reason for entry in found] == ["unique", "unique", "near", "unique", "exact"]
    assert found[2].similarity == pytest.approx(jaccard(original.lower(), edited.lower(), 8), abs=0.12)


def test_postings_that_share_half_their_text_stay_apart() -> None:
    half = advertisement(4, 40)
    texts = [f"{half} {advertisement(seed, 40)}" for seed in range(5, 15)]
    assert all(entry.reason == "unique" for entry in find_duplicates(texts))


def test_short_texts_are_compared_for_equality_only() -> None:
    found = find_duplicates(["Java 工程师", "Java 工程师。", "Java 工程帅"])
    assert [entry.reason for entry in found] == ["unique", "exact", "unique"]


def test_a_copy_long_after_its_original_is_a_new_advertisement() -> None:
    text = advertisement(6)
    found = find_duplicates([text, text, text, text], published=[100, 130, 200, 230])
    assert [(entry.original, entry.reason) for entry in found] == [
        (0, "unique"),
        (0, "exact"),
        (2, "unique"),
        (2, "exact"),
    ]


def test_the_original_is_the_first_published_and_a_posting_without_a_day_is_a_copy() -> None:
    text = advertisement(6)
    found = find_duplicates([text, text, text], published=[None, 130, 120])
    assert [(entry.original, entry.reason) for entry in found] == [(2, "exact"), (2, "exact"), (2, "unique")]


def test_days_of_another_number_than_texts_are_refused() -> None:
    with pytest.raises(ValueError, match="as many days"):
        find_duplicates(["a"], published=[])


def test_a_rule_that_cannot_be_followed_is_refused() -> None:
    with pytest.raises(ValueError, match="threshold"):
        DuplicateRule(threshold=0)
    with pytest.raises(ValueError, match="bands"):
        DuplicateRule(bands=33)


def test_the_sketch_estimates_the_similarity_within_its_error() -> None:
    generator = random.Random(7)
    errors = []
    for seed in range(20):
        words = advertisement(seed, 120).split()
        edited = [word if generator.random() > 0.02 else "0" for word in words]
        texts = [" ".join(words), " ".join(edited)]
        truth = jaccard(*(text.lower() for text in texts), 8)
        found = find_duplicates(texts, DuplicateRule(threshold=0.01))[1]
        errors.append(found.similarity - truth if found.reason == "near" else 0.0)
    assert abs(float(np.mean(errors))) < 0.03
    assert float(np.max(np.abs(errors))) < 0.18


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=25), st.randoms(use_true_random=False))
def test_groups_do_not_depend_on_the_order_of_other_postings(seeds: list[int], shuffler: random.Random) -> None:
    texts = [advertisement(seed) + (" extra" if index % 2 else "") for index, seed in enumerate(seeds)]
    order = list(range(len(texts)))
    shuffler.shuffle(order)
    plain = find_duplicates(texts)
    mixed = find_duplicates([texts[index] for index in order])
    groups = {
        frozenset(index for index, entry in enumerate(plain) if entry.original == root) for root in range(len(texts))
    }
    others = {
        frozenset(order[index] for index, entry in enumerate(mixed) if entry.original == root)
        for root in range(len(texts))
    }
    assert groups == others
    for index, entry in enumerate(plain):
        assert entry.original <= index
        assert (entry.reason == "unique") == (entry.original == index)
