"""The unified social credit code of an organisation (GB 32100-2015): 18 characters, the last one a check character."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))


def check_character(first_seventeen: str) -> str:
    """The 18th character: 31 − Σ value·3^(position−1) mod 31, in the standard's alphabet. Raises ValueError."""
    if len(first_seventeen) != 17:
        raise ValueError("a unified social credit code has 17 characters before its check character")
    total = sum(
        _ALPHABET.index(character) * weight for character, weight in zip(first_seventeen, _WEIGHTS, strict=True)
    )
    return _ALPHABET[-total % 31]


def is_valid(code: str) -> bool:
    """Whether `code` is a code in capital letters whose check character fits."""
    return (
        len(code) == 18 and all(character in _ALPHABET for character in code) and check_character(code[:17]) == code[17]
    )
