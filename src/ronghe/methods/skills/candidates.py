"""Candidates of the dictionary pass as parallel arrays, and which of several that overlap remain; judges no context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Places where a pattern was found: number of the pattern, half-open offsets in the joined text."""

    pattern: Integers
    start: Integers
    end: Integers

    def __len__(self) -> int:
        return len(self.pattern)

    def where(self, keep: Booleans | Integers) -> Candidates:
        """Return those that a mask or index keeps."""
        return Candidates(self.pattern[keep], self.start[keep], self.end[keep])


def concatenate(parts: Sequence[Candidates]) -> Candidates:
    """Return all candidates of the parts; there must be at least one part."""
    return Candidates(
        np.concatenate([part.pattern for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
    )


def longest_first(found: Candidates) -> Candidates:
    """Return the candidates that remain where overlaps go to the longest and then to the leftmost, by start."""
    if len(found) < 2:
        return found
    ordered = found.where(np.lexsort((-found.end, found.start)))
    reach = np.maximum.accumulate(ordered.end)
    opens = np.concatenate(([True], ordered.start[1:] >= reach[:-1]))
    first = np.flatnonzero(opens)
    last = np.concatenate((first[1:], [len(ordered)])) - 1
    keep = np.zeros(len(ordered), dtype=bool)
    keep[first] = True
    # In most groups the first candidate spans all others; the rest are settled one group at a time.
    for group in np.flatnonzero(ordered.end[first] != reach[last]).tolist():
        low, high = int(first[group]), int(last[group]) + 1
        starts, ends = ordered.start[low:high].tolist(), ordered.end[low:high].tolist()
        keep[low] = False
        taken: list[tuple[int, int]] = []
        for index in sorted(range(high - low), key=lambda at: (starts[at] - ends[at], starts[at])):
            if all(ends[index] <= start or starts[index] >= end for start, end in taken):
                taken.append((starts[index], ends[index]))
                keep[low + index] = True
    return ordered.where(keep)
