"""One long computation in a process of its own, watched: its caller says how long it has run, and may give it up.

For solvers that neither report nor stop. It starts one process a call and is no pool.
"""

import multiprocessing
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

T = TypeVar("T")

# How long a process that was told to stop may take before it is killed.
_PATIENCE = 2.0


class ComputationFailed(RuntimeError):
    """The process ended without an answer; the text is what it said last."""


def _answer(connection: Connection, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        connection.send((True, function(*arguments)))
    except Exception as error:
        connection.send((False, f"{type(error).__name__}: {error}"))
    finally:
        connection.close()


def watched(function: Callable[..., T], tell: Callable[[float], None], *arguments: Any, every: float = 1.0) -> T:
    """The answer of `function(*arguments)`, computed in a new process.

    `tell` is called with the seconds since the start, at once and then each `every` seconds; whatever it raises ends
    the process and is raised here. The function must be importable, its arguments and answer picklable.
    Raises ComputationFailed.
    """
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_answer, args=(sending, function, arguments), daemon=True)
    start = time.monotonic()
    process.start()
    sending.close()
    try:
        tell(0.0)
        while not receiving.poll(every):
            tell(time.monotonic() - start)
        try:
            answered, answer = receiving.recv()
        except EOFError:
            process.join(_PATIENCE)
            raise ComputationFailed(f"the computation ended with status {process.exitcode}") from None
    finally:
        _end(process)
        receiving.close()
    if not answered:
        raise ComputationFailed(answer)
    found: T = answer
    return found


def _end(process: multiprocessing.process.BaseProcess) -> None:
    process.join(0.1)
    if process.is_alive():
        process.terminate()
        process.join(_PATIENCE)
    if process.is_alive():
        process.kill()
        process.join()
