"""Reads the Merkle tree from its rows: frontier and proofs. One short query a level, whatever the size."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from ronghe.apps.ledger.models import Leaf, Subtree
from ronghe.trust.merkle import TILE_HEIGHT, Frontier, Span, consistency_spans, inclusion_spans, prove, root_of


def _stored_under(part: Span) -> tuple[int, range]:
    """Return the level and the numbers of the stored hashes that make up a complete subtree: at most 128."""
    height = (part.end - part.start).bit_length() - 1
    level, folded = divmod(height, TILE_HEIGHT)
    first = part.start >> (level * TILE_HEIGHT)
    return level, range(first, first + (1 << folded))


def _complete_roots(parts: Iterable[Span]) -> dict[Span, bytes]:
    """Return the roots of complete aligned subtrees; raises LookupError if a stored hash is missing."""
    needed = {part: _stored_under(part) for part in parts}
    wanted: dict[int, Q] = defaultdict(Q)
    for level, numbers in needed.values():
        place = "number" if level else "index"
        wanted[level] |= Q(**{f"{place}__gte": numbers.start, f"{place}__lt": numbers.stop})
    stored: dict[tuple[int, int], bytes] = {}
    rows: Iterable[tuple[int, bytes | memoryview]]
    for level, places in wanted.items():
        if level:
            rows = Subtree.objects.filter(places, level=level).values_list("number", "hash")
        else:
            rows = Leaf.objects.filter(places).values_list("index", "hash")
        stored.update({(level, number): bytes(hash_) for number, hash_ in rows})
    roots = {}
    for part, (level, numbers) in needed.items():
        hashes = [stored[level, number] for number in numbers if (level, number) in stored]
        if len(hashes) != len(numbers):
            missing = len(numbers) - len(hashes)
            raise LookupError(f"{missing} of the hashes over leaves {part.start}–{part.end - 1} are missing")
        roots[part] = root_of(hashes)
    return roots


def frontier(size: int) -> Frontier:
    """Return the frontier of the first `size` leaves."""
    parts = Span(0, size).complete_parts()
    roots = _complete_roots(parts)
    return Frontier(size, tuple(roots[part] for part in parts))


def _proof(spans: list[Span]) -> list[bytes]:
    roots = _complete_roots({part for span in spans for part in span.complete_parts()})
    return prove(spans, roots.__getitem__)


def inclusion_proof(index: int, size: int) -> list[bytes]:
    """Return the path of leaf `index` in the tree of the first `size` leaves (RFC 9162 §2.1.3.1)."""
    return _proof(inclusion_spans(index, size))


def consistency_proof(first: int, second: int) -> list[bytes]:
    """Return the proof that the log of `second` leaves extends that of `first` (RFC 9162 §2.1.4.1)."""
    return _proof(consistency_spans(first, second))
