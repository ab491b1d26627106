"""A receipt states what was checked, and nobody can change a word of it."""

import copy
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ronghe.trust import statement
from ronghe.trust.bundle import verify_bundle
from ronghe.trust.proof import KeySigner
from ronghe.trust.receipt import FORMAT, ReceiptError, receipt, verify_receipt
from ronghe.trust.status_statement import CredentialMark, Status, status_statement
from ronghe.trust.verdicts import Verdict
from tests.trust.bundles import NOW, PARTS, TRUST
from tests.trust.certificates import DID, SIGNER

FILE = PARTS.build(witnesses=())
REPORT = verify_bundle(FILE, trust=TRUST, at=NOW)
GIVEN = receipt(FILE, REPORT, at=NOW, verifier="示例核验点", signer=SIGNER)
RESOLVER = TRUST.resolver()


def test_a_receipt_gives_back_the_report_for_its_file():
    found = verify_receipt(GIVEN, resolver=RESOLVER, at=NOW, data=FILE)
    assert found == REPORT
    assert found.verdict is Verdict.INVALID
    with pytest.raises(ReceiptError, match="another file"):
        verify_receipt(GIVEN, resolver=RESOLVER, at=NOW, data=FILE + b" ")


@pytest.mark.parametrize(
    "change",
    [
        lambda value: value.update(verdict="valid"),
        lambda value: value.update(verifier="另一处"),
        lambda value: value.update(digest="0" * 64),
        lambda value: value.update(checked_at="2026-11-24T08:00:00Z"),
        lambda value: value["checks"][0].update(detail="x"),
        lambda value: value["checks"].pop(),
        lambda value: value["required"].pop(),
        lambda value: value.update(signature=value["signature"][:-4] + "AAA="),
        lambda value: value.update(key=f"{DID}#k9"),
        lambda value: value.update(format="ronghe-status-v1"),
        lambda value: value.update(more=1),
        lambda value: value.pop("key"),
        lambda value: value.update(checks=None),
    ],
)
def test_a_changed_receipt_is_refused(change):
    value = copy.deepcopy(GIVEN)
    change(value)
    with pytest.raises(ReceiptError):
        verify_receipt(value, resolver=RESOLVER, at=NOW)


def test_a_receipt_that_contradicts_itself_is_refused_though_it_is_signed():
    body = {name: inner for name, inner in GIVEN.items() if name not in ("key", "signature", "format")}
    forged = statement.sign(FORMAT, {**body, "verdict": "valid"}, SIGNER)
    with pytest.raises(ReceiptError, match="not that of its checks"):
        verify_receipt(forged, resolver=RESOLVER, at=NOW)


def test_one_kind_of_statement_never_passes_for_another():
    status = status_statement(
        CredentialMark("urn:x", DID, "0" * 64), Status.GOOD, at=NOW, until=NOW + timedelta(days=1), signer=SIGNER
    )
    renamed = {**status, "format": FORMAT}
    with pytest.raises(statement.StatementError):
        statement.check_signature(FORMAT, renamed, RESOLVER, signed_at=NOW, at=NOW)


def test_a_receipt_by_a_stranger_is_refused():
    stranger = KeySigner(Ed25519PrivateKey.generate(), f"{DID}#k1")
    with pytest.raises(ReceiptError, match="not signed by"):
        verify_receipt(
            receipt(FILE, REPORT, at=NOW, verifier="x", signer=stranger), resolver=RESOLVER, at=NOW, data=FILE
        )
