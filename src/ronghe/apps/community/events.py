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
        (Field("person", Kind.PERSON), Field("valid_until", Kind.DATE), Field("departure", Kind.TEXT, optional=True)),
    )
)

_AMENDED = (
    Field("fields", Kind.TEXT, many=True),
    Field("before", Kind.TEXT, many=True),
    Field("after", Kind.TEXT, many=True),
    Field("revision", Kind.INTEGER),
)
CHAIN_AMENDED = register(EventType("community.chain.amended", _("Chain amended"), _AMENDED))
COHORT_AMENDED = register(EventType("community.cohort.amended", _("Cohort amended"), _AMENDED))

ORGANISATION_CONFIRMED = register(
    EventType(
        "community.organisation.confirmed",
        _("Organisation confirmed"),
        (Field("basis", Kind.TEXT), Field("valid_from", Kind.DATE)),
    )
)
CONFIRMATION_WITHDRAWN = register(
    EventType(
        "community.confirmation.withdrawn",
        _("Confirmation of an organisation withdrawn"),
        (Field("reason", Kind.TEXT), Field("valid_until", Kind.DATE)),
    )
)
DUPLICATE_DECIDED = register(
    EventType(
        "community.duplicate.decided",
        _("Likely doubles decided"),
        (Field("other", Kind.REFERENCE), Field("verdict", Kind.TEXT), Field("reason", Kind.TEXT)),
    )
)
_FACT = (
    Field("fact", Kind.TEXT),
    Field("value", Kind.DECIMAL),
    Field("valid_from", Kind.DATE),
    Field("valid_until", Kind.DATE, optional=True),
)
FACT_DECLARED = register(
    EventType("community.fact.declared", _("Fact declared"), (*_FACT, Field("evidence", Kind.TEXT)))
)
FACT_CONFIRMED = register(EventType("community.fact.confirmed", _("Fact confirmed"), _FACT))
FACT_WITHDRAWN = register(
    EventType("community.fact.withdrawn", _("Fact withdrawn"), (*_FACT, Field("reason", Kind.TEXT)))
)

_SUPPLY = (
    Field("supplier", Kind.REFERENCE),
    Field("customer", Kind.REFERENCE),
    Field("goods", Kind.TEXT),
)
SUPPLY_RECORDED = register(
    EventType("community.supply.recorded", _("Supply relation recorded"), (*_SUPPLY, Field("valid_from", Kind.DATE)))
)
SUPPLY_ENDED = register(
    EventType("community.supply.ended", _("Supply relation ended"), (*_SUPPLY, Field("valid_until", Kind.DATE)))
)
REGION_PLACED = register(
    EventType(
        "community.region.placed",
        _("Region placed in the network"),
        (
            Field("standing", Kind.TEXT, optional=True),
            Field("core", Kind.TEXT, optional=True),
            Field("valid_from", Kind.DATE),
        ),
    )
)

INVITATION_SENT = register(
    EventType(
        "community.invitation.sent",
        _("Invitation to a chain sent"),
        (
            Field("organisation_name", Kind.TEXT),
            Field("tier", Kind.TEXT),
            Field("email", Kind.TEXT, personal=True),
            Field("on_behalf_of", Kind.REFERENCE, optional=True),
            Field("expires_at", Kind.TIME),
        ),
    )
)
INVITATION_ACCEPTED = register(
    EventType(
        "community.invitation.accepted",
        _("Invitation to a chain accepted"),
        (Field("organisation", Kind.REFERENCE), Field("person", Kind.PERSON)),
    )
)
INVITATION_REVOKED = register(EventType("community.invitation.revoked", _("Invitation to a chain revoked"), ()))

ADMISSION_APPLIED = register(
    EventType(
        "community.admission.applied",
        _("Application to a chain"),
        (
            Field("organisation", Kind.REFERENCE),
            Field("tier", Kind.TEXT),
            Field("brought_in_by", Kind.REFERENCE, optional=True),
            Field("due_on", Kind.DATE),
        ),
    )
)
EVIDENCE_ADDED = register(
    EventType(
        "community.evidence.added",
        _("Evidence added at a gate"),
        (
            Field("stage", Kind.INTEGER),
            Field("kind", Kind.TEXT),
            Field("criterion", Kind.TEXT, optional=True),
            Field("digest", Kind.TEXT, optional=True),
        ),
    )
)
EVIDENCE_REMOVED = register(
    EventType(
        "community.evidence.removed",
        _("Evidence taken back at a gate"),
        (Field("stage", Kind.INTEGER), Field("kind", Kind.TEXT), Field("digest", Kind.TEXT, optional=True)),
    )
)
GATE_SUBMITTED = register(
    EventType(
        "community.gate.submitted",
        _("Gate submitted for decision"),
        (Field("stage", Kind.INTEGER), Field("evidence", Kind.INTEGER)),
    )
)
GATE_DECIDED = register(
    EventType(
        "community.gate.decided",
        _("Gate decided"),
        (
            Field("stage", Kind.INTEGER),
            Field("verdict", Kind.TEXT),
            Field("ground", Kind.TEXT, optional=True),
            Field("reason", Kind.TEXT),
            Field("evidence_digests", Kind.TEXT, many=True),
        ),
    )
)
GATE_ESCALATED = register(
    EventType(
        "community.gate.escalated",
        _("Overdue gate escalated"),
        (Field("stage", Kind.INTEGER), Field("due_on", Kind.DATE)),
    )
)
ADMISSION_WITHDRAWN = register(
    EventType("community.admission.withdrawn", _("Application withdrawn"), (Field("reason", Kind.TEXT),))
)
CRITERION_CHANGED = register(
    EventType(
        "community.criterion.changed",
        _("Criterion of a gate changed"),
        (
            Field("code", Kind.TEXT),
            Field("stage", Kind.INTEGER),
            Field("text_zh", Kind.TEXT),
            Field("metric", Kind.TEXT, optional=True),
            Field("at_least", Kind.NUMBER, optional=True),
            Field("required", Kind.BOOLEAN),
            Field("valid_from", Kind.DATE),
            Field("valid_until", Kind.DATE, optional=True),
        ),
    )
)
DEPENDENTS_SETTLED = register(
    EventType(
        "community.dependents.settled",
        _("What hung on a membership was settled"),
        (
            Field("organisation", Kind.REFERENCE),
            Field("dependents", Kind.TEXT, many=True),
            Field("choices", Kind.TEXT, many=True),
            Field("successor", Kind.REFERENCE, optional=True),
            Field("on", Kind.DATE),
        ),
    )
)
