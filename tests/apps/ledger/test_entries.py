"""The bytes that are hashed: fixed for ever, because the log cannot be hashed again."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronghe.apps.ledger import entries
from ronghe.trust.canonical import canonical_json
from tests.apps.ledger import independent

MOMENT = datetime(2026, 3, 1, 8, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=8)))


def test_an_entry_is_spelt_as_documented():
    entry = entries.entry_bytes(
        type="training.hours.confirmed", subject="training.evidence:7", recorded_at=MOMENT, digest=b"\xab" * 32
    )
    assert entry == (
        b'{"digest":"' + b"ab" * 32 + b'","recorded_at":"2026-03-01T00:30:15.250000Z",'
        b'"subject":"training.evidence:7","type":"training.hours.confirmed"}'
    )
    assert entry == independent.entry("training.hours.confirmed", "training.evidence:7", MOMENT, b"\xab" * 32)


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.text(st.characters(exclude_categories=["Cs"])),
    st.datetimes(timezones=st.just(UTC)),
    st.binary(min_size=32, max_size=32),
)
def test_an_entry_is_canonical_json_whatever_an_intruder_writes_into_its_columns(type_, subject, moment, digest):
    entry = entries.entry_bytes(type=type_, subject=subject, recorded_at=moment, digest=digest)
    stated = {
        "digest": digest.hex(),
        "recorded_at": moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ").zfill(27),
        "subject": subject,
        "type": type_,
    }
    assert entry == canonical_json(stated)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z_]{0,6}", fullmatch=True),
        st.one_of(
            st.text(st.characters(exclude_categories=["Cs"])),
            st.integers(-(2**53) + 1, 2**53 - 1),
            st.booleans(),
            st.floats(allow_nan=False, allow_infinity=False),
            st.lists(st.one_of(st.floats(-1e20, 1e20), st.text(st.characters(exclude_categories=["Cs"])))),
        ),
    )
)
def test_a_payload_is_canonical_json_whatever_its_fields_hold(fields):
    assert entries.payload_text(None, fields) == canonical_json({"actor": None, "fields": fields}).decode()


def test_a_time_without_a_zone_has_no_entry():
    with pytest.raises(ValueError, match="no time zone"):
        entries.entry_bytes(type="a.b.c", subject="a.b:1", recorded_at=datetime(2026, 3, 1), digest=b"")


def test_digest_and_authentication_are_those_of_the_documentation():
    text = entries.payload_text(UUID(int=1), {"note": "焊接", "hours": 8})
    assert text == '{"actor":"00000000-0000-0000-0000-000000000001","fields":{"hours":8,"note":"焊接"}}'
    assert entries.payload_digest(b"s" * 32, text) == hashlib.sha256(b"s" * 32 + text.encode()).digest()
    event = b"event\x00\x00\x00\x00\x00\x00\x00\x01\x01e"
    assert entries.authenticate_entry(b"k", 257, b"e") == hmac.new(b"k", event, hashlib.sha256).digest()
    leaf = b"leaf\x00\x00\x00\x00\x00\x00\x00\x01\x00" + b"h" * 32
    assert entries.authenticate_leaf(b"k", 256, b"h" * 32) == hmac.new(b"k", leaf, hashlib.sha256).digest()


def test_salts_are_long_and_never_the_same():
    salts = {entries.new_salt() for _ in range(1_000)}
    assert len(salts) == 1_000
    assert {len(salt) for salt in salts} == {32}
