"""Digests of related resources: which texts are a digest of some bytes."""

import base64
import hashlib

import pytest

from ronghe.trust.digests import digest_matches
from ronghe.trust.multibase import encode_base58btc, encode_base64url

DATA = b"what the credential speaks of"
SHA256, SHA384, SHA512 = (getattr(hashlib, name)(DATA).digest() for name in ("sha256", "sha384", "sha512"))


def _integrity(name: str, digest: bytes) -> str:
    return f"{name}-{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("digest", "matches"),
    [
        (_integrity("sha256", SHA256), True),
        (_integrity("sha384", SHA384), True),
        (_integrity("sha512", SHA512) + "?type=text", True),
        (f"{_integrity('sha256', bytes(32))} {_integrity('sha384', SHA384)}", True),
        (_integrity("sha256", SHA384), False),
        (_integrity("sha1", SHA256), False),
        (_integrity("sha256", SHA256).rstrip("="), False),
        (f"sha256-{SHA256.hex()}", False),
        ("sha256-", False),
        (encode_base64url(b"\x12\x20" + SHA256), True),
        (encode_base58btc(b"\x12\x20" + SHA256), True),
        (encode_base64url(b"\x20\x30" + SHA384), True),
        (encode_base64url(b"\x13\x40" + SHA512), True),
        (encode_base64url(SHA256), True),
        (encode_base64url(b"\x13\x40" + SHA256), False),
        (encode_base64url(SHA256[:31]), False),
        (SHA256.hex(), False),
        ("u", False),
        ("", False),
        ("z" * 501, False),
    ],
)
def test_a_digest_is_that_of_the_bytes_or_it_is_not(digest: str, matches: bool) -> None:
    assert digest_matches(digest, DATA) is matches
    assert not digest_matches(digest, DATA + b".")
