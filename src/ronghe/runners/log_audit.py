"""Audits a log from outside: recomputes its root from all leaf hashes, compares with the last audit, counts witnesses.

It trusts the log's public key and the witnesses' alone. What it last saw is kept in a file, so that a log that is
rolled back or shown in two versions is caught by whoever audits it twice.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ronghe.runners.files import replace_file
from ronghe.runners.log_client import LogSource, fetch_checkpoint, fetch_tiles
from ronghe.trust.checkpoint import (
    NoteError,
    OpenedCheckpoint,
    SignedNote,
    VerifierKey,
    decode_base64,
    encode_base64,
    open_checkpoint,
)
from ronghe.trust.log_proof import is_after, refuse_lookalikes, time_text
from ronghe.trust.merkle import HASH_SIZE, Frontier
from ronghe.trust.tiles import TILE_WIDTH, tiles_between
from ronghe.trust.verdicts import Check, CheckName, Report
from ronghe.trust.witness import Conflict, ConflictKind, WitnessPolicy, check_witnesses

_FORMAT = "ronghe-audit-v1"
_sha256 = hashlib.sha256


class AuditError(ValueError):
    """The file of the last audit cannot be used; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class LastAudit:
    """What an audit saw: the signed note, and the edge of the tree from which the next one goes on."""

    note: str
    frontier: Frontier

    def encode(self) -> bytes:
        """Return the file's content."""
        nodes = [encode_base64(node) for node in self.frontier.nodes]
        return json.dumps({"format": _FORMAT, "note": self.note, "size": self.frontier.size, "nodes": nodes}).encode()

    @classmethod
    def decode(cls, data: bytes) -> "LastAudit":
        """Return what `encode` wrote; raises `AuditError`."""
        try:
            value = json.loads(data)
            if value["format"] != _FORMAT:
                raise ValueError(f"the format is not {_FORMAT}")
            nodes = tuple(decode_base64(node, "a node") for node in value["nodes"])
            return cls(str(value["note"]), Frontier(int(value["size"]), nodes))
        except (ValueError, TypeError, KeyError) as error:
            raise AuditError(
                f"the file of the last audit cannot be read ({error}); restore it or audit anew"
            ) from error


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit came to; `last` is to be kept if the report is not invalid, `conflict` is evidence to keep."""

    report: Report
    size: int = 0
    hashes: int = 0
    last: LastAudit | None = None
    conflict: Conflict | None = None


def read_last(path: Path) -> LastAudit | None:
    """Return what the last audit kept in `path`, or None if there was none."""
    try:
        return LastAudit.decode(path.read_bytes())
    except FileNotFoundError:
        return None


def keep(path: Path, audit: Audit) -> Path | None:
    """Keep what the next audit goes on from, and evidence beside it; return the evidence's file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if audit.conflict is not None:
        text = audit.conflict.text().encode()
        evidence = path.with_name(f"{path.stem}-{audit.conflict.kind}-{_sha256(text).hexdigest()[:12]}.txt")
        replace_file(evidence, text)
        return evidence
    if audit.last is not None:
        replace_file(path, audit.last.encode())
    return None


def audit(
    source: LogSource,
    *,
    keys: Sequence[VerifierKey],
    policy: WitnessPolicy,
    at: datetime,
    last: LastAudit | None = None,
    full: bool = False,
    told: Callable[[int, int], object] = lambda done, total: None,
) -> Audit:
    """Audit the log behind `source`, by its `keys`, the replaced ones too; `last` is what the audit before saw.

    With `full`, or without `last`, all leaf hashes are read, and the stored nodes above them compared; otherwise those
    that came since. `told` hears of tiles done and in all. Raises `LogUnavailable`; what is wrong with the log is said
    in the report.
    """
    note = fetch_checkpoint(source)
    try:
        refuse_lookalikes(SignedNote.parse(note), keys)
        opened = open_checkpoint(note, keys)
        before = None if last is None else open_checkpoint(last.note, keys)
    except NoteError as error:
        return _refused("log-signature-does-not-hold", str(error))
    text = note.decode()
    if opened.time is not None and is_after(opened.time, at):
        return _refused("log-is-in-the-future", f"it signed on {time_text(opened.time)}")
    if last is not None and before is not None and (conflict := _conflict(last, before, text, opened)):
        code = "log-was-rolled-back" if conflict.kind is ConflictKind.ROLLBACK else "log-has-a-split-view"
        detail = f"{before.checkpoint.size} leaves were seen before, {opened.checkpoint.size} are shown now"
        return _refused(code, detail, conflict=conflict)
    size, root = opened.checkpoint.size, opened.checkpoint.root
    start = Frontier() if full or last is None else last.frontier
    walk = _Walk(source, size, start, last if full else None)
    frontier = walk.run(told)
    if walk.changed and last is not None:
        evidence = Conflict(ConflictKind.SPLIT_VIEW, opened.checkpoint.origin, last.note, text)
        return _refused("log-has-a-split-view", walk.changed, conflict=evidence)
    if walk.inconsistent:
        return _refused("log-does-not-make-its-root", walk.inconsistent)
    if frontier.root() != root:
        if last is not None and not full:
            # Either the new part is wrong or the old one is not what it was: only reading all of it can tell.
            return audit(source, keys=keys, policy=policy, at=at, last=last, full=True, told=told)
        return _refused("log-does-not-make-its-root", f"{size} leaf hashes lead to another root than the one signed")
    since = f"{before.checkpoint.size} leaves seen before are unchanged; " if before else ""
    detail = f"{since}{size} leaves make the root signed on {time_text(opened.time) if opened.time else 'no date'}"
    checks = (
        Check.valid(CheckName.LOG, "log-only-grew" if before else "log-makes-its-root", detail),
        check_witnesses(text, policy, at=at),
    )
    # Who names no witnesses asks nothing of them; the answer says so all the same.
    required = {CheckName.LOG, CheckName.WITNESSES} if policy.keys else {CheckName.LOG}
    return Audit(Report(checks, required), size, walk.hashes, LastAudit(text, frontier))


def _refused(code: str, detail: str, *, conflict: Conflict | None = None) -> Audit:
    return Audit(Report((Check.invalid(CheckName.LOG, code, detail),), {CheckName.LOG}), conflict=conflict)


def _conflict(last: LastAudit, before: OpenedCheckpoint, text: str, now: OpenedCheckpoint) -> Conflict | None:
    old, new = before.checkpoint, now.checkpoint
    if last.frontier.size != old.size or last.frontier.root() != old.root:
        raise AuditError("the file of the last audit contradicts itself; restore it from the backup or audit anew")
    if new.size < old.size:
        return Conflict(ConflictKind.ROLLBACK, old.origin, last.note, text)
    if new.size == old.size and new.root != old.root:
        return Conflict(ConflictKind.SPLIT_VIEW, old.origin, last.note, text)
    return None


class _Walk:
    """One pass over the leaf hashes from a frontier on; if it begins at the first, over the nodes above them too."""

    def __init__(self, source: LogSource, size: int, start: Frontier, seen: LastAudit | None) -> None:
        self.source = source
        self.size = size
        self.start = start
        self.seen = seen
        self.hashes = 0
        # What differs from the last audit, and what differs between the log's own parts.
        self.changed = ""
        self.inconsistent = ""

    def run(self, told: Callable[[int, int], object]) -> Frontier:
        """Return the frontier of all `size` leaves; what is wrong is in `changed` and `inconsistent`."""
        if self.size == self.start.size:
            return self.start
        whole, rest = divmod(self.start.size, TILE_WIDTH)
        tiles = list(tiles_between(0, self.start.size - rest, self.size))
        # Over whole tiles the edge is kept in units of tiles; the leaves of the last, partial one come at the end.
        edge = Frontier(whole, self.start.nodes[: whole.bit_count()])
        tail: list[bytes] = []
        above: dict[int, list[bytes]] = {}
        for tile, data in fetch_tiles(self.source, tiles, told=lambda done: told(done, len(tiles))):
            self.hashes += tile.width
            then = self.seen.frontier if self.seen else self.start
            ends_here = tile.first < then.size <= tile.first + tile.width
            if ends_here and _joined(edge, _leaves(data)[: then.size - tile.first]) != then:
                self.changed = f"the first {then.size} leaves are not those seen before"
            if tile.width < TILE_WIDTH:
                tail = _leaves(data)
                continue
            root = _tile_root(data)
            edge, completed = edge.append([root])
            if not self.start.size:
                above.setdefault(1, []).append(root)
                for level, _, hash_ in completed:
                    above.setdefault(level + 1, []).append(hash_)
        self._compare_above(above)
        return _joined(edge, tail)

    def _compare_above(self, above: Mapping[int, Sequence[bytes]]) -> None:
        """Compare the nodes that the log serves over its leaves with those computed."""
        for level, hashes in above.items():
            for tile, data in fetch_tiles(self.source, tiles_between(level, 0, len(hashes))):
                if data != b"".join(hashes[tile.first : tile.first + tile.width]):
                    self.inconsistent = f"{tile.path} does not hold the nodes over its leaves"


def _leaves(data: bytes) -> list[bytes]:
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def _tile_root(data: bytes) -> bytes:
    """Return the root over the 256 leaf hashes in a full tile."""
    while len(data) > HASH_SIZE:
        pairs = range(0, len(data), 2 * HASH_SIZE)
        data = b"".join([_sha256(b"\x01" + data[at : at + 2 * HASH_SIZE]).digest() for at in pairs])
    return data


def _joined(edge: Frontier, leaves: Sequence[bytes]) -> Frontier:
    """Return the frontier of the leaves under `edge`, which is in units of tiles, and of the `leaves` that follow."""
    if len(leaves) == TILE_WIDTH:
        edge, leaves = edge.append([_tile_root(b"".join(leaves))])[0], ()
    return Frontier(edge.size * TILE_WIDTH + len(leaves), edge.nodes + Frontier().append(leaves)[0].nodes)
