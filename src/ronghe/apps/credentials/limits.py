"""Rate limits of the public doors and of programs, counted in the cache that all processes share."""

import time

from allauth.account.adapter import get_adapter as get_account_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from ronghe.apps.credentials.models import ApiKey


def too_many(request: HttpRequest, door: str, *, most: int, seconds: int) -> bool:
    """Count a call of this address at a door, and say whether there are too many within the window that runs.

    The address itself is not kept: only a keyed hash of it, until the window ends.
    """
    address = salted_hmac("ronghe.credentials.door", get_account_adapter().get_client_ip(request)).hexdigest()[:24]
    return _count(f"credentials.{door}:{address}", seconds) > most


def over_limit(key: ApiKey) -> bool:
    """Count a call of a program and say whether it has made too many in this minute."""
    return _count(f"credentials.program:{key.beginning}", 60) > key.per_minute


def _count(name: str, seconds: int) -> int:
    key = f"{name}:{int(time.time()) // seconds}"
    cache.add(key, 0, timeout=2 * seconds)
    try:
        return int(cache.incr(key))
    except ValueError:
        # The entry was swept between the two calls.
        return 1
