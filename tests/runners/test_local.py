"""The pool of local processes: order, bounds, and how it ends."""

import math
import multiprocessing
import operator
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial

import pyarrow as pa
import pytest

from ronghe.runners import extraction
from ronghe.runners.batches import POSTINGS, extract_batch
from ronghe.runners.local import WorkerLost, available_processors, map_in_order


def slept(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def test_a_pool_gives_the_results_in_the_order_of_the_items() -> None:
    # The first items take longest, so a pool that hands on whatever is ready first would turn them round.
    waits = [0.3, 0.2, 0.1, 0.0, 0.0, 0.0]
    assert list(map_in_order(slept, waits, jobs=2, patience=0)) == waits
    assert list(map_in_order(operator.neg, range(100), jobs=2, patience=0)) == [-number for number in range(100)]


def test_short_work_is_done_here_and_starts_no_process() -> None:
    seen = []
    for result in map_in_order(operator.neg, range(5), jobs=4, patience=60):
        seen.append(result)
        assert not multiprocessing.active_children()
    assert seen == [0, -1, -2, -3, -4]


def test_one_job_starts_no_process_however_long_it_takes() -> None:
    for _ in map_in_order(operator.neg, range(3), jobs=1, patience=0):
        assert not multiprocessing.active_children()


def test_only_a_bounded_number_of_items_is_read_ahead() -> None:
    read = 0

    def items() -> Iterator[int]:
        nonlocal read
        while read < 1000:
            read += 1
            yield read

    results = map_in_order(operator.neg, items(), jobs=2, patience=0)
    for taken in range(1, 21):
        next(results)
        assert read <= taken + 2 * 3
    results.close()
    assert read < 30


def test_an_iterator_that_is_closed_early_leaves_no_process() -> None:
    results = map_in_order(operator.neg, range(1000), jobs=2, patience=0)
    assert next(results) == 0
    assert multiprocessing.active_children()
    results.close()
    assert not multiprocessing.active_children()


def test_an_error_of_the_function_reaches_the_caller_and_leaves_no_process() -> None:
    with pytest.raises(ValueError, match=r"math domain error|nonnegative"):
        list(map_in_order(math.sqrt, [4.0, -1.0], jobs=2, patience=0))
    assert not multiprocessing.active_children()


def test_a_process_that_dies_is_told_in_words_that_help() -> None:
    with pytest.raises(WorkerLost, match="fewer processes"):
        list(map_in_order(os._exit, [3], jobs=1 + 1, patience=0))


def test_no_process_at_all_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        map_in_order(operator.neg, [1], jobs=0)


def test_there_is_a_processor() -> None:
    assert 1 <= available_processors() <= (os.cpu_count() or 1)


def test_workers_end_when_their_parent_is_killed() -> None:
    program = (
        "import os, time\n"
        "from ronghe.runners.local import map_in_order\n"
        "if __name__ == '__main__':\n"
        "    next(map_in_order(time.sleep, [0.0] * 6 + [600.0] * 6, jobs=2, patience=0))\n"
        "    print('works', flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    # The workers hold the other end of the pipe: this returns once the last of them has ended, or not in time.
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (finished.returncode, finished.stdout) == (-9, "works\n"), finished.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_an_interrupt_while_a_process_starts_waits_until_it_has_started(number: signal.Signals) -> None:
    # Another thread takes the signal, before the new process has been told what it is for.
    program = (
        "import operator, signal, threading\n"
        "from multiprocessing import resource_tracker, util\n"
        "from ronghe.runners.local import map_in_order\n"
        "def tell():\n"
        f"    signal.pthread_sigmask(signal.SIG_UNBLOCK, [{number.value}])\n"
        f"    signal.raise_signal({number.value})\n"
        "def interrupted(*arguments):\n"
        "    started = spawn(*arguments)\n"
        "    sender = threading.Thread(target=tell)\n"
        "    sender.start()\n"
        "    sender.join()\n"
        "    return started\n"
        "if __name__ == '__main__':\n"
        f"    signal.signal({number.value}, signal.default_int_handler)\n"
        "    resource_tracker.ensure_running()\n"
        "    spawn, util.spawnv_passfds = util.spawnv_passfds, interrupted\n"
        "    try:\n"
        "        list(map_in_order(operator.neg, range(3), jobs=2, patience=0))\n"
        "    except KeyboardInterrupt:\n"
        "        print('interrupted')\n"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "interrupted\n", "")


def test_a_pool_finds_exactly_what_this_process_finds() -> None:
    texts = ["熟悉 SystemVerilog 与 UVM", "Kubernetes, Docker and Go", "不要求会 React", "用 STM32 做电机控制"] * 5
    batches = [
        pa.RecordBatch.from_arrays([pa.array([str(number)]), pa.array([text])], schema=POSTINGS)
        for number, text in enumerate(texts)
    ]
    pooled = map_in_order(
        partial(extract_batch, tiers=(1,)),
        batches,
        jobs=2,
        prepare=partial(extraction.extractor, (1,)),
        patience=0,
    )
    here = pa.Table.from_batches([extract_batch(batch) for batch in batches])
    assert pa.Table.from_batches(list(pooled)).equals(here)
    assert here.num_rows >= 20
