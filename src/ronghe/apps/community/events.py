"""What happens in the community, as the ledger remembers it."""

from django.utils.translation import gettext_lazy as _

from ronghe.apps.ledger.event_types import EventType, Field, Kind, register

ORGANISATION_REGISTERED = register(
    EventType(
        "community.organisation.registered",
        _("Organisation registered"),
        (
            Field("name_zh", Kind.TEXT),
            Field("name_en", Kind.TEXT, optional=True),
            Field("kind", Kind.TEXT),
            Field("registration_number", Kind.TEXT, optional=True),
            Field("region", Kind.TEXT, optional=True),
            Field("since", Kind.DATE),
        ),
    )
)
ORGANISATION_AMENDED = register(
    EventType(
        "community.organisation.amended",
        _("Organisation amended"),
        (
            Field("fields", Kind.TEXT, many=True),
            Field("before", Kind.TEXT, many=True),
            Field("after", Kind.TEXT, many=True),
            Field("revision", Kind.INTEGER),
        ),
    )
)
CAMPUS_ADDED = register(
    EventType(
        "community.campus.added",
        _("Campus added"),
        (Field("name_zh", Kind.TEXT), Field("region", Kind.TEXT), Field("address", Kind.TEXT, optional=True)),
    )
)

_ROLE = (Field("person", Kind.PERSON), Field("organisation", Kind.REFERENCE), Field("role", Kind.TEXT))
ROLE_GIVEN = register(
    EventType(
        "community.role.given",
        _("Role given"),
        (*_ROLE, Field("valid_from", Kind.DATE), Field("valid_until", Kind.DATE, optional=True)),
    )
)
ROLE_ENDED = register(EventType("community.role.ended", _("Role ended"), (*_ROLE, Field("valid_until", Kind.DATE))))

CHAIN_FOUNDED = register(
    EventType(
        "community.chain.founded",
        _("Chain founded"),
        (
            Field("name_zh", Kind.TEXT),
            Field("name_en", Kind.TEXT, optional=True),
            Field("field", Kind.TEXT),
            Field("region", Kind.TEXT, optional=True),
            Field("founded_on", Kind.DATE),
        ),
    )
)
_MEMBER = (Field("organisation", Kind.REFERENCE), Field("tier", Kind.TEXT))
MEMBER_ADMITTED = register(
    EventType(
        "community.member.admitted",
        _("Member admitted to a chain"),
        (*_MEMBER, Field("valid_from", Kind.DATE), Field("brought_in_by", Kind.REFERENCE, optional=True)),
    )
)
TIER_CHANGED = register(
    EventType(
        "community.tier.changed",
        _("Tier in a chain changed"),
        (*_MEMBER, Field("tier_before", Kind.TEXT), Field("valid_from", Kind.DATE)),
    )
)
MEMBER_LEFT = register(
    EventType("community.member.left", _("Member left a chain"), (*_MEMBER, Field("valid_until", Kind.DATE)))
)

YEAR_OPENED = register(
    EventType(
        "community.year.opened",
        _("Academic year opened"),
        (Field("label", Kind.TEXT), Field("starts_on", Kind.DATE), Field("ends_on", Kind.DATE)),
    )
)
COHORT_OPENED = register(
    EventType(
        "community.cohort.opened",
        _("Cohort opened"),
        (
            Field("organisation", Kind.REFERENCE),
            Field("year", Kind.TEXT),
            Field("name_zh", Kind.TEXT),
            Field("field", Kind.TEXT),
            Field("intake", Kind.INTEGER),
        ),
    )
)
STUDENT_ENROLLED = register(
    EventType(
        "community.student.enrolled",
        _("Student enrolled"),
        (
            Field("person", Kind.PERSON),
            Field("student_number", Kind.TEXT, personal=True, optional=True),
            Field("valid_from", Kind.DATE),
        ),
    )
)
STUDENT_TRANSFERRED = register(
    EventType(
        "community.student.transferred",
        _("Student transferred"),
        (Field("person", Kind.PERSON), Field("to", Kind.REFERENCE), Field("valid_from", Kind.DATE)),
    )
)
STUDENT_LEFT = register(
    EventType(
        "community.student.left",
        _("Student left a cohort"),
        (Field("person", Kind.PERSON), Field("valid_until", Kind.DATE)),
    )
)
