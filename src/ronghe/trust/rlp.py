"""Recursive length prefix, the encoding that hashes of EVM chains are taken of, and their hash function, Keccak-256.

Items are bytes or lists of items. Reading is strict: every item has one encoding, and any other is refused.
"""

from collections.abc import Sequence
from typing import TypeAlias

from Crypto.Hash import keccak

Item: TypeAlias = "bytes | Sequence[Item]"

MAX_DEPTH = 16
_STRING, _LIST = 0x80, 0xC0
# Lengths up to here stand in the first byte itself.
_SHORT = 55


class RlpError(ValueError):
    """Bytes that are not the one encoding of an item."""


def keccak256(data: bytes) -> bytes:
    """Return the Keccak-256 of `data`, 32 bytes: the submission to the SHA-3 contest, which FIPS 202 pads otherwise."""
    return keccak.new(digest_bits=256, data=data).digest()


def number(value: int) -> bytes:
    """Return a whole number as chains write it: big-endian without leading zeroes, zero as no bytes."""
    return value.to_bytes((value.bit_length() + 7) // 8, "big")


def encode(item: Item) -> bytes:
    """Return the encoding of `item`."""
    if isinstance(item, bytes):
        if len(item) == 1 and item[0] < _STRING:
            return item
        return _prefix(len(item), _STRING) + item
    content = b"".join(map(encode, item))
    return _prefix(len(content), _LIST) + content


def _prefix(length: int, offset: int) -> bytes:
    if length <= _SHORT:
        return bytes([offset + length])
    size = number(length)
    return bytes([offset + _SHORT + len(size)]) + size


def decode(data: bytes) -> Item:
    """Return the item that `data` is the encoding of, nothing left over; raises `RlpError`."""
    item, end = _item(data, 0, len(data), MAX_DEPTH)
    if end != len(data):
        raise RlpError("bytes are left over after the item")
    return item


def _item(data: bytes, start: int, limit: int, depth: int) -> tuple[Item, int]:
    if start >= limit:
        raise RlpError("an item is missing")
    first = data[start]
    if first < _STRING:
        return data[start : start + 1], start + 1
    begin, end = _extent(data, start, limit, _LIST if first >= _LIST else _STRING)
    if first < _LIST:
        if end - begin == 1 and data[begin] < _STRING:
            raise RlpError("a small byte stands for itself, without a prefix")
        return data[begin:end], end
    if not depth:
        raise RlpError(f"lists lie deeper than {MAX_DEPTH}")
    items: list[Item] = []
    while begin < end:
        item, begin = _item(data, begin, end, depth - 1)
        items.append(item)
    return items, end


def _extent(data: bytes, start: int, limit: int, offset: int) -> tuple[int, int]:
    """Return where the content of the item at `start` begins and ends."""
    length, begin = data[start] - offset, start + 1
    if length > _SHORT:
        size, begin = data[begin : begin + length - _SHORT], begin + length - _SHORT
        length = int.from_bytes(size, "big")
        if begin > limit or not size[:1].strip(b"\0") or length <= _SHORT:
            raise RlpError("a length is not written in the shortest way")
    if begin + length > limit:
        raise RlpError("an item is longer than what holds it")
    return begin, begin + length
