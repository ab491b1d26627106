"""Decides by context which ambiguous forms are skills, and which mentions are negated; finds nothing itself.

Works on all mentions of a batch of texts at once, as parallel arrays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.skills.model import CuePhrase, SurfaceForm

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

_CLAUSE_END = re.compile(r"[。！？!?；;\n\r，,\x00]|\.(?=\s)|\bbut\b|但|只要|即可")
# An item's number or mark may stand between the end of a clause and the beginning of the next.
_CLAUSE_BEGINS = re.compile(r"[。！？!?；;\n\r，,\x00:：][\s\d.、()（）【】•*-]*$")
_LONGEST_LEAD = 12
_CLAUSE_REACH = 160
# What joins the members of a list, with nothing else between them.
_LIST_GAP = re.compile(r"[\s、，,/|+&;；()（）]*(?:and|or|和|与|及|或|以及|and/or)?[\s、，,/|+&()（）]*")
_LONGEST_LIST_GAP = 8
_LONGEST_ASKING_GAP = 3
_NEIGHBOURS = 6
_LINE_END, _NO_PLACE = ord("\n"), ord("?")
# Verbs of one character that ask for what stands right after them.
_ASKING_CHARACTERS = "会懂用写"
_FIRST_WIDE = "\u2e80"


@dataclass(frozen=True, slots=True)
class ContextWeights:
    """Log-odds that an ambiguous form is the skill: `prior` plus the weights of the evidence present.

    The score is the logistic of the sum, and a form counts above 0.5. Near is within `reach` characters on the same
    line, far elsewhere in the text; of the mentions near (or far) only the strongest counts, so that a long
    advertisement proves no more than a short one. Foreign is a Latin name in its own case right after Chinese.
    Context words are consulted only for what the mentions leave open. Set by hand on advertisements that are in no
    test set.
    """

    reach: int = 80
    prior: float = -2.0
    own_context_near: float = 2.6
    field_context_near: float = 1.6
    group_near: float = 2.2
    field_near: float = 1.6
    any_near: float = 0.5
    group_far: float = 1.0
    field_far: float = 0.6
    in_a_list: float = 1.4
    asked_for: float = 1.2
    cased: float = 0.5
    foreign_and_asked: float = 1.0


@dataclass(frozen=True, slots=True)
class Found:
    """Mentions of a batch by start: offsets in the joined text, number of the form, number of the text."""

    start: Integers
    end: Integers
    form: Integers
    owner: Integers


@dataclass(frozen=True, slots=True)
class ContextHits:
    """Where context words stand: number of the word in `Judge.context_words`, half-open offsets in the joined text."""

    word: Integers
    start: Integers
    end: Integers


class Judge:
    """Holds what the forms, fields and weights say about context; immutable."""

    def __init__(
        self, forms: Sequence[SurfaceForm], field_context: Mapping[str, Sequence[str]], weights: ContextWeights
    ) -> None:
        self._weights = weights
        self._names = [form.text for form in forms]
        self._forms = tuple(forms)
        groups: dict[str, int] = {}
        fields: dict[str, int] = {}
        self._group = np.array([groups.setdefault(form.group, len(groups)) for form in forms])
        self._field = np.array([fields.setdefault(form.field, len(fields)) for form in forms])
        self._group_count, self._field_count = len(groups), len(fields)
        self._ambiguous = np.array([form.ambiguous for form in forms], dtype=bool)
        self._has_case = np.array([form.text != form.text.lower() for form in forms])
        self._cased = self._has_case & np.array([form.cased for form in forms], dtype=bool)
        self._number_context_words(field_context, list(fields))

    def _number_context_words(self, field_context: Mapping[str, Sequence[str]], fields: Sequence[str]) -> None:
        """Number the sets of context words, the fields' first, and note which word speaks for which sets."""
        sets: dict[tuple[tuple[str, ...], str], tuple[str, ...]] = {
            ((), field): tuple(field_context.get(field, ())) for field in fields
        }
        for form in self._forms:
            if form.ambiguous and form.context:
                sets.setdefault((form.context, ""), form.context)
        number = {key: place for place, key in enumerate(sets)}
        self._own_set = np.array(
            [number.get((form.context, ""), len(sets)) if form.ambiguous else len(sets) for form in self._forms]
        )
        words = {word: place for place, word in enumerate(dict.fromkeys(chain.from_iterable(sets.values())))}
        self.context_words: tuple[str, ...] = tuple(words)
        # One row more than sets, for forms that have no words of their own.
        self._speaks = np.zeros((len(sets) + 1, len(words)), dtype=bool)
        for key, members in sets.items():
            self._speaks[number[key], [words[word] for word in members]] = True

    def decide(
        self, text: str, codes: NDArray[np.uint8], found: Found, asking_ends: Integers, hits: ContextHits
    ) -> tuple[Booleans, Floats]:
        """Return for each mention whether it counts, and its score.

        `codes` is the text in Latin-1, with "?" for what has no place there; `asking_ends` are the offsets at which
        phrases such as "experience with" end, ascending.
        """
        line_ends = np.flatnonzero(codes == _LINE_END)
        score = np.ones(len(found.form))
        keep = ~self._ambiguous[found.form]
        cases = np.flatnonzero(~keep)
        line = np.searchsorted(line_ends, found.start)
        fixed = self._fixed_evidence(text, codes, found, cases, asking_ends)
        fixed += self._evidence_of_words(found, cases, hits, line, line_ends)
        # Twice, because a form that the first round accepts may speak for its neighbour.
        for _ in range(2):
            total = fixed + self._evidence_of_mentions(text, found, line, keep, cases)
            score[cases] = 1.0 / (1.0 + np.exp(-total))
            keep[cases] = total > 0
            refused = total <= 0
            cases, fixed = cases[refused], fixed[refused]
        return keep, score

    def _fixed_evidence(
        self, text: str, codes: NDArray[np.uint8], found: Found, cases: Integers, asking_ends: Integers
    ) -> Floats:
        weights = self._weights
        total = np.full(len(cases), weights.prior)
        start = found.start[cases]
        number = found.form[cases]
        # What matches only in its own case was written in it.
        exact = self._cased[number]
        unsure = np.flatnonzero(self._has_case[number] & ~exact)
        names = self._names
        exact[unsure] = [
            text[low:high] == names[form]
            for form, low, high in zip(
                number[unsure].tolist(), start[unsure].tolist(), found.end[cases[unsure]].tolist(), strict=True
            )
        ]
        foreign, asked = np.zeros(len(cases), dtype=bool), np.zeros(len(cases), dtype=bool)
        # Only what has no place in Latin-1 can be Chinese.
        nearest, second = codes[start - 1], codes[start - 2]
        written = np.flatnonzero(exact & ((nearest == _NO_PLACE) | (second == _NO_PLACE)))
        for at, low in zip(written.tolist(), start[written].tolist(), strict=True):
            # The last of the two characters before the case that is no space.
            character = text[low - 1] if low and not text[low - 1].isspace() else text[max(0, low - 2) : low].strip()
            if character >= _FIRST_WIDE:
                foreign[at] = True
                asked[at] = character in _ASKING_CHARACTERS
        if len(asking_ends):
            last = np.searchsorted(asking_ends, start, side="right") - 1
            asked |= (last >= 0) & (start - asking_ends[np.maximum(last, 0)] <= _LONGEST_ASKING_GAP)
        total[asked] += weights.asked_for
        total[asked & foreign] += weights.foreign_and_asked
        total[exact] += weights.cased
        return total

    def _evidence_of_mentions(
        self, text: str, found: Found, line: Integers, witness: Booleans, cases: Integers
    ) -> Floats:
        weights = self._weights
        group, field = self._group[found.form], self._field[found.form]
        own_group, own_field, own_line, own_start = group[cases], field[cases], line[cases], found.start[cases]
        near, far, listed = (np.zeros(len(cases)) for _ in range(3))
        for step in (*range(-_NEIGHBOURS, 0), *range(1, _NEIGHBOURS + 1)):
            # A mention off the end stands in for itself, and no open case is its own witness.
            other = np.minimum(np.maximum(cases + step, 0), len(witness) - 1)
            speaks = witness[other] & (line[other] == own_line)
            speaks &= np.abs(found.start[other] - own_start) <= weights.reach
            at = np.flatnonzero(speaks)
            speaker = other[at]
            value = np.where(
                group[speaker] == own_group[at],
                weights.group_near,
                np.where(field[speaker] == own_field[at], weights.field_near, weights.any_near),
            )
            near[at] = np.maximum(near[at], value)
            if abs(step) == 1:
                low, high = (found.end[other], own_start) if step < 0 else (found.end[cases], found.start[other])
                gap = high - low
                close = np.flatnonzero(speaks & (gap > 0) & (gap <= _LONGEST_LIST_GAP))
                gaps = [text[a:b] for a, b in zip(low[close].tolist(), high[close].tolist(), strict=True)]
                joins = {between: _LIST_GAP.fullmatch(between) is not None for between in set(gaps)}
                listed[close[[joins[between] for between in gaps]]] = weights.in_a_list
        for kinds, own, kind_count, weight in (
            (field, own_field, self._field_count, weights.field_far),
            (group, own_group, self._group_count, weights.group_far),
        ):
            named = np.zeros((int(found.owner[-1]) + 1 if len(found.owner) else 0, kind_count), dtype=bool)
            named[found.owner[witness], kinds[witness]] = True
            far[named[found.owner[cases], own]] = weight
        return near + far + listed

    def _evidence_of_words(
        self, found: Found, cases: Integers, hits: ContextHits, line: Integers, line_ends: Integers
    ) -> Floats:
        """Return the weight of the context words near each case: its own before its field's."""
        weights = self._weights
        values = np.zeros(len(cases))
        if not len(hits.word):
            return values
        order = np.argsort(hits.start)
        word, start, end = hits.word[order], hits.start[order], hits.end[order]
        hit_line = np.searchsorted(line_ends, start)
        low, high, own_line = found.start[cases], found.end[cases], line[cases]
        own, field = self._own_set[found.form[cases]], self._field[found.form[cases]]
        by_own, by_field = np.zeros(len(cases), dtype=bool), np.zeros(len(cases), dtype=bool)
        place = np.searchsorted(start, low)
        for step in range(-_NEIGHBOURS, _NEIGHBOURS):
            other = np.minimum(np.maximum(place + step, 0), len(word) - 1)
            apart = np.maximum(low - end[other], start[other] - high)
            near = np.flatnonzero((hit_line[other] == own_line) & (apart >= 0) & (apart <= weights.reach))
            said = word[other[near]]
            by_own[near] |= self._speaks[own[near], said]
            by_field[near] |= self._speaks[field[near], said]
        values[by_field] = weights.field_context_near
        values[by_own] = weights.own_context_near
        return values


def _joined_up_to(end: int, found: Found) -> slice:
    """Return the mentions that touch this place, one touching the next."""
    last = first = int(np.searchsorted(found.end, end, side="right"))
    while first and found.end[first - 1] == end:
        first -= 1
        end = int(found.start[first])
    return slice(first, last)


def negated(text: str, found: Found, cues: Sequence[tuple[int, int, CuePhrase]]) -> Booleans:
    """Return which mentions a cue unmakes: those in its clause, on the side it governs, or those it makes a title.

    `cues` are the negating phrases found in the joined text, as (start, end, phrase).
    """
    unmade = np.zeros(len(found.form), dtype=bool)
    for start, end, cue in cues:
        if cue.kind == "titles":
            unmade[_joined_up_to(start, found)] = True
            continue
        if cue.kind == "describes" and not _CLAUSE_BEGINS.search(text, max(0, start - _LONGEST_LEAD), start):
            continue
        if cue.kind in ("negates_after", "describes"):
            closing = _CLAUSE_END.search(text, end)
            low, high = end, closing.start() if closing else len(text)
        else:
            low, high = max(0, start - _CLAUSE_REACH), start
            for match in _CLAUSE_END.finditer(text, low, start):
                low = match.end()
        first, last = np.searchsorted(found.start, (low, high))
        unmade[first:last] = True
    return unmade
