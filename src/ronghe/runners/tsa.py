"""Asks a time-stamping authority over HTTP to stamp a checkpoint (RFC 3161 §3.4). It judges no answer."""

import http.client
from urllib.parse import urlsplit

from ronghe.trust.checkpoint import Checkpoint
from ronghe.trust.timestamp import MAX_BYTES, timestamp_request

_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


class AuthorityUnavailable(Exception):
    """An authority that cannot be reached or answers no time stamp; the message says which."""


def ask_for_timestamp(url: str, checkpoint: Checkpoint, *, timeout: float = 20.0) -> bytes:
    """Return the answer of the authority at `url`, nothing of it checked; raises `AuthorityUnavailable`."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AuthorityUnavailable(f"{url!r} is no address of a time-stamping authority: write https://…")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, parts.port, timeout=timeout)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", path, timestamp_request(checkpoint), {"Content-Type": _QUERY})
        answer = connection.getresponse()
        data = answer.read(MAX_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise AuthorityUnavailable(f"{parts.hostname} cannot be reached: {error}") from error
    finally:
        connection.close()
    if answer.status != http.client.OK or answer.headers.get_content_type() != _REPLY:
        raise AuthorityUnavailable(
            f"{parts.hostname} answers HTTP {answer.status} with {answer.headers.get_content_type()}, no {_REPLY}"
        )
    return data
