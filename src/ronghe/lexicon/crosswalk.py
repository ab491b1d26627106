"""Links the lexicon's skills to ESCO concepts and O*NET technologies by stated rules, best rule first; guesses
nothing.

| method | rule |
|---|---|
| `stated` | the lexicon names the ESCO address itself |
| `label` | a label of the skill and the preferred label are equal in normal form |
| `form` | any form of the skill and any label, alternative ones included, are equal in normal form |

A skill takes the links of the first rule that gives it any; ambiguous forms take no part in `form`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from ronghe.lexicon.esco import EscoSkill
from ronghe.lexicon.model import Lexicon, Skill
from ronghe.lexicon.onet import TechnologyExample
from ronghe.methods.skills.text import normal_form

Method = Literal["stated", "label", "form"]
Scheme = Literal["esco", "onet"]


@dataclass(frozen=True, slots=True)
class Link:
    """One row of the crosswalk: `target` is an ESCO address or an O*NET example, `label` its name there."""

    skill_id: str
    scheme: Scheme
    target: str
    label: str
    method: Method


def crosswalk(lexicon: Lexicon, esco: Iterable[EscoSkill] = (), onet: Iterable[TechnologyExample] = ()) -> list[Link]:
    """Return the links of every skill in the order of the lexicon, ESCO before O*NET.

    A stated ESCO address that the file does not have is left out: the file may be of another version.
    """
    concepts = list(esco)
    by_uri = {concept.uri: concept for concept in concepts}
    esco_preferred = _index((concept.label, concept.uri, concept.label) for concept in concepts)
    esco_any = _index((label, concept.uri, concept.label) for concept in concepts for label in concept.labels)
    onet_any = _index((entry.example, entry.example, entry.example) for entry in onet)
    links: list[Link] = []
    for skill in lexicon.skills:
        if skill.esco in by_uri:
            links.append(Link(skill.id, "esco", skill.esco, by_uri[skill.esco].label, "stated"))
        else:
            links += _matched(skill, "esco", esco_preferred, esco_any)
        links += _matched(skill, "onet", onet_any, onet_any)
    return links


_Index = Mapping[str, Sequence[tuple[str, str]]]


def _index(rows: Iterable[tuple[str, str, str]]) -> _Index:
    found: dict[str, dict[tuple[str, str], None]] = {}
    for label, target, name in rows:
        found.setdefault(normal_form(label), {})[target, name] = None
    return {key: list(targets) for key, targets in found.items()}


def _matched(skill: Skill, scheme: Scheme, preferred: _Index, anything: _Index) -> list[Link]:
    labels = [skill.en, skill.zh]
    forms = [form for form in skill.forms if form not in skill.ambiguous]
    attempts: list[tuple[Method, list[str], _Index]] = [("label", labels, preferred), ("form", forms, anything)]
    for method, names, index in attempts:
        targets = dict.fromkeys(target for name in names for target in index.get(normal_form(name), ()))
        if targets:
            return [Link(skill.id, scheme, target, label, method) for target, label in targets]
    return []
