"""Reads of the log for pages, the API and a person's export. Nothing here writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from ronghe.apps.ledger import entries, tree
from ronghe.apps.ledger.errors import UnknownEventType
from ronghe.apps.ledger.event_types import EventType, find, person_uid
from ronghe.apps.ledger.models import Checkpoint, Event, Leaf, Mention, Unsealed


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log stands: leaves, root (32 bytes, None while empty), newest checkpoint, and what waits since when."""

    size: int
    root: bytes | None
    checkpoint: Checkpoint | None
    waiting: int
    lag: timedelta | None


def head() -> Head:
    """Return where the log stands; `lag` is the age of the oldest event that waits."""
    newest = Checkpoint.objects.order_by("-size").first()
    oldest = Unsealed.objects.order_by("event_id").values_list("event__recorded_at", flat=True).first()
    return Head(
        size=newest.size if newest else 0,
        root=bytes(newest.root) if newest else None,
        checkpoint=newest,
        waiting=Unsealed.objects.count(),
        lag=timezone.now() - oldest if oldest else None,
    )


def recent_events() -> QuerySet[Event]:
    """Return the events, newest first, each with its leaf if it has one."""
    return Event.objects.select_related("leaf").order_by("-id")


@dataclass(frozen=True, slots=True)
class Proof:
    """That a leaf is in the log: leaf hash, path (RFC 9162 §2.1.3.1) and the checkpoint it leads to."""

    index: int
    size: int
    leaf: bytes
    path: list[bytes]
    checkpoint: Checkpoint


def inclusion_proof(index: int) -> Proof | None:
    """Return the proof of leaf `index` in the newest checkpoint, or None if that has no such leaf."""
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None or not 0 <= index < newest.size:
        return None
    leaf = Leaf.objects.get(index=index)
    return Proof(index, newest.size, bytes(leaf.hash), tree.inclusion_proof(index, newest.size), newest)


def entry_of(event: Event) -> bytes:
    """Return the bytes that the event's leaf commits to."""
    return entries.entry_bytes(
        type=event.type, subject=event.subject, recorded_at=event.recorded_at, digest=bytes(event.digest)
    )


def event_type_of(event: Event) -> EventType | None:
    """Return the event's type, or None if no app registers it any more."""
    try:
        return find(event.type)
    except UnknownEventType:
        return None


def payload_of(event: Event) -> Mapping[str, Any] | None:
    """Return `{"actor": uid or None, "fields": {…}}`, or None if it was erased."""
    content = event.payload.content
    return None if content is None else json.loads(content)


def events_about(person: object) -> list[dict[str, Any]]:
    """Return, oldest first, what the log has on `person` (a row or uid) for the export of their data.

    Each row: type, label, subject, recorded_at, roles ("about", "actor") and fields; `fields` is None where the payload
    was erased, and where the person only acted: then it tells about others.
    """
    mentions = Mention.objects.filter(person=person_uid(person)).order_by("event_id", "role")
    rows: dict[int, dict[str, Any]] = {}
    for mention in mentions.select_related("event__payload").iterator(chunk_size=2_000):
        row = rows.setdefault(mention.event_id, _exported(mention.event))
        row["roles"].append(mention.role)
        if mention.role == Mention.Role.ABOUT and (payload := payload_of(mention.event)) is not None:
            row["fields"] = payload["fields"]
    return list(rows.values())


def _exported(event: Event) -> dict[str, Any]:
    event_type = event_type_of(event)
    recorded_at: datetime = event.recorded_at
    return {
        "type": event.type,
        "label": str(event_type.label) if event_type else event.type,
        "subject": event.subject,
        "recorded_at": recorded_at.isoformat(),
        "roles": [],
        "fields": None,
    }
