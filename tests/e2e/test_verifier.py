"""Verifying wholly in the browser: the same answers as the program, with no network after the page has loaded."""

import base64
import gzip
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route

from benchmarks.trust.mutations_bundle import Case, cases
from ronghe.trust.bundle import MAX_BYTES, verify_bundle
from ronghe.trust.canonical import CanonicalError
from ronghe.trust.carriers import carried, is_carrier
from ronghe.trust.packing import pack
from ronghe.trust.trusted_keys import TrustedKeys
from ronghe.trust.verdicts import Check
from tests.trust.bundles import NOW, PARTS, PLAIN, TRUST
from tests.trust.certificates import signed
from tests.trust.test_carriers import pdf, png, svg

MODULES = Path(__file__).resolve().parents[2] / "src/ronghe/apps/credentials/static/credentials"
EVERY = 59
VERIFY = """
async (all) => {
  const { verifyBundle } = await import("/verify.js");
  const found = [];
  for (const [data, trust, at] of all) {
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    const { verdict, checks } = await verifyBundle(bytes, trust, at);
    found.push([verdict, checks.map((one) => [one.check, one.verdict, one.code])]);
  }
  return found;
}
"""
VERIFY_CREDENTIAL = """
async ([all, trust, at]) => {
  const { verifyCredential } = await import("/verify.js");
  const reports = await Promise.all(all.map((text) => verifyCredential(new TextEncoder().encode(text), trust, at)));
  return reports.map(({ checks }) => checks.find((one) => one.check === "form").code);
}
"""
CARRIED = """
async (all) => {
  const { carrier, carried } = await import("/carriers.js");
  const found = [];
  for (const data of all) {
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    const inside = carrier(bytes) && (await carried(bytes));
    found.push(inside && btoa(Array.from(inside, (byte) => String.fromCharCode(byte)).join("")));
  }
  return found;
}
"""
# What the graph signature, which the browser passes over, can come to.
OF_THE_GRAPH = {
    "signature-holds",
    "signature-does-not-hold",
    "integrity-terms-are-undefined",
    "integrity-context-is-unknown",
    "integrity-graph-is-too-complex",
    "form-is-broken",
}


@pytest.fixture(scope="module")
def modules(browser: Browser) -> Iterator[Page]:
    """A page of nothing but our modules, which loses its network once they are loaded."""
    context = browser.new_context()

    def serve(route: Route) -> None:
        name = route.request.url.rsplit("/", 1)[1]
        if name:
            route.fulfill(path=MODULES / name, content_type="text/javascript")
        else:
            route.fulfill(body="<!doctype html>", content_type="text/html")

    context.route("http://localhost/**", serve)
    page = context.new_page()
    page.goto("http://localhost/")
    page.evaluate('() => Promise.all([import("/verify.js"), import("/carriers.js")])')
    context.unroute("http://localhost/**")
    context.set_offline(True)
    yield page
    context.close()


def _sample() -> list[tuple[Case, bytes]]:
    chosen = [Case("control", PARTS.build), Case("control", PLAIN.build), Case("control", lambda: pack(PARTS.build()))]
    chosen += [Case("not as packed here", lambda: gzip.compress(PARTS.build()))]
    chosen += [Case("too large", lambda: pack(b"[" * 100_000)), Case("no JSON", lambda: pack(b"nothing"))]
    chosen += [case for number, case in enumerate(cases()) if number % EVERY == 0]
    made = []
    for case in chosen:
        try:
            made.append((case, case.make()))
        except CanonicalError:
            # Nobody could write such a file.
            continue
    return made


def _in_browser(page: Page, sample: list[tuple[Case, bytes]]) -> list[Any]:
    asked = [
        [base64.b64encode(data).decode(), case.trust.as_json(), case.at.timestamp() * 1000] for case, data in sample
    ]
    found: list[Any] = page.evaluate(VERIFY, asked)
    return found


def _counted(checks: Any, name: Callable[[Any], tuple[str, str, str]]) -> Counter[tuple[str, str, str]]:
    return Counter(name(check) for check in checks)


def _of_program(check: Check) -> tuple[str, str, str]:
    return check.name.value, check.verdict.value, check.code


def test_the_browser_says_of_every_changed_bundle_what_the_program_says(modules: Page) -> None:
    sample = _sample()
    assert len(sample) > 200
    for (case, data), (verdict, checks) in zip(sample, _in_browser(modules, sample), strict=True):
        report = verify_bundle(data, trust=case.trust, at=case.at)
        assert verdict == report.verdict, (case.kind, checks, report.as_json())
        ours, theirs = _counted(report.checks, _of_program), _counted(checks, tuple)
        beyond, missing = theirs - ours, ours - theirs
        # Integrity follows from the one signature that the browser checks.
        assert set(beyond) <= {("integrity", "valid", "integrity-holds")}, (case.kind, beyond, missing)
        assert missing.total() <= 1, (case.kind, missing)
        assert {code for _, _, code in missing} <= OF_THE_GRAPH, (case.kind, missing)


def test_the_browser_accepts_the_bundle_itself_but_not_by_other_keys_nor_forever(modules: Page) -> None:
    good = Case("control", PARTS.build)
    stranger = Case("not trusted", PARTS.build, TrustedKeys())
    later = Case("later", PARTS.build, at=NOW + timedelta(days=30))
    judged = [(case, case.make()) for case in (good, stranger, later)]
    verdicts = [verdict for verdict, _checks in _in_browser(modules, judged)]
    assert verdicts == [verify_bundle(data, trust=one.trust, at=one.at).verdict for one, data in judged]
    assert verdicts[0] == "valid"
    assert "valid" not in verdicts[1:]


def test_the_browser_takes_an_anchor_on_top_and_says_that_it_does_not_read_it(modules: Page) -> None:
    anchored = replace(PARTS.bundle(), anchor={"receipt": "x" * 5_900}).encode()
    assert len(anchored) > MAX_BYTES
    too_large = anchored.replace(b"x" * 5_900, b"x" * 6_100)
    sample = [(Case("anchored", lambda: anchored), anchored), (Case("too large", lambda: too_large), too_large)]
    sample += [(Case("packed", lambda: anchored), pack(anchored))]
    (verdict, checks), (refused, reasons), (packed, _checks) = _in_browser(modules, sample)
    assert packed == "valid"
    assert verdict == "valid" and ["anchor", "unknown", "anchor-is-not-read-here"] in checks
    report = verify_bundle(too_large, trust=TRUST, at=NOW)
    assert refused == report.verdict == "invalid"
    assert [tuple(one) for one in reasons] == [_of_program(one) for one in report.checks]


@pytest.mark.parametrize("text", ['{"format":"ronghe-bundle-v1"', "[]", '"x"', "null", '{"a":1,"a":1}', "\ufeff{}"])
def test_the_browser_refuses_what_is_no_bundle_by_its_form(modules: Page, text: str) -> None:
    data = text.encode()
    ((verdict, checks),) = _in_browser(modules, [(Case("no bundle", lambda: data), data)])
    report = verify_bundle(data, trust=TRUST, at=NOW)
    assert verdict == report.verdict == "invalid"
    assert [tuple(one) for one in checks] == [_of_program(one) for one in report.checks]


def test_the_browser_refuses_a_credential_with_a_member_that_stands_twice(modules: Page) -> None:
    good = json.dumps(signed(), ensure_ascii=False, indent=1)
    files = [good, good.replace("{", '{"name": "\\"a\\": ",', 1), good.replace('"type"', '"type": [], "type"', 1)]
    found = modules.evaluate(VERIFY_CREDENTIAL, [files, TRUST.as_json(), NOW.timestamp() * 1000])
    assert found == ["form-holds", "form-is-broken", "form-is-broken"]


def test_the_browser_takes_the_same_out_of_papers_and_badges_as_the_program(modules: Page) -> None:
    bundle, credential = PARTS.build(), json.dumps(signed(), ensure_ascii=False)
    head = b"<</Params<</Size 9>>>>\nstream\n"
    paper = [pdf((head, zlib.compress(one))) for one in (bundle, pack(bundle), b"x")]
    paper += [pdf((head, bundle)), pdf((head, pack(bundle) + b"\r")), pdf()]
    said = f"<openbadges:credential><![CDATA[{credential}]]></openbadges:credential>"
    baked = png((b"IHDR", bytes(13)), (b"iTXt", b"openbadgecredential\x00\x00\x00\x00\x00" + credential.encode()))
    files = [*paper, svg(said), svg(""), baked, png(), bundle, credential.encode()]
    expected = [carried(one) if is_carrier(one) else None for one in files]
    assert [one is not None for one in expected] == [True, True, False, True, True, False, True, False, True] + [
        False
    ] * 3
    found = modules.evaluate(CARRIED, [base64.b64encode(one).decode() for one in files])
    assert [one and base64.b64decode(one) for one in found] == expected


@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("width", [1280, 360])
def test_a_dropped_file_is_judged_without_a_network(visitors: Any, tmp_path: Path, width: int) -> None:
    visitor = visitors(width=width, language="en")
    page = visitor.open("/verify/")
    file = tmp_path / "c.ronghe.json"
    file.write_bytes(PARTS.build())
    # All that the page needs comes with it; from here on there is nothing more to load.
    page.wait_for_load_state("networkidle")
    visitor.context.set_offline(True)
    page.set_input_files("input[type=file]", file)
    page.wait_for_selector("#verify-answer[data-verdict]")
    # The site does not know the issuer of this test, and says so.
    assert page.get_attribute("#verify-answer", "data-verdict") != "valid"
    assert "The issuer is not on the list of trusted issuers." in page.inner_text("#verify-answer")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    visitor.context.set_offline(False)
    assert Axe().run(page).violations_count == 0
    assert visitor.complaints == []
