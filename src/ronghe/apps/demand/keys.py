"""Derives from an advertisement what tells it from others: its digest, its language, the enterprise it counts for."""

import hashlib
import re
import unicodedata

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_LATIN_WORD = re.compile(r"[A-Za-z]+")
# "Enterprise | Post | Place | …": the first line of advertisements in discussion threads.
_HEADING = re.compile(r"\s*([^|\n]{2,80}?)\s*\|[^\n]*\|")
_ASIDE = re.compile(r"\(.*?\)|（.*?）")


def digest_of_text(text: str) -> str:
    """What tells whether an advertisement is the one that was imported before."""
    return hashlib.sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()


def language_of(text: str) -> str:
    """`zh` where there are at least as many Chinese characters as Latin words, else `en`."""
    chinese = len(_CHINESE.findall(text))
    return "zh" if chinese and chinese >= len(_LATIN_WORD.findall(text)) else "en"


def enterprise_key(organisation: int | None, name: str, text: str) -> int:
    """A number that postings of one enterprise share, for intervals clustered by enterprise.

    By the registered organisation, else the name, else the name at the head of the text, else the text itself.
    """
    if organisation is not None:
        key = f"organisation {organisation}"
    else:
        heading = _HEADING.match(text)
        said = _ASIDE.sub("", name or (heading.group(1) if heading else ""))
        folded = "".join(unicodedata.normalize("NFKC", said).casefold().split())
        key = f"name {folded}" if folded else f"text {digest_of_text(text)}"
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest(), signed=True)
