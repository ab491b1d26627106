"""Keys come from the environment or from a file that only its owner can read."""

import base64
import os
import stat

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from ronghe.apps.ledger import keys, services
from ronghe.apps.ledger.errors import KeyUnavailable
from tests.apps.ledger.helpers import record

pytestmark = pytest.mark.django_db


@pytest.fixture
def key_file(settings, tmp_path):
    settings.RONGHE_LEDGER_KEY = ""
    settings.RONGHE_DATA_DIR = tmp_path
    return tmp_path / "keys" / "ledger.pem"


def test_a_new_log_makes_its_key_readable_by_its_owner_only(key_file):
    before = os.umask(0)
    try:
        first = keys.signer().verifier()
    finally:
        os.umask(before)
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(key_file.parent.stat().st_mode) == 0o700
    assert [path.name for path in key_file.parent.iterdir()] == ["ledger.pem"]
    keys._key_of_file.cache_clear()
    assert keys.signer().verifier() == first


def test_a_passphrase_encrypts_the_key_and_is_needed_to_read_it(key_file, settings):
    settings.RONGHE_LEDGER_KEY_PASSPHRASE = "正确的口令"
    first = keys.signer().verifier()
    assert b"ENCRYPTED" in key_file.read_bytes()
    for wrong in ("", "wrong"):
        settings.RONGHE_LEDGER_KEY_PASSPHRASE = wrong
        with pytest.raises(KeyUnavailable, match="PASSPHRASE"):
            keys.signer()
    keys._key_of_file.cache_clear()
    settings.RONGHE_LEDGER_KEY_PASSPHRASE = "正确的口令"
    assert keys.signer().verifier() == first


def test_a_log_with_events_does_not_quietly_get_another_key(key_file, settings):
    record(1)
    keys._key_of_file.cache_clear()
    key_file.unlink()
    with pytest.raises(KeyUnavailable, match="restore the key"):
        services.seal()
    assert not key_file.exists()


def test_a_key_of_another_kind_is_refused(key_file):
    key_file.parent.mkdir()
    other = generate_private_key(SECP256R1())
    key_file.write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(KeyUnavailable, match="not an Ed25519 key"):
        keys.signer()


@pytest.mark.parametrize("value", ["short", base64.b64encode(b"x" * 31).decode(), "é" * 44])
@pytest.mark.parametrize("name", ["RONGHE_LEDGER_KEY", "RONGHE_LEDGER_EVENT_KEY"])
def test_a_malformed_key_in_the_environment_is_refused_by_name(settings, name, value):
    setattr(settings, name, value)
    with pytest.raises(KeyUnavailable, match=name):
        keys.event_key()


def test_an_event_key_of_its_own_spares_the_web_workers_the_signing_key(settings, tmp_path):
    settings.RONGHE_LEDGER_EVENT_KEY = base64.b64encode(b"e" * 32).decode()
    settings.RONGHE_LEDGER_KEY = ""
    settings.RONGHE_LEDGER_KEY_FILE = str(tmp_path / "not here" / "key.pem")
    record(1)
    assert not (tmp_path / "not here").exists()
    with pytest.raises(KeyUnavailable):
        services.seal()


def test_the_derived_event_key_is_not_the_signing_key(settings):
    seed = base64.b64decode(settings.RONGHE_LEDGER_KEY)
    assert keys.event_key() not in (seed, keys.signer().verifier().public_key)
    assert len(keys.event_key()) == 32
