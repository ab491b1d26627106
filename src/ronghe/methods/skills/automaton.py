"""Tier 1: finds every surface form of a lexicon in many texts at once.

How it is fast: the texts of a batch are joined; Latin names are found word by word on arrays (`words`), names with
Chinese by Aho–Corasick over characters; word edges, case and context are tested on arrays too, and only what is left
and doubtful is looked at one by one.
Source: Aho and Corasick, "Efficient string matching", CACM 18(6), 1975.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import ahocorasick_rs
import numpy as np
from numpy.typing import NDArray

from ronghe.methods.skills.candidates import Booleans, Candidates, Integers, concatenate, longest_first
from ronghe.methods.skills.confidence import Confidence, FormTraits, Placed, features
from ronghe.methods.skills.evidence import ContextHits, ContextWeights, Found, Judge, negated
from ronghe.methods.skills.model import CuePhrase, Mention, SurfaceForm
from ronghe.methods.skills.surface import Pattern, gaps_are_allowed, is_latin_or_digit, patterns_of, squeeze
from ronghe.methods.skills.text import SEPARATORS, fold_lookalikes, fold_width
from ronghe.methods.skills.words import DIGIT, LETTER, SEPARATOR, NameIndex, classes_of

_BETWEEN = "\n\x00\n"
_BATCH_TEXTS, _BATCH_CHARACTERS = 4096, 1 << 20
_BLOCK_CHARACTERS = 1 << 18  # what stays in the processor's cache
_VERDICTS_KEPT = 1 << 17
_LEAST_WITH_VERSION = 3
_MOST_SPLITS = 3
_FIRST_NOT_ASCII = 0x80
_PLUS, _SHARP, _LINE_END = ord("+"), ord("#"), ord("\n")
_KEPT_NARROW = np.array([chr(code) not in SEPARATORS for code in range(256)])
_FIRST_BYTES = np.array([(1 << (8 * count)) - 1 for count in range(9)], dtype=np.uint64)

_Verdicts = dict[tuple[int, str], bool]


@dataclass(frozen=True, slots=True)
class MentionTable:
    """The mentions of many texts as parallel arrays, by text and then by start.

    `owner` is the number of the text, `form` that of the surface form in `SurfaceAutomaton.forms`; offsets are
    half-open, in code points of that text as given.
    """

    owner: Integers
    start: Integers
    end: Integers
    form: Integers
    tier: Integers
    score: NDArray[np.float64]

    def merged(self, other: MentionTable) -> MentionTable:
        """Return the rows of both tables, by text and then by start."""
        owner = np.concatenate((self.owner, other.owner))
        start = np.concatenate((self.start, other.start))
        order = np.lexsort((start, owner))
        return MentionTable(
            owner[order],
            start[order],
            np.concatenate((self.end, other.end))[order],
            np.concatenate((self.form, other.form))[order],
            np.concatenate((self.tier, other.tier))[order],
            np.concatenate((self.score, other.score))[order],
        )


class SurfaceAutomaton:
    """All surface forms of a lexicon, ready to search; immutable after construction and safe to share by fork.

    Rules of matching. Case, full width, separators and English plurals do not matter (`normal_form`); Latin letters
    and digits at the edge of a form must stand at the edge of a word (Chinese beside them is an edge, a version
    number of up to two digits after them too); Chinese forms need no edge. Where matches overlap the longest wins,
    then the leftmost. `cased` forms match in exactly their case, `ambiguous` ones where the context speaks for them
    (`Judge`). Negated mentions are left out, and in Chinese clauses those that `Confidence` finds too unsure.
    """

    def __init__(
        self,
        forms: Iterable[SurfaceForm],
        *,
        cues: Iterable[CuePhrase] = (),
        field_context: Mapping[str, Sequence[str]] | None = None,
        weights: ContextWeights | None = None,
        confidence: Confidence | None = None,
    ) -> None:
        """Compile the patterns. `field_context` gives by field the words that mark a sentence as of that field; without
        a `confidence` no mention is too unsure.

        Raises `ValueError` if there is no form at all, or if a form has nothing left once squeezed.
        """
        self.forms: tuple[SurfaceForm, ...] = tuple(forms)
        self.cues: tuple[CuePhrase, ...] = tuple(cues)
        if not self.forms:
            raise ValueError("a lexicon without a single surface form cannot be searched for")
        self._judge = Judge(self.forms, field_context or {}, weights or ContextWeights())
        self._confidence = confidence
        self._traits = FormTraits.of(self.forms) if confidence else None
        self._patterns = self._compile()
        self._describe_patterns()
        self._build_searchers()
        kinds = np.array(["skill"] * len(self.forms) + [cue.kind for cue in self.cues] + ["none"])
        self._overlaps = (kinds == "skill") | (kinds == "idiom")
        self._negates = np.isin(kinds, ("negates_after", "negates_before", "describes", "titles"))
        self._asks = kinds == "asks_for"

    def _compile(self) -> list[Pattern]:
        """Return the distinct patterns; a form's own spelling goes before another's plural."""
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
        for pattern in spare:
            found.setdefault(pattern.squeezed, pattern)
        # Context words have patterns of their own where no form spells the same.
        self._context_word: dict[str, int] = {}
        for number, word in enumerate(self._judge.context_words):
            for pattern in patterns_of(-1, word, ambiguous=False, cased=False):
                found.setdefault(pattern.squeezed, pattern)
                self._context_word.setdefault(pattern.squeezed, number)
        return list(found.values())

    def _describe_patterns(self) -> None:
        patterns = self._patterns
        self._length = np.array([len(pattern.squeezed) for pattern in patterns])
        self._form_of = np.array([pattern.form for pattern in patterns])
        self._context_of = np.array([self._context_word.get(pattern.squeezed, -1) for pattern in patterns])
        self._opens_word = np.array([is_latin_or_digit(pattern.squeezed[0]) for pattern in patterns])
        self._closes_word = np.array([is_latin_or_digit(pattern.squeezed[-1]) for pattern in patterns])
        self._closes_sign = np.array([pattern.squeezed[-1] in "+#" for pattern in patterns])
        self._takes_version = np.array(
            [len(pattern.squeezed) >= _LEAST_WITH_VERSION and pattern.squeezed[-1].isalpha() for pattern in patterns]
        )
        # The case of short undivided names is compared eight bytes at a time, that of the others one by one.
        short = [bool(pattern.exact) and pattern.is_latin and len(pattern.exact) <= 8 for pattern in patterns]
        self._has_exact_bytes = np.array(short)
        self._exact_bytes = np.array(
            [
                int.from_bytes(pattern.exact.encode("ascii"), "little") if is_short else 0
                for pattern, is_short in zip(patterns, short, strict=True)
            ],
            dtype=np.uint64,
        )
        numbers: dict[str, int] = {}
        self._skill = np.array([numbers.setdefault(form.skill_id, len(numbers)) for form in self.forms])
        self._yields = np.array([form.yields for form in self.forms])
        splits = [sorted(pattern.splits) for pattern in patterns]
        self._split_count = np.array(
            [len(places) if len(places) <= _MOST_SPLITS else 0 for places in splits], dtype=np.int64
        )
        self._split_places = [
            np.array([places[number] if number < len(places) else 0 for places in splits], dtype=np.int64)
            for number in range(_MOST_SPLITS)
        ]
        self._has_case = np.array([bool(pattern.exact) for pattern in patterns])
        self._looked_at = np.array(
            [
                bool(pattern.lead) or len(pattern.squeezed) == 1 or (bool(pattern.exact) and not is_short)
                for pattern, is_short in zip(patterns, short, strict=True)
            ]
        )

    def _build_searchers(self) -> None:
        latin = [index for index, pattern in enumerate(self._patterns) if pattern.is_latin]
        wide = [index for index, pattern in enumerate(self._patterns) if not pattern.is_latin]
        self._latin_index = np.array(latin, dtype=np.int64)
        self._latin = NameIndex(
            [self._patterns[index].squeezed for index in latin], [self._patterns[index].joints for index in latin]
        )
        self._wide_index = np.array(wide, dtype=np.int64)
        # A text can hold a wide name only if it has one of the characters that are not ASCII of some name, and clauses
        # to weigh only if it has Chinese.
        characters = {character for index in wide for character in self._patterns[index].squeezed}
        told = {form for character in characters if not character.isascii() for form in (character, character.upper())}
        self._is_wide = np.zeros(1 << 16, dtype=bool)
        self._is_wide[0x4E00:0xA000] = True
        self._is_wide[[min(ord(form), 0xFFFF) for form in told if len(form) == 1]] = True
        self._wide: ahocorasick_rs.AhoCorasick | None = None
        if wide:
            self._wide = ahocorasick_rs.AhoCorasick(
                [self._patterns[index].squeezed for index in wide], ahocorasick_rs.MatchKind.Standard
            )

    def find(self, text: str) -> list[Mention]:
        """Return the mentions in one text in order of their start."""
        return self.find_all([text])[0]

    def find_all(self, texts: Sequence[str]) -> list[list[Mention]]:
        """Return for each text its mentions, in order of their start and without overlap. Pure: same in, same out."""
        return self.listed(self.find_table(texts), len(texts))

    def listed(self, table: MentionTable, texts: int) -> list[list[Mention]]:
        """Return the rows of a table of this automaton's forms as lists, one for each of so many texts."""
        forms = [self.forms[number] for number in table.form.tolist()]
        mentions = [
            Mention(start, end, form.skill_id, form.text, tier, score)
            for start, end, form, tier, score in zip(
                table.start.tolist(),
                table.end.tolist(),
                forms,
                table.tier.tolist(),
                table.score.tolist(),
                strict=True,
            )
        ]
        bounds = np.searchsorted(table.owner, np.arange(texts + 1)).tolist()
        return [mentions[low:high] for low, high in pairwise(bounds)]

    def find_table(self, texts: Sequence[str]) -> MentionTable:
        """Return the mentions of all texts as arrays: what `find_all` returns, without an object for each."""
        parts: list[MentionTable] = []
        # What a stretch of text spells is asked again and again within one call.
        verdicts: _Verdicts = {}
        for first, last in _batches(_lengths(texts), _BATCH_TEXTS, _BATCH_CHARACTERS):
            parts.append(self._find_batch(texts[first:last], first, verdicts))
            if len(verdicts) > _VERDICTS_KEPT:
                verdicts.clear()
        if not parts:
            none = np.empty(0, dtype=np.int64)
            return MentionTable(none, none, none, none, none, np.empty(0))
        return MentionTable(
            np.concatenate([part.owner for part in parts]),
            np.concatenate([part.start for part in parts]),
            np.concatenate([part.end for part in parts]),
            np.concatenate([part.form for part in parts]),
            np.concatenate([part.tier for part in parts]),
            np.concatenate([part.score for part in parts]),
        )

    def _find_batch(self, texts: Sequence[str], number: int, verdicts: _Verdicts) -> MentionTable:
        moved: dict[int, Integers] = {}
        folded = list(texts)
        for index, text in enumerate(texts):
            if text.isascii():
                continue
            plain, offsets = fold_width(text)
            folded[index] = fold_lookalikes(plain)
            if offsets is not None:
                moved[index] = offsets
        joined = "\n" + _BETWEEN.join(folded) + "\n\n\n"
        lengths = _lengths(folded)
        begins = 1 + np.concatenate(([0], np.cumsum(lengths + len(_BETWEEN))))
        octets = joined.encode("latin-1", "replace")
        codes = np.frombuffer(octets, dtype=np.uint8)

        parts = [self._latin_candidates(octets, begins, lengths)]
        wide = self._with_wide_characters(joined, begins)
        if wide and self._wide is not None:
            parts.append(self._wide_candidates(joined, begins, wide, self._wide))
        bounded = self._at_word_edges(concatenate(parts), codes)
        context = self._context_of[bounded.pattern]
        is_context = context >= 0
        hits = ContextHits(context[is_context], bounded.start[is_context], bounded.end[is_context])
        accepted = self._accepted(bounded.where(self._form_of[bounded.pattern] >= 0), joined, octets, verdicts)

        overlaps = self._overlaps[self._form_of[accepted.pattern]]
        chosen = longest_first(accepted.where(overlaps))
        form = self._form_of[chosen.pattern]
        is_skill = form < len(self.forms)
        start = chosen.start[is_skill]
        owner = np.searchsorted(begins, start, side="right") - 1
        found = Found(start, chosen.end[is_skill], form[is_skill], owner)
        keep, score = self._decide(found, accepted.where(~overlaps), joined, codes, hits)
        keep[keep] = ~self._touches(found, np.flatnonzero(keep))
        if wide:
            self._weigh(found, keep, score, joined, begins, wide)
        owner = owner[keep]
        table = MentionTable(
            owner + number,
            found.start[keep] - begins[owner],
            found.end[keep] - begins[owner],
            found.form[keep],
            np.ones(len(owner), dtype=np.int64),
            score[keep],
        )
        for index, places in moved.items():
            low, high = np.searchsorted(owner, (index, index + 1))
            table.start[low:high] = places[table.start[low:high]]
            table.end[low:high] = places[table.end[low:high] - 1] + 1
        return table

    def _with_wide_characters(self, joined: str, begins: Integers) -> list[int]:
        """Return the numbers of the texts that have Chinese or may hold another wide name."""
        if joined.isascii():
            return []
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        place = np.flatnonzero(codes >= _FIRST_NOT_ASCII)
        place = place[self._is_wide[np.minimum(codes[place], 0xFFFF)]]
        numbers: list[int] = np.unique(np.searchsorted(begins, place, side="right") - 1).tolist()
        return numbers

    def _weigh(
        self, found: Found, keep: Booleans, score: NDArray[np.float64], joined: str, begins: Integers, wide: list[int]
    ) -> None:
        """Score what is kept in Chinese clauses by confidence, and keep it no longer where that is too low."""
        if self._confidence is None or self._traits is None:
            return
        among = np.zeros(len(begins), dtype=bool)
        among[wide] = True
        chosen = np.flatnonzero(keep & among[found.owner])
        if not len(chosen):
            return
        low, high = begins[wide], begins[np.array(wide) + 1]
        parts = [joined[start:end] for start, end in zip(low.tolist(), high.tolist(), strict=True)]
        text = "".join(["\n\n", *parts, "\n\n"])
        shift = np.zeros(len(begins), dtype=np.int64)
        shift[wide] = 2 + np.cumsum(high - low) - (high - low) - low
        moved = shift[found.owner[chosen]]
        placed = Placed(found.start[chosen] + moved, found.end[chosen] + moved, found.form[chosen], score[chosen])
        codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        values = features(codes, placed, self._traits)
        chance = self._confidence.chance(values)
        chinese = values["chinese"] > 0
        score[chosen[chinese]] = chance[chinese]
        keep[chosen[chinese]] = chance[chinese] >= self._confidence.least

    def _touches(self, found: Found, kept: Integers) -> Booleans:
        """Return which of the mentions kept have a form that yields, and touch one of another skill."""
        skill = self._skill[found.form[kept]]
        glued = (found.end[kept][:-1] == found.start[kept][1:]) & (skill[:-1] != skill[1:])
        touches = np.zeros(len(kept), dtype=bool)
        touches[:-1] |= glued
        touches[1:] |= glued
        touches &= self._yields[found.form[kept]]
        return touches

    def _latin_candidates(self, octets: bytes, begins: Integers, lengths: Integers) -> Candidates:
        parts = []
        for first, last in _batches(lengths, len(lengths), _BLOCK_CHARACTERS):
            # From the line end before the first text to the one after the last.
            low, high = int(begins[first]) - 1, int(begins[last]) - len(_BETWEEN) + 1
            block = octets[low:high]
            names = self._latin.find(block, classes_of(block))
            parts.append(Candidates(self._latin_index[names.name], names.start + low, names.end + low))
        return concatenate(parts)

    def _wide_candidates(
        self, joined: str, begins: Integers, chosen: Sequence[int], search: ahocorasick_rs.AhoCorasick
    ) -> Candidates:
        low, high = begins[chosen], begins[np.array(chosen) + 1]
        texts = "".join([joined[start:end] for start, end in zip(low.tolist(), high.tolist(), strict=True)])
        codes = np.frombuffer(texts.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        # From a place in the chosen texts to its place in all.
        shift = np.repeat(low - np.cumsum(high - low) + (high - low), high - low)
        narrow = codes < 256
        kept = np.ones(len(codes), dtype=bool)
        kept[narrow] = _KEPT_NARROW[codes[narrow]]
        place = np.flatnonzero(kept)
        place += shift[place]
        squeezed = codes[kept]
        squeezed[((squeezed >= 0x41) & (squeezed <= 0x5A)) | ((squeezed >= 0x391) & (squeezed <= 0x3A9))] += 32
        # A lone surrogate has no UTF-8 form and is in no lexicon.
        squeezed[(squeezed >= 0xD800) & (squeezed <= 0xDFFF)] = 0xFFFD
        matches = search.find_matches_as_indexes(squeezed.tobytes().decode("utf-32-le"), overlapping=True)
        flat = np.fromiter(chain.from_iterable(matches), dtype=np.int64, count=3 * len(matches))
        pattern, start, end = flat[0::3], flat[1::3], flat[2::3]
        return Candidates(self._wide_index[pattern], place[start], place[end - 1] + 1)

    def _at_word_edges(self, found: Candidates, codes: NDArray[np.uint8]) -> Candidates:
        pattern, end = found.pattern, found.end
        after, second, third = codes[end], codes[end + 1], codes[end + 2]
        sign_after = (after == _SHARP) | ((after == _PLUS) & (second == _PLUS))
        version_after = _IS_DIGIT[after] & (~_IS_WORD[second] | (_IS_DIGIT[second] & ~_IS_WORD[third]))
        closed = np.where(
            self._closes_word[pattern],
            (~_IS_WORD[after] & ~sign_after) | (self._takes_version[pattern] & version_after),
            ~self._closes_sign[pattern] | ((after != _PLUS) & (after != _SHARP)),
        )
        opened = ~(self._opens_word[pattern] & _IS_WORD[codes[found.start - 1]])
        return found.where(opened & closed)

    def _plainly_divided(self, found: Candidates, codes: NDArray[np.uint8]) -> Booleans:
        """Return which candidates are divided by one separator each at just the places where their form is."""
        count = self._split_count[found.pattern]
        plain: Booleans = (count > 0) & (found.end - found.start - self._length[found.pattern] == count)
        for number, places in enumerate(self._split_places):
            here = np.flatnonzero(plain & (count > number))
            at = found.start[here] + places[found.pattern[here]] + number
            plain[here] = _IS_SEPARATOR[codes[at]]
        plain &= ~self._has_case[found.pattern]
        return np.asarray(plain, dtype=bool)

    def _accepted(self, found: Candidates, joined: str, octets: bytes, verdicts: _Verdicts) -> Candidates:
        """Keep what the gaps, the case and the neighbours of a candidate allow."""
        pattern = found.pattern
        length = self._length[pattern]
        divided = (found.end - found.start) != length
        keep = np.ones(len(found), dtype=bool)
        by_bytes = np.flatnonzero(self._has_exact_bytes[pattern] & ~divided)
        padded = octets + bytes(8)
        eights = np.ndarray(shape=(len(octets),), dtype="<u8", buffer=padded, strides=(1,))
        written = eights[found.start[by_bytes]] & _FIRST_BYTES[length[by_bytes]]
        keep[by_bytes] = written == self._exact_bytes[pattern[by_bytes]]

        plain = self._plainly_divided(found, np.frombuffer(octets, dtype=np.uint8))
        doubtful = np.flatnonzero(keep & ((divided & ~plain) | self._looked_at[pattern]))
        begin = found.start.copy()
        for index, number, start, end in zip(
            doubtful.tolist(),
            pattern[doubtful].tolist(),
            found.start[doubtful].tolist(),
            found.end[doubtful].tolist(),
            strict=True,
        ):
            key = (number, joined[start:end])
            verdict = verdicts.get(key)
            if verdict is None:
                verdict = verdicts[key] = _is_spelled(key[1], self._patterns[number])
            if not verdict:
                keep[index] = False
            elif end - start == 1 or self._patterns[number].lead:
                keep[index] = _stands_between(joined[start - 2 : start].rjust(2), joined[end], self._patterns[number])
                begin[index] -= bool(self._patterns[number].lead)
        return Candidates(pattern, begin, found.end).where(keep)

    def _decide(
        self, found: Found, cues: Candidates, joined: str, codes: NDArray[np.uint8], hits: ContextHits
    ) -> tuple[Booleans, NDArray[np.float64]]:
        form = self._form_of[cues.pattern]
        keep, score = self._judge.decide(joined, codes, found, np.sort(cues.end[self._asks[form]]), hits)
        negates = self._negates[form]
        if negates.any():
            phrases = [
                (start, end, self.cues[number - len(self.forms)])
                for start, end, number in zip(
                    cues.start[negates].tolist(), cues.end[negates].tolist(), form[negates].tolist(), strict=True
                )
            ]
            keep &= ~negated(joined, found, phrases)
        return keep, score


_IS_DIGIT = classes_of(bytes(range(256))) == DIGIT
_IS_SEPARATOR = classes_of(bytes(range(256))) == SEPARATOR
_IS_WORD = (classes_of(bytes(range(256))) == LETTER) | _IS_DIGIT


def _batches(lengths: Integers, most_texts: int, most_characters: int) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges of texts of these lengths, each up to the text that passes one of the limits."""
    reach = np.cumsum(lengths)
    first = before = 0
    while first < len(lengths):
        last = int(np.searchsorted(reach, before + most_characters, side="right")) + 1
        last = min(last, first + most_texts, len(lengths))
        yield first, last
        first, before = last, int(reach[last - 1])


def _lengths(texts: Sequence[str]) -> Integers:
    return np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))


def _is_spelled(written: str, pattern: Pattern) -> bool:
    """Return whether a stretch of text spells the pattern in an allowed way."""
    bare = squeeze(written)
    if (bare != pattern.exact) if pattern.exact else (bare.lower() != pattern.squeezed):
        return False
    return len(bare) == len(written) or gaps_are_allowed(written, pattern)


def _stands_between(before: str, after: str, pattern: Pattern) -> bool:
    """Return whether the neighbours of a form allow it: ".NET" needs its dot, a lone letter no apostrophe or hyphen.

    `before` is two characters, `after` one.
    """
    if pattern.lead:
        return before[-1] == pattern.lead and not (before[0].isascii() and before[0].isalnum())
    return before[-1] not in "'’&.-+" and after not in "'’&+-"
