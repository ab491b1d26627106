"""Reads the lexicon's TOML files and checks them; every fault names its file and entry.

LexiconError                 all faults of one reading
  └─ LexiconFault (rows)     file, entry, what is wrong and how to mend it
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, get_args

import numpy as np

from ronghe.lexicon.model import Field, Group, Lexicon, Skill
from ronghe.methods.skills.confidence import Confidence
from ronghe.methods.skills.model import CueKind, CuePhrase
from ronghe.methods.skills.text import normal_form

PHRASES = "phrases.toml"
"""The one file that holds cue phrases instead of a field."""

_YIELDS = "yields"
_SKILL_KEYS = {
    "id", "group", "zh", "en", "zh_forms", "en_forms", "ambiguous", "context", "cased", "esco",
}  # fmt: skip
_SKILL_ID = re.compile(r"[a-z0-9]+\.[a-z0-9]+(?:-[a-z0-9]+)*")
_ESCO_ADDRESS = re.compile(r"http://data\.europa\.eu/esco/skill/[0-9a-zA-Z-]+")


@dataclass(frozen=True, slots=True)
class LexiconFault:
    """One thing wrong with the lexicon."""

    file: str
    entry: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.entry}: {self.message}"


class LexiconError(ValueError):
    """The lexicon breaks its own rules; `faults` has every one of them."""

    def __init__(self, faults: Iterable[LexiconFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(slots=True)
class _Reading:
    """What has been read so far, and what was wrong with it."""

    fields: list[Field] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    skills: list[Skill] = field(default_factory=list)
    cues: list[CuePhrase] = field(default_factory=list)
    yielding: dict[str, str] = field(default_factory=dict)
    faults: list[LexiconFault] = field(default_factory=list)
    source: dict[str, str] = field(default_factory=dict)

    def blame(self, file: str, entry: str, message: str) -> None:
        self.faults.append(LexiconFault(file, entry, message))


def load_lexicon() -> Lexicon:
    """Return the lexicon that ships with Ronghe. Raises `LexiconError` with all faults.

    Reads and checks some ten thousand forms each time; keep the result.
    """
    folder = resources.files("ronghe.lexicon") / "data"
    files = {
        entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir() if entry.name.endswith(".toml")
    }
    return parse_lexicon(files)


def load_confidence() -> Confidence:
    """Return what weighs mentions in Chinese clauses; where it was learnt stands in its file."""
    path = resources.files("ronghe.lexicon") / "models" / "mention_confidence.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    return Confidence(
        tuple(content["names"]),
        np.array(content["question"], dtype=np.int64),
        np.array(content["threshold"], dtype=np.float64),
        np.array(content["leaf"], dtype=np.float64),
        content["bias"],
        content["least"],
    )


def parse_lexicon(files: Mapping[str, str]) -> Lexicon:
    """Return the lexicon written in TOML texts by file name. Raises `LexiconError` with all faults."""
    reading = _Reading()
    for name in sorted(files):
        try:
            document = tomllib.loads(files[name])
        except tomllib.TOMLDecodeError as error:
            reading.blame(name, "file", f"is not TOML: {error}")
            continue
        if name == PHRASES:
            _read_phrases(reading, name, document)
        else:
            _read_field(reading, name, document)
    _check_identifiers(reading)
    _check_forms(reading)
    if reading.faults:
        raise LexiconError(reading.faults)
    return Lexicon(
        tuple(reading.fields),
        tuple(reading.groups),
        tuple(reading.skills),
        tuple(reading.cues),
        frozenset(reading.yielding),
        _content_hash(reading),
    )


def _read_phrases(reading: _Reading, name: str, document: Mapping[str, Any]) -> None:
    for number, entry in enumerate(document.get("phrase", []), start=1):
        kind = entry.get("kind")
        texts = entry.get("texts", [])
        if kind == _YIELDS:
            reading.yielding.update(dict.fromkeys(texts, name))
        elif kind in get_args(CueKind):
            reading.cues += [CuePhrase(text, kind) for text in texts]
        else:
            kinds = ", ".join([*get_args(CueKind), _YIELDS])
            reading.blame(name, f"phrase {number}", f"kind must be one of {kinds}")


def _read_field(reading: _Reading, name: str, document: Mapping[str, Any]) -> None:
    header = document.get("field", {})
    missing = [key for key in ("id", "zh", "en") if not header.get(key)]
    if missing:
        reading.blame(name, "field", f"lacks {', '.join(missing)}")
        return
    reading.fields.append(Field(header["id"], header["zh"], header["en"], tuple(header.get("context", ()))))
    for entry in document.get("group", []):
        if all(entry.get(key) for key in ("id", "zh", "en")):
            reading.groups.append(Group(entry["id"], header["id"], entry["zh"], entry["en"]))
        else:
            reading.blame(name, f"group {entry.get('id', '?')}", "needs id, zh and en")
    known = {group.id for group in reading.groups if group.field == header["id"]}
    for entry in document.get("skill", []):
        skill = _read_skill(reading, name, header["id"], known, entry)
        if skill is not None:
            reading.skills.append(skill)
            reading.source.setdefault(skill.id, name)


def _read_skill(
    reading: _Reading, name: str, field_id: str, groups: set[str], entry: Mapping[str, Any]
) -> Skill | None:
    label = f"skill {entry.get('id', '?')}"
    before = len(reading.faults)
    unknown = sorted(set(entry) - _SKILL_KEYS)
    if unknown:
        reading.blame(name, label, f"has unknown keys: {', '.join(unknown)}")
    missing = [key for key in ("id", "group", "zh", "en") if not entry.get(key)]
    if missing:
        reading.blame(name, label, f"lacks {', '.join(missing)}")
        return None
    if not _SKILL_ID.fullmatch(entry["id"]) or not entry["id"].startswith(f"{field_id}."):
        reading.blame(name, label, f"the id must read {field_id}.<slug>, lower case")
    if entry["group"] not in groups:
        reading.blame(name, label, f"names the group {entry['group']}, which this file does not define")
    if entry.get("esco") and not _ESCO_ADDRESS.fullmatch(entry["esco"]):
        reading.blame(name, label, f"{entry['esco']} is not the address of an ESCO skill")
    skill = Skill(
        id=entry["id"],
        field=field_id,
        group=entry["group"],
        zh=entry["zh"],
        en=entry["en"],
        zh_forms=tuple(entry.get("zh_forms", ())),
        en_forms=tuple(entry.get("en_forms", ())),
        ambiguous=frozenset(entry.get("ambiguous", ())),
        context=tuple(entry.get("context", ())),
        cased=frozenset(entry.get("cased", ())),
        esco=entry.get("esco", ""),
    )
    for key in ("ambiguous", "cased"):
        strangers = sorted(getattr(skill, key) - set(skill.forms))
        if strangers:
            reading.blame(name, label, f"{key} lists {', '.join(strangers)}, which are no forms of this skill")
    return skill if len(reading.faults) == before else None


def _check_identifiers(reading: _Reading) -> None:
    for kind, ids in (
        ("field", [entry.id for entry in reading.fields]),
        ("group", [entry.id for entry in reading.groups]),
        ("skill", [entry.id for entry in reading.skills]),
    ):
        seen: set[str] = set()
        for identifier in ids:
            if identifier in seen:
                reading.blame(reading.source.get(identifier, "lexicon"), f"{kind} {identifier}", "stands twice")
            seen.add(identifier)


def _check_forms(reading: _Reading) -> None:
    owner: dict[str, tuple[str, str]] = {}
    for skill in reading.skills:
        file = reading.source[skill.id]
        written = [label for label in (skill.zh, skill.en) if label in skill.forms]
        if skill.zh == skill.en and len(written) == 2:
            written = written[:1]
        for form in [*written, *skill.zh_forms, *skill.en_forms]:
            key = normal_form(form)
            if not key:
                reading.blame(file, f"skill {skill.id}", f"the form {form!r} has no letter, digit or sign")
                continue
            other = owner.get(key)
            if other is not None:
                reading.blame(
                    file,
                    f"skill {skill.id}",
                    f"the form {form!r} is the same as {other[1]!r} of {other[0]} but for case, plural or spacing: "
                    "keep one of them",
                )
            else:
                owner[key] = (skill.id, form)

    forms = {form for skill in reading.skills for form in skill.forms}
    for text, file in reading.yielding.items():
        if text not in forms:
            reading.blame(file, f"{_YIELDS} {text}", "is no form of any skill")


def _content_hash(reading: _Reading) -> str:
    content = {
        "fields": [[entry.id, entry.zh, entry.en, list(entry.context)] for entry in reading.fields],
        "groups": [[entry.id, entry.field, entry.zh, entry.en] for entry in reading.groups],
        "skills": [
            [
                skill.id, skill.group, skill.zh, skill.en, list(skill.zh_forms), list(skill.en_forms),
                sorted(skill.ambiguous), list(skill.context), sorted(skill.cased), skill.esco,
            ]
            for skill in reading.skills
        ],
        "yielding": sorted(reading.yielding),
        "cues": [[cue.text, cue.kind] for cue in reading.cues],
    }  # fmt: skip
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
