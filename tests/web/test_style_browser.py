"""The style page in a real browser: accessible, no sideways scrolling, and alive by keyboard. Needs Chromium."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread

from tests.need import chromium

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    path = chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A server without a database: someone signed out sees the style page without touching one."""
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://127.0.0.1:{thread.port}"
    thread.terminate()


class Reader:
    """Opens the style page in a context of its own: `read(360, scheme="dark")`."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: list[Any] = []

    def __call__(self, width: int, scheme: str = "light", language: str = "zh-CN", **options: Any) -> Any:
        context = self.browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=scheme,
            locale=language,
            reduced_motion="reduce",
            **options,
        )
        self.contexts.append(context)
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(f"{self.address}/style/")
        page.said = said
        return page


@pytest.fixture
def read(browser: Any, address: str) -> Iterator[Reader]:
    reader = Reader(browser, address)
    yield reader
    # A page left open goes on drawing, and slows whatever is tested next.
    for context in reader.contexts:
        context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing(read: Reader, width: int, scheme: str) -> None:
    import axe_playwright_python

    page = read(width, scheme, bypass_csp=True)
    page.add_script_tag(path=str(Path(axe_playwright_python.__file__).parent / "axe.min.js"))
    violations = page.evaluate("""async () => {
      const found = await axe.run({ resultTypes: ["violations"] });
      return found.violations.map((one) => [one.id, one.nodes.map((node) => node.html)]);
    }""")
    assert violations == []


@pytest.mark.parametrize(("width", "language"), [(360, "zh-CN"), (360, "en-GB"), (768, "en-GB"), (1920, "zh-CN")])
def test_the_page_fits_and_the_policy_refuses_nothing(read: Reader, width: int, language: str) -> None:
    page = read(width, language=language)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.said == []


def test_a_dialog_opens_by_keyboard_and_gives_the_focus_back(read: Reader) -> None:
    page = read(1280)
    page.locator("[data-dialog=example-dialog]").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.getElementById('example-dialog').open")
    page.keyboard.press("Escape")
    assert not page.evaluate("document.getElementById('example-dialog').open")
    assert page.evaluate("document.activeElement.dataset.dialog") == "example-dialog"


def test_what_was_typed_survives_a_reload_and_can_be_discarded(read: Reader) -> None:
    page = read(1280)
    page.fill("form[data-draft] [name=name]", "晶圆测试")
    page.wait_for_timeout(600)
    page.reload()
    page.locator("#toasts .toast button").wait_for()
    assert page.input_value("form[data-draft] [name=name]") == "晶圆测试"
    page.locator("#toasts .toast button").click()
    assert page.input_value("form[data-draft] [name=name]") == ""


def test_without_scripts_the_dialog_still_opens_by_its_address(read: Reader) -> None:
    page = read(360, java_script_enabled=False)
    assert not page.locator("#example-dialog").is_visible()
    page.locator("a[href='#example-dialog']").click()
    assert page.locator("#example-dialog textarea").is_visible()


def test_a_filter_replaces_its_results_and_the_address(read: Reader) -> None:
    page = read(1280)
    page.select_option("form.filters [name=region]", "gz")
    page.wait_for_url("**region=gz**")
    assert page.locator("#example-results table").count() == 1
    assert page.said == []
