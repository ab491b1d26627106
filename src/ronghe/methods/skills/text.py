"""How written text is made comparable: normal forms, same-length normalisation, sentences and clauses.

Not for matching: that is `automaton`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SEPARATORS = " \t\n\r\f\v-_/.\u00b7"
"""What a writer may put between the parts of a name without changing it, after NFKC and `same_length`."""

_SEPARATOR_RUN = re.compile(r"[\s\-_/.\u00b7\u2010-\u2012\u2022\u2027\u30fb\u200b\u00ad]+")
_LATIN_WORD = re.compile(r"[a-z]+")
_INNER_WORD = re.compile(rf"[a-z]+(?={_SEPARATOR_RUN.pattern}[a-z])")
# Characters that Unicode does not fold but writers use as a space, a hyphen, a middle dot or a line end.
_LOOKALIKES = (
    ("\u2010", "-"), ("\u2011", "-"), ("\u2012", "-"), ("\u00ad", "-"), ("\u200b", " "), ("\u200c", " "),
    ("\u200d", " "), ("\ufeff", " "), ("\u2027", "\u00b7"), ("\u30fb", "\u00b7"), ("\u2028", "\n"), ("\u2029", "\n"),
    ("\u0085", "\n"),
)  # fmt: skip
# Nothing below U+00A0 and no Chinese character folds, so the table stays small; an ellipsis may stay what it is.
_COMPATIBILITY = {
    chr(code): folded
    for code in (*range(0xA0, 0x3400), *range(0xA000, 0xABFF), *range(0xF900, 0x10000), *range(0x1D400, 0x1D800))
    if (folded := unicodedata.normalize("NFKC", chr(code))) != chr(code)
    and (len(folded) == 1 or any(map(str.isalnum, folded)))
}

_SENTENCE_END = re.compile(r"[。！？!?；;\n\r]+|\.(?=\s|$)")
_CLAUSE_END = re.compile(r"[。！？!?；;\n\r，,:：]+|\.(?=\s|$)|\s[-–—•●|]\s")


class Span(NamedTuple):
    """Half-open offsets in code points."""

    start: int
    end: int


@lru_cache(maxsize=1 << 14)
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
    # Inner words first, then what the last ones grew into: "node js" must lose the letter that "NodeJS" loses.
    inner = _INNER_WORD.sub(lambda match: singular(match.group()), folded)
    return _LATIN_WORD.sub(lambda match: singular(match.group()), _SEPARATOR_RUN.sub("", inner))


def fold_lookalikes(text: str) -> str:
    """Return the text, at the same length, with one kind each of hyphen, space, middle dot and line end."""
    for written, plain in _LOOKALIKES:
        text = text.replace(written, plain)
    return text


def fold_width(text: str) -> tuple[str, NDArray[np.int64] | None]:
    """Return the text with full-width and other compatibility characters folded, and the way back.

    The second value is `None` where every character kept its place, which is nearly always; otherwise it gives for
    each character of the result, and for its end, the offset in `text`. Letter case is kept.
    """
    if text.isascii() or unicodedata.is_normalized("NFKC", text):
        return text, None
    folded = text
    lengths = None
    for character in _COMPATIBILITY.keys() & set(text):
        plain = _COMPATIBILITY[character]
        if len(plain) > 1:
            lengths = np.ones(len(text) + 1, dtype=np.int64) if lengths is None else lengths
            lengths[[match.start() for match in re.finditer(re.escape(character), text)]] = len(plain)
        folded = folded.replace(character, plain)
    return folded, None if lengths is None else np.repeat(np.arange(len(text) + 1), lengths)


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
