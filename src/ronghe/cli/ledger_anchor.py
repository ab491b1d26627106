"""`ronghe ledger anchor` and `ronghe ledger timestamp`: record heads of the log elsewhere; check such a record offline.

Exit status of `check`: 0 it holds, 1 it does not, 2 it cannot be judged by what was given. Checking needs no database.
"""

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from ronghe.trust.anchor import TrustedChain, check_anchor
from ronghe.trust.checkpoint import NoteError, OpenedCheckpoint, VerifierKey, open_checkpoint
from ronghe.trust.verdict_words import WORDS
from ronghe.trust.verdicts import Check, Verdict

_STATUSES = {Verdict.VALID: 0, Verdict.INVALID: 1, Verdict.UNKNOWN: 2}


def add_anchor_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe ledger anchor`."""
    tasks = parser.add_subparsers(dest="step", required=True, metavar="deploy|send|check")
    tasks.add_parser("deploy", help="deploy this log's contract; print its address")
    tasks.add_parser("send", help="record the newest witnessed checkpoint; keep the proof")
    check = tasks.add_parser("check", help="check a proof, offline, by a block and a contract that you know")
    check.add_argument("file", metavar="FILE", help="the anchor, as the log's page offers it")
    _add_checkpoint(check)
    check.add_argument("--contract", metavar="ADDRESS", required=True, help="the log's contract, 0x…")
    check.add_argument("--block", metavar="HASH", required=True, help="hash of the block, from a chain that you trust")


def add_timestamp_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe ledger timestamp`."""
    tasks = parser.add_subparsers(dest="step", required=True, metavar="send|check")
    tasks.add_parser("send", help="have the newest witnessed checkpoint stamped; keep the answer")
    check = tasks.add_parser("check", help="check a time stamp, offline, by certificates that you trust")
    check.add_argument("file", metavar="FILE", help="the authority's answer, as the log's page offers it")
    _add_checkpoint(check)
    check.add_argument("--certificates", metavar="FILE", required=True, help="the authority's chain in PEM")


def _add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checkpoint", metavar="FILE", required=True, help="the checkpoint that it is of")
    parser.add_argument("--key", metavar="KEY", required=True, help="the log's public key (name+id+key)")


def is_offline(options: argparse.Namespace) -> bool:
    """Whether the call checks a file, which needs neither settings nor database."""
    return bool(options.step == "check")


def check(options: argparse.Namespace) -> int:
    """Check the file; return the exit status."""
    try:
        opened = open_checkpoint(Path(options.checkpoint).read_bytes(), [VerifierKey.parse(options.key.strip())])
        found = (_check_anchor if options.task == "anchor" else _check_timestamp)(options, opened)
    except (OSError, NoteError, ValueError) as error:
        print(f"ronghe ledger {options.task}: {error}", file=sys.stderr)
        return 2
    words = WORDS[found.code]
    print(f"{found.verdict}: {words.en} {words.zh}\n{found.detail}")
    return _STATUSES[found.verdict]


def _check_anchor(options: argparse.Namespace, opened: OpenedCheckpoint) -> Check:
    value = json.loads(Path(options.file).read_bytes())
    if not isinstance(value, dict):
        raise ValueError(f"{options.file} is no anchor")
    chain = TrustedChain(_hex(options.contract, 20), frozenset([_hex(options.block, 32)]))
    return check_anchor(value, opened, chains=[chain])


def _hex(text: str, size: int) -> bytes:
    data = bytes.fromhex(text.removeprefix("0x"))
    if len(data) != size:
        raise ValueError(f"{text} has {len(data)} bytes instead of {size}")
    return data


def _check_timestamp(options: argparse.Namespace, opened: OpenedCheckpoint) -> Check:
    from ronghe.trust.timestamp import TimestampAuthority, check_timestamp

    authority = TimestampAuthority.of_pem(Path(options.certificates).read_bytes())
    answer = Path(options.file).read_bytes()
    return check_timestamp(answer, opened.checkpoint, authorities=[authority], at=datetime.now(UTC))


def run(options: argparse.Namespace) -> int:
    """Deploy, anchor or stamp, with Django set up; `LedgerError` is the caller's."""
    from ronghe.apps.ledger.services import anchoring

    if options.task == "timestamp":
        stamp = anchoring.stamp_checkpoint()
        when = f"{stamp.stamped_at:%Y-%m-%d %H:%M:%S %Z}"
        print(f"{stamp.authority} stamped the first {stamp.checkpoint_id} events on {when}")
    elif options.step == "deploy":
        deployed = anchoring.deploy_contract()
        print(f"RONGHE_ANCHOR_CONTRACT={deployed.contract}\nchain {deployed.chain}; set this before you send")
    else:
        anchor = anchoring.anchor_checkpoint()
        print(
            f"the first {anchor.checkpoint_id} events stand in block {anchor.block_number} of chain {anchor.chain}\n"
            f"block {anchor.block}\ncontract {anchor.contract}"
        )
    return 0
