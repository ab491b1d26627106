"""Which skills a unit's own words suggest, and by which words. It declares nothing: a person decides on each."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from ronghe.apps.curriculum.models import Unit
from ronghe.apps.demand import extraction
from ronghe.apps.demand import selectors as demand
from ronghe.apps.demand.selectors import SkillLabel

_WORDS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A skill, the words that speak for it, and how sure the matching is, in (0, 1]."""

    skill: SkillLabel
    words: tuple[str, ...]
    in_title: bool
    score: float

    @property
    def reason(self) -> str:
        """Why it is suggested, as a sentence."""
        words = "、".join(f"“{word}”" for word in self.words)
        if self.in_title:
            return _("%(words)s in the title") % {"words": words}
        return _("%(words)s in the text") % {"words": words}


def suggest(unit: Unit, left_out: Iterable[int] = ()) -> list[Suggestion]:
    """The skills that the title and text of a unit name, surest first, without those already declared or decided on."""
    title = f"{unit.name_zh}\n{unit.name_en}\n"
    known, skip = demand.catalogue().by_code, set(left_out)
    found: dict[str, tuple[list[str], bool, float]] = {}
    for mention in extraction.engine().extract([title + unit.content])[0]:
        words, in_title, score = found.get(mention.skill_id, ([], False, 0.0))
        word = (title + unit.content)[mention.start : mention.end]
        if word not in words:
            words.append(word)
        found[mention.skill_id] = (words, in_title or mention.start < len(title), max(score, mention.score))
    suggestions = [
        Suggestion(known[code], tuple(words[:_WORDS_SHOWN]), in_title, score)
        for code, (words, in_title, score) in found.items()
        if code in known and known[code].key not in skip
    ]
    return sorted(suggestions, key=lambda one: (-one.score, not one.in_title, one.skill.code))
