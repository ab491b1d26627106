"""Issuers' keys: sealed at rest, rotated without loss, revoked with all that they signed."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client, override_settings

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.credentials import selectors, services, signing, verification
from ronghe.apps.credentials.models import Certificate, Issuer, IssuerKey
from ronghe.cli import main
from ronghe.trust.did import did_web_url, issuer_of_did_document
from ronghe.trust.proof import KeySigner
from ronghe.trust.verdicts import Verdict

pytestmark = pytest.mark.django_db

KEPT_ELSEWHERE = KeySigner(Ed25519PrivateKey.generate(), "did:web:kept.example#key-1")


def the_service(key: IssuerKey) -> KeySigner:
    """A signing service, as the setting names one."""
    return KEPT_ELSEWHERE


def verdict_of(certificate: Certificate) -> Verdict:
    return verification.check_credential(json.loads(certificate.document or "")).verdict


def test_only_the_office_founds_an_issuer_and_one_organisation_issues_once(
    office: Person, teacher: Person, university: Organisation, firm_a: Organisation
) -> None:
    with pytest.raises(PermissionDenied):
        services.found_issuer(actor=teacher, organisation=university)
    services.found_issuer(actor=office, organisation=university, for_site=True)
    with pytest.raises(ValidationError, match="issues already"):
        services.found_issuer(actor=office, organisation=university)
    with pytest.raises(ValidationError, match="speaks for the site already"):
        services.found_issuer(actor=office, organisation=firm_a, for_site=True)


@override_settings(RONGHE_PUBLIC_URL="https://ronghe.example.edu.cn:8443")
def test_each_did_leads_to_the_document_that_the_site_serves(
    office: Person, university: Organisation, firm_a: Organisation, anonymous: Client
) -> None:
    own = services.found_issuer(actor=office, organisation=university, for_site=True)
    firm = services.found_issuer(actor=office, organisation=firm_a)
    assert own.did == "did:web:ronghe.example.edu.cn%3A8443"
    for issuer in (own, firm):
        address = did_web_url(issuer.did)
        answer = anonymous.get(address.removeprefix("https://ronghe.example.edu.cn:8443"))
        document: dict[str, Any] = json.loads(answer.content)
        assert answer["Content-Type"] == "application/did+json"
        assert answer["Access-Control-Allow-Origin"] == "*"
        read = issuer_of_did_document(document)
        assert (read.did, [key.id for key in read.keys]) == (issuer.did, [f"{issuer.did}#key-1"])


def test_a_private_key_lies_sealed_and_opens_with_its_own_sealing_key_alone(issuer: Issuer) -> None:
    key = issuer.keys.get()
    seed = signing.unseal(bytes(key.sealed or b""), did=issuer.did, name=key.name)
    assert seed not in bytes(key.sealed or b"")
    with pytest.raises(signing.KeyUnavailable, match="does not open"):
        signing.unseal(bytes(key.sealed or b""), did=issuer.did, name=key.name, under=bytes(32))
    with pytest.raises(signing.KeyUnavailable, match="does not open"):
        signing.unseal(bytes(key.sealed or b""), did="did:web:other.example", name=key.name)


def test_keys_are_sealed_anew_and_sign_on(office: Person, issuer: Issuer) -> None:
    new = bytes(range(32))
    assert services.seal_anew(actor=office, old=signing.sealing_key(), new=new) == 1
    key = issuer.keys.get()
    with pytest.raises(signing.KeyUnavailable):
        signing.signer_of(key)
    with override_settings(RONGHE_CREDENTIALS_KEK=base64.b64encode(new).decode()):
        assert isinstance(signing.signer_of(key), KeySigner)


def test_what_a_retired_key_signed_stays_valid_and_the_new_key_signs_on(
    office: Person, issuer: Issuer, certificate: Certificate
) -> None:
    made = services.rotate_key(actor=office, issuer=issuer)
    assert verdict_of(certificate) is Verdict.VALID
    renewed = services.renew(actor=office, certificate=certificate)
    assert renewed.key == made
    assert verdict_of(renewed) is Verdict.VALID


def test_nothing_that_a_revoked_key_signed_counts_until_it_is_renewed(
    office: Person, issuer: Issuer, certificate: Certificate
) -> None:
    key = issuer.keys.get()
    services.revoke_key(actor=office, key=key, reason="a laptop was stolen")
    assert verdict_of(certificate) is Verdict.INVALID
    assert list(selectors.certificates_of_key(key)) == [certificate]
    key.refresh_from_db()
    assert key.sealed is None
    with pytest.raises(signing.KeyUnavailable, match="no key that signs today"):
        services.renew(actor=office, certificate=certificate)
    services.rotate_key(actor=office, issuer=issuer)
    assert verdict_of(services.renew(actor=office, certificate=certificate)) is Verdict.VALID


def test_a_key_that_a_service_keeps_signs_through_that_service(office: Person, issuer: Issuer) -> None:
    key = services.add_key(
        actor=office, issuer=issuer, public_key=KEPT_ELSEWHERE.private_key.public_key().public_bytes_raw()
    )
    with pytest.raises(signing.KeyUnavailable, match="RONGHE_CREDENTIALS_SIGNER"):
        signing.signer_of(key)
    with override_settings(RONGHE_CREDENTIALS_SIGNER=f"{__name__}.the_service"):
        assert signing.signer_of(key) is KEPT_ELSEWHERE


def test_the_command_lists_rotates_and_revokes(issuer: Issuer, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["credentials", "keys", "list"]) == 0
    assert "key-1  signs, sealed here" in capsys.readouterr().out
    assert main(["credentials", "keys", "rotate", issuer.did]) == 0
    assert main(["credentials", "keys", "revoke", f"{issuer.did}#key-1", "--reason", "lost"]) == 0
    assert "certificates to renew: 0" in capsys.readouterr().out
    assert main(["credentials", "keys", "retire", "did:web:nobody#key-1"]) == 1
    assert "there is no key" in capsys.readouterr().err
    assert [key.revoked_at is None for key in issuer.keys.order_by("pk")] == [False, True]
