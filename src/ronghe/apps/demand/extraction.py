"""Reads skills out of texts and finds them by name, with the lexicon and the tiers that this process has.

Built at the first use, once a process, and shared by its threads. What to do with the mentions belongs to the services.
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from ronghe.lexicon import Lexicon, Skill, normal_form
from ronghe.methods.skills import Extractor, Mention
from ronghe.runners import extraction as runner

# Counted up with every change to the rules of extraction that changes what is found.
RULES_VERSION = 1
_SUGGESTIONS = 3


def version_of(lexicon: Lexicon) -> str:
    """The mark on a posting that was read with this lexicon, today's rules and the tiers there are."""
    tiers = "".join(map(str, runner.known_tiers()))
    return f"{lexicon.version[:40]}+{RULES_VERSION}.{tiers}"


class Completion(NamedTuple):
    """A skill whose form holds what was typed."""

    skill: Skill
    form: str


@dataclass(frozen=True)
class Names:
    """Finds skills by what people call them."""

    lexicon: Lexicon

    @cached_property
    def _by_form(self) -> Mapping[str, tuple[str, str]]:
        """Normal form → (skill, form as written); a label beats another skill's form."""
        known: dict[str, tuple[str, str]] = {}
        for skill in self.lexicon.skills:
            for label in (skill.zh, skill.en):
                known.setdefault(normal_form(label), (skill.id, label))
        for skill in self.lexicon.skills:
            for form in skill.forms:
                known.setdefault(normal_form(form), (skill.id, form))
        return known

    def resolve(self, name: str) -> str | None:
        """The id of the skill that `name` stands for: an id, a label or any surface form in either language."""
        name = name.strip()
        if name in self.lexicon.by_id:
            return name
        found = self._by_form.get(normal_form(name))
        return found[0] if found else None

    def suggest(self, name: str, language: str) -> list[str]:
        """The labels of the skills whose forms are nearest to a name that stands for none."""
        close = difflib.get_close_matches(normal_form(name)[:60], self._by_form, n=_SUGGESTIONS * 2, cutoff=0.5)
        chinese = language.lower().startswith("zh")
        skills = [self.lexicon.by_id[key] for key in dict.fromkeys(self._by_form[form][0] for form in close)]
        return [skill.zh if chinese else skill.en for skill in skills[:_SUGGESTIONS]]

    def complete(self, text: str, limit: int = 8) -> list[Completion]:
        """The skills with a form that begins with `text`, then those with a form that holds it; short forms first."""
        wanted = normal_form(text)
        if not wanted:
            return []
        holding = sorted((not form.startswith(wanted), len(form), form) for form in self._by_form if wanted in form)
        found: dict[str, Completion] = {}
        for _inside, _length, form in holding:
            skill, written = self._by_form[form]
            found.setdefault(skill, Completion(self.lexicon.by_id[skill], written))
            if len(found) == limit:
                break
        return list(found.values())


@dataclass(frozen=True)
class Engine:
    """A lexicon and what searches for it. Immutable but for caches; safe to share between threads."""

    lexicon: Lexicon
    extractor: Extractor

    @property
    def version(self) -> str:
        """The mark on a posting that this engine has read."""
        return version_of(self.lexicon)

    def extract(self, texts: Sequence[str]) -> list[list[Mention]]:
        """The mentions of each text, in order of their start."""
        return self.extractor.extract_all(texts)


@cache
def names() -> Names:
    """The names of this process. The first call takes half a second."""
    return Names(runner.lexicon())


def engine() -> Engine:
    """The engine of this process. The first call takes some seconds."""
    return Engine(runner.lexicon(), runner.extractor(runner.known_tiers()))
