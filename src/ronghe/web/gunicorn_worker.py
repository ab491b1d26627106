"""The gunicorn worker that serves the site: gthread, which leaves new connections to the worker that holds fewest, and
which does not search for garbage where there is none.

Whichever worker wakes first takes all connections that wait, and keeps them while they are alive: of sixteen, gthread
leaves as many as thirteen to one of two workers, whose visitors then wait for each other while the second one idles.
"""

import gc
import mmap
import time
from socket import socket
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

_SLOTS = 256
_MOST = 254
# A page makes some thousands of objects that go with it; Python's own 700 has the collector look several times a page.
_NEW_OBJECTS_TO_COLLECT = 20_000
# One byte a worker, shared by all that the arbiter forks: 0 for none, else one more than its open connections.
_open_connections = mmap.mmap(-1, _SLOTS)


class BalancedWorker(ThreadWorker):  # type: ignore[misc]
    """gthread that waits a moment before it takes a connection while another worker holds fewer."""

    # Time for a freer worker to take the connection; who died without a word costs the others no more than this.
    grace_seconds = 0.002

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self._slot = self.age % _SLOTS

    def notify(self) -> None:
        """Tell the arbiter that this worker lives, and the other workers how many connections it holds."""
        _open_connections[self._slot] = 1 + min(self.nr_conns, _MOST)
        super().notify()

    def accept(self, listener: socket) -> None:
        """Take a connection that waits, unless a freer worker takes it first."""
        mine = 1 + min(self.nr_conns, _MOST)
        if any(0 < other < mine for other in _open_connections[:]):
            time.sleep(self.grace_seconds)
        super().accept(listener)

    def load_wsgi(self) -> None:
        """Load the site, and tell the garbage collector that what is loaded stays.

        Else each full collection, of which a page causes several, walks all of the site's modules again: a quarter of
        the time of a page.
        """
        super().load_wsgi()
        gc.collect()
        gc.freeze()
        gc.set_threshold(_NEW_OBJECTS_TO_COLLECT)

    def run(self) -> None:
        """Serve until told to stop; a worker that stopped counts no longer."""
        try:
            super().run()
        finally:
            _open_connections[self._slot] = 0
