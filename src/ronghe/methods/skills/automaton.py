"""Tier 1: finds every surface form of a lexicon in many texts at once; decides nothing about ambiguous ones itself.

How it is fast: the texts of a batch are joined and squeezed (separators taken out, lower-cased) by byte tables, one
Aho–Corasick pass finds candidates, word boundaries are tested on arrays, and only what is left is looked at one by
one. Source of the algorithm: Aho and Corasick, "Efficient string matching", CACM 18(6), 1975.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, pairwise, repeat

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from ronghe.methods.skills.evidence import ContextWeights, Found, Judge, negated
from ronghe.methods.skills.model import CuePhrase, Mention, SurfaceForm
from ronghe.methods.skills.surface import Pattern, gaps_are_allowed, is_latin_or_digit, patterns_of, squeeze
from ronghe.methods.skills.text import SEPARATORS, fold_lookalikes, fold_width

Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]

_BETWEEN = "\n\x00\n"
_BATCH = 256
_SHORT = 3  # squeezed length up to which a form is looked for together with the space before it

_SEPARATOR_BYTES = SEPARATORS.encode("latin-1")
_LOWER = bytes(
    code + 32 if 65 <= code <= 90 or (0xC0 <= code <= 0xDE and code != 0xD7) else code for code in range(256)
)
_KEPT_BYTE = np.array([code not in _SEPARATOR_BYTES for code in range(256)])
_DIGIT_BYTE = np.array([48 <= code <= 57 for code in range(256)])
_WORD_BYTE = np.array(
    [chr(code).isalnum() and (code < 128 or code >= 0xC0) and code not in (0xD7, 0xF7) for code in range(256)]
)
_PLUS, _SHARP = ord("+"), ord("#")
# For short forms everything that is no part of a word is one space.
_WORDS_ONLY = bytes(_LOWER[code] if _WORD_BYTE[code] or code in (_PLUS, _SHARP) else 32 for code in range(256))
# What UTF-8 leaves of a text when all but the first bytes of U+3400…U+9FFF are deleted.
_NOT_CHINESE = bytes(code for code in range(256) if not 0xE3 <= code <= 0xE9)


@dataclass(frozen=True, slots=True)
class _Candidates:
    pattern: Integers
    start: Integers
    end: Integers

    def __len__(self) -> int:
        return len(self.pattern)

    def where(self, keep: Booleans | Integers) -> _Candidates:
        return _Candidates(self.pattern[keep], self.start[keep], self.end[keep])


def _concatenate(parts: Sequence[_Candidates]) -> _Candidates:
    return _Candidates(
        np.concatenate([part.pattern for part in parts]),
        np.concatenate([part.start for part in parts]),
        np.concatenate([part.end for part in parts]),
    )


def _triples(matches: list[tuple[int, int, int]]) -> tuple[Integers, Integers, Integers]:
    flat = np.fromiter(chain.from_iterable(matches), dtype=np.int64, count=3 * len(matches))
    return flat[0::3], flat[1::3], flat[2::3]


class SurfaceAutomaton:
    """All surface forms of a lexicon, ready to search; immutable after construction and safe to share by fork.

    Rules of matching. Case, full width, separators and English plurals do not matter (`normal_form`); Latin letters
    and digits at the edge of a form must stand at the edge of a word (Chinese beside them is an edge, a version
    number of up to two digits after them too); Chinese forms need no edge. Where matches overlap the longest wins,
    then the leftmost. `cased` forms match in exactly their case, `ambiguous` ones where the context speaks for them
    (`Judge`). Negated mentions are left out.
    """

    def __init__(
        self,
        forms: Iterable[SurfaceForm],
        *,
        cues: Iterable[CuePhrase] = (),
        field_context: Mapping[str, Sequence[str]] | None = None,
        weights: ContextWeights | None = None,
    ) -> None:
        """Compile the patterns. `field_context` gives by field the words that mark a sentence as of that field.

        Raises `ValueError` if there is no form at all, or if a form has nothing left once squeezed.
        """
        self.forms: tuple[SurfaceForm, ...] = tuple(forms)
        self.cues: tuple[CuePhrase, ...] = tuple(cues)
        if not self.forms:
            raise ValueError("a lexicon without a single surface form cannot be searched for")
        self._judge = Judge(self.forms, field_context or {}, weights or ContextWeights())
        self._patterns = self._compile()
        patterns = self._patterns
        self._length = np.array([len(pattern.squeezed) for pattern in patterns])
        self._form_of = np.array([pattern.form for pattern in patterns])
        self._opens_word = np.array([is_latin_or_digit(pattern.squeezed[0]) for pattern in patterns])
        self._closes_word = np.array([is_latin_or_digit(pattern.squeezed[-1]) for pattern in patterns])
        self._closes_sign = np.array([pattern.squeezed[-1] in "+#" for pattern in patterns])
        self._takes_version = np.array(
            [len(pattern.squeezed) >= _SHORT and pattern.squeezed[-1].isalpha() for pattern in patterns]
        )
        self._looked_at = np.array(
            [bool(pattern.exact or pattern.lead) or len(pattern.squeezed) == 1 for pattern in patterns]
        )
        self._skill_count = len(self.forms)
        kinds = np.array(["skill"] * len(self.forms) + [cue.kind for cue in self.cues])
        self._overlaps = (kinds == "skill") | (kinds == "idiom")
        self._negates = (kinds == "negates_after") | (kinds == "negates_before")
        self._skill_ids = [form.skill_id for form in self.forms] + [""] * len(self.cues)
        self._texts = [form.text for form in self.forms] + [cue.text for cue in self.cues]
        self._build_searchers()

    def _compile(self) -> list[Pattern]:
        found: dict[str, Pattern] = {}
        spare: list[Pattern] = []
        texts = [(form.text, form.ambiguous, form.cased) for form in self.forms]
        texts += [(cue.text, True, False) for cue in self.cues]
        for index, (text, ambiguous, cased) in enumerate(texts):
            patterns = list(patterns_of(index, text, ambiguous=ambiguous, cased=cased))
            if not patterns:
                raise ValueError(f"the form {text!r} consists of separators only")
            found.setdefault(patterns[0].squeezed, patterns[0])
            spare += patterns[1:]
        # What a form spells itself goes before what another form's plural happens to spell.
        for pattern in spare:
            found.setdefault(pattern.squeezed, pattern)
        return list(found.values())

    def _build_searchers(self) -> None:
        long, short, wide = [], [], []
        short_texts: list[bytes] = []
        for index, pattern in enumerate(self._patterns):
            if not pattern.is_latin:
                wide.append(index)
            elif len(pattern.squeezed) > _SHORT or not all(
                is_latin_or_digit(character) or character in "+#" for character in pattern.squeezed
            ):
                long.append(index)
            else:
                tail = " " if len(pattern.squeezed) < _SHORT else ""
                for spelled in _spellings(pattern.squeezed):
                    short_texts.append(f" {spelled}{tail}".encode())
                    short.append(index)
        self._long_index = np.array(long, dtype=np.int64)
        self._short_index = np.array(short, dtype=np.int64)
        self._wide_index = np.array(wide, dtype=np.int64)
        kind = ahocorasick_rs.MatchKind.Standard
        self._long = (
            ahocorasick_rs.BytesAhoCorasick([self._patterns[index].squeezed.encode() for index in long], kind)
            if long
            else None
        )
        self._short = ahocorasick_rs.BytesAhoCorasick(short_texts, kind) if short else None
        self._wide = (
            ahocorasick_rs.AhoCorasick([self._patterns[index].squeezed for index in wide], kind) if wide else None
        )

    def find(self, text: str) -> list[Mention]:
        """Return the mentions in one text in order of their start."""
        return self.find_all([text])[0]

    def find_all(self, texts: Sequence[str]) -> list[list[Mention]]:
        """Return for each text its mentions, in order of their start and without overlap. Pure: same in, same out."""
        found: list[list[Mention]] = []
        for start in range(0, len(texts), _BATCH):
            found += self._find_batch(texts[start : start + _BATCH])
        return found

    def _find_batch(self, texts: Sequence[str]) -> list[list[Mention]]:
        folded = [fold_width(text) for text in texts]
        joined = fold_lookalikes("\n" + _BETWEEN.join([text for text, _ in folded]) + "\n\n\n")
        lengths = np.fromiter((len(text) for text, _ in folded), dtype=np.int64, count=len(folded))
        begins = 1 + np.concatenate(([0], np.cumsum(lengths + len(_BETWEEN))[:-1]))
        octets = joined.encode("latin-1", "replace")
        codes = np.frombuffer(octets, dtype=np.uint8)

        candidates = [self._long_candidates(octets, codes), self._short_candidates(octets)]
        if self._wide is not None and any(
            not text.isascii() and text.encode("utf-8", "replace").translate(None, _NOT_CHINESE) for text, _ in folded
        ):
            candidates.append(self._wide_candidates(joined))
        bounded = self._at_word_edges(_concatenate(candidates), codes)
        accepted = self._accepted(bounded, joined)

        overlaps = self._overlaps[self._form_of[accepted.pattern]]
        chosen = _longest_first(accepted.where(overlaps))
        form = self._form_of[chosen.pattern]
        is_skill = form < self._skill_count
        start = chosen.start[is_skill]
        owner = np.searchsorted(begins, start, side="right") - 1
        found = Found(start, chosen.end[is_skill], form[is_skill], owner)
        keep, score = self._decide(found, accepted.where(~overlaps), joined)
        mentions = self._mentions(found, score, keep, begins)
        for index, (_, offsets) in enumerate(folded):
            if offsets is not None:
                mentions[index] = [_replaced(mention, offsets) for mention in mentions[index]]
        return mentions

    def _decide(self, found: Found, cues: _Candidates, joined: str) -> tuple[Booleans, NDArray[np.float64]]:
        form = self._form_of[cues.pattern]
        negates = self._negates[form]
        keep, score = self._judge.decide(joined, found, np.sort(cues.end[~negates]))
        if negates.any():
            phrases = [
                (start, end, self.cues[number - self._skill_count])
                for start, end, number in zip(
                    cues.start[negates].tolist(), cues.end[negates].tolist(), form[negates].tolist(), strict=True
                )
            ]
            keep &= ~negated(joined, found, phrases)
        return keep, score

    def _long_candidates(self, octets: bytes, codes: NDArray[np.uint8]) -> _Candidates:
        if self._long is None:
            return _NO_CANDIDATES
        matches = self._long.find_matches_as_indexes(octets.translate(_LOWER, _SEPARATOR_BYTES), overlapping=True)
        pattern, start, end = _triples(matches)
        place = np.flatnonzero(_KEPT_BYTE[codes])
        return _Candidates(self._long_index[pattern], place[start], place[end - 1] + 1)

    def _short_candidates(self, octets: bytes) -> _Candidates:
        if self._short is None:
            return _NO_CANDIDATES
        matches = self._short.find_matches_as_indexes(octets.translate(_WORDS_ONLY), overlapping=True)
        spelled, start, end = _triples(matches)
        pattern = self._short_index[spelled]
        return _Candidates(pattern, start + 1, end - (self._length[pattern] < _SHORT))

    def _wide_candidates(self, joined: str) -> _Candidates:
        if self._wide is None:
            return _NO_CANDIDATES
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        narrow = codes < 256
        kept = np.ones(len(codes), dtype=bool)
        kept[narrow] = _KEPT_BYTE[codes[narrow]]
        place = np.flatnonzero(kept)
        squeezed = codes[kept]
        squeezed[(squeezed >= 65) & (squeezed <= 90)] += 32
        # A lone surrogate has no UTF-8 form and is in no lexicon.
        squeezed[(squeezed >= 0xD800) & (squeezed <= 0xDFFF)] = 0xFFFD
        text = squeezed.tobytes().decode("utf-32-le")
        pattern, start, end = _triples(self._wide.find_matches_as_indexes(text, overlapping=True))
        return _Candidates(self._wide_index[pattern], place[start], place[end - 1] + 1)

    def _at_word_edges(self, found: _Candidates, codes: NDArray[np.uint8]) -> _Candidates:
        pattern, end = found.pattern, found.end
        after = codes[end]
        word_after = _WORD_BYTE[after]
        sign_after = (after == _SHARP) | ((after == _PLUS) & (codes[end + 1] == _PLUS))
        version_after = _DIGIT_BYTE[after] & (
            ~_WORD_BYTE[codes[end + 1]] | (_DIGIT_BYTE[codes[end + 1]] & ~_WORD_BYTE[codes[end + 2]])
        )
        closed = np.where(
            self._closes_word[pattern],
            (~word_after & ~sign_after) | (self._takes_version[pattern] & version_after),
            ~self._closes_sign[pattern] | ((after != _PLUS) & (after != _SHARP)),
        )
        opened = ~(self._opens_word[pattern] & _WORD_BYTE[codes[found.start - 1]])
        return found.where(opened & closed)

    def _accepted(self, found: _Candidates, joined: str) -> _Candidates:
        """Keep what the gaps, the case and the neighbours of a candidate allow."""
        divided = (found.end - found.start) != self._length[found.pattern]
        doubtful = np.flatnonzero(divided | self._looked_at[found.pattern])
        if not len(doubtful):
            return found
        keep = np.ones(len(found), dtype=bool)
        begin = found.start.copy()
        patterns = self._patterns
        verdicts: dict[tuple[int, str], bool] = {}
        for index, number, start, end in zip(
            doubtful.tolist(),
            found.pattern[doubtful].tolist(),
            found.start[doubtful].tolist(),
            found.end[doubtful].tolist(),
            strict=True,
        ):
            pattern = patterns[number]
            written = joined[start:end]
            verdict = verdicts.get((number, written))
            if verdict is None:
                verdict = verdicts[number, written] = _is_spelled(written, pattern)
            if verdict and (pattern.lead or end - start == 1):
                verdict = _stands_between(joined[start - 1], joined[end], pattern)
                if pattern.lead:
                    begin[index] = start - 1
            keep[index] = verdict
        return _Candidates(found.pattern, begin, found.end).where(keep)

    def _mentions(
        self, found: Found, score: NDArray[np.float64], keep: Booleans, begins: Integers
    ) -> list[list[Mention]]:
        owner = found.owner[keep]
        offset = begins[owner]
        numbers = found.form[keep].tolist()
        mentions = list(
            map(
                Mention._make,
                zip(
                    (found.start[keep] - offset).tolist(),
                    (found.end[keep] - offset).tolist(),
                    map(self._skill_ids.__getitem__, numbers),
                    map(self._texts.__getitem__, numbers),
                    repeat(1),
                    score[keep].tolist(),
                    strict=False,
                ),
            )
        )
        bounds = np.searchsorted(owner, np.arange(len(begins) + 1)).tolist()
        return [mentions[low:high] for low, high in pairwise(bounds)]


_NO_CANDIDATES = _Candidates(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def _spellings(squeezed: str) -> Iterator[str]:
    """Yield the short form with every choice of inner spaces: "ui", "u i"."""
    places = range(1, len(squeezed))
    for count in range(len(squeezed)):
        for cut in combinations(places, count):
            edges = (0, *cut, len(squeezed))
            yield " ".join(squeezed[low:high] for low, high in pairwise(edges))


def _is_spelled(written: str, pattern: Pattern) -> bool:
    """Return whether a stretch of text spells the pattern in an allowed way."""
    bare = squeeze(written)
    if (bare != pattern.exact) if pattern.exact else (bare.lower() != pattern.squeezed):
        return False
    return len(bare) == len(written) or gaps_are_allowed(written, pattern)


def _stands_between(before: str, after: str, pattern: Pattern) -> bool:
    """Return whether the neighbours of a form allow it: ".NET" needs its dot, a lone letter no apostrophe or hyphen."""
    if pattern.lead:
        return before == pattern.lead
    return before not in "'’&.-+" and after not in "'’&+-"


def _longest_first(found: _Candidates) -> _Candidates:
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


def _replaced(mention: Mention, offsets: list[int]) -> Mention:
    end = offsets[mention.end - 1] + 1
    return mention._replace(start=offsets[mention.start], end=end)
