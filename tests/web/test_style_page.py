"""The style page, the error pages and the sign-in page as people meet them: languages, strictness, accessibility."""

import re
from html.parser import HTMLParser
from pathlib import Path

import polib
import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import Resolver404
from django.utils import translation

from ronghe import web
from ronghe.apps.accounts.models import Person
from ronghe.web.views import errors
from tests.conftest import SignIn

WEB = Path(web.__file__).parent
CATALOGUE = WEB / "locale/zh_Hans/LC_MESSAGES/django.po"
HAN = re.compile(r"[\u4e00-\u9fff]")


class _Audit(HTMLParser):
    """Collects what a strict content security policy would refuse, ids, and headings."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.ids: list[str] = []
        self.headings: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "style" or (tag == "script" and "src" not in names and names.get("type") != "application/json"):
            self.refused.append(tag)
        self.refused.extend(name for name in names if name == "style" or name.startswith("on"))
        self.ids.extend(value for name, value in attrs if name == "id" and value)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))


def _audit(html: str) -> _Audit:
    audit = _Audit()
    audit.feed(html)
    return audit


def _style(client: Client, language: str) -> str:
    response = client.get("/style/", headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_style_page_is_open_to_all_and_holds_nothing_a_strict_policy_refuses(
    anonymous: Client, language: str
) -> None:
    audit = _audit(_style(anonymous, language))
    assert audit.refused == []
    assert len(audit.ids) == len(set(audit.ids))
    assert audit.headings.count(1) == 1


def test_a_signed_in_person_sees_it_in_the_own_language_and_appearance(sign_in: SignIn, office: Person) -> None:
    Person.objects.filter(pk=office.pk).update(language="en", theme="dark")
    html = _style(sign_in(Person.objects.get(pk=office.pk)), "zh-hans")
    assert '<html lang="en" data-theme="dark">' in html
    assert 'aria-label="Main navigation"' in html


def test_someone_signed_out_has_no_navigation_and_no_appearance(anonymous: Client) -> None:
    html = _style(anonymous, "zh-hans")
    assert '<html lang="zh-Hans">' in html
    assert 'class="side"' not in html and "data-theme-choice" not in html


def test_in_chinese_no_english_sentence_is_left(anonymous: Client) -> None:
    html = re.sub(r"<(script|style|code)\b.*?</\1>", " ", _style(anonymous, "zh-hans"), flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", "\n", html)
    left = [
        line.strip() for line in words.splitlines() if re.search(r"[a-z]{3,} [a-z]{3,}", line) and not HAN.search(line)
    ]
    assert left == []


def test_every_string_of_the_frame_is_translated() -> None:
    catalogue = polib.pofile(str(CATALOGUE))
    assert [entry.msgid for entry in catalogue.untranslated_entries() + catalogue.fuzzy_entries()] == []
    names = re.compile(r"%\((\w+)\)s")
    for entry in catalogue:
        translated = entry.msgstr or "".join(entry.msgstr_plural.values())
        assert set(names.findall(translated)) <= set(names.findall(entry.msgid + entry.msgid_plural)), entry.msgid


def test_every_string_of_the_templates_stands_in_the_catalogue() -> None:
    known = {entry.msgid for entry in polib.pofile(str(CATALOGUE))}
    used = {
        match.group(2).replace("%", "%%")
        for path in (WEB / "templates").rglob("*.html")
        for match in re.finditer(r"{%\s*translate\s+([\"'])(.*?)\1", path.read_text(encoding="utf-8"))
    }
    assert used - known == set()


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "409", "413", "429", "500"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_error_page_says_what_to_do_next(code: str, language: str) -> None:
    request = RequestFactory().get("/somewhere/")
    with translation.override(language):
        html = render_to_string(f"{code}.html", {"user": AnonymousUser()}, None if code == "500" else request)
    audit = _audit(html)
    assert audit.refused == [] and audit.headings[0] == 1
    assert HAN.search(re.sub(r"<[^>]+>", "", html.partition("<main")[2])) if language == "zh-hans" else "<h1" in html


def test_a_refusal_says_its_reason_and_keeps_the_machinery_to_itself() -> None:
    request = RequestFactory().get("/somewhere/")
    request.user = AnonymousUser()
    assert (
        "Only the office may." in errors.forbidden(request, PermissionDenied("Only the office may.")).content.decode()
    )
    assert "It was withdrawn." in errors.not_found(request, Http404("It was withdrawn.")).content.decode()
    unmatched = errors.not_found(request, Resolver404({"tried": [["secret-route"]], "path": "somewhere/"}))
    assert unmatched.status_code == 404 and "secret-route" not in unmatched.content.decode()


@pytest.mark.django_db
def test_a_missing_record_is_not_named_by_its_class() -> None:
    request = RequestFactory().get("/somewhere/")
    request.user = AnonymousUser()
    with pytest.raises(Http404) as caught:
        get_object_or_404(Person, pk=0)
    assert "matches the given query" not in errors.not_found(request, caught.value).content.decode()


def test_too_much_data_is_told_apart_from_a_malformed_request() -> None:
    request = RequestFactory().get("/somewhere/")
    request.user = AnonymousUser()
    assert errors.bad_request(request, RequestDataTooBig("10 MB")).status_code == 413
    answer = errors.bad_request(request, SuspiciousOperation("path outside of the store"))
    assert answer.status_code == 400 and "outside of the store" not in answer.content.decode()


def test_a_broken_server_gives_the_number_of_the_request_and_needs_no_database() -> None:
    request = RequestFactory().get("/somewhere/", RONGHE_REQUEST_ID="884f7892")
    answer = errors.server_error(request)
    assert answer.status_code == 500 and "884f7892" in answer.content.decode()


def test_a_conflict_shows_both_versions() -> None:
    values = {"mine": [("Seats", 12)], "theirs": [("Seats", 10)], "back_url": "/positions/7/", "user": AnonymousUser()}
    html = "".join(render_to_string("409.html", values, RequestFactory().get("/")).split())
    assert ">12<" in html and ">10<" in html and 'href="/positions/7/"' in html


def test_the_sign_in_page_takes_the_look_of_the_house(anonymous: Client) -> None:
    html = anonymous.get("/accounts/login/").content.decode()
    assert _audit(html).refused == []
    assert "page__main--narrow" in html and "button--primary" in html and 'class="field"' in html


@pytest.mark.parametrize(
    "url", ["/accounts/password/change/", "/accounts/email/", "/accounts/2fa/", "/accounts/logout/"]
)
def test_pages_about_ones_own_sign_in_take_it_too(sign_in: SignIn, office: Person, url: str) -> None:
    response = sign_in(office).get(url, follow=True)
    assert response.status_code == 200
    html = response.content.decode()
    assert _audit(html).refused == [] and "ronghe/css/tokens.css" in html
