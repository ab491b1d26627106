"""Serves the site with all that it needs beside it: web workers, the background worker and the sealer.

One machine, one command. A larger installation runs the same three programs under its own supervisor
(docs/operations/deploy.md).
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

SECONDS_TO_STOP = 10
SECONDS_TO_ANSWER = 60
# Threads of a process share one interpreter: with more of them nobody is served sooner, and some far later.
THREADS = 3


class CannotServe(Exception):
    """The site cannot be served; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the site listens."""

    host: str = "127.0.0.1"
    port: int = 8000

    @property
    def url(self) -> str:
        host = "localhost" if self.host in {"127.0.0.1", "0.0.0.0"} else self.host  # noqa: S104
        return f"http://{host}:{self.port}"

    def check_free(self) -> None:
        """Raise CannotServe when something listens there already."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise CannotServe(
                    f"port {self.port} cannot be used ({error.strerror}); choose another, as in: make demo PORT=8010"
                ) from error


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs beside the site: its command, what it needs in its environment, where it writes its log."""

    command: list[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)


def programs(address: Address, *, workers: int, threads: int = THREADS) -> dict[str, list[str]]:
    """The three programs of a running site, by name."""
    manage = [sys.executable, "-m", "django"]
    return {
        "web": [
            *[sys.executable, "-m", "gunicorn", "ronghe.web.wsgi:application"],
            *["--bind", f"{address.host}:{address.port}"],
            *["--worker-class", "ronghe.web.gunicorn_worker.BalancedWorker"],
            *["--workers", str(workers), "--threads", str(threads)],
            *["--preload", "--keep-alive", "30", "--no-control-socket", "--log-level", "warning"],
        ],
        "worker": [*manage, "db_worker", "--interval", "0.5", "--no-startup-delay"],
        "sealer": [*manage, "ledger_seal", "--watch"],
    }


def serve(
    address: Address,
    *,
    workers: int = 2,
    threads: int = THREADS,
    when_ready: Callable[[], None] = lambda: None,
    beside: Mapping[str, Program] | None = None,
) -> int:
    """Run the site, and programs `beside` it, until Ctrl-C or SIGTERM; return the exit status.

    If one program dies, all are stopped.
    """
    address.check_free()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "ronghe.web.settings"}
    stop = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask_to_stop)
    # A session of their own keeps Ctrl-C from reaching the children twice; they are stopped in order below.
    children = {
        name: subprocess.Popen(command, env=environment, start_new_session=True)  # noqa: S603
        for name, command in programs(address, workers=workers, threads=threads).items()
    }
    for name, program in (beside or {}).items():
        with program.log.open("ab") as log:
            children[name] = subprocess.Popen(  # noqa: S603
                program.command,
                env={**environment, **program.environment},
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
    try:
        _wait_until_it_answers(address, children["web"], stop)
        if not stop.is_set():
            when_ready()
        while not stop.wait(0.5):
            for name, child in children.items():
                if child.poll() is not None:
                    raise CannotServe(f"the {name} program ended with status {child.returncode}; see its log above")
    finally:
        _stop(children)
    return 0


def _wait_until_it_answers(address: Address, web: subprocess.Popen[bytes], stop: threading.Event) -> None:
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while time.monotonic() < deadline and not stop.is_set():
        if web.poll() is not None:
            raise CannotServe(f"the web program ended with status {web.returncode}; see its log above")
        try:
            with urlopen(f"{address.url}/healthz", timeout=2) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (URLError, TimeoutError, ConnectionError):
            stop.wait(0.2)
    if not stop.is_set():
        raise CannotServe(f"the site did not answer at {address.url}/healthz within {SECONDS_TO_ANSWER} s")


def _stop(children: dict[str, subprocess.Popen[bytes]]) -> None:
    for child in children.values():
        if child.poll() is None:
            child.terminate()
    deadline = time.monotonic() + SECONDS_TO_STOP
    for child in children.values():
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
