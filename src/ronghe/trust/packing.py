"""A file packed: gzip (RFC 1952) with the digest of what follows in its comment, so that no byte changes unseen.

Gzip alone has bits that nobody reads. What is packed, and how large it may be, is the caller's.
"""

import hashlib
import zlib

from ronghe.trust.checkpoint import encode_base64

MAGIC = b"\x1f\x8b"
# Deflate, a comment, no date, packed as small as can be, by no system in particular.
HEAD = MAGIC + b"\x08\x10\x00\x00\x00\x00\x02\xff" + b"sha-256 "
_DIGEST_CHARACTERS = 44
_BODY_AT = len(HEAD) + _DIGEST_CHARACTERS + 1
_GZIP = 16 + zlib.MAX_WBITS


class PackingError(ValueError):
    """Bytes that are not packed as here; the message says what is wrong."""


class UnpacksTooLarge(PackingError):
    """What is packed is larger than the reader asks for."""


def is_packed(data: bytes) -> bool:
    """Whether `data` begins as gzip does."""
    return data.startswith(MAGIC)


def pack(data: bytes) -> bytes:
    """Return `data` packed; `gunzip` unpacks it as well."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = packer.compress(data) + packer.flush()
    body += zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")
    return HEAD + _digest(body) + b"\x00" + body


def unpack(data: bytes, *, max_bytes: int) -> bytes:
    """Return what `pack` was given, of at most `max_bytes`; raises `PackingError`."""
    if not data.startswith(HEAD) or data[_BODY_AT - 1 : _BODY_AT] != b"\x00":
        raise PackingError("this is gzip, but not as these files are packed; unpack it and check what is inside")
    if data[len(HEAD) : _BODY_AT - 1] != _digest(data[_BODY_AT:]):
        raise PackingError("its bytes were changed since it was packed")
    unpacker = zlib.decompressobj(_GZIP)
    try:
        whole = unpacker.decompress(data, max_bytes + 1)
    except zlib.error as error:
        raise PackingError(f"it cannot be unpacked: {error}") from None
    if len(whole) > max_bytes:
        raise UnpacksTooLarge(f"it unpacks to more than {max_bytes} bytes")
    if not unpacker.eof or unpacker.unused_data:
        raise PackingError("it is cut off, or goes on after its end")
    return whole


def _digest(body: bytes) -> bytes:
    return encode_base64(hashlib.sha256(body).digest()).encode("ascii")
