"""Every code has words in both languages, and every code used has words."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pytest

import ronghe.tabular
from ronghe.tabular.messages import MESSAGES, say

SOURCES = sorted(Path(ronghe.tabular.__file__).parent.glob("*.py"))
CODE = re.compile(
    r'"((?:file|kind|encoding|archive|parquet|headings|rows|row|cell|text|number|date|month|boolean|choice|email|list'
    r'|export|schema|warning)\.[a-z0-9_]+)"'
)


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("code", MESSAGES)
def test_a_message_says_the_same_in_both_languages(code: str) -> None:
    chinese, english = MESSAGES[code]
    assert {re.sub("_?(zh|en)$", "", name) for name in fields(chinese)} == {
        re.sub("_?(zh|en)$", "", name) for name in fields(english)
    }
    params = dict.fromkeys(fields(chinese) | fields(english), "1")
    if code != "row.check":
        assert re.search("[\u4e00-\u9fff]", say(code, params, "zh-hans"))
        assert not re.search("[\u4e00-\u9fff]", say(code, params, "en"))


def test_every_code_in_the_package_has_a_message_and_every_message_a_use() -> None:
    used = {code for path in SOURCES if path.name != "messages.py" for code in CODE.findall(path.read_text("utf-8"))}
    assert used == set(MESSAGES)
