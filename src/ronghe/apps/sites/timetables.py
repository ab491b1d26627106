"""Reads how timetables are written: "1-16周", "1-8,10-16双", sections "3-4", weekdays in either language."""

import re

_RANGE = re.compile(r"^(\d{1,2})(?:-(\d{1,2}))?(单|双|odd|even)?$")
_NOISE = re.compile(r"[第周节次\s（）()]|weeks?|sections?", re.IGNORECASE)
_WEEKDAYS = {
    "一": 0, "二": 1, "三": 2, "四": 3, "五": 4, "六": 5, "日": 6, "天": 6,
    "mon": 0, "tue": 1, "wed": 2, "thu": 3, "fri": 4, "sat": 5, "sun": 6,
}  # fmt: skip
_DAYS = 7
ODD = {"单", "odd"}


def weekday(text: str) -> int:
    """Monday 0 … Sunday 6, of "周一", "星期一", "1", "Monday" or "Mon". Raises ValueError."""
    plain = text.strip().lower()
    for prefix in ("星期", "礼拜", "周"):
        plain = plain.removeprefix(prefix)
    if plain.isascii() and plain.isdigit() and 1 <= int(plain) <= _DAYS:
        return int(plain) - 1
    key = plain[:3] if plain.isascii() else plain
    if key not in _WEEKDAYS:
        raise ValueError(text)
    return _WEEKDAYS[key]


def numbers(text: str) -> list[int]:
    """The weeks or sections that a text names, in order: ranges joined by commas, each all, odd (单) or even (双).

    Raises ValueError for anything else, an empty text and a range that ends before it begins.
    """
    found: set[int] = set()
    plain = text.lower()
    for mark, comma in (
        ("，", ","),
        ("、", ","),
        ("；", ","),
        (";", ","),
        ("–", "-"),
        ("—", "-"),
        ("~", "-"),
        ("至", "-"),
    ):
        plain = plain.replace(mark, comma)
    for part in plain.split(","):
        match = _RANGE.match(_NOISE.sub("", part))
        if match is None:
            raise ValueError(text)
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last:
            raise ValueError(text)
        wanted = range(first, last + 1)
        found.update(number for number in wanted if match[3] is None or (number % 2 == 1) == (match[3] in ODD))
    if not found:
        raise ValueError(text)
    return sorted(found)
