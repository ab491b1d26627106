"""What the VC-API takes and refuses, case by case, from the standards' own statements, on a site open to suites."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.checks.registry import registry
from django.test import Client

from ronghe.apps.accounts.models import Person
from ronghe.apps.community.models import Organisation
from ronghe.apps.credentials import services
from ronghe.apps.credentials.checks import open_on_loopback_alone
from ronghe.apps.credentials.models import Certificate, Issuer
from ronghe.apps.credentials.verification import verification_of
from ronghe.trust.canonical import canonical_json
from ronghe.trust.contexts import VC_V2
from ronghe.trust.did import did_key, key_method
from ronghe.trust.multibase import encode_base58btc, encode_base64url
from ronghe.trust.proof import AUTHENTICATION, JCS, RDFC, KeySigner, add_proofs
from ronghe.trust.verdicts import Verdict

pytestmark = pytest.mark.django_db
EXAMPLES = "https://www.w3.org/ns/credentials/examples/v2"
MISSING = object()
SEED = bytes(range(32))
KEY = Ed25519PrivateKey.from_private_bytes(SEED)
PUBLIC = KEY.public_key().public_bytes_raw()
HOLDER = did_key(PUBLIC)
SIGNER = KeySigner(KEY, key_method(PUBLIC))
ENTRY = {
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "5",
    "statusListCredential": "https://lists.example/1",
}


@pytest.fixture
def site(office: Person, university: Organisation, settings: Any) -> Issuer:
    settings.RONGHE_VC_API_OPEN = True
    return services.found_issuer(actor=office, organisation=university, for_site=True)


def _post(path: str, body: Any) -> tuple[int, Any]:
    answer = Client().post(path, json.dumps(body), content_type="application/json")
    return answer.status_code, json.loads(answer.content)


def _present(value: dict[str, Any]) -> dict[str, Any]:
    return {name: inner for name, inner in value.items() if inner is not MISSING}


def _credential(**more: Any) -> dict[str, Any]:
    return _present(
        {
            "@context": [VC_V2],
            "type": ["VerifiableCredential"],
            "credentialSubject": {"id": "did:example:holder"},
            **more,
        }
    )


def _without(value: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: inner for key, inner in value.items() if key != name}


RESOURCE = {"id": "https://a.example/x", "digestSRI": "sha384-abcd"}
# The hash that the recommendation states for its context (appendix B.1), in multibase.
VC_V2_DIGEST = encode_base64url(bytes.fromhex("59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"))
# Section of vc-data-model-2.0 or vc-bitstring-status-list, and what breaks it.
REFUSED: dict[str, list[dict[str, Any]]] = {
    "§4.3 contexts": [
        {"@context": one}
        for one in (MISSING, VC_V2, {}, [], [EXAMPLES, VC_V2], [VC_V2, 5], [VC_V2, "https://a.example/unknown"])
    ],
    "§4.4 identifiers": [{"id": one} for one in (4, None, ["urn:a:b"], "not an address")],
    "§4.5 types": [
        {"type": one}
        for one in (
            MISSING,
            [],
            ["Other"],
            ["VerifiableCredential", 4],
            ["VerifiableCredential", None],
            ["VerifiableCredential", "NoVocabularyHasThis"],
        )
    ],
    "§4.6 names and descriptions": [
        {"name": 5},
        {"name": [5]},
        {"name": {"@value": "x", "url": "y"}},
        {"description": 5},
    ],
    "§4.7 issuer": [{"issuer": one} for one in (None, "nobody", {}, {"id": None}, ["did:example:1"])],
    "§4.8 subject": [
        {"credentialSubject": one}
        for one in (MISSING, None, {}, [], [{}], "did:example:1", {"id": "x y"}, {"noVocabularyHasThis": 1})
    ],
    "§4.9 validity": [
        {"validFrom": one} for one in ("2024-01-01", "2024-01-01T00:00:00", 1, None, ["2024-01-01T00:00:00Z"])
    ]
    + [{"validUntil": "soon"}, {"validFrom": "2025-01-01T00:00:00Z", "validUntil": "2024-12-31T23:59:59Z"}],
    "§4.10 status": [
        {"credentialStatus": one}
        for one in (
            "x",
            {"id": "urn:a:b"},
            {**ENTRY, "id": "x y"},
            *(_without(ENTRY, name) for name in ENTRY),
            {**ENTRY, "statusListIndex": "-1"},
            {**ENTRY, "statusListIndex": "one"},
            {**ENTRY, "statusListIndex": 5},
            {**ENTRY, "statusListCredential": "x"},
            {**ENTRY, "statusPurpose": ["revocation"]},
            {**ENTRY, "statusSize": 0},
            [ENTRY, {**ENTRY, "statusPurpose": ""}],
        )
    ],
    "§4.11 schemas": [
        {"credentialSchema": one}
        for one in (
            {"id": "https://a.example/s"},
            {"type": "JsonSchema"},
            {"id": "x y", "type": "JsonSchema"},
        )
    ],
    "§5.3 related resources": [
        {"relatedResource": one}
        for one in (
            ["https://a.example/x"],
            [_without(RESOURCE, "digestSRI")],
            [_without(RESOURCE, "id")],
            [RESOURCE, RESOURCE],
            # Of what is at hand the digest is checked.
            {"id": VC_V2, "digestSRI": f"sha384-{'A' * 64}"},
            {"id": VC_V2, "digestMultibase": "uEiA" + "A" * 43},
            [{"id": VC_V2, "digestMultibase": VC_V2_DIGEST, "digestSRI": "sha256-"}],
        )
    ],
    "§5.4–§5.6, §5.9 refreshing, terms, evidence, confidence": [
        {"confidenceMethod": {"id": "urn:a:b"}},
        {"refreshService": {"id": "https://a.example"}},
        {"termsOfUse": {"id": "urn:a:b"}},
        {"evidence": {"id": "urn:a:b"}},
        {"evidence": "x"},
    ],
    "no member is left unsigned": [{"noVocabularyHasThis": "x"}, {"proof": {}}],
}
TAKEN: dict[str, dict[str, Any]] = {
    "the least": {},
    "one type as a text": {"type": "VerifiableCredential"},
    "a subject without an id": {"credentialSubject": {"name": "x"}},
    "two subjects": {"credentialSubject": [{"id": "did:example:a"}, {"id": "did:example:b"}]},
    "an offset and parts of a second": {
        "validFrom": "2020-01-01T00:00:00.123Z",
        "validUntil": "2099-01-01T00:00:00+08:00",
    },
    "names in two languages": {
        "name": [{"@value": "x", "@language": "en"}, {"@value": "x", "@language": "ar", "@direction": "rtl"}]
    },
    "two schemas": {
        "credentialSchema": [
            {"id": "https://a.example/s", "type": "JsonSchema"},
            {"id": "https://a.example/t", "type": "JsonSchema"},
        ]
    },
    "a related resource": {"relatedResource": [{**RESOURCE, "mediaType": "image/png"}]},
    "a related resource that is at hand": {"relatedResource": {"id": VC_V2, "digestMultibase": VC_V2_DIGEST}},
    "an issuer of a suite's own": {"issuer": "did:example:issuer"},
    "an issuer of a suite's own, with a name": {"issuer": {"id": "did:example:issuer", "name": "x"}},
    "a vocabulary of its own": {"@context": [VC_V2, {"my": "https://a.example/my"}], "my": "x"},
    "the vocabulary of the standard's examples": {
        "@context": [VC_V2, EXAMPLES],
        "type": ["VerifiableCredential", "ExampleCredential"],
        "evidence": [{"id": "urn:a:b", "type": ["DocumentVerification"]}],
    },
}


@pytest.mark.parametrize("section", REFUSED)
def test_what_breaks_a_statement_of_the_standard_is_not_signed(site: Issuer, section: str) -> None:
    for broken in REFUSED[section]:
        status, problem = _post("/credentials/issue", {"credential": _credential(**broken), "options": {}})
        assert (status, bool(problem["errors"])) == (400, True), broken


def test_what_is_in_good_form_is_signed_and_then_holds(site: Issuer) -> None:
    for name, more in TAKEN.items():
        status, made = _post("/credentials/issue", {"credential": _credential(**more), "options": {}})
        assert status == 201, (name, made)
        signed = made["verifiableCredential"]
        assert isinstance(signed["credentialStatus"], dict), "a suite reads one entry"
        status, said = _post("/credentials/verify", {"verifiableCredential": signed, "options": {"checks": ["proof"]}})
        assert (status, said["verified"]) == (200, True), (name, said)


def test_a_credential_of_the_past_or_the_future_is_signed_and_does_not_hold_today(site: Issuer) -> None:
    for more in ({"validFrom": "2090-01-01T00:00:00Z"}, {"validUntil": "2001-01-01T00:00:00Z"}):
        _status, made = _post("/credentials/issue", {"credential": _credential(**more)})
        assert _post("/credentials/verify", {"verifiableCredential": made["verifiableCredential"]})[0] == 400


BROKEN_PROOFS: list[dict[str, Any]] = [
    {name: MISSING} for name in ("type", "cryptosuite", "proofPurpose", "verificationMethod", "proofValue")
] + [
    {"type": "UnknownProof"},
    {"cryptosuite": "eddsa-2022"},
    {"proofPurpose": "authentication"},
    {"proofPurpose": "nothing"},
    {"verificationMethod": "key-1"},
    {"verificationMethod": "did:key:z6MkjchhfUsD6mmvni8mCdXHw216Xrm9bQe2mBH1P5RDjVJG#key-1"},
    {"proofValue": ""},
    {"proofValue": "z0OIl"},
    {"created": "yesterday"},
    {"created": "2020-01-01T00:00:00Z"},
    {"expires": "2001-01-01T00:00:00Z"},
    {"expires": "2001-01-01T00:00:00"},
    {"expires": "x"},
    {"domain": "added.example"},
    {"previousProof": "urn:uuid:9b1a1a3c-0000-4000-8000-000000000000"},
    {"previousProof": 5},
]


@pytest.mark.parametrize("suite", [JCS, RDFC])
def test_a_proof_that_lacks_a_part_or_says_another_thing_is_refused(site: Issuer, suite: str) -> None:
    good = add_proofs(_credential(issuer=HOLDER), signer=SIGNER, created=datetime.now(UTC), suites=(suite,))
    assert _post("/credentials/verify", {"verifiableCredential": good})[0] == 200
    for broken in BROKEN_PROOFS:
        changed = {**good, "proof": _present({**good["proof"], **broken})}
        status, said = _post("/credentials/verify", {"verifiableCredential": changed})
        assert (status, said["verified"]) == (400, False), broken
    # A set that was signed twice within a second has one proof twice.
    twice = {**good, "proof": [good["proof"], good["proof"]]}
    assert _post("/credentials/verify", {"verifiableCredential": twice})[0] == 200
    for proof in (None, [], "x"):
        assert _post("/credentials/verify", {"verifiableCredential": {**good, "proof": proof}})[0] == 400
    other_base = {**good["proof"], "proofValue": "u" + good["proof"]["proofValue"][1:]}
    assert _post("/credentials/verify", {"verifiableCredential": {**good, "proof": other_base}})[0] == 400
    assert _post("/credentials/verify", {"verifiableCredential": _without(good, "proof")})[0] == 400


def _bound() -> Iterator[tuple[dict[str, Any], int]]:
    """Options of a verification of what was signed for one domain and challenge, and the answer."""
    yield {}, 200
    yield {"domain": "d.example", "challenge": "c"}, 200
    yield {"domain": ["d.example"]}, 200
    yield {"domain": "e.example"}, 400
    yield {"domain": ["d.example", "e.example"]}, 400
    yield {"challenge": "other"}, 400
    yield {"domain": 5}, 400
    yield {"challenge": 5}, 400


def test_the_challenge_and_the_set_of_domains_are_those_that_were_signed(site: Issuer) -> None:
    bound = {"signer": SIGNER, "created": datetime.now(UTC), "suites": (RDFC,), "challenge": "c", "domain": "d.example"}
    credential = add_proofs(_credential(issuer=HOLDER), **bound)
    unsigned = {"@context": [VC_V2], "type": ["VerifiablePresentation"], "holder": HOLDER}
    presentation = add_proofs(unsigned, purpose=AUTHENTICATION, **bound)
    for options, status in _bound():
        sent = {"verifiableCredential": credential, "options": options}
        assert _post("/credentials/verify", sent)[0] == status, options
        sent = {"verifiablePresentation": presentation, "options": options}
        assert _post("/presentations/verify", sent)[0] == status, options
    plain = add_proofs(_credential(issuer=HOLDER), signer=SIGNER, created=datetime.now(UTC))
    for options in ({"domain": "d.example"}, {"challenge": "c"}):
        assert _post("/credentials/verify", {"verifiableCredential": plain, "options": options})[0] == 400


def test_presentations_are_taken_and_refused_by_their_form(site: Issuer) -> None:
    _status, made = _post("/credentials/issue", {"credential": _credential()})
    credential = made["verifiableCredential"]
    enveloped = {"@context": VC_V2, "id": "data:application/vc+jwt,eyJ", "type": "EnvelopedVerifiableCredential"}
    cases: list[tuple[dict[str, Any], int]] = [
        ({}, 200),
        ({"holder": {"id": HOLDER}}, 200),
        ({"verifiableCredential": credential}, 200),
        ({"verifiableCredential": []}, 200),
        ({"verifiableCredential": [credential]}, 200),
        ({"type": MISSING}, 400),
        ({"type": ["Other"]}, 400),
        ({"@context": MISSING}, 400),
        ({"@context": [EXAMPLES, VC_V2]}, 400),
        ({"id": 5}, 400),
        ({"holder": "x y"}, 400),
        ({"holder": {"name": "x"}}, 400),
        ({"termsOfUse": {"id": "urn:a:b"}}, 400),
        ({"verifiableCredential": ["x"]}, 400),
        ({"verifiableCredential": [{"id": "urn:a:b"}]}, 400),
        ({"verifiableCredential": [_without(credential, "proof")]}, 400),
        # What is not read here is not said to hold.
        ({"verifiableCredential": [enveloped]}, 400),
        ({"verifiableCredential": [{**enveloped, "id": "https://a.example/1"}]}, 400),
        ({"verifiableCredential": [_without(enveloped, "@context")]}, 400),
    ]
    for more, status in cases:
        sent = _present({"@context": [VC_V2], "type": ["VerifiablePresentation"], **more})
        assert _post("/presentations/verify", {"verifiablePresentation": sent, "options": {}})[0] == status, more


def test_a_holders_own_signature_does_not_stand_in_for_a_strangers(certificate: Certificate) -> None:
    stranger = KeySigner(Ed25519PrivateKey.from_private_bytes(bytes(32)), "did:web:elsewhere.example#key-1")
    now = datetime.now(UTC)
    theirs = add_proofs(_credential(issuer="did:web:elsewhere.example"), signer=stranger, created=now)
    for credential, status in ((theirs, 400), (json.loads(certificate.document or ""), 200)):
        unsigned = {
            "@context": [VC_V2],
            "type": ["VerifiablePresentation"],
            "holder": HOLDER,
            "verifiableCredential": [credential],
        }
        shown = add_proofs(unsigned, signer=SIGNER, created=now, purpose=AUTHENTICATION)
        answer, said = _post("/presentations/verify", {"verifiablePresentation": shown})
        assert answer == status, said


def _name_of_key() -> str:
    document = json.loads(Client().get("/.well-known/did.json").content)
    return f"did:key:{document['verificationMethod'][0]['publicKeyMultibase']}"


def test_an_open_site_signs_under_the_did_key_of_its_key_whoever_a_suite_names(site: Issuer) -> None:
    name = _name_of_key()
    cases: list[tuple[Any, str]] = [
        (MISSING, name),
        ("", name),
        ({"id": "", "name": "x"}, name),
        ({"id": name, "name": "x"}, name),
        (HOLDER, name),
        (site.did, site.did),
    ]
    for stated, signer in cases:
        status, made = _post("/credentials/issue", {"credential": _credential(issuer=stated), "options": None})
        signed = made["verifiableCredential"]
        issuer = signed["issuer"]["id"] if isinstance(signed["issuer"], dict) else signed["issuer"]
        assert (status, issuer) == (201, signer)
        assert {proof["verificationMethod"].partition("#")[0] for proof in signed["proof"]} == {signer}
        assert _post("/credentials/verify", {"verifiableCredential": signed})[0] == 200


def test_what_an_open_site_answers_can_be_handed_back_whole_but_not_changed(site: Issuer) -> None:
    _status, made = _post("/credentials/issue", {"credential": _credential(name="x")})
    assert made["type"] == ["VerifiableCredential"]
    assert _post("/credentials/verify", {"verifiableCredential": made})[0] == 200
    for changed in (
        {**made, "name": "y"},
        {**made, "verifiableCredential": {**made["verifiableCredential"], "name": 1}},
    ):
        assert _post("/credentials/verify", {"verifiableCredential": changed})[0] == 400


def test_the_purpose_that_a_caller_expects_is_that_of_the_proofs(site: Issuer) -> None:
    credential = add_proofs(_credential(issuer=HOLDER), signer=SIGNER, created=datetime.now(UTC))
    unsigned = {"@context": [VC_V2], "type": ["VerifiablePresentation"], "verifiableCredential": []}
    presentation = add_proofs(
        unsigned, signer=SIGNER, created=datetime.now(UTC), suites=(RDFC,), purpose=AUTHENTICATION
    )
    for expected, of_credential, of_presentation in (
        ("assertionMethod", 200, 400),
        (AUTHENTICATION, 400, 200),
        ("nothing", 400, 400),
        (5, 400, 400),
    ):
        options = {"expectedProofPurpose": expected}
        sent = {"verifiableCredential": credential, "options": options}
        assert _post("/credentials/verify", sent)[0] == of_credential
        sent = {"verifiablePresentation": presentation, "options": options}
        assert _post("/presentations/verify", sent)[0] == of_presentation


def test_a_moment_of_a_proof_without_an_offset_is_of_utc(site: Issuer) -> None:
    options = {
        "type": "DataIntegrityProof",
        "cryptosuite": JCS,
        "created": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "verificationMethod": SIGNER.verification_method,
        "proofPurpose": "assertionMethod",
    }
    unsigned = _credential(issuer=HOLDER)
    hashes = [sha256(canonical_json(part)).digest() for part in (options, unsigned)]
    proof = {**options, "proofValue": encode_base58btc(SIGNER.sign(b"".join(hashes)))}
    assert _post("/credentials/verify", {"verifiableCredential": {**unsigned, "proof": proof}})[0] == 200


def test_a_word_that_no_vocabulary_has_is_signed_under_neither_suite(site: Issuer) -> None:
    for suite in (JCS, RDFC):
        sent = {"credential": _credential(noVocabularyHasThis=1), "options": {"cryptosuite": suite}}
        assert _post("/credentials/issue", sent)[0] == 400


def test_only_the_vc_api_of_an_open_site_lets_a_did_key_vouch_for_itself(site: Issuer) -> None:
    theirs = add_proofs(_credential(issuer=HOLDER), signer=SIGNER, created=datetime.now(UTC))
    assert _post("/credentials/verify", {"verifiableCredential": theirs})[0] == 200
    found = verification_of(json.dumps(theirs).encode())
    assert found.report.verdict is Verdict.UNKNOWN


def test_an_open_site_describes_itself_as_suites_list_implementations(site: Issuer, settings: Any) -> None:
    described = json.loads(Client().get("/credentials/implementation.json").content)
    assert {issuer["id"] for issuer in described["issuers"]} == {_name_of_key()}
    for issuer in described["issuers"]:
        place = urlsplit(issuer["endpoint"])
        status, made = _post(f"{place.path}?{place.query}", {"credential": _credential(issuer=issuer["id"])})
        assert status == 201 and made["proof"]["cryptosuite"] in issuer["endpoint"]
    for kind, sent in (("verifiers", {"verifiableCredential": made}), ("setStatusLists", {"credentialId": "urn:a:b"})):
        (place,) = described[kind]
        assert _post(urlsplit(place["endpoint"]).path, sent)[0] in (200, 400)
    settings.RONGHE_VC_API_OPEN = False
    assert Client().get("/credentials/implementation.json").status_code == 404


def test_a_status_list_is_served_as_a_credential_of_its_own_that_holds(site: Issuer) -> None:
    body = {"credential": _credential(), "options": {"statusPurpose": "suspension"}}
    _status, made = _post("/credentials/issue", body)
    entry = made["verifiableCredential"]["credentialStatus"]
    assert entry["statusPurpose"] == "suspension" and entry["id"] != entry["statusListCredential"]
    body["options"] = {"statusPurpose": "gossip"}
    assert _post("/credentials/issue", body)[0] == 400
    place = urlsplit(entry["statusListCredential"])
    answer = Client().get(place.path, query_params={"by": "key"})
    served = json.loads(answer.content)
    assert answer["Content-Type"] == "application/vc" and served["id"] == entry["statusListCredential"]
    # One suite reads one proof, and one library nothing that does not say that it is JSON.
    assert (served["proof"]["cryptosuite"], served["issuer"]) == (RDFC, _name_of_key())
    asked = Client().get(place.path, headers={"Accept": "application/ld+json, application/json"})
    assert asked["Content-Type"] == "application/ld+json"
    assert json.loads(asked.content)["issuer"] == site.did
    assert "BitstringStatusListCredential" in served["type"]
    subject = served["credentialSubject"]
    assert (subject["type"], subject["statusPurpose"]) == ("BitstringStatusList", "suspension")
    assert subject["encodedList"].startswith("u") and "=" not in subject["encodedList"]
    assert _post("/credentials/verify", {"verifiableCredential": served})[0] == 200
    broken = deepcopy(made["verifiableCredential"])
    broken["credentialStatus"]["statusListIndex"] = "6"
    assert _post("/credentials/verify", {"verifiableCredential": broken})[0] == 400


@pytest.mark.parametrize(
    ("address", "is_open", "warned"),
    [
        ("http://localhost:8000", True, []),
        ("http://[::1]:8000", True, []),
        ("https://ronghe.example.edu.cn", True, ["credentials.W001"]),
        ("https://ronghe.example.edu.cn", False, []),
    ],
)
def test_a_site_that_others_reach_is_warned_of_being_open(
    settings: Any, address: str, is_open: bool, warned: list[str]
) -> None:
    settings.RONGHE_PUBLIC_URL, settings.RONGHE_VC_API_OPEN = address, is_open
    assert open_on_loopback_alone in registry.registered_checks
    assert [found.id for found in open_on_loopback_alone()] == warned


def test_what_is_wrong_is_named_as_the_standards_name_it(site: Issuer) -> None:
    good = add_proofs(_credential(issuer=HOLDER), signer=SIGNER, created=datetime.now(UTC), suites=(RDFC,))
    strange = {"credentialStatus": {**ENTRY, "statusListCredential": "https://elsewhere.example/list"}}
    cases: list[tuple[dict[str, Any], str]] = [
        ({**good, "name": 5}, "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"),
        ({**good, "name": "x"}, "https://w3id.org/security#PROOF_VERIFICATION_ERROR"),
        ({**good, "noVocabularyHasThis": 1}, "https://w3id.org/security#DATA_LOSS_DETECTION_ERROR"),
        ({**good, **strange}, "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR"),
    ]
    for sent, type in cases:
        _status, said = _post("/credentials/verify", {"verifiableCredential": sent})
        assert type in {problem["type"] for problem in said["problemDetails"]}
    assert _post("/credentials/verify", {})[1]["type"] == "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"
    assert _post("/credentials/issue", [])[1]["type"] == "https://www.w3.org/TR/vc-data-model#PARSING_ERROR"


def test_a_status_that_cannot_be_had_is_no_matter_to_who_asks_for_the_proof_alone(site: Issuer) -> None:
    elsewhere = {**ENTRY, "statusListCredential": "https://elsewhere.example/list"}
    theirs = add_proofs(
        _credential(issuer=HOLDER, credentialStatus=elsewhere), signer=SIGNER, created=datetime.now(UTC)
    )
    _status, made = _post("/credentials/issue", {"credential": _credential(id="urn:uuid:proof-alone")})
    revoked = made["verifiableCredential"]
    assert _post("/credentials/status", {"credentialId": "urn:uuid:proof-alone"})[0] == 200
    for sent, checks, status in (
        (theirs, ["proof"], 200),
        (theirs, ["proof", "credentialStatus"], 400),
        (theirs, [], 400),
        (theirs, "proof", 400),
        ({**theirs, "name": "x"}, ["proof"], 400),
        (revoked, ["proof"], 400),
    ):
        assert _post("/credentials/verify", {"verifiableCredential": sent, "options": {"checks": checks}})[0] == status
