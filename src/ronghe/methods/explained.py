"""What every answer of a method says of itself, and how a method refuses; computes nothing of its own.

A result holds an `Explanation`: which method in which version, from which inputs, under which assumptions. A method
that cannot answer raises `UnmetAssumption` instead of a number without meaning.
"""

import hashlib
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import Enum

import numpy as np


@dataclass(frozen=True, slots=True)
class Assumption:
    """One condition that the answer rests on.

    `code` is stable, so that a page can say it in the reader's language; `holds` is None where the inputs cannot tell;
    `detail` gives the figure behind it in English.
    """

    code: str
    holds: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Caution:
    """Something a reader must know before using the answer: a stable code, and the text in English."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """Which method gave an answer (`survival.kaplan_meier`), in which version, from which inputs, assuming what."""

    method: str
    version: int
    inputs_hash: str
    assumptions: tuple[Assumption, ...] = ()
    warnings: tuple[Caution, ...] = ()


class UnmetAssumption(ValueError):
    """A method cannot answer: which assumption fails (a stable code), what was found, and what to do about it."""

    def __init__(self, code: str, found: str, remedy: str) -> None:
        super().__init__(f"{found}: {remedy}")
        self.code = code
        self.found = found
        self.remedy = remedy


def inputs_hash(*inputs: object) -> str:
    """`sha256:` and the digest of the inputs' values, the same on every machine and in every run.

    Takes None, booleans, numbers, text, dates, enumerations, arrays, dataclasses, sequences, sets and mappings of
    these. Arrays count by kind, shape and values (little-endian, row by row), mappings and sets whatever their order.
    Raises TypeError for anything else, rather than hash an address in memory.
    """
    digest = hashlib.sha256()
    for value in inputs:
        digest.update(_encoded(value))
    return f"sha256:{digest.hexdigest()}"


def _encoded(value: object) -> bytes:
    """A prefix code of the value: no two different values share one, and none begins another."""
    match value:
        case None | bool() | int() | float() | str() | date():
            return _framed(type(value).__name__, repr(value).encode())
        case Enum():
            return _framed("enum", _encoded(value.value))
        case np.generic():
            return _encoded(value.item())
        case np.ndarray():
            if value.dtype.hasobject:
                return _framed("objects", _encoded(value.shape) + b"".join(map(_encoded, value.ravel())))
            little = np.ascontiguousarray(value, dtype=value.dtype.newbyteorder("<"))
            return _framed("array", _encoded(little.dtype.str) + _encoded(value.shape) + little.tobytes())
        case Mapping():
            pairs = sorted(_encoded(key) + _encoded(item) for key, item in value.items())
            return _framed("mapping", b"".join(pairs))
        case AbstractSet():
            return _framed("set", b"".join(sorted(map(_encoded, value))))
        case Sequence():
            return _framed("sequence", b"".join(map(_encoded, value)))
        case _ if is_dataclass(value) and not isinstance(value, type):
            content = b"".join(_encoded(field.name) + _encoded(getattr(value, field.name)) for field in fields(value))
            return _framed(type(value).__name__, content)
    raise TypeError(f"cannot hash {type(value).__name__} by its value")


def _framed(kind: str, content: bytes) -> bytes:
    return f"{kind}:{len(content)}:".encode() + content
