"""Small signed statements in canonical JSON, each kind under its own heading, so that none passes for another.

What a statement says, and until when it counts, is the caller's.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature

from ronghe.trust.canonical import CanonicalError, canonical_json
from ronghe.trust.checkpoint import NoteError, decode_base64, encode_base64
from ronghe.trust.did import IssuerKey, KeyResolver, did_of
from ronghe.trust.ed25519 import public_key
from ronghe.trust.proof import DataSigner


class StatementError(ValueError):
    """A statement that is not signed as it says; `code` ends the code of a verdict."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class UnknownSignerError(StatementError):
    """A statement by somebody who is not trusted at all: whether it is true cannot be judged."""

    def __init__(self, detail: str) -> None:
        super().__init__("is-by-a-stranger", detail)


def _signed_bytes(format_: str, body: Mapping[str, Any]) -> bytes:
    # The heading keeps a signature on one kind of statement, or on a checkpoint, from passing for another's.
    return f"{format_}\n".encode() + canonical_json(body)


def sign(format_: str, body: Mapping[str, Any], signer: DataSigner) -> dict[str, Any]:
    """Return `body` with `format`, `key` and `signature`."""
    stated = {**body, "format": format_, "key": signer.verification_method}
    return {**stated, "signature": encode_base64(signer.sign(_signed_bytes(format_, stated)))}


def check_signature(
    format_: str, statement: Any, resolver: KeyResolver, *, signed_at: datetime, at: datetime
) -> IssuerKey:
    """Return the key that signed `statement` at `signed_at`; raises `StatementError`.

    A stranger's raises its kind `UnknownSignerError`. A key revoked by `at` is refused whatever the date stated:
    who stole it can write any.
    """
    if not isinstance(statement, dict) or statement.get("format") != format_:
        raise StatementError("is-malformed", f"this is no {format_}")
    method, signature = statement.get("key"), statement.get("signature")
    if not isinstance(method, str) or not isinstance(signature, str):
        raise StatementError("is-malformed", "a statement names its key and carries a signature")
    key = resolver.resolve(method)
    if key is None and not resolver.knows(did_of(method)):
        raise UnknownSignerError(f"nobody of those who are trusted is {method[:200]}")
    if key is None:
        raise StatementError("signature-does-not-hold", f"no key is known at {method[:200]}")
    if key.is_revoked(at) or not key.signs_at(signed_at):
        raise StatementError("signature-does-not-hold", f"{key.id} was not valid then, or is revoked")
    body = {name: value for name, value in statement.items() if name != "signature"}
    try:
        raw = decode_base64(signature, "the signature")
        public_key(key.public_key).verify(raw, _signed_bytes(format_, body))
    except (InvalidSignature, NoteError, CanonicalError, ValueError):
        raise StatementError("signature-does-not-hold", f"it is not signed by {key.id}") from None
    return key
