"""The function from Arrow batch to Arrow batch that every runner applies."""

import pyarrow as pa
import pytest

from ronghe.runners import extraction
from ronghe.runners.batches import MENTIONS, POSTINGS, extract_batch


def batch_of(*postings: tuple[str | None, str | None]) -> pa.RecordBatch:
    ids, texts = zip(*postings, strict=True) if postings else ((), ())
    return pa.RecordBatch.from_arrays([pa.array(ids, pa.string()), pa.array(texts, pa.string())], schema=POSTINGS)


def test_each_mention_carries_its_advertisement_its_span_and_its_skill_in_both_languages() -> None:
    found = extract_batch(batch_of(("a", "熟悉 SystemVerilog，有流片经验"), ("b", "Kubernetes and Git")))
    assert found.schema == MENTIONS
    rows = found.to_pylist()
    found_in = {(row["id"], row["start"], row["end"], row["text"], row["skill"]) for row in rows}
    assert found_in >= {
        ("a", 3, 16, "SystemVerilog", "ic.systemverilog"),
        ("b", 0, 10, "Kubernetes", "infrastructure.kubernetes"),
        ("b", 15, 18, "Git", "software.git"),
    }
    assert [(row["id"], row["start"]) for row in rows] == sorted((row["id"], row["start"]) for row in rows)
    for row in rows:
        skill = extraction.lexicon().by_id[row["skill"]]
        assert (row["zh"], row["en"], row["field"]) == (skill.zh, skill.en, skill.field)
        assert row["form"] in skill.forms
        assert row["tier"] == 1
        assert 0 < row["score"] <= 1


def test_offsets_count_code_points_also_after_characters_beyond_the_basic_plane() -> None:
    text = "𝒳🙂 需要 PyTorch 🙂 与 Ｄｏｃｋｅｒ 经验"
    rows = extract_batch(batch_of(("a", text))).to_pylist()
    assert {row["skill"] for row in rows} == {"ai.pytorch", "infrastructure.docker"}
    assert all(text[row["start"] : row["end"]] == row["text"] for row in rows)
    assert "Ｄｏｃｋｅｒ" in {row["text"] for row in rows}


def test_an_advertisement_without_text_has_no_mentions_and_disturbs_no_other() -> None:
    rows = extract_batch(batch_of(("a", None), ("b", ""), (None, "Kubernetes"))).to_pylist()
    assert [(row["id"], row["skill"]) for row in rows] == [(None, "infrastructure.kubernetes")]


def test_a_batch_without_advertisements_gives_a_batch_without_mentions() -> None:
    found = extract_batch(batch_of())
    assert (found.num_rows, found.schema) == (0, MENTIONS)


def test_how_advertisements_are_cut_into_batches_changes_nothing() -> None:
    postings = [
        (str(number), f"会 {name} 者优先") for number, name in enumerate(["Git", "Docker", "MATLAB", "Linux"] * 3)
    ]
    whole = extract_batch(batch_of(*postings))
    pieces = [extract_batch(batch_of(posting)) for posting in postings]
    assert pa.Table.from_batches([whole]).equals(pa.Table.from_batches(pieces))
    assert whole.num_rows >= len(postings)


def test_tier_two_adds_to_what_tier_one_finds_and_changes_none_of_it() -> None:
    # No form of the lexicon spells this; its nearest label is that of test data analysis.
    batch = batch_of(("a", "负责芯片量产，分析测试数据，熟悉 SystemVerilog"))
    first, both = (extract_batch(batch, tiers).to_pylist() for tiers in ((1,), (1, 2)))
    assert [row for row in both if row["tier"] == 1] == first
    assert [row["start"] for row in both] == sorted(row["start"] for row in both)
    assert all(row["tier"] == 2 and 0 < row["score"] <= 1 for row in both if row not in first)


@pytest.mark.parametrize("tiers", [(), (0,), (2,), (1, 9)])
def test_tiers_that_there_are_not_are_refused_by_name(tiers: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="the tiers to read with are 1"):
        extraction.extractor(tiers)


def test_the_extractor_is_built_once_a_process() -> None:
    assert extraction.extractor((1,)) is extraction.extractor((1, 1))
    assert extraction.lexicon() is extraction.lexicon()
