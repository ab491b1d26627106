"""A new visitor goes to the worker that holds fewest."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from ronghe.web.gunicorn_worker import BalancedWorker

WORKERS = 2
VISITORS = 8


class PatientWorker(BalancedWorker):
    """One that gives the other time on a busy machine as well."""

    grace_seconds = 0.25


def application(environ: dict[str, object], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Say which worker it was."""
    answer = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(answer)))])
    return [answer]


@pytest.fixture
def port() -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number = probe.getsockname()[1]
    server = subprocess.Popen(
        [
            *[sys.executable, "-m", "gunicorn", "tests.web.test_gunicorn_worker:application"],
            *["--bind", f"127.0.0.1:{number}", "--workers", str(WORKERS), "--threads", "8", "--keep-alive", "30"],
            *["--worker-class", "tests.web.test_gunicorn_worker.PatientWorker"],
            *["--no-control-socket", "--log-level", "error"],
        ],
        cwd=Path(__file__).resolve().parents[2],
    )
    try:
        yield number
    finally:
        server.terminate()
        server.wait(20)


def visit(port: int) -> tuple[HTTPConnection, int]:
    """A visitor who stays, and the worker that answered."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/", headers={"Connection": "keep-alive"})
    return connection, int(connection.getresponse().read())


def workers(port: int) -> set[int]:
    """Both workers, once both answer."""
    seen: set[int] = set()
    deadline = time.monotonic() + 30
    while len(seen) < WORKERS and time.monotonic() < deadline:
        try:
            connection, worker = visit(port)
            connection.close()
            seen.add(worker)
        except ConnectionError:
            time.sleep(0.05)
    assert len(seen) == WORKERS
    return seen


def test_new_visitors_go_to_the_worker_that_holds_fewest(port: int) -> None:
    first, second = workers(port)
    os.kill(second, signal.SIGSTOP)
    try:
        early = [visit(port) for _visitor in range(VISITORS)]
    finally:
        os.kill(second, signal.SIGCONT)
    assert {worker for _connection, worker in early} == {first}
    late = [visit(port) for _visitor in range(VISITORS)]
    for connection, _worker in [*early, *late]:
        connection.close()
    assert Counter(worker for _connection, worker in late)[second] >= VISITORS - 1
