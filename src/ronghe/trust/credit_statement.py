"""A credit statement that anyone checks offline: the lines of an account, and the log's word that it was stated so.

What a student could leave out of a printed list cannot be left out here: the log names the hash of the whole statement.
It proves what the bank stated at a moment; what happened to the account later is in no file.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

from ronghe.trust.canonical import canonical_json
from ronghe.trust.checkpoint import decode_base64, encode_base64
from ronghe.trust.log_proof import CLOCKS_MAY_DIFFER_BY, LoggedEvent, LogProof, check_log_proof
from ronghe.trust.times import TimestampError, parse_timestamp
from ronghe.trust.trusted_keys import TrustedKeys
from ronghe.trust.verdicts import Check, CheckName, Report, Verdict
from ronghe.trust.witness import check_witnesses

FORMAT = "ronghe-credit-statement-v1"
MADE = "credits.statement.made"
MAX_BYTES = 1_000_000
REQUIRED = frozenset({CheckName.FORM, CheckName.INTEGRITY, CheckName.LOG, CheckName.WITNESSES})
_EVENT = {"payload", "recorded_at", "salt", "subject", "type"}
_STATED = {"account", "as_of", "balance", "bank", "holder", "lines", "practice_balance"}
_LINE = {"balance", "credits", "day", "is_practice", "kind", "reason", "rule", "transaction", "what"}
_CENTS = Decimal("0.01")


class StatementError(ValueError):
    """Bytes that are no credit statement; the message says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One movement of an account: what for, by which rule, how much (negative: it left), and the balance after it."""

    transaction: str
    day: date
    kind: str
    what: str
    rule: str
    reason: str
    credits: Decimal
    balance: Decimal
    is_practice: bool

    def as_json(self) -> dict[str, Any]:
        """Return the line as it is written."""
        return {
            "balance": _amount(self.balance),
            "credits": _amount(self.credits),
            "day": self.day.isoformat(),
            "is_practice": self.is_practice,
            "kind": self.kind,
            "reason": self.reason,
            "rule": self.rule,
            "transaction": self.transaction,
            "what": self.what,
        }


@dataclass(frozen=True, slots=True)
class CreditStatement:
    """Every movement of an account up to a moment, the oldest first; both balances follow from the lines."""

    bank: str
    account: str
    holder: str
    as_of: str
    lines: tuple[Line, ...]

    @property
    def moment(self) -> datetime:
        """When it was made."""
        return parse_timestamp(self.as_of)

    @property
    def balance(self) -> Decimal:
        """Credits in the account: the sum of the lines."""
        return sum((line.credits for line in self.lines), Decimal(0))

    @property
    def practice_balance(self) -> Decimal:
        """Practice credits among them."""
        return sum((line.credits for line in self.lines if line.is_practice), Decimal(0))

    def as_json(self) -> dict[str, Any]:
        """Return what the log's hash is of."""
        return {
            "account": self.account,
            "as_of": self.as_of,
            "balance": _amount(self.balance),
            "bank": self.bank,
            "holder": self.holder,
            "lines": [line.as_json() for line in self.lines],
            "practice_balance": _amount(self.practice_balance),
        }

    @property
    def digest(self) -> str:
        """Return what the log names the statement by: hex SHA-256 of its canonical JSON."""
        return hashlib.sha256(canonical_json(self.as_json())).hexdigest()

    @classmethod
    def of_json(cls, value: Any) -> "CreditStatement":
        """Return the statement in `value`; raises `StatementError` where its form or its sums are wrong."""
        if not isinstance(value, dict) or set(value) != _STATED or not isinstance(value["lines"], list):
            raise StatementError(f"a credit statement has {', '.join(sorted(_STATED))}, nothing else")
        bank, account, holder, as_of = (_text(value, name) for name in ("bank", "account", "holder", "as_of"))
        try:
            parse_timestamp(as_of)
        except TimestampError as error:
            raise StatementError(str(error)) from error
        stated = cls(bank, account, holder, as_of, tuple(_line(one) for one in value["lines"]))
        if stated.lines and stated.lines[0].balance != stated.lines[0].credits:
            raise StatementError("the first line does not begin at nothing")
        for before, after in pairwise(stated.lines):
            if before.balance + after.credits != after.balance:
                raise StatementError(f"the balance after {after.transaction} is not that before it and its credits")
        if stated.as_json() != value:
            raise StatementError("the balances are not the sums of the lines, or an amount is written otherwise")
        return stated


def _amount(credits: Decimal) -> str:
    return f"{credits.quantize(_CENTS):f}"


def _text(value: Mapping[str, Any], name: str) -> str:
    if not isinstance(value[name], str):
        raise StatementError(f"{name} is a text")
    return str(value[name])


def _line(value: Any) -> Line:
    if not isinstance(value, dict) or set(value) != _LINE or not isinstance(value["is_practice"], bool):
        raise StatementError(f"a line has {', '.join(sorted(_LINE))}, nothing else")
    texts = {name: _text(value, name) for name in _LINE - {"is_practice"}}
    try:
        line = Line(
            transaction=texts["transaction"],
            day=date.fromisoformat(texts["day"]),
            kind=texts["kind"],
            what=texts["what"],
            rule=texts["rule"],
            reason=texts["reason"],
            credits=Decimal(texts["credits"]),
            balance=Decimal(texts["balance"]),
            is_practice=value["is_practice"],
        )
    except (ValueError, ArithmeticError) as error:
        raise StatementError(f"a line of the statement: {error}") from error
    if not (line.credits.is_finite() and line.balance.is_finite()):
        raise StatementError("an amount is a number")
    return line


@dataclass(frozen=True, slots=True)
class StatementBundle:
    """A statement with the logged event that names its hash, and the proof of that event in the log."""

    statement: CreditStatement
    event: LoggedEvent
    proof: LogProof

    def encode(self) -> bytes:
        """Return the file: canonical JSON (RFC 8785). Raises `StatementError` where the event is of another one."""
        if self.event.type != MADE or _named(self.event) != self.statement.digest:
            raise StatementError("the event logged is about another statement")
        event = {
            "payload": self.event.payload,
            "recorded_at": self.event.recorded_at,
            "salt": encode_base64(self.event.salt),
            "subject": self.event.subject,
            "type": self.event.type,
        }
        log = {"event": event, "proof": self.proof.encode()}
        return canonical_json({"format": FORMAT, "log": log, "statement": self.statement.as_json()})

    @classmethod
    def decode(cls, data: bytes) -> "StatementBundle":
        """Return the parts, nothing of them checked but form and sums; raises `StatementError`."""
        if len(data) > MAX_BYTES:
            raise StatementError(f"a credit statement has at most {MAX_BYTES} bytes")
        try:
            value: Any = json.loads(data)
            if canonical_json(value) != data:
                raise StatementError("spaces, escapes, order or repeated members differ from RFC 8785")
            if set(value) != {"format", "log", "statement"} or value["format"] != FORMAT:
                raise StatementError(f"this is no {FORMAT}")
            told = value["log"]["event"]
            if set(value["log"]) != {"event", "proof"} or set(told) != _EVENT or not isinstance(told["payload"], dict):
                raise StatementError("the log has an event and its proof, nothing else")
            event = LoggedEvent(
                told["type"], told["subject"], told["recorded_at"], decode_base64(told["salt"], "salt"), told["payload"]
            )
            event.moment()
            return cls(CreditStatement.of_json(value["statement"]), event, LogProof.parse(value["log"]["proof"]))
        except StatementError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, RecursionError) as error:
            raise StatementError(f"this is no credit statement: {error}") from error


def _named(event: LoggedEvent) -> Any:
    fields = event.payload.get("fields")
    return fields.get("statement") if isinstance(fields, dict) else None


def is_statement(data: bytes) -> bool:
    """Whether the bytes call themselves a credit statement; nothing else is looked at."""
    return data.startswith(b'{"format":"ronghe-credit-statement-')


def verify_statement(data: bytes, *, trust: TrustedKeys, at: datetime) -> tuple[Report, CreditStatement | None]:
    """Answer every question about the file at the moment `at`, by the keys in `trust` alone, and tell what it states.

    Bytes that are no statement get one answer, on their form, and state nothing.
    """
    try:
        bundle = StatementBundle.decode(data)
    except StatementError as error:
        return Report((Check.invalid(CheckName.FORM, "form-is-broken", str(error)),), REQUIRED), None
    stated = bundle.statement
    # Without the holder's name: what a check says may be signed and kept by whoever asked.
    told = f"{_amount(stated.balance)} credits at {stated.bank}, as of {stated.as_of}"
    logged = check_log_proof(bundle.proof, leaf=bundle.event.leaf(), logs=trust.logs, at=at)
    checks = (
        Check.valid(CheckName.FORM, "form-holds", told),
        _integrity(bundle),
        _of_the_bank(bundle, logged.check, logged.opened.time if logged.opened else None),
        check_witnesses(bundle.proof.checkpoint, trust.witnesses, at=at),
    )
    return Report(checks, REQUIRED), stated


def _integrity(bundle: StatementBundle) -> Check:
    name = CheckName.INTEGRITY
    if bundle.event.type != MADE or _named(bundle.event) != bundle.statement.digest:
        return Check.invalid(name, "integrity-is-broken", "the log names another statement, or this one was changed")
    if bundle.event.subject != f"credits.account:{bundle.statement.account}":
        return Check.invalid(name, "integrity-is-broken", "the log speaks of another account")
    return Check.valid(name, "integrity-holds", f"{len(bundle.statement.lines)} lines, each balance is their sum")


def _of_the_bank(bundle: StatementBundle, check: Check, time: int | None) -> Check:
    if check.verdict is not Verdict.VALID:
        return check
    if bundle.proof.checkpoint.split("\n", 1)[0] != bundle.statement.bank:
        return Check.invalid(check.name, "log-is-of-another", "the statement names another bank than its log")
    if time is not None and bundle.event.moment().timestamp() > time + CLOCKS_MAY_DIFFER_BY.total_seconds():
        return Check.invalid(check.name, "log-proof-does-not-hold", "the event is dated after the log that has it")
    return check
