"""Prints papers (reports, later agreements, certificates) as PDF with typst; knows no Django and no paper's content.

A paper is a typst template, found by its path inside the package, and data as JSON; templates import the house's look.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

_ROOT = Path(__file__).resolve().parents[1]
# Serif faces with Chinese, the first one found is used; Noto's is what Debian and Ubuntu call fonts-noto-cjk.
_CHINESE_FACES = (
    "Noto Serif CJK SC",
    "Noto Serif SC",
    "Source Han Serif SC",
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "SimSun",
    "Songti SC",
)


class NoChineseFont(RuntimeError):
    """This machine has no font with Chinese: typst would leave the characters out without a word."""

    def __init__(self) -> None:
        super().__init__("no font with Chinese is installed; install fonts-noto-cjk, or print the page instead")


@cache
def _fonts() -> Any:
    import typst

    return typst.Fonts()


def chinese_face() -> str | None:
    """The name of the face that papers are set in; None where this machine has none with Chinese."""
    families = set(_fonts().families())
    return next((face for face in _CHINESE_FACES if face in families), None)


def print_paper(
    template: str,
    data: Mapping[str, Any],
    *,
    language: str,
    written_at: datetime,
    standard: Literal["a-2b", "a-3b"] | None = None,
) -> bytes:
    """The PDF of `template` ("apps/demand/papers/white_paper.typ") filled with `data`.

    Text in `data` is set as it stands: nothing in it is read as typst. `language` is "zh" or "en". The same data and
    `written_at` give the same bytes on machines with the same fonts. `standard` is a profile of PDF/A.
    Raises NoChineseFont; a template that does not compile raises typst's own error.
    """
    import typst

    face = chinese_face()
    if face is None:
        raise NoChineseFont
    printed = typst.compile(
        str(_ROOT / template),
        root=str(_ROOT),
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(data, ensure_ascii=False), "language": language, "face": face},
        timestamp=int(written_at.timestamp()),
        pdf_standards=[standard] if standard else [],
    )
    if not isinstance(printed, bytes):
        raise TypeError("a paper is one PDF")
    return printed
