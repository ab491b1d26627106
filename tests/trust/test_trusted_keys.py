"""The one file that verifying needs: TOML and JSON say the same, and each mistake is named with its mend."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ronghe.trust.anchor import TrustedChain
from ronghe.trust.checkpoint import SignatureType
from ronghe.trust.did import Issuer, IssuerKey
from ronghe.trust.multibase import encode_multikey
from ronghe.trust.trusted_keys import FORMAT, TrustedKeys, TrustError, read_trusted_keys
from tests.trust.bundles import TRUST
from tests.trust.certificates import DID, PUBLIC_KEY
from tests.trust.logs import LOG, WITNESSES

WINDOW = IssuerKey(
    f"{DID}#k1",
    PUBLIC_KEY,
    datetime(2026, 1, 1, tzinfo=UTC),
    datetime(2027, 1, 1, tzinfo=UTC),
    datetime(2026, 6, 1, tzinfo=UTC),
)
CHAIN = TrustedChain(bytes(range(20)), frozenset([b"b" * 32, b"c" * 32]))
FULL = replace(TRUST, issuers=(Issuer(DID, "示例大学", (WINDOW, IssuerKey(f"{DID}#k2", PUBLIC_KEY))),), chains=(CHAIN,))
TOML = f"""
format = "{FORMAT}"
logs = ["{LOG.verifier().encode()}"]
[witnesses]
threshold = 2
keys = {json.dumps([one.verifier().encode(SignatureType.COSIGNATURE_V1) for one in WITNESSES])}
[[issuers]]
did = "{DID}"
name = "示例大学"
[[issuers.keys]]
id = "{DID}#k1"
public_key = "{encode_multikey(PUBLIC_KEY)}"
valid_from = "2026-01-01T00:00:00Z"
valid_until = 2027-01-01T00:00:00Z
revoked_at = "2026-06-01T08:00:00+08:00"
[[issuers.keys]]
id = "{DID}#k2"
public_key = "{encode_multikey(PUBLIC_KEY)}"
[[chains]]
contract = "0x{bytes(range(20)).hex()}"
blocks = ["0x{"62" * 32}", "0x{"63" * 32}"]
"""


@pytest.mark.parametrize("trust", [TRUST, FULL, TrustedKeys()])
def test_what_is_written_as_json_is_read_back(trust):
    assert read_trusted_keys(json.dumps(trust.as_json()).encode()) == trust


def test_toml_says_the_same():
    assert read_trusted_keys(TOML.encode()) == FULL


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("format", "fromat", "says format"),
        (FORMAT, "ronghe-trust-v0", "says format"),
        ("logs = [", "logs = 1 #", "logs is a list"),
        ("logs", "loggs", "loggs means nothing here"),
        (LOG.verifier().encode(), "x", "logs: a verifier key"),
        ("threshold = 2", "threshold = 4", "can never sign"),
        ("threshold = 2", "threshold = true", "whole number"),
        ("threshold = 2", "treshold = 2", "treshold means nothing"),
        ('name = "示例大学"', "", "name is a text"),
        ("#k2", "#k2\nx", "neither TOML nor JSON"),
        (f'id = "{DID}#k2"', 'id = "did:web:other#k2"', "its id begins with the DID"),
        ("z6Mk", "z7Mk", "a key of"),
        ("2026-01-01T00:00:00Z", "January", "is no moment"),
        ("[witnesses]", "[witness]", "witness means nothing"),
        ('contract = "0x00', 'contract = "0x', "40 hexadecimal digits"),
        ('blocks = ["0x62', 'blocks = ["0xzz', "64 hexadecimal digits"),
        ("contract =", "kontract =", "kontract means nothing"),
    ],
)
def test_each_mistake_is_named(before, after, why):
    assert before in TOML
    with pytest.raises(TrustError, match=why):
        read_trusted_keys(TOML.replace(before, after, 1 if before != "z6Mk" else -1).encode())


@pytest.mark.parametrize("data", [b"", b"\xff", b"{", b"[1]", b"{}", b"[" * 100_000, b"{" + b'"a":' * 5])
def test_what_is_no_file_of_trusted_keys_is_refused(data):
    with pytest.raises(TrustError):
        read_trusted_keys(data)
