"""`ronghe ledger audit`: checks a log that others run, from outside. Loads no Django and needs no account.

Exit status: 0 the log is what it was and only grew, 1 it is not, 2 it could not be read or judged.
"""

import argparse
import hashlib
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

from ronghe.cli.console import Console
from ronghe.cli.endings import CallRefused, ended
from ronghe.cli.verify import shown, with_words
from ronghe.runners.log_audit import Audit, AuditError, audit, keep, read_last
from ronghe.runners.log_client import FolderSource, HttpSource, LogSource, LogUnavailable
from ronghe.trust.checkpoint import NoteError, SignatureType, VerifierKey
from ronghe.trust.trusted_keys import TrustError, read_trusted_keys
from ronghe.trust.verdicts import Verdict
from ronghe.trust.witness import WitnessPolicy

_STATUSES = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.UNKNOWN: 2}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe ledger audit`."""
    parser.add_argument(
        "log", metavar="URL", help="the log's prefix, such as https://ronghe.example.edu/ledger/, or a folder"
    )
    parser.add_argument(
        "--key",
        action="append",
        default=[],
        metavar="KEY",
        help="the log's public key (name+id+key); repeat for the keys that it replaced, or announces",
    )
    parser.add_argument(
        "--trust", metavar="FILE", help="a file of trusted keys: takes the place of --key and --witness"
    )
    parser.add_argument("--witness", action="append", default=[], metavar="KEY", help="a witness's public key; repeat")
    parser.add_argument("--threshold", type=int, default=2, help="how many witnesses must have signed (2)")
    parser.add_argument("--state", metavar="FILE", help=f"what the last audit saw (default: in {_state_folder()})")
    parser.add_argument("--full", action="store_true", help="read all leaf hashes again, not only the new ones")
    parser.add_argument("--json", action="store_true", help="the answers as JSON")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def run(options: argparse.Namespace) -> int:
    """Audit; return the exit status."""
    found = [2]
    status = ended(lambda console: found.append(_work(options, console)), quiet=options.quiet)
    return status or found[-1]


def _state_folder() -> Path:
    base = os.environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "ronghe" / "audits"


def _source(log: str) -> LogSource:
    if "://" in log:
        return HttpSource(log)
    if not Path(log).is_dir():
        raise CallRefused(f"{log} is neither an address (https://…) nor a folder")
    return FolderSource(Path(log))


def _keys(options: argparse.Namespace) -> tuple[tuple[VerifierKey, ...], WitnessPolicy]:
    """Return the keys of one log, and its witnesses."""
    try:
        if options.trust:
            trust = read_trusted_keys(Path(options.trust).read_bytes())
            names = {VerifierKey.parse(text).name for text in options.key} or {key.name for key in trust.logs}
            logs = tuple(key for key in trust.logs if key.name in names)
            if len({key.name for key in logs}) != 1:
                raise CallRefused(f"{options.trust} names {len(names)} such logs; say which by --key")
            return logs, trust.witnesses
        if not options.key:
            raise CallRefused(
                "give the log's public key by --key: the page /ledger/ of the site shows it; get it by another way too"
            )
        witnesses = tuple(VerifierKey.parse(text, SignatureType.COSIGNATURE_V1) for text in options.witness)
        policy = WitnessPolicy(witnesses, options.threshold if witnesses else 2)
        logs = tuple(VerifierKey.parse(text) for text in options.key)
        if len({key.name for key in logs}) != 1:
            raise CallRefused("these are keys of several logs; audit one after the other")
        return logs, policy
    except (NoteError, TrustError) as error:
        raise CallRefused(str(error)) from error


def _state_of(keys: tuple[VerifierKey, ...]) -> Path:
    """Return the file of the last audit: under whichever of its keys the log was audited before."""
    plain = [VerifierKey(key.name, key.public_key).encode() for key in keys]
    files = [_state_folder() / f"{hashlib.sha256(text.encode()).hexdigest()[:16]}.json" for text in plain]
    return next((file for file in files if file.exists()), files[0])


def _work(options: argparse.Namespace, console: Console) -> int:
    keys, policy = _keys(options)
    state = Path(options.state) if options.state else _state_of(keys)
    started = time.monotonic()
    try:
        done = audit(
            _source(options.log),
            keys=keys,
            policy=policy,
            at=datetime.now(UTC),
            last=read_last(state),
            full=options.full,
            told=lambda tiles, total: console.progress("tiles 哈希分块", tiles, tiles / total),
        )
    except (LogUnavailable, AuditError) as error:
        raise CallRefused(str(error)) from error
    evidence = keep(state, done)
    _show(options, done, evidence, time.monotonic() - started)
    return _STATUSES[done.report.verdict]


def _show(options: argparse.Namespace, done: Audit, evidence: Path | None, seconds: float) -> None:
    if options.json:
        facts = {"log": options.log, "size": done.size, "hashes_read": done.hashes, "seconds": round(seconds, 3)}
        print(json.dumps({**facts, "evidence": str(evidence or ""), **with_words(done.report)}, ensure_ascii=False))
        return
    print(shown(options.log, done.report))
    if done.size:
        print(f"{done.size:,} events, {done.hashes:,} hashes read in {seconds:.1f} s 共{done.size:,}条事件")
    if evidence is not None:
        print(f"evidence, signed by the log itself 证据（由该日志自己签署）: {evidence}")
