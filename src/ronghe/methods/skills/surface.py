"""Turns the surface forms of a lexicon into the patterns an automaton looks for; not the search itself.

A pattern is the form lower-cased with its separators taken out ("squeezed"), in singular and plural. Where the form
was written with a separator, or with a step between letters, digits and Chinese, it may be split freely in a text;
elsewhere only as `gaps_are_allowed` says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, islice, product

from ronghe.methods.skills.text import SEPARATORS, normal_form, singular

_WORD = re.compile(r"[A-Za-z]+")
_SQUEEZE = str.maketrans("", "", SEPARATORS)
_LEAST_PIECE = 3
_LONGEST_GAP = 3


@dataclass(frozen=True, slots=True)
class Pattern:
    """One squeezed string to look for.

    `form` is the index of the surface form; `splits` are the places inside the squeezed string where the form itself
    is divided, `joints` all where a text may divide it; `exact` holds the squeezed string in the case required, or ""
    where any case will do; `lead` is the separator a form such as ".NET" begins with.
    """

    squeezed: str
    form: int
    splits: frozenset[int]
    joints: frozenset[int]
    exact: str
    lead: str
    is_latin: bool


def squeeze(text: str) -> str:
    """Return the text without separators; its case is kept."""
    return text.translate(_SQUEEZE)


def is_latin_or_digit(character: str) -> bool:
    """Return whether the character is an ASCII letter or digit: what glues to its neighbours into one word."""
    return character.isascii() and character.isalnum()


class _Classes(dict[int, str]):
    """For `str.translate`: "d" for an ASCII digit, "l" a letter, " " a separator, "s" another sign, "w" all else."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in SEPARATORS:
            self[code] = " "
        elif not character.isascii():
            self[code] = "w"
        elif character.isdigit():
            self[code] = "d"
        else:
            self[code] = "l" if character.isalpha() else "s"
        return self[code]


_CLASSES = _Classes()
_DIVISION = re.compile(r" +|(?<=l)(?=[dw])|(?<=d)(?=[lw])|(?<=w)(?=[ld])")


def _written_splits(text: str) -> frozenset[int]:
    """Return the offsets in the squeezed text at which the writer of the form divided it."""
    pieces = _DIVISION.split(text.translate(_CLASSES).strip(" "))
    return frozenset(accumulate(map(len, pieces[:-1]))) if len(pieces) > 1 else _NOWHERE


_NOWHERE: frozenset[int] = frozenset()


@cache
def _places(length: int, *, after_two: bool) -> frozenset[int]:
    return frozenset(place for place in range(1, length) if place != 2 or after_two)


def _joints(squeezed: str, splits: frozenset[int]) -> frozenset[int]:
    """Return where a text may divide the form: nowhere after two letters unless written so ("no-sql" for NoSQL)."""
    short = len(squeezed) <= _LEAST_PIECE + 1
    after_two = short or 2 in splits or (squeezed[1].islower() and squeezed[2].isupper())
    return _places(len(squeezed), after_two=after_two)


def _numbers(word: str, *, may_be_plural: bool) -> Iterator[str]:
    """Yield the word as written and, if it is a common noun or an acronym, its other number."""
    yield word
    lower = word.lower()
    if not may_be_plural or len(word) < 2:
        return
    acronym = word.isupper()
    if not (word.islower() or acronym or word.istitle()):
        return
    single = singular(lower)
    if not acronym and single != lower and lower.endswith("s"):
        yield lower[:-3] + "y" if lower.endswith("ies") else lower[:-1]
        if lower.endswith(("ses", "xes", "zes", "ches", "shes")):
            yield lower[:-2]
        return
    if acronym:
        if not word.endswith("S"):
            yield word + "s"
    elif lower.endswith("y") and len(lower) > 3 and lower[-2] not in "aeiou":
        yield lower[:-1] + "ies"
    elif lower.endswith(("s", "x", "z", "ch", "sh")):
        yield lower + "es"
    else:
        yield lower + "s"


def _variants(text: str, *, may_be_plural: bool) -> Iterator[str]:
    """Yield the form in singular and plural: the last Latin word in both, and earlier ones where there are few."""
    words = list(_WORD.finditer(text))
    many = len(words) > 4
    choices = []
    for place, word in enumerate(words):
        last = place == len(words) - 1
        ends_a_word = word.end() == len(text) or not is_latin_or_digit(text[word.end()])
        plural = may_be_plural and ends_a_word and (last or not many)
        choices.append(list(_numbers(word.group(), may_be_plural=plural)))
    yield text
    if all(len(numbers) == 1 for numbers in choices):
        return
    wanted = normal_form(text)
    for chosen in islice(product(*choices), 1, None):
        pieces, end = [], 0
        for word, replacement in zip(words, chosen, strict=True):
            pieces += [text[end : word.start()], replacement]
            end = word.end()
        variant = "".join([*pieces, text[end:]])
        if normal_form(variant) == wanted:
            yield variant


def patterns_of(index: int, text: str, *, ambiguous: bool, cased: bool) -> Iterable[Pattern]:
    """Return the patterns of one form, the form as written first.

    Ambiguous words keep their number ("Spring" is a framework, "springs" are not), except acronyms.
    """
    folded = unicodedata.normalize("NFKC", text).strip()
    lead = folded[0] if folded[0] in SEPARATORS else ""
    may_be_plural = not ambiguous or folded.isupper()
    found: dict[str, Pattern] = {}
    for variant in _variants(folded, may_be_plural=may_be_plural):
        squeezed = squeeze(variant)
        key = squeezed.lower()
        if key and key not in found:
            splits = _written_splits(variant)
            exact = squeezed if cased else ""
            joints = _joints(squeezed, splits)
            found[key] = Pattern(key, index, splits, joints, exact, lead, squeezed.isascii())
    return found.values()


def gaps_are_allowed(written: str, pattern: Pattern) -> bool:
    """Return whether a stretch of text, equal to the pattern once squeezed, may stand for it as it is divided.

    Any one division of a place where the form is divided; elsewhere a hyphen, dot or slash inside a word, or a space
    between pieces of at least three letters ("data base", but not "in design" for InDesign). Never an empty line, a
    list mark, a spaced dash or the end of a sentence.
    """
    place = 0
    undivided: list[int] = []
    ends = [0]
    position = 0
    while position < len(written):
        if written[position] not in SEPARATORS:
            place += 1
            position += 1
            continue
        gap_start = position
        while position < len(written) and written[position] in SEPARATORS:
            position += 1
        gap = written[gap_start:position]
        if not _gap_is_plain(gap):
            return False
        ends.append(place)
        if place not in pattern.splits:
            if "\n" in gap:
                return False
            if gap.isspace():
                undivided.append(len(ends) - 1)
    ends.append(place)
    if ends[-1] - ends[-2] == 1 and pattern.squeezed[-1] == "s" and ends[-2] not in pattern.splits and place > 3:
        return False  # "Firebase/S" is not its plural
    for gap_index in undivided:
        piece_start, here, piece_end = ends[gap_index - 1], ends[gap_index], ends[gap_index + 1]
        wide = not pattern.squeezed[here - 1].isascii() and not pattern.squeezed[here].isascii()
        if not wide and min(here - piece_start, piece_end - here) < _LEAST_PIECE:
            return False
    return True


def _gap_is_plain(gap: str) -> bool:
    if "\n" in gap or "\r" in gap:
        return gap.strip(" \t") in ("\n", "\r\n")
    if len(gap) > _LONGEST_GAP:
        return gap.isspace()
    sentence_end = gap[0] == "." and len(gap) > 1
    spaced_dash = gap[0] == " " and "-" in gap
    return not (sentence_end or spaced_dash)
