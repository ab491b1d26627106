"""Blocks of a chain with an anchored head among their receipts, made without a chain."""

from ronghe.trust.anchor import EVENT_TOPIC, Anchor, TrustedChain, log_id
from ronghe.trust.receipt_trie import ReceiptTrie
from ronghe.trust.rlp import encode, keccak256, number

CONTRACT = bytes(range(20))
MINED_AT = 1_790_000_100


def receipt(events, status=b"\x01", kind=b"\x02"):
    return kind + encode([status, number(21_000), bytes(256), events])


def event(origin, size, root, *, contract=CONTRACT, topic=EVENT_TOPIC):
    return [contract, [topic, log_id(origin), size.to_bytes(32, "big")], root]


def anchored(the_receipt, *, place=3, others=40, log=0, consistency=()):
    """The anchor of a receipt that stands at `place` among others in a block."""
    receipts = [receipt([[bytes([one]) * 20, [], b"other"]]) for one in range(others)]
    receipts.insert(place, the_receipt)
    trie = ReceiptTrie(receipts)
    parts = [bytes(32), bytes(32), bytes(20), bytes(32), bytes(32), trie.root, bytes(256), b"", number(1234)]
    header = encode([*parts, number(30_000_000), number(21_000), number(MINED_AT), b"", bytes(32), bytes(8)])
    return Anchor(header, place, log, trie.proof(place), tuple(consistency))


def chain(anchor, contract=CONTRACT):
    return TrustedChain(contract, frozenset([keccak256(anchor.header)]))
