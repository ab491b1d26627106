"""Sharing, the file of a certificate, its calendar, and reports of mismatches."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from ronghe.apps.accounts import services as accounts
from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.credentials import selectors, services, verification
from ronghe.apps.credentials.models import AchievementVersion, Certificate, MismatchReport, Share
from ronghe.apps.credentials.services import BundleUnavailable
from ronghe.apps.credentials.services.bundles import make_bundle
from ronghe.apps.ledger import publishing
from ronghe.apps.ledger import services as ledger
from ronghe.apps.ledger.models import Anchor, Checkpoint
from ronghe.trust import bundle
from ronghe.trust.anchor import TrustedChain, check_anchor
from ronghe.trust.bundle import Bundle, verify_bundle
from ronghe.trust.canonical import canonical_json
from ronghe.trust.checkpoint import open_checkpoint
from ronghe.trust.verdicts import CheckName, Verdict
from tests.trust import anchors

pytestmark = pytest.mark.django_db


def in_days(days: int) -> Any:
    return timezone.now() + timedelta(days=days)


def test_only_the_holder_who_agreed_shares_and_for_a_year_at_most(
    office: Person, holder: Person, certificate: Certificate
) -> None:
    with pytest.raises(PermissionDenied):
        services.share(actor=office, certificate=certificate, expires_at=in_days(3))
    for days in (-1, 400):
        with pytest.raises(ValidationError, match="within the next year"):
            services.share(actor=holder, certificate=certificate, expires_at=in_days(days))
    with pytest.raises(ValidationError, match="not in the path"):
        services.share(actor=holder, certificate=certificate, expires_at=in_days(3), disclosed=[7])
    accounts.withdraw_consent(actor=holder, person=holder, purpose="certificate_sharing")
    with pytest.raises(ValidationError, match="First agree"):
        services.share(actor=holder, certificate=certificate, expires_at=in_days(3))


def test_a_link_shows_what_was_picked_and_nothing_after_it_is_withdrawn(
    holder: Person, certificate: Certificate, anonymous: Client
) -> None:
    made, token = services.share(actor=holder, certificate=certificate, expires_at=in_days(3), disclosed=[])
    assert token not in (made.token_hash or "")
    answer = anonymous.get(f"/credentials/shared/{token}/")
    page = answer.content.decode()
    assert answer.status_code == 200 and answer["Referrer-Policy"] == "strict-origin"
    assert "s**" in page and ">student<" not in page
    assert "1 more is not shown." in page and "Entered Example Institute" not in page
    services.withdraw_share(actor=holder, share=made)
    assert anonymous.get(f"/credentials/shared/{token}/").status_code == 404
    assert Share.objects.get().opened == 1


def test_the_file_verifies_without_this_site_and_shows_the_events_that_were_picked(
    holder: Person, certificate: Certificate
) -> None:
    with pytest.raises(BundleUnavailable, match="not sealed"):
        services.download_bundle(actor=holder, certificate=certificate)
    ledger.seal()
    certificate.refresh_from_db()
    data = services.download_bundle(actor=holder, certificate=Certificate.objects.get(), disclosed=[0])
    assert len(data) <= 6_000
    report = verification.check_bundle(data)
    said = {check.name: check.verdict for check in report.checks}
    wanted = (
        CheckName.FORM,
        CheckName.ISSUER,
        CheckName.SIGNATURE,
        CheckName.INTEGRITY,
        CheckName.LOG,
        CheckName.STATUS,
        CheckName.VALIDITY,
        CheckName.PATH,
    )
    assert {said[name] for name in wanted} == {Verdict.VALID}
    shown = Bundle.decode(data).path
    assert shown is not None and shown.events[0][1].content["what"] == "community.cohort.entered"
    assert holder.email.encode() not in data and str(holder.uid).encode() not in data
    assert verification.verification_of(data).certificate == certificate


def test_a_file_that_would_be_too_large_is_packed_and_given_out_under_a_name_of_its_own(
    holder: Person, certificate: Certificate, sign_in: Any, anonymous: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.seal()
    address = f"/credentials/certificates/{certificate.uid}/bundle/"
    plain = sign_in(holder).post(address, {"disclosed": ["0"]})
    assert plain["Content-Type"] == "application/json"
    assert plain["Content-Disposition"] == f'attachment; filename="{certificate.code}.ronghe.json"'
    # As if its texts were longer.
    monkeypatch.setattr(bundle, "MAX_BYTES", len(plain.content) - 1)
    packed = sign_in(holder).post(address, {"disclosed": ["0"]})
    assert packed["Content-Type"] == "application/vnd.ronghe.bundle+gzip"
    assert packed["Content-Disposition"] == f'attachment; filename="{certificate.code}.ronghe"'
    assert Bundle.decode(packed.content).credential == json.loads(plain.content)["credential"]
    dropped = anonymous.post("/verify/", {"file": SimpleUploadedFile("c.ronghe", packed.content)})
    assert certificate.code in dropped.content.decode()


def test_a_file_taken_before_a_revocation_is_refused_here(
    office: Person, holder: Person, certificate: Certificate
) -> None:
    ledger.seal()
    data = services.download_bundle(actor=holder, certificate=Certificate.objects.get())
    services.revoke(actor=office, certificate=certificate, reason="not_earned")
    refusal = verification.check_bundle(data).first_refusal
    assert refusal is not None and refusal.code == "status-is-revoked"


def test_a_code_is_answered_with_every_check(certificate: Certificate) -> None:
    ledger.seal()
    found = verification.verification_of(certificate.code.replace("-", " ").lower())
    assert found.certificate == certificate
    assert found.report.verdict is Verdict.VALID
    assert verification.verification_of("0000-0000-0000-0001").certificate is None


def test_nobody_but_holder_and_office_takes_the_file(
    certificate: Certificate, teacher: Person, reviewer: Person, hr: Person
) -> None:
    for person in (teacher, reviewer, hr):
        with pytest.raises(PermissionDenied):
            services.download_bundle(actor=person, certificate=certificate)


def test_the_calendar_names_the_day_on_which_a_certificate_runs_out(
    certificate: Certificate, holder: Person, sign_in: Any, anonymous: Client
) -> None:
    page = sign_in(holder).get("/credentials/calendar/").content.decode()
    address = re.search(r"/credentials/calendar/[^\s<]+\.ics", page)
    assert address is not None
    text = anonymous.get(address.group()).content.decode()
    assert certificate.valid_until is not None
    assert f"DTSTART;VALUE=DATE:{timezone.localtime(certificate.valid_until):%Y%m%d}" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert anonymous.get("/credentials/calendar/forged.ics").status_code == 404


def test_anyone_reports_a_mismatch_a_few_times_an_hour_and_the_office_answers(
    certificate: Certificate,
    office: Person,
    anonymous: Client,
    django_capture_on_commit_callbacks: Any,
) -> None:
    body = {"code": certificate.code.lower(), "text": "The name is another.", "contact": "hr@example.org"}
    statuses = [anonymous.post("/credentials/report/", body).status_code for _call in range(6)]
    assert statuses == [200] * 5 + [429]
    assert selectors.office_line().open_reports == 5
    report = MismatchReport.objects.first()
    assert report is not None and report.certificate == certificate
    with django_capture_on_commit_callbacks(execute=True):
        services.answer_report(actor=office, report=report, state="unfounded", answer="It is a married name.")
    assert [message.to for message in mail.outbox] == [["hr@example.org"]]
    with pytest.raises(ValidationError, match="meanwhile"):
        services.answer_report(actor=office, report=report, state="unfounded", answer="Once more.")


def test_the_european_learning_model_claims_no_recognition_that_is_not_in_force(
    certificate: Certificate, holder: Person, sign_in: Any, university: Organisation
) -> None:
    answer = sign_in(holder).get(f"/credentials/certificates/{certificate.uid}/elm.json")
    said = json.loads(answer.content)["credentialSubject"]["hasClaim"][0]["specifiedBy"]
    assert said["eqfLevel"]["id"] == "http://data.europa.eu/snb/eqf/6"
    assert "Our own reading" in said["additionalNote"][0]["noteLiteral"]["en"]
    assert "recognition" not in said


def anchor_newest() -> TrustedChain:
    """Keep an anchor of the newest checkpoint, made without a chain; return what a verifier would know of the chain."""
    newest = Checkpoint.objects.latest("size")
    made = anchors.anchored(
        anchors.receipt([anchors.event(publishing.verifier().name, newest.size, bytes(newest.root))])
    )
    Anchor.objects.create(
        checkpoint=newest,
        chain=31_337,
        contract="0x" + anchors.CONTRACT.hex(),
        block=f"0x{made.head().block.hex()}",
        block_number=1234,
        block_time=timezone.now(),
        transaction="0x" + "00" * 32,
        proof=canonical_json(made.as_json()).decode(),
    )
    return anchors.chain(made)


def test_a_file_carries_the_anchor_of_a_log_that_has_grown_since(
    office: Person, holder: Person, certificate: Certificate, version: AchievementVersion, agreeing: Any
) -> None:
    ledger.seal()
    early = Checkpoint.objects.latest("size")
    chain = anchor_newest()
    later = services.issue(actor=office, version=version, person=agreeing())
    ledger.seal()

    def answer(one: Certificate) -> tuple[Bundle, Verdict]:
        data = make_bundle(Certificate.objects.get(pk=one.pk))
        trust = replace(verification.trusted_keys(), chains=(chain,))
        report = verify_bundle(data, trust=trust, at=timezone.now())
        assert report.verdict_on(CheckName.LOG) is Verdict.VALID
        return Bundle.decode(data), report.verdict_on(CheckName.ANCHOR)

    kept, verdict = answer(certificate)
    assert (kept.proof.size, verdict) == (early.size, Verdict.VALID)
    newer, verdict = answer(later)
    assert (newer.anchor, verdict) == (None, Verdict.UNKNOWN)
    # An anchor of a later head holds an earlier one by the proof that the log only grew between them.
    middle = Checkpoint.objects.latest("size")
    services.issue(actor=office, version=version, person=agreeing())
    ledger.seal()
    chain = anchor_newest()
    assert answer(later)[1] is Verdict.VALID
    value = publishing.anchor_for(middle.size)
    assert value is not None and value["consistency"]
    for note, wanted in ((middle.note, Verdict.VALID), (early.note, Verdict.INVALID)):
        opened = open_checkpoint(note, publishing.verifiers())
        assert check_anchor(value, opened, chains=[chain]).verdict is wanted
