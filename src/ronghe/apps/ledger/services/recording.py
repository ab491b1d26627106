"""Recording: the event, its payload and its place in the queue, in the transaction that caused the event."""

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.utils import timezone

from ronghe.apps.ledger import entries, keys, outside, rows
from ronghe.apps.ledger.errors import NotInTransaction
from ronghe.apps.ledger.event_types import EventType, find, person_uid, reference
from ronghe.apps.ledger.models import Event, Mention, Payload, Unsealed
from ronghe.trust.merkle import leaf_hash

logger = logging.getLogger(__name__)

_BATCH = 1_000


class Entry(NamedTuple):
    """One event of `record_many`."""

    type: EventType | str
    subject: Model | str
    payload: Mapping[str, object] = {}


def record(
    *,
    actor: Model | None,
    type: EventType | str,
    subject: Model | str,
    payload: Mapping[str, object] | None = None,
) -> Event:
    """Record that `actor` (None: the system) did what `type` says to `subject`, and return the event.

    It belongs at the end of the service, inside its transaction: both stand or fall together. Raises
    `NotInTransaction`, `UnknownEventType` or `InvalidPayload`, all `LedgerError`.
    """
    (drawn,), now = _write(actor, [Entry(type, subject, payload or {})])
    event = Event(
        id=drawn.id,
        type=drawn.type,
        subject=drawn.subject,
        recorded_at=now,
        digest=drawn.digest,
        authentication=drawn.authentication,
    )
    event._state.adding = False
    return event


def record_many(*, actor: Model | None, entries: Iterable[Entry]) -> list[int]:
    """Record many events at once, in order, and return their ids. Holds a thousand of them in memory at a time."""
    stream = iter(entries)
    ids: list[int] = []
    while batch := list(islice(stream, _BATCH)):
        ids += [drawn.id for drawn in _write(actor, batch)[0]]
    return ids


class _Drawn(NamedTuple):
    """An event drawn up, with all that is stored for it."""

    id: int
    type: str
    subject: str
    digest: bytes
    authentication: bytes
    salt: bytes
    content: str
    about: set[UUID]
    leaf: bytes


def _write(actor: Model | None, batch: list[Entry]) -> tuple[list[_Drawn], datetime]:
    if not connection.in_atomic_block:
        raise NotInTransaction("record the event inside the transaction that causes it: with transaction.atomic()")
    now = timezone.now()
    actor_uid = None if actor is None else person_uid(actor)
    with connection.cursor() as cursor:
        events = _draw_up(cursor, batch, actor_uid, now)
        recorded_at = rows.time_for_database(now)
        rows.insert(
            cursor,
            Event,
            ("id", "type", "subject", "recorded_at", "digest", "authentication"),
            [(one.id, one.type, one.subject, recorded_at, one.digest, one.authentication) for one in events],
        )
        rows.insert(
            cursor, Payload, ("event_id", "salt", "content"), [(one.id, one.salt, one.content) for one in events]
        )
        rows.insert(cursor, Unsealed, ("event_id",), [(one.id,) for one in events])
        mentions = [(one.id, person, Mention.Role.ABOUT.value) for one in events for person in sorted(one.about)]
        if actor_uid is not None:
            mentions += [(one.id, actor_uid, Mention.Role.ACTOR.value) for one in events]
        rows.insert(
            cursor,
            Mention,
            ("event_id", "person", "role"),
            [(id_, rows.uuid_for_database(person), role) for id_, person, role in mentions],
        )
    transaction.on_commit(partial(_journal, [outside.JournalEntry(event.id, event.leaf) for event in events]))
    return events, now


def _draw_up(cursor: CursorWrapper, batch: list[Entry], actor: UUID | None, now: datetime) -> list[_Drawn]:
    key = keys.event_key()
    written = []
    for entry in batch:
        event_type = find(entry.type)
        written.append((event_type, reference(entry.subject), event_type.write(entry.payload)))
    events = []
    for id_, (event_type, subject, fields) in zip(rows.new_event_ids(cursor, len(batch)), written, strict=True):
        salt, content = entries.new_salt(), entries.payload_text(actor, fields)
        digest = entries.payload_digest(salt, content)
        line = entries.entry_bytes(type=event_type.name, subject=subject, recorded_at=now, digest=digest)
        events.append(
            _Drawn(
                id=id_,
                type=event_type.name,
                subject=subject,
                digest=digest,
                authentication=entries.authenticate_entry(key, id_, line),
                salt=salt,
                content=content,
                about=event_type.people(subject, fields),
                leaf=leaf_hash(line),
            )
        )
    return events


def _journal(committed: list[outside.JournalEntry]) -> None:
    try:
        outside.journal(committed, now=timezone.now())
    except OSError as error:
        # What is committed stays committed; each event's authentication still shows an edit, but no removal.
        logger.critical("the ledger's journal cannot be written", extra={"reason": str(error)})
