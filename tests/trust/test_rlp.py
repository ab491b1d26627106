"""The encoding and the trie of EVM chains: published values, everything read back, one spelling of each item."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronghe.trust.receipt_trie import ReceiptTrie, TrieError, receipt_at
from ronghe.trust.rlp import MAX_DEPTH, RlpError, decode, encode, keccak256, number

ITEMS = st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=5), max_leaves=12)


@pytest.mark.parametrize(
    ("item", "written"),
    [
        # Yellow paper, appendix B, and the examples of ethereum.org's page on RLP.
        (b"dog", "83646f67"),
        ([b"cat", b"dog"], "c88363617483646f67"),
        (b"", "80"),
        ([], "c0"),
        (b"\x00", "00"),
        (number(15), "0f"),
        (number(1024), "820400"),
        ([[], [[]], [[], [[]]]], "c7c0c1c0c3c0c1c0"),
        (b"x" * 56, "b838" + "78" * 56),
    ],
)
def test_the_published_examples(item, written):
    assert encode(item).hex() == written
    assert decode(bytes.fromhex(written)) == item


def test_the_published_hashes_of_nothing():
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert ReceiptTrie([]).root.hex() == "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421"


@given(ITEMS)
def test_what_is_written_is_read_back(item):
    assert decode(encode(item)) == item


@given(st.binary(max_size=40))
def test_what_can_be_read_has_one_spelling(data):
    try:
        item = decode(data)
    except RlpError:
        return
    assert encode(item) == data


@pytest.mark.parametrize("written", ["", "8101", "b80101", "b90001", "83646f", "c18161", "c382", "646f", "f800", "ba"])
def test_other_spellings_are_refused(written):
    with pytest.raises(RlpError):
        decode(bytes.fromhex(written))


def test_lists_too_deep_are_refused():
    deep: list = []
    for _ in range(MAX_DEPTH):
        deep = [deep]
    with pytest.raises(RlpError, match="deeper"):
        decode(encode(deep))


@given(st.lists(st.binary(min_size=1, max_size=50), min_size=1, max_size=40), st.integers(0, 39))
def test_every_receipt_is_proved_and_no_other(receipts, place):
    trie, place = ReceiptTrie(receipts), place % len(receipts)
    nodes = trie.proof(place)
    assert receipt_at(place, nodes, trie.root) == receipts[place]
    for wrong in ((place, (*nodes, nodes[-1]), trie.root), (place, nodes[:-1], trie.root), (place, nodes, bytes(32))):
        with pytest.raises(TrieError):
            receipt_at(*wrong)
