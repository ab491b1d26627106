"""One byte string for one JSON value (RFC 8785), so that hashes and signatures mean the same everywhere.

It does not check what the value says; that is the caller's.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

import rfc8785

_MAX_INTEGER = 2**53 - 1

_WHAT_FITS = "a canonical value is made of mappings with text keys, sequences, text, numbers, booleans and null"


class CanonicalError(ValueError):
    """The value has no canonical form: a number JSON cannot carry, a lone surrogate, a type JSON does not know."""


# What json writes in the same way as RFC 8785 asks: everything but reals, and names in an order that UTF-16 shares.
_ENCODER = json.JSONEncoder(ensure_ascii=False, check_circular=False, sort_keys=True, separators=(",", ":"))


def _is_plain(value: object) -> bool:
    """Say whether the standard library writes `value` canonically, which it does many times faster."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is dict:
        for name, inner in cast("dict[object, object]", value).items():
            if type(name) is not str or not name.isascii() or not (type(inner) is str or _is_plain(inner)):
                return False
        return True
    if kind is list or kind is tuple:
        for inner in cast("Sequence[object]", value):  # noqa: SIM110 - a loop is twice as fast as all()
            if not (type(inner) is str or _is_plain(inner)):
                return False
        return True
    return kind is int and -_MAX_INTEGER <= cast(int, value) <= _MAX_INTEGER


def canonical_json(value: Mapping[str, Any] | Sequence[Any] | str | int | float | bool | None) -> bytes:
    """Return the RFC 8785 form of `value` in UTF-8.

    Raises `CanonicalError` for NaN and infinities, integers beyond 2**53 - 1, lone surrogates and unknown types.
    """
    try:
        if _is_plain(value):
            return _ENCODER.encode(value).encode()
        return rfc8785.dumps(cast(Any, value))
    except (rfc8785.CanonicalizationError, RecursionError, TypeError, AttributeError, UnicodeEncodeError) as error:
        raise CanonicalError(f"{error}; {_WHAT_FITS}") from error
