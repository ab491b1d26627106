"""Data Integrity proofs with Ed25519: eddsa-jcs-2022 over every byte's meaning, eddsa-rdfc-2022 for wallets.

Proofs stand in a set or, by `previousProof`, in a chain. What a document means and whom to trust is decided elsewhere.
"""

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ronghe.trust.canonical import CanonicalError, canonical_json
from ronghe.trust.did import IssuerKey, KeyResolver, did_of
from ronghe.trust.ed25519 import public_key
from ronghe.trust.jsonld import JsonLdError, UndefinedTermError, UnknownContextError
from ronghe.trust.multibase import MultibaseError, decode_base58btc, encode_base58btc
from ronghe.trust.rdf import GraphTooComplexError, canonical_nquads
from ronghe.trust.times import TimestampError, parse_timestamp, timestamp
from ronghe.trust.verdicts import Check, CheckName

JCS = "eddsa-jcs-2022"
RDFC = "eddsa-rdfc-2022"
SUITES = (JCS, RDFC)
ASSERTION = "assertionMethod"
AUTHENTICATION = "authentication"
MAX_PROOFS = 8
_TYPE = "DataIntegrityProof"
_SIGNATURE_BYTES = 64
_MAX_KEPT_LENGTH = 2_000
# A signer's clock may run ahead of the verifier's by this much.
_CLOCK_SKEW = timedelta(minutes=5)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_TEXTS = ("id", "challenge", "nonce")
_SETS_OF_TEXTS = ("domain", "previousProof")


class DataSigner(Protocol):
    """Whoever holds a private key and signs with it; the key itself never comes here."""

    @property
    def verification_method(self) -> str:
        """The address of the public key."""
        ...  # pragma: no cover

    def sign(self, data: bytes) -> bytes:
        """Return the Ed25519 signature (64 bytes) of `data`."""
        ...  # pragma: no cover


@dataclass(frozen=True, slots=True)
class KeySigner:
    """A signer with its private key in memory."""

    private_key: Ed25519PrivateKey
    verification_method: str

    def sign(self, data: bytes) -> bytes:
        """Return the signature of `data`."""
        return self.private_key.sign(data)


class _Refused(Exception):
    def __init__(self, check: Check) -> None:
        super().__init__(check.detail)
        self.check = check


def is_address(value: Any) -> bool:
    """Say whether `value` is a URL as the standards of credentials mean it: an absolute one, without white space."""
    return isinstance(value, str) and _ADDRESS.fullmatch(value) is not None


def _contexts(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _hashed(document: Mapping[str, Any], options: Mapping[str, Any], suite: str) -> bytes:
    """Return what a proof signs: the hash of its options, then that of the document (vc-di-eddsa §3.2.4, §3.3.4)."""
    written = canonical_json(options)
    if suite == JCS:
        return hashlib.sha256(written).digest() + hashlib.sha256(canonical_json(document)).digest()
    # Whoever signs many documents at once signs the same options; a stranger's long ones are not kept.
    options_digest = _kept_digest(written) if len(written) < _MAX_KEPT_LENGTH else _graph_digest(written)
    return options_digest + hashlib.sha256(canonical_nquads(_graph_of(document))).digest()


def _graph_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what of a document is in its graph: a presentation of no credentials has nothing of them there."""
    if document.get("verifiableCredential") != [] or "VerifiablePresentation" not in _contexts(document.get("type")):
        return document
    return {name: value for name, value in document.items() if name != "verifiableCredential"}


def _graph_digest(written: bytes) -> bytes:
    return hashlib.sha256(canonical_nquads(json.loads(written))).digest()


_kept_digest = lru_cache(maxsize=512)(_graph_digest)


def add_proofs(
    document: Mapping[str, Any],
    *,
    signer: DataSigner,
    created: datetime,
    suites: Collection[str] = SUITES,
    purpose: str = ASSERTION,
    challenge: str | None = None,
    domain: str | None = None,
    expires: datetime | None = None,
) -> dict[str, Any]:
    """Return `document` with one proof a suite, each over the document without proofs (a proof set).

    Raises `ValueError` for a document that has proofs, an unknown suite, and whatever no signature could cover.
    """
    if "proof" in document:
        raise ValueError("the document has proofs already")
    proofs = []
    for suite in suites:
        if suite not in SUITES:
            raise ValueError(f"{suite!r} is none of {', '.join(SUITES)}")
        options: dict[str, Any] = {"type": _TYPE, "cryptosuite": suite, "created": timestamp(created)}
        if expires is not None:
            options["expires"] = timestamp(expires)
        options |= {"verificationMethod": signer.verification_method, "proofPurpose": purpose}
        if challenge is not None:
            options["challenge"] = challenge
        if domain is not None:
            options["domain"] = domain
        signed = {"@context": document["@context"], **options} if "@context" in document else options
        value = encode_base58btc(signer.sign(_hashed(document, signed, suite)))
        # The jcs suite keeps the context in its proof, so that whoever adds a context later breaks nothing (§3.3.1).
        proofs.append({**(signed if suite == JCS else options), "proofValue": value})
    return {**document, "proof": proofs if len(proofs) != 1 else proofs[0]}


class _Proof(NamedTuple):
    """A proof whose form was found good."""

    options: Mapping[str, Any]
    suite: str
    method: str
    signature: bytes
    created: datetime | None


def _malformed(detail: str) -> _Refused:
    return _Refused(Check.invalid(CheckName.SIGNATURE, "signature-is-malformed", detail))


def _moment(proof: Mapping[str, Any], name: str) -> datetime | None:
    if name not in proof:
        return None
    try:
        # What somebody wrote without an offset is of UTC (vc-data-integrity §2.1).
        return parse_timestamp(proof[name], needs_offset=False)
    except TimestampError as error:
        raise _malformed(f"{name}: {error}") from None


def _parse(proof: Any) -> _Proof:
    """Return the parts of one proof (vc-data-integrity §2.1); raises `_Refused`."""
    if not isinstance(proof, dict):
        raise _malformed("a proof is an object")
    if proof.get("type") != _TYPE:
        raise _malformed(f"the type of a proof is {_TYPE}")
    suite = proof.get("cryptosuite")
    if suite not in SUITES:
        raise _Refused(
            Check.invalid(CheckName.SIGNATURE, "signature-suite-is-unknown", f"cryptosuite is {str(suite)[:60]!r}")
        )
    method = proof.get("verificationMethod")
    if not is_address(method):
        raise _malformed("verificationMethod is the address of a key")
    if not isinstance(proof.get("proofPurpose"), str):
        raise _malformed("proofPurpose is missing")
    for name in _TEXTS:
        if name in proof and not isinstance(proof[name], str):
            raise _malformed(f"{name} is a text")
    for name in _SETS_OF_TEXTS:
        if name in proof and not all(isinstance(entry, str) for entry in _contexts(proof[name])):
            raise _malformed(f"{name} is a text or a list of texts")
    if "id" in proof and not is_address(proof["id"]):
        raise _malformed("the id of a proof is an address")
    value = proof.get("proofValue")
    try:
        signature = decode_base58btc(value if isinstance(value, str) else "", size=_SIGNATURE_BYTES)
    except MultibaseError as error:
        raise _malformed(f"proofValue: {error}") from None
    options = {name: inner for name, inner in proof.items() if name != "proofValue"}
    return _Proof(options, str(suite), str(method), signature, _moment(proof, "created"))


@dataclass(frozen=True, slots=True)
class _Verifier:
    """What all proofs of one document are checked against."""

    document: Mapping[str, Any]
    proofs: Sequence[Any]
    resolver: KeyResolver
    at: datetime
    purpose: str
    challenge: str | None
    domain: frozenset[str] | None
    implied_context: bool

    def check(self, raw: Any) -> Iterator[Check]:
        """Yield what one proof came to; the first refusal ends it."""
        proof = _parse(raw)
        self.check_use(proof, raw)
        key = self.key(proof)
        unsecured = {name: inner for name, inner in self.document.items() if name != "proof"}
        earlier = self.earlier(raw)
        if earlier:
            unsecured["proof"] = earlier
        self.check_signature(proof, key, unsecured)
        yield Check.valid(CheckName.SIGNATURE, "signature-holds", f"{proof.suite} by {proof.method}")

    def check_use(self, proof: _Proof, raw: Mapping[str, Any]) -> None:
        expires = _moment(raw, "expires")
        if expires is not None and expires <= self.at:
            raise _Refused(Check.invalid(CheckName.VALIDITY, "validity-has-ended", "the proof has expired"))
        if proof.created is not None and proof.created > self.at + _CLOCK_SKEW:
            raise _Refused(Check.invalid(CheckName.VALIDITY, "validity-has-not-begun", "the proof is of the future"))
        wrong = None
        if raw["proofPurpose"] != self.purpose:
            wrong = f"proofPurpose is not {self.purpose}"
        elif self.challenge is not None and raw.get("challenge") != self.challenge:
            wrong = "the challenge is another"
        elif self.domain is not None and self.domain != _set_of(raw.get("domain")):
            wrong = "the domain is another"
        if wrong is not None:
            raise _Refused(Check.invalid(CheckName.SIGNATURE, "signature-purpose-is-wrong", wrong))

    def key(self, proof: _Proof) -> IssuerKey:
        key = self.resolver.resolve(proof.method)
        if key is None:
            # Whoever is not trusted at all cannot be judged; a trusted issuer's missing key can.
            known = self.resolver.knows(did_of(proof.method))
            refuse = Check.invalid if known else Check.unknown
            code = "issuer-key-is-unknown" if known else "issuer-is-unknown"
            raise _Refused(refuse(CheckName.ISSUER, code, f"no key is known at {proof.method[:200]}"))
        if key.is_revoked(self.at):
            raise _Refused(Check.invalid(CheckName.ISSUER, "issuer-key-is-revoked", key.id))
        if self.purpose not in key.purposes:
            raise _Refused(
                Check.invalid(CheckName.SIGNATURE, "signature-purpose-is-wrong", f"{key.id} is not for {self.purpose}")
            )
        signed_at = self.at if proof.created is None else proof.created
        if not key.signs_at(signed_at):
            raise _Refused(Check.invalid(CheckName.ISSUER, "issuer-key-was-not-valid", key.id))
        return key

    def earlier(self, raw: Mapping[str, Any]) -> list[Any]:
        """Return the proofs that this one covers too (vc-data-integrity §4.5)."""
        if "previousProof" not in raw:
            return []
        wanted = _contexts(raw["previousProof"])
        found = []
        for identifier in wanted:
            matching = [proof for proof in self.proofs if isinstance(proof, dict) and proof.get("id") == identifier]
            if not isinstance(identifier, str) or len(matching) != 1 or matching[0] is raw:
                raise _Refused(
                    Check.invalid(CheckName.SIGNATURE, "signature-is-missing", "previousProof names no other proof")
                )
            found.append(matching[0])
        return found

    def check_signature(self, proof: _Proof, key: IssuerKey, unsecured: dict[str, Any]) -> None:
        options = dict(proof.options)
        context = self.document.get("@context")
        if "@context" in options:
            stated = _contexts(options["@context"])
            if _contexts(context)[: len(stated)] != stated or (proof.suite == RDFC and stated != _contexts(context)):
                raise _broken("the context of a proof is not that of the document")
            # What was added to the document's context since is outside of this proof (§3.3.2, step 4).
            unsecured["@context"] = options["@context"]
        elif proof.suite == RDFC and context is not None:
            options["@context"] = context
        if self.holds(proof, key, unsecured, options):
            return
        # Some signers hash the document's context with the options but leave it out of the proof.
        implies = self.implied_context and proof.suite == JCS and context is not None and "@context" not in options
        if implies and self.holds(proof, key, unsecured, {**options, "@context": context}):
            return
        raise _Refused(
            Check.invalid(CheckName.SIGNATURE, "signature-does-not-hold", f"{proof.suite} by {proof.method[:200]}")
        )

    def holds(self, proof: _Proof, key: IssuerKey, unsecured: Mapping[str, Any], options: Mapping[str, Any]) -> bool:
        try:
            data = _hashed(unsecured, options, proof.suite)
        except UndefinedTermError as error:
            raise _Refused(Check.invalid(CheckName.INTEGRITY, "integrity-terms-are-undefined", str(error))) from None
        except UnknownContextError as error:
            raise _Refused(Check.unknown(CheckName.INTEGRITY, "integrity-context-is-unknown", str(error))) from None
        except GraphTooComplexError as error:
            raise _Refused(Check.invalid(CheckName.INTEGRITY, "integrity-graph-is-too-complex", str(error))) from None
        except (JsonLdError, CanonicalError) as error:
            raise _Refused(Check.invalid(CheckName.FORM, "form-is-broken", str(error))) from None
        try:
            public_key(key.public_key).verify(proof.signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True


def _set_of(domain: Any) -> frozenset[str]:
    """A domain is a set of texts, one text the set of it alone (vc-data-integrity §4.4)."""
    return frozenset(entry for entry in _contexts(domain) if isinstance(entry, str))


def _broken(detail: str) -> _Refused:
    return _Refused(Check.invalid(CheckName.INTEGRITY, "integrity-is-broken", detail))


def verify_proofs(
    document: Mapping[str, Any],
    *,
    resolver: KeyResolver,
    at: datetime,
    required: Collection[str] = (JCS,),
    purpose: str = ASSERTION,
    challenge: str | None = None,
    domain: str | Collection[str] | None = None,
    controller: str | None = None,
    implied_context: bool = False,
    repeats: bool = False,
) -> list[Check]:
    """Check every proof of `document`, all of which must hold, and that the `required` suites are among them.

    With `controller`, a DID, the required proofs must be by its keys (with none required: at least one proof must).
    A challenge that is given must be the one in each proof, and the domains the same set. With `implied_context` a jcs
    proof may leave out the context that it was made over, as openvc-core writes them; with `repeats` one proof may
    stand there twice, as it does where a set is signed twice within a second. Each check is of the first thing that is
    wrong with one proof; a key of an issuer who is not trusted leaves the question unknown.
    """
    raw = document.get("proof")
    proofs = _contexts(raw) if raw is not None else []
    if not proofs:
        return [Check.invalid(CheckName.SIGNATURE, "signature-is-missing", "there is no proof")]
    if len(proofs) > MAX_PROOFS:
        return [Check.invalid(CheckName.FORM, "form-is-too-large", f"there are more than {MAX_PROOFS} proofs")]
    identifiers = [proof["id"] for proof in proofs if isinstance(proof, dict) and isinstance(proof.get("id"), str)]
    if len(set(identifiers)) != len(identifiers):
        return [Check.invalid(CheckName.SIGNATURE, "signature-is-malformed", "two proofs have one id")]
    if not repeats and any(proof in proofs[:index] for index, proof in enumerate(proofs)):
        return [Check.invalid(CheckName.SIGNATURE, "signature-is-malformed", "one proof stands twice")]
    wanted = None if domain is None else _set_of(domain)
    verifier = _Verifier(document, proofs, resolver, at, purpose, challenge, wanted, implied_context)
    checks: list[Check] = []
    for proof in proofs:
        try:
            checks.extend(verifier.check(proof))
        except _Refused as refused:
            checks.append(refused.check)
    by_controller = [
        proof
        for proof in proofs
        if isinstance(proof, dict)
        and (controller is None or did_of(str(proof.get("verificationMethod"))) == controller)
    ]
    if controller is not None and not by_controller:
        checks.append(Check.invalid(CheckName.ISSUER, "issuer-key-is-unknown", "no proof is by the issuer's keys"))
    for suite in required:
        if not any(proof.get("cryptosuite") == suite for proof in by_controller):
            checks.append(Check.invalid(CheckName.SIGNATURE, "signature-is-missing", f"{suite} is asked for"))
    return checks
