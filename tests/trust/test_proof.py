"""Data Integrity proofs: the published vectors to the byte, and every way in which a proof is refused."""

import copy
import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ronghe.trust.canonical import canonical_json
from ronghe.trust.contexts import VC_V2
from ronghe.trust.did import Issuer, IssuerKey, TrustedIssuers, did_key, key_method, public_key_of_did_key
from ronghe.trust.multibase import decode_base58btc, encode_base58btc
from ronghe.trust.proof import AUTHENTICATION, JCS, RDFC, SUITES, KeySigner, add_proofs, verify_proofs
from ronghe.trust.rdf import canonical_nquads
from tests.need import shared

AT = datetime(2026, 11, 23, tzinfo=UTC)
DID = "did:web:rh.example"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
SIGNER = KeySigner(KEY, f"{DID}#k1")
DOCUMENT = {
    "@context": [VC_V2, "https://www.w3.org/ns/credentials/examples/v2"],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential", "Example"],
    "issuer": DID,
    "name": "证书",
    "credentialSubject": {"id": "urn:s", "grade": 5, "of": [{"part": "a"}, {"part": "b"}]},
}


def trusting(**changes):
    key = IssuerKey(f"{DID}#k1", KEY.public_key().public_bytes_raw(), **changes)
    return TrustedIssuers([Issuer(DID, "x", (key,))])


def signed(**options):
    return add_proofs(DOCUMENT, signer=SIGNER, created=AT - timedelta(days=1), **options)


def refusals(document, *, resolver=None, at=AT, **options):
    checks = verify_proofs(document, resolver=resolver or trusting(), at=at, **options)
    return [check.code for check in checks if check.verdict != "valid"]


@pytest.fixture(scope="module")
def vectors():
    return shared("vectors/trust/vc-di-eddsa")


def read(folder, name):
    return json.loads((folder / name).read_text())


def vector_signer(vectors):
    pair = read(vectors, "keyPair.json")
    private = Ed25519PrivateKey.from_private_bytes(decode_base58btc(pair["privateKeyMultibase"])[2:])
    public = private.public_key().public_bytes_raw()
    assert did_key(public).endswith(pair["publicKeyMultibase"])
    return KeySigner(private, key_method(public))


def test_the_published_proofs_come_out_to_the_byte(vectors):
    created = datetime(2023, 2, 24, 23, 36, 38, tzinfo=UTC)
    ours = add_proofs(read(vectors, "unsigned.json"), signer=vector_signer(vectors), created=created)
    assert ours["proof"][0] == read(vectors, "eddsa-jcs-2022/signedJCS.json")["proof"]
    assert ours["proof"][1] == read(vectors, "eddsa-rdfc-2022/signedDataInt.json")["proof"]


@pytest.mark.parametrize(
    ("name", "suite"), [("eddsa-jcs-2022/signedJCS.json", JCS), ("eddsa-rdfc-2022/signedDataInt.json", RDFC)]
)
def test_the_published_signed_credentials_verify(vectors, name, suite):
    anyone = TrustedIssuers([], any_did_key=True)
    assert refusals(read(vectors, name), resolver=anyone, required=(suite,)) == []


def test_the_published_canonical_forms_and_hashes_come_out(vectors):
    folder = vectors / "eddsa-rdfc-2022"
    document = read(folder, "signedDataInt.json")
    options = document.pop("proof")
    del options["proofValue"]
    options["@context"] = document["@context"]
    for value, text, digest in (
        (document, "canonDocDataInt.txt", "docHashDataInt.txt"),
        (options, "proofCanonDataInt.txt", "proofHashDataInt.txt"),
    ):
        canonical = canonical_nquads(value)
        assert canonical == (folder / text).read_bytes()
        assert hashlib.sha256(canonical).hexdigest() == (folder / digest).read_text().strip()


def test_the_published_credential_of_employment_holds_over_its_canonical_form(vectors):
    # Its context, a draft of the citizenship vocabulary, is carried by no package: what is signed is taken as printed.
    folder = vectors / "eddsa-rdfc-2022" / "employ"
    hashes = b"".join(
        hashlib.sha256((folder / name).read_bytes()).digest()
        for name in ("proofCanonDataInt.txt", "canonDocDataInt.txt")
    )
    proof = read(folder, "signedDataInt.json")["proof"]
    key = Ed25519PublicKey.from_public_bytes(public_key_of_did_key(proof["verificationMethod"].partition("#")[0]))
    key.verify(decode_base58btc(proof["proofValue"]), hashes)
    options = {name: value for name, value in proof.items() if name != "proofValue"} | {"@context": [VC_V2]}
    assert canonical_nquads(options) == (folder / "proofCanonDataInt.txt").read_bytes()
    anyone = TrustedIssuers([], any_did_key=True)
    assert refusals(read(folder, "signedDataInt.json"), resolver=anyone, required=(RDFC,)) == [
        "integrity-context-is-unknown"
    ]


def test_a_set_of_both_proofs_holds():
    document = signed()
    assert [proof["cryptosuite"] for proof in document["proof"]] == [JCS, RDFC]
    assert refusals(document, required=SUITES, controller=DID) == []
    assert refusals(signed(suites=[RDFC]), required=[RDFC]) == []


def test_what_has_proofs_is_not_signed_again():
    with pytest.raises(ValueError, match="already"):
        add_proofs(signed(), signer=SIGNER, created=AT)
    with pytest.raises(ValueError, match="none of"):
        signed(suites=["ecdsa-jcs-2019"])


def test_a_suite_that_is_asked_for_must_be_there():
    assert refusals(signed(suites=[RDFC])) == ["signature-is-missing"]
    assert refusals({**DOCUMENT}) == ["signature-is-missing"]
    assert refusals({**DOCUMENT, "proof": []}) == ["signature-is-missing"]


def changed(document, index, **changes):
    document = copy.deepcopy(document)
    document["proof"][index].update(changes)
    return document


@pytest.mark.parametrize("index", [0, 1])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"type": "Ed25519Signature2020"}, "signature-is-malformed"),
        ({"type": ["DataIntegrityProof"]}, "signature-is-malformed"),
        ({"cryptosuite": "eddsa-2022"}, "signature-suite-is-unknown"),
        ({"cryptosuite": None}, "signature-suite-is-unknown"),
        ({"created": "2026-11-22"}, "signature-is-malformed"),
        ({"created": "2026-11-22T00:00:00"}, "signature-does-not-hold"),
        ({"created": 5}, "signature-is-malformed"),
        ({"created": "2026-11-24T00:00:00Z"}, "validity-has-not-begun"),
        ({"created": "2026-11-21T00:00:00Z"}, "signature-does-not-hold"),
        ({"expires": "2026-11-22T00:00:00Z"}, "validity-has-ended"),
        ({"expires": "2026-11-22T00:00:00"}, "validity-has-ended"),
        ({"expires": "soon"}, "signature-is-malformed"),
        ({"expires": "2027-11-22T00:00:00Z"}, "signature-does-not-hold"),
        ({"verificationMethod": f"{DID}#k2"}, "issuer-key-is-unknown"),
        ({"verificationMethod": "did:web:other.example#k1"}, "issuer-is-unknown"),
        ({"verificationMethod": "k1"}, "signature-is-malformed"),
        ({"verificationMethod": {"id": f"{DID}#k1"}}, "signature-is-malformed"),
        ({"proofPurpose": "authentication"}, "signature-purpose-is-wrong"),
        ({"proofPurpose": None}, "signature-is-malformed"),
        ({"proofValue": "z" + "1" * 64}, "signature-does-not-hold"),
        ({"proofValue": "u" + "A" * 86}, "signature-is-malformed"),
        ({"proofValue": "z0"}, "signature-is-malformed"),
        ({"proofValue": None}, "signature-is-malformed"),
        ({"id": "nowhere"}, "signature-is-malformed"),
        ({"id": "urn:proof:1"}, "signature-does-not-hold"),
        ({"nonce": 5}, "signature-is-malformed"),
        ({"nonce": "x"}, "signature-does-not-hold"),
        ({"domain": "https://a.example"}, "signature-does-not-hold"),
        ({"domain": 5}, "signature-is-malformed"),
        ({"previousProof": {"id": "urn:x"}}, "signature-is-malformed"),
        ({"previousProof": "urn:proof:none"}, "signature-is-missing"),
    ],
)
def test_a_proof_that_was_changed_is_refused_by_name(index, change, code):
    assert refusals(signed()) == []
    assert code in refusals(changed(signed(), index, **change))


def test_a_proof_is_an_object_and_there_are_few():
    document = signed()
    assert "signature-is-malformed" in refusals(document | {"proof": [document["proof"][0], "x"]})
    assert refusals(document | {"proof": document["proof"] * 5}) == ["form-is-too-large"]


def test_a_term_that_no_signature_covers_is_refused():
    plain = add_proofs(
        {**DOCUMENT, "@context": [VC_V2], "type": "VerifiableCredential", "credentialSubject": {"id": "urn:s"}},
        signer=SIGNER,
        created=AT,
    )
    assert refusals(plain, required=SUITES) == []
    assert "integrity-terms-are-undefined" in refusals(plain | {"injected": "x"})
    assert "integrity-terms-are-undefined" in refusals(changed(plain, 1, injected="x"))
    with pytest.raises(ValueError, match="not defined"):
        add_proofs({**DOCUMENT, "@context": [VC_V2]}, signer=SIGNER, created=AT)


def test_a_context_that_was_added_after_signing_is_outside_of_the_jcs_proof_and_breaks_the_other():
    document = signed()
    document["@context"] = [*document["@context"], "https://w3id.org/security/data-integrity/v2"]
    assert refusals(document) == []
    only_one = {**signed(suites=[RDFC])}
    only_one["@context"] = ["https://elsewhere.example/v1", *only_one["@context"]]
    assert refusals(only_one, required=[RDFC]) == ["integrity-context-is-unknown"]


def test_the_context_of_a_proof_must_be_that_of_the_document():
    reordered = signed()
    reordered["@context"] = reordered["@context"][::-1]
    assert "integrity-is-broken" in refusals(reordered)
    assert "integrity-is-broken" in refusals(changed(signed(), 1, **{"@context": [VC_V2]}))


def test_a_context_that_was_signed_but_left_out_is_taken_only_where_that_is_allowed():
    document = signed(suites=[JCS])
    del document["proof"]["@context"]
    assert refusals(document) == ["signature-does-not-hold"]
    assert refusals(document, implied_context=True) == []
    assert refusals(document | {"name": "x"}, implied_context=True) == ["signature-does-not-hold"]


def test_a_key_is_good_within_its_window_and_until_it_is_revoked():
    assert refusals(signed(), resolver=trusting(valid_until=AT)) == []
    assert set(refusals(signed(), resolver=trusting(valid_from=AT))) == {"issuer-key-was-not-valid"}
    ended = trusting(valid_until=AT - timedelta(days=2))
    assert set(refusals(signed(), resolver=ended)) == {"issuer-key-was-not-valid"}
    assert set(refusals(signed(), resolver=trusting(revoked_at=AT))) == {"issuer-key-is-revoked"}
    assert refusals(signed(), resolver=trusting(revoked_at=AT + timedelta(days=1))) == []
    assert set(refusals(signed(), resolver=trusting(purposes={AUTHENTICATION}))) == {"signature-purpose-is-wrong"}


def test_an_issuer_who_is_not_trusted_leaves_it_unknown():
    checks = verify_proofs(signed(), resolver=TrustedIssuers([]), at=AT)
    assert {(check.verdict, check.code) for check in checks} == {("unknown", "issuer-is-unknown")}


def test_anothers_key_does_not_do_for_the_issuer():
    other = Ed25519PrivateKey.generate()
    method = key_method(other.public_key().public_bytes_raw())
    document = add_proofs(DOCUMENT, signer=KeySigner(other, method), created=AT)
    anyone = TrustedIssuers([], any_did_key=True)
    assert refusals(document, resolver=anyone) == []
    assert "issuer-key-is-unknown" in refusals(document, resolver=anyone, controller=DID)


def test_challenge_and_domain_are_asked_back():
    document = signed(challenge="c1", domain="https://v.example")
    assert refusals(document, challenge="c1", domain="https://v.example") == []
    assert "signature-purpose-is-wrong" in refusals(document, challenge="c2")
    assert "signature-purpose-is-wrong" in refusals(document, domain="https://w.example")
    assert "signature-purpose-is-wrong" in refusals(signed(), challenge="c1")


def chained(suite):
    """A first proof with an id and a second over the document with it."""
    first = signed(suites=[suite])
    # The id is part of what is signed, so the first proof is made over it.
    options = {name: value for name, value in first["proof"].items() if name != "proofValue"} | {"id": "urn:proof:1"}
    first_proof = resigned(options, DOCUMENT, suite)
    second = options | {"id": "urn:proof:2", "previousProof": "urn:proof:1"}
    return {**DOCUMENT, "proof": [first_proof, resigned(second, DOCUMENT | {"proof": [first_proof]}, suite)]}


def resigned(options, document, suite):
    canonical = canonical_json if suite == JCS else canonical_nquads
    options = options | {"@context": DOCUMENT["@context"]}
    data = hashlib.sha256(canonical(options)).digest() + hashlib.sha256(canonical(document)).digest()
    return options | {"proofValue": encode_base58btc(KEY.sign(data))}


@pytest.mark.parametrize("suite", SUITES)
def test_a_chain_of_proofs_holds_in_its_order_only(suite):
    chain = chained(suite)
    assert refusals(chain, required=[suite]) == []
    first, second = chain["proof"]
    assert refusals(chain | {"proof": [second]}, required=[suite]) == ["signature-is-missing"]
    assert refusals(chain | {"proof": [first]}, required=[suite]) == []
    broken = copy.deepcopy(chain)
    broken["proof"][0]["nonce"] = "x"
    assert refusals(broken, required=[suite]) == ["signature-does-not-hold"] * 2
    assert refusals(chain | {"proof": [first, first | {}]}, required=[suite]) == ["signature-is-malformed"]
