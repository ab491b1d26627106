"""Runs other people's Python verifiers over what one file asks: in their own environment, where `ronghe` is not."""

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from openbadgeslib.ob3.ldp import OB3LdpVerifier, add_data_integrity_proof
from openvc.keys import Ed25519SigningKey
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_jcs import EddsaJcsProofSuite

RDFC = "eddsa-rdfc-2022"


class Peers:
    """What each verifier is asked; the contexts that openvc does not carry are given."""

    def __init__(self, documents: dict[str, Any]) -> None:
        self.contexts = {url: document for url, document in documents.items() if "@context" in document}

    def openvc(self, document: dict[str, Any], suite: str) -> bool:
        """Openvc takes one proof; each of a set stands by itself."""
        now = datetime.fromisoformat(document["validFrom"])
        proofs = document["proof"] if isinstance(document["proof"], list) else [document["proof"]]
        (proof,) = (entry for entry in proofs if entry["cryptosuite"] == suite)
        alone = {**document, "proof": proof}
        if suite == RDFC:
            DataIntegrityProofSuite().verify(alone, now=now, extra_contexts=self.contexts)
        else:
            EddsaJcsProofSuite().verify(alone, now=now)
        return True

    def openvc_issue(self, document: dict[str, Any], suite: str, seed: str, method: str) -> dict[str, Any]:
        """Sign by openvc."""
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        options = {"signing_key": Ed25519SigningKey.from_pem(pem, method), "verification_method": method}
        if suite == RDFC:
            return DataIntegrityProofSuite().add_proof(document, extra_contexts=self.contexts, **options)
        return EddsaJcsProofSuite().add_proof(document, **options)

    def openbadges(self, document: dict[str, Any], seed: str | None = None) -> bool:
        """Openbadgeslib checks the Open Badge; the issuer's key is given where it is not a did:key."""
        key = None
        if seed is not None:
            public = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed)).public_key()
            key = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        OB3LdpVerifier(pubkey_pem=key).verify(document)
        return True

    def openbadges_issue(self, document: dict[str, Any], seed: str, method: str) -> dict[str, Any]:
        """Sign by openbadgeslib."""
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return add_data_integrity_proof(document, pem, method)


def main(source: str, target: str) -> None:
    """Answer every task of `source` in `target`; what a verifier refuses is answered with its reason."""
    asked = json.loads(Path(source).read_text(encoding="utf-8"))
    peers = Peers(asked["documents"])
    answers: list[Any] = []
    for task in asked["tasks"]:
        name = task.pop("task")
        try:
            answers.append(getattr(peers, name)(**task))
        except Exception as error:
            answers.append({"failed": f"{type(error).__name__}: {error}"})
    Path(target).write_text(json.dumps(answers), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
