"""Whether a document has the form of a W3C verifiable credential or presentation (2.0) and of an Open Badge 3.0.

Form only: signatures, trust and status are checked elsewhere, and words no vocabulary defines by the proofs.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from ronghe.trust.contexts import VC_V2, pinned_bytes
from ronghe.trust.digests import digest_matches
from ronghe.trust.proof import is_address
from ronghe.trust.times import TimestampError, parse_timestamp

OPEN_BADGE_PREFIX = "https://purl.imsglobal.org/spec/ob/v3p0/context"
BADGE_TYPES = frozenset({"AchievementCredential", "OpenBadgeCredential"})
"""Two names of one type; the second is what strict verifiers take."""
_LANGUAGE_KEYS = frozenset({"@value", "@language", "@direction"})
_MAX_ENTRIES = 1000
_TYPED = (
    "credentialStatus",
    "termsOfUse",
    "evidence",
    "refreshService",
    "proof",
    "renderMethod",
    "confidenceMethod",
)


class FormError(ValueError):
    """A document that is no credential or presentation; the message says which statement it breaks."""


def _require(condition: object, message: str) -> None:
    if not condition:
        raise FormError(message)


def as_list(value: Any) -> list[Any]:
    """Return a set with one or many members as a list."""
    return value if isinstance(value, list) else [value]


def types_of(value: Mapping[str, Any]) -> list[Any]:
    """Return the types of an object."""
    return as_list(value.get("type", []))


def _context(document: Mapping[str, Any], *, inline: bool) -> None:
    context = document.get("@context")
    _require(
        isinstance(context, list) and context and context[0] == VC_V2, f"@context is a list that starts with {VC_V2}"
    )
    for entry in as_list(context)[1:]:
        if isinstance(entry, dict):
            _require(inline, "@context has a vocabulary of its own, which is not trusted here")
        else:
            _require(is_address(entry), "@context is made of addresses" + (" and objects" if inline else ""))


def _identifier(value: Mapping[str, Any], where: str) -> None:
    if "id" in value:
        _require(is_address(value["id"]), f"the id of {where} is one address")


def _types(value: Mapping[str, Any], where: str, required: str | None = None) -> None:
    types = types_of(value)
    _require(types and all(isinstance(kind, str) and kind for kind in types), f"{where} has a type")
    _require(len(set(types)) == len(types), f"{where} has one type twice")
    _require(required is None or required in types, f"{where} has the type {required}")


def _words(value: Mapping[str, Any], where: str) -> None:
    """Check names and descriptions: texts, or texts with language and direction (§11.1)."""
    for name in ("name", "description"):
        if name not in value:
            continue
        entries = as_list(value[name])
        _require(entries, f"{name} of {where} is empty")
        for entry in entries:
            if isinstance(entry, dict):
                good = isinstance(entry.get("@value"), str) and _LANGUAGE_KEYS.issuperset(entry)
                good = good and all(isinstance(inner, str) for inner in entry.values())
                good = good and entry.get("@direction", "ltr") in ("ltr", "rtl")
                _require(good, f"{name} of {where} is a text, or @value with @language and @direction")
            else:
                _require(isinstance(entry, str), f"{name} of {where} is a text")


def _objects(
    document: Mapping[str, Any],
    name: str,
    check: Callable[[Mapping[str, Any], str], None] | None = None,
    *,
    least: int = 1,
) -> Iterable[Mapping[str, Any]]:
    """Return the objects of a member after checking each; nothing where the member is absent."""
    if name not in document:
        return []
    entries = as_list(document[name])
    _require(least <= len(entries) <= _MAX_ENTRIES, f"{name} has none or too many entries")
    for entry in entries:
        _require(isinstance(entry, dict) and entry, f"{name} is made of objects")
        _identifier(entry, name)
        if check is not None:
            check(entry, name)
    return entries


def _typed(entry: Mapping[str, Any], name: str) -> None:
    _types(entry, name)


def _moment(document: Mapping[str, Any], name: str) -> datetime | None:
    if name not in document:
        return None
    try:
        return parse_timestamp(document[name])
    except TimestampError as error:
        raise FormError(f"{name}: {error}") from None


def validity(document: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Return from when and until when a credential is valid; raises `FormError`."""
    begins, ends = _moment(document, "validFrom"), _moment(document, "validUntil")
    _require(begins is None or ends is None or begins <= ends, "validUntil lies before validFrom")
    return begins, ends


def address_of(value: Any, where: str) -> str:
    """Return the address of an issuer or holder, which is one itself or an object with one as id."""
    identifier = value.get("id") if isinstance(value, dict) else value
    _require(is_address(identifier), f"{where} is an address, or an object with one as id")
    if isinstance(value, dict):
        _words(value, where)
        if "type" in value:
            _types(value, where)
    return str(identifier)


def _schema(entry: Mapping[str, Any], name: str) -> None:
    _types(entry, name)
    _require("id" in entry, f"{name} has an address as id")


def _related(entry: Mapping[str, Any], name: str) -> None:
    _require("id" in entry, f"{name} has an address as id")
    digests = [entry[key] for key in ("digestSRI", "digestMultibase") if key in entry]
    _require(digests and all(isinstance(digest, str) and digest for digest in digests), f"{name} has a digest")
    _require(isinstance(entry.get("mediaType", ""), str), f"mediaType of {name} is a text")
    held = pinned_bytes(str(entry["id"]))
    if held is not None:
        # Of what is at hand the digests are checked (§5.3); nothing is fetched for the others.
        _require(all(digest_matches(digest, held) for digest in digests), f"a digest of {name} is of another resource")


def _subject(entry: Mapping[str, Any], name: str) -> None:
    _words(entry, name)
    if "type" in entry:
        _types(entry, name)


def check_credential(document: Any, *, inline_contexts: bool = False) -> None:
    """Check that `document` is a credential as vc-data-model-2.0 §4 has it; raises `FormError`."""
    _require(isinstance(document, dict), "a credential is an object")
    _context(document, inline=inline_contexts)
    _identifier(document, "the credential")
    _types(document, "the credential", "VerifiableCredential")
    _words(document, "the credential")
    _require("issuer" in document, "issuer is missing")
    address_of(document["issuer"], "issuer")
    _require("credentialSubject" in document, "credentialSubject is missing")
    list(_objects(document, "credentialSubject", _subject))
    validity(document)
    for name in _TYPED:
        _objects(document, name, _typed)
    _objects(document, "credentialSchema", _schema)
    related = [entry["id"] for entry in _objects(document, "relatedResource", _related)]
    _require(len(set(related)) == len(related), "relatedResource names one resource twice")


def check_presentation(document: Any, *, inline_contexts: bool = False) -> None:
    """Check that `document` is a presentation as vc-data-model-2.0 §4.13 has it; raises `FormError`."""
    _require(isinstance(document, dict), "a presentation is an object")
    _context(document, inline=inline_contexts)
    _identifier(document, "the presentation")
    _types(document, "the presentation", "VerifiablePresentation")
    if "holder" in document:
        address_of(document["holder"], "holder")
    _objects(document, "termsOfUse", _typed)
    _objects(document, "proof", _typed)
    for entry in _objects(document, "verifiableCredential", _typed, least=0):
        if "EnvelopedVerifiableCredential" in types_of(entry):
            _require(str(entry.get("id", "")).startswith("data:"), "an enveloped credential is a data: address")
            _require(VC_V2 in as_list(entry.get("@context")), f"an enveloped credential has {VC_V2} as @context")
        else:
            _require("VerifiableCredential" in types_of(entry), "verifiableCredential is made of credentials")


def check_badge(document: Mapping[str, Any]) -> None:
    """Check what Open Badges 3.0 (§B.1.1) asks of an AchievementCredential beyond a credential; raises `FormError`."""
    contexts = document["@context"]
    _require(
        len(contexts) > 1 and str(contexts[1]).startswith(OPEN_BADGE_PREFIX), "@context goes on with Open Badges 3.0"
    )
    _require(BADGE_TYPES.intersection(types_of(document)), "the type is no Open Badge")
    _require("id" in document, "a badge has an id")
    _require("validFrom" in document, "a badge has validFrom")
    issuer = document["issuer"]
    if isinstance(issuer, dict):
        _types(issuer, "issuer", "Profile")
    for subject in as_list(document["credentialSubject"]):
        _types(subject, "credentialSubject", "AchievementSubject")
        achievement = subject.get("achievement")
        _require(isinstance(achievement, dict), "credentialSubject has an achievement")
        _achievement(achievement)
        for entry in as_list(subject.get("identifier", [])):
            _require(isinstance(entry, dict), "identifier is made of objects")
            _types(entry, "identifier", "IdentityObject")
            _require(isinstance(entry.get("hashed"), bool), "identifier says whether it is hashed")
            _require(isinstance(entry.get("identityHash"), str), "identifier has its hash")
    for evidence in as_list(document.get("evidence", [])):
        _types(evidence, "evidence", "Evidence")


def _achievement(achievement: Mapping[str, Any]) -> None:
    _types(achievement, "achievement", "Achievement")
    _require(is_address(achievement.get("id")), "the id of an achievement is an address")
    for name in ("name", "description"):
        _require(isinstance(achievement.get(name), str) and achievement[name], f"an achievement has a {name}")
    criteria = achievement.get("criteria")
    _require(
        isinstance(criteria, dict) and ("narrative" in criteria or "id" in criteria), "an achievement has criteria"
    )
    for alignment in as_list(achievement.get("alignment", [])):
        _require(isinstance(alignment, dict), "alignment is made of objects")
        _types(alignment, "alignment", "Alignment")
        _require(isinstance(alignment.get("targetName"), str), "an alignment has a targetName")
        _require(is_address(alignment.get("targetUrl")), "an alignment has an address as targetUrl")
