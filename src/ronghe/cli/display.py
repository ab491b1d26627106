"""Tables for a terminal in which Chinese characters take two columns."""

import unicodedata
from collections.abc import Sequence

_WIDE = frozenset("WF")
_GAP = "  "


def width_of(text: str) -> int:
    """How many columns of a terminal the text takes: two for what is wide or full-width, none for what combines."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 1 + (unicodedata.east_asian_width(character) in _WIDE)
        for character in text
    )


def cut(text: str, width: int) -> str:
    """The text, shortened with an ellipsis where it would take more than `width` columns."""
    if width_of(text) <= width:
        return text
    while text and width_of(text) > width - 1:
        text = text[:-1]
    return text.rstrip() + "…"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], numeric: frozenset[int]) -> str:
    """Headings and rows as aligned lines, the columns in `numeric` set to the right; no spaces at the ends of lines."""
    widths = [max(map(width_of, column)) for column in zip(headings, *rows, strict=True)]

    def line(cells: Sequence[str]) -> str:
        padded = []
        for index, (text, width) in enumerate(zip(cells, widths, strict=True)):
            space = " " * (width - width_of(text))
            padded.append(space + text if index in numeric else text + space)
        return _GAP.join(padded).rstrip()

    rule = _GAP.join("-" * width for width in widths)
    return "\n".join([line(headings), rule, *map(line, rows)])
