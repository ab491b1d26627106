"""Time stamps of a checkpoint by openssl as the authority: accepted as it made them, refused with any byte changed."""

import random
import time
from datetime import UTC, datetime, timedelta

import pytest

from ronghe.trust.checkpoint import Checkpoint
from ronghe.trust.timestamp import (
    TimestampAuthority,
    TimestampTokenError,
    check_timestamp,
    stamped_at,
    timestamp_request,
)
from ronghe.trust.verdicts import CheckName, Verdict
from tests.need import need
from tests.trust.stamping import OPENSSL, Authority

HEAD = Checkpoint("log.example.org/ledger", 40, bytes(range(32)))


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    need(OPENSSL is not None, "no openssl on this machine")
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def answer(authority):
    return authority.stamp(timestamp_request(HEAD))


def check(answer, authority, head=HEAD, at=None):
    return check_timestamp(answer, head, authorities=[authority.trusted], at=at or datetime.now(UTC))


def test_what_openssl_stamped_holds(answer, authority):
    found = check(answer, authority)
    assert (found.name, found.verdict, found.code) == (CheckName.ANCHOR, Verdict.VALID, "timestamp-holds")
    assert "CN=Stamps says 20" in found.detail
    assert abs(stamped_at(answer) - datetime.now(UTC)) < timedelta(minutes=5)
    assert check(answer, authority, at=datetime.now(UTC) + timedelta(days=9_000)).verdict is Verdict.VALID


def test_a_stamp_on_another_head_or_from_the_future_is_refused(answer, authority):
    other = Checkpoint(HEAD.origin, 41, HEAD.root)
    assert check(answer, authority, other).code == "timestamp-is-of-another"
    assert check(answer, authority, at=datetime(2026, 1, 2, tzinfo=UTC)).code == "timestamp-is-in-the-future"


def test_an_authority_that_one_does_not_trust_leaves_it_unknown(answer, tmp_path):
    found = check(answer, Authority(tmp_path, "Somebody else"))
    assert (found.verdict, found.code) == (Verdict.UNKNOWN, "timestamp-is-not-trusted")


def test_a_stamp_after_the_certificate_ended_is_refused(tmp_path):
    need(OPENSSL is not None, "no openssl on this machine")
    ended = Authority(tmp_path, ends=datetime(2026, 1, 2, tzinfo=UTC))
    assert check(ended.stamp(timestamp_request(HEAD)), ended).code == "timestamp-does-not-hold"


def test_a_refusal_and_other_bytes_are_malformed(authority):
    refused = authority.stamp(b"\x30\x03\x02\x01\x01")
    for data in (b"", b"x", refused, bytes(40_000)):
        assert check(data, authority).code == "timestamp-is-malformed"
        with pytest.raises(TimestampTokenError):
            stamped_at(data)


def test_certificates_of_no_authority_are_refused(authority):
    root = (authority.folder / "root.pem").read_bytes()
    for data in (b"", b"x", root, authority.pem + root):
        with pytest.raises(TimestampTokenError):
            TimestampAuthority.of_pem(data)


def test_every_byte_changed_is_refused_and_names_the_time_stamp(answer, authority):
    """Never valid; unknown only where the name of the signer was changed, as that is how one knows whom to ask."""
    chosen = random.Random(5)
    changed = []
    for position in range(len(answer)):
        other = bytearray(answer)
        other[position] ^= 1 << chosen.randrange(8)
        changed.append(bytes(other))
        if not position % 8:
            changed.append(answer[:position] + answer[position + 1 :])
    changed += [answer + b"\0", answer[:-1]]
    began = time.process_time()
    found = [check(data, authority) for data in changed]
    assert len(changed) >= 500 and time.process_time() - began < 5
    assert {one.name for one in found} == {CheckName.ANCHOR}
    assert not [one for one in found if one.verdict is Verdict.VALID]
    unknown = [one for one in found if one.verdict is Verdict.UNKNOWN]
    assert {one.code for one in unknown} <= {"timestamp-is-not-trusted"} and len(unknown) < 60
    assert check(answer, authority).verdict is Verdict.VALID
