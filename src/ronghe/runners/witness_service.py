"""The program that a witness runs: it keeps what it last cosigned for each log, and answers over HTTP.

Protocol: C2SP tlog-witness (`add-checkpoint`); `held/HASH` and `conflicts` let anyone compare what it saw. What it
decides is `trust.witness`; here the state is kept, so that a crash at any write never lets it sign a rollback.
"""

import hashlib
import json
import logging
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from ronghe.runners.files import replace_file
from ronghe.trust.checkpoint import NoteError, SignatureType, open_checkpoint
from ronghe.trust.witness import MAX_REQUEST_BYTES, STATUSES, AddCheckpoint, Answer, Conflict, Decision, Witness

logger = logging.getLogger(__name__)

SIZE_TYPE = "text/x.tlog.size"
MAX_CONFLICTS = 100
_SECONDS_TO_SPEAK = 10
_MAX_AT_ONCE = 32


def folder_name(origin: str) -> str:
    """Return what stands for a log's name in file names and addresses."""
    return hashlib.sha256(origin.encode()).hexdigest()[:32]


class StateUnreadable(Exception):
    """The state says something that the log never signed: nothing is signed until a person has looked."""


@dataclass(slots=True)
class WitnessState:
    """The checkpoint last cosigned for each log, one file each, and the conflicts found."""

    folder: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def prepare(self, witness: Witness) -> None:
        """Make the folders and check that all that is kept is signed by its log; raises `StateUnreadable`."""
        for name in ("held", "conflicts"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        for draft in (self.folder / "held").glob(".*"):
            draft.unlink()
        for origin in {key.name for key in witness.logs}:
            held = self.held(origin)
            if held is None:
                continue
            try:
                open_checkpoint(held, [key for key in witness.logs if key.name == origin])
            except NoteError as error:
                raise StateUnreadable(f"{self._file(origin)}: {error}; restore the file from the backup") from error

    def _file(self, origin: str) -> Path:
        return self.folder / "held" / folder_name(origin)

    def held(self, origin: str) -> str | None:
        """Return the checkpoint last cosigned for a log, or None."""
        try:
            return self._file(origin).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def answer(self, witness: Witness, request: AddCheckpoint, *, now: int) -> Decision:
        """Decide and keep as one step: what is cosigned is on the disk before anyone sees the cosignature."""
        try:
            origin = witness.origin_of(request)
        except NoteError as error:
            return Decision(Answer.MALFORMED, str(error))
        with self._lock:
            decision = witness.decide(request, held=self.held(origin), time=now)
            if decision.conflict is not None:
                self._keep_conflict(decision.conflict)
            if decision.answer is Answer.COSIGNED:
                replace_file(self._file(origin), decision.note.encode())
        return decision

    def _keep_conflict(self, conflict: Conflict) -> None:
        text = conflict.text().encode()
        path = self.folder / "conflicts" / f"{hashlib.sha256(text).hexdigest()[:32]}.txt"
        # Who repeats a misdeed with other bytes each time must not fill the disk; the first hundred are proof enough.
        if not path.exists() and len(self.conflicts()) < MAX_CONFLICTS:
            replace_file(path, text)

    def conflicts(self) -> list[Path]:
        """Return the files of evidence."""
        return sorted((self.folder / "conflicts").glob("*.txt"))


class _Handler(BaseHTTPRequestHandler):
    """One connection; `server` is a `WitnessServer`."""

    protocol_version = "HTTP/1.1"
    timeout = _SECONDS_TO_SPEAK
    server: "WitnessServer"

    def do_POST(self) -> None:
        """`add-checkpoint`."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_REQUEST_BYTES:
            self.close_connection = True
            self._send(413 if length.isdecimal() else 411, "say how long the request is: at most 64 kB\n")
            return
        body = self.rfile.read(int(length))
        if self.path.rstrip("/") != "/add-checkpoint":
            self._send(404, "POST to /add-checkpoint\n")
            return
        try:
            decision = self.server.decide(AddCheckpoint.parse(body))
        except NoteError as error:
            self._send(400, f"{error}\n")
            return
        except OSError as error:
            logger.error("the state cannot be kept", extra={"reason": str(error)})
            self._send(503, "the witness cannot keep its state; nothing was signed\n")
            return
        status = STATUSES[decision.answer]
        if decision.answer is Answer.COSIGNED:
            self._send(status, decision.line)
        elif decision.answer is Answer.STALE:
            self._send(status, f"{decision.size}\n", SIZE_TYPE)
        else:
            self._send(status, f"{decision.detail}\n")
        if decision.conflict is not None:
            logger.critical("the log contradicts itself", extra={"kind": decision.conflict.kind})

    def do_GET(self) -> None:
        """What the witness holds: `/`, `/held/HASH`, `/conflicts` and `/conflicts/NAME`."""
        parts = self.path.strip("/").split("/")
        match parts:
            case [""]:
                self._send(
                    200, json.dumps(self.server.about(), ensure_ascii=False, indent=1) + "\n", "application/json"
                )
            case ["held", name]:
                self._send_text(
                    {folder_name(key.name): self.server.held(key.name) for key in self.server.logs}.get(name)
                )
            case ["conflicts"]:
                self._send(200, "".join(f"{path.name}\n" for path in self.server.conflicts()))
            case ["conflicts", name]:
                found = {path.name: path for path in self.server.conflicts()}.get(name)
                self._send_text(found.read_text(encoding="utf-8") if found else None)
            case _:
                self._send_text(None)

    def _send_text(self, text: str | None) -> None:
        self._send(404, "there is nothing here\n") if text is None else self._send(200, text)

    def _send(self, status: int, text: str, kind: str = "text/plain; charset=utf-8") -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        logger.info(format % args)


class WitnessServer(ThreadingHTTPServer):
    """Serves one witness at an address; `clock` gives seconds since 1970."""

    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        witness: Witness,
        state: WitnessState,
        clock: Callable[[], float] = time.time,
    ) -> None:
        state.prepare(witness)
        super().__init__(address, _Handler)
        self._witness = witness
        self._state = state
        self._clock = clock
        self._places = threading.BoundedSemaphore(_MAX_AT_ONCE)

    @property
    def logs(self) -> tuple[Any, ...]:
        """The keys of the logs that it looks after."""
        return self._witness.logs

    def decide(self, request: AddCheckpoint) -> Decision:
        """Answer a request."""
        return self._state.answer(self._witness, request, now=int(self._clock()))

    def held(self, origin: str) -> str | None:
        """Return the checkpoint last cosigned for a log."""
        return self._state.held(origin)

    def conflicts(self) -> list[Path]:
        """Return the files of evidence."""
        return self._state.conflicts()

    def about(self) -> dict[str, Any]:
        """Return the witness's name, key, logs and how many conflicts it found."""
        key = self._witness.signer.verifier()
        logs = {key.name: f"held/{folder_name(key.name)}" for key in self._witness.logs}
        return {
            "witness": key.name,
            "key": key.encode(SignatureType.COSIGNATURE_V1),
            "logs": logs,
            "conflicts": len(self.conflicts()),
        }

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection if there is a place for one more; else hang up."""
        if not self._places.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what went wrong with a connection; a log that hangs up before its answer came is no fault of here."""
        if isinstance(sys.exc_info()[1], ConnectionError):
            logger.info("a caller hung up before its answer came")
        else:
            logger.exception("a request could not be answered")

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve, and give the place back."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()
