"""What the log shows to the world: checkpoints with their cosignatures, tiles, proofs, its witnesses, its conflicts.

All of it is public: salted hashes and signatures. Events themselves are `selectors`' business.
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db.models import Count, Max, Q

from ronghe.apps.ledger import keys, outside, proofs, tree, witnesses
from ronghe.apps.ledger.event_types import timestamp
from ronghe.apps.ledger.models import Anchor, Checkpoint, Cosignature, Event, Leaf, Subtree, Timestamp, WitnessContact
from ronghe.apps.ledger.services.witnessing import CONFLICTS
from ronghe.trust.checkpoint import VerifierKey, encode_base64
from ronghe.trust.log_proof import LoggedEvent, LogProof
from ronghe.trust.merkle import ProofError
from ronghe.trust.tiles import Tile, encode
from ronghe.trust.witness import WitnessPolicy, with_cosignatures

# Anchors and time stamps on the page.
_SHOWN = 10


def verifier() -> VerifierKey:
    """Return the public key of this site's log, under the log's name: the one kept beside the checkpoints.

    Web workers need not hold the signing key; it is asked only while nothing was sealed yet.
    """
    try:
        return VerifierKey.parse((outside.folder() / "ledger.vkey").read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return keys.signer().verifier()


def witness_policy() -> WitnessPolicy:
    """Return the witnesses of this site's log and how many of them must have signed."""
    return witnesses.policy()


def note_of(checkpoint: Checkpoint) -> str:
    """Return a checkpoint with all cosignatures that are kept."""
    lines = checkpoint.cosignatures.order_by("witness").values_list("line", flat=True)
    return with_cosignatures(checkpoint.note, list(lines))


def newest_note() -> str | None:
    """Return the newest checkpoint with its cosignatures, or None if nothing was sealed yet."""
    newest = Checkpoint.objects.order_by("-size").first()
    return None if newest is None else note_of(newest)


def witnessed_checkpoint(*, least: int = 1) -> Checkpoint | None:
    """Return the newest checkpoint of at least `least` leaves that enough witnesses signed, or None.

    Without witnesses in the settings it is the newest one.
    """
    policy = witnesses.policy()
    newest = Checkpoint.objects.filter(size__gte=least).order_by("-size")
    if policy.keys and policy.threshold:
        names = [key.name for key in policy.keys]
        signed = Count("cosignatures", filter=Q(cosignatures__witness__in=names))
        newest = newest.annotate(signed=signed).filter(signed__gte=policy.threshold)
    return newest.first()


def log_proofs(indexes: Collection[int]) -> dict[int, LogProof]:
    """Return, by index, the proofs of leaves in the newest checkpoint that enough witnesses signed.

    Leaves that it does not have yet, or that no log has, are left out. The number of queries does not grow with the
    number of leaves.
    """
    checkpoint = witnessed_checkpoint()
    if checkpoint is None:
        return {}
    note = note_of(checkpoint)
    covered = [index for index in indexes if 0 <= index < checkpoint.size]
    paths = proofs.inclusion_proofs(covered, checkpoint.size)
    return {index: LogProof(index, tuple(path), note) for index, path in paths.items()}


def log_proof(index: int) -> LogProof | None:
    """Return the proof of one leaf, or None while no witnessed checkpoint has it."""
    return log_proofs([index]).get(index)


def logged_event(event: Event) -> LoggedEvent | None:
    """Return an event with payload and salt, from which its leaf can be computed; None if they were erased."""
    payload = event.payload
    if payload.salt is None or payload.content is None:
        return None
    return LoggedEvent(
        event.type, event.subject, timestamp(event.recorded_at), bytes(payload.salt), json.loads(payload.content)
    )


def tile_bytes(tile: Tile) -> bytes | None:
    """Return a tile of the sealed log, or None if the newest checkpoint does not have all of it."""
    newest = Checkpoint.objects.aggregate(size=Max("size"))["size"] or 0
    if not tile.is_in(newest):
        return None
    first, end = tile.first, tile.first + tile.width
    rows = (
        Subtree.objects.filter(level=tile.level, number__gte=first, number__lt=end)
        .order_by("number")
        .values_list("hash", flat=True)
        if tile.level
        else Leaf.objects.filter(index__gte=first, index__lt=end).order_by("index").values_list("hash", flat=True)
    )
    hashes = [bytes(hash_) for hash_ in rows]
    if len(hashes) != tile.width:
        raise ProofError(f"{tile.width - len(hashes)} hashes of {tile.path} are missing; run `ronghe ledger fsck`")
    return encode(hashes)


@dataclass(frozen=True, slots=True)
class WitnessLine:
    """One witness: up to where and when it signed, and how it answered when it was last asked (None: never)."""

    name: str
    size: int
    signed_at: datetime | None
    contact: WitnessContact | None

    @property
    def is_in_conflict(self) -> bool:
        """Whether it holds another history."""
        return self.contact is not None and self.contact.state == WitnessContact.State.CONFLICT

    @property
    def is_failing(self) -> bool:
        """Whether it did not sign when it was last asked."""
        return self.contact is not None and self.contact.state != WitnessContact.State.SIGNED


def witness_lines() -> list[WitnessLine]:
    """Return the configured witnesses, in the order of the settings."""
    names = [witness.key.name for witness in witnesses.configured()]
    contacts = WitnessContact.objects.in_bulk(names)
    last: dict[str, Cosignature] = {}
    newest = Cosignature.objects.filter(witness__in=names).values("witness").annotate(last=Max("checkpoint"))
    wanted = Q()
    for row in newest:
        wanted |= Q(witness=row["witness"], checkpoint=row["last"])
    if wanted:
        last = {one.witness: one for one in Cosignature.objects.filter(wanted)}
    return [
        WitnessLine(
            name,
            last[name].checkpoint_id if name in last else 0,
            last[name].signed_at if name in last else None,
            contacts.get(name),
        )
        for name in names
    ]


def conflicts() -> list[Path]:
    """Return the files of evidence that another history of this log was signed, oldest name first."""
    return sorted((outside.folder() / CONFLICTS).glob("*.txt"))


def conflict_text(name: str) -> str | None:
    """Return the evidence of one conflict, or None if there is none of that name."""
    found = {path.name: path for path in conflicts()}.get(name)
    return None if found is None else found.read_text(encoding="utf-8")


def anchors() -> list[Anchor]:
    """Return the newest anchors on chains, newest first."""
    return list(Anchor.objects.select_related("checkpoint").order_by("-checkpoint_id", "-id")[:_SHOWN])


def timestamps() -> list[Timestamp]:
    """Return the newest time stamps, newest first, without the authorities' answers."""
    return list(Timestamp.objects.select_related("checkpoint").defer("answer").order_by("-id")[:_SHOWN])


def anchor_for(size: int) -> dict[str, Any] | None:
    """Return, as a bundle carries it, the earliest anchor that holds the log's first `size` leaves, or None.

    Where the head recorded is a later one, the proof that the log only grew until then is added.
    """
    found = Anchor.objects.filter(checkpoint_id__gte=size).order_by("checkpoint_id", "id").first()
    if found is None:
        return None
    steps = tree.consistency_proof(size, found.checkpoint_id) if found.checkpoint_id > size else []
    value: dict[str, Any] = json.loads(found.proof)
    return value | {"consistency": list(map(encode_base64, steps))}


def anchor_text(anchor_id: int) -> str | None:
    """Return an anchor as it was kept, JSON, or None."""
    return Anchor.objects.filter(pk=anchor_id).values_list("proof", flat=True).first()


def timestamp_bytes(timestamp_id: int) -> bytes | None:
    """Return the answer of an authority as it was kept, DER, or None."""
    answer = Timestamp.objects.filter(pk=timestamp_id).values_list("answer", flat=True).first()
    return None if answer is None else bytes(answer)


def note_at(size: int) -> str | None:
    """Return the checkpoint of exactly `size` leaves with its cosignatures, or None."""
    found = Checkpoint.objects.filter(pk=size).first()
    return None if found is None else note_of(found)
