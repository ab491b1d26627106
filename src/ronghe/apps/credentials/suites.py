"""What a site does that is open to conformance suites (`RONGHE_VC_API_OPEN`), on a loopback address alone.

Suites resolve a did:key without asking anyone, so such a site signs under the did:key of the very key that signs.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from ronghe.apps.credentials.models import Issuer, IssuerKey
from ronghe.trust.did import did_key
from ronghe.trust.proof import JCS, RDFC, DataSigner

# The same list under the name of the key: a list by another than the issuer of the credential is refused.
BY_KEY = "?by=key"
_SUSPENSION = "suspension"


@dataclass(frozen=True, slots=True)
class Renamed:
    """A signer whose key is named by another address."""

    signer: DataSigner
    verification_method: str

    def sign(self, data: bytes) -> bytes:
        """Return the signature of `data`."""
        return self.signer.sign(data)


def is_open() -> bool:
    """Whether this site takes the calls of suites, which bring no key."""
    return bool(settings.RONGHE_VC_API_OPEN)


def name_of_key(issuer: Issuer, at: datetime) -> str:
    """Return the did:key of the key that signs at `at`, or nothing where none does."""
    key = IssuerKey.objects.filter(issuer=issuer).signing_at(at).first()
    return did_key(bytes(key.public_key)) if key is not None else ""


def renamed(issuer: Any, name: str) -> Any:
    """Return what a credential says of its issuer, with `name` as its id."""
    return {**issuer, "id": name} if isinstance(issuer, dict) else name


def named(issuer: Any, name: str) -> Any:
    """Return what a credential says of its issuer, with `name` where its id is left empty."""
    left_empty = issuer.get("id") == "" if isinstance(issuer, dict) else issuer == ""
    return renamed(issuer, name) if left_empty else issuer


def implementation(base: str, name: str) -> dict[str, Any]:
    """Return this site as the W3C suites list implementations; `base` is its address, `name` its did:key."""
    base = base.rstrip("/")

    def issuer(suite: str, tags: list[str], more: str = "") -> dict[str, Any]:
        endpoint = f"{base}/credentials/issue?cryptosuite={suite}{more}"
        return {"id": name, "endpoint": endpoint, "tags": tags, "supports": {"vc": ["2.0"]}}

    def place(path: str, tags: list[str]) -> dict[str, Any]:
        return {"id": name, "endpoint": f"{base}{path}", "tags": tags, "supports": {"vc": ["2.0"]}}

    lists = "BitstringStatusList"
    return {
        "name": "Ronghe",
        "implementation": "Ronghe",
        "issuers": [
            issuer(RDFC, ["vc2.0", RDFC, lists, "Revocation"]),
            issuer(JCS, [JCS]),
            issuer(RDFC, [lists, "Suspension"], f"&statusPurpose={_SUSPENSION}"),
        ],
        "verifiers": [place("/credentials/verify", ["vc2.0", RDFC, JCS, lists])],
        "vpVerifiers": [place("/presentations/verify", ["vc2.0", RDFC, JCS])],
        "setStatusLists": [place("/credentials/status", ["Revocation", "Suspension"])],
    }
