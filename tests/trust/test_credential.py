"""Certificates: what is built verifies, what was changed does not, and each answer names its question."""

import copy
import json
from datetime import timedelta

import pytest

from ronghe.trust.canonical import canonical_json
from ronghe.trust.credential import (
    ANY,
    Achievement,
    CredentialError,
    Policy,
    Subject,
    build_credential,
    identity_hash,
    path_root_of,
    verify_credential,
)
from ronghe.trust.did import Issuer, IssuerKey, TrustedIssuers
from ronghe.trust.path import PathRoot
from ronghe.trust.proof import RDFC, add_proofs
from ronghe.trust.verdicts import REQUIRED_OF_A_CREDENTIAL, Report, Verdict
from tests.trust import certificates as c


def report(document, **options):
    options.setdefault("resolver", c.TRUSTED)
    options.setdefault("status", c.lists())
    return Report(tuple(verify_credential(document, at=options.pop("at", c.AT), **options)), REQUIRED_OF_A_CREDENTIAL)


@pytest.mark.parametrize("kind", ["full", "plain"])
def test_every_kind_of_certificate_that_is_issued_verifies(kind):
    result = report(c.signed(kind))
    assert result.verdict is Verdict.VALID, result.as_json()
    assert [check.name.value for check in result.checks] == [
        "form", "issuer", "signature", "signature", "integrity", "validity", "status", "status",
    ]  # fmt: skip


def test_a_certificate_with_both_proofs_is_small():
    # A bundle of 6 kB must hold it beside the proof of the log, the status and some events.
    assert len(canonical_json(c.signed("full"))) < 4_300
    assert len(canonical_json(c.signed("plain"))) < 2_900


def test_the_levels_skills_and_path_stand_where_wallets_look_for_them():
    credential = c.kinds()["full"]
    achievement = credential["credentialSubject"]["achievement"]
    assert [(entry["targetFramework"], entry.get("targetCode")) for entry in achievement["alignment"]] == [
        ("新八级工 / Eight-level worker", "4"),
        ("European Qualifications Framework", "6"),
        ("Ronghe", "E-12"),
        ("ESCO", None),
    ]
    assert achievement["name"] == "嵌入式开发工程师（四级） / Embedded Developer, Level 4"
    assert path_root_of(credential) == PathRoot(bytes(range(32)), 12)
    assert path_root_of(c.kinds()["plain"]) is None


def test_the_holder_is_known_by_a_salted_hash_alone():
    text = json.dumps(c.kinds(), ensure_ascii=False)
    assert "20261234" not in text and "张*" in text
    assert identity_hash("a@example.org", "deadsea").startswith("sha256$") and identity_hash("a", "b") in (
        # SHA-256 of "ab".
        "sha256$fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"worker_level": 9}, {"worker_level": 0}, {"eqf_level": 9}, {"name_zh": "", "name_en": ""},
        {"criteria_zh": "", "criteria_en": ""},
    ],
)  # fmt: skip
def test_an_achievement_that_is_none_is_refused(change):
    good = {"id": "urn:a", "name_zh": "甲", "name_en": "A", "criteria_zh": "乙", "criteria_en": "B"}
    Achievement(**good)
    with pytest.raises(CredentialError):
        Achievement(**good | change)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "no address"}, {"issuer": "nobody"}, {"evidence": [{"name": "without a type"}]},
        {"valid_until": c.ISSUED - timedelta(seconds=1)},
        {"achievement": Achievement("no address", "甲", "A", "乙", "B")},
    ],
)  # fmt: skip
def test_what_would_not_verify_is_not_built(change):
    good = {
        "id": "urn:uuid:1", "issuer": c.DID, "issuer_name": "x", "subject": Subject("sha256$0", "s"),
        "achievement": c.PLAIN, "valid_from": c.ISSUED,
    }  # fmt: skip
    build_credential(**good)
    with pytest.raises(CredentialError):
        build_credential(**good | change)


@pytest.mark.parametrize(
    "address",
    ["urn:x", "ni:///sha-256;AAAA?size=3", "ni:///sha-256;" + "A" * 43 + "?size=03", "ni:///sha-256;" + "A" * 43,
     "ni:///sha-256;" + "A" * 42 + "B?size=3", "ni:///sha-256;" + "A" * 43 + "?size=+3",
     "ni:///sha-256;" + "A" * 43 + "?size=0"],
)  # fmt: skip
def test_a_path_root_has_one_spelling(address):
    credential = c.kinds()["full"]
    credential["evidence"][1]["id"] = address
    with pytest.raises(CredentialError):
        path_root_of(credential)


def test_revoked_suspended_expired_and_early_certificates_are_told_apart():
    assert report(c.signed(), status=c.lists(revoked=True)).first_refusal.code == "status-is-revoked"
    assert report(c.signed(), status=c.lists(suspended=True)).first_refusal.code == "status-is-suspended"
    late = c.ENDS + timedelta(seconds=1)
    assert report(c.signed(), at=late).first_refusal.code == "validity-has-ended"
    early = build_credential(
        id="urn:uuid:3", issuer=c.DID, issuer_name="x", subject=Subject("sha256$0", "s"), achievement=c.PLAIN,
        valid_from=c.AT + timedelta(days=1),
    )  # fmt: skip
    early = add_proofs(early, signer=c.SIGNER, created=c.ISSUED)
    assert report(early).first_refusal.code == "validity-has-not-begun"


def test_without_lists_the_status_is_unknown_and_so_is_the_certificate():
    result = report(c.signed(), status=None)
    assert result.verdict is Verdict.UNKNOWN and result.verdict_on("status") is Verdict.UNKNOWN
    assert report(c.signed(), status={}).verdict is Verdict.UNKNOWN
    assert not [check for check in verify_credential(
        c.signed(), resolver=c.TRUSTED, at=c.AT, policy=Policy(status=False)
    ) if check.name == "status"]  # fmt: skip


def test_a_stranger_leaves_the_issuer_unknown_and_a_rotated_key_holds():
    assert report(c.signed(), resolver=TrustedIssuers([])).verdict is Verdict.UNKNOWN
    old, new = (
        IssuerKey(f"{c.DID}#k1", c.PUBLIC_KEY, valid_until=c.AT),
        IssuerKey(f"{c.DID}#k2", bytes(32), valid_from=c.AT),
    )
    rotated = TrustedIssuers([Issuer(c.DID, "x", (old, new))])
    without_lists = verify_credential(c.signed(), resolver=rotated, at=c.AT, policy=Policy(status=False))
    assert {check.verdict for check in without_lists} == {Verdict.VALID}


def test_the_jcs_proof_is_asked_for_of_ours_and_not_of_others():
    document = c.signed(suites=[RDFC])
    assert report(document).first_refusal.code == "signature-is-missing"
    assert report(document, policy=ANY).verdict is Verdict.VALID


def changed(path, value):
    document = copy.deepcopy(c.signed())
    *where, last = path
    inner = document
    for step in where:
        inner = inner[step]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return document


BROKEN = {
    "context out of order": (["@context"], ["https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]),
    "one context": (["@context"], "https://www.w3.org/ns/credentials/v2"),
    "context of its own": (["@context", 1], {"name": "urn:x"}),
    "id that is no address": (["id"], "1"),
    "two ids": (["id"], ["urn:1", "urn:2"]),
    "no type": (["type"], None),
    "another type": (["type"], ["VerifiableCredential"]),
    "no credential": (["type"], ["AchievementCredential"]),
    "a type twice": (["type"], ["VerifiableCredential", "OpenBadgeCredential", "VerifiableCredential"]),
    "no issuer": (["issuer"], None),
    "issuer without address": (["issuer", "id"], None),
    "issuer that is no profile": (["issuer", "type"], ["Person"]),
    "name that is none": (["name"], 5),
    "name with more": (["name"], {"@value": "x", "more": "y"}),
    "name in no direction": (["name"], {"@value": "x", "@direction": "up"}),
    "no subject": (["credentialSubject"], None),
    "empty subject": (["credentialSubject"], {}),
    "text as subject": (["credentialSubject"], "urn:x"),
    "subject without achievement": (["credentialSubject", "achievement"], None),
    "achievement without criteria": (["credentialSubject", "achievement", "criteria"], None),
    "achievement without name": (["credentialSubject", "achievement", "name"], None),
    "identity that is not hashed": (["credentialSubject", "identifier", 0, "hashed"], "true"),
    "alignment to nowhere": (["credentialSubject", "achievement", "alignment", 0, "targetUrl"], "x"),
    "validFrom that is a day": (["validFrom"], "2026-11-01"),
    "validFrom missing": (["validFrom"], None),
    "validUntil before validFrom": (["validUntil"], "2020-01-01T00:00:00Z"),
    "status without type": (["credentialStatus", 0, "type"], None),
    "status that is a text": (["credentialStatus"], "x"),
    "evidence without type": (["evidence", 0, "type"], None),
    "schema without id": (["credentialSchema"], {"type": "JsonSchema"}),
    "terms without type": (["termsOfUse"], {"id": "urn:x"}),
    "refresh without type": (["refreshService"], {"id": "urn:x"}),
    "resource without digest": (["relatedResource"], [{"id": "urn:x"}]),
    "one resource twice": (["relatedResource"], [{"id": "urn:x", "digestSRI": "a"}, {"id": "urn:x", "digestSRI": "b"}]),
    "proof without type": (["proof", 0, "type"], None),
    "path in another form": (["evidence", 1, "id"], "urn:x"),
}


@pytest.mark.parametrize(("path", "value"), BROKEN.values(), ids=BROKEN)
def test_a_form_that_is_broken_is_refused_as_such(path, value):
    refusal = report(changed(path, value)).first_refusal
    assert (refusal.name, refusal.code) == ("form", "form-is-broken"), refusal


@pytest.mark.parametrize("document", [None, [], "x", 5, {}, {"@context": []}])
def test_what_is_no_document_is_refused(document):
    assert report(document).first_refusal.code == "form-is-broken"


GENERIC = {
    "@context": ["https://www.w3.org/ns/credentials/v2", {"@vocab": "urn:v:"}],
    "type": "VerifiableCredential",
    "issuer": c.DID,
    "name": [{"@value": "甲", "@language": "zh"}, {"@value": "A", "@language": "en", "@direction": "ltr"}],
    "credentialSubject": [{"id": "urn:s", "grade": 5}, {"x": "y"}],
    "relatedResource": [{"id": "urn:x", "digestSRI": "sha256-x", "mediaType": "a/b"}],
    "credentialSchema": {"id": "urn:schema", "type": "JsonSchema"},
    "termsOfUse": {"type": "T"},
}


def test_any_credential_of_the_standard_verifies_under_the_open_policy_only():
    document = add_proofs(GENERIC, signer=c.SIGNER, created=c.ISSUED)
    assert report(document, policy=ANY).verdict is Verdict.VALID
    assert report(document).first_refusal.code == "form-is-broken"
    assert report(document | {"name": "B"}, policy=ANY).first_refusal.code == "signature-does-not-hold"
    other_status = add_proofs(
        GENERIC | {"credentialStatus": {"type": "Other", "id": "urn:x"}}, signer=c.SIGNER, created=c.ISSUED
    )
    assert report(other_status, policy=ANY).verdict is Verdict.UNKNOWN


REWRITTEN = {
    "under its address": lambda d: d | {"https://www.w3.org/2018/credentials#validUntil": {
        "@value": d.pop("validUntil"), "@type": "http://www.w3.org/2001/XMLSchema#dateTime"}},
    "within the subject": lambda d: d | {"credentialSubject": [
        d["credentialSubject"], {"id": d["id"], "validUntil": d.pop("validUntil")}]},
    "status under its address": lambda d: d | {
        "https://www.w3.org/2018/credentials#credentialStatus": d.pop("credentialStatus")},
}  # fmt: skip


@pytest.mark.parametrize("rewrite", REWRITTEN.values(), ids=REWRITTEN)
def test_a_graph_written_otherwise_hides_neither_the_end_nor_the_status(rewrite):
    document = c.signed(suites=[RDFC])
    assert report(document, policy=ANY).verdict is Verdict.VALID
    assert report(rewrite(document), policy=ANY).verdict is Verdict.INVALID
