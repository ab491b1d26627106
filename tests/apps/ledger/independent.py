"""A second, naive reading of the log: plain SQL, json and hashlib, recursion as RFC 6962 §2.1 writes it."""

import hashlib
import json
from datetime import UTC, datetime

from django.db import connection


def root(entries: list[bytes]) -> bytes:
    """MTH(D_n)."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    return hashlib.sha256(b"\x01" + root(entries[:split]) + root(entries[split:])).digest()


def entry(type_: str, subject: str, recorded_at: datetime | str, digest: bytes) -> bytes:
    """The bytes that a leaf commits to: sorted keys, no spaces, ASCII throughout."""
    moment = datetime.fromisoformat(recorded_at) if isinstance(recorded_at, str) else recorded_at
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    text = {
        "digest": bytes(digest).hex(),
        "recorded_at": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "subject": subject,
        "type": type_,
    }
    return json.dumps(text, sort_keys=True, separators=(",", ":")).encode()


def sealed_entries() -> list[bytes]:
    """The entries of the log in log order, straight from the tables; the indexes must have no gap."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT l."index", e.type, e.subject, e.recorded_at, e.digest FROM ledger_leaf l '
            'JOIN ledger_event e ON e.id = l.event_id ORDER BY l."index"'
        )
        rows = cursor.fetchall()
    assert [row[0] for row in rows] == list(range(len(rows)))
    return [entry(*row[1:]) for row in rows]
