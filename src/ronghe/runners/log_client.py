"""Fetches the checkpoint and the tiles of a log (C2SP tlog-tiles), over HTTP or from a folder. It checks no hash."""

import http.client
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from ronghe.trust.checkpoint import MAX_NOTE_BYTES
from ronghe.trust.merkle import HASH_SIZE
from ronghe.trust.tiles import TILE_WIDTH, Tile

SECONDS_TO_ANSWER = 20.0
_TRIES = 4
_AT_ONCE = 4
# Enough to keep the connections busy, few enough to hold in memory.
_AHEAD = 64
_LONGEST_WAIT = 30.0


class LogUnavailable(Exception):
    """The log, or a part of it, could not be read; the message says which and why."""


class LogSource(Protocol):
    """Whence a log is read."""

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        """Return what lies at `path` below the log's prefix, None if nothing does; raises `LogUnavailable`."""
        ...  # pragma: no cover


class FolderSource:
    """A log as files in a folder, for mirrors."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        """Return the file's bytes."""
        try:
            with (self._folder / path).open("rb") as file:
                return file.read(limit + 1)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            raise LogUnavailable(f"{self._folder / path}: {error.strerror}") from error


class HttpSource:
    """A log at an address; each thread keeps a connection of its own."""

    def __init__(self, url: str, *, timeout: float = SECONDS_TO_ANSWER) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise LogUnavailable(f"{url!r} is no address of a log: write https://…")
        self._host, self._port, self._prefix = parts.hostname, parts.port, parts.path.rstrip("/")
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._timeout = timeout
        self._own = threading.local()

    def fetch(self, path: str, *, limit: int) -> bytes | None:
        """Return the answer's bytes; asks again where that may help, and waits as long as the log asks for."""
        problem = ""
        for attempt in range(_TRIES):
            try:
                status, data, wait = self._ask(path, limit)
            except (OSError, http.client.HTTPException) as error:
                self._hang_up()
                problem, wait = f"{error}" or type(error).__name__, 0.1 * 2**attempt
            else:
                if status == http.client.OK:
                    return data
                if status in (http.client.NOT_FOUND, http.client.GONE):
                    return None
                problem = f"HTTP {status}"
                if status < http.client.INTERNAL_SERVER_ERROR and status != http.client.TOO_MANY_REQUESTS:
                    break
                wait = wait or 0.1 * 2**attempt
            if attempt < _TRIES - 1:
                time.sleep(min(wait, _LONGEST_WAIT))
        raise LogUnavailable(f"{path} at {self._host} cannot be read: {problem}")

    def _ask(self, path: str, limit: int) -> tuple[int, bytes, float]:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = self._kind(self._host, self._port, timeout=self._timeout)
        connection.request("GET", f"{self._prefix}/{path}")
        answer = connection.getresponse()
        data = answer.read(limit + 1)
        if len(data) > limit:
            self._hang_up()
        after = answer.headers.get("Retry-After", "")
        return answer.status, data, float(after) if after.isdecimal() else 0.0

    def _hang_up(self) -> None:
        connection = getattr(self._own, "connection", None)
        if connection is not None:
            connection.close()
            self._own.connection = None


def fetch_checkpoint(source: LogSource) -> bytes:
    """Return the signed note of the log's newest checkpoint, nothing of it checked."""
    data = source.fetch("checkpoint", limit=MAX_NOTE_BYTES)
    if data is None or len(data) > MAX_NOTE_BYTES:
        raise LogUnavailable("there is no checkpoint here: give the log's prefix, where `checkpoint` and `tile/` lie")
    return data


def fetch_tile(source: LogSource, tile: Tile) -> bytes:
    """Return a tile's bytes, of the right number; a partial tile that is gone is cut from the full one."""
    data = source.fetch(tile.path, limit=TILE_WIDTH * HASH_SIZE)
    if data is None and tile.width < TILE_WIDTH:
        data = source.fetch(Tile(tile.level, tile.number).path, limit=TILE_WIDTH * HASH_SIZE)
        data = None if data is None else data[: tile.width * HASH_SIZE]
    if data is None:
        raise LogUnavailable(f"{tile.path} is missing")
    if len(data) != tile.width * HASH_SIZE:
        raise LogUnavailable(f"{tile.path} has {len(data)} bytes instead of {tile.width * HASH_SIZE}")
    return data


def fetch_tiles(
    source: LogSource, tiles: Iterable[Tile], *, told: Callable[[int], object] = lambda done: None
) -> Iterator[tuple[Tile, bytes]]:
    """Yield each tile with its bytes, in order, some being fetched ahead; `told` hears how many are done."""
    done = 0
    pending: deque[tuple[Tile, Future[bytes]]] = deque()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        try:
            for tile in tiles:
                pending.append((tile, pool.submit(fetch_tile, source, tile)))
                if len(pending) >= _AHEAD:
                    yield _next(pending)
                    done += 1
                    told(done)
            while pending:
                yield _next(pending)
                done += 1
                told(done)
        finally:
            for _, future in pending:
                future.cancel()


def _next(pending: deque[tuple[Tile, Future[bytes]]]) -> tuple[Tile, bytes]:
    tile, future = pending.popleft()
    return tile, future.result()
