"""A signed receipt of a verification: which file was checked, when, by whom, and what each check came to.

It proves what the verifier said then, not that the certificate is good today.
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from ronghe.trust import statement
from ronghe.trust.did import KeyResolver
from ronghe.trust.proof import DataSigner
from ronghe.trust.statement import StatementError
from ronghe.trust.times import TimestampError, parse_timestamp, timestamp
from ronghe.trust.verdicts import Check, CheckName, Report, Verdict

FORMAT = "ronghe-receipt-v1"
_MEMBERS = {"checked_at", "checks", "digest", "format", "key", "required", "signature", "verdict", "verifier"}


class ReceiptError(ValueError):
    """A receipt that was not signed as it says, or that contradicts itself."""


def findings(data: bytes, report: Report, *, at: datetime) -> dict[str, Any]:
    """Return what a receipt will say of the file `data` that was checked at `at`, not signed yet."""
    return {
        "checked_at": timestamp(at),
        "checks": [check.as_json() for check in report.checks],
        "digest": hashlib.sha256(data).hexdigest(),
        "required": sorted(report.required),
        "verdict": str(report.verdict),
    }


def signed(found: Mapping[str, Any], *, verifier: str, signer: DataSigner) -> dict[str, Any]:
    """Return the receipt of `findings`, signed for `verifier` (a name)."""
    return statement.sign(FORMAT, {**found, "verifier": verifier}, signer)


def receipt(data: bytes, report: Report, *, at: datetime, verifier: str, signer: DataSigner) -> dict[str, Any]:
    """Return the receipt for the file `data` that `verifier` (a name) checked at `at`."""
    return signed(findings(data, report, at=at), verifier=verifier, signer=signer)


def verify_receipt(value: Any, *, resolver: KeyResolver, at: datetime, data: bytes | None = None) -> Report:
    """Return the report that a receipt states; raises `ReceiptError`. With `data`, it must be for that file."""
    if not isinstance(value, dict) or set(value) != _MEMBERS:
        raise ReceiptError(f"a receipt has {', '.join(sorted(_MEMBERS))}, nothing else")
    try:
        checked_at = parse_timestamp(value["checked_at"])
        statement.check_signature(FORMAT, value, resolver, signed_at=checked_at, at=at)
        report = Report(tuple(_check(one) for one in value["checks"]), _names(value["required"]))
    except (StatementError, TimestampError, TypeError, KeyError, ValueError) as error:
        raise ReceiptError(f"the receipt does not hold: {error}") from error
    if report.verdict != value["verdict"]:
        raise ReceiptError("the receipt's verdict is not that of its checks")
    if data is not None and hashlib.sha256(data).hexdigest() != value["digest"]:
        raise ReceiptError("the receipt is for another file")
    return report


def _check(value: Any) -> Check:
    return Check(CheckName(value["check"]), Verdict(value["verdict"]), value["code"], str(value["detail"]))


def _names(values: Collection[str]) -> frozenset[CheckName]:
    return frozenset(CheckName(value) for value in values)
