"""Bytes as text: multibase base58btc and base64url, and Ed25519 public keys as multikeys.

Every value has one spelling here; any other spelling of the same bytes is refused.
"""

import base64
import binascii

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_BASE = 58
# Ten characters fit one machine-sized step, which spares nine long multiplications in ten.
_STEP = 10
_STEP_BASE = _BASE**_STEP
# Two characters at once are looked up, which spares every second division.
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_PAIR_BASE = _BASE**2
_MAX_BASE58 = 1024
_ED25519 = b"\xed\x01"
_KEY_BYTES = 32


class MultibaseError(ValueError):
    """Text that is not the one spelling of some bytes in its base."""


def encode_base58btc(data: bytes) -> str:
    """Return `data` in base58btc with the multibase prefix `z`."""
    stripped = data.lstrip(b"\0")
    number = int.from_bytes(stripped, "big")
    pairs: list[str] = []
    while number:
        number, part = divmod(number, _STEP_BASE)
        for _ in range(_STEP // 2):
            part, digits_of_pair = divmod(part, _PAIR_BASE)
            pairs.append(_PAIRS[digits_of_pair])
    pairs.reverse()
    digits = "".join(pairs).lstrip(_ALPHABET[0])
    return "z" + _ALPHABET[0] * (len(data) - len(stripped)) + digits


def decode_base58btc(text: str, *, size: int | None = None) -> bytes:
    """Return the bytes of `text`, which starts with `z`; raises `MultibaseError`, also where they are not `size`."""
    if not text.startswith("z"):
        raise MultibaseError("the prefix of base58btc is z")
    if len(text) > _MAX_BASE58:
        raise MultibaseError(f"base58btc of more than {_MAX_BASE58} characters")
    digits = text[1:]
    number = 0
    try:
        for start in range(0, len(digits), _STEP):
            part = 0
            chunk = digits[start : start + _STEP]
            for character in chunk:
                part = part * _BASE + _VALUES[character]
            number = number * _BASE ** len(chunk) + part
    except KeyError:
        raise MultibaseError("a character stands in it that base58btc does not have") from None
    zeroes = len(digits) - len(digits.lstrip(_ALPHABET[0]))
    data = bytes(zeroes) + number.to_bytes((number.bit_length() + 7) // 8, "big")
    if size is not None and len(data) != size:
        raise MultibaseError(f"{len(data)} bytes instead of {size}")
    return data


def encode_base64url(data: bytes) -> str:
    """Return `data` in base64url without padding, with the multibase prefix `u`."""
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """Return the bytes of `text`, which starts with `u`; raises `MultibaseError` unless it is their one spelling."""
    if not text.startswith("u"):
        raise MultibaseError("the prefix of base64url is u")
    digits = text[1:]
    try:
        data = base64.b64decode(digits.encode("ascii") + b"=" * (-len(digits) % 4), altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise MultibaseError("it is not base64url") from None
    if encode_base64url(data) != text:
        raise MultibaseError("it is not in the canonical form of base64url")
    return data


def encode_multikey(public_key: bytes) -> str:
    """Return an Ed25519 public key (32 bytes) as a multikey, `z6Mk…`."""
    if len(public_key) != _KEY_BYTES:
        raise MultibaseError(f"an Ed25519 public key has {_KEY_BYTES} bytes")
    return encode_base58btc(_ED25519 + public_key)


def decode_multikey(text: str) -> bytes:
    """Return the Ed25519 public key (32 bytes) in the multikey `text`; other kinds of key are refused."""
    data = decode_base58btc(text)
    if data[:2] != _ED25519 or len(data) != _KEY_BYTES + 2:
        raise MultibaseError("it is no Ed25519 public key")
    return data[2:]
