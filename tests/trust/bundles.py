"""A bundle as the platform would make it, with every part replaceable: what tests and mutations start from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from ronghe.trust.bundle import Bundle, credential_digest
from ronghe.trust.checkpoint import SignerKey
from ronghe.trust.credential import Subject, build_credential
from ronghe.trust.log_proof import LoggedEvent
from ronghe.trust.merkle import leaf_hash
from ronghe.trust.path import PathEvent, disclose, path_root
from ronghe.trust.proof import KeySigner, add_proofs
from ronghe.trust.status_statement import CredentialMark, Status, status_statement
from ronghe.trust.times import timestamp
from ronghe.trust.trusted_keys import TrustedKeys
from ronghe.trust.witness import WitnessPolicy
from tests.trust import certificates
from tests.trust.certificates import AT, DID, ISSUED, ISSUER, SIGNER
from tests.trust.logs import LOG, WITNESSES, SmallLog

LOGGED_AT = ISSUED + timedelta(seconds=5)
EVENTS = [
    PathEvent(
        {
            "en": f"Passed unit {number} of embedded systems",
            "on": f"2026-0{1 + number}-15",
            "what": "curriculum.unit.passed",
            "zh": f"通过嵌入式系统第{number}单元",
        },
        bytes([number]) * 16,
    )
    for number in range(9)
]
PATH = path_root([event.leaf() for event in EVENTS])
TRUST = TrustedKeys((ISSUER,), (LOG.verifier(),), WitnessPolicy(tuple(one.verifier() for one in WITNESSES), 2))


@dataclass(frozen=True)
class Parts:
    """What a bundle is made of; `replace` one and `build` again."""

    kind: str = "full"
    signer: KeySigner = SIGNER
    status_signer: KeySigner = SIGNER
    log: SignerKey = LOG
    witnesses: tuple[SignerKey, ...] = tuple(WITNESSES)
    size: int = 200
    index: int = 77
    shown: tuple[int, ...] | None = (2, 5)
    status: Status | None = Status.GOOD
    status_at: datetime = AT - timedelta(hours=1)
    status_until: datetime = AT + timedelta(days=7)
    checked_at: datetime = AT - timedelta(hours=1)
    changes: Mapping[str, Any] | None = None

    def credential(self) -> dict[str, Any]:
        unsigned = certificates.kinds()[self.kind]
        if self.kind == "full":
            # The same certificate with the root of these events.
            rooted = build_credential(
                id="urn:uuid:00000000-0000-4000-8000-000000000001",
                issuer=DID,
                issuer_name="校",
                subject=Subject.of("20261234", salt="c2FsdA"),
                achievement=certificates.FULL,
                valid_from=ISSUED,
                path=PATH,
            )
            unsigned["evidence"][-1:] = rooted["evidence"]
        return add_proofs({**unsigned, **(self.changes or {})}, signer=self.signer, created=ISSUED)

    def event(self, credential: Mapping[str, Any]) -> LoggedEvent:
        return LoggedEvent(
            "credentials.certificate.issued",
            "credentials.certificate:0d6c1c1e-8a5d-4c9e-9d0f-0f6a8f0c0001",
            timestamp(LOGGED_AT).replace("Z", ".123456Z"),
            bytes(range(100, 132)),
            {"actor": None, "fields": {"credential": credential_digest(credential)}},
        )

    def log_of(self, event: LoggedEvent) -> SmallLog:
        leaves = [leaf_hash(b"other %d" % number) for number in range(self.size)]
        leaves[self.index] = event.leaf()
        return SmallLog(leaves, self.log)

    def bundle(self) -> Bundle:
        credential = self.credential()
        event = self.event(credential)
        time = int(self.checked_at.timestamp())
        proof = self.log_of(event).proof(self.index, time=time, witnesses=list(self.witnesses))
        statement = None
        if self.status is not None:
            mark = CredentialMark(credential["id"], DID, credential_digest(credential))
            statement = status_statement(
                mark, self.status, at=self.status_at, until=self.status_until, signer=self.status_signer
            )
        path = disclose(EVENTS, self.shown) if self.shown else None
        return Bundle(credential, event, proof, statement, path)

    def build(self, **changes: Any) -> bytes:
        return replace(self, **changes).bundle().encode()


PARTS = Parts()
PLAIN = Parts(kind="plain", shown=None)
NOW = AT.astimezone(UTC)
