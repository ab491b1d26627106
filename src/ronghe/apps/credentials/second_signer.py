"""A second process that signs along while thousands of certificates are issued: from the last one towards the first.

The key reaches it through a pipe and stays in its memory: never a file, a command line or the environment. It touches
no database; whatever it does not deliver, the first process signs itself, to the same signatures (Ed25519).
"""

import os
import pickle
import resource
import subprocess
import sys
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Thread
from typing import Any, BinaryIO, NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ronghe.apps.credentials.stencil import Stencil
from ronghe.trust.proof import DataSigner, KeySigner

# Below this it is not worth the half second that a process takes to start.
WORTH_IT = 1_000
_AT_ONCE = 50


class Task(NamedTuple):
    """One document to sign: its number, which stencil it is cut with, and its own values."""

    number: int
    shape: Hashable
    values: Sequence[str]


class _Job(NamedTuple):
    seed: bytes
    method: str
    stencils: Mapping[Any, Stencil]
    tasks: Sequence[Task]


def is_possible(signer: DataSigner, count: int) -> bool:
    """Say whether a second process helps: many documents, a second processor, and a key that is in our hands."""
    return count >= WORTH_IT and isinstance(signer, KeySigner) and len(os.sched_getaffinity(0)) > 1


@contextmanager
def signing_along(
    signer: DataSigner, stencils: Mapping[Any, Stencil], tasks: Sequence[Task]
) -> Iterator[Mapping[int, str]]:
    """Have `tasks` signed from the last one on while the caller works; the process ends with the block.

    Yields what it has signed so far, by number; more comes while the block runs.
    """
    if not isinstance(signer, KeySigner):
        raise TypeError("only a key in memory can be handed on")
    bare = {shape: replace(stencil, signer=_Nobody()) for shape, stencil in stencils.items()}
    job = _Job(signer.private_key.private_bytes_raw(), signer.verification_method, bare, tasks)
    delivered: dict[int, str] = {}
    process = subprocess.Popen(  # noqa: S603 - this very program
        [sys.executable, "-m", __name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    exchange = Thread(target=_exchange, args=(process, job, delivered), daemon=True)
    exchange.start()
    try:
        yield delivered
    finally:
        process.kill()
        process.wait()
        exchange.join()


def _exchange(process: "subprocess.Popen[bytes]", job: _Job, delivered: dict[int, str]) -> None:
    if process.stdin is None or process.stdout is None:
        return
    with process.stdout as answers, suppress(EOFError, OSError, pickle.UnpicklingError):
        # It is done or was ended where reading ends: what is missing is signed by who asked.
        with process.stdin as pipe:
            pickle.dump(job, pipe)
        while True:
            delivered.update(pickle.load(answers))  # noqa: S301 - our own process wrote it


class _Nobody:
    """Stands in a stencil where the key is not yet."""

    verification_method = ""

    def sign(self, data: bytes) -> bytes:
        raise RuntimeError("this stencil has no key")


def _serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Sign what is asked, and answer some at a time."""
    job: _Job = pickle.load(asked)  # noqa: S301 - the process that started this one wrote it
    signer = KeySigner(Ed25519PrivateKey.from_private_bytes(job.seed), job.method)
    stencils = {shape: replace(stencil, signer=signer) for shape, stencil in job.stencils.items()}
    tasks = list(reversed(job.tasks))
    for start in range(0, len(tasks), _AT_ONCE):
        part: dict[int, str] = {
            task.number: stencils[task.shape].sign_short(task.values) for task in tasks[start : start + _AT_ONCE]
        }
        pickle.dump(part, answers)
        answers.flush()


def _main() -> None:
    # A crash must not write the key to a disk.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _serve(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":
    _main()
