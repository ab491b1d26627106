"""Which public keys the log has signed with: the log itself records each change, so the log itself says it.

A retired key counts for what it signed before the change, by the size of the log. Private keys are `keys`' business.
"""

import json
from functools import lru_cache

from ronghe.apps.ledger import keys, outside
from ronghe.apps.ledger.events import KEY_ROTATED
from ronghe.apps.ledger.models import Checkpoint, Event
from ronghe.trust.checkpoint import VerifierKey


def current() -> VerifierKey:
    """Return the public key of this site's log, under the log's name: the one kept beside the checkpoints.

    Web workers need not hold the signing key; it is asked only while nothing was sealed yet.
    """
    try:
        return VerifierKey.parse((outside.folder() / outside.VERIFIER).read_text(encoding="utf-8").strip())
    except FileNotFoundError:
        return keys.signer().verifier()


def all_of(newest: VerifierKey) -> tuple[VerifierKey, ...]:
    """Return `newest`, which signs today, and the keys that it followed, the last first."""
    return (newest, *_retired(newest.encode()))


def stated() -> str | None:
    """Return the key that the log says it signs with, as text; None where it was never changed."""
    newest = Event.objects.filter(type=KEY_ROTATED.name).select_related("payload").order_by("-id").first()
    return None if newest is None else _fields(newest)["key"]


def _fields(event: Event) -> dict[str, str]:
    fields: dict[str, str] = json.loads(event.payload.content or "")["fields"]
    return fields


# What a key followed is settled once it signs.
@lru_cache(maxsize=64)
def _retired(newest: str) -> tuple[VerifierKey, ...]:
    changes = Event.objects.filter(type=KEY_ROTATED.name, leaf__isnull=False).select_related("payload", "leaf")
    found = []
    wanted = newest
    for event in changes.order_by("-id"):
        fields = _fields(event)
        if fields["key"] != wanted:
            continue
        wanted = fields["retired"]
        size = Checkpoint.objects.filter(size__gt=event.leaf.index).order_by("size").values_list("size", flat=True)[0]
        key = VerifierKey.parse(wanted)
        found.append(VerifierKey(key.name, key.public_key, size))
    return tuple(found)
