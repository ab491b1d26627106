"""That a head of the log stood on an EVM chain: the receipt of the transaction that recorded it, checked offline.

Whoever checks hands in the hashes of blocks that they know to be right; no chain is asked here. What a block is worth
is the chain's: on a chain that one party runs, an anchor says no more than that party.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ronghe.trust.canonical import CanonicalError, canonical_json
from ronghe.trust.checkpoint import NoteError, OpenedCheckpoint, decode_base64, encode_base64
from ronghe.trust.merkle import HASH_SIZE, ProofError, verify_consistency
from ronghe.trust.receipt_trie import MAX_NODES, TrieError, receipt_at
from ronghe.trust.rlp import Item, RlpError, decode, keccak256
from ronghe.trust.verdicts import Check, CheckName

FORMAT = "ronghe-anchor-v1"
MAX_BYTES = 6_000
EVENT = "Anchored(bytes32,uint64,bytes32)"
EVENT_TOPIC = keccak256(EVENT.encode())
_PARTS = {"block", "consistency", "format", "header", "index", "log", "receipt"}
_ADDRESS_BYTES = 20
_MAX_STEPS = 64
_MAX_POSITION = 1 << 20
# Places in a header (yellow paper §4.4.3); what later forks added stands behind them.
_RECEIPTS_ROOT, _NUMBER, _TIME, _HEADER_PARTS = 5, 8, 11, 15
_RECEIPT_PARTS, _LOG_PARTS, _TOPICS = 4, 3, 3
_TYPED_BELOW = 0x80
_SUCCEEDED = b"\x01"
_MAX_NUMBER_BYTES = 8


class AnchorError(ValueError):
    """An anchor that is malformed or does not hold; `code` is that of the verdict."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def log_id(origin: str) -> bytes:
    """Return what a contract names a log by: SHA-256 of its origin."""
    return hashlib.sha256(origin.encode()).digest()


@dataclass(frozen=True, slots=True)
class TrustedChain:
    """What one knows of a chain: the address of the log's contract (20 bytes) and hashes of blocks (32 bytes)."""

    contract: bytes
    blocks: frozenset[bytes]


@dataclass(frozen=True, slots=True)
class AnchoredHead:
    """What a contract recorded: head of a log, by which contract, in which block and when its maker says that was."""

    contract: bytes
    log_id: bytes
    size: int
    root: bytes
    block: bytes
    number: int
    time: datetime


@dataclass(frozen=True, slots=True)
class Anchor:
    """The header of a block and the proof of one receipt in it (nodes of the trie, from the root).

    `index` is the transaction's place in the block, `log` that of the event in the receipt; `consistency` leads from a
    smaller checkpoint to the head recorded (RFC 9162 §2.1.4.1), empty where they are the same.
    """

    header: bytes
    index: int
    log: int
    receipt: tuple[bytes, ...]
    consistency: tuple[bytes, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the anchor as it stands in a bundle."""
        return {
            "block": "0x" + keccak256(self.header).hex(),
            "consistency": list(map(encode_base64, self.consistency)),
            "format": FORMAT,
            "header": encode_base64(self.header),
            "index": self.index,
            "log": self.log,
            "receipt": list(map(encode_base64, self.receipt)),
        }

    @classmethod
    def of_json(cls, value: Mapping[str, Any]) -> "Anchor":
        """Return the anchor, nothing of it checked but its form and that the block is the header's; `AnchorError`."""
        if set(value) != _PARTS or value["format"] != FORMAT:
            raise _malformed(f"an anchor of {FORMAT} has {', '.join(sorted(_PARTS))}, nothing else")
        try:
            if len(canonical_json(value)) > MAX_BYTES:
                raise _malformed(f"an anchor has at most {MAX_BYTES} bytes")
            consistency = _blobs(value["consistency"], _MAX_STEPS, "the consistency proof")
            header = decode_base64(_text(value["header"], "the header"), "the header")
            receipt = _blobs(value["receipt"], MAX_NODES, "the proof of the receipt")
        except (NoteError, CanonicalError) as error:
            raise _malformed(str(error)) from error
        if any(len(step) != HASH_SIZE for step in consistency):
            raise _malformed(f"every step of the consistency proof has {HASH_SIZE} bytes")
        for name in ("index", "log"):
            if type(value[name]) is not int or not 0 <= value[name] < _MAX_POSITION:
                raise _malformed(f"{name} is a position, counted from 0")
        if value["block"] != "0x" + keccak256(header).hex():
            raise AnchorError("anchor-does-not-hold", "the header is not that of the block named")
        return cls(header, value["index"], value["log"], receipt, consistency)

    def head(self) -> AnchoredHead:
        """Return what the contract recorded, proved up to the hash of the block; raises `AnchorError`."""
        header = _list(_decoded(self.header, "the header"), "a header")
        if len(header) < _HEADER_PARTS:
            raise _malformed(f"a header has at least {_HEADER_PARTS} parts")
        try:
            receipt = receipt_at(self.index, self.receipt, _bytes(header[_RECEIPTS_ROOT], HASH_SIZE, "a root"))
        except TrieError as error:
            raise AnchorError("anchor-does-not-hold", f"the receipt is not in the block: {error}") from error
        contract, topics, data = _event(receipt, self.log)
        if len(topics) != _TOPICS or topics[0] != EVENT_TOPIC or len(data) != HASH_SIZE:
            raise AnchorError("anchor-does-not-hold", "the event at that place does not record the head of a log")
        seconds = _number(header[_TIME], "the time")
        try:
            time = datetime.fromtimestamp(seconds, UTC)
        except (OverflowError, ValueError, OSError):
            raise _malformed(f"{seconds} is no time of a block") from None
        return AnchoredHead(
            contract=contract,
            log_id=topics[1],
            size=int.from_bytes(topics[2], "big"),
            root=data,
            block=keccak256(self.header),
            number=_number(header[_NUMBER], "the number"),
            time=time,
        )


def check_anchor(value: Mapping[str, Any], opened: OpenedCheckpoint, *, chains: Collection[TrustedChain]) -> Check:
    """Say whether the head recorded on a chain that one knows holds all of the checkpoint `opened`.

    Unknown where everything fits but the block or the contract is none of `chains`.
    """
    checkpoint = opened.checkpoint
    try:
        anchor = Anchor.of_json(value)
        head = anchor.head()
    except AnchorError as error:
        return Check.invalid(CheckName.ANCHOR, error.code, str(error))
    if head.log_id != log_id(checkpoint.origin):
        return Check.invalid(CheckName.ANCHOR, "anchor-is-of-another", f"it is not of the log {checkpoint.origin}")
    if head.size < checkpoint.size:
        return Check.invalid(
            CheckName.ANCHOR,
            "anchor-is-of-another",
            f"the head recorded has {head.size} leaves, the checkpoint {checkpoint.size}",
        )
    try:
        verify_consistency(
            first=checkpoint.size,
            first_root=checkpoint.root,
            second=head.size,
            second_root=head.root,
            path=anchor.consistency,
        )
    except ProofError as error:
        return Check.invalid(CheckName.ANCHOR, "anchor-does-not-hold", f"the head recorded is another: {error}")
    where = f"block {head.number} (0x{head.block.hex()}), dated {head.time:%Y-%m-%dT%H:%M:%SZ}"
    if not any(head.contract == chain.contract and head.block in chain.blocks for chain in chains):
        return Check.unknown(
            CheckName.ANCHOR,
            "anchor-is-not-trusted",
            f"compare {where}, contract 0x{head.contract.hex()}, with a chain that you trust",
        )
    return Check.valid(CheckName.ANCHOR, "anchor-holds", f"{head.size} leaves in {where}")


def _malformed(detail: str) -> AnchorError:
    return AnchorError("anchor-is-malformed", detail)


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise NoteError(f"{what} is a text in base64")
    return value


def _blobs(value: Any, most: int, what: str) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > most:
        raise NoteError(f"{what} is a list of at most {most} texts")
    return tuple(decode_base64(_text(one, what), what) for one in value)


def _decoded(data: bytes, what: str) -> Item:
    try:
        return decode(data)
    except RlpError as error:
        raise _malformed(f"{what} is malformed: {error}") from error


def _list(item: Item, what: str) -> Sequence[Item]:
    if isinstance(item, bytes):
        raise _malformed(f"{what} is a list")
    return item


def _bytes(item: Item, size: int | None, what: str) -> bytes:
    if not isinstance(item, bytes) or (size is not None and len(item) != size):
        raise _malformed(f"{what} is of {'any' if size is None else size} bytes")
    return item


def _number(item: Item, what: str) -> int:
    data = _bytes(item, None, what)
    if len(data) > _MAX_NUMBER_BYTES or data[:1] == b"\0":
        raise _malformed(f"{what} of a block is a number without leading zeroes")
    return int.from_bytes(data, "big")


def _event(receipt: bytes, position: int) -> tuple[bytes, list[bytes], bytes]:
    """Return contract, topics and data of an event that a transaction that succeeded left in its receipt."""
    # EIP-2718: a byte below 0x80 before the list tells the type of the transaction.
    parts = _list(_decoded(receipt[1:] if receipt[0] < _TYPED_BELOW else receipt, "the receipt"), "a receipt")
    if len(parts) < _RECEIPT_PARTS:
        raise _malformed(f"a receipt has at least {_RECEIPT_PARTS} parts")
    if parts[0] != _SUCCEEDED:
        raise AnchorError("anchor-does-not-hold", "the transaction failed")
    logs = _list(parts[3], "the events of a receipt")
    if position >= len(logs):
        raise AnchorError("anchor-does-not-hold", "the transaction left no event at that place")
    event = _list(logs[position], "an event")
    if len(event) != _LOG_PARTS:
        raise _malformed(f"an event has {_LOG_PARTS} parts")
    topics = [_bytes(one, HASH_SIZE, "a topic") for one in _list(event[1], "the topics of an event")]
    return _bytes(event[0], _ADDRESS_BYTES, "an address"), topics, _bytes(event[2], None, "the data of an event")
