"""Digests of resources as credentials write them: `digestSRI` and `digestMultibase` (vc-data-model-2.0 §5.3).

Whether a digest is that of some bytes, and nothing else: the bytes are handed in.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from ronghe.trust.multibase import MultibaseError, decode_base58btc, decode_base64url

_HASHES: Mapping[str, Callable[[bytes], Any]] = {
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}
# How a multihash begins: the code of the hash, then how many bytes follow.
_MULTIHASH = {b"\x12\x20": "sha256", b"\x20\x30": "sha384", b"\x13\x40": "sha512"}
_BY_LENGTH = {32: "sha256", 48: "sha384", 64: "sha512"}
_MAX_LENGTH = 500


def digest_matches(digest: str, data: bytes) -> bool:
    """Say whether `digest`, of Subresource Integrity or in multibase, is one of `data`; what cannot be read is none.

    In multibase both a multihash and, as some issuers write it, the bare hash are read.
    """
    if len(digest) > _MAX_LENGTH:
        return False
    if "-" in digest and digest.partition("-")[0] in _HASHES:
        return any(_is_integrity(part, data) for part in digest.split())
    return _is_multibase(digest, data)


def _is_integrity(part: str, data: bytes) -> bool:
    name, _, text = part.partition("?")[0].partition("-")
    if name not in _HASHES:
        return False
    return text == base64.b64encode(_HASHES[name](data).digest()).decode("ascii")


def _is_multibase(text: str, data: bytes) -> bool:
    try:
        raw = decode_base58btc(text) if text.startswith("z") else decode_base64url(text)
    except MultibaseError:
        return False
    name = _MULTIHASH.get(raw[:2])
    if name is not None and _HASHES[name](data).digest() == raw[2:]:
        return True
    bare = _BY_LENGTH.get(len(raw))
    return bare is not None and bool(_HASHES[bare](data).digest() == raw)
