"""Signed checkpoints of a log: C2SP signed-note, tlog-checkpoint and the timestamped cosignature/v1, with Ed25519.

Parsing is strict: whatever could be written in two ways is refused. Keys are handed in; none is stored here.
"""

import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ronghe.trust.ed25519 import public_key
from ronghe.trust.merkle import HASH_SIZE

MAX_NOTE_BYTES = 64 * 1024
MAX_SIGNATURES = 64
_DASH = "\u2014 "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_MAX_KEPT_LENGTH = 4_000
_UNTIL = " until "
_NAME = re.compile(r"[^\s+]+")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_KEY_ID_BYTES = 4
_TIME_BYTES = 8
_SIGNATURE_BYTES = 64
_PUBLIC_KEY_BYTES = 32


class NoteError(ValueError):
    """Text that is not a signed note or checkpoint, or whose signatures do not hold; the message says where."""


class SignatureType(IntEnum):
    """Signature type bytes that C2SP signed-note assigns and that are understood here."""

    ED25519 = 0x01
    COSIGNATURE_V1 = 0x04


def encode_base64(data: bytes) -> str:
    """Return `data` in the standard alphabet with padding (RFC 4648 §4)."""
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def decode_base64(text: str, what: str) -> bytes:
    """Return the bytes of `text`; raises `NoteError` unless it is the one standard way to write them (RFC 4648 §4)."""
    try:
        data = binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        raise NoteError(f"{what} is not base64") from None
    # Spare bits at the end may be set in a second spelling of the same bytes.
    if encode_base64(data) != text:
        raise NoteError(f"{what} is not in the canonical form of base64")
    return data


def _check_name(name: str) -> None:
    if not _NAME.fullmatch(name) or _CONTROL.search(name):
        raise NoteError(f"{name!r} is no key name: it must be without spaces and plus signs")


@lru_cache(maxsize=256)
def _key_id(name: str, kind: SignatureType, public_key: bytes) -> bytes:
    """Return the key ID, SHA-256(name || 0x0A || type || public key)[:4] (signed-note, "Signatures")."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public_key).digest()[:_KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: its name, how many leaves it has and their Merkle root (tlog-checkpoint, "Note text")."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin or _CONTROL.search(self.origin):
            raise NoteError("the origin of a checkpoint is one line of text")
        if not 0 <= self.size < 1 << 63:
            raise NoteError(f"{self.size} is no size of a log")
        if len(self.root) != HASH_SIZE:
            raise NoteError(f"a root hash has {HASH_SIZE} bytes")

    def text(self) -> str:
        """Return the note text: three lines, no extension lines."""
        return f"{self.origin}\n{self.size}\n{encode_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Return the checkpoint that `text` states; extension lines, which nobody can audit, are refused."""
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise NoteError("a checkpoint is three lines: origin, size and root hash")
        origin, size, root, _ = lines
        if not _DECIMAL.fullmatch(size):
            raise NoteError("line 2 is not a size in decimal without leading zeroes")
        return cls(origin, int(size), decode_base64(root, "line 3, the root hash,"))


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: the key's name and ID and, not yet checked, what the key signed."""

    name: str
    key_id: bytes
    blob: bytes

    def line(self) -> str:
        """Return the line as it stands in the note, with its newline."""
        return f"{_DASH}{self.name} {encode_base64(self.key_id + self.blob)}\n"


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A text with its signature lines (signed-note, "Format"). Nothing in it is to be trusted before it is opened."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def encode(self) -> str:
        """Return the whole note."""
        return self.text + "\n" + "".join(signature.line() for signature in self.signatures)

    @classmethod
    def parse(cls, note: str | bytes) -> "SignedNote":
        """Return the parts of `note`; raises `NoteError` with the line that is wrong."""
        if isinstance(note, bytes):
            if len(note) > MAX_NOTE_BYTES:
                raise NoteError(f"a note has at most {MAX_NOTE_BYTES} bytes")
            try:
                note = note.decode("utf-8")
            except UnicodeDecodeError:
                raise NoteError("a note is text in UTF-8") from None
        if len(note) > MAX_NOTE_BYTES:
            raise NoteError(f"a note has at most {MAX_NOTE_BYTES} bytes")
        # One verification reads its note several times; a stranger's long one is not kept.
        return _kept_note(note) if len(note) < _MAX_KEPT_LENGTH else _note(note)


def _note(note: str) -> SignedNote:
    if _CONTROL.search(note):
        raise NoteError("a note has no control characters but the newline")
    if not note.endswith("\n"):
        raise NoteError("a note ends with a newline")
    head, blank, tail = note.rpartition("\n\n")
    if not blank or not head:
        raise NoteError("a note is a text, an empty line and signature lines")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError(f"a note has at most {MAX_SIGNATURES} signatures")
    return SignedNote(head + "\n", tuple(_parse_signature(line) for line in lines))


_kept_note = lru_cache(maxsize=64)(_note)


def _parse_signature(line: str) -> NoteSignature:
    parts = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(parts) != 2:
        raise NoteError("a signature line is a dash, a key name and a signature")
    name, encoded = parts
    _check_name(name)
    blob = decode_base64(encoded, f"the signature of {name}")
    if len(blob) <= _KEY_ID_BYTES:
        raise NoteError(f"the signature of {name} is too short")
    return NoteSignature(name, blob[:_KEY_ID_BYTES], blob[_KEY_ID_BYTES:])


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key that checkpoints are checked with, under the name it signs by.

    A key that its log has replaced counts for checkpoints of up to `until_size` leaves, which it signed in its time:
    whoever comes by it later can sign no longer log.
    """

    name: str
    public_key: bytes
    until_size: int | None = None

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public_key) != _PUBLIC_KEY_BYTES:
            raise NoteError(f"an Ed25519 public key has {_PUBLIC_KEY_BYTES} bytes")

    def key_id(self, kind: SignatureType = SignatureType.ED25519) -> bytes:
        """Return the four bytes that mark this key's signatures of one kind."""
        return _key_id(self.name, kind, self.public_key)

    def encode(self, kind: SignatureType = SignatureType.ED25519) -> str:
        """Return the key as one line of text, `name+id+key` (signed-note, "Verifier keys"), and ` until SIZE`, if any.

        `kind` is what it signs: checkpoints of its own log, or cosignatures.
        """
        material = bytes([kind]) + self.public_key
        until = "" if self.until_size is None else f"{_UNTIL}{self.until_size}"
        return f"{self.name}+{self.key_id(kind).hex()}+{encode_base64(material)}{until}"

    @classmethod
    def parse(cls, text: str, kind: SignatureType = SignatureType.ED25519) -> "VerifierKey":
        """Return the key that `encode` wrote for `kind`; raises `NoteError` if its ID does not belong to it."""
        line, until, size = text.partition(_UNTIL)
        parts = line.split("+", 2)
        if len(parts) != 3:
            raise NoteError("a verifier key is name+id+key")
        if until and not _DECIMAL.fullmatch(size):
            raise NoteError("after `until` comes the size of the log at which the key was replaced")
        name, key_id, encoded = parts
        material = decode_base64(encoded, "the verifier key")
        if material[:1] != bytes([kind]):
            what = "checkpoints" if kind is SignatureType.ED25519 else "cosignatures"
            raise NoteError(f"this is no Ed25519 verifier key for {what}")
        key = cls(name, material[1:], int(size) if until else None)
        if key_id != key.key_id(kind).hex():
            raise NoteError("the verifier key's ID does not belong to it")
        return key

    def _check(self, signature: bytes, message: bytes) -> None:
        try:
            public_key(self.public_key).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise NoteError(f"a signature of {self.name} does not hold") from None

    def check_signature(self, note: SignedNote, signature: NoteSignature) -> None:
        """Check a plain signature of this key on `note`; raises `NoteError`."""
        self._check(signature.blob, note.text.encode())

    def check_cosignature(self, note: SignedNote, signature: NoteSignature) -> int:
        """Check a timestamped signature of this key on `note` and return its time, in seconds since 1970 (UTC)."""
        if len(signature.blob) != _TIME_BYTES + _SIGNATURE_BYTES:
            raise NoteError(f"a timestamped signature of {self.name} has the wrong length")
        time = int.from_bytes(signature.blob[:_TIME_BYTES], "big")
        self._check(signature.blob[_TIME_BYTES:], _timed_message(note.text, time))
        return time


@dataclass(frozen=True, slots=True)
class SignerKey:
    """A private key under the name it signs by."""

    name: str
    private_key: Ed25519PrivateKey

    def verifier(self) -> VerifierKey:
        """Return the public half."""
        return VerifierKey(self.name, self.private_key.public_key().public_bytes_raw())

    def sign(self, checkpoint: Checkpoint, *, time: int) -> SignedNote:
        """Return `checkpoint` signed plainly and with `time` (seconds since 1970, UTC).

        The plain line is the checkpoint that any C2SP client reads; the timed line, a cosignature/v1 by the log
        itself, says when the log had this head, which the plain format cannot.
        """
        verifier = self.verifier()
        text = checkpoint.text()
        plain = self.private_key.sign(text.encode())
        return SignedNote(text, (NoteSignature(self.name, verifier.key_id(), plain), self.cosign(text, time=time)))

    def cosign(self, text: str, *, time: int) -> NoteSignature:
        """Return the timestamped signature (cosignature/v1) of this key on a note's `text`."""
        timed = time.to_bytes(_TIME_BYTES, "big") + self.private_key.sign(_timed_message(text, time))
        return NoteSignature(self.name, self.verifier().key_id(SignatureType.COSIGNATURE_V1), timed)


def _timed_message(text: str, time: int) -> bytes:
    """Return what a cosignature/v1 signs (tlog-cosignature, "Ed25519 signed message")."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


@dataclass(frozen=True, slots=True)
class OpenedCheckpoint:
    """A checkpoint whose signatures held, and the time its log signed, if it signed one."""

    checkpoint: Checkpoint
    time: int | None


def open_checkpoint(note: str | bytes, keys: Sequence[VerifierKey]) -> OpenedCheckpoint:
    """Return the checkpoint in `note` after checking it.

    Signatures of unknown keys are passed over; every signature of a known key must hold, and one plain signature of a
    key that bears the origin's name must be among them (signed-note, "Signatures"). Raises `NoteError`.
    """
    parsed = SignedNote.parse(note)
    checkpoint = Checkpoint.parse(parsed.text)
    signed = False
    time: int | None = None
    for signature in parsed.signatures:
        for key in keys:
            if signature.name != key.name:
                continue
            kinds = (key.key_id(), key.key_id(SignatureType.COSIGNATURE_V1))
            if signature.key_id in kinds and key.until_size is not None and checkpoint.size > key.until_size:
                raise NoteError(f"a key that {key.name} replaced at {key.until_size} leaves signed {checkpoint.size}")
            if signature.key_id == kinds[0]:
                key.check_signature(parsed, signature)
                signed = signed or key.name == checkpoint.origin
            elif signature.key_id == kinds[1]:
                stated = key.check_cosignature(parsed, signature)
                time = stated if key.name == checkpoint.origin else time
    if not signed:
        raise NoteError(f"no known key of {checkpoint.origin} signed this checkpoint")
    return OpenedCheckpoint(checkpoint, time)
