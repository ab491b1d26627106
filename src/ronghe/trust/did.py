"""Who issues: did:key and did:web, an issuer's keys over time, and the DID document that others read.

Documents are written and read here, never fetched; whom to trust is handed in by the caller.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import unquote

from ronghe.trust.contexts import DID_V1, MULTIKEY
from ronghe.trust.multibase import MultibaseError, decode_multikey, encode_multikey
from ronghe.trust.times import parse_timestamp, timestamp

_DID_KEY = "did:key:"
_DID_WEB = "did:web:"
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?:%3A[0-9]{1,5})?", re.ASCII)
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._-]|%[0-9A-F]{2})+", re.ASCII)
_MAX_DID = 500
_ALWAYS = datetime(1, 1, 1, tzinfo=UTC)
PURPOSES = frozenset({"assertionMethod", "authentication"})


class DidError(ValueError):
    """A DID or a DID document that is not in the form its method asks for."""


def did_key(public_key: bytes) -> str:
    """Return the did:key of an Ed25519 public key (32 bytes)."""
    return _DID_KEY + encode_multikey(public_key)


def key_method(public_key: bytes) -> str:
    """Return the address of the one verification method of a did:key."""
    multikey = encode_multikey(public_key)
    return f"{_DID_KEY}{multikey}#{multikey}"


def public_key_of_did_key(did: str) -> bytes:
    """Return the Ed25519 public key that a did:key states; raises `DidError`."""
    if not did.startswith(_DID_KEY):
        raise DidError(f"{did[:80]!r} is no did:key")
    try:
        return decode_multikey(did.removeprefix(_DID_KEY))
    except MultibaseError as error:
        raise DidError(f"{did[:80]!r} is no did:key of an Ed25519 key: {error}") from None


def did_web_url(did: str) -> str:
    """Return where the document of a did:web is served (did:web method, §3.2); raises `DidError`."""
    host, *segments = did.removeprefix(_DID_WEB).split(":")
    if not did.startswith(_DID_WEB) or len(did) > _MAX_DID or not _HOST.fullmatch(host):
        raise DidError(f"{did[:80]!r} is no did:web")
    if not all(_SEGMENT.fullmatch(segment) and segment not in (".", "..") for segment in segments):
        raise DidError(f"{did[:80]!r} has a path that is none")
    path = "/".join(segments) if segments else ".well-known"
    return f"https://{unquote(host)}/{path}/did.json"


def did_of(verification_method: str) -> str:
    """Return the DID, or other address, before the fragment of a verification method."""
    return verification_method.partition("#")[0]


@dataclass(frozen=True, slots=True)
class IssuerKey:
    """One public key of an issuer and when it signs: from `valid_from` until `valid_until`, unless revoked.

    What a key signed within its window stays signed when the window closes; what a revoked key signed does not,
    because whoever stole it can write any date.
    """

    id: str
    public_key: bytes
    valid_from: datetime = _ALWAYS
    valid_until: datetime | None = None
    revoked_at: datetime | None = None
    purposes: Collection[str] = field(default=PURPOSES)

    @property
    def controller(self) -> str:
        """The DID of whoever holds the key."""
        return did_of(self.id)

    def signs_at(self, moment: datetime) -> bool:
        """Say whether `moment` lies within the key's window."""
        return self.valid_from <= moment and (self.valid_until is None or moment < self.valid_until)

    def is_revoked(self, at: datetime) -> bool:
        """Say whether the key was revoked by `at`."""
        return self.revoked_at is not None and self.revoked_at <= at


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer: its DID, what it is called, and all its keys, retired and revoked ones too."""

    did: str
    name: str
    keys: tuple[IssuerKey, ...]

    def key(self, verification_method: str) -> IssuerKey | None:
        """Return the key at that address, or None."""
        return next((key for key in self.keys if key.id == verification_method), None)


class KeyResolver(Protocol):
    """Whoever knows which keys belong to which issuer."""

    def resolve(self, verification_method: str) -> IssuerKey | None:
        """Return the key at that address; None where it is unknown or its issuer is not trusted."""
        ...  # pragma: no cover

    def knows(self, did: str) -> bool:
        """Say whether that issuer is trusted at all."""
        ...  # pragma: no cover


class TrustedIssuers:
    """A fixed set of issuers. With `any_did_key` a did:key vouches for itself: good for tests, for nothing else."""

    def __init__(self, issuers: Iterable[Issuer], *, any_did_key: bool = False) -> None:
        self._issuers = {issuer.did: issuer for issuer in issuers}
        self._any_did_key = any_did_key

    def issuer(self, did: str) -> Issuer | None:
        """Return the trusted issuer of that DID, or None."""
        return self._issuers.get(did)

    def knows(self, did: str) -> bool:
        """Say whether that issuer is trusted."""
        return did in self._issuers or (
            self._any_did_key and _own_key(did, f"{did}#{did[len(_DID_KEY) :]}") is not None
        )

    def resolve(self, verification_method: str) -> IssuerKey | None:
        """Return the key at that address, or None."""
        did = did_of(verification_method)
        issuer = self._issuers.get(did)
        if issuer is not None:
            return issuer.key(verification_method)
        return _own_key(did, verification_method) if self._any_did_key else None


def _own_key(did: str, verification_method: str) -> IssuerKey | None:
    try:
        public_key = public_key_of_did_key(did)
    except DidError:
        return None
    # A did:key has one verification method, whose fragment repeats the key (did:key method, §3.1.2).
    return IssuerKey(verification_method, public_key) if verification_method == key_method(public_key) else None


def did_document(issuer: Issuer) -> dict[str, Any]:
    """Return the DID document of `issuer` (DID 1.0 with Multikey methods).

    Retired keys stay listed, since what they signed stays signed; a revoked key is listed as revoked and is good for
    no purpose. A standard document has no place for the window in which a key signs: `TrustedIssuers` carries it.
    """
    methods = []
    for key in issuer.keys:
        method = {
            "id": key.id,
            "type": "Multikey",
            "controller": issuer.did,
            "publicKeyMultibase": encode_multikey(key.public_key),
        }
        if key.revoked_at is not None:
            method["revoked"] = timestamp(key.revoked_at)
        methods.append(method)
    document: dict[str, Any] = {"@context": [DID_V1, MULTIKEY], "id": issuer.did, "verificationMethod": methods}
    for purpose in sorted(PURPOSES):
        document[purpose] = [key.id for key in issuer.keys if key.revoked_at is None and purpose in key.purposes]
    return document


def issuer_of_did_document(document: Mapping[str, Any], *, name: str = "") -> Issuer:
    """Return the issuer that a DID document describes; methods of other kinds are passed over. Raises `DidError`."""
    did = document.get("id")
    if not isinstance(did, str) or not did.startswith("did:"):
        raise DidError("a DID document starts with its DID as id")
    purposes = {purpose: _references(document.get(purpose, []), did) for purpose in PURPOSES}
    methods = document.get("verificationMethod", [])
    if not isinstance(methods, list):
        raise DidError("verificationMethod is a list")
    listed = [entry for purpose in sorted(PURPOSES) for entry in document.get(purpose, [])]
    embedded = [entry for entry in listed if isinstance(entry, dict)]
    keys: dict[str, IssuerKey] = {}
    for method in [*methods, *embedded]:
        key = _key_of(method, did, purposes)
        if key is not None:
            if key.id in keys and keys[key.id] != key:
                raise DidError(f"{key.id} stands twice in the document")
            keys[key.id] = key
    return Issuer(did, name or did, tuple(keys.values()))


def _absolute(identifier: Any, did: str) -> str:
    if not isinstance(identifier, str):
        raise DidError("a verification method has an address as id")
    return did + identifier if identifier.startswith("#") else identifier


def _references(entries: Any, did: str) -> set[str]:
    if not isinstance(entries, list):
        raise DidError("a verification relationship is a list")
    return {_absolute(entry.get("id") if isinstance(entry, dict) else entry, did) for entry in entries}


def _key_of(method: Any, did: str, purposes: Mapping[str, set[str]]) -> IssuerKey | None:
    if not isinstance(method, dict):
        raise DidError("a verification method is an object")
    identifier = _absolute(method.get("id"), did)
    if did_of(identifier) != did or method.get("controller") != did:
        return None
    try:
        public_key = decode_multikey(str(method.get("publicKeyMultibase", "")))
    except MultibaseError:
        return None
    try:
        revoked = parse_timestamp(method["revoked"]) if "revoked" in method else None
        expires = parse_timestamp(method["expires"]) if "expires" in method else None
    except ValueError as error:
        raise DidError(f"{identifier}: {error}") from None
    return IssuerKey(
        identifier,
        public_key,
        valid_until=expires,
        revoked_at=revoked,
        purposes=frozenset(purpose for purpose, listed in purposes.items() if identifier in listed),
    )
