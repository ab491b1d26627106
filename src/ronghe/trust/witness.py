"""Witnesses of a log: who must have signed a checkpoint, and how a witness decides (C2SP tlog-witness, cosignature/v1).

Pure: the program that a witness runs keeps the state and speaks HTTP (`runners.witness_service`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ronghe.trust.checkpoint import (
    Checkpoint,
    NoteError,
    OpenedCheckpoint,
    SignatureType,
    SignedNote,
    SignerKey,
    VerifierKey,
    decode_base64,
    encode_base64,
    open_checkpoint,
)
from ronghe.trust.log_proof import is_after, refuse_lookalikes, time_text
from ronghe.trust.merkle import HASH_SIZE, ProofError, verify_consistency
from ronghe.trust.verdicts import Check, CheckName

MAX_STEPS = 63
MAX_REQUEST_BYTES = 64 * 1024
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})", re.ASCII)


@dataclass(frozen=True, slots=True)
class WitnessPolicy:
    """The witnesses that one trusts, and how many of them must have signed a checkpoint (default: 2)."""

    keys: tuple[VerifierKey, ...] = ()
    threshold: int = 2

    def __post_init__(self) -> None:
        if len({key.public_key for key in self.keys}) < len(self.keys):
            raise NoteError("two witnesses have the same key; each counts once, so name each once")
        if len({key.name for key in self.keys}) < len(self.keys):
            raise NoteError("two witnesses have the same name; give each a name of its own")
        if self.threshold < 0 or (self.keys and self.threshold > len(self.keys)):
            raise NoteError(f"{self.threshold} of {len(self.keys)} witnesses can never sign; lower the number")


def cosignatures_in(note: SignedNote, keys: Sequence[VerifierKey]) -> dict[str, int]:
    """Return the time of each witness's cosignature on `note`, by name; raises `NoteError` if one does not hold."""
    times: dict[str, int] = {}
    for signature in note.signatures:
        for key in keys:
            if (signature.name, signature.key_id) == (key.name, key.key_id(SignatureType.COSIGNATURE_V1)):
                times[key.name] = max(times.get(key.name, 0), key.check_cosignature(note, signature))
    return times


def check_witnesses(note: str | bytes, policy: WitnessPolicy, *, at: datetime) -> Check:
    """Return whether enough witnesses signed the checkpoint in `note`, none of them after `at`."""
    name = CheckName.WITNESSES
    if not policy.threshold:
        return Check.valid(name, "witnesses-are-not-required")
    if not policy.keys:
        return Check.unknown(name, "witnesses-are-unknown", "name the witnesses that you trust, or ask for none")
    try:
        parsed = SignedNote.parse(note)
        refuse_lookalikes(parsed, policy.keys)
        times = cosignatures_in(parsed, policy.keys)
    except NoteError as error:
        return Check.invalid(name, "witness-signature-does-not-hold", str(error))
    for witness, time in times.items():
        if is_after(time, at):
            return Check.invalid(name, "witness-is-in-the-future", f"{witness} signed on {time_text(time)}")
    found = f"{len(times)} of the {policy.threshold} asked for signed: {', '.join(sorted(times)) or 'none'}"
    if len(times) < policy.threshold:
        return Check.invalid(name, "witnesses-are-too-few", found)
    return Check.valid(name, "witnesses-suffice", found)


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """What a log asks of a witness: the size it last signed, the proof of growth from there, the new checkpoint."""

    old_size: int
    proof: tuple[bytes, ...]
    note: str

    def encode(self) -> bytes:
        """Return the body of the request (tlog-witness, "add-checkpoint")."""
        return "\n".join([f"old {self.old_size}", *map(encode_base64, self.proof), "", self.note]).encode()

    @classmethod
    def parse(cls, body: bytes) -> "AddCheckpoint":
        """Return the parts of a request; raises `NoteError` with what is wrong."""
        if len(body) > MAX_REQUEST_BYTES:
            raise NoteError(f"a request has at most {MAX_REQUEST_BYTES} bytes")
        try:
            head, blank, note = body.decode("utf-8").partition("\n\n")
        except UnicodeDecodeError:
            raise NoteError("a request is text in UTF-8") from None
        first, *lines = head.split("\n")
        old = _OLD.fullmatch(first)
        if old is None or not blank:
            raise NoteError("a request is a line `old SIZE`, a proof, an empty line and a checkpoint")
        if len(lines) > MAX_STEPS:
            raise NoteError(f"a proof has at most {MAX_STEPS} steps")
        proof = tuple(decode_base64(line, f"step {number} of the proof") for number, line in enumerate(lines, 1))
        if any(len(step) != HASH_SIZE for step in proof):
            raise NoteError(f"every step of a proof has {HASH_SIZE} bytes")
        return cls(int(old[1]), proof, note)


class ConflictKind(StrEnum):
    """What two checkpoints that one log signed show together."""

    SPLIT_VIEW = "split-view"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Evidence against a log: two checkpoints, both signed by it, that cannot both be true."""

    kind: ConflictKind
    origin: str
    held: str
    offered: str

    def text(self) -> str:
        """Return the evidence as one text that anyone can check with the log's public key."""
        says = {
            ConflictKind.SPLIT_VIEW: "The log signed two different trees of one size.",
            ConflictKind.ROLLBACK: "The log signed a smaller tree later than a larger one.",
        }
        return f"{self.kind}\n{says[self.kind]}\n\n{self.held}\n{self.offered}"


class Answer(StrEnum):
    """How a witness answers, and with which status of HTTP (`STATUSES`)."""

    COSIGNED = "cosigned"
    MALFORMED = "malformed"
    NOT_SIGNED = "not signed"
    UNKNOWN_LOG = "unknown log"
    STALE = "stale"
    FORK = "fork"
    NOT_PROVED = "not proved"


STATUSES = {
    Answer.COSIGNED: 200,
    Answer.MALFORMED: 400,
    Answer.NOT_SIGNED: 403,
    Answer.UNKNOWN_LOG: 404,
    Answer.STALE: 409,
    Answer.FORK: 409,
    Answer.NOT_PROVED: 422,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A witness's answer.

    `line` is the cosignature and `note` what it must keep before it answers, both only when it cosigned; `size` is the
    size it holds, and `conflict` evidence that it must keep.
    """

    answer: Answer
    detail: str
    size: int = 0
    line: str = ""
    note: str = ""
    conflict: Conflict | None = None


@dataclass(frozen=True, slots=True)
class Witness:
    """A witness's key and the keys of the logs that it looks after."""

    signer: SignerKey
    logs: tuple[VerifierKey, ...]

    def origin_of(self, request: AddCheckpoint) -> str:
        """Return the name of the log that a request is about, nothing of it checked; raises `NoteError`."""
        return Checkpoint.parse(SignedNote.parse(request.note).text).origin

    def decide(self, request: AddCheckpoint, *, held: str | None, time: int) -> Decision:
        """Return the answer to `request`, given the checkpoint that it last cosigned for this log (None: none).

        `time` is now, in seconds since 1970. The caller looks up `held`, keeps `note` and answers as one step.
        """
        try:
            note = SignedNote.parse(request.note)
            offered = Checkpoint.parse(note.text)
        except NoteError as error:
            return Decision(Answer.MALFORMED, str(error))
        keys = tuple(key for key in self.logs if key.name == offered.origin)
        if not keys:
            return Decision(Answer.UNKNOWN_LOG, f"this witness does not look after {offered.origin}")
        try:
            opened = open_checkpoint(request.note, keys)
        except NoteError as error:
            return Decision(Answer.NOT_SIGNED, str(error))
        last = None if held is None else open_checkpoint(held, keys)
        size = last.checkpoint.size if last else 0
        conflict = None
        if last is not None and held is not None and (kind := _conflict(last, opened)):
            conflict = Conflict(kind, offered.origin, held, request.note)
        # The evidence is kept whatever the answer, which is the first that the protocol has.
        if request.old_size > offered.size:
            return Decision(Answer.MALFORMED, "the old size is larger than the checkpoint", size, conflict=conflict)
        if request.old_size != size:
            stale = f"the last checkpoint cosigned here has size {size}"
            return Decision(Answer.STALE, stale, size, conflict=conflict)
        if conflict is not None:
            contradicted = f"this contradicts the checkpoint of size {size}"
            return Decision(Answer.FORK, contradicted, size, conflict=conflict)
        if problem := _not_grown(last, opened.checkpoint, request.proof):
            return Decision(Answer.NOT_PROVED, problem, size)
        line = self.signer.cosign(note.text, time=time).line()
        return Decision(Answer.COSIGNED, "cosigned", offered.size, line, request.note)


def _conflict(held: OpenedCheckpoint, offered: OpenedCheckpoint) -> ConflictKind | None:
    old, new = held.checkpoint, offered.checkpoint
    if new.size == old.size and new.root != old.root:
        return ConflictKind.SPLIT_VIEW
    # A smaller checkpoint may merely be late; the log's own signed time tells that it was signed afterwards.
    late = held.time is not None and offered.time is not None and offered.time > held.time
    return ConflictKind.ROLLBACK if new.size < old.size and late else None


def _not_grown(held: OpenedCheckpoint | None, new: Checkpoint, proof: tuple[bytes, ...]) -> str:
    if held is None or held.checkpoint.size == 0:
        return "a first checkpoint needs no proof" if proof else ""
    old = held.checkpoint
    try:
        verify_consistency(first=old.size, second=new.size, first_root=old.root, second_root=new.root, path=proof)
    except ProofError as error:
        return str(error)
    return ""


def with_cosignatures(note: str, lines: Sequence[str]) -> str:
    """Return `note` with more signature lines, each ending in a newline."""
    return note + "".join(lines)
