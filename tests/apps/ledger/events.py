"""Event types that only the tests know."""

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

HOURS_CONFIRMED = register(
    EventType(
        "tests.hours.confirmed",
        "Hours confirmed",
        (
            Field("hours", Kind.INTEGER),
            Field("student", Kind.PERSON, optional=True),
            Field("note", Kind.TEXT, personal=True, optional=True),
            Field("skills", Kind.TEXT, optional=True, many=True),
        ),
    )
)
