"""`ronghe verify`: checks certificates and credit statements by the keys that one trusts; no network, no database.

Exit status: 0 every file is valid, 1 one is invalid, 2 one could not be judged or the call makes no sense.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ronghe.cli.console import Console
from ronghe.cli.display import table
from ronghe.cli.endings import CallRefused, ended
from ronghe.trust import carriers, receipt
from ronghe.trust.bundle import MAX_BYTES_WITH_ANCHOR, verify_bundle
from ronghe.trust.credential import verify_credential
from ronghe.trust.credit_statement import is_statement, verify_statement
from ronghe.trust.receipt import ReceiptError, verify_receipt
from ronghe.trust.statement import UnknownSignerError
from ronghe.trust.strict_json import StrictJsonError, parse
from ronghe.trust.times import TimestampError, parse_timestamp
from ronghe.trust.trusted_keys import TrustedKeys, TrustError, read_trusted_keys
from ronghe.trust.verdict_words import WORDS
from ronghe.trust.verdicts import REQUIRED_OF_A_CREDENTIAL, Check, CheckName, Report, Verdict

TRUST = "RONGHE_TRUST"
_STATUSES = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.UNKNOWN: 2}
_MARKS = {Verdict.VALID: "● valid 有效", Verdict.INVALID: "▲ INVALID 无效", Verdict.UNKNOWN: "○ unknown 未知"}
_NAMES = {
    "form": "form 格式",
    "issuer": "issuer 颁发机构",
    "signature": "signature 签名",
    "integrity": "integrity 完整性",
    "log": "log 溯源账本",
    "witnesses": "witnesses 见证",
    "status": "status 撤销状态",
    "validity": "validity 有效期",
    "path": "path 经历",
    "anchor": "anchor 链上锚定",
}
_MAX_CREDENTIAL = 1_000_000
_MAX_FILE = 16_000_000


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe verify`."""
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a certificate's bundle, its PDF, its badge (SVG, PNG), the bare credential, or a credit statement; "
        "- reads a pipe",
    )
    parser.add_argument(
        "--trust", metavar="FILE", help=f"the keys you trust (default: ${TRUST}, else {_default_place()})"
    )
    parser.add_argument("--at", metavar="TIME", help="judge as of this moment, such as 2026-09-01T08:00:00Z (now)")
    parser.add_argument(
        "--receipt", metavar="FILE", help="a signed receipt: tell what it says of the one file, if it holds"
    )
    parser.add_argument("--json", action="store_true", help="the answers as JSON, one object a line")
    parser.add_argument("--quiet", action="store_true", help="nothing but the exit status")
    parser.epilog = (
        "0: all are valid; 1: one is invalid; 2: one could not be judged. The file of trusted keys is the one your "
        "community publishes; get it once from people you know, not from who shows you the certificate."
    )


def run(options: argparse.Namespace) -> int:
    """Check the files; return the exit status."""
    worst = [0]
    status = ended(lambda console: worst.append(_work(options, console)), quiet=options.quiet)
    return status or worst[-1]


def _default_place() -> Path:
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "ronghe" / "trust.toml"


def _trusted(options: argparse.Namespace, environment: Mapping[str, str]) -> TrustedKeys:
    path = Path(options.trust or environment.get(TRUST) or _default_place())
    try:
        return read_trusted_keys(path.read_bytes())
    except FileNotFoundError:
        raise CallRefused(
            f"there is no file of trusted keys at {path}; name one by --trust or {TRUST}: your community publishes it"
        ) from None
    except TrustError as error:
        raise CallRefused(f"{path}: {error}") from error


def _moment(text: str | None) -> datetime:
    if text is None:
        return datetime.now(UTC)
    try:
        return parse_timestamp(text)
    except TimestampError as error:
        raise CallRefused(f"--at: {error}") from error


def _work(options: argparse.Namespace, console: Console) -> int:
    trust, at = _trusted(options, os.environ), _moment(options.at)
    if options.receipt:
        return _tell_receipt(options, trust, at)
    verdicts = []
    for name in options.files:
        try:
            data = _read(name)
        except OSError as error:
            # The other files are judged all the same.
            console.fail(f"ronghe: {name}: {error.strerror or error}")
            verdicts.append(Verdict.UNKNOWN)
            continue
        report, holder = _check(data, trust, at)
        verdicts.append(report.verdict)
        if options.quiet:
            continue
        if options.json:
            print(json.dumps({"file": name, **with_words(report)}, ensure_ascii=False))
        else:
            print(shown(f"{name} ({holder})" if holder else name, report))
    return 1 if Verdict.INVALID in verdicts else max(_STATUSES[verdict] for verdict in verdicts)


def _tell_receipt(options: argparse.Namespace, trust: TrustedKeys, at: datetime) -> int:
    """Tell what a receipt says of a file; the exit status is that of the verdict that it states, if it holds."""
    if len(options.files) != 1:
        raise CallRefused("a receipt is for one file: name that one alone")
    (name,) = options.files
    data = _read(name)
    # Of a paper or a badge the platform checks what is inside.
    data = (carriers.carried(data) if carriers.is_carrier(data) else None) or data
    said: dict[str, Any] = {"receipt": options.receipt}
    try:
        value = parse(_read(options.receipt), max_bytes=_MAX_CREDENTIAL)
        report = verify_receipt(value, resolver=trust.resolver(), at=at, data=data)
        said |= {"checked_at": value["checked_at"], "verifier": value["verifier"]}
    except StrictJsonError as error:
        report = Report((Check.invalid(CheckName.FORM, "form-is-broken", str(error)),))
    except ReceiptError as error:
        stranger = isinstance(error.__cause__, UnknownSignerError)
        report = Report(
            (Check.unknown(CheckName.ISSUER, "issuer-is-unknown", str(error)),)
            if stranger
            else (Check.invalid(CheckName.SIGNATURE, "signature-does-not-hold", str(error)),)
        )
    if options.json:
        print(json.dumps({"file": name, **said, **with_words(report)}, ensure_ascii=False))
    elif not options.quiet:
        by = f" ({said['verifier']}, {said['checked_at']})" if "verifier" in said else ""
        print(shown(f"{options.receipt} → {name}{by}", report))
    return _STATUSES[report.verdict]


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(_MAX_FILE + 1)
    with Path(name).open("rb") as file:
        # Larger files are refused by their form without being read whole.
        return file.read(_MAX_FILE + 1)


def _check(data: bytes, trust: TrustedKeys, at: datetime) -> tuple[Report, str]:
    """Return what the checks came to, and whom a credit statement is of."""
    if is_statement(data):
        report, stated = verify_statement(data, trust=trust, at=at)
        return report, stated.holder if stated is not None else ""
    if carriers.is_carrier(data):
        inside = carriers.carried(data)
        if inside is None:
            mend = "a program that saved it may have left it out; ask for the file itself, or check the printed code"
            return Report((Check.unknown(CheckName.FORM, "form-carries-nothing", mend),)), ""
        data = inside
    if _is_receipt(data):
        mend = "this is a receipt; give it by --receipt, with the file that it is for"
        return Report((Check.unknown(CheckName.FORM, "form-carries-nothing", mend),)), ""
    document = _bare_credential(data)
    if document is None:
        return verify_bundle(data, trust=trust, at=at), ""
    checks = verify_credential(document, resolver=trust.resolver(), at=at)
    return Report(tuple(checks), REQUIRED_OF_A_CREDENTIAL), ""


def _is_receipt(data: bytes) -> bool:
    if receipt.FORMAT.encode() not in data[:_MAX_CREDENTIAL]:
        return False
    try:
        value = parse(data, max_bytes=_MAX_CREDENTIAL)
    except StrictJsonError:
        return False
    return isinstance(value, dict) and value.get("format") == receipt.FORMAT


def _bare_credential(data: bytes) -> Any:
    """Return the credential if the file is one without its bundle, else None."""
    if len(data) <= MAX_BYTES_WITH_ANCHOR and b'"@context"' not in data[:200] and b'"format":"ronghe-' in data:
        return None
    try:
        value = parse(data, max_bytes=_MAX_CREDENTIAL)
    except StrictJsonError:
        return None
    return value if isinstance(value, dict) and "@context" in value else None


def with_words(report: Report) -> dict[str, Any]:
    """Return the report for programs, each answer with its words in both languages."""
    value = report.as_json()
    for check in value["checks"]:
        check["zh"] = WORDS[check["code"]].zh
        check["en"] = WORDS[check["code"]].en
    return value


def shown(name: str, report: Report) -> str:
    """Return the report for people: the verdict on `name`, then a line an answer."""
    rows = [
        (_NAMES[check.name], _MARKS[check.verdict], f"{WORDS[check.code].zh} {WORDS[check.code].en}", check.detail)
        for check in report.checks
    ]
    refused = report.refused_by
    why = "" if refused is None else f" — {WORDS[refused.code].zh} {WORDS[refused.code].en}"
    heading = f"{name}: {_MARKS[report.verdict]}{why}"
    return f"{heading}\n{table(('Check 核验项', 'Result 结果', 'Reason 说明', 'Particulars 详情'), rows, frozenset())}"
