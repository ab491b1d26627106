"""Sealing: numbers the events that wait, extends the tree and signs a checkpoint. One sealer at a time."""

import hmac
import logging
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import NamedTuple

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from ronghe.apps.ledger import entries, keys, known_keys, outside, rows, tree
from ronghe.apps.ledger.errors import KeyUnavailable, LedgerError, TamperedLedger
from ronghe.apps.ledger.models import Checkpoint, Leaf, Subtree, Unsealed
from ronghe.trust import checkpoint as notes
from ronghe.trust.merkle import Frontier, leaf_hash

logger = logging.getLogger(__name__)

# So that a batch holds SQLite's write lock for some tens of milliseconds.
BATCH = 2_000
_ADVISORY_LOCK = int.from_bytes(b"ronghe l", "big")


class Sealed(NamedTuple):
    """What one call of `seal` did: how many events it numbered, and the newest checkpoint, if the log has one."""

    events: int
    checkpoint: Checkpoint | None


def seal(*, signer: keys.Signer | None = None) -> Sealed:
    """Seal all events that wait, `BATCH` a transaction, each with its checkpoint; keep the last note outside.

    A second sealer waits for the first. Raises `TamperedLedger` before it would sign anything that does not follow
    from what was recorded and from what was signed before, and `KeyUnavailable`.
    """
    if (idle := _nothing_to_do()) is not None:
        return idle
    signer = signer or current_signer()
    count = 0
    while True:
        with transaction.atomic():
            sealed, newest = seal_batch(signer)
            if newest is not None:
                transaction.on_commit(partial(keep_outside, newest, signer.verifier()))
        count += sealed
        if sealed < BATCH:
            break
    _drop_finished_journals()
    return Sealed(count, newest)


def seal_forever(*, interval: float, stop: Callable[[], bool], sleep: Callable[[float], object] = time.sleep) -> None:
    """Seal every `interval` seconds until `stop()`; a failure is logged and tried again, for it may be mended."""
    while not stop():
        try:
            sealed = seal()
        except (LedgerError, DatabaseError) as error:
            logger.error("sealing failed", extra={"reason": str(error)}, exc_info=not isinstance(error, LedgerError))
        else:
            if sealed.events:
                logger.info(
                    "sealed", extra={"events": sealed.events, "size": sealed.checkpoint and sealed.checkpoint.size}
                )
        sleep(interval)


def current_signer() -> keys.Signer:
    """Return the key that the log says it signs with; takes up a change of key that another process made or left.

    Raises `KeyUnavailable` where the key here is another one.
    """
    stated = known_keys.stated()
    signer = keys.signer()
    if stated is None or signer.verifier().encode() == stated:
        return signer
    keys.forget()
    signer = keys.signer()
    if signer.verifier().encode() == stated:
        return signer
    following = notes.VerifierKey.parse(stated)
    if not keys.is_next(following):
        raise KeyUnavailable(
            f"the log signs with {stated} since its key was changed, and the key here is another; "
            "restore the key from the backup, or name it in RONGHE_LEDGER_KEY_FILE"
        )
    keys.take_next()
    outside.drop_next_key()
    return keys.signer()


def _nothing_to_do() -> Sealed | None:
    """Look without the sealer's lock, so that an idle log does not hold up writers every second."""
    if Unsealed.objects.exists():
        return None
    newest = Checkpoint.objects.order_by("-size").first()
    return Sealed(0, newest) if outside.read_latest() == (newest.note if newest else None) else None


def seal_batch(signer: keys.Signer, known: Sequence[notes.VerifierKey] | None = None) -> tuple[int, Checkpoint | None]:
    """Seal up to `BATCH` events that wait, in the caller's transaction; return how many, and the newest checkpoint.

    The log so far must hold under the `known` keys: unless they are given, the signer's and those that it followed.
    """
    become_the_only_sealer()
    newest = Checkpoint.objects.order_by("-size").first()
    frontier = _verified_frontier(newest)
    _check_against_outside(newest, known or known_keys.all_of(signer.verifier()))

    # Order by id is only for reading along; the index that an event gets here is its place in the log.
    waiting = list(
        Unsealed.objects.order_by("event_id").values_list(
            "event_id", "event__type", "event__subject", "event__recorded_at", "event__digest", "event__authentication"
        )[:BATCH]
    )
    if not waiting:
        return 0, newest
    try:
        leaves = _make_leaves(waiting, frontier.size, keys.event_key())
    except (TypeError, AttributeError) as error:
        raise TamperedLedger(f"an event that waits cannot be read ({error}); run `ronghe ledger fsck`") from error
    grown, completed = frontier.append(hash_ for _, _, hash_, _ in leaves)
    with connection.cursor() as cursor:
        rows.insert(cursor, Leaf, ("index", "event_id", "hash", "authentication"), leaves)
        rows.insert(cursor, Subtree, ("level", "number", "hash"), completed)
    Unsealed.objects.filter(event__leaf__index__gte=frontier.size).delete()
    return len(leaves), _sign(signer, grown, not_before=newest.signed_at if newest else None)


def _make_leaves(
    waiting: list[tuple[int, str, str, datetime, bytes | memoryview, bytes | memoryview]], size: int, key: bytes
) -> list[tuple[int, int, bytes, bytes]]:
    """Return index, event, hash and authentication of the leaf of each event that waits."""
    leaves = []
    for index, (event_id, type_, subject, recorded_at, digest, authentication) in enumerate(waiting, size):
        entry = entries.entry_bytes(type=type_, subject=subject, recorded_at=recorded_at, digest=bytes(digest))
        if not hmac.compare_digest(entries.authenticate_entry(key, event_id, entry), bytes(authentication)):
            raise TamperedLedger(
                f"event {event_id} was changed before it was sealed, or was not recorded by the ledger; "
                "run `ronghe ledger fsck` and restore the row from the backup"
            )
        hash_ = leaf_hash(entry)
        leaves.append((index, event_id, hash_, entries.authenticate_leaf(key, index, hash_)))
    return leaves


def become_the_only_sealer() -> None:
    """Wait for the other sealer, if there is one: on SQLite the transaction holds the write lock already."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ADVISORY_LOCK])


def _verified_frontier(newest: Checkpoint | None) -> Frontier:
    if newest is None:
        if Leaf.objects.exists():
            raise TamperedLedger("the log has leaves but no checkpoint; run `ronghe ledger fsck`")
        return Frontier()
    try:
        frontier = tree.frontier(newest.size)
    except LookupError as error:
        raise TamperedLedger(f"{error}; run `ronghe ledger fsck`") from error
    if frontier.root() != bytes(newest.root):
        raise TamperedLedger(f"the tree no longer has the root of checkpoint {newest.size}; run `ronghe ledger fsck`")
    if Leaf.objects.filter(index__gte=newest.size).exists():
        raise TamperedLedger(f"the log has leaves after checkpoint {newest.size}; run `ronghe ledger fsck`")
    return frontier


def _check_against_outside(newest: Checkpoint | None, known: Sequence[notes.VerifierKey]) -> None:
    """Refuse to sign a log that does not extend the one whose checkpoint is kept outside the database."""
    note = outside.read_latest()
    if note is None:
        return
    try:
        kept = notes.open_checkpoint(note, known).checkpoint
    except notes.NoteError as error:
        raise TamperedLedger(f"the checkpoint kept in {outside.folder()} does not hold: {error}") from error
    size = newest.size if newest else 0
    if newest and kept.size == size and kept.root == bytes(newest.root):
        return
    if kept.size > size:
        raise TamperedLedger(
            f"the checkpoint kept outside has {kept.size} leaves, the database {size}: the log was cut off; "
            f"{outside.moved_aside_hint()}"
        )
    if tree.frontier(kept.size).root() != kept.root:
        raise TamperedLedger(
            f"the log's first {kept.size} leaves are not those of the checkpoint kept outside; run `ronghe ledger fsck`"
        )


def _sign(signer: keys.Signer, frontier: Frontier, *, not_before: datetime | None) -> Checkpoint:
    now = timezone.now().astimezone(UTC).replace(microsecond=0)
    # A clock that was set back must not date a checkpoint before the one it extends.
    signed_at = now if not_before is None else max(now, not_before)
    head = notes.Checkpoint(keys.origin(), frontier.size, frontier.root())
    note = signer.sign(head, time=int(signed_at.timestamp())).encode()
    return Checkpoint.objects.create(size=head.size, root=head.root, note=note, signed_at=signed_at)


def keep_outside(newest: Checkpoint, verifier: notes.VerifierKey) -> None:
    """Keep a checkpoint, and the key that it holds under, outside the database."""
    outside.keep_note(newest.note, size=newest.size, verifier=verifier.encode(), now=newest.signed_at)


def _drop_finished_journals() -> None:
    for part in outside.finished_journal_parts(timezone.now()):
        if _all_sealed(part):
            outside.drop_journal_part(part)


def _all_sealed(part: outside.JournalPart) -> bool:
    for chunk in outside.in_chunks(outside.journal_entries(part), 500):
        ids = {entry.event_id for entry in chunk}
        if Leaf.objects.filter(event_id__in=ids).count() != len(ids):
            # An event that waits, or one that was removed: then the file is the evidence.
            return False
    return True
