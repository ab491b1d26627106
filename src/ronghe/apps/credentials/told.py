"""What a credential says, for people: read from the signed document alone, the holder's name masked.

Whether it is true is not said here; the checks of `trust` say it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import override

from ronghe.apps.credentials.documents import masked
from ronghe.apps.credentials.models import WorkerLevel
from ronghe.trust.credential import EQF, WORKER_LEVELS

_MOST_SKILLS = 40
_MOST_TEXT = 2000


@dataclass(frozen=True, slots=True)
class Told:
    """The statements of a credential, each a plain text that is empty where it says nothing."""

    achievement: str
    issuer: str
    issuer_id: str
    holder: str
    worker_level: str
    eqf_level: str
    skills: tuple[str, ...]
    criteria: str
    valid_from: str
    valid_until: str


def told(document: Mapping[str, Any]) -> Told:
    """Return what `document` says; whatever is not in the form of a badge is left out."""
    subject = _object(document.get("credentialSubject"))
    achievement = _object(subject.get("achievement"))
    issuer = document.get("issuer")
    alignments = [one for one in _list(achievement.get("alignment")) if isinstance(one, Mapping)]
    levels = {str(one.get("targetFramework")): one for one in alignments}
    worker, eqf = (str(_object(levels.get(name)).get("targetCode", "")) for name in (WORKER_LEVELS, EQF))
    skills = [one for one in alignments if one.get("targetFramework") not in (WORKER_LEVELS, EQF)]
    return Told(
        achievement=_text(achievement.get("name")) or _text(document.get("name")),
        issuer=_text(_object(issuer).get("name")),
        issuer_id=_text(_object(issuer).get("id") or issuer),
        # Others write whole names; a stranger is shown no more than the beginning.
        holder=masked(_text(subject.get("name")).rstrip("*")),
        worker_level=worker_level_words(worker),
        eqf_level=f"EQF {eqf}" if eqf else "",
        skills=tuple(_text(one.get("targetName")) for one in skills[:_MOST_SKILLS]),
        criteria=_text(_object(achievement.get("criteria")).get("narrative")),
        valid_from=_text(document.get("validFrom"))[:10],
        valid_until=_text(document.get("validUntil"))[:10],
    )


def worker_level_words(code: str) -> str:
    """Return the eight-level worker's label and ordinal for a level such as "4", in the language of the page."""
    if code not in {str(level) for level in WorkerLevel.values}:
        return ""
    return _("%(label)s (level %(number)s of 8)") % {"label": WorkerLevel(int(code)).label, "number": code}


def worker_levels() -> dict[str, str]:
    """Return the words of all eight levels, for the browser."""
    return {str(level): worker_level_words(str(level)) for level in WorkerLevel.values}


def in_both(make: Any) -> dict[str, str]:
    """Return what `make` says in Chinese and in English."""
    said = {}
    for name, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            said[name] = str(make())
    return said


def _object(value: Any) -> Mapping[str, Any]:
    if isinstance(value, list) and value:
        value = value[0]
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str:
    return value[:_MOST_TEXT] if isinstance(value, str) else ""
