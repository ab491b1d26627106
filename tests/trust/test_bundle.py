"""Bundles: a good one is valid offline in milliseconds, and whatever is wrong is refused by the check it concerns."""

import gzip
import json
import random
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ronghe.trust.bundle import MAX_BYTES, Bundle, BundleError, BundleTooLarge, verify_bundle
from ronghe.trust.canonical import canonical_json
from ronghe.trust.checkpoint import SignerKey
from ronghe.trust.did import Issuer, IssuerKey
from ronghe.trust.packing import is_packed, pack
from ronghe.trust.path import PathEvent, disclose
from ronghe.trust.proof import KeySigner
from ronghe.trust.status_statement import Status
from ronghe.trust.verdicts import Check, CheckName, Verdict
from ronghe.trust.witness import WitnessPolicy
from tests.trust.bundles import EVENTS, NOW, PARTS, PLAIN, TRUST
from tests.trust.certificates import DID, ISSUER, KEY, PUBLIC_KEY
from tests.trust.logs import LOG, WITNESSES

GOOD = PARTS.build()
STRANGER = Ed25519PrivateKey.from_private_bytes(b"s" * 32)


def verdict(data: bytes, **options):
    return verify_bundle(data, **{"trust": TRUST, "at": NOW, **options})


@pytest.mark.parametrize("parts", [PARTS, PLAIN, replace(PARTS, shown=None), replace(PARTS, shown=(0, 8))])
def test_a_good_bundle_is_valid_in_every_required_check(parts):
    data = parts.build()
    report = verdict(data)
    assert report.verdict is Verdict.VALID, report.refused_by
    assert all(report.verdict_on(name) is Verdict.VALID for name in report.required)
    assert Bundle.decode(data).encode() == data
    assert len(data) <= MAX_BYTES


def test_answers_come_in_the_order_of_the_questions():
    names = [check.name for check in verdict(GOOD).checks]
    assert names == sorted(names, key=list(CheckName).index)
    assert set(names) == set(CheckName)


def refused(data: bytes, name: CheckName, code: str, *, kind: Verdict = Verdict.INVALID, **options) -> None:
    report = verdict(data, **options)
    found = report.refused_by
    assert found is not None
    assert (report.verdict, found.name, found.code) == (kind, name, code), report.checks


def test_what_was_revoked_or_suspended_is_refused():
    refused(PARTS.build(status=Status.REVOKED), CheckName.STATUS, "status-is-revoked")
    refused(PARTS.build(status=Status.SUSPENDED), CheckName.STATUS, "status-is-suspended")


def test_a_revocation_counts_however_old_its_statement_is():
    data = PARTS.build(status=Status.REVOKED)
    refused(data, CheckName.STATUS, "status-is-revoked", at=NOW + timedelta(days=300))


def test_without_a_current_status_nothing_is_known_and_nothing_is_valid():
    refused(PARTS.build(status=None), CheckName.STATUS, "status-is-not-stated", kind=Verdict.UNKNOWN)
    stale = NOW + timedelta(days=8)
    refused(GOOD, CheckName.STATUS, "status-is-out-of-date", kind=Verdict.UNKNOWN, at=stale)


def test_a_status_by_another_s_key_or_about_another_certificate_is_refused():
    forged = PARTS.build(status_signer=KeySigner(STRANGER, f"{DID}#k1"))
    refused(forged, CheckName.STATUS, "status-signature-does-not-hold")
    other = json.loads(PLAIN.build())
    mine = json.loads(GOOD)
    mine["status"] = other["status"]
    refused(canonical_json(mine), CheckName.STATUS, "status-signature-does-not-hold")
    dated = PARTS.build(status_at=NOW + timedelta(days=1))
    refused(dated, CheckName.STATUS, "status-is-in-the-future")
    backwards = PARTS.build(status_until=NOW - timedelta(days=3))
    refused(backwards, CheckName.STATUS, "status-is-malformed")


def test_a_trusted_issuer_cannot_state_the_status_of_another_s_certificate():
    key = IssuerKey("did:web:other.example#k1", STRANGER.public_key().public_bytes_raw())
    trust = replace(TRUST, issuers=(ISSUER, Issuer("did:web:other.example", "另一所高校", (key,))))
    data = PARTS.build(status_signer=KeySigner(STRANGER, key.id))
    refused(data, CheckName.STATUS, "status-is-of-another", trust=trust)


def test_expired_and_not_yet_valid_certificates_are_refused():
    refused(GOOD, CheckName.VALIDITY, "validity-has-ended", at=NOW + timedelta(days=40_000))
    refused(GOOD, CheckName.LOG, "log-is-in-the-future", at=NOW - timedelta(days=1))


def test_keys_that_are_wrong_unknown_or_revoked_are_refused():
    refused(PARTS.build(signer=KeySigner(STRANGER, f"{DID}#k1")), CheckName.SIGNATURE, "signature-does-not-hold")
    unknown = replace(TRUST, issuers=())
    # Of an issuer who is not trusted nothing can be judged, neither the signature nor the status that they state.
    refused(GOOD, CheckName.ISSUER, "issuer-is-unknown", kind=Verdict.UNKNOWN, trust=unknown)
    stated = verdict(GOOD, trust=unknown).verdict_on(CheckName.STATUS)
    assert stated is Verdict.UNKNOWN
    revoked = IssuerKey(f"{DID}#k1", PUBLIC_KEY, revoked_at=NOW - timedelta(days=2))
    refused(
        GOOD, CheckName.ISSUER, "issuer-key-is-revoked", trust=replace(TRUST, issuers=(Issuer(DID, "校", (revoked,)),))
    )


def test_the_log_must_be_trusted_and_its_signature_hold():
    refused(GOOD, CheckName.LOG, "log-is-unknown", kind=Verdict.UNKNOWN, trust=replace(TRUST, logs=()))
    impostor = PARTS.build(log=SignerKey(LOG.name, STRANGER))
    refused(impostor, CheckName.LOG, "log-signature-does-not-hold")


@pytest.mark.parametrize("count", [0, 1])
def test_too_few_witnesses_are_refused_and_none_may_be_asked_for(count):
    data = PARTS.build(witnesses=tuple(WITNESSES[:count]))
    refused(data, CheckName.WITNESSES, "witnesses-are-too-few")
    assert verdict(data, trust=replace(TRUST, witnesses=WitnessPolicy(threshold=0))).verdict is Verdict.VALID
    refused(
        data,
        CheckName.WITNESSES,
        "witnesses-are-unknown",
        kind=Verdict.UNKNOWN,
        trust=replace(TRUST, witnesses=WitnessPolicy()),
    )


def test_parts_of_two_bundles_never_make_one():
    mine, other = json.loads(GOOD), json.loads(PLAIN.build())
    for part, name in (("log", CheckName.LOG), ("credential", CheckName.LOG), ("status", CheckName.STATUS)):
        swapped = canonical_json({**mine, part: other[part]})
        report = verdict(swapped)
        assert report.verdict is Verdict.INVALID
        assert report.verdict_on(name) is Verdict.INVALID, (part, report.checks)
    shown = canonical_json({**other, "path": mine["path"]})
    refused(shown, CheckName.PATH, "path-has-no-root")


def test_events_that_are_not_the_certificate_s_are_refused():
    value = json.loads(GOOD)
    value["path"]["events"][0]["content"]["zh"] = "通过全部单元"
    refused(canonical_json(value), CheckName.PATH, "path-does-not-hold")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "form-is-broken"),
        (b"[" * 6000, "form-is-broken"),
        (b"{}", "form-is-broken"),
        (b"null", "form-is-broken"),
        (b'{"format":"ronghe-bundle-v2"}', "form-unsupported-version"),
        (b'{"format":"ronghe-bundle-v1"}', "form-is-broken"),
        (b"NaN", "form-is-broken"),
        (b"\xff", "form-is-broken"),
        (b'"\\ud800"', "form-is-broken"),
        (b"9" * 5000, "form-is-broken"),
        (GOOD + b"\n", "form-is-not-canonical"),
        (b" " + GOOD, "form-is-not-canonical"),
        (GOOD.replace(b'"format"', b'"format":"x","format"', 1), "form-is-not-canonical"),
        (json.dumps(json.loads(GOOD)).encode(), "form-is-too-large"),
        (GOOD + b" " * MAX_BYTES, "form-is-too-large"),
    ],
)
def test_bytes_that_are_no_bundle_get_one_answer_on_their_form(data, code):
    report = verdict(data)
    assert [(check.name, check.verdict) for check in report.checks] == [(CheckName.FORM, Verdict.INVALID)]
    assert report.checks[0].code in (code, "form-is-not-canonical")


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.update(extra=1),
        lambda value: value.pop("credential"),
        lambda value: value.pop("log"),
        lambda value: value["log"].pop("event"),
        lambda value: value["log"].update(extra=1),
        lambda value: value["log"]["event"].pop("salt"),
        lambda value: value["log"]["event"].update(salt="AAAA"),
        lambda value: value["log"]["event"]["payload"]["fields"].update(credential="0" * 64),
        lambda value: value["log"]["event"]["payload"].pop("fields"),
        lambda value: value["status"].update(digest="0" * 64),
        lambda value: value["log"]["event"].update(salt=1),
        lambda value: value["log"]["event"].update(recorded_at="yesterday"),
        lambda value: value["log"]["event"].update(recorded_at="2026-13-01T00:00:00Z"),
        lambda value: value["log"].update(proof="nonsense"),
        lambda value: value["log"].update(proof=value["log"]["proof"].replace("proof@v1\n", "proof@v1\nextra AAAA\n")),
        lambda value: value["path"].pop("size"),
        lambda value: value.update(status=[]),
        lambda value: value.update(path=None),
        lambda value: value.update(format=1),
    ],
)
def test_a_part_that_is_missing_or_of_another_shape_is_named(change):
    value = json.loads(GOOD)
    change(value)
    with pytest.raises(BundleError) as refusal:
        Bundle.decode(canonical_json(value))
    assert refusal.value.code == "form-is-broken"
    assert verdict(canonical_json(value)).verdict is Verdict.INVALID


def test_an_anchor_is_judged_by_who_knows_the_chain():
    data = replace(PARTS.bundle(), anchor={"chain": 1}).encode()
    assert verdict(data).first_refusal.code == "anchor-is-malformed"
    seen = []

    def judge(anchor, opened):
        seen.append((anchor, opened.checkpoint.size))
        return Check.invalid(CheckName.ANCHOR, "anchor-does-not-hold")

    assert verdict(data, check_anchor=judge).verdict is Verdict.INVALID
    assert seen == [({"chain": 1}, 200)]


def test_parts_about_another_certificate_are_not_put_together():
    bundle, other = PARTS.bundle(), PLAIN.bundle()
    for mixed in (replace(bundle, event=other.event), replace(bundle, status=other.status)):
        with pytest.raises(BundleError, match="another certificate"):
            mixed.encode()


def test_what_is_too_large_is_packed_with_all_cosignatures_and_is_as_valid():
    bundle = replace(PARTS, shown=tuple(range(9))).bundle()
    data = bundle.encode()
    assert is_packed(data) and len(data) <= MAX_BYTES
    assert Bundle.decode(data) == bundle
    report = verdict(data)
    assert report.verdict is Verdict.VALID
    assert report.verdict_on(CheckName.PATH) is Verdict.VALID
    # Whoever has no program of ours reads it with a common one.
    assert gzip.decompress(data).count("\u2014".encode()) == 5


def test_an_anchor_comes_on_top_of_a_packed_bundle_too():
    bundle = replace(PARTS, shown=tuple(range(9))).bundle()
    data = replace(bundle, anchor={"chain": "x" * 5_900}).encode()
    assert verdict(data).first_refusal.code == "anchor-is-malformed"
    refused(replace(bundle, anchor={"chain": "x" * 6_100}).encode(), CheckName.FORM, "form-is-too-large")


def test_a_packed_bundle_is_no_larger_than_another():
    noise = [PathEvent({"zh": random.Random(number).randbytes(700).hex()}, EVENTS[0].salt) for number in range(9)]
    bundle = replace(PARTS.bundle(), path=disclose(noise, range(9)))
    with pytest.raises(BundleTooLarge, match="show fewer than 9 events"):
        bundle.encode()
    value = {**json.loads(GOOD), "path": bundle.path.as_json()}
    refused(pack(canonical_json(value)), CheckName.FORM, "form-is-too-large")


def test_what_unpacks_to_more_than_fits_is_refused_with_what_to_leave_out():
    long = [PathEvent({"zh": "很长" * 600}, event.salt) for event in EVENTS]
    bundle = replace(PARTS.bundle(), path=disclose(long, range(9)))
    with pytest.raises(BundleTooLarge, match="show fewer than 9 events"):
        bundle.encode()
    value = {**json.loads(GOOD), "path": bundle.path.as_json()}
    refused(pack(canonical_json(value)), CheckName.FORM, "form-is-too-large")


def test_what_is_packed_otherwise_or_holds_no_bundle_is_refused_by_its_form():
    for data in (gzip.compress(GOOD), pack(b"nothing"), pack(GOOD)[:-1], pack(GOOD) + b"\x00", b"\x1f\x8b"):
        refused(data, CheckName.FORM, "form-is-broken")
    refused(pack(GOOD.replace(b":", b": ", 1)), CheckName.FORM, "form-is-not-canonical")


def test_verifying_loads_no_django_and_no_network():
    code = (
        "import sys, ronghe.trust.bundle as b; "
        "bad = {'django', 'urllib.request', 'http.client', 'sqlite3', 'asyncio'} & set(sys.modules); "
        "sys.exit(str(bad) if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_key_that_signs_for_the_issuer_is_still_needed_for_the_status():
    retired = IssuerKey(f"{DID}#k1", PUBLIC_KEY, valid_until=NOW - timedelta(days=10))
    trust = replace(TRUST, issuers=(Issuer(DID, "校", (retired,)),))
    refused(GOOD, CheckName.STATUS, "status-signature-does-not-hold", trust=trust)
    new = KeySigner(STRANGER, f"{DID}#k2")
    both = (retired, IssuerKey(new.verification_method, STRANGER.public_key().public_bytes_raw()))
    data = PARTS.build(status_signer=new)
    assert verdict(data, trust=replace(TRUST, issuers=(Issuer(DID, "校", both),))).verdict is Verdict.VALID
    assert KEY != STRANGER
