"""Tokens that open a seat at a panel: made once, mailed once, kept only as a hash. Knows no person and no row."""

import hashlib
import secrets

# Crockford's alphabet leaves out the letters that are read as digits or as one another.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 20
_GROUP = 5
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_token() -> str:
    """A token of 100 random bits, in four groups of five signs."""
    signs = "".join(secrets.choice(ALPHABET) for _sign in range(_LENGTH))
    return "-".join(signs[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def read_token(typed: str) -> str | None:
    """The twenty signs of a token as people type it (small letters, spaces, O for 0); None when it cannot be one."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum()).translate(_READ_AS)
    return signs if len(signs) == _LENGTH and set(signs) <= set(ALPHABET) else None


def hash_of(signs: str) -> str:
    """What is kept of a token. 100 random bits need neither salt nor stretching."""
    return hashlib.sha256(f"ronghe panel {signs}".encode("ascii")).hexdigest()
