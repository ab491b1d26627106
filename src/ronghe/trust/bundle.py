"""One file that proves a certificate with no network: credential, log proof, witnesses, stapled status, chosen events.

A bundle is the canonical JSON (RFC 8785) of its parts, at most 6,000 bytes; what would be larger is packed (`packing`).
An anchor comes on top. Whom to trust is handed in; the formats of the parts are those of their modules.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ronghe.trust import anchor as chain
from ronghe.trust import packing
from ronghe.trust.canonical import CanonicalError, canonical_json
from ronghe.trust.checkpoint import NoteError, OpenedCheckpoint, decode_base64, encode_base64
from ronghe.trust.credential import OURS, CredentialError, Policy, path_root_of, verify_credential
from ronghe.trust.did import KeyResolver
from ronghe.trust.log_proof import CLOCKS_MAY_DIFFER_BY, LoggedEvent, LogProof, check_log_proof
from ronghe.trust.path import DisclosedPath, PathError, PathRoot, check_path
from ronghe.trust.status_statement import FORMAT as STATUS_FORMAT
from ronghe.trust.status_statement import CredentialMark, check_status_statement
from ronghe.trust.trusted_keys import TrustedKeys
from ronghe.trust.verdicts import Check, CheckName, Report, Verdict
from ronghe.trust.witness import check_witnesses

FORMAT = "ronghe-bundle-v1"
MAX_BYTES = 6_000
MAX_BYTES_WITH_ANCHOR = MAX_BYTES + chain.MAX_BYTES
# Packed, four times as much fits; more would let a small file keep its reader busy.
MAX_UNPACKED = 4 * MAX_BYTES
_PARTS = {"anchor", "credential", "format", "log", "path", "status"}
_EVENT = {"payload", "recorded_at", "salt", "subject", "type"}
_BEGINS_WITH_ANCHOR = b'{"anchor":'
_SALT_BYTES = 32
_ORDER = {name: number for number, name in enumerate(CheckName)}
_POLICY = Policy(required_suites=OURS.required_suites, status=False)

AnchorCheck = Callable[[Mapping[str, Any], OpenedCheckpoint], Check]


class BundleError(ValueError):
    """Bytes that are no bundle; `code` is that of the verdict on its form."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class BundleTooLarge(ValueError):
    """The parts make more than 6,000 bytes, packed too; show fewer events."""


def credential_digest(document: Mapping[str, Any]) -> str:
    """Return what the log and the status name a certificate by: hex SHA-256 of its canonical JSON, proofs included."""
    return hashlib.sha256(canonical_json(document)).hexdigest()


@dataclass(frozen=True, slots=True)
class Bundle:
    """The parts of a bundle.

    `event` is the logged event whose payload has `fields.credential`, the credential's digest; `status` a statement of
    `status_statement`, `path` the events that the holder chose to show, `anchor` the receipt of a chain.
    """

    credential: Mapping[str, Any]
    event: LoggedEvent
    proof: LogProof
    status: Mapping[str, Any] | None = None
    path: DisclosedPath | None = None
    anchor: Mapping[str, Any] | None = None

    @property
    def digest(self) -> str:
        """The digest of the credential that the log speaks of."""
        return str(self.event.payload["fields"]["credential"])

    def encode(self) -> bytes:
        """Return the file; what is too large is packed.

        Raises `BundleTooLarge`; `BundleError` where event or status are about another certificate; `CanonicalError` for
        what JSON cannot carry.
        """
        value = self._parts()
        plain = canonical_json(value)
        whole = plain if self.anchor is None else canonical_json({**value, "anchor": self.anchor})
        if len(plain) <= MAX_BYTES:
            return whole
        packed = packing.pack(plain)
        if len(packed) > MAX_BYTES or len(plain) > MAX_UNPACKED:
            mend = f"show fewer than {len(self.path.events)} events" if self.path else "shorten the achievement's texts"
            raise BundleTooLarge(
                f"the bundle would have {len(packed)} bytes packed and {len(plain)} unpacked, {MAX_BYTES} and "
                f"{MAX_UNPACKED} are allowed; {mend}"
            )
        return packed if self.anchor is None else packing.pack(whole)

    def _parts(self) -> dict[str, Any]:
        """Return all parts but the anchor, as the file has them."""
        digest = credential_digest(self.credential)
        # What follows from the credential is left out, and put back when the file is read.
        fields = dict(self.event.payload.get("fields", {}))
        if fields.pop("credential", None) != digest:
            raise BundleError("form-parts-disagree", "the event logged is about another certificate")
        value: dict[str, Any] = {
            "credential": self.credential,
            "format": FORMAT,
            "log": {
                "event": {
                    "payload": {**self.event.payload, "fields": fields},
                    "recorded_at": self.event.recorded_at,
                    "salt": encode_base64(self.event.salt),
                    "subject": self.event.subject,
                    "type": self.event.type,
                },
                "proof": self.proof.encode(),
            },
        }
        if self.status is not None:
            implied = _implied_by(self.credential, digest)
            if any(self.status.get(name) != stated for name, stated in implied.items()):
                raise BundleError("form-parts-disagree", "the status is about another certificate")
            value["status"] = {name: stated for name, stated in self.status.items() if name not in implied}
        if self.path is not None:
            value["path"] = self.path.as_json()
        return value

    @classmethod
    def decode(cls, data: bytes) -> "Bundle":
        """Return the parts, nothing of them checked but their form; raises `BundleError`."""
        is_packed = packing.is_packed(data)
        text = _unpacked(data) if is_packed else data
        most = MAX_UNPACKED if is_packed else MAX_BYTES
        value = _strict_json(text, most)
        if not isinstance(value, dict) or not isinstance(value.get("format"), str):
            raise BundleError("form-is-broken", "this is no bundle")
        if value["format"] != FORMAT:
            raise BundleError("form-unsupported-version", f"this is {value['format'][:40]!r}; {FORMAT} is understood")
        if unknown := set(value) - _PARTS:
            raise BundleError("form-is-broken", f"{', '.join(sorted(unknown))[:80]} is no part of a bundle")
        credential, log, status = value.get("credential"), value.get("log"), value.get("status")
        if not isinstance(credential, dict) or not isinstance(log, dict) or set(log) != {"event", "proof"}:
            raise BundleError("form-is-broken", "a bundle has a credential, and a log with an event and its proof")
        for name in ("status", "path", "anchor"):
            if name in value and not isinstance(value[name], dict):
                raise BundleError("form-is-broken", f"{name} is an object")
        if "anchor" in value:
            added = len(canonical_json({"anchor": value["anchor"]})) - 1
            if added > chain.MAX_BYTES + len(_BEGINS_WITH_ANCHOR) or len(text) - added > most:
                raise BundleError(
                    "form-is-too-large", f"an anchor has at most {chain.MAX_BYTES} bytes, the rest {most}"
                )
        elif len(data) > MAX_BYTES:
            raise BundleError("form-is-too-large", f"a bundle has at most {MAX_BYTES} bytes, this {len(data)}")
        try:
            digest = credential_digest(credential)
            event, proof = _event(log["event"], digest), LogProof.parse(_text(log["proof"], "the proof"))
            path = DisclosedPath.of_json(value["path"]) if "path" in value else None
        except PathError as error:
            raise BundleError("form-is-broken", str(error)) from error
        except NoteError as error:
            raise BundleError("form-is-broken", f"log: {error}") from error
        if proof.extra is not None:
            raise BundleError("form-is-broken", "the proof in a bundle carries no extra data: nobody signs it")
        if status is not None:
            implied = _implied_by(credential, digest)
            if stated := implied.keys() & status.keys():
                raise BundleError(
                    "form-is-broken", f"{', '.join(sorted(stated))} of the status follows from the credential"
                )
            status = {**status, **implied}
        return cls(credential, event, proof, status, path, value.get("anchor"))


def _implied_by(credential: Mapping[str, Any], digest: str) -> dict[str, str]:
    """Return what a status says that follows from the certificate it is about."""
    return {"credential": str(credential.get("id")), "digest": digest, "format": STATUS_FORMAT}


def _unpacked(data: bytes) -> bytes:
    if len(data) > MAX_BYTES_WITH_ANCHOR:
        raise BundleError("form-is-too-large", f"a bundle has at most {MAX_BYTES} bytes, this {len(data)}")
    try:
        return packing.unpack(data, max_bytes=MAX_UNPACKED + chain.MAX_BYTES + len(_BEGINS_WITH_ANCHOR))
    except packing.UnpacksTooLarge as error:
        raise BundleError("form-is-too-large", str(error)) from error
    except packing.PackingError as error:
        raise BundleError("form-is-broken", str(error)) from error


def _strict_json(data: bytes, most: int) -> Any:
    """Return the value of canonical JSON; other bytes for the same value might be read otherwise elsewhere."""
    # Its name sorts before those of the other parts.
    limit = most + chain.MAX_BYTES if data.startswith(_BEGINS_WITH_ANCHOR) else most
    if len(data) > limit:
        mend = "larger ones are packed: check the file as it was given out"
        raise BundleError("form-is-too-large", f"a bundle has at most {limit} bytes, this {len(data)}; {mend}")
    try:
        value = json.loads(data)
        canonical = canonical_json(value)
    except (ValueError, RecursionError, CanonicalError) as error:
        raise BundleError("form-is-broken", f"this is no JSON: {error}") from error
    if canonical != data:
        raise BundleError("form-is-not-canonical", "spaces, escapes, order or repeated members differ from RFC 8785")
    return value


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise NoteError(f"{what} is a text")
    return value


def _event(value: Any, digest: str) -> LoggedEvent:
    if not isinstance(value, dict) or set(value) != _EVENT or not isinstance(value["payload"], dict):
        raise NoteError(f"an event has {', '.join(sorted(_EVENT))}, nothing else")
    fields = value["payload"].get("fields")
    if not isinstance(fields, dict) or "credential" in fields:
        raise NoteError("the payload of an event has fields, without the credential's digest, which follows from it")
    payload = {**value["payload"], "fields": {**fields, "credential": digest}}
    salt = decode_base64(_text(value["salt"], "the salt"), "the salt")
    if len(salt) != _SALT_BYTES:
        raise NoteError(f"the salt of an event has {_SALT_BYTES} bytes")
    texts = {name: _text(value[name], name) for name in ("type", "subject", "recorded_at")}
    event = LoggedEvent(texts["type"], texts["subject"], texts["recorded_at"], salt, payload)
    try:
        event.moment()
    except ValueError as error:
        raise NoteError(f"recorded_at: {error}") from error
    return event


def verify_bundle(
    data: bytes,
    *,
    trust: TrustedKeys,
    at: datetime,
    resolver: KeyResolver | None = None,
    check_anchor: AnchorCheck | None = None,
) -> Report:
    """Answer every question about the bundle in `data` at the moment `at`, by the keys in `trust` alone.

    `resolver` takes the place of the issuers in `trust`, `check_anchor` that of its chains. Bytes that are no bundle
    get one answer, on their form.
    """
    try:
        bundle = Bundle.decode(data)
    except BundleError as error:
        return refused_form(error)
    return verify_parts(bundle, trust=trust, at=at, resolver=resolver, check_anchor=check_anchor)


def refused_form(error: BundleError) -> Report:
    """Return the one answer on bytes that are no bundle."""
    return Report((Check.invalid(CheckName.FORM, error.code, str(error)),))


def verify_parts(
    bundle: Bundle,
    *,
    trust: TrustedKeys,
    at: datetime,
    resolver: KeyResolver | None = None,
    check_anchor: AnchorCheck | None = None,
) -> Report:
    """Answer every question about a bundle that was decoded, as `verify_bundle` does."""
    resolver = resolver or trust.resolver()
    checks = verify_credential(bundle.credential, resolver=resolver, at=at, policy=_POLICY)
    if checks[0].verdict is Verdict.INVALID and len(checks) == 1:
        return Report(tuple(checks))
    # Its digest follows from the credential: that is how the file was read.
    mark = CredentialMark(str(bundle.credential.get("id")), _issuer_of(bundle.credential), bundle.digest)
    logged = check_log_proof(bundle.proof, leaf=bundle.event.leaf(), logs=trust.logs, at=at)
    checks.append(_dated_after_the_log(bundle.event, logged.opened) or logged.check)
    checks.append(check_witnesses(bundle.proof.checkpoint, trust.witnesses, at=at))
    checks.append(check_status_statement(bundle.status, mark, resolver=resolver, at=at))
    checks.append(check_path(bundle.path, _path_root(bundle.credential)))
    checks.append(_check_anchor(bundle.anchor, logged.opened, check_anchor or _by(trust)))
    return Report(tuple(sorted(checks, key=lambda check: _ORDER[check.name])))


def _issuer_of(document: Mapping[str, Any]) -> str:
    issuer = document.get("issuer")
    return str(issuer.get("id") if isinstance(issuer, dict) else issuer)


def _path_root(document: Mapping[str, Any]) -> PathRoot | None:
    try:
        return path_root_of(document)
    except CredentialError:
        # Said already by the answer on the credential's form.
        return None


def _dated_after_the_log(event: LoggedEvent, opened: OpenedCheckpoint | None) -> Check | None:
    if opened and opened.time and event.moment().timestamp() > opened.time + CLOCKS_MAY_DIFFER_BY.total_seconds():
        return Check.invalid(CheckName.LOG, "log-proof-does-not-hold", "the event is dated after the log that has it")
    return None


def _by(trust: TrustedKeys) -> AnchorCheck:
    return lambda anchor, opened: chain.check_anchor(anchor, opened, chains=trust.chains)


def _check_anchor(anchor: Mapping[str, Any] | None, opened: OpenedCheckpoint | None, check: AnchorCheck) -> Check:
    if anchor is None:
        return Check.unknown(CheckName.ANCHOR, "anchor-is-not-there")
    if opened is None:
        return Check.unknown(
            CheckName.ANCHOR, "anchor-is-not-trusted", "the checkpoint that it stands for does not hold"
        )
    return check(anchor, opened)
