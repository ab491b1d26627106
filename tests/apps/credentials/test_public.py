"""The public verifier: what a stranger is told about a code, a file, a PDF; and the printed certificate."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone, translation

from ronghe import papers
from ronghe.apps.accounts.models import Person
from ronghe.apps.credentials import services, verification
from ronghe.apps.credentials.models import Certificate
from ronghe.apps.credentials.services.bundles import make_bundle
from ronghe.apps.credentials.views import public
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.models import Checkpoint, Cosignature
from ronghe.trust import carriers
from ronghe.trust.checkpoint import SignatureType, SignedNote
from ronghe.trust.receipt import verify_receipt
from tests.trust.logs import WITNESSES

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(certificate: Certificate) -> Certificate:
    ledger.seal()
    return Certificate.objects.get(pk=certificate.pk)


def page_of(client: Client, certificate: Certificate) -> str:
    answer = client.get(reverse("verify:code", args=[certificate.code]))
    assert answer.status_code == 200
    # With "no-referrer" browsers would send no origin with the form, which the check of forged requests then refuses.
    assert answer["Referrer-Policy"] == "same-origin"
    return answer.content.decode()


def drop(client: Client, data: bytes, name: str = "c.ronghe.json") -> Any:
    return client.post(reverse("verify:page"), {"file": SimpleUploadedFile(name, data)})


def test_a_stranger_reads_that_a_certificate_is_genuine_but_not_whose_it_is(
    anonymous: Client, sealed: Certificate, holder: Person
) -> None:
    text = page_of(anonymous, sealed)
    assert "This certificate is genuine and valid" in text
    for said in ("芯片验证微证书", "Senior worker (level 4 of 8)", "UVM", "EQF 6", f"{holder.name[0]}**"):
        assert said in text
    assert holder.name not in text
    assert holder.email not in text
    # Each sentence stands in the other language too.
    assert "签名有效。" in text


def test_the_answer_to_a_code_names_the_witnesses_who_signed(anonymous: Client, sealed: Certificate) -> None:
    checkpoint = Checkpoint.objects.get()
    text = SignedNote.parse(checkpoint.note).text
    now = timezone.now()
    for signer in WITNESSES[:2]:
        line = signer.cosign(text, time=int(now.timestamp())).line()
        Cosignature.objects.create(checkpoint=checkpoint, witness=signer.name, line=line, signed_at=now)
    named = [f"{one.verifier().encode(SignatureType.COSIGNATURE_V1)} https://{one.name}" for one in WITNESSES]
    with override_settings(RONGHE_WITNESSES=named):
        page = page_of(anonymous, sealed)
    assert "Enough witnesses signed this head of the log." in page
    assert f"{WITNESSES[0].name}, {WITNESSES[1].name}" in page


def test_a_revoked_certificate_is_refused_with_the_reason(
    anonymous: Client, sealed: Certificate, office: Person
) -> None:
    services.change_status(actor=office, certificate=sealed, kind="revoked", reason="mistake", note="")
    text = page_of(anonymous, sealed)
    assert "This certificate is not valid" in text
    assert "The certificate is revoked." in text


def test_a_typed_code_leads_to_its_address_however_it_is_spelt(anonymous: Client, sealed: Certificate) -> None:
    address = reverse("verify:code", args=[sealed.code])
    for typed in (sealed.code.lower().replace("-", " "), f"https://elsewhere.example{address}"):
        answer = anonymous.post(reverse("verify:page"), {"code": typed})
        assert (answer.status_code, answer["Location"]) == (302, address)


def test_a_link_that_a_holder_shared_is_opened_and_no_other_address(
    anonymous: Client, sealed: Certificate, holder: Person
) -> None:
    _share, token = services.share(
        actor=holder, certificate=sealed, expires_at=timezone.now() + timedelta(days=2), shows_name=True
    )
    shared = reverse("credentials:shared", args=[token])
    answer = anonymous.post(reverse("verify:page"), {"code": f"http://testserver{shared}"})
    assert answer["Location"] == shared
    for other in ("https://evil.example/x", "//evil.example", "/accounts/login/", "javascript:alert(1)"):
        assert anonymous.post(reverse("verify:page"), {"code": other}).status_code == 422


def test_a_code_that_no_certificate_has_is_not_found_and_stays_typed(anonymous: Client, sealed: Certificate) -> None:
    answer = anonymous.get(reverse("verify:code", args=["AAAA-BBBB-CCCC-DDDD"]))
    assert answer.status_code == 404
    assert 'value="AAAA-BBBB-CCCC-DDDD"' in answer.content.decode()


def test_a_dropped_file_is_checked_and_one_changed_sign_refuses_it(anonymous: Client, sealed: Certificate) -> None:
    data = make_bundle(sealed)
    good = drop(anonymous, data).content.decode()
    # This site names no witnesses, so that the question of them stays open: never shown as valid.
    assert "could not be settled" in good
    assert "The log includes this document." in good
    assert sealed.code in good
    bad = drop(anonymous, data.replace("芯片".encode(), "苏片".encode(), 1)).content.decode()
    assert "This certificate is not valid" in bad
    assert "What it claims" in bad


def receipt_of(client: Client, page: str) -> Any:
    found = re.search(r'name="found" value="([^"]+)"', page)
    assert found is not None
    return client.post(reverse("verify:receipt"), {"found": found[1]})


def test_a_receipt_is_signed_when_it_is_asked_for_and_is_for_this_very_file(
    anonymous: Client, sealed: Certificate
) -> None:
    data = make_bundle(sealed)
    answer = receipt_of(anonymous, drop(anonymous, data).content.decode())
    assert "ronghe-receipt.json" in answer["Content-Disposition"]
    resolver = verification.trusted_keys().resolver()
    report = verify_receipt(answer.json(), resolver=resolver, at=timezone.now(), data=data)
    assert report.checks == verification.check_bundle(data).checks


def test_a_receipt_is_signed_for_nothing_but_what_this_site_found_within_the_hour(
    anonymous: Client, sealed: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = page_of(anonymous, sealed)
    assert anonymous.post(reverse("verify:receipt"), {"found": "made up"}).status_code == 422
    monkeypatch.setattr(public, "_RECEIPT_WITHIN", timedelta(0))
    late = receipt_of(anonymous, page)
    assert late.status_code == 422
    assert "within an hour" in late.content.decode()


def test_the_page_that_is_kept_in_pieces_is_the_one_that_would_be_drawn(
    anonymous: Client, sealed: Certificate, office: Person, sign_in: Callable[[Person], Client]
) -> None:
    def body(client: Client) -> str:
        text = page_of(client, sealed)
        text = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": "|name="found" value=")[^"]+', r"\1", text)
        text = re.sub(r"Checked by this platform at [^<]+", "", text)
        return re.sub(r"\s+", " ", text)

    kept = body(anonymous)
    Person.objects.filter(pk=office.pk).update(language="en")
    drawn = body(sign_in(office))
    bar = re.compile(r'<header class="publicbar">.*?</header>')
    assert bar.sub("", kept) == bar.sub("", drawn).replace(f'data-person="{office.uid}"', 'data-person=""')


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG\r\n\x1a\n", "A picture cannot be checked"),
        (b"%PDF-1.7\n%%EOF", "No certificate is attached to this PDF"),
    ],
)
def test_what_is_no_certificate_is_said_with_what_to_do(anonymous: Client, db: None, data: bytes, said: str) -> None:
    answer = drop(anonymous, data, "x.bin")
    assert answer.status_code == 422
    assert said in answer.content.decode()


@pytest.mark.parametrize("data", [b"{", b"[]", b'{"format":7}', b"\xff\xfe", b'{"@context":[]}', b"null", b'"x"'])
def test_any_other_bytes_are_refused_by_their_form(anonymous: Client, db: None, data: bytes) -> None:
    answer = drop(anonymous, data)
    assert answer.status_code == 200
    assert "This certificate is not valid" in answer.content.decode()


def test_nothing_given_asks_for_one_of_the_two(anonymous: Client, db: None) -> None:
    answer = anonymous.post(reverse("verify:page"), {"code": ""})
    assert answer.status_code == 422
    assert "Type the code, or choose the file." in answer.content.decode()


def test_the_door_closes_for_whoever_tries_too_often(
    anonymous: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public, "CHECKS_A_MINUTE", 2)
    cache.clear()
    answers = [anonymous.get(reverse("verify:code", args=["x"])).status_code for _ in range(4)]
    assert answers[0] == 404
    assert answers[-1] == 429


def test_the_page_carries_the_keys_and_every_word_that_the_browser_needs(
    anonymous: Client, sealed: Certificate
) -> None:
    text = anonymous.get(reverse("verify:page")).content.decode()
    found = re.search(r'<script id="verify-data" type="application/json">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    local = json.loads(found[1])
    keys = anonymous.get(reverse("verify:trusted_keys")).json()
    assert local["trust"] == keys == verification.trusted_keys().as_json()
    assert set(local["names"]) == {check.value for check in public.CheckName}
    with translation.override("zh-hans"):
        assert set(public.check_names().values()).isdisjoint(local["names"].values())


def test_an_erased_certificate_is_not_known_rather_than_valid(anonymous: Client, sealed: Certificate) -> None:
    Certificate.objects.filter(pk=sealed.pk).update(document=None, path=[], holder=None)
    assert "could not be settled" in page_of(anonymous, sealed)


def test_the_pdf_has_its_fonts_says_pdf_a_and_carries_the_bundle(
    sign_in: Any, holder: Person, stranger: Person, anonymous: Client, sealed: Certificate
) -> None:
    if papers.chinese_face() is None:
        pytest.skip("no font with Chinese is installed")
    address = reverse("credentials:certificate_paper", args=[sealed.uid])
    assert anonymous.get(address).status_code == 302
    assert sign_in(stranger).get(address).status_code in {403, 404}
    answer = sign_in(holder).get(address)
    assert answer["Content-Type"] == "application/pdf"
    printed = answer.content
    assert re.search(rb"<pdfaid:part>3</pdfaid:part>\s*<pdfaid:conformance>B</pdfaid:conformance>", printed)
    assert b"/AFRelationship/Source" in printed
    assert b"CJK" in printed
    bundle = carriers.carried(printed)
    assert bundle is not None
    assert sealed.code in drop(anonymous, printed, "c.pdf").content.decode()
    # A bundle that is taken out again is the one that was put in: the checks of both are the same.
    assert [one.code for one in verification.check_bundle(bundle).checks] == [
        one.code for one in verification.check_bundle(make_bundle(sealed)).checks
    ]


def test_the_baked_badge_holds_the_credential_and_is_verified_as_it_is(
    sign_in: Any, holder: Person, anonymous: Client, sealed: Certificate
) -> None:
    picture = sign_in(holder).get(reverse("credentials:badge_picture", args=[sealed.uid])).content
    found = carriers.carried(picture)
    assert found is not None
    assert verification.check_credential(json.loads(found)).verdict == "valid"
    assert "genuine and valid" in drop(anonymous, picture, "c.svg").content.decode()
