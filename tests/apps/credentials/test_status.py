"""Status: revoking, suspending and lifting, and the lists that say so to anyone."""

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.utils import timezone

from ronghe.apps.accounts.models import Person
from ronghe.apps.credentials import dids, services, status_lists, verification
from ronghe.apps.credentials.models import Certificate, CertificateState, StatusChange
from ronghe.apps.ledger.models import Event
from ronghe.trust.proof import verify_proofs
from ronghe.trust.status_list import StatusList as Bits
from ronghe.trust.verdicts import CheckName, Verdict

pytestmark = pytest.mark.django_db


def report_on(certificate: Certificate) -> Any:
    return verification.check_credential(json.loads(certificate.document or ""))


def served(anonymous: Client, certificate: Certificate, purpose: str) -> dict[str, Any]:
    entry = next(
        one for one in json.loads(certificate.document or "")["credentialStatus"] if one["statusPurpose"] == purpose
    )
    path = entry["statusListCredential"].removeprefix("http://localhost:8000")
    answer = anonymous.get(path)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/vc")
    document: dict[str, Any] = json.loads(answer.content)
    return document


@pytest.mark.postgres
def test_a_suspension_shows_in_the_signed_list_and_goes_when_it_is_lifted(
    office: Person, certificate: Certificate, anonymous: Client
) -> None:
    services.suspend(actor=office, certificate=certificate, reason="enquiry", note="a mentor objects")
    shown = served(anonymous, certificate, "suspension")
    checks = verify_proofs(shown, resolver=dids.resolver(), at=timezone.now())
    assert {check.verdict for check in checks} == {Verdict.VALID}
    assert Bits.decode("suspension", shown["credentialSubject"]["encodedList"]).get(certificate.slot)
    refusal = report_on(certificate).first_refusal
    assert (refusal.name, refusal.code) == (CheckName.STATUS, "status-is-suspended")
    services.lift(actor=office, certificate=certificate, reason="cleared")
    again = served(anonymous, certificate, "suspension")
    assert not Bits.decode("suspension", again["credentialSubject"]["encodedList"]).get(certificate.slot)
    assert report_on(certificate).verdict is Verdict.VALID


def test_a_site_that_moved_still_knows_the_status_of_what_it_issued_before(
    office: Person, certificate: Certificate, settings: Any
) -> None:
    settings.RONGHE_PUBLIC_URL = "https://new.example.edu.cn"
    assert report_on(certificate).verdict is Verdict.VALID
    services.revoke(actor=office, certificate=certificate, reason="not_earned")
    assert report_on(certificate).first_refusal.code == "status-is-revoked"


def test_revoked_is_for_good_and_each_change_is_an_event(office: Person, certificate: Certificate) -> None:
    services.suspend(actor=office, certificate=certificate, reason="enquiry")
    revoked = services.revoke(actor=office, certificate=certificate, reason="not_earned")
    assert report_on(certificate).first_refusal.code == "status-is-revoked"
    with pytest.raises(ValidationError, match="is revoked"):
        services.lift(actor=office, certificate=revoked, reason="cleared")
    kinds = list(StatusChange.objects.filter(certificate=certificate).values_list("kind", flat=True))
    assert kinds == ["suspended", "revoked"]
    about = Event.objects.filter(subject=f"credentials.certificate:{certificate.uid}").order_by("id")
    assert [event.type.rpartition(".")[2] for event in about] == ["issued", "suspended", "revoked"]


def test_many_are_revoked_together_and_those_revoked_before_are_passed_over(
    office: Person, certificate: Certificate
) -> None:
    assert services.revoke_many(actor=office, certificates=[certificate], reason="key") == 1
    assert services.revoke_many(actor=office, certificates=[certificate], reason="key") == 0


def test_only_the_office_changes_a_status(
    certificate: Certificate, holder: Person, teacher: Person, reviewer: Person
) -> None:
    for person in (holder, teacher, reviewer):
        with pytest.raises(PermissionDenied):
            services.revoke(actor=person, certificate=certificate, reason="holder")
    certificate.refresh_from_db()
    assert certificate.state == CertificateState.VALID


def test_a_list_is_signed_anew_when_it_changes_or_grows_old_and_not_at_every_question(
    office: Person, certificate: Certificate
) -> None:
    row = certificate.status_list
    first = status_lists.signed(row, "revocation")
    row.refresh_from_db()
    assert status_lists.signed(row, "revocation") == first
    with patch.object(timezone, "now", return_value=timezone.now() + timedelta(hours=13)):
        assert status_lists.signed(row, "revocation")["validUntil"] > first["validUntil"]
    services.revoke(actor=office, certificate=certificate, reason="mistake")
    row.refresh_from_db()
    assert status_lists.signed(row, "revocation")["credentialSubject"] != first["credentialSubject"]


def test_a_list_tells_nothing_but_bits(certificate: Certificate, anonymous: Client, holder: Person) -> None:
    text = json.dumps(served(anonymous, certificate, "revocation"))
    assert holder.name not in text and str(certificate.uid) not in text and certificate.code not in text
    assert anonymous.get(f"/credentials/status/{certificate.status_list.uid}/weather").status_code == 404
