"""A file of records as seekable bytes within a size limit, whatever it came from; knows nothing of its content."""

from __future__ import annotations

import hashlib
import io
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, BinaryIO, cast

from ronghe.tabular.errors import FileRefused, FileTooLarge
from ronghe.tabular.limits import Limits

_CHUNK = 1 << 18

Source = str | Path | IO[bytes]
"""A path, "-" for standard input, or a binary stream. A stream that can seek is read from its very start."""


def _too_large(limits: Limits) -> FileTooLarge:
    return FileTooLarge("file.too_large", limit_mb=_megabytes(limits.max_bytes))


def _megabytes(count: int) -> str:
    return f"{count / 1024**2:.6g}"


def source_name(source: Source) -> str:
    """The name to show and to take the extension from, "" if there is none."""
    if isinstance(source, str | Path):
        return "" if str(source) == "-" else Path(source).name
    name = getattr(source, "name", "")
    return Path(name).name if isinstance(name, str) else ""


@contextmanager
def seekable(source: Source, limits: Limits) -> Iterator[BinaryIO]:
    """The source as a seekable binary stream at its start. What was opened here is closed; a caller's stream is not.

    Raises ``FileTooLarge`` beyond ``limits.max_bytes`` (before more than that is read) and ``FileRefused`` if a path
    cannot be opened.
    """
    with ExitStack() as stack:
        stream: IO[bytes]
        if not isinstance(source, str | Path):
            stream = source
        elif str(source) == "-":
            stream = sys.stdin.buffer
        else:
            stream = stack.enter_context(_opened(Path(source)))
        yield stack.enter_context(_within(stream, limits))


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise FileRefused("file.unreadable", reason=error.strerror or type(error).__name__) from error


@contextmanager
def _within(stream: IO[bytes], limits: Limits) -> Iterator[BinaryIO]:
    if stream.seekable():
        stream.seek(0, io.SEEK_END)
        size = stream.tell()
        if size > limits.max_bytes:
            raise _too_large(limits)
        stream.seek(0)
        yield cast(BinaryIO, stream)
        return
    with tempfile.TemporaryFile() as spooled:
        size = 0
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limits.max_bytes:
                raise _too_large(limits)
            spooled.write(chunk)
        spooled.seek(0)
        yield cast(BinaryIO, spooled)


def digest_of(stream: BinaryIO) -> tuple[str, int]:
    """SHA-256 of all bytes of the stream, in hexadecimal, and their number. Leaves the stream at its start."""
    stream.seek(0)
    total = hashlib.sha256()
    size = 0
    while chunk := stream.read(_CHUNK):
        total.update(chunk)
        size += len(chunk)
    stream.seek(0)
    return total.hexdigest(), size
