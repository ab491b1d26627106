"""A stapled status: the issuer's signed, dated word on one certificate's slots, instead of the whole list.

It is short-lived: an old one says nothing about today. The lists themselves are `status_list.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from ronghe.trust import statement
from ronghe.trust.did import KeyResolver, did_of
from ronghe.trust.proof import DataSigner
from ronghe.trust.statement import StatementError, UnknownSignerError
from ronghe.trust.times import TimestampError, parse_timestamp, timestamp
from ronghe.trust.verdicts import Check, CheckName

FORMAT = "ronghe-status-v1"
CLOCKS_MAY_DIFFER_BY = timedelta(minutes=5)
_MEMBERS = {"at", "credential", "digest", "format", "key", "signature", "status", "until"}


class Status(StrEnum):
    """What the slots of a certificate say."""

    GOOD = "good"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class CredentialMark:
    """Which certificate a statement is about: its id, its issuer's DID and the SHA-256 of its canonical form."""

    id: str
    issuer: str
    digest: str


def status_statement(
    mark: CredentialMark, status: Status, *, at: datetime, until: datetime, signer: DataSigner
) -> dict[str, Any]:
    """Return the statement that the certificate has `status` at `at`, to be believed until `until`."""
    body = {
        "at": timestamp(at),
        "credential": mark.id,
        "digest": mark.digest,
        "status": str(status),
        "until": timestamp(until),
    }
    return statement.sign(FORMAT, body, signer)


def check_status_statement(stated: Any, mark: CredentialMark, *, resolver: KeyResolver, at: datetime) -> Check:
    """Return what the statement says at `at`: good, suspended, revoked, or unknown when it is out of date."""
    name = CheckName.STATUS
    if stated is None:
        return Check.unknown(name, "status-is-not-stated", "ask the issuer for a file with a current status")
    try:
        signed_at, until, status = _read(stated)
        key = statement.check_signature(FORMAT, stated, resolver, signed_at=signed_at, at=at)
    except UnknownSignerError as error:
        if did_of(stated["key"]) != mark.issuer:
            return Check.invalid(name, "status-is-of-another", f"it is by {stated['key'][:200]}")
        return Check.unknown(name, f"status-{error.code}", str(error))
    except StatementError as error:
        return Check.invalid(name, f"status-{error.code}", str(error))
    if (stated["credential"], stated["digest"]) != (mark.id, mark.digest) or key.controller != mark.issuer:
        return Check.invalid(name, "status-is-of-another", f"it is about {stated['credential']}, by {key.controller}")
    if status is Status.REVOKED:
        return Check.invalid(name, "status-is-revoked", f"as of {stated['at']}")
    if status is Status.SUSPENDED:
        return Check.invalid(name, "status-is-suspended", f"as of {stated['at']}")
    if signed_at > at + CLOCKS_MAY_DIFFER_BY:
        return Check.invalid(name, "status-is-in-the-future", f"it is dated {stated['at']}")
    if at > until:
        return Check.unknown(name, "status-is-out-of-date", f"it counted until {stated['until']}; ask for a newer file")
    return Check.valid(name, "status-is-good", f"as of {stated['at']}, until {stated['until']}")


def _read(stated: Any) -> tuple[datetime, datetime, Status]:
    if not isinstance(stated, Mapping) or set(stated) != _MEMBERS:
        raise StatementError("is-malformed", f"a statement has {', '.join(sorted(_MEMBERS))}, nothing else")
    try:
        signed_at, until = parse_timestamp(stated["at"]), parse_timestamp(stated["until"])
        status = Status(stated["status"])
    except (TimestampError, ValueError) as error:
        raise StatementError("is-malformed", str(error)) from None
    if until < signed_at:
        raise StatementError("is-malformed", "it ends before it begins")
    return signed_at, until, status
