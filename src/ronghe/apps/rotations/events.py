"""What happens to plans of rotations, as the ledger writes it down."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

PLAN_DRAFTED = register(
    EventType(
        "rotations.plan.drafted",
        _("Rotation plan drafted"),
        (Field("first_day", Kind.DATE), Field("fortnights", Kind.INTEGER), Field("pattern", Kind.TEXT)),
    )
)
_PIN = (
    Field("group", Kind.INTEGER),
    Field("fortnight", Kind.INTEGER),
    Field("family", Kind.TEXT),
    Field("forbidden", Kind.BOOLEAN),
    Field("reason", Kind.TEXT),
)
PIN_SET = register(EventType("rotations.pin.set", _("Fortnight of a group pinned or forbidden"), _PIN))
PIN_LIFTED = register(EventType("rotations.pin.lifted", _("Decision on a fortnight of a group lifted"), _PIN))
PLAN_PUBLISHED = register(
    EventType(
        "rotations.plan.published",
        _("Rotation plan published"),
        (
            Field("groups", Kind.INTEGER),
            Field("sessions", Kind.INTEGER),
            Field("digest", Kind.TEXT),
            Field("first_day", Kind.DATE),
            Field("last_day", Kind.DATE),
        ),
    )
)
PLAN_REPAIRED = register(
    EventType(
        "rotations.plan.repaired",
        _("Rotation plan repaired"),
        (
            Field("reason", Kind.TEXT),
            Field("lost", Kind.INTEGER),
            Field("moved", Kind.INTEGER),
            Field("reseated", Kind.INTEGER),
            Field("proven", Kind.BOOLEAN),
            Field("digest", Kind.TEXT),
        ),
    )
)
PLAN_WITHDRAWN = register(EventType("rotations.plan.withdrawn", _("Rotation plan withdrawn"), ()))
