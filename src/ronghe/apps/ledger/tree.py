"""Reads the Merkle tree from its rows: roots of spans, the frontier, proofs. A few short queries, whatever the size."""

from ronghe.apps.ledger.models import Leaf, Subtree
from ronghe.trust.merkle import (
    TILE_HEIGHT,
    Frontier,
    Span,
    consistency_spans,
    inclusion_spans,
    prove,
    root_of,
)


def complete_root(span: Span) -> bytes:
    """Return the root of a complete aligned subtree from at most 128 stored hashes.

    Raises LookupError if one of them is missing.
    """
    height = (span.end - span.start).bit_length() - 1
    level, folded = divmod(height, TILE_HEIGHT)
    first = span.start >> (level * TILE_HEIGHT)
    count = 1 << folded
    if level:
        subtrees = Subtree.objects.filter(level=level, number__gte=first, number__lt=first + count).order_by("number")
        hashes = [bytes(hash_) for hash_ in subtrees.values_list("hash", flat=True)]
    else:
        leaves = Leaf.objects.filter(index__gte=first, index__lt=first + count).order_by("index")
        hashes = [bytes(hash_) for hash_ in leaves.values_list("hash", flat=True)]
    if len(hashes) != count:
        raise LookupError(f"{count - len(hashes)} of the hashes under leaves {span.start}–{span.end - 1} are missing")
    return root_of(hashes)


def frontier(size: int) -> Frontier:
    """Return the frontier of the first `size` leaves."""
    return Frontier(size, tuple(complete_root(part) for part in Span(0, size).complete_parts()))


def inclusion_proof(index: int, size: int) -> list[bytes]:
    """Return the path of leaf `index` in the tree of the first `size` leaves (RFC 9162 §2.1.3.1)."""
    return prove(inclusion_spans(index, size), complete_root)


def consistency_proof(first: int, second: int) -> list[bytes]:
    """Return the proof that the log of `second` leaves extends that of `first` (RFC 9162 §2.1.4.1)."""
    return prove(consistency_spans(first, second), complete_root)
