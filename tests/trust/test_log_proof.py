"""Proofs of a log: the specification's example is read, an honest proof holds, and every altered one is refused."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from ronghe.apps.ledger import entries
from ronghe.trust.checkpoint import NoteError, SignerKey
from ronghe.trust.log_proof import LoggedEvent, LogProof, check_log_proof
from ronghe.trust.verdicts import Verdict
from tests.trust.logs import LOG, TIME, WITNESSES, SmallLog, leaves_of

AT = datetime.fromtimestamp(TIME, UTC) + timedelta(hours=1)
# The shape of the example in C2SP tlog-proof, whose signatures are abridged there.
EXAMPLE = (
    "c2sp.org/tlog-proof@v1\n"
    "extra YWdlLXYxLjIuMS1kYXJ3aW4tYXJtNjQudGFyLmd6\n"
    "index 73894\n"
    "gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=\n"
    "B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=\n"
    "\n"
    "example.com/fancylog\n109482\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08=\n"
    "\n"
    "\u2014 example.com/fancylog AAAAAAAAAAA=\n"
)


def test_the_published_example_is_read_and_written():
    proof = LogProof.parse(EXAMPLE)
    assert (proof.index, len(proof.path), proof.extra) == (73894, 2, b"age-v1.2.1-darwin-arm64.tar.gz")
    assert proof.checkpoint.startswith("example.com/fancylog\n109482\n")
    assert proof.encode() == EXAMPLE


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_a_proof_of_every_leaf_holds(size):
    log = SmallLog(leaves_of(size))
    for index, leaf in enumerate(log.leaves):
        proof = log.proof(index, witnesses=WITNESSES)
        assert LogProof.parse(proof.encode()) == proof
        checked = check_log_proof(proof, leaf=leaf, logs=[LOG.verifier()], at=AT)
        assert checked.check.verdict is Verdict.VALID, checked.check
        assert checked.opened is not None
        assert checked.opened.time == TIME


def test_a_leaf_that_the_log_does_not_have_is_refused():
    log = SmallLog(leaves_of(9))
    checked = check_log_proof(log.proof(4), leaf=bytes(32), logs=[LOG.verifier()], at=AT)
    assert (checked.check.code, checked.opened) == ("log-proof-does-not-hold", None)


def test_an_unknown_log_is_unknown_and_never_valid():
    checked = check_log_proof(SmallLog(leaves_of(3)).proof(1), leaf=leaves_of(3)[1], logs=[], at=AT)
    assert (checked.check.verdict, checked.check.code) == (Verdict.UNKNOWN, "log-is-unknown")


def test_another_key_under_the_log_s_name_is_refused():
    impostor = SignerKey(LOG.name, WITNESSES[0].private_key)
    log = SmallLog(leaves_of(5), impostor)
    checked = check_log_proof(log.proof(1), leaf=log.leaves[1], logs=[LOG.verifier()], at=AT)
    assert (checked.check.verdict, checked.check.code) == (Verdict.INVALID, "log-signature-does-not-hold")


def test_a_trusted_log_that_signs_under_another_origin_is_refused():
    proof = SmallLog(leaves_of(5)).proof(1)
    renamed = LogProof(proof.index, proof.path, proof.checkpoint.replace(f"{LOG.name}\n", "other.example.org\n", 1))
    checked = check_log_proof(renamed, leaf=leaves_of(5)[1], logs=[LOG.verifier()], at=AT)
    assert checked.check.verdict is Verdict.INVALID


def test_a_checkpoint_of_the_future_or_without_a_time_is_refused():
    log = SmallLog(leaves_of(5))
    late = check_log_proof(log.proof(1, time=TIME + 7200), leaf=log.leaves[1], logs=[LOG.verifier()], at=AT)
    assert late.check.code == "log-is-in-the-future"
    proof = log.proof(1)
    lines = proof.checkpoint.splitlines(keepends=True)
    untimed = LogProof(proof.index, proof.path, "".join(lines[:-1]))
    checked = check_log_proof(untimed, leaf=log.leaves[1], logs=[LOG.verifier()], at=AT)
    assert checked.check.code == "log-time-is-missing"


def test_every_single_byte_of_a_proof_counts():
    log = SmallLog(leaves_of(11))
    text = log.proof(6).encode()
    for position, byte in enumerate(text.encode()):
        for flip in (0x01, 0x20):
            altered = bytearray(text.encode())
            altered[position] = byte ^ flip
            try:
                proof = LogProof.parse(altered.decode())
            except (NoteError, UnicodeDecodeError):
                continue
            checked = check_log_proof(proof, leaf=log.leaves[6], logs=[LOG.verifier()], at=AT)
            assert checked.check.verdict is Verdict.INVALID, (position, checked)


@pytest.mark.parametrize(
    "text",
    [
        "", "c2sp.org/tlog-proof@v1\n", EXAMPLE.replace("@v1", "@v2"), EXAMPLE.replace("index 73894", "index 073894"),
        EXAMPLE.replace("index 73894\n", ""), EXAMPLE.replace("gSKy", "gSK"), EXAMPLE.replace("Q=\n", "R=\n"),
        EXAMPLE.replace("extra YW", "extra  YW"), EXAMPLE.replace("index 73894", "index -1"),
        EXAMPLE.replace("\n\nexample", "\n" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" * 64 + "\nexample"),
    ],
)  # fmt: skip
def test_what_is_no_proof_is_refused_when_read(text):
    with pytest.raises(NoteError):
        LogProof.parse(text)


def test_the_leaf_of_an_event_is_the_one_that_the_ledger_computes():
    payload = {"actor": None, "fields": {"credential": "ab" * 32, "level": 3, "name": "集成电路"}}
    at = datetime(2026, 11, 23, 4, 5, 6, 789, tzinfo=UTC)
    salt = bytes(range(32))
    text = entries.payload_text(None, payload["fields"])
    entry = entries.entry_bytes(
        type="credentials.certificate.issued",
        subject="credentials.certificate:1",
        recorded_at=at,
        digest=entries.payload_digest(salt, text),
    )
    recorded_at = json.loads(entry)["recorded_at"]
    event = LoggedEvent("credentials.certificate.issued", "credentials.certificate:1", recorded_at, salt, payload)
    assert event.leaf() == hashlib.sha256(b"\x00" + entry).digest()
    assert event.moment() == at
