"""Rate limits of the public doors and of programs, counted in the cache that all processes share.

Each process counts by itself and settles with the shared cache once a tenth of the limit: a write to the cache is a
transaction of the database, which a caller who asks once should not cost. The limit holds to a tenth a process.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from allauth.account.adapter import get_adapter as get_account_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from ronghe.apps.credentials.models import ApiKey

_SETTLED_A_WINDOW = 10
_MOST_CALLERS = 10_000


def too_many(request: HttpRequest, door: str, *, most: int, seconds: int) -> bool:
    """Count a call of this address at a door, and say whether there are too many within the window that runs.

    The address itself is not kept: only a keyed hash of it, until the window ends.
    """
    address = salted_hmac("ronghe.credentials.door", get_account_adapter().get_client_ip(request)).hexdigest()[:24]
    return _counts.add(f"credentials.{door}:{address}", seconds, most) > most


def over_limit(key: ApiKey) -> bool:
    """Count a call of a program and say whether it has made too many in this minute."""
    return _counts.add(f"credentials.program:{key.beginning}", 60, key.per_minute) > key.per_minute


@dataclass(slots=True)
class _Caller:
    """What is known of a caller's calls in one window: those of all processes when last settled, and ours since."""

    settled: int
    ours: int = 0


class _Counts:
    """The calls that this process has seen, by caller and window; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._callers: OrderedDict[str, _Caller] = OrderedDict()
        self._lock = Lock()

    def add(self, name: str, seconds: int, most: int) -> int:
        """Count one call and return how many there were in this window, as far as this process knows."""
        key = f"{name}:{int(time.time()) // seconds}"
        with self._lock:
            caller = self._callers.get(key)
        if caller is None:
            caller = _Caller(int(cache.get(key, 0)))
            with self._lock:
                caller = self._callers.setdefault(key, caller)
                while len(self._callers) > _MOST_CALLERS:
                    self._callers.popitem(last=False)
        with self._lock:
            caller.ours += 1
            due = caller.ours if caller.ours * _SETTLED_A_WINDOW >= most else 0
            caller.ours -= due
            total = caller.settled + caller.ours + due
        if due:
            total = self._settle(key, due, 2 * seconds)
            with self._lock:
                caller.settled = total
        return total

    def _settle(self, key: str, calls: int, timeout: int) -> int:
        cache.add(key, 0, timeout=timeout)
        try:
            return int(cache.incr(key, calls))
        except ValueError:
            # The entry was swept between the two calls.
            return calls

    def forget(self) -> None:
        """Count from nothing, as a process that has just started."""
        with self._lock:
            self._callers.clear()


_counts = _Counts()
forget = _counts.forget
