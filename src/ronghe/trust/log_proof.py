"""That an event is in a log, as text that is checked offline: C2SP tlog-proof, and the event as the log commits to it.

It asks whether the log says so; whether witnesses saw the same log is `witness.py`.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from ronghe.trust.canonical import canonical_json
from ronghe.trust.checkpoint import (
    Checkpoint,
    NoteError,
    OpenedCheckpoint,
    SignatureType,
    SignedNote,
    VerifierKey,
    decode_base64,
    encode_base64,
    open_checkpoint,
)
from ronghe.trust.merkle import HASH_SIZE, ProofError, leaf_hash, verify_inclusion
from ronghe.trust.verdicts import Check, CheckName

CLOCKS_MAY_DIFFER_BY = timedelta(minutes=5)
MAX_STEPS = 63
_FIRST_LINE = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class LogProof:
    """The place of a leaf, its path to the root (RFC 9162 §2.1.3.1) and the signed checkpoint, word for word."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    @property
    def size(self) -> int:
        """How many leaves the checkpoint states, unchecked; raises `NoteError`."""
        lines = self.checkpoint.split("\n", 2)
        if len(lines) < 2 or not (lines[1].isascii() and lines[1].isdigit()):
            raise NoteError("a checkpoint states its size on the second line")
        return int(lines[1])

    def encode(self) -> str:
        """Return the text of the proof (tlog-proof, "Format")."""
        lines = [_FIRST_LINE]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines += [f"index {self.index}", *map(encode_base64, self.path)]
        return "\n".join([*lines, "", self.checkpoint])

    @classmethod
    def parse(cls, text: str) -> "LogProof":
        """Return the parts of a proof, nothing of it checked; raises `NoteError` with what is wrong."""
        head, blank, note = text.partition("\n\n")
        first, *lines = head.split("\n")
        if first != _FIRST_LINE or not blank:
            raise NoteError(f"a proof begins with {_FIRST_LINE} and holds a checkpoint after an empty line")
        extra = None
        if lines and lines[0].startswith("extra "):
            extra = decode_base64(lines.pop(0).removeprefix("extra "), "the extra data of the proof")
        index = _INDEX.fullmatch(lines[0]) if lines else None
        if index is None:
            raise NoteError("a proof states the index of its leaf in decimal without leading zeroes")
        if len(lines) - 1 > MAX_STEPS:
            raise NoteError(f"a path has at most {MAX_STEPS} steps")
        path = tuple(decode_base64(line, f"step {number} of the path") for number, line in enumerate(lines[1:], 1))
        if any(len(step) != HASH_SIZE for step in path):
            raise NoteError(f"every step of a path has {HASH_SIZE} bytes")
        return cls(int(index[1]), path, note, extra)


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event with its payload and salt, from which anyone can compute the leaf that stands for it.

        digest = SHA-256(salt || JCS(payload))
        entry  = JCS({digest, recorded_at, subject, type})
        leaf   = SHA-256(0x00 || entry)

    `recorded_at` is the text that the log committed to, in UTC with a Z.
    """

    type: str
    subject: str
    recorded_at: str
    salt: bytes
    payload: Mapping[str, Any]

    def leaf(self) -> bytes:
        """Return the leaf hash; raises `CanonicalError` if the payload has no canonical form."""
        digest = hashlib.sha256(self.salt + canonical_json(self.payload)).hexdigest()
        entry = {"digest": digest, "recorded_at": self.recorded_at, "subject": self.subject, "type": self.type}
        return leaf_hash(canonical_json(entry))

    def moment(self) -> datetime:
        """Return when it was recorded; raises ValueError unless that is written as the log writes times."""
        if not self.recorded_at.endswith("Z"):
            raise ValueError(f"{self.recorded_at!r} is not a time in UTC")
        return datetime.fromisoformat(self.recorded_at)


def refuse_lookalikes(note: SignedNote, keys: Sequence[VerifierKey]) -> None:
    """Refuse a signature under the name of a known key that is not of it, or of its ID under another name.

    Signatures of strangers are passed over, as the format asks. One that was altered must not pass for a stranger's.
    """
    known, names, ids = _known_by(tuple(keys))
    for signature in note.signatures:
        if (signature.name, signature.key_id) not in known and (signature.name in names or signature.key_id in ids):
            raise NoteError(
                f"a signature that calls itself {signature.name} is not of the key known by that name; "
                "where a log has changed its key, fetch its trusted keys again"
            )


@lru_cache(maxsize=64)
def _known_by(keys: tuple[VerifierKey, ...]) -> tuple[frozenset[tuple[str, bytes]], frozenset[str], frozenset[bytes]]:
    """Return the names and IDs of all signatures that the keys make, together and each alone."""
    known = frozenset((key.name, key.key_id(kind)) for key in keys for kind in SignatureType)
    return known, frozenset(name for name, _ in known), frozenset(key_id for _, key_id in known)


@dataclass(frozen=True, slots=True)
class CheckedProof:
    """What the log says about a leaf, and the checkpoint it says so by (None where it does not hold)."""

    check: Check
    opened: OpenedCheckpoint | None = None


def check_log_proof(proof: LogProof, *, leaf: bytes, logs: Sequence[VerifierKey], at: datetime) -> CheckedProof:
    """Check that the log, one of `logs`, includes `leaf` (a leaf hash) as of a time that is not after `at`."""
    name = CheckName.LOG
    try:
        note = SignedNote.parse(proof.checkpoint)
        checkpoint = Checkpoint.parse(note.text)
    except NoteError as error:
        return CheckedProof(Check.invalid(name, "log-proof-is-malformed", str(error)))
    try:
        refuse_lookalikes(note, logs)
        if not any(key.name == checkpoint.origin for key in logs):
            if any(signature.name == key.name for signature in note.signatures for key in logs):
                raise NoteError(f"a log that you trust is said to have signed for {checkpoint.origin}")
            detail = f"the log calls itself {checkpoint.origin}; add its key if you trust it"
            return CheckedProof(Check.unknown(name, "log-is-unknown", detail))
        opened = open_checkpoint(proof.checkpoint, logs)
    except NoteError as error:
        return CheckedProof(Check.invalid(name, "log-signature-does-not-hold", str(error)))
    if opened.time is None:
        return CheckedProof(Check.invalid(name, "log-time-is-missing", "the log's timed signature was left out"))
    if is_after(opened.time, at):
        return CheckedProof(Check.invalid(name, "log-is-in-the-future", f"it signed on {time_text(opened.time)}"))
    try:
        verify_inclusion(index=proof.index, size=checkpoint.size, leaf=leaf, path=proof.path, root=checkpoint.root)
    except ProofError as error:
        return CheckedProof(Check.invalid(name, "log-proof-does-not-hold", str(error)))
    detail = f"number {proof.index} of {checkpoint.size} in {checkpoint.origin}, as of {time_text(opened.time)}"
    return CheckedProof(Check.valid(name, "log-includes-it", detail), opened)


def is_after(time: int, at: datetime) -> bool:
    """Whether `time` (seconds since 1970) lies after `at` by more than clocks may differ."""
    return time > (at + CLOCKS_MAY_DIFFER_BY).timestamp()


def time_text(time: int) -> str:
    """Return a signed time in words; one that no calendar has, in seconds."""
    try:
        return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        return f"{time} s"
