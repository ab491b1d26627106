"""Whom a verifier trusts: issuers with their keys, logs, witnesses and blocks of chains, from one TOML or JSON file.

The file is the only configuration that verifying needs. Where it lies is the caller's business.
"""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ronghe.trust.anchor import TrustedChain
from ronghe.trust.checkpoint import NoteError, SignatureType, VerifierKey
from ronghe.trust.did import Issuer, IssuerKey, TrustedIssuers
from ronghe.trust.multibase import MultibaseError, decode_multikey, encode_multikey
from ronghe.trust.times import TimestampError, parse_timestamp, timestamp
from ronghe.trust.witness import WitnessPolicy

FORMAT = "ronghe-trust-v1"


class TrustError(ValueError):
    """A file of trusted keys that cannot be used; the message says where and how to mend it."""


@dataclass(frozen=True, slots=True)
class TrustedKeys:
    """The issuers, logs and witnesses that one trusts, and blocks of chains that one knows to be right."""

    issuers: tuple[Issuer, ...] = ()
    logs: tuple[VerifierKey, ...] = ()
    witnesses: WitnessPolicy = field(default_factory=WitnessPolicy)
    chains: tuple[TrustedChain, ...] = ()

    def resolver(self) -> TrustedIssuers:
        """Return who knows the issuers' keys."""
        return TrustedIssuers(self.issuers)

    def as_json(self) -> dict[str, Any]:
        """Return the file's content."""
        return {
            "format": FORMAT,
            "issuers": [
                {"did": issuer.did, "name": issuer.name, "keys": [_key_as_json(key) for key in issuer.keys]}
                for issuer in self.issuers
            ],
            "logs": [key.encode() for key in self.logs],
            "witnesses": {
                "keys": [key.encode(SignatureType.COSIGNATURE_V1) for key in self.witnesses.keys],
                "threshold": self.witnesses.threshold,
            },
        } | ({"chains": [_chain_as_json(one) for one in self.chains]} if self.chains else {})


def _chain_as_json(chain: TrustedChain) -> dict[str, Any]:
    return {"contract": f"0x{chain.contract.hex()}", "blocks": sorted(f"0x{block.hex()}" for block in chain.blocks)}


def _key_as_json(key: IssuerKey) -> dict[str, str]:
    moments = {"valid_from": key.valid_from, "valid_until": key.valid_until, "revoked_at": key.revoked_at}
    return {"id": key.id, "public_key": encode_multikey(key.public_key)} | {
        # A key without a beginning has the earliest moment there is, which no timestamp writes in four digits.
        name: timestamp(moment)
        for name, moment in moments.items()
        if moment is not None and moment.year > 1
    }


def read_trusted_keys(data: bytes) -> TrustedKeys:
    """Return whom the file trusts: TOML, or JSON if it begins with a brace. Raises `TrustError`."""
    try:
        text = data.decode("utf-8")
        value = json.loads(text) if text.lstrip().startswith("{") else tomllib.loads(text)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise TrustError(f"the file of trusted keys is neither TOML nor JSON: {error}") from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise TrustError(f'a file of trusted keys says format = "{FORMAT}"')
    _only(value, {"chains", "format", "issuers", "logs", "witnesses"}, "the file")
    return TrustedKeys(
        tuple(_issuer(one) for one in _list(value.get("issuers", []), "issuers")),
        tuple(_verifier(one, SignatureType.ED25519, "logs") for one in _list(value.get("logs", []), "logs")),
        _witnesses(value.get("witnesses", {})),
        tuple(_chain(one) for one in _list(value.get("chains", []), "chains")),
    )


def _only(value: Any, names: set[str], where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TrustError(f"{where} is a table")
    if unknown := set(value) - names:
        raise TrustError(
            f"{where}: {', '.join(sorted(unknown))} means nothing here; there are {', '.join(sorted(names))}"
        )
    return value


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise TrustError(f"{where} is a list")
    return value


def _text(value: Mapping[str, Any], name: str, where: str) -> str:
    if not isinstance(value.get(name), str):
        raise TrustError(f"{where}: {name} is a text")
    return str(value[name])


def _issuer(value: Any) -> Issuer:
    _only(value, {"did", "name", "keys"}, "an issuer")
    did = _text(value, "did", "an issuer")
    keys = tuple(_issuer_key(one, did) for one in _list(value.get("keys", []), f"the keys of {did}"))
    return Issuer(did, _text(value, "name", did), keys)


def _issuer_key(value: Any, did: str) -> IssuerKey:
    _only(value, {"id", "public_key", "valid_from", "valid_until", "revoked_at"}, f"a key of {did}")
    moments: dict[str, Any] = {}
    try:
        for name in ("valid_from", "valid_until", "revoked_at"):
            if name in value:
                stated = value[name]
                moments[name] = stated if isinstance(stated, datetime) and stated.tzinfo else parse_timestamp(stated)
        key = IssuerKey(
            _text(value, "id", f"a key of {did}"), decode_multikey(_text(value, "public_key", did)), **moments
        )
    except (MultibaseError, TimestampError) as error:
        raise TrustError(f"a key of {did}: {error}") from error
    if key.controller != did:
        raise TrustError(f"{key.id} is no key of {did}: its id begins with the DID and a #")
    return key


def _verifier(text: Any, kind: SignatureType, where: str) -> VerifierKey:
    try:
        return VerifierKey.parse(str(text), kind)
    except NoteError as error:
        raise TrustError(f"{where}: {error}") from error


def _witnesses(value: Any) -> WitnessPolicy:
    _only(value, {"keys", "threshold"}, "witnesses")
    threshold = value.get("threshold", 2)
    if type(threshold) is not int:
        raise TrustError("witnesses: threshold is a whole number")
    keys = _list(value.get("keys", []), "witnesses: keys")
    try:
        return WitnessPolicy(
            tuple(_verifier(one, SignatureType.COSIGNATURE_V1, "witnesses") for one in keys), threshold
        )
    except NoteError as error:
        raise TrustError(f"witnesses: {error}") from error


def _chain(value: Any) -> TrustedChain:
    _only(value, {"contract", "blocks"}, "a chain")
    blocks = _list(value.get("blocks", []), "the blocks of a chain")
    return TrustedChain(
        _hex(value.get("contract"), 20, "the contract of a chain"),
        frozenset(_hex(block, 32, "a block of a chain") for block in blocks),
    )


def _hex(value: Any, size: int, what: str) -> bytes:
    try:
        data = bytes.fromhex(str(value).removeprefix("0x"))
    except ValueError:
        data = b""
    if len(data) != size:
        raise TrustError(f"{what} is 0x and {2 * size} hexadecimal digits, not {str(value)[:80]!r}")
    return data
