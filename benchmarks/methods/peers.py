"""Finds the packages that methods are measured beside; they are no part of the project.

Install them beside it (`pip install diff-diff pysyncon`), or let RONGHE_PEERS name a folder that holds them. Without
them only our own times are given.
"""

import importlib
import os
import sys
import time
from collections.abc import Callable
from typing import Any


def peer(name: str) -> Any:
    """The package, or None where it is not installed."""
    folder = os.environ.get("RONGHE_PEERS")
    if folder and folder not in sys.path:
        sys.path.append(folder)
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def fastest(work: Callable[[], object], times: int) -> float:
    """Seconds of the fastest of some runs: the least disturbed one."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)
