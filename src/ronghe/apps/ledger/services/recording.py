"""Recording: the event, its payload and its place in the queue, in the transaction that caused the event."""

import logging
from collections.abc import Iterable, Mapping
from functools import partial
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from ronghe.apps.ledger import entries, keys, outside
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
    return _write(actor, [Entry(type, subject, payload or {})])[0]


def record_many(*, actor: Model | None, entries: Iterable[Entry]) -> list[int]:
    """Record many events at once, in order, and return their ids. Holds a thousand of them in memory at a time."""
    stream = iter(entries)
    ids: list[int] = []
    while batch := list(islice(stream, _BATCH)):
        ids += [event.pk for event in _write(actor, batch)]
    return ids


def _write(actor: Model | None, batch: list[Entry]) -> list[Event]:
    if not connection.in_atomic_block:
        raise NotInTransaction("record the event inside the transaction that causes it: with transaction.atomic()")
    now = timezone.now()
    key = keys.event_key()
    actor_uid = None if actor is None else person_uid(actor)

    events: list[Event] = []
    payloads: list[tuple[bytes, str]] = []
    about: list[set[UUID]] = []
    leaves: list[bytes] = []
    for entry in batch:
        event_type = find(entry.type)
        subject = reference(entry.subject)
        fields = event_type.write(entry.payload)
        salt, text = entries.new_salt(), entries.payload_text(actor_uid, fields)
        digest = entries.payload_digest(salt, text)
        record_of = entries.entry_bytes(type=event_type.name, subject=subject, recorded_at=now, digest=digest)
        events.append(
            Event(
                type=event_type.name,
                subject=subject,
                recorded_at=now,
                digest=digest,
                authentication=entries.authenticate_entry(key, record_of),
            )
        )
        payloads.append((salt, text))
        about.append(event_type.people(subject, fields))
        leaves.append(leaf_hash(record_of))

    Event.objects.bulk_create(events)
    Payload.objects.bulk_create(
        Payload(event_id=event.pk, salt=salt, content=text)
        for event, (salt, text) in zip(events, payloads, strict=True)
    )
    Unsealed.objects.bulk_create(Unsealed(event_id=event.pk) for event in events)
    mentions = [
        Mention(event_id=event.pk, person=person, role=Mention.Role.ABOUT)
        for event, named in zip(events, about, strict=True)
        for person in sorted(named)
    ]
    if actor_uid is not None:
        mentions += [Mention(event_id=event.pk, person=actor_uid, role=Mention.Role.ACTOR) for event in events]
    Mention.objects.bulk_create(mentions)

    committed = [outside.JournalEntry(event.pk, leaf) for event, leaf in zip(events, leaves, strict=True)]
    transaction.on_commit(partial(_journal, committed))
    return events


def _journal(committed: list[outside.JournalEntry]) -> None:
    try:
        outside.journal(committed, now=timezone.now())
    except OSError as error:
        # What is committed stays committed; each event's authentication still shows an edit, but no removal.
        logger.critical("the ledger's journal cannot be written", extra={"reason": str(error)})
