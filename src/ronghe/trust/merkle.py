"""Merkle trees as RFC 6962 and RFC 9162 define them: hashes, the growing frontier, proofs and their verification.

Everything is a pure function of hashes of 32 bytes (SHA-256); where the hashes are kept is the caller's business.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

HASH_SIZE = 32
# A stored subtree stands for 2**8 of the level below, as in C2SP tlog-tiles: proofs then read few rows.
TILE_HEIGHT = 8
_LEAF = b"\x00"
_NODE = b"\x01"
_sha256 = hashlib.sha256

EMPTY_ROOT = _sha256(b"").digest()


class ProofError(ValueError):
    """A proof does not prove what it claims; the message says which condition failed."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of a leaf, MTH({d}) = SHA-256(0x00 || d) (RFC 9162 §2.1.1)."""
    return _sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an interior node, SHA-256(0x01 || left || right) (RFC 9162 §2.1.1)."""
    return _sha256(_NODE + left + right).digest()


class Subtree(NamedTuple):
    """A complete subtree: it spans the leaves [number * 256**level, (number + 1) * 256**level)."""

    level: int
    number: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree of `size` leaves: one hash for each set bit of `size`, largest subtree first.

    It is all that appending needs, and never more than 64 hashes ("compact range").
    """

    size: int = 0
    nodes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.nodes) != self.size.bit_count():
            raise ValueError(f"a tree of {self.size} leaves has {self.size.bit_count()} nodes on its edge")

    def root(self) -> bytes:
        """Return the root of the tree (RFC 9162 §2.1.1): the edge folded from its smallest subtree up."""
        if not self.nodes:
            return EMPTY_ROOT
        root = self.nodes[-1]
        for left in reversed(self.nodes[:-1]):
            root = node_hash(left, root)
        return root

    def append(self, leaf_hashes: Iterable[bytes]) -> tuple["Frontier", list[Subtree]]:
        """Return the frontier after `leaf_hashes` and the tile subtrees (level 1 and up) they completed.

        It goes level by level: a node that waits for its right sibling stays on the edge, pairs move up.
        """
        rising = list(leaf_hashes)
        size = self.size + len(rising)
        edge = list(self.nodes)
        kept: list[bytes] = []
        completed: list[Subtree] = []
        height = 0
        while rising or edge:
            start = self.size >> height
            if height and height % TILE_HEIGHT == 0:
                level = height // TILE_HEIGHT
                completed += [Subtree(level, start + at, node) for at, node in enumerate(rising)]
            if start & 1:
                rising.insert(0, edge.pop())
            if len(rising) & 1:
                kept.append(rising.pop())
            rising = [
                _sha256(_NODE + left + right).digest() for left, right in zip(rising[::2], rising[1::2], strict=True)
            ]
            height += 1
        return Frontier(size, tuple(reversed(kept))), completed


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over all `leaf_hashes`; the empty tree has SHA-256 of nothing (RFC 9162 §2.1.1)."""
    return Frontier().append(leaf_hashes)[0].root()


class Span(NamedTuple):
    """The leaves [start, end) under one node of a tree."""

    start: int
    end: int

    def complete_parts(self) -> list["Span"]:
        """Return the complete aligned subtrees that make up this node, from left to right."""
        parts = []
        start = self.start
        while start < self.end:
            width = 1 << (self.end - start).bit_length() - 1
            parts.append(Span(start, start + width))
            start += width
        return parts


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (k in RFC 9162 §2.1.1)."""
    return 1 << (size - 1).bit_length() - 1


def inclusion_spans(index: int, size: int) -> list[Span]:
    """Return the nodes of PATH(index, D_size), nearest the leaf first (RFC 9162 §2.1.3.1).

    Raises `ProofError` if the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} in a tree of {size} leaves")
    spans = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(first: int, second: int) -> list[Span]:
    """Return the nodes of PROOF(first, D_second) in the order RFC 9162 §2.1.4.1 gives them.

    Raises `ProofError` unless 0 < first <= second: the empty tree is consistent with everything and proves nothing.
    """
    if not 0 < first <= second:
        raise ProofError(f"there is no consistency proof from size {first} to size {second}")
    spans = []
    start, end, whole = 0, second, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            spans.append(Span(middle, end))
            end = middle
        else:
            spans.append(Span(start, middle))
            start, whole = middle, False
    if not whole:
        spans.append(Span(start, end))
    return spans[::-1]


def prove(spans: Iterable[Span], complete_root: Callable[[Span], bytes]) -> list[bytes]:
    """Return the hash of each span, given the roots of complete aligned subtrees."""
    path = []
    for span in spans:
        parts = [complete_root(part) for part in span.complete_parts()]
        path.append(Frontier(span.end - span.start, tuple(parts)).root())
    return path


def verify_inclusion(*, index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> None:
    """Check that `leaf` (a leaf hash) is number `index` of the tree of `size` leaves with `root` (RFC 9162 §2.1.3.2).

    Raises `ProofError` if it is not, or if the proof has a step too many or too few.
    """
    if not 0 <= index < size:
        raise ProofError(f"there is no leaf {index} in a tree of {size} leaves")
    _check_hashes(leaf, *path)
    position, last, hash_ = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofError("the proof has more steps than the tree has levels")
        if position & 1 or position == last:
            hash_ = node_hash(sibling, hash_)
            while position and not position & 1:
                position >>= 1
                last >>= 1
        else:
            hash_ = node_hash(hash_, sibling)
        position >>= 1
        last >>= 1
    if last:
        raise ProofError("the proof has fewer steps than the tree has levels")
    if not hmac.compare_digest(hash_, root):
        raise ProofError("the proof leads to another root")


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> None:
    """Check that the tree of size `second` only appended to the tree of size `first` (RFC 9162 §2.1.4.2).

    Raises `ProofError` if the roots are not those of such trees, or if the proof is of the wrong length.
    """
    if not 0 < first <= second:
        raise ProofError(f"there is no consistency proof from size {first} to size {second}")
    if first == second:
        if path:
            raise ProofError("two trees of one size need no proof")
        if not hmac.compare_digest(first_root, second_root):
            raise ProofError("two trees of one size have different roots")
        return
    _check_hashes(*path)
    # A first tree that is a complete subtree of the second is its own starting node and is not repeated in the proof.
    steps = list(path) if first & (first - 1) else [first_root, *path]
    if len(steps) < 2:
        raise ProofError("the proof has no steps")
    position, last = first - 1, second - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            raise ProofError("the proof has more steps than the tree has levels")
        if position & 1 or position == last:
            old = node_hash(step, old)
            new = node_hash(step, new)
            while position and not position & 1:
                position >>= 1
                last >>= 1
        else:
            new = node_hash(new, step)
        position >>= 1
        last >>= 1
    if last:
        raise ProofError("the proof has fewer steps than the tree has levels")
    if not hmac.compare_digest(old, first_root):
        raise ProofError("the proof does not contain the first tree")
    if not hmac.compare_digest(new, second_root):
        raise ProofError("the proof leads to another second tree")


def _check_hashes(*hashes: bytes) -> None:
    if any(len(hash_) != HASH_SIZE for hash_ in hashes):
        raise ProofError(f"every hash has {HASH_SIZE} bytes")
