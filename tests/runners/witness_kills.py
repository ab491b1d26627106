"""Witnesses that are killed at a write: `python -m tests.runners.witness_kills FOLDER N N …` kills one at each N.

Each begins where the one before was killed and cosigns growth leaf by leaf. After each kill the state must hold at
least what was acknowledged; prints how many kills there were.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from ronghe.runners.witness_service import WitnessState
from ronghe.trust.witness import AddCheckpoint, Answer, Witness
from tests.trust.logs import LOG, TIME, WITNESSES, SmallLog, leaves_of

WITNESS = Witness(WITNESSES[0], (LOG.verifier(),))


def kill_at(folder: Path, size: int, write: int, acknowledged: int) -> None:
    """Cosign growth from `size` on until the `write`-th write, at which the process dies."""
    log = SmallLog(leaves_of(size + write + 1))
    state = WitnessState(folder)
    state.prepare(WITNESS)
    seen = 0

    def count() -> None:
        nonlocal seen
        seen += 1
        if seen == write:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("open", "os.rename", "os.remove") and str(folder) in str(arguments[0]):
            count()

    sync = os.fsync

    def sync_or_die(descriptor: int) -> None:
        count()
        sync(descriptor)

    os.fsync = sync_or_die
    sys.addaudithook(watch)
    while True:
        request = AddCheckpoint(size, log.consistency(size, size + 1) if size else (), log.note(size + 1, time=TIME))
        if state.answer(WITNESS, request, now=TIME).answer is not Answer.COSIGNED:
            raise SystemExit("the witness refused growth")
        size += 1
        os.write(acknowledged, b".")


def run(folder: Path, writes: list[int]) -> int:
    """Kill a witness at each of `writes`; return how many were killed. Fails if one held less than it acknowledged."""
    size = kills = 0
    for write in writes:
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            os.close(reading)
            kill_at(folder, size, write, writing)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        if os.WTERMSIG(status) != signal.SIGKILL:
            raise SystemExit(f"the witness ended with {status} instead of being killed at write {write}")
        kills += 1
        least = size + len(os.read(reading, 65_536))
        os.close(reading)
        state = WitnessState(folder)
        state.prepare(WITNESS)
        held = state.held(LOG.name)
        size = int(held.split("\n")[1]) if held else 0
        if size < least:
            raise SystemExit(f"{least} was acknowledged, {size} is held")
        if list((folder / "held").glob(".*")):
            raise SystemExit("a draft was left")
    return kills


if __name__ == "__main__":
    print(run(Path(sys.argv[1]), [int(text) for text in sys.argv[2:]]))
