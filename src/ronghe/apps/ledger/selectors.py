"""Reads of the log for pages, the API and a person's export. Nothing here writes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone

from ronghe.apps.ledger import entries, tree
from ronghe.apps.ledger.errors import UnknownEventType
from ronghe.apps.ledger.event_types import EventType, find, person_uid
from ronghe.apps.ledger.models import Checkpoint, Event, Leaf, Mention, Unsealed
from ronghe.apps.ledger.publishing import (
    anchor_for,
    anchors,
    conflicts,
    log_proof,
    log_proofs,
    logged_event,
    newest_note,
    note_at,
    note_of,
    timestamps,
    trusted_logs,
    verifier,
    verifiers,
    witness_lines,
    witness_policy,
    witnessed_checkpoint,
)
from ronghe.trust.merkle import ProofError, leaf_hash, verify_inclusion

__all__ = [
    "Head",
    "Proof",
    "Story",
    "anchor_for",
    "anchors",
    "conflicts",
    "event_type_of",
    "events_about",
    "head",
    "inclusion_proof",
    "log_proof",
    "log_proofs",
    "logged_event",
    "newest_note",
    "note_at",
    "note_of",
    "payload_of",
    "recent_events",
    "story_of",
    "timestamps",
    "trusted_logs",
    "verifier",
    "verifiers",
    "witness_lines",
    "witness_policy",
    "witnessed_checkpoint",
]

# A sealer looks every second.
LATE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Head:
    """Where the log stands: leaves, newest checkpoint, how many events wait and since when the oldest does."""

    size: int
    checkpoint: Checkpoint | None
    waiting: int
    oldest: datetime | None
    lag: timedelta

    @property
    def is_late(self) -> bool:
        """Whether somebody should look after the sealer."""
        return self.lag > LATE


def head() -> Head:
    """Return where the log stands; `lag` is the age of the oldest event that waits, zero when none does."""
    newest = Checkpoint.objects.order_by("-size").first()
    oldest = Unsealed.objects.order_by("event_id").values_list("event__recorded_at", flat=True).first()
    return Head(
        size=newest.size if newest else 0,
        checkpoint=newest,
        waiting=Unsealed.objects.count(),
        oldest=oldest,
        lag=timezone.now() - oldest if oldest else timedelta(0),
    )


def recent_events(*, type: str = "", subject: str = "", before: int | None = None) -> QuerySet[Event]:
    """Return the events, newest first, each with its leaf if it has one; `subject` is the beginning of a name."""
    events = Event.objects.select_related("leaf").order_by("-id")
    if type:
        events = events.filter(type=type)
    if subject:
        events = events.filter(subject__startswith=subject)
    if before is not None:
        events = events.filter(id__lt=before)
    return events


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


@dataclass(frozen=True, slots=True)
class Value:
    """One field of a payload: its name, its value in words, and whether it is withheld because it is personal."""

    name: str
    text: str
    withheld: bool


@dataclass(frozen=True, slots=True)
class Story:
    """All that is to be told of one event: its type, who acted, its fields (None: erased), entry and proof.

    `proof` is None while the event waits; `holds` says whether it leads to the root of the newest checkpoint.
    """

    type: EventType | None
    actor: str | None
    values: list[Value] | None
    entry: str
    proof: Proof | None
    holds: bool


def story_of(event: Event, *, show_personal: bool) -> Story:
    """Return all that is to be told of `event`, personal values only if `show_personal`."""
    event_type = event_type_of(event)
    payload = payload_of(event)
    entry = entries.entry_bytes(
        type=event.type, subject=event.subject, recorded_at=event.recorded_at, digest=bytes(event.digest)
    )
    proof = inclusion_proof(event.leaf.index) if hasattr(event, "leaf") else None
    return Story(
        type=event_type,
        actor=_actor(payload) if payload and show_personal else None,
        values=None if payload is None else _values(event_type, payload["fields"], show_personal),
        entry=entry.decode(),
        proof=proof,
        holds=proof is not None and _holds(proof, leaf_hash(entry)),
    )


def _actor(payload: Mapping[str, Any]) -> str | None:
    if payload["actor"] is None:
        return None
    person = get_user_model()._default_manager.filter(uid=payload["actor"]).first()
    return str(person) if person is not None else str(payload["actor"])


def _values(event_type: EventType | None, fields: Mapping[str, Any], show_personal: bool) -> list[Value]:
    known = event_type.fields_by_name if event_type else {}
    values = []
    for name, value in fields.items():
        # A field that no type declares any more might be personal.
        withheld = not show_personal and (name not in known or known[name].is_personal)
        text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
        values.append(Value(name, "" if withheld else text, withheld))
    return values


def _holds(proof: Proof, leaf: bytes) -> bool:
    try:
        verify_inclusion(
            index=proof.index, size=proof.size, leaf=leaf, path=proof.path, root=bytes(proof.checkpoint.root)
        )
    except ProofError:
        return False
    return True


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
