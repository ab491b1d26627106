"""Issuers and their keys: did:key, did:web, windows, and the document that others read."""

from datetime import UTC, datetime

import pytest

from ronghe.trust.did import (
    DidError,
    Issuer,
    IssuerKey,
    TrustedIssuers,
    did_document,
    did_key,
    did_web_url,
    issuer_of_did_document,
    key_method,
    public_key_of_did_key,
)
from ronghe.trust.multibase import encode_multikey

KEY = bytes(range(32))
OTHER = bytes(range(1, 33))
DID = "did:web:rh.example:issuers:nuist"


def moment(day):
    return datetime(2026, 9, day, tzinfo=UTC)


def test_the_published_did_key_is_read():
    # vc-di-eddsa, appendix B.1: the key pair of the test vectors.
    did = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    assert did_key(public_key_of_did_key(did)) == did


@pytest.mark.parametrize("did", ["did:key:", "did:key:z6Mk", "did:web:a", "did:key:u7QEA", did_key(KEY) + "#x", ""])
def test_what_is_no_did_key_is_refused(did):
    with pytest.raises(DidError):
        public_key_of_did_key(did)


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:rh.example", "https://rh.example/.well-known/did.json"),
        ("did:web:rh.example:issuers:nuist", "https://rh.example/issuers/nuist/did.json"),
        ("did:web:localhost%3A8443:i", "https://localhost:8443/i/did.json"),
    ],
)
def test_a_did_web_names_where_its_document_is(did, url):
    assert did_web_url(did) == url


@pytest.mark.parametrize(
    "did",
    [
        "did:web:", "did:web:a b", "did:web:rh.example:..:x", "did:web:rh.example::x", "did:web:rh.example/x",
        "did:web:rh.example:8443%3Ax/", "did:web:user@rh.example", "did:web:rh.example%2Fx", "did:key:z6Mk",
        "did:web:rh.example:%2e%2e", "did:web:rh.example?x", "did:web:-a.example", "did:web:" + "a" * 600,
    ],
)  # fmt: skip
def test_what_is_no_did_web_is_refused(did):
    with pytest.raises(DidError):
        did_web_url(did)


def issuer(**changes):
    old = IssuerKey(f"{DID}#old", KEY, valid_from=moment(1), valid_until=moment(10))
    new = IssuerKey(f"{DID}#new", OTHER, valid_from=moment(10), **changes)
    return Issuer(DID, "NUIST", (old, new))


def test_a_key_signs_within_its_window_only():
    old, new = issuer().keys
    assert [old.signs_at(moment(day)) for day in (1, 9, 10)] == [True, True, False]
    assert [new.signs_at(moment(day)) for day in (9, 10, 30)] == [False, True, True]


def test_a_document_lists_retired_keys_and_marks_revoked_ones():
    document = did_document(issuer(revoked_at=moment(12)))
    assert [method["id"] for method in document["verificationMethod"]] == [f"{DID}#old", f"{DID}#new"]
    assert document["verificationMethod"][1]["revoked"] == "2026-09-12T00:00:00Z"
    assert document["assertionMethod"] == document["authentication"] == [f"{DID}#old"]


def test_a_document_that_we_write_is_read_as_the_same_keys():
    read = issuer_of_did_document(did_document(issuer(revoked_at=moment(12))), name="NUIST")
    assert [(key.id, key.public_key, key.revoked_at) for key in read.keys] == [
        (f"{DID}#old", KEY, None),
        (f"{DID}#new", OTHER, moment(12)),
    ]
    assert set(read.keys[0].purposes) == {"assertionMethod", "authentication"}
    assert not read.keys[1].purposes


def test_a_key_that_another_controls_or_of_another_kind_is_passed_over():
    document = did_document(issuer())
    document["verificationMethod"] += [
        {"id": "did:web:other.example#k", "type": "Multikey", "controller": DID, "publicKeyMultibase": "z6Mk"},
        {"id": f"{DID}#p", "type": "Multikey", "controller": DID, "publicKeyMultibase": "zDnaerx9CtbPJ1q36T5Ln5wY"},
        {"id": f"{DID}#j", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": {}},
    ]
    assert [key.id for key in issuer_of_did_document(document).keys] == [f"{DID}#old", f"{DID}#new"]


def test_methods_may_be_relative_or_stand_within_a_purpose():
    method = {"id": "#k", "type": "Multikey", "controller": DID, "publicKeyMultibase": encode_multikey(KEY)}
    (key,) = issuer_of_did_document({"id": DID, "assertionMethod": [method]}).keys
    assert (key.id, set(key.purposes)) == (f"{DID}#k", {"assertionMethod"})


@pytest.mark.parametrize(
    "change",
    [
        {"id": "https://x"}, {"id": None}, {"verificationMethod": {}}, {"verificationMethod": ["x"]},
        {"assertionMethod": "x"}, {"assertionMethod": [5]},
    ],
)  # fmt: skip
def test_a_document_that_is_none_is_refused(change):
    with pytest.raises(DidError):
        issuer_of_did_document(did_document(issuer()) | change)


def test_one_address_cannot_name_two_keys():
    document = did_document(issuer())
    document["verificationMethod"][1]["id"] = f"{DID}#old"
    with pytest.raises(DidError):
        issuer_of_did_document(document)


def test_only_trusted_issuers_have_keys():
    trusted = TrustedIssuers([issuer()])
    assert trusted.resolve(f"{DID}#new").public_key == OTHER
    assert trusted.resolve(f"{DID}#none") is None and trusted.knows(DID)
    assert trusted.resolve(key_method(KEY)) is None and not trusted.knows(did_key(KEY))
    lenient = TrustedIssuers([], any_did_key=True)
    assert lenient.resolve(key_method(KEY)).public_key == KEY and lenient.knows(did_key(KEY))
    assert lenient.resolve(f"{did_key(KEY)}#other") is None
    assert lenient.resolve("did:web:rh.example#k") is None
