"""The small frozen values that skill extraction takes and gives; no behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

CueKind = Literal["idiom", "negates_after", "negates_before", "describes", "titles", "asks_for"]


class Mention(NamedTuple):
    """One skill named in a text.

    `start` and `end` are half-open offsets in Unicode code points of the text as given; `form` is the surface form
    as the lexicon writes it (for tier 2 the label that was nearest); `tier` is 1 or 2; `score` lies in (0, 1].
    """

    start: int
    end: int
    skill_id: str
    form: str
    tier: int
    score: float


@dataclass(frozen=True, slots=True)
class SurfaceForm:
    """One way to write one skill.

    `ambiguous` forms count only where the context speaks for them (`context` are words that do, besides the field's);
    `cased` forms match only in exactly this case; one that `yields` is so general that it is but a part of the name
    where it touches another skill ("软件开发" in "逆变器软件开发"). `labels` are the names that the skill goes by.
    """

    text: str
    skill_id: str
    group: str
    field: str
    ambiguous: bool = False
    cased: bool = False
    yields: bool = False
    context: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CuePhrase:
    """A phrase that is no skill but changes what its surroundings mean.

    An `idiom` holds a surface form that means something else there ("go live"); `negates_after` ("无需") and
    `negates_before` ("not required") unmake the mentions that follow or precede them in the same clause; what
    `describes` (the firm, the place) unmakes what follows if it begins the clause; what `titles` ("工程师", "部门",
    "厂商") makes what it directly follows the name of a post, a team, a firm or a place; `asks_for` ("experience
    with", "熟悉") makes it likelier that what follows is a skill.
    """

    text: str
    kind: CueKind
