"""How written text is made comparable: normal forms, same-length normalisation, sentences and clauses.

Not for matching: that is `automaton`.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

SEPARATORS = " \t\n\r\f\v-_/.\u00b7"
"""What a writer may put between the parts of a name without changing it, after NFKC and `same_length`."""

_SEPARATOR_RUN = re.compile(r"[\s\-_/.\u00b7\u2010-\u2012\u2022\u2027\u30fb\u200b\u00ad]+")
_LATIN_WORD = re.compile(r"[a-z]+")
_LAST_WORD = re.compile(r"[a-z]+$")
# Characters that Unicode does not fold but writers use as a space, a hyphen, a middle dot or a line end.
_LOOKALIKES = (
    ("\u2010", "-"), ("\u2011", "-"), ("\u2012", "-"), ("\u00ad", "-"), ("\u200b", " "), ("\u200c", " "),
    ("\u200d", " "), ("\ufeff", " "), ("\u2027", "\u00b7"), ("\u30fb", "\u00b7"), ("\u2028", "\n"), ("\u2029", "\n"),
    ("\u0085", "\n"),
)  # fmt: skip
# Nothing below U+00A0 and no Chinese character folds, so the table stays small.
_COMPATIBILITY = {
    code: folded
    for code in (*range(0xA0, 0x3400), *range(0xA000, 0xABFF), *range(0xF900, 0x10000), *range(0x1D400, 0x1D800))
    if (folded := unicodedata.normalize("NFKC", chr(code))) != chr(code)
}

_SENTENCE_END = re.compile(r"[。！？!?；;\n\r]+|\.(?=\s|$)")
_CLAUSE_END = re.compile(r"[。！？!?；;\n\r，,:：]+|\.(?=\s|$)|\s[-–—•●|]\s")


class Span(NamedTuple):
    """Half-open offsets in code points."""

    start: int
    end: int


def singular(word: str) -> str:
    """Return a lower-case Latin word without its plural ending, the same for both numbers.

    "library", "libraries" → "library"; "database", "databases" → "databas"; "class", "classes" → "class". Words of
    three letters or fewer and words in -ss, -us, -is stay as they are.
    """
    if len(word) < 4:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 5 and word.endswith(("ses", "xes", "zes", "ches", "shes")):
        return word[:-2]
    if len(word) > 4 and word.endswith(("se", "xe", "ze", "che", "she")):
        return word[:-1]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def normal_form(form: str) -> str:
    """Return the key under which two spellings of one name are equal.

    NFKC, casefold, no plural ending on any Latin word, no spaces, hyphens, underscores, slashes, dots or middle dots
    ("+" and "#" stay). "Node.js", "NodeJS" and "node js" are equal; "C", "C++" and "C#" are not.
    """
    folded = unicodedata.normalize("NFKC", form).casefold()
    words = _SEPARATOR_RUN.split(folded)
    joined = "".join(_LATIN_WORD.sub(lambda match: singular(match.group()), word) for word in words)
    ending = _LATIN_WORD.search(words[-1][::-1]) if words[-1] else None
    if ending is not None and ending.start() == 0 and len(ending.group()) < 4:
        # The last word was too short to judge by itself: "node js" must lose what "NodeJS" loses.
        joined = _LAST_WORD.sub(lambda match: singular(match.group()), joined)
    return joined


def fold_lookalikes(text: str) -> str:
    """Return the text, at the same length, with one kind each of hyphen, space, middle dot and line end."""
    for written, plain in _LOOKALIKES:
        text = text.replace(written, plain)
    return text


def fold_width(text: str) -> tuple[str, list[int] | None]:
    """Return the text with full-width and other compatibility characters folded, and the way back.

    The second value is `None` where every character kept its place, which is nearly always; otherwise it gives for
    each character of the result, and for its end, the offset in `text`. Letter case is kept.
    """
    if text.isascii() or unicodedata.is_normalized("NFKC", text):
        return text, None
    folded = text.translate(_COMPATIBILITY)
    if len(folded) == len(text):
        return folded, None
    offsets: list[int] = []
    for position, character in enumerate(text):
        offsets.extend([position] * len(_COMPATIBILITY.get(ord(character), character)))
    offsets.append(len(text))
    return folded, offsets


def _pieces(text: str, ends: re.Pattern[str]) -> list[Span]:
    spans = []
    start = 0
    for match in ends.finditer(text):
        spans.append((start, match.start()))
        start = match.end()
    spans.append((start, len(text)))
    found = []
    for start, end in spans:
        piece = text[start:end]
        stripped = piece.strip()
        if stripped:
            left = start + len(piece) - len(piece.lstrip())
            found.append(Span(left, left + len(stripped)))
    return found


def sentences(text: str) -> list[Span]:
    """Return the sentences of a Chinese or English text: ended by 。！？；, a line end, or a stop before a space."""
    return _pieces(text, _SENTENCE_END)


def clauses(text: str) -> list[Span]:
    """Return the clauses of a text: sentences cut at commas, colons and spaced dashes too.

    The Chinese enumeration comma "、" does not end a clause: what it joins is one list.
    """
    return _pieces(text, _CLAUSE_END)
