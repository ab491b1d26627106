"""An audit of a million events over loopback, from tiles that lie as files behind a server in a process of its own."""

import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.result import Result
from ronghe.runners.log_audit import audit
from ronghe.runners.log_client import FolderSource, HttpSource
from ronghe.trust.checkpoint import Checkpoint
from ronghe.trust.merkle import Frontier
from ronghe.trust.tiles import encode, tiles_between
from ronghe.trust.verdicts import Verdict
from ronghe.trust.witness import WitnessPolicy
from tests.trust.logs import LOG, TIME, WITNESSES, leaves_of

COMMAND = "python -m benchmarks trust"
EVENTS = 1_000_000
POLICY = WitnessPolicy(tuple(one.verifier() for one in WITNESSES), 2)


def publish(folder: Path, leaves: list[bytes]) -> None:
    """Write a log as files."""
    frontier, completed = Frontier().append(leaves)
    levels: dict[int, list[bytes]] = {0: leaves}
    for level, _, hash_ in completed:
        levels.setdefault(level, []).append(hash_)
    for level, hashes in levels.items():
        for tile in tiles_between(level, 0, len(hashes)):
            path = folder / tile.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(encode(hashes[tile.first : tile.first + tile.width]))
    note = LOG.sign(Checkpoint(LOG.name, frontier.size, frontier.root()), time=TIME)
    lines = "".join(one.cosign(note.text, time=TIME).line() for one in WITNESSES)
    (folder / "checkpoint").write_text(note.encode() + lines)


def run() -> list[Result]:
    """Audit the log over HTTP and straight from the files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        publish(folder, leaves_of(EVENTS))
        server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.trust.file_server", name], stdout=subprocess.PIPE, text=True
        )
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            over_http, processor = _seconds(HttpSource(url))
        finally:
            server.terminate()
            server.wait()
        from_files, _ = _seconds(FolderSource(folder))
    return [
        Result(
            name=f"audit of {EVENTS:,} events over loopback, all leaf hashes, three witnesses",
            value=over_http,
            unit="s",
            peer="the same from the files, without a server",
            peer_value=from_files,
            ratio=over_http / from_files,
            goal="< 5 s",
            met=over_http < 5,
            command=COMMAND,
        ),
        Result(name="processor time of that audit, server apart", value=processor, unit="s", command=COMMAND),
    ]


def _seconds(source: HttpSource | FolderSource) -> tuple[float, float]:
    at = datetime.fromtimestamp(TIME + 60, UTC)
    started, processor = time.perf_counter(), time.process_time()
    done = audit(source, keys=[LOG.verifier()], policy=POLICY, at=at)
    taken = time.perf_counter() - started, time.process_time() - processor
    if done.report.verdict is not Verdict.VALID or done.hashes != EVENTS:
        raise AssertionError(f"the log is refused: {done.report.checks}")
    return taken


if __name__ == "__main__":
    for result in run():
        print(result)
