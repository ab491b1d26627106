"""The ledger's own event types."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

# No personal field: the record of an erasure outlives the data that it erased.
PAYLOADS_ERASED = register(
    EventType(
        "ledger.payloads.erased",
        _("Personal data erased"),
        (
            Field("count", Kind.INTEGER),
            Field("digest", Kind.TEXT),
            Field("reason", Kind.TEXT),
        ),
    )
)

KEY_ROTATED = register(
    EventType(
        "ledger.key.rotated",
        _("Key of the ledger changed"),
        (
            Field("key", Kind.TEXT),
            Field("retired", Kind.TEXT),
        ),
    )
)
