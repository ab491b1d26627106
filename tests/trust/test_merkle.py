"""Trees and proofs against the published vectors, and against the recursive definition of RFC 6962 §2.1."""

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronghe.trust.merkle import (
    EMPTY_ROOT,
    Frontier,
    ProofError,
    Span,
    Subtree,
    consistency_spans,
    inclusion_spans,
    leaf_hash,
    prove,
    root_of,
    verify_consistency,
    verify_inclusion,
)
from tests.need import shared

# The reference leaves and roots of certificate-transparency-go and transparency-dev/merkle (testonly/reference).
REFERENCE_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
REFERENCE_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def defined_root(entries: list[bytes]) -> bytes:
    """MTH as RFC 6962 §2.1 writes it, recursively; shares nothing with the code under test."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + defined_root(entries[:split]) + defined_root(entries[split:])).digest()


def defined_path(index: int, entries: list[bytes]) -> list[bytes]:
    """PATH as RFC 6962 §2.1.1 writes it."""
    if len(entries) == 1:
        return []
    split = 1
    while split * 2 < len(entries):
        split *= 2
    if index < split:
        return [*defined_path(index, entries[:split]), defined_root(entries[split:])]
    return [*defined_path(index - split, entries[split:]), defined_root(entries[:split])]


def defined_proof(first: int, entries: list[bytes], whole: bool = True) -> list[bytes]:
    """PROOF and SUBPROOF as RFC 6962 §2.1.2 writes them."""
    if first == len(entries):
        return [] if whole else [defined_root(entries)]
    split = 1
    while split * 2 < len(entries):
        split *= 2
    if first <= split:
        return [*defined_proof(first, entries[:split], whole), defined_root(entries[split:])]
    return [*defined_proof(first - split, entries[split:], False), defined_root(entries[:split])]


def hashes(count: int) -> list[bytes]:
    return [leaf_hash(b"leaf %d" % number) for number in range(count)]


def entries_of(count: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(count)]


def part_root(count: int):
    leaves = hashes(count)

    def complete_root(span: Span) -> bytes:
        width = span.end - span.start
        assert width & (width - 1) == 0, "a part is complete"
        assert span.start % width == 0, "and aligned"
        return root_of(leaves[span.start : span.end])

    return complete_root


def test_the_reference_leaves_have_the_published_roots():
    for size, root in enumerate(REFERENCE_ROOTS):
        assert root_of(leaf_hash(entry) for entry in REFERENCE_LEAVES[:size]).hex() == root
    assert EMPTY_ROOT.hex() == REFERENCE_ROOTS[0]


def test_a_published_inclusion_proof_holds_and_a_swapped_step_does_not():
    # transparency-dev/merkle, testdata/inclusion/1: leaf 0 of the eight reference leaves.
    path = [
        bytes.fromhex("96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"),
        bytes.fromhex("5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"),
        bytes.fromhex("6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"),
    ]
    root = bytes.fromhex(REFERENCE_ROOTS[8])
    verify_inclusion(index=0, size=8, leaf=leaf_hash(REFERENCE_LEAVES[0]), path=path, root=root)
    with pytest.raises(ProofError, match="another root"):
        verify_inclusion(index=0, size=8, leaf=leaf_hash(REFERENCE_LEAVES[0]), path=path[::-1], root=root)


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_every_published_proof_is_judged_as_published(kind):
    files = sorted(shared(f"vectors/trust/rfc6962/{kind}").rglob("*.json"))
    assert len(files) > 80
    for file in files:
        case = json.loads(file.read_text())
        decoded = {key: base64.b64decode(case[key]) for key in ("root", "leafHash", "root1", "root2") if key in case}
        path = [base64.b64decode(step) for step in case["proof"] or []]
        try:
            if kind == "inclusion":
                verify_inclusion(
                    index=case["leafIdx"],
                    size=case["treeSize"],
                    leaf=decoded["leafHash"],
                    path=path,
                    root=decoded["root"],
                )
            else:
                verify_consistency(
                    first=case["size1"],
                    second=case["size2"],
                    first_root=decoded["root1"],
                    second_root=decoded["root2"],
                    path=path,
                )
            refused = False
        except ProofError:
            refused = True
        assert refused == case["wantErr"], f"{file}: {case['desc']}"


def test_roots_and_proofs_are_those_of_the_recursive_definition_for_every_small_tree():
    for size in range(1, 41):
        entries = entries_of(size)
        root = defined_root(entries)
        assert root_of(hashes(size)) == root
        for index in range(size):
            path = prove(inclusion_spans(index, size), part_root(size))
            assert path == defined_path(index, entries)
            verify_inclusion(index=index, size=size, leaf=leaf_hash(entries[index]), path=path, root=root)
        for first in range(1, size + 1):
            path = prove(consistency_spans(first, size), part_root(size))
            assert path == defined_proof(first, entries)
            verify_consistency(
                first=first,
                second=size,
                first_root=defined_root(entries[:first]),
                second_root=root,
                path=path,
            )


@given(st.lists(st.integers(0, 70), max_size=12))
def test_the_frontier_does_not_depend_on_how_the_leaves_were_batched(batches):
    total = sum(batches)
    leaves = hashes(total)
    frontier, completed, at = Frontier(), [], 0
    for batch in batches:
        frontier, new = frontier.append(leaves[at : at + batch])
        completed += new
        at += batch
        assert len(frontier.nodes) == frontier.size.bit_count()
    assert frontier.size == total
    assert frontier.root() == defined_root(entries_of(total))
    assert completed == [
        Subtree(1, index, defined_root(entries_of(total)[index * 256 : index * 256 + 256]))
        for index in range(total // 256)
    ]


def test_a_second_level_subtree_is_completed_by_its_last_leaf_and_not_before():
    leaves = hashes(65_536)
    frontier, completed = Frontier().append(leaves[:-1])
    assert [subtree.level for subtree in completed] == [1] * 255
    frontier, completed = frontier.append(leaves[-1:])
    assert [(subtree.level, subtree.number) for subtree in completed] == [(1, 255), (2, 0)]
    assert completed[1].hash == frontier.root() == defined_root(entries_of(65_536))


@given(st.integers(1, 400), st.data())
def test_a_proof_with_any_one_bit_changed_is_refused(size, data):
    index = data.draw(st.integers(0, size - 1))
    root = root_of(hashes(size))
    path = prove(inclusion_spans(index, size), part_root(size))
    changed = [*path, hashes(size)[index]]
    step = data.draw(st.integers(0, len(path)))
    bit = data.draw(st.integers(0, 255))
    changed[step] = (int.from_bytes(changed[step], "big") ^ 1 << bit).to_bytes(32, "big")
    with pytest.raises(ProofError):
        verify_inclusion(index=index, size=size, leaf=changed[-1], path=changed[:-1], root=root)


def test_a_proof_for_a_leaf_the_tree_does_not_have_is_refused():
    with pytest.raises(ProofError, match="no leaf 8 in a tree of 8"):
        inclusion_spans(8, 8)
    with pytest.raises(ProofError, match="no leaf -1"):
        verify_inclusion(index=-1, size=8, leaf=EMPTY_ROOT, path=[], root=EMPTY_ROOT)
    with pytest.raises(ProofError, match="from size 0"):
        consistency_spans(0, 3)


def test_a_frontier_with_a_node_too_many_is_refused():
    with pytest.raises(ValueError, match="has 2 nodes on its edge"):
        Frontier(5, (EMPTY_ROOT,))
