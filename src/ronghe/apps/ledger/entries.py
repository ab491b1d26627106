"""How an event becomes bytes, a digest, a leaf and its authentication. Pure; the formats never change silently.

    digest = SHA-256(salt || payload)          payload: RFC 8785 JSON {"actor", "fields"}; salt: 32 random bytes
    entry  = RFC 8785 JSON {"digest", "recorded_at", "subject", "type"}
    leaf   = SHA-256(0x00 || entry)            RFC 9162 §2.1.1
    event's authentication = HMAC-SHA-256(event key, "event" || 0x00 || row id in 8 bytes || entry)
    leaf's authentication  = HMAC-SHA-256(event key, "leaf" || 0x00 || index in 8 bytes || leaf)

The event key is outside the database. So who can write to the database alone can neither edit, add or repeat an event
before it is sealed, nor move a leaf, without leaving a value that does not authenticate.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from json.encoder import encode_basestring
from typing import Any
from uuid import UUID

from ronghe.apps.ledger.event_types import timestamp
from ronghe.trust.canonical import canonical_json

SALT_SIZE = 32

_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), sort_keys=True).encode


def new_salt() -> bytes:
    """Return a fresh salt; without it a digest does not tell which payload it stands for."""
    return secrets.token_bytes(SALT_SIZE)


def payload_text(actor: UUID | None, fields: Mapping[str, Any]) -> str:
    """Return the canonical payload: who acted and the fields of the event type."""
    payload = {"actor": None if actor is None else str(actor), "fields": fields}
    if any(isinstance(value, float | list) for value in fields.values()):
        return canonical_json(payload).decode()
    # As below: only numbers with a fraction are spelt otherwise in RFC 8785, and names of fields are ASCII.
    return _encode(payload)


def payload_digest(salt: bytes, payload: str) -> bytes:
    """Return the salted digest that stands for the payload in the log."""
    return hashlib.sha256(salt + payload.encode()).digest()


def entry_bytes(*, type: str, subject: str, recorded_at: datetime, digest: bytes) -> bytes:
    """Return what the log commits to about one event; it holds no payload."""
    # Keys in order and text quoted as json quotes it are RFC 8785, in a fraction of the time: every check reads it.
    return (
        f'{{"digest":"{digest.hex()}","recorded_at":"{timestamp(recorded_at)}",'
        f'"subject":{encode_basestring(subject)},"type":{encode_basestring(type)}}}'
    ).encode()


def authenticate_entry(key: bytes, event_id: int, entry: bytes) -> bytes:
    """Return the authentication of an event in its row; a copy in another row does not authenticate."""
    return hmac.digest(key, b"event\x00" + event_id.to_bytes(8, "big") + entry, "sha256")


def authenticate_leaf(key: bytes, index: int, leaf: bytes) -> bytes:
    """Return the authentication of a leaf at its place."""
    return hmac.digest(key, b"leaf\x00" + index.to_bytes(8, "big") + leaf, "sha256")
