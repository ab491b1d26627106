"""The events of people's accounts."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

CONSENT_GIVEN = register(
    EventType(
        "accounts.consent.given",
        _("Consent given"),
        (Field("person", Kind.PERSON), Field("purpose", Kind.TEXT), Field("version", Kind.INTEGER)),
    )
)
CONSENT_WITHDRAWN = register(
    EventType(
        "accounts.consent.withdrawn",
        _("Consent withdrawn"),
        (Field("person", Kind.PERSON), Field("purpose", Kind.TEXT), Field("version", Kind.INTEGER)),
    )
)
PROFILE_CHANGED = register(
    EventType(
        "accounts.profile.changed",
        _("Profile changed"),
        (Field("person", Kind.PERSON), Field("fields", Kind.TEXT, many=True)),
    )
)
DATA_EXPORTED = register(
    EventType("accounts.data.exported", _("Own data exported"), (Field("person", Kind.PERSON),)),
)
PERSON_ADDED = register(
    EventType(
        "accounts.person.added",
        _("Person added"),
        (Field("person", Kind.PERSON), Field("name", Kind.TEXT, personal=True)),
    )
)
PERSON_ERASED = register(
    EventType("accounts.person.erased", _("Personal data erased"), (Field("rows", Kind.INTEGER),)),
)
