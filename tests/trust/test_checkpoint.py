"""Signed notes against the published example of the format, and against every malformed spelling we could think of."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ronghe.trust.checkpoint import (
    Checkpoint,
    NoteError,
    SignatureType,
    SignedNote,
    SignerKey,
    VerifierKey,
    decode_base64,
    open_checkpoint,
)

# The example of the package documentation of golang.org/x/mod/sumdb/note.
PUBLISHED_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
PUBLISHED_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# The example of C2SP tlog-checkpoint and tlog-cosignature.
PUBLISHED_CHECKPOINT = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "\u2014 example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 "
    "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
SIGNER = SignerKey("example.org/log", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER = SignerKey("example.org/log", Ed25519PrivateKey.from_private_bytes(bytes(32)))
CHECKPOINT = Checkpoint("example.org/log", 7, bytes(range(32)))


def signed() -> str:
    return SIGNER.sign(CHECKPOINT, time=1_700_000_000).encode()


def test_the_published_note_holds_under_its_published_key():
    key = VerifierKey.parse(PUBLISHED_KEY)
    note = SignedNote.parse(PUBLISHED_NOTE)
    (signature,) = note.signatures
    assert signature.key_id == key.key_id()
    key.check_signature(note, signature)
    assert note.encode() == PUBLISHED_NOTE
    assert key.encode() == PUBLISHED_KEY


def test_the_published_note_with_one_letter_changed_does_not_hold():
    note = SignedNote.parse(PUBLISHED_NOTE.replace("answer", "Answer"))
    with pytest.raises(NoteError, match="PeterNeumann does not hold"):
        VerifierKey.parse(PUBLISHED_KEY).check_signature(note, note.signatures[0])


def test_the_published_checkpoint_is_read_as_printed():
    note = SignedNote.parse(PUBLISHED_CHECKPOINT.encode())
    checkpoint = Checkpoint.parse(note.text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert [signature.name for signature in note.signatures] == [
        "example.com/behind-the-sofa",
        "witness.example.com/w1",
    ]
    assert note.encode() == PUBLISHED_CHECKPOINT
    assert int.from_bytes(note.signatures[1].blob[:8], "big") == 1679315147


def test_a_signed_checkpoint_opens_with_its_time():
    opened = open_checkpoint(signed(), [SIGNER.verifier()])
    assert opened.checkpoint == CHECKPOINT
    assert opened.time == 1_700_000_000


def test_a_checkpoint_needs_a_signature_of_a_key_that_we_know():
    with pytest.raises(NoteError, match="no known key"):
        open_checkpoint(signed(), [OTHER.verifier()])
    with pytest.raises(NoteError, match="no known key"):
        open_checkpoint(PUBLISHED_CHECKPOINT, [SIGNER.verifier()])


def test_a_witness_alone_does_not_make_a_checkpoint():
    witness = SignerKey("witness.example", OTHER.private_key)
    note = witness.sign(CHECKPOINT, time=5).encode()
    with pytest.raises(NoteError, match=r"no known key of example\.org/log"):
        open_checkpoint(note, [witness.verifier(), SIGNER.verifier()])


def test_a_signature_of_a_known_key_that_does_not_hold_refuses_the_whole_note():
    note = SignedNote.parse(signed())
    other = SIGNER.sign(Checkpoint("example.org/log", 8, bytes(32)), time=1_700_000_000)
    for mixed in (
        (note.signatures[0], other.signatures[1]),
        (other.signatures[0], note.signatures[1]),
        (note.signatures[0], other.signatures[0]),
    ):
        with pytest.raises(NoteError, match="does not hold"):
            open_checkpoint(SignedNote(note.text, mixed).encode(), [SIGNER.verifier()])


def test_the_stated_time_cannot_be_changed():
    note = SignedNote.parse(signed())
    plain, timed = note.signatures
    later = (1_800_000_000).to_bytes(8, "big") + timed.blob[8:]
    changed = SignedNote(note.text, (plain, type(timed)(timed.name, timed.key_id, later)))
    with pytest.raises(NoteError, match="does not hold"):
        open_checkpoint(changed.encode(), [SIGNER.verifier()])


def test_the_timed_signature_does_not_pass_for_the_plain_one():
    note = SignedNote.parse(signed())
    with pytest.raises(NoteError, match="no known key"):
        open_checkpoint(SignedNote(note.text, note.signatures[1:]).encode(), [SIGNER.verifier()])


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_no_byte_of_a_signed_checkpoint_can_be_changed(position, change):
    note = bytearray(signed().encode())
    note[position % len(note)] ^= change
    with pytest.raises(NoteError):
        opened = open_checkpoint(bytes(note), [SIGNER.verifier()])
        # A signature that no longer bears our key's name or ID is passed over: then the time may go, nothing else.
        assert opened.checkpoint == CHECKPOINT
        assert opened.time is None
        raise NoteError("the time was lost")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("example.org/log\n07\nAAAA\n", "leading zeroes"),
        ("example.org/log\n+7\nAAAA\n", "leading zeroes"),
        ("example.org/log\n٧\nAAAA\n", "leading zeroes"),
        ("example.org/log\n7\nAAAA\n", "root hash has 32"),
        ("example.org/log\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n", "canonical form"),
        ("example.org/log\n7\nCsUYapGGPo4dkMgIAUqom_Xajj7h2fB2MPA3j2jxq2I=\n", "not base64"),
        ("example.org/log\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I\n", "not base64"),
        ("example.org/log\n7\n", "three lines"),
        ("example.org/log\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nextension\n", "three lines"),
        ("\n7\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", "origin"),
        ("example.org/log\n9999999999999999999\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n", "no size"),
    ],
)
def test_a_checkpoint_spelt_in_any_other_way_is_refused(text, reason):
    with pytest.raises(NoteError, match=reason):
        Checkpoint.parse(text)


SIGNATURE = base64.b64encode(bytes(68)).decode()


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        (b"\xff\n\n", "UTF-8"),
        (f"text\n\n\u2014 a {SIGNATURE}", "ends with a newline"),
        (f"text\r\n\n\u2014 a {SIGNATURE}\n", "control characters"),
        ("text\n", "empty line"),
        (f"\n\n\u2014 a {SIGNATURE}\n", "empty line"),
        (f"text\n\n- a {SIGNATURE}\n", "dash"),
        (f"text\n\n\u2014 a  {SIGNATURE}\n", "dash"),
        (f"text\n\n\u2014 a {SIGNATURE} \n", "dash"),
        (f"text\n\n\u2014 a+b {SIGNATURE}\n", "without spaces and plus"),
        (f"text\n\n\u2014 a\u3000b {SIGNATURE}\n", "without spaces and plus"),
        ("text\n\n\u2014 a AAAAAA==\n", "too short"),
        ("text\n\n\u2014 a AAAAAB==\n", "canonical form"),
        ("text\n\n", "dash"),
        ("text\n\n" + f"\u2014 a {SIGNATURE}\n" * 65, "at most 64 signatures"),
        (b"a" * 70_000, "at most 65536 bytes"),
    ],
)
def test_a_note_spelt_in_any_other_way_is_refused(note, reason):
    with pytest.raises(NoteError, match=reason):
        SignedNote.parse(note)


def test_a_note_with_sixteen_unknown_signatures_is_read():
    note = SignedNote.parse(signed())
    extra = SignedNote.parse("text\n\n" + f"\u2014 somebody {SIGNATURE}\n" * 16).signatures
    opened = open_checkpoint(SignedNote(note.text, extra + note.signatures).encode(), [SIGNER.verifier()])
    assert opened.checkpoint == CHECKPOINT


@pytest.mark.parametrize(
    "text",
    [
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpC",
        "PeterNeumann+c74f20a3",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ],
)
def test_a_verifier_key_that_does_not_belong_to_itself_is_refused(text):
    with pytest.raises(NoteError):
        VerifierKey.parse(text)


def test_the_two_kinds_of_signature_have_different_key_ids():
    verifier = SIGNER.verifier()
    assert verifier.key_id() != verifier.key_id(SignatureType.COSIGNATURE_V1)


@given(st.binary(max_size=40))
def test_base64_has_one_spelling(data):
    text = base64.b64encode(data).decode()
    assert decode_base64(text, "it") == data
    for other in (text + "\n", " " + text, text + "=", text.rstrip("=") if text.endswith("=") else text + "A"):
        with pytest.raises(NoteError):
            decode_base64(other, "it")
