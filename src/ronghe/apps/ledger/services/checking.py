"""`fsck` reads the whole log once, in constant memory, and names what is not as it was recorded and sealed.

It only reads. What it compares:
- each leaf with its event, its payload and its authentication; the tree with every checkpoint, in the database and
  outside; the tail with the newest checkpoint kept outside;
- each event that waits with its authentication, and the journal of committed events with the database;
- each erased payload with the event that erased it; the triggers with those that must stand;
- times: an event is back-dated if it was recorded more than `TOLERANCE` before the checkpoint that precedes the one
  that sealed it, and misdated if more than `TOLERANCE` after its own. The checkpoint's time is signed.
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from ronghe.apps.ledger import entries, freezing, keys, known_keys, outside, triggers
from ronghe.apps.ledger.errors import KeyUnavailable
from ronghe.apps.ledger.models import Checkpoint, Event, Leaf, Payload, Subtree, Unsealed
from ronghe.apps.ledger.services.erasing import erasure_digest
from ronghe.trust import checkpoint as notes
from ronghe.trust.merkle import Frontier, leaf_hash

TOLERANCE = timedelta(hours=1)
MAX_FINDINGS = 100
_CHUNK = 2_000


class Reason(StrEnum):
    """What is wrong with a leaf, or with the log."""

    CHANGED = "changed"
    REMOVED = "removed"
    REORDERED = "reordered"
    BACK_DATED = "back-dated"
    TRUNCATED = "truncated"
    CHANGED_BEFORE_SEALING = "changed before sealing"
    REMOVED_BEFORE_SEALING = "removed before sealing"
    QUEUE = "queue altered"
    ERASURE = "erased without record"
    CHECKPOINT = "checkpoint does not hold"
    TRIGGER = "trigger"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: at which leaf or event, why, and the particulars in words."""

    reason: Reason
    detail: str
    index: int | None = None
    event_id: int | None = None

    def __str__(self) -> str:
        where = [f"leaf {self.index}"] if self.index is not None else []
        where += [f"event {self.event_id}"] if self.event_id is not None else []
        return f"{', '.join(where) or 'the log'}: {self.reason}: {self.detail}"


@dataclass(slots=True)
class Report:
    """What `fsck` read and found, the first bad leaf first, and what it could not check."""

    size: int = 0
    unsealed: int = 0
    findings: list[Finding] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether everything was checked and nothing found."""
        return not self.findings and not self.unchecked

    def add(self, finding: Finding) -> None:
        """Keep a finding: one an event, and up to `MAX_FINDINGS` for one reason."""
        known = finding.event_id is not None and any(one.event_id == finding.event_id for one in self.findings)
        if not known and sum(one.reason is finding.reason for one in self.findings) < MAX_FINDINGS:
            self.findings.append(finding)


class _Mark(NamedTuple):
    """What the root must be at one size, and who says so."""

    root: bytes
    source: str


def fsck(
    *,
    checkpoint: str | bytes | None = None,
    verifier: notes.VerifierKey | None = None,
    progress: Callable[[int, int], object] | None = None,
) -> Report:
    """Check the whole log and return the report.

    `checkpoint` is a signed note from anywhere, checked beside those in the folder of checkpoints; `verifier` the key
    it must hold under (default: the log's own); `progress` is told leaves done and leaves in all. Raises `NoteError` if
    the given checkpoint is not a signed checkpoint of this log.
    """
    known = known_keys.all_of(verifier or keys.signer().verifier())
    report = Report()
    # Before the snapshot: whatever was outside by now must be in it.
    parts = outside.journal_parts()
    marks = _outside_marks(report, known, checkpoint)
    try:
        key: bytes | None = keys.event_key()
    except KeyUnavailable as error:
        key = None
        report.unchecked.append(f"without the event key edits before sealing are not found: {error}")
    with _snapshot():
        walk = _Walk(report, key, known, marks, progress or (lambda done, total: None))
        with _readable(report, lambda: f"at or after leaf {walk.frontier.size}"):
            walk.leaves()
        with _readable(report, lambda: "among the events that wait"):
            _check_unsealed(report, key, walk.time)
            _check_queue(report)
        with _readable(report, lambda: "among the events of the journal"):
            _check_journal(report, parts)
        with _readable(report, lambda: "among the erased payloads"):
            _check_erasures(report)
        for problem in triggers.problems(connection) + freezing.problems(connection):
            report.add(Finding(Reason.TRIGGER, problem))
    report.findings.sort(key=lambda finding: (finding.index is None, finding.index or 0))
    return report


@contextlib.contextmanager
def _snapshot() -> Iterator[None]:
    """Read one state of the database throughout, without holding up writers."""
    if connection.in_atomic_block:
        yield
    elif connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:
        # atomic() would take SQLite's write lock for as long as the check lasts.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


@contextlib.contextmanager
def _readable(report: Report, where: Callable[[], str]) -> Iterator[None]:
    """Report a value that cannot even be read: SQLite keeps whatever an intruder puts into a column."""
    try:
        yield
    except (TypeError, ValueError, AttributeError, DatabaseError) as error:
        report.add(Finding(Reason.CHANGED, f"a value {where()} cannot be read: {error}"))


def _outside_marks(
    report: Report, known: Sequence[notes.VerifierKey], given: str | bytes | None
) -> dict[int, list[_Mark]]:
    marks: dict[int, list[_Mark]] = {}
    if given is not None:
        opened = notes.open_checkpoint(given, known).checkpoint
        marks[opened.size] = [_Mark(opened.root, "the checkpoint given")]
    for path in outside.kept_notes():
        try:
            kept = notes.open_checkpoint(path.read_bytes(), known).checkpoint
        except (OSError, notes.NoteError) as error:
            report.add(Finding(Reason.CHECKPOINT, f"{path.name}: {error}"))
            continue
        marks.setdefault(kept.size, []).append(_Mark(kept.root, path.name))
    return marks


class _Walk:
    """One pass over the leaves beside the checkpoints."""

    def __init__(
        self,
        report: Report,
        key: bytes | None,
        known: Sequence[notes.VerifierKey],
        marks: dict[int, list[_Mark]],
        progress: Callable[[int, int], object],
    ) -> None:
        self.report = report
        self.key = key
        self.marks = marks
        self.progress = progress
        self.frontier = Frontier()
        # The signed time of the checkpoint before the leaf at hand; `checkpoint` is the one that seals it.
        self.time: datetime | None = None
        self.checked_to = 0
        self.checkpoints = _checkpoints(report, known)
        self.checkpoint = next(self.checkpoints, None)

    def leaves(self) -> None:
        """Read every leaf up to the newest checkpoint, and see that none is missing and none too many."""
        newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
        outermost = max(self.marks, default=0)
        total = max(newest, outermost)
        if newest and not self.marks:
            self.report.unchecked.append(
                f"no checkpoint in {outside.folder()}: a log that was cut off cannot be told from a shorter one"
            )
        for rows in _stream(_leaf_rows(), "index"):
            if not self._take(rows):
                return
            self.progress(self.frontier.size, total)
        size = self.frontier.size
        while self.checkpoint and self.checkpoint.size <= size:
            self._next_checkpoint()
        self.report.size = size
        if size < total:
            who = "the checkpoint kept outside" if outermost > newest else "the newest checkpoint"
            self.report.add(Finding(Reason.TRUNCATED, f"{who} has {total} leaves, the database {size}", index=size))
        elif newest < outermost:
            self.report.add(Finding(Reason.CHECKPOINT, f"checkpoint {outermost} is missing from the database"))
        elif size > newest:
            self.report.add(Finding(Reason.CHECKPOINT, f"{size - newest} leaves come after the last checkpoint", size))

    def _take(self, rows: Sequence[dict[str, Any]]) -> bool:
        """Check a chunk of leaves; return False where a leaf is missing or misplaced: nothing after it can be told."""
        pending: list[bytes] = []
        for row in rows:
            index = self.frontier.size + len(pending)
            if row["index"] != index:
                self._report_gap(index)
                return False
            while self.checkpoint and self.checkpoint.size <= index:
                self._next_checkpoint()
            if not self._check(row):
                return False
            pending.append(bytes(row["hash"]))
            if index + 1 in self.marks or (self.checkpoint and self.checkpoint.size == index + 1):
                self._append(pending)
                self._compare_root()
                pending = []
        self._append(pending)
        return True

    def _append(self, hashes: list[bytes]) -> None:
        self.frontier, completed = self.frontier.append(hashes)
        for subtree in completed:
            stored = Subtree.objects.filter(level=subtree.level, number=subtree.number).values_list("hash", flat=True)
            if [bytes(hash_) for hash_ in stored] != [subtree.hash]:
                width = 256**subtree.level
                first = subtree.number * width
                self._mismatch(first, f"leaves {first}–{first + width - 1} do not have their stored subtree hash")

    def _compare_root(self) -> None:
        size, root = self.frontier.size, self.frontier.root()
        expected = list(self.marks.get(size, []))
        if self.checkpoint and self.checkpoint.size == size:
            expected.append(_Mark(bytes(self.checkpoint.root), "the database's own checkpoint"))
        for mark in expected:
            if mark.root != root:
                detail = f"leaves {self.checked_to}–{size - 1} do not lead to the root that {mark.source} has"
                self._mismatch(self.checked_to, detail)
        self.checked_to = size

    def _mismatch(self, first: int, detail: str) -> None:
        """Report a wrong root, unless a leaf under it was named already."""
        if not any(one.index is not None and one.index >= first for one in self.report.findings):
            self.report.add(Finding(Reason.CHANGED, detail, index=first))

    def _next_checkpoint(self) -> None:
        self.time = self.checkpoint.signed_at if self.checkpoint else self.time
        self.checkpoint = next(self.checkpoints, None)

    def _check(self, row: dict[str, Any]) -> bool:
        """Check one leaf with its event and payload; return False if the leaf is not at its place."""
        index, event_id = row["index"], row["event_id"]
        stored = bytes(row["hash"])
        entry = _entry(row)
        hash_ = leaf_hash(entry)
        placed = self.key is None or entries.authenticate_leaf(self.key, index, stored) == bytes(row["authentication"])
        if hash_ != stored:
            if placed and Leaf.objects.filter(hash=hash_).exists():
                self.report.add(Finding(Reason.REORDERED, "another leaf's event stands here", index, event_id))
            else:
                self.report.add(Finding(Reason.CHANGED, "the event is not what the leaf was made of", index, event_id))
            return True
        if not _authentic(self.key, event_id, entry, row["event__authentication"]):
            detail = "the event and its leaf were rewritten or put in: they do not authenticate"
            self.report.add(Finding(Reason.CHANGED, detail, index, event_id))
            return True
        if not placed:
            self._report_misplaced(index, event_id)
            return False
        sealed_at = self.checkpoint.signed_at if self.checkpoint else None
        if late := _misdated(row["event__recorded_at"], self.time, sealed_at):
            self.report.add(Finding(Reason.BACK_DATED, late, index, event_id))
        if problem := _payload_problem(row, "event__"):
            self.report.add(Finding(Reason.CHANGED, problem, index, event_id))
        return True

    def _report_gap(self, index: int) -> None:
        event_id = Leaf.objects.filter(index=index).values_list("event_id", flat=True).first()
        if event_id is not None:
            self.report.add(Finding(Reason.REMOVED, "its event is gone", index, event_id))
        elif (place := self._true_leaf(index)) is not None:
            self.report.add(Finding(Reason.REORDERED, f"this leaf now stands at {place}", index))
        else:
            self.report.add(Finding(Reason.REMOVED, "the leaf is gone", index))
        self.report.size = index

    def _report_misplaced(self, index: int, event_id: int) -> None:
        if (place := self._true_leaf(index)) is not None:
            self.report.add(Finding(Reason.REORDERED, f"this leaf now stands at {place}", index, event_id))
        else:
            detail = "the leaf is gone and others moved to its place"
            self.report.add(Finding(Reason.REMOVED, detail, index))
        self.report.size = index

    def _true_leaf(self, index: int) -> int | None:
        """Return where the leaf now stands that was sealed as `index`; it takes one more pass, once."""
        if self.key is None:
            return None
        for rows in _stream(Leaf.objects.values("index", "hash", "authentication"), "index"):
            for row in rows:
                authentication = entries.authenticate_leaf(self.key, index, bytes(row["hash"]))
                if row["index"] != index and authentication == bytes(row["authentication"]):
                    return int(row["index"])
        return None


def _leaf_rows() -> Any:
    return Leaf.objects.values(
        "index",
        "hash",
        "authentication",
        "event_id",
        "event__type",
        "event__subject",
        "event__recorded_at",
        "event__digest",
        "event__authentication",
        "event__payload__event_id",
        "event__payload__salt",
        "event__payload__content",
    )


def _stream(queryset: Any, key: str) -> Iterator[list[dict[str, Any]]]:
    """Yield the rows of `queryset` in order of `key`, a chunk at a time."""
    last = None
    while True:
        later = queryset if last is None else queryset.filter(**{f"{key}__gt": last})
        rows = list(later.order_by(key)[:_CHUNK])
        if not rows:
            return
        yield rows
        last = rows[-1][key]


def _checkpoints(report: Report, known: Sequence[notes.VerifierKey]) -> Iterator[Checkpoint]:
    """Yield the database's checkpoints whose signatures hold, dated by their signed time; report the others."""
    for rows in _stream(Checkpoint.objects.values("size", "root", "note", "signed_at"), "size"):
        for row in rows:
            try:
                opened = notes.open_checkpoint(row["note"], known)
            except notes.NoteError as error:
                report.add(Finding(Reason.CHECKPOINT, f"checkpoint {row['size']}: {error}"))
                continue
            signed_at = datetime.fromtimestamp(opened.time, UTC) if opened.time is not None else None
            stated = notes.Checkpoint(opened.checkpoint.origin, row["size"], bytes(row["root"]))
            if opened.checkpoint != stated or signed_at != row["signed_at"]:
                report.add(Finding(Reason.CHECKPOINT, f"checkpoint {row['size']} is not what its note says"))
                continue
            yield Checkpoint(**row)


def _entry(row: Mapping[str, Any], prefix: str = "event__") -> bytes:
    return entries.entry_bytes(
        type=row[f"{prefix}type"],
        subject=row[f"{prefix}subject"],
        recorded_at=row[f"{prefix}recorded_at"],
        digest=bytes(row[f"{prefix}digest"]),
    )


def _authentic(key: bytes | None, event_id: int, entry: bytes, authentication: bytes | memoryview) -> bool:
    return key is None or entries.authenticate_entry(key, event_id, entry) == bytes(authentication)


def _misdated(recorded_at: datetime, after: datetime | None, before: datetime | None) -> str | None:
    if after is not None and recorded_at < after - TOLERANCE:
        return f"recorded at {recorded_at:%F %T}, but the log was sealed at {after:%F %T} without it"
    if before is not None and recorded_at > before + TOLERANCE:
        return f"recorded at {recorded_at:%F %T}, after it was sealed at {before:%F %T}"
    return None


def _payload_problem(row: dict[str, Any], prefix: str) -> str | None:
    if row[f"{prefix}payload__event_id"] is None:
        return "its payload is gone"
    salt, content = row[f"{prefix}payload__salt"], row[f"{prefix}payload__content"]
    if content is None:
        return None
    if entries.payload_digest(bytes(salt), content) != bytes(row[f"{prefix}digest"]):
        return "its payload is not what was recorded"
    return None


def _check_unsealed(report: Report, key: bytes | None, sealed_at: datetime | None) -> None:
    waiting = Event.objects.filter(leaf__isnull=True).values(
        "id",
        "type",
        "subject",
        "recorded_at",
        "digest",
        "authentication",
        "payload__event_id",
        "payload__salt",
        "payload__content",
        "unsealed__event_id",
    )
    now = timezone.now()
    for rows in _stream(waiting, "id"):
        for row in rows:
            report.unsealed += 1
            event_id = row["id"]
            if late := _misdated(row["recorded_at"], sealed_at, now):
                report.add(Finding(Reason.BACK_DATED, late, event_id=event_id))
            elif not _authentic(key, event_id, _entry(row, ""), row["authentication"]):
                detail = "the event was changed, or was not recorded by the ledger: it does not authenticate"
                report.add(Finding(Reason.CHANGED_BEFORE_SEALING, detail, event_id=event_id))
            elif problem := _payload_problem(row, ""):
                report.add(Finding(Reason.CHANGED_BEFORE_SEALING, problem, event_id=event_id))
            elif row["unsealed__event_id"] is None:
                report.add(Finding(Reason.QUEUE, "it waits for no sealer and would never be sealed", event_id=event_id))


def _check_queue(report: Report) -> None:
    twice = Unsealed.objects.filter(event__leaf__isnull=False).values_list("event_id", "event__leaf__index")
    for event_id, index in twice[:MAX_FINDINGS]:
        report.add(Finding(Reason.QUEUE, "it is sealed and yet waits for the sealer", index, event_id))


def _check_journal(report: Report, parts: Sequence[outside.JournalPart]) -> None:
    for part in parts:
        for chunk in outside.in_chunks(outside.journal_entries(part), 500):
            ids = {entry.event_id for entry in chunk}
            rows = Event.objects.filter(id__in=ids).values("id", "type", "subject", "recorded_at", "digest")
            leaves = {row["id"]: leaf_hash(_entry(row, "")) for row in rows}
            for event_id, leaf in chunk:
                if event_id not in leaves:
                    detail = "it was committed, as the journal tells, and is gone"
                    report.add(Finding(Reason.REMOVED_BEFORE_SEALING, detail, event_id=event_id))
                elif leaves[event_id] != leaf:
                    detail = "it is not what the journal says was committed"
                    report.add(Finding(Reason.CHANGED_BEFORE_SEALING, detail, event_id=event_id))


def _check_erasures(report: Report) -> None:
    """See that each set of erased payloads is the one that an erasure event counted and hashed."""
    erasures = Payload.objects.filter(content__isnull=True).order_by().values_list("erased_by_id", flat=True).distinct()
    for erasure_id in erasures.iterator(chunk_size=_CHUNK):
        erased = Payload.objects.filter(erased_by=erasure_id).order_by("event_id")
        digest = erasure_digest(erased.values_list("event__digest", flat=True).iterator(chunk_size=_CHUNK))
        text = Payload.objects.filter(event_id=erasure_id).values_list("content", flat=True).first()
        stated = json.loads(text)["fields"] if text else {}
        if (stated.get("count"), stated.get("digest")) != (erased.count(), digest):
            detail = f"{erased.count()} payloads are empty, which event {erasure_id} does not account for"
            report.add(Finding(Reason.ERASURE, detail, event_id=erased.values_list("event_id", flat=True).first()))
