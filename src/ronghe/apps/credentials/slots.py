"""Slots of status lists: random free ones are taken, bits are set and cleared. Works on rows that the caller locked."""

import secrets

import numpy as np

from ronghe.apps.credentials.models import Issuer, StatusList
from ronghe.apps.credentials.models.issuers import SLOTS

# A list that is fuller than this gives no more slots: the last free ones would tell who is new.
FULL = SLOTS * 3 // 4
_random = secrets.SystemRandom()


def take(issuer: Issuer, count: int) -> list[tuple[StatusList, int]]:
    """Take `count` random slots, opening lists as needed. Belongs in the transaction that issues or before it."""
    taken: list[tuple[StatusList, int]] = []
    while len(taken) < count:
        row = _open_list(issuer)
        room = min(count - len(taken), row.free - (SLOTS - FULL))
        bits = np.frombuffer(bytes(row.taken), dtype=np.uint8).copy()
        free = np.flatnonzero(np.unpackbits(bits) == 0).tolist()
        chosen = _random.sample(free, room)
        for slot in chosen:
            bits[slot >> 3] |= 0x80 >> (slot & 7)
        row.taken = bits.tobytes()
        row.free -= room
        row.save(update_fields=["taken", "free"])
        taken += [(row, slot) for slot in chosen]
    return taken


def _open_list(issuer: Issuer) -> StatusList:
    found = StatusList.objects.select_for_update().filter(issuer=issuer, free__gt=SLOTS - FULL).order_by("pk").first()
    if found is not None:
        return found
    empty = bytes(SLOTS // 8)
    return StatusList.objects.create(issuer=issuer, revoked=empty, suspended=empty, taken=empty)


def is_set(bits: bytes | memoryview, slot: int) -> bool:
    """Whether a slot's bit is set; the first slot is the left-most bit, as the Bitstring Status List counts."""
    return bool(bytes(bits)[slot >> 3] & 0x80 >> (slot & 7))


def with_bits(bits: bytes | memoryview, slots: list[int], on: bool) -> bytes:
    """Return the list with the bits of `slots` set or cleared."""
    changed = bytearray(bits)
    for slot in slots:
        if on:
            changed[slot >> 3] |= 0x80 >> (slot & 7)
        else:
            changed[slot >> 3] &= ~(0x80 >> (slot & 7)) & 0xFF
    return bytes(changed)
