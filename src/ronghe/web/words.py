"""Cuts texts into pieces for pages: what changed between two texts, and which spans of a text are marked."""

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# A Latin word or number is one piece; each Chinese character, space or sign is one of its own.
_WORD = re.compile(r"[A-Za-z0-9_]+|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch of text that was kept, added or removed."""

    kind: str
    text: str


def compare(before: str, after: str) -> list[Change]:
    """Return the stretches of both texts in reading order; kinds are "same", "removed" and "added"."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    changes: list[Change] = []
    for operation, old_start, old_end, new_start, new_end in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if operation == "equal":
            changes.append(Change("same", "".join(old[old_start:old_end])))
            continue
        if old_end > old_start:
            changes.append(Change("removed", "".join(old[old_start:old_end])))
        if new_end > new_start:
            changes.append(Change("added", "".join(new[new_start:new_end])))
    return changes


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters `start` (included) to `end` (excluded) of a text, with what is to be shown about them."""

    start: int
    end: int
    about: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cut:
    """A run of text, marked when `about` is not empty."""

    text: str
    about: Mapping[str, Any] | None = None


def cut(text: str, pieces: Iterable[Piece]) -> Iterator[Cut]:
    """Yield the whole text as plain and marked runs; of overlapping pieces the earlier, then the longer, wins.

    Pieces outside the text are clipped; joining the runs always gives the text back.
    """
    position = 0
    for piece in sorted(pieces, key=lambda item: (item.start, -item.end)):
        start, end = max(piece.start, 0), min(piece.end, len(text))
        if start < position or start >= end:
            continue
        if start > position:
            yield Cut(text[position:start])
        yield Cut(text[start:end], piece.about)
        position = end
    if position < len(text):
        yield Cut(text[position:])
