"""Chinese names in Latin letters, so that search finds 张伟 by zhangwei and by zw."""

import unicodedata


def latin(name: str) -> str:
    """Pinyin of `name` without tones, syllables apart: 张伟 → "zhang wei". Latin names come back in lower case."""
    # Its words are loaded where somebody is named, not with every program.
    from pypinyin import Style, lazy_pinyin

    return " ".join(part.strip() for part in lazy_pinyin(name, style=Style.NORMAL) if part.strip()).lower()[:120]


def search_key(text: str) -> str:
    """What a search compares: no accents, no spaces, lower case."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(mark for mark in decomposed if mark.isalnum() and not unicodedata.combining(mark)).casefold()


def search_text(name: str, name_latin: str) -> str:
    """All a person can be found by: the name, its Latin letters together, and their initials."""
    syllables = name_latin.split()
    parts = (search_key(name), search_key(name_latin), "".join(part[0] for part in syllables))
    return " ".join(dict.fromkeys(part for part in parts if part))
