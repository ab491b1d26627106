"""Tier 2: finds skills that no surface form spells, by the meaning of a clause; reads no files and keeps no state.

A clause in which the dictionary found nothing is encoded as a vector, if it may name a skill at all, and compared
with the vectors of the skills' labels. The encoder, the label vectors, the gate and the cache of clauses are the
caller's.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.skills.automaton import MentionTable
from ronghe.methods.skills.model import CuePhrase
from ronghe.methods.skills.text import Span, clauses, sentences

Vectors = NDArray[np.float32]
# Signs of English typesetting, which do not make a clause Chinese.
_ENGLISH_MARKS = str.maketrans("", "", "’‘“”–—…•·")
_LONGER_WORD = re.compile(r"[a-z]{4,}")
_STEM = 5
_SILENCING = ("negates_after", "negates_before", "describes")


class Encoder(Protocol):
    """What turns texts into vectors of length 1."""

    def encode(self, texts: list[str]) -> Vectors:
        """Return (texts, dimensions) float32."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Probability that a text names a skill of any kind: logistic regression on its vector."""

    weights: NDArray[np.float64]
    bias: float

    def probability(self, vectors: Vectors) -> NDArray[np.float64]:
        """Return (texts,) from (texts, dimensions)."""
        chance: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-(vectors @ self.weights + self.bias)))
        return chance


def _stems(text: str) -> set[str]:
    """Return the longer English words of a text, cut to the letters that inflection leaves alone."""
    return {word[:_STEM] for word in _LONGER_WORD.findall(text.lower())}


@dataclass(frozen=True, slots=True)
class SemanticRule:
    """When a clause counts as naming the nearest skill.

    The chances are the gate's and the similarities cosines. The gate was learnt on English, so Chinese must pass a
    lower one, and a higher similarity, because the encoder places short Chinese texts closer together. Lengths are in
    characters of the clause.
    """

    least_chance_chinese: float = 0.15
    least_chance_latin: float = 0.50
    least_similarity_chinese: float = 0.72
    least_similarity_latin: float = 0.60
    shortest: int = 4
    longest: int = 160

    def accepts(self, clause: str, label: str, chance: float, similarity: float) -> bool:
        """Return whether the clause names the skill of so similar a label, given the gate's chance that it names any.

        A clause in English must share a word with the label, since likeness alone pairs finance with quants.
        """
        if clause.translate(_ENGLISH_MARKS).isascii():
            alike = chance >= self.least_chance_latin and similarity >= self.least_similarity_latin
            return alike and not _stems(clause).isdisjoint(_stems(label))
        return chance >= self.least_chance_chinese and similarity >= self.least_similarity_chinese


@dataclass(frozen=True, slots=True)
class Label:
    """A skill's label to compare with: the number of the surface form that stands for it."""

    form: int
    text: str


@dataclass(frozen=True, slots=True)
class Nearest:
    """The label nearest to a clause: its place among the labels (−1: no skill), and the cosine."""

    label: int
    similarity: float


@dataclass(frozen=True, slots=True)
class SemanticTier:
    """Labels with their vectors (labels, dimensions), an encoder, a gate, and a cache of clauses that the caller
    keeps.

    The score of a mention is its cosine similarity, which is not a probability. The same clause gives the same answer,
    cached or not.
    """

    labels: Sequence[Label]
    vectors: Vectors
    encoder: Encoder
    gate: Gate
    cues: Sequence[CuePhrase]
    cache: MutableMapping[str, Nearest]
    rule: SemanticRule = SemanticRule()

    def add(self, texts: Sequence[str], found: MentionTable) -> MentionTable:
        """Return a mention of tier 2 for each clause without one of `found` that names a skill, spanning the clause."""
        places: list[tuple[int, Span]] = []
        silencing = [cue.text for cue in self.cues if cue.kind in _SILENCING]
        bounds = np.searchsorted(found.owner, np.arange(len(texts) + 1)).tolist()
        for owner, text in enumerate(texts):
            low, high = bounds[owner], bounds[owner + 1]
            taken = list(zip(found.start[low:high].tolist(), found.end[low:high].tolist(), strict=True))
            places += [(owner, span) for span in self._open_clauses(text, taken, silencing)]
        written = [texts[owner][span.start : span.end] for owner, span in places]
        nearest = self._nearest(written)
        rows = [
            (owner, span.start, span.end, self.labels[near.label].form, near.similarity)
            for (owner, span), near in zip(places, nearest, strict=True)
            if near.label >= 0
        ]
        whole = np.array([row[:4] for row in rows], dtype=np.int64).reshape(-1, 4)
        score = np.array([row[4] for row in rows], dtype=np.float64)
        tier = np.full(len(rows), 2, dtype=np.int64)
        return MentionTable(whole[:, 0], whole[:, 1], whole[:, 2], whole[:, 3], tier, score)

    def _open_clauses(self, text: str, taken: Sequence[tuple[int, int]], silencing: Sequence[str]) -> list[Span]:
        """Return the clauses that hold no mention and stand in no sentence that negates or describes the firm."""
        rule = self.rule
        lowered = text.lower()
        silent = [
            span for span in sentences(text) if any(phrase in lowered[span.start : span.end] for phrase in silencing)
        ]
        return [
            span
            for span in clauses(text)
            if rule.shortest <= span.end - span.start <= rule.longest
            and not any(start < span.end and end > span.start for start, end in taken)
            and not any(quiet.start <= span.start < quiet.end for quiet in silent)
        ]

    def _nearest(self, written: Sequence[str]) -> list[Nearest]:
        # The caller's cache may forget at any time, even between two clauses of one call.
        known = {clause: self.cache.get(clause) for clause in dict.fromkeys(written)}
        unseen = [clause for clause, kept in known.items() if kept is None]
        learnt = dict(zip(unseen, self._encoded(unseen), strict=True)) if unseen else {}
        for clause, nearest in learnt.items():
            self.cache[clause] = nearest
        return [known[clause] or learnt[clause] for clause in written]

    def _encoded(self, unseen: list[str]) -> list[Nearest]:
        vectors = self.encoder.encode(unseen)
        chance = self.gate.probability(vectors)
        similarity = vectors @ self.vectors.T
        best = similarity.argmax(axis=1)
        nearest = []
        for index, clause in enumerate(unseen):
            value = min(1.0, float(similarity[index, best[index]]))
            label = self.labels[int(best[index])].text
            names = self.rule.accepts(clause, label, float(chance[index]), value)
            nearest.append(Nearest(int(best[index]) if names else -1, value))
        return nearest
