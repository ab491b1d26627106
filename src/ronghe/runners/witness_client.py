"""Asks a witness over HTTP to cosign a checkpoint. What is to be asked, and what to make of it, is the caller's."""

import http.client
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from ronghe.runners.witness_service import SIZE_TYPE, folder_name
from ronghe.trust.witness import AddCheckpoint

SECONDS_TO_ANSWER = 5.0
MAX_ANSWER_BYTES = 64 * 1024


class Reply(StrEnum):
    """How a witness answered."""

    COSIGNED = "cosigned"
    STALE = "stale"
    FORK = "fork"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class WitnessReply:
    """A reply with the witness's text: signature lines, or the reason; `size` is what it holds when it is STALE."""

    reply: Reply
    text: str
    size: int = 0


def _exchange(url: str, method: str, path: str, body: bytes | None, timeout: float) -> tuple[int, str, str]:
    """Return status, content type and text; raises `OSError` or `http.client.HTTPException`."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise OSError(f"{url!r} is no address of a witness: write https://…")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=timeout)
    try:
        connection.request(method, f"{parts.path.rstrip('/')}/{path}", body=body)
        answer = connection.getresponse()
        data = answer.read(MAX_ANSWER_BYTES + 1)
        if len(data) > MAX_ANSWER_BYTES:
            raise OSError("the answer is too long")
        return answer.status, answer.headers.get_content_type(), data.decode("utf-8", "replace")
    finally:
        connection.close()


def ask(url: str, request: AddCheckpoint, *, timeout: float = SECONDS_TO_ANSWER) -> WitnessReply:
    """Ask the witness at `url` (its submission prefix) to cosign; never raises for what happens on the way."""
    try:
        status, kind, text = _exchange(url, "POST", "add-checkpoint", request.encode(), timeout)
    except (OSError, http.client.HTTPException) as error:
        return WitnessReply(Reply.UNREACHABLE, f"{error}" or type(error).__name__)
    if status == http.client.OK:
        return WitnessReply(Reply.COSIGNED, text)
    if status == http.client.CONFLICT and kind == SIZE_TYPE and text.strip().isdecimal():
        return WitnessReply(Reply.STALE, text.strip(), int(text.strip()[:20]))
    if status == http.client.CONFLICT:
        return WitnessReply(Reply.FORK, text.strip())
    if status >= http.client.INTERNAL_SERVER_ERROR:
        return WitnessReply(Reply.UNREACHABLE, f"HTTP {status}: {text.strip()[:200]}")
    return WitnessReply(Reply.REFUSED, f"HTTP {status}: {text.strip()[:200]}")


def held_by(url: str, origin: str, *, timeout: float = SECONDS_TO_ANSWER) -> str | None:
    """Return the checkpoint that the witness at `url` holds of a log, if it tells; nothing of it is checked."""
    try:
        status, _, text = _exchange(url, "GET", f"held/{folder_name(origin)}", None, timeout)
    except (OSError, http.client.HTTPException):
        return None
    return text if status == http.client.OK else None
