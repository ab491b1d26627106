"""Entries of the register that look like one organisation: same code, same website, same or nearly the same name.

It only points; whether two entries are one organisation is a person's decision (`services.decide_duplicate`).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from ronghe.apps.community.models import Organisation

# Legal forms say nothing about which firm is meant. The long ones go wherever they stand, as a place may follow them;
# the short ones only at the end, where they cannot be part of a name.
_LONG_ZH = ("股份有限责任公司", "有限责任公司", "股份有限公司", "集团有限公司", "有限公司")
_SHORT_ZH = ("集团公司", "集团", "公司")
_LEGAL_EN = frozenset(
    {"co", "company", "corp", "corporation", "inc", "incorporated", "limited", "llc", "ltd", "plc", "group", "holding"}
    | {"holdings", "the"}
)
_BRACKETS = re.compile(r"[()\[\]【】<>《》]")
_NOT_LETTERS = re.compile(r"[\W_]+")
# A slip of one character in a shorter name is too often another firm.
SHORTEST_ZH, SHORTEST_EN = 5, 8


class Likeness(StrEnum):
    """Why two entries look like one organisation."""

    SAME_CODE = "same_code"
    SAME_NAME = "same_name"
    NEAR_NAME = "near_name"
    SAME_WEBSITE = "same_website"

    @property
    def label(self) -> StrPromise:
        """The reason on a page."""
        return _LABELS[self]


_LABELS = {
    Likeness.SAME_CODE: _("same unified social credit code"),
    Likeness.SAME_NAME: _("same name but for the legal form"),
    Likeness.NEAR_NAME: _("names differ by one character"),
    Likeness.SAME_WEBSITE: _("same website"),
}


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Two entries that look like one: `first` has the smaller key."""

    first: Organisation
    second: Organisation
    reasons: tuple[Likeness, ...]

    @property
    def pair(self) -> tuple[int, int]:
        """The two primary keys, ascending."""
        return (self.first.pk, self.second.pk)


def normal_zh(name: str) -> str:
    """A Chinese name without width variants, brackets, blanks and legal form: 甲（广州）有限公司 becomes 甲广州."""
    text = _NOT_LETTERS.sub("", _BRACKETS.sub("", unicodedata.normalize("NFKC", name))).casefold()
    for form in _LONG_ZH:
        if (shorter := text.replace(form, "")) and shorter != text:
            return shorter
    for form in _SHORT_ZH:
        if (shorter := text.removesuffix(form)) and shorter != text:
            return shorter
    return text


def normal_en(name: str) -> str:
    """An English name in small letters without accents, punctuation and legal form."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(character for character in plain if not unicodedata.combining(character)).casefold()
    words = [word for word in _NOT_LETTERS.split(plain.replace("&", " and ")) if word]
    kept = [word for word in words if word not in _LEGAL_EN]
    return "".join(kept or words)


def normal_host(website: str) -> str:
    """The host of a web address without `www.`; empty when there is none."""
    host = (urlsplit(website).hostname or "") if "//" in website else ""
    return host.removeprefix("www.").rstrip(".")


def _keys(organisation: Organisation) -> Iterator[tuple[Likeness, str]]:
    if organisation.registration_number:
        yield Likeness.SAME_CODE, organisation.registration_number.upper()
    if host := normal_host(organisation.website):
        yield Likeness.SAME_WEBSITE, host
    for language, normal, shortest in (
        ("zh", normal_zh(organisation.name_zh), SHORTEST_ZH),
        ("en", normal_en(organisation.name_en), SHORTEST_EN),
    ):
        if normal:
            yield Likeness.SAME_NAME, f"{language}:{normal}"
        if len(normal) >= shortest:
            # Two names are one edit apart only if they share a form from which at most one character was left out.
            yield Likeness.NEAR_NAME, f"{language}:{normal}"
            for place in range(len(normal)):
                yield Likeness.NEAR_NAME, f"{language}:{normal[:place]}{normal[place + 1 :]}"


def _one_edit(first: str, second: str) -> bool:
    if abs(len(first) - len(second)) > 1 or first == second:
        return False
    if len(first) == len(second):
        return sum(one != other for one, other in zip(first, second, strict=True)) == 1
    longer, shorter = (first, second) if len(first) > len(second) else (second, first)
    return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))


def _near(first: Organisation, second: Organisation) -> bool:
    return any(
        min(len(one), len(other)) >= shortest - 1 and _one_edit(one, other)
        for one, other, shortest in (
            (normal_zh(first.name_zh), normal_zh(second.name_zh), SHORTEST_ZH),
            (normal_en(first.name_en), normal_en(second.name_en), SHORTEST_EN),
        )
    )


def suspicions(organisations: Iterable[Organisation]) -> list[Suspicion]:
    """All pairs that look like one organisation. Time grows with the text of the names, not with the pairs."""
    listed = sorted(organisations, key=lambda organisation: organisation.pk)
    known = {organisation.pk: organisation for organisation in listed}
    buckets: defaultdict[tuple[Likeness, str], set[int]] = defaultdict(set)
    for organisation in listed:
        for key in _keys(organisation):
            buckets[key].add(organisation.pk)
    found: defaultdict[tuple[int, int], set[Likeness]] = defaultdict(set)
    for (likeness, _text), members in buckets.items():
        ordered = sorted(members)
        for index, first in enumerate(ordered):
            for second in ordered[index + 1 :]:
                if likeness is not Likeness.NEAR_NAME or _near(known[first], known[second]):
                    found[first, second].add(likeness)
    return [
        Suspicion(known[first], known[second], tuple(likeness for likeness in Likeness if likeness in reasons))
        for (first, second), reasons in sorted(found.items())
    ]


def suspicions_about(organisation: Organisation) -> list[Suspicion]:
    """The pairs in which `organisation` stands, with everyone on the register: one query."""
    others = Organisation.objects.only("name_zh", "name_en", "registration_number", "website", "kind", "uid")
    mine = set(_keys(organisation))
    candidates = [other for other in others if other.pk == organisation.pk or mine.intersection(_keys(other))]
    return [found for found in suspicions(candidates) if organisation.pk in found.pair]
