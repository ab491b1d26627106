"""Browsers without `light-dark()`, such as those inside older messengers, still show every colour."""

import re

from tests.need import PROJECT

TOKENS = (PROJECT / "src/ronghe/web/static/ronghe/css/tokens.css").read_text(encoding="utf-8")


def test_every_colour_has_its_light_value_for_browsers_that_know_only_one() -> None:
    modern, older = TOKENS.split("@supports not", 1)
    both = dict(re.findall(r"(--[\w-]+): light-dark\(((?:[^()]|\([^()]*\))*?), ", modern))
    assert len(both) > 30
    assert dict(re.findall(r"(--[\w-]+): ([^;]+);", older)) == both
