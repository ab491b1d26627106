"""Asks the witnesses to sign the newest checkpoint, keeps their signatures, and any evidence that histories differ.

Nobody waits for a witness: no transaction is open while one is asked, and sealing goes on beside it.
"""

import hashlib
import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import NamedTuple, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from ronghe.apps.ledger import keys, known_keys, outside, tree, witnesses
from ronghe.apps.ledger.models import Checkpoint, Cosignature, WitnessContact
from ronghe.runners.files import replace_file
from ronghe.runners.witness_client import SECONDS_TO_ANSWER, Reply, WitnessReply, ask, held_by
from ronghe.trust.checkpoint import NoteError, SignedNote, VerifierKey, open_checkpoint
from ronghe.trust.witness import AddCheckpoint, Conflict, ConflictKind, cosignatures_in

logger = logging.getLogger(__name__)

CONFLICTS = "conflicts"
_AT_ONCE = 8
_LONGEST_PAUSE = 60.0
_Given = TypeVar("_Given")
_Found = TypeVar("_Found")


class Asked(NamedTuple):
    """How one witness answered about one checkpoint."""

    witness: str
    size: int
    state: WitnessContact.State
    detail: str


class _Talk(NamedTuple):
    """A witness's last reply, and the checkpoint that it holds where its history seems to differ."""

    witness: witnesses.ConfiguredWitness
    reply: WitnessReply
    held: str | None = None


def ask_witnesses(*, timeout: float = SECONDS_TO_ANSWER, without: Collection[str] = ()) -> list[Asked]:
    """Ask each configured witness that has not signed the newest checkpoint, but those in `without`, by name.

    What a witness answers is kept; nothing is raised because of it. Raises `ImproperlyConfigured`, `KeyUnavailable`.
    """
    newest = Checkpoint.objects.order_by("-size").first()
    if newest is None:
        return []
    signed = set(newest.cosignatures.values_list("witness", flat=True))
    waiting = [one for one in witnesses.configured() if one.key.name not in signed and one.key.name not in without]
    first = {one.key.name: _request(newest, _last_signed(one.key.name, newest.size)) for one in waiting}

    def talk(one: witnesses.ConfiguredWitness) -> _Talk:
        return _Talk(one, ask(one.url, first[one.key.name], timeout=timeout))

    talks = _all_at_once(talk, waiting)
    # Who signed meanwhile, or for a lost answer, says up to where; from there the proof is made anew.
    again = {
        one.witness.key.name: _request(newest, one.reply.size)
        for one in talks
        if one.reply.reply is Reply.STALE and one.reply.size <= newest.size
    }

    def insist(one: _Talk) -> _Talk:
        name, url = one.witness.key.name, one.witness.url
        reply = ask(url, again[name], timeout=timeout) if name in again else one.reply
        differs = reply.reply in (Reply.FORK, Reply.STALE, Reply.REFUSED)
        return _Talk(one.witness, reply, held_by(url, keys.origin(), timeout=timeout) if differs else None)

    return [_keep(newest, one) for one in _all_at_once(insist, talks)]


def _all_at_once(work: Callable[[_Given], _Found], given: list[_Given]) -> list[_Found]:
    if not given:
        return []
    with ThreadPoolExecutor(min(_AT_ONCE, len(given))) as pool:
        return list(pool.map(work, given))


def _last_signed(witness: str, size: int) -> int:
    signed = Cosignature.objects.filter(witness=witness, checkpoint__lte=size).order_by("-checkpoint")
    return signed.values_list("checkpoint", flat=True).first() or 0


def _request(newest: Checkpoint, old: int) -> AddCheckpoint:
    proof = tree.consistency_proof(old, newest.size) if 0 < old < newest.size else []
    return AddCheckpoint(old, tuple(proof), newest.note)


def _keep(newest: Checkpoint, talk: _Talk) -> Asked:
    key, reply = talk.witness.key, talk.reply
    state, detail = WitnessContact.State.REFUSED, reply.text
    if reply.reply is Reply.COSIGNED:
        try:
            line, signed_at = _cosignature(newest.note, reply.text, key)
        except NoteError as error:
            detail = str(error)
        else:
            _store(newest, key.name, line, signed_at)
            state, detail = WitnessContact.State.SIGNED, ""
    elif reply.reply is Reply.UNREACHABLE:
        state = WitnessContact.State.UNREACHABLE
    elif conflict := _conflict(newest, talk.held):
        state = WitnessContact.State.CONFLICT
        detail = _keep_conflict(conflict)
        logger.critical("a witness holds another history", extra={"witness": key.name, "evidence": detail})
    elif reply.reply is Reply.STALE:
        detail = f"it says that it signed a log of {reply.size} leaves, and does not show it"
    WitnessContact.objects.update_or_create(
        witness=key.name, defaults={"state": state, "detail": detail, "asked_at": timezone.now()}
    )
    return Asked(key.name, newest.size, state, detail)


def _cosignature(note: str, lines: str, key: VerifierKey) -> tuple[str, datetime]:
    """Return the witness's own line among those it sent, once it holds, and the time it signed."""
    answered = SignedNote.parse(note + lines)
    own = [one for one in answered.signatures[len(SignedNote.parse(note).signatures) :] if one.name == key.name]
    for signature in own:
        times = cosignatures_in(SignedNote(answered.text, (signature,)), [key])
        if times:
            return signature.line(), datetime.fromtimestamp(times[key.name], UTC)
    raise NoteError(f"{key.name} answered without a signature of its key")


def _store(newest: Checkpoint, witness: str, line: str, signed_at: datetime) -> None:
    try:
        with transaction.atomic():
            Cosignature.objects.create(checkpoint=newest, witness=witness, line=line, signed_at=signed_at)
    except IntegrityError:
        logger.info("another process kept this cosignature first", extra={"witness": witness})


def _conflict(newest: Checkpoint, held: str | None) -> Conflict | None:
    """Return the evidence if what a witness holds is signed by this log's key and is not a part of this log."""
    if held is None:
        return None
    try:
        other = open_checkpoint(held, known_keys.all_of(known_keys.current())).checkpoint
    except NoteError:
        return None
    if other.size > newest.size:
        return Conflict(ConflictKind.ROLLBACK, other.origin, held, newest.note)
    if other.size and tree.frontier(other.size).root() != other.root:
        return Conflict(ConflictKind.SPLIT_VIEW, other.origin, held, newest.note)
    return None


def _keep_conflict(conflict: Conflict) -> str:
    """Keep the evidence outside the database, once, and return its file's name."""
    folder = outside.folder() / CONFLICTS
    folder.mkdir(parents=True, exist_ok=True)
    # The held checkpoint names the conflict: the log grows, and each new checkpoint contradicts it anew.
    name = f"{conflict.kind}-{hashlib.sha256(conflict.held.encode()).hexdigest()[:16]}.txt"
    if not (folder / name).exists():
        replace_file(folder / name, conflict.text().encode())
    return name


def witness_forever(
    *, interval: float, stop: Callable[[], bool], sleep: Callable[[float], object] = time.sleep
) -> None:
    """Ask every `interval` seconds until `stop()`; who fails is asked again later and later, up to a minute."""
    next_time: dict[str, float] = {}
    failures: dict[str, int] = {}
    while not stop():
        now = time.monotonic()
        try:
            asked = ask_witnesses(without=[name for name, moment in next_time.items() if moment > now])
        except (DatabaseError, ImproperlyConfigured, ValueError, LookupError) as error:
            logger.error("the witnesses cannot be asked", extra={"reason": str(error)})
            asked = []
        for one in asked:
            failed = one.state is not WitnessContact.State.SIGNED
            failures[one.witness] = failures.get(one.witness, 0) + 1 if failed else 0
            if failed:
                logger.warning("a witness did not sign", extra={"witness": one.witness, "reason": one.detail})
            pause = min(_LONGEST_PAUSE, interval * 2 ** min(failures[one.witness], 16)) if failed else 0.0
            next_time[one.witness] = now + pause
        sleep(interval)
    connection.close()
