"""Each role walks its own menu, in both languages, on a desk and on a phone; axe and the console find nothing."""

from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.conftest import Visitor, Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ROLES = ["office", "hr", "hr.ic", "mentor", "teacher", "student", "reviewer"]


def menu_of(visitor: Visitor) -> list[str]:
    """The addresses in the menu of whoever is signed in, the first screen first."""
    visitor.open("/")
    links = visitor.page.locator("nav a[href^='/']").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    return list(dict.fromkeys(["/", *(urlsplit(link).path for link in links)]))


def assert_accessible(visitor: Visitor, path: str, *, contrast: bool = True) -> None:
    rules = {"color-contrast": {"enabled": contrast}}
    results = Axe().run(visitor.page, options={"resultTypes": ["violations"], "rules": rules})
    assert results.violations_count == 0, f"{path}: {results.generate_report()}"


def assert_fits(visitor: Visitor, path: str) -> None:
    wide, shown = visitor.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= shown, f"{path} is {wide} px wide on a screen of {shown} px"


@pytest.fixture(scope="module")
def read_on_a_desk() -> set[str]:
    """The pages that axe has read on a desk: the office sees them with all that there is to do on them."""
    return set()


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_menu_opens_in_chinese_on_a_desk(
    role: str, visitors: Visitors, read_on_a_desk: set[str]
) -> None:
    visitor = visitors(role)
    for path in menu_of(visitor):
        visitor.open(path)
        assert visitor.page.locator("h1").count() == 1, path
        assert_fits(visitor, path)
        if path == "/" or path not in read_on_a_desk:
            assert_accessible(visitor, path)
            read_on_a_desk.add(path)
    assert visitor.complaints == []


@pytest.fixture(scope="module")
def read_on_a_phone() -> set[str]:
    """The pages that axe has read on a phone."""
    return set()


@pytest.mark.parametrize("role", ROLES)
def test_every_page_of_a_menu_fits_a_phone_in_english(role: str, visitors: Visitors, read_on_a_phone: set[str]) -> None:
    visitor = visitors(role, width=360, language="en")
    visitor.open("/me/")
    visitor.page.select_option("select[name=language]", "en")
    visitor.page.locator(
        "main form[data-draft] button[type=submit], main form[data-draft] button.primary"
    ).first.click()
    visitor.page.wait_for_selector("html[lang=en]")
    for path in menu_of(visitor):
        visitor.open(path)
        assert_fits(visitor, path)
        if path == "/" or path not in read_on_a_phone:
            # The colours of a page were read on a desk. By width only parts of the design system change theirs, and
            # the style page shows each part on a phone (tests/web/test_style_browser.py).
            assert_accessible(visitor, path, contrast=path == "/")
            read_on_a_phone.add(path)
    visitor.open("/me/")
    visitor.page.select_option("select[name=language]", "en" if role == "hr.ic" else "zh-hans")
    visitor.page.locator(
        "main form[data-draft] button[type=submit], main form[data-draft] button.primary"
    ).first.click()
    assert visitor.complaints == []


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/", "/style/", "/no-such-page/"])
@pytest.mark.parametrize("dark", [False, True])
def test_public_pages_are_accessible_in_light_and_dark(path: str, dark: bool, visitors: Visitors) -> None:
    visitor = visitors(dark=dark)
    visitor.page.goto(visitor.site.url + path)
    assert_accessible(visitor, path)


def test_without_scripts_a_person_signs_in_and_filters_the_demand(visitors: Visitors) -> None:
    visitor = visitors("office", scripts=False)
    visitor.open("/demand/?field=ic")
    assert visitor.page.locator("table tbody tr").count() > 0


def test_a_person_reaches_the_content_by_keyboard(visitors: Visitors) -> None:
    visitor = visitors("office")
    visitor.open("/demand/")
    visitor.page.keyboard.press("Tab")
    visitor.page.keyboard.press("Enter")
    assert visitor.page.evaluate("document.activeElement.id || document.activeElement.tagName").lower() in {
        "main",
        "content",
    }
