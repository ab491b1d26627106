"""The Merkle-Patricia trie in which a block of an EVM chain keeps its receipts: built from all, proved for one.

Keys are the positions of transactions in the block. It knows nothing of what a receipt says.
"""

from collections.abc import Callable, Mapping, Sequence

from ronghe.trust.rlp import Item, RlpError, decode, encode, keccak256, number

MAX_NODES = 16
_HASH_BYTES = 32
_BRANCH, _PAIR = 17, 2
_ODD, _LEAF = 1, 2


class TrieError(ValueError):
    """Nodes that do not lead from the root to the value."""


def _nibbles(key: bytes) -> tuple[int, ...]:
    return tuple(half for byte in key for half in divmod(byte, 16))


def _key(index: int) -> tuple[int, ...]:
    return _nibbles(encode(number(index)))


def _packed(path: Sequence[int], *, leaf: bool) -> bytes:
    """Return part of a key as a node holds it (yellow paper, appendix C, "hex-prefix encoding")."""
    flag = (_LEAF if leaf else 0) + len(path) % 2
    padded = (flag, *path) if len(path) % 2 else (flag, 0, *path)
    return bytes(16 * high + low for high, low in zip(padded[::2], padded[1::2], strict=True))


def _unpacked(data: bytes) -> tuple[tuple[int, ...], bool]:
    halves = _nibbles(data)
    if not halves or halves[0] > _LEAF + _ODD:
        raise TrieError("a node's part of the key is malformed")
    odd, leaf = halves[0] % 2, halves[0] >= _LEAF
    if not odd and halves[1]:
        raise TrieError("a node's part of the key is padded wrongly")
    return halves[1:] if odd else halves[2:], leaf


class ReceiptTrie:
    """The trie over all receipts of a block, in order."""

    def __init__(self, receipts: Sequence[bytes]) -> None:
        self._nodes: dict[bytes, bytes] = {}
        root = self._node({_key(index): receipt for index, receipt in enumerate(receipts)})
        encoded = encode(root)
        self.root = keccak256(encoded)
        self._nodes[self.root] = encoded

    def _node(self, values: Mapping[tuple[int, ...], bytes]) -> Item:
        if not values:
            return b""
        keys = list(values)
        if len(keys) == 1:
            return [_packed(keys[0], leaf=True), values[keys[0]]]
        first, last = min(keys), max(keys)
        shared = next((at for at, pair in enumerate(zip(first, last, strict=False)) if pair[0] != pair[1]), len(first))
        if shared:
            return [_packed(first[:shared], leaf=False), self._link({key[shared:]: values[key] for key in keys})]
        below: list[dict[tuple[int, ...], bytes]] = [{} for _ in range(16)]
        for key, value in values.items():
            if key:
                below[key[0]][key[1:]] = value
        return [*map(self._link, below), values.get((), b"")]

    def _link(self, values: Mapping[tuple[int, ...], bytes]) -> Item:
        """Return how a node above refers to what lies below: small nodes stand there themselves."""
        node = self._node(values)
        encoded = encode(node)
        if len(encoded) < _HASH_BYTES:
            return node
        self._nodes[keccak256(encoded)] = encoded
        return keccak256(encoded)

    def proof(self, index: int) -> tuple[bytes, ...]:
        """Return the nodes from the root to receipt `index`."""
        nodes: list[bytes] = []

        def take(hash_: bytes) -> bytes:
            nodes.append(self._nodes[hash_])
            return nodes[-1]

        _descend(self.root, _key(index), take)
        return tuple(nodes)


def receipt_at(index: int, nodes: Sequence[bytes], root: bytes) -> bytes:
    """Return the receipt that `nodes` prove to stand at `index` under `root`; raises `TrieError`."""
    if len(nodes) > MAX_NODES:
        raise TrieError(f"a proof has at most {MAX_NODES} nodes")
    waiting = iter(nodes)

    def take(hash_: bytes) -> bytes:
        node = next(waiting, b"")
        if keccak256(node) != hash_:
            raise TrieError("a node is not the one that the node above it names")
        return node

    value = _descend(root, _key(index), take)
    if next(waiting, None) is not None:
        raise TrieError("the proof has more nodes than lead to the receipt")
    return value


def _descend(root: bytes, key: tuple[int, ...], node_of: Callable[[bytes], bytes]) -> bytes:
    node: Item = root
    while True:
        if isinstance(node, bytes):
            if len(node) != _HASH_BYTES:
                raise TrieError("nothing stands at that place of the block")
            try:
                node = decode(node_of(node))
            except RlpError as error:
                raise TrieError(f"a node is malformed: {error}") from error
        if isinstance(node, bytes) or len(node) not in (_BRANCH, _PAIR):
            raise TrieError("a node has two or seventeen parts")
        if len(node) == _BRANCH:
            if not key:
                return _value(node[-1])
            node, key = node[key[0]], key[1:]
            continue
        part, leaf = _unpacked(_value(node[0]))
        if key[: len(part)] != part:
            raise TrieError("the nodes lead to another place of the block")
        node, key = node[1], key[len(part) :]
        if leaf:
            if key:
                raise TrieError("the nodes lead to another place of the block")
            return _value(node)


def _value(item: Item) -> bytes:
    if not isinstance(item, bytes) or not item:
        raise TrieError("a node holds no value where one must stand")
    return item
