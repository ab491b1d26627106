"""Opens and seals the private keys of issuers, and makes signers of them. The key they are sealed under is no row.

Sealed = 12 bytes of nonce, then AES-256-GCM over the 32 bytes of the Ed25519 seed; the DID and the name of the key are
bound to it, so that a row cannot be moved to another issuer. The sealing key is `RONGHE_CREDENTIALS_KEK` (32 bytes in
base64) or the file `RONGHE_CREDENTIALS_KEK_FILE` (default `<data>/keys/credentials.kek`, made once).
"""

import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.module_loading import import_string

from ronghe.apps.credentials.models import IssuerKey
from ronghe.trust.checkpoint import NoteError, decode_base64, encode_base64
from ronghe.trust.proof import DataSigner, KeySigner

_NONCE = 12
_KEY = 32


class KeyUnavailable(Exception):
    """A key cannot be used; the text says why and what to do."""


def seal(seed: bytes, *, did: str, name: str, under: bytes | None = None) -> bytes:
    """Return the seed sealed under the site's sealing key."""
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(under or sealing_key()).encrypt(nonce, seed, _bound_to(did, name))


def unseal(sealed: bytes, *, did: str, name: str, under: bytes | None = None) -> bytes:
    """Return the seed. Raises `KeyUnavailable` when the sealing key is another one or the row was changed."""
    try:
        return AESGCM(under or sealing_key()).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound_to(did, name))
    except (InvalidTag, ValueError):
        raise KeyUnavailable(
            f"the private key {did}#{name} does not open with this site's sealing key; restore "
            "RONGHE_CREDENTIALS_KEK or its file from the backup that belongs to this database"
        ) from None


def signer_of(key: IssuerKey) -> DataSigner:
    """Return what signs with `key`: the sealed key here, or the signing service of `RONGHE_CREDENTIALS_SIGNER`.

    That setting names a function that takes the `IssuerKey` and returns a `DataSigner`; it is asked for keys whose
    private half is not in the database. Raises `KeyUnavailable`.
    """
    if key.sealed is not None:
        seed = unseal(bytes(key.sealed), did=key.issuer.did, name=key.name)
        private = Ed25519PrivateKey.from_private_bytes(seed)
        if private.public_key().public_bytes_raw() != bytes(key.public_key):
            raise KeyUnavailable(f"the private key of {key.verification_method} is not the one of its public key")
        return KeySigner(private, key.verification_method)
    if service := settings.RONGHE_CREDENTIALS_SIGNER:
        signer: DataSigner = import_string(service)(key)
        return signer
    raise KeyUnavailable(
        f"the private half of {key.verification_method} is not here; name its signing service in "
        "RONGHE_CREDENTIALS_SIGNER, or add a new key to the issuer"
    )


def sealing_key() -> bytes:
    """Return the key that private keys are sealed under; makes one where no private key is sealed yet."""
    if given := settings.RONGHE_CREDENTIALS_KEK:
        return decode_key(given, "RONGHE_CREDENTIALS_KEK")
    return _key_of_file(str(key_file()))


def key_file() -> Path:
    """Return where the sealing key lies when it is not in the environment."""
    return Path(settings.RONGHE_CREDENTIALS_KEK_FILE or f"{settings.RONGHE_DATA_DIR}/keys/credentials.kek")


def decode_key(text: str, name: str) -> bytes:
    """Return the 32 bytes that `text` holds in base64. Raises `KeyUnavailable`."""
    try:
        key = decode_base64(text.strip(), name)
    except NoteError as error:
        raise KeyUnavailable(str(error)) from None
    if len(key) != _KEY:
        raise KeyUnavailable(f"{name} must be {_KEY} bytes in base64; it has {len(key)}")
    return key


@lru_cache(maxsize=8)
def _key_of_file(name: str) -> bytes:
    path = Path(name)
    if not path.exists():
        _make_key_file(path)
    try:
        return decode_key(path.read_text(encoding="ascii"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnavailable(f"the sealing key in {path} cannot be read ({error})") from error


def _make_key_file(path: Path) -> None:
    """Write a new sealing key, readable by its owner only; whoever comes second leaves the first one's in place."""
    if IssuerKey.objects.filter(sealed__isnull=False).exists():
        raise KeyUnavailable(
            f"private keys are sealed but their sealing key {path} is missing; restore it from the backup"
        )
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(encode_base64(secrets.token_bytes(_KEY)))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        draft.unlink()


def _bound_to(did: str, name: str) -> bytes:
    return f"ronghe issuer key v1\n{did}#{name}".encode()
