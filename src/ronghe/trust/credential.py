"""Certificates as Open Badges 3.0 on W3C Verifiable Credentials 2.0: built here, and verified.

Whose achievement it is, whether it was earned and where it is kept are the application's; keys are handed in.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ronghe.trust.contexts import OPEN_BADGES, VC_V2
from ronghe.trust.credential_form import (
    FormError,
    address_of,
    as_list,
    check_badge,
    check_credential,
    types_of,
    validity,
)
from ronghe.trust.did import KeyResolver
from ronghe.trust.path import PathError, PathRoot
from ronghe.trust.proof import JCS, SUITES, verify_proofs
from ronghe.trust.rdf import quads_of
from ronghe.trust.status_list import StatusEntry, StatusSource, check_entry
from ronghe.trust.times import timestamp
from ronghe.trust.verdicts import Check, CheckName, Verdict

EQF = "European Qualifications Framework"
WORKER_LEVELS = "新八级工 / Eight-level worker"
_EQF_LEVELS = range(1, 9)
_WORKER_LEVELS = range(1, 9)
# A named-information address (RFC 6920) carries the root of the path in a term that every wallet knows.
_PATH_PREFIX = "ni:///sha-256;"
_PATH_SIZE = "?size="
_PATH_GENRE = "ronghe-path-v1"
_CREDENTIALS = "https://www.w3.org/2018/credentials#"
_READ_FROM_JSON = ("validFrom", "validUntil", "credentialStatus", "issuer")
_NO_PATH = "the path that the certificate commits to is not in its form"
_PATH_NAME = "成长路径 / Path"


class CredentialError(ValueError):
    """Something that makes no certificate; the message says what to mend."""


@dataclass(frozen=True, slots=True)
class SkillReference:
    """A skill as a framework lists it: its names, its address there, and the framework's name."""

    name_zh: str
    name_en: str
    url: str
    framework: str = ""
    code: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the skill as an Open Badges alignment."""
        return _alignment(_both(self.name_zh, self.name_en), self.url, self.framework, self.code)


@dataclass(frozen=True, slots=True)
class Achievement:
    """What was achieved: names, descriptions and criteria in both languages, levels, and skills."""

    id: str
    name_zh: str
    name_en: str
    criteria_zh: str
    criteria_en: str
    description_zh: str = ""
    description_en: str = ""
    type: str = "Certificate"
    worker_level: int | None = None
    eqf_level: int | None = None
    skills: tuple[SkillReference, ...] = ()

    def __post_init__(self) -> None:
        if not (self.name_zh or self.name_en) or not (self.criteria_zh or self.criteria_en):
            raise CredentialError("an achievement has a name and criteria")
        if self.worker_level is not None and self.worker_level not in _WORKER_LEVELS:
            raise CredentialError("a worker's level is 1 to 8")
        if self.eqf_level is not None and self.eqf_level not in _EQF_LEVELS:
            raise CredentialError("a level of the EQF is 1 to 8")

    def as_json(self) -> dict[str, Any]:
        """Return the achievement of Open Badges 3.0; Chinese stands before English in every text."""
        name = _both(self.name_zh, self.name_en)
        value: dict[str, Any] = {
            "id": self.id,
            "type": ["Achievement"],
            "achievementType": self.type,
            "name": name,
            "description": _both(self.description_zh, self.description_en) or name,
            "criteria": {"narrative": _both(self.criteria_zh, self.criteria_en)},
        }
        alignments = []
        if self.worker_level is not None:
            level = str(self.worker_level)
            alignments.append(
                _alignment(f"{level}级 / Level {level}", f"urn:ronghe:worker-level:{level}", WORKER_LEVELS, level)
            )
        if self.eqf_level is not None:
            level = str(self.eqf_level)
            alignments.append(_alignment(f"EQF {level}", f"http://data.europa.eu/snb/eqf/{level}", EQF, level))
        alignments += [skill.as_json() for skill in self.skills]
        if alignments:
            value["alignment"] = alignments
        return value


def _both(zh: str, en: str) -> str:
    return " / ".join(part for part in (zh, en) if part)


def _alignment(name: str, url: str, framework: str, code: str) -> dict[str, str]:
    value = {"type": "Alignment", "targetName": name, "targetUrl": url}
    if framework:
        value["targetFramework"] = framework
    if code:
        value["targetCode"] = code
    return value


@dataclass(frozen=True, slots=True)
class Subject:
    """The holder: an address of theirs or none, a salted hash of who they are, and their name masked."""

    identity_hash: str
    salt: str
    masked_name: str = ""
    id: str | None = None
    identity_type: str = "sourcedId"

    @classmethod
    def of(
        cls,
        identity: str,
        *,
        salt: str,
        masked_name: str = "",
        id: str | None = None,
        identity_type: str = "sourcedId",
    ) -> "Subject":
        """Return the subject who is known as `identity`, such as a student number, which only its hash shows."""
        return cls(identity_hash(identity, salt), salt, masked_name, id, identity_type)

    def as_json(self, achievement: Achievement) -> dict[str, Any]:
        """Return the AchievementSubject of Open Badges 3.0."""
        value: dict[str, Any] = {"type": ["AchievementSubject"]}
        if self.id is not None:
            value["id"] = self.id
        if self.masked_name:
            value["name"] = self.masked_name
        value["identifier"] = [
            {
                "type": "IdentityObject",
                "hashed": True,
                "identityHash": self.identity_hash,
                "identityType": self.identity_type,
                "salt": self.salt,
            }
        ]
        value["achievement"] = achievement.as_json()
        return value


def identity_hash(identity: str, salt: str) -> str:
    """Return the hash of an identity as Open Badges 3.0 (§B.1.14) writes it: of the identity followed by the salt."""
    return "sha256$" + hashlib.sha256((identity + salt).encode()).hexdigest()


def build_credential(
    *,
    id: str,
    issuer: str,
    issuer_name: str,
    subject: Subject,
    achievement: Achievement,
    valid_from: datetime,
    valid_until: datetime | None = None,
    status: StatusEntry | None = None,
    path: PathRoot | None = None,
    evidence: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the unsigned certificate; `issuer` is a DID. Raises `CredentialError` for what would not verify."""
    credential: dict[str, Any] = {
        "@context": [VC_V2, OPEN_BADGES],
        "id": id,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": {"id": issuer, "type": ["Profile"], "name": issuer_name},
        "name": _both(achievement.name_zh, achievement.name_en),
        "validFrom": timestamp(valid_from),
    }
    if valid_until is not None:
        credential["validUntil"] = timestamp(valid_until)
    credential["credentialSubject"] = subject.as_json(achievement)
    shown = [dict(entry) for entry in evidence]
    if path is not None:
        address = f"{_PATH_PREFIX}{_base64url(path.root)}{_PATH_SIZE}{path.size}"
        shown.append({"id": address, "type": ["Evidence"], "genre": _PATH_GENRE, "name": _PATH_NAME})
    if shown:
        credential["evidence"] = shown
    if status is not None:
        credential["credentialStatus"] = status.as_json()
    try:
        check_credential(credential)
        check_badge(credential)
    except FormError as error:
        raise CredentialError(str(error)) from None
    return credential


def path_root_of(document: Mapping[str, Any]) -> PathRoot | None:
    """Return the root of the path that a certificate commits to, or None; raises `CredentialError`."""
    found = [
        entry
        for entry in as_list(document.get("evidence", []))
        if isinstance(entry, dict) and entry.get("genre") == _PATH_GENRE
    ]
    if not found:
        return None
    address, _, size = str(found[0].get("id", "")).removeprefix(_PATH_PREFIX).partition(_PATH_SIZE)
    try:
        root = PathRoot(base64.b64decode(address + "=", altchars=b"-_", validate=True), int(size))
    except (ValueError, PathError):
        raise CredentialError(_NO_PATH) from None
    # Spare bits, signs and leading zeroes would be second spellings of one root.
    if len(found) > 1 or found[0]["id"] != f"{_PATH_PREFIX}{_base64url(root.root)}{_PATH_SIZE}{root.size}":
        raise CredentialError(_NO_PATH)
    return root


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


@dataclass(frozen=True, slots=True)
class Policy:
    """What one asks of a credential: which proofs, whether it is an Open Badge, what its vocabulary may be."""

    required_suites: Collection[str] = SUITES
    badge: bool = True
    inline_contexts: bool = False
    status: bool = True
    implied_context: bool = False
    repeated_proofs: bool = False


OURS = Policy()
ANY = Policy(required_suites=(), badge=False, inline_contexts=True, implied_context=True, repeated_proofs=True)
"""Any verifiable credential of the standard, as a VC-API endpoint takes it."""


def verify_credential(
    document: Any,
    *,
    resolver: KeyResolver,
    at: datetime,
    policy: Policy = OURS,
    status: StatusSource | None = None,
    challenge: str | None = None,
    domain: str | Collection[str] | None = None,
) -> list[Check]:
    """Answer, in this order, on form, issuer, signature (one answer a proof), integrity, validity and status.

    A document that is no credential gets the one answer on its form. Without a source of status lists the question of
    status stays unknown, unless `policy.status` does not ask it (a bundle staples its status). The proofs must be over
    the challenge and the domains that are given.
    """
    try:
        check_credential(document, inline_contexts=policy.inline_contexts)
        if policy.badge:
            check_badge(document)
            path_root_of(document)
        begins, ends = validity(document)
        issuer = address_of(document["issuer"], "issuer")
    except (FormError, CredentialError) as error:
        return [Check.invalid(CheckName.FORM, "form-is-broken", str(error))]
    checks = [Check.valid(CheckName.FORM, "form-holds")]
    known = resolver.knows(issuer)
    checks.append(
        Check.valid(CheckName.ISSUER, "issuer-is-trusted", issuer)
        if known
        else Check.unknown(CheckName.ISSUER, "issuer-is-unknown", issuer)
    )
    proofs = verify_proofs(
        document,
        resolver=resolver,
        at=at,
        required=policy.required_suites,
        challenge=challenge,
        domain=domain,
        controller=issuer,
        implied_context=policy.implied_context,
        repeats=policy.repeated_proofs,
    )
    checks += proofs
    if all(check.verdict is Verdict.VALID for check in proofs):
        checks.append(_check_integrity(document))
    checks.append(_check_validity(begins, ends, at))
    if policy.status:
        checks += check_status(document, issuer=issuer, resolver=resolver, at=at, source=status, policy=policy)
    return checks


def _check_integrity(document: Mapping[str, Any]) -> Check:
    """Check that what is read from the JSON is what a signature over its graph alone covers.

    The same graph can be written with validUntil or credentialStatus under another name or in another place, where
    nobody looks for it: whoever signs the graph alone has them exactly where they belong. A jcs proof settles it.
    """
    integrity = CheckName.INTEGRITY
    if not any(proof.get("cryptosuite") == JCS for proof in as_list(document["proof"])):
        unsecured = {name: value for name, value in document.items() if name != "proof"}
        stated = Counter(predicate for _, predicate, _, _ in quads_of(unsecured))
        for name in _READ_FROM_JSON:
            expected = len(as_list(document[name])) if name in document else 0
            if stated[f"<{_CREDENTIALS}{name}>"] != expected:
                return Check.invalid(integrity, "integrity-is-broken", f"{name} stands elsewhere than it belongs")
    return Check.valid(integrity, "integrity-holds")


def _check_validity(begins: datetime | None, ends: datetime | None, at: datetime) -> Check:
    if begins is not None and at < begins:
        return Check.invalid(CheckName.VALIDITY, "validity-has-not-begun", f"valid from {timestamp(begins)}")
    if ends is not None and at > ends:
        return Check.invalid(CheckName.VALIDITY, "validity-has-ended", f"valid until {timestamp(ends)}")
    return Check.valid(CheckName.VALIDITY, "validity-holds")


def check_status(
    document: Mapping[str, Any],
    *,
    issuer: str,
    resolver: KeyResolver,
    at: datetime,
    source: StatusSource | None,
    policy: Policy,
) -> list[Check]:
    """Answer on the status of a credential in good form, an answer an entry; its proofs are not looked at."""
    entries = as_list(document.get("credentialStatus", []))
    if not entries:
        # A certificate of ours always has a slot; others' credentials need none.
        make, code = (Check.unknown, "status-is-not-stated") if policy.badge else (Check.valid, "status-is-good")
        return [make(CheckName.STATUS, code, "it has no status")]
    checks = []
    for entry in entries:
        if policy.badge or "BitstringStatusListEntry" in types_of(entry):
            address = str(entry.get("statusListCredential", ""))
            found = source.get(address) if source is not None else None
            suites = policy.required_suites
            checks.append(check_entry(entry, found, resolver=resolver, at=at, issuer=issuer, required_suites=suites))
        else:
            checks.append(Check.unknown(CheckName.STATUS, "status-list-is-unavailable", "a status of another kind"))
    return checks
