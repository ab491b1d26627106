"""Every link from one page of the repository to another leads somewhere."""

import re

from tests.need import PROJECT

_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")


def test_every_relative_link_leads_to_a_file() -> None:
    pages = [*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), *PROJECT.glob("examples/*.md")]
    assert len(pages) > 20
    links = [(page, target) for page in pages for target in _LINK.findall(page.read_text(encoding="utf-8"))]
    broken = [f"{page.relative_to(PROJECT)}: {target}" for page, target in links if not (page.parent / target).exists()]
    assert broken == []
