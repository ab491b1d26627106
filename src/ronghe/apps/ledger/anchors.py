"""The chain and the time-stamping authority that the settings name. Imported only by who asks them.

Both are off unless named. `RONGHE_ANCHOR_URL` is a node of an EVM chain, `RONGHE_ANCHOR_KEY` (64 hexadecimal digits) or
`RONGHE_ANCHOR_KEY_FILE` (PEM, secp256k1) the account that owns the contract, `RONGHE_ANCHOR_CONTRACT` its address;
`RONGHE_TIMESTAMP_URL` is an authority of RFC 3161, `RONGHE_TIMESTAMP_CERTIFICATES` the PEM file of its chain.
"""

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings

from ronghe.apps.ledger.errors import AnchorUnavailable
from ronghe.runners.evm import ChainError, Node, Sender
from ronghe.trust.timestamp import TimestampAuthority, TimestampTokenError

_KEY_BYTES, _ADDRESS_BYTES = 32, 20


def node() -> Node:
    """Return the node of the chain; raises `AnchorUnavailable`."""
    if not settings.RONGHE_ANCHOR_URL:
        raise AnchorUnavailable("anchoring is off: name a node of the chain in RONGHE_ANCHOR_URL")
    try:
        return Node(settings.RONGHE_ANCHOR_URL)
    except ChainError as error:
        raise AnchorUnavailable(f"RONGHE_ANCHOR_URL: {error}") from error


def sender() -> Sender:
    """Return the account that owns the contract; raises `AnchorUnavailable`."""
    secret = _key_of_file() if settings.RONGHE_ANCHOR_KEY_FILE else _hex(settings.RONGHE_ANCHOR_KEY)
    if len(secret) != _KEY_BYTES:
        raise AnchorUnavailable("give the account's key: RONGHE_ANCHOR_KEY_FILE (PEM) or RONGHE_ANCHOR_KEY (64 digits)")
    try:
        return Sender.of_secret(secret)
    except ValueError as error:
        raise AnchorUnavailable(f"the account's key is none of secp256k1: {error}") from error


def contract() -> bytes:
    """Return the address of this log's contract; raises `AnchorUnavailable`."""
    address = _hex(settings.RONGHE_ANCHOR_CONTRACT)
    if len(address) != _ADDRESS_BYTES:
        raise AnchorUnavailable("name the contract in RONGHE_ANCHOR_CONTRACT: `ronghe ledger anchor deploy` makes one")
    return address


def authority() -> TimestampAuthority:
    """Return the time-stamping authority whose stamps are kept; raises `AnchorUnavailable`."""
    if not settings.RONGHE_TIMESTAMP_URL or not settings.RONGHE_TIMESTAMP_CERTIFICATES:
        raise AnchorUnavailable(
            "time stamps are off: name an authority in RONGHE_TIMESTAMP_URL and the file with its certificates in "
            "RONGHE_TIMESTAMP_CERTIFICATES"
        )
    try:
        return TimestampAuthority.of_pem(Path(settings.RONGHE_TIMESTAMP_CERTIFICATES).read_bytes())
    except (OSError, TimestampTokenError) as error:
        raise AnchorUnavailable(f"RONGHE_TIMESTAMP_CERTIFICATES: {error}") from error


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text.strip().removeprefix("0x"))
    except ValueError:
        return b""


def _key_of_file() -> bytes:
    path = Path(settings.RONGHE_ANCHOR_KEY_FILE)
    try:
        key = load_pem_private_key(path.read_bytes(), settings.RONGHE_ANCHOR_KEY_PASSPHRASE.encode() or None)
    except (OSError, ValueError, TypeError) as error:
        raise AnchorUnavailable(f"the account's key in {path} cannot be read: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256K1):
        raise AnchorUnavailable(f"the key in {path} is none of secp256k1")
    return key.private_numbers().private_value.to_bytes(_KEY_BYTES, "big")
