"""Files that must survive a crash at any moment: each is there whole, old or new, never in part."""

import contextlib
import fcntl
import os
import secrets
from collections.abc import Iterator
from pathlib import Path


def replace_file(path: Path, data: bytes, *, mode: int = 0o640) -> None:
    """Put `data` into `path` whole or not at all, also through a power cut; returns when the disk has it."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)


def create_file(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Put `data` into a new file, whole or not at all; raises `FileExistsError` and leaves what stands there alone."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        replace_file(draft, data, mode=mode)
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def only_one(path: Path) -> Iterator[None]:
    """Hold the lock file `path` while the block runs; raises `BlockingIOError` if another process holds it."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
