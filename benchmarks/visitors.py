"""Visitors who keep their connections: how long a server takes to answer when several of them ask all the time.

All are served by one loop on bare sockets, so that they take little of the processors that the server runs on, and
wait for nothing but the server.
"""

import selectors
import socket
import time
from dataclasses import dataclass, field

_CHUNK = 1 << 18
_SECONDS_TO_WAIT = 60.0


class WrongAnswer(RuntimeError):
    """The server answered with a status that was not asked for, or broke off."""


@dataclass
class _Visitor:
    request: bytes
    port: int
    connection: socket.socket = field(init=False)
    received: bytearray = field(default_factory=bytearray)
    asked_at: float = 0.0

    def connect(self) -> None:
        self.connection = socket.create_connection(("127.0.0.1", self.port), timeout=_SECONDS_TO_WAIT)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self) -> None:
        self.received.clear()
        self.asked_at = time.perf_counter()
        self.connection.sendall(self.request)

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
    port: int, request: bytes, *, connections: int, seconds: float, expected: frozenset[int] = frozenset({200})
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


def request_of(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """The bytes of one request; a header is named with underscores for its hyphens."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: keep-alive"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
