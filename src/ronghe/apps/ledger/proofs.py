"""Inclusion proofs, of many leaves at once: each stored hash is read once, and each node computed once.

Of few leaves, the tiles that they need are kept in memory, under the root that they belong to: whatever is wrong with a
tile, its proofs do not lead to that root.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

from django.db.models import Q

from ronghe.apps.ledger.models import Leaf, Subtree
from ronghe.trust.merkle import TILE_HEIGHT, Span, inclusion_spans, node_hash, prove
from ronghe.trust.tiles import TILE_WIDTH

# SQLite takes conditions of up to a thousand parts.
_RANGES_A_QUERY = 200
_FEW = 4
# Some twenty kilobytes each.
_TILES_KEPT = 256


class _Nodes:
    """The complete nodes over the stored hashes that some leaves' proofs need."""

    def __init__(self, needed: Iterable[Span], root: bytes | None) -> None:
        places: defaultdict[int, set[int]] = defaultdict(set)
        for part in needed:
            level, first = _place(part)
            places[level].add(first // TILE_WIDTH)
        self._stored: dict[int, Mapping[int, bytes]] = {}
        for level, numbers in places.items():
            if root is None:
                self._stored[level] = _read(level, sorted(numbers))
            else:
                tiles = [_kept_tile(root, level, number) for number in numbers]
                self._stored[level] = {place: hash_ for tile in tiles for place, hash_ in tile.items()}
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


@lru_cache(maxsize=_TILES_KEPT)
def _kept_tile(root: bytes, level: int, number: int) -> Mapping[int, bytes]:
    return _read(level, [number])


def inclusion_proofs(indexes: Collection[int], size: int, root: bytes | None = None) -> dict[int, list[bytes]]:
    """Return the paths of leaves in the tree of the first `size` leaves (RFC 9162 §2.1.3.1), by index.

    With its `root`, the tiles that a few leaves need are kept for the next call.

    Raises `ProofError` for a leaf that is not there, LookupError where the database lacks a hash.
    """
    spans = {index: inclusion_spans(index, size) for index in indexes}
    needed = (part for path in spans.values() for span in path for part in span.complete_parts())
    nodes = _Nodes(needed, root if len(spans) <= _FEW else None)
    return {index: prove(path, nodes.root) for index, path in spans.items()}
