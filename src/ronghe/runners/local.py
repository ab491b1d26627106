"""Applies a function to a stream of items in a pool of processes of this machine: in order, a bounded number ahead.

Knows nothing of what the items are. Processes are spawned, so nothing of the caller's state reaches them but arguments.
"""

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from types import FrameType
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 3
PATIENCE_SECONDS = 5.0


class WorkerLost(RuntimeError):
    """A process of the pool ended on its own; most often the machine had no memory left."""


def available_processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_in_order(
    function: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    jobs: int,
    prepare: Callable[[], object] | None = None,
    patience: float = PATIENCE_SECONDS,
) -> Generator[Result, None, None]:
    """Yield `function(item)` for each item, in the order of the items.

    `prepare` is called once in each process that works. The work begins in this process; the pool of `jobs` processes
    starts once it has gone on for `patience` seconds, since starting takes longer than a small file. At most three
    items a process are read ahead of what was yielded. `function` and `prepare` must be importable by name. Raises
    what `function` raises, and `WorkerLost`; close the iterator to stop the pool early. Raises `ValueError` if `jobs`
    is below 1.
    """
    if jobs < 1:
        raise ValueError("there must be at least one process")
    return _mapped(function, iter(items), jobs, prepare, patience)


def _mapped(
    function: Callable[[Item], Result],
    items: Iterator[Item],
    jobs: int,
    prepare: Callable[[], object] | None,
    patience: float,
) -> Generator[Result, None, None]:
    if prepare is not None:
        prepare()
    began = time.monotonic()
    while jobs == 1 or time.monotonic() - began < patience:
        try:
            item = next(items)
        except StopIteration:
            return
        yield function(item)
    yield from _pooled(function, items, jobs, prepare)


def _pooled(
    function: Callable[[Item], Result], items: Iterator[Item], jobs: int, prepare: Callable[[], object] | None
) -> Generator[Result, None, None]:
    # A fork would copy the locks of whatever threads this process runs.
    pool = ProcessPoolExecutor(
        jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_start_worker, initargs=(prepare,)
    )
    waiting: deque[Future[Result]] = deque()
    try:
        for item in items:
            with _deaf_to_interrupts():
                waiting.append(pool.submit(function, item))
            if len(waiting) >= jobs * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as broken:
        raise WorkerLost(
            "a worker process ended unexpectedly, probably for lack of memory; try again with fewer processes"
        ) from broken
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Put off interrupts while a worker may be started: it inherits that, and is interrupted neither then nor later.

    An interrupt at the keyboard reaches every process of the command; the one that started the pool ends it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        with _told_afterwards(signal.SIGINT, signal.SIGTERM):
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _told_afterwards(*numbers: signal.Signals) -> Iterator[None]:
    """Put off what these signals do to this process until the end.

    A mask alone does not: another thread may take the signal, and Python still runs its handler in the main thread.
    A worker whose start is broken off there would never be told what to do, and complain.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    told: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        told.append(number)

    # What is ignored stays so, for the workers inherit that.
    handlers = {number: signal.getsignal(number) for number in numbers}
    heeded = {number: handler for number, handler in handlers.items() if handler not in (signal.SIG_IGN, None)}
    try:
        for number in heeded:
            signal.signal(number, note)
        yield
    finally:
        for number, handler in heeded.items():
            signal.signal(number, handler)
        for late in told:
            signal.raise_signal(late)


def _start_worker(prepare: Callable[[], object] | None) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if prepare is not None:
        prepare()


def _end_with_parent() -> None:
    """Without this a worker would wait for ever once its parent was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
