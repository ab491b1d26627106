"""Deploys the log's contract on an EVM chain, records heads of the log in it and fetches the proof of that.

It speaks JSON-RPC to any node and signs transactions itself; what a proof is worth is checked in `trust.anchor`.
"""

import http.client
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from coincurve import PrivateKey

from ronghe.trust.anchor import EVENT_TOPIC, Anchor, AnchorError, log_id
from ronghe.trust.checkpoint import Checkpoint
from ronghe.trust.contracts import bytecode
from ronghe.trust.receipt_trie import ReceiptTrie
from ronghe.trust.rlp import Item, encode, keccak256, number

MAX_ANSWER_BYTES = 64 * 1024 * 1024
_METHOD_NOT_FOUND = (-32601, -32600, -32004)
_DYNAMIC_FEE = b"\x02"
_LOOK_EVERY = 0.2
_WORD = 32
# A basis fee that doubles takes six full blocks (EIP-1559: an eighth each).
_FEE_MARGIN = 2
_HEADER = [
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
    "difficulty",
    "number",
    "gasLimit",
    "gasUsed",
    "timestamp",
    "extraData",
    "mixHash",
    "nonce",
]
_LATER_FORKS = [
    "baseFeePerGas",
    "withdrawalsRoot",
    "blobGasUsed",
    "excessBlobGas",
    "parentBeaconBlockRoot",
    "requestsHash",
]
_NUMBERS = frozenset(
    ["difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas", "blobGasUsed", "excessBlobGas"]
)


class ChainError(Exception):
    """A node that cannot be reached, refuses, or answers what does not fit together; the message says which."""


class _NodeRefused(ChainError):
    def __init__(self, method: str, error: Mapping[str, Any]) -> None:
        self.code = error.get("code")
        super().__init__(f"the node refuses {method}: {error.get('message')}")


def _bytes(text: Any) -> bytes:
    try:
        return bytes.fromhex(str(text).removeprefix("0x"))
    except ValueError:
        raise ChainError(f"the node answers {str(text)[:80]!r} where bytes belong") from None


def _whole(text: Any) -> int:
    try:
        return int(str(text), 16)
    except ValueError:
        raise ChainError(f"the node answers {str(text)[:80]!r} where a number belongs") from None


class Node:
    """A node at an address."""

    def __init__(self, url: str, *, timeout: float = 20.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ChainError(f"{url!r} is no address of a node: write https://…")
        self._kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._host, self._port, self._timeout = parts.hostname, parts.port, timeout
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    def call(self, method: str, *parameters: Any) -> Any:
        """Return the result of a JSON-RPC call; raises `ChainError`."""
        asked = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}
        connection = self._kind(self._host, self._port, timeout=self._timeout)
        try:
            connection.request("POST", self._path, json.dumps(asked), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            data = answer.read(MAX_ANSWER_BYTES)
            status = answer.status
        except (OSError, http.client.HTTPException) as error:
            # The address may hold a key of the provider, so it is not repeated.
            raise ChainError(f"the node at {self._host} cannot be reached: {error}") from error
        finally:
            connection.close()
        try:
            value = json.loads(data)
        except ValueError:
            raise ChainError(f"the node at {self._host} answers HTTP {status} and no JSON") from None
        if not isinstance(value, dict) or ("result" not in value and not isinstance(value.get("error"), dict)):
            raise ChainError(f"the node at {self._host} answers HTTP {status} and no JSON-RPC")
        if value.get("error"):
            raise _NodeRefused(method, value["error"])
        return value["result"]

    def chain_id(self) -> int:
        """Return the number of the chain (EIP-155)."""
        return _whole(self.call("eth_chainId"))


@dataclass(frozen=True, slots=True)
class Sender:
    """An account that signs its transactions: a secp256k1 private key of 32 bytes."""

    key: PrivateKey

    @classmethod
    def of_secret(cls, secret: bytes) -> "Sender":
        """Return the account of a private key; raises `ValueError` for a number that is none."""
        return cls(PrivateKey(secret))

    @property
    def address(self) -> bytes:
        """The account's address, 20 bytes."""
        return keccak256(self.key.public_key.format(compressed=False)[1:])[-20:]

    def sign(self, fields: Sequence[Item]) -> bytes:
        """Return a signed transaction with a dynamic fee (EIP-1559)."""
        signature = self.key.sign_recoverable(keccak256(_DYNAMIC_FEE + encode(fields)), hasher=None)
        r, s = (number(int.from_bytes(part, "big")) for part in (signature[:32], signature[32:64]))
        return _DYNAMIC_FEE + encode([*fields, number(signature[64]), r, s])


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction in a block: its hash, the block's hash and number, and the receipt as the node told it."""

    transaction: bytes
    block: bytes
    number: int
    receipt: Mapping[str, Any]


def _send(node: Node, sender: Sender, to: bytes, data: bytes, *, wait: float) -> Mined:
    """Send a transaction and wait for its block, at most `wait` seconds."""
    origin = "0x" + sender.address.hex()
    call = {"from": origin, "data": "0x" + data.hex()} | ({"to": "0x" + to.hex()} if to else {})
    gas = _whole(node.call("eth_estimateGas", call)) * 6 // 5
    newest = node.call("eth_getBlockByNumber", "latest", False)
    if not newest or "baseFeePerGas" not in newest:
        raise ChainError("the chain has no base fee (EIP-1559), which transactions here need")
    tip = _whole(node.call("eth_maxPriorityFeePerGas"))
    fee = _FEE_MARGIN * _whole(newest["baseFeePerGas"]) + tip
    count = _whole(node.call("eth_getTransactionCount", origin, "pending"))
    fields = [node.chain_id(), count, tip, fee, gas]
    raw = sender.sign([*map(number, fields), to, b"", data, []])
    transaction = _bytes(node.call("eth_sendRawTransaction", "0x" + raw.hex()))
    if transaction != keccak256(raw):
        raise ChainError("the node names another transaction than the one it was sent")
    return _wait_for(node, transaction, wait)


def _wait_for(node: Node, transaction: bytes, wait: float) -> Mined:
    until = time.monotonic() + wait
    while True:
        receipt = node.call("eth_getTransactionReceipt", "0x" + transaction.hex())
        if receipt and receipt.get("blockHash"):
            break
        if time.monotonic() >= until:
            raise ChainError(
                f"0x{transaction.hex()} is in no block after {wait:g} seconds; call again later, it is not sent twice"
            )
        time.sleep(_LOOK_EVERY)
    if _whole(receipt["status"]) != 1:
        raise ChainError(f"0x{transaction.hex()} failed; is this key the owner, and the log larger than what stands?")
    return Mined(transaction, _bytes(receipt["blockHash"]), _whole(receipt["blockNumber"]), receipt)


def deploy(node: Node, sender: Sender, origin: str, *, wait: float = 120.0) -> bytes:
    """Deploy the contract of the log `origin`, owned by `sender`; return its address, 20 bytes."""
    mined = _send(node, sender, b"", bytecode() + log_id(origin), wait=wait)
    return _bytes(mined.receipt["contractAddress"])


def send_head(node: Node, sender: Sender, contract: bytes, checkpoint: Checkpoint, *, wait: float = 120.0) -> Mined:
    """Record a head of the log; raises `ChainError`, also where the contract has that one or a larger one."""
    data = keccak256(b"anchor(uint64,bytes32)")[:4] + checkpoint.size.to_bytes(_WORD, "big") + checkpoint.root
    return _send(node, sender, contract, data, wait=wait)


def find_head(node: Node, contract: bytes, checkpoint: Checkpoint) -> Mined | None:
    """Return the transaction that recorded this head, if one did: what was sent before is not sent again."""
    topics = [EVENT_TOPIC, log_id(checkpoint.origin), checkpoint.size.to_bytes(_WORD, "big")]
    asked = {
        "address": "0x" + contract.hex(),
        "fromBlock": "earliest",
        "toBlock": "latest",
        "topics": ["0x" + topic.hex() for topic in topics],
    }
    for found in node.call("eth_getLogs", asked):
        if _bytes(found["data"]) == checkpoint.root:
            return _wait_for(node, _bytes(found["transactionHash"]), 0.0)
    return None


def recorded_size(node: Node, contract: bytes) -> int:
    """Return the size of the newest head in the contract, 0 if there is none; raises `ChainError`."""
    return int.from_bytes(_read(node, contract, b"size()"), "big")


def recorded_log(node: Node, contract: bytes) -> bytes:
    """Return the id of the log that the contract belongs to (`trust.anchor.log_id`); raises `ChainError`."""
    return _read(node, contract, b"LOG_ID()")


def _read(node: Node, contract: bytes, function: bytes) -> bytes:
    asked = {"to": "0x" + contract.hex(), "data": "0x" + keccak256(function)[:4].hex()}
    answer = _bytes(node.call("eth_call", asked, "latest"))
    if len(answer) != _WORD:
        raise ChainError(f"there is no contract of a log at 0x{contract.hex()} on this chain")
    return answer


def wait_for_depth(node: Node, mined: Mined, confirmations: int, *, wait: float) -> None:
    """Wait until `confirmations` blocks stand above the transaction's; `ChainError` if that block was dropped."""
    until = time.monotonic() + wait
    while _whole(node.call("eth_blockNumber")) < mined.number + confirmations:
        if time.monotonic() >= until:
            raise ChainError(f"block {mined.number} is not {confirmations} blocks deep after {wait:g} seconds")
        time.sleep(_LOOK_EVERY)
    block = node.call("eth_getBlockByNumber", hex(mined.number), False)
    if not block or _bytes(block["hash"]) != mined.block:
        raise ChainError(f"block {mined.number} was dropped by the chain; send again")


def fetch_anchor(node: Node, mined: Mined, contract: bytes) -> Anchor:
    """Return the proof that the transaction recorded a head: header, and trie of all receipts, rebuilt and compared.

    Raises `ChainError` where what the node tells does not make the block's hash.
    """
    block = node.call("eth_getBlockByHash", "0x" + mined.block.hex(), False)
    if not block:
        raise ChainError(f"the node does not know block 0x{mined.block.hex()}")
    header = encode(_header(block))
    if keccak256(header) != mined.block:
        raise ChainError("the header does not make the block's hash: this chain's headers have another form")
    told = _receipts(node, block)
    trie = ReceiptTrie([_receipt(one) for one in told])
    if trie.root != _bytes(block["receiptsRoot"]):
        raise ChainError("the receipts do not make the block's root: this chain's receipts have another form")
    index = _whole(mined.receipt["transactionIndex"])
    positions = [
        position
        for position, event in enumerate(told[index]["logs"])
        if _bytes(event["address"]) == contract and event["topics"] and _bytes(event["topics"][0]) == EVENT_TOPIC
    ]
    if not positions:
        raise ChainError("the transaction recorded no head")
    anchor = Anchor(header, index, positions[0], trie.proof(index))
    try:
        anchor.head()
    except AnchorError as error:
        raise ChainError(str(error)) from error
    return anchor


def _header(block: Mapping[str, Any]) -> list[Item]:
    present = [*_HEADER, *(name for name in _LATER_FORKS if block.get(name) is not None)]
    return [number(_whole(block[name])) if name in _NUMBERS else _bytes(block[name]) for name in present]


def _receipts(node: Node, block: Mapping[str, Any]) -> list[Any]:
    try:
        told = node.call("eth_getBlockReceipts", block["hash"])
    except _NodeRefused as error:
        if error.code not in _METHOD_NOT_FOUND:
            raise
        told = [node.call("eth_getTransactionReceipt", hash_) for hash_ in block["transactions"]]
    if not isinstance(told, list) or not all(told):
        raise ChainError("the node does not have all receipts of the block")
    return told


def _receipt(told: Mapping[str, Any]) -> bytes:
    events: list[Item] = [
        [_bytes(one["address"]), [_bytes(topic) for topic in one["topics"]], _bytes(one["data"])]
        for one in told["logs"]
    ]
    outcome = number(_whole(told["status"])) if "status" in told else _bytes(told["root"])
    body = encode([outcome, number(_whole(told["cumulativeGasUsed"])), _bytes(told["logsBloom"]), events])
    # EIP-2718: the type stands before all but the oldest kind of transactions.
    return (bytes([kind]) if (kind := _whole(told.get("type", "0x0"))) else b"") + body
