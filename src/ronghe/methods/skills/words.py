"""Finds Latin names in a batch of texts at array speed: rolling hashes over the words of a text; knows nothing of
skills.

A word is a run of Latin letters, of digits, of "+" and "#", or of anything else that is no separator; so "Angular2"
is two words and "C++" too. Texts come as Latin-1 bytes, one byte a character, in which "?" stands for what has no
place there. A name is found wherever consecutive words, put together without separators, spell it.

Method: Karp and Rabin, "Efficient randomized pattern-matching algorithms", IBM J. Res. Dev. 31(2), 1987, with the
hash H(c_0 … c_n) = Σ c_i B^i mod 2⁶⁴, walked word by word while what has been read begins some name. A name is told
from other text by 64 bits of hash.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.skills.text import SEPARATORS

Integers = NDArray[np.int64]
Hashes = NDArray[np.uint64]

SEPARATOR, LETTER, DIGIT, OTHER, SIGN = range(5)
_BASE = 0x9E3779B97F4A7C15
_INVERSE = pow(_BASE, -1, 1 << 64)
_MIX = np.uint64(0xD6E8FEB86659FD93)
_BEGINS, _SPELLS = 1, 2
_TABLE_BITS, _BUCKET_BITS = 22, 18
_USUAL_LENGTH = 1 << 18


def _class_of(code: int) -> int:
    character = chr(code)
    if character in SEPARATORS:
        return SEPARATOR
    if character in "+#":
        return SIGN
    if "0" <= character <= "9":
        return DIGIT
    if character.isalpha() and (code < 128 or code >= 0xC0):
        return LETTER
    return OTHER


_CLASSES = bytes(_class_of(code) for code in range(256))
_SEPARATOR_BYTES = SEPARATORS.encode("latin-1")
_LOWER = bytes(
    code + 32 if 65 <= code <= 90 or (0xC0 <= code <= 0xDE and code != 0xD7) else code for code in range(256)
)


@dataclass(frozen=True, slots=True)
class NamesFound:
    """Occurrences of names as parallel arrays: number of the name, half-open offsets of bytes."""

    name: Integers
    start: Integers
    end: Integers


def classes_of(octets: bytes) -> NDArray[np.uint8]:
    """Return the class of each Latin-1 character."""
    return np.frombuffer(octets.translate(_CLASSES), dtype=np.uint8)


class NameIndex:
    """The names to look for, as hashes of themselves and of all their beginnings; immutable."""

    def __init__(self, names: Sequence[str], joints: Sequence[Collection[int]]) -> None:
        """Take distinct names of lower-case ASCII characters without separators, and where each may be divided."""
        length = np.array([len(name) for name in names], dtype=np.int64)
        longest = int(length.max(initial=0))
        padded = b"".join(name.encode("ascii").ljust(longest, b"\0") for name in names)
        codes = np.frombuffer(padded, dtype=np.uint8).reshape(len(names), longest)
        # The hash of each beginning; what is padded adds nothing.
        hashes = np.cumsum(codes * _powers(_BASE, longest), axis=1, dtype=np.uint64)
        owner = np.repeat(np.arange(len(names)), [len(places) for places in joints])
        place = np.fromiter(chain.from_iterable(joints), dtype=np.int64, count=len(owner))
        beginnings = hashes[owner, place - 1]
        mixed = _mixed(hashes[np.arange(len(names)), length - 1] if longest else np.empty(0, dtype=np.uint64))
        order = np.argsort(mixed)
        self._hashes = mixed[order]
        self._names = order
        # Where the hashes with the same leading bits begin, and how many such there are at most.
        bucket = (self._hashes >> np.uint64(64 - _BUCKET_BITS)).astype(np.int64)
        self._first = np.searchsorted(bucket, np.arange(1 << _BUCKET_BITS)).astype(np.int32)
        self._deepest = int(np.bincount(bucket).max()) if len(bucket) else 0
        self._powers, self._inverses = _powers(_BASE, _USUAL_LENGTH), _powers(_INVERSE, _USUAL_LENGTH)
        self._table = np.zeros(1 << _TABLE_BITS, dtype=np.uint8)
        self._table[_slots(_mixed(beginnings))] |= _BEGINS
        self._table[_slots(self._hashes)] |= _SPELLS

    def find(self, octets: bytes, classes: NDArray[np.uint8]) -> NamesFound:
        """Return every occurrence of a name in Latin-1 bytes, overlapping ones too, and those in the midst of a run of
        letters and digits ("2" in "Angular2"): what stands around a name is the caller's to judge.

        `classes` is `classes_of(octets)`; the bytes must begin and end with a separator.
        """
        changes = classes[1:] != classes[:-1]
        start = np.flatnonzero(changes & (classes[1:] != SEPARATOR)) + 1
        end = np.flatnonzero(changes & (classes[:-1] != SEPARATOR)) + 1
        if not len(start) or not len(self._hashes):
            return NamesFound(*(np.empty(0, dtype=np.int64) for _ in range(3)))
        codes = np.frombuffer(octets.translate(_LOWER, _SEPARATOR_BYTES), dtype=np.uint8)
        powers, inverses = self._powers, self._inverses
        if len(codes) > len(powers):
            powers, inverses = _powers(_BASE, len(codes)), _powers(_INVERSE, len(codes))
        sums = np.zeros(len(codes) + 1, dtype=np.uint64)
        np.cumsum(codes * powers[: len(codes)], out=sums[1:])
        edges = np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(end - start)))
        edge_sums = sums[edges]
        scale = inverses[edges[:-1]]
        # Most words begin some name, so all pairs of neighbours are looked up, and only from there on what is left.
        single = _mixed((edge_sums[1:] - edge_sums[:-1]) * scale)
        pair = _mixed((edge_sums[2:] - edge_sums[:-2]) * scale[:-1])
        flags = self._table[_slots(single)]
        begins = (flags[:-1] & _BEGINS).view(np.bool_)
        first = np.flatnonzero(flags >= _SPELLS)
        name, first = self._named(single[first], first)
        found = [NamesFound(name, start[first], end[first])]
        flags = self._table[_slots(pair)]
        first = np.flatnonzero((flags != 0) & begins)
        last, value, flags = first + 1, pair[first], flags[first]
        scale, origin = scale[first], edge_sums[first]
        while len(first):
            spells = np.flatnonzero(flags >= _SPELLS)
            name, spells = self._named(value[spells], spells)
            found.append(NamesFound(name, start[first[spells]], end[last[spells]]))
            goes_on = np.flatnonzero((flags & _BEGINS).view(np.bool_) & (last + 1 < len(start)))
            first, last, scale, origin = first[goes_on], last[goes_on] + 1, scale[goes_on], origin[goes_on]
            value = _mixed((edge_sums[last + 1] - origin) * scale)
            flags = self._table[_slots(value)]
        return NamesFound(
            np.concatenate([part.name for part in found]),
            np.concatenate([part.start for part in found]),
            np.concatenate([part.end for part in found]),
        )

    def _named(self, value: Hashes, place: Integers) -> tuple[Integers, Integers]:
        """Return the names that have the hashes, and the places of the hashes that are a name's."""
        at = self._first[(value >> np.uint64(64 - _BUCKET_BITS)).view(np.int64)]
        names, places = [], []
        for _ in range(self._deepest):
            is_name = self._hashes[at] == value
            true, false = np.flatnonzero(is_name), np.flatnonzero(~is_name)
            names.append(self._names[at[true]])
            places.append(place[true])
            at, value, place = np.minimum(at[false] + 1, len(self._hashes) - 1), value[false], place[false]
        return np.concatenate(names), np.concatenate(places)


def _mixed(hashes: Hashes) -> Hashes:
    """Return the hashes with their bits spread, one to one."""
    return (hashes ^ (hashes >> np.uint64(32))) * _MIX


def _slots(mixed: Hashes) -> Integers:
    return (mixed >> np.uint64(64 - _TABLE_BITS)).view(np.int64)


def _powers(base: int, count: int) -> Hashes:
    """Return base^0 … base^(count − 1) modulo 2⁶⁴, by doubling."""
    powers = np.empty(max(count, 1), dtype=np.uint64)
    powers[0] = 1
    done = 1
    while done < count:
        more = min(done, count - done)
        powers[done : done + more] = powers[:more] * np.uint64(pow(base, done, 1 << 64))
        done += more
    return powers
