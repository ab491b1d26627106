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

from ronghe.apps.ledger import known_keys, outside, proofs, tree, witnesses
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
    """Return the public key that this site's log signs with, under the log's name."""
    return known_keys.current()


def verifiers() -> tuple[VerifierKey, ...]:
    """Return the keys that checkpoints of this site's log hold under: the one that signs, and those before it."""
    return known_keys.all_of(known_keys.current())


def trusted_logs() -> tuple[VerifierKey, ...]:
    """Return the keys that verifiers are told to trust: `verifiers`, and the next one where a change is announced."""
    following = outside.next_key()
    return verifiers() if following is None else (*verifiers(), VerifierKey.parse(following))


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
        # Counted in the cosignatures' own index, from the newest on: the log may have a checkpoint for each second.
        signed = Cosignature.objects.filter(witness__in=[key.name for key in policy.keys], checkpoint__gte=least)
        enough = signed.values("checkpoint").annotate(signed=Count("witness")).filter(signed__gte=policy.threshold)
        newest = newest.filter(size=enough.order_by("-checkpoint").values("checkpoint")[:1])
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
    paths = proofs.inclusion_proofs(covered, checkpoint.size, bytes(checkpoint.root))
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


def anchored_proof(index: int) -> tuple[LogProof, dict[str, Any]] | None:
    """Return the proof of a leaf in the first anchored checkpoint that has it, and the anchor; None without one.

    The newest checkpoint is anchored for a moment only: the log grows on. Enough witnesses must have signed this one.
    """
    found = Anchor.objects.filter(checkpoint_id__gt=index).select_related("checkpoint")
    first = found.order_by("checkpoint_id", "id").first()
    if first is None:
        return None
    checkpoint, policy = first.checkpoint, witnesses.policy()
    names = [key.name for key in policy.keys]
    if names and checkpoint.cosignatures.filter(witness__in=names).count() < policy.threshold:
        return None
    (path,) = proofs.inclusion_proofs([index], checkpoint.size, bytes(checkpoint.root)).values()
    anchor: dict[str, Any] = json.loads(first.proof)
    return LogProof(index, tuple(path), note_of(checkpoint)), anchor | {"consistency": []}


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
