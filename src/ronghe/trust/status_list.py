"""W3C Bitstring Status List: many certificates' revocation or suspension as one compressed, signed string of bits.

Lists are built, read and asked here. Which slot belongs to whom, and where lists are served, is the application's.
"""

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ronghe.trust.contexts import VC_V2
from ronghe.trust.credential_form import FormError, address_of, as_list, check_credential, types_of, validity
from ronghe.trust.did import KeyResolver
from ronghe.trust.multibase import MultibaseError, decode_base64url, encode_base64url
from ronghe.trust.proof import is_address, verify_proofs
from ronghe.trust.times import timestamp
from ronghe.trust.verdicts import Check, CheckName, Verdict

SLOTS = 131_072
REVOCATION = "revocation"
SUSPENSION = "suspension"
ENTRY_TYPE = "BitstringStatusListEntry"
_LIST = "BitstringStatusList"
_CREDENTIAL = "BitstringStatusListCredential"
# Sixteen times the least size: a list that unpacks to more is a bomb.
_MAX_BYTES = SLOTS // 8 * 16
_MAX_INDEX_DIGITS = 12
_MAX_BITS = 8
_GZIP = 16 + zlib.MAX_WBITS


class StatusListError(ValueError):
    """A list or an entry that is not in the form of the standard, or an index beyond the list."""


class UnknownStatusError(StatusListError):
    """An entry in good form whose meaning is not understood here."""


class StatusList:
    """A string of bits, the first one left-most (§3.2); a set bit means that the purpose, such as revocation, holds."""

    def __init__(self, purpose: str, bits: bytes | bytearray | memoryview = bytes(SLOTS // 8)) -> None:
        if len(bits) * 8 < SLOTS:
            raise StatusListError(f"a list has at least {SLOTS} slots, so that nobody stands out")
        self.purpose = purpose
        self._bits = bytearray(bits)

    def __len__(self) -> int:
        return len(self._bits) * 8

    def _slot(self, index: int) -> tuple[int, int]:
        if not 0 <= index < len(self):
            raise StatusListError(f"the list has no slot {index}")
        return index >> 3, 0x80 >> (index & 7)

    def get(self, index: int) -> bool:
        """Return the bit of a slot; raises `StatusListError` beyond the list."""
        byte, bit = self._slot(index)
        return bool(self._bits[byte] & bit)

    def set(self, index: int) -> None:
        """Set the bit of a slot."""
        byte, bit = self._slot(index)
        self._bits[byte] |= bit

    def clear(self, index: int) -> None:
        """Clear the bit of a slot, as the end of a suspension does."""
        byte, bit = self._slot(index)
        self._bits[byte] &= ~bit

    def encode(self) -> str:
        """Return the list compressed, as `encodedList` has it: gzip in base64url with the multibase prefix."""
        packer = zlib.compressobj(9, zlib.DEFLATED, _GZIP)
        return encode_base64url(packer.compress(bytes(self._bits)) + packer.flush())

    @classmethod
    def decode(cls, purpose: str, encoded: Any) -> "StatusList":
        """Return the list that `encodedList` holds; raises `StatusListError`, for bombs too."""
        try:
            data = decode_base64url(encoded if isinstance(encoded, str) else "")
            unpacker = zlib.decompressobj(_GZIP)
            bits = unpacker.decompress(data, _MAX_BYTES + 1)
        except (MultibaseError, zlib.error) as error:
            raise StatusListError(f"encodedList: {error}") from None
        if len(bits) > _MAX_BYTES:
            raise StatusListError("the list unpacks to more than a list ever has")
        if not unpacker.eof or unpacker.unused_data:
            raise StatusListError("encodedList is cut off or goes on after its end")
        return cls(purpose, bits)


@dataclass(frozen=True, slots=True)
class StatusEntry:
    """A certificate's slot: the address of the list for each purpose, such as revocation, and the slot in it."""

    lists: Mapping[str, str]
    index: int

    def as_json(self) -> list[dict[str, str]]:
        """Return the entries of `credentialStatus`, one a purpose."""
        return [
            {
                "id": f"{address}#{self.index}",
                "type": ENTRY_TYPE,
                "statusPurpose": purpose,
                "statusListIndex": str(self.index),
                "statusListCredential": address,
            }
            for purpose, address in self.lists.items()
        ]


class StatusSource(Protocol):
    """Whoever has the signed lists at hand."""

    def get(self, address: str) -> Mapping[str, Any] | None:
        """Return the list credential at `address`, or None where it cannot be had."""
        ...  # pragma: no cover


def build_status_list_credential(
    *,
    id: str,
    issuer: str,
    status_list: StatusList,
    valid_from: datetime,
    valid_until: datetime | None = None,
) -> dict[str, Any]:
    """Return the unsigned credential that publishes a list at the address `id` (§2.2)."""
    credential: dict[str, Any] = {
        "@context": [VC_V2],
        "id": id,
        "type": ["VerifiableCredential", _CREDENTIAL],
        "issuer": issuer,
        "validFrom": timestamp(valid_from),
    }
    if valid_until is not None:
        credential["validUntil"] = timestamp(valid_until)
    credential["credentialSubject"] = {
        "id": f"{id}#list",
        "type": _LIST,
        "statusPurpose": status_list.purpose,
        "encodedList": status_list.encode(),
    }
    return credential


def parse_entry(entry: Any) -> tuple[str, int, str]:
    """Return purpose, slot and list address of an entry of `credentialStatus` (§2.1); raises `StatusListError`."""
    if not isinstance(entry, dict) or ENTRY_TYPE not in types_of(entry):
        raise StatusListError(f"a status is of the type {ENTRY_TYPE}")
    purpose, index, address = (entry.get(name) for name in ("statusPurpose", "statusListIndex", "statusListCredential"))
    if not isinstance(purpose, str) or not purpose:
        raise StatusListError("statusPurpose is missing")
    digits = index if isinstance(index, str) else ""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _MAX_INDEX_DIGITS) or digits != str(int(digits)):
        raise StatusListError("statusListIndex is a whole number, written as a text without leading zeroes")
    if not is_address(address):
        raise StatusListError("statusListCredential is an address")
    if "id" in entry and not is_address(entry["id"]):
        raise StatusListError("the id of a status is an address, or left out")
    if entry.get("id") == address:
        raise StatusListError("the id of a status is not the address of its list")
    if "statusReference" in entry and not all(is_address(value) for value in as_list(entry["statusReference"])):
        raise StatusListError("statusReference is an address")
    _check_size(entry, purpose)
    return purpose, int(digits), str(address)


def _check_size(entry: Mapping[str, Any], purpose: str) -> None:
    """Check how many bits a status has and what they mean (§2.1); only one bit, set or not, is understood."""
    size = entry.get("statusSize", 1)
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= _MAX_BITS:
        raise StatusListError(f"statusSize is a number of bits, at most {_MAX_BITS}")
    messages = entry.get("statusMessage")
    if messages is not None or size > 1 or purpose == "message":
        if not isinstance(messages, list) or len(messages) != 1 << size or not all(map(_is_message, messages)):
            raise StatusListError("statusMessage has a status and a message for each value")
        raise UnknownStatusError("only statuses of one bit without messages are understood")


def _is_message(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in ("status", "message"))


def read_list(document: Any, *, purpose: str, at: datetime) -> StatusList:
    """Return the list of an already verified list credential (§3.2); raises `StatusListError`."""
    if _CREDENTIAL not in types_of(document):
        raise StatusListError(f"a list is of the type {_CREDENTIAL}")
    subject = document["credentialSubject"]
    if not isinstance(subject, dict) or _LIST not in types_of(subject):
        raise StatusListError(f"a list has one subject of the type {_LIST}")
    if purpose not in as_list(subject.get("statusPurpose", [])):
        raise StatusListError(f"the list is not about {purpose}")
    ttl = subject.get("ttl", 0)
    if isinstance(ttl, bool) or not isinstance(ttl, int) or ttl < 0:
        raise StatusListError("ttl is a number of milliseconds")
    begins, ends = validity(document)
    if (begins is not None and begins > at) or (ends is not None and ends < at):
        raise StatusListError("the list is not valid at this time")
    return StatusList.decode(purpose, subject.get("encodedList"))


def check_entry(
    entry: Any,
    list_credential: Mapping[str, Any] | None,
    *,
    resolver: KeyResolver,
    at: datetime,
    issuer: str | None = None,
    required_suites: Collection[str] = (),
) -> Check:
    """Return what the list says of one entry at `at`.

    The list must stand at the address that the entry names and be signed by a trusted issuer, who is `issuer` where
    one is given, with proofs of the `required_suites` among others.
    """
    status = CheckName.STATUS
    try:
        purpose, index, address = parse_entry(entry)
    except UnknownStatusError as error:
        return Check.unknown(status, "status-list-is-unavailable", str(error))
    except StatusListError as error:
        return Check.invalid(status, "status-is-malformed", str(error))
    if list_credential is None:
        return Check.unknown(status, "status-list-is-unavailable", address)
    try:
        check_credential(list_credential)
        if list_credential.get("id") != address:
            raise StatusListError("the list is not the one that the entry names")
        controller = address_of(list_credential["issuer"], "issuer")
        if issuer is not None and controller != issuer:
            raise StatusListError("the list is by another issuer")
        for check in verify_proofs(
            list_credential, resolver=resolver, at=at, required=required_suites, controller=controller
        ):
            if check.verdict is not Verdict.VALID:
                make = Check.invalid if check.verdict is Verdict.INVALID else Check.unknown
                return make(status, "status-signature-does-not-hold", check.detail)
        is_set = read_list(list_credential, purpose=purpose, at=at).get(index)
    except (FormError, StatusListError) as error:
        return Check.invalid(status, "status-is-malformed", str(error))
    if not is_set:
        return Check.valid(status, "status-is-good", purpose)
    if purpose not in (REVOCATION, SUSPENSION):
        return Check.unknown(status, "status-list-is-unavailable", f"{purpose} is set, which is not understood here")
    code = "status-is-suspended" if purpose == SUSPENSION else "status-is-revoked"
    return Check.invalid(status, code, f"{purpose} is set at {address}")
