"""Inclusion proofs of many leaves at once: each stored hash is read once, and each node computed once."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.db.models import Q

from ronghe.apps.ledger.models import Leaf, Subtree
from ronghe.trust.merkle import TILE_HEIGHT, Span, inclusion_spans, node_hash, prove
from ronghe.trust.tiles import TILE_WIDTH

# SQLite takes conditions of up to a thousand parts.
_RANGES_A_QUERY = 200


class _Nodes:
    """The complete nodes over the stored hashes that some leaves' proofs need."""

    def __init__(self, needed: Iterable[Span]) -> None:
        places = defaultdict(set)
        for part in needed:
            level, first = _place(part)
            places[level].add(first // TILE_WIDTH)
        self._stored = {level: _read(level, sorted(numbers)) for level, numbers in places.items()}
        self._known: dict[tuple[int, int, int], bytes] = {}

    def root(self, part: Span) -> bytes:
        """Return the root of a complete aligned subtree; raises LookupError if a stored hash is missing."""
        level, first = _place(part)
        return self._node(level, (part.end - part.start).bit_length() - 1 - level * TILE_HEIGHT, first)

    def _node(self, level: int, height: int, first: int) -> bytes:
        if not height:
            return self._stored[level][first]
        key = (level, height, first)
        if key not in self._known:
            half = 1 << height - 1
            self._known[key] = node_hash(
                self._node(level, height - 1, first), self._node(level, height - 1, first + half)
            )
        return self._known[key]


def _place(part: Span) -> tuple[int, int]:
    """Return the level of the stored hashes under a complete subtree, and the number of the first."""
    level = ((part.end - part.start).bit_length() - 1) // TILE_HEIGHT
    return level, part.start >> (level * TILE_HEIGHT)


def _read(level: int, tiles: Sequence[int]) -> dict[int, bytes]:
    ranges: list[list[int]] = []
    for number in tiles:
        if ranges and ranges[-1][1] == number:
            ranges[-1][1] = number + 1
        else:
            ranges.append([number, number + 1])
    found: dict[int, bytes] = {}
    name = "number" if level else "index"
    for start in range(0, len(ranges), _RANGES_A_QUERY):
        wanted = Q()
        for first, end in ranges[start : start + _RANGES_A_QUERY]:
            wanted |= Q(**{f"{name}__gte": first * TILE_WIDTH, f"{name}__lt": end * TILE_WIDTH})
        rows: Iterable[tuple[int, bytes | memoryview]]
        if level:
            rows = Subtree.objects.filter(wanted, level=level).values_list("number", "hash")
        else:
            rows = Leaf.objects.filter(wanted).values_list("index", "hash")
        found.update((number, bytes(hash_)) for number, hash_ in rows.iterator(chunk_size=10_000))
    return found


def inclusion_proofs(indexes: Collection[int], size: int) -> dict[int, list[bytes]]:
    """Return the paths of leaves in the tree of the first `size` leaves (RFC 9162 §2.1.3.1), by index.

    Raises `ProofError` for a leaf that is not there, LookupError where the database lacks a hash.
    """
    spans = {index: inclusion_spans(index, size) for index in indexes}
    nodes = _Nodes(part for path in spans.values() for span in path for part in span.complete_parts())
    return {index: prove(path, nodes.root) for index, path in spans.items()}
