"""The worked examples of the pages are run as they stand, and the index of methods names every page."""

import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
FENCE = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.REPORT_NDIFF
PAGES = sorted(page for page in DOCS.rglob("*.md") if FENCE.search(page.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_the_examples_of_a_page_print_what_it_says(page: Path) -> None:
    """Examples of one page follow on each other, as a reader would type them."""
    text = page.read_text(encoding="utf-8")
    parser, names, said = doctest.DocTestParser(), {"__name__": "__main__"}, []
    runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
    for block in FENCE.finditer(text):
        line = text.count("\n", 0, block.start(1))
        example = parser.get_doctest(block.group(1), names, page.name, str(page), line)
        assert example.examples, f"line {line}: a block without an example"
        runner.run(example, out=said.append, clear_globs=False)
        names = example.globs
    assert runner.summarize(verbose=False).failed == 0, "".join(said)


def test_every_page_of_a_method_is_in_the_index() -> None:
    index = (DOCS / "methods" / "README.md").read_text(encoding="utf-8")
    pages = {page.name for page in (DOCS / "methods").glob("*.md")} - {"README.md"}
    assert pages == set(re.findall(r"\(([a-z_-]+\.md)\)", index))
