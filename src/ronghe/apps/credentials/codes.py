"""The code on a certificate that people type: sixteen signs, the last one a check on the others."""

import secrets

# Crockford's alphabet leaves out the letters that are read as digits or as one another.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM = 15
_GROUP = 4
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """A code of 75 random bits, in four groups of four signs."""
    drawn = secrets.randbits(5 * _RANDOM)
    signs = "".join(ALPHABET[drawn >> 5 * place & 31] for place in range(_RANDOM))
    return _grouped(signs + _check_sign(signs))


def read_code(typed: str) -> str:
    """The code as it is kept, from what people type (small letters, spaces, O for 0); empty when it cannot be one."""
    signs = "".join(sign for sign in typed.upper() if sign.isalnum()).translate(_READ_AS)
    fits = len(signs) == _RANDOM + 1 and set(signs) <= set(ALPHABET) and signs[-1] == _check_sign(signs[:-1])
    return _grouped(signs) if fits else ""


def _check_sign(signs: str) -> str:
    # Weights that are odd and differ from place to place: every single slip and most swaps of neighbours are found.
    total = sum((2 * place + 1) * ALPHABET.index(sign) for place, sign in enumerate(signs))
    return ALPHABET[total % len(ALPHABET)]


def _grouped(signs: str) -> str:
    return "-".join(signs[start : start + _GROUP] for start in range(0, len(signs), _GROUP))
