"""A credit statement that was changed anywhere is refused; it proves no more than the log and its witnesses do."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from ronghe.trust.canonical import canonical_json
from ronghe.trust.checkpoint import SignerKey
from ronghe.trust.credit_statement import (
    MADE,
    CreditStatement,
    Line,
    StatementBundle,
    StatementError,
    is_statement,
    verify_statement,
)
from ronghe.trust.log_proof import LoggedEvent
from ronghe.trust.merkle import leaf_hash
from ronghe.trust.verdicts import Verdict
from ronghe.trust.witness import WitnessPolicy
from tests.cli.conftest import run_here
from tests.trust.bundles import NOW, TRUST
from tests.trust.logs import LOG, WITNESSES, SmallLog

ACCOUNT = "0d6c1c1e-8a5d-4c9e-9d0f-0f6a8f0c0002"
AT = NOW.isoformat().replace("+00:00", "Z")


def _line(number: int, credits: str, balance: str, *, is_practice: bool = True) -> Line:
    day = date(2026, 3, number)
    return Line(f"t{number}", day, "deposit", "产线实习", "折算", "", Decimal(credits), Decimal(balance), is_practice)


STATED = CreditStatement(
    LOG.name,
    ACCOUNT,
    "张伟",
    AT,
    (_line(1, "2.5", "2.5"), _line(2, "3", "5.5", is_practice=False), _line(3, "-1.25", "4.25")),
)


def _bundle(stated: CreditStatement = STATED, *, witnesses: list[SignerKey] = WITNESSES, **fields: Any) -> bytes:
    told: dict[str, Any] = {"subject": f"credits.account:{stated.account}", "type": MADE, **fields}
    payload = {"actor": None, "fields": {"statement": stated.digest}}
    event = LoggedEvent(told["type"], told["subject"], AT, bytes(range(32)), payload)
    leaves = [leaf_hash(b"other %d" % number) for number in range(50)]
    leaves[17] = event.leaf()
    proof = SmallLog(leaves).proof(17, time=int(NOW.timestamp()), witnesses=witnesses)
    event_of_it = replace(event, type=MADE)
    data = StatementBundle(stated, event_of_it, proof).encode()
    return data if event.type == MADE else data.replace(f'"type":"{MADE}"'.encode(), f'"type":"{event.type}"'.encode())


def _codes(data: bytes) -> list[str]:
    report, _stated = verify_statement(data, trust=TRUST, at=NOW)
    return [check.code for check in report.checks if check.verdict is not Verdict.VALID]


def test_balances_follow_from_the_lines_and_the_unchanged_file_holds() -> None:
    report, stated = verify_statement(_bundle(), trust=TRUST, at=NOW)
    assert (report.verdict, stated) == (Verdict.VALID, STATED)
    assert (STATED.balance, STATED.practice_balance) == (Decimal("4.25"), Decimal("1.25"))
    assert is_statement(_bundle())


def test_every_changed_byte_is_refused() -> None:
    data = _bundle()
    for at in range(0, len(data), 7):
        changed = bytearray(data)
        changed[at] ^= 1
        report, _stated = verify_statement(bytes(changed), trust=TRUST, at=NOW)
        assert report.verdict is not Verdict.VALID, (at, data[max(0, at - 20) : at + 20])


def _rewritten(**changes: Any) -> bytes:
    value = json.loads(_bundle())
    value["statement"] |= changes
    return canonical_json(value)


@pytest.mark.parametrize(
    "data",
    [
        _rewritten(balance="9.25"),
        _rewritten(as_of="yesterday"),
        _rewritten(lines=STATED.as_json()["lines"][1:]),
        _rewritten(lines=[], balance="0.00", practice_balance="0.00", more=1),
        _rewritten(lines=[{**STATED.as_json()["lines"][0], "credits": "NaN"}]),
        _bundle() + b" ",
        b"{}",
        b"\xff",
    ],
)
def test_sums_that_do_not_add_up_and_other_forms_are_refused(data: bytes) -> None:
    assert _codes(data) == ["form-is-broken"]


def test_a_statement_whose_lines_were_left_out_with_their_sums_is_not_the_one_logged() -> None:
    shorter = replace(STATED, lines=STATED.lines[:2]).as_json()
    assert _codes(_rewritten(**shorter)) == ["integrity-is-broken"]
    assert _codes(_rewritten(holder="李四")) == ["integrity-is-broken"]


def test_another_event_another_account_another_bank_do_not_count() -> None:
    assert _codes(_bundle(type="credits.credits.sent")) == ["integrity-is-broken"]
    assert _codes(_bundle(subject="credits.account:other")) == ["integrity-is-broken"]
    assert _codes(_bundle(replace(STATED, bank="bank.example/ledger"))) == ["log-is-of-another"]
    with pytest.raises(StatementError, match="another statement"):
        replace(StatementBundle.decode(_bundle()), statement=replace(STATED, holder="李四")).encode()


def test_too_few_witnesses_refuse_it_and_an_unknown_log_leaves_it_open() -> None:
    assert _codes(_bundle(witnesses=WITNESSES[:1])) == ["witnesses-are-too-few"]
    stranger = replace(TRUST, logs=(), witnesses=WitnessPolicy(threshold=0))
    report, _stated = verify_statement(_bundle(), trust=stranger, at=NOW)
    assert report.verdict is Verdict.UNKNOWN


def test_the_command_line_checks_it_offline(tmp_path: Any) -> None:
    (tmp_path / "trust.json").write_text(json.dumps(TRUST.as_json()))
    (tmp_path / "good").write_bytes(_bundle())
    (tmp_path / "bad").write_bytes(_rewritten(holder="李四"))
    call = ("--trust", tmp_path / "trust.json", "--at", AT)
    good = run_here("verify", tmp_path / "good", *call)
    assert good.returncode == 0
    assert "good (张伟): ● valid" in good.stdout.decode()
    assert f"4.25 credits at {LOG.name}" in good.stdout.decode()
    assert run_here("verify", tmp_path / "bad", *call).returncode == 1
