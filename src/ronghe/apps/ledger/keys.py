"""The ledger's keys: the one that signs checkpoints and the one that authenticates events. Neither is in the database.

Settings: `RONGHE_LEDGER_KEY` (an Ed25519 seed, 32 bytes in base64) or `RONGHE_LEDGER_KEY_FILE` (PKCS #8 PEM, which
`RONGHE_LEDGER_KEY_PASSPHRASE` opens if it is encrypted; default `<data>/keys/ledger.pem`). The event key is derived
from the log's first key, unless `RONGHE_LEDGER_EVENT_KEY` (32 bytes in base64) is given: then only the sealer needs the
signing key. Beside the key file lie, while the log's key is being changed, the next key (`.next`), and, once it was
changed, the event key that was derived from the first one (`.event`).
"""

import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from django.conf import settings

from ronghe.apps.ledger.errors import KeyUnavailable
from ronghe.trust.checkpoint import (
    Checkpoint,
    NoteError,
    SignedNote,
    SignerKey,
    VerifierKey,
    decode_base64,
    encode_base64,
)

KEY_SIZE = 32


class Signer(Protocol):
    """What the sealer needs to sign: a key in memory here, a signing service or an HSM elsewhere."""

    def verifier(self) -> VerifierKey:
        """Return the public key that the signatures hold under."""

    def sign(self, checkpoint: Checkpoint, *, time: int) -> SignedNote:
        """Return the signed note of `checkpoint` at `time` (seconds since 1970, UTC)."""


def origin() -> str:
    """Return the log's name, the first line of its checkpoints."""
    return str(settings.RONGHE_LEDGER_ORIGIN)


def signer() -> Signer:
    """Return the signing key; makes one for a log that has no event yet. Raises `KeyUnavailable`."""
    return SignerKey(origin(), _signing_key())


def event_key() -> bytes:
    """Return the key that authenticates events and leaves; raises `KeyUnavailable`."""
    if given := settings.RONGHE_LEDGER_EVENT_KEY:
        return _decode_key(given, "RONGHE_LEDGER_EVENT_KEY")
    return _kept_event_key(str(_key_path())) or _derived_event_key(_signing_key())


def next_signer(*, make: bool = False) -> Signer:
    """Return the key that is to follow; with `make`, one is made where there is none. Raises `KeyUnavailable`."""
    if settings.RONGHE_LEDGER_KEY:
        raise KeyUnavailable(
            "the log's key is in RONGHE_LEDGER_KEY, where no command can change it. Write it into a file by "
            "`ronghe ledger key --to-file FILE`, set RONGHE_LEDGER_KEY_FILE=FILE in the place of RONGHE_LEDGER_KEY "
            "for all processes, and begin again"
        )
    path = _beside(".next")
    if not path.exists():
        if not make:
            raise KeyUnavailable("no next key is prepared; run `ronghe ledger rotate-key --prepare` first")
        _write_key(path, settings.RONGHE_LEDGER_KEY_PASSPHRASE)
    return SignerKey(origin(), _read_key(path, settings.RONGHE_LEDGER_KEY_PASSPHRASE))


def write_to_file(path: Path) -> None:
    """Write the key that the environment holds into a file, as `RONGHE_LEDGER_KEY_FILE` takes it.

    It stays the same key, and the event key derived from it too. Raises `KeyUnavailable`.
    """
    if not settings.RONGHE_LEDGER_KEY:
        raise KeyUnavailable(f"the log's key is in a file already: {_key_path()}")
    if path.exists():
        raise KeyUnavailable(f"{path} is there already and is not overwritten; name another file")
    _write_key(path, settings.RONGHE_LEDGER_KEY_PASSPHRASE, _signing_key())


def keep_event_key() -> None:
    """Write down the event key before the key that it is derived from goes: what was recorded authenticates by it."""
    path = _beside(".event")
    if settings.RONGHE_LEDGER_EVENT_KEY or path.exists():
        return
    _write_once(path, encode_base64(event_key()).encode())
    forget()


def is_next(verifier: VerifierKey) -> bool:
    """Say whether `verifier` is the public half of the next key that lies here."""
    return not settings.RONGHE_LEDGER_KEY and _beside(".next").exists() and next_signer().verifier() == verifier


def take_next() -> None:
    """Put the next key in the place of the one that signed until now, whose private half is gone then."""
    _beside(".next").replace(_key_path())
    forget()


def forget() -> None:
    """Read the files anew: another process may have changed the key."""
    _key_of_file.cache_clear()
    _kept_event_key.cache_clear()


def _key_path() -> Path:
    return Path(settings.RONGHE_LEDGER_KEY_FILE or f"{settings.RONGHE_DATA_DIR}/keys/ledger.pem")


def _beside(ending: str) -> Path:
    path = _key_path()
    return path.with_name(path.name + ending)


@lru_cache(maxsize=8)
def _kept_event_key(name: str) -> bytes | None:
    path = Path(f"{name}.event")
    if not path.exists():
        return None
    try:
        return _decode_key(path.read_text(encoding="ascii"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise KeyUnavailable(f"the event key in {path} cannot be read ({error}); restore it from the backup") from error


def _signing_key() -> Ed25519PrivateKey:
    if given := settings.RONGHE_LEDGER_KEY:
        return _key_of_seed(given)
    return _key_of_file(str(_key_path()), settings.RONGHE_LEDGER_KEY_PASSPHRASE)


def _decode_key(text: str, name: str) -> bytes:
    try:
        key = decode_base64(text, name)
    except NoteError as error:
        raise KeyUnavailable(str(error)) from None
    if len(key) != KEY_SIZE:
        raise KeyUnavailable(f"{name} must be {KEY_SIZE} bytes in base64; it has {len(key)}")
    return key


@lru_cache(maxsize=8)
def _key_of_seed(text: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_decode_key(text, "RONGHE_LEDGER_KEY"))


@lru_cache(maxsize=8)
def _derived_event_key(signing_key: Ed25519PrivateKey) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=KEY_SIZE, salt=None, info=b"ronghe ledger event key v1")
    return derivation.derive(signing_key.private_bytes_raw())


@lru_cache(maxsize=8)
def _key_of_file(name: str, passphrase: str) -> Ed25519PrivateKey:
    path = Path(name)
    if not path.exists():
        _make_key_file(path, passphrase)
    return _read_key(path, passphrase)


def _read_key(path: Path, passphrase: str) -> Ed25519PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), passphrase.encode() or None)
    except (OSError, ValueError, TypeError) as error:
        raise KeyUnavailable(
            f"the ledger's key in {path} cannot be read ({error}); "
            "check the file and RONGHE_LEDGER_KEY_PASSPHRASE, or restore it from the backup"
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyUnavailable(f"the key in {path} is not an Ed25519 key")
    return key


def _make_key_file(path: Path, passphrase: str) -> None:
    """Write the log's first key to `path`."""
    from ronghe.apps.ledger.models import Event

    if Event.objects.exists():
        raise KeyUnavailable(
            f"the ledger has events but its key {path} is missing; restore the key from the backup, "
            "or name it in RONGHE_LEDGER_KEY_FILE"
        )
    _write_key(path, passphrase)


def _write_key(path: Path, passphrase: str, key: Ed25519PrivateKey | None = None) -> None:
    """Write a key, a new one unless it is given."""
    encryption: KeySerializationEncryption = (
        BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    )
    written = key or Ed25519PrivateKey.generate()
    _write_once(path, written.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))


def _write_once(path: Path, data: bytes) -> None:
    """Write `path`, readable by its owner only; whoever comes second leaves the first one's in place."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        # Another process was quicker; both must use the same key.
        return
    finally:
        draft.unlink()
