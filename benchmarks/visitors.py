"""Visitors who keep their connections: how long a server takes to answer when several of them ask all the time.

All are served by one loop on bare sockets, so that they take little of the processors that the server runs on, and
wait for nothing but the server.
"""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_CHUNK = 1 << 18
_SECONDS_TO_WAIT = 60.0


class WrongAnswer(RuntimeError):
    """The server answered with a status that was not asked for, or broke off."""


Requests = bytes | Callable[[], bytes]
"""One request that everyone sends, or what makes the next one."""


@dataclass
class _Visitor:
    requests: Requests
    port: int
    connection: socket.socket = field(init=False)
    received: bytearray = field(default_factory=bytearray)
    asked_at: float = 0.0

    def connect(self) -> None:
        self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=_SECONDS_TO_WAIT)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, due: float | None = None) -> None:
        """Send the next request; it counts from when it was `due`, which is now unless it had to wait."""
        self.received.clear()
        request = self.requests if isinstance(self.requests, bytes) else self.requests()
        self.asked_at = time.perf_counter() if due is None else due
        self.connection.sendall(request)

    def has_all(self) -> bool:
        """Read what there is; whether the answer is complete. Only answers that tell their length are understood."""
        part = self.connection.recv(_CHUNK)
        if not part:
            raise WrongAnswer("the server closed a connection in the middle of an answer")
        self.received += part
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self.received[:end]).lower()
        length = head.find(b"content-length:")
        if length < 0:
            raise WrongAnswer("the server did not tell the length of its answer")
        return len(self.received) >= end + 4 + int(head[length + 15 :].split(b"\r\n", 1)[0])

    def status(self) -> int:
        return int(self.received[9:12])

    def stays(self) -> bool:
        head = bytes(self.received[: self.received.find(b"\r\n\r\n")]).lower()
        return b"connection: close" not in head


def milliseconds(
    port: int, request: Requests, *, connections: int, seconds: float, expected: frozenset[int] = frozenset({200})
) -> list[float]:
    """Send `request` over `connections` keep-alive connections to loopback for `seconds`; each answer's time in ms.

    A connection asks again as soon as it has its answer. Raises WrongAnswer for a status that is not `expected`.
    """
    taken: list[float] = []
    stop = time.monotonic() + seconds
    with selectors.DefaultSelector() as ready:
        for _connection in range(connections):
            visitor = _Visitor(request, port)
            visitor.connect()
            ready.register(visitor.connection, selectors.EVENT_READ, visitor)
            visitor.ask()
        while ready.get_map():
            events = ready.select(_SECONDS_TO_WAIT)
            if not events:
                raise WrongAnswer(f"no answer within {_SECONDS_TO_WAIT:.0f} s")
            for key, _mask in events:
                visitor = key.data
                if not visitor.has_all():
                    continue
                taken.append((time.perf_counter() - visitor.asked_at) * 1000)
                if visitor.status() not in expected:
                    raise WrongAnswer(f"the server answered {visitor.status()}: {bytes(visitor.received[:2000])!r}")
                if time.monotonic() >= stop:
                    ready.unregister(visitor.connection)
                    visitor.connection.close()
                    continue
                if not visitor.stays():
                    ready.unregister(visitor.connection)
                    visitor.connection.close()
                    visitor.connect()
                    ready.register(visitor.connection, selectors.EVENT_READ, visitor)
                visitor.ask()
    return taken


def milliseconds_at(
    port: int, request: Requests, *, rate: float, connections: int, seconds: float, status: int = 200
) -> list[float]:
    """Send `rate` requests a second, come what may, over idle ones of `connections`; each answer's time in ms.

    An answer's time counts from when its request was due: also what waits for a free connection waits.
    """
    taken: list[float] = []
    with selectors.DefaultSelector() as ready:
        idle = [_Visitor(request, port) for _ in range(connections)]
        for visitor in idle:
            visitor.connect()
            ready.register(visitor.connection, selectors.EVENT_READ, visitor)
        start = time.perf_counter()
        dues = iter(start + number / rate for number in range(int(rate * seconds)))
        due = next(dues, None)
        while due is not None or len(idle) < connections:
            now = time.perf_counter()
            while due is not None and due <= now and idle:
                idle.pop().ask(due)
                due = next(dues, None)
            wait = _SECONDS_TO_WAIT if due is None or not idle else max(0.0, due - time.perf_counter())
            events = ready.select(wait)
            if not events and wait == _SECONDS_TO_WAIT:
                raise WrongAnswer(f"no answer within {_SECONDS_TO_WAIT:.0f} s")
            for key, _mask in events:
                visitor = key.data
                if not visitor.has_all():
                    continue
                taken.append((time.perf_counter() - visitor.asked_at) * 1000)
                if visitor.status() != status:
                    raise WrongAnswer(f"the server answered {visitor.status()}: {bytes(visitor.received[:2000])!r}")
                if not visitor.stays():
                    ready.unregister(visitor.connection)
                    visitor.connection.close()
                    visitor.connect()
                    ready.register(visitor.connection, selectors.EVENT_READ, visitor)
                idle.append(visitor)
        for visitor in idle:
            visitor.connection.close()
    return taken


def request_of(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of one request; a header is named with underscores for its hyphens."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: keep-alive"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
