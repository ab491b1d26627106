"""The frozen values of the lexicon: fields, groups, skills and their surface forms; no reading and no checking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from ronghe.methods.skills.automaton import SurfaceAutomaton
from ronghe.methods.skills.confidence import Confidence
from ronghe.methods.skills.evidence import ContextWeights
from ronghe.methods.skills.model import CuePhrase, SurfaceForm


@dataclass(frozen=True, slots=True)
class Field:
    """A part of electronic information, with the words that mark a sentence as of it."""

    id: str
    zh: str
    en: str
    context: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A family of skills within a field."""

    id: str
    field: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Skill:
    """A competence that an enterprise could ask for and a course could teach.

    `zh` and `en` are the preferred labels; both are surface forms too, unless a label explains itself in brackets.
    `esco` is the address of the same concept in ESCO v1.1.1, or "".
    """

    id: str
    field: str
    group: str
    zh: str
    en: str
    zh_forms: tuple[str, ...] = ()
    en_forms: tuple[str, ...] = ()
    ambiguous: frozenset[str] = frozenset()
    context: tuple[str, ...] = ()
    cased: frozenset[str] = frozenset()
    esco: str = ""

    @property
    def forms(self) -> tuple[str, ...]:
        """Every surface form once: labels without brackets first, then the Chinese and the English ones."""
        labels = [label for label in (self.zh, self.en) if not _explains_itself(label)]
        return tuple(dict.fromkeys([*labels, *self.zh_forms, *self.en_forms]))


def _explains_itself(label: str) -> bool:
    return "（" in label or "(" in label


@dataclass(frozen=True)
class Lexicon:
    """All fields, groups, skills and cue phrases, with a version that is the SHA-256 of their content.

    `yielding` are the forms so general that they yield to a skill they touch.
    """

    fields: tuple[Field, ...]
    groups: tuple[Group, ...]
    skills: tuple[Skill, ...]
    cues: tuple[CuePhrase, ...]
    yielding: frozenset[str]
    version: str

    @cached_property
    def by_id(self) -> Mapping[str, Skill]:
        """The skills by their id."""
        return MappingProxyType({skill.id: skill for skill in self.skills})

    @cached_property
    def groups_by_id(self) -> Mapping[str, Group]:
        """The groups by their id."""
        return MappingProxyType({group.id: group for group in self.groups})

    @cached_property
    def fields_by_id(self) -> Mapping[str, Field]:
        """The fields by their id."""
        return MappingProxyType({field.id: field for field in self.fields})

    def surface_forms(self) -> Iterator[SurfaceForm]:
        """Yield every surface form of every skill, in the order of the lexicon."""
        for skill in self.skills:
            for form in skill.forms:
                yield SurfaceForm(
                    text=form,
                    skill_id=skill.id,
                    group=skill.group,
                    field=skill.field,
                    ambiguous=form in skill.ambiguous,
                    cased=form in skill.cased,
                    yields=form in self.yielding,
                    context=skill.context if form in skill.ambiguous else (),
                    labels=(skill.zh, skill.en),
                )

    def automaton(
        self, weights: ContextWeights | None = None, confidence: Confidence | None = None
    ) -> SurfaceAutomaton:
        """Compile the lexicon for searching; takes about a second, so keep the result.

        Without a `confidence` no mention in Chinese is too unsure to count.
        """
        context = {field.id: field.context for field in self.fields}
        return SurfaceAutomaton(
            self.surface_forms(), cues=self.cues, field_context=context, weights=weights, confidence=confidence
        )
