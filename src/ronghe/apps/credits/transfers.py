"""A statement that moves credits to another institution: the event of the transfer with its proof in the sender's log.

The log's signed checkpoint signs the statement: no key beside the log's is needed, and nobody can write one afterwards.
It is canonical JSON (RFC 8785), `{"event": {payload, recorded_at, salt, subject, type}, "format", "proof"}`; the proof
is a C2SP tlog-proof.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.publishing import log_proof, logged_event
from ronghe.trust.canonical import CanonicalError, canonical_json
from ronghe.trust.checkpoint import Checkpoint, NoteError, SignedNote, VerifierKey, decode_base64, encode_base64
from ronghe.trust.log_proof import LoggedEvent, LogProof, check_log_proof
from ronghe.trust.verdicts import Verdict

FORMAT = "ronghe-credit-transfer-v1"
SENT = "credits.credits.sent"
LARGEST = 20_000


class StatementError(ValueError):
    """Bytes that are no statement, or one that its log does not bear out; the message says why."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a statement says once its log has borne it out; `leaf` names it among all statements of the log."""

    origin: str
    institution: str
    holder: str
    credits: Decimal
    is_practice: bool
    earned_on: date
    leaf: str


def statement_of(event: Event) -> bytes | None:
    """The statement of a transfer of ours, or None until its event is sealed (or once it was erased)."""
    logged = logged_event(event)
    if logged is None or not hasattr(event, "leaf"):
        return None
    proof = log_proof(event.leaf.index)
    if proof is None:
        return None
    told = {
        "payload": logged.payload,
        "recorded_at": logged.recorded_at,
        "salt": encode_base64(logged.salt),
        "subject": logged.subject,
        "type": logged.type,
    }
    return canonical_json({"event": told, "format": FORMAT, "proof": proof.encode()})


def read_statement(data: bytes, *, logs: list[VerifierKey], at: datetime) -> Transfer:
    """What another institution states, checked by the keys of the logs that are trusted. Raises StatementError."""
    event, proof = _parts(data)
    leaf = event.leaf()
    checked = check_log_proof(proof, leaf=leaf, logs=logs, at=at).check
    if checked.verdict is not Verdict.VALID:
        raise StatementError(checked.detail)
    if event.type != SENT:
        raise StatementError("the event that it proves is no transfer of credits")
    origin = Checkpoint.parse(SignedNote.parse(proof.checkpoint).text).origin
    fields: Any = event.payload.get("fields")
    try:
        credits = Decimal(fields["credits"])
        if not credits.is_finite() or credits <= 0:
            raise ValueError("no amount")
        return Transfer(
            origin,
            str(fields["institution"]),
            str(fields["holder"]),
            credits,
            bool(fields["is_practice"]),
            date.fromisoformat(fields["earned_on"]),
            leaf.hex(),
        )
    except (TypeError, KeyError, ValueError, InvalidOperation) as error:
        raise StatementError("its event lacks what a transfer says") from error


def _parts(data: bytes) -> tuple[LoggedEvent, LogProof]:
    if len(data) > LARGEST:
        raise StatementError(f"a statement has at most {LARGEST} bytes")
    try:
        value: Any = json.loads(data)
        if canonical_json(value) != data or value["format"] != FORMAT or set(value) != {"event", "format", "proof"}:
            raise StatementError("this is no statement of a transfer, or it was written anew by another program")
        told = value["event"]
        event = LoggedEvent(
            told["type"], told["subject"], told["recorded_at"], decode_base64(told["salt"], "the salt"), told["payload"]
        )
        if set(told) != {"payload", "recorded_at", "salt", "subject", "type"} or not isinstance(told["payload"], dict):
            raise StatementError("the event has other parts than an event of the log")
        return event, LogProof.parse(value["proof"])
    except StatementError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, CanonicalError, NoteError) as error:
        raise StatementError(f"this is no statement of a transfer: {error}") from error
