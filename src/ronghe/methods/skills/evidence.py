"""Decides by context which ambiguous forms are skills, and which mentions are negated; finds nothing itself.

Works on all mentions of a batch of texts at once, as parallel arrays.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.skills.model import CuePhrase, SurfaceForm

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Booleans = NDArray[np.bool_]

_CLAUSE_END = re.compile(r"[。！？!?；;\n\r，,\x00]|\.(?=\s)|\bbut\b|但|只要|即可")
_CLAUSE_REACH = 160
# What joins the members of a list, with nothing else between them.
_LIST_GAP = re.compile(r"[\s、，,/|+&;；()（）]*(?:and|or|和|与|及|或|以及|and/or)?[\s、，,/|+&()（）]*")
_LONGEST_LIST_GAP = 8
_LONGEST_ASKING_GAP = 3
_NEIGHBOURS = 8


@dataclass(frozen=True, slots=True)
class ContextWeights:
    """Log-odds that an ambiguous form is the skill: `prior` plus the weights of the evidence present.

    The score is the logistic of the sum, and a form counts above 0.5. Near is within `reach` characters on the same
    line, far elsewhere in the text; of the mentions near (or far) only the strongest counts, so that a long
    advertisement proves no more than a short one. Context words are consulted only for what the mentions leave open.
    Set by hand on advertisements that are in no test set.
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


@dataclass(frozen=True, slots=True)
class Found:
    """Mentions of a batch by start: offsets in the joined text, number of the form, number of the text."""

    start: Integers
    end: Integers
    form: Integers
    owner: Integers


@dataclass(frozen=True, slots=True)
class _Words:
    """Context words: Chinese ones hold anywhere, Latin ones at word edges."""

    anywhere: tuple[str, ...]
    at_edges: tuple[str, ...]

    @classmethod
    def of(cls, words: Sequence[str]) -> _Words:
        folded = tuple(dict.fromkeys(word.lower() for word in words if word))
        return cls(
            tuple(word for word in folded if not word.isascii()), tuple(word for word in folded if word.isascii())
        )

    def are_in(self, text: str) -> bool:
        for word in self.anywhere:
            if word in text:
                return True
        return any(word in text and _stands_alone(word, text) for word in self.at_edges)


def _stands_alone(word: str, text: str) -> bool:
    at = text.find(word)
    while at >= 0:
        end = at + len(word)
        if text[end : end + 1] == "s":
            end += 1
        before, after = text[at - 1 : at] if at else "", text[end : end + 1]
        if not (before.isascii() and before.isalnum()) and not (after.isascii() and after.isalnum()):
            return True
        at = text.find(word, at + 1)
    return False


class Judge:
    """Holds what the forms, fields and weights say about context; immutable."""

    def __init__(
        self, forms: Sequence[SurfaceForm], field_context: Mapping[str, Sequence[str]], weights: ContextWeights
    ) -> None:
        self._weights = weights
        self._forms = tuple(forms)
        groups: dict[str, int] = {}
        fields: dict[str, int] = {}
        self._group = np.array([groups.setdefault(form.group, len(groups)) for form in forms])
        self._field = np.array([fields.setdefault(form.field, len(fields)) for form in forms])
        self._group_count, self._field_count = len(groups), len(fields)
        self._ambiguous = np.array([form.ambiguous for form in forms], dtype=bool)
        self._has_case = [form.text != form.text.lower() for form in forms]
        self._own_words = {form.context: _Words.of(form.context) for form in forms if form.ambiguous}
        self._field_words = {field: _Words.of(field_context.get(field, ())) for field in fields}

    def decide(self, text: str, found: Found, asking_ends: Integers) -> tuple[Booleans, Floats]:
        """Return for each mention whether it counts, and its score.

        `asking_ends` are the offsets, ascending, at which phrases such as "experience with" end.
        """
        score = np.ones(len(found.form))
        keep = ~self._ambiguous[found.form]
        open_cases = np.flatnonzero(~keep)
        if not len(open_cases):
            return keep, score
        lines = np.cumsum(np.bincount(_line_ends(text), minlength=len(text) + 1)) if "\n" in text else None
        line = np.zeros_like(found.start) if lines is None else lines[found.start]
        fixed = self._fixed_evidence(text, found, open_cases, asking_ends)
        words = np.full(len(open_cases), np.nan)
        # Twice, because a form that the first round accepts may speak for its neighbour.
        for _ in range(2):
            total = fixed + self._evidence_of_mentions(text, found, line, keep, open_cases)
            for at in np.flatnonzero(total <= 0).tolist():
                if np.isnan(words[at]):
                    words[at] = self._evidence_of_words(text, found, int(open_cases[at]))
                total[at] += words[at]
            score[open_cases] = 1.0 / (1.0 + np.exp(-total))
            keep[open_cases] = total > 0
        return keep, score

    def _fixed_evidence(self, text: str, found: Found, cases: Integers, asking_ends: Integers) -> Floats:
        weights = self._weights
        total = np.full(len(cases), weights.prior)
        start = found.start[cases]
        if len(asking_ends):
            before = np.searchsorted(asking_ends, start, side="right") - 1
            gap = start - asking_ends[np.maximum(before, 0)]
            total[(before >= 0) & (gap <= _LONGEST_ASKING_GAP)] += weights.asked_for
        forms = self._forms
        exact = [
            self._has_case[number] and text[low:high] == forms[number].text
            for number, low, high in zip(
                found.form[cases].tolist(), start.tolist(), found.end[cases].tolist(), strict=True
            )
        ]
        total[exact] += weights.cased
        return total

    def _evidence_of_mentions(
        self, text: str, found: Found, line: Integers, witness: Booleans, cases: Integers
    ) -> Floats:
        weights = self._weights
        count = len(found.form)
        group, field = self._group[found.form], self._field[found.form]
        near, far, listed = (np.zeros(len(cases)) for _ in range(3))
        for step in (*range(-_NEIGHBOURS, 0), *range(1, _NEIGHBOURS + 1)):
            other = cases + step
            inside = (other >= 0) & (other < count)
            other = np.where(inside, other, cases)
            speaks = (
                inside
                & witness[other]
                & (found.owner[other] == found.owner[cases])
                & (line[other] == line[cases])
                & (np.abs(found.start[other] - found.start[cases]) <= weights.reach)
            )
            value = np.where(
                group[other] == group[cases],
                weights.group_near,
                np.where(field[other] == field[cases], weights.field_near, weights.any_near),
            )
            near = np.maximum(near, np.where(speaks, value, 0.0))
            if abs(step) == 1:
                low = np.where(step < 0, found.end[other], found.end[cases])
                high = np.where(step < 0, found.start[cases], found.start[other])
                close = np.flatnonzero(speaks & (high > low) & (high - low <= _LONGEST_LIST_GAP))
                for at in close.tolist():
                    if _LIST_GAP.fullmatch(text, int(low[at]), int(high[at])):
                        listed[at] = weights.in_a_list
        for kinds, kind_count, weight in (
            (field, self._field_count, weights.field_far),
            (group, self._group_count, weights.group_far),
        ):
            keys = found.owner * kind_count + kinds
            far[np.isin(keys[cases], keys[witness])] = weight
        return near + far + listed

    def _evidence_of_words(self, text: str, found: Found, index: int) -> float:
        weights, form = self._weights, self._forms[int(found.form[index])]
        start, end = int(found.start[index]), int(found.end[index])
        before = text[max(0, start - weights.reach) : start].rpartition("\n")[2].lower()
        after = text[end : end + weights.reach].partition("\n")[0].lower()
        around = f"{before} \x00 {after}"
        if self._own_words[form.context].are_in(around):
            return weights.own_context_near
        return weights.field_context_near if self._field_words[form.field].are_in(around) else 0.0


def _line_ends(text: str) -> Integers:
    return np.array([match.start() for match in re.finditer("\n", text)], dtype=np.int64)


def negated(text: str, found: Found, cues: Sequence[tuple[int, int, CuePhrase]]) -> Booleans:
    """Return which mentions a cue unmakes: those in its clause, on the side it governs.

    `cues` are the negating phrases found in the joined text, as (start, end, phrase).
    """
    unmade = np.zeros(len(found.form), dtype=bool)
    for start, end, cue in cues:
        if cue.kind == "negates_after":
            closing = _CLAUSE_END.search(text, end)
            low, high = end, closing.start() if closing else len(text)
        else:
            low, high = max(0, start - _CLAUSE_REACH), start
            for match in _CLAUSE_END.finditer(text, low, start):
                low = match.end()
        first, last = np.searchsorted(found.start, (low, high))
        unmade[first:last] = True
    return unmade
