"""Presentations: shown by the holder, to one verifier, once."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ronghe.trust.did import TrustedIssuers, did_key, key_method
from ronghe.trust.presentation import build_presentation, verify_presentation
from ronghe.trust.proof import AUTHENTICATION, KeySigner, add_proofs
from tests.trust import certificates as c

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
HOLDER = did_key(KEY.public_key().public_bytes_raw())
SIGNER = KeySigner(KEY, key_method(KEY.public_key().public_bytes_raw()))
ASKED = {"challenge": "c-1", "domain": "https://hr.example"}


def shown(*credentials, purpose=AUTHENTICATION, **options):
    unsigned = build_presentation(credentials or [c.signed()], holder=HOLDER, id="urn:uuid:p")
    return add_proofs(unsigned, signer=SIGNER, created=c.AT, purpose=purpose, **ASKED | options)


def refusals(document, **options):
    checks = verify_presentation(
        document,
        resolver=c.TRUSTED,
        holders=TrustedIssuers([], any_did_key=True),
        at=c.AT,
        status=c.lists(),
        **ASKED | options,
    )
    return [check.code for check in checks if check.verdict != "valid"]


def test_what_the_holder_shows_verifies():
    assert refusals(shown()) == []
    assert refusals(shown(c.signed(), c.signed("plain"))) == []


def test_it_counts_for_one_challenge_one_domain_and_one_purpose():
    assert "signature-purpose-is-wrong" in refusals(shown(), challenge="c-2")
    assert "signature-purpose-is-wrong" in refusals(shown(), domain="https://other.example")
    assert "signature-purpose-is-wrong" in refusals(shown(purpose="assertionMethod"))


def test_nothing_in_it_can_be_changed_and_a_bad_certificate_is_found():
    assert "signature-does-not-hold" in refusals(shown() | {"verifiableCredential": [c.signed("plain")]})
    assert "issuer-key-is-unknown" in refusals(shown() | {"holder": "did:web:other.example"})
    forged = c.signed() | {"name": "x"}
    assert "signature-does-not-hold" in refusals(shown(forged))
    assert "signature-is-missing" in refusals(build_presentation([c.signed()], holder=HOLDER))


def test_a_presentation_without_proof_counts_only_where_none_is_asked():
    unsigned = build_presentation([c.signed()], holder=HOLDER)
    assert refusals(unsigned, challenge=None, proof_required=False) == []
    assert refusals(build_presentation([], holder=HOLDER), challenge=None, proof_required=False) == []


def test_an_enveloped_credential_stays_unknown():
    enveloped = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "data:application/vc+jwt,e30.e30.",
        "type": "EnvelopedVerifiableCredential",
    }
    assert refusals(shown(enveloped)) == ["signature-suite-is-unknown"]


@pytest.mark.parametrize(
    "change",
    [
        {"@context": ["https://elsewhere.example"]}, {"type": "VerifiableCredential"}, {"type": None}, {"id": "x"},
        {"holder": "x"}, {"holder": {"name": "x"}}, {"verifiableCredential": "urn:x"}, {"verifiableCredential": [[]]},
        {"verifiableCredential": [{"type": "Other", "x": 1}]}, {"termsOfUse": {"id": "urn:x"}},
        {"verifiableCredential": {"type": "EnvelopedVerifiableCredential", "id": "https://x"}},
    ],
)  # fmt: skip
def test_a_form_that_is_broken_is_refused(change):
    assert refusals(shown() | change) == ["form-is-broken"]


def test_many_credentials_are_refused_at_once():
    assert refusals(shown() | {"verifiableCredential": [c.signed()] * 51}) == ["form-is-too-large"]
