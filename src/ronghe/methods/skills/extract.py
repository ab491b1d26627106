"""Joins the tiers: the dictionary pass over whole texts, then the encoder over clauses in which it found nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ronghe.methods.skills.automaton import MentionTable, SurfaceAutomaton
from ronghe.methods.skills.model import Mention


class SecondTier(Protocol):
    """What finds skills that no surface form spells, given what the dictionary found."""

    def add(self, texts: Sequence[str], found: MentionTable) -> MentionTable:
        """Return the mentions to add, in any order; they overlap none of `found`."""


@dataclass(frozen=True, slots=True)
class Extractor:
    """An automaton and, where tier 2 is wanted, what adds to it. Both are the caller's; calls are pure."""

    automaton: SurfaceAutomaton
    second: SecondTier | None = None

    def extract_table(self, texts: Sequence[str]) -> MentionTable:
        """Return the mentions of all texts as arrays, by text and then by start."""
        found = self.automaton.find_table(texts)
        if self.second is None:
            return found
        added = self.second.add(texts, found)
        if not len(added.owner):
            return found
        return found.merged(added)

    def extract_all(self, texts: Sequence[str]) -> list[list[Mention]]:
        """Return for each text its mentions, in order of their start and without overlap."""
        return self.automaton.listed(self.extract_table(texts), len(texts))

    def extract(self, text: str) -> list[Mention]:
        """Return the mentions in one text."""
        return self.extract_all([text])[0]
