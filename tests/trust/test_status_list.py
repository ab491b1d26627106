"""Status lists: bits come back, bombs do not unpack, and only the issuer's own list counts."""

import gzip
import zlib
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ronghe.trust.did import Issuer, IssuerKey, TrustedIssuers
from ronghe.trust.multibase import decode_base64url, encode_base64url
from ronghe.trust.proof import KeySigner, add_proofs
from ronghe.trust.status_list import SLOTS, StatusEntry, StatusList, StatusListError, check_entry, parse_entry
from tests.trust import certificates as c

ENTRIES = StatusEntry(c.LISTS, c.SLOT).as_json()


@given(st.sets(st.integers(0, SLOTS - 1), max_size=40))
def test_the_bits_that_were_set_come_back_and_no_others(slots):
    bits = StatusList("revocation")
    for slot in slots:
        bits.set(slot)
    back = StatusList.decode("revocation", bits.encode())
    assert len(back) == SLOTS and {slot for slot in [*slots, 0, 1, SLOTS - 1] if back.get(slot)} == slots
    for slot in slots:
        back.clear(slot)
    assert back.encode() == StatusList("revocation").encode()


def test_the_first_slot_is_the_left_most_bit_and_the_list_of_the_standard_is_read():
    bits = StatusList("revocation")
    bits.set(0)
    packed = decode_base64url(bits.encode())
    assert zlib.decompress(packed, 31)[:2] == b"\x80\x00"
    # The empty list printed in the standard, example 2 of vc-bitstring-status-list.
    printed = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    assert not any(StatusList.decode("revocation", printed).get(slot) for slot in range(0, SLOTS, 997))


@pytest.mark.parametrize(
    "encoded",
    [
        None, "", "x", "H4sI", "u", "uAAAA",
        encode_base64url(gzip.compress(bytes(100), mtime=0)),
        encode_base64url(gzip.compress(bytes(64_000_000), mtime=0)),
        encode_base64url(gzip.compress(bytes(SLOTS // 8), mtime=0)[:-4]),
        encode_base64url(gzip.compress(bytes(SLOTS // 8), mtime=0) + b"x"),
        encode_base64url(gzip.compress(bytes(SLOTS // 8), mtime=0)) + "=",
    ],
)  # fmt: skip
def test_a_list_that_is_short_cut_off_or_a_bomb_is_refused(encoded):
    with pytest.raises(StatusListError):
        StatusList.decode("revocation", encoded)


def test_a_slot_beyond_the_list_is_refused():
    for index in (-1, SLOTS):
        with pytest.raises(StatusListError):
            StatusList("revocation").get(index)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "Other"}, {"statusPurpose": None}, {"statusPurpose": ""}, {"statusListIndex": 5},
        {"statusListIndex": "-1"}, {"statusListIndex": "01"}, {"statusListIndex": ""}, {"statusListIndex": "٣"},
        {"statusListIndex": "1" * 13}, {"statusListCredential": "x"}, {"id": c.LISTS["revocation"]}, {"statusSize": 2},
        {"id": "x"}, {"id": None}, {"statusMessage": []}, {"statusPurpose": "message"},
        {"statusReference": "x"}, {"statusSize": 0}, {"statusSize": True},
        {"statusSize": 2, "statusMessage": [{"status": "0x0", "message": "x"}]},
    ],
)  # fmt: skip
def test_an_entry_that_is_none_is_refused(change):
    entry = ENTRIES[0]
    assert parse_entry(entry) == ("revocation", c.SLOT, c.LISTS["revocation"])
    with pytest.raises(StatusListError):
        parse_entry(entry | change)
    assert check_entry(entry | change, None, resolver=c.TRUSTED, at=c.AT).code == "status-is-malformed"


def test_a_status_of_several_values_is_left_unknown():
    messages = [{"status": f"0x{value}", "message": "x"} for value in range(4)]
    entry = ENTRIES[0] | {"statusSize": 2, "statusMessage": messages, "statusPurpose": "message"}
    assert check_entry(entry, None, resolver=c.TRUSTED, at=c.AT).verdict == "unknown"


def answer(document, entry=ENTRIES[0], **options):
    return check_entry(entry, document, resolver=options.pop("resolver", c.TRUSTED), at=c.AT, issuer=c.DID, **options)


def test_a_list_says_whether_the_bit_of_its_purpose_is_set():
    revoked = c.lists(revoked=True)
    assert answer(revoked[c.LISTS["revocation"]]).code == "status-is-revoked"
    assert answer(revoked[c.LISTS["suspension"]], ENTRIES[1]).code == "status-is-good"
    assert answer(c.lists(suspended=True)[c.LISTS["suspension"]], ENTRIES[1]).code == "status-is-suspended"
    assert (answer(None).verdict, answer(None).code) == ("unknown", "status-list-is-unavailable")


def test_only_the_issuers_current_list_at_the_stated_address_counts():
    good = c.lists()[c.LISTS["revocation"]]
    assert answer(good).code == "status-is-good"
    assert answer(c.lists()[c.LISTS["suspension"]]).code == "status-is-malformed"
    assert answer(good, ENTRIES[0] | {"statusListIndex": str(SLOTS)}).code == "status-is-malformed"
    expired = c.lists(valid_from=c.AT - timedelta(days=3), valid_until=c.AT - timedelta(days=1))
    assert answer(expired[c.LISTS["revocation"]]).code == "status-is-malformed"
    subject = good["credentialSubject"]
    for change in (
        {"encodedList": StatusList("x", b"\xff" * (SLOTS // 8)).encode()},
        {"statusPurpose": ["revocation", "suspension"]},
        {"type": "Other"},
        {"ttl": -1},
    ):
        assert answer(good | {"credentialSubject": subject | change}).verdict == "invalid"
    assert answer(good | {"proof": []}).verdict == "invalid"
    assert answer({name: value for name, value in good.items() if name != "proof"}).code == (
        "status-signature-does-not-hold"
    )
    for change in ({"ttl": "5"}, {"statusPurpose": "other"}, {"type": "Other"}, {"encodedList": "u"}):
        document = {name: value for name, value in good.items() if name != "proof"}
        document["credentialSubject"] = subject | change
        assert answer(add_proofs(document, signer=c.SIGNER, created=c.AT, suites=["eddsa-jcs-2022"])).code == (
            "status-is-malformed"
        )


def test_another_issuers_list_does_not_count():
    key = Ed25519PrivateKey.generate()
    other = "did:web:other.example"
    both = TrustedIssuers(
        [c.ISSUER, Issuer(other, "x", (IssuerKey(f"{other}#k", key.public_key().public_bytes_raw()),))]
    )
    theirs = c.lists(signer=KeySigner(key, f"{other}#k"), issuer=other)[c.LISTS["revocation"]]
    assert answer(theirs, resolver=both).code == "status-is-malformed"
    forged = c.lists(signer=KeySigner(key, f"{other}#k"))[c.LISTS["revocation"]]
    assert answer(forged, resolver=both).verdict == "invalid"
    stranger = answer(theirs, resolver=TrustedIssuers([]))
    assert stranger.verdict == "invalid"


def test_a_bit_of_a_purpose_that_is_no_revocation_is_not_told_as_one():
    for bits, expected in ((b"\xff", "unknown"), (b"\x00", "valid")):
        document = {name: value for name, value in c.lists()[c.LISTS["revocation"]].items() if name != "proof"}
        encoded = StatusList("refresh", bits * (SLOTS // 8)).encode()
        document["credentialSubject"] = document["credentialSubject"] | {
            "statusPurpose": "refresh",
            "encodedList": encoded,
        }
        signed = add_proofs(document, signer=c.SIGNER, created=c.AT)
        assert answer(signed, ENTRIES[0] | {"statusPurpose": "refresh"}).verdict == expected
