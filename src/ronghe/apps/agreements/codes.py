"""Verification codes of papers: 80 random bits in Crockford's alphabet, printed in groups of four. Knows no paper."""

import secrets

# Crockford's alphabet leaves out the letters that are read as digits or as one another.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 16
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """A code that nobody can guess."""
    return "".join(secrets.choice(_ALPHABET) for _sign in range(_LENGTH))


def shown(code: str) -> str:
    """As it is printed: K3T9-…"""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def read_code(typed: str) -> str | None:
    """A code as people type it (small letters, spaces, O for 0); None when it cannot be one."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum()).translate(_READ_AS)
    return signs if len(signs) == _LENGTH and set(signs) <= set(_ALPHABET) else None
