"""The standards' JSON-LD contexts, pinned by SHA-256 and read from installed packages; nothing is ever fetched.

The packages only carry the files: none of their code runs here.
"""

import hashlib
import importlib.util
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

VC_V2 = "https://www.w3.org/ns/credentials/v2"
VC_V1 = "https://www.w3.org/2018/credentials/v1"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v2"
MULTIKEY = "https://w3id.org/security/multikey/v1"
DID_V1 = "https://www.w3.org/ns/did/v1"
_BADGES_FOLDER = "ob3/contexts/"
_PYLD_FOLDER = "documentloader/frozen/bundled/"


class ContextError(ValueError):
    """A context that is not pinned here, or whose installed file is not the one that was pinned."""


class _Pin(NamedTuple):
    package: str
    path: str
    sha256: str


PINNED: Mapping[str, _Pin] = {
    VC_V2: _Pin(
        "openbadgeslib",
        f"{_BADGES_FOLDER}credentials-v2.json",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    ),
    OPEN_BADGES: _Pin(
        "openbadgeslib",
        f"{_BADGES_FOLDER}ob-v3p0-context-3.0.3.json",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json": _Pin(
        "openbadgeslib",
        f"{_BADGES_FOLDER}ob-v3p0-context-3.0.2.json",
        "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53",
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json": _Pin(
        "openbadgeslib",
        f"{_BADGES_FOLDER}ob-v3p0-context-3.0.1.json",
        "5f3d9dd6288ef437ff8286cf95ffbff609c748a66f24a1e9450c45ca64be1571",
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json": _Pin(
        "openbadgeslib",
        f"{_BADGES_FOLDER}ob-v3p0-extensions.json",
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
    ),
    DATA_INTEGRITY: _Pin(
        "openbadgeslib",
        f"{_BADGES_FOLDER}security-data-integrity-v2.json",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    ),
    MULTIKEY: _Pin(
        "openbadgeslib",
        f"{_BADGES_FOLDER}security-multikey-v1.json",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
    ),
    DID_V1: _Pin(
        "pyld", f"{_PYLD_FOLDER}did-v1.jsonld", "62c1054bf404d6dd3a4b26b64f830fd72095f6a26edc4469908c94351352ce5f"
    ),
    VC_V1: _Pin(
        "pyld",
        f"{_PYLD_FOLDER}credentials-v1.jsonld",
        "00d7dd6d3ad8b920e3e550dd3a3d9090bffcac84cdbf943da6924b3e0a5c8bb8",
    ),
    "https://w3id.org/security/suites/ed25519-2020/v1": _Pin(
        "pyld",
        f"{_PYLD_FOLDER}security-ed25519-2020-v1.jsonld",
        "b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588",
    ),
}
"""Where each context stands, by its address, and the SHA-256 of the file."""

# Two contexts of the Verifiable Credentials 2.0 recommendation (appendix B.2 and §B.1) say one thing each.
_ONE_LINE: Mapping[str, Mapping[str, Any]] = {
    "https://www.w3.org/ns/credentials/examples/v2": {
        "@context": {"@vocab": "https://www.w3.org/ns/credentials/examples#"}
    },
    "https://www.w3.org/ns/credentials/undefined-terms/v2": {
        "@context": {"@vocab": "https://www.w3.org/ns/credentials/undefined-term#"}
    },
}


def is_pinned(url: str) -> bool:
    """Say whether the context at `url` can be read here."""
    return url in PINNED or url in _ONE_LINE


@cache
def context_bytes(url: str) -> bytes:
    """Return the file of a pinned context as its publisher wrote it; raises `ContextError`."""
    if url in _ONE_LINE:
        return json.dumps(_ONE_LINE[url]).encode()
    pin = PINNED.get(url)
    if pin is None:
        raise ContextError(f"the context {url} is not among those pinned, and none is fetched")
    # Finding a package runs none of its code.
    spec = importlib.util.find_spec(pin.package)
    if spec is None or not spec.submodule_search_locations:
        raise ContextError(f"the package {pin.package}, which carries the context {url}, is not installed")
    data = Path(spec.submodule_search_locations[0], pin.path).read_bytes()
    if hashlib.sha256(data).hexdigest() != pin.sha256:
        raise ContextError(f"the file of {url} in {pin.package} is not the one that was pinned")
    return data


def pinned_bytes(url: str) -> bytes | None:
    """Return the file of a context as its publisher wrote it, or None where it is not at hand."""
    try:
        return context_bytes(url) if url in PINNED else None
    except ContextError:
        return None


@cache
def context_document(url: str) -> dict[str, Any]:
    """Return the parsed context at `url`, to be read only; raises `ContextError`."""
    document: dict[str, Any] = json.loads(context_bytes(url))
    return document
