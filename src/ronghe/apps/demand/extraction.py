"""The one place where a process builds what reads skills out of texts: lexicon, automaton, encoder.

Built at the first use, once a process, and shared by its threads. What to do with the mentions belongs to the services.
"""

import difflib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ronghe.lexicon import Lexicon, load_lexicon, normal_form
from ronghe.methods.skills import Mention, SurfaceAutomaton

# Counted up with every change to the rules of extraction that changes what is found.
RULES_VERSION = 1
_SUGGESTIONS = 3


def version_of(lexicon: Lexicon) -> str:
    """The mark on a posting that was read with this lexicon and today's rules."""
    return f"{lexicon.version[:40]}+{RULES_VERSION}"


@dataclass(frozen=True)
class Engine:
    """A lexicon and what searches for it. Immutable but for caches; safe to share between threads."""

    lexicon: Lexicon
    automaton: SurfaceAutomaton

    @property
    def version(self) -> str:
        """The mark on a posting that this engine has read."""
        return version_of(self.lexicon)

    def extract(self, texts: Sequence[str]) -> list[list[Mention]]:
        """The mentions of each text, in order of their start."""
        return self.automaton.find_all(texts)

    @cached_property
    def _skill_by_form(self) -> Mapping[str, str]:
        known = {normal_form(form): skill.id for skill in self.lexicon.skills for form in skill.forms}
        for skill in self.lexicon.skills:
            known.update({normal_form(name): skill.id for name in (skill.zh, skill.en)})
        return known

    def resolve(self, name: str) -> str | None:
        """The id of the skill that `name` stands for: an id, a label or any surface form in either language."""
        name = name.strip()
        if name in self.lexicon.by_id:
            return name
        return self._skill_by_form.get(normal_form(name))

    def suggest(self, name: str, language: str) -> list[str]:
        """The labels of the skills whose forms are nearest to a name that stands for none."""
        close = difflib.get_close_matches(normal_form(name), self._skill_by_form, n=_SUGGESTIONS * 2, cutoff=0.5)
        skills = dict.fromkeys(self._skill_by_form[form] for form in close)
        chinese = language.lower().startswith("zh")
        found = [self.lexicon.by_id[skill] for skill in skills][:_SUGGESTIONS]
        return [skill.zh if chinese else skill.en for skill in found]


_lock = threading.Lock()
_engine: Engine | None = None


def engine() -> Engine:
    """The engine of this process. The first call takes some seconds."""
    global _engine
    if _engine is None:
        with _lock:
            if _engine is None:
                lexicon = load_lexicon()
                _engine = Engine(lexicon, lexicon.automaton())
    return _engine
