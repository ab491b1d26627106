"""Finds postings that are the same advertisement: equal after normalisation, or nearly equal by their shingles.

Pure and deterministic; decides nothing about which month or enterprise a group belongs to.

Method. Each text is folded (NFKC, lower case, letters, digits and Chinese only). Equal folded texts are one group.
Of the distinct ones, the set of shingles of `shingle` folded characters is sketched by MinHash with `permutations`
values; sketches are cut into bands (locality-sensitive hashing), pairs that share a band are compared, and pairs
whose estimated Jaccard similarity reaches `threshold` are joined, so groups are connected components around their
earliest member. Source: Broder, "On the resemblance and containment of documents", 1997; Indyk and Motwani, STOC
1998. Cost: linear in the texts, save that a band bucket of more than `bucket_limit` texts is compared with its first
member only.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Reason = Literal["unique", "exact", "near"]
Words = NDArray[np.uint64]

_NOT_TEXT = re.compile(r"[\W_]+")
_SEED = 20170101
_SKETCHED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    """What counts as the same advertisement: a stated threshold and the sketch that estimates it.

    `threshold` is a Jaccard similarity of shingle sets; with 128 permutations its estimate has a standard error of
    at most 0.045. `bands` must divide `permutations`; with 32 bands of 4 a pair of similarity 0.8 shares a band with
    probability 1 − (1 − 0.8⁴)³² > 0.9999.
    """

    threshold: float = 0.8
    shingle: int = 8
    permutations: int = 128
    bands: int = 32
    least_length: int = 40
    within_days: int = 45
    bucket_limit: int = 64

    def __post_init__(self) -> None:
        if not 0 < self.threshold <= 1:
            raise ValueError("the threshold of similarity must lie in (0, 1]")
        if self.permutations % self.bands:
            raise ValueError("the bands must divide the permutations")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Where one posting stands: `original` is the index of the first posting of its group (its own if first).

    `similarity` is to the posting through which it joined: 1 for exact, the estimated Jaccard similarity for near.
    """

    original: int
    reason: Reason
    similarity: float


def fold_posting(text: str) -> str:
    """Return what of a posting is compared: NFKC, lower case, letters, digits and Chinese with single spaces."""
    return _NOT_TEXT.sub(" ", unicodedata.normalize("NFKC", text).lower()).strip()


def text_digest(text: str) -> str:
    """Return the SHA-256 of the folded posting, in hexadecimal: equal for exact duplicates."""
    return hashlib.sha256(fold_posting(text).encode("utf-8", "surrogatepass")).hexdigest()


def find_duplicates(
    texts: Sequence[str],
    rule: DuplicateRule | None = None,
    *,
    published: Sequence[int | None] | None = None,
) -> list[Duplicate]:
    """Return for each posting, in order, the group it belongs to and why.

    The first posting of a group is its original and has the reason "unique", like a posting that is alone. Texts of
    fewer than `least_length` folded characters are compared for equality only. `published` gives days as ordinals
    (`date.toordinal`), `None` where unknown: then a copy that appeared more than `within_days` after its original is
    a new advertisement and the original of what follows. Deterministic: no seed, no order of hashing.
    Raises `ValueError` if `published` is of another length.
    """
    rule = rule or DuplicateRule()
    if published is not None and len(published) != len(texts):
        raise ValueError("there must be as many days of publication as texts")
    folded = [fold_posting(text) for text in texts]
    first_with: dict[str, int] = {}
    result = [Duplicate(index, "unique", 1.0) for index in range(len(texts))]
    distinct: list[int] = []
    for index, text in enumerate(folded):
        original = first_with.setdefault(text, index)
        if original != index:
            result[index] = Duplicate(original, "exact", 1.0)
        elif len(text) >= max(rule.least_length, rule.shingle):
            distinct.append(index)
    if len(distinct) > 1:
        near = _near_duplicates([folded[index] for index in distinct], rule)
        for place, (other, similarity) in near.items():
            result[distinct[place]] = Duplicate(distinct[other], "near", similarity)
    # What is equal to a near duplicate belongs to that one's group.
    for index, entry in enumerate(result):
        if entry.reason == "exact":
            result[index] = Duplicate(result[entry.original].original, "exact", 1.0)
    return result if published is None else _cut_by_age(result, folded, published, rule.within_days)


def _cut_by_age(
    found: Sequence[Duplicate], folded: Sequence[str], published: Sequence[int | None], within_days: int
) -> list[Duplicate]:
    members: dict[int, list[int]] = {}
    for index, entry in enumerate(found):
        members.setdefault(entry.original, []).append(index)
    result = list(found)
    for group in members.values():
        # In order of publication; what has no day counts as a copy of the last one that has.
        ordered = sorted(group, key=lambda at: (published[at] is None, published[at] or 0, at))
        current = ordered[0]
        for index in ordered:
            day, since = published[index], published[current]
            if index == current or (day is not None and since is not None and day - since > within_days):
                current = index
                result[index] = Duplicate(index, "unique", 1.0)
            else:
                reason: Reason = "exact" if folded[index] == folded[current] else "near"
                result[index] = Duplicate(current, reason, found[index].similarity)
    return result


def _near_duplicates(texts: Sequence[str], rule: DuplicateRule) -> dict[int, tuple[int, float]]:
    """Return by index of a later member the first member of its group and the similarity by which it joined."""
    sketches = np.concatenate(list(_sketches(texts, rule)))
    parent = list(range(len(texts)))
    joined_by: dict[int, float] = {}

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for first, second in _candidate_pairs(sketches, rule):
        similarity = float(np.mean(sketches[first] == sketches[second]))
        if similarity < rule.threshold:
            continue
        low, high = sorted((root(first), root(second)))
        joined_by[second] = max(similarity, joined_by.get(second, 0.0))
        if low != high:
            parent[high] = low
            joined_by.setdefault(high, similarity)
    return {index: (root(index), joined_by[index]) for index in range(len(texts)) if root(index) != index}


def _candidate_pairs(sketches: Words, rule: DuplicateRule) -> list[tuple[int, int]]:
    rows = rule.permutations // rule.bands
    pairs: set[tuple[int, int]] = set()
    for band in range(rule.bands):
        keys = np.ascontiguousarray(sketches[:, band * rows : (band + 1) * rows])
        buckets: dict[bytes, list[int]] = {}
        for index, key in enumerate(keys):
            buckets.setdefault(key.tobytes(), []).append(index)
        for bucket in buckets.values():
            if len(bucket) == 1:
                continue
            heads = bucket if len(bucket) <= rule.bucket_limit else bucket[:1]
            for place, first in enumerate(heads):
                pairs.update((first, second) for second in bucket[place + 1 :])
    return sorted(pairs)


def _sketches(texts: Sequence[str], rule: DuplicateRule) -> Iterator[Words]:
    """Yield the MinHash sketches of the texts, (batch, permutations), by multiply-shift hashing of 32-bit shingles.

    Source of the hash: Dietzfelbinger and others, "A reliable randomized algorithm for the closest-pair problem",
    1997.
    """
    generator = np.random.Generator(np.random.PCG64(_SEED))
    factor = generator.integers(0, 1 << 63, rule.permutations, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    summand = generator.integers(0, 1 << 63, rule.permutations, dtype=np.uint64)
    for start in range(0, len(texts), _SKETCHED_AT_ONCE):
        batch = texts[start : start + _SKETCHED_AT_ONCE]
        sketch = np.empty((len(batch), rule.permutations), dtype=np.uint64)
        for row, text in enumerate(batch):
            shingles = _shingle_hashes(text, rule.shingle)
            # Unsigned products wrap at 2⁶⁴, which is the modulus of this hash.
            sketch[row] = (factor[:, None] * shingles[None, :] + summand[:, None]).min(axis=1)
        yield sketch >> np.uint64(32)


def _shingle_hashes(text: str, length: int) -> Words:
    """Return the 32-bit hashes of the text's character shingles (polynomial hash, mixed)."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    value = np.zeros(len(codes) - length + 1, dtype=np.uint64)
    for place in range(length):
        value = value * np.uint64(1_000_003) + codes[place : place + len(value)]
    value ^= value >> np.uint64(33)
    value *= np.uint64(0xFF51AFD7ED558CCD)
    value ^= value >> np.uint64(29)
    return value >> np.uint64(32)
