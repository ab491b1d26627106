"""Erasing payloads: salt and content go, the digest stays in the log, and the erasure is an event of its own."""

import hashlib
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Model

from ronghe.apps.ledger import events
from ronghe.apps.ledger.errors import InvalidPayload
from ronghe.apps.ledger.event_types import person_reference, person_uid, reference
from ronghe.apps.ledger.models import Mention, Payload
from ronghe.apps.ledger.services.recording import record

_BATCH = 500


@transaction.atomic
def erase_payloads(
    *, actor: Model | None, reason: str, person: object | None = None, subject: Model | str | None = None
) -> int:
    """Erase every payload that is about `person` (a row or its uid), or every payload of `subject`; return how many.

    The caller decides who may ask. What a person merely did as actor stays: it tells about others. The proofs of the
    events remain valid, for the log never held more than their salted digests.
    """
    if (person is None) == (subject is None):
        raise InvalidPayload("name either the person or the subject whose payloads are to be erased")
    whole = Payload.objects.filter(content__isnull=False)
    if subject is not None:
        name = reference(subject)
        found = whole.filter(event__subject=name)
    else:
        uid = person_uid(person)
        name = person_reference(uid)
        found = whole.filter(event__mentions__person=uid, event__mentions__role=Mention.Role.ABOUT)
    # The record of an erasure is the evidence that the missing payloads were not torn out.
    found = found.exclude(event__type=events.PAYLOADS_ERASED.name)
    digests = dict(found.select_for_update(of=("self",)).order_by("event_id").values_list("event_id", "event__digest"))
    if not digests:
        return 0
    erasure = record(
        actor=actor,
        type=events.PAYLOADS_ERASED,
        subject=name,
        payload={"count": len(digests), "digest": erasure_digest(digests.values()), "reason": reason},
    )
    ids = list(digests)
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        Payload.objects.filter(event_id__in=batch).update(salt=None, content=None, erased_by=erasure)
        Mention.objects.filter(event_id__in=batch).delete()
    return len(ids)


def erasure_digest(digests: Iterable[bytes | memoryview]) -> str:
    """Return, in hexadecimal, the SHA-256 over the digests of the erased events in order of their ids."""
    total = hashlib.sha256()
    for digest in digests:
        total.update(bytes(digest))
    return total.hexdigest()
