"""A small log with its keys and witnesses for tests, made of the pure parts alone."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ronghe.trust.checkpoint import Checkpoint, SignerKey
from ronghe.trust.log_proof import LogProof
from ronghe.trust.merkle import consistency_spans, inclusion_spans, leaf_hash, prove, root_of

TIME = 1_790_000_000
LOG = SignerKey("log.example.org/ledger", Ed25519PrivateKey.from_private_bytes(b"l" * 32))
WITNESSES = [
    SignerKey(f"witness{number}.example.org", Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32))
    for number in (1, 2, 3)
]


def leaves_of(count: int, prefix: str = "event") -> list[bytes]:
    return [leaf_hash(f"{prefix} {number}".encode()) for number in range(count)]


class SmallLog:
    """Leaves, proofs and signed checkpoints; nothing is stored but the leaves."""

    def __init__(self, leaves: list[bytes], signer: SignerKey = LOG) -> None:
        self.leaves = leaves
        self.signer = signer

    def note(self, size: int | None = None, *, time: int = TIME, witnesses: list[SignerKey] | None = None) -> str:
        size = len(self.leaves) if size is None else size
        head = Checkpoint(self.signer.name, size, root_of(self.leaves[:size]))
        note = self.signer.sign(head, time=time)
        return note.encode() + "".join(one.cosign(note.text, time=time).line() for one in witnesses or [])

    def consistency(self, first: int, second: int) -> tuple[bytes, ...]:
        return tuple(prove(consistency_spans(first, second), lambda span: root_of(self.leaves[span.start : span.end])))

    def proof(self, index: int, *, time: int = TIME, witnesses: list[SignerKey] | None = None) -> LogProof:
        spans = inclusion_spans(index, len(self.leaves))
        path = prove(spans, lambda span: root_of(self.leaves[span.start : span.end]))
        return LogProof(index, tuple(path), self.note(time=time, witnesses=witnesses))
