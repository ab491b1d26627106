"""How often a confirmation link may be tried: counted in the cache that all processes share.

Opening a link that holds is not counted: mail programs and phones fetch it ahead of the reader.
"""

import time

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

_WINDOW = 3600
_WRONG_TOKENS = 60
_DEEDS = 30


def _count(name: str) -> int:
    key = f"training.{name}:{int(time.time()) // _WINDOW}"
    cache.add(key, 0, timeout=2 * _WINDOW)
    try:
        return int(cache.incr(key))
    except ValueError:
        # The entry was swept between the two calls.
        return 1


def too_many_wrong(request: HttpRequest) -> bool:
    """Count a link that opens nothing; of the address only a keyed hash is kept, until the window ends."""
    address = salted_hmac("ronghe.training.link", get_adapter().get_client_ip(request)).hexdigest()[:24]
    return _count(f"wrong:{address}") > _WRONG_TOKENS


def too_many_deeds(link_uid: str) -> bool:
    """Count a decision made by a link."""
    return _count(f"deeds:{link_uid}") > _DEEDS
