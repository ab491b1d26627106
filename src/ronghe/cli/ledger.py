"""`ronghe ledger`: seal what waits, check the whole log, show or change its key, audit another's, record heads.

Exit status of `fsck`: 0 the log is as it was recorded, 1 something is wrong, 2 it could not be checked fully.
"""

import argparse
import os
import sys
from pathlib import Path

from ronghe.cli import ledger_anchor, ledger_audit, site


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe ledger`."""
    commands = parser.add_subparsers(
        dest="task", required=True, metavar="seal|fsck|key|rotate-key|audit|anchor|timestamp"
    )
    seal = commands.add_parser("seal", help="number the events that wait, extend the log and sign a checkpoint")
    seal.add_argument("--watch", action="store_true", help="go on until stopped")
    seal.add_argument("--interval", type=float, default=1.0, help="seconds between two looks (1.0)")
    fsck = commands.add_parser("fsck", help="check the whole log; name the first bad leaf and the reason")
    fsck.add_argument("--checkpoint", metavar="FILE", help="a checkpoint kept elsewhere, beside those of the site")
    fsck.add_argument("--key", metavar="KEY", help="the log's public key (name+id+key), where its own is not at hand")
    fsck.add_argument("--quiet", action="store_true", help="no progress")
    key = commands.add_parser("key", help="print the public key that checkpoints are verified with")
    key.add_argument("--to-file", metavar="FILE", help="write the key of RONGHE_LEDGER_KEY there, to be changed later")
    rotate = commands.add_parser("rotate-key", help="let the next key sign from now on; first announce it by --prepare")
    rotate.add_argument("--prepare", action="store_true", help="make the next key and print its public half")
    ledger_audit.add_to(commands.add_parser("audit", help="check another community's log from outside"))
    ledger_anchor.add_anchor_to(commands.add_parser("anchor", help="record heads of the log on an EVM chain"))
    ledger_anchor.add_timestamp_to(commands.add_parser("timestamp", help="have heads of the log stamped (RFC 3161)"))


def run(options: argparse.Namespace) -> int:
    """Do what the call asks for; return the exit status."""
    if options.task == "audit":
        return ledger_audit.run(options)
    if options.task in ("anchor", "timestamp") and ledger_anchor.is_offline(options):
        return ledger_anchor.check(options)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ronghe.web.settings")
    import django

    django.setup()
    from ronghe.apps.ledger.errors import LedgerError

    if options.task != "key" and site.is_missing("ronghe ledger"):
        return 2
    try:
        tasks = {"seal": _seal, "fsck": _fsck, "key": _key, "rotate-key": _rotate}
        return tasks.get(options.task, ledger_anchor.run)(options)
    except LedgerError as error:
        print(f"ronghe ledger: {error}", file=sys.stderr)
        return 2 if options.task == "fsck" else 1


def _seal(options: argparse.Namespace) -> int:
    from django.core.management import CommandError, call_command

    try:
        call_command("ledger_seal", watch=options.watch, interval=options.interval)
    except CommandError as error:
        print(f"ronghe ledger: {error}", file=sys.stderr)
        return 1
    return 0


def _fsck(options: argparse.Namespace) -> int:
    from ronghe.apps.ledger import services
    from ronghe.trust.checkpoint import NoteError, VerifierKey

    try:
        report = services.fsck(
            checkpoint=Path(options.checkpoint).read_bytes() if options.checkpoint else None,
            verifier=VerifierKey.parse(options.key.strip()) if options.key else None,
            progress=None if options.quiet or not sys.stderr.isatty() else _show_progress,
        )
    except (OSError, NoteError) as error:
        print(f"ronghe ledger: the checkpoint cannot be used: {error}", file=sys.stderr)
        return 2
    for finding in report.findings:
        print(finding)
    for gap in report.unchecked:
        print(f"not checked: {gap}")
    if report.findings:
        print(f"the log is not what it was: {len(report.findings)} findings, the first bad leaf above all")
        return 1
    print(f"{report.size} leaves and {report.unsealed} events that wait: nothing found")
    return 2 if report.unchecked else 0


def _show_progress(done: int, total: int) -> None:
    end = "\n" if done >= total else ""
    print(f"\r{done:,} of {total:,} leaves", end=end, file=sys.stderr, flush=True)


def _key(options: argparse.Namespace) -> int:
    from ronghe.apps.ledger import keys

    if options.to_file:
        keys.write_to_file(Path(options.to_file))
        print(
            f"{options.to_file} holds the log's key; now set RONGHE_LEDGER_KEY_FILE={options.to_file} in the place of "
            "RONGHE_LEDGER_KEY for all processes, and keep a backup",
            file=sys.stderr,
        )
    print(keys.signer().verifier().encode())
    return 0


def _rotate(options: argparse.Namespace) -> int:
    from ronghe.apps.ledger import services

    if options.prepare:
        print(services.prepare_rotation().encode())
        print("witnesses and auditors list this key beside the one that signs now", file=sys.stderr)
    else:
        print(services.rotate_key().encode())
    return 0
