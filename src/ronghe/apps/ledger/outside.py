"""What the ledger keeps outside the database, so that the database cannot be rewritten unnoticed.

`checkpoint` is the newest signed note; `YYYY-MM-DD.checkpoint` the last one of each day; `ledger.vkey` the public key,
and `ledger.next.vkey` the one that is to follow it; `journal/YYYYMMDDTHH` lists, an hour a file, each event as it was
committed (id and leaf hash), until all are sealed.
Nothing in these files is secret or personal. One folder belongs to one database; copy it elsewhere at will.
"""

import contextlib
import fcntl
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

LATEST = "checkpoint"
VERIFIER = "ledger.vkey"
_NEXT_VERIFIER = "ledger.next.vkey"
_JOURNAL = "journal"
_JOURNAL_NAME = "%Y%m%dT%H"
# A process that stalled between choosing the file and writing to it still finds it.
_JOURNAL_KEPT_FOR = timedelta(hours=2)
_LINE = re.compile(rb"([1-9][0-9]{0,18}) ([0-9a-f]{64})")


class JournalEntry(NamedTuple):
    """An event as it was when its transaction committed."""

    event_id: int
    leaf: bytes


class JournalPart(NamedTuple):
    """A journal file up to the length it had when it was listed."""

    path: Path
    length: int


def folder() -> Path:
    """Return the folder of checkpoints, `RONGHE_CHECKPOINT_DIR`."""
    return Path(settings.RONGHE_CHECKPOINT_DIR)


def read_latest() -> str | None:
    """Return the newest note, or None if none was ever kept."""
    try:
        return (folder() / LATEST).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def kept_notes() -> list[Path]:
    """Return the files of all kept notes: the newest and one a day."""
    return [path for path in [folder() / LATEST, *sorted(folder().glob("*.checkpoint"))] if path.is_file()]


def keep_note(note: str, *, size: int, verifier: str, now: datetime) -> None:
    """Write `note` in place of the newest and as that of its day, unless a larger log was kept meanwhile."""
    folder().mkdir(parents=True, exist_ok=True)
    with _locked(folder() / ".lock"):
        kept = read_latest()
        if kept is not None and _stated_size(kept) >= size:
            return
        _replace(folder() / VERIFIER, verifier + "\n")
        _replace(folder() / f"{now.astimezone(UTC):%Y-%m-%d}.checkpoint", note)
        _replace(folder() / LATEST, note)


def keep_next_key(verifier: str) -> None:
    """Write down the public key that is to follow, for all who ask whom to trust."""
    folder().mkdir(parents=True, exist_ok=True)
    _replace(folder() / _NEXT_VERIFIER, verifier + "\n")


def next_key() -> str | None:
    """Return the public key that is to follow, or None."""
    try:
        return (folder() / _NEXT_VERIFIER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None


def drop_next_key() -> None:
    """The next key has become the one that signs."""
    (folder() / _NEXT_VERIFIER).unlink(missing_ok=True)


def _stated_size(note: str) -> int:
    lines = note.split("\n")
    return int(lines[1]) if len(lines) > 1 and lines[1].isdecimal() else -1


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(path: Path, text: str) -> None:
    """Put `text` into `path` whole or not at all, also through a power cut."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def journal(entries: Iterable[JournalEntry], *, now: datetime) -> None:
    """Append committed events to this hour's file. Not synced: it need survive a killed process, not a power cut."""
    # Each line begins a new one, so that a line that a killed process left half written spoils only itself.
    data = b"".join(b"\n%d %s" % (entry.event_id, entry.leaf.hex().encode()) for entry in entries)
    path = f"{settings.RONGHE_CHECKPOINT_DIR}/{_JOURNAL}/{now.astimezone(UTC):{_JOURNAL_NAME}}"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    except FileNotFoundError:
        (folder() / _JOURNAL).mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    finally:
        os.close(descriptor)


def journal_parts() -> list[JournalPart]:
    """Return the journal files, oldest first, with their lengths now."""
    return [JournalPart(path, path.stat().st_size) for path in sorted((folder() / _JOURNAL).glob("[0-9]*T[0-9]*"))]


def journal_entries(part: JournalPart) -> Iterator[JournalEntry]:
    """Yield the entries of a journal file up to its listed length; half-written lines are passed over."""
    try:
        file = part.path.open("rb")
    except FileNotFoundError:
        # The sealer dropped it meanwhile: all its events are sealed.
        return
    with file:
        left = part.length
        for line in file:
            left -= len(line)
            # The newline that ends the last listed line came with the next one.
            if left < -1:
                return
            if match := _LINE.fullmatch(line.rstrip(b"\n")):
                yield JournalEntry(int(match[1]), bytes.fromhex(match[2].decode()))


def finished_journal_parts(now: datetime) -> list[JournalPart]:
    """Return the files that no process writes to any more."""
    oldest_in_use = (now.astimezone(UTC) - _JOURNAL_KEPT_FOR).strftime(_JOURNAL_NAME)
    return [part for part in journal_parts() if part.path.name < oldest_in_use]


def drop_journal_part(part: JournalPart) -> None:
    """Remove a journal file whose events are all sealed."""
    part.path.unlink(missing_ok=True)


def moved_aside_hint() -> str:
    """Return how to go on after the database was put back from a backup on purpose."""
    return f"if the database was restored from a backup on purpose, move {folder()} aside and keep it"


def in_chunks(entries: Iterable[JournalEntry], size: int) -> Iterator[list[JournalEntry]]:
    """Yield the entries `size` at a time."""
    stream = iter(entries)
    while chunk := list(islice(stream, size)):
        yield chunk
