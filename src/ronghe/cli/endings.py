"""How a command ends: which exit status stands for what, and what is said when it does not end well."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from ronghe.cli.console import Console
from ronghe.runners.local import WorkerLost
from ronghe.tabular import TabularError


class CallRefused(Exception):
    """The call or the file makes no sense as it stands; the message says how to mend it."""


ALL_WELL, BAD_LINES, REFUSED, INTERRUPTED, PIPE_CLOSED = 0, 1, 2, 130, 141


def ended(work: Callable[[Console], None], *, quiet: bool = False) -> int:
    """Do the work and return the exit status.

    0 all is well; 1 done, but some lines could not be used; 2 the call or the file makes no sense, or the result cannot
    be written; 130 interrupted; 141 whoever read the output wanted no more of it.
    """
    console = Console(quiet=quiet)
    try:
        with _interrupted_by_termination():
            work(console)
            sys.stdout.flush()
    except (CallRefused, TabularError, WorkerLost) as refused:
        console.fail(f"ronghe: {refused}")
        return REFUSED
    except BrokenPipeError:
        # What is left in the buffer has nowhere to go; without this the interpreter would complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        console.fail(f"ronghe: {where}{error.strerror or error}")
        return REFUSED
    except KeyboardInterrupt:
        console.fail("ronghe: interrupted")
        return INTERRUPTED
    finally:
        console.close()
    return BAD_LINES if console.bad else ALL_WELL


@contextmanager
def _interrupted_by_termination() -> Iterator[None]:
    """A polite request to end is treated like an interrupt at the keyboard, so that nothing is left half-written."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
