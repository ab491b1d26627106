"""One byte string for one JSON value (RFC 8785), so that hashes and signatures mean the same everywhere.

It does not check what the value says; that is the caller's.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import rfc8785

_WHAT_FITS = "a canonical value is made of mappings with text keys, sequences, text, numbers, booleans and null"


class CanonicalError(ValueError):
    """The value has no canonical form: a number JSON cannot carry, a lone surrogate, a type JSON does not know."""


def canonical_json(value: Mapping[str, Any] | Sequence[Any] | str | int | float | bool | None) -> bytes:
    """Return the RFC 8785 form of `value` in UTF-8.

    Raises `CanonicalError` for NaN and infinities, integers beyond 2**53 - 1, lone surrogates and unknown types.
    """
    try:
        return rfc8785.dumps(cast(Any, value))
    except (rfc8785.CanonicalizationError, TypeError, AttributeError) as error:
        raise CanonicalError(f"{error}; {_WHAT_FITS}") from error
