"""A real site and a real browser: the demonstration, served as `make demo` serves it, and Chromium."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from tests.need import chromium

# Only so that a run ends where the demonstration never starts: on a busy machine building it takes minutes.
SECONDS_TO_START = 900


@dataclass
class Site:
    """A running demonstration: its address, its sign-ins, its data folder, what it printed."""

    url: str
    data: Path
    process: subprocess.Popen[str]
    log: Path
    printed: str = ""
    password: str = ""
    addresses: list[str] = field(default_factory=list)

    def mailed(self, pattern: str, since: int = 0, seconds: int = 20) -> str:
        """What a mail that the site wrote to its log after `since` characters says: the pattern's first group."""
        for _look in range(seconds * 5):
            if found := re.findall(pattern, self.log.read_text(encoding="utf-8")[since:]):
                return str(found[-1])
            time.sleep(0.2)
        raise AssertionError(f"no mail says {pattern}:\n{self.log.read_text(encoding='utf-8')[since:]}")

    def stop(self) -> int:
        """Ctrl-C, as a person would."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_demo(data: Path, port: int) -> Site:
    """Start the demonstration and wait until it has printed its sign-ins."""
    log = data.parent / f"{data.name}-{port}.log"
    environment = {**os.environ, "RONGHE_DATA_DIR": str(data), "PYTHONUNBUFFERED": "1"}
    environment.pop("DATABASE_URL", None)
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "ronghe", "demo", "--port", str(port)],
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment,
        )
    site = Site(f"http://localhost:{port}", data, process, log)
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        site.printed = log.read_text(encoding="utf-8")
        if "Ctrl-C stops it" in site.printed:
            break
        if process.poll() is not None:
            raise AssertionError(f"the demonstration ended with {process.returncode}:\n{site.printed}")
        time.sleep(0.2)
    else:
        process.kill()
        process.wait()
        raise AssertionError(f"the demonstration did not start within {SECONDS_TO_START} s:\n{site.printed}")
    site.password = re.search(r"the password is (\S+)", site.printed)[1]  # type: ignore[index]
    site.addresses = re.findall(r"^\s+(\S+@\S+)", site.printed, re.MULTILINE)
    return site


def answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (URLError, ConnectionError, TimeoutError):
        return False


@pytest.fixture(scope="session")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """The demonstration after its first start, which built it, and a Ctrl-C, which ended it with status 0."""
    built = start_demo(tmp_path_factory.mktemp("site") / "data", free_port())
    assert answers(built.url)
    assert built.stop() == 0
    return built


@pytest.fixture(scope="session")
def site(first_start: Site) -> Iterator[Site]:
    """The demonstration started a second time, for all browser tests."""
    running = start_demo(first_start.data, free_port())
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser a module: while Playwright's loop runs in a thread no other may, and Django's ORM refuses to."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
        )
        yield browser
        browser.close()


@dataclass
class Visitor:
    """Someone in a browser context of their own; complaints of the browser's console are kept."""

    site: Site
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        answer = self.page.goto(self.site.url + path)
        assert answer is not None and answer.status < 400, f"{path} answered {answer and answer.status}"
        return self.page

    def sign_in(self, local_part: str) -> None:
        address = next(one for one in self.site.addresses if one.startswith(f"{local_part}@"))
        self.open("/accounts/login/")
        self.page.fill("input[name=login]", address)
        self.page.fill("input[name=password]", self.site.password)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_url(f"{self.site.url}/")


class Visitors:
    """Makes visitors: `visitors("hr", width=360, language="en")`; without a name nobody is signed in.

    Whoever signed in by the page once comes back with the cookies of that time; without scripts everyone signs in.
    """

    def __init__(self, site: Site, browser: Browser, cookies: dict[str, StorageState]) -> None:
        self.site, self.browser, self.cookies = site, browser, cookies
        self.made: list[Visitor] = []

    def __call__(
        self, who: str = "", *, width: int = 1280, language: str = "zh-CN", scripts: bool = True, dark: bool = False
    ) -> Visitor:
        cookies = self.cookies.get(who) if scripts else None
        context = self.browser.new_context(
            viewport={"width": width, "height": 800},
            locale=language,
            java_script_enabled=scripts,
            color_scheme="dark" if dark else "light",
            storage_state=cookies,
        )
        page = context.new_page()
        visitor = Visitor(self.site, context, page)
        page.on(
            "console",
            lambda message: visitor.complaints.append(message.text) if message.type in {"error", "warning"} else None,
        )
        page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        self.made.append(visitor)
        if who and cookies is None:
            visitor.sign_in(who)
            self.cookies[who] = context.storage_state()
        return visitor


@pytest.fixture(scope="session")
def cookies(site: Site) -> dict[str, StorageState]:
    """What the browser holds of each person who has signed in."""
    return {}


@pytest.fixture
def visitors(site: Site, browser: Browser, cookies: dict[str, StorageState]) -> Iterator[Visitors]:
    made = Visitors(site, browser, cookies)
    yield made
    for visitor in made.made:
        visitor.context.close()
