"""Public keys of Ed25519 as the library wants them, each made once: the same few keys check thousands of signatures."""

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


@lru_cache(maxsize=256)
def public_key(raw: bytes) -> Ed25519PublicKey:
    """Return the key of 32 bytes; raises ValueError for what is none."""
    return Ed25519PublicKey.from_public_bytes(raw)
