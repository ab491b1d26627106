"""JSON from strangers, read so that nobody can read it otherwise: one meaning, bounded size, or a refusal.

It says nothing about what the value should contain; whoever asked for it does.
"""

import json
import math
import re
from typing import Any

MAX_BYTES = 1_000_000
MAX_DEPTH = 40
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD]")
# Beyond 2**53 - 1 a number means different things to different readers (RFC 8785 §3.2.2.3).
_MAX_INTEGER = 2**53 - 1
_MAX_DIGITS = 17


class StrictJsonError(ValueError):
    """Bytes that are no JSON, or JSON that two readers could take differently, or more of it than was asked for."""


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise StrictJsonError(f"the member {twice!r} stands twice in one object")
    return value


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS or abs(int(text)) > _MAX_INTEGER:
        raise StrictJsonError(f"the number {text[:24]} is beyond what every reader takes exactly")
    return int(text)


def _real(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise StrictJsonError(f"the number {text[:24]} is beyond every reader")
    return value


def _constant(text: str) -> None:
    raise StrictJsonError(f"{text} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_no_duplicates, parse_int=_integer, parse_float=_real, parse_constant=_constant
)


def _check(value: Any, depth: int, *, text: bool) -> None:
    if not depth and isinstance(value, dict | list):
        raise StrictJsonError("objects and lists are nested too deeply")
    if isinstance(value, dict):
        for name, inner in value.items():
            if text:
                _check_text(name)
            _check(inner, depth - 1, text=text)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth - 1, text=text)
    elif text and isinstance(value, str):
        _check_text(value)


def _check_text(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise StrictJsonError("half of a surrogate pair stands alone in a text") from None


def parse(data: bytes | str, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Any:
    """Return the value that `data` (UTF-8) states.

    Refused with `StrictJsonError`: more than `max_bytes`, nesting beyond `max_depth`, a byte order mark, bytes that
    are no UTF-8, a member named twice, NaN and infinities, integers beyond 2**53 - 1 and lone surrogates.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > max_bytes:
        raise StrictJsonError(f"more than {max_bytes} bytes")
    if raw.startswith(b"\xef\xbb\xbf"):
        raise StrictJsonError("a byte order mark stands before the JSON")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise StrictJsonError("the bytes are no UTF-8") from None
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise StrictJsonError(f"no JSON: {error.msg} in line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise StrictJsonError("objects and lists are nested too deeply") from None
    _check(value, max_depth, text=_SURROGATE_ESCAPE.search(raw) is not None)
    return value
