"""Packed files: a common program unpacks them, and no other bytes are taken for them."""

import base64
import gzip
import hashlib
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ronghe.trust.packing import HEAD, PackingError, UnpacksTooLarge, is_packed, pack, unpack

TEXT = ("证书 certificate " * 40).encode()


@given(st.binary(max_size=2_000))
def test_what_was_packed_is_unpacked_here_and_by_a_common_program(data):
    packed = pack(data)
    assert is_packed(packed)
    assert unpack(packed, max_bytes=len(data)) == data == gzip.decompress(packed)


def test_no_bit_can_change():
    packed = pack(TEXT)
    for position, byte in enumerate(packed):
        for bit in range(8):
            with pytest.raises(PackingError):
                unpack(packed[:position] + bytes([byte ^ 1 << bit]) + packed[position + 1 :], max_bytes=10_000)


def test_cut_off_gone_on_and_bombs_are_refused():
    packed = pack(TEXT)
    for changed in (packed[:-1], packed + b"\x00", packed[: len(HEAD) + 3], HEAD, b"", gzip.compress(TEXT)):
        with pytest.raises(PackingError):
            unpack(changed, max_bytes=10_000)
    with pytest.raises(UnpacksTooLarge, match="more than 100 bytes"):
        unpack(pack(bytes(10_000_000)), max_bytes=100)


def test_a_digest_that_fits_does_not_make_a_stream_of_what_is_none():
    def forged(body: bytes) -> bytes:
        return HEAD + base64.b64encode(hashlib.sha256(body).digest()) + b"\x00" + body

    good = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = good.compress(TEXT) + good.flush()
    sums = zlib.crc32(TEXT).to_bytes(4, "little") + len(TEXT).to_bytes(4, "little")
    assert unpack(forged(body + sums), max_bytes=10_000) == TEXT
    for broken in (body, body + sums[:-1], body + bytes(8), body + sums + b"more", b"nothing", b""):
        with pytest.raises(PackingError):
            unpack(forged(broken), max_bytes=10_000)
