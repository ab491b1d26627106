"""The log as C2SP tlog-tiles for any client; its proofs, anchors, time stamps, conflicts. Public, cached, limited.

Entries are not served (`tile/entries/`): they name subjects, and who reads them all learns who did what when. Whoever
holds an event's payload and salt computes its leaf; all others see leaf hashes.
"""

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from threading import Lock

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from ronghe.apps.ledger import publishing
from ronghe.trust.tiles import Tile, TileError

_TEXT = "text/plain; charset=utf-8"
_BYTES = "application/octet-stream"
_JSON = "application/json"
_TIMESTAMP = "application/timestamp-reply"
_FOR_EVER = "public, max-age=31536000, immutable"
_FOR_SECONDS = "public, max-age=2"
_WINDOW = 10.0
_MAX_ADDRESSES = 10_000


class _Limit:
    """Counts requests by address in windows of ten seconds, in this process: counting must cost less than serving."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def allows(self, address: str, *, now: float) -> bool:
        window = int(now // _WINDOW)
        with self._lock:
            if window != self._window or len(self._counts) > _MAX_ADDRESSES:
                self._window, self._counts = window, {}
            count = self._counts[address] = self._counts.get(address, 0) + 1
        return count <= settings.RONGHE_LEDGER_REQUESTS_PER_10_SECONDS


_limit = _Limit()
_View = Callable[..., HttpResponse]


def _public(view: _View) -> _View:
    @require_safe
    @wraps(view)
    def limited(request: HttpRequest, **arguments: object) -> HttpResponse:
        address = str(get_adapter().get_client_ip(request))
        if _limit.allows(address, now=time.monotonic()):
            answer = view(request, **arguments)
        else:
            answer = HttpResponse("too many requests; wait ten seconds\n", content_type=_TEXT, status=429)
            answer["Retry-After"] = "10"
        # Any page in a browser may check this log.
        answer["Access-Control-Allow-Origin"] = "*"
        return answer

    return limited


def _answer(request: HttpRequest, data: bytes, kind: str, caching: str) -> HttpResponse:
    etag = quote_etag(hashlib.sha256(data).hexdigest()[:32])
    answer = HttpResponse(data, content_type=kind, headers={"Cache-Control": caching, "ETag": etag})
    # Django's stubs know no response for which this is None.
    return get_conditional_response(request, etag=etag, response=answer) or answer


def _nothing(text: str) -> HttpResponse:
    return HttpResponse(f"{text}\n", content_type=_TEXT, status=404)


@_public
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint, with the cosignatures that it has by now."""
    newest = publishing.newest_note()
    if newest is None:
        return _nothing("nothing has been sealed yet")
    return _answer(request, newest.encode(), _TEXT, _FOR_SECONDS)


@_public
def tile(request: HttpRequest, path: str) -> HttpResponse:
    """A tile, such as `tile/0/x001/234.p/5`."""
    if path.startswith("entries/"):
        return _nothing("this log keeps its entries to itself; tile/0 has their hashes")
    try:
        wanted = Tile.parse(f"tile/{path}")
    except TileError as error:
        return _nothing(str(error))
    data = publishing.tile_bytes(wanted)
    if data is None:
        return _nothing("the newest checkpoint has no such tile")
    return _answer(request, data, _BYTES, _FOR_EVER)


@_public
def proof(request: HttpRequest, index: int) -> HttpResponse:
    """The proof of one leaf, as C2SP tlog-proof."""
    found = publishing.log_proof(index)
    if found is None:
        return _nothing("no checkpoint that enough witnesses signed has this leaf yet")
    return _answer(request, found.encode().encode(), _TEXT, _FOR_SECONDS)


@_public
def conflict(request: HttpRequest, name: str) -> HttpResponse:
    """Evidence that another history of this log was signed."""
    text = publishing.conflict_text(name)
    if text is None:
        return _nothing("there is no such conflict")
    return _answer(request, text.encode(), _TEXT, _FOR_SECONDS)


@_public
def checkpoint_at(request: HttpRequest, size: int) -> HttpResponse:
    """The checkpoint that an anchor or a time stamp is of."""
    note = publishing.note_at(size)
    if note is None:
        return _nothing("no checkpoint was signed at this size")
    return _answer(request, note.encode(), _TEXT, _FOR_SECONDS)


@_public
def anchor(request: HttpRequest, anchor_id: int) -> HttpResponse:
    """The proof that a checkpoint was recorded on a chain."""
    text = publishing.anchor_text(anchor_id)
    if text is None:
        return _nothing("there is no such anchor")
    return _answer(request, text.encode(), _JSON, _FOR_EVER)


@_public
def timestamp(request: HttpRequest, timestamp_id: int) -> HttpResponse:
    """The answer of a time-stamping authority (RFC 3161)."""
    data = publishing.timestamp_bytes(timestamp_id)
    if data is None:
        return _nothing("there is no such time stamp")
    return _answer(request, data, _TIMESTAMP, _FOR_EVER)
